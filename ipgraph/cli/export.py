"""`ipgraph export`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import click

from ipgraph.cli import base

FORMATS = ("jsonl", "graphml", "gexf", "csv", "neo4j-admin", "cypher")


@click.command("export", short_help="The graph as files.")
@click.argument("form", type=click.Choice(FORMATS), metavar="|".join(FORMATS))
@click.option(
    "-o", "--output", default="-", metavar="FILE", help="File, or folder for csv and neo4j-admin; - is stdout."
)
@base.db_option
@base.confidence_option
def command(form: str, output: str, db: str, min_confidence: float) -> int:
    """Write the graph for other tools; the same ledger gives the same bytes.

    \b
    Examples:
      ipgraph export jsonl -o graph.jsonl
      ipgraph export gexf -o for-gephi.gexf
      ipgraph export csv -o tables/
    See also: sync, view.
    """
    from ipgraph import export

    graph = base.graph(db, min_confidence)
    if form in ("csv", "neo4j-admin"):
        if output == "-":
            raise click.UsageError(f"{form} is several files; name a folder or a .zip with -o")
        files = export.tables(graph) if form == "csv" else _neo4j().tables(graph)
        try:
            export.write_tables(files, Path(output))
        except OSError as e:
            raise click.FileError(output, hint=e.strerror) from e
        return base.Exit.OK
    texts = {"jsonl": export.jsonl, "graphml": export.graphml, "gexf": export.gexf}
    base.write(texts[form](graph) if form in texts else _neo4j().script(graph), output)
    return base.Exit.OK


def _neo4j() -> ModuleType:
    from ipgraph import export_neo4j

    return export_neo4j
