"""A fact as it was read, between two spans, before it becomes a relation between entities."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ipgraph.mentions import Span
from ipgraph.model import Part


@dataclass(frozen=True, slots=True)
class Place:
    """A stretch of one part of the article, in characters of that part."""

    part: Part
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Fact:
    """What was read: the type, its two ends, how sure, by what, and the sentence that states it."""

    type: str
    head: Span
    tail: Span
    confidence: float
    rule: str
    sentence: Place
    properties: Mapping[str, str] = field(default_factory=dict)
