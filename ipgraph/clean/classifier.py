"""The line classifier: linear chains over the lines of a text, decoded with Viterbi. Weights ship as JSON.

The first chain sees the lines; the second sees them again with the kinds that the first gave them all.
`ipgraph.clean.train` makes the weights; this module needs nothing but them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ipgraph.clean.features import features, given_kinds
from ipgraph.clean.lines import KINDS, Raw, units, whole

CERTAIN = {
    "long list of names": "nav",
    "dated, above a picture's text": "caption",
    "credit in brackets": "credit",
    "text after a dateline": "body",
}
"""Features that leave no doubt, and the kind they stand for; they weigh as much as `DOUBTLESS`."""

DOUBTLESS = 6.0
SCALE = 100
"""Weights are stored as whole numbers, so many times as large."""

WEIGHTS = "lines.json"
Array = NDArray[Any]
Found = Sequence[Sequence[str]]
"""Names of the features of each line of a text."""


@dataclass(frozen=True, slots=True)
class Chain:
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


@dataclass(frozen=True, slots=True)
class Model:
    """The chains, each but the first shown the kinds that the one before it gave."""

    chains: tuple[Chain, ...]

    def kinds(self, found: Found) -> list[str]:
        """The kind of each line."""
        out = self.chains[0].kinds(found)
        for chain in self.chains[1:]:
            out = chain.kinds(informed(found, out))
        return out


def informed(found: Found, kinds: Sequence[str]) -> list[list[str]]:
    """The features of each line with those that kinds given before add."""
    return [[*line, *more] for line, more in zip(found, given_kinds(kinds), strict=True)]


def parse(data: str) -> Model:
    """The model that a JSON text holds."""
    read = json.loads(data)
    if tuple(read["kinds"]) != KINDS:
        raise ValueError("the weights were trained for other kinds of lines")
    return Model(tuple(_chain(chain) for chain in read["chains"]))


def _chain(read: Mapping[str, Any]) -> Chain:
    rows = read["features"]
    after, start, stop = (np.array(read[name], dtype=np.float32) / SCALE for name in ("after", "start", "stop"))
    weights = np.array(list(rows.values()), dtype=np.float32).reshape(-1, len(KINDS)) / SCALE
    return Chain({name: i for i, name in enumerate(rows)}, weights, after, start, stop)


def as_json(model: Model) -> str:
    """The model as `parse` reads it, one feature a line."""
    chains = ",\n".join(map(_chain_json, model.chains))
    return f'{{"kinds": {json.dumps(KINDS)},\n"chains": [\n{chains}\n]}}\n'


def _whole(numbers: Array) -> Any:
    return np.rint(numbers * SCALE).astype(int).tolist()


def _chain_json(chain: Chain) -> str:
    def compact(value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    rest = (f'"{name}": {compact(_whole(getattr(chain, name)))}' for name in ("after", "start", "stop"))
    rows: Iterable[str] = (f"{compact(name)}:{compact(_whole(chain.weights[i]))}" for name, i in chain.names.items())
    return "{" + ",\n".join(rest) + ',\n"features": {\n' + ",\n".join(rows) + "}}"


@cache
def shipped() -> Model:
    """The model that comes with the package."""
    return parse(resources.files(__package__).joinpath(WEIGHTS).read_text(encoding="utf-8"))


def classify(lines: Sequence[Raw], model: Model | None = None) -> list[str]:
    """The kind of each line, one of `KINDS`; lines that a break by hand tore apart are judged together."""
    groups = units(lines)
    kinds = (model or shipped()).kinds(features([whole(group) for group in groups]))
    if (last := _last_heading(kinds)) is not None:
        kinds[last] = "caption"
    return [kind for kind, group in zip(kinds, groups, strict=True) for _ in group]


def _last_heading(kinds: Sequence[str]) -> int | None:
    """A heading with no text below it, which can only be the caption of a picture that is gone."""
    text = [i for i, kind in enumerate(kinds) if kind in ("body", "heading", "about")]
    return text[-1] if text and kinds[text[-1]] == "heading" and "body" in kinds else None
