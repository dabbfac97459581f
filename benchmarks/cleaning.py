"""How well articles are cleaned.

python benchmarks/cleaning.py --pages DIR     web pages beside plain trafilatura, in one run; DIR is the tests folder
                                              of a checkout of the trafilatura repository (never part of this one)
python benchmarks/cleaning.py --lines DIR     kinds of the lines of annotated pasted articles, by the shipped classifier
                                              (python -m ipgraph.clean.train --folds 5 judges layouts not trained on)
python benchmarks/cleaning.py --speed FILE... CPU that articles take to clean, beside what the language pipeline takes
"""

from __future__ import annotations

import argparse
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from ipgraph import clean, sources
from ipgraph.clean import markup, page, train
from ipgraph.sources.encoding import decode

T = TypeVar("T")
U = TypeVar("U")


def norm(text: str | None) -> str:
    """The text with runs of white space as one space."""
    return re.sub(r"\s+", " ", text or "").strip()


def loose(text: str | list[str] | None) -> str:
    """The words of the text, case aside; several authors in order of the alphabet."""
    if isinstance(text, list) or ";" in (text or ""):
        parts = text if isinstance(text, list) else (text or "").split(";")
        return " ".join(sorted(loose(part) for part in parts))
    return " ".join(re.findall(r"\w+", (text or "").lower()))


class Tally:
    """Chunks of text found and not found, and metadata right and wrong, of one way of extraction."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def body(self, gold: Mapping[str, Any], text: str) -> None:
        """Count the strings that have to be in a text and those that must not."""
        held = norm(text)
        for name, key in (("with", "tp"), ("without", "fp")):
            inside = sum(norm(chunk) in held for chunk in gold[name])
            self.counts[key] += inside
            if name == "with":
                self.counts["fn"] += len(gold[name]) - inside

    def meta(self, name: str, want: str, got: str | None) -> None:
        """Count a field that has to equal the gold's."""
        self.counts[name + " n"] += 1
        self.counts[name] += loose(got) == loose(want)

    def line(self, name: str, seconds: float, pages: int) -> str:
        """The figures as one line."""
        c = self.counts
        fields = "  ".join(f"{f} {c[f] / max(1, c[f + ' n']):.3f}" for f in ("title", "author", "date"))
        f1 = 2 * c["tp"] / max(1, 2 * c["tp"] + c["fp"] + c["fn"])
        p, r = c["tp"] / max(1, c["tp"] + c["fp"]), c["tp"] / max(1, c["tp"] + c["fn"])
        return (
            f"{name:14s} body P {p:.4f} R {r:.4f} F1 {f1:.4f}  {fields}  {1000 * seconds / max(1, pages):.1f} ms a page"
        )


Result = tuple[str, Mapping[str, str | None]]


def plain(text: str, *, fast: bool) -> Result:
    """trafilatura alone."""
    from trafilatura import extract, extract_metadata

    body = extract(text, fast=fast, include_comments=False, include_tables=True) or ""
    document = extract_metadata(text)
    return body, {"title": document.title, "author": document.author, "date": document.date}


def ours(text: str) -> Result:
    """The package, on any language."""
    found = page.clean(text)
    body = "\n".join([p.text.text for p in found.paragraphs] + [c.text for c in found.captions])
    return body, {"title": found.meta.title, "author": found.meta.author, "date": found.meta.date}


def vote(text: str) -> Result:
    """The vote without the line classifier."""
    tree = page.parsed(markup.tamed(text))
    return "\n".join(page.main_text(tree) if tree is not None else []), {}


WAYS: dict[str, Callable[[str], Result]] = {
    "trafilatura": lambda text: plain(text, fast=False),
    "its fast mode": lambda text: plain(text, fast=True),
    "vote alone": vote,
    "ipgraph": ours,
}


def pages(folder: Path, most: int | None, ways: Sequence[str]) -> None:
    """Score the ways on the evaluation pages."""
    gold = json.loads((folder / "evaldata.json").read_text(encoding="utf-8"))
    items = [(i, p) for _, i in sorted(gold.items()) if (p := _file(folder, i["file"])) is not None][:most]
    for name in ways:
        way = WAYS[name]
        tally, seconds = Tally(), 0.0
        for item, path in items:
            text = decode(path.read_bytes())
            start = time.process_time()
            try:
                body, meta = way(text)
            except Exception as e:
                print(f"{name}: {path.name}: {type(e).__name__}: {e}")
                body, meta = "", {}
            seconds += time.process_time() - start
            tally.body(item, body)
            if all(item.get(f) for f in ("title", "author", "date")):
                for field in ("title", "author", "date"):
                    tally.meta(field, item[field], meta.get(field))
        print(tally.line(name, seconds, len(items)), flush=True)


def _file(folder: Path, name: str) -> Path | None:
    return next((p for sub in ("cache", "eval") if (p := folder / sub / name).is_file()), None)


def lines(folder: Path) -> None:
    """Score the shipped line classifier on annotated articles."""
    examples = train.read_folder(folder)
    scores = train.score(examples)
    right = f"macro F1 {scores.macro():.3f}, {scores.right():.3f} of the lines right, on {len(examples)} articles"
    print(*scores.rows(), right, sep="\n")


def timed(work: Callable[[T], U], items: Sequence[T]) -> tuple[float, list[U]]:
    """Seconds of CPU that the work on all items takes, after one to warm up, and what comes of it."""
    work(items[0])
    start = time.process_time()
    done = [work(item) for item in items]
    return time.process_time() - start, done


def speed(names: list[str]) -> None:
    """CPU time of cleaning and of the language pipeline, article by article, in this process."""
    from ipgraph import annotate

    nlp = annotate.load()
    items = [item for item in sources.read(names) if not isinstance(item, sources.Failure)]
    cleaning, articles = timed(clean.article, items)
    reading, _ = timed(lambda article: annotate.annotate(article, nlp), articles)
    words = sum(len(article.text.split()) for article in articles)
    for name, spent in (("cleaning", cleaning), ("language pipeline", reading)):
        print(
            f"{name:18s} {1000 * spent / len(items):.2f} ms an article, {1e6 * spent / words:.2f} ms a thousand words"
        )
    print(f"cleaning takes {cleaning / reading:.3f} of the pipeline's time ({len(items)} articles, {words} words)")


def main() -> None:
    """Run what the options ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=Path, metavar="DIR")
    parser.add_argument("--most", type=int, help="only so many pages")
    parser.add_argument("--way", choices=WAYS, action="append", help="of pages; all by default")
    parser.add_argument("--lines", type=Path, metavar="DIR")
    parser.add_argument("--speed", nargs="+", metavar="FILE")
    options = parser.parse_args()
    if options.pages:
        pages(options.pages, options.most, options.way or list(WAYS))
    if options.lines:
        lines(options.lines)
    if options.speed:
        speed(options.speed)


if __name__ == "__main__":
    main()
