"""The ledger: idempotent, versioned, retractable, and whole after a failure."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ipgraph.errors import StoreError, UsageError
from ipgraph.ledger import FILE, Ledger, Origin, sha256
from tests.facts import AGAIN, FAIR, facts


def _origin(name: str, data: bytes = b"x") -> Origin:
    return Origin(f"/articles/{name}", name, None, sha256(data))


def _dump(folder: Path) -> list[str]:
    with sqlite3.connect(folder / FILE) as db:
        return list(db.iterdump())


def test_adding_twice_changes_nothing(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        assert ledger.add(FAIR, _origin("fair.txt"), "v1") == "added"
        before, revision = _dump(tmp_path), ledger.revision
        assert ledger.add(FAIR, _origin("fair.txt"), "v1") == "unchanged"
        assert (_dump(tmp_path), ledger.revision) == (before, revision)
        assert ledger.known(_origin("fair.txt"), "v1")
        assert not ledger.known(_origin("fair.txt"), "v2")
        assert not ledger.known(_origin("fair.txt", b"y"), "v1")


def test_facts_come_back_as_they_went_in(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add(FAIR, _origin("fair.txt"), "v1")
        (back,) = ledger.facts()
    assert back.entities == FAIR.entities
    assert back.relations == FAIR.relations
    assert back.article.text == FAIR.article.text
    assert back.article.source == "fair.txt"


def test_changed_content_of_one_source_replaces_the_old(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add(FAIR, _origin("fair.txt"), "v1")
        assert ledger.add(AGAIN, _origin("fair.txt", b"new"), "v1") == "replaced"
        assert [a.id for a in ledger.articles()] == [AGAIN.article.id]


def test_one_text_from_two_sources_is_one_article(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add(FAIR, _origin("b.txt"), "v1")
        ledger.add(FAIR, _origin("a.txt"), "v1")
        (article,) = ledger.articles()
        assert article.source == "a.txt"
        assert ledger.sources() == {FAIR.article.id: ["/articles/a.txt", "/articles/b.txt"]}


def test_a_failed_write_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = facts("A met B.", [("Person", "A"), ("Person", "B")], [])
    double = type(broken)(broken.article, (*broken.entities, broken.entities[0]), ())
    with Ledger(tmp_path) as ledger:
        ledger.add(FAIR, _origin("fair.txt"), "v1")
        before = _dump(tmp_path)
        with pytest.raises(sqlite3.IntegrityError):
            ledger.add(double, _origin("double.txt"), "v1")
        assert _dump(tmp_path) == before


def test_remove_takes_all_that_an_article_stated(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add(FAIR, _origin("fair.txt"), "v1")
        ledger.add(AGAIN, _origin("again.txt"), "v1")
        assert ledger.remove(FAIR.article.id)
        assert not ledger.remove(FAIR.article.id)
        assert [f.article.id for f in ledger.facts()] == [AGAIN.article.id]


def test_articles_are_found_by_id_path_and_name(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add(FAIR, _origin("fair.txt"), "v1")
        for name in (FAIR.article.id, "/articles/fair.txt", "fair.txt"):
            assert ledger.one_article(name) == FAIR.article.id
        with pytest.raises(UsageError, match=r"no article 'other\.txt'"):
            ledger.one_article("other.txt")


def test_decisions_outlive_the_article(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.add(FAIR, _origin("fair.txt"), "v1")
        for _ in range(2):
            ledger.decide("wrong", FAIR.article.id, FAIR.entities[0].id, {"by": "me"})
        ledger.remove(FAIR.article.id)
        assert ledger.decisions() == [("wrong", FAIR.article.id, FAIR.entities[0].id, {"by": "me"})]


def test_redirects_lead_to_the_end_of_the_chain(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.redirect({"a": "b"})
        ledger.redirect({"b": "c"})
        assert ledger.redirects() == {"a": "c", "b": "c"}


def test_what_is_no_ledger_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / FILE).write_bytes(b"no database at all, just some bytes" * 100)
    with pytest.raises(StoreError, match="cannot open"):
        Ledger(tmp_path)
    with pytest.raises(StoreError, match="no ledger in"):
        Ledger(tmp_path / "elsewhere", create=False)


def test_a_later_layout_is_refused(tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        ledger.set_meta("layout", "99")
    with pytest.raises(StoreError, match="layout 99"):
        Ledger(tmp_path)
