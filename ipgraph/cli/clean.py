"""`ipgraph clean`."""

from __future__ import annotations

from collections.abc import Iterator

import click

from ipgraph.cli import base
from ipgraph.model import Article


@click.command("clean", short_help="The cleaned article alone: metadata, body, kinds of lines.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--field", "fields", multiple=True, metavar="OURS=THEIRS", help="Name of a field in JSON lines or CSV.")
@base.input_format_option
@base.format_option
def command(sources: tuple[str, ...], fields: tuple[str, ...], input_format: str | None, format_: str) -> int:
    """Print what the cleaning makes of each source, and nothing else.

    A SOURCE is a file, folder, glob, web address or - for standard input. As JSON lines, one article a line as in
    `ipgraph extract`, without facts; as a table or CSV, one line of the text a row with its kind. Articles in other
    languages than English are skipped and counted.

    \b
    Examples:
      ipgraph clean article.html
      ipgraph clean news.jsonl --field text=content --field date=day
    See also: extract, ingest.
    """
    from ipgraph import clean as cleaning
    from ipgraph import sources as inputs
    from ipgraph.errors import SourceError

    def articles() -> Iterator[Article | base.Unread | base.Skipped]:
        for item in inputs.read(sources, input_format=input_format, fields=inputs.named(fields)):
            try:
                if isinstance(item, inputs.Failure):
                    raise SourceError(item.reason)
                yield cleaning.article(item)
            except cleaning.OtherLanguage as e:
                yield base.Skipped(item.uri, e.language)
            except SourceError as e:
                yield base.Unread(item.uri, str(e))

    return base.emit_each(articles(), cleaning.COLUMNS, format_, record=cleaning.record, rows=cleaning.rows)
