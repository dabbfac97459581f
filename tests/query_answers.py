"""The answer to each query of the library, computed with NetworkX by walking the whole graph: slow, plain, right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import networkx as nx

Row = tuple[Any, ...]
Graph = nx.MultiDiGraph
Answer = Callable[[Graph, dict[str, Any]], list[Row]]
TOOK_PART = ("ATTENDED", "ORGANIZED")


def _edges(g: Graph, *types: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    return ((a, b, d) for a, b, d in g.edges(data=True) if d["type"] in types)


def _name(g: Graph, n: str) -> str:
    return str(g.nodes[n]["name"])


def _kind(g: Graph, n: str) -> str:
    return str(g.nodes[n]["kind"])


def _date(g: Graph, n: str) -> Any:
    data = g.nodes[n]
    return data.get("date_from") or data.get("date") or data.get("start")


def _below(g: Graph, top: str, kind: str, most: int) -> dict[str, int]:
    """What lies below `top` by edges of the type, with the least number of steps."""
    found, rim = {top: 0}, {top}
    for step in range(1, most + 1):
        rim = {a for a, b, _ in _edges(g, kind) if b in rim and _kind(g, a) == _kind(g, top)} - set(found)
        found |= dict.fromkeys(rim, step)
    return found


def attended(g: Graph, p: dict[str, Any]) -> list[Row]:
    return [
        (a, _kind(g, a), _name(g, a), d.get("role"), d.get("mode"), d["confidence"], d["article_ids"])
        for a, b, d in _edges(g, "ATTENDED")
        if b == p["event"]
    ]


def attendance_of(g: Graph, p: dict[str, Any]) -> list[Row]:
    return [
        (b, _name(g, b), _date(g, b), d.get("role"), d.get("mode"), d["confidence"], d["article_ids"])
        for a, b, d in _edges(g, "ATTENDED")
        if a == p["name"]
    ]


def speakers(g: Graph, p: dict[str, Any]) -> list[Row]:
    roles = ("speaker", "presider", "presenter")
    who = {a for a, b, d in _edges(g, "ATTENDED") if b == p["event"] and d.get("role") in roles}
    rows: list[Row] = []
    for n in who:
        held = [(d.get("title"), _name(g, b)) for a, b, d in _edges(g, "HOLDS_POSITION") if a == n]
        rows += [(n, _name(g, n), *h) for h in held or [(None, None)]]
    return rows


def roster(g: Graph, p: dict[str, Any]) -> list[Row]:
    rows: list[Row] = []
    for a, b, d in _edges(g, "ATTENDED"):
        if b == p["event"] and _kind(g, a) == "Person":
            held = [
                (_name(g, y), h.get("title"))
                for x, y, h in _edges(g, "HOLDS_POSITION")
                if x == a and _kind(g, y) == "Organization"
            ]
            rows += [(o, _name(g, a), a, title, d.get("role")) for o, title in held or [(None, None)]]
    return rows


def organizers(g: Graph, p: dict[str, Any]) -> list[Row]:
    return [
        (a, _kind(g, a), _name(g, a), d.get("role"), d["confidence"], d["article_ids"])
        for a, b, d in _edges(g, "ORGANIZED")
        if b == p["event"]
    ]


def positions(g: Graph, p: dict[str, Any]) -> list[Row]:
    keys = ("former", "since", "until", "first_reported", "last_reported", "confidence")
    return [
        (d.get("title"), _name(g, b), _kind(g, b), *map(d.get, keys))
        for a, b, d in _edges(g, "HOLDS_POSITION")
        if a == p["name"]
    ]


def people_of(g: Graph, p: dict[str, Any]) -> list[Row]:
    units = _below(g, p["organization"], "PART_OF", 6)
    return [
        (a, _name(g, a), d.get("title"), _name(g, b), d.get("former"))
        for a, b, d in _edges(g, "HOLDS_POSITION")
        if b in units
    ]


def organization_tree(g: Graph, p: dict[str, Any]) -> list[Row]:
    below = _below(g, p["organization"], "PART_OF", 6)
    return [(level, n, _name(g, n)) for n, level in below.items() if level]


def _together(g: Graph, me: str, kind: str, types: tuple[str, ...]) -> list[Row]:
    mine = {b for a, b, _ in _edges(g, *types) if a == me}
    met: dict[str, set[str]] = {}
    for a, b, _ in _edges(g, *types):
        if b in mine and a != me and _kind(g, a) == kind:
            met.setdefault(a, set()).add(b)
    return [
        (n, _name(g, n), len(e), [_name(g, x) for x in sorted(e, key=lambda x: (_name(g, x), x))])
        for n, e in met.items()
    ]


def co_attendance(g: Graph, p: dict[str, Any]) -> list[Row]:
    return _together(g, p["organization"], "Organization", TOOK_PART)


def met(g: Graph, p: dict[str, Any]) -> list[Row]:
    return _together(g, p["name"], "Person", ("ATTENDED",))


def brands(g: Graph, p: dict[str, Any]) -> list[Row]:
    return [
        (_name(g, a), _name(g, b), d["confidence"], d["article_ids"])
        for a, b, d in _edges(g, "OWNS_BRAND")
        if p["name"] in (a, b)
    ]


def awards(g: Graph, p: dict[str, Any]) -> list[Row]:
    return [
        (_name(g, a), _kind(g, a), _name(g, b), d.get("status"), d.get("date"), d["confidence"], d["article_ids"])
        for a, b, d in _edges(g, "RECEIVED")
        if p["name"] in (a, b)
    ]


def events(g: Graph, p: dict[str, Any]) -> list[Row]:
    rows: list[Row] = []
    for n, d in g.nodes(data=True):
        if d["kind"] == "Event" and "date_from" in d and d["date_from"] <= p["to"] and d["date_to"] >= p["from"]:
            places = sorted({_name(g, b) for a, b, _ in _edges(g, "HELD_IN") if a == n})
            rows.append((n, d["name"], d["date_from"], d["date_to"], places))
    return rows


def events_at(g: Graph, p: dict[str, Any]) -> list[Row]:
    places = _below(g, p["place"], "LOCATED_IN", 4)
    return [(a, _name(g, a), _date(g, a), _name(g, b)) for a, b, _ in _edges(g, "HELD_IN") if b in places]


def timeline(g: Graph, p: dict[str, Any]) -> list[Row]:
    me = p["organization"]
    rows: list[Row] = []
    for a, b, d in _edges(g, "ATTENDED", "ORGANIZED", "RECEIVED", "COOPERATES_WITH"):
        if me in (a, b):
            other = b if a == me else a
            date = g.nodes[other].get("date_from") or d.get("date") or d.get("first_reported")
            role = d.get("role") or d.get("status")
            rows.append((date, d["type"], _name(g, other), other, role, d["article_ids"]))
    return rows


def path(g: Graph, p: dict[str, Any]) -> list[Row]:
    """The length alone: of several shortest paths any is right."""
    plain = nx.Graph()
    plain.add_nodes_from(n for n, d in g.nodes(data=True) if d["kind"] != "Article")
    plain.add_edges_from((a, b) for a, b, d in g.edges(data=True) if d["type"] != "MENTIONED_IN")
    try:
        length = nx.shortest_path_length(plain, p["from"], p["to"])
    except nx.NetworkXNoPath:
        return []
    return [(length,)] if length <= 8 else []


def top_organizations(g: Graph, p: dict[str, Any]) -> list[Row]:
    rows = []
    for n, d in g.nodes(data=True):
        edges = [(a, b) for a, b, e in g.edges(data=True) if n in (a, b) and e["type"] != "MENTIONED_IN"]
        if d["kind"] == "Organization" and edges:
            rows.append((n, d["name"], len({x for e in edges for x in e} - {n}), len(edges)))
    return sorted(rows, key=lambda r: (-r[2], -r[3], r[1], r[0]))[: p["limit"]]


def cooperation(g: Graph, p: dict[str, Any]) -> list[Row]:
    rows = [
        (a, _name(g, a), b, _name(g, b), d["first_reported"], d["article_ids"])
        for a, b, d in _edges(g, "COOPERATES_WITH")
    ]
    return sorted(rows, key=lambda r: (r[1], r[3], r[0], r[2]))[: p["limit"]]


def articles(g: Graph, p: dict[str, Any]) -> list[Row]:
    rows: list[Row] = []
    for a, b, d in _edges(g, "MENTIONED_IN"):
        if a == p["name"]:
            n = g.nodes[b]
            rows.append((b, n.get("title", n["name"]), n.get("publisher"), n.get("published"), d["count"]))
    return rows


def evidence(g: Graph, p: dict[str, Any]) -> list[Row]:
    rows: list[Row] = []
    for a, b, d in g.edges(data=True):
        if d["id"] == p["edge"]:
            for i, article in enumerate(d.get("article_ids", ())):
                n = g.nodes[article]
                where = (d["sentences"][i], d["starts"][i], d["ends"][i], d["rules"][i])
                rows.append((d["type"], _name(g, a), _name(g, b), n["title"], n.get("published"), *where))
    return rows


def ties(g: Graph, p: dict[str, Any]) -> list[Row]:
    rows: list[Row] = []
    for a, b, d in g.edges(data=True):
        if p["name"] in (a, b) and d["type"] != "MENTIONED_IN":
            role = d.get("role") or d.get("title") or d.get("status")
            rows.append((d["id"], d["type"], _name(g, a), _name(g, b), role, d["confidence"], d["sentences"]))
    return rows


ANSWERS: dict[str, Answer] = {
    "attended": attended,
    "attendance-of": attendance_of,
    "speakers": speakers,
    "roster": roster,
    "organizers": organizers,
    "positions": positions,
    "people-of": people_of,
    "organization-tree": organization_tree,
    "co-attendance": co_attendance,
    "met": met,
    "brands": brands,
    "awards": awards,
    "events": events,
    "events-at": events_at,
    "timeline": timeline,
    "path": path,
    "top-organizations": top_organizations,
    "cooperation": cooperation,
    "articles": articles,
    "evidence": evidence,
    "ties": ties,
}
