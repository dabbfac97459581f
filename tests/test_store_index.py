"""The index beside the ledger: after whatever changes it is as if it had been made of the whole graph at once."""

from __future__ import annotations

import random
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ipgraph import graph, store
from ipgraph.ledger import Ledger, Origin
from ipgraph.model import Article, Entity, Evidence, Facts, Mention, Relation, article_id, entity_id, relation_id
from ipgraph.store import index, rows
from tests import store_articles
from tests.store_targets import BOTH, content, opened

NAMES = {
    "Person": ["Ana Silva", "Silva", "Bo Lindqvist", "ANA SILVA", "Lindqvist"],
    "Organization": [
        "Patent Office",
        "PO",
        "Tea Guild",
        "The Patent Office",
        "TG",
        "Legal Department",
        "Port Office",
        "Po",
    ],
    "Event": ["Tea Fair 2024", "Tea Fair of the North", "the ceremony", "Tea Fair"],
    "Place": ["Porto", "Lund"],
}
TIES = (
    ("Person", "ATTENDED", "Event"),
    ("Person", "HOLDS_POSITION", "Organization"),
    ("Organization", "PART_OF", "Organization"),
    ("Organization", "COOPERATES_WITH", "Organization"),
    ("Organization", "ORGANIZED", "Event"),
    ("Event", "HELD_IN", "Place"),
)


def _facts(rnd: random.Random) -> Facts:
    """An article of few names, many of which stand for the same thing, or for two."""
    text = f"Article {rnd.randrange(10**9)}. " + " ".join(n for listed in NAMES.values() for n in listed)
    date = rnd.choice((None, "2024-01-05", "2023-02-06"))
    its = Article(article_id(None, date, text, ()), "a.txt", None, None, date, None, None, None, "en", text)
    entities: list[Entity] = []
    for i in range(rnd.randint(1, 7)):
        kind = rnd.choice(list(NAMES))
        name, *aliases = rnd.sample(NAMES[kind], rnd.randint(1, 2))
        first = Mention("text", i, i + 1, name)
        mentions = tuple(sorted({first, Mention("text", rnd.randint(10, 99), 100, name)}))
        properties: dict[str, Any] = {"date": rnd.choice(("2023-05", "2024"))} if rnd.random() < 0.5 else {}
        properties = properties if kind == "Event" else {}
        entities.append(Entity(entity_id(its.id, kind, first), kind, name, tuple(aliases), mentions, properties))
    relations = []
    for _ in range(rnd.randint(0, 6)):
        head_kind, kind, tail_kind = rnd.choice(TIES)
        heads, tails = ([e for e in entities if e.type == k] for k in (head_kind, tail_kind))
        if heads and tails and (head := rnd.choice(heads)) != (tail := rnd.choice(tails)):
            role = {"role": rnd.choice(("speaker", "attendee"))} if kind == "ATTENDED" else {}
            evidence = Evidence("text", 0, 9, text[:9], "made-up")
            identifier = relation_id("rel-", kind, head.id, tail.id, role)
            confidence = rnd.choice((0.4, 0.7, 0.9))
            relations.append(Relation(identifier, kind, head.id, tail.id, role, (evidence,), confidence))
    unique = {r.id: r for r in relations}
    return Facts(its, tuple(sorted(entities, key=lambda e: e.id)), tuple(unique.values()))


def _change(book: Ledger, rnd: random.Random) -> None:
    listed = [a.id for a in book.articles()]
    if listed and rnd.random() < 0.3:
        book.remove(rnd.choice(listed))
        return
    name = f"{rnd.randrange(12)}.txt"
    book.add(_facts(rnd), Origin(f"/{name}", name, None, str(rnd.random())), rnd.choice("fg"))


def _as_one(wanted: rows.Wanted) -> list[Any]:
    def listed(buckets: rows.Buckets) -> list[Any]:
        held = [(b, r.identity, r.group, r.hash, str(sorted(r.values.items()))) for b in buckets for r in buckets[b]]
        return sorted(held)

    return [listed(wanted.nodes), listed(wanted.edges), wanted.node_digests, wanted.edge_digests]


def _check(book: Ledger, least: float) -> None:
    with index.opened(book, "w", least) as held, held.wanted() as wanted:
        assert held.revision == str(book.revision)
        assert _as_one(wanted) == _as_one(rows.wanted(graph.build(book.facts(), min_confidence=least)))


@pytest.mark.parametrize("seed", range(20))
def test_it_follows_the_ledger_as_if_made_at_once(seed: int, tmp_path: Path) -> None:
    rnd = random.Random(seed)
    with Ledger(tmp_path) as book:
        for _ in range(25):
            for _ in range(rnd.choice((1, 1, 3))):
                _change(book, rnd)
            _check(book, 0.5)


def test_another_confidence_a_broken_file_and_a_missing_one(tmp_path: Path) -> None:
    with Ledger(tmp_path) as book:
        for number in range(20):
            store_articles.add(book, number)
        for least in (0.5, 0.95, 0.0):
            _check(book, least)
        (tmp_path / index.FILE).write_bytes(b"broken" * 1000)
        _check(book, 0.5)
        index.drop(tmp_path)
        _check(book, 0.5)
        with sqlite3.connect(tmp_path / index.FILE) as db:
            db.execute("UPDATE meta SET value = 'another version' WHERE key = 'made of'")
            db.execute("DELETE FROM row")
        _check(book, 0.5)


def test_many_open_it_at_the_same_time(tmp_path: Path) -> None:
    for number in store_articles.fill(tmp_path, 15):
        assert number < 15
    digests: list[list[str]] = []
    errors: list[Exception] = []

    def work() -> None:
        try:
            with Ledger(tmp_path) as book, index.opened(book, "w", 0.5) as held, held.wanted() as wanted:
                digests.append(wanted.edge_digests)
        except Exception as e:
            errors.append(e)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert errors == []
    assert digests == [digests[0]] * 6


def test_where_nothing_may_be_written_it_serves_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Ledger(tmp_path) as book:
        store_articles.add(book, 1)
        monkeypatch.setattr(index.os, "access", lambda *_: False)
        _check(book, 0.5)
    assert not (tmp_path / index.FILE).exists()


def _rows_by_id(book: Ledger) -> set[tuple[tuple[str, ...], str]]:
    with index.opened(book, "w", 0.5) as held, held.wanted() as wanted:
        return {(r.identity, r.hash) for sort in (wanted.nodes, wanted.edges) for b in sort for r in sort[b]}


def _fresh(book: Ledger, folder: Path) -> tuple[list[Any], list[Any]]:
    """What a store holds that gets the whole graph at once."""
    with store.open(folder) as s:
        store.sync(graph.build(book.facts(), min_confidence=0.5), s, "w")
        return content(s)


def test_a_changed_article_rewrites_only_what_it_touches(tmp_path: Path) -> None:
    with Ledger(tmp_path) as book:
        for number in range(40):
            store_articles.add(book, number)
        before = _rows_by_id(book)
        store_articles.add(book, 7, version=1)
        assert len(before) > 1500
        assert len(before ^ _rows_by_id(book)) < 200


@pytest.mark.parametrize("target", BOTH, indirect=True)
def test_stores_of_different_age_follow_one_index(target: store.Store, tmp_path: Path) -> None:
    with Ledger(tmp_path) as book, store.open(tmp_path / "second") as second:
        for number in range(30):
            store_articles.add(book, number)
        store.refresh(tmp_path, target, 0.5)
        store_articles.add(book, 7, version=1)
        store.refresh(tmp_path, second, 0.5)
        store_articles.add(book, 8, version=1)
        book.remove(store_articles.article(9).article.id)
        report = store.refresh(tmp_path, target, 0.5)
        assert report.nodes.removed >= 3
        assert report.edges.created + report.edges.updated + report.edges.removed < 300
        store.refresh(tmp_path, second, 0.5)
        wanted = _fresh(book, tmp_path / "fresh")
        assert content(target) == wanted
        assert content(second) == wanted
        assert not store.refresh(tmp_path, target, 0.5, verify=True).changed


@pytest.fixture
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[store.Store]:
    yield from opened(request.param, tmp_path / "first")
