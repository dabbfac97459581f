"""Inputs of every kind as a stream of `Source` values. Knows no later stage.

A path, folder, glob, `-` or http(s) address goes in; its format is told from its content; containers (JSON lines, CSV,
feeds, archives, mailboxes) come out as one `Source` a record. Whatever cannot be read comes out as a `Failure`, so
that one bad input never stops a run.
"""

from __future__ import annotations

import glob
import io
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeVar

from ipgraph.errors import SourceError, UsageError
from ipgraph.model import Source
from ipgraph.sources import formats, records
from ipgraph.sources.records import DEFAULT_FIELDS, Fields

__all__ = ["DEFAULT_FIELDS", "FORMATS", "Failure", "Fields", "named", "read"]

FORMATS = formats.FORMATS
"""Names that `input_format` takes."""

T = TypeVar("T")

SPOOL = 32 << 20
"""Bytes of standard input that are kept in memory before a temporary file takes over."""


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that cannot be read. `reason` reads "what; why; what to try"."""

    uri: str
    reason: str


@dataclass(frozen=True, slots=True)
class _Opened:
    """An input whose bytes can be read: a seekable stream, and what the place it came from says of it."""

    uri: str
    stream: IO[bytes]
    fields: Mapping[str, str]


def read(
    inputs: Iterable[str], *, input_format: str | None = None, fields: Fields = DEFAULT_FIELDS
) -> Iterator[Source | Failure]:
    """The sources of the inputs, in order; folders recursively and sorted.

    `input_format` overrides the recognition by content (one of `FORMATS`). `fields` says under which names the records
    of JSON lines and CSV carry text, title, date, url, publisher and author, the first name present wins.

    >>> [s.uri for s in read(["missing.txt"])]
    ['missing.txt']
    """
    for given in inputs:
        for found in _guarded(given, _found(given)):
            if isinstance(found, Failure):
                yield found
                continue
            with found.stream:
                yield from _guarded(found.uri, _split(found, input_format, fields))


def named(pairs: Iterable[str]) -> Fields:
    """Field names from "ours=theirs" pairs put before the default ones. Raises UsageError for another form.

    >>> named(["text=content"])["text"]
    'content'
    """
    out = dict(DEFAULT_FIELDS)
    for pair in pairs:
        ours, mark, theirs = pair.partition("=")
        if not mark or not theirs or ours not in DEFAULT_FIELDS:
            known = ", ".join(DEFAULT_FIELDS)
            raise UsageError(
                f"{pair!r} names no field; it reads OURS=THEIRS, OURS one of {known}; for example text=body"
            )
        out[ours] = theirs
    return out


def _guarded(uri: str, items: Iterator[T]) -> Iterator[T | Failure]:
    """The items, with whatever ends them early as a last `Failure`."""
    try:
        yield from items
    except SourceError as e:
        yield Failure(uri, str(e))
    except OSError as e:
        yield Failure(uri, f"cannot read it; {e.strerror or e}; check the path and its permissions")


def _split(found: _Opened, input_format: str | None, fields: Fields) -> Iterator[Source | Failure]:
    for record in records.split(found.stream, found.uri, input_format, fields, found.fields):
        yield Failure(record.uri, record.reason) if isinstance(record, records.Bad) else record


def _found(given: str) -> Iterator[_Opened | Failure]:
    if given == "-":
        yield _Opened("-", _spooled(sys.stdin.buffer), {})
    elif given.lower().startswith(("http://", "https://")):
        from ipgraph.sources import web

        page = web.fetch(given)
        yield _Opened(given, io.BytesIO(page.data), page.fields)
    else:
        yield from _files(given)


def _spooled(stream: IO[bytes]) -> IO[bytes]:
    """All of a stream that cannot be rewound, in one that can."""
    spool = tempfile.SpooledTemporaryFile(SPOOL)  # noqa: SIM115 (the caller closes it)
    while block := stream.read(1 << 20):
        spool.write(block)
    spool.seek(0)
    return spool


def _files(given: str) -> Iterator[_Opened | Failure]:
    path = Path(given)
    if path.is_dir():
        names = sorted(p.relative_to(path).as_posix() for p in path.rglob("*") if _wanted(p, path))
        base = given.rstrip("/\\") or "/"
        paths = [f"{base.rstrip('/')}/{name}" for name in names]
    elif not path.exists() and glob.has_magic(given):
        paths = sorted(p for p in glob.glob(given, recursive=True) if Path(p).is_file())
    else:
        paths = [given]
    if not paths:
        why = "the folder holds no files" if path.is_dir() else "no file matches the pattern"
        yield Failure(given, f"nothing to read; {why}; name a file, or quote the pattern")
    for name in paths:
        yield from _guarded(name, _open(name))


def _wanted(file: Path, folder: Path) -> bool:
    """Files of a folder, hidden ones and those in hidden folders left out."""
    return file.is_file() and not any(part.startswith(".") for part in file.relative_to(folder).parts)


def _open(name: str) -> Iterator[_Opened]:
    path = Path(name)
    if not path.exists():
        raise SourceError("no such file; nothing stands at this path; check the spelling and the current folder")
    if not path.is_file():
        raise SourceError("not a regular file; devices and sockets are not read; pipe it in with -")
    yield _Opened(name, path.open("rb"), {})
