"""The graph as files for other tools. The same graph gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import networkx as nx

from ipgraph.graph import Graph


def _line(data: dict[str, Any]) -> str:
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def records(graph: Graph) -> Iterator[dict[str, Any]]:
    """All nodes, then all edges, sorted by id: the lines of `export jsonl`."""
    for n, data in sorted(graph.nodes(data=True)):
        yield {"record": "article" if data["kind"] == "Article" else "entity", "id": n, **data}
    edges = sorted(graph.edges(data=True), key=lambda e: (e[2]["id"], e[0], e[1]))
    for head, tail, data in edges:
        yield {"record": "relation", "head": head, "tail": tail, **data}


def jsonl(graph: Graph) -> str:
    """One entity, relation or article a line, sorted by id, keys sorted."""
    return "".join(_line(r) + "\n" for r in records(graph))


def _flat(data: dict[str, Any]) -> dict[str, Any]:
    """Lists become text: GraphML and GEXF know only plain values."""
    return {k: _line(v) if isinstance(v, (list, dict)) else v for k, v in data.items()}  # type: ignore[arg-type]


def _plain(graph: Graph) -> Graph:
    out = nx.MultiDiGraph()
    for n, data in sorted(graph.nodes(data=True)):
        out.add_node(n, label=data["name"], **_flat(data))
    for head, tail, key, data in sorted(graph.edges(keys=True, data=True), key=lambda e: (e[0], e[1], e[2])):
        flat = _flat(data)
        out.add_edge(head, tail, key=key, label=data["type"], **{k: v for k, v in flat.items() if k != "id"})
    return out


def graphml(graph: Graph) -> str:
    """GraphML; lists stand as JSON text."""
    return "\n".join(nx.generate_graphml(_plain(graph), named_key_ids=True)) + "\n"


def gexf(graph: Graph) -> str:
    """GEXF 1.2 for Gephi; lists stand as JSON text. No date of writing in it: it would change the bytes."""
    plain = _plain(graph)
    for _, data in plain.nodes(data=True):
        for name in ("start", "end"):
            if name in data:
                data[f"event_{name}"] = data.pop(name)
    text = "\n".join(nx.generate_gexf(plain, version="1.2draft")) + "\n"
    kept = [line for line in text.splitlines() if "lastmodifieddate" not in line and "</meta>" not in line]
    return "\n".join(line for line in kept if "<creator>" not in line) + "\n"


def _table(rows: Iterable[dict[str, Any]], first: list[str]) -> str:
    listed = [_flat(r) for r in rows]
    columns = first + sorted({k for r in listed for k in r} - set(first))
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return out.getvalue()


def tables(graph: Graph) -> dict[str, str]:
    """nodes.csv and edges.csv as text; lists stand as JSON text."""
    listed = list(records(graph))
    nodes = [r for r in listed if r["record"] != "relation"]
    edges = [r for r in listed if r["record"] == "relation"]
    return {
        "nodes.csv": _table(nodes, ["id", "kind", "name"]),
        "edges.csv": _table(edges, ["id", "type", "head", "tail"]),
    }


def write_tables(files: dict[str, str], target: Path) -> None:
    """Write the files into a folder, or into one zip where the target ends in .zip."""
    if target.suffix == ".zip":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in sorted(files.items()):
                archive.writestr(zipfile.ZipInfo(name), text)
        return
    target.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (target / name).write_text(text, encoding="utf-8", newline="\n")
