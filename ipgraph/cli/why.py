"""`ipgraph why`."""

from __future__ import annotations

import click

from ipgraph.cli import base


@click.command("why", short_help="The sentences behind a fact.")
@click.argument("a")
@click.argument("b", required=False)
@base.db_option
@base.confidence_option
@base.format_option
def command(a: str, b: str | None, db: str, min_confidence: float, format_: str) -> int:
    """Every sentence behind entity A, or behind what ties A to B, with article, date, place and confidence.

    A and B are names, aliases or ids.

    \b
    Examples:
      ipgraph why "Liu Hua"
      ipgraph why "Liu Hua" WIPO --format jsonl
    See also: find, show.
    """
    from ipgraph import lookup

    rows = lookup.why(base.graph(db, min_confidence), a, b)
    if format_ == "table":
        for r in rows:
            own = ", ".join(f"{k} {v}" for k, v in r["properties"].items())
            head = f"{r['head']} {r['type']} {r['tail']}" + (f" ({own})" if own else "")
            click.echo(f"{head}  [{r['confidence']:.2f}]\n    “{' '.join(r['sentence'].split())}”")
            click.echo(f"    {r['article']}" + (f", {r['date']}" if r["date"] else "") + f"; {r['rule']}\n")
    else:
        base.emit(lookup.REASONS, rows, format_)
    if not rows:
        base.talk("nothing is stated" + (" that ties the two" if b else ""))
    return base.Exit.OK
