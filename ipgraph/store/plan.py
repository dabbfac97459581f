"""What has to change in a store, bucket by bucket, from its digests and the hashes of the buckets that differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ipgraph.store.rows import BUCKETS, Buckets, Group, Row, Wanted

Held = dict[int, dict[tuple[str, ...], "HeldRow"]]


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A node or edge that the store holds. The group lacks an edge's second label: nothing needs it."""

    group: Group
    identity: tuple[str, ...]
    hash: str


@dataclass(slots=True)
class Change:
    """The changes of one bucket of nodes or of edges, and the digest it has after them."""

    bucket: int
    digest: str
    create: list[Row] = field(default_factory=list)
    update: list[Row] = field(default_factory=list)
    remove: list[HeldRow] = field(default_factory=list)

    @property
    def size(self) -> int:
        """How many rows the change sends."""
        return len(self.create) + len(self.update) + len(self.remove)


@dataclass(slots=True)
class Plan:
    """The changed buckets of both sorts."""

    nodes: list[Change] = field(default_factory=list)
    edges: list[Change] = field(default_factory=list)


def differing(stored: list[str], digests: list[str]) -> list[int]:
    """Buckets whose digest in the store is not the wanted one."""
    return [b for b in range(BUCKETS) if stored[b] != digests[b]]


def _change(bucket: int, digest: str, rows: Iterable[Row], held: dict[tuple[str, ...], HeldRow]) -> Change:
    change = Change(bucket, digest)
    gone = dict(held)
    for row in rows:
        old = gone.pop(row.identity, None)
        if old is None:
            change.create.append(row)
        elif old.hash != row.hash:
            change.update.append(row)
    change.remove = list(gone.values())
    return change


def changes(wanted: Buckets, digests: list[str], buckets: Iterable[int], held: Held) -> list[Change]:
    """The changes of the given buckets; one of equal content but another digest stays, so that it is recorded."""
    return [_change(b, digests[b], wanted.get(b, ()), held.get(b, {})) for b in buckets]


def batches(changed: Iterable[Change], size: int) -> Iterator[list[Change]]:
    """Buckets together up to about `size` rows: what one transaction takes."""
    batch: list[Change] = []
    rows = 0
    for change in changed:
        if batch and rows + change.size > size:
            yield batch
            batch, rows = [], 0
        batch.append(change)
        rows += change.size
    if batch:
        yield batch


def plan(wanted: Wanted, node_buckets: Iterable[int], edge_buckets: Iterable[int], nodes: Held, edges: Held) -> Plan:
    """The changes of all buckets that differ."""
    return Plan(
        changes(wanted.nodes, wanted.node_digests, node_buckets, nodes),
        changes(wanted.edges, wanted.edge_digests, edge_buckets, edges),
    )
