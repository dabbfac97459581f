"""Train the encoder: `python -m ipgraph.pipelines.train --data DATA --corpus CORPUS --out FOLDER`."""

from __future__ import annotations

import json
import random
from dataclasses import asdict
from pathlib import Path
from time import monotonic

import click
import spacy
import torch
from spacy.language import Language

from ipgraph.annotate import make_tokenizer
from ipgraph.pipelines import data

from . import examples, fit, network, scores

SHARES = {"tree": 0.48, "span": 0.2, "own": 0.32}
DEV_SETS = ("men", "wikigold")


def say(line: str) -> None:
    """A line of progress on stderr."""
    click.echo(line, err=True)


def blank() -> Language:
    """Only the tokenizer that the pipeline uses."""
    nlp = spacy.blank("en")
    nlp.tokenizer = make_tokenizer()(nlp)
    return nlp


def span_examples(folder: Path, nlp: Language) -> tuple[list[examples.Example], dict[str, list[examples.Example]]]:
    """Examples of the entity sets, taken as often as their weight says, and those of some dev parts."""
    coverage = json.loads((folder / "ner" / "coverage.json").read_text())
    sets = data.entity_sets(folder, "train", nlp) | {
        name: items
        for name, items in data.entity_sets(folder, "dev", nlp).items()
        if not (folder / "ner" / name / "train.jsonl.gz").exists()
    }
    rng = random.Random(0)
    learn = [
        examples.entity_example(item)
        for name, items in sorted(sets.items())
        for item in items
        if len(item.doc) > 3 and rng.random() < float(coverage[name]["weight"])
    ]
    dev = data.entity_sets(folder, "dev", nlp)
    return learn, {name: [examples.entity_example(i) for i in dev[name]] for name in DEV_SETS}


def treebank_classes(folder: Path) -> examples.Classes:
    """Classes of tags, features, lemma scripts and labels in both treebanks."""
    paths = [folder / "ud" / name / "train.conllu.gz" for name in ("ewt", "gum")]
    return examples.classes(s for path in paths for s in data.sentences(path))


@click.command()
@click.option("--data", "folder", type=click.Path(exists=True, path_type=Path), required=True, help="ud/ and ner/")
@click.option("--corpus", type=click.Path(exists=True, path_type=Path), required=True, help="train.spacy, dev.spacy")
@click.option("--steps", default=0, help="length of the training in batches of about 2,600 pieces")
@click.option("--minutes", default=100.0, show_default=True, help="length of the training where no steps are given")
@click.option("--start", type=click.Path(exists=True, path_type=Path), help="go on from these weights")
@click.option("--tree", "tree_share", default=SHARES["tree"], show_default=True, help="share of treebank batches")
@click.option("--span", "span_share", default=SHARES["span"], show_default=True, help="share of entity set batches")
@click.option(
    "--rate", default=2.5e-4, show_default=True, help="highest learning rate of the encoder; heads: four times"
)
@click.option("--out", type=click.Path(path_type=Path), required=True, help="folder for the checkpoint")
def main(
    folder: Path, corpus: Path, steps: int, minutes: float, start: Path | None, tree_share: float, span_share: float,
    rate: float, out: Path,
) -> None:  # fmt: skip
    """Train all heads together, print scores as it goes and write a checkpoint."""
    out.mkdir(parents=True, exist_ok=True)
    nlp, pieces = blank(), network.cutter()
    known = treebank_classes(folder)
    rng = random.Random(0)
    trees = [e for n in ("ewt", "gum") for e in examples.treebank(folder, n, "train", known, 5, rng)]
    dev_trees = {n: examples.treebank(folder, n, "dev", known, 4, rng)[:150] for n in ("ewt", "gum")}
    sets, dev_sets = span_examples(folder, nlp)
    own = [e for d in examples.own_docs(corpus, "train", nlp) for e in examples.own_examples(d)]
    dev_own = [e for d in examples.own_docs(corpus, "dev", nlp) for e in examples.own_examples(d)]
    pool = examples.pools([*own, *sets])
    say(f"{len(trees)} treebank groups, {len(sets)} of entity sets, {len(own)} of our own; {len(pool.people)} names")
    sizes = network.Sizes(*(len(v) for v in known.as_dict().values()), len(examples.SPAN_LABELS))
    net = network.Network(sizes)
    if start:
        net.load_state_dict(torch.load(start / "weights.pt"))
    else:
        network.load_base(net.encoder, network.base_path())
    (out / "classes.json").write_text(json.dumps(known.as_dict() | {"sizes": asdict(sizes)}))
    began, last = monotonic(), 0.0

    def report(step: int, losses: dict[str, float], average: fit.Average) -> None:
        nonlocal last
        say(f"{step} {monotonic() - began:.0f} s " + " ".join(f"{n} {v:.3f}" for n, v in losses.items()))
        if monotonic() - last > 900:
            last = monotonic()
            torch.save(average.values, out / "weights.pt")
            mine = network.Network(sizes)
            mine.load_state_dict(average.values)
            for name, items in dev_trees.items():
                say(f"  {name} " + " ".join(f"{k} {v:.1f}" for k, v in scores.trees(mine, items, pieces).items()))
            for name, items in [("own", dev_own), *dev_sets.items()]:
                say(f"  {name} " + " ".join(f"{k} {v:.1f}" for k, v in scores.spans(mine, items, pieces).items()))
            say("  pairs " + " ".join(f"{k} {v:.0f}" for k, v in scores.pair_table(mine, dev_own, pieces).items()))

    sources = {
        "tree": (tree_share, fit.stream(trees, None, 1)),
        "span": (span_share, fit.stream(sets, None, 2)),
        "own": (1 - tree_share - span_share, fit.stream(own, pool, 3)),
    }
    average = fit.fit(
        net, sources, pieces, steps=steps, minutes=minutes, rates=(rate, 4 * rate), report=report, every=50
    )
    torch.save(average.values, out / "weights.pt")
    last = -1e9
    report(-1, {}, average)


if __name__ == "__main__":
    main()
