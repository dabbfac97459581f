"""Every Cypher statement that writes to or reads from a store for sync. Labels and types come from the schema only.

The text is plain Cypher 5 that the embedded store and Neo4j both take. Values are parameters, always.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache

from ipgraph.store.rows import EDGE_PROPERTIES, LABELS, MARKS, NODE_PROPERTIES, TYPES, Group

STATE = "IpgraphState"


def schema() -> Iterator[str]:
    """Constraints and indexes; cypher/constraints.cypher is this list.

    They are on our own key, never on a property that foreign nodes of the same label may have, but for the plain
    indexes on ids, which hinder nobody.
    """
    for label in (*LABELS, STATE):
        yield (
            f"CREATE CONSTRAINT ipgraph_{label.lower()}_key IF NOT EXISTS"
            f" FOR (n:{label}) REQUIRE n.ipgraph_key IS UNIQUE"
        )
    for label in LABELS:
        yield f"CREATE INDEX ipgraph_{label.lower()}_id IF NOT EXISTS FOR (n:{label}) ON (n.id)"


READ_STATE = (
    f"MATCH (s:{STATE} {{ipgraph_key: $workspace}}) RETURN s.stamp AS stamp, s.nodes AS nodes, s.edges AS edges"
)
MAKE_STATE = (
    f"MERGE (s:{STATE} {{ipgraph_key: $workspace}})"
    " ON CREATE SET s.stamp = '', s.nodes = $empty, s.edges = $empty, s.revision = ''"
)
# The stamp is what makes two syncs at a time safe: only the one that read the last stamp may write the next.
RECORD = (
    f"MATCH (s:{STATE} {{ipgraph_key: $workspace}}) WHERE s.stamp = $before"
    " SET s.stamp = $after, s.nodes = $nodes, s.edges = $edges, s.revision = $revision RETURN count(s) AS found"
)
READ_REVISION = f"MATCH (s:{STATE} {{ipgraph_key: $workspace}}) RETURN s.revision AS revision"
DROP_STATE = f"MATCH (s:{STATE} {{ipgraph_key: $workspace}}) DELETE s"


_IN_BUCKETS = f"MATCH (n:{'|'.join(LABELS)}) WHERE n.ipgraph_bucket IN $buckets AND n.ipgraph_key STARTS WITH $prefix"
# Ids and hashes of our nodes in some buckets, and of the edges that leave them. One statement for all labels: on a
# server that sees a statement for the first time, to plan it takes longer than to run it.
READ_NODES = f"{_IN_BUCKETS} RETURN n.ipgraph_bucket AS bucket, labels(n) AS labels, n.id AS id, n.ipgraph_hash AS hash"
READ_EDGES = (
    f"{_IN_BUCKETS} MATCH (n)-[r:{'|'.join(TYPES)}]->(m) WHERE r.ipgraph_hash IS NOT NULL"
    " RETURN n.ipgraph_bucket AS bucket, labels(n) AS labels, n.id AS head, type(r) AS type, m.id AS tail,"
    " r.id AS id, r.ipgraph_hash AS hash"
)


@cache
def write(group: Group) -> str:
    """Create or update the nodes, or edges, of a group."""
    if len(group) == 1:
        return f"UNWIND $rows AS row MERGE (n:{group[0]} {{ipgraph_key: row.key}}) SET n += row.values"
    head, kind, tail = group
    return (
        f"UNWIND $rows AS row MATCH (a:{head} {{ipgraph_key: row.head}}) MATCH (b:{tail} {{ipgraph_key: row.tail}})"
        f" MERGE (a)-[r:{kind} {{ipgraph_key: row.key}}]->(b) SET r += row.values"
    )


def _listed(names: tuple[str, ...]) -> str:
    return "[" + ", ".join(f"'{n}'" for n in names) + "]"


def _cleared(variable: str, names: tuple[str, ...]) -> str:
    return ", ".join(f"{variable}.{n} = null" for n in names)


@cache
def remove_edges(group: Group) -> tuple[str, str]:
    """Delete retracted edges, and release those that a user has put properties on: they stay, as the user's."""
    head, kind = group
    ours = (*EDGE_PROPERTIES[kind], *MARKS)
    found = (
        f"UNWIND $rows AS row MATCH (a:{head} {{ipgraph_key: row.head}})"
        f"-[r:{kind} {{ipgraph_key: row.key}}]->(b {{ipgraph_key: row.tail}})"
    )
    kept = tuple(p for p in ours if p not in ("id", "ipgraph_key"))
    return (
        f"{found} WHERE none(k IN keys(r) WHERE NOT k IN {_listed(ours)}) DELETE r",
        f"{found} SET {_cleared('r', kept)}",
    )


@cache
def remove_nodes(group: Group) -> tuple[str, str]:
    """Delete retracted nodes, and release those that a user has tied, labelled or put properties on.

    A released node keeps its id, name and key and loses all else of ours; should the entity come back, MERGE takes it.
    """
    (label,) = group
    ours = (*NODE_PROPERTIES[label], *MARKS)
    found = f"UNWIND $rows AS row MATCH (n:{label} {{ipgraph_key: row.key}})"
    kept = tuple(p for p in ours if p not in ("id", "name", "ipgraph_key"))
    return (
        f"{found} WHERE NOT (n)--() AND size(labels(n)) = 1 AND none(k IN keys(n) WHERE NOT k IN {_listed(ours)})"
        " DELETE n",
        f"{found} SET {_cleared('n', kept)}",
    )
