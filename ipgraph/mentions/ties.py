"""The encoder's scores of all pairs of an article's mentions that stand near each other, part by part."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ipgraph.annotate import Annotated, PartDoc
from ipgraph.encoder.model import Floats, Network
from ipgraph.encoder.pairs import ALLOWED, INDEX, KINDS, MODES, Pairs
from ipgraph.encoder.ties import TieReader
from ipgraph.mentions.spans import Span

LEAST = 0.05
"""Ties below this probability are left out."""


@dataclass(frozen=True, slots=True)
class PartTies:
    """The scores of one part. A mention is a tuple of spans at one place, one for each thing that it stands for;
    `pairs.head` and `pairs.tail` are places in `mentions`; `scores` has shape (pairs, labels).
    """

    part: PartDoc
    mentions: tuple[tuple[Span, ...], ...]
    pairs: Pairs
    scores: Floats

    def tied(self, label: str) -> Iterator[tuple[int, int, float]]:
        """(head, tail, probability) of the pairs that may bear a label."""
        column = self.scores[:, INDEX[label]]
        for at in np.flatnonzero(column >= LEAST).tolist():
            yield int(self.pairs.head[at]), int(self.pairs.tail[at]), float(column[at])


def inside(part: PartDoc, span: Span) -> bool:
    """Whether a span lies in this Doc."""
    return part.part == span.part and part.start <= span.start and span.end <= part.end


def score(annotated: Annotated, network: Network, spans: Sequence[Span]) -> Iterator[PartTies]:
    """The scores of all parts that have a pair to score."""
    for part in annotated.parts():
        found = _part(part, network, [s for s in spans if inside(part, s)])
        if found is not None:
            yield found


def _part(part: PartDoc, network: Network, spans: Sequence[Span]) -> PartTies | None:
    places: dict[tuple[int, int, str], list[Span]] = defaultdict(list)
    for s in spans:
        if s.entity is not None or s.kind in ("TITLE", "DATE"):
            places[s.start, s.end, s.kind].append(s)
    reader = TieReader(network, part.doc)
    mentions, marks = [], []
    for (start, end, kind), own in places.items():
        mode = MODES.index(own[0].mode)
        mark = reader.marked(start - part.start, end - part.start, KINDS.index(kind), mode)
        if mark is not None:
            mentions.append(tuple(own))
            marks.append(mark)
    pairs, scores = reader.scores(marks, same=False)
    if not len(pairs):
        return None
    scores = _outer(mentions, pairs, scores)
    kinds = np.array([m.kind for m in marks])
    return PartTies(part, tuple(mentions), pairs, scores * ALLOWED[kinds[pairs.head], kinds[pairs.tail]])


_POSITIONS = [INDEX[label] for label in ("TITLE_BODY", "HOLDS_POSITION")]


def _outer(mentions: Sequence[tuple[Span, ...]], pairs: Pairs, scores: Floats) -> Floats:
    """The scores without positions in a place that stands only inside a body's name: they are held in the body."""
    bodies = [own[0] for own in mentions if own[0].kind == "Organization"]
    inner = np.array([own[0].kind == "Place" and any(b.holds(own[0]) for b in bodies) for own in mentions], bool)
    scores = scores.copy()
    for label in _POSITIONS:
        scores[inner[pairs.tail], label] = 0.0
    return scores
