"""Markup tamed: what no parser survives is taken out, and text is had from any markup in linear time."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

DEEPEST = 200
"""Nested elements from which on parsers lose text without a word (libxml2 stops at 256)."""

LARGEST, LINKS = 3 << 20, 20_000
"""Characters and links of a page, scripts taken out, beyond which extractors take minutes."""

LONGEST_TAG = 20_000
"""Characters of a single tag beyond which its attributes are dropped."""

_HIDDEN = ("script", "style", "svg", "template", "noscript", "iframe", "canvas", "select", "textarea")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)[^<>]*>|<[!?][^<>]*>")
_NESTING = re.compile(
    r"<(/?)(?:div|span|section|article|main|header|footer|aside|nav|table|tbody|ul|ol|b|i|em|strong|font|center|blockquote|"
    r"form|fieldset|a|small|big|sup|sub|u|s|figure|details|dl|body)(?=[\s>/])[^<>]*>",
    re.I,
)
_MONSTROUS_TAG = re.compile(rf"<[^<>]{{{LONGEST_TAG}}}")
_BLOCKS = frozenset(
    "p div section article main header footer aside nav table tr td th ul ol li h1 h2 h3 h4 h5 h6 br hr blockquote "
    "figure figcaption pre form dl dt dd title body center address option details summary caption".split()
)
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[<>]{0,500}\[(.*?)\]\s*>", re.I | re.S)
_ENTITY = re.compile(r"""<!ENTITY\s+([\w.-]+)\s+(?:"([^"&%<]{0,500})"|'([^'&%<]{0,500})')\s*>""")
_MOST_ENTITIES = 200


def _cut(text: str, opening: str, closing: str) -> str:
    """The text without what stands from each opening to its closing; an opening never closed stays."""
    low = text.lower()
    out: list[str] = []
    done = 0
    while (start := low.find(opening, done)) >= 0:
        stop = low.find(closing, start)
        if stop < 0:
            break
        out.append(text[done:start])
        end = low.find(">", stop)
        done = len(text) if end < 0 else end + 1
    return "".join([*out, text[done:]])


def _without_subset(text: str) -> str:
    """The text without an internal document type subset, its plain entities put in, nested ones never expanded."""
    declared = _DOCTYPE.search(text[:100_000])
    if not declared:
        return text
    values = {m.group(1): m.group(2) or m.group(3) or "" for m in _ENTITY.finditer(declared.group(1))}
    text = text[: declared.start()] + text[declared.end() :]
    for name, value in list(values.items())[:_MOST_ENTITIES]:
        text = text.replace(f"&{name};", value)
    return text


def _short_tag(m: re.Match[str]) -> str:
    return m.group() if len(m.group()) <= LONGEST_TAG else f"<{m.group(1)}{m.group(2) or '!'}>"


def tamed(text: str) -> str:
    """The page without NULs, internal subset, monstrous tags. Scripts stay: they carry metadata."""
    text = _without_subset(text.replace("\x00", ""))
    return _TAG.sub(_short_tag, text) if _MONSTROUS_TAG.search(text) else text


def _depth(text: str) -> int:
    depth = deepest = 0
    for closing in _NESTING.findall(text):
        if closing:
            depth -= depth > 0
        else:
            depth += 1
            if depth > deepest:
                deepest = depth
    return deepest


def monstrous(text: str) -> bool:
    """Whether extractors would lose the text of the page or take too long over it."""
    bare = _cut(text, "<script", "</script")
    return len(bare) > LARGEST or bare.count("<a ") + bare.count("<A ") > LINKS or _depth(bare) > DEEPEST


def _pieces(text: str) -> Iterator[str]:
    done = 0
    for m in _TAG.finditer(text):
        yield text[done : m.start()]
        if (m.group(2) or "").lower() in _BLOCKS:
            yield "\n"
        done = m.end()
    yield text[done:]


def plain_lines(text: str) -> list[str]:
    """The text of the page, a line for each block, in time linear in its length; nothing is judged here."""
    text = _cut(text, "<!--", "-->")
    for name in _HIDDEN:
        text = _cut(text, f"<{name}", f"</{name}")
    blocks = "".join(piece if piece == "\n" else piece.replace("\n", " ") for piece in _pieces(text)).split("\n")
    return [line for block in blocks if (line := " ".join(html.unescape(block).split()))]
