"""Trains the line classifier from annotated pasted articles: `python -m ipgraph.clean.train`.

A conditional random field, fitted with numpy by Adam from zero weights: the same files give the same weights.
`--folds N` reports cross-validation with whole layouts held out instead.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ipgraph.clean import classifier
from ipgraph.clean.classifier import Found, Model
from ipgraph.clean.compose import composed
from ipgraph.clean.examples import Example, judged, layouts, read_folder
from ipgraph.clean.features import features
from ipgraph.clean.lines import KINDS

Array = NDArray[Any]
EPOCHS, BATCH, RATE, PENALTY, UNSEEN = 8, 24, 0.05, 0.3, 0.3
"""Passes over the articles, articles a step, Adam's rate, weight of squared weights, share of features left out."""

RAREST, FAINTEST = 4, 0.2
"""Lines that need a feature, and the size of the largest weight without which one is not kept."""

COMPOSED, WRITTEN = 1000, 2
"""Composed articles, and how often one that was written counts beside them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An article with its features and gold. `weight`: how often it counts."""

    found: Found
    gold: Array
    layout: str
    weight: int = 1


def seen(example: Example, weight: int = 1) -> Seen:
    """The features and gold of an example."""
    one = judged(example)
    return Seen(features(one.lines), np.array([KINDS.index(k) for k in one.kinds]), one.layout, weight)


def _vocabulary(articles: Sequence[Seen]) -> dict[str, int]:
    """Features that are not too rare and stand in two layouts: others are learned by heart."""
    counts: Counter[str] = Counter()
    places: dict[str, set[str]] = defaultdict(set)
    for article in articles:
        for line in article.found:
            counts.update(set(line))
            for name in line:
                places[name].add(article.layout)
    kept = sorted(name for name, count in counts.items() if count >= RAREST and len(places[name]) > 1)
    return {name: i for i, name in enumerate(kept)}


def _coded(article: Seen, names: dict[str, int]) -> tuple[Array, Array]:
    """Numbers of the features of all lines in a row, and how many each line has."""
    lines = [[names[name] for name in line if name in names] for line in article.found]
    return np.array([n for line in lines for n in line], dtype=np.int32), np.array([len(line) for line in lines])


def _marginals(
    emitted: Array, place: Array, sizes: Array, chain: Array, ends: tuple[Array, Array]
) -> tuple[Array, Array]:
    """Probabilities of each kind at each line, and the expected number of each transition.

    `place[i, a]` is the row of line i of article a, -1 where there is none; articles stand by falling size.
    """
    longest, count = place.shape
    real = place >= 0
    shown = np.zeros((longest, count, emitted.shape[1]), dtype=emitted.dtype)
    shown[real] = np.exp(emitted - emitted.max(axis=1, keepdims=True))[place[real]]
    moves = np.exp(chain)
    forward, backward = np.zeros_like(shown), np.zeros_like(shown)
    scale = np.ones((longest, count), dtype=emitted.dtype)
    step = np.exp(ends[0]) * shown[0]
    scale[0] = step.sum(axis=1)
    forward[0] = step / scale[0][:, None]
    for i in range(1, longest):
        on = int((sizes > i).sum())
        step = (forward[i - 1, :on] @ moves) * shown[i, :on]
        scale[i, :on] = step.sum(axis=1)
        forward[i] = forward[i - 1]
        forward[i, :on] = step / scale[i, :on, None]
    total = (forward[-1] * np.exp(ends[1])).sum(axis=1)
    backward[-1] = np.exp(ends[1]) / total[:, None]
    expected = np.zeros_like(chain)
    for i in range(longest - 1, 0, -1):
        on = int((sizes > i).sum())
        step = shown[i, :on] * backward[i, :on] / scale[i, :on, None]
        expected += forward[i - 1, :on].T @ step
        backward[i - 1] = backward[i]
        backward[i - 1, :on] = step @ moves.T
    likely = np.empty_like(emitted)
    likely[place[real]] = (forward * backward)[real]
    return likely, expected * moves


class _Adam:
    """Parameters of a model under Adam: weights, transitions, start, stop."""

    def __init__(self, features_count: int, steps: int) -> None:
        kinds = len(KINDS)
        shapes: tuple[tuple[int, ...], ...] = ((features_count, kinds), (kinds, kinds), (kinds,), (kinds,))
        self.values: list[Array] = [np.zeros(shape, dtype=np.float32) for shape in shapes]
        self.mean: list[Array] = [np.zeros_like(v) for v in self.values]
        self.square: list[Array] = [np.zeros_like(v) for v in self.values]
        self.steps, self.step = steps, 0

    def move(self, gradients: Sequence[Array], penalty: float) -> None:
        """One step down; the rate falls to nothing over all steps."""
        rate = RATE * (1 - self.step / self.steps)
        self.step += 1
        for value, gradient, mean, square in zip(self.values, gradients, self.mean, self.square, strict=True):
            slope = gradient + penalty * value
            mean += 0.1 * (slope - mean)
            square += 0.01 * (slope**2 - square)
            value -= rate * (mean / (1 - 0.9**self.step)) / (np.sqrt(square / (1 - 0.99**self.step)) + 1e-6)


def _gradients(
    adam: _Adam, parts: Sequence[tuple[Array, Array]], golds: Sequence[Array], rng: np.random.Generator
) -> list[Array]:
    """Of the articles of a step, by falling size; some features are left out, so that none is relied on alone."""
    weights, chain, start, stop = adam.values
    kinds = len(KINDS)
    sizes = np.array([len(gold) for gold in golds])
    gold = np.concatenate(golds)
    row = np.repeat(np.arange(len(gold)), np.concatenate([counts for _, counts in parts]))
    number = np.concatenate([numbers for numbers, _ in parts])
    kept = rng.random(len(number)) >= UNSEEN
    row, number = row[kept], number[kept]
    emitted = np.empty((len(gold), kinds), dtype=np.float32)
    for k in range(kinds):
        emitted[:, k] = np.bincount(row, weights=weights[number, k], minlength=len(gold)) / (1 - UNSEEN)
    place = np.full((sizes[0], len(sizes)), -1)
    place.T[np.arange(sizes[0]) < sizes[:, None]] = np.arange(len(gold))
    likely, expected = _marginals(emitted, place, sizes, chain, (start, stop))
    off = likely.copy()
    off[np.arange(len(gold)), gold] -= 1
    slope = np.empty_like(weights)
    for k in range(kinds):
        slope[:, k] = np.bincount(number, weights=off[row, k], minlength=len(weights))
    pairs = np.zeros_like(chain)
    for one in golds:
        np.add.at(pairs, (one[:-1], one[1:]), 1)
    ends = np.cumsum(sizes)
    return [slope, expected - pairs, off[ends - sizes].sum(axis=0), off[ends - 1].sum(axis=0)]


def fit(articles: Sequence[Seen], seed: int = 0) -> Model:
    """The model that fits the articles."""
    names = _vocabulary(articles)
    articles = [a for a in articles if len(a.gold) for _ in range(a.weight)]
    coded = [_coded(a, names) for a in articles]
    rng = np.random.default_rng(seed)
    sizes = np.array([len(a.gold) for a in articles])
    adam = _Adam(len(names), EPOCHS * -(-len(articles) // BATCH))
    for _ in range(EPOCHS):
        # Articles of about one size go together.
        order = np.argsort(sizes + rng.normal(0, 8, len(sizes)), kind="stable")
        batches = [order[i : i + BATCH] for i in range(0, len(order), BATCH)]
        for b in rng.permutation(len(batches)):
            chosen = batches[b][np.argsort(-sizes[batches[b]], kind="stable")]
            gradients = _gradients(adam, [coded[i] for i in chosen], [articles[i].gold for i in chosen], rng)
            adam.move(gradients, PENALTY * sizes[chosen].sum() / sizes.sum())
    return _pruned(names, *adam.values)


def _pruned(names: dict[str, int], weights: Array, after: Array, start: Array, stop: Array) -> Model:
    kept = [name for name, i in names.items() if np.abs(weights[i]).max() >= FAINTEST]
    rows = weights[[names[name] for name in kept]].reshape(-1, len(KINDS))
    return Model({name: i for i, name in enumerate(kept)}, rows, after, start, stop)


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

    def right(self) -> float:
        """Share of lines whose kind is right."""
        return sum(n for (g, p), n in self.pairs.items() if g == p) / max(1, sum(self.pairs.values()))

    def rows(self) -> Iterator[str]:
        """One line for each kind: F1 and what it was taken for."""
        for kind in KINDS:
            wrong = {p: n for (g, p), n in sorted(self.pairs.items()) if g == kind != p}
            n = sum(n for (g, _), n in self.pairs.items() if g == kind)
            yield f"{kind:10s} F1 {self.f1(kind):.3f}  of {n:4d}  taken for {wrong}"


def score(examples: Sequence[Example], model: Model | None = None) -> Scores:
    """How the model does on the examples, line by line as they were pasted."""
    pairs: Counter[tuple[str, str]] = Counter()
    for e in examples:
        pairs.update(zip(e.kinds, classifier.classify(e.lines, model), strict=True))
    return Scores(pairs)


def cross_validate(examples: Sequence[Example], others: Sequence[Seen], folds: int) -> Scores:
    """Scores with every layout judged by a model that has not seen it; the others are always trained on."""
    order = layouts(examples)
    pairs: Counter[tuple[str, str]] = Counter()
    for fold in range(folds):
        held = set(order[fold::folds])
        model = fit([*(seen(e, WRITTEN) for e in examples if e.layout not in held), *others])
        pairs += score([e for e in examples if e.layout in held], model).pairs
    return Scores(pairs)


def main() -> None:
    """Write the weights, or report cross-validation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=Path("corpus"), help="the corpus folder of a checkout")
    parser.add_argument("--folds", type=int, help="report cross-validation over layouts, write nothing")
    parser.add_argument("-o", "--output", type=Path, default=Path(__file__).with_name(classifier.WEIGHTS))
    options = parser.parse_args()
    examples = read_folder(options.corpus / "pasted" / "dev")
    made = [*read_folder(options.corpus / "pasted" / "composed"), *composed(options.corpus, COMPOSED)]
    others = [seen(e) for e in made]
    if options.folds:
        scores = cross_validate(examples, others, options.folds)
    else:
        model = fit([*(seen(e, WRITTEN) for e in examples), *others])
        options.output.write_text(classifier.as_json(model), encoding="utf-8")
        scores = score(examples, model)
    print(*scores.rows(), f"macro F1 {scores.macro():.3f}, {scores.right():.3f} of the lines right", sep="\n")


if __name__ == "__main__":
    main()
