"""`ipgraph doctor`."""

from __future__ import annotations

import click

from ipgraph.cli import base


@click.command("doctor", short_help="Checks this installation.")
@base.db_option
@base.pipeline_option
@base.format_option
def command(db: str, pipeline: str, format_: str) -> int:
    """Check Python, the language pipeline, the embedded store and the workspace; say what to do about each fault.

    \b
    Examples:
      ipgraph doctor
      ipgraph doctor --format json
    See also: config, stats.
    """
    from ipgraph import doctor

    rows = doctor.check(db, pipeline)
    base.emit(["check", "ok", "found", "advice"], rows, format_)
    return base.Exit.OK if all(r["ok"] for r in rows) else base.Exit.FAILURE
