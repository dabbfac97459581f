"""Containers as one `Source` a record."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any

from ipgraph.errors import SourceError
from ipgraph.model import Source
from ipgraph.sources import formats
from ipgraph.sources.encoding import decode, tidy

Fields = Mapping[str, str | tuple[str, ...]]

DEFAULT_FIELDS: Fields = {
    "text": ("text", "body", "content", "article", "maintext", "html"),
    "title": ("title", "headline", "name"),
    "date": ("date", "published", "date_published", "published_at", "publish_date", "pubdate", "datePublished"),
    "url": ("url", "link", "source_url", "canonical"),
    "publisher": ("publisher", "site", "outlet", "source_name", "sitename"),
    "author": ("author", "authors", "byline", "creator"),
    "language": ("language", "lang"),
}
"""Names under which records carry a field, tried in this order, any case."""

LARGEST = 64 << 20
"""Bytes of a single article beyond which nothing is read into memory."""


@dataclass(frozen=True, slots=True)
class Bad:
    """A record that cannot be read, and why ("what; why; what to try")."""

    uri: str
    reason: str


@dataclass(frozen=True, slots=True)
class Context:
    """What a reader of a container has to know: where it stands, how fields are called, how deep it is nested."""

    uri: str
    names: Fields
    fields: Mapping[str, str]
    depth: int = 0

    def record(self, number: int) -> Context:
        """The context of the N-th record, from 1."""
        return Context(f"{self.uri}#{number}", self.names, {}, self.depth + 1)


Item = Source | Bad
Reader = Callable[[IO[bytes], Context], Iterator[Item]]


def split(
    stream: IO[bytes], uri: str, input_format: str | None, names: Fields, fields: Mapping[str, str]
) -> Iterator[Item]:
    """The records of a seekable stream; raises SourceError where nothing more can be read."""
    yield from dispatch(stream, Context(uri, names, dict(fields)), input_format)


def dispatch(stream: IO[bytes], context: Context, input_format: str | None = None) -> Iterator[Item]:
    """The records of a stream in the given format, or in the one its content shows."""
    if input_format is not None and input_format not in formats.FORMATS:
        raise SourceError(
            f"no such input format {input_format!r}; known: {', '.join(formats.FORMATS)}; name one of them"
        )
    head = stream.read(formats.HEAD)
    stream.seek(0)
    name = input_format or formats.sniff(head)
    if reader := _readers().get(name):
        yield from reader(stream, context)
    elif name in formats.MEDIA_TYPES:
        yield single(stream, context, formats.MEDIA_TYPES[name])
    else:
        raise SourceError(f"{name} is not read; no reader is installed; convert it to text, HTML or JSON lines")


def single(stream: IO[bytes], context: Context, media_type: str) -> Source:
    """The whole stream as one article."""
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise SourceError(f"too large; one article of more than {LARGEST >> 20} MB; split it, or name its format")
    return Source(data, context.uri, media_type, dict(context.fields))


def picked(record: Mapping[str, Any], names: Fields) -> dict[str, str]:
    """The fields of a record under our names; several authors are joined by "; ", empty values left out."""
    lower = {str(k).lower(): v for k, v in record.items()}
    out = {}
    for ours, theirs in names.items():
        for name in (theirs,) if isinstance(theirs, str) else theirs:
            if value := _plain(lower.get(name.lower())):
                out[ours] = value
                break
    return out


def _plain(value: Any) -> str:
    if isinstance(value, Mapping):
        value = value.get("name") or value.get("text") or ""
    if isinstance(value, list):
        return "; ".join(filter(None, map(_plain, value)))
    return "" if value is None or isinstance(value, bool) else tidy(str(value)).strip("\ufeff")


def source_of(record: Mapping[str, Any], context: Context, where: str) -> Item:
    """The Source of a record that names its text, or what is wrong with it."""
    inner = record.get("article")
    fields = picked(inner if isinstance(inner, Mapping) else record, context.names)
    text = fields.pop("text", "")
    if not text.strip():
        wanted = context.names.get("text", "text")
        asked = wanted if isinstance(wanted, str) else wanted[0]
        return Bad(context.uri, f"{where} without text; no field {asked!r} in it; say which field holds the text")
    kind = "html" if formats.sniff(text[:4000].encode("utf-8", "replace")) == "html" else "text"
    return Source(text.encode("utf-8"), context.uri, formats.MEDIA_TYPES[kind], {**fields, "charset": "utf-8"})


def json_lines(stream: IO[bytes], context: Context) -> Iterator[Item]:
    """One JSON object a line; blank lines do not count."""
    number = 0
    while line := stream.readline(LARGEST + 1):
        if len(line) > LARGEST:
            raise SourceError(f"line {number + 1} is longer than {LARGEST >> 20} MB; no article is; check the format")
        if not line.strip():
            continue
        number += 1
        at = context.record(number)
        try:
            record = json.loads(decode(line))
        except (ValueError, RecursionError) as e:
            yield Bad(at.uri, f"line {number} is no JSON; {e}; one JSON object a line is expected")
            continue
        if isinstance(record, dict):
            yield source_of(record, at, "a record")
        else:
            yield Bad(at.uri, f"line {number} is no JSON object; it is a {type(record).__name__}; wrap it in braces")


def json_document(stream: IO[bytes], context: Context) -> Iterator[Item]:
    """A JSON array of objects, or one object."""
    try:
        data = json.loads(decode(single(stream, context, "application/json").data))
    except (ValueError, RecursionError) as e:
        raise SourceError(f"no JSON; {e}; check the file") from e
    if isinstance(data, dict):
        yield source_of(data, context, "a record")
        return
    for number, record in enumerate(data if isinstance(data, list) else [data], 1):
        at = context.record(number)
        if isinstance(record, dict):
            yield source_of(record, at, "a record")
        else:
            yield Bad(at.uri, f"element {number} is no JSON object; it is a {type(record).__name__}; wrap it in braces")


def csv_table(stream: IO[bytes], context: Context) -> Iterator[Item]:
    """Rows under a header line; commas, semicolons or tabs."""
    text = decode(single(stream, context, "text/csv").data)
    first = text.split("\n", 1)[0]
    mark = max(",;\t", key=first.count)
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=mark)
    number = 0
    try:
        for number, row in enumerate(rows, 1):
            yield source_of({k: v for k, v in row.items() if k}, context.record(number), "a row")
    except csv.Error as e:
        yield Bad(context.record(number + 1).uri, f"row {number + 1} cannot be read; {e}; check its quotes")


def _readers() -> dict[str, Reader]:
    from ipgraph.sources import archives, feeds

    return {"jsonl": json_lines, "json": json_document, "csv": csv_table, **archives.READERS, **feeds.READERS}
