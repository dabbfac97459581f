"""The trained network at run time: ONNX sessions and the classes of their outputs. Can be pickled."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnxruntime import InferenceSession, SessionOptions  # type: ignore[import-untyped]
from tokenizers import Tokenizer

from ipgraph.encoder import decode
from ipgraph.encoder.pairs import Marked, Pairs, maxima
from ipgraph.encoder.pieces import Ints, cut, windows

Floats = NDArray[np.float32]

FILES = ("reader.onnx", "labels.onnx", "contexts.onnx", "pairs.onnx", "tokenizer.json", "classes.json")
COLUMNS = ("xpos", "upos", "feats", "lemma")
_STRETCH, _PAIRS = 256, 16384
"""Words whose labels, and pairs whose scores, are read at once: what that needs in memory grows with them."""
_CLS, _SEP, _UNKNOWN = 101, 102, 100


@dataclass(frozen=True, slots=True)
class Reading:
    """What the network says of a list of words: a vector each, the class of each tag column, the margin by which it
    opens a sentence, the logarithms of the probabilities of span tags (words, kinds, 5), and the arc scores of each
    window (first word, scores of shape (words, words + 1)).
    """

    words: Floats
    columns: dict[str, Ints]
    border: Floats
    spans: Floats
    arcs: list[tuple[int, Floats]]


class Network:
    """The network. One window is one run, since dynamic int8 scales over a whole batch: the same window always gives
    the same numbers, on one kind of CPU, whatever else is read.
    """

    def __init__(self, files: dict[str, bytes], threads: int = 1) -> None:
        """Raises ValueError where a file is missing."""
        if missing := sorted(set(FILES) - set(files)):
            raise ValueError(f"the encoder lacks {', '.join(missing)}")
        self.files, self.threads = files, threads
        known = json.loads(files["classes.json"])
        self.calibration: dict[str, tuple[float, float]] = known.pop("calibration", {})
        self.classes: dict[str, list[str]] = known
        self.cutter = Tokenizer.from_str(files["tokenizer.json"].decode())
        self._sessions: dict[str, InferenceSession] = {}

    @classmethod
    def from_folder(cls, folder: Path, threads: int = 1) -> Network:
        """Read the files of a folder; raises OSError where one cannot be read."""
        return cls({name: (folder / name).read_bytes() for name in FILES}, threads)

    def to_folder(self, folder: Path) -> None:
        """Write the files."""
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in self.files.items():
            (folder / name).write_bytes(content)

    def __getstate__(self) -> dict[str, Any]:
        return {"files": self.files, "threads": self.threads}  # sessions cannot be pickled

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["files"], state["threads"])  # type: ignore[misc]

    def _run(self, name: str, **inputs: NDArray[Any]) -> list[NDArray[Any]]:
        session = self._sessions.get(name)
        if session is None:
            options = SessionOptions()
            options.intra_op_num_threads = self.threads
            options.log_severity_level = 3
            session = InferenceSession(self.files[name], options, providers=["CPUExecutionProvider"])
            self._sessions[name] = session
        return list(session.run(None, inputs))

    def read(self, words: Sequence[str], line_starts: Sequence[bool], ends: Sequence[bool]) -> Reading:
        """Read the words (at least one) window by window; `ends` says where a cut is least harmful."""
        pieces = cut(words, line_starts, self.cutter, _UNKNOWN)
        found: list[list[NDArray[Any]]] = []
        arcs: list[tuple[int, Floats]] = []
        for start, stop in windows(pieces.first, line_starts, ends):
            low, high = pieces.first[start], pieces.first[stop]
            ids = np.concatenate([[_CLS], pieces.ids[low:high], [_SEP]])
            cases = np.concatenate([[0], pieces.cases[low:high], [0]])
            out = self._run("reader.onnx", ids=ids, cases=cases, first=pieces.first[start:stop] - low + 1)
            arcs.append((start, out.pop()))
            found.append(out)
        parts = [np.concatenate(column) for column in zip(*found, strict=True)]
        return Reading(parts[0], dict(zip(COLUMNS, parts[1:5], strict=True)), parts[5], parts[6], arcs)

    def labels(self, words: Floats, heads: Ints, sentence: Ints) -> Ints:
        """The class of each word's dependency label; a root is its own head. Read some sentences at a time."""
        out = np.zeros(len(heads), np.int64)
        places = np.where(heads == np.arange(len(heads)), -1, heads)
        start = 0
        for _, high in decode.runs(sentence):
            if high - start >= _STRETCH or high == len(heads):
                local = np.where(places[start:high] < 0, 0, places[start:high] - start + 1)
                out[start:high] = self._run("labels.onnx", words=words[start:high], heads=local)[0]
                start = high
        return out

    def pair_scores(self, words: Floats, mentions: Sequence[Marked], found: Pairs) -> Floats:
        """Probabilities (pairs, labels) of the labels of these pairs."""
        if not len(found):
            return np.zeros((0, len(self.classes["pairs"])), np.float32)
        contexts = self._run("contexts.onnx", words=words)[0]
        spans: dict[str, NDArray[Any]] = {
            "words": words,
            "start": np.array([m.start for m in mentions], np.int64),
            "last": np.array([m.end - 1 for m in mentions], np.int64),
            "kind": np.array([m.kind_mode for m in mentions], np.int64),
        }
        parts = []
        for low in range(0, len(found), _PAIRS):
            own = slice(low, low + _PAIRS)
            between = maxima(contexts, found.low[own], found.high[own])
            pairs: dict[str, NDArray[Any]] = {"head": found.head[own], "tail": found.tail[own], "between": between}
            counts = {"distance": found.distance[own], "ends": found.ends[own], "counts": found.between[own]}
            parts.append(self._run("pairs.onnx", **spans, **pairs, **counts)[0])
        return np.concatenate(parts)

    def calibrated(self, label: str, score: float) -> float:
        """The probability that a fact with this score is right, by logistic calibration (Platt, 1999) on held-out data;
        the score itself where the label has none.
        """
        known = self.calibration.get(label)
        if known is None:
            return score
        slope, offset = known
        score = min(max(score, 1e-6), 1 - 1e-6)
        return _logistic(slope * math.log(score / (1 - score)) + offset)


def _logistic(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x))


def tree(reading: Reading, sentence: Ints) -> Ints:
    """The head of each word, itself for a root; `sentence` numbers the sentences, rising.

    A sentence that did not fit one window is read piece by piece; the later pieces hang on the root of the first.
    """
    out = np.arange(len(sentence))
    for start, scores in reading.arcs:
        stop = start + len(scores)
        out[start:stop] = decode.heads(scores, sentence[start:stop]) + start
    roots = np.flatnonzero(out == np.arange(len(out)))
    first: dict[int, int] = {}
    for root in roots.tolist():
        number = int(sentence[root])
        out[root] = first.setdefault(number, root)
    return out
