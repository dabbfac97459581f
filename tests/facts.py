"""Small facts for tests of everything behind the extraction: made by hand, with real sentences."""

from __future__ import annotations

from ipgraph.model import (
    Article,
    Entity,
    Evidence,
    Facts,
    Mention,
    Properties,
    Relation,
    article_id,
    entity_id,
    relation_id,
)


def article(text: str, *, source: str = "a.txt", title: str | None = None, date: str | None = None) -> Article:
    """An article of one string, read from `source`."""
    return Article(article_id(title, date, text, ()), source, None, title, date, None, None, None, "en", text)


def facts(
    text: str, names: list[tuple[str, str]], edges: list[tuple[str, str, str, Properties]], **kwargs: str
) -> Facts:
    """Facts of an article: `names` are (type, name) that stand in the text, `edges` (head, type, tail, properties)."""
    a = article(text, **kwargs)
    entities = {}
    for kind, name in names:
        at = text.index(name)
        mention = Mention("text", at, at + len(name), name)
        entities[name] = Entity(entity_id(a.id, kind, mention), kind, name, (), (mention,))
    relations = []
    for head, kind, tail, properties in edges:
        h, t = entities[head].id, entities[tail].id
        evidence = Evidence("text", 0, len(text), text, "test")
        identifier = relation_id("rel-", kind, a.id + h, t, properties)
        relations.append(Relation(identifier, kind, h, t, properties, (evidence,), 0.9))
    return Facts(a, tuple(sorted(entities.values(), key=lambda e: e.id)), tuple(sorted(relations, key=lambda r: r.id)))


FAIR = facts(
    "Ana Silva, director of the Patent Office, spoke at the Tea Fair 2024 in Porto.",
    [("Person", "Ana Silva"), ("Organization", "Patent Office"), ("Event", "Tea Fair 2024"), ("Place", "Porto")],
    [
        ("Ana Silva", "HOLDS_POSITION", "Patent Office", {"title": "director"}),
        ("Ana Silva", "ATTENDED", "Tea Fair 2024", {"role": "speaker"}),
        ("Tea Fair 2024", "HELD_IN", "Porto", {}),
    ],
    source="news/fair.txt",
    date="2024-05-02",
)
AGAIN = facts(
    "The Patent Office and the Tea Guild organized the Tea Fair 2024; Ana Silva was there.",
    [
        ("Organization", "Patent Office"),
        ("Organization", "Tea Guild"),
        ("Event", "Tea Fair 2024"),
        ("Person", "Ana Silva"),
    ],
    [
        ("Patent Office", "ORGANIZED", "Tea Fair 2024", {"role": "organizer"}),
        ("Tea Guild", "ORGANIZED", "Tea Fair 2024", {"role": "organizer"}),
        ("Ana Silva", "ATTENDED", "Tea Fair 2024", {"role": "speaker"}),
    ],
    source="news/again.txt",
    date="2024-05-03",
)
