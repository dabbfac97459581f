"""Trains the line classifier from annotated pasted articles: `python -m ipgraph.clean.train corpus/pasted/dev`.

A conditional random field, fitted with numpy by full-batch Adam from zero weights: the same files give the same
weights. `--folds N` reports cross-validation with whole layouts held out instead.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ipgraph.clean import classifier, lines
from ipgraph.clean.classifier import Model
from ipgraph.clean.features import features
from ipgraph.clean.lines import KINDS, Raw

Array = NDArray[Any]
ROUNDS, RATE, PENALTY, RAREST, MIXED = 100, 0.08, 0.01, 8, 3
"""Steps of Adam, its rate, weight of squared weights, lines that need a feature, recombined articles for a real one."""


@dataclass(frozen=True, slots=True)
class Example:
    """An annotated article: its lines and their kinds."""

    name: str
    layout: str
    lines: tuple[Raw, ...]
    kinds: tuple[str, ...]


def read(path: Path) -> Example:
    """An annotated article from its file (format: corpus/pasted/README.md). Raises ValueError where it is malformed."""
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


@dataclass(frozen=True, slots=True)
class _Batch:
    """Articles as one padded block: `seen[a, i]` lists feature numbers of line i of article a, padded with the last."""

    seen: Array
    gold: Array
    mask: Array
    names: list[str]


def _judged(example: Example) -> Example:
    """The example as the classifier judges it: lines torn apart by hand are one."""
    groups = lines.units(example.lines)
    at = [0, *accumulate(map(len, groups))]
    kinds = tuple(example.kinds[i] for i in at[:-1])
    return Example(example.name, example.layout, tuple(map(lines.whole, groups)), kinds)


_TEXT = ("body", "heading", "caption", "about")


def _parts(example: Example) -> tuple[list[int], list[int], list[int]]:
    """Numbers of the lines before, in and after the text of an article."""
    inner = [i for i, kind in enumerate(example.kinds) if kind == "body"]
    first, last = inner[0], inner[-1]
    return list(range(first)), list(range(first, last + 1)), list(range(last + 1, len(example.kinds)))


def recombined(examples: Sequence[Example], count: int) -> list[Example]:
    """New articles: the head of one, the text of another, the tail of a third, some furniture left out.

    Layouts are few; without this the classifier learns them by heart instead of learning the lines.
    """
    pool = [_judged(e) for e in examples]
    rng = random.Random(len(pool))
    out = []
    for n in range(count):
        rows: list[tuple[Raw, str]] = []
        for part in range(3):
            e = pool[rng.randrange(len(pool))]
            rows += [(e.lines[i], e.kinds[i]) for i in _thinned(e, _parts(e)[part], rng)]
        if rng.random() < 0.2:
            rows.insert(0, (_one_line_menu(pool, rng), "nav"))
        spaced = rng.random() < 0.4
        made = [(replace(r, blanks=0) if spaced else r, k) for r, k in rows]
        out.append(Example(f"mixed {n}", "mixed", tuple(r for r, _ in made), tuple(k for _, k in made)))
    return out


def _one_line_menu(pool: Sequence[Example], rng: random.Random) -> Raw:
    """The menus of some articles on one line, as they come when a page is copied whole."""
    items: list[str] = []
    while sum(map(len, items)) < rng.choice((300, 600, 1500)):
        e = pool[rng.randrange(len(pool))]
        items += [line.text for line, kind in zip(e.lines, e.kinds, strict=True) if kind == "nav"]
    text = rng.choice((" ", " ", " | ", "  ")).join(items)
    return Raw(text, 0, len(text), 0, 0, len(text))


def _thinned(example: Example, at: Sequence[int], rng: random.Random) -> list[int]:
    """The numbers without some runs of one kind and without some single lines of furniture."""
    kept = []
    for _, run in groupby(at, key=lambda i: example.kinds[i]):
        numbers = list(run)
        if example.kinds[numbers[0]] not in ("body", "title") and rng.random() < 0.2:
            continue
        loose = example.kinds[numbers[0]] in ("nav", "sidebar", "body")
        kept += [i for i in numbers if not (loose and rng.random() < 0.15)]
    return kept


def _batch(examples: Sequence[Example]) -> _Batch:
    found = [features(e.lines) for e in examples]
    counts = Counter(name for article in found for line in article for name in set(line))
    names = sorted(name for name, count in counts.items() if count >= RAREST)
    number = {name: i for i, name in enumerate(names)}
    longest = max(len(article) for article in found)
    widest = max(len(line) for article in found for line in article)
    seen = np.full((len(found), longest, widest), len(names))
    gold = np.zeros((len(found), longest), dtype=int)
    mask = np.zeros((len(found), longest), dtype=bool)
    for a, (article, example) in enumerate(zip(found, examples, strict=True)):
        mask[a, : len(article)] = True
        gold[a, : len(article)] = [KINDS.index(k) for k in example.kinds]
        for i, line in enumerate(article):
            known = [number[name] for name in line if name in number]
            seen[a, i, : len(known)] = known
    return _Batch(seen, gold, mask, names)


def _logsumexp(x: Array, axis: int) -> Array:
    top = x.max(axis=axis, keepdims=True)
    out: Array = np.log(np.exp(x - top).sum(axis=axis)) + top.squeeze(axis)
    return out


def _marginals(emitted: Array, mask: Array, chain: Array, start: Array, stop: Array) -> tuple[Array, Array]:
    """Probabilities of each kind at each line, and the expected number of each transition."""
    _, longest, kinds = emitted.shape
    forward, backward = np.zeros_like(emitted), np.zeros_like(emitted)
    forward[:, 0] = start + emitted[:, 0]
    for i in range(1, longest):
        step = _logsumexp(forward[:, i - 1, :, None] + chain, axis=1) + emitted[:, i]
        forward[:, i] = np.where(mask[:, i, None], step, forward[:, i - 1])
    total = _logsumexp(forward[:, -1] + stop, axis=1)
    backward[:, -1] = stop
    expected = np.zeros((kinds, kinds))
    for i in range(longest - 1, 0, -1):
        tail = (emitted[:, i] + backward[:, i])[:, None, :]
        on = mask[:, i]
        joint = np.exp(forward[:, i - 1, :, None] + chain + tail - total[:, None, None])
        expected += joint[on].sum(axis=0)
        step = _logsumexp(chain + tail, axis=2)
        backward[:, i - 1] = np.where(on[:, None], step, backward[:, i])
    return np.exp(forward + backward - total[:, None, None]) * mask[:, :, None], expected


def fit(examples: Sequence[Example]) -> Model:
    """The model of the examples."""
    mixed = [*map(_judged, examples), *recombined(examples, MIXED * len(examples))]
    batch = _batch([e for e in mixed if e.lines])
    kinds, count = len(KINDS), len(batch.names)
    sizes = (count + 1, kinds, 1, 1)
    weights = np.zeros((sum(sizes), kinds))
    cut = np.cumsum(sizes)[:-1]
    last = batch.mask.sum(axis=1) - 1
    rows = np.arange(len(batch.gold))
    hot = np.eye(kinds)[batch.gold] * batch.mask[:, :, None]
    pairs = (batch.mask[:, 1:, None, None] * hot[:, :-1, :, None] * hot[:, 1:, None, :]).sum(axis=(0, 1))
    mean, square = np.zeros_like(weights), np.zeros_like(weights)
    for step in range(1, ROUNDS + 1):
        w, chain, start, stop = np.split(weights, cut)
        emitted = w[batch.seen].sum(axis=2)
        likely, expected = _marginals(emitted, batch.mask, chain, start[0], stop[0])
        gradient = np.zeros_like(weights)
        off = likely - hot
        np.add.at(gradient, batch.seen.reshape(-1), np.repeat(off, batch.seen.shape[2], axis=1).reshape(-1, kinds))
        gradient[cut[0] : cut[1]] = expected - pairs
        gradient[cut[1]] = off[:, 0].sum(axis=0)
        gradient[cut[2]] = off[rows, last].sum(axis=0)
        gradient += PENALTY * len(batch.gold) * weights
        gradient[count] = 0
        mean = 0.9 * mean + 0.1 * gradient
        square = 0.999 * square + 0.001 * gradient**2
        rate = RATE * (1 - step / ROUNDS) ** 0.5
        weights -= rate * (mean / (1 - 0.9**step)) / (np.sqrt(square / (1 - 0.999**step)) + 1e-8)
    return _model(weights, cut, batch.names)


def _model(weights: Array, cut: Array, names: list[str]) -> Model:
    w, chain, start, stop = (np.round(part, 3).tolist() for part in np.split(weights, cut))
    return Model(
        {name: tuple(w[i]) for i, name in enumerate(names)}, tuple(map(tuple, chain)), tuple(start[0]), tuple(stop[0])
    )


def as_json(model: Model) -> str:
    """The model as `Model.parse` reads it, one feature a line."""
    rows = ",\n".join(
        f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(row)}" for name, row in model.features.items()
    )
    rest = {"transitions": model.transitions, "start": model.start, "stop": model.stop, "kinds": KINDS}
    return "{" + json.dumps(rest)[1:-1] + ',\n"features": {\n' + rows + "}}\n"


@dataclass(slots=True)
class Scores:
    """Counts of right and wrong kinds."""

    pairs: Counter[tuple[str, str]]

    def f1(self, kind: str) -> float:
        """F1 of one kind."""
        right = self.pairs[kind, kind]
        gold = sum(n for (g, _), n in self.pairs.items() if g == kind)
        said = sum(n for (_, p), n in self.pairs.items() if p == kind)
        return 2 * right / (gold + said) if gold + said else 0.0

    def macro(self) -> float:
        """Mean F1 over the kinds that the gold holds."""
        kinds = sorted({g for g, _ in self.pairs})
        return sum(map(self.f1, kinds)) / len(kinds) if kinds else 0.0

    def rows(self) -> Iterator[str]:
        """One line for each kind: F1 and what it was taken for."""
        for kind in KINDS:
            wrong = {p: n for (g, p), n in sorted(self.pairs.items()) if g == kind != p}
            n = sum(n for (g, _), n in self.pairs.items() if g == kind)
            yield f"{kind:10s} F1 {self.f1(kind):.3f}  of {n:4d}  taken for {wrong}"


def score(examples: Sequence[Example], model: Model | None = None) -> Scores:
    """How the model does on the examples."""
    pairs: Counter[tuple[str, str]] = Counter()
    for e in examples:
        pairs.update(zip(e.kinds, classifier.classify(e.lines, model), strict=True))
    return Scores(pairs)


def cross_validate(examples: Sequence[Example], folds: int) -> Scores:
    """Scores with every layout judged by a model that has not seen it."""
    layouts = sorted({e.layout for e in examples})
    pairs: Counter[tuple[str, str]] = Counter()
    for fold in range(folds):
        held = set(layouts[fold::folds])
        model = fit([e for e in examples if e.layout not in held])
        pairs += score([e for e in examples if e.layout in held], model).pairs
    return Scores(pairs)


def main() -> None:
    """Write the weights, or report cross-validation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--folds", type=int, help="report cross-validation over layouts, write nothing")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name(classifier.WEIGHTS))
    options = parser.parse_args()
    examples = read_folder(options.folder)
    scores = cross_validate(examples, options.folds) if options.folds else score(examples, model := fit(examples))
    print(*scores.rows(), f"macro F1 {scores.macro():.3f} on {len(examples)} articles", sep="\n")
    if not options.folds:
        options.output.write_text(as_json(model), encoding="utf-8")


if __name__ == "__main__":
    main()
