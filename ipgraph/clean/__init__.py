"""From the bytes of a source to a clean article: decoded, stripped of what is no article, repaired, mapped back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ipgraph.clean import language, meta, pasted, worker
from ipgraph.clean.mapped import ADDED, Mapped, join
from ipgraph.clean.pasted import Cleaned, Paragraph
from ipgraph.errors import SourceError
from ipgraph.model import Article, Line, OffsetMap, Part, Source, article_id, article_json
from ipgraph.sources.encoding import decode
from ipgraph.sources.formats import MEDIA_TYPES

__all__ = ["COLUMNS", "OtherLanguage", "article", "record", "rows"]

COLUMNS = ("source", "kind", "text", "source_start", "source_end")
"""Columns of `rows`."""

LARGEST_TEXT = 1 << 20
"""Characters of plain text beyond which nothing is taken for one article."""


LARGEST_DOCUMENT = 64 << 20
"""Bytes of a document beyond which it is not looked at."""


class OtherLanguage(SourceError):
    """The text is in a language that is known and not English; `language` is what people call it."""

    def __init__(self, code: str) -> None:
        self.language = language.NAMES[code]
        super().__init__(f"not English; it reads as {self.language}; only English articles are taken in")


def article(source: Source) -> Article:
    """The article of a source.

    Offsets of its parts count characters of the decoded source (a byte order mark not counted, line ends as they are)
    and exist for plain text alone. Raises SourceError ("what; why; what to try") where there is no article: nothing or
    nothing readable in it, markup without an article, no language told, too large, too slow; OtherLanguage where it is
    not English.
    """
    if not source.data.strip():
        raise SourceError("empty; the source holds no bytes but white space; check how it was saved")
    if source.media_type == "text/plain":
        text = decode(source.data, source.fields.get("charset"))
        if len(text) > LARGEST_TEXT:
            raise SourceError(f"too long; more than {LARGEST_TEXT:,} characters are no article; split it")
        return _article(source, pasted.clean(text), mapped=True)
    return _article(source, _apart(source), mapped=False)


def _apart(source: Source) -> Cleaned:
    """The parts of a document, read in the worker: the full way, and where that takes too long the simple one."""
    if source.media_type == MEDIA_TYPES["binary"]:
        raise SourceError("binary; its bytes are no text in any encoding; convert it to text, HTML or PDF")
    if len(source.data) > LARGEST_DOCUMENT:
        raise SourceError(f"too large; a document of more than {LARGEST_DOCUMENT >> 20} MB is no article; split it")
    request = (source.data, source.media_type, dict(source.fields))
    for simple, seconds in ((False, worker.SECONDS), (True, worker.SIMPLE_SECONDS)):
        try:
            cleaned: Cleaned = worker.ask((*request, simple), seconds)
            return cleaned
        except worker.Overrun:
            if source.media_type != MEDIA_TYPES["html"]:
                break
    limit = worker.SECONDS + worker.SIMPLE_SECONDS
    raise SourceError(f"stopped; reading it took more than {limit:.0f} s or 1 GB; save its text and give that")


def _lines(paragraphs: Iterable[Paragraph]) -> tuple[Line, ...]:
    out, at = [], 0
    for p in paragraphs:
        out.append(Line(p.kind, at, at + len(p.text.text)))
        at += len(p.text.text) + 1
    return tuple(out)


def _offsets(parts: Mapping[Part, Mapped]) -> dict[Part, OffsetMap]:
    return {name: part.segments() for name, part in parts.items() if part.text}


def _article(source: Source, cleaned: Cleaned, *, mapped: bool) -> Article:
    """The value handed on; what the container says of the record goes before what the text says."""
    text = join([p.text for p in cleaned.paragraphs], "\n")
    if not any(p.kind == "body" for p in cleaned.paragraphs):
        raise SourceError("no article; no line of it reads as news text; check the input, or name its format")
    code = language.detect(text.text)
    if code == "und":
        raise SourceError("no language told; it does not read as English; only English articles are taken in")
    if code != "en":
        raise OtherLanguage(code)
    captions = join(cleaned.captions, "\n")
    found = meta.from_fields(source.fields).over(cleaned.meta)
    title = cleaned.title
    # The container's or the page's word for the title stands in no plain text at a place of its own.
    if found.title:
        title = Mapped(" ".join(found.title.split()), (ADDED,) * len(" ".join(found.title.split())))
    return Article(
        id=article_id(title.text if title else None, found.date, text.text, [c.text for c in cleaned.captions]),
        source=source.uri,
        url=found.url,
        title=title.text if title and title.text else None,
        date=found.date,
        date_source=found.date_source,
        publisher=found.publisher,
        author=found.author,
        language=code,
        text=text.text,
        captions=tuple(c.text for c in cleaned.captions),
        lines=_lines(cleaned.paragraphs),
        offsets=_offsets({"title": title or Mapped("", ()), "text": text, "captions": captions}) if mapped else {},
    )


def record(found: Article) -> dict[str, Any]:
    """A line of `clean --format jsonl`: the article of the JSON contract, with the kinds of its lines."""
    kinds = [{"kind": line.kind, "start": line.start, "end": line.end} for line in found.lines]
    return {"article": article_json(found) | {"lines": kinds}}


def rows(found: Article) -> Iterator[dict[str, Any]]:
    """The article as rows: its metadata, then its lines and captions, with offsets into a plain-text source."""
    for name in ("title", "date", "publisher", "author", "url"):
        if value := getattr(found, name):
            span = found.source_span("title", 0, len(value)) if name == "title" else None
            yield _row(found, name, value, span)
    for line in found.lines:
        text = found.text[line.start : line.end]
        yield _row(found, line.kind, text, found.source_span("text", line.start, line.end))
    at = 0
    for caption in found.captions:
        yield _row(found, "caption", caption, found.source_span("captions", at, at + len(caption)))
        at += len(caption) + 1


def _row(found: Article, kind: str, text: str, span: tuple[int, int] | None) -> dict[str, Any]:
    start, end = span or (None, None)
    return {"source": found.source, "kind": kind, "text": text, "source_start": start, "source_end": end}
