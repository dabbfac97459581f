"""Feeds and sitemaps: RSS, RDF and Atom as one record an entry, sitemaps as the addresses they list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, TYPE_CHECKING

from ipgraph.errors import SourceError
from ipgraph.model import Source
from ipgraph.sources import formats
from ipgraph.sources.records import Bad, Context, Item, Reader, single

if TYPE_CHECKING:
    from lxml.etree import _Element

MOST_PAGES = 1000
"""Pages of a sitemap that are fetched at most."""


def _root(stream: IO[bytes], context: Context) -> _Element:
    from lxml import etree

    data = single(stream, context, "application/xml").data
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)
    root = etree.fromstring(data, parser)
    if root is None:
        raise SourceError("no XML in it; the file is damaged; fetch it again")
    return root


def _local(element: _Element) -> str:
    return str(element.tag).rsplit("}", 1)[-1].lower() if isinstance(element.tag, str) else ""


def _value(entry: _Element, *names: str) -> str:
    """The text of the first child that bears one of the names, in the order of the names."""
    for name in names:
        for child in entry:
            if _local(child) == name and (text := "".join(child.itertext()).strip()):
                return text
    return ""


def _link(entry: _Element) -> str:
    links = [c for c in entry if _local(c) == "link"]
    for link in links:
        if link.get("href") and link.get("rel", "alternate") == "alternate":
            return str(link.get("href"))
    return _value(entry, "link", "guid", "id")


def _author(entry: _Element) -> str:
    for child in entry:
        if _local(child) in ("author", "creator"):
            text = _value(child, "name") or "".join(child.itertext()).strip()
            # RSS writes "mail (name)".
            named = re.search(r"\(([^)]+)\)\s*$", text) if "@" in text else None
            return named.group(1) if named else "" if "@" in text else text
    return ""


def feed(stream: IO[bytes], context: Context) -> Iterator[Item]:
    """The entries of a feed with the text that the feed itself carries."""
    root = _root(stream, context)
    channel = next((e for e in root.iter() if _local(e) in ("channel", "feed")), root)
    publisher = _value(channel, "title")
    entries = [e for e in root.iter() if _local(e) in ("item", "entry")]
    if not entries:
        raise SourceError("a feed without entries; nothing is in it; check the address")
    for number, entry in enumerate(entries, 1):
        at = context.record(number)
        text = _value(entry, "encoded", "content", "description", "summary")
        fields = {
            "title": _value(entry, "title"),
            "date": _day(_value(entry, "pubdate", "published", "date", "updated", "issued")),
            "url": _link(entry),
            "publisher": publisher,
            "author": _author(entry),
            "charset": "utf-8",
        }
        if not text:
            yield Bad(at.uri, "an entry without text; the feed only links to it; give its address instead")
            continue
        kind = "html" if re.search(r"<\w+[^>]*>", text) else "text"
        yield Source(
            text.encode("utf-8", "replace"), at.uri, formats.MEDIA_TYPES[kind], {k: v for k, v in fields.items() if v}
        )


def _day(stamp: str) -> str:
    """The day of an RFC 822 or ISO time."""
    found = re.search(r"\d{1,2} \w{3,9} \d{4}|\d{4}-\d\d-\d\d", stamp)
    return found.group() if found else ""


def sitemap(stream: IO[bytes], context: Context) -> Iterator[Item]:
    """The pages that a sitemap lists, fetched one by one; maps inside maps are named, not followed."""
    from ipgraph.sources import web

    root = _root(stream, context)
    places = [e for e in root.iter() if _local(e) == "loc" and (e.text or "").strip()]
    if _local(root) == "sitemapindex":
        raise SourceError("an index of sitemaps; it lists no pages; give the maps it names one by one")
    for number, place in enumerate(places[:MOST_PAGES], 1):
        at = context.record(number)
        try:
            page = web.fetch(str(place.text).strip())
        except SourceError as e:
            yield Bad(at.uri, str(e))
            continue
        kind = formats.MEDIA_TYPES.get(formats.sniff(page.data[: formats.HEAD]), formats.MEDIA_TYPES["html"])
        yield Source(page.data, at.uri, kind, page.fields)
    if len(places) > MOST_PAGES:
        yield Bad(context.uri, f"{len(places) - MOST_PAGES} pages left; a map is read up to {MOST_PAGES}; split it")


READERS: dict[str, Reader] = {"feed": feed, "sitemap": sitemap}
