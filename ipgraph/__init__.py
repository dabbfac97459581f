"""Who met whom, read from the news: articles in, a graph whose every fact cites its sentence out.

From Python the same as from the shell: `extract` gives facts, `build` a NetworkX graph, `open` a workspace to query.
Everything heavy is imported when first used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ipgraph.annotate import Pipeline
    from ipgraph.graph import Graph
    from ipgraph.model import Facts
    from ipgraph.workspace import Workspace

__all__ = ["build", "extract", "load", "open"]


def extract(*sources: str, pipeline: str | None = None, min_confidence: float = 0.5) -> Iterator[Facts]:
    """Facts of each article in the sources (paths, folders, globs, URLs); one that is not English is skipped.

    Raises SourceError at the first source that cannot be read, PipelineError where the pipeline does not fit.
    """
    from ipgraph import annotate
    from ipgraph import pipeline as stages
    from ipgraph.errors import SourceError

    for done in stages.extract(sources, annotate.load(pipeline)):
        if done.outcome == "skipped":
            continue
        if done.facts is None:
            raise SourceError(f"{done.uri}: {done.reason}")
        yield stages.confident(done.facts, min_confidence)


def build(*sources: str, pipeline: str | None = None, min_confidence: float = 0.5) -> Graph:
    """The graph of the sources as a networkx.MultiDiGraph; nothing is stored."""
    from ipgraph import graph

    return graph.build(extract(*sources, pipeline=pipeline, min_confidence=min_confidence))


def load(**overrides: Any) -> Pipeline:
    """The shipped spaCy pipeline, as `spacy.load` would give it; `spacy.load("ipgraph")` comes here too."""
    from importlib import import_module

    nlp: Pipeline = import_module("ipgraph.pipelines").load(**overrides)
    return nlp


def open(db: str, *, store: str = "embedded", min_confidence: float = 0.5) -> AbstractContextManager[Workspace]:
    """A workspace made by `ipgraph ingest`: `with ipgraph.open(db) as w: w.query("attended", event="...")`.

    Raises StoreError where there is none or the store cannot be reached.
    """
    from ipgraph import workspace

    return workspace.opened(db, store=store, min_confidence=min_confidence)
