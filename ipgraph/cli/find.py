"""`ipgraph find`."""

from __future__ import annotations

import click

from ipgraph.cli import base


@click.command("find", short_help="Who or what bears a name.")
@click.argument("name")
@base.db_option
@base.confidence_option
@base.format_option
def command(name: str, db: str, min_confidence: float, format_: str) -> int:
    """Which people, bodies, events, brands, places and awards bear NAME as a name or alias, in any case.

    \b
    Examples:
      ipgraph find WIPO
      ipgraph find "trademark symposium" --format json
    See also: why, query.
    """
    from ipgraph import lookup

    graph = base.graph(db, min_confidence)
    rows = lookup.find(graph, name)
    if not rows:
        raise lookup.nothing(graph, name)
    base.emit(lookup.FOUND, rows, format_)
    return base.Exit.OK
