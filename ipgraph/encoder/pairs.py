"""Pairs of mentions that may be tied, and what is known of a pair beside the words: the input of the pair scorer.

A label of a pair is a relationship type, with its role or status where it has one, or a tie that facts are put
together from: a title and who holds it, a title and the body it is held in, a date and its event, a pronoun or
nominal and what it stands for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

LABELS = (
    "ATTENDED:attendee", "ATTENDED:speaker", "ATTENDED:presider", "ATTENDED:presenter", "ATTENDED:honoree",
    "ATTENDED:exhibitor", "ATTENDED:online", "ORGANIZED:host", "ORGANIZED:organizer", "ORGANIZED:sponsor",
    "HOLDS_POSITION", "PART_OF", "LOCATED_IN", "HELD_IN", "OWNS_BRAND", "RECEIVED:won", "RECEIVED:nominated",
    "COOPERATES_WITH", "TITLE_PERSON", "TITLE_BODY", "DATE_EVENT", "SAME",
)  # fmt: skip
"""What the pair scorer tells apart, in the order of its output."""
INDEX = {label: i for i, label in enumerate(LABELS)}

KINDS = ("Person", "Organization", "Brand", "Event", "Place", "Award", "TITLE", "DATE")
MODES = ("name", "nominal", "pronoun")
KIND_MODES = len(KINDS) * len(MODES)
UNTIED = KINDS.index("DATE"), MODES.index("pronoun")
"""Kind and mode of a pronoun before it is known what it stands for: no date is a pronoun, so the place is free."""

PRONOUNS = frozenset("he she him her his hers himself herself they them their theirs themselves it its itself".split())
"""The third person, which alone can stand for something that the text names."""

NEAR = 5
"""Most sentence ends and line ends between two mentions of which a fact is read."""
NEAR_SAME = 12
"""The same between a pronoun or nominal and what it stands for."""

DISTANCES = 20
STOPS = 8
BETWEEN = 16

_ACTOR = ("Person", "Organization")
_BODY = ("Organization", "Place")
_ENDS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ATTENDED": (_ACTOR, ("Event",)),
    "ORGANIZED": (_ACTOR, ("Event",)),
    "HOLDS_POSITION": (("Person",), _BODY),
    "LOCATED_IN": (("Organization", "Brand", "Place"), ("Place",)),
    "HELD_IN": (("Event",), ("Place",)),
    "OWNS_BRAND": (_BODY, ("Brand",)),
    "RECEIVED": (("Person", "Organization", "Brand", "Place"), ("Award",)),
    "COOPERATES_WITH": (("Organization",), ("Organization",)),
    "TITLE_PERSON": (("TITLE",), ("Person",)),
    "TITLE_BODY": (("TITLE",), _BODY),
    "DATE_EVENT": (("DATE",), ("Event",)),
}


def _allowed() -> NDArray[np.bool_]:
    table = np.zeros((len(KINDS), len(KINDS), len(LABELS)), dtype=bool)
    for i, head in enumerate(KINDS):
        for j, tail in enumerate(KINDS):
            for n, label in enumerate(LABELS):
                base = label.partition(":")[0]
                if base == "PART_OF":
                    table[i, j, n] = head == tail and head in ("Organization", "Event")
                elif base == "SAME":
                    table[i, j, n] = head == tail and head in ("Person", "Organization", "Event")
                else:
                    heads, tails = _ENDS[base]
                    table[i, j, n] = head in heads and tail in tails
    return table


ALLOWED = _allowed()
"""`ALLOWED[head kind, tail kind, label]`: the hard limits of the schema."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A mention in a list of words: words `start` to `end` (exclusive), the place of its kind in KINDS, its mode."""

    start: int
    end: int
    kind: int
    mode: int = 0

    @property
    def kind_mode(self) -> int:
        """One number for both."""
        return self.kind * len(MODES) + self.mode


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs (head, tail) of mentions, all arrays of one length: places in the list of mentions, the buckets of how far
    apart they are, of what ends between them, of how many mentions of either kind stand between them, and the stretch
    of words between (empty where they touch or nest).
    """

    head: Ints
    tail: Ints
    distance: Ints
    ends: Ints
    between: Ints
    low: Ints
    high: Ints

    def __len__(self) -> int:
        return len(self.head)


def untied(mentions: Sequence[Marked]) -> list[Marked]:
    """The mentions with their pronouns as they are before they are tied to anything."""
    return [replace(m, kind=UNTIED[0]) if m.mode == UNTIED[1] else m for m in mentions]


def candidates(mentions: Sequence[Marked], breaks: Ints, *, same: bool) -> Pairs:
    """The pairs to score. `breaks[i]` counts the sentence and line ends before word i.

    With `same`, a nominal is paired with the names and nominals of its kind before it, an untied pronoun with those of
    persons, organizations and events; without, all pairs whose kinds some other label allows.
    """
    count = len(mentions)
    if count < 2:
        return _features(mentions, breaks, *(np.zeros(0, np.int64),) * 2)
    start = np.array([m.start for m in mentions])
    kind = np.array([m.kind for m in mentions])
    mode = np.array([m.mode for m in mentions])
    gap = breaks[start][:, None] - breaks[start][None, :]
    if same:
        named = np.isin(kind, [KINDS.index(k) for k in ("Person", "Organization", "Event")])
        fits = (kind[:, None] == kind[None, :]) | (mode == UNTIED[1])[:, None]
        chosen = (mode > 0)[:, None] & named[None, :] & fits & (start[:, None] > start[None, :]) & (gap <= NEAR_SAME)
    else:
        rest: NDArray[np.bool_] = np.any(ALLOWED[:, :, : INDEX["SAME"]], axis=2)
        tied = (kind != UNTIED[0]) | (mode != UNTIED[1])
        fits = rest[kind[:, None], kind[None, :]]
        chosen = fits & (np.abs(gap) <= NEAR) & tied[:, None] & tied[None, :]
        np.fill_diagonal(chosen, False)
    head, tail = np.nonzero(chosen)
    return _features(mentions, breaks, head, tail)


def _features(mentions: Sequence[Marked], breaks: Ints, head: Ints, tail: Ints) -> Pairs:
    start = np.array([m.start for m in mentions], np.int64)
    end = np.array([m.end for m in mentions], np.int64)
    kind = np.array([m.kind for m in mentions], np.int64)
    low = np.minimum(end[head], end[tail])
    high = np.maximum(start[head], start[tail])
    apart = np.maximum(high - low, -1)
    distance = np.digitize(apart, (0, 1, 2, 3, 4, 8, 16, 32, 64)) + 10 * (start[head] > start[tail])
    ends = np.minimum(np.abs(breaks[start[head]] - breaks[start[tail]]), STOPS - 1)
    # mentions of a kind that begin before each word, so that those between two places are a difference
    size = len(breaks) + 1
    counts = np.zeros((len(KINDS), size + 1), np.int64)
    np.add.at(counts, (kind, start + 1), 1)
    counts = counts.cumsum(axis=1)
    low_, high_ = np.minimum(low, size), np.minimum(np.maximum(high, low), size)
    own = np.minimum(counts[kind[head], high_] - counts[kind[head], low_], 3)
    other = np.minimum(counts[kind[tail], high_] - counts[kind[tail], low_], 3)
    return Pairs(head, tail, distance, ends, own * 4 + other, low, np.maximum(high, low))


def maxima(values: Floats, low: Ints, high: Ints) -> Floats:
    """Elementwise maximum of `values[low:high]` for each pair, zeros where that is empty; values have shape (words, n).

    A sparse table (Bender and Farach-Colton, 2000): two overlapping stretches of a power of two cover any stretch.
    """
    out = np.zeros((len(low), values.shape[1]), np.float32)
    length = high - low
    table, width = values, 1
    while True:
        here = (length >= width) & (length < 2 * width)
        if here.any():
            out[here] = np.maximum(table[low[here]], table[high[here] - width])
        if 2 * width > len(values) or not (length >= 2 * width).any():
            return out
        table = np.maximum(table[: len(table) - width], table[width:])
        width *= 2
