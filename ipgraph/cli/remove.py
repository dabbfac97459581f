"""`ipgraph remove`."""

from __future__ import annotations

import click

from ipgraph.cli import base


@click.command("remove", short_help="Retract an article.")
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE...")
@base.db_option
@base.format_option
def command(articles: tuple[str, ...], db: str, format_: str) -> int:
    """Retract articles with what only they stated. An ARTICLE is an id, a path or URL as ingested, or a file name.

    \b
    Examples:
      ipgraph remove art-0123456789abcdef
      ipgraph remove fair-opens.txt
    See also: ingest, stats.
    """
    from ipgraph import ledger

    rows = []
    with ledger.Ledger(db, create=False) as store:
        found = [(name, store.one_article(name)) for name in articles]
        for name, article in found:
            rows.append({"article": article, "source": name, "removed": store.remove(article)})
    base.emit(["article", "source", "removed"], rows, format_)
    return base.Exit.OK
