"""Exports for Neo4j: what its own import tool and shell make of them equals a synced graph."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from ipgraph import export, export_neo4j, store
from tests.neo4j import server
from tests.store_graphs import graph
from tests.store_targets import ask, neo4j_address


def _graph() -> nx.MultiDiGraph:
    g = graph(60, 250)
    nasty = "He said \"no\"; 'yes',\nback\\slash ` \t€ 🍵 {a: 1} $x // /* ; | \u2028"
    g.add_node("per-nasty", kind="Person", name=nasty, aliases=[nasty, "a;b", ",", '"'])
    g.add_edge(
        "per-nasty",
        next(n for n, d in g.nodes(data=True) if d["kind"] == "Event"),
        "edg-nasty",
        type="ATTENDED",
        id="edg-nasty",
        sentences=[nasty, "plain"],
        starts=[-1, 2**40],
        confidence=0.1,
        role="speaker",
    )
    return g


def _content(target: store.Store) -> tuple[list[Any], list[Any]]:
    """All there is, without our marks and without empty lists, which a table cannot tell from nothing."""

    def plain(p: dict[str, Any]) -> list[Any]:
        return sorted((k, v) for k, v in p.items() if v != [] and not k.startswith("ipgraph_"))

    nodes = ask(target, "MATCH (n) WHERE NOT n:IpgraphState RETURN labels(n) AS l, properties(n) AS p")
    edges = ask(target, "MATCH (a)-[r]->(b) RETURN a.id AS a, type(r) AS t, b.id AS b, properties(r) AS p")
    return (
        sorted([r["l"], plain(r["p"])] for r in nodes),
        sorted([r["a"], r["t"], r["b"], plain(r["p"])] for r in edges),
    )


def _synced(g: nx.MultiDiGraph, folder: Path) -> tuple[list[Any], list[Any]]:
    with store.open(folder) as s:
        store.sync(g, s, "w")
        return _content(s)


def test_the_same_graph_gives_the_same_bytes() -> None:
    assert export_neo4j.script(_graph()) == export_neo4j.script(_graph())
    assert export_neo4j.tables(_graph()) == export_neo4j.tables(_graph())


def test_the_script_makes_the_graph_in_the_embedded_store(tmp_path: Path) -> None:
    with store.open(tmp_path / "script") as s:
        for _ in range(2):
            for statement in export_neo4j.script(_graph()).split(";\n"):
                if statement.strip():
                    ask(s, statement)
        assert _content(s) == _synced(_graph(), tmp_path / "sync")


@pytest.mark.slow
def test_the_script_makes_the_graph_in_a_real_neo4j(tmp_path: Path) -> None:
    address = neo4j_address()
    shared = server.shared()
    server.clean(shared)
    with store.open(tmp_path, address) as s:
        for _ in range(2):
            for statement in export_neo4j.script(_graph()).split(";\n"):
                if statement.strip():
                    ask(s, statement)
        assert _content(s) == _synced(_graph(), tmp_path / "sync")
        for row in ask(s, "SHOW CONSTRAINTS YIELD name WHERE name ENDS WITH '_id' RETURN name"):
            ask(s, f"DROP CONSTRAINT {row['name']}")


@pytest.mark.slow
def test_the_import_tool_of_neo4j_makes_the_graph(tmp_path: Path) -> None:
    server.need()
    files = tmp_path / "files"
    export.write_tables(export_neo4j.tables(_graph()), files)
    own = server.new(tmp_path / "home")
    arguments = (files / "import.args").read_text().split()
    done = subprocess.run(
        server.java(own.home, "org.neo4j.cli.AdminTool", *arguments),
        cwd=files,
        env=os.environ | {"NEO4J_HOME": str(own.home), "NEO4J_CONF": str(own.home / "conf")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-2000:]
    own.start()
    try:
        address = store.address(own.url, env={"NEO4J_PASSWORD": server.PASSWORD})
        with store.open(tmp_path, address) as s:
            assert _content(s) == _synced(_graph(), tmp_path / "sync")
    finally:
        own.stop()
