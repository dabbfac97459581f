"""`ipgraph query`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from ipgraph.cli import base
from ipgraph.errors import UsageError

LISTED = ("name", "parameters", "title")


def _complete(ctx: click.Context, _: click.Parameter, typed: str) -> list[CompletionItem]:
    """Names of the library, then the parameters of the one that was named."""
    from ipgraph.query import library, named

    before = ctx.params.get("words") or ()
    known = named(before[0]) if before else None
    if known:
        items = [CompletionItem(f"{p.name}=", help=p.what) for p in known.parameters]
    else:
        items = [CompletionItem(q.name, help=q.title) for q in library()]
    return [i for i in items if i.value.startswith(typed)]


def _parameters(words: tuple[str, ...]) -> dict[str, str]:
    pairs = [w.partition("=") for w in words]
    for name, sign, _ in pairs:
        if not sign or not name:
            raise UsageError(f"{name!r} is no parameter; parameters read key=value; quote values with spaces")
    return {name: value for name, _, value in pairs}


def _statement(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(f"cannot read {file}; {e}; name a file of Cypher") from e


def _listing() -> list[dict[str, Any]]:
    from ipgraph.query import library

    return [
        {"name": q.name, "parameters": " ".join(f"{p.name}=" for p in q.parameters), "title": q.title}
        for q in library()
    ]


@click.command("query", short_help="Ask the library, or in Cypher.")
@click.argument("words", nargs=-1, metavar="[NAME|CYPHER] [KEY=VALUE]...", shell_complete=_complete)
@click.option("-f", "--file", metavar="FILE", help="Read the Cypher statement from FILE; - is stdin.")
@click.option("--show", is_flag=True, help="Print the statement of the named query instead of running it.")
@click.option("--timeout", type=click.FloatRange(0.1), default=60.0, show_default=True, help="Seconds it may take.")
@click.option("--limit", type=click.IntRange(1), default=10_000, show_default=True, help="Rows it may give.")
@base.db_option
@base.store_option
@base.confidence_option
@base.format_option
def command(
    words: tuple[str, ...],
    file: str | None,
    show: bool,
    timeout: float,
    limit: int,
    db: str,
    store: str,
    min_confidence: float,
    format_: str,
) -> int:
    """Ask the graph: a question of the library by NAME, or free Cypher that only reads. Alone, it lists the library.

    A parameter that asks for an entity takes its name or an alias, in any case, or its id.

    \b
    Examples:
      ipgraph query
      ipgraph query attended event="Tenth Lanqiao Trademark and Brand Fair"
      ipgraph query "MATCH (p:Person) RETURN p.name ORDER BY p.name LIMIT 5"
    See also: find, why, sync, bolt.
    """
    from ipgraph import ledger, query
    from ipgraph import store as stores

    if not words and file is None:
        base.emit(LISTED, _listing(), format_)
        return base.Exit.OK
    name, parameters = (words[0], words[1:]) if file is None else (_statement(file), words)
    known = query.named(name)
    if show and known:
        click.echo(known.text)
        return base.Exit.OK
    given = _parameters(parameters)
    if store == stores.EMBEDDED:
        ledger.Ledger(db, create=False).close()
    with stores.open(db, store) as target:
        if target.embedded:
            stores.refresh(db, target, min_confidence)
        answer = query.run(target, name, given, seconds=timeout, rows=limit)
    base.emit(answer.columns, answer.rows, format_)
    if answer.truncated:
        base.talk(f"only the first {limit} rows; there are more; give --limit")
    return base.Exit.OK
