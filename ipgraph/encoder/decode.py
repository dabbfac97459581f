"""From scores to spans and trees."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]

_OUT, _BEGIN, _INSIDE, _END, _SINGLE = range(5)
# which tag may follow which
_FOLLOWS = np.full((5, 5), -np.inf, np.float32)
for _a, _b in ((_OUT, _OUT), (_OUT, _BEGIN), (_OUT, _SINGLE), (_BEGIN, _INSIDE), (_BEGIN, _END), (_INSIDE, _INSIDE),
               (_INSIDE, _END), (_END, _OUT), (_END, _BEGIN), (_END, _SINGLE), (_SINGLE, _OUT), (_SINGLE, _BEGIN),
               (_SINGLE, _SINGLE)):  # fmt: skip
    _FOLLOWS[_a, _b] = 0.0


def log_softmax(scores: Floats) -> Floats:
    """Natural logarithms of the probabilities along the last axis."""
    top = scores - scores.max(axis=-1, keepdims=True)
    out: Floats = top - np.log(np.exp(top).sum(axis=-1, keepdims=True))
    return out


def best_tags(scores: Floats) -> Ints:
    """The best well-formed sequence of tags for each kind (Viterbi); scores (words, kinds, 5), tags (words, kinds)."""
    count, kinds = scores.shape[:2]
    best = np.full((kinds, 5), -np.inf, np.float32)
    best[:, [_OUT, _BEGIN, _SINGLE]] = scores[0][:, [_OUT, _BEGIN, _SINGLE]]
    back = np.zeros((count, kinds, 5), np.int8)
    for i in range(1, count):
        through = best[:, :, None] + _FOLLOWS
        back[i] = through.argmax(axis=1)
        best = through.max(axis=1) + scores[i]
    best[:, [_BEGIN, _INSIDE]] = -np.inf
    tags = np.zeros((count, kinds), np.int64)
    if count:
        tags[-1] = best.argmax(axis=1)
        every = np.arange(kinds)
        for i in range(count - 1, 0, -1):
            tags[i - 1] = back[i, every, tags[i]]
    return tags


def spans(tags: Ints) -> Iterator[tuple[int, int, int]]:
    """(first word, end, kind) of each span in well-formed tags (words, kinds)."""
    for kind in np.flatnonzero((tags != _OUT).any(axis=0)):
        start = 0
        for i in np.flatnonzero(tags[:, kind] != _OUT):
            tag = tags[i, kind]
            if tag in (_BEGIN, _SINGLE):
                start = int(i)
            if tag in (_END, _SINGLE):
                yield start, int(i) + 1, int(kind)


def certainty(logs: Floats, tags: Ints, start: int, end: int, kind: int) -> float:
    """The geometric mean of the probabilities of a span's tags."""
    own = logs[np.arange(start, end), kind, tags[start:end, kind]]
    return float(np.exp(own.mean()))


def heads(scores: Floats, sentence: Ints) -> Ints:
    """The best tree of each sentence: for each word its head's place, or itself for a root.

    `scores` has shape (words, words + 1), column 0 for the root; `sentence` is the number of each word's sentence,
    rising. The argmax where that is a tree with one root, else the best tree (Chu-Liu and Edmonds).
    """
    out = np.zeros(len(sentence), np.int64)
    for low, high in runs(sentence):
        own = np.concatenate([scores[low:high, :1], scores[low:high, low + 1 : high + 1]], axis=1)
        chosen = tree(own)
        out[low:high] = np.where(chosen == 0, np.arange(low, high), chosen - 1 + low)
    return out


def runs(values: Ints) -> Iterator[tuple[int, int]]:
    """Stretches of equal values."""
    cuts = [0, *(np.flatnonzero(np.diff(values)) + 1).tolist(), len(values)]
    yield from ((a, b) for a, b in pairwise(cuts) if a < b)


def tree(scores: Floats) -> Ints:
    """The best tree with one root over n words: heads count from 1, 0 is the root; scores (n, n + 1), column 0 its."""
    count = len(scores)
    full = np.full((count + 1, count + 1), -np.inf, np.float64)
    full[1:] = scores
    np.fill_diagonal(full, -np.inf)
    found = _arborescence(full)
    roots = np.flatnonzero(found[1:] == 0) + 1
    if len(roots) == 1:
        return np.asarray(found[1:], np.int64)
    candidates = []
    for root in roots:
        only = full.copy()
        only[:, 0] = -np.inf
        only[root], only[root, 0] = -np.inf, full[root, 0]
        own = _arborescence(only)
        candidates.append((only[np.arange(1, count + 1), own[1:]].sum(), -int(root), own[1:]))
    return np.asarray(max(candidates, key=lambda c: c[:2])[2], np.int64)


def _cycle(heads: Ints) -> list[int]:
    """The words (from 1) of one cycle, empty if there is none; `heads` without the root."""
    state = np.zeros(len(heads) + 1, np.int8)
    state[0] = 2
    for begin in range(1, len(heads) + 1):
        path = []
        at = begin
        while state[at] == 0:
            state[at] = 1
            path.append(at)
            at = int(heads[at - 1])
        if state[at] == 1:
            return path[path.index(at) :]
        state[path] = 2
    return []


def _arborescence(scores: NDArray[np.float64]) -> Ints:
    """The best arborescence from node 0 (Chu and Liu, 1965; Edmonds, 1967); scores[dependent, head]."""
    count = len(scores)
    best: Ints = scores.argmax(axis=1)
    best[0] = 0
    cycle = _cycle(best[1:])
    if not cycle:
        return best
    inside = np.zeros(count, bool)
    inside[cycle] = True
    outer = np.flatnonzero(~inside)
    size = len(outer)
    small = np.full((size + 1, size + 1), -np.inf)
    small[:size, :size] = scores[np.ix_(outer, outer)]
    members = np.array(cycle)
    kept = scores[members, best[members]]
    # into the cycle: what breaking it at a member costs
    into = scores[np.ix_(members, outer)] - kept[:, None]
    small[size, :size] = into.max(axis=0)
    entry = members[into.argmax(axis=0)]
    out_of = scores[np.ix_(outer, members)]
    small[:size, size] = out_of.max(axis=1)
    leaving = members[out_of.argmax(axis=1)]
    small[0] = -np.inf
    np.fill_diagonal(small, -np.inf)
    solved = _arborescence(small)
    result: Ints = best.copy()
    for i in range(1, size):
        result[outer[i]] = leaving[i] if solved[i] == size else outer[solved[i]]
    came = int(solved[size])
    result[entry[came]] = outer[came]
    return result
