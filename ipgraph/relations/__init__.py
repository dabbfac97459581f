"""From the mentions of an article to the facts it states, each with the sentence that states it.

The encoder scores them (`learned`); rules (`ruled`) read what a user added, and everything where the pipeline has no
encoder. One relation for each identity, with all evidence and the best confidence. Domain and range of the schema are
hard limits.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from ipgraph.annotate import Annotated
from ipgraph.mentions import Found
from ipgraph.model import EDGES, Article, Evidence, Relation, allowed, identity, relation_id
from ipgraph.relations import learned, ruled
from ipgraph.relations.facts import Fact
from ipgraph.relations.rules import RuleSet, active


def _relation(prefix: str, found: Found, fact: Fact) -> Relation | None:
    head, tail = fact.head.entity, fact.tail.entity
    if head is None or tail is None or head == tail:
        return None
    ends = found.entities[head], found.entities[tail]
    kind = fact.type
    if not allowed(kind, ends[0].type, ends[1].type):
        return None
    if EDGES[kind].symmetric:
        ends = (min(ends, key=lambda e: e.id), max(ends, key=lambda e: e.id))
    known = EDGES[kind].properties
    properties = {k: v == "true" if k == "former" else v for k, v in fact.properties.items() if k in known}
    s = fact.sentence
    evidence = Evidence(s.part, s.start, s.end, s.text, fact.rule)
    identifier = relation_id("rel-", kind, prefix + ends[0].id, ends[1].id, properties)
    return Relation(identifier, kind, ends[0].id, ends[1].id, properties, (evidence,), fact.confidence)


def _merged(relations: Iterable[Relation]) -> list[Relation]:
    """One relation for each identity: all evidence, the best confidence, the union of what was said."""
    out: dict[str, Relation] = {}
    for r in relations:
        if r.id in out:
            old = out[r.id]
            surer, other = (old, r) if old.confidence >= r.confidence else (r, old)
            places = {(v.part, v.start): v for v in [*other.evidence, *surer.evidence]}
            evidence = tuple(sorted(places.values()))
            confidence = surer.confidence
            out[r.id] = replace(
                old, evidence=evidence, confidence=confidence, properties={**r.properties, **old.properties}
            )
        else:
            out[r.id] = r
    return list(out.values())


_VAGUE = {"ATTENDED": "attendee", "ORGANIZED": "organizer"}


def _most_specific(relations: list[Relation]) -> list[Relation]:
    """Drop "attendee" where the same ends have a more telling role, and weaker duplicates of a title."""
    roles = {(r.type, r.head, r.tail): set[str]() for r in relations}
    for r in relations:
        roles[r.type, r.head, r.tail].add(str(r.properties.get("role", "")))
    return [
        r
        for r in relations
        if not (r.properties.get("role") == _VAGUE.get(r.type) and len(roles[r.type, r.head, r.tail]) > 1)
    ]


def find(article: Article, annotated: Annotated, found: Found, rules: RuleSet | None = None) -> tuple[Relation, ...]:
    """All relations that the article states between its entities, sorted by their first place in the text."""
    rules = rules or active()
    facts: list[Fact] = []
    if annotated.network is not None:
        facts += learned.read(article, annotated.network, found)
    if annotated.network is None or rules.own:
        read = ruled.read(article, annotated, found, rules)
        facts += (f for f in read if annotated.network is None or f.rule in rules.own)
    made = (_relation(article.id, found, fact) for fact in facts)
    relations = _most_specific(_merged(r for r in made if r))
    order = {"title": 0, "text": 1, "captions": 2}
    return tuple(
        sorted(
            relations,
            key=lambda r: (
                order[r.evidence[0].part],
                r.evidence[0].start,
                r.type,
                identity(r.type, r.properties),
                r.id,
            ),
        )
    )
