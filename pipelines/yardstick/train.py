"""Train the shipped pipeline: `python -m ipgraph.pipelines.train --data DIR [--corpus DIR]`.

DIR of `--data` holds `ud/` and `ner/`; DIR of `--corpus` holds train.spacy and dev.spacy, Docs of our own articles
with all kinds of spans (`python -m ipgraph.corpus docbin --out DIR`). The same data give the same weights on the same
kind of CPU.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import spacy
from spacy.language import Language

import ipgraph.annotate  # noqa: F401  registers our parts of a pipeline

from .. import NAME, data
from . import fit, scores

VERSION = "0.1.0"
WIDTH = 96
OWN_WEIGHT = 3.0
# Tweets and reports are far from news: few of them an epoch are enough.
WEIGHTS = {"btc": 0.25, "wnut17": 0.25, "lkgov": 0.15}
DEV_SETS = ("men", "wikigold", "gum")


def blank() -> Language:
    """An English pipeline with our tokenizer and sentence borders, and nothing trained."""
    nlp = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "ipgraph.Tokenizer.v1"}}})
    nlp.add_pipe("ipgraph_borders")
    return nlp


def train_trees(nlp: Language, folder: Path, epochs: int) -> None:
    """Add and fit the pipes of words and trees."""
    train, dev = (data.treebank(folder, part, nlp.vocab) for part in ("train", "dev"))
    fit.add_tree_pipes(nlp, WIDTH)

    def report(epoch: int, seconds: float) -> None:
        found = scores.trees(nlp, dev[::4])
        say(f"trees {epoch + 1}/{epochs} {seconds:.0f} s UPOS {found['UPOS']:.1f} LAS {found['LAS']:.1f}")

    fit.fit_trees(nlp, train, epochs, report)


def unsure(item: data.Spanned, head: str) -> int:
    """How many tokens a head must not learn from."""
    return sum(len(span) for span in item.unsure.get(head, ()))


def span_items(
    folder: Path, corpus: Path | None, nlp: Language, public: float
) -> tuple[list[tuple[data.Spanned, float]], dict[str, list[data.Spanned]]]:
    """What the heads learn from, with weights, and what they are measured on; other dev parts are learnt too."""
    coverage = json.loads((folder / "ner" / "coverage.json").read_text())
    dev = data.entity_sets(folder, "dev", nlp)
    measured = {name: dev.pop(name) for name in DEV_SETS}
    learn = []
    for sets in (data.entity_sets(folder, "train", nlp), dev):
        for name, items in sets.items():
            weight = public * WEIGHTS.get(name, float(coverage[name]["weight"]))
            learn += [(item, weight) for item in items if any(len(item.doc) > unsure(item, h) for h in data.HEADS)]
    if corpus:
        own = data.own_corpus(corpus, "train", nlp)
        learn += [(piece, OWN_WEIGHT) for item in own for piece in data.pieces(item)]
        measured["own corpus"] = data.own_corpus(corpus, "dev", nlp)
    return learn, measured


def train_spans(nlp: Language, folder: Path, corpus: Path | None, epochs: int, public: float) -> None:
    """Add and fit the heads."""
    learn, measured = span_items(folder, corpus, nlp, public)
    heads = tuple(data.HEADS)
    fit.add_span_pipes(nlp, WIDTH, heads)

    def report(epoch: int, seconds: float) -> None:
        found = {name: scores.heads(nlp, items, heads)["all"][2] for name, items in measured.items()}
        say(f"spans {epoch + 1}/{epochs} {seconds:.0f} s F1 " + " ".join(f"{n} {f:.1f}" for n, f in found.items()))

    fit.fit_spans(nlp, learn, heads, epochs, report)


def measure(nlp: Language, folder: Path, corpus: Path | None) -> dict[str, Any]:
    """All scores on the dev parts."""
    result: dict[str, Any] = {"trees": {}, "spans": {}}
    for name in ("ewt", "gum"):
        docs = data.treebank(folder, "dev", nlp.vocab, names=(name,))
        result["trees"][name] = scores.trees(nlp, docs)
    heads = [head for head in data.HEADS if head in nlp.pipe_names]
    dev = data.entity_sets(folder, "dev", nlp)
    for name in DEV_SETS:
        result["spans"][name] = scores.heads(nlp, dev[name], heads)
    if corpus:
        result["spans"]["own corpus"] = scores.merged(nlp, data.own_corpus(corpus, "dev", nlp))
    result["words_per_second"] = scores.speed(nlp, [item.doc.text for item in dev["men"]])
    return result


def table(result: Mapping[str, Any]) -> str:
    """The scores as Markdown."""
    rows = ["| dev set | " + " | ".join([*scores.TREE_MEASURES, "sentences F1"]) + " |"]
    rows.append("| --- |" + " ---: |" * (len(scores.TREE_MEASURES) + 1))
    rows += [f"| {n} | " + " | ".join(f"{v:.1f}" for v in r.values()) + " |" for n, r in result["trees"].items()]
    rows += ["", "| dev set | kind | P | R | F1 | gold |", "| --- | --- | ---: | ---: | ---: | ---: |"]
    for name, kinds in result["spans"].items():
        rows += [f"| {name} | {k} | {p:.1f} | {r:.1f} | {f:.1f} | {n} |" for k, (p, r, f, n) in kinds.items()]
    return "\n".join(rows) + "\n"


def save(nlp: Language, result: Mapping[str, Any], out: Path) -> None:
    """Write the pipeline with its scores."""
    nlp.meta.update(
        name=NAME.removeprefix("en_"),
        version=VERSION,
        spacy_version=">=3.8,<3.9",
        description="English news for ipgraph: tags, lemmas, UD v2 trees, and names, events, awards, titles and dates",
        license="CC BY-SA 4.0",
        author="ipgraph",
        performance={k: v for k, v in result.items() if k != "words_per_second"},
    )
    nlp.meta["weights"] = weights(nlp)
    nlp.to_disk(out)


def weights(nlp: Language) -> str:
    """Sixteen hex digits that stand for all weights."""
    digest = hashlib.sha256()
    for _name, pipe in nlp.pipeline:
        if hasattr(pipe, "model"):
            digest.update(pipe.model.to_bytes())
    return digest.hexdigest()[:16]


def say(line: str) -> None:
    """A line of progress on stderr."""
    click.echo(line, err=True)


@click.command()
@click.option("--data", "folder", type=click.Path(exists=True, path_type=Path), required=True, help="ud/ and ner/")
@click.option("--corpus", type=click.Path(exists=True, path_type=Path), help="train.spacy and dev.spacy")
@click.option("--tree-epochs", default=14, show_default=True, help="passes over the treebanks")
@click.option("--span-epochs", default=8, show_default=True, help="passes over the entity sets")
@click.option("--public", default=0.5, show_default=True, help="share of the public entity sets in an epoch")
@click.option("--keep-trees", is_flag=True, help="take tags and trees from the pipeline in --out; train only spans")
@click.option("-o", "--out", type=click.Path(path_type=Path), required=True, help="folder to write")
def main(
    folder: Path, corpus: Path | None, tree_epochs: int, span_epochs: int, public: float, keep_trees: bool, out: Path
) -> None:
    """Train the pipeline on treebanks and entity sets, print its scores and save it."""
    nlp = blank()
    if keep_trees:
        keep(nlp, spacy.load(out))
    else:
        train_trees(nlp, folder, tree_epochs)
    train_spans(nlp, folder, corpus, span_epochs, public)
    nlp = light(nlp)
    result = measure(light(nlp), folder, corpus)  # a copy, since reading texts adds their words
    save(nlp, result, out)
    click.echo(table(result) + f"{result['words_per_second']:.0f} words a second")


def light(nlp: Language) -> Language:
    """The same pipeline without the words of its training data; the strings of its labels stay."""
    made = spacy.util.load_model_from_config(nlp.config)
    trees = nlp.get_pipe("trainable_lemmatizer").trees  # type: ignore[attr-defined]
    nodes = [trees[i] for i in range(len(trees))]
    for part in sorted({node[key] for node in nodes for key in ("orig", "subst") if key in node}):
        made.vocab.strings.add(nlp.vocab.strings[part])
    made.from_bytes(nlp.to_bytes(exclude=["vocab"]), exclude=["vocab"])
    for labels in made.pipe_labels.values():
        for label in labels:
            made.vocab.strings.add(label)
    return made


def keep(nlp: Language, old: Language) -> None:
    """Copy the pipes of words and trees from a trained pipeline."""
    for name in ("tok2vec", *fit.TREE_PIPES):
        nlp.add_pipe(name, source=old)


if __name__ == "__main__":
    main()
