"""What all commands share: options, output formats, exit codes, and errors as one line."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any, TypeVar

import click

from ipgraph import config

F = TypeVar("F", bound=Callable[..., Any])
FORMATS = ("table", "json", "jsonl", "csv")
Row = Mapping[str, Any]


class Exit(IntEnum):
    """Exit codes of every command."""

    OK = 0
    FAILURE = 1
    USAGE = 2
    PARTIAL = 3
    STORE = 4
    INTERRUPTED = 130


def _setting(name: str, **kwargs: Any) -> Callable[[F], F]:
    setting = config.SETTINGS[name]

    def resolve(_: click.Context, __: click.Parameter, given: str | None) -> str:
        return config.value(name, given)[0]

    return click.option(
        f"--{name}",
        help=f"{setting.help}  [{setting.env}; default: {setting.default or 'see text'}]",
        callback=resolve,
        **kwargs,
    )


db_option = _setting("db", metavar="DIR")
store_option = _setting("store", metavar="URL")
pipeline_option = _setting("pipeline", metavar="NAME")


def _confidence(_: click.Context, __: click.Parameter, given: str | None) -> float:
    text = config.value("min-confidence", given)[0]
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise click.BadParameter(f"{text!r} is no number from 0 to 1")
    return number


confidence_option = click.option(
    "--min-confidence",
    metavar="X",
    callback=_confidence,
    help="Leave out facts below this confidence, 0 to 1.  [IPGRAPH_MIN_CONFIDENCE; default: 0.5]",
)


def _format(_: click.Context, __: click.Parameter, given: str | None) -> str:
    text = config.value("format", given)[0] or ("table" if sys.stdout.isatty() else "jsonl")
    if text not in FORMATS:
        raise click.BadParameter(f"{text!r} is not one of {', '.join(FORMATS)}")
    return text


format_option = click.option(
    "--format",
    "format_",
    metavar="|".join(FORMATS),
    callback=_format,
    help="Output format; by default a table on a terminal, JSON lines in a pipe.  [IPGRAPH_FORMAT]",
)


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return "; ".join(_cell(v) for v in value)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _table(columns: Sequence[str], rows: list[Row]) -> str:
    cells = [[" ".join(_cell(r.get(c)).split()) for c in columns] for r in rows]
    wide = [min(max([len(c), *(len(x[i]) for x in cells)]), 60) for i, c in enumerate(columns)]

    def line(values: Sequence[str]) -> str:
        fitted = (v if len(v) <= w else v[: w - 1] + "…" for v, w in zip(values, wide, strict=True))
        return "  ".join(v.ljust(w) for v, w in zip(fitted, wide, strict=True)).rstrip()

    return "\n".join([line(columns), line(["-" * w for w in wide]), *map(line, cells)]) + "\n"


def rendered(columns: Sequence[str], rows: Iterable[Row], format_: str) -> str:
    """Rows as text: a table, one JSON array, JSON lines, or CSV with a header."""
    listed = list(rows)
    if format_ == "table":
        return _table(columns, listed)
    plain = [{c: r.get(c) for c in columns} for r in listed]
    if format_ == "json":
        return json.dumps(plain, ensure_ascii=False, indent=2) + "\n"
    if format_ == "jsonl":
        return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in plain)
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(r[c]) for c in columns] for r in plain)
    return out.getvalue()


def emit(columns: Sequence[str], rows: Iterable[Row], format_: str) -> None:
    """Print rows to stdout in the chosen format."""
    click.echo(rendered(columns, rows, format_), nl=False)


def talk(message: str) -> None:
    """Say something to the person at the shell: stderr, one line."""
    click.echo(f"ipgraph: {message}", err=True)


input_format_option = click.option(
    "--input-format", metavar="NAME", help="What the sources are, instead of finding out: text, html, jsonl, ..."
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Unread:
    """An input that gave nothing, and why."""

    uri: str
    reason: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """An input in a language that is not read."""

    uri: str
    language: str


NAMED = 3
"""Inputs that are named of those skipped for one language."""


def talk_of_skipped(skipped: Iterable[tuple[str, str]]) -> None:
    """Say how many inputs, by (uri, language), were skipped, the commonest language first; nothing where none was."""
    by_language: dict[str, list[str]] = {}
    for uri, language in skipped:
        by_language.setdefault(language, []).append(uri)
    for language, uris in sorted(by_language.items(), key=lambda row: (-len(row[1]), row[0])):
        more = ", ..." if len(uris) > NAMED else ""
        noun = "article" if len(uris) == 1 else "articles"
        talk(f"skipped {len(uris)} {noun} in {language}, only English is read: {', '.join(uris[:NAMED])}{more}")


def finished(read: int, failed: int) -> Exit:
    """The exit code of a run over inputs: fine, some failed, or all of them."""
    if not failed:
        return Exit.OK
    return Exit.PARTIAL if read else Exit.FAILURE


def emit_each(
    items: Iterable[T | Unread | Skipped],
    columns: Sequence[str],
    format_: str,
    *,
    record: Callable[[T], Row],
    rows: Callable[[T], Iterable[Row]],
) -> Exit:
    """Print each item as it comes as a JSON line, or all at the end: records as JSON, rows as a table or CSV.

    What cannot be read is named at once; what was skipped is counted at the end.
    """
    listed: list[Row] = []
    skipped: list[tuple[str, str]] = []
    read = failed = 0
    for item in items:
        if isinstance(item, Skipped):
            skipped.append((item.uri, item.language))
            continue
        if isinstance(item, Unread):
            failed += 1
            talk(f"{item.uri}: {item.reason}")
            continue
        read += 1
        if format_ == "jsonl":
            click.echo(json.dumps(record(item), ensure_ascii=False))
        else:
            listed += [record(item)] if format_ == "json" else rows(item)
    if format_ == "json":
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    elif format_ != "jsonl":
        emit(columns, listed, format_)
    talk_of_skipped(skipped)
    return finished(read + len(skipped), failed)


def progress(items: Iterable[T], label: str) -> Iterator[T]:
    """The items, counted on stderr while they come, where stderr is a terminal."""
    if not sys.stderr.isatty():
        yield from items
        return
    count = 0
    for count, item in enumerate(items, 1):
        sys.stderr.write(f"\r{label}: {count}")
        sys.stderr.flush()
        yield item
    if count:
        sys.stderr.write("\n")


def graph(db: str, min_confidence: float) -> Any:
    """The graph of a workspace's ledger. Raises StoreError where there is none."""
    from ipgraph import graph as graphs
    from ipgraph import ledger

    with ledger.Ledger(db, create=False) as store:
        return graphs.build(store.facts(), min_confidence=min_confidence)


def write(text: str, output: str) -> None:
    """Write text to a file, or to stdout for "-". A file appears whole or not at all."""
    if output == "-":
        click.echo(text, nl=False)
        return
    target = Path(output)
    try:
        target = target.resolve()
        if target.exists() and not target.is_file():
            # A device or pipe is written to, never replaced.
            target.write_text(text, encoding="utf-8", newline="\n")
            return
        part = target.with_name(target.name + ".part")
        part.write_text(text, encoding="utf-8", newline="\n")
        part.replace(target)
    except OSError as e:
        raise click.FileError(output, hint=e.strerror) from e
