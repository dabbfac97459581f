"""The graph as rows for a Cypher store: static labels and types, properties, and hashes to compare with.

A node or edge of ours carries, beside its own properties, `ipgraph_key` (workspace/id, the key of every MERGE),
`ipgraph_hash` (of all we wrote) and, a node, `ipgraph_bucket`. A bucket is the nodes whose ids fall into it, and the
edges that leave them; `Wanted` has a digest of each, so that a store in line is recognised by 512 short strings.
"""

from __future__ import annotations

import hashlib
import marshal
import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ipgraph import model
from ipgraph.errors import UsageError
from ipgraph.graph import Graph

BUCKETS = 256
LAYOUT = "1"
"""Part of every hash: a new layout of the rows makes every stored one differ, so that sync writes it anew."""

ARTICLE = ("title", "publisher", "author", "published", "source", "url", "sha256")
LABELS = (*model.NODES, "Article")
TYPES = (*model.EDGES, "MENTIONED_IN")
MARKS = ("ipgraph_key", "ipgraph_bucket", "ipgraph_hash")

NODE_PROPERTIES: dict[str, tuple[str, ...]] = {
    **{label: ("id", "name", "aliases", *kind.properties) for label, kind in model.NODES.items()},
    "Article": ("id", "name", "aliases", *ARTICLE),
}
EDGE_PROPERTIES: dict[str, tuple[str, ...]] = {
    **{name: (*model.EDGE_PROPERTIES, *kind.properties) for name, kind in model.EDGES.items()},
    "MENTIONED_IN": ("id", "count", "starts", "ends", "parts"),
}

Group = tuple[str, ...]
"""What one statement is made for: (label,) of nodes, (label, type, label) of edges."""


@dataclass(frozen=True, slots=True)
class Row:
    """One node or edge as the store shall have it. `head` and `tail` are ids, empty for a node."""

    group: Group
    id: str
    hash: str
    values: Mapping[str, Any]
    head: str = ""
    tail: str = ""

    @property
    def identity(self) -> tuple[str, ...]:
        """What stays the same while the values change."""
        return (self.id,) if not self.head else (self.head, self.group[1], self.tail, self.id)


Buckets = Mapping[int, Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows of a graph by bucket, with the digest of each bucket (empty for an empty one).

    The buckets may be looked up only when they are asked for: where the digests agree, none is.
    """

    nodes: Buckets
    edges: Buckets
    node_digests: list[str] = field(default_factory=list)
    edge_digests: list[str] = field(default_factory=list)


def bucket(identifier: str) -> int:
    """The bucket of a node."""
    return zlib.crc32(identifier.encode()) % BUCKETS


def _hash(*values: Any) -> str:
    # Format 0 of marshal has neither references nor interned strings: equal values give equal bytes. JSON took 4 times
    # as long, which a sync that finds nothing to do is made of.
    return hashlib.blake2b(marshal.dumps(values, 0), digest_size=8).hexdigest()


def digest(rows: Iterable[tuple[tuple[str, ...], str]]) -> str:
    """Digest of a bucket from the identities and hashes in it."""
    listed = sorted(rows)
    return _hash(listed) if listed else ""


_PLAIN = frozenset({str, int, float, bool, type(None)})


def check(row: Row) -> None:
    """Raise UsageError for what no property can hold, before the store does so in the middle of a batch."""
    for name, value in row.values.items():
        kinds = set(map(type, value)) if isinstance(value, (list, tuple)) else {type(value)}
        if not kinds <= _PLAIN:
            raise UsageError(f"{row.id} has {name}={value!r}; properties are plain values or lists of them; mend it")


def node(identifier: str, data: Mapping[str, Any]) -> Row:
    """The row of a node. Raises UsageError for one that no store could take."""
    if not identifier:
        raise UsageError("a node has an empty id; ids are the keys of the store; mend the graph")
    label = data["kind"]
    if label not in NODE_PROPERTIES:
        raise UsageError(f"{identifier} is of kind {label!r}; known are {', '.join(LABELS)}; mend the graph")
    values = {p: data.get(p) for p in NODE_PROPERTIES[label]} | {"id": identifier}
    return Row((label,), identifier, _hash(LAYOUT, label, values), values)


def edge(kinds: tuple[str, str], head: str, tail: str, data: Mapping[str, Any]) -> Row:
    """The row of an edge between nodes of these kinds. Raises UsageError for one of an unknown type."""
    kind = data["type"]
    if kind not in EDGE_PROPERTIES:
        raise UsageError(f"{data['id']} is of type {kind!r}; known are {', '.join(TYPES)}; mend the graph")
    group = (kinds[0], kind, kinds[1])
    values = {p: data.get(p) for p in EDGE_PROPERTIES[kind]}
    return Row(group, data["id"], _hash(LAYOUT, group, values), values, head, tail)


def _digests(buckets: Buckets) -> list[str]:
    return [digest((r.identity, r.hash) for r in buckets.get(b, ())) for b in range(BUCKETS)]


def wanted(graph: Graph) -> Wanted:
    """What the store shall hold. Raises UsageError for a graph that no store could take."""
    nodes: dict[int, list[Row]] = defaultdict(list)
    edges: dict[int, list[Row]] = defaultdict(list)
    kinds = {}
    for n, data in graph.nodes(data=True):
        nodes[bucket(n)].append(node(n, data))
        kinds[n] = data["kind"]
    for head, tail, data in graph.edges(data=True):
        edges[bucket(head)].append(edge((kinds[head], kinds[tail]), head, tail, data))
    return Wanted(nodes, edges, _digests(nodes), _digests(edges))
