"""A workspace opened for questions: its ledger, the graph made of it, and a store that is kept in line with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ipgraph import graph as graphs
from ipgraph import query, store
from ipgraph.ledger import Ledger


def _quiet(_: str) -> None:
    return None


def in_line(
    ledger: Ledger, target: store.Store, min_confidence: float, *, say: Callable[[str], None] = _quiet
) -> store.SyncReport | None:
    """Bring the store in line with the ledger's facts, None where it already is."""
    mark, revision = store.workspace(ledger), f"{ledger.revision}/{min_confidence:g}"
    if store.revision(target, mark) == revision:
        return None
    built = graphs.build(ledger.facts(), min_confidence=min_confidence)
    return store.sync(built, target, mark, revision=revision, say=say)


@dataclass
class Workspace:
    """An open workspace. Rows of a query are dicts by column."""

    ledger: Ledger
    store: store.Store
    min_confidence: float

    @cached_property
    def graph(self) -> graphs.Graph:
        """All facts as a networkx.MultiDiGraph."""
        return graphs.build(self.ledger.facts(), min_confidence=self.min_confidence)

    def query(self, name_or_text: str, **parameters: Any) -> list[dict[str, Any]]:
        """Rows of a library query by name, or of read-only Cypher.

        Raises UsageError for a query or parameter that does not fit, StoreError where the store fails.
        """
        return query.run(self.store, name_or_text, parameters).rows


@contextmanager
def opened(db: str, *, store: str = "embedded", min_confidence: float = 0.5) -> Iterator[Workspace]:
    """Open a workspace that was made by `ipgraph ingest`. Raises StoreError where there is none."""
    from ipgraph import store as stores

    with Ledger(db, create=False) as ledger, stores.open(db, store) as target:
        in_line(ledger, target, min_confidence)
        yield Workspace(ledger, target, min_confidence)
