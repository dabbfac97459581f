"""`ipgraph evaluate`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from ipgraph.cli import base


@click.command("evaluate", short_help="Scores against gold.")
@click.argument("gold", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--articles", type=click.Path(exists=True), help="Folder of the articles; they are read now.")
@click.option("--facts", type=click.Path(exists=True, path_type=Path), help="JSON lines of an earlier `extract`.")
@click.option("--verbose", is_flag=True, help="List every miss and false fact on stderr.")
@base.pipeline_option
@base.confidence_option
@base.format_option
def command(
    gold: Path,
    articles: str | None,
    facts: Path | None,
    verbose: bool,
    pipeline: str,
    min_confidence: float,
    format_: str,
) -> int:
    """Precision, recall and F1 by type against the gold articles (*.json) in the folder GOLD.

    \b
    Examples:
      ipgraph evaluate gold/ --articles articles/
      ipgraph evaluate gold/ --facts facts.jsonl --verbose
    See also: extract.
    """
    from ipgraph import evaluate
    from ipgraph import pipeline as stages

    if (articles is None) == (facts is None):
        raise click.UsageError("give just one of --articles and --facts")
    golds = evaluate.read_gold(gold)
    predicted: Mapping[str, evaluate.Json]
    if facts:
        predicted = evaluate.read_facts(facts)
    else:
        from ipgraph import annotate

        run = base.progress(stages.extract([str(articles)], annotate.load(pipeline)), "reading")
        predicted = stages.predictions(run, min_confidence)
    scores = evaluate.score_all(golds, predicted)
    if verbose:
        for stem, score in scores.items():
            for line in score.log:
                click.echo(f"{stem}: {line}", err=True)
    base.emit(
        ["what", "precision", "recall", "f1", "tp", "fp", "fn"], evaluate.rows(evaluate.total(scores.values())), format_
    )
    missing = sorted(set(golds) - set(predicted))
    if missing:
        base.talk(f"no facts for {', '.join(missing)}; each scores as if nothing had been found in it")
    return base.Exit.OK
