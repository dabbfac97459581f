"""From the ledger's facts to one NetworkX graph in which every edge keeps its evidence.

Nodes: corpus id -> `kind` (a label of the schema, or "Article"), `name`, `aliases` and the kind's own properties.
Edges: keyed by their id, with `type`, the lists of `model.EDGE_PROPERTIES` and the type's own properties. What is
unknown is left out. The same facts give the same graph, in the same order.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeAlias

import networkx as nx

from ipgraph import model, resolve

Graph: TypeAlias = nx.MultiDiGraph


def _article_node(article: model.Article) -> dict[str, Any]:
    node: dict[str, Any] = {
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
    return {k: v for k, v in node.items() if v is not None}


def _merged(cluster: resolve.Cluster) -> dict[str, Any]:
    """Properties of the members; of several values the most precise one wins, then the first in order."""
    values: dict[str, set[Any]] = defaultdict(set)
    for entity in cluster.members:
        for k, v in entity.properties.items():
            values[k].add(v)
    best = {k: min(v, key=lambda x: (-len(str(x)), str(x))) for k, v in values.items()}
    return {k: list(v) if isinstance(v, tuple) else v for k, v in sorted(best.items())}


def _mentioned(facts: model.Facts, entity: model.Entity, node: str) -> dict[str, Any]:
    at = entity.mentions
    return {
        "type": "MENTIONED_IN",
        "id": "men-" + model.digest(node, facts.article.id),
        "count": len(at),
        "starts": [m.start for m in at],
        "ends": [m.end for m in at],
        "parts": [m.part for m in at],
    }


def _add_mentions(graph: Graph, facts: model.Facts, ids: dict[str, str]) -> None:
    for entity in facts.entities:
        node = ids[entity.id]
        data = _mentioned(facts, entity, node)
        if graph.has_edge(node, facts.article.id, data["id"]):
            old = graph.edges[node, facts.article.id, data["id"]]
            joined = [old[k] + data[k] for k in ("parts", "starts", "ends")]
            places = sorted(zip(*joined, strict=True))
            data |= {
                "count": len(places),
                "parts": [p for p, _, _ in places],
                "starts": [s for _, s, _ in places],
                "ends": [e for _, _, e in places],
            }
        graph.add_edge(node, facts.article.id, key=data["id"], **data)


Stated = tuple[model.Relation, model.Article]


def _edge_data(edge: str, kind: str, stated: list[Stated]) -> dict[str, Any]:
    """One edge from all that states it, in the order of article and place."""
    evidence = sorted((a.id, v) for r, a in stated for v in r.evidence)
    dates = sorted(a.date for _, a in stated if a.date)
    own: dict[str, set[Any]] = defaultdict(set)
    for r, _ in stated:
        for k, v in r.properties.items():
            own[k].add(v)
    data: dict[str, Any] = {k: min(v, key=str) for k, v in sorted(own.items())}
    data |= {
        "type": kind,
        "id": edge,
        "article_ids": [a for a, _ in evidence],
        "sentences": [v.text for _, v in evidence],
        "starts": [v.start for _, v in evidence],
        "ends": [v.end for _, v in evidence],
        "parts": [v.part for _, v in evidence],
        "rules": [v.rule for _, v in evidence],
        "confidence": max(r.confidence for r, _ in stated),
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
        graph.add_node(facts.article.id, **_article_node(facts.article))
    for cluster in resolution.clusters:
        graph.add_node(
            cluster.id, kind=cluster.type, name=cluster.name, aliases=list(cluster.aliases), **_merged(cluster)
        )
    edges: dict[tuple[str, str, str, str], list[Stated]] = defaultdict(list)
    for facts in articles:
        _add_mentions(graph, facts, resolution.ids)
        for r in facts.relations:
            head, tail = resolution.ids[r.head], resolution.ids[r.tail]
            if model.EDGES[r.type].symmetric:
                head, tail = sorted((head, tail))
            if r.confidence >= min_confidence and head != tail:
                key = model.relation_id("edg-", r.type, head, tail, r.properties)
                edges[key, r.type, head, tail].append((r, facts.article))
    for (key, kind, head, tail), stated in sorted(edges.items()):
        graph.add_edge(head, tail, key=key, **_edge_data(key, kind, stated))
    return graph
