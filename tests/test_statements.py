"""Short texts with the facts they state, in the items a reader of news must master.

`seen.toml` was looked at while the pipeline was made; `held_out.toml` was written by somebody who had not seen its code
and was run at the end only. A learned reader is not right every time, so what is asserted are shares by item, pinned in
`floors.toml`: of the stated facts found, of the found facts right, and of the tempting ones asserted.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from ipgraph import evaluate, pipeline
from ipgraph.model import Article, article_id

FOLDER = Path(__file__).parent / "statements"
ITEMS = ("persons", "organizations", "events", "lists", "roles", "brands", "nothing")
FILES = ("seen", "held_out")
_TELLING = {"ATTENDED": "role", "ORGANIZED": "role", "HOLDS_POSITION": "title", "RECEIVED": "status"}

Stated = tuple[str, str, str, str]


def statements(name: str) -> list[dict[str, Any]]:
    """The statements of a file."""
    found: list[dict[str, Any]] = tomllib.loads((FOLDER / f"{name}.toml").read_text(encoding="utf-8"))["statement"]
    return found


def key(head: str, kind: str, tail: str, properties: Mapping[str, object]) -> Stated:
    """A fact by folded names and the property that tells facts of its type apart."""
    a, b = evaluate.norm(head), evaluate.norm(tail)
    if kind == "COOPERATES_WITH":
        a, b = sorted((a, b))
    return a, kind, b, evaluate.norm(str(properties.get(_TELLING.get(kind, ""), "")))


def found(text: str, nlp: Any) -> list[set[Stated]]:
    """The facts of a text, each as the set of its readings under all names of its ends."""
    article = Article(article_id(None, None, text, ()), "t.txt", None, None, None, None, None, None, "en", text)
    facts = pipeline.confident(pipeline.facts(article, nlp), 0.5)
    names = {e.id: (e.name, *e.aliases) for e in facts.entities}
    return [{key(h, r.type, t, r.properties) for h in names[r.head] for t in names[r.tail]} for r in facts.relations]


@pytest.fixture(scope="module", params=FILES)
def counts(request: pytest.FixtureRequest, nlp: Any) -> tuple[str, dict[str, Counter[str]]]:
    """By item: stated facts and how many were found, found facts and how many are right, tempting ones and asserted."""
    out: dict[str, Counter[str]] = {item: Counter() for item in ITEMS}
    for statement in statements(request.param):
        own = out[statement["item"]]
        stated = {key(f[0], f[1], f[2], f[3] if len(f) > 3 else {}) for f in statement["facts"]}
        got = found(statement["text"].strip(), nlp)
        own["stated"] += len(stated)
        own["found"] += sum(any(s in readings for readings in got) for s in stated)
        own["said"] += len(got)
        own["right"] += sum(bool(readings & stated) for readings in got)
        for head, kind, tail, *_ in statement.get("never", ()):
            tempting = key(head, kind, tail, {})[:3]
            own["tempting"] += 1
            own["asserted"] += any(tempting == r[:3] for readings in got for r in readings)
    return request.param, out


@pytest.mark.parametrize("name", FILES)
def test_each_item_has_its_statements(name: str) -> None:
    per = Counter(s["item"] for s in statements(name))
    assert set(per) == set(ITEMS)
    assert min(per.values()) >= 9


@pytest.mark.parametrize("name", FILES)
def test_names_stand_in_the_text(name: str) -> None:
    for statement in statements(name):
        text = evaluate.norm(statement["text"])
        for fact in (*statement["facts"], *statement.get("never", ())):
            assert evaluate.norm(fact[0]) in text
            assert evaluate.norm(fact[2]) in text


@pytest.mark.parametrize("item", ITEMS)
def test_facts_of_an_item(item: str, counts: tuple[str, dict[str, Counter[str]]]) -> None:
    name, by_item = counts
    own, floor = by_item[item], tomllib.loads((FOLDER / "floors.toml").read_text())[name][item]
    print(f"{name} {item}: {dict(own)}")
    assert own["found"] >= floor["found"], "fewer of the stated facts are found than were"
    assert own["said"] - own["right"] <= floor["false"], "more false facts than there were"
    assert own["asserted"] <= floor["asserted"], "more of the tempting facts are asserted than were"
