"""`ipgraph clean`."""

from __future__ import annotations

import click

from ipgraph.cli import base


@click.command("clean", short_help="The cleaned article alone: metadata, body, kinds of lines.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@click.option("--field", "fields", multiple=True, metavar="OURS=THEIRS", help="Name of a field in JSON lines or CSV.")
@base.input_format_option
@base.format_option
def command(sources: tuple[str, ...], fields: tuple[str, ...], input_format: str | None, format_: str) -> int:
    """Print what the cleaning makes of each source, and nothing else.

    A SOURCE is a file, folder, glob, web address or - for standard input. As JSON lines, one article a line as in
    `ipgraph extract`, without facts; as a table or CSV, one line of the text a row with its kind.

    \b
    Examples:
      ipgraph clean article.html
      ipgraph clean news.jsonl --field text=content --field date=day
    See also: extract, ingest.
    """
    import json

    from ipgraph import clean as cleaning
    from ipgraph import sources as inputs
    from ipgraph.errors import SourceError

    failed, rows, read = 0, [], 0
    for item in inputs.read(sources, input_format=input_format, fields=inputs.named(fields)):
        try:
            if isinstance(item, inputs.Failure):
                raise SourceError(item.reason)
            article = cleaning.article(item)
        except SourceError as e:
            failed += 1
            base.talk(f"{item.uri}: {e}")
            continue
        read += 1
        if format_ == "jsonl":
            click.echo(json.dumps(cleaning.record(article), ensure_ascii=False))
        elif format_ == "json":
            rows.append(cleaning.record(article))
        else:
            rows += cleaning.rows(article)
    if format_ == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif format_ != "jsonl":
        base.emit(cleaning.COLUMNS, rows, format_)
    if not failed:
        return base.Exit.OK
    return base.Exit.PARTIAL if read else base.Exit.FAILURE
