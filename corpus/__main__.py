"""The corpus tools: `python -m ipgraph.corpus COMMAND`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

import click

from ipgraph.corpus.format import parse
from ipgraph.corpus.validate import validate

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))


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


@main.command("bare")
@FILES
def bare_cli(files: tuple[Path, ...]) -> None:
    """Print the text of annotated articles without their annotation."""
    for path in texts(files):
        article, _ = parse(path.read_text(encoding="utf-8"), path)
        click.echo(article.text)


if __name__ == "__main__":
    main(prog_name="python -m ipgraph.corpus")
