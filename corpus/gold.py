"""Annotated articles as gold JSON: one `NAME.json` beside the bare text `NAME.txt`, as `ipgraph evaluate` reads it.

The keys are those of the gold format (id, source, article, entities, relations, wrong, clean). Beside them stands
`mentions`, whose offsets count characters of NAME.txt from 0, ends exclusive.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ipgraph.corpus.format import UNREAD, Annotated, Entity, Mention, Relation

SHORT = 80
"""Characters to which the strings of `clean` are cut, at a word's end."""


def gold(article: Annotated) -> dict[str, Any]:
    """The gold record of an article."""
    return {
        "id": article.name,
        "source": f"{article.name}.txt",
        "article": metadata(article),
        "entities": [_entity(article, e) for e in article.entities],
        "relations": [_relation(r) for r in article.relations if not r.wrong],
        "wrong": [
            {"type": r.type, "head": r.head, "tail": r.tail, "why": r.evidence} for r in article.relations if r.wrong
        ],
        "clean": {"drop": list(drop(article)), "keep": list(keep(article))},
        "mentions": [_mention(m) for m in article.mentions],
    }


def metadata(article: Annotated) -> dict[str, str | None]:
    """Title, date, publisher and author, None where the text does not say."""
    titles = [article.line_text(line) for line in article.lines if line.kind == "title"]
    header = article.header
    return {
        "title": titles[0] if titles else None,
        "date": header.date,
        "publisher": header.publisher,
        "author": "; ".join(header.authors) or None,
    }


def drop(article: Annotated) -> Iterator[str]:
    """Beginnings of the noise and metadata lines, those left out that also stand in a line that is read."""
    read = " ".join(" ".join(article.line_text(line).split()) for line in article.lines if line.kind not in UNREAD)
    for line in article.lines:
        short = _short(article.line_text(line))
        if line.kind in UNREAD and short not in read:
            yield short


def keep(article: Annotated) -> Iterator[str]:
    """Beginnings of the first, the middle and the last body sentence."""
    sentences = list(body_sentences(article))
    picked = sorted({0, len(sentences) // 2, len(sentences) - 1}) if sentences else []
    yield from dict.fromkeys(_short(sentences[n]) for n in picked)


def body_sentences(article: Annotated) -> Iterator[str]:
    """The sentences of the body, split at stops before a capital; rough."""
    for line in article.lines:
        if line.kind == "body":
            yield from re.split(r"(?<=[a-z0-9)][.!?]|[.!?][\"”])\s+(?=[\"“A-Z0-9])", article.line_text(line))


def write_gold(articles: Iterable[Annotated], folder: Path) -> int:
    """Write NAME.txt and NAME.json for each article; give their number."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for count, article in enumerate(articles, 1):  # noqa: B007
        (folder / f"{article.name}.txt").write_text(article.text + "\n", encoding="utf-8")
        record = json.dumps(gold(article), ensure_ascii=False, indent=1)
        (folder / f"{article.name}.json").write_text(record + "\n", encoding="utf-8")
    return count


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= SHORT else flat[: SHORT + 1].rsplit(" ", 1)[0][:SHORT]


def _entity(article: Annotated, e: Entity) -> dict[str, Any]:
    aliases = [name for name in article.names_of(e.id) if name != e.name]
    plain = {"id": e.id, "types": list(e.types), "name": e.name, "aliases": aliases}
    return plain | dict(e.properties) | {"optional": e.optional}


def _relation(r: Relation) -> dict[str, Any]:
    properties: dict[str, str | bool] = {k: v == "true" if k == "former" else v for k, v in r.properties.items()}
    return {
        "type": r.type,
        "head": r.head,
        "tail": r.tail,
        "properties": properties,
        "evidence": r.evidence,
        "optional": r.optional,
    }


def _mention(m: Mention) -> dict[str, Any]:
    kind = m.mode if m.kind == "entity" else m.kind
    out: dict[str, Any] = {"start": m.start, "end": m.end, "text": m.text, "kind": kind, "entities": list(m.ids)}
    return out | ({"iso": m.iso} if m.iso else {})
