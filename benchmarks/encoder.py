"""The pipeline beside the CNN yardstick: accuracy on dev parts, speed, start-up, memory, and equal floats.

    python -m benchmarks.encoder --data DATA --yardstick FOLDER [--corpus]

DATA holds `ud/` and `ner/` (pipelines/README.md); FOLDER is what `python -m ipgraph.pipelines.yardstick.train` wrote.
Times are ratios of one run on one core.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from ipgraph import annotate
from ipgraph.corpus.docs import DocMaker
from ipgraph.corpus.format import read
from ipgraph.model import SPANS_KEY
from ipgraph.pipelines import data
from ipgraph.pipelines.yardstick import scores

ROOT = Path(__file__).parent.parent
ANNOTATED = ROOT / "corpus" / "annotated"
COMMON = ("Person", "Organization", "Place")
KINDS = ("Person", "Organization", "Place", "Event", "Brand", "Award", "TITLE")


def with_borders(nlp: Language, gold: Doc) -> Doc:
    """The gold tokens and sentence borders, read anew."""
    doc = Doc(nlp.vocab, words=[t.text for t in gold], spaces=[bool(t.whitespace_) for t in gold],
              sent_starts=[bool(t.is_sent_start) for t in gold])  # fmt: skip
    for _name, pipe in nlp.pipeline:
        doc = pipe(doc)
    return doc


def spans(nlp: Language, docs: Iterable[tuple[Doc, Sequence[Span]]], kinds: Sequence[str]) -> dict[str, list[int]]:
    """Spans right, found and gold, exact, by kind and in all."""
    counts: dict[str, list[int]] = {k: [0, 0, 0] for k in (*kinds, "all")}
    for gold, own in docs:
        doc = nlp(gold.text)
        theirs = {(s.start_char, s.end_char, s.label_) for s in own if s.label_ in kinds}
        mine = {(s.start_char, s.end_char, s.label_) for s in doc.spans[SPANS_KEY] if s.label_ in kinds}
        for at, group in enumerate((mine & theirs, mine, theirs)):
            for *_, kind in group:
                counts[kind][at] += 1
                counts["all"][at] += 1
    return counts


def f1(counts: Sequence[int]) -> float:
    """In percent."""
    return 200 * counts[0] / max(counts[1] + counts[2], 1)


def interval(nlp: Language, docs: Sequence[tuple[Doc, Sequence[Span]]], kinds: Sequence[str]) -> tuple[float, float]:
    """95 % bootstrap interval of F1 over the Docs."""
    each = np.array([spans(nlp, [d], kinds)["all"] for d in docs])
    rng = np.random.default_rng(0)
    drawn = [f1(each[rng.integers(0, len(each), len(each))].sum(axis=0).tolist()) for _ in range(1000)]
    return float(np.percentile(drawn, 2.5)), float(np.percentile(drawn, 97.5))


def own_docs(split: str, nlp: Language) -> list[tuple[Doc, list[Span]]]:
    """Our annotated articles of a split: a Doc for each part as it is read, with its gold spans."""
    maker, out = DocMaker(spacy.blank("en")), []
    maker.nlp.tokenizer = nlp.tokenizer
    for file in sorted((ANNOTATED / split).glob("*.txt")):
        doc = maker.doc(read(file))
        out.append((doc, list(doc.spans[SPANS_KEY])))
    return out


def accuracy(nlp: Language, folder: Path) -> dict[str, Any]:
    """All scores of one pipeline."""
    out: dict[str, Any] = {}
    for name in ("ewt", "gum"):
        gold = data.treebank(folder, "dev", nlp.vocab, names=(name,))
        out[name] = scores.trees(nlp, gold, run=with_borders)
    sets = data.entity_sets(folder, "dev", nlp)
    for name in ("men", "wikigold"):
        docs = [(i.doc, [s for own in i.spans.values() for s in own]) for i in sets[name]]
        counts = spans(nlp, docs, COMMON)
        out[name] = {k: round(f1(c), 1) for k, c in counts.items()} | {"interval": interval(nlp, docs, COMMON)}
    for split in ("dev", "test"):
        docs = own_docs(split, nlp)
        counts = spans(nlp, docs, KINDS)
        out[f"own {split}"] = {k: round(f1(c), 1) for k, c in counts.items()} | {"interval": interval(nlp, docs, KINDS)}
    return out


def texts() -> list[str]:
    """Running text of our articles."""
    return [read(file).text for file in sorted((ANNOTATED / "dev").glob("*.txt"))[:40]]


def speed(pipelines: dict[str, Language]) -> dict[str, float]:
    """Words a CPU second, the median of three alternating rounds."""
    run: dict[str, list[float]] = {name: [] for name in pipelines}
    for _ in range(3):
        for name, nlp in pipelines.items():
            nlp("A warm-up sentence about the Patent Office.")
            began, words = process_time(), 0
            for text in texts():
                words += len(nlp(text))
            run[name].append(words / (process_time() - began))
    return {name: float(np.median(values)) for name, values in run.items()}


def share_outside(nlp: Language) -> float:
    """Share of the pipeline's time that is not spent in the ONNX sessions."""
    network = nlp.get_pipe("encoder").network  # type: ignore[attr-defined]
    inner, plain = 0.0, network._run

    def timed(name: str, **inputs: Any) -> Any:
        nonlocal inner
        began = perf_counter()
        out = plain(name, **inputs)
        inner += perf_counter() - began
        return out

    network._run = timed
    began = perf_counter()
    for text in texts():
        nlp(text)
    whole = perf_counter() - began
    network._run = plain
    return 1 - inner / whole


def _vectors(batch: Sequence[str]) -> list[bytes]:
    nlp = annotate.load()
    return [bytes(np.asarray(doc.tensor).tobytes()) for doc in nlp.pipe(batch)]


def equal_floats(count: int = 200) -> dict[str, bool]:
    """Whether documents read alone, in five batchings and by 1, 2 and 4 workers give the same bytes."""
    nlp = annotate.load()
    batch = [t for file in sorted(ANNOTATED.glob("*/*.txt"))[:count] for t in [read(file).text]]
    alone = [np.asarray(nlp(t).tensor).tobytes() for t in batch]
    out = {}
    for size in (2, 7, 32, 100, 200):
        found = [np.asarray(d.tensor).tobytes() for d in nlp.pipe(batch, batch_size=size)]
        out[f"batches of {size}"] = found == alone
    for workers in (1, 2, 4):
        cut = [batch[i::workers] for i in range(workers)]
        with ProcessPoolExecutor(workers) as pool:
            parts = list(pool.map(_vectors, cut))
        found = [parts[i % workers][i // workers] for i in range(len(batch))]
        out[f"{workers} workers"] = found == alone
    return out


_START = """
import time, spacy
began = time.perf_counter()
import ipgraph
ipgraph.load()("A word.")
print(round(time.perf_counter() - began, 2))
"""
_LONG = """
import resource, ipgraph
from ipgraph import annotate
doc = annotate.read("The fair opened in Porto. " * 20000, ipgraph.load())
print(len(doc), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def told(code: str) -> list[str]:
    """What a fresh interpreter prints."""
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()


def main() -> int:
    """Print everything as JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--yardstick", type=Path)
    arguments = parser.parse_args()
    pipelines = {"encoder": annotate.load()}
    if arguments.yardstick:
        pipelines["cnn"] = spacy.load(arguments.yardstick)
    rates = speed(pipelines)
    print(json.dumps({"words a CPU second": rates, "ratio": rates["encoder"] / rates.get("cnn", np.nan)}))
    print(json.dumps({"share of time outside ONNX": round(share_outside(pipelines["encoder"]), 3)}))
    for what, code in (("start-up over import spacy, s", _START), ("tokens of one text, peak MB", _LONG)):
        print(
            json.dumps(
                {what: subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout.split()}
            )
        )
    print(json.dumps({"peak MB here": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}))
    print(json.dumps({"same floats": equal_floats()}))
    if arguments.data:
        for name, nlp in pipelines.items():
            for what, found in accuracy(nlp, arguments.data).items():
                print(json.dumps({name: {what: found}}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
