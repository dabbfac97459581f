"""Sources that are no plain text: web pages, PDF, DOCX, news XML. Runs inside the worker."""

from __future__ import annotations

import io
import logging
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ipgraph.clean import dates, meta, page, pasted
from ipgraph.clean.lines import split
from ipgraph.clean.meta import Meta
from ipgraph.clean.pasted import Cleaned
from ipgraph.errors import SourceError
from ipgraph.sources.encoding import decode
from ipgraph.sources.formats import MEDIA_TYPES

if TYPE_CHECKING:
    from lxml.etree import _Element

LARGEST_XML = 20 << 20
"""Bytes of an unpacked XML part beyond which it is a bomb and no article."""

PAGES = 200
"""Pages of a PDF that are read at most."""


def warm_up() -> None:
    """Import what the first page would wait for."""
    import htmldate
    import trafilatura

    for name in (htmldate.__name__, trafilatura.__name__):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def cleaned(data: bytes, media_type: str, fields: dict[str, str], simple: bool) -> Cleaned:
    """The parts of a document; `simple` asks for the way that takes linear time."""
    if media_type == MEDIA_TYPES["html"]:
        return page.clean(decode(data, fields.get("charset")), fields.get("url"), simple=simple)
    reader = _READERS.get(media_type)
    if reader is None or simple:
        raise SourceError(f"not read as an article; its type is {media_type}; convert it to text or HTML")
    return reader(data)


def _pdf(data: bytes) -> Cleaned:
    try:
        from pypdf import PdfReader
        from pypdf.errors import PyPdfError
    except ImportError as e:
        raise SourceError("PDF is not read; pypdf is not installed; pip install 'ipgraph[pdf]'") from e
    try:
        reader = PdfReader(io.BytesIO(data))
        text = "\n".join(p.extract_text() for p in reader.pages[:PAGES])
        info = reader.metadata
    except (PyPdfError, ValueError, KeyError, OSError) as e:
        raise SourceError(f"PDF cannot be read; {e}; open and save it again, or export it as text") from e
    if not text.strip():
        raise SourceError("no text in the PDF; it may be a scan; run a text recognition over it first")
    found = pasted.clean("\n\n".join(flowing(text.splitlines())))
    known = Meta(author=info.author or None) if info else Meta()
    return replace(found, meta=found.meta.over(known))


_STOPPED = re.compile(r"[.!?:][\"'”’)\]]*$")
_TORN = re.compile(r"(?<=[a-z])-$")


def flowing(rows: Iterable[str]) -> list[str]:
    """The paragraphs of text that type setting broke into lines, blank lines between them or not.

    A full line without a stop goes on in the next one; a word torn apart at its end is put together.
    """
    lines = [" ".join(row.split()) for row in rows]
    sizes = sorted(map(len, filter(None, lines)))
    full = 0.6 * sizes[int(0.9 * (len(sizes) - 1))] if sizes else 0
    out: list[str] = []
    before = ""
    for line in lines:
        torn = bool(_TORN.search(before)) and line[:1].islower()
        goes_on = torn or (
            len(before) >= full and not _STOPPED.search(before) and not _headline(before, line, len(out))
        )
        if before and line and goes_on:
            out[-1] = out[-1][:-1] + line if torn else f"{out[-1]} {line}"
        elif line:
            out.append(line)
        before = line
    return out


def _headline(line: str, following: str, place: int) -> bool:
    """Whether a full line near the start is a headline: its words are capitals, the next line is a sentence."""
    words = line.split()
    capitals = sum(w[0].isupper() for w in words) > 0.6 * len(words)
    return place <= 5 and capitals and following[:1].isupper() and sum(w[0].islower() for w in following.split()) > 3


def _xml(data: bytes) -> _Element:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    root = etree.fromstring(data, parser)
    if root is None:
        raise SourceError("no XML in it; the file is damaged; save it again")
    return root


def _local(element: _Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1].lower()


def _all(root: _Element, *names: str) -> Iterator[_Element]:
    wanted = frozenset(names)
    return (e for e in root.iter() if isinstance(e.tag, str) and _local(e) in wanted)


def _text(element: _Element | None) -> str | None:
    return (" ".join("".join(map(str, element.itertext())).split()) or None) if element is not None else None


def _first(root: _Element, *names: str) -> str | None:
    return next((text for name in names for e in _all(root, name) if (text := _text(e))), None)


def _docx(data: bytes) -> Cleaned:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            part = archive.getinfo("word/document.xml")
            if part.file_size > LARGEST_XML:
                raise SourceError("too large; the document unpacks to more than 20 MB; split it")
            root = _xml(archive.read(part))
    except (zipfile.BadZipFile, KeyError, OSError) as e:
        raise SourceError(f"DOCX cannot be read; {e}; open and save it again") from e
    paragraphs = ["".join(t.text or "" for t in _all(p, "t")) for p in _all(root, "p")]
    return pasted.clean("\n\n".join(p for p in paragraphs if p.strip()))


def _as_given(texts: list[tuple[str, str]], found: Meta) -> Cleaned:
    """An article whose parts the format itself names: nothing is to be guessed."""
    text = "\n".join(" ".join(t.split()) for _, t in texts)
    return pasted.assembled(text, split(text), [kind for kind, _ in texts]).with_meta(found)


def _blocks(root: _Element, names: dict[str, str]) -> list[tuple[str, str]]:
    return [(names[_local(e)], text) for e in _all(root, *names) if (text := _text(e))]


def _nitf(data: bytes) -> Cleaned:
    root = _xml(data)
    body = next(_all(root, "body.content"), root)
    issued = next(_all(root, "date.issue"), None)
    stamp = (issued.get("norm") if issued is not None else None) or _first(root, "story.date", "dateline")
    date = dates.find(re.sub(r"^(\d{8})T.*", r"\1", str(stamp or "")))
    byline = meta.byline(_first(root, "byline") or "")
    found = Meta(
        title=_first(root, "hl1", "title"),
        author=_first(root, "person") or byline.author,
        publisher=_first(root, "distributor") or byline.publisher,
        date=date,
        date_source="nitf" if date else None,
    )
    return _as_given(_blocks(body, {"p": "body", "hl2": "heading", "media-caption": "caption"}), found)


def _newsml(data: bytes) -> Cleaned:
    root = _xml(data)
    stamp = _first(root, "contentcreated", "versioncreated", "datelinedate")
    date = dates.find(stamp or "")
    provider = next(_all(root, "provider"), None)
    found = Meta(
        title=_first(root, "headline", "hl1", "title"),
        author=_first(root, "by", "byline", "creator"),
        publisher=_first(provider, "name") if provider is not None else None,
        date=date,
        date_source="newsml" if date else None,
    )
    inner = next(_all(root, "inlinexml", "inlinedata", "contentset"), root)
    return _as_given(_blocks(inner, {"p": "body", "h2": "heading", "hl2": "heading"}), found)


_READERS: dict[str, Callable[[bytes], Cleaned]] = {
    MEDIA_TYPES["pdf"]: _pdf,
    MEDIA_TYPES["docx"]: _docx,
    MEDIA_TYPES["nitf"]: _nitf,
    MEDIA_TYPES["newsml"]: _newsml,
}
