"""Cypher stores over Bolt, one code path for two: the embedded one of a workspace, and a Neo4j by its URL.

    with store.open(db) as s:              # the embedded store of the workspace
        store.sync(graph, s, workspace)
        rows = query.run(s, "attended", {"event": "Tea Fair 2024"})

Only this package and `query` know the driver.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import neo4j

from ipgraph.errors import StoreError
from ipgraph.graph import Graph
from ipgraph.ledger import Ledger
from ipgraph.store import embedded, serve, statements
from ipgraph.store import index as indexes
from ipgraph.store.connection import Address, address, driver, told, with_password
from ipgraph.store.rows import wanted
from ipgraph.store.syncing import Sync, SyncReport

__all__ = [
    "Address",
    "Store",
    "SyncReport",
    "address",
    "open",
    "rebuild",
    "revision",
    "sync",
    "with_password",
    "workspace",
    "write_login",
]

EMBEDDED = "embedded"


class Store:
    """A store that can be asked and, by `sync`, written. Use as a context manager."""

    def __init__(self, target: Address | None, lease: embedded.Lease | None = None, db: Path | None = None) -> None:
        self._target, self._lease, self._db = target, lease, db
        self._driver: neo4j.Driver | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def embedded(self) -> bool:
        """Whether this is the embedded store."""
        return self._lease is not None

    @property
    def writer(self) -> Address:
        """Where sync logs in."""
        if self._lease:
            return self._lease.address(writer=True)
        assert self._target is not None
        return self._target

    @property
    def reader(self) -> Address:
        """Where queries log in: in the embedded store as a user who may only read."""
        return self._lease.address(writer=False) if self._lease else self.writer

    def driver(self) -> neo4j.Driver:
        """The driver of the reader."""
        if self._driver is None:
            self._driver = driver(self.reader)
        return self._driver

    def interrupt(self) -> bool:
        """End the embedded server with whatever it is doing; False for a Neo4j, which heeds the time it is given."""
        if self._lease is None:
            return False
        self._lease.kill()
        return True

    def wait(self) -> None:
        """Until the embedded server ends; for ever with a Neo4j."""
        if self._lease:
            self._lease.wait()

    def rejoin(self, port: int = 0) -> None:
        """After an interrupt, or when another process has ended the server: join or start it again."""
        if self._driver:
            self._driver.close()
            self._driver = None
        if self._lease and self._db:
            self._lease.close()
            self._lease = embedded.lease(self._db, port=port)

    def close(self) -> None:
        """Close connections and give the embedded server back."""
        if self._driver:
            self._driver.close()
            self._driver = None
        if self._lease:
            self._lease.close()


def open(db: str | Path, url: str | Address | None = None, *, port: int = 0) -> Store:
    """The embedded store of the workspace `db`, or the Neo4j at `url` (login as `connection.address` finds it).

    Raises StoreError where the embedded one does not come up; a Neo4j is first reached when it is asked.
    """
    if isinstance(url, Address):
        return Store(url)
    if url and url != EMBEDDED:
        return Store(address(url))
    folder = Path(db)
    return Store(None, embedded.lease(folder, port=port), folder)


def rebuild(db: str | Path) -> None:
    """Remove the embedded database of the workspace and what helps to fill it; the next sync makes both anew."""
    embedded.destroy(Path(db))
    indexes.drop(Path(db))


def write_login(db: str | Path, target: Store) -> Path:
    """Write the reader's login as NEO4J_... lines into a file that only its owner can read."""
    where = target.reader
    pairs = {
        "NEO4J_URI": where.url,
        "NEO4J_USERNAME": where.user,
        "NEO4J_PASSWORD": where.password,
        "NEO4J_DATABASE": where.database or "",
    }
    file = Path(db) / embedded.FOLDER / "bolt.env"
    serve.private(file, "".join(f"{k}={v}\n" for k, v in pairs.items()))
    return file


def workspace(ledger: Ledger) -> str:
    """The id that marks what comes from this ledger, made once."""
    held = ledger.meta("workspace")
    if held is None:
        held = uuid.uuid4().hex[:12]
        ledger.set_meta("workspace", held)
    return held


def _quiet(_: str) -> None:
    return None


def sync(
    graph: Graph,
    target: Store,
    workspace: str = "default",
    *,
    revision: str = "",
    dry_run: bool = False,
    verify: bool = False,
    say: Callable[[str], None] = _quiet,
) -> SyncReport:
    """Bring the store in line with the graph: create, update, retract; what is not of this workspace stays untouched.

    `revision` is kept with the last batch, see `store.revision`. `verify` compares every node and edge instead of
    relying on the digests that the last sync left, for a store in which somebody deleted things of ours.
    """
    if "/" in workspace or not workspace:
        raise StoreError(f"{workspace!r} cannot mark a workspace; a slash ends the mark; use letters and digits")
    run = Sync(wanted(graph), target.writer, workspace, revision, verify, say)
    return run.dry_run() if dry_run else run.run()


def revision(target: Store, workspace: str) -> str | None:
    """The revision that the store was last brought in line with, None where it never was or the sync was cut off."""
    where = target.writer
    with told(where), driver(where) as d, d.session(database=where.database) as session:
        record = session.run(statements.READ_REVISION, workspace=workspace).single()
    return (record["revision"] or None) if record else None


def refresh(
    db: str | Path,
    target: Store,
    min_confidence: float,
    *,
    dry_run: bool = False,
    verify: bool = False,
    say: Callable[[str], None] = _quiet,
) -> SyncReport:
    """Bring the store in line with the ledger of the workspace `db`; at once where it is already.

    Raises StoreError where there is no ledger.
    """
    with Ledger(db, create=False) as ledger:
        mark = workspace(ledger)
        if not verify and revision(target, mark) == f"{ledger.revision} at {min_confidence:g}":
            return SyncReport(dry_run=dry_run)
        if verify:
            indexes.drop(Path(db))
        with indexes.opened(ledger, mark, min_confidence) as index, index.wanted() as held:
            run = Sync(held, target.writer, mark, f"{index.revision} at {min_confidence:g}", verify, say)
            return run.dry_run() if dry_run else run.run()
