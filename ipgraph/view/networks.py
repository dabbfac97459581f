"""Projections of the graph: who is tied to whom, by what, and which facts say so.

A tie runs through something shared (an event, a person, a brand, an organization) or is stated directly. Every tie
names the edges of the graph it rests on, so that each line of a picture can be read back to its sentences.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

from ipgraph import lookup
from ipgraph.errors import UsageError
from ipgraph.graph import Graph
from ipgraph.model import EDGES

Edge = tuple[str, str, dict[str, Any]]
Pair = tuple[str, str]

KINDS: dict[str, dict[str, str]] = {
    "organizations": {
        "event": "at the same event",
        "met": "their people at one event",
        "person": "shared person",
        "part-of": "part of",
        "cooperation": "cooperation",
        "brand": "shared brand",
    },
    "people": {"event": "at the same event", "organization": "same organization"},
    "events": {
        "organized": "organized",
        "spoke": "spoke",
        "presided": "presided",
        "attended": "attended",
        "part-of": "part of",
        "position": "holds a position",
    },
}
"""Projection -> the kinds of ties it draws, each with its words for people."""

LABELS = {
    "organizations": ("Organization",),
    "people": ("Person",),
    "events": ("Event", "Organization", "Person"),
}
"""Projection -> the labels of its nodes."""

TAKING_PART = ("ATTENDED", "ORGANIZED")
ROLES = {"speaker": "spoke", "presenter": "spoke", "presider": "presided"}
CROWD = 60
"""Something shared by more nodes than this ties everybody to everybody: it is named, not drawn."""


@dataclass(frozen=True, slots=True)
class Wish:
    """What to show. `around` is a name, alias or id; `types` are kinds of ties or relationship types."""

    around: str | None = None
    hops: int = 1
    as_of: str | None = None
    types: tuple[str, ...] = ()
    min_weight: int = 1
    max_nodes: int = 300


@dataclass(frozen=True, slots=True)
class Link:
    """A tie of one kind between two nodes: through what is shared, or by the facts that state it."""

    a: str
    b: str
    kind: str
    through: tuple[str, ...]
    facts: tuple[str, ...]
    weight: int


@dataclass(frozen=True, slots=True)
class Network:
    """A projection, ready to be drawn.

    `nodes` are sorted ids; `edges` the edges of the graph that it shows, by id; `reach` says which facts tie a node to
    a shared thing, by (kind, node, thing). `notes` say in words what was left out.
    """

    kind: str
    graph: Graph
    nodes: tuple[str, ...]
    links: tuple[Link, ...]
    reach: dict[tuple[str, str, str], tuple[str, ...]]
    edges: dict[str, Edge]
    focus: str | None = None
    notes: tuple[str, ...] = ()

    def strength(self) -> dict[str, int]:
        """Node -> the sum of the weights of its ties."""
        out = dict.fromkeys(self.nodes, 0)
        for link in self.links:
            out[link.a] += link.weight
            out[link.b] += link.weight
        return out


@dataclass(slots=True)
class _Draft:
    """A projection while it is made: what reaches what, and what is stated directly."""

    reach: dict[tuple[str, str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    direct: dict[tuple[str, str, str], set[str]] = field(default_factory=lambda: defaultdict(set))
    crowds: list[str] = field(default_factory=list)


def when(graph: Graph, edge: Edge) -> str | None:
    """The date a fact belongs to: its event's, its own, else when it was first reported. None where unknown."""
    head, tail, data = edge
    for node in (tail, head):
        if graph.nodes[node]["kind"] == "Event":
            for key in ("date_from", "start", "date"):
                value = graph.nodes[node].get(key)
                if value and str(value)[:4].isdigit():
                    return str(value)
    for key in ("since", "date"):
        if str(data.get(key, ""))[:4].isdigit():
            return str(data[key])
    first = data.get("first_reported")
    return str(first) if first else None


def _holds(graph: Graph, edge: Edge, day: str) -> bool:
    """Whether the fact was so on that day, as far as is known. Partial dates count from their beginning."""
    data = edge[2]
    until = str(data.get("until", ""))
    if str(data.get("former", "")).lower() in ("true", "yes", "1") or (
        until[:4].isdigit() and until < day[: len(until)]
    ):
        return False
    since = when(graph, edge)
    return since is None or since[: len(day)] <= day[: len(since)]


def _edges(graph: Graph, kind: str, wish: Wish) -> Iterator[Edge]:
    wanted = {t.upper().replace("-", "_") for t in wish.types if not _ties(kind, [t])} & set(EDGES)
    for head, tail, data in sorted(graph.edges(data=True), key=lambda e: str(e[2]["id"])):
        if data["type"] == "MENTIONED_IN" or (wanted and data["type"] not in wanted):
            continue
        if wish.as_of is None or _holds(graph, (head, tail, data), wish.as_of):
            yield head, tail, data


def _ties(kind: str, types: Iterable[str]) -> set[str]:
    """Those of the given types that are kinds of ties; "part-of" is both and counts as a tie."""
    return {t.lower().replace("_", "-") for t in types} & set(KINDS[kind])


def _of_type(edges: Iterable[Edge], *types: str) -> Iterator[Edge]:
    return (e for e in edges if e[2]["type"] in types)


def _former(data: dict[str, Any]) -> bool:
    return str(data.get("former", "")).lower() in ("true", "yes", "1")


def _organizations(graph: Graph, edges: list[Edge], draft: _Draft) -> None:
    kind = {n: d["kind"] for n, d in graph.nodes(data=True)}
    places: dict[str, list[Edge]] = defaultdict(list)
    for edge in _of_type(edges, "HOLDS_POSITION"):
        person, organization, data = edge
        if kind[organization] == "Organization":
            draft.reach["person", organization, person].add(data["id"])
            if not _former(data):
                places[person].append(edge)
    for head, event, data in _of_type(edges, *TAKING_PART):
        if kind[head] == "Organization":
            draft.reach["event", head, event].add(data["id"])
        for _, organization, position in places.get(head, ()):
            draft.reach["met", organization, event] |= {data["id"], position["id"]}
    for head, brand, data in _of_type(edges, "OWNS_BRAND"):
        if kind[head] == "Organization":
            draft.reach["brand", head, brand].add(data["id"])
    for head, tail, data in _of_type(edges, "PART_OF", "COOPERATES_WITH"):
        if kind[head] == kind[tail] == "Organization":
            name = "part-of" if data["type"] == "PART_OF" else "cooperation"
            draft.direct[name, head, tail].add(data["id"])


def _people(graph: Graph, edges: list[Edge], draft: _Draft) -> None:
    for head, tail, data in _of_type(edges, *TAKING_PART, "HOLDS_POSITION"):
        if graph.nodes[head]["kind"] == "Person":
            name = "organization" if data["type"] == "HOLDS_POSITION" else "event"
            draft.reach[name, head, tail].add(data["id"])


def _events(graph: Graph, edges: list[Edge], draft: _Draft) -> None:
    there = {head for head, _, _ in _of_type(edges, *TAKING_PART)}
    for head, tail, data in edges:
        kinds = (graph.nodes[head]["kind"], graph.nodes[tail]["kind"])
        if data["type"] in TAKING_PART:
            name = "organized" if data["type"] == "ORGANIZED" else ROLES.get(data.get("role", ""), "attended")
            draft.direct[name, head, tail].add(data["id"])
        elif data["type"] == "PART_OF" and kinds == ("Event", "Event"):
            draft.direct["part-of", head, tail].add(data["id"])
        elif data["type"] == "HOLDS_POSITION" and head in there and kinds[1] == "Organization":
            draft.direct["position", head, tail].add(data["id"])


_PROJECT = {"organizations": _organizations, "people": _people, "events": _events}


def _one_person(draft: _Draft, a: str, b: str, event: str) -> bool:
    """Whether all that ties both to the event is one and the same attendance: nobody met anybody then."""
    here, there = draft.reach["met", a, event], draft.reach["met", b, event]
    attendance = here & there
    return len(here - attendance) == len(there - attendance) == 1 == len(attendance)


def _shared(draft: _Draft) -> Iterator[tuple[str, str, str, str]]:
    """(kind, a, b, thing) for each two nodes that reach the same thing in the same way."""
    by_thing: dict[tuple[str, str], set[str]] = defaultdict(set)
    for kind, node, thing in draft.reach:
        by_thing[kind, thing].add(node)
    for (kind, thing), nodes in sorted(by_thing.items()):
        direct = by_thing.get(("event", thing), set()) if kind == "met" else set()
        if len(nodes | direct) > CROWD:
            draft.crowds.append(thing)
            continue
        for a, b in combinations(sorted(nodes | direct), 2):
            met = not {a, b} <= direct and not _one_person(draft, a, b, thing)
            if kind != "met" or met:
                yield kind, a, b, thing


def _links(draft: _Draft, edges: dict[str, Edge]) -> list[Link]:
    through: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for kind, a, b, thing in _shared(draft):
        through[kind, a, b].add(thing)
    links = [Link(a, b, kind, tuple(sorted(t)), (), len(t)) for (kind, a, b), t in through.items()]
    for (kind, a, b), facts in draft.direct.items():
        reports = {article for f in facts for article in edges[f][2]["article_ids"]}
        links.append(Link(a, b, kind, (), tuple(sorted(facts)), max(1, len(reports))))
    return sorted(links, key=lambda x: (x.a, x.b, x.kind))


def _tie_types(kind: str, types: tuple[str, ...]) -> set[str]:
    ties = _ties(kind, types)
    unknown = [t for t in types if not _ties(kind, [t]) and t.upper().replace("-", "_") not in EDGES]
    if unknown:
        known = ", ".join([*KINDS[kind], *EDGES])
        raise UsageError(f"no type {unknown[0]!r}; neither a kind of tie nor a relationship; try one of {known}")
    return ties or set(KINDS[kind])


def _heavy(links: list[Link], least: int) -> list[Link]:
    total: dict[Pair, int] = defaultdict(int)
    for link in links:
        total[link.a, link.b] += link.weight
    return [link for link in links if total[link.a, link.b] >= least]


def _seeds(graph: Graph, found: str, tied: set[str], draft: _Draft) -> set[str]:
    """The nodes to start from: the thing itself where it is a node, else whatever reaches it."""
    if found in tied:
        return {found}
    near = {node for _, node, thing in draft.reach if thing == found}
    near |= {n for n in (*graph.predecessors(found), *graph.successors(found)) if n in tied}
    return near & tied


def _distances(links: list[Link], seeds: set[str], hops: int) -> dict[str, int]:
    near: dict[str, set[str]] = defaultdict(set)
    for link in links:
        near[link.a].add(link.b)
        near[link.b].add(link.a)
    distance = dict.fromkeys(seeds, 0)
    edge = seeds
    for step in range(1, hops + 1):
        edge = {n for e in edge for n in near[e]} - set(distance)
        distance |= dict.fromkeys(edge, step)
    return distance


def _kept(links: list[Link], distance: dict[str, int] | None, most: int) -> tuple[set[str], int]:
    """The nodes to show and how many there were: the nearest first, then the most tied."""
    strength: dict[str, int] = defaultdict(int)
    for link in links:
        strength[link.a] += link.weight
        strength[link.b] += link.weight
    there = set(strength) if distance is None else set(distance)
    order = sorted(there, key=lambda n: ((distance or {}).get(n, 0), -strength[n], n))
    return set(order[:most]), len(order)


def _notes(kind: str, network_size: tuple[int, int], lonely: int, crowds: list[str]) -> tuple[str, ...]:
    shown, there = network_size
    what = "nodes" if kind == "events" else kind
    notes = []
    if shown < there:
        notes.append(
            f"shown are {shown} of {there} {what}, the most connected; --max-nodes {there} shows all,"
            " --around NAME what is near one, --min-weight 2 the stronger ties"
        )
    if lonely:
        notes.append(f"{lonely} {what} without any such tie are left out; `ipgraph find NAME` finds them")
    if crowds:
        names = ", ".join(sorted(crowds)[:3])
        notes.append(
            f"{len(crowds)} shared by more than {CROWD} each tie everybody to everybody and are left out: {names};"
            " `ipgraph view events` shows them"
        )
    return tuple(notes)


def _shown_edges(by_id: dict[str, Edge], nodes: set[str], used: set[str]) -> dict[str, Edge]:
    return {k: e for k, e in by_id.items() if k in used or e[0] in nodes or e[1] in nodes}


def network(graph: Graph, kind: str, wish: Wish | None = None) -> Network:
    """The network of `kind` ("organizations", "people" or "events") in the graph.

    Raises UsageError for an unknown type, a name that nothing or more than one thing bears, and an empty network.
    """
    wish = wish or Wish()
    allowed = _tie_types(kind, wish.types)
    by_id = {str(e[2]["id"]): e for e in _edges(graph, kind, wish)}
    draft = _Draft()
    _PROJECT[kind](graph, list(by_id.values()), draft)
    links = _heavy([x for x in _links(draft, by_id) if x.kind in allowed], wish.min_weight)
    tied = {n for link in links for n in (link.a, link.b)}
    found = lookup.one(graph, wish.around) if wish.around else None
    distance = _distances(links, _seeds(graph, found, tied, draft), wish.hops) if found else None
    nodes, there = _kept(links, distance, wish.max_nodes)
    if not nodes:
        where = f" around {graph.nodes[found]['name']}" if found else ""
        raise UsageError(f"no ties between {kind}{where}; nothing in the graph states one; try `ipgraph view events`")
    links = [x for x in links if x.a in nodes and x.b in nodes]
    things = {(x.a, t) for x in links for t in x.through} | {(x.b, t) for x in links for t in x.through}
    reach = {k: tuple(sorted(v)) for k, v in sorted(draft.reach.items()) if k[1:] in things}
    used = {f for v in reach.values() for f in v} | {f for x in links for f in x.facts}
    all_nodes = {n for n, d in graph.nodes(data=True) if d["kind"] in LABELS[kind]}
    lonely = 0 if found or kind == "events" else len(all_nodes - tied)
    notes = _notes(kind, (len(nodes), there), lonely, [str(graph.nodes[c]["name"]) for c in set(draft.crowds)])
    edges = _shown_edges(by_id, nodes, used)
    focus = found if found in nodes else None
    return Network(kind, graph, tuple(sorted(nodes)), tuple(links), reach, edges, focus, notes)
