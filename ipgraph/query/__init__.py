"""The library of questions, and free Cypher that may only read.

A query of the library is one file in `cypher/queries/`: comment lines say its title, parameters and columns, the rest
is the statement. A parameter of an entity takes a name, an alias in any case, or an id; the statement gets the id.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import neo4j
from neo4j import exceptions, graph, time

from ipgraph.errors import StoreError, UsageError
from ipgraph.query import guard, names
from ipgraph.query.library import Parameter, Query, library, named
from ipgraph.store import Store
from ipgraph.store.connection import as_ours, retryable

__all__ = ["ROW_LIMIT", "TIME_LIMIT", "Parameter", "Query", "Rows", "library", "named", "run"]

TIME_LIMIT = 60.0
ROW_LIMIT = 10_000


@dataclass(frozen=True, slots=True)
class Rows:
    """An answer. `truncated`: there were more rows than the limit."""

    columns: tuple[str, ...]
    rows: list[dict[str, Any]]
    truncated: bool = False


def plain(value: Any) -> Any:
    """A value of the driver as JSON can say it: a node as its properties with labels, and so on. Our marks left out."""
    if isinstance(value, (graph.Node, graph.Relationship)):
        kind = {"labels": sorted(value.labels)} if isinstance(value, graph.Node) else {"type": value.type}
        return kind | {k: plain(v) for k, v in sorted(value.items()) if not k.startswith("ipgraph_")}
    if isinstance(value, graph.Path):
        return {"nodes": [plain(n) for n in value.nodes], "relationships": [plain(r) for r in value.relationships]}
    if isinstance(value, (list, tuple)) and not isinstance(value, time.Duration):
        return [plain(v) for v in value]
    if isinstance(value, dict):
        return {k: plain(v) for k, v in value.items()}
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, (str, int, float)):
        return value
    return value.iso_format() if hasattr(value, "iso_format") else str(value)


@contextmanager
def _limited(store: Store, seconds: float) -> Iterator[threading.Event]:
    """End the embedded server when the time is over: the engine itself heeds no limit. The event tells that it was."""
    over = threading.Event()

    def end() -> None:
        over.set()
        store.interrupt()

    timer = threading.Timer(seconds, end)
    timer.daemon = True
    if store.embedded:
        timer.start()
    try:
        yield over
    finally:
        timer.cancel()


def _refuse_by_plan(tx: neo4j.Transaction, text: str, parameters: Mapping[str, Any]) -> None:
    """Ask Neo4j what the statement would do before it does it: READ access mode lets LOAD CSV through."""
    summary = tx.run(f"EXPLAIN {text}", parameters=dict(parameters)).consume()
    guard.check_plan(summary.query_type, summary.plan)


def _collect(result: neo4j.Result, limit: int) -> Rows:
    columns = tuple(result.keys())
    records = result.fetch(limit + 1)
    rows = [{k: plain(v) for k, v in zip(columns, r.values(), strict=True)} for r in records[:limit]]
    return Rows(columns, rows, len(records) > limit)


def _read(store: Store, text: str, parameters: Mapping[str, Any], seconds: float, limit: int) -> Rows:
    """Run a statement in a transaction that is rolled back, whatever it did."""
    session = store.driver().session(
        database=store.reader.database, default_access_mode=neo4j.READ_ACCESS, fetch_size=min(limit + 1, 1000)
    )
    with session, session.begin_transaction(timeout=seconds) as tx:
        if not store.embedded:
            _refuse_by_plan(tx, text, parameters)
        rows = _collect(tx.run(text, parameters=dict(parameters)), limit)
        tx.rollback()
    return rows


def _refused(error: exceptions.Neo4jError) -> bool:
    code = error.code or ""
    return "Forbidden" in code or "AccessMode" in code


def _told(error: Exception, store: Store, text: str, seconds: float) -> Exception:
    """The driver's error in the words of the house."""
    if isinstance(error, exceptions.Neo4jError):
        code, message = error.code or "", " ".join((error.message or "").replace("EXPLAIN ", "").split())
        if "TransactionTimedOut" in code or "Terminated" in code:
            return StoreError(f"the query took longer than {seconds:g} s; it was stopped; narrow it or give more time")
        if _refused(error):
            return UsageError(f"the statement is refused; only reading is allowed here; {message or 'mend it'}")
        if code.startswith("Neo.ClientError.Statement"):
            return UsageError(f"the statement is not understood; {message}; mend it")
    return as_ours(error, store.reader)


def _guarded(store: Store, text: str, parameters: Mapping[str, Any], seconds: float, limit: int) -> Rows:
    for last in (False, True):
        with _limited(store, seconds) as over:
            try:
                return _read(store, text, parameters, seconds, limit)
            except (exceptions.Neo4jError, exceptions.DriverError, OSError) as e:
                if over.is_set():
                    store.rejoin()
                    raise StoreError(
                        f"the query took longer than {seconds:g} s; it was stopped; narrow it or give more time"
                    ) from e
                if last or not retryable(e):
                    raise _told(e, store, text, seconds) from e
        # Another process may have ended the server, or closed it just now: reading again is harmless.
        store.rejoin()
    raise AssertionError("unreachable")


def _resolved(store: Store, query: Query, parameters: Mapping[str, Any]) -> dict[str, str | int]:
    texts = names.given(query, parameters)
    kinds = {p.name: p for p in query.parameters}
    for last in (False, True):
        try:
            session = store.driver().session(
                database=store.reader.database, default_access_mode=neo4j.READ_ACCESS, fetch_size=-1
            )
            with session:
                return {n: names.value(session, kinds[n], text) for n, text in texts.items()}
        except (exceptions.Neo4jError, exceptions.DriverError, OSError) as e:
            if last or not retryable(e):
                raise as_ours(e, store.reader) from e
            store.rejoin()
    raise AssertionError("unreachable")


def run(
    store: Store,
    name_or_text: str,
    parameters: Mapping[str, Any] | None = None,
    *,
    seconds: float = TIME_LIMIT,
    rows: int = ROW_LIMIT,
) -> Rows:
    """The answer to a query of the library, or to free Cypher that only reads.

    Raises UsageError for an unknown query, a missing parameter, a name that is unknown or ambiguous, and for a
    statement that would write or reach outside of the graph; StoreError where the time is over.
    """
    known = named(name_or_text)
    if known:
        values: Mapping[str, Any] = _resolved(store, known, parameters or {})
        answer = _guarded(store, known.text, values, seconds, rows)
        return Rows(known.columns, answer.rows, answer.truncated)  # an empty answer names no columns in one store
    if re.fullmatch(r"[\w-]+", name_or_text.strip()):
        close = names.near(name_or_text, (q.name for q in library()))
        hint = f"near by: {', '.join(close)}" if close else "`ipgraph query` lists them"
        raise UsageError(f"no query is named {name_or_text!r}; it is not in the library; {hint}")
    guard.check(name_or_text)
    return _guarded(store, name_or_text, parameters or {}, seconds, rows)
