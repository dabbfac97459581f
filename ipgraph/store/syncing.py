"""Brings a store in line with a graph, in batches each of which is recorded in its own transaction.

There is no list of steps to resume. What is to be done follows from the digests in the store, so a sync that was cut
off, at whatever moment, is simply done again and finds less to do. The same goes for a batch whose commit got no
answer.
"""

from __future__ import annotations

import random
import time
import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

import neo4j

from ipgraph.errors import StoreError
from ipgraph.store import plan as plans
from ipgraph.store import statements
from ipgraph.store.connection import Address, driver, retryable, told
from ipgraph.store.rows import BUCKETS, LABELS, Group, Row, Wanted, bucket, check

TRANSACTION = 4000
"""Rows of a transaction, about."""
STATEMENT = 1000
"""Rows of one UNWIND."""
TRIES = 12
"""How often in a row nothing may be got done before the sync gives up."""
PAUSE = 0.05
"""Seconds before the first try again; each further one waits twice as long, up to a hundred times."""


class Moved(Exception):
    """Somebody else has written the state of this workspace since we read it."""


@dataclass(slots=True)
class Count:
    """How many were created, updated and removed."""

    created: int = 0
    updated: int = 0
    removed: int = 0

    def add(self, changed: Iterable[plans.Change]) -> None:
        """Count the rows of changes."""
        for c in changed:
            self.created += len(c.create)
            self.updated += len(c.update)
            self.removed += len(c.remove)

    @property
    def any(self) -> bool:
        """Whether there was anything."""
        return bool(self.created or self.updated or self.removed)


@dataclass(slots=True)
class SyncReport:
    """What a sync did, or would do where `dry_run`."""

    nodes: Count = field(default_factory=Count)
    edges: Count = field(default_factory=Count)
    batches: int = 0
    retries: int = 0
    dry_run: bool = False

    @property
    def changed(self) -> bool:
        """Whether the store differed from the graph."""
        return self.nodes.any or self.edges.any


@dataclass(slots=True)
class State:
    """What the store says of itself: digests by bucket and the stamp of the last write."""

    stamp: str = ""
    nodes: list[str] = field(default_factory=lambda: [""] * BUCKETS)
    edges: list[str] = field(default_factory=lambda: [""] * BUCKETS)


Say = Callable[[str], None]


class Sync:
    """One run of sync against one store."""

    def __init__(self, wanted: Wanted, target: Address, workspace: str, revision: str, verify: bool, say: Say) -> None:
        self.wanted, self.target, self.workspace = wanted, target, workspace
        self.revision, self.verify, self.say = revision, verify, say
        self.prefix = f"{workspace}/"
        self.report = SyncReport()
        self.state = State()

    # What the store holds

    def _read_state(self, session: neo4j.Session) -> None:
        record = session.run(statements.READ_STATE, workspace=self.workspace).single()
        self.state = State(record["stamp"], list(record["nodes"]), list(record["edges"])) if record else State()
        if len(self.state.nodes) != BUCKETS or len(self.state.edges) != BUCKETS:
            raise StoreError("the store was written by another version; its buckets differ; remove and sync it anew")

    def _held_nodes(self, session: neo4j.Session, buckets: list[int]) -> plans.Held:
        held: plans.Held = defaultdict(dict)
        for r in self._read(session, statements.READ_NODES, buckets):
            held[r["bucket"]][(r["id"],)] = plans.HeldRow((_label(r),), (r["id"],), r["hash"])
        return held

    def _held_edges(self, session: neo4j.Session, buckets: list[int]) -> plans.Held:
        held: plans.Held = defaultdict(dict)
        for r in self._read(session, statements.READ_EDGES, buckets):
            identity = (r["head"], r["type"], r["tail"], r["id"])
            held[r["bucket"]][identity] = plans.HeldRow((_label(r), r["type"]), identity, r["hash"])
        return held

    def _read(self, session: neo4j.Session, text: str, buckets: list[int]) -> Iterable[neo4j.Record]:
        return session.run(text, buckets=buckets, prefix=self.prefix) if buckets else ()

    def _plan(self, session: neo4j.Session) -> plans.Plan:
        nodes = plans.differing(self.state.nodes, self.wanted.node_digests)
        edges = plans.differing(self.state.edges, self.wanted.edge_digests)
        if self.verify:
            nodes = edges = list(range(BUCKETS))
        # In a workspace without a stamp nothing of ours can be: the first sync reads nothing.
        fresh = not self.state.stamp and not self.verify
        held_nodes = self._held_nodes(session, [] if fresh else nodes)
        held_edges = self._held_edges(session, [] if fresh else edges)
        planned = plans.plan(self.wanted, nodes, edges, held_nodes, held_edges)
        planned.nodes = [c for c in planned.nodes if c.size or c.digest != self.state.nodes[c.bucket]]
        planned.edges = [c for c in planned.edges if c.size or c.digest != self.state.edges[c.bucket]]
        for change in (*planned.nodes, *planned.edges):
            for row in (*change.create, *change.update):
                check(row)
        return planned

    # Writing

    def _row(self, row: Row) -> dict[str, Any]:
        values = {**row.values, "ipgraph_hash": row.hash}
        if row.head:
            return {
                "key": self.prefix + row.id,
                "head": self.prefix + row.head,
                "tail": self.prefix + row.tail,
                "values": values,
            }
        values["ipgraph_bucket"] = bucket(row.id)
        return {"key": self.prefix + row.id, "values": values}

    def _gone(self, row: plans.HeldRow) -> dict[str, Any]:
        if len(row.identity) == 1:
            return {"key": self.prefix + row.identity[0]}
        head, _, tail, key = row.identity
        return {"key": self.prefix + key, "head": self.prefix + head, "tail": self.prefix + tail}

    def _upsert(self, tx: neo4j.Transaction, batch: list[plans.Change]) -> None:
        groups: dict[Group, list[dict[str, Any]]] = defaultdict(list)
        for change in batch:
            for row in (*change.create, *change.update):
                groups[row.group].append(self._row(row))
        for group, rows in sorted(groups.items()):
            _run(tx, statements.write(group), rows)

    def _remove(self, tx: neo4j.Transaction, batch: list[plans.Change]) -> None:
        groups: dict[Group, list[dict[str, Any]]] = defaultdict(list)
        for change in batch:
            for row in change.remove:
                groups[row.group].append(self._gone(row))
        for group, rows in sorted(groups.items()):
            texts = statements.remove_nodes(group) if len(group) == 1 else statements.remove_edges(group)
            for text in texts:
                _run(tx, text, rows)

    def _record(self, tx: neo4j.Transaction, nodes: list[str], edges: list[str], revision: str) -> str:
        after = uuid.uuid4().hex[:16]
        record = tx.run(
            statements.RECORD,
            workspace=self.workspace,
            before=self.state.stamp,
            after=after,
            nodes=nodes,
            edges=edges,
            revision=revision,
        ).single()
        if record is None or not record["found"]:
            raise Moved
        return after

    def _commit(
        self,
        session: neo4j.Session,
        work: Callable[[neo4j.Transaction], None],
        nodes: dict[int, str],
        edges: dict[int, str],
        revision: str = "",
    ) -> None:
        """One transaction: first the record of it, which locks out others, then the work."""
        state = State("", _with(self.state.nodes, nodes), _with(self.state.edges, edges))
        with session.begin_transaction() as tx:
            state.stamp = self._record(tx, state.nodes, state.edges, revision)
            work(tx)
            tx.commit()
        self.state = state

    def _prepare(self, session: neo4j.Session) -> None:
        """Constraints and indexes come first; where a sync has been, they are there."""
        self._read_state(session)
        if self.state.stamp and not self.verify:
            return
        for text in statements.schema():
            session.run(text).consume()
        session.run(statements.MAKE_STATE, workspace=self.workspace, empty=[""] * BUCKETS).consume()

    def _write_nodes(self, session: neo4j.Session, changed: list[plans.Change]) -> None:
        """Create and update. What is to be removed waits for its edges, and the record of its bucket too."""
        for batch in plans.batches(changed, TRANSACTION):
            done = {c.bucket: c.digest for c in batch if not c.remove}
            self._commit(session, lambda tx, b=batch: self._upsert(tx, b), done, {})  # type: ignore[misc]
            for change in batch:
                self.report.nodes.created += len(change.create)
                self.report.nodes.updated += len(change.update)
            self._done(f"nodes up to bucket {batch[-1].bucket}")

    def _write_edges(self, session: neo4j.Session, changed: list[plans.Change]) -> None:
        def work(tx: neo4j.Transaction) -> None:
            self._remove(tx, batch)
            self._upsert(tx, batch)

        for batch in plans.batches(changed, TRANSACTION):
            self._commit(session, work, {}, {c.bucket: c.digest for c in batch})
            self.report.edges.add(batch)
            self._done(f"edges up to bucket {batch[-1].bucket}")

    def _remove_nodes(self, session: neo4j.Session, changed: list[plans.Change]) -> None:
        for batch in plans.batches([c for c in changed if c.remove], TRANSACTION):
            done = {c.bucket: c.digest for c in batch}
            self._commit(session, lambda tx, b=batch: self._remove(tx, b), done, {})  # type: ignore[misc]
            self.report.nodes.removed += sum(len(c.remove) for c in batch)
            self._done(f"removed nodes up to bucket {batch[-1].bucket}")

    def _done(self, what: str) -> None:
        self.report.batches += 1
        self.say(f"batch {self.report.batches}: {what}")

    def _attempt(self, session: neo4j.Session) -> None:
        self._read_state(session)
        planned = self._plan(session)
        self._write_nodes(session, planned.nodes)
        self._write_edges(session, planned.edges)
        self._remove_nodes(session, planned.nodes)
        record = session.run(statements.READ_REVISION, workspace=self.workspace).single()
        if record is None or record["revision"] != self.revision:
            self._commit(session, lambda _: None, {}, {}, self.revision)

    # Whole runs

    def dry_run(self) -> SyncReport:
        """Count what a run would do; reads only."""
        self.report.dry_run = True
        with told(self.target), driver(self.target) as d, d.session(database=self.target.database) as session:
            self._read_state(session)
            planned = self._plan(session)
        self.report.nodes.add(planned.nodes)
        self.report.edges.add(planned.edges)
        return self.report

    def run(self) -> SyncReport:
        """Do it, again after lost connections and deadlocks as long as something gets done in between."""
        with told(self.target), driver(self.target) as d:
            prepared, failed = False, 0
            while True:
                before = self.report.batches
                try:
                    with d.session(database=self.target.database) as session:
                        if not prepared:
                            self._prepare(session)
                            prepared = True
                        self._attempt(session)
                    return self.report
                except Exception as e:
                    failed = 1 if self.report.batches > before else failed + 1
                    if failed >= TRIES or not (isinstance(e, Moved) or retryable(e)):
                        raise
                self.report.retries += 1
                time.sleep(random.uniform(0.5, 1) * PAUSE * min(2**failed, 100))


def _label(record: neo4j.Record) -> str:
    """The label of ours that a node has; users may have given it others."""
    labels: list[str] = record["labels"]
    return next(x for x in labels if x in LABELS)


def _with(digests: list[str], changes: dict[int, str]) -> list[str]:
    return [changes.get(b, d) for b, d in enumerate(digests)]


def _slices(rows: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    return (rows[i : i + STATEMENT] for i in range(0, len(rows), STATEMENT))


def _run(tx: neo4j.Transaction, text: str, rows: list[dict[str, Any]]) -> None:
    for part in _slices(rows):
        tx.run(text, rows=part).consume()
