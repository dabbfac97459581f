"""The ledger: one SQLite file that is the truth. Facts come per article, in one transaction, and may be taken back.

Tables (frozen): `article` the cleaned articles; `source` where each was read, one row a path or URL; `entity` and
`relation` the facts, as the JSON contract has them; `decision` what people decided, by article and in-article entity;
`redirect` old corpus ids; `meta` the version of this layout, the revision and the store's watermark.
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self, cast

from ipgraph import model
from ipgraph.errors import StoreError, UsageError

LAYOUT = "1"
FILE = "ledger.sqlite"
TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS article (
    id TEXT PRIMARY KEY, fingerprint TEXT NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS source (
    key TEXT PRIMARY KEY, article TEXT NOT NULL REFERENCES article(id) ON DELETE CASCADE,
    name TEXT NOT NULL, url TEXT, sha256 TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS source_article ON source(article);
CREATE TABLE IF NOT EXISTS entity (
    id TEXT PRIMARY KEY, article TEXT NOT NULL REFERENCES article(id) ON DELETE CASCADE,
    type TEXT NOT NULL, name TEXT NOT NULL, data TEXT NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS entity_article ON entity(article);
CREATE TABLE IF NOT EXISTS relation (
    id TEXT PRIMARY KEY, article TEXT NOT NULL REFERENCES article(id) ON DELETE CASCADE, type TEXT NOT NULL,
    head TEXT NOT NULL REFERENCES entity(id), tail TEXT NOT NULL REFERENCES entity(id), data TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS relation_article ON relation(article);
CREATE TABLE IF NOT EXISTS decision (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, article TEXT NOT NULL, entity TEXT NOT NULL, data TEXT NOT NULL,
    UNIQUE (kind, article, entity, data));
CREATE TABLE IF NOT EXISTS redirect (old TEXT PRIMARY KEY, new TEXT NOT NULL) WITHOUT ROWID;
"""

Outcome = Literal["added", "replaced", "unchanged"]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an article was read: `key` is its URL or absolute path and decides what counts as a new version."""

    key: str
    name: str
    url: str | None
    sha256: str


def sha256(data: bytes) -> str:
    """Hex digest of the raw bytes."""
    return hashlib.sha256(data).hexdigest()


def _dump(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def _article_data(article: model.Article) -> str:
    """Everything but `source` and `url`, which belong to the rows of `source`."""
    data = model.article_json(article)
    del data["source"], data["url"]
    data["lines"] = [[x.kind, x.start, x.end] for x in article.lines]
    data["offsets"] = {part: [list(s) for s in m.segments] for part, m in article.offsets.items()}
    return _dump(data)


def _article(data: str, name: str, url: str | None) -> model.Article:
    d: dict[str, Any] = json.loads(data)
    offsets = {cast(model.Part, p): model.OffsetMap(tuple((a, b, c) for a, b, c in s)) for p, s in d["offsets"].items()}
    return model.Article(
        source=name,
        url=url,
        lines=tuple(model.Line(*x) for x in d["lines"]),
        captions=tuple(d["captions"]),
        offsets=offsets,
        **{k: d[k] for k in ("id", "title", "date", "date_source", "publisher", "author", "language", "text")},
    )


def _among(ids: Iterable[str] | None) -> tuple[str, tuple[str, ...]]:
    """The condition that picks these ids, and its parameters; none for None."""
    return ("", ()) if ids is None else ("WHERE id IN (SELECT value FROM json_each(?))", (_dump(sorted(ids)),))


class Ledger:
    """An open ledger. Use as a context manager; every method that writes does so in one transaction."""

    def __init__(self, folder: str | Path, *, create: bool = True) -> None:
        """Open `folder`/ledger.sqlite, made where absent unless `create` is false.

        Raises StoreError where the file is absent, is no ledger, or is one of a later layout.
        """
        self.path = Path(folder) / FILE
        if not create and not self.path.is_file():
            raise StoreError(f"no ledger in {folder}; nothing was ingested there yet; try `ipgraph ingest SOURCE...`")
        try:
            self._db = self._reader() if self._closed() else self._writer()
        except (sqlite3.Error, OSError) as e:
            raise StoreError(f"cannot open {self.path}; {e}; is it a ledger of ipgraph?") from e
        layout = self.meta("layout")
        if layout is None:
            self.set_meta("layout", LAYOUT)
        elif layout != LAYOUT:
            raise StoreError(f"{self.path} has layout {layout}, this version knows {LAYOUT}; use a newer ipgraph")

    def _closed(self) -> bool:
        """Whether the ledger is there but may only be read."""
        return self.path.is_file() and not (os.access(self.path, os.W_OK) and os.access(self.path.parent, os.W_OK))

    def _reader(self) -> sqlite3.Connection:
        # Without the right to write beside it SQLite can open a WAL database only as one that nobody changes.
        return sqlite3.connect(f"{self.path.resolve().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None)

    def _writer(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self.path, timeout=60, isolation_level=None)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("PRAGMA synchronous=FULL")
        db.execute("PRAGMA foreign_keys=ON")
        db.executescript(TABLES)
        return db

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Close the file; harmless when closed already."""
        self._db.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield self._db
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def meta(self, key: str) -> str | None:
        """A value of the table `meta`."""
        row = self._db.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        """Set a value of the table `meta`."""
        self._db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))

    @property
    def revision(self) -> int:
        """A number that grows whenever facts, sources or decisions change."""
        return int(self.meta("revision") or 0)

    def _touch(self) -> None:
        self.set_meta("revision", str(self.revision + 1))

    def known(self, origin: Origin, fingerprint: str) -> bool:
        """Whether just these bytes were read from there before and gave facts under the same fingerprint."""
        row = self._db.execute(
            "SELECT 1 FROM source JOIN article ON article.id = source.article"
            " WHERE key = ? AND sha256 = ? AND fingerprint = ?",
            (origin.key, origin.sha256, fingerprint),
        ).fetchone()
        return row is not None

    def add(self, facts: model.Facts, origin: Origin, fingerprint: str) -> Outcome:
        """Store one article's facts. The same key with other content is a new version and replaces the old one."""
        article = facts.article.id
        with self._transaction() as db:
            stored = db.execute("SELECT fingerprint FROM article WHERE id = ?", (article,)).fetchone()
            before = db.execute("SELECT article, sha256 FROM source WHERE key = ?", (origin.key,)).fetchone()
            if stored == (fingerprint,) and before == (article, origin.sha256):
                return "unchanged"
            if stored != (fingerprint,):
                self._write(db, facts, fingerprint)
            db.execute(
                "INSERT INTO source VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET article = excluded.article,"
                " name = excluded.name, url = excluded.url, sha256 = excluded.sha256",
                (origin.key, article, origin.name, origin.url, origin.sha256),
            )
            self._drop_orphans(db)
            self._touch()
        return "replaced" if before or stored else "added"

    @staticmethod
    def _write(db: sqlite3.Connection, facts: model.Facts, fingerprint: str) -> None:
        article = facts.article.id
        db.execute("DELETE FROM relation WHERE article = ?", (article,))
        db.execute("DELETE FROM entity WHERE article = ?", (article,))
        db.execute(
            "INSERT INTO article VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET fingerprint = excluded.fingerprint,"
            " data = excluded.data",
            (article, fingerprint, _article_data(facts.article)),
        )
        data = model.facts_json(facts)
        db.executemany(
            "INSERT INTO entity VALUES (?, ?, ?, ?, ?)",
            [(e["id"], article, e["type"], e["name"], _dump(e)) for e in data["entities"]],
        )
        db.executemany(
            "INSERT INTO relation VALUES (?, ?, ?, ?, ?, ?)",
            [(r["id"], article, r["type"], r["head"], r["tail"], _dump(r)) for r in data["relations"]],
        )

    @staticmethod
    def _drop_orphans(db: sqlite3.Connection) -> None:
        gone = "SELECT id FROM article WHERE id NOT IN (SELECT article FROM source)"
        db.execute(f"DELETE FROM relation WHERE article IN ({gone})")
        db.execute(f"DELETE FROM article WHERE id IN ({gone})")

    def remove(self, article: str) -> bool:
        """Retract an article with all it stated; False where there is none of that id."""
        with self._transaction() as db:
            db.execute("DELETE FROM relation WHERE article = ?", (article,))
            found = db.execute("DELETE FROM article WHERE id = ?", (article,)).rowcount > 0
            if found:
                self._touch()
        return found

    def one_article(self, name: str) -> str:
        """The id of the article with this id, source key, path or file name.

        Raises UsageError where there is none or more than one.
        """
        full = str(Path(name).resolve())
        rows = self._db.execute(
            "SELECT DISTINCT article FROM source WHERE ? IN (article, key, url, name) OR key = ? ORDER BY article",
            (name, full),
        ).fetchall()
        if len(rows) == 1:
            return str(rows[0][0])
        if rows:
            raise UsageError(f"{name!r} may be {len(rows)} articles: {', '.join(r[0] for r in rows[:6])}; give the id")
        raise UsageError(
            f"no article {name!r}; neither an id nor a source of the ledger; try `ipgraph show` for a list"
        )

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All that is read inside is of one moment, whatever others write meanwhile."""
        self._db.execute("BEGIN")
        try:
            yield
        finally:
            self._db.execute("COMMIT")

    def articles(self, among: Iterable[str] | None = None) -> list[model.Article]:
        """All articles, or those of these ids, by id. Of several sources the smallest name and URL stand for one."""
        some, values = _among(among)
        rows = self._db.execute(
            f"SELECT data, min(name), min(url) FROM article JOIN source ON article = id {some} GROUP BY id ORDER BY id",
            values,
        )
        return [_article(*row) for row in rows]

    def versions(self) -> dict[str, str]:
        """Article id -> a string that changes with the article's facts, and with the source that stands for it."""
        rows = self._db.execute(
            "SELECT id, fingerprint, min(name), min(url) FROM article JOIN source ON article = id GROUP BY id"
        )
        return {identifier: _dump(rest) for identifier, *rest in rows}

    def sources(self) -> dict[str, list[str]]:
        """Article id -> the keys it was read from."""
        out: dict[str, list[str]] = {}
        for article, key in self._db.execute("SELECT article, key FROM source ORDER BY article, key"):
            out.setdefault(article, []).append(key)
        return out

    def facts(self, among: Iterable[str] | None = None) -> Iterator[model.Facts]:
        """All facts, or those of these articles, article by article in the order of their ids."""
        for article in self.articles(among):
            data: Mapping[str, Any] = {
                "entities": self._records("entity", article.id),
                "relations": self._records("relation", article.id),
            }
            yield model.facts_from_json(data, article)

    def entities(self, among: Iterable[str]) -> list[model.Entity]:
        """The in-article entities of these ids that there are."""
        some, values = _among(among)
        rows = self._db.execute(f"SELECT data FROM entity {some}", values)
        return [model.entity_from_json(json.loads(d)) for (d,) in rows]

    def relations(self, among: Iterable[str]) -> list[model.Relation]:
        """The relations of these ids that there are."""
        some, values = _among(among)
        rows = self._db.execute(f"SELECT data FROM relation {some}", values)
        return [model.relation_from_json(json.loads(d)) for (d,) in rows]

    def _records(self, table: Literal["entity", "relation"], article: str) -> list[dict[str, Any]]:
        rows = self._db.execute(f"SELECT data FROM {table} WHERE article = ? ORDER BY id", (article,))
        return [json.loads(row[0]) for row in rows]

    def decide(self, kind: str, article: str, entity: str, data: Mapping[str, Any]) -> None:
        """Keep a human decision; it outlives a re-ingest of the article."""
        with self._transaction() as db:
            db.execute(
                "INSERT OR IGNORE INTO decision (kind, article, entity, data) VALUES (?, ?, ?, ?)",
                (kind, article, entity, _dump(data)),
            )
            self._touch()

    def decisions(self) -> list[tuple[str, str, str, dict[str, Any]]]:
        """All decisions (kind, article, entity, data), oldest first."""
        rows = self._db.execute("SELECT kind, article, entity, data FROM decision ORDER BY number")
        return [(k, a, e, json.loads(d)) for k, a, e, d in rows]

    def redirects(self) -> dict[str, str]:
        """Corpus ids that are gone -> the id that took their place."""
        return dict(self._db.execute("SELECT old, new FROM redirect ORDER BY old").fetchall())

    def redirect(self, changes: Mapping[str, str]) -> None:
        """Record ids that were replaced; chains are followed to their end."""
        if not changes:
            return
        with self._transaction() as db:
            for old, new in sorted(changes.items()):
                db.execute("UPDATE redirect SET new = ? WHERE new = ?", (new, old))
                db.execute("INSERT OR REPLACE INTO redirect VALUES (?, ?)", (old, new))
                db.execute("DELETE FROM redirect WHERE old = ?", (new,))
