"""From an annotated article to its entities: where they are named, and what nominals and pronouns stand for."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ipgraph.annotate import Annotated
from ipgraph.encoder.component import CERTAINTY
from ipgraph.mentions import antecedents, dates, grouping, reference, ties
from ipgraph.mentions.spans import Span, joined
from ipgraph.model import NODES, SPANS_KEY, Article, Entity, Mention, Part, entity_id, name_key

__all__ = ["Found", "Span", "find"]

_PARTS: tuple[Part, ...] = ("title", "text", "captions")
_ORDER = {p: i for i, p in enumerate(_PARTS)}


@dataclass(frozen=True, slots=True)
class Found:
    """Entities of an article, all spans in it (a span's `entity` counts in `entities`), and what the encoder says of
    pairs of them, if one read it.
    """

    entities: tuple[Entity, ...]
    spans: tuple[Span, ...]
    ties: tuple[ties.PartTies, ...] = ()


def _from_pipeline(annotated: Annotated) -> Iterator[tuple[Span, float]]:
    """The pipeline's spans, each with how sure it is of it (1 where it does not say)."""
    for part in annotated.parts():
        group = part.doc.spans.get(SPANS_KEY, [])
        sure = getattr(group, "attrs", {}).get(CERTAINTY) or [1.0] * len(group)
        for s, certainty in zip(group, sure, strict=True):
            start, _end = part.start + s.start_char, part.start + s.end_char
            text = s.text.strip(" \n\"“”'‘’,;:")
            if text:
                start += s.text.index(text)
                yield Span(part.part, start, start + len(text), s.label_, text), certainty


def _agreed(found: Iterable[tuple[Span, float]]) -> list[Span]:
    """The spans, a name that stands several times being of the one kind that the article as a whole speaks for."""
    found = list(found)
    votes: dict[str, Counter[str]] = defaultdict(Counter)
    for s, certainty in found:
        if s.kind in NODES:
            votes[name_key(s.text)][s.kind] += certainty  # type: ignore[assignment]
    out = []
    for s, _ in found:
        own = votes.get(name_key(s.text)) if s.kind in NODES else None
        out.append(replace(s, kind=max(sorted(own), key=lambda k: own[k])) if own else s)
    return out


def _trimmed(span: Span) -> Span | None:
    """The span without a leading article or form of address and without a trailing possessive."""
    m = re.match(r"(?:(?:the|a|an)\s+|(?:mr|ms|mrs|miss|dr|prof)(?:\.\s*|\s+))*", span.text, re.I)
    start = m.end() if m and span.kind not in ("TITLE", "DATE") else 0
    text = re.sub(r"[’']s?$", "", span.text[start:])
    if not text.strip() or "\n" in text.strip():
        return None
    return replace(span, start=span.start + start, end=span.start + start + len(text), text=text)


def _repeated(article: Article, found: list[Span]) -> Iterator[Span]:
    """Further places where a name that was found stands; single lower-case words are no names."""
    forms = {
        (s.text, s.kind)
        for s in found
        if s.kind in NODES and (" " in s.text or s.text[:1].isupper()) and len(s.text) > 2
    }
    for part in _PARTS:
        text = article.part(part)
        for form, kind in sorted(forms, key=lambda f: (-len(f[0]), f)):
            at = text.find(form)
            while at >= 0:
                end = at + len(form)
                if not (text[at - 1 : at].isalnum() or text[end : end + 1].isalnum()):
                    yield Span(part, at, end, kind, form)
                at = text.find(form, end)


def _names(article: Article, annotated: Annotated) -> list[Span]:
    found = _agreed((t, sure) for s, sure in _from_pipeline(annotated) if (t := _trimmed(s)))
    return joined(joined([], found), _repeated(article, found))


def _abbreviated(article: Article, spans: list[Span]) -> tuple[list[Span], dict[Span, Span]]:
    pairs: dict[Span, Span] = {}
    for part in _PARTS:
        pairs |= grouping.abbreviations(part, article.part(part), [s for s in spans if s.part == part])
    kept = [s for s in spans if not any(s.overlaps(p) and not s.holds(p) for p in pairs)]
    kept = [s for s in kept if not any((s.part, s.start, s.end) == (p.part, p.start, p.end) for p in pairs)]
    spans = joined(kept, pairs)
    return joined(spans, _repeated(article, list(pairs))), pairs


def _entity(article: Article, group: grouping.Group, others: list[Span]) -> Entity:
    def rank(s: Span) -> tuple[int, int, int]:
        return (-len(s.text), _ORDER[s.part], s.start)

    mentions = sorted(
        [Mention(s.part, s.start, s.end, s.text, s.mode) for s in [*group.spans, *others]],
        key=lambda m: (_ORDER[m.part], m.start, m.end),
    )
    name = min(group.spans, key=rank).text
    seen = {name_key(name)}
    aliases = []
    for s in sorted(group.spans, key=lambda s: (_ORDER[s.part], s.start)):
        if name_key(s.text) not in seen:
            seen.add(name_key(s.text))
            aliases.append(s.text)
    return Entity(entity_id(article.id, group.kind, mentions[0]), group.kind, name, tuple(aliases), tuple(mentions))


def _sentence_bounds(text: str, at: int) -> tuple[int, int]:
    """A stretch of text around a place that is about its sentence: up to a stop before a capital, or the line."""
    starts = [m.end() for m in re.finditer(r"[.!?][\"”]?\s+(?=[A-Z\"“])|\n", text[:at])]
    end = re.compile(r"[.!?][\"”]?\s+(?=[A-Z\"“])|\n|$").search(text, at)
    return (starts[-1] if starts else 0, end.start() if end else len(text))


def _date_properties(article: Article, group: grouping.Group) -> dict[str, str]:
    """The date in the first sentence that names the event and has one: the nearest before the name, else after."""
    for s in sorted(group.spans, key=lambda s: (s.part != "text", s.start)):
        text = article.part(s.part)
        low, high = _sentence_bounds(text, s.start)
        found = [(a + low, b + low, w) for a, b, w in dates.find(text[low:high], article.date)]
        found = [f for f in found if not (s.start <= f[0] < s.end)]
        if found:
            _, _, when = min(found, key=lambda f: (abs(f[0] - s.start) if f[1] <= s.start else f[0] - s.end + 1, f[0]))
            if len(when.start) > 4:
                return _when(when)
    return {}


def _when(when: dates.When) -> dict[str, str]:
    out = {"date": when.start} if when.start == when.end else {"start": when.start, "end": when.end}
    first, last = dates.full(when.start), dates.full(when.end, last=True)
    return out | ({"date_from": first, "date_to": last} if first and last else {})


def _said_dates(article: Article, found: Iterable[ties.PartTies]) -> dict[int, dict[str, str]]:
    """For each event the date that the encoder is surest to be its own."""
    best: dict[int, tuple[float, dict[str, str]]] = {}
    for part in found:
        for head, tail, sure in part.tied("DATE_EVENT"):
            text = part.mentions[head][0].text
            when = dates.meaning(text, article.date)
            for event in part.mentions[tail]:
                if when is None or len(when.start) <= 4 or event.entity is None or sure < 0.5:
                    continue
                if sure > best.get(event.entity, (0.0, {}))[0]:
                    best[event.entity] = sure, _when(when)
    return {entity: properties for entity, (_, properties) in best.items()}


def find(article: Article, annotated: Annotated) -> Found:
    """All entities of the article with their mentions, sorted by their first place; and every span, tied or not."""
    spans, pairs = _abbreviated(article, _names(article, annotated))
    named = [s for s in spans if s.kind in NODES]
    groups = grouping.group(named, pairs)
    if annotated.network is not None:
        referring = list(antecedents.refer(annotated, annotated.network, named, groups))
    else:
        referring = [r for p in _PARTS for r in reference.refer(p, article.part(p), named, groups)]
    owner = {s: i for i, g in enumerate(groups) for s in g.spans}
    every = {replace(s, entity=owner.get(s)) for s in spans}
    every |= {replace(s, kind=groups[i].kind, entity=i) for s, i in referring}
    ordered = sorted(
        every, key=lambda s: (_ORDER[s.part], s.start, -s.end, s.kind, -1 if s.entity is None else s.entity)
    )
    scored = tuple(ties.score(annotated, annotated.network, ordered)) if annotated.network is not None else ()
    said = _said_dates(article, scored)
    entities = []
    for i, g in enumerate(groups):
        entity = _entity(article, g, [s for s, at in referring if at == i])
        if g.kind == "Event":
            entity = replace(entity, properties=said.get(i) or _date_properties(article, g))
        entities.append(entity)
    return Found(tuple(entities), tuple(ordered), scored)
