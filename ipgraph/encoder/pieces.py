"""From words to what the encoder reads: word pieces, the case of each, and windows that fit it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

WINDOW = 192
"""Most pieces of a window, the two marks at its ends left out."""
WORD = 12
"""Most pieces of a word; what a longer one (a URL) has beyond is not read."""
CASES = 14
"""Number of case classes: seven shapes of a word, each in the middle and at the start of a line."""

_STOP = re.compile(r"[.!?…]+|[。！？]")
_CLOSER = frozenset("\"”’')]}»")


class Cutter(Protocol):
    """What cuts words into pieces: `tokenizers.Tokenizer`."""

    def encode(
        self, sequence: Sequence[str], *, is_pretokenized: bool = False, add_special_tokens: bool = True
    ) -> object: ...


def shape(word: str) -> int:
    """The case class of a word: 0 no letter, 1 lower, 2 Title, 3 one capital, 4 UPPER, 5 mIxed, 6 with a digit."""
    if any(c.isdigit() for c in word):
        return 6
    letters = [c for c in word if c.isalpha()]
    if not letters:
        return 0
    if all(c.islower() or not c.isupper() for c in letters):
        return 1
    if len(letters) == 1:
        return 3
    if all(c.isupper() for c in letters):
        return 4
    if letters[0].isupper() and not any(c.isupper() for c in letters[1:]):
        return 2
    return 5


@dataclass(frozen=True, slots=True)
class Cut:
    """Words cut into pieces: `ids` and `cases` of all pieces, and `first[i]`, where the pieces of word i begin.

    `first` has one entry more than there are words: the number of pieces.
    """

    ids: Ints
    cases: Ints
    first: Ints


def cut(words: Sequence[str], line_starts: Sequence[bool], cutter: Cutter, unknown: int) -> Cut:
    """The pieces of these words. A word that leaves no piece (a control character) becomes the unknown piece."""
    encoded = cutter.encode(list(words), is_pretokenized=True, add_special_tokens=False)
    pieces: list[list[int]] = [[] for _ in words]
    for word, piece in zip(encoded.word_ids, encoded.ids, strict=True):  # type: ignore[attr-defined]
        if len(pieces[word]) < WORD:
            pieces[word].append(piece)
    ids: list[int] = []
    cases: list[int] = []
    first = [0]
    for word, opens, own in zip(words, line_starts, pieces, strict=True):
        own = own or [unknown]
        ids += own
        cases += [shape(word) + (7 if opens else 0)] * len(own)
        first.append(len(ids))
    return Cut(np.array(ids, np.int64), np.array(cases, np.int64), np.array(first, np.int64))


def stops(words: Sequence[str]) -> list[bool]:
    """Whether each word may end a sentence: a stop, or what closes a quotation or bracket right behind one."""
    out: list[bool] = []
    for word in words:
        out.append(bool(_STOP.fullmatch(word)) or (word in _CLOSER and bool(out) and out[-1]))
    return out


def windows(
    first: Ints, line_starts: Sequence[bool], ends: Sequence[bool], size: int = WINDOW
) -> list[tuple[int, int]]:
    """Stretches of words that fit the encoder, each as long as it can be and cut where a reader would pause.

    That is before a line, else after a stop, else anywhere; a cut that would leave a window less than a third full
    is passed over for the next weaker kind. `ends` is what `stops` gives.
    """
    out: list[tuple[int, int]] = []
    start, count = 0, len(line_starts)
    while start < count:
        stop = int(np.searchsorted(first, first[start] + size, side="right")) - 1
        stop = max(stop, start + 1)
        if stop < count:
            least = int(np.searchsorted(first, first[start] + size // 3))
            stop = _pause(start, stop, least, line_starts, ends)
        out.append((start, min(stop, count)))
        start = out[-1][1]
    return out


def _pause(start: int, stop: int, least: int, line_starts: Sequence[bool], ends: Sequence[bool]) -> int:
    low = max(least, start)
    for at in range(stop, low, -1):
        if line_starts[at]:
            return at
    for at in range(stop, low, -1):
        if ends[at - 1] and not ends[at]:
            return at
    return stop


def breaks(line_starts: Sequence[bool], ends: Sequence[bool]) -> Ints:
    """How many sentence ends and line ends lie before each word."""
    out = np.zeros(len(line_starts), np.int64)
    for i in range(1, len(line_starts)):
        out[i] = out[i - 1] + (line_starts[i] or (ends[i - 1] and not ends[i]))
    return out
