"""The line classifier: a linear chain over the lines of a text, decoded with Viterbi. Weights ship as JSON.

`ipgraph.clean.train` makes the weights; this module needs nothing but them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ipgraph.clean.features import features
from ipgraph.clean.lines import KINDS, Raw, units, whole

CERTAIN = {
    "long list of names": "nav",
    "dated, above a picture's text": "caption",
    "credit in brackets": "credit",
}
"""Features that leave no doubt, and the kind they stand for; they weigh as much as `DOUBTLESS`."""

DOUBTLESS = 6.0

Row = tuple[float, ...]
WEIGHTS = "lines.json"


@dataclass(frozen=True, slots=True)
class Model:
    """`features[name][k]` speaks for kind k, `transitions[j][k]` for k after j, `start` and `stop` for the ends."""

    features: dict[str, Row]
    transitions: tuple[Row, ...]
    start: Row
    stop: Row

    @classmethod
    def parse(cls, data: str) -> Model:
        """The model that a JSON text holds."""
        read = json.loads(data)
        if tuple(read["kinds"]) != KINDS:
            raise ValueError("the weights were trained for other kinds of lines")
        return cls(
            {name: tuple(row) for name, row in read["features"].items()},
            tuple(tuple(row) for row in read["transitions"]),
            tuple(read["start"]),
            tuple(read["stop"]),
        )


@cache
def shipped() -> Model:
    """The model that comes with the package."""
    return Model.parse(resources.files(__package__).joinpath(WEIGHTS).read_text(encoding="utf-8"))


def _emissions(model: Model, found: Sequence[str]) -> list[float]:
    rows = [row for name in found if (row := model.features.get(name))]
    out = [sum(column) for column in zip(*rows, strict=True)] if rows else [0.0] * len(KINDS)
    for name in CERTAIN.keys() & set(found):
        out[KINDS.index(CERTAIN[name])] += DOUBTLESS
    return out


def best_path(model: Model, found: Sequence[Sequence[str]]) -> list[int]:
    """Indices of the kinds of the likeliest sequence, given the features of each line."""
    if not found:
        return []
    count = range(len(KINDS))
    columns = list(zip(*model.transitions, strict=True))
    scores = [s + e for s, e in zip(model.start, _emissions(model, found[0]), strict=True)]
    back: list[list[int]] = []
    for line in found[1:]:
        emitted = _emissions(model, line)
        reached = [[s + t for s, t in zip(scores, columns[k], strict=True)] for k in count]
        back.append([r.index(max(r)) for r in reached])
        scores = [max(reached[k]) + emitted[k] for k in count]
    ends = [s + e for s, e in zip(scores, model.stop, strict=True)]
    path = [ends.index(max(ends))]
    for pointers in reversed(back):
        path.append(pointers[path[-1]])
    return path[::-1]


def classify(lines: Sequence[Raw], model: Model | None = None) -> list[str]:
    """The kind of each line, one of `KINDS`; lines that a break by hand tore apart are judged together."""
    groups = units(lines)
    kinds = [KINDS[k] for k in best_path(model or shipped(), features([whole(group) for group in groups]))]
    if (last := _last_heading(kinds)) is not None:
        kinds[last] = "caption"
    return [kind for kind, group in zip(kinds, groups, strict=True) for _ in group]


def _last_heading(kinds: Sequence[str]) -> int | None:
    """A heading with no text below it, which can only be the caption of a picture that is gone."""
    text = [i for i, kind in enumerate(kinds) if kind in ("body", "heading", "about")]
    return text[-1] if text and kinds[text[-1]] == "heading" and "body" in kinds else None
