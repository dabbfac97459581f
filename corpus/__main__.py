"""The corpus tools: `python -m ipgraph.corpus COMMAND`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from ipgraph.corpus.format import parse
from ipgraph.corpus.quotas import SPLITS
from ipgraph.corpus.report import ANNOTATED, as_text, load, report
from ipgraph.corpus.validate import validate

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


def texts(paths: Iterable[Path]) -> list[Path]:
    """The files given, and the .txt files in or below the folders given."""
    found = [p for path in paths for p in (sorted(path.rglob("*.txt")) if path.is_dir() else [path])]
    return list(dict.fromkeys(found))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Check, measure and convert the annotated articles."""


@main.command("validate")
@FILES
@click.option("--no-warnings", is_flag=True, help="Print errors only.")
def validate_cli(files: tuple[Path, ...], no_warnings: bool) -> None:
    """List the problems of annotated articles as `file:line: message`; exit 1 if any is an error."""
    paths = texts(files)
    problems = [problem for path in paths for problem in validate(path)]
    errors = sum(not p.warning for p in problems)
    for problem in problems:
        if not (no_warnings and problem.warning):
            click.echo(str(problem))
    click.echo(f"{len(paths)} files, {errors} errors, {len(problems) - errors} warnings", err=True)
    sys.exit(1 if errors else 0)


@main.command("report")
@click.option("--prefix", default="", help="Only articles whose file name begins so.")
@click.option("--split", type=click.Choice(SPLITS), help="Only one split.")
@click.option("--folder", default=ANNOTATED, type=FOLDER, help="The annotated articles, by split.")
@click.option("--format", "shape", type=click.Choice(("text", "json")), default="text")
def report_cli(prefix: str, split: str | None, folder: Path, shape: str) -> None:
    """Count the articles against the quotas; repeats are looked for in the whole corpus."""
    found = report(load(folder), prefix, split)
    click.echo(json.dumps(found.as_json(), ensure_ascii=False) if shape == "json" else "\n".join(as_text(found)))


@main.command("bare")
@FILES
def bare_cli(files: tuple[Path, ...]) -> None:
    """Print the text of annotated articles without their annotation."""
    for path in texts(files):
        article, _ = parse(path.read_text(encoding="utf-8"), path)
        click.echo(article.text)


if __name__ == "__main__":
    main(prog_name="python -m ipgraph.corpus")
