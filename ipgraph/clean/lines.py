"""Pasted text as lines, and what kind each of them is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

KINDS = (
    "nav", "title", "byline", "dateline", "source", "caption", "credit",
    "heading", "body", "end", "about", "sidebar", "poll",
)  # fmt: skip
"""What a line of a pasted article can be."""

_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")


WRAP = (50, 110)
"""Widths, in characters, between which text broken by hand keeps its lines."""


@dataclass(frozen=True, slots=True)
class Raw:
    """A line that is not blank: its text stands at `[start:end]` of the decoded source, white space left out.

    `indent` counts the white space before it, `blanks` the blank lines before it, `width` all its characters.
    """

    text: str
    start: int
    end: int
    indent: int
    blanks: int
    width: int


def split(text: str) -> list[Raw]:
    """The lines of a text that are not blank."""
    out = []
    blanks = start = 0
    for stop, following in [*((m.start(), m.end()) for m in _BREAK.finditer(text)), (len(text), len(text))]:
        line = text[start:stop]
        stripped = line.strip().strip("\ufeff\u200b")
        if stripped:
            left = line.index(stripped)
            out.append(Raw(stripped, start + left, start + left + len(stripped), left, blanks, len(line)))
            blanks = 0
        else:
            blanks += 1
        start = following
    return out


def wrap_width(lines: Sequence[Raw]) -> int | None:
    """The width at which running text was broken by hand, as mails and terminals break it; None where it was not."""
    low, high = WRAP
    inner = [a.width for a, b in pairwise(lines) if b.blanks == 0 and low <= a.width and b.indent <= a.indent]
    if len(inner) < 3 or max(line.width for line in lines) > high:
        return None
    widest = max(inner)
    inside = [a for a, b in pairwise(lines) if b.blanks == 0 and a.width > 0.75 * widest]
    open_ends = sum(line.text[-1] not in '.!?"”:' for line in inside)
    # Few lines have to agree more.
    share = 0.5 if len(inside) >= 5 else 0.9
    return widest if open_ends > share * len(inside) and len(inside) > 0.3 * len(lines) else None


def units(lines: Sequence[Raw]) -> list[list[Raw]]:
    """The lines in groups: those that a break by hand tore apart stand together, any other line alone."""
    width = wrap_width(lines)
    out: list[list[Raw]] = []
    for i, line in enumerate(lines):
        goes_on = width is not None and i > 0 and line.blanks == 0 and lines[i - 1].width > 0.72 * width
        if goes_on and line.indent <= lines[i - 1].indent:
            out[-1].append(line)
        else:
            out.append([line])
    return out


def whole(unit: Sequence[Raw]) -> Raw:
    """A group of lines as one line."""
    return replace(unit[0], text=" ".join(line.text for line in unit), end=unit[-1].end)
