"""What a checker changed in an annotated article: the differences of two versions, one JSON object each.

`corpus/review.jsonl` holds one object a line: file (split/NAME.txt), checker, what (`entity added`, `relation changed`,
`mention removed`, `header changed`, `text changed`, ...), before and after (None where there is none). Entities are
shown by name in relations and mentions; a mention is shown with its line of the text, from 1.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ipgraph.corpus.format import HEADER_KEYS, Annotated, Entity, Mention, Relation, tag
from ipgraph.model import EDGES, name_key

Change = tuple[str, str | None, str | None]
"""What changed, before and after."""


def changes(before: Annotated, after: Annotated) -> Iterator[Change]:
    """The semantic differences of two versions of an article: header, text, entities, mentions, relations.

    Versions may number their entities differently: entities are paired by name and type, then by id. Mentions and
    relations bear the later name of an entity, so that a new name is one change.
    """
    new = pair_entities(before, after)
    same = {e.id: e.id for e in after.entities}
    names = {e.id: e.name for e in after.entities}
    old = {e.id: names.get(new.get(e.id, ""), e.name) for e in before.entities}
    yield from _diff("header", _header(before), _header(after))
    yield from _diff("text", _lines(before), _lines(after))
    yield from _diff("entity", _entities(before, new), _entities(after, same))
    yield from _diff("mention", _mentions(before, old), _mentions(after, names))
    yield from _diff("relation", _relations(before, new, old), _relations(after, same, names))


def pair_entities(before: Annotated, after: Annotated) -> dict[str, str]:
    """Entity of the first version -> the same entity of the second."""
    paired: dict[str, str] = {}
    for like in (_same_name, _same_id):
        for b in before.entities:
            free = (a for a in after.entities if a.id not in paired.values() and like(b, a))
            if b.id not in paired and (match := next(free, None)):
                paired[b.id] = match.id
    return paired


def records(file: str, checker: str, found: Iterable[Change]) -> list[dict[str, Any]]:
    """The changes as objects of review.jsonl."""
    return [{"file": file, "checker": checker, "what": w, "before": b, "after": a} for w, b, a in found]


def append(path: Path, found: Iterable[Mapping[str, Any]]) -> None:
    """Add objects to a JSONL file."""
    with path.open("a", encoding="utf-8") as out:
        out.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in found)


def _same_name(one: Entity, two: Entity) -> bool:
    return name_key(one.name) == name_key(two.name) and bool(set(one.types) & set(two.types))


def _same_id(one: Entity, two: Entity) -> bool:
    return one.id == two.id


def _diff(what: str, before: Mapping[Any, str], after: Mapping[Any, str]) -> Iterator[Change]:
    """Differences of two versions by key, those of `after` first in its own order."""
    for key, value in after.items():
        if key not in before:
            yield f"{what} added", None, value
        elif before[key] != value:
            yield f"{what} changed", before[key], value
    for key, value in before.items():
        if key not in after:
            yield f"{what} removed", value, None


def _header(article: Annotated) -> dict[str, str]:
    header = article.header
    values = {key: getattr(header, key) for key in HEADER_KEYS if key not in ("tags", "author")}
    values |= {"tags": ", ".join(header.tags), "author": "; ".join(header.authors)}
    return {key: f"{key}: {value}" for key, value in values.items() if value}


def _lines(article: Annotated) -> dict[int, str]:
    return {n: f"{line.kind}: {article.line_text(line)}" for n, line in enumerate(article.lines, 1)}


def _entities(article: Annotated, new: Mapping[str, str]) -> dict[str, str]:
    return {_new(e.id, new): _shown_entity(e) for e in article.entities}


def _mentions(article: Annotated, names: Mapping[str, str]) -> dict[tuple[int, str, int], str]:
    """Mentions by line, surface and how often that surface was marked before in the line."""
    seen: dict[tuple[int, str], int] = defaultdict(int)
    found: dict[tuple[int, str, int], str] = {}
    for number, line in enumerate(article.lines, 1):
        for m in (m for m in article.mentions if line.start <= m.start < line.end):
            found[number, m.text, seen[number, m.text]] = _shown_mention(m, number, names)
            seen[number, m.text] += 1
    return found


def _relations(
    article: Annotated, new: Mapping[str, str], names: Mapping[str, str]
) -> dict[tuple[str | int, ...], str]:
    """Relations by type and ends and how many of these there were before."""
    seen: dict[tuple[str, ...], int] = defaultdict(int)
    found: dict[tuple[str | int, ...], str] = {}
    for r in sorted(article.relations, key=lambda r: (r.type, r.wrong, sorted(r.properties.items()))):
        ends = [_new(r.head, new), _new(r.tail, new)]
        key = (r.type, *(sorted(ends) if r.type in EDGES and EDGES[r.type].symmetric else ends))
        found[*key, seen[key]] = _shown_relation(r, names)
        seen[key] += 1
    return found


def _new(entity: str, new: Mapping[str, str]) -> str:
    """The id that an entity bears in the later version; the mark keeps a dropped id apart from a reused one."""
    return new.get(entity, f"-{entity}")


def _shown_entity(e: Entity) -> str:
    properties = "; ".join(f"{k}={v}" for k, v in sorted(e.properties.items()))
    optional = "optional" if e.optional else ""
    return " | ".join(part for part in ("/".join(e.types), e.name, properties, optional) if part)


def _shown_mention(m: Mention, number: int, names: Mapping[str, str]) -> str:
    if m.kind == "date":
        return f"line {number}: [{m.text}|{tag(m)}]"
    who = " + ".join(names.get(i, i) for i in m.ids)
    kind = m.kind if m.kind == "title" else m.mode
    return f"line {number}: [{m.text}] {kind} of {who}"


def _shown_relation(r: Relation, names: Mapping[str, str]) -> str:
    mark = "!" if r.wrong else "?" if r.optional else ""
    properties = "; ".join(f"{k}={v}" for k, v in sorted(r.properties.items()))
    shown = f"{mark}{r.type} {names.get(r.head, r.head)} -> {names.get(r.tail, r.tail)} {properties}".rstrip()
    return f"{shown} | {r.evidence}"
