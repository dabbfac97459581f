"""`ipgraph bolt`."""

from __future__ import annotations

import click

from ipgraph.cli import base


@click.command("bolt", short_help="Keep the Bolt port open.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port on 127.0.0.1; any free one otherwise.")
@base.db_option
@base.confidence_option
def command(port: int, db: str, min_confidence: float) -> int:
    """Keep the embedded store's Bolt port open on 127.0.0.1 until ^C, for other shells and Bolt clients.

    Prints the address. The login, of a user who may only read, is in the file named beside it, which only you can read.

    \b
    Examples:
      ipgraph bolt
      ipgraph bolt --port 7687
    See also: query, sync.
    """
    from ipgraph import store

    with store.open(db, port=port) as target:
        store.refresh(db, target, min_confidence)
        while True:
            file = store.write_login(db, target)
            click.echo(f"{target.reader.url}  login in {file}")
            base.talk("open until ^C")
            # A query beyond its time ends the server: the port comes back at once.
            target.wait()
            target.rejoin(port=port)
