"""One article with its facts marked in the text: for the terminal, and as a page without any script."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import escape
from typing import Literal, get_args

from ipgraph.model import NODES, Article, Entity, Facts, Mention, Part, Relation
from ipgraph.view.page import template

Token = (
    tuple[Literal["text"], str] | tuple[Literal["open", "close"], tuple[Entity, Mention]] | tuple[Literal["ref"], int]
)


def numbered(facts: Facts) -> list[tuple[int, Relation]]:
    """The relations, numbered from 1 in the order of their sentences."""
    parts = get_args(Part)
    first = {r.id: min((parts.index(e.part), e.start, e.end) for e in r.evidence) for r in facts.relations}
    return list(enumerate(sorted(facts.relations, key=lambda r: (first[r.id], r.id)), 1))


def _mentions(facts: Facts, part: Part) -> Iterator[tuple[Entity, Mention]]:
    """The mentions in this part, the outer before the inner; one that crosses another is left unmarked."""
    all_of_them = [(e, m) for e in facts.entities for m in e.mentions if m.part == part]
    open_ends: list[int] = []
    for entity, mention in sorted(all_of_them, key=lambda x: (x[1].start, -x[1].end, x[0].id)):
        while open_ends and open_ends[-1] <= mention.start:
            open_ends.pop()
        if not open_ends or mention.end <= open_ends[-1]:
            open_ends.append(mention.end)
            yield entity, mention


def tokens(facts: Facts, part: Part) -> Iterator[Token]:
    """The part of the article as text, marks that open and close, and numbers of the facts its sentences state."""
    text = facts.article.part(part)
    events: list[tuple[int, int, int, Token]] = []
    for i, (entity, mention) in enumerate(_mentions(facts, part)):
        events.append((mention.start, 2, i, ("open", (entity, mention))))
        events.append((mention.end, 0, -i, ("close", (entity, mention))))
    refs = {(e.end, n) for n, r in numbered(facts) for e in r.evidence if e.part == part}
    events += [(end, 1, n, ("ref", n)) for end, n in refs]
    at = 0
    for place, _, _, token in sorted(events, key=lambda x: x[:3]):
        if place > at:
            yield "text", text[at:place]
            at = place
        yield token
    if at < len(text):
        yield "text", text[at:]


def _own(relation: Relation) -> str:
    said = ", ".join(str(v) if k in ("role", "title") else f"{k} {v}" for k, v in relation.properties.items())
    return f" ({said})" if said else ""


def statement(facts: Facts, relation: Relation) -> str:
    """A fact in one line."""
    names = {e.id: e.name for e in facts.entities}
    return f"{names[relation.head]} {relation.type} {names[relation.tail]}{_own(relation)}"


def about(article: Article) -> str:
    """Publisher, author, date and source in one line."""
    return ", ".join(x for x in (article.publisher, article.author, article.date, article.url or article.source) if x)


def _parts(facts: Facts) -> Iterator[tuple[Part, list[Token]]]:
    for part in get_args(Part):
        if facts.article.part(part):
            yield part, list(tokens(facts, part))


def plain(facts: Facts) -> Iterator[tuple[str, str | None]]:
    """The article for a terminal: pieces of text, each with the label of the innermost entity it belongs to."""
    for part, pieces in _parts(facts):
        stack: list[str] = []
        for token in pieces:
            if token[0] == "open":
                stack.append(token[1][0].type)
            elif token[0] == "close":
                stack.pop()
            elif token[0] == "ref":
                yield f" [{token[1]}]", None
            else:
                yield str(token[1]), stack[-1] if stack else None
        yield ("\n\n" if part != "captions" else "\n"), None


def _html(pieces: Iterable[Token], seen: set[int]) -> str:
    out = []
    for token in pieces:
        if token[0] == "text":
            out.append(escape(str(token[1])))
        elif token[0] == "open":
            entity, mention = token[1]
            label = escape(f"{entity.type}: {entity.name}", quote=True)
            kind = entity.type if mention.kind == "name" else mention.kind
            out.append(f'<mark class="{escape(kind, quote=True)}" title="{label}">')
        elif token[0] == "close":
            out.append("</mark>")
        elif token[0] == "ref":
            number = int(token[1])
            place = "" if number in seen else f' id="s{number}"'
            seen.add(number)
            out.append(f'<sup><a href="#f{number}"{place}>[{number}]</a></sup>')
    return "".join(out)


def _facts_html(facts: Facts) -> str:
    rows = "".join(
        f'<li id="f{n}"><a href="#s{n}" title="to the sentence"><bdi>{escape(statement(facts, r))}</bdi></a>'
        f' <span class="soft">{r.confidence:.2f}</span></li>'
        for n, r in numbered(facts)
    )
    return f"<ol>{rows}</ol>" if rows else '<p class="soft">No fact was found in it.</p>'


def _entities_html(facts: Facts) -> str:
    by_type: dict[str, list[str]] = defaultdict(list)
    for entity in sorted(facts.entities, key=lambda e: (e.name, e.id)):
        by_type[entity.type].append(entity.name)
    return "".join(
        f'<p class="key"><span class="{t}">{t}</span> <bdi>{escape("; ".join(by_type[t]))}</bdi></p>'
        for t in NODES
        if t in by_type
    )


def page(facts: Facts) -> str:
    """The article as a page: names marked by their kind, each sentence with the numbers of the facts it states."""
    seen: set[int] = set()
    parts = {part: _html(pieces, seen) for part, pieces in _parts(facts)}
    title = escape(facts.article.title or facts.article.source.rsplit("/", 1)[-1])
    captions = f'<div class="text soft">{parts["captions"]}</div>' if "captions" in parts else ""
    count = len(facts.relations)
    body = (
        f'<h1>{parts.get("title", title)}</h1><p class="soft"><bdi>{escape(about(facts.article))}</bdi></p>'
        f'<div class="cols"><main><div class="text">{parts.get("text", "")}</div>{captions}</main>'
        f"<aside><h2>{count} fact{'s' * (count != 1)}, each with its sentence</h2>{_facts_html(facts)}"
        f"<h2>Names</h2>{_entities_html(facts)}</aside></div>"
    )
    page = template("article.html").replace("{{language}}", escape(facts.article.language, quote=True), 1)
    # The body goes in last: nothing in an article is ever taken for a place of the template.
    head, _, tail = page.replace("{{title}}", title.replace("{{", "{ {"), 1).partition("{{body}}")
    return head + body + tail
