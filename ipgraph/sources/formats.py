"""What kind of thing some bytes are, told from the bytes."""

from __future__ import annotations

import json
import re

from ipgraph.sources.encoding import decode

HEAD = 1 << 16
"""Bytes that recognition looks at."""

MEDIA_TYPES = {
    "text": "text/plain",
    "html": "text/html",
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "nitf": "application/nitf+xml",
    "newsml": "application/vnd.iptc.g2.newsitem+xml",
    "binary": "application/octet-stream",
}
"""Formats that are one article, as the media type of their `Source`."""

CONTAINERS = ("jsonl", "json", "csv", "feed", "sitemap", "warc", "eml", "mbox", "zip", "tar", "gzip")
FORMATS = tuple(f for f in MEDIA_TYPES if f != "binary") + CONTAINERS

_MAGIC = (
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"WARC/", "warc"),
)
_OTHER_BINARY = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x7fELF",
    b"MZ\x90",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"OggS",
    b"ID3",
    b"RIFF",
    b"\xd0\xcf\x11\xe0",
)
_TAGS = re.compile(
    r"<(?:!doctype html|html|head|body|div|p|article|section|title|meta|h[1-6]|span|table|br)\b[^<>]*/?>", re.I
)
_XML_ROOT = re.compile(
    r"\s*(?:<\?.*?\?>\s*|<!--.*?-->\s*|<!DOCTYPE(?:[^\[>]|\[.*?\])*>\s*)*<(?:[\w.-]+:)?([\w.-]+)", re.I | re.S
)
_ROOTS = {
    "rss": "feed",
    "rdf": "feed",
    "feed": "feed",
    "urlset": "sitemap",
    "sitemapindex": "sitemap",
    "nitf": "nitf",
    "newsitem": "newsml",
    "newsmessage": "newsml",
    "newsml": "newsml",
    "html": "html",
}
_MAIL_HEADER = re.compile(r"(?:[A-Z][A-Za-z-]+:[^\n]*\r?\n(?:[ \t][^\n]*\r?\n)*){3,}")
_MAIL_SIGNS = re.compile(r"^(?:Message-ID|MIME-Version|Received|Return-Path|Delivered-To):", re.I | re.M)
_MBOX = re.compile(r"From \S+ .*\d{4}\r?\n[A-Z][\w-]+:")
COLUMNS = frozenset("text body content title headline date published url link publisher author".split())


def _binary(head: bytes) -> bool:
    if head.startswith(_OTHER_BINARY):
        return True
    text = decode(head)
    odd = sum((c < " " and c not in "\t\n\r\f\v\x1b") or "\x7f" <= c < "\xa0" or c == "\ufffd" for c in text)
    return odd > 0.03 * len(text)


def _json(text: str) -> str | None:
    start = text.lstrip()
    if start.startswith("["):
        return "json" if re.match(r"\[\s*(?:\{|\])", start) else None
    if not start.startswith("{"):
        return None
    try:
        json.loads(start.split("\n", 1)[0])
        return "jsonl"
    except ValueError:
        # A record longer than the window, or one object spread over lines.
        if re.match(r'\{\s*\n\s*"', start):
            return "json"
        return "jsonl" if re.match(r'\{\s*"[^"\n]{1,60}"\s*:', start) else None


def _csv(text: str) -> bool:
    first, _, rest = text.lstrip().partition("\n")
    if not rest or len(first) > 400:
        return False
    return any(
        len(cells) >= 2 and len(COLUMNS & {c.strip(' "\r').lower() for c in cells}) >= 2
        for cells in (first.split(mark) for mark in ",;\t")
    )


def _markup(text: str) -> str | None:
    if text.lstrip().startswith("<"):
        root = _XML_ROOT.match(text)
        if root and (found := _ROOTS.get(root.group(1).lower())):
            return found
    opening = _TAGS.search(text[:2000])
    return "html" if opening and (opening.start() == 0 or len(_TAGS.findall(text)) >= 3) else None


def sniff(head: bytes) -> str:
    """Format of what begins with these bytes (up to `HEAD` of them): one of `FORMATS`, or "binary".

    >>> sniff(b"%PDF-1.7 ..."), sniff(b"A plain sentence."), sniff(b'{"text": "x"}')
    ('pdf', 'text', 'jsonl')
    """
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if head[257:262] == b"ustar":
        return "tar"
    if _binary(head):
        return "binary"
    text = decode(head).lstrip("\ufeff")
    if _MBOX.match(text):
        return "mbox"
    header = _MAIL_HEADER.match(text)
    if header and _MAIL_SIGNS.search(header.group()):
        return "eml"
    return _json(text) or _markup(text.lstrip()) or ("csv" if _csv(text) else "text")
