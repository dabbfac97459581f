"""Turn the scores of facts into probabilities: `python -m ipgraph.pipelines.calibrate`, after `assemble`.

Platt's method (1999): a logistic curve over the score of each label, fitted on the articles of `dev`, which the network
was not trained on. A label with few facts leans on the curve of all.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import numpy as np

from ipgraph import annotate, evaluate
from ipgraph import pipeline as stages
from ipgraph.corpus.format import read
from ipgraph.corpus.gold import write_gold
from ipgraph.encoder.component import EncoderPipe
from ipgraph.encoder.pairs import LABELS
from ipgraph.pipelines import path

from .assemble import fingerprint

Point = tuple[float, bool]
LEAN = 8.0
"""How strongly a label leans on the curve of all, in facts."""


def fit(points: Sequence[Point], start: tuple[float, float] = (1.0, 0.0), lean: float = 0.01) -> tuple[float, float]:
    """Slope and offset of the logistic curve over log-odds, drawn to `start`; Newton's method."""
    x = np.array([[np.log(s / (1 - s)), 1.0] for s in (min(max(p, 1e-6), 1 - 1e-6) for p, _ in points)])
    y = np.array([float(right) for _, right in points])
    first = np.array(start)

    def loss(w: np.ndarray[Any, Any]) -> float:
        z = x @ w
        return float((np.logaddexp(0.0, z) - y * z).sum() + lean * ((w - first) ** 2).sum() / 2)

    w = first
    for _ in range(100):
        p = 1 / (1 + np.exp(-np.clip(x @ w, -30, 30)))
        gradient = x.T @ (p - y) + lean * (w - first)
        step = np.linalg.solve((x * (p * (1 - p))[:, None]).T @ x + lean * np.eye(2), gradient)
        while loss(w - step) > loss(w) and np.abs(step).max() > 1e-9:
            step = step / 2
        w = w - step
        if np.abs(step).max() < 1e-8:
            break
    return float(max(w[0], 0.05)), float(w[1])


def curves(points: dict[str, list[Point]]) -> dict[str, tuple[float, float]]:
    """The curve of each label."""
    shared = fit([p for own in points.values() for p in own])
    return {label: fit(points.get(label, []), shared, LEAN) if points.get(label) else shared for label in LABELS}


def label_of(rule: str) -> str:
    """The label whose score a learned fact has."""
    return next((x for x in LABELS if f"learned.{x.lower().replace(':', '.')}" == rule), "")


def points(folder: Path, files: Iterable[Path], nlp: annotate.Pipeline) -> dict[str, list[Point]]:
    """(score, right) of all facts that the pipeline finds in these annotated articles, by label."""
    write_gold([read(file) for file in files], folder)
    golds = evaluate.read_gold(folder)
    texts = [str(p) for p in sorted(folder.glob("*.txt"))]
    out: dict[str, list[Point]] = defaultdict(list)
    for stem, found in stages.predictions(stages.extract(texts, nlp), 0.0).items():
        for relation, right in evaluate.judged(golds[stem], found):
            rules = {label_of(e["rule"]) for e in relation["evidence"]} - {""}
            for label in sorted(rules)[:1]:
                out[label].append((float(relation["confidence"]), right))
    return out


@click.command()
@click.option("--articles", type=click.Path(exists=True, path_type=Path), required=True, help="corpus/annotated/dev")
@click.option("-p", "--pipeline", "folder", type=click.Path(path_type=Path), default=path, help="the one to calibrate")
def main(articles: Path, folder: Path) -> None:
    """Fit the curves on these articles and write them into the pipeline."""
    nlp = annotate.load(str(folder))
    pipe = nlp.get_pipe("encoder")
    assert isinstance(pipe, EncoderPipe)
    assert pipe.network is not None
    pipe.network.calibration.clear()
    with TemporaryDirectory() as scratch:
        found = points(Path(scratch), sorted(articles.glob("*.txt")), nlp)
    known = curves(found)
    file = folder / "encoder" / "classes.json"
    classes = json.loads(file.read_text(encoding="utf-8")) | {"calibration": known}
    file.write_text(json.dumps(classes, ensure_ascii=False), encoding="utf-8")
    pipe.network.files["classes.json"] = file.read_bytes()
    meta = folder / "meta.json"
    changed = json.loads(meta.read_text(encoding="utf-8")) | {"weights": fingerprint(pipe.network)}
    meta.write_text(json.dumps(changed, indent=2), encoding="utf-8")
    for label, own in sorted(found.items()):
        right = sum(r for _, r in own)
        click.echo(
            f"{label:24} {len(own):5} facts, {right:4} right, curve {known[label][0]:.2f} {known[label][1]:+.2f}"
        )


if __name__ == "__main__":
    main()
