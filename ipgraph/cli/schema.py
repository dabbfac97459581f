"""`ipgraph schema`."""

from __future__ import annotations

import click

from ipgraph.cli import base


@click.command("schema", short_help="Labels, types, properties.")
@click.option("--json", "as_schema", is_flag=True, help="The JSON Schema of one line of `extract --format jsonl`.")
@base.format_option
def command(as_schema: bool, format_: str) -> int:
    """The labels, relationship types and properties of the graph.

    \b
    Examples:
      ipgraph schema
      ipgraph schema --json > ipgraph.schema.json
    See also: query, export.
    """
    from ipgraph import model

    if as_schema:
        import json

        click.echo(json.dumps(model.json_schema(), indent=2))
        return base.Exit.OK
    base.emit(["what", "name", "between", "properties", "means"], model.schema_rows(), format_)
    return base.Exit.OK
