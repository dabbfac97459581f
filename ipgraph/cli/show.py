"""`ipgraph show`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from ipgraph.cli import base

if TYPE_CHECKING:
    from ipgraph.model import Facts

COLORS = {
    "Person": "magenta",
    "Organization": "blue",
    "Event": "red",
    "Place": "green",
    "Brand": "yellow",
    "Award": "cyan",
}
COLUMNS = ("id", "date", "title", "publisher", "source")


def _terminal(facts: Facts) -> None:
    from ipgraph.view import article

    for text, kind in article.plain(facts):
        click.echo(click.style(text, fg=COLORS.get(kind), bold=True) if kind else text, nl=False)
    click.echo("  ".join(click.style(k, fg=c, bold=True) for k, c in COLORS.items()) + "\n")
    for number, relation in article.numbered(facts):
        click.echo(f"[{number}] {article.statement(facts, relation)}  {relation.confidence:.2f}")
    click.echo(article.about(facts.article))


@click.command("show", short_help="One article with its facts marked.")
@click.argument("article", required=False)
@click.option("-o", "--output", metavar="FILE.html", help="Write a page instead; - is stdout.")
@base.db_option
@base.confidence_option
@base.format_option
def command(article: str | None, output: str | None, db: str, min_confidence: float, format_: str) -> int:
    """One article: its names in colour, behind each sentence the numbers of the facts it states, then the facts.

    ARTICLE is an id, a file name, a path or a URL; without it the articles are listed. In a pipe the article is one
    line of JSON, as `ipgraph extract` prints it.

    \b
    Examples:
      ipgraph show
      ipgraph show 01-fair.txt
      ipgraph show 01-fair.txt -o fair.html
    See also: view, why, extract.
    """
    from dataclasses import replace

    from ipgraph import ledger, model
    from ipgraph.view import article as pages

    with ledger.Ledger(db, create=False) as store:
        if article is None:
            rows = [{c: getattr(a, c) for c in COLUMNS} for a in store.articles()]
            base.emit(COLUMNS, rows, format_)
            return base.Exit.OK
        identifier = store.one_article(article)
        (facts,) = store.facts([identifier])
    facts = replace(facts, relations=tuple(r for r in facts.relations if r.confidence >= min_confidence))
    if output:
        base.write(pages.page(facts), output)
    elif format_ == "table":
        _terminal(facts)
    else:
        click.echo(json.dumps(model.facts_json(facts), ensure_ascii=False))
    return base.Exit.OK
