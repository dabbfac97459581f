"""Random graphs of the shape that `graph.build` gives, for tests and benchmarks of the stores."""

from __future__ import annotations

import random
from typing import Any

import networkx as nx

from ipgraph.model import EDGES

WEIGHTS = {"Person": 8, "Organization": 6, "Event": 4, "Place": 2, "Brand": 1, "Award": 1, "Article": 3}
TITLES = ("director", "deputy director", "chair", "examiner's assistant")


def _node(rnd: random.Random, kind: str, i: int) -> dict[str, Any]:
    data: dict[str, Any] = {"kind": kind, "name": f"{kind} Nº {i}", "aliases": [f"{kind[0]}{i}", f'the "{i}"']}
    if kind == "Article":
        return data | {"aliases": [], "title": f"Title {i}", "published": f"2024-0{rnd.randint(1, 9)}-1{i % 10}"}
    if kind == "Event" and rnd.random() < 0.8:
        first = rnd.randint(1, 20)
        month = f"202{rnd.randint(1, 4)}-0{rnd.randint(1, 9)}"
        return data | {"date_from": f"{month}-{first:02}", "date_to": f"{month}-{first + rnd.randint(0, 5):02}"}
    return data


def _edge(rnd: random.Random, kind: str, i: int, articles: list[str]) -> dict[str, Any]:
    cited = rnd.sample(articles, min(len(articles), rnd.randint(1, 3)))
    n = len(cited)
    data: dict[str, Any] = {
        "type": kind,
        "id": f"edg-{i:06}",
        "article_ids": cited,
        "sentences": [f"Sentence {i} of article {a} states the fact." for a in cited],
        "starts": [10 * i + k for k in range(n)],
        "ends": [10 * i + k + 9 for k in range(n)],
        "parts": ["text"] * n,
        "rules": ["rule"] * n,
        "confidence": rnd.randint(50, 99) / 100,
        "first_reported": f"2024-0{rnd.randint(1, 4)}-01",
        "last_reported": f"2024-0{rnd.randint(5, 9)}-01",
    }
    for name, values in EDGES[kind].properties.items():
        if values and rnd.random() < 0.9:
            data[name] = rnd.choice(values)
    if kind == "HOLDS_POSITION":
        data |= {"title": rnd.choice(TITLES)} | ({"former": True} if rnd.random() < 0.3 else {})
    return data


def graph(nodes: int, edges: int, seed: int = 1) -> nx.MultiDiGraph:
    """A graph of about so many nodes and just so many edges, mentions included."""
    rnd = random.Random(seed)
    out = nx.MultiDiGraph()
    by_kind: dict[str, list[str]] = {}
    for kind, weight in WEIGHTS.items():
        count = max(nodes * weight // sum(WEIGHTS.values()), 3)
        by_kind[kind] = [f"{kind[:3].lower()}-{i:06}" for i in range(count)]
        for i, n in enumerate(by_kind[kind]):
            out.add_node(n, **_node(rnd, kind, i))
    entities = [n for k, ids in by_kind.items() if k != "Article" for n in ids]
    types = [*EDGES, "MENTIONED_IN", "MENTIONED_IN", "ATTENDED", "ATTENDED"]
    i = made = 0
    while made < edges:  # counting the edges of the graph itself walks all nodes
        i += 1
        kind = rnd.choice(types)
        if kind == "MENTIONED_IN":
            key = f"men-{i:06}"
            data = {"type": kind, "id": key, "count": 2, "starts": [i, i + 9], "ends": [i + 2, i + 11]}
            out.add_edge(rnd.choice(entities), rnd.choice(by_kind["Article"]), key, **data, parts=["text", "text"])
            made += 1
            continue
        head_kind = rnd.choice(EDGES[kind].heads)
        tail_kind = head_kind if kind == "PART_OF" else rnd.choice(EDGES[kind].tails)
        head, tail = rnd.choice(by_kind[head_kind]), rnd.choice(by_kind[tail_kind])
        # Units point upwards only: a body that is a part of itself has no tree.
        if kind in ("PART_OF", "LOCATED_IN") and head_kind == tail_kind and head <= tail:
            continue
        if head != tail:
            out.add_edge(head, tail, f"edg-{i:06}", **_edge(rnd, kind, i, by_kind["Article"]))
            made += 1
    return out
