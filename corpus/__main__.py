"""The corpus tools: `python -m ipgraph.corpus COMMAND`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import click

from ipgraph.corpus.agreement import Agreement
from ipgraph.corpus.agreement import as_text as as_lines
from ipgraph.corpus.format import Annotated, read, write
from ipgraph.corpus.gold import write_gold
from ipgraph.corpus.quotas import SPLITS
from ipgraph.corpus.report import ANNOTATED, as_text, load, report
from ipgraph.corpus.review import append, changes, records
from ipgraph.corpus.validate import validate
from ipgraph.errors import IpgraphError

FILES = click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
REVIEW = ANNOTATED.parent / "review.jsonl"
OUT = click.Path(file_okay=False, path_type=Path)
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


@main.command("json")
@click.option("--out", required=True, type=OUT, help="Folder to write train, dev and test into.")
@click.option("--folder", default=ANNOTATED, type=FOLDER, help="The annotated articles, by split.")
def json_cli(out: Path, folder: Path) -> None:
    """Write each article's bare text NAME.txt and its gold NAME.json."""
    for split, articles in by_split(folder).items():
        click.echo(f"{split}: {write_gold(articles, out / split)} articles", err=True)


@main.command("docbin")
@click.option("--out", required=True, type=OUT, help="Folder to write train.spacy, dev.spacy and test.spacy into.")
@click.option("--folder", default=ANNOTATED, type=FOLDER, help="The annotated articles, by split.")
def docbin_cli(out: Path, folder: Path) -> None:
    """Write the articles as spaCy Docs, one file a split."""
    from ipgraph.corpus.docs import DocMaker, write_docs

    for split, articles in by_split(folder).items():
        maker = DocMaker()
        count = write_docs(articles, out / f"{split}.spacy", maker)
        shifted = maker.fitted["shifted"]
        click.echo(f"{split}: {count} articles, {maker.fitted.total()} mentions, {shifted} shifted to tokens", err=True)


@main.command("agreement")
@click.argument("a", type=click.Path(exists=True, path_type=Path))
@click.argument("b", type=click.Path(exists=True, path_type=Path))
@click.option("--verbose", is_flag=True, help="List what only one of the two has.")
def agreement_cli(a: Path, b: Path, verbose: bool) -> None:
    """Compare two annotations (files, or folders with equal file names) of the same texts."""
    agreement, failed = Agreement(), False
    for one, two in pairs(a, b):
        try:
            agreement.add(read(one), read(two))
        except IpgraphError as error:
            click.echo(str(error), err=True)
            failed = True
    click.echo("\n".join(as_lines(agreement)))
    if verbose:
        click.echo("\n" + "\n".join(agreement.differences))
    sys.exit(1 if failed or not agreement.articles else 0)


@main.command("bare")
@FILES
@click.option("--skeleton", is_flag=True, help="As a file to annotate: header, line prefixes and escapes kept.")
def bare_cli(files: tuple[Path, ...], skeleton: bool) -> None:
    """Print the text of annotated articles without their annotation."""
    for path in texts(files):
        article = read(path)
        click.echo(write(replace(article, mentions=(), entities=(), relations=())) if skeleton else article.text)


@main.command("review")
@click.argument("before", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("after", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--checker", required=True, help="Who checked.")
@click.option("--log", default=REVIEW, type=click.Path(dir_okay=False, path_type=Path), help="The file to append to.")
@click.option("--dry-run", is_flag=True, help="Print the changes, append nothing.")
def review_cli(before: Path, after: Path, checker: str, log: Path, dry_run: bool) -> None:
    """Append what a checker changed in an article to corpus/review.jsonl.

    BEFORE may be a pipe: `review <(git show HEAD:corpus/annotated/dev/a.txt) corpus/annotated/dev/a.txt ...`.
    """
    old = read(before)
    found = records(f"{after.resolve().parent.name}/{after.name}", checker, changes(old, read(after)))
    for record in found:
        click.echo(json.dumps(record, ensure_ascii=False))
    if not dry_run:
        append(log, found)


def by_split(folder: Path) -> dict[str, list[Annotated]]:
    """The articles of a folder of splits."""
    return {split: [read(path) for path in sorted((folder / split).glob("*.txt"))] for split in SPLITS}


def pairs(a: Path, b: Path) -> list[tuple[Path, Path]]:
    """Two files; or the files of two folders that have a name in common."""
    if not (a.is_dir() and b.is_dir()):
        return [(a, b)]
    seconds = {path.name: path for path in texts([b])}
    return [(path, seconds[path.name]) for path in texts([a]) if path.name in seconds]


def run() -> None:
    """Run the command line; expected errors are told without a traceback."""
    try:
        main(prog_name="python -m ipgraph.corpus")
    except IpgraphError as error:
        click.echo(str(error), err=True)
        sys.exit(1)


if __name__ == "__main__":
    run()
