"""Each query of the library against its answer by NetworkX, on both stores."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import Any

import networkx as nx
import pytest

from ipgraph import query, store
from ipgraph.errors import UsageError
from ipgraph.model import NODES
from tests.query_answers import ANSWERS
from tests.store_graphs import graph
from tests.store_targets import BOTH, opened

GRAPH = graph(150, 1100)
for _kind in NODES:
    GRAPH.add_node(f"lonely-{_kind}", kind=_kind, name=f"Lonely {_kind}", aliases=[])
HOSTILE = "x'}) DETACH DELETE n //\"`}) MATCH (n) SET n.name = '$name' RETURN n;\\u0027 \x00 é"


@pytest.fixture(scope="module", params=BOTH)
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[store.Store]:
    for s in opened(request.param, tmp_path_factory.mktemp("db")):
        store.sync(GRAPH, s, "w")
        yield s


def _canonical(rows: list[Any]) -> list[str]:
    return sorted(json.dumps(r, ensure_ascii=False) for r in rows)


def _check_path(g: nx.MultiDiGraph, row: dict[str, Any]) -> None:
    assert len(row["names"]) == row["length"] + 1
    ids = {d["name"]: n for n, d in g.nodes(data=True)}
    for a, kind, b in zip(row["names"], row["types"], row["names"][1:], strict=False):
        x, y = ids[a], ids[b]
        both = [*g.get_edge_data(x, y, default={}).values(), *g.get_edge_data(y, x, default={}).values()]
        assert kind in {d["type"] for d in both}


def check(g: nx.MultiDiGraph, s: store.Store, name: str, parameters: dict[str, Any]) -> int:
    """Compare one answer with brute force; the number of its rows."""
    answer = query.run(s, name, parameters)
    if name == "path":
        for row in answer.rows:
            _check_path(g, row)
        got: list[Any] = [(r["length"],) for r in answer.rows]
    else:
        got = [tuple(r[c] for c in answer.columns) for r in answer.rows]
    assert _canonical(got) == _canonical(ANSWERS[name](g, parameters)), (name, parameters)
    return len(got)


def candidates(g: nx.MultiDiGraph, parameter: query.Parameter) -> list[Any]:
    """Values that a parameter may have in the graph."""
    if parameter.entity:
        return [n for n, d in g.nodes(data=True) if d["kind"] in parameter.kinds]
    if parameter.kinds == ("date",):
        return ["2021-03-01", "2022-07-15"] if parameter.name == "from" else ["2023-01-31", "2024-12-31"]
    return [3, 7] if parameter.kinds == ("number",) else [d["id"] for _, _, d in g.edges(data=True)]


def choices(g: nx.MultiDiGraph, known: query.Query) -> Iterator[dict[str, Any]]:
    """Parameter values, a few dozen: every value of the first, the others in step with it."""
    listed = [candidates(g, p) for p in known.parameters]
    for i, _ in enumerate(listed[0]):
        yield {
            p.name: v[(i * (k + 1) + k) % len(v)] for k, (p, v) in enumerate(zip(known.parameters, listed, strict=True))
        }


def test_every_query_has_an_answer_to_compare_with() -> None:
    assert {q.name for q in query.library()} == set(ANSWERS)
    assert len(ANSWERS) >= 18


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_full_answer(target: store.Store, name: str) -> None:
    known = query.named(name)
    assert known
    best = max(choices(GRAPH, known), key=lambda p: len(ANSWERS[name](GRAPH, p)) if name != "path" else 0)
    rows = check(GRAPH, target, name, best)
    # A shortest path, and the sentences of one edge, are as many as they are.
    assert rows >= {"path": 1, "evidence": 3}.get(name, 3)


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_an_answer_without_rows(target: store.Store, name: str) -> None:
    known = query.named(name)
    assert known
    special = {
        "events": {"from": "1901-01-01", "to": "1902-01-01"},
        "evidence": {"edge": "edg-none"},
        "top-organizations": {"limit": "0"},
        "cooperation": {"limit": "0"},
        "path": {"from": "lonely-Person", "to": "Lonely Event"},
    }
    given = special.get(name) or {p.name: f"lonely {p.kinds[0]}" for p in known.parameters}
    answer = query.run(target, name, given)
    assert (answer.rows, answer.columns) == ([], known.columns)


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_a_hostile_parameter(target: store.Store, name: str) -> None:
    known = query.named(name)
    assert known
    for hostile in (HOSTILE, "", "*", "$event", "' OR 1=1", "�" * 2000):
        # Either it is told what is wrong with the value, or nothing is found.
        with contextlib.suppress(UsageError):
            assert query.run(target, name, {p.name: hostile for p in known.parameters}).rows == []
    assert len(query.run(target, "MATCH (n) WHERE n.ipgraph_hash IS NOT NULL RETURN n.id").rows) == len(GRAPH)


def test_names_aliases_and_any_case(target: store.Store) -> None:
    by_id = query.run(target, "attended", {"event": "eve-000002"}).rows
    for name in ("Event Nº 2", "EVENT Nº 2", "event nº 2", "e2", "E2", "Event  No 2", "the event nº 2"):
        assert query.run(target, "attended", {"event": name}).rows == by_id, name


def test_ambiguous_unknown_and_misplaced_names(target: store.Store) -> None:
    with pytest.raises(UsageError, match=r"may be .* things: .*give the id"):
        query.run(target, "ties", {"name": 'the "2"'})
    with pytest.raises(UsageError, match=r"no Event is named 'Evnt 2'.*near by: .*Event"):
        query.run(target, "attended", {"event": "Evnt 2"})
    with pytest.raises(UsageError, match=r"is a Person; event takes Event"):
        query.run(target, "attended", {"event": "Person Nº 3"})


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("atended", {}, "near by: attended"),
        ("attended", {}, "needs event"),
        ("attended", {"evt": "x"}, "no parameter 'evt'"),
        ("events", {"from": "yesterday"}, "is no date"),
        ("top-organizations", {"limit": "-1"}, "is no number"),
    ],
)
def test_wrong_calls_say_what_to_try(target: store.Store, name: str, parameters: dict[str, str], message: str) -> None:
    with pytest.raises(UsageError, match=message):
        query.run(target, name, parameters)


@pytest.fixture(scope="module", params=BOTH)
def changing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[store.Store]:
    yield from opened(request.param, tmp_path_factory.mktemp("db"))


@pytest.mark.parametrize("seed", range(12))
def test_random_graphs_against_brute_force(changing: store.Store, seed: int) -> None:
    """One store takes graph after graph, so this tries the retractions of sync too."""
    g = graph(40 + 4 * seed, 150 + 20 * seed, seed=100 + seed)
    store.sync(g, changing, "w")
    for known in query.library():
        for parameters in list(choices(g, known))[seed % 3 : 40 : 9]:
            check(g, changing, known.name, parameters)
