"""`ipgraph sync`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ipgraph.cli import base
from ipgraph.errors import UsageError

if TYPE_CHECKING:
    from ipgraph.store import Address, SyncReport

COLUMNS = ("what", "created", "updated", "removed")


def _address(url: str | None, database: str | None, credentials: str | None) -> Address:
    from ipgraph import store

    target = store.address(url, database=database, credentials=Path(credentials) if credentials else None)
    if not target.password and sys.stdin.isatty():
        target = store.with_password(target, click.prompt(f"Password of {target.user}", hide_input=True, err=True))
    return target


def _rows(report: SyncReport) -> list[dict[str, object]]:
    counts = {"nodes": report.nodes, "edges": report.edges}
    return [
        {"what": what, "created": c.created, "updated": c.updated, "removed": c.removed} for what, c in counts.items()
    ]


def _tell(report: SyncReport) -> None:
    if not report.changed:
        base.talk("the store is in line with the ledger; nothing to do")
    elif report.dry_run:
        base.talk("dry run; nothing was written")
    else:
        again = f", {report.retries} of them again after errors" if report.retries else ""
        base.talk(f"the store is in line with the ledger; {report.batches} batches{again}")


@click.command("sync", short_help="Bring a Neo4j in line.")
@click.argument("url", required=False)
@click.option("--database", metavar="NAME", help="Database of the server; its default one otherwise.  [NEO4J_DATABASE]")
@click.option("--credentials", metavar="FILE", help="File of NEO4J_URI=, NEO4J_USERNAME=, NEO4J_PASSWORD= lines.")
@click.option("--dry-run", is_flag=True, help="Say what would change; write nothing.")
@click.option("--verify", is_flag=True, help="Compare every node and edge, for a store in which others deleted.")
@click.option("--rebuild", is_flag=True, help="With URL `embedded`: remove that store first.")
@click.option("--verbose", is_flag=True, help="Tell each batch.")
@base.db_option
@base.confidence_option
@base.format_option
def command(
    url: str | None,
    database: str | None,
    credentials: str | None,
    dry_run: bool,
    verify: bool,
    rebuild: bool,
    verbose: bool,
    db: str,
    min_confidence: float,
    format_: str,
) -> int:
    """Bring the Neo4j at URL in line with the ledger: creates, updates, retracts; twice changes nothing.

    What others keep in that database stays untouched, and so do properties that they put on our nodes. Without URL it
    is NEO4J_URI; login and database are NEO4J_USERNAME, NEO4J_PASSWORD and NEO4J_DATABASE. The URL `embedded` is the
    workspace's own store.

    \b
    Examples:
      ipgraph sync bolt://localhost:7687 --dry-run
      ipgraph sync --credentials Neo4j-credentials.txt
      ipgraph sync embedded --rebuild
    See also: query, export, bolt.
    """
    from ipgraph import store

    if rebuild and url != store.EMBEDDED:
        raise UsageError("--rebuild is for the URL `embedded`; a Neo4j may hold what is not ours; sync it instead")
    if rebuild:
        store.rebuild(db)
    where = url if url == store.EMBEDDED else _address(url, database, credentials)
    with store.open(db, where) as target:
        say = base.talk if verbose else lambda _: None
        report = store.refresh(db, target, min_confidence, dry_run=dry_run, verify=verify, say=say)
    base.emit(COLUMNS, _rows(report), format_)
    _tell(report)
    return base.Exit.OK
