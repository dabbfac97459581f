"""Annotated articles as spaCy Docs, to train pipelines on.

A Doc holds the lines that a reader of the cleaned article sees (title, headings, body, captions; no metadata or noise),
in their order, joined by a newline; offsets count characters of that text. In it:

- `doc.spans["ipgraph"]`: name mentions labelled with their entity's first type, TITLEs and DATEs. `span.id_` holds the
  entity ids joined by "+" (of a TITLE its persons), `span.kb_id_` the same, of a DATE its ISO value.
- `doc.spans["ipgraph_nominals"]`: mentions labelled NOMINAL or PRONOUN, ids alike.
- `doc.ents`: the outermost of the first group.
- `doc.user_data`: "name"; "lines" as (kind, start, end); "entities", id -> types; "dates", id of an event -> its ISO
  dates; "relations" as in the gold JSON, each with "start" and "end" of its evidence.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.util import filter_spans

from ipgraph.corpus.format import UNREAD, Annotated, Line, Mention
from ipgraph.corpus.gold import gold
from ipgraph.model import NOMINALS_KEY, SPANS_KEY


class DocMaker:
    """Makes Docs and counts in `fitted` how mentions fitted the tokens: exact, or shifted to the nearest tokens."""

    def __init__(self, nlp: Language | None = None) -> None:
        self.nlp = nlp or spacy.blank("en")
        self.fitted: Counter[str] = Counter()

    def doc(self, article: Annotated) -> Doc:
        """The Doc of an article."""
        lines, text = _read_lines(article)
        doc = self.nlp.make_doc(text)
        types = {e.id: e.types for e in article.entities}
        groups: dict[str, list[Span]] = {SPANS_KEY: [], NOMINALS_KEY: []}
        for mention in article.mentions:
            shift = next((at - line.start for line, at in lines if line.start <= mention.start < line.end), None)
            if shift is not None:
                named = mention.kind != "entity" or mention.mode == "name"
                span = self._span(doc, mention, shift, _label(mention, types))
                groups[SPANS_KEY if named else NOMINALS_KEY].append(span)
        for key, spans in groups.items():
            doc.spans[key] = spans
        doc.ents = filter_spans(groups[SPANS_KEY])
        doc.user_data.update(_user_data(article, lines, text))
        return doc

    def _span(self, doc: Doc, mention: Mention, shift: int, label: str) -> Span:
        start, end = mention.start + shift, mention.end + shift
        ids = "+".join(mention.ids)
        tokens = _nearest(doc, start, end)
        exact = (tokens.start_char, tokens.end_char) == (start, end)
        self.fitted["exact" if exact else "shifted"] += 1
        kb_id = mention.iso or "" if mention.kind == "date" else ids
        return Span(doc, tokens.start, tokens.end, label=label, kb_id=kb_id, span_id=ids)


def write_docs(articles: Iterable[Annotated], path: Path, maker: DocMaker) -> int:
    """Write a DocBin file of the articles; give their number."""
    docs = DocBin(store_user_data=True)
    for article in articles:
        docs.add(maker.doc(article))
    path.parent.mkdir(parents=True, exist_ok=True)
    docs.to_disk(path)
    return len(docs)


def _read_lines(article: Annotated) -> tuple[list[tuple[Line, int]], str]:
    """The lines that are read, each with its offset in their joined text, and that text."""
    lines: list[tuple[Line, int]] = []
    at = 0
    for line in article.lines:
        if line.kind not in UNREAD:
            lines.append((line, at))
            at += line.end - line.start + 1
    return lines, "\n".join(article.line_text(line) for line, _ in lines)


def _label(mention: Mention, types: dict[str, tuple[str, ...]]) -> str:
    if mention.kind != "entity":
        return mention.kind.upper()
    if mention.mode != "name":
        return mention.mode.upper()
    return types[mention.ids[0]][0]


def _nearest(doc: Doc, start: int, end: int) -> Span:
    """The whole tokens that differ from `[start:end]` by the fewest characters; the wider ones at a tie."""
    wider = doc.char_span(start, end, alignment_mode="expand")
    inner = doc.char_span(start, end, alignment_mode="contract")
    found = [span for span in (wider, inner) if span is not None and len(span)]
    return min(found, key=lambda s: abs(s.start_char - start) + abs(s.end_char - end))


def _user_data(article: Annotated, lines: list[tuple[Line, int]], text: str) -> dict[str, Any]:
    record = gold(article)
    for relation in record["relations"]:
        start = text.find(relation["evidence"])
        relation["start"], relation["end"] = start, start + len(relation["evidence"])
    return {
        "name": article.name,
        "lines": [(line.kind, at, at + line.end - line.start) for line, at in lines],
        "entities": {e.id: list(e.types) for e in article.entities},
        "dates": {
            e.id: [v for k, v in e.properties.items() if k in ("date", "start", "end")] for e in article.entities
        },
        "relations": record["relations"],
    }
