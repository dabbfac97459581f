"""`ipgraph ingest`."""

from __future__ import annotations

import sys

import click

from ipgraph.cli import base


@click.command("ingest", short_help="Clean, extract, resolve, store.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@base.db_option
@base.pipeline_option
@base.input_format_option
@click.option("--dry-run", is_flag=True, help="Read everything, store nothing.")
@base.format_option
def command(
    sources: tuple[str, ...], db: str, pipeline: str, input_format: str | None, dry_run: bool, format_: str
) -> int:
    """Read articles and keep their facts; doing it twice changes nothing.

    A SOURCE is a file, a folder, a glob, a URL, a JSONL file, or - for standard input. An input that cannot be read is
    named at the end and stops nothing: the exit code is then 3. Articles in other languages than English are skipped
    and counted.

    \b
    Examples:
      ipgraph ingest articles/ "more/*.html"
      ipgraph ingest --db ./ip https://example.org/news/1
      cat article.txt | ipgraph ingest -
    See also: extract (nothing stored), remove, stats.
    """
    from ipgraph import annotate, ledger
    from ipgraph import pipeline as stages

    nlp = annotate.load(pipeline)
    summary = stages.Summary()
    store = None if dry_run else ledger.Ledger(db)
    try:
        options = {"input_format": input_format}
        run = stages.ingest(sources, nlp, store, **options) if store else stages.extract(sources, nlp, **options)
        for done in base.progress(run, "reading"):
            summary.add(done)
    finally:
        if store:
            store.close()
    base.emit(["outcome", "articles"], [{"outcome": k, "articles": v} for k, v in summary.counts.items()], format_)
    base.talk_of_skipped(summary.skipped)
    for uri, reason in summary.failed:
        base.talk(f"{uri}: {reason}")
    sys.stdout.flush()
    failed = len(summary.failed)
    return base.finished(sum(summary.counts.values()) - failed, failed)
