"""`ipgraph view`."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import click

from ipgraph.cli import base

FORMS = (".html", ".svg", ".png", ".pdf")


def _day(_: click.Context, __: click.Parameter, given: str | None) -> str | None:
    if given is None:
        return None
    try:
        if not re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", given):
            raise ValueError
        date.fromisoformat(given + "-01-01"[len(given) - 4 :])
    except ValueError:
        raise click.BadParameter(f"{given!r} is no date; write it as 2024-05-02, 2024-05 or 2024") from None
    return given


def _save(content: bytes, output: str) -> None:
    """Write the file whole or not at all; "-" is stdout."""
    if output == "-":
        click.echo(content, nl=False)
        return
    target = Path(output)
    try:
        part = target.with_name(target.name + ".part")
        part.write_bytes(content)
        part.replace(target)
    except OSError as e:
        raise click.FileError(output, hint=e.strerror) from e


@click.command("view", short_help="Networks to look at.")
@click.argument("kind", type=click.Choice(["organizations", "people", "events"]), metavar="organizations|people|events")
@click.option("--around", metavar="NAME", help="Only what is near this person, organization, event, ...")
@click.option("--hops", type=click.IntRange(0), default=1, show_default=True, help="How far from --around.")
@click.option("--as-of", metavar="DATE", callback=_day, help="What was so on that day, as far as is known.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only these ties or relationships; repeatable.")
@click.option("--min-weight", type=click.IntRange(1), default=1, show_default=True, help="Only ties of this weight.")
@click.option("--max-nodes", type=click.IntRange(1), default=300, show_default=True, help="At most so many nodes.")
@click.option("-o", "--output", metavar="FILE", help="FILE.html, .svg, .png or .pdf; - is the page on stdout.")
@base.db_option
@base.confidence_option
def command(kind: str, output: str | None, db: str, min_confidence: float, **wish: Any) -> int:
    """A network of organizations, people or events as a page to explore (.html) or a figure for print.

    Organizations are tied by shared events, people and brands, part-of and cooperation; people by shared events and
    organizations; events show their participants. Without -o the page is KIND.html. PNG and PDF, and a finer SVG, need
    the extra ipgraph[figures].

    \b
    Examples:
      ipgraph view organizations -o organizations.html
      ipgraph view people --around "Liu Hua" --hops 2
      ipgraph view events --around "Tea Fair 2024" -o fair.svg
      ipgraph view organizations --type event --type person --min-weight 2
    See also: show, why, export.
    """
    from ipgraph import view
    from ipgraph.view.figure import figure
    from ipgraph.view.page import page

    output = output or f"{kind}.html"
    form = ".html" if output == "-" else Path(output).suffix.lower()
    if form not in FORMS:
        raise click.UsageError(f"cannot write {output!r}; its ending is none of {', '.join(FORMS)}; name such a file")
    net = view.network(base.graph(db, min_confidence), kind, view.Wish(**wish))
    _save(page(net).encode() if form == ".html" else figure(net, form[1:]), output)
    for note in net.notes:
        base.talk(note)
    if output != "-":
        base.talk(f"{output}: {len(net.nodes)} nodes, {len(net.links)} ties")
    return base.Exit.OK
