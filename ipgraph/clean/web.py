"""Web pages: the article's text by trafilatura, what the page says of itself by its metadata and its headings."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from bs4 import BeautifulSoup

from ipgraph.clean import dates, pasted
from ipgraph.clean.mapped import ADDED, Mapped
from ipgraph.clean.meta import Meta
from ipgraph.clean.pasted import Cleaned
from ipgraph.errors import SourceError

LARGEST = 10 << 20
"""Characters of HTML beyond which nothing is taken for one article."""
DEEPEST = 250
"""Levels of nesting beyond which libxml2, and with it trafilatura, loses the page without a word."""
_ARTICLE = re.compile(r"(?:News|Blog|Scholarly|Report|Opinion|Analysis|Review)?(?:Article|Posting|NewsArticle|Report)$")
_SITE = re.compile(r"\s+[|–—-]\s+|\s*[|»]\s*")


@dataclass(frozen=True, slots=True)
class Page:
    """A parsed page and what its JSON-LD says of an article."""

    html: str
    soup: BeautifulSoup
    linked: dict[str, Any]


def _flattened(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, list):
        for v in value:
            yield from _flattened(v)
    elif isinstance(value, dict):
        yield value
        yield from _flattened(value.get("@graph", []))


def _linked(soup: BeautifulSoup) -> dict[str, Any]:
    """The first JSON-LD object that is an article, empty where there is none."""
    for script in soup.find_all("script", type="application/ld+json"):
        try:
            data = json.loads(script.string or "")
        except (json.JSONDecodeError, RecursionError):
            continue
        for found in _flattened(data):
            kinds = found.get("@type", "")
            if any(_ARTICLE.search(str(k)) for k in (kinds if isinstance(kinds, list) else [kinds])):
                return found
    return {}


def _name(value: Any) -> str | None:
    """The name of a JSON-LD person or organization, several joined by "; "."""
    if isinstance(value, list):
        return "; ".join(dict.fromkeys(n for v in value if (n := _name(v)))) or None
    if isinstance(value, dict):
        value = value.get("name")
    return " ".join(str(value).split()) or None if isinstance(value, str) else None


def _meta(soup: BeautifulSoup, *names: str) -> str | None:
    for name in names:
        tag = soup.find("meta", attrs={"property": name}) or soup.find("meta", attrs={"name": name})
        content = tag.get("content") if tag else None
        if isinstance(content, str) and content.strip():
            return " ".join(content.split())
    return None


def _title(page: Page) -> str | None:
    """The candidate that stands in an h1 or h2, else the first one."""
    shown = [" ".join(h.get_text(" ").split()) for h in page.soup.find_all(["h1", "h2"])]
    titled = page.soup.title.get_text(" ") if page.soup.title else ""
    whole = " ".join(titled.split())
    given = [
        _name(page.linked.get("headline")),
        _meta(page.soup, "og:title", "twitter:title"),
        whole,
        *_SITE.split(whole),
    ]
    candidates = [c for c in given if c]
    return (
        next((c for c in candidates if c in shown), None)
        or next((c for c in shown if c), None)
        or (candidates[0] if candidates else None)
    )


def _date(page: Page) -> tuple[str | None, str | None]:
    from htmldate import find_date

    found = find_date(page.html, extensive_search=False, original_date=True)
    if found:
        return str(found), "htmldate"
    linked = dates.find(str(page.linked.get("datePublished", "")))
    return (linked, "json-ld") if linked else (None, None)


def _metadata(page: Page) -> Meta:
    date, how = _date(page)
    canonical = page.soup.find("link", rel="canonical")
    href = canonical.get("href") if canonical else None
    author = _name(page.linked.get("author")) or _meta(page.soup, "author", "article:author", "parsely-author")
    return Meta(
        title=_title(page),
        date=date,
        date_source=how,
        publisher=_name(page.linked.get("publisher")) or _meta(page.soup, "og:site_name"),
        author=None if author and author.startswith("http") else author,
        url=href if isinstance(href, str) and href.startswith("http") else _meta(page.soup, "og:url"),
    )


def _depth(html: str) -> int:
    """How deeply elements are nested, by their tags alone."""
    depth = deepest = 0
    for m in re.finditer(r"<(/?)(div|span|section|table|tr|td|ul|ol|li|b|i|font|blockquote|em|strong)\b", html, re.I):
        depth = max(depth - 1, 0) if m[1] else depth + 1
        deepest = max(deepest, depth)
    return deepest


def _body(page: Page) -> list[str]:
    """Lines of the main text; paragraphs of the page where trafilatura finds nothing."""
    import trafilatura

    text = None
    if _depth(page.html) < DEEPEST:
        text = trafilatura.extract(page.html, fast=True, include_comments=False, include_tables=False)
    if text:
        return [line.lstrip("- ").strip() for line in text.splitlines() if line.strip()]
    for tag in page.soup.find_all(["nav", "header", "footer", "aside", "script", "style", "form"]):
        tag.decompose()
    return [words for p in page.soup.find_all(["p", "h2", "h3"]) if (words := " ".join(p.get_text(" ").split()))]


def _captions(soup: BeautifulSoup) -> list[str]:
    found = (" ".join(c.get_text(" ").split()) for c in soup.find_all("figcaption"))
    return list(dict.fromkeys(c for c in found if c))


def clean(html: str) -> Cleaned:
    """The article of a page; what is known of it is what the page says of itself.

    Raises SourceError for a page that is too large or whose nesting no parser can follow.
    """
    if len(html) > LARGEST:
        raise SourceError(f"too long; more than {LARGEST:,} characters are no article; split it")
    try:
        soup = BeautifulSoup(html, "lxml")
        page = Page(html, soup, _linked(soup))
        known = _metadata(page)
        captions = _captions(soup)
        lines = _body(page)
    except RecursionError as e:
        raise SourceError("nested too deeply; no parser can follow this page; save its text instead") from e
    text = [line for line in lines if line != known.title and line not in captions]
    cleaned = pasted.clean("\n\n".join([known.title or "", "", *text]).strip())
    title = Mapped(known.title, (ADDED,) * len(known.title)) if known.title else cleaned.title
    return replace(
        cleaned,
        meta=known.over(cleaned.meta),
        title=title,
        captions=(*cleaned.captions, *(Mapped(c, (ADDED,) * len(c)) for c in captions)),
    )
