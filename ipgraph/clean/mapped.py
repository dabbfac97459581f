"""Strings that know where each of their characters came from."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ipgraph.model import OffsetMap

ADDED = -1
"""Position of a character that the cleaning put in."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A text with the source offset of every character; offsets rise, `ADDED` stands for none."""

    text: str
    at: tuple[int, ...]

    @classmethod
    def of(cls, source: str, start: int, end: int) -> Mapped:
        """The slice of a source, each character at its own place."""
        return cls(source[start:end], tuple(range(start, end)))

    def __getitem__(self, span: slice) -> Mapped:
        return Mapped(self.text[span], self.at[span])

    def sub(self, pattern: re.Pattern[str], replace: Callable[[re.Match[str]], str]) -> Mapped:
        """Like `re.sub`. A character of the replacement that the match holds too keeps its place, others are added.

        Equal ends of match and replacement are aligned, so that taking out or putting in a space moves nothing else.
        A replacement of equal length is aligned one to one.
        """
        if not (found := list(pattern.finditer(self.text))):
            return self
        text: list[str] = []
        at: list[int] = []
        done = 0
        for m in found:
            new = replace(m)
            text += (self.text[done : m.start()], new)
            at += self.at[done : m.start()]
            at += _aligned(m.group(), new, self.at[m.start() : m.end()])
            done = m.end()
        return Mapped("".join([*text, self.text[done:]]), (*at, *self.at[done:]))

    def strip(self, characters: str | None = None) -> Mapped:
        """Without white space, or the given characters, at both ends."""
        left = len(self.text) - len(self.text.lstrip(characters))
        return self[left : left + len(self.text.strip(characters))]

    def segments(self) -> OffsetMap:
        """The map as runs of characters that stand together in the source."""
        out: list[tuple[int, int, int]] = []
        start = 0
        for i in range(1, len(self.at) + 1):
            if i == len(self.at) or self.at[i] != self.at[i - 1] + 1 or self.at[i - 1] == ADDED:
                if self.at[start] != ADDED:
                    out.append((start, self.at[start], i - start))
                start = i
        return OffsetMap(tuple(out))


def _aligned(old: str, new: str, at: tuple[int, ...]) -> tuple[int, ...]:
    if len(old) == len(new):
        return at
    most = min(len(old), len(new))
    head = next((i for i in range(most) if old[i] != new[i]), most)
    tail = next((i for i in range(most - head) if old[-1 - i] != new[-1 - i]), most - head)
    inner = len(new) - head - tail
    # What is replaced inside keeps its places as far as there are any.
    places = at[head : len(old) - tail][:inner]
    return (*at[:head], *places, *[ADDED] * (inner - len(places)), *at[len(old) - tail :])


def join(parts: Iterable[Mapped], mark: str) -> Mapped:
    """The parts with an added mark between them."""
    text: list[str] = []
    at: list[int] = []
    for i, part in enumerate(parts):
        if i:
            text.append(mark)
            at += [ADDED] * len(mark)
        text.append(part.text)
        at += part.at
    return Mapped("".join(text), tuple(at))
