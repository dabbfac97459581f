"""A workspace opened for questions: its ledger, the graph made of it, and a store that is kept in line with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ipgraph import graph as graphs
from ipgraph import query, store
from ipgraph.ledger import Ledger


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
        stores.refresh(db, target, min_confidence)
        yield Workspace(ledger, target, min_confidence)
