"""From trained weights to the ONNX files that the component reads, the large one with int8 weights."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

import onnx
import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from torch import Tensor, nn

from ipgraph.encoder import pairs

from .network import CONTEXT, WIDTH, Network, Sizes

OPSET = 17
READER, LABELS, CONTEXTS, PAIRS = "reader.onnx", "labels.onnx", "contexts.onnx", "pairs.onnx"


class Reader(nn.Module):
    """One window: pieces to word vectors, classes, border and span scores, arcs."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: Tensor, cases: Tensor, first: Tensor) -> tuple[Tensor, ...]:
        """`ids` and `cases` (P,), `first` (W,)."""
        net = self.network
        words = net.encoder(ids[None], cases[None])[0][first]
        columns = [getattr(net, name)(words).argmax(-1) for name in ("xpos", "upos", "feats", "lemma")]
        border = net.border(words)
        spans = net.span_scores(words).log_softmax(-1)
        return words, *columns, border[:, 1] - border[:, 0], spans, net.arcs(words[None])[0]


class LabelReader(nn.Module):
    """The label of each word, given the place of its head among words (0 the root, else the word before it counted)."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, words: Tensor, heads: Tensor) -> Tensor:
        """Classes (W,) of words (W, WIDTH)."""
        full = self.network.arcs.heads(words[None])[0]
        out: Tensor = self.network.labels(words, full[heads]).argmax(-1)
        return out


class ContextReader(nn.Module):
    """What is pooled between mentions."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, words: Tensor) -> Tensor:
        """(W, CONTEXT) of words (W, WIDTH)."""
        return self.network.pairs.contexts(words)


class PairReader(nn.Module):
    """Scores of pairs of mentions."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, words: Tensor, start: Tensor, last: Tensor, kind: Tensor, head: Tensor, tail: Tensor, between: Tensor,
        distance: Tensor, ends: Tensor, counts: Tensor,
    ) -> Tensor:  # fmt: skip
        """Probabilities (N, labels)."""
        scorer = self.network.pairs
        mentions = scorer.mentions(words, start, last, kind)
        out: Tensor = scorer(mentions, head, tail, between, distance, ends, counts)
        return out.sigmoid()


def _numbers(*values: int) -> Tensor:
    return torch.tensor(values, dtype=torch.long)


def _save(module: nn.Module, inputs: tuple[Tensor, ...], names: list[str], outputs: list[str], axes: dict[str, str],
          path: Path) -> None:  # fmt: skip
    module.eval()
    dynamic = {name: {0: axis} for name, axis in axes.items()}
    if "arcs" in outputs:
        dynamic["arcs"] = {0: "words", 1: "heads"}
    torch.onnx.export(
        module, inputs, str(path), input_names=names, output_names=outputs, dynamic_axes=dynamic, opset_version=OPSET,
        dynamo=False,
    )  # fmt: skip


def export(network: Network, folder: Path) -> None:
    """Write the four files."""
    network.eval()
    words = torch.randn(7, WIDTH)
    with TemporaryDirectory() as scratch:
        plain = Path(scratch) / READER
        _save(
            Reader(network),
            (torch.randint(1000, 2000, (12,)), torch.zeros(12, dtype=torch.long), _numbers(1, 2, 4, 5, 7, 8, 9)),
            ["ids", "cases", "first"],
            ["words", "xpos", "upos", "feats", "lemma", "border", "spans", "arcs"],
            {"ids": "pieces", "cases": "pieces"}
            | dict.fromkeys(("first", "words", "xpos", "upos", "feats", "lemma", "border", "spans"), "words"),
            plain,
        )
        quantize_dynamic(plain, folder / READER, weight_type=QuantType.QInt8, op_types_to_quantize=["MatMul", "Gather"],
                         per_channel=True, reduce_range=False, nodes_to_exclude=_heads(plain))  # fmt: skip
    _save(LabelReader(network), (words, _numbers(0, 1, 2, 3, 4, 5, 6)), ["words", "heads"], ["labels"],
          {"words": "words", "heads": "words", "labels": "words"}, folder / LABELS)  # fmt: skip
    _save(ContextReader(network), (words,), ["words"], ["contexts"], {"words": "words", "contexts": "words"},
          folder / CONTEXTS)  # fmt: skip
    two = _numbers(0, 1)
    _save(
        PairReader(network),
        (
            words,
            _numbers(0, 2, 4),
            _numbers(1, 3, 4),
            _numbers(0, 3, 6),
            two,
            two,
            torch.randn(2, CONTEXT),
            two,
            two,
            two,
        ),
        ["words", "start", "last", "kind", "head", "tail", "between", "distance", "ends", "counts"],
        ["scores"],
        {"words": "words", "start": "mentions", "last": "mentions", "kind": "mentions"}
        | dict.fromkeys(("head", "tail", "between", "distance", "ends", "counts", "scores"), "pairs"),
        folder / PAIRS,
    )


def _heads(path: Path) -> list[str]:
    """The nodes of the heads, whose weights stay as they are: they are small, and their scores are what counts."""
    graph = onnx.load(path).graph
    return [n.name for n in graph.node if n.op_type in ("MatMul", "Gather") and "/encoder/" not in n.name]


def load(folder: Path) -> tuple[Network, dict[str, tuple[str, ...]]]:
    """A checkpoint: the network and its classes."""
    classes = json.loads((folder / "classes.json").read_text())
    network = Network(Sizes(**classes.pop("sizes")))
    network.load_state_dict(torch.load(folder / "weights.pt"))
    return network, {name: tuple(values) for name, values in classes.items()}


def settings(classes: dict[str, tuple[str, ...]], span_labels: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    """What the component must know beside the weights."""
    return classes | {"spans": span_labels, "pairs": pairs.LABELS}
