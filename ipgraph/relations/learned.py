"""Facts as the encoder scores them: every pair of mentions that stand near each other, with every label that fits."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ipgraph.encoder.model import Network
from ipgraph.encoder.pairs import LABELS
from ipgraph.mentions import Found, Span
from ipgraph.mentions.ties import LEAST, PartTies
from ipgraph.model import Article
from ipgraph.relations.facts import Fact, Place

_FACTS = [label for label in LABELS if label.partition(":")[0] in ("PART_OF", "LOCATED_IN", "HELD_IN", "OWNS_BRAND",
          "RECEIVED", "COOPERATES_WITH", "ATTENDED", "ORGANIZED") and label != "ATTENDED:online"]  # fmt: skip
_KEY = {"ATTENDED": "role", "ORGANIZED": "role", "RECEIVED": "status"}
_FORMER = frozenset("former ex then previously late onetime erstwhile".split())
_ONLINE = 0.15
"""Least score by which an attendance is online; few are, so that scores are low."""
_BESIDE = 0.5
"""Least score of a second role."""
_LONG = 600
"""Characters beyond which a stretch of several sentences is too long to cite."""


def read(article: Article, network: Network, found: Found) -> Iterator[Fact]:
    """The facts of all parts, each with its calibrated probability."""
    for part in found.ties:
        yield from _PartReader(article, network, part).facts()


@dataclass(slots=True)
class _PartReader:
    article: Article
    network: Network
    ties: PartTies
    borders: list[int] = field(init=False)

    def __post_init__(self) -> None:
        doc, base = self.ties.part.doc, self.ties.part.start
        self.borders = [base + s.start_char for s in doc.sents] + [base + len(doc.text)]

    def facts(self) -> Iterator[Fact]:
        """All facts of the part; of the roles at one event only those that the text speaks for most."""
        online = {(h, t) for h, t, sure in self.ties.tied("ATTENDED:online") if sure >= _ONLINE}
        found: dict[tuple[str, int | None, int | None], list[tuple[float, Fact]]] = defaultdict(list)
        for label in _FACTS:
            kind, _, value = label.partition(":")
            for h, t, sure in self.ties.tied(label):
                properties = {_KEY[kind]: value} if value else {}
                if kind == "ATTENDED" and (h, t) in online:
                    properties["mode"] = "online"
                for head in self.ties.mentions[h]:
                    for tail in self.ties.mentions[t]:
                        key = kind, head.entity, tail.entity
                        found[key].append((sure, self._fact(label, head, tail, sure, properties)))
        for (kind, _, _), own in found.items():
            yield from _roles(own) if kind == "ATTENDED" else (fact for _, fact in own)
        yield from self._positions()

    def _positions(self) -> Iterator[Fact]:
        """A title with its person and its body; how sure: the weaker of these ties, with the one of person and body."""
        persons, bodies = self._tails("TITLE_PERSON"), self._tails("TITLE_BODY")
        direct: dict[tuple[int | None, int | None], float] = defaultdict(float)
        for h, t, sure in self.ties.tied("HOLDS_POSITION"):
            for head in self.ties.mentions[h]:
                for tail in self.ties.mentions[t]:
                    direct[head.entity, tail.entity] = max(direct[head.entity, tail.entity], sure)
        for title in sorted(set(persons) & set(bodies)):
            properties = self._title(self.ties.mentions[title][0])
            for p, sure_p in persons[title]:
                for b, sure_b in bodies[title]:
                    for head in self.ties.mentions[p]:
                        for tail in self.ties.mentions[b]:
                            score = (min(sure_p, sure_b) + direct[head.entity, tail.entity]) / 2
                            if score >= LEAST:
                                yield self._fact("HOLDS_POSITION", head, tail, score, properties)

    def _tails(self, label: str) -> dict[int, list[tuple[int, float]]]:
        out: dict[int, list[tuple[int, float]]] = defaultdict(list)
        for h, t, sure in self.ties.tied(label):
            out[h].append((t, sure))
        return out

    def _title(self, title: Span) -> dict[str, str]:
        out = {"title": " ".join(title.text.split())}
        before = self.article.part(title.part)[max(title.start - 12, 0) : title.start].split()
        if before and before[-1].lower().strip("-,") in _FORMER:
            out["former"] = "true"
        return out

    def _fact(self, label: str, head: Span, tail: Span, score: float, properties: dict[str, str]) -> Fact:
        kind = label.partition(":")[0]
        sure = round(self.network.calibrated(label, score), 3)
        rule = f"learned.{label.lower().replace(':', '.')}"
        return Fact(kind, head, tail, sure, rule, self._sentence(head, tail), properties)

    def _sentence(self, head: Span, tail: Span) -> Place:
        """The sentence of the head, widened to that of the tail where both lie in one line."""
        (low, high), other = self._bounds(head), self._bounds(tail)
        text = self.article.part(head.part)
        first, last = min(low, other[0]), max(high, other[1])
        if "\n" not in text[first:last].strip() and last - first <= _LONG:
            low, high = first, last
        quote = text[low:high]
        low += len(quote) - len(quote.lstrip())
        quote = quote.strip()
        return Place(head.part, low, low + len(quote), quote)

    def _bounds(self, span: Span) -> tuple[int, int]:
        at = bisect_right(self.borders, span.start) - 1
        end = max(span.end, self.borders[min(at + 1, len(self.borders) - 1)])
        return self.borders[at], end


def _roles(found: list[tuple[float, Fact]]) -> Iterator[Fact]:
    """The facts of the likeliest role, and of others that are likely beside it; "attendee" never beside another. The
    likeliest is as sure as any: that somebody was there is surer than as what.
    """
    best: dict[str, float] = defaultdict(float)
    for sure, fact in found:
        best[fact.properties["role"]] = max(best[fact.properties["role"]], sure)
    first = max(sorted(best), key=lambda role: best[role])
    kept = {first}
    if first != "attendee":
        kept |= {role for role, sure in best.items() if sure >= _BESIDE and role != "attendee"}
    top = max(fact.confidence for _, fact in found)
    for _, fact in found:
        role = fact.properties["role"]
        if role in kept:
            yield replace(fact, confidence=top) if role == first else fact
