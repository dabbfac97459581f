"""Web pages: the main text by vote, metadata by the choices that measured best (docs/cleaning.md)."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ipgraph.clean import language, lines, markup, pasted
from ipgraph.clean.classifier import classify
from ipgraph.clean.meta import Meta
from ipgraph.clean.pasted import Cleaned
from ipgraph.clean.signs import SIGNS
from ipgraph.errors import SourceError

if TYPE_CHECKING:
    from bs4 import BeautifulSoup
    from lxml.html import HtmlElement

RUN = 4
"""Words of a run that a second reading has to share."""

MOST_DROPPED = 0.1
"""Share of the text beyond which a vote is taken for a quarrel of the readers, and not counted."""

_WORD = re.compile(r"\w+")
_FURNITURE = ("nav", "sidebar", "poll", "end", "credit", "byline", "source", "dateline")
_SURE = (
    "widget",
    "tag list",
    "inline related",
    "credit in brackets",
    "end word",
    "call to act",
    "media contact",
    "rights",
)


_INSIDE = ("inline related", "credit in brackets", "tag list")

LARGEST_TEXT, MOST_LINES = 1 << 20, 20_000
"""Characters and lines of a page beyond which its text is no article."""

LONGEST_FURNITURE = 150
"""Characters of the longest line that is dropped from a main text."""


@dataclass(frozen=True, slots=True)
class Body:
    """Main text of a page: its lines, and which of them the page marks as headings and captions."""

    lines: tuple[str, ...]
    headings: frozenset[str] = frozenset()
    captions: frozenset[str] = frozenset()


def _runs(text: str) -> list[tuple[str, ...]]:
    words = _WORD.findall(text.lower())
    size = min(RUN, len(words))
    return [tuple(words[i : i + size]) for i in range(len(words) - size + 1)] if size else []


def _supported(line: str, runs: set[tuple[str, ...]], words: str) -> bool:
    own = _runs(line)
    if len(own) <= 1:
        return " ".join(_WORD.findall(line.lower())) in words
    return 2 * sum(run in runs for run in own) >= len(own)


def voted(reading: list[str], others: Iterable[str]) -> list[str]:
    """The lines of a reading that another one supports: half of their 4-word runs stand there.

    The others are asked for one by one, and only while a line is without support: each costs a pass over the page.
    """
    open_lines, seen = set(reading), False
    for other in others:
        if not other:
            continue
        seen = True
        runs, words = set(_runs(other)), " ".join(_WORD.findall(other.lower()))
        open_lines = {line for line in open_lines if not _supported(line, runs, words)}
        if not open_lines:
            return reading
    kept = [line for line in reading if line not in open_lines]
    size = sum(map(len, reading))
    return kept if seen and sum(map(len, kept)) >= (1 - MOST_DROPPED) * size else reading


def _voters(tree: HtmlElement) -> Iterator[str]:
    """trafilatura's precise reading of a page, then its readability, which spoils the tree."""
    from trafilatura import extract
    from trafilatura.readability_lxml import Document

    yield extract(tree, fast=True, favor_precision=True, include_comments=False) or ""
    summary = Document(tree).summary()
    yield "\n".join(markup.plain_lines(summary if isinstance(summary, str) else ""))


def parsed(page: str) -> HtmlElement | None:
    """The page as a tree, None where nothing in it is markup."""
    from trafilatura.utils import load_html

    return load_html(page)


def main_text(tree: HtmlElement) -> list[str]:
    """Lines of the main text of a page, in any language; empty where none is found. Spoils the tree."""
    from trafilatura import extract

    # It works on a copy of its own.
    reading = extract(tree, include_comments=False) or ""
    return voted([line for line in reading.split("\n") if line.strip()], _voters(tree))


def _drops(line: str, kind: str, inside: bool) -> bool:
    """Whether a line of the main text goes: an extractor errs less often than a classifier that sees no markup."""
    if kind not in _FURNITURE or len(line) > LONGEST_FURNITURE:
        return False
    sure = any(SIGNS[name].search(line) for name in (_INSIDE if inside else _SURE))
    return sure or (not inside and kind != "sidebar")


def _kinds(title: str | None, body: Body) -> list[str]:
    """Kinds of the body's lines: what the page marks, then what the line classifier says, where it is safe."""
    text = "\n\n".join([title or "", *body.lines] if title else body.lines)
    judged = classify(lines.split(text))[1 if title else 0 :]
    inner = [i for i, kind in enumerate(judged) if kind in ("body", "about")]
    first, last = (inner[0], inner[-1]) if inner else (0, len(judged))
    out = []
    for i, (line, kind) in enumerate(zip(body.lines, judged, strict=True)):
        if line in body.captions:
            out.append("caption")
        elif line in body.headings:
            out.append("heading")
        elif kind in _FURNITURE:
            out.append(kind if _drops(line, kind, first < i < last) else "body")
        else:
            out.append("body" if kind in ("title", "caption") else kind)
    return out


def assembled(title: str | None, body: Body, found: Meta) -> Cleaned:
    """The parts of an article from its main text."""
    body = replace(body, lines=tuple(one for line in body.lines if (one := " ".join(line.split()))))
    text = "\n".join(body.lines)
    english = language.detect(text) == "en"
    kinds = _kinds(title, body) if english else ["body"] * len(body.lines)
    cleaned = pasted.assembled(text, lines.split(text), kinds)
    same = " ".join((title or "").split())
    paragraphs = tuple(p for p in cleaned.paragraphs if p.text.text != same)
    return replace(cleaned.with_meta(found), paragraphs=paragraphs)


def clean(page: str, url: str | None = None, *, simple: bool = False) -> Cleaned:
    """The parts of a web page. `simple`: without extractors, in time linear in the page."""
    page = markup.tamed(page)
    if simple or markup.monstrous(page):
        return _simple(page)
    tree = parsed(page)
    if tree is None:
        return _simple(page)
    structure = Structure(tree)
    found = structure.meta(url)
    marked = Body(tuple(main_text(tree)), structure.headings, structure.captions)
    if not marked.lines:
        return _simple(page, found)
    return assembled(found.title, marked, found)


def _simple(page: str, found: Meta | None = None) -> Cleaned:
    """All text of the page, left to the line classifier."""
    found_lines = markup.plain_lines(page)
    text = "\n\n".join(found_lines)
    if len(text) > LARGEST_TEXT or len(found_lines) > MOST_LINES:
        raise SourceError("too long; its text is longer than any article; save the part you need as text")
    cleaned = pasted.clean(text)
    return cleaned.with_meta(found or Meta())


def _walk(data: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
    """All objects of a JSON-LD document."""
    if depth > 8:
        return
    if isinstance(data, Mapping):
        yield data
        data = list(data.values())
    if isinstance(data, list):
        for item in data[:200]:
            yield from _walk(item, depth + 1)


_ARTICLES = re.compile(
    r"(?:News|Blog|Tech|Scholarly|Analysis|Opinion|Report|Review|Live)?\w*(?:Article|Posting|Report)$"
)


def _names(value: Any) -> str | None:
    """Names that a JSON-LD author or publisher states, joined by "; "."""
    if isinstance(value, list):
        found = [name for item in value if (name := _names(item))]
        return "; ".join(dict.fromkeys(found)) or None
    if isinstance(value, Mapping):
        value = value.get("name")
        return _names(value) if isinstance(value, list) else _names(str(value)) if value else None
    if not isinstance(value, str) or "://" in value:
        return None
    return " ".join(value.split()) or None


def _same(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


_TOLD = ("title", "meta", "link", "script", "h1", "h2", "h3", "h4", "figcaption")
"""Elements that say something of an article beside its text."""


def _told(element: HtmlElement) -> bool:
    return bool(element.tag != "script" or element.get("type") == "application/ld+json")


def _excerpt(tree: HtmlElement) -> str:
    """The markup of the elements of `_TOLD` alone: readers of metadata take long over a whole page."""
    from lxml.html import tostring

    return "".join(tostring(e, encoding="unicode", with_tail=False) for e in tree.iter(*_TOLD) if _told(e))


def _soup(markup_: str) -> BeautifulSoup:
    from bs4 import BeautifulSoup

    with warnings.catch_warnings():
        # A page of XHTML is read as HTML on purpose.
        warnings.simplefilter("ignore")
        return BeautifulSoup(markup_, "lxml")


class Structure:
    """What the markup of a page says: headings, captions, meta elements, JSON-LD."""

    def __init__(self, tree: HtmlElement) -> None:
        self.tree = tree
        self.excerpt = _excerpt(tree)
        self.soup = _soup(self.excerpt)
        self.said = self._said()
        self.records = list(self._records())
        self.headings = frozenset(self._texts("h2", "h3", "h4"))
        self.captions = frozenset(self._texts("figcaption"))

    def _texts(self, *names: str) -> Iterator[str]:
        for element in self.soup.find_all(list(names)):
            if text := " ".join(element.get_text(" ").split()):
                yield text

    def _records(self) -> Iterator[Mapping[str, Any]]:
        for script in self.soup.find_all("script", type="application/ld+json"):
            try:
                yield from _walk(json.loads(script.string or "", strict=False))
            except (ValueError, RecursionError):
                continue

    def _said(self) -> dict[str, str]:
        """What the meta elements say, by property, name or itemprop, the first of each."""
        out: dict[tuple[int, str], str] = {}
        for element in self.soup.find_all("meta"):
            content = element.get("content")
            if not isinstance(content, str) or not content.strip():
                continue
            for rank, key in enumerate(("itemprop", "name", "property")):
                if isinstance(name := element.get(key), str):
                    out.setdefault((rank, name), " ".join(content.split()))
        # A property goes before a name, a name before an itemprop.
        return {name: out[rank, name] for rank, name in sorted(out)}

    def _articles(self) -> list[Mapping[str, Any]]:
        def kinds(record: Mapping[str, Any]) -> list[str]:
            kind = record.get("@type")
            return [str(k) for k in (kind if isinstance(kind, list) else [kind])]

        return [r for r in self.records if any(_ARTICLES.match(k) for k in kinds(r))]

    def _title(self, other: str | None) -> str | None:
        """The candidate that equals an h1 or h2; else the extractor's."""
        page = next(self._texts("title"), None)
        parts = re.split(r"\s+[|–—·»-]\s+|\s*[|»]\s*", page) if page else []
        headline = next((name for r in self._articles() if (name := _names(r.get("headline")))), None)
        given = [headline, self.said.get("og:title"), self.said.get("twitter:title"), other, page]
        site = _same(self.said.get("og:site_name") or "")
        candidates = [c for c in [*given, *sorted(parts, key=len, reverse=True)] if c and _same(c) not in ("", site)]
        for level in ("h1", "h2"):
            headings = {_same(text): text for text in self._texts(level)}
            for candidate in candidates:
                if found := headings.get(_same(candidate)):
                    return found
        return self._likeliest(candidates, site) or other or headline or self.said.get("og:title") or page

    def _likeliest(self, candidates: list[str], site: str) -> str | None:
        """The h1 that says about the same as a candidate: sites shorten or lengthen what they put into the head."""
        best: tuple[float, str] = (0.5, "")
        for heading in self._texts("h1"):
            own = set(_same(heading).split())
            for candidate in candidates:
                other = set(_same(candidate).split())
                likeness = 2 * len(own & other) / (len(own) + len(other)) if own | other else 0.0
                if len(own) >= 3 and _same(heading) != site and likeness > best[0]:
                    best = likeness, heading
        return best[1] or None

    def meta(self, url: str | None) -> Meta:
        """Title, author, date, publisher and address of the page."""
        from trafilatura.metadata import extract_metadata

        author = next((name for r in self._articles() if (name := _names(r.get("author")))), None)
        # Only an author may stand anywhere on the page.
        excerpt = parsed(self.excerpt) if author else None
        document = extract_metadata(self.tree if excerpt is None else excerpt, default_url=url, date_config=_UNDATED)
        publisher = next((name for r in self._articles() if (name := _names(r.get("publisher")))), None)
        date = _date(self.tree, url)
        return Meta(
            title=self._title(document.title),
            author=author or document.author,
            publisher=publisher or self.said.get("og:site_name") or document.sitename,
            url=self._canonical() or url or document.url,
            date=date,
            date_source="page" if date else None,
        )

    def _canonical(self) -> str | None:
        link = self.soup.find("link", rel="canonical")
        address = link.get("href") if link else None
        if isinstance(address, str) and address.startswith(("http://", "https://")):
            return address
        found = self.said.get("og:url")
        return found if found and found.startswith(("http://", "https://")) else None


_UNDATED = {"outputformat": "no format", "original_date": True, "extensive_search": False}
"""Settings with which trafilatura looks for no date: ours is looked for once, in `_date`."""


def _date(tree: HtmlElement, url: str | None) -> str | None:
    from htmldate import find_date

    try:
        return find_date(tree, url=url, original_date=True, extensive_search=True)
    except (ValueError, TypeError, OverflowError):
        return None
