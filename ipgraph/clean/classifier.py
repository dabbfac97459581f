"""The line classifier: a linear chain over the lines of a text, decoded with Viterbi. Weights ship as JSON.

`ipgraph.clean.train` makes the weights; this module needs nothing but them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ipgraph.clean.features import features
from ipgraph.clean.lines import KINDS, Raw, units, whole

CERTAIN = {
    "long list of names": "nav",
    "dated, above a picture's text": "caption",
    "credit in brackets": "credit",
    "text after a dateline": "body",
    "first of two open lines in running text": "caption",
}
"""Features that leave no doubt, and the kind they stand for; they weigh as much as `DOUBTLESS`."""

IMPOSSIBLE = {
    "cries": ("caption",),
    "long": ("title", "byline", "credit", "heading", "end"),
    "tells": ("caption",),
    "tells at length": ("nav", "dateline", "poll"),
}
"""Features that rule kinds out, as strongly: no sentence of a text may be lost for a headline or a caption."""

DOUBTLESS = 6.0
SCALE = 100
"""Weights are stored as whole numbers, so many times as large."""

WEIGHTS = "lines.json"
Array = NDArray[Any]
Found = Sequence[Sequence[str]]
"""Names of the features of each line of a text."""


@dataclass(frozen=True, slots=True)
class Model:
    """`weights[names[f], k]` speaks for kind k, `after[j, k]` for k after j, `start` and `stop` for the ends."""

    names: Mapping[str, int]
    weights: Array
    after: Array
    start: Array
    stop: Array

    def emissions(self, found: Found) -> Array:
        """What the features of each line say for each kind."""
        out = np.zeros((len(found), len(KINDS)), dtype=np.float32)
        for i, line in enumerate(found):
            known = [self.names[name] for name in line if name in self.names]
            if known:
                out[i] = self.weights[known].sum(axis=0)
            for name in CERTAIN.keys() & set(line):
                out[i, KINDS.index(CERTAIN[name])] += DOUBTLESS
            for name in IMPOSSIBLE.keys() & set(line):
                out[i, [KINDS.index(kind) for kind in IMPOSSIBLE[name]]] -= DOUBTLESS
        return out

    def best_path(self, found: Found) -> list[int]:
        """Indices of the kinds of the likeliest sequence."""
        if not found:
            return []
        emitted = self.emissions(found)
        scores = self.start + emitted[0]
        back = []
        for line in emitted[1:]:
            reached = scores[:, None] + self.after
            back.append(reached.argmax(axis=0))
            scores = reached.max(axis=0) + line
        path = [int((scores + self.stop).argmax())]
        for pointers in reversed(back):
            path.append(int(pointers[path[-1]]))
        return path[::-1]

    def kinds(self, found: Found) -> list[str]:
        """The kinds of the likeliest sequence."""
        return [KINDS[k] for k in self.best_path(found)]


def parse(data: str) -> Model:
    """The model that a JSON text holds."""
    read = json.loads(data)
    if tuple(read["kinds"]) != KINDS:
        raise ValueError("the weights were trained for other kinds of lines")
    rows = read["features"]
    after, start, stop = (np.array(read[name], dtype=np.float32) / SCALE for name in ("after", "start", "stop"))
    weights = np.array(list(rows.values()), dtype=np.float32).reshape(-1, len(KINDS)) / SCALE
    return Model({name: i for i, name in enumerate(rows)}, weights, after, start, stop)


def _whole(numbers: Array) -> Any:
    return np.rint(numbers * SCALE).astype(int).tolist()


def as_json(model: Model) -> str:
    """The model as `parse` reads it, one feature a line."""

    def compact(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    rest = (f'"{name}":{compact(_whole(getattr(model, name)))}' for name in ("after", "start", "stop"))
    rows = (f"{compact(name)}:{compact(_whole(model.weights[i]))}" for name, i in model.names.items())
    return f'{{"kinds":{compact(KINDS)},\n' + ",\n".join(rest) + ',\n"features":{\n' + ",\n".join(rows) + "}}\n"


@cache
def shipped() -> Model:
    """The model that comes with the package."""
    return parse(resources.files(__package__).joinpath(WEIGHTS).read_text(encoding="utf-8"))


def classify(lines: Sequence[Raw], model: Model | None = None) -> list[str]:
    """The kind of each line, one of `KINDS`; lines that a break by hand tore apart are judged together."""
    groups = units(lines)
    found = features([whole(group) for group in groups])
    kinds = (model or shipped()).kinds(found)
    for last in _last_captions(kinds, found):
        kinds[last] = "caption"
    return [kind for kind, group in zip(kinds, groups, strict=True) for _ in group]


_BOX = {
    "widget",
    "tag list",
    "inline related",
    "call to act",
    "media contact",
    "pipes",
    "url",
    "phone",
    "bullet",
    "hashtags",
}
"""Signs of boxes beside an article."""

_LEFT_OVER = {"after open no past", "after open unquoted"}


def _last_captions(kinds: Sequence[str], found: Found) -> Iterator[int]:
    """Lines after the last sentence that can only be captions of pictures that are gone.

    A heading with no text below it, words that end the text without a stop and tell nothing past, and a line that shows
    no sign of a box between the text and where it comes from.
    """
    text = [i for i, kind in enumerate(kinds) if kind in ("body", "heading", "about")]
    if not text or "body" not in kinds:
        return
    last = text[-1]
    if kinds[last] == "heading" or (kinds[last] == "body" and set(found[last]) >= _LEFT_OVER):
        yield last
    elif kinds[last + 1 : last + 3] in (["sidebar", "source"], ["sidebar", "end"], ["nav", "source"]):
        line = set(found[last + 1])
        if "after open" in line and not _BOX & line:
            yield last + 1
