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
    fact a row.

    \b
    Examples:
      ipgraph extract article.txt
      ipgraph extract articles/ --format jsonl > facts.jsonl
    See also: ingest, evaluate.
    """
    import json

    from ipgraph import annotate, model
    from ipgraph import pipeline as stages

    nlp = annotate.load(pipeline)
    failed, read = 0, 0
    rows = []
    for done in base.progress(stages.extract(sources, nlp, input_format=input_format), "reading"):
        if done.facts is None:
            failed += 1
            base.talk(f"{done.uri}: {done.reason}")
            continue
        read += 1
        facts = stages.confident(done.facts, min_confidence)
        if format_ == "jsonl":
            click.echo(json.dumps(model.facts_json(facts), ensure_ascii=False))
        elif format_ == "json":
            rows.append(model.facts_json(facts))
        else:
            rows += stages.fact_rows(facts)
    if format_ == "json":
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
    elif format_ != "jsonl":
        base.emit(stages.FACT_COLUMNS, rows, format_)
    if not failed:
        return base.Exit.OK
    return base.Exit.PARTIAL if read else base.Exit.FAILURE
