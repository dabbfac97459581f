"""Checks of an annotated article against README.md.

Each check is a generator of problems over one parsed article; `CHECKS` lists them. Offsets count in the bare text.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from ipgraph.corpus.format import UNREAD, Annotated, Line, Mention, Problem, Relation, parse
from ipgraph.corpus.quotas import KINDS, REGIONS, REGISTERS, TAGS, WORDS, words
from ipgraph.model import EDGES, NODES, allowed, identity

LETTERS = {"p": "Person", "o": "Organization", "b": "Brand", "e": "Event", "l": "Place", "a": "Award"}
PRONOUNS = frozenset(words("he him his himself she her hers herself it its itself they them their theirs themselves"))
NO_PRONOUNS = frozenset(words("i me my mine we us our ours you your yours who whom whose which that"))
REQUIRED = {"ATTENDED": "role", "ORGANIZED": "role", "HOLDS_POSITION": "title", "RECEIVED": "status"}
EVENT_PROPERTIES = frozenset({"date", "start", "end", "attendance"})
DATES = frozenset({"date", "start", "end", "since", "until"})

_HONORIFIC = (
    r"(?:mr|mrs|ms|miss|messrs|dr|prof|professor|sir|dame|madam|mme|h\.\s?e|his excellency|her excellency)\b\.?"
)
HONORIFIC = re.compile(_HONORIFIC + r"\s", re.I)
ONLY_HONORIFIC = re.compile(_HONORIFIC, re.I)
POSITION = re.compile(r"(?:President|Minister|Chairman|Chairwoman|Director|Mayor|Commissioner|Governor|Ambassador)\s")
ARTICLE = re.compile(r"(?:[Tt]he|an?)\s")
PREPOSITION = re.compile(r"(?:in|on|at|from|since|until|till|by|during|for|after|before)\s", re.I)
PLACE_PREPOSITION = re.compile(r"\b(?:in|of|at|from|to|for)\s(?:the\s)?$|\($")
COMMON = frozenset(
    words(
        "may march april june august will long young rose grace hope bill mark frank price sun an so he in my do can "
        "us it to she bo ma you king baker cook case chase drew faith joy summer dawn art jack rich rob sue pat"
    )
)
_DAY = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)")
_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")

Check = Callable[["Checked"], Iterator[Problem]]


class Checked:
    """An article under check, with what several checks look up."""

    def __init__(self, article: Annotated, file: str) -> None:
        self.article, self.file = article, file
        self.types = {e.id: e.types for e in article.entities}
        self.read = [line for line in article.lines if line.kind not in UNREAD]
        self.paragraphs = [article.line_text(line) for line in self.read]

    def error(self, number: int, message: str) -> Problem:
        return Problem(self.file, number, message)

    def warning(self, number: int, message: str) -> Problem:
        return Problem(self.file, number, message, warning=True)

    def of(self, kind: str) -> Iterator[Mention]:
        """Mentions of a mode (name, nominal, pronoun) of entities, or of a kind (title, date)."""
        for m in self.article.mentions:
            if (m.mode if m.kind == "entity" else m.kind) == kind:
                yield m

    def is_a(self, mention: Mention, *types: str) -> bool:
        """Whether all types of all of a mention's entities are among these."""
        return bool(mention.ids) and all(set(self.types.get(i, ("?",))) <= set(types) for i in mention.ids)


def validate(path: Path) -> list[Problem]:
    """All problems of a file, warnings too, in the order of its lines."""
    try:
        source = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        return [Problem(str(path), 1, f"not UTF-8: {error}")]
    article, problems = parse(source, path)
    checked = Checked(article, str(path))
    problems += [problem for check in CHECKS for problem in check(checked)]
    return sorted(problems, key=lambda p: (p.line, p.warning))


def check_file_name(c: Checked) -> Iterator[Problem]:
    if not c.file.endswith(".txt") or not _NAME.fullmatch(c.article.name):
        yield c.error(1, f"file name {c.article.name!r}: lower-case letters, digits and single hyphens, then .txt")


def check_header(c: Checked) -> Iterator[Problem]:
    h = c.article.header
    for key in ("kind", "region", "register"):
        if not getattr(h, key):
            yield c.error(1, f"the header has no {key!r}")
    if h.kind and h.kind not in KINDS:
        yield c.warning(h.at.get("kind", 1), f"kind {h.kind!r} is not in README's list (allowed; mind the spelling)")
    for key, legal in (("region", REGIONS), ("register", REGISTERS)):
        value = getattr(h, key)
        if value and value not in legal:
            yield c.error(h.at.get(key, 1), f"{key} {value!r} is none of: {' '.join(legal)}")
    for tag in h.tags:
        if tag not in TAGS:
            yield c.error(h.at.get("tags", 1), f"unknown tag {tag!r}; README lists them; separate tags by commas")
    if len(set(h.tags)) < len(h.tags):
        yield c.error(h.at.get("tags", 1), "a tag stands twice")


def check_source_line(c: Checked) -> Iterator[Problem]:
    """Date, publisher and authors of the header are only what the text itself shows."""
    h = c.article.header
    if h.date is not None and not (_day(h.date) and len(h.date) == 10):
        yield c.error(h.at.get("date", 1), f"date {h.date!r} is no ISO day (2021-04-09)")
    shown = _folded(c.article.text)
    for key, values in (("publisher", (h.publisher,)), ("author", h.authors)):
        for value in values:
            if value is not None and _folded(value) not in shown:
                yield c.error(h.at.get(key, 1), f"{key} {value!r} does not stand in the text: leave the line out")


def check_lines(c: Checked) -> Iterator[Problem]:
    titles = [line for line in c.article.lines if line.kind == "title"]
    if not titles:
        yield c.warning(1, "no title line ('# ...')")
    for line in titles[1:]:
        yield c.error(line.number, "a second title line; use '## ' for headings")
    for line in c.article.lines:
        text = c.article.line_text(line)
        if line.kind == "body" and re.match(r"(?:[#@^%]|##)\S", text):
            yield c.warning(line.number, f"line begins with {text[0]!r} without a space: it counts as body")
        if re.search(r"[\t\x00-\x08\x0b-\x1f\u200b\ufeff]", text):
            yield c.error(line.number, "a tab, carriage return or invisible character")


def check_length(c: Checked) -> Iterator[Problem]:
    """Words outside '@' and '%' lines."""
    words = word_count(c.article)
    if not WORDS[0] <= words <= WORDS[1]:
        yield c.error(1, f"{words} words outside '@' and '%' lines; {WORDS[0]} to {WORDS[1]} are wanted")


def word_count(article: Annotated) -> int:
    """Words of an article outside metadata and noise lines."""
    lines = (article.line_text(line) for line in article.lines if line.kind not in UNREAD)
    return sum(bool(re.search(r"\w", word)) for line in lines for word in line.split())


def check_ids(c: Checked) -> Iterator[Problem]:
    counts = Counter(e.id for e in c.article.entities)
    for entity in c.article.entities:
        if counts[entity.id] > 1:
            yield c.error(entity.number, f"{entity.id} is declared {counts[entity.id]} times")
    mentioned = {i for m in c.article.mentions for i in m.ids}
    for entity in c.article.entities:
        if entity.id not in mentioned:
            yield c.error(entity.number, f"{entity.id} ({entity.name}) is never mentioned in the text")
    for m in c.article.mentions:
        for i in m.ids:
            if i not in c.types:
                yield c.error(m.number, f"[{m.text}|{i}]: {i} is not declared")
        if len(set(m.ids)) < len(m.ids):
            yield c.error(m.number, f"[{m.text}|{'+'.join(m.ids)}] has an id twice")
    for r in c.article.relations:
        for i in (r.head, r.tail):
            if i not in c.types:
                yield c.error(r.number, f"{r.type}: {i} is not declared")


def check_entities(c: Checked) -> Iterator[Problem]:
    seen: dict[tuple[str, str], str] = {}
    for e in c.article.entities:
        unknown = [t for t in e.types if t not in NODES]
        if unknown or len(set(e.types)) < len(e.types):
            yield c.error(e.number, f"{e.id}: types {'/'.join(e.types)}; legal, once each: {', '.join(NODES)}")
        elif LETTERS.get(e.id[0]) not in e.types:
            yield c.error(e.number, f"{e.id}: the id's letter does not go with {'/'.join(e.types)}")
        names = c.article.names_of(e.id)
        if e.name and e.name not in names:
            shown = ", ".join(map(repr, names)) or "none"
            yield c.error(e.number, f"{e.id}: the name {e.name!r} is none of its name mentions ({shown})")
        for name in names:
            if len(name) > len(e.name) and set(e.name.split()) < set(name.split()):
                yield c.warning(e.number, f"{e.id}: {name!r} looks fuller than the name {e.name!r}")
        if (e.types[0], e.name) in seen:
            yield c.warning(e.number, f"{e.id} has the name of {seen[e.types[0], e.name]}: one entity or two?")
        seen.setdefault((e.types[0], e.name), e.id)


def check_entity_properties(c: Checked) -> Iterator[Problem]:
    for e in c.article.entities:
        for key, value in e.properties.items():
            if key not in EVENT_PROPERTIES or "Event" not in e.types:
                yield c.error(
                    e.number, f"{e.id}: property {key!r}; legal: optional, for Events date, start, end, attendance"
                )
            elif key in DATES and not is_date(value):
                yield c.error(e.number, f"{e.id}: {key}={value} is no ISO date (2021-09-03, 2021-09, 2021, 09-03)")
        if {"start", "end"} & set(e.properties) and "date" in e.properties:
            yield c.warning(e.number, f"{e.id}: date beside start or end: a range has start and end only")
        yield from _attendance(c, e.number, e.properties)


def _attendance(c: Checked, number: int, properties: Mapping[str, str]) -> Iterator[Problem]:
    said = properties.get("attendance")
    if said and not any(said in p for p in c.paragraphs):
        yield c.warning(number, f"attendance={said} does not stand in the text word for word")


def check_relation_types(c: Checked) -> Iterator[Problem]:
    for r in c.article.relations:
        edge = EDGES.get(r.type)
        if edge is None:
            yield c.error(r.number, f"{r.type} is no relation; legal: {', '.join(EDGES)}")
            continue
        if r.head not in c.types or r.tail not in c.types:
            continue
        heads, tails = c.types[r.head], c.types[r.tail]
        if not any(allowed(r.type, h, t) for h in heads for t in tails):
            wanted = f"{'/'.join(edge.heads)} -> {'/'.join(edge.tails)}"
            got = f"{'/'.join(heads)} -> {'/'.join(tails)}"
            yield c.error(r.number, f"{r.type} {r.head} {r.tail}: {got}; wanted {wanted}")
        if r.head == r.tail:
            yield c.error(r.number, f"{r.type} {r.head} {r.tail}: both ends are one entity")


def check_relation_properties(c: Checked) -> Iterator[Problem]:
    for r in c.article.relations:
        if r.type not in EDGES:
            continue
        legal = EDGES[r.type].properties
        for key, value in r.properties.items():
            if key not in legal:
                has = ", ".join(legal) or "none"
                yield c.error(r.number, f"{r.type} has no property {key!r}; it has: {has}")
            elif legal[key] and value not in legal[key]:
                yield c.error(r.number, f"{r.type}: {key}={value}; legal: {', '.join(legal[key])}")
            elif key == "former" and value != "true":
                yield c.error(r.number, f"{r.type}: former={value}; write former=true or leave it out")
            elif key in DATES and not is_date(value):
                yield c.error(r.number, f"{r.type}: {key}={value} is no ISO date (2021-09-03, 2021-09, 2021, 09-03)")
        needed = REQUIRED.get(r.type)
        if needed and not r.wrong and needed not in r.properties:
            yield c.error(r.number, f"{r.type} {r.head} {r.tail} has no {needed}=...")


def check_titles(c: Checked) -> Iterator[Problem]:
    held = {(i, m.text) for m in c.of("title") for i in m.ids}
    for r in c.article.relations:
        title = r.properties.get("title")
        if r.type != "HOLDS_POSITION" or not title or r.wrong:
            continue
        if not any(title in p for p in c.paragraphs):
            yield c.error(r.number, f"title={title} does not stand in the text")
        elif (r.head, title) not in held:
            yield c.warning(r.number, f"title={title} is no TITLE mention of {r.head} ([{title}|T:{r.head}])")
    for m in c.of("title"):
        if not c.is_a(m, "Person") and all(i in c.types for i in m.ids):
            yield c.error(m.number, f"[{m.text}|T:{'+'.join(m.ids)}]: only persons hold titles")
        if ONLY_HONORIFIC.fullmatch(m.text) and m.text.casefold() != "professor":
            yield c.error(m.number, f"{m.text!r} is an honorific, no TITLE")


def check_evidence(c: Checked) -> Iterator[Problem]:
    for r in c.article.relations:
        label = f"{r.type} {r.head} {r.tail}"
        if not r.evidence:
            yield c.error(r.number, f"{label} has no {'reason' if r.wrong else 'evidence'}")
        elif not r.wrong:
            yield from _evidence(c, r, label)


def _evidence(c: Checked, r: Relation, label: str) -> Iterator[Problem]:
    if len(re.findall(r"\w+", r.evidence)) < 3:
        yield c.error(r.number, f"{label}: the evidence {r.evidence!r} has fewer than three words")
    times = sum(p.count(r.evidence) for p in c.paragraphs)
    if times == 0:
        yield c.error(r.number, f"{label}: the evidence stands in no paragraph: {r.evidence!r}{_near(c, r.evidence)}")
    elif times > 1:
        yield c.warning(r.number, f"{label}: the evidence stands {times} times in the text: {r.evidence!r}")


def _near(c: Checked, evidence: str) -> str:
    folded = _folded(evidence)
    if any(folded in _folded(p) for p in c.paragraphs):
        return " (capitals, quotation marks, hyphens or spaces differ)"
    if any(folded in _folded(c.article.line_text(n)) for n in c.article.lines if n.kind in UNREAD):
        return " (it stands in an '@' or '%' line, which counts as unread)"
    return ""


def check_duplicates(c: Checked) -> Iterator[Problem]:
    facts: dict[tuple[str, ...], Relation] = {}
    ends: dict[tuple[str, ...], Relation] = {}
    known = [r for r in c.article.relations if r.type in EDGES]
    for r in known:
        if r.wrong:
            continue
        key = (*_ends(r), *identity(r.type, r.properties))
        if key in facts:
            yield c.error(r.number, f"{r.type} {r.head} {r.tail} stands twice (first in line {facts[key].number})")
        facts.setdefault(key, r)
        ends.setdefault(_ends(r), r)
    for r in known:
        if r.wrong and _ends(r) in ends:
            yield c.error(
                r.number,
                f"!{r.type} {r.head} {r.tail} contradicts line {ends[_ends(r)].number}: "
                "a wrong fact is told by type and ends alone",
            )


def _ends(r: Relation) -> tuple[str, ...]:
    ends = sorted((r.head, r.tail)) if EDGES[r.type].symmetric else [r.head, r.tail]
    return (r.type, *ends)


def check_mention_edges(c: Checked) -> Iterator[Problem]:
    for m in c.article.mentions:
        if m.text != m.text.strip() or m.text[-1] in ",;:":
            yield c.error(m.number, f"[{m.text}]: blanks, commas and colons stay outside a mention")
    for m in c.of("name"):
        yield from _name_problem(c, m)
    for m in c.of("nominal"):
        if re.search(r"(?<!\w)(?:the|an?)\s$", c.article.text[max(0, m.start - 5) : m.start], re.I):
            yield c.error(m.number, f"[{m.text}~]: the leading article stands inside a nominal mention")
        if re.search(r"['’]s$", m.text):
            yield c.error(m.number, f"[{m.text}~]: the possessive stays outside a mention")
        if m.text.casefold() in PRONOUNS:
            yield c.error(m.number, f"[{m.text}~]: a pronoun is marked '^'")
    for m in c.of("pronoun"):
        if m.text.casefold() in NO_PRONOUNS:
            yield c.error(m.number, f"[{m.text}^]: only third-person pronouns are mentions, no relative ones")
        elif m.text.casefold() not in PRONOUNS:
            yield c.warning(m.number, f"[{m.text}^]: no personal pronoun; is it a nominal mention ('~')?")


def _name_problem(c: Checked, m: Mention) -> Iterator[Problem]:
    if m.text.casefold() in PRONOUNS and m.text != "IT":
        yield c.error(m.number, f"[{m.text}]: a pronoun is marked '^'")
    elif ARTICLE.match(m.text) and not m.text.startswith("The Hague") and not c.is_a(m, "Person"):
        yield c.error(m.number, f"[{m.text}]: the leading article stays outside a name (or is it nominal, '~'?)")
    elif c.is_a(m, "Person", "Organization", "Place") and not re.search(r"[^\W_a-z]", m.text):
        yield c.warning(m.number, f"[{m.text}]: a name without a capital letter; is it nominal ('~')?")
    if re.search(r"['’]s$", m.text) and c.is_a(m, "Person", "Place", "Event", "Award"):
        yield c.error(m.number, f"[{m.text}]: the possessive stays outside a mention")
    if re.match(r"[\"“‘'].*[\"”’']$", m.text):
        yield c.error(m.number, f"[{m.text}]: quotation marks around a name stay outside")
    if c.is_a(m, "Person"):
        if HONORIFIC.match(m.text):
            yield c.error(m.number, f"[{m.text}]: the honorific stays outside a person's mention")
        elif POSITION.match(m.text):
            yield c.warning(m.number, f"[{m.text}]: the position is a TITLE of its own")


def check_dates(c: Checked) -> Iterator[Problem]:
    for m in c.of("date"):
        days = m.iso.split("/") if m.iso else []
        if len(days) > 2 or not all(map(is_date, days)):
            yield c.error(m.number, f"[{m.text}|D:{m.iso}]: no ISO date (2021-04-08, 2021-04, 2021, 04-08, A/B)")
        if PREPOSITION.match(m.text):
            yield c.error(m.number, f"[{m.text}|D]: the preposition stays outside a date")


def is_date(value: str) -> bool:
    """Whether a value is an ISO day, month, year or a day without a year (04-08)."""
    if re.fullmatch(r"\d{4}", value):
        return True
    if match := re.fullmatch(r"\d{4}-(\d\d)", value):
        return 1 <= int(match[1]) <= 12
    return _day(value)


def _day(value: str) -> bool:
    match = _DAY.fullmatch(value)
    if match is None:
        return False
    year, month, day = int(match[1] or 2000), int(match[2]), int(match[3])
    return 1 <= month <= 12 and year > 0 and 1 <= day <= monthrange(year, month)[1]


def check_unmarked(c: Checked) -> Iterator[Problem]:
    """Names that are marked once and stand elsewhere unmarked in a line that is read."""
    surfaces: dict[str, Mention] = {}
    for m in c.of("name"):
        if len(m.text) > 1 and m.text[0] not in "\"'" and re.search(r"[^\W\d_a-z]", m.text):
            surfaces.setdefault(m.text, m)
    if not surfaces:
        return
    longest = sorted(map(re.escape, surfaces), key=len, reverse=True)
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(longest)})(?!\w)")
    for line in c.read:
        inside = [m for m in c.article.mentions if m.number == line.number]
        match = pattern.search(c.article.text, line.start, line.end)
        while match:
            problems = list(_unmarked(c, line, inside, match, surfaces[match[0]]))
            yield from problems
            match = pattern.search(c.article.text, match.end() if problems else match.start() + 1, line.end)


def _unmarked(c: Checked, line: Line, inside: list[Mention], match: re.Match[str], known: Mention) -> Iterator[Problem]:
    start, end = match.span()
    over = [m for m in inside if m.start < end and start < m.end]
    label = f"{match[0]!r} is marked {'+'.join(known.ids)} in line {known.number} and unmarked here"
    if any(m.kind == "entity" and m.start <= start and m.end >= end and m.text == match[0] for m in over):
        return
    if over:
        if _owed_inside(c, over, known, start):
            yield c.warning(line.number, f"{label}, inside [{over[0].text}]")
        return
    headline = line.kind in ("title", "heading") and (c.is_a(known, "Person") or " " in match[0])
    if not headline and _maybe_other(c.article.text, line, inside, start, end, match[0]):
        yield c.warning(line.number, f"{label}: is it part of another name or a common word?")
    else:
        yield c.error(
            line.number, f"{label}: ...{c.article.text[max(line.start, start - 25) : min(line.end, end + 25)]}..."
        )


def _owed_inside(c: Checked, over: list[Mention], known: Mention, start: int) -> bool:
    """Whether README wants the name marked within the mention that holds it."""
    outer = min(over, key=lambda m: m.end - m.start)
    if outer.kind != "entity" or set(outer.ids) & set(known.ids):
        return False
    if c.is_a(known, "Place"):
        return bool(PLACE_PREPOSITION.search(c.article.text[outer.start : start]))
    return c.is_a(known, "Organization", "Award", "Event") and c.is_a(outer, "Event", "Award")


def _maybe_other(text: str, line: Line, inside: list[Mention], start: int, end: int, surface: str) -> bool:
    """Whether an unmarked name may be a part of a longer name that is no node, or an everyday word."""
    if surface.casefold() in COMMON or re.search(rf"(?<!\w){re.escape(surface.lower())}(?!\w)", text):
        return True
    if "-" in (text[end : end + 1], text[max(start - 1, line.start) : start]):
        return True
    after = re.match(r"(?:['’]s)?\s([A-Z]\w+)", text[end : line.end])
    if after and not any(m.start == end + after.start(1) for m in inside):
        return True
    before = re.search(r"(?<=[a-z0-9,;]\s)([A-Z]\w+)\s(?:of\s(?:the\s)?)?$", text[line.start : start])
    if before is None or ONLY_HONORIFIC.match(before[1]):
        return False
    return not any(m.start <= line.start + before.start(1) < m.end for m in inside)


def check_pronouns(c: Checked) -> Iterator[Problem]:
    for line in c.read:
        spans = [(m.start, m.end) for m in c.article.mentions if m.number == line.number and m.mode == "pronoun"]
        for match in re.finditer(r"\b(?:he|she|his|her|him|hers)\b", c.article.line_text(line), re.I):
            start, end = line.start + match.start(), line.start + match.end()
            if (start, end) not in spans:
                around = c.article.text[max(line.start, start - 20) : end + 20]
                yield c.warning(line.number, f"the pronoun {match[0]!r} is not marked: ...{around}...")


CHECKS: tuple[Check, ...] = (
    check_file_name, check_header, check_source_line, check_lines, check_length, check_ids, check_entities,
    check_entity_properties, check_relation_types, check_relation_properties, check_titles, check_evidence,
    check_duplicates, check_mention_edges, check_dates, check_unmarked, check_pronouns,
)  # fmt: skip


def _folded(text: str) -> str:
    return " ".join(re.sub(r"[\W_]+", " ", text).casefold().split())
