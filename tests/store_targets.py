"""Both stores for tests: the embedded one, and a real Neo4j where there is one (marked slow)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ipgraph import store
from tests.neo4j import server

BOTH = ["embedded", pytest.param("neo4j", marks=pytest.mark.slow)]


def neo4j_address() -> store.Address:
    """The shared Neo4j, or the test is skipped."""
    server.need()
    shared = server.shared()
    return store.address(shared.url, env={"NEO4J_PASSWORD": server.PASSWORD})


def opened(kind: str, folder: Path) -> Iterator[store.Store]:
    """An empty store of the kind; the embedded one in `folder`."""
    if kind == "embedded":
        with store.open(folder) as s:
            yield s
        return
    address = neo4j_address()
    server.clean(server.shared())
    with store.open(folder, address) as s:
        yield s


def ask(target: store.Store, text: str, **parameters: Any) -> list[dict[str, Any]]:
    """Run anything as the writer, for the test's own eyes and tricks."""
    from ipgraph.store.connection import driver

    where = target.writer
    with driver(where) as d, d.session(database=where.database) as session:
        return [r.data() for r in session.run(text, parameters)]  # type: ignore[arg-type]


def content(target: store.Store) -> tuple[list[Any], list[Any]]:
    """All nodes and edges of ours, without the workspace in their keys: two stores in line have the same."""
    nodes = ask(target, "MATCH (n) WHERE n.ipgraph_hash IS NOT NULL RETURN labels(n) AS l, properties(n) AS p")
    edges = ask(
        target,
        "MATCH (a)-[r]->(b) WHERE r.ipgraph_hash IS NOT NULL"
        " RETURN a.id AS a, type(r) AS t, b.id AS b, properties(r) AS p",
    )

    def line(row: dict[str, Any]) -> list[Any]:
        p = {k: v for k, v in row["p"].items() if k != "ipgraph_key"}
        return [row.get("l"), row.get("a"), row.get("t"), row.get("b"), sorted(p.items())]

    return sorted(map(line, nodes), key=str), sorted(map(line, edges), key=str)
