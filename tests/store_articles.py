"""Made-up articles with their facts, about as large as those in corpus/annotated, for benchmarks and tests."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from ipgraph.ledger import Ledger, Origin, sha256
from ipgraph.model import (
    Article,
    Entity,
    Evidence,
    Facts,
    Line,
    Mention,
    OffsetMap,
    Properties,
    Relation,
    article_id,
    entity_id,
    relation_id,
)

FINGERPRINT = "made up"
POOL = {"Person": 3000, "Organization": 1500, "Event": 800, "Place": 200, "Brand": 400, "Award": 100}
CAST = {"Person": 5, "Organization": 5, "Event": 2, "Place": 2, "Brand": 1, "Award": 1}
"""How many of each kind an article names."""
FIRST = "Ana Bo Chen Dara Emil Fei Gita Hana Ines Jun Kofi Lena Marek Nia Omar Petra Qiao Rosa Sven Tariq".split()
LAST = "Almeida Berg Castro Dubois Eze Fischer Guo Haddad Ito Jensen Kaya Lopez Moreau Novak Okafor Park Quist".split()
SUBJECT = "Patent Trademark Tea Silk Copyright Licensing Design Seed Software Porcelain Rice Innovation".split()
FILLER = (
    "According to the organizers, more than two hundred applications were received in the first six months alone.",
    "Visitors said that prices at the market had hardly changed since the spring, whatever the papers wrote.",
    "A second round of talks is to follow before the end of the year, but no date was given.",
    "The hall was full to the last chair, and the rain outside kept most of the guests until evening.",
)


def _name(kind: str, i: int) -> str:
    place = f"{LAST[i % len(LAST)]}{'ville' if i % 2 else 'burg'} {i // 34 or ''}".strip()
    subject = f"{SUBJECT[i % len(SUBJECT)]} {SUBJECT[i // 12 % len(SUBJECT)]}"
    return {
        "Person": f"{FIRST[i % 20]} {FIRST[i // 20 % 20]}-{LAST[i // 400 % 17]} {LAST[i % 17]}",
        "Organization": f"{subject} Office of {LAST[i // 144 % 17]}burg",
        "Event": f"{2000 + i % 25} {subject} Forum {i}",
        "Place": place,
        "Brand": f"{LAST[i % 17]} {SUBJECT[i % 12]} No. {i}",
        "Award": f"Golden {SUBJECT[i % 12]} Prize {i}",
    }[kind]


Stated = tuple[str, str, str, Properties, str]


def _sentences(cast: dict[str, list[str]], rnd: random.Random) -> list[Stated]:
    """Head, type, tail, properties and the sentence that states them."""
    people, bodies, events, places = (cast[k] for k in ("Person", "Organization", "Event", "Place"))
    (brand,), (award,) = cast["Brand"], cast["Award"]
    out: list[Stated] = []
    for i, person in enumerate(people):
        body, title = bodies[i % len(bodies)], rnd.choice(("director", "chair", "deputy secretary-general"))
        role = rnd.choice(("speaker", "presider", "attendee"))
        said = f"{person}, {title} of the {body}, came as {role} to the {events[i % 2]}."
        out.append((person, "HOLDS_POSITION", body, {"title": title}, said))
        out.append((person, "ATTENDED", events[i % 2], {"role": role}, said))
    for body, event in zip(bodies, events, strict=False):
        out.append((body, "ORGANIZED", event, {"role": "organizer"}, f"The {event} was organized by the {body}."))
    for event, place in zip(events, places, strict=True):
        out.append((event, "HELD_IN", place, {}, f"The {event} took place in {place}."))
    out.append((bodies[1], "PART_OF", bodies[0], {}, f"The {bodies[1]} is a unit of the {bodies[0]}."))
    together = f"The {bodies[2]} and the {bodies[3]} signed an agreement on cooperation."
    out.append((bodies[2], "COOPERATES_WITH", bodies[3], {}, together))
    out.append((bodies[4], "OWNS_BRAND", brand, {}, f"The {bodies[4]} owns the brand {brand}."))
    out.append((brand, "RECEIVED", award, {"status": "won"}, f"{brand} won the {award}."))
    return out


def _mentions(text: str, name: str) -> tuple[Mention, ...]:
    return tuple(Mention("text", m.start(), m.end(), name) for m in re.finditer(re.escape(name) + r"\b", text))


def _article(number: int, stated: list[Stated], rnd: random.Random) -> Article:
    lines = list(dict.fromkeys(s for *_, s in stated))
    for i in range(len(lines), 0, -1):
        lines.insert(i, rnd.choice(FILLER))
    text = "\n".join(lines)
    starts = [sum(len(x) + 1 for x in lines[:i]) for i in range(len(lines))]
    kinds = tuple(Line("body", at, at + len(x)) for at, x in zip(starts, lines, strict=True))
    date = f"2024-{number % 12 + 1:02}-{number % 28 + 1:02}"
    title = f"News no. {number}"
    offsets = {"text": OffsetMap(((0, len(title) + 1, len(text)),))}
    identifier = article_id(title, date, text, ())
    return Article(
        identifier,
        f"news-{number}.txt",
        None,
        title,
        date,
        "field",
        "The Gazette",
        None,
        "en",
        text,
        (),
        kinds,
        offsets,
    )


def article(number: int, version: int = 0) -> Facts:
    """The facts of the article with this number; another version says some things differently."""
    rnd = random.Random(number)
    # The well-known are named more often.
    cast = {k: rnd.sample([int(POOL[k] * rnd.random() ** 2) for _ in range(9 * n)], n) for k, n in CAST.items()}
    named = {k: list(dict.fromkeys(_name(k, i) for i in numbers)) for k, numbers in cast.items()}
    while any(len(named[k]) < n for k, n in CAST.items()):
        named = {k: list(dict.fromkeys([*v, _name(k, rnd.randrange(POOL[k]))]))[: CAST[k]] for k, v in named.items()}
    if version:
        named["Person"][0] = _name("Person", (number * 7 + version) % POOL["Person"])
        rnd = random.Random(f"{number} {version}")
    stated = _sentences(named, rnd)
    its = _article(number, stated, rnd)
    entities = {}
    for kind, names in named.items():
        for name in names:
            at = _mentions(its.text, name)
            entities[name] = Entity(entity_id(its.id, kind, at[0]), kind, name, (), at)
    relations = []
    for head, kind, tail, properties, said in stated:
        start = its.text.index(said)
        h, t = entities[head].id, entities[tail].id
        evidence = Evidence("text", start, start + len(said), said, "made-up")
        identifier = relation_id("rel-", kind, h, t, properties)
        relations.append(Relation(identifier, kind, h, t, properties, (evidence,), 0.9))
    return Facts(its, tuple(entities.values()), tuple(relations))


def add(book: Ledger, number: int, version: int = 0) -> None:
    """Read an article, or a later version of it, into the ledger."""
    facts = article(number, version)
    name = facts.article.source
    book.add(facts, Origin(f"/news/{name}", name, None, sha256(facts.article.text.encode())), FINGERPRINT)


def fill(db: Path, count: int) -> Iterator[int]:
    """Read so many articles into the ledger of the workspace, one after the other."""
    with Ledger(db) as book:
        for number in range(count):
            add(book, number)
            yield number
