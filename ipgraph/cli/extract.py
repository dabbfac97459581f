"""`ipgraph extract`."""

from __future__ import annotations

import click

from ipgraph.cli import base


@click.command("extract", short_help="The facts, printed, nothing stored.")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@base.pipeline_option
@base.confidence_option
@base.input_format_option
@base.format_option
def command(
    sources: tuple[str, ...], pipeline: str, min_confidence: float, input_format: str | None, format_: str
) -> int:
    """Print the facts of articles; nothing is stored.

    As JSON lines, one article a line (the contract that `ipgraph schema --json` describes); as a table or CSV, one
    fact a row. Articles in other languages than English are skipped and counted.

    \b
    Examples:
      ipgraph extract article.txt
      ipgraph extract articles/ --format jsonl > facts.jsonl
    See also: ingest, evaluate.
    """
    from ipgraph import annotate, model
    from ipgraph import pipeline as stages

    run = base.progress(stages.extract(sources, annotate.load(pipeline), input_format=input_format), "reading")

    def read(done: stages.Done) -> model.Facts | base.Unread | base.Skipped:
        if done.outcome == "skipped":
            return base.Skipped(done.uri, done.language)
        return (
            base.Unread(done.uri, done.reason) if done.facts is None else stages.confident(done.facts, min_confidence)
        )

    return base.emit_each(map(read, run), stages.FACT_COLUMNS, format_, record=model.facts_json, rows=stages.fact_rows)
