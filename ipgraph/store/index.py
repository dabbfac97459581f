"""What a store shall hold, kept beside the ledger, so that one changed article asks for little of the other ones.

`DIR/index.sqlite` is made of the ledger alone and may be deleted at any time. It knows which corpus entity each
in-article entity stands for, which edge each relation states, and every row as a store has it. When articles come, go
or change, what shares a name with their entities is resolved anew (`Named.links`: all else stays as it is), and the
rows of that are written; the rows are those that `rows.wanted` makes of the whole graph.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from importlib import metadata
from pathlib import Path

from ipgraph import graph, model, resolve
from ipgraph.errors import StoreError
from ipgraph.ledger import Ledger
from ipgraph.store import following, rows
from ipgraph.store.following import Sort
from ipgraph.store.rows import BUCKETS, Row, Wanted

FILE = "index.sqlite"
TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS article (id TEXT PRIMARY KEY, version TEXT NOT NULL, date TEXT) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS entity (
    id TEXT PRIMARY KEY, article TEXT NOT NULL, type TEXT NOT NULL, keys TEXT NOT NULL, node TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entity_article ON entity(article);
CREATE TABLE IF NOT EXISTS link (link TEXT NOT NULL, entity TEXT NOT NULL, PRIMARY KEY (link, entity)) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS link_entity ON link(entity);
CREATE TABLE IF NOT EXISTS relation (
    id TEXT PRIMARY KEY, article TEXT NOT NULL, head TEXT NOT NULL, tail TEXT NOT NULL, edge TEXT) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS relation_article ON relation(article);
CREATE INDEX IF NOT EXISTS relation_head ON relation(head);
CREATE INDEX IF NOT EXISTS relation_tail ON relation(tail);
CREATE INDEX IF NOT EXISTS relation_edge ON relation(edge);
CREATE TABLE IF NOT EXISTS row (
    id TEXT PRIMARY KEY, sort TEXT NOT NULL, bucket INTEGER NOT NULL, hash TEXT NOT NULL,
    kinds TEXT NOT NULL, head TEXT NOT NULL, tail TEXT NOT NULL, data TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS row_bucket ON row(sort, bucket);
CREATE TABLE IF NOT EXISTS digest (
    sort TEXT NOT NULL, bucket INTEGER NOT NULL, digest TEXT NOT NULL, PRIMARY KEY (sort, bucket)) WITHOUT ROWID;
"""


@cache
def _version() -> str:
    """Changes with the code that makes rows, so that a newer version makes them anew."""
    digest = hashlib.sha256(metadata.version("ipgraph").encode())
    for module in (model, resolve, graph, rows, following):
        assert module.__file__
        digest.update(Path(module.__file__).read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


class Buckets(Mapping[int, list[Row]]):
    """The rows of one sort by bucket, read when they are asked for."""

    def __init__(self, db: sqlite3.Connection, sort: Sort) -> None:
        self._db, self._sort = db, sort

    def __getitem__(self, bucket: int) -> list[Row]:
        return self._rows("data", bucket)

    def digest(self, bucket: int) -> str:
        """The digest of a bucket, read without the values."""
        return rows.digest((r.identity, r.hash) for r in self._rows("'{}'", bucket))

    def _rows(self, data: str, bucket: int) -> list[Row]:
        text = f"SELECT kinds, id, hash, {data}, head, tail FROM row WHERE sort = ? AND bucket = ?"
        found = self._db.execute(text, (self._sort, bucket))
        return [Row(tuple(kinds.split()), i, h, json.loads(d), head, tail) for kinds, i, h, d, head, tail in found]

    def __iter__(self) -> Iterator[int]:
        return iter(range(BUCKETS))

    def __len__(self) -> int:
        return BUCKETS


class Index:
    """The open index of a workspace; of facts whose confidence is at least `min_confidence`."""

    def __init__(self, folder: Path, min_confidence: float) -> None:
        # Where nothing may be written it serves this once.
        path = folder / FILE if os.access(folder, os.W_OK) else ":memory:"
        self._least = min_confidence
        self._db = sqlite3.connect(path, timeout=60, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.executescript(TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    @contextmanager
    def wanted(self) -> Iterator[Wanted]:
        """What the store shall hold; good inside the `with`, and of one moment."""
        self._db.execute("BEGIN")
        try:
            buckets = Buckets(self._db, "node"), Buckets(self._db, "edge")
            yield Wanted(*buckets, self._digests("node"), self._digests("edge"))
        finally:
            self._db.execute("COMMIT")

    @property
    def revision(self) -> str:
        """The revision of the ledger that it is of."""
        return self._meta("revision")

    def _meta(self, key: str) -> str:
        found = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return found[0] if found else ""

    def _digests(self, sort: Sort) -> list[str]:
        held = dict(self._db.execute("SELECT bucket, digest FROM digest WHERE sort = ?", (sort,)).fetchall())
        return [held.get(b, "") for b in range(BUCKETS)]

    # Bringing it in line

    def update(self, ledger: Ledger, mark: str) -> None:
        """Bring it in line. `mark` names the ledger: what was made of another one, or otherwise, is made anew."""
        made_of = f"{mark} at {self._least:g} by {_version()}"
        self._db.execute("BEGIN IMMEDIATE")
        try:
            with ledger.snapshot():
                if self._meta("made of") != made_of:
                    self._empty()
                if self.revision != str(ledger.revision):
                    for sort, buckets in following.Follow(self._db, ledger, self._least).run().items():
                        self._put_digests(sort, buckets)
                values = {"made of": made_of, "revision": str(ledger.revision)}
                self._db.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", values.items())
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def _put_digests(self, sort: Sort, buckets: set[int]) -> None:
        held = Buckets(self._db, sort)
        values = [(sort, b, held.digest(b)) for b in sorted(buckets)]
        self._db.executemany("INSERT OR REPLACE INTO digest VALUES (?, ?, ?)", values)

    def _empty(self) -> None:
        for table in ("meta", "article", "entity", "link", "relation", "row", "digest"):
            self._db.execute(f"DELETE FROM {table}")


def _in_line(ledger: Ledger, mark: str, min_confidence: float) -> Index:
    index = Index(ledger.path.parent, min_confidence)
    try:
        index.update(ledger, mark)
    except BaseException:
        index.close()
        raise
    return index


@contextmanager
def opened(ledger: Ledger, mark: str, min_confidence: float) -> Iterator[Index]:
    """The index of a ledger that `mark` names, in line with it. One that is broken is made anew."""
    try:
        index = _in_line(ledger, mark, min_confidence)
    except sqlite3.OperationalError as e:
        raise StoreError(f"cannot write {FILE} beside the ledger; {e}; is there room, or another process at it?") from e
    except sqlite3.DatabaseError:
        drop(ledger.path.parent)
        index = _in_line(ledger, mark, min_confidence)
    try:
        yield index
    finally:
        index.close()


def drop(folder: Path) -> None:
    """Remove the index; it is made anew when it is needed."""
    for file in folder.glob(f"{FILE}*"):
        try:
            file.unlink(missing_ok=True)
        except OSError as e:
            raise StoreError(f"cannot remove {file}; {e.strerror or e}; remove it yourself") from e
