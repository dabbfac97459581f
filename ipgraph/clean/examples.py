"""Annotated pasted articles (corpus/pasted/README.md says how they are written)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from ipgraph.clean import lines
from ipgraph.clean.lines import KINDS, Raw


@dataclass(frozen=True, slots=True)
class Example:
    """An annotated article: its lines and their kinds. `layout` is shared by those that are made up alike."""

    name: str
    layout: str
    lines: tuple[Raw, ...]
    kinds: tuple[str, ...]


def read(path: Path) -> Example:
    """An annotated article from its file. Raises ValueError where it is malformed."""
    head, *rows = path.read_text(encoding="utf-8").rstrip("\n").split("\n")
    if not head.startswith("# layout: "):
        raise ValueError(f"{path}: the first line is no '# layout: NAME'")
    kinds, texts = [], []
    for number, row in enumerate(rows, 2):
        kind, tab, text = row.partition("\t")
        if row and (not tab or kind not in KINDS or not text.strip()):
            raise ValueError(f"{path}:{number}: no known kind, tab and text")
        texts.append(text)
        if row:
            kinds.append(kind)
    return Example(
        path.stem, head.removeprefix("# layout: ").strip(), tuple(lines.split("\n".join(texts))), tuple(kinds)
    )


def read_folder(folder: Path) -> list[Example]:
    """All annotated articles of a folder, sorted by name."""
    return [read(path) for path in sorted(folder.glob("*.txt"))]


def judged(example: Example) -> Example:
    """The example as the classifier judges it: lines torn apart by hand are one."""
    groups = lines.units(example.lines)
    at = [0, *accumulate(map(len, groups))]
    kinds = tuple(example.kinds[i] for i in at[:-1])
    return Example(example.name, example.layout, tuple(map(lines.whole, groups)), kinds)


def layouts(examples: Sequence[Example]) -> list[str]:
    """The layouts of the examples, sorted."""
    return sorted({e.layout for e in examples})
