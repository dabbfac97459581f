"""What nominals ("the bureau", "the fair") and pronouns stand for, from left to right through one part of an article.

A nominal is tied to the latest thing whose name has its head. A pronoun is tied to the most salient fitting thing, in
the manner of Lappin and Leass (1994), much simplified: whom the sentence itself names first, then whom the sentence
before named; and nobody is "he" here and "she" there.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

from ipgraph.mentions import lexicon
from ipgraph.mentions.grouping import Group
from ipgraph.mentions.spans import Span
from ipgraph.model import MentionKind, Part

_PRONOUNS = {"he": "m", "his": "m", "him": "m", "she": "f", "her": "f"}
_PRONOUN = re.compile(r"\b(he|she|his|her|him|its)\b", re.I)
_GENERIC_EVENT = frozenset("event activity occasion meeting conference proceedings gathering".split())
_GENERIC_COMPANY = frozenset("company firm business enterprise maker group".split())
_PUBLIC = frozenset(
    "ministry bureau office administration authority commission committee council department division association "
    "federation society union league chamber university college school court government parliament secretariat court "
    "directorate board agency party police embassy registry museum library institute tribunal section sector".split()
)
_STOP = re.compile(r"[.!?][\"”’)]*\s+(?=[\"“‘(]?[A-Z])|\n")
_HONORIFIC = {"mr": "m", "sir": "m", "ms": "f", "mrs": "f", "miss": "f", "madam": "f"}


def heads(group: Group) -> set[str]:
    """The nouns that may stand for a thing: the word before "of", "for" or "on" in its names, else the last word."""
    out: set[str] = set()
    for s in group.spans:
        name = s.text.lower()
        linked = re.match(r"(?:.*? )?([^\W\d_]{3,}) (?:of|for|on)\b", name)
        words = re.findall(r"[^\W\d_]{3,}", name)
        if linked:
            out.add(linked[1])
        elif words and " " in name:
            out.add(words[-1])
    return out


@dataclass(slots=True)
class _Reader:
    """What has been read so far in one part: where each group was mentioned, and who is he or she."""

    part: Part
    text: str
    groups: list[Group]
    at: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    gender: dict[int, str] = field(default_factory=dict)
    borders: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.borders = [0, *(m.end() for m in _STOP.finditer(self.text))]
        for i, g in enumerate(self.groups):
            for s in g.spans:
                if s.part == self.part and g.kind == "Person":
                    before = re.search(r"(\w+)\.?\s*$", self.text[max(s.start - 8, 0) : s.start])
                    if before and before[1].lower() in _HONORIFIC:
                        self.gender[i] = _HONORIFIC[before[1].lower()]

    def sentence(self, place: int) -> int:
        """The number of the sentence at a place."""
        return bisect_right(self.borders, place) - 1

    def latest(self, wanted: set[int]) -> int | None:
        """Of the wanted groups the one mentioned last."""
        seen = {i: places[-1] for i, places in self.at.items() if i in wanted and places}
        return max(seen, key=lambda i: seen[i]) if seen else None

    def _within(self, wanted: set[int], sentence: int) -> list[int]:
        """The wanted groups mentioned in a sentence, in order of their first place there."""
        first: dict[int, int] = {}
        for i in wanted:
            here = [p for p in self.at.get(i, ()) if self.sentence(p) == sentence]
            if here:
                first[i] = min(here)
        return sorted(first, key=lambda i: first[i])

    def person(self, place: int, gender: str) -> int | None:
        """Who is he or she at a place."""
        wanted = {i for i, g in enumerate(self.groups) if g.kind == "Person" and self.gender.get(i, gender) == gender}
        now = self.sentence(place)
        for sentence in (now, now - 1):
            if found := self._within(wanted, sentence):
                known = [i for i in found if self.gender.get(i) == gender]
                return (known or found)[0]
        return self.latest(wanted)

    def thing(self, place: int) -> int | None:
        """What "its" means: the one body that its sentence has named."""
        wanted = {i for i, g in enumerate(self.groups) if g.kind == "Organization"}
        now = self.sentence(place)
        found = self._within(wanted, now)
        return found[0] if len(found) == 1 else None

    def nominal(self, head: str, kind: str) -> int | None:
        """What "the HEAD" means."""
        own = {i for i, g in enumerate(self.groups) if g.kind == kind and head in heads(g)}
        if (found := self.latest(own)) is not None:
            return found
        if kind == "Event" and head in _GENERIC_EVENT:
            return self.latest({i for i, g in enumerate(self.groups) if g.kind == kind})
        if kind == "Organization" and head in _GENERIC_COMPANY:
            firms = {i for i, g in enumerate(self.groups) if g.kind == kind and not heads(g) & _PUBLIC}
            return self.latest(firms)
        return None


def _pattern(groups: list[Group]) -> re.Pattern[str]:
    words = {h for g in groups if g.kind in ("Event", "Organization") for h in heads(g)}
    words |= lexicon.EVENT_NOMINALS | lexicon.ORGANIZATION_HEADS | _GENERIC_COMPANY
    listed = "|".join(sorted(map(re.escape, words), key=lambda w: (-len(w), w)))
    firms = "|".join(sorted(_GENERIC_COMPANY))
    modified = rf"(?:[^\W\d_]+\s+(?!(?:{firms})\b))?"
    return re.compile(rf"\b(?:the|this|that)\s+{modified}({listed})\b(?!\s+of\b)", re.I)


def _candidates(part: Part, text: str, groups: list[Group]) -> list[tuple[int, int, str, MentionKind]]:
    """Nominals and pronouns as (start, end, head, kind of mention)."""
    found: list[tuple[int, int, str, MentionKind]] = [
        (m.start(), m.end(), m.group(1).lower(), "nominal") for m in _pattern(groups).finditer(text)
    ]
    found += [(m.start(), m.end(), m.group().lower(), "pronoun") for m in _PRONOUN.finditer(text)]
    return sorted(found)


def _antecedent(reader: _Reader, start: int, head: str, mode: MentionKind) -> int | None:
    if mode == "nominal":
        event = reader.nominal(head, "Event")
        return event if event is not None else reader.nominal(head, "Organization")
    if head == "its":
        return reader.thing(start)
    found = reader.person(start, _PRONOUNS[head])
    if found is not None:
        reader.gender.setdefault(found, _PRONOUNS[head])
    return found


def refer(part: Part, text: str, names: list[Span], groups: list[Group]) -> list[tuple[Span, int]]:
    """Nominals and pronouns of one part that could be tied to a group, each with the group's place in the list."""
    reader = _Reader(part, text, groups)
    here = sorted(s for s in names if s.part == part)
    owner = {s: i for i, g in enumerate(groups) for s in g.spans}
    out: list[tuple[Span, int]] = []
    at = 0
    for start, end, head, mode in _candidates(part, text, groups):
        while at < len(here) and here[at].start <= start:
            if here[at] in owner:
                reader.at[owner[here[at]]].append(here[at].start)
            at += 1
        if any(s.start < end and start < s.end for s in here):
            continue
        found = _antecedent(reader, start, head, mode)
        if found is not None:
            reader.at[found].append(start)
            out.append((Span(part, start, end, groups[found].kind, text[start:end], mode), found))
    return out
