"""The annotated article: its parts, the parser and its inverse.

README.md describes the notation. All offsets count characters of the bare text (`Annotated.text`), from 0, ends
exclusive; line numbers count lines of the file, from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ipgraph.errors import SourceError

LineKind = Literal["title", "heading", "metadata", "caption", "noise", "body"]
MentionKind = Literal["entity", "title", "date"]
Mode = Literal["name", "nominal", "pronoun"]

PREFIXES: dict[str, LineKind] = {
    "# ": "title", "## ": "heading", "@ ": "metadata", "^ ": "caption", "% ": "noise",
}  # fmt: skip
UNREAD: frozenset[LineKind] = frozenset({"metadata", "noise"})
MODES: dict[str, Mode] = {"": "name", "~": "nominal", "^": "pronoun"}
HEADER_KEYS = ("kind", "region", "register", "tags", "date", "publisher", "author", "series")

_SEPARATOR = "==="
_ESCAPED = re.compile(r"\\([\[\]|\\#@^%=])")
_TAG = re.compile(
    r"T:(?P<held>p\d+(?:\+p\d+)*)|(?P<date>D)(?::(?P<iso>[^\s~^]+))?|(?P<ids>[a-z]\d+(?:\+[a-z]\d+)*)(?P<mode>[~^]?)"
)
_ENTITY = re.compile(r"(?P<id>[a-z]\d+)\s+(?P<types>[A-Za-z]+(?:/[A-Za-z]+)*)\s*$")
_RELATION = re.compile(
    r"(?P<mark>[?!]?)\s*(?P<type>[A-Z_]+)\s+(?P<head>[a-z]\d+)\s+(?P<tail>[a-z]\d+)(?:\s+(?P<properties>.*))?$"
)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a line of a file; a warning does not fail a check."""

    file: str
    line: int
    message: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {'warning: ' if self.warning else ''}{self.message}"


@dataclass(frozen=True, slots=True)
class Header:
    """What is said about an article ahead of it; `at` holds the line number of each key."""

    kind: str = ""
    region: str = ""
    register: str = ""
    tags: tuple[str, ...] = ()
    date: str | None = None
    publisher: str | None = None
    authors: tuple[str, ...] = ()
    series: str | None = None
    at: Mapping[str, int] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Line:
    """One line (a paragraph) of the bare text, prefix left out."""

    kind: LineKind
    start: int
    end: int
    number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Mention:
    """A marked span: of entities, of a title that persons (`ids`) hold, or of a date."""

    start: int
    end: int
    text: str
    kind: MentionKind
    ids: tuple[str, ...] = ()
    mode: Mode = "name"
    iso: str | None = None
    number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Entity:
    """A node: its types (the first is the main one), its fullest name and its properties."""

    id: str
    types: tuple[str, ...]
    name: str
    properties: Mapping[str, str] = field(default_factory=dict)
    optional: bool = False
    number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Relation:
    """An edge that the text states, may state (`optional`) or does not state (`wrong`: evidence is the reason)."""

    type: str
    head: str
    tail: str
    properties: Mapping[str, str] = field(default_factory=dict)
    evidence: str = ""
    optional: bool = False
    wrong: bool = False
    number: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True)
class Annotated:
    """An article with its gold. Mentions stand in the order in which they open, the outer before the inner."""

    name: str
    header: Header
    text: str
    lines: tuple[Line, ...] = ()
    mentions: tuple[Mention, ...] = ()
    entities: tuple[Entity, ...] = ()
    relations: tuple[Relation, ...] = ()

    def line_text(self, line: Line) -> str:
        """The bare words of a line."""
        return self.text[line.start : line.end]

    def names_of(self, entity: str) -> list[str]:
        """The distinct surfaces of an entity's name mentions, in the order of the text."""
        alone = (m.text for m in self.mentions if m.kind == "entity" and m.mode == "name" and m.ids == (entity,))
        return list(dict.fromkeys(alone))


class MarkupError(SourceError):
    """The markup of a line is not well formed."""


def read(path: Path) -> Annotated:
    """Parse a file; raise SourceError, one problem a line, if it is not well formed."""
    article, problems = parse(path.read_text(encoding="utf-8"), path)
    if problems:
        raise SourceError("\n".join(map(str, problems)))
    return article


def parse(source: str, path: Path) -> tuple[Annotated, list[Problem]]:
    """Parse a file's content as far as it goes and list what is not well formed."""
    return _Parser(str(path), path.stem).parse(source)


def parse_markup(source: str) -> tuple[str, list[Mention]]:
    """The bare text of a marked-up line and its mentions, offsets from the line's start; MarkupError if malformed."""
    bare: list[str] = []
    opened: list[tuple[int, int]] = []
    found: dict[int, Mention] = {}
    length = count = at = 0
    while at < len(source):
        char = source[at]
        if char == "[":
            opened.append((count, length))
            count, at = count + 1, at + 1
        elif char == "|" and opened:
            order, start = opened.pop()
            at, found[order] = _close(source, at, start, "".join(bare)[start:])
        elif char in "]|":
            raise MarkupError(f"a stray {char!r} in {_around(source, at)!r}; write \\{char} for a literal one")
        else:
            char, at = _literal(source, at)
            bare.append(char)
            length += 1
    if opened:
        raise MarkupError(f"a '[' is never closed by '|id]': {''.join(bare)[opened[-1][1] :][:40]!r}")
    return "".join(bare), [found[order] for order in sorted(found)]


def parse_tag(tag: str) -> tuple[MentionKind, tuple[str, ...], Mode, str | None]:
    """Kind, ids, mode and ISO date of what stands between a mention's bar and its closing bracket."""
    match = _TAG.fullmatch(tag)
    if match is None:
        raise MarkupError(f"{tag!r} is no tag; write an id (p1, p1+p2, p1~, p1^), T:p1, D or D:2021-04-08")
    if match["held"]:
        return "title", tuple(match["held"].split("+")), "name", None
    if match["date"]:
        return "date", (), "name", match["iso"]
    return "entity", tuple(match["ids"].split("+")), MODES[match["mode"]], None


def write(article: Annotated) -> str:
    """The file content of an article; parsing it gives the article back."""
    parts = _header(article.header), _text(article), _entities(article), _relations(article)
    return f"\n{_SEPARATOR}\n".join("\n".join(part) for part in parts) + "\n"


def _close(source: str, bar: int, start: int, surface: str) -> tuple[int, Mention]:
    end = source.find("]", bar)
    if end < 0:
        raise MarkupError(f"a mention is not closed by ']' after {_around(source, bar)!r}")
    if not surface.strip():
        raise MarkupError(f"an empty mention at {_around(source, bar)!r}")
    kind, ids, mode, iso = parse_tag(source[bar + 1 : end])
    return end + 1, Mention(start, start + len(surface), surface, kind, ids, mode, iso)


def _literal(source: str, at: int) -> tuple[str, int]:
    if source[at] != "\\":
        return source[at], at + 1
    match = _ESCAPED.match(source, at)
    if match is None:
        raise MarkupError(f"a lone backslash in {_around(source, at)!r}; write \\\\ for a literal one")
    return match[1], match.end()


def _around(source: str, at: int) -> str:
    return source[max(0, at - 20) : at + 20]


def _unescape(source: str) -> str:
    return _ESCAPED.sub(r"\1", source)


def _escape(text: str) -> str:
    return re.sub(r"[\[\]|\\]", r"\\\g<0>", text)


class _Parser:
    def __init__(self, file: str, name: str) -> None:
        self.file, self.name = file, name
        self.problems: list[Problem] = []

    def parse(self, source: str) -> tuple[Annotated, list[Problem]]:
        header, text, facts = self.parts(source)
        bare, lines, mentions = self.text(text)
        entities: list[Entity] = []
        relations: list[Relation] = []
        for number, line in facts:
            fact = self.fact(number, line.strip())
            if isinstance(fact, Entity):
                entities.append(fact)
            elif fact is not None:
                relations.append(fact)
        article = Annotated(
            self.name, self.header(header), bare, tuple(lines), tuple(mentions), tuple(entities), tuple(relations)
        )
        return article, sorted(self.problems, key=lambda p: p.line)

    def problem(self, number: int, message: str) -> None:
        self.problems.append(Problem(self.file, number, message))

    def parts(self, source: str) -> tuple[list[tuple[int, str]], ...]:
        parts: list[list[tuple[int, str]]] = [[]]
        for number, line in enumerate(source.removeprefix("\ufeff").split("\n"), 1):
            if line.strip() == _SEPARATOR:
                parts.append([])
            else:
                parts[-1].append((number, line.rstrip()))
        if len(parts) != 4:
            wanted = f"header, text, entities and relations, with a line {_SEPARATOR} between each two"
            self.problem(1, f"{len(parts)} parts; a file has four: {wanted}")
        parts += [[], []]
        return parts[0], parts[1], [item for part in parts[2:] for item in part]

    def header(self, lines: list[tuple[int, str]]) -> Header:
        values: dict[str, str] = {}
        at: dict[str, int] = {}
        for number, line in lines:
            if not line.strip():
                continue
            key, colon, value = (s.strip() for s in line.partition(":"))
            if not colon:
                self.problem(number, f"{line!r} is no header line; write 'key: value'")
            elif key not in HEADER_KEYS:
                self.problem(number, f"unknown header key {key!r}; known: {', '.join(HEADER_KEYS)}")
            elif key in values:
                self.problem(number, f"header key {key!r} stands twice")
            else:
                values[key], at[key] = value, number
        return Header(
            values.get("kind", ""), values.get("region", ""), values.get("register", ""),
            _list(values.get("tags", ""), ","), values.get("date"), values.get("publisher"),
            _list(values.get("author", ""), ";"), values.get("series"), at,
        )  # fmt: skip

    def text(self, source: list[tuple[int, str]]) -> tuple[str, list[Line], list[Mention]]:
        while source and not source[0][1]:
            source = source[1:]
        while source and not source[-1][1]:
            source = source[:-1]
        bare, lines, mentions = "", [], []
        for number, line in source:
            bare += "\n" if bare else ""
            if not line.strip():
                continue
            kind, content = _split(line)
            words, found = self.content(number, kind, content)
            lines.append(Line(kind, len(bare), len(bare) + len(words), number))
            mentions += [_moved(m, len(bare), number) for m in found]
            bare += words
        return bare, lines, mentions

    def content(self, number: int, kind: LineKind, content: str) -> tuple[str, list[Mention]]:
        if kind in UNREAD:
            if re.search(r"\[[^\]\[]*(?<!\\)\|(?:[a-z]\d+[^\]]*|T:[^\]]*|D(?::[^\]]*)?)\]", content):
                self.problem(number, f"markup in a {kind} line; '@' and '%' lines have none")
            return _unescape(content), []
        try:
            return parse_markup(content)
        except MarkupError as error:
            self.problem(number, str(error))
            return _unescape(content), []

    def fact(self, number: int, line: str) -> Entity | Relation | None:
        if not line:
            return None
        first, *rest = (_unescape(s.strip()) for s in re.split(r"(?<!\\)\|", line))
        if match := _ENTITY.match(first):
            return self.entity(number, match, rest)
        if match := _RELATION.match(first):
            return self.relation(number, match, rest)
        self.problem(
            number,
            f"{line[:60]!r} is neither an entity ('p1 Person | name | date=...') "
            "nor a relation ('TYPE head tail key=value | evidence')",
        )
        return None

    def entity(self, number: int, match: re.Match[str], rest: list[str]) -> Entity:
        if not rest or not rest[0]:
            self.problem(number, f"{match['id']} has no name; write 'id Type | name'")
        if len(rest) > 2:
            self.problem(number, f"{match['id']} has too many bars; write 'id Type | name | key=value; key=value'")
        properties = self.properties(number, rest[1] if len(rest) > 1 else "")
        optional = properties.pop("optional", "false") == "true"
        name = rest[0] if rest else ""
        return Entity(match["id"], tuple(match["types"].split("/")), name, properties, optional, number)

    def relation(self, number: int, match: re.Match[str], rest: list[str]) -> Relation:
        if len(rest) > 1:
            self.problem(number, "too many bars; write 'TYPE head tail key=value; key=value | evidence'")
        properties = self.properties(number, match["properties"] or "")
        evidence = rest[0] if rest else ""
        optional, wrong = match["mark"] == "?", match["mark"] == "!"
        return Relation(match["type"], match["head"], match["tail"], properties, evidence, optional, wrong, number)

    def properties(self, number: int, source: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for item in _list(source, ";"):
            key, equals, value = (s.strip() for s in item.partition("="))
            if item == "optional":
                key, equals, value = "optional", "=", "true"
            if not equals or not value or not re.fullmatch(r"[a-z]+", key):
                self.problem(number, f"{item!r} is no property; write 'key=value; key=value'")
            elif key in found:
                self.problem(number, f"property {key!r} stands twice")
            else:
                found[key] = value
        return found


def _list(source: str, separator: str) -> tuple[str, ...]:
    return tuple(s.strip() for s in source.split(separator) if s.strip())


def _split(line: str) -> tuple[LineKind, str]:
    for prefix, kind in PREFIXES.items():
        if line.startswith(prefix):
            return kind, line[len(prefix) :].strip()
    return "body", line.strip()


def _moved(mention: Mention, by: int, number: int) -> Mention:
    start, end = mention.start + by, mention.end + by
    return Mention(start, end, mention.text, mention.kind, mention.ids, mention.mode, mention.iso, number)


def _header(header: Header) -> Iterator[str]:
    values = {
        "kind": header.kind, "region": header.region, "register": header.register, "tags": ", ".join(header.tags),
        "date": header.date, "publisher": header.publisher, "author": "; ".join(header.authors),
        "series": header.series,
    }  # fmt: skip
    return (f"{key}: {values[key]}" for key in HEADER_KEYS if values[key])


def _text(article: Annotated) -> Iterator[str]:
    prefixes = {kind: prefix for prefix, kind in PREFIXES.items()}
    at = 0
    for line in article.lines:
        yield from [""] * (article.text.count("\n", at, line.start) - bool(at))
        inside = [m for m in article.mentions if line.start <= m.start < line.end]
        source = _marked(article.text, line, inside)
        bare = line.kind == "body" and (source.startswith(tuple(PREFIXES)) or source == _SEPARATOR)
        yield prefixes.get(line.kind, "\\" if bare else "") + source
        at = line.end


def _marked(text: str, line: Line, mentions: Iterable[Mention]) -> str:
    out: list[str] = []
    opened: list[Mention] = []
    at = line.start

    def close_until(position: int) -> None:
        nonlocal at
        while opened and opened[-1].end <= position:
            inner = opened.pop()
            out.append(f"{_escape(text[at : inner.end])}|{tag(inner)}]")
            at = inner.end

    for mention in mentions:
        close_until(mention.start)
        if mention.end > (opened[-1].end if opened else line.end):
            raise ValueError(f"the mention {mention.text!r} crosses another or its line")
        out.append(_escape(text[at : mention.start]) + "[")
        opened.append(mention)
        at = mention.start
    close_until(line.end)
    return "".join(out) + _escape(text[at : line.end])


def tag(mention: Mention) -> str:
    """What stands between a mention's bar and its closing bracket."""
    if mention.kind == "title":
        return "T:" + "+".join(mention.ids)
    if mention.kind == "date":
        return f"D:{mention.iso}" if mention.iso else "D"
    suffix = {mode: mark for mark, mode in MODES.items()}[mention.mode]
    return "+".join(mention.ids) + suffix


def _entities(article: Annotated) -> Iterator[str]:
    for entity in article.entities:
        properties = dict(entity.properties) | ({"optional": "true"} if entity.optional else {})
        fields = [f"{entity.id} {'/'.join(entity.types)}", _escape(entity.name), _properties(properties)]
        yield " | ".join(f for f in fields if f)


def _relations(article: Annotated) -> Iterator[str]:
    for relation in article.relations:
        mark = "!" if relation.wrong else "?" if relation.optional else ""
        first = f"{mark}{relation.type} {relation.head} {relation.tail} {_properties(relation.properties)}".strip()
        yield f"{first} | {_escape(relation.evidence)}" if relation.evidence else first


def _properties(properties: Mapping[str, str]) -> str:
    return "; ".join(f"{key}={_escape(value)}" for key, value in properties.items())
