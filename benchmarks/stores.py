"""Measures the stores: `python -m benchmarks.stores [embedded|neo4j] [--nodes N] [--edges N]`.

Sync against a bare driver loop with the same batches, a second sync, a changed article among 1,000, every query of the
library. For Neo4j set NEO4J_URI and NEO4J_PASSWORD, or let it start the test server with `--test-server`.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import neo4j
import networkx as nx

from ipgraph import query, store
from ipgraph.store import rows, statements
from ipgraph.store.connection import driver
from tests.store_graphs import graph

BATCH = 1000


def _timed(what: str, work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    taken = time.perf_counter() - begin
    print(f"{what:<52} {taken:8.2f} s", flush=True)
    return taken


def _clear(s: store.Store) -> None:
    where = s.writer
    with driver(where) as d, d.session(database=where.database) as session:
        while session.run("MATCH (n) WITH n LIMIT 5000 DETACH DELETE n RETURN count(n) AS n").single(strict=True)["n"]:
            pass


def _bare(g: nx.MultiDiGraph, s: store.Store) -> None:
    """The least that writes the same rows: one UNWIND statement of 1,000 rows after the other, nothing recorded."""
    wanted = rows.wanted(g)
    groups: dict[rows.Group, list[dict[str, Any]]] = defaultdict(list)
    for buckets in (wanted.nodes, wanted.edges):
        for listed in buckets.values():
            for r in listed:
                values = {**r.values, "ipgraph_hash": r.hash, "ipgraph_bucket": 0 if not r.head else None}
                row = {"key": f"b/{r.id}", "values": values, "head": f"b/{r.head}", "tail": f"b/{r.tail}"}
                groups[r.group].append(row)
    where = s.writer
    with driver(where) as d, d.session(database=where.database) as session:
        for text in statements.schema():
            session.run(text).consume()
        for group in sorted(groups, key=len):
            for i in range(0, len(groups[group]), BATCH):
                _again(session, statements.write(group), groups[group][i : i + BATCH])


def _again(session: neo4j.Session, text: str, listed: list[dict[str, Any]]) -> None:
    """Run a statement, once more where the engine says that it lost against its own housekeeping."""
    for _ in range(10):
        try:
            session.run(text, rows=listed).consume()
            return
        except neo4j.exceptions.TransientError:
            continue


def _values(g: nx.MultiDiGraph, q: query.Query) -> dict[str, Any]:
    """Parameters that hit the best-connected things: the worst case."""
    out: dict[str, Any] = {}
    for i, p in enumerate(q.parameters):
        if p.entity:
            listed = [n for n, d in g.nodes(data=True) if d["kind"] in p.kinds]
            out[p.name] = sorted(listed, key=lambda n: -g.degree(n))[i]
        elif p.kinds == ("text",):
            out[p.name] = next(d["id"] for _, _, d in g.edges(data=True) if "sentences" in d)
    return out


def _queries(g: nx.MultiDiGraph, s: store.Store) -> None:
    worst = 0.0
    for q in query.library():
        values = _values(g, q)
        query.run(s, q.name, values)
        taken = _timed(f"query {q.name}", lambda q=q, values=values: query.run(s, q.name, values))  # type: ignore[misc]
        worst = max(worst, taken)
    name = next(d["name"] for _, d in g.nodes(data=True) if d["kind"] == "Event")
    _timed("query attended, by name", lambda: query.run(s, "attended", {"event": name.upper()}))
    print(f"slowest query of the library: {worst:.2f} s (wanted: < 1)")


def _article(g: nx.MultiDiGraph) -> None:
    """Change what one article states: 20 nodes and 40 edges, some of them gone, some new."""
    some = [(a, b, k) for a, b, k, d in g.edges(keys=True, data=True) if d["type"] != "MENTIONED_IN"][100:140]
    for a, b, k in some[:10]:
        data = g.edges[a, b, k]
        g.remove_edge(a, b, k)
        g.add_edge(a, b, f"{k}-new", **{**data, "id": f"{k}-new"})
    for a, b, k in some[10:]:
        g.edges[a, b, k]["starts"] = [7]
    for a, _, _ in some[:20]:
        g.nodes[a]["aliases"] = [*g.nodes[a]["aliases"], "another alias"]


@contextmanager
def _target(kind: str, test_server: bool) -> Iterator[store.Store]:
    with tempfile.TemporaryDirectory() as folder:
        if kind == "embedded":
            with store.open(folder) as s:
                yield s
            return
        address = None
        if test_server:
            from tests.store_targets import neo4j_address

            address = neo4j_address()
        with store.open(Path(folder), address or store.address()) as s:
            store.sync(graph(300, 900), s, "warm")
            _clear(s)
            yield s


def main() -> None:
    """Run all measurements on one store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", choices=("embedded", "neo4j"), nargs="?", default="embedded")
    parser.add_argument("--nodes", type=int, default=20_000)
    parser.add_argument("--edges", type=int, default=60_000)
    parser.add_argument("--test-server", action="store_true", help="start the Neo4j that the tests use")
    given = parser.parse_args()
    g = graph(given.nodes, given.edges)
    print(f"{given.store}: {len(g)} nodes, {g.number_of_edges()} edges")
    with _target(given.store, given.test_server) as s:
        bare = _timed("bare driver loop", lambda: _bare(g, s))
    with _target(given.store, given.test_server) as s:
        first = _timed("first sync", lambda: store.sync(g, s, "w"))
        second = _timed("second sync of the same", lambda: store.sync(g, s, "w"))
        print(f"rate of sync to rate of the bare loop: {bare / first:.2f} (wanted: >= 0.8)")
        print(f"second sync to first: {second / first:.2f} (wanted: <= 0.2)")
        _article(g)
        _timed("sync after one changed article (wanted: <= 2)", lambda: store.sync(g, s, "w"))
        _queries(g, s)


if __name__ == "__main__":
    main()
