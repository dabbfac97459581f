"""Measures the stores: `python -m benchmarks.stores [embedded|neo4j] [--nodes N] [--edges N] [--articles N]`.

Sync against a bare driver loop with the same batches, a second sync, every query of the library, and a changed article
among 1,000 from the ledger to the store. For Neo4j set NEO4J_URI and NEO4J_PASSWORD, or let it start the test server
with `--test-server`. Beside the seconds stands the processor time of this process and of a server on this machine:
on a busy machine that is the figure to compare.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import neo4j
import networkx as nx

from ipgraph import query, store
from ipgraph.ledger import Ledger
from ipgraph.store import index, rows, statements, syncing
from ipgraph.store import plan as plans
from ipgraph.store.connection import driver
from ipgraph.store.syncing import Sync
from tests import store_articles
from tests.store_graphs import graph

LEAST = 0.5
servers: list[int] = []
"""Process ids of the servers whose processor time counts."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds on the clock and of processors."""

    wall: float
    cpu: float

    def __truediv__(self, other: Taken) -> str:
        return f"{self.wall / other.wall:.2f}, by processor time {self.cpu / other.cpu:.2f}"


def _cpu() -> float:
    total = time.process_time()
    for pid in servers:
        with suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def _timed(what: str, work: Callable[[], Any]) -> Taken:
    begin, cpu = time.perf_counter(), _cpu()
    work()
    taken = Taken(time.perf_counter() - begin, _cpu() - cpu)
    print(f"{what:<56} {taken.wall:8.2f} s {taken.cpu:8.2f} s of processors", flush=True)
    return taken


def _clear(s: store.Store) -> None:
    where = s.writer
    with driver(where) as d, d.session(database=where.database) as session:
        while session.run("MATCH (n) WITH n LIMIT 5000 DETACH DELETE n RETURN count(n) AS n").single(strict=True)["n"]:
            pass


Batch = list[tuple[str, list[dict[str, Any]]]]


def _batches(g: nx.MultiDiGraph) -> list[Batch]:
    """Statements with their rows, a list a transaction: those of a first sync."""
    wanted = rows.wanted(g)
    out: list[Batch] = []
    for buckets, digests in ((wanted.nodes, wanted.node_digests), (wanted.edges, wanted.edge_digests)):
        changed = plans.changes(buckets, digests, range(rows.BUCKETS), {})
        for batch in plans.batches(changed, syncing.TRANSACTION):
            groups: dict[rows.Group, list[dict[str, Any]]] = defaultdict(list)
            for r in (r for change in batch for r in change.create):
                ends = {"head": f"b/{r.head}", "tail": f"b/{r.tail}"} if r.head else {}
                marks = {"ipgraph_hash": r.hash} | ({} if r.head else {"ipgraph_bucket": rows.bucket(r.id)})
                groups[r.group].append({"key": f"b/{r.id}", **ends, "values": {**r.values, **marks}})
            cut = ((g, i) for g in sorted(groups) for i in range(0, len(groups[g]), syncing.STATEMENT))
            out.append([(statements.write(g), groups[g][i : i + syncing.STATEMENT]) for g, i in cut])
    return out


def _bare(batches: list[Batch], s: store.Store) -> None:
    """The least that writes the same batches: no plan, no record, rows at hand."""
    where = s.writer
    with driver(where) as d, d.session(database=where.database) as session:
        for text in statements.schema():
            session.run(text).consume()
        for batch in batches:
            _again(session, batch)


def _again(session: neo4j.Session, batch: Batch) -> None:
    """Run a transaction, once more where the engine says that it lost against its own housekeeping."""
    for _ in range(10):
        try:
            with session.begin_transaction() as tx:
                for text, listed in batch:
                    tx.run(text, rows=listed).consume()
                tx.commit()
            return
        except neo4j.exceptions.TransientError:
            continue
    raise RuntimeError("the bare loop does not get through")


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
        worst = max(worst, taken.wall)
    name = next(d["name"] for _, d in g.nodes(data=True) if d["kind"] == "Event")
    _timed("query attended, by name", lambda: query.run(s, "attended", {"event": name.upper()}))
    print(f"slowest query of the library: {worst:.2f} s (wanted: < 1)")


def _read_in(db: Path, number: int, version: int) -> None:
    with Ledger(db) as book:
        store_articles.add(book, number, version)


def _by_stages(db: Path, s: store.Store) -> None:
    """What `store.refresh` does, stage by stage."""
    with Ledger(db) as book:
        mark = store.workspace(book)
        _timed("  the store is asked for its revision", lambda: store.revision(s, mark))
        with ExitStack() as stack:
            line = index.opened(book, mark, LEAST)
            held: list[index.Index] = []
            _timed("  resolve, graph, rows", lambda: held.append(stack.enter_context(line)))
            with held[0].wanted() as wanted:
                run = Sync(wanted, s.writer, mark, f"{held[0].revision} at {LEAST:g}", False, lambda _: None)
                _timed("  plan and write", run.run)


def _changed_article(db: Path, s: store.Store, count: int) -> None:
    """One article of so many is read anew with other facts, and the store follows."""
    _timed(f"{count} made-up articles read into a ledger", lambda: sum(1 for _ in store_articles.fill(db, count)))
    _timed("first sync of that ledger", lambda: store.refresh(db, s, LEAST))
    _timed("second sync", lambda: store.refresh(db, s, LEAST))
    _read_in(db, count // 2, 1)
    _by_stages(db, s)
    taken = []
    for version in range(2, 7):
        _read_in(db, count // 3 + version, version)
        taken.append(_timed("one changed article, ledger to store", lambda: store.refresh(db, s, LEAST)))
    slowest = max(t.wall for t in taken)
    print(f"one changed article among {count}: {slowest:.2f} s at most (wanted: <= 2)")


def _article(g: nx.MultiDiGraph) -> None:
    """Change 20 nodes and 40 edges, some of them gone, some new."""
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
def _target(kind: str, test_server: bool) -> Iterator[tuple[Path, store.Store]]:
    """An empty store and the folder of its workspace."""
    with tempfile.TemporaryDirectory() as folder:
        if kind == "embedded":
            with store.open(folder) as s:
                servers[:] = [json.loads((Path(folder) / "graph" / "server.json").read_text())["pid"]]
                yield Path(folder), s
            return
        address = None
        if test_server:
            from tests.neo4j import server
            from tests.store_targets import neo4j_address

            address = neo4j_address()
            process = server.shared().process
            servers[:] = [process.pid] if process else []
        with store.open(Path(folder), address or store.address()) as s:
            store.sync(graph(300, 900), s, "warm")
            _clear(s)
            yield Path(folder), s


def main() -> None:
    """Run all measurements on one store."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", choices=("embedded", "neo4j"), nargs="?", default="embedded")
    parser.add_argument("--nodes", type=int, default=20_000, help="0 leaves the big graph out")
    parser.add_argument("--edges", type=int, default=60_000)
    parser.add_argument("--articles", type=int, default=1_000, help="0 leaves the changed article out")
    parser.add_argument("--test-server", action="store_true", help="start the Neo4j that the tests use")
    given = parser.parse_args()
    if given.articles:
        with _target(given.store, given.test_server) as (db, s):
            _changed_article(db, s, given.articles)
    if given.nodes:
        _big(given.store, given.test_server, graph(given.nodes, given.edges))


def _big(kind: str, test_server: bool, g: nx.MultiDiGraph) -> None:
    print(f"{kind}: {len(g)} nodes, {g.number_of_edges()} edges")
    batches = _batches(g)
    with _target(kind, test_server) as (_, s):
        bare = _timed("bare driver loop", lambda: _bare(batches, s))
    with _target(kind, test_server) as (_, s):
        first = _timed("first sync", lambda: store.sync(g, s, "w"))
        second = _timed("second sync of the same", lambda: store.sync(g, s, "w"))
        print(f"rate of sync to rate of the bare loop: {bare / first} (wanted: >= 0.8)")
        print(f"second sync to first: {second / first} (wanted: <= 0.2)")
        _article(g)
        _timed("sync after 60 changes, all rows made anew", lambda: store.sync(g, s, "w"))
        _queries(g, s)


if __name__ == "__main__":
    main()
