"""The spans that mention finding works on, and how sets of them are put together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ipgraph.model import MentionKind, Part


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of one part of the article, `part[start:end] == text`.

    `kind` is a node label, TITLE or DATE. `entity` counts in the found entities; None for titles, dates and
    mentions that could not be tied to anything.
    """

    part: Part
    start: int
    end: int
    kind: str
    text: str
    mode: MentionKind = "name"
    entity: int | None = None

    def crosses(self, other: Span) -> bool:
        """Whether the two overlap and neither holds the other."""
        if self.part != other.part or self.start >= other.end or other.start >= self.end:
            return False
        return not (self.holds(other) or other.holds(self))

    def holds(self, other: Span) -> bool:
        """Whether the other lies within this one (or is equal to it)."""
        return self.part == other.part and self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether the two have a character in common."""
        return self.part == other.part and self.start < other.end and other.start < self.end


def joined(first: Iterable[Span], second: Iterable[Span]) -> list[Span]:
    """All of `first`, and of `second` what crosses nothing and repeats no span of its own kind or of equal extent."""
    out = list(first)
    for s in second:
        rivals = [o for o in out if o.overlaps(s)]
        if any(o.crosses(s) or o.kind == s.kind or (o.start, o.end) == (s.start, s.end) for o in rivals):
            continue
        if s.kind in ("TITLE", "DATE") and any(o.holds(s) and o.kind != "Event" for o in rivals):
            continue
        out.append(s)
    return sorted(out, key=lambda s: (s.part, s.start, -s.end))
