"""The graph as files for Neo4j itself: tables for `neo4j-admin database import`, and a Cypher script.

Both give the nodes and relationships that `sync` would write, without its marks. The same graph gives the same bytes.
"""

from __future__ import annotations

import csv
import io
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ipgraph import model
from ipgraph.graph import Graph

LISTS = frozenset({"aliases", "article_ids", "sentences", "starts", "ends", "parts", "rules"})
_ARTICLE = ("title", "publisher", "author", "published", "source", "url", "sha256")
_TYPED = {
    "starts": "long[]",
    "ends": "long[]",
    "count": "long",
    "confidence": "double",
    "former": "boolean",
}
ROWS = 500
"""Rows of one statement of the script."""


def _node_properties(kind: str) -> tuple[str, ...]:
    own = model.NODES[kind].properties if kind in model.NODES else _ARTICLE
    return ("id", "name", "aliases", *own)


def _edge_properties(kind: str) -> tuple[str, ...]:
    if kind not in model.EDGES:
        return ("id", "count", "starts", "ends", "parts")
    return (*model.EDGE_PROPERTIES, *model.EDGES[kind].properties)


def _type(name: str) -> str:
    return _TYPED.get(name) or ("string[]" if name in LISTS else "string")


def _cell(value: Any) -> str:
    """A value as the import tool reads it. Arrays part at U+001F, which no cleaned text holds; a semicolon it may."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)):
        return "\x1f".join(_cell(v) for v in value)
    return str(value).replace("\x1f", " ")


def _table(header: list[str], rows: Iterable[list[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    for row in rows:
        writer.writerow([_cell(v) for v in row])
    return out.getvalue()


def _nodes(graph: Graph) -> Iterator[tuple[str, list[tuple[str, Mapping[str, Any]]]]]:
    by_kind: dict[str, list[tuple[str, Mapping[str, Any]]]] = defaultdict(list)
    for n, data in sorted(graph.nodes(data=True)):
        by_kind[data["kind"]].append((n, {**data, "id": n}))
    yield from sorted(by_kind.items())


Edge = tuple[str, str, Mapping[str, Any]]


def _edges(graph: Graph) -> Iterator[tuple[str, list[Edge]]]:
    by_type: dict[str, list[Edge]] = defaultdict(list)
    for head, tail, data in sorted(graph.edges(data=True), key=lambda e: (e[2]["id"], e[0], e[1])):
        by_type[data["type"]].append((head, tail, data))
    yield from sorted(by_type.items())


ARGUMENTS = """\
database import full neo4j
--overwrite-destination
--multiline-fields=true
--array-delimiter=U+001F
"""


def tables(graph: Graph) -> dict[str, str]:
    """Files for `neo4j-admin database import`: one table a label and a type, and `import.args` with the arguments.

    Used as `neo4j-admin @import.args` in the folder of the files, with the server down.
    """
    files: dict[str, str] = {}
    arguments = [ARGUMENTS]
    for kind, nodes in _nodes(graph):
        properties = _node_properties(kind)
        header = ["id:ID", *(f"{p}:{_type(p)}" for p in properties[1:])]
        files[f"nodes-{kind}.csv"] = _table(header, (list(map(data.get, properties)) for _, data in nodes))
        arguments.append(f"--nodes={kind}=nodes-{kind}.csv\n")
    for kind, edges in _edges(graph):
        properties = _edge_properties(kind)
        header = [":START_ID", ":END_ID", *(f"{p}:{_type(p)}" for p in properties)]
        rows = ([a, b, *map(data.get, properties)] for a, b, data in edges)
        files[f"relationships-{kind}.csv"] = _table(header, rows)
        arguments.append(f"--relationships={kind}=relationships-{kind}.csv\n")
    files["import.args"] = "".join(arguments)
    return files


# The script


def _literal(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return repr(value)
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_literal, value)) + "]"
    # JSON quotes as Cypher does, and every other sign stands for itself.
    return json.dumps(str(value), ensure_ascii=False)


def _map(data: Mapping[str, Any], properties: Iterable[str]) -> str:
    held = ((p, data[p]) for p in properties if data.get(p) is not None)
    return "{" + ", ".join(f"{p}: {_literal(v)}" for p, v in held) + "}"


def _unwound(rows: list[str], rest: str) -> Iterator[str]:
    for i in range(0, len(rows), ROWS):
        yield "UNWIND [\n  " + ",\n  ".join(rows[i : i + ROWS]) + f"\n] AS row\n{rest};\n"


def _statements(graph: Graph) -> Iterator[str]:
    kinds = [kind for kind, _ in _nodes(graph)]
    for kind in kinds:
        yield f"CREATE CONSTRAINT {kind.lower()}_id IF NOT EXISTS FOR (n:{kind}) REQUIRE n.id IS UNIQUE;\n"
    for kind, nodes in _nodes(graph):
        rows = [_map(data, _node_properties(kind)) for _, data in nodes]
        yield from _unwound(rows, f"MERGE (n:{kind} {{id: row.id}}) SET n += row")
    for kind, edges in _edges(graph):
        groups: dict[tuple[str, str], list[str]] = defaultdict(list)
        for a, b, data in edges:
            row = f"{{a: {_literal(a)}, b: {_literal(b)}, values: {_map(data, _edge_properties(kind))}}}"
            groups[graph.nodes[a]["kind"], graph.nodes[b]["kind"]].append(row)
        for (head, tail), rows in sorted(groups.items()):
            yield from _unwound(
                rows,
                f"MATCH (a:{head} {{id: row.a}}) MATCH (b:{tail} {{id: row.b}})\n"
                f"MERGE (a)-[r:{kind} {{id: row.values.id}}]->(b) SET r += row.values",
            )


def script(graph: Graph) -> str:
    """Statements that make the graph in an empty Neo4j: `cypher-shell -f FILE`. Run twice they change nothing."""
    return "".join(_statements(graph))
