"""From a checkpoint to the spaCy pipeline that ships: `python -m ipgraph.pipelines.assemble CHECKPOINT`."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import click
import spacy
from spacy.language import Language

import ipgraph.annotate  # noqa: F401, registers the tokenizer and the borders
from ipgraph.encoder.component import EncoderPipe
from ipgraph.encoder.model import Network
from ipgraph.pipelines import path

from . import export, network
from .examples import SPAN_LABELS

VERSION = "0.2.0"


def pipeline(checkpoint: Path) -> Language:
    """The pipeline with the weights of a checkpoint."""
    trained, classes = export.load(checkpoint)
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        export.export(trained, folder)
        (folder / "tokenizer.json").write_text(network.cutter().to_str(), encoding="utf-8")
        known = export.settings(classes, SPAN_LABELS)
        (folder / "classes.json").write_text(json.dumps(known, ensure_ascii=False), encoding="utf-8")
        weights = Network.from_folder(folder)
    nlp = spacy.util.load_model_from_config(
        {"nlp": {"lang": "en", "tokenizer": {"@tokenizers": "ipgraph.Tokenizer.v1"}}, "components": {}}, auto_fill=True
    )
    nlp.add_pipe("ipgraph_borders")
    pipe = nlp.add_pipe("ipgraph_encoder", name="encoder")
    assert isinstance(pipe, EncoderPipe)
    pipe.network = weights
    nlp.meta.update(
        name="ipgraph_news",
        version=VERSION,
        spacy_version=">=3.8,<3.9",
        description="English news for ipgraph: tags, lemmas, UD v2 trees, nested spans and the vectors that tie them",
        license="CC BY-SA 4.0",
        author="ipgraph",
    )
    nlp.meta["weights"] = fingerprint(weights)
    return nlp


def fingerprint(weights: Network) -> str:
    """Sixteen hex digits that stand for all files."""
    return hashlib.sha256(b"".join(weights.files[n] for n in sorted(weights.files))).hexdigest()[:16]


@click.command()
@click.argument("checkpoint", type=click.Path(exists=True, path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), default=path, help="folder to write  [default: here]")
def main(checkpoint: Path, out: Path) -> None:
    """Export a checkpoint and write the pipeline."""
    pipeline(checkpoint).to_disk(out)
    click.echo(f"{out}: {sum(f.stat().st_size for f in out.rglob('*') if f.is_file()) / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
