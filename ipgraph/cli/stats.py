"""`ipgraph stats`."""

from __future__ import annotations

import click

from ipgraph.cli import base


@click.command("stats", short_help="What the ledger holds.")
@base.db_option
@base.confidence_option
@base.format_option
def command(db: str, min_confidence: float, format_: str) -> int:
    """Count articles, entities by label and relations by type.

    \b
    Examples:
      ipgraph stats
      ipgraph stats --format json
    See also: find, doctor.
    """
    from collections import Counter

    graph = base.graph(db, min_confidence)
    nodes = Counter(d["kind"] for _, d in graph.nodes(data=True))
    edges = Counter(d["type"] for _, _, d in graph.edges(data=True))
    rows = [{"what": "node", "kind": k, "count": n} for k, n in sorted(nodes.items())]
    rows += [{"what": "edge", "kind": k, "count": n} for k, n in sorted(edges.items())]
    base.emit(["what", "kind", "count"], rows, format_)
    return base.Exit.OK
