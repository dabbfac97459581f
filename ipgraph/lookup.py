"""Questions to the graph that need no query language: who bears a name, and why we believe what ties two of them."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from ipgraph.errors import UsageError
from ipgraph.graph import Graph
from ipgraph.model import NODES, name_key

Row = dict[str, Any]

FOUND = ("id", "kind", "name", "aliases", "articles", "edges")
REASONS = ("type", "head", "tail", "properties", "confidence", "article", "date", "sentence", "start", "end", "rule")


def _names(data: dict[str, Any]) -> list[str]:
    return [data["name"], *data["aliases"]]


def _entities(graph: Graph) -> Iterator[tuple[str, dict[str, Any]]]:
    return ((n, d) for n, d in graph.nodes(data=True) if d["kind"] in NODES)


def matching(graph: Graph, name: str) -> list[str]:
    """Ids of the entities that bear the name: an id itself, else an equal name or alias, else one that holds it.

    Case, accents and punctuation do not count.
    """
    if name in graph and graph.nodes[name]["kind"] in NODES:
        return [name]
    key = name_key(name)
    exact = [n for n, d in _entities(graph) if key in {name_key(x) for x in _names(d)}]
    if exact or not key:
        return exact
    return [n for n, d in _entities(graph) if any(f" {key} " in f" {name_key(x)} " for x in _names(d))]


def near(graph: Graph, name: str, most: int = 3) -> list[str]:
    """Names in the graph that look like the given one."""
    keys = {name_key(x): x for _, d in _entities(graph) for x in _names(d)}
    return [keys[k] for k in get_close_matches(name_key(name), sorted(keys), most, 0.6)]


def nothing(graph: Graph, name: str) -> UsageError:
    """What to say when nothing bears the name."""
    close = near(graph, name)
    hint = f"near by: {', '.join(close)}" if close else "try `ipgraph find` with a part of it"
    return UsageError(f"nothing is named {name!r}; no name or alias in the graph has these words; {hint}")


def find(graph: Graph, name: str) -> list[Row]:
    """Entities that bear the name, the most connected first, with their counts of articles and edges."""
    rows = []
    for n in matching(graph, name):
        edges = [*graph.in_edges(n, data=True), *graph.out_edges(n, data=True)]
        mentions = [e for e in edges if e[2]["type"] == "MENTIONED_IN"]
        data = graph.nodes[n]
        rows.append(
            {
                "id": n,
                "kind": data["kind"],
                "name": data["name"],
                "aliases": data["aliases"],
                "articles": len(mentions),
                "edges": len(edges) - len(mentions),
            }
        )
    return sorted(rows, key=lambda r: (-r["edges"], r["name"], r["id"]))


def one(graph: Graph, name: str) -> str:
    """The id of the one entity that bears the name. Raises UsageError where there is none or more than one."""
    ids = matching(graph, name)
    if not ids:
        raise nothing(graph, name)
    if len(ids) > 1:
        listed = "; ".join(f"{graph.nodes[i]['kind']} {graph.nodes[i]['name']} ({i})" for i in sorted(ids)[:6])
        raise UsageError(f"{name!r} may be {len(ids)} things: {listed}; give the id")
    return ids[0]


def _reasons(graph: Graph, head: str, tail: str, data: dict[str, Any]) -> Iterator[Row]:
    own = ("role", "mode", "title", "former", "since", "until", "status", "date")
    for i, article in enumerate(data["article_ids"]):
        yield {
            "type": data["type"],
            "head": graph.nodes[head]["name"],
            "tail": graph.nodes[tail]["name"],
            "properties": {k: data[k] for k in own if k in data},
            "confidence": data["confidence"],
            "article": graph.nodes[article]["name"],
            "date": graph.nodes[article].get("published"),
            "sentence": data["sentences"][i],
            "start": data["starts"][i],
            "end": data["ends"][i],
            "rule": data["rules"][i],
        }


def why(graph: Graph, a: str, b: str | None = None) -> list[Row]:
    """Every sentence behind an entity, or behind what ties the first to the second, surest first.

    Raises UsageError for a name that nothing or more than one thing bears.
    """
    first = one(graph, a)
    second = one(graph, b) if b else None
    edges = [*graph.out_edges(first, data=True), *graph.in_edges(first, data=True)]
    rows = [
        r
        for head, tail, data in edges
        if data["type"] != "MENTIONED_IN" and (second is None or second in (head, tail))
        for r in _reasons(graph, head, tail, data)
    ]
    return sorted(rows, key=lambda r: (-r["confidence"], r["type"], r["head"], r["tail"], r["article"], r["start"]))
