"""Ties between the mentions of one Doc, by what the encoder left in `doc.tensor`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from spacy.tokens import Doc

from ipgraph.encoder.component import line_starts
from ipgraph.encoder.model import Floats, Network
from ipgraph.encoder.pairs import Marked, Pairs, candidates
from ipgraph.encoder.pieces import Ints, breaks, stops


@dataclass(frozen=True)
class TieReader:
    """Scores pairs of mentions of one Doc, which the encoder must have read."""

    network: Network
    doc: Doc

    @cached_property
    def _tokens(self) -> list[int]:
        return [t.i for t in self.doc if not t.is_space]

    @cached_property
    def _place(self) -> Ints:
        """For each token, and one past the last, how many words stand before it."""
        solid = np.array([not t.is_space for t in self.doc], np.int64)
        return np.concatenate([[0], solid.cumsum()])

    @cached_property
    def _breaks(self) -> Ints:
        return breaks(line_starts(self.doc), stops([self.doc[i].text for i in self._tokens]))

    def marked(self, start: int, end: int, kind: int, mode: int) -> Marked | None:
        """A mention by its characters in the Doc; None where no word is there."""
        span = self.doc.char_span(start, end, alignment_mode="expand")
        if span is None:
            return None
        low, high = int(self._place[span.start]), int(self._place[span.end])
        return Marked(low, high, kind, mode) if low < high else None

    def scores(self, mentions: Sequence[Marked], *, same: bool) -> tuple[Pairs, Floats]:
        """The pairs that may be tied and the probabilities (pairs, labels)."""
        found = candidates(mentions, self._breaks, same=same)
        return found, self.network.pair_scores(np.asarray(self.doc.tensor, np.float32)[self._tokens], mentions, found)
