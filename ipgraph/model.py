"""The schema of the graph and the values that pass between the stages. Imports nothing of ours.

Offsets everywhere count characters (Unicode code points) from 0, end exclusive. An offset belongs to one of the three
strings of an article, named by `Part`: "title", "text" (the body) or "captions" (all captions joined by a newline).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal, get_args

Part = Literal["title", "text", "captions"]
MentionKind = Literal["name", "nominal", "pronoun"]
Value = str | int | float | bool | tuple[str, ...]
Properties = Mapping[str, Value]

SPANS_KEY = "ipgraph"
"""Key of `doc.spans` under which a pipeline leaves its spans; they may nest and never cross."""

NOMINALS_KEY = "ipgraph_nominals"
"""Key of `doc.spans` for nominal mentions ("the conference") of Person, Organization and Event."""

SPAN_KINDS = ("Person", "Organization", "Brand", "Event", "Place", "Award", "TITLE", "DATE")
"""Labels of those spans: the node labels below, a position held, and a calendar expression."""


@dataclass(frozen=True, slots=True)
class NodeKind:
    """One label of the graph: what it is, what it is not, and its own properties (name -> description)."""

    label: str
    what: str
    not_what: str = ""
    properties: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EdgeKind:
    """One relationship type with its domain and range.

    `properties` maps a property to its legal values, an empty tuple for free text. `identity` names the properties
    that tell two edges of this type between the same two nodes apart.
    """

    type: str
    heads: tuple[str, ...]
    tails: tuple[str, ...]
    what: str
    properties: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    identity: tuple[str, ...] = ()
    symmetric: bool = False


NODES: dict[str, NodeKind] = {
    n.label: n
    for n in (
        NodeKind("Person", "a named human", "a bare title such as 'the vice mayor'"),
        NodeKind(
            "Organization",
            "a named company, agency, ministry, association, university, party body, department, office or government",
            "a generic group such as 'enterprises'",
        ),
        NodeKind("Brand", "a named brand, trademark, product line or public brand", "a slogan that names no brand"),
        NodeKind(
            "Event",
            "a named or clearly identified happening with participants",
            "a policy, plan, programme or period",
            {
                "date": "day or partial date as the text has it (2021-09-03, 2021-09, 04-23)",
                "start": "first day",
                "end": "last day",
                "attendance": "the text's words on how many took part",
                "date_from": "first day as a full ISO date, once the year is known",
                "date_to": "last day as a full ISO date, once the year is known",
            },
        ),
        NodeKind("Place", "a named city, province, country, region, district, zone, address or venue"),
        NodeKind("Award", "a named prize, honour or title that is conferred", "a ranking"),
    )
}

EDGES: dict[str, EdgeKind] = {
    e.type: e
    for e in (
        EdgeKind(
            "ATTENDED",
            ("Person", "Organization"),
            ("Event",),
            "took part in the event in any capacity but organizing it",
            {
                "role": ("attendee", "speaker", "presider", "presenter", "honoree", "exhibitor"),
                "mode": ("online", "onsite"),
            },
            ("role",),
        ),
        EdgeKind(
            "ORGANIZED",
            ("Organization", "Person"),
            ("Event",),
            "held, hosted, organized or sponsored the event",
            {"role": ("host", "organizer", "sponsor")},
            ("role",),
        ),
        EdgeKind(
            "HOLDS_POSITION",
            ("Person",),
            ("Organization", "Place"),
            "holds, or held, the position",
            {"title": (), "former": (), "since": (), "until": ()},
            ("title", "former", "since", "until"),
        ),
        EdgeKind("PART_OF", ("Organization", "Event"), ("Organization", "Event"), "is a unit of; is a part of"),
        EdgeKind("LOCATED_IN", ("Organization", "Brand", "Place"), ("Place",), "is stated to lie in or come from"),
        EdgeKind("HELD_IN", ("Event",), ("Place",), "took place in the city or at the venue"),
        EdgeKind("OWNS_BRAND", ("Organization", "Place"), ("Brand",), "owns, makes or sells the brand"),
        EdgeKind(
            "RECEIVED",
            ("Person", "Organization", "Brand", "Place"),
            ("Award",),
            "won or was nominated for",
            {"status": ("won", "nominated"), "date": ()},
            ("status", "date"),
        ),
        EdgeKind(
            "COOPERATES_WITH",
            ("Organization",),
            ("Organization",),
            "stated cooperation, partnership or joint project",
            symmetric=True,
        ),
    )
}

EDGE_PROPERTIES: dict[str, str] = {
    "id": "stable id of the edge",
    "article_ids": "article of each piece of evidence",
    "sentences": "the sentences that state the fact, parallel to article_ids",
    "starts": "where each sentence begins in its part of the article",
    "ends": "where each sentence ends",
    "parts": "which string of the article the offsets count in: title, text or captions",
    "rules": "what found each piece of evidence",
    "confidence": "0 to 1, the best of its pieces of evidence",
    "first_reported": "earliest publication date among the articles, where known",
    "last_reported": "latest publication date",
}


def extend(edge: EdgeKind) -> None:
    """Add a relationship type to the schema of this process; the same one twice is fine.

    Raises ValueError where the name is not upper case, is taken, or an end is no node label.
    """
    if not re.fullmatch(r"[A-Z][A-Z_]{0,63}", edge.type):
        raise ValueError(f"{edge.type!r} is no name for a relationship type; write it like WORKS_WITH")
    if EDGES.get(edge.type, edge) != edge:
        raise ValueError(f"{edge.type} is in the schema already, with other ends or properties")
    if strange := sorted({*edge.heads, *edge.tails} - set(NODES)):
        raise ValueError(f"{edge.type}: {', '.join(strange)} is no node label; known are {', '.join(NODES)}")
    EDGES[edge.type] = edge


def allowed(kind: str, head: str, tail: str) -> bool:
    """Whether domain and range of the relationship type admit the two labels."""
    edge = EDGES[kind]
    return head in edge.heads and tail in edge.tails and (kind != "PART_OF" or head == tail)


def digest(*parts: str) -> str:
    """Sixteen hex digits that stand for the parts, in this order."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16]


@lru_cache(maxsize=1 << 16)
def name_key(name: str) -> str:
    """The form under which two spellings of a name are equal: no case, accents, leading article, punctuation.

    >>> name_key("The Café  Guild,") == name_key("cafe guild")
    True
    """
    s = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c)).casefold()
    s = re.sub(r"[’']s$", "", s.strip())
    s = re.sub(r"^(?:the|a|an)\s+", "", s)
    return re.sub(r"[\W_]+", " ", s).strip()


@dataclass(frozen=True, slots=True)
class Source:
    """Raw bytes of one input as it was given.

    `uri` is the path or URL as given, with `#N` for the N-th record (from 1) of a JSONL file or archive.
    `fields` carries what the container says of the record (title, date, url, ...), empty for a plain file.
    """

    data: bytes
    uri: str
    media_type: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of `Article.text`, `[start:end]` without its newline. Kinds: body, heading, about."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class OffsetMap:
    """Monotone map from a cleaned string to the decoded source.

    Segments `(clean, source, length)`: `length` characters from `clean` on stand in the source from `source` on.
    Characters that belong to no segment were put in by the cleaning.
    """

    segments: tuple[tuple[int, int, int], ...] = ()

    def source(self, start: int, end: int) -> tuple[int, int] | None:
        """Source offsets that cover `[start:end]` of the cleaned string, or None where nothing of it is mapped."""
        first = last = None
        at = max(bisect_right(self.segments, (start, 1 << 60, 0)) - 1, 0)
        for clean, source, length in self.segments[at:]:
            if clean >= end:
                break
            low, high = max(start, clean), min(end, clean + length)
            if low < high:
                first = source + low - clean if first is None else first
                last = source + high - clean
        return None if first is None or last is None else (first, last)


@dataclass(frozen=True, slots=True)
class Article:
    """A cleaned article. `lines` cover `text`; `offsets` maps each part back to a plain-text source, else empty.

    `date` is an ISO date (YYYY-MM-DD) or None; `date_source` says how it was found (dateline, json-ld, field, ...).
    Several authors are one string joined by "; ".
    """

    id: str
    source: str
    url: str | None
    title: str | None
    date: str | None
    date_source: str | None
    publisher: str | None
    author: str | None
    language: str
    text: str
    captions: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()
    offsets: Mapping[Part, OffsetMap] = field(default_factory=dict)

    def part(self, name: Part) -> str:
        """The string that offsets of this part count in."""
        if name == "title":
            return self.title or ""
        return self.text if name == "text" else "\n".join(self.captions)

    def source_span(self, part: Part, start: int, end: int) -> tuple[int, int] | None:
        """Where `[start:end]` of the part stands in the decoded source, None where the source is no plain text."""
        return self.offsets[part].source(start, end) if part in self.offsets else None


def article_id(title: str | None, date: str | None, text: str, captions: Iterable[str]) -> str:
    """Id of an article: a hash of its cleaned content."""
    return "art-" + digest(title or "", date or "", text, *captions)


@dataclass(frozen=True, slots=True, order=True)
class Mention:
    """One place where an article speaks of an entity: `article.part(part)[start:end] == text`."""

    part: Part
    start: int
    end: int
    text: str
    kind: MentionKind = "name"


@dataclass(frozen=True, slots=True)
class Entity:
    """A thing of one article. `name` and every alias are texts of name mentions; `mentions` are sorted."""

    id: str
    type: str
    name: str
    aliases: tuple[str, ...]
    mentions: tuple[Mention, ...]
    properties: Properties = field(default_factory=dict)


@dataclass(frozen=True, slots=True, order=True)
class Evidence:
    """The sentence that states a fact: `article.part(part)[start:end] == text`; `rule` says what read it."""

    part: Part
    start: int
    end: int
    text: str
    rule: str


@dataclass(frozen=True, slots=True)
class Relation:
    """A fact of one article between two of its entities, by their ids, with the sentences that state it."""

    id: str
    type: str
    head: str
    tail: str
    properties: Properties
    evidence: tuple[Evidence, ...]
    confidence: float


@dataclass(frozen=True, slots=True)
class Facts:
    """All that one article states."""

    article: Article
    entities: tuple[Entity, ...]
    relations: tuple[Relation, ...]


def entity_id(article: str, kind: str, first: Mention) -> str:
    """Id of an in-article entity: from the article's id and its earliest mention."""
    return "ent-" + digest(article, kind, first.part, str(first.start), str(first.end))


def identity(kind: str, properties: Properties) -> tuple[str, ...]:
    """The values that tell edges of one type between the same nodes apart, normalised."""
    return tuple(name_key(str(properties.get(p, ""))) for p in EDGES[kind].identity)


def relation_id(prefix: str, kind: str, head: str, tail: str, properties: Properties) -> str:
    """Id of a relation or edge: from its type, ends (sorted where symmetric) and identity."""
    ends = sorted((head, tail)) if EDGES[kind].symmetric else [head, tail]
    return prefix + digest(kind, *ends, *identity(kind, properties))


def article_json(article: Article) -> dict[str, Any]:
    """The "article" object of the JSON contract."""
    return {
        "id": article.id,
        "source": article.source,
        "url": article.url,
        "title": article.title,
        "date": article.date,
        "date_source": article.date_source,
        "publisher": article.publisher,
        "author": article.author,
        "language": article.language,
        "text": article.text,
        "captions": list(article.captions),
    }


def _place(article: Article, at: Mention | Evidence) -> dict[str, Any]:
    span = article.source_span(at.part, at.start, at.end) or (None, None)
    return {
        "in": at.part,
        "start": at.start,
        "end": at.end,
        "text": at.text,
        "source_start": span[0],
        "source_end": span[1],
    }


def _plain(properties: Properties) -> dict[str, Any]:
    return {k: list(v) if isinstance(v, tuple) else v for k, v in sorted(properties.items())}


def facts_json(facts: Facts) -> dict[str, Any]:
    """One article with its facts as the JSON contract has it (a line of `extract --format jsonl`)."""
    a = facts.article
    return {
        "article": article_json(a),
        "entities": [
            {
                "id": e.id,
                "type": e.type,
                "name": e.name,
                "aliases": list(e.aliases),
                "properties": _plain(e.properties),
                "mentions": [_place(a, m) | {"kind": m.kind} for m in e.mentions],
            }
            for e in facts.entities
        ],
        "relations": [
            {
                "id": r.id,
                "type": r.type,
                "head": r.head,
                "tail": r.tail,
                "properties": _plain(r.properties),
                "confidence": r.confidence,
                "evidence": [_place(a, v) | {"rule": v.rule} for v in r.evidence],
            }
            for r in facts.relations
        ],
    }


def _tupled(properties: Mapping[str, Any]) -> dict[str, Value]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in properties.items()}


def entity_from_json(e: Mapping[str, Any]) -> Entity:
    """The inverse of what `facts_json` makes of an entity."""
    mentions = tuple(Mention(m["in"], m["start"], m["end"], m["text"], m["kind"]) for m in e["mentions"])
    return Entity(e["id"], e["type"], e["name"], tuple(e["aliases"]), mentions, _tupled(e["properties"]))


def relation_from_json(r: Mapping[str, Any]) -> Relation:
    """The inverse of what `facts_json` makes of a relation."""
    evidence = tuple(Evidence(v["in"], v["start"], v["end"], v["text"], v["rule"]) for v in r["evidence"])
    return Relation(r["id"], r["type"], r["head"], r["tail"], _tupled(r["properties"]), evidence, r["confidence"])


def facts_from_json(data: Mapping[str, Any], article: Article) -> Facts:
    """The inverse of `facts_json` for entities and relations; the article itself is handed in."""
    entities = tuple(map(entity_from_json, data["entities"]))
    return Facts(article, entities, tuple(map(relation_from_json, data["relations"])))


def _object(properties: dict[str, Any], required: Iterable[str] | None = None) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties if required is None else required)}


def _relation_schema(kind: EdgeKind, evidence: dict[str, Any]) -> dict[str, Any]:
    values: dict[str, Any] = {
        k: {"enum": list(v)} if v else {"type": ["string", "boolean"]} for k, v in kind.properties.items()
    }
    return _object(
        {
            "id": {"type": "string"},
            "type": {"const": kind.type, "description": kind.what},
            "head": {"type": "string", "description": "id of a " + " or ".join(kind.heads)},
            "tail": {"type": "string", "description": "id of a " + " or ".join(kind.tails)},
            "properties": _object(values, ()),
            "confidence": {"type": "number", "minimum": 0, "maximum": 1},
            "evidence": {"type": "array", "minItems": 1, "items": evidence},
        }
    )


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one line of `extract --format jsonl`; further keys are allowed."""
    text, offset = {"type": "string"}, {"type": "integer", "minimum": 0}
    maybe, maybe_offset = {"type": ["string", "null"]}, {"type": ["integer", "null"], "minimum": 0}
    article = dict.fromkeys(("url", "title", "date", "date_source", "publisher", "author"), maybe)
    place = {
        "in": {"enum": list(get_args(Part))},
        "start": offset,
        "end": offset,
        "text": text,
        "source_start": maybe_offset,
        "source_end": maybe_offset,
    }
    entity = {
        "id": text,
        "type": {"enum": list(NODES)},
        "name": text,
        "aliases": {"type": "array", "items": text},
        "properties": {"type": "object"},
        "mentions": {
            "type": "array",
            "minItems": 1,
            "items": _object(place | {"kind": {"enum": list(get_args(MentionKind))}}),
        },
    }
    evidence = _object(place | {"rule": text})
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "An article and the facts it states",
        **_object(
            {
                "article": _object(
                    {"id": text, "source": text, **article, "language": text, "text": text}
                    | {"captions": {"type": "array", "items": text}}
                ),
                "entities": {"type": "array", "items": _object(entity)},
                "relations": {
                    "type": "array",
                    "items": {"oneOf": [_relation_schema(k, evidence) for k in EDGES.values()]},
                },
            }
        ),
    }


def schema_rows() -> list[dict[str, Any]]:
    """The schema as rows: labels, relationship types, and what every edge carries."""
    rows: list[dict[str, Any]] = [
        {"what": "node", "name": n.label, "properties": ["id", "name", "aliases", *n.properties], "means": n.what}
        for n in NODES.values()
    ]
    rows += [
        {
            "what": "edge",
            "name": e.type,
            "between": f"{'|'.join(e.heads)} -> {'|'.join(e.tails)}",
            "properties": [f"{k}={'|'.join(v)}" if v else k for k, v in e.properties.items()],
            "means": e.what,
        }
        for e in EDGES.values()
    ]
    rows += [{"what": "edge property", "name": k, "means": v} for k, v in EDGE_PROPERTIES.items()]
    return rows
