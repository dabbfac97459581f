"""How far two annotations of the same bare texts agree: F1 of entities and relations by type, everything counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ipgraph.corpus.format import Annotated, Relation
from ipgraph.errors import SourceError
from ipgraph.model import EDGES, identity


@dataclass(slots=True)
class Score:
    """Counts of what both have, what only the first and what only the second has."""

    both: int = 0
    first: int = 0
    second: int = 0

    @property
    def f1(self) -> float:
        """2 both / (2 both + first + second); 1 where there is nothing to find."""
        found = 2 * self.both + self.first + self.second
        return 2 * self.both / found if found else 1.0


Scores = dict[str, Score]


@dataclass(slots=True)
class Agreement:
    """Scores by type; `strict` counts a relation only with equal role, title, status and so on."""

    articles: int = 0
    mentions: Scores = field(default_factory=dict)
    entities: Scores = field(default_factory=dict)
    relations: Scores = field(default_factory=dict)
    strict: Scores = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)

    def add(self, one: Annotated, two: Annotated) -> None:
        """Count two annotations of one text; SourceError if the bare texts differ."""
        if one.text != two.text:
            raise SourceError(f"{one.name}: the bare texts differ{_where(one.text, two.text)}; copy the text unchanged")
        self.articles += 1
        mapping = match_entities(one, two)
        same = {e.id: e.id for e in two.entities}
        _count(self.mentions, _spans(one), _spans(two))
        entities = _entities(one, two, mapping), _entities(two, two, same)
        _count(self.entities, *entities)
        _count(self.relations, _facts(one, mapping, False), _facts(two, same, False))
        facts = _facts(one, mapping, True), _facts(two, same, True)
        _count(self.strict, *facts)
        for name, (a, b) in (("entity", entities), ("relation", facts)):
            self.differences += [f"{one.name}: only A: {name} {a[key]}" for key in a if key not in b]
            self.differences += [f"{one.name}: only B: {name} {b[key]}" for key in b if key not in a]


def match_entities(one: Annotated, two: Annotated) -> dict[str, str]:
    """Entity of the first -> entity of the second of a common type that shares a name mention, most shared first."""
    spans = _name_spans(one), _name_spans(two)
    pairs = [
        (-len(spans[0][a.id] & spans[1][b.id]), a.id, b.id)
        for a in one.entities
        for b in two.entities
        if set(a.types) & set(b.types) and spans[0][a.id] & spans[1][b.id]
    ]
    mapping: dict[str, str] = {}
    taken: set[str] = set()
    for _, a, b in sorted(pairs):
        if a not in mapping and b not in taken:
            mapping[a] = b
            taken.add(b)
    return mapping


def as_text(agreement: Agreement) -> Iterator[str]:
    """The scores as lines for a terminal."""
    yield f"{agreement.articles} articles annotated twice"
    tables = {
        "mentions, exact span": agreement.mentions,
        "entities": agreement.entities,
        "relations, type and ends": agreement.relations,
        "relations, with role, title, status": agreement.strict,
    }
    for title, scores in tables.items():
        yield f"\n{title:36s}    F1   both  only A  only B"
        total = Score(*(sum(getattr(s, n) for s in scores.values()) for n in ("both", "first", "second")))
        for kind, score in [*sorted(scores.items()), ("all", total)]:
            yield f"  {kind:34s} {score.f1:.3f} {score.both:6d} {score.first:7d} {score.second:7d}"


Key = tuple[str | int, ...]
"""What makes two annotations the same; its first member is the type that is counted under."""


def _count(scores: Scores, one: Mapping[Key, str], two: Mapping[Key, str]) -> None:
    both = Counter(str(key[0]) for key in one.keys() & two.keys())
    first = Counter(str(key[0]) for key in one.keys() - two.keys())
    second = Counter(str(key[0]) for key in two.keys() - one.keys())
    for kind in both | first | second:
        score = scores.setdefault(kind, Score())
        score.both += both[kind]
        score.first += first[kind]
        score.second += second[kind]


def _spans(article: Annotated) -> dict[Key, str]:
    return {(m.mode if m.kind == "entity" else m.kind, m.start, m.end): m.text for m in article.mentions}


def _entities(article: Annotated, other: Annotated, mapping: Mapping[str, str]) -> dict[Key, str]:
    """Entities by the ids of the other annotation; one that has no match there by its own id, marked."""
    types = {e.id: e.types[0] for e in other.entities}
    found: dict[Key, str] = {}
    for e in article.entities:
        to = mapping.get(e.id)
        found[(types[to], to) if to else (e.types[0], f"?{e.id}")] = f"{e.types[0]} {e.name}"
    return found


def _facts(article: Annotated, mapping: Mapping[str, str], strict: bool) -> dict[Key, str]:
    names = {e.id: e.name for e in article.entities}
    found: dict[Key, str] = {}
    for r in article.relations:
        if not r.wrong and r.type in EDGES:
            ends = [mapping.get(end, f"?{end}") for end in (r.head, r.tail)]
            properties = " ".join(f"{k}={v}" for k, v in r.properties.items())
            shown = f"{r.type} {names.get(r.head)} -> {names.get(r.tail)} {properties}".rstrip()
            found[_key(r, ends, strict)] = shown
    return found


def _key(r: Relation, ends: list[str], strict: bool) -> Key:
    ends = sorted(ends) if EDGES[r.type].symmetric else ends
    return (r.type, *ends, *(identity(r.type, r.properties) if strict else ()))


def _name_spans(article: Annotated) -> dict[str, set[tuple[int, int]]]:
    spans: dict[str, set[tuple[int, int]]] = {e.id: set() for e in article.entities}
    for m in article.mentions:
        if m.kind == "entity" and m.mode == "name":
            for i in m.ids:
                spans.setdefault(i, set()).add((m.start, m.end))
    return spans


def _where(one: str, two: str) -> str:
    for number, (a, b) in enumerate(zip(one.split("\n"), two.split("\n"), strict=False), 1):
        if a != b:
            return f" (first in line {number} of the text: {a[:50]!r}, {b[:50]!r})"
    return " (one is longer)"
