"""From the ledger's facts to one NetworkX graph in which every edge keeps its evidence.

Nodes: corpus id -> `kind` (a label of the schema, or "Article"), `name`, `aliases` and the kind's own properties.
Edges: keyed by their id, with `type`, the lists of `model.EDGE_PROPERTIES` and the type's own properties. What is
unknown is left out. The same facts give the same graph, in the same order.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import networkx as nx

from ipgraph import model, resolve

Graph: TypeAlias = nx.MultiDiGraph


def article_node(article: model.Article) -> dict[str, Any]:
    """The node of an article."""
    data: dict[str, Any] = {
        "kind": "Article",
        "name": article.title or article.source.rsplit("/", 1)[-1],
        "aliases": [],
        "title": article.title,
        "publisher": article.publisher,
        "author": article.author,
        "published": article.date,
        "source": article.source.rsplit("/", 1)[-1],
        "url": article.url,
        "sha256": hashlib.sha256(article.text.encode()).hexdigest(),
    }
    return {k: v for k, v in data.items() if v is not None}


def _merged(cluster: resolve.Cluster) -> dict[str, Any]:
    """Properties of the members; of several values the most precise one wins, then the first in order."""
    values: dict[str, set[Any]] = defaultdict(set)
    for entity in cluster.members:
        for k, v in entity.properties.items():
            values[k].add(v)
    best = {k: min(v, key=lambda x: (-len(str(x)), str(x))) for k, v in values.items()}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in sorted(best.items())}


def node(cluster: resolve.Cluster) -> dict[str, Any]:
    """The node of a corpus entity."""
    own = _merged(cluster)
    return {"kind": cluster.type, "name": cluster.name, "aliases": list(cluster.aliases), **own}


def mention_id(node: str, article: str) -> str:
    """Id of the edge from a node to an article that mentions it."""
    return "men-" + model.digest(node, article)


def mentioned(node: str, article: str, entities: Sequence[model.Entity]) -> dict[str, Any]:
    """The edge from a node to an article in which these entities of the article stand for it."""
    at = [m for e in entities for m in e.mentions]
    if len(entities) > 1:
        at.sort(key=lambda m: (m.part, m.start, m.end))
    return {
        "type": "MENTIONED_IN",
        "id": mention_id(node, article),
        "count": len(at),
        "starts": [m.start for m in at],
        "ends": [m.end for m in at],
        "parts": [m.part for m in at],
    }


def _add_mentions(graph: Graph, facts: model.Facts, ids: dict[str, str]) -> None:
    by_node: dict[str, list[model.Entity]] = defaultdict(list)
    for entity in facts.entities:
        by_node[ids[entity.id]].append(entity)
    for node, entities in by_node.items():
        data = mentioned(node, facts.article.id, entities)
        graph.add_edge(node, facts.article.id, key=data["id"], **data)


@dataclass(frozen=True, slots=True)
class Stated:
    """A relation with the article that states it."""

    relation: model.Relation
    article: str
    date: str | None


Ends = tuple[str, str, str]
"""Id, head and tail of an edge."""


def ends(r: model.Relation, ids: Mapping[str, str], min_confidence: float) -> Ends | None:
    """The edge that a relation states, None where it states none: too little confidence, or a thing tied to itself."""
    head, tail = ids[r.head], ids[r.tail]
    if model.EDGES[r.type].symmetric:
        head, tail = sorted((head, tail))
    if r.confidence < min_confidence or head == tail:
        return None
    return model.relation_id("edg-", r.type, head, tail, r.properties), head, tail


def edge(identifier: str, stated: Sequence[Stated]) -> dict[str, Any]:
    """One edge from all that states it, in the order of article and place."""
    evidence = sorted((s.article, v) for s in stated for v in s.relation.evidence)
    dates = sorted(s.date for s in stated if s.date)
    own: dict[str, set[Any]] = defaultdict(set)
    for s in stated:
        for k, value in s.relation.properties.items():
            own[k].add(value)
    data: dict[str, Any] = {k: min(values, key=str) for k, values in sorted(own.items())}
    data |= {
        "type": stated[0].relation.type,
        "id": identifier,
        "article_ids": [a for a, _ in evidence],
        "sentences": [v.text for _, v in evidence],
        "starts": [v.start for _, v in evidence],
        "ends": [v.end for _, v in evidence],
        "parts": [v.part for _, v in evidence],
        "rules": [v.rule for _, v in evidence],
        "confidence": max(s.relation.confidence for s in stated),
    }
    if dates:
        data |= {"first_reported": dates[0], "last_reported": dates[-1]}
    return data


def build(corpus: Iterable[model.Facts], *, min_confidence: float = 0.0) -> Graph:
    """The graph of all facts whose confidence is at least `min_confidence`."""
    articles = list(corpus)
    resolution = resolve.entities(articles)
    graph = Graph()
    for facts in articles:
        graph.add_node(facts.article.id, **article_node(facts.article))
    for cluster in resolution.clusters:
        graph.add_node(cluster.id, **node(cluster))
    stated: dict[tuple[str, str, Ends], list[Stated]] = defaultdict(list)
    for facts in articles:
        _add_mentions(graph, facts, resolution.ids)
        for r in facts.relations:
            if found := ends(r, resolution.ids, min_confidence):
                stated[found[0], r.type, found].append(Stated(r, facts.article.id, facts.article.date))
    for (_, _, (identifier, head, tail)), its in sorted(stated.items()):
        graph.add_edge(head, tail, key=identifier, **edge(identifier, its))
    return graph
