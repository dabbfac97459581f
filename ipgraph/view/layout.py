"""Where the nodes of a network lie: whole numbers, the same for the same network.

Each connected part is laid out for itself by NetworkX's spring layout from a fixed seed; parts too large for that
(its cost grows with the square of the nodes) by the same forces with sampled repulsion. The parts are then packed
around the largest.
"""

from __future__ import annotations

import math
from collections import defaultdict
from typing import Any

import networkx as nx
import numpy as np

from ipgraph.view.networks import Network

SEED = 8
APART = 62.0
"""Least distance of two nodes."""
LARGE = 450
Points = np.ndarray[Any, np.dtype[np.float64]]


def _graph(network: Network) -> nx.Graph:
    graph = nx.Graph()
    graph.add_nodes_from(network.nodes)
    weights: dict[tuple[str, str], int] = defaultdict(int)
    for link in network.links:
        weights[link.a, link.b] += link.weight
    for (a, b), weight in sorted(weights.items()):
        graph.add_edge(a, b, weight=1 + math.log2(weight))
    return graph


def _sampled(part: nx.Graph, rounds: int = 300, sample: int = 12) -> Points:
    """Springs along the edges, repulsion from a few nodes drawn anew each round and scaled up to all."""
    rng = np.random.default_rng(SEED)
    nodes = list(part)
    at = {n: i for i, n in enumerate(nodes)}
    ends = np.array([(at[a], at[b]) for a, b in part.edges])
    count = len(nodes)
    place = rng.uniform(-1, 1, (count, 2)) * math.sqrt(count)
    for step in range(rounds):
        push = np.zeros_like(place)
        others = rng.integers(0, count, (sample, count))
        for other in others:
            apart = place - place[other]
            push += apart / (np.sum(apart**2, axis=1, keepdims=True) + 0.01)
        push *= count / sample / 40
        along = place[ends[:, 1]] - place[ends[:, 0]]
        pull = along * np.linalg.norm(along, axis=1, keepdims=True) * 0.5
        np.add.at(push, ends[:, 0], pull)
        np.add.at(push, ends[:, 1], -pull)
        length = np.linalg.norm(push, axis=1, keepdims=True) + 1e-9
        heat = math.sqrt(count) * 0.1 * (1 - step / rounds)
        place = place + push / length * np.minimum(length, heat)
    return place


def _spread(place: Points, apart: float = APART, rounds: int = 60) -> Points:
    """Move nodes that lie too close away from each other; a grid finds the neighbours."""
    for _ in range(rounds):
        cells: dict[tuple[int, int], list[int]] = defaultdict(list)
        for i, (x, y) in enumerate(np.floor(place / apart).astype(int).tolist()):
            cells[x, y].append(i)
        pairs = [
            (i, j)
            for (x, y), here in cells.items()
            for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1), (1, -1))
            for i in here
            for j in cells.get((x + dx, y + dy), ())
            if (dx, dy) != (0, 0) or i < j
        ]
        if not pairs:
            break
        a, b = np.array(pairs).T
        gap = place[b] - place[a]
        far = np.linalg.norm(gap, axis=1)
        near = far < apart * 0.999
        if not near.any():
            break
        a, b, gap, far = a[near], b[near], gap[near], far[near]
        # Two nodes on one spot are told apart by their order.
        gap[far < 1e-6] = (1.0, 0.5)
        move = gap / np.maximum(np.linalg.norm(gap, axis=1), 1e-6)[:, None] * ((apart - far) / 2)[:, None]
        place = place.copy()
        np.add.at(place, a, -move)
        np.add.at(place, b, move)
    return place


def _lying(place: Points) -> Points:
    """Turned so that it is wider than high, as pages are."""
    xx, yy, xy = (float((place[:, a] * place[:, b]).sum()) for a, b in ((0, 0), (1, 1), (0, 1)))
    angle = math.atan2(2 * xy, xx - yy) / 2
    cos, sin = math.cos(angle), math.sin(angle)
    turned: Points = place @ np.array([[cos, -sin], [sin, cos]])
    return turned


def _part(part: nx.Graph) -> Points:
    """Places of one connected part, around its middle."""
    count = len(part)
    if count == 1:
        return np.zeros((1, 2))
    if count > LARGE:
        place = _sampled(part)
    else:
        found = nx.spring_layout(part, seed=SEED, iterations=200 if count < 120 else 100, k=1.6 / math.sqrt(count))
        place = np.array([found[n] for n in part])
    place = _lying(place - place.mean(axis=0))
    ends = {n: i for i, n in enumerate(part)}
    a, b = np.array([(ends[x], ends[y]) for x, y in part.edges]).T
    length = float(np.median(np.linalg.norm(place[a] - place[b], axis=1))) or 1.0
    wide = APART * (1.6 + math.log10(count))
    place = _spread(place * (wide / length))
    middled: Points = place - (place.max(axis=0) + place.min(axis=0)) / 2
    return middled


def _cells(place: Points, room: float) -> set[tuple[int, int]]:
    """The cells of a grid that the nodes lie in."""
    return {(x, y) for x, y in np.round(place / room).astype(int).tolist()}


def _packed(places: list[Points]) -> list[Points]:
    """The parts moved so that none touches another: the first in the middle, the others on a spiral around it."""
    taken: set[tuple[int, int]] = set()
    room, turn, out = APART * 1.25, 0.0, []
    for i, place in enumerate(places):
        cells = _cells(place, room)
        turn = max(0.0, turn - 6 * math.pi) if len(place) < LARGE else 0.0
        x = y = 0
        while i and any((cx + x, cy + y) in taken for cx, cy in cells):
            turn += 1 / (1 + turn / 8)
            # A flat spiral: pages are wider than high.
            x, y = round(0.33 * turn * math.cos(turn)), round(0.2 * turn * math.sin(turn))
        around = [(cx + x + dx, cy + y + dy) for cx, cy in cells for dx in (-1, 0, 1) for dy in (-1, 0, 1)]
        taken.update(around)
        out.append(place + np.array([x * room, y * room]))
    return out


def positions(network: Network) -> dict[str, tuple[int, int]]:
    """Node -> where it lies. Two nodes are about `APART` from each other or more."""
    graph = _graph(network)
    parts = sorted((sorted(c) for c in nx.connected_components(graph)), key=lambda c: (-len(c), c))
    places = []
    for names in parts:
        part = nx.Graph()
        part.add_nodes_from(names)
        part.add_edges_from(sorted((*sorted(e[:2]), e[2]) for e in graph.subgraph(names).edges(data=True)))
        places.append(_part(part))
    out = {}
    for names, place in zip(parts, _packed(places), strict=True):
        for name, (x, y) in zip(names, place.tolist(), strict=True):
            out[name] = (round(x), round(y))
    return out
