"""Sync on both stores: what it writes, what it takes back, what it must never touch, and what survives a cut."""

from __future__ import annotations

import contextlib
import random
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pytest

from ipgraph import store
from ipgraph.errors import StoreError, UsageError
from ipgraph.store import statements, syncing
from tests.proxy import Proxy
from tests.store_graphs import graph
from tests.store_targets import BOTH, ask, content, opened


@pytest.fixture(params=BOTH)
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[store.Store]:
    yield from opened(request.param, tmp_path / "db")


def _expected(g: nx.MultiDiGraph) -> tuple[set[str], set[tuple[str, str, str, str]]]:
    return set(g.nodes), {(a, d["type"], b, k) for a, b, k, d in g.edges(keys=True, data=True)}


def _stored(target: store.Store) -> tuple[set[str], set[tuple[str, str, str, str]]]:
    nodes, edges = content(target)
    ids = [dict(n[-1])["id"] for n in nodes]
    keys = [(e[1], e[2], e[3], dict(e[-1])["id"]) for e in edges]
    assert len(ids) == len(set(ids))
    assert len(keys) == len(set(keys))
    return set(ids), set(keys)


def _changed(g: nx.MultiDiGraph) -> nx.MultiDiGraph:
    """Another state of the same corpus: things gone, changed and new."""
    out = g.copy()
    out.remove_nodes_from(list(out)[3:40:7])
    out.remove_edges_from(list(out.edges(keys=True))[::9])
    for n in list(out)[::5]:
        out.nodes[n]["name"] += " renamed"
    for _, _, d in list(out.edges(data=True))[::6]:
        d["starts"] = [s + 1 for s in d["starts"]]
        d.pop("role", None)
    out.add_node("per-new", kind="Person", name="New", aliases=[])
    event = next(n for n, d in out.nodes(data=True) if d["kind"] == "Event")
    out.add_edge("per-new", event, "edg-new", type="ATTENDED", id="edg-new", sentences=["S."], confidence=0.5)
    return out


def test_creates_updates_retracts_and_then_rests(target: store.Store) -> None:
    g = graph(80, 300)
    first = store.sync(g, target, "w", revision="1")
    assert (first.nodes.created, first.edges.created) == (len(g), g.number_of_edges())
    assert _stored(target) == _expected(g)
    again = store.sync(g, target, "w", revision="1")
    assert not again.changed
    assert again.batches == 0
    h = _changed(g)
    told = store.sync(h, target, "w", revision="2", dry_run=True)
    assert _stored(target) == _expected(g)
    done = store.sync(h, target, "w", revision="2")
    assert (told.nodes, told.edges) == (done.nodes, done.edges)
    assert done.nodes.removed == 6
    assert done.edges.updated > 10
    assert _stored(target) == _expected(h)
    assert store.revision(target, "w") == "2"


def test_a_synced_store_equals_one_that_got_it_at_once(target: store.Store, tmp_path: Path) -> None:
    g = graph(60, 200)
    for state in (graph(50, 150, seed=9), g, _changed(g)):
        store.sync(state, target, "w")
    with store.open(tmp_path / "other") as other:
        store.sync(_changed(g), other, "w")
        assert content(other) == content(target)


def test_an_empty_graph_empties_the_workspace(target: store.Store) -> None:
    store.sync(graph(50, 150), target, "w")
    store.sync(nx.MultiDiGraph(), target, "w")
    assert content(target) == ([], [])
    assert [r["l"] for r in ask(target, "MATCH (n) RETURN labels(n) AS l")] == [["IpgraphState"]]


def _plant(target: store.Store, g: nx.MultiDiGraph) -> None:
    """What a user may have there: 50 nodes, some with our labels, names and ids, tied to each other and to ours."""
    person = next(n for n, d in g.nodes(data=True) if d["kind"] == "Person")
    for i in range(50):
        label = ("Person", "Customer", "Event", "Organization", "Article")[i % 5]
        name = g.nodes[person]["name"] if label == "Person" else f"Foreign {i}"
        identifier = person if i in (0, 5) else f"f{i}"
        ask(target, f"CREATE (n:{label} {{name: $name, id: $id, mine: $i}})", name=name, id=identifier, i=i)
    ask(target, "MATCH (a:Customer), (b:Person) WHERE b.mine IS NOT NULL CREATE (a)-[:KNOWS {since: 1999}]->(b)")
    ask(target, "MATCH (a:Person {mine: 0}), (b:Event {mine: 2}) CREATE (a)-[:ATTENDED {role: 'mine'}]->(b)")


def _foreign(target: store.Store) -> list[Any]:
    nodes = ask(target, "MATCH (n) WHERE n.mine IS NOT NULL RETURN labels(n) AS l, properties(n) AS p")
    edges = ask(
        target,
        "MATCH (a)-[r]->(b) WHERE a.mine IS NOT NULL AND b.mine IS NOT NULL AND r.ipgraph_hash IS NULL"
        " RETURN a.mine AS a, type(r) AS t, b.mine AS b, properties(r) AS p",
    )
    return [sorted(map(str, nodes)), sorted(map(str, edges))]


def test_what_others_keep_stays_untouched(target: store.Store) -> None:
    g = graph(60, 200)
    _plant(target, g)
    before = _foreign(target)
    for state in (g, g, _changed(g), nx.MultiDiGraph()):
        store.sync(state, target, "w")
        assert _foreign(target) == before
    assert content(target) == ([], [])


def test_properties_and_ties_that_users_add_to_ours_survive(target: store.Store) -> None:
    g = graph(60, 200)
    store.sync(g, target, "w")
    a, b, key = next((a, b, k) for a, b, k, d in g.edges(keys=True, data=True) if d["type"] == "ATTENDED")
    lone = next(n for n in g if n not in (a, b))
    ask(target, "MATCH (n {id: $id}) SET n.note = 'checked', n.stars = 5", id=a)
    ask(target, "MATCH (n {id: $id}) CREATE (n)<-[:REVIEWS {by: 'me'}]-(:Customer {mine: 1})", id=lone)
    ask(target, "MATCH (n {id: $a})-[r:ATTENDED {id: $key}]->() SET r.seen = true", a=a, key=key)
    labelled = next(n for n in g if n not in (a, b, lone) and g.degree(n))
    ask(target, "MATCH (n {id: $id}) SET n:Checked", id=labelled)
    h = g.copy()
    h.nodes[a]["name"] = "Renamed"
    for state in (h, g, nx.MultiDiGraph(), g):
        store.sync(state, target, "w")
        assert ask(target, "MATCH (n {id: $id}) RETURN n.note AS note, n.stars AS s", id=a) == [
            {"note": "checked", "s": 5}
        ]
        assert ask(target, "MATCH ({id: $id})<-[r:REVIEWS]-(c) RETURN r.by AS by, c.mine AS m", id=lone) == [
            {"by": "me", "m": 1}
        ]
        assert "Checked" in ask(target, "MATCH (n {id: $id}) RETURN labels(n) AS l", id=labelled)[0]["l"]
        assert ask(
            target, "MATCH ({id: $a})-[r:ATTENDED]->({id: $b}) WHERE r.id = $k RETURN r.seen AS s", a=a, b=b, k=key
        ) == [{"s": True}]
    assert _stored(target) == _expected(g)


def test_two_workspaces_in_one_database(target: store.Store) -> None:
    one, two = graph(40, 120, seed=1), graph(40, 120, seed=2)
    store.sync(one, target, "one")
    store.sync(two, target, "two")
    store.sync(nx.MultiDiGraph(), target, "one")
    assert _stored(target) == _expected(two)


def test_verify_mends_what_others_deleted(target: store.Store) -> None:
    g = graph(40, 120)
    store.sync(g, target, "w")
    ask(target, "MATCH (n:Event) DETACH DELETE n")
    assert not store.sync(g, target, "w").changed
    assert store.sync(g, target, "w", verify=True).changed
    assert _stored(target) == _expected(g)


def test_two_syncs_at_a_time_end_in_line(target: store.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syncing, "TRANSACTION", 60)
    g = graph(80, 400)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            store.sync(g, target, "w", revision="r")
        except BaseException as e:
            errors.append(e)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert not errors
    assert _stored(target) == _expected(g)


def _through(target: store.Store, proxy: Proxy) -> store.Store:
    """The same store, reached through the proxy."""
    where = target.writer
    return store.Store(store.Address(f"bolt://127.0.0.1:{proxy.port}", where.user, where.password, where.database))


def _undisturbed(target: store.Store, g: nx.MultiDiGraph) -> tuple[list[Any], list[Any]]:
    """What a sync of the graph into the empty store leaves there, down to the last property."""
    store.sync(g, target, "w")
    held = content(target)
    store.sync(nx.MultiDiGraph(), target, "w")
    assert content(target) == ([], [])
    return held


def cuts(target: store.Store, times: int, seed: int, monkeypatch: pytest.MonkeyPatch, *, size: int) -> int:
    """Sync through a proxy that cuts at random moments, then compare; how many cuts fell into the syncs."""
    monkeypatch.setattr(syncing, "TRANSACTION", 40)
    monkeypatch.setattr(syncing, "PAUSE", 0.002)
    rnd = random.Random(seed)
    states = [graph(size, 4 * size, seed=1), _changed(graph(size, 4 * size, seed=1))]
    wanted = [_undisturbed(target, g) for g in states]
    done = rounds = 0
    while done < times:
        g = states[rounds % 2]
        rounds += 1
        proxy = Proxy(int(target.writer.url.rpartition(":")[2]))
        with proxy:
            proxy.cut_after(lambda: rnd.randint(1_000, 120_000))
            # Some syncs give up for good, and another one goes on; some get through their cuts by themselves.
            for _ in range(3):
                with contextlib.suppress(StoreError):
                    store.sync(g, _through(target, proxy), "w", revision=str(rounds))
                    break
            proxy.cut_after(None)
            store.sync(g, _through(target, proxy), "w", revision=str(rounds))
        done += proxy.cuts
        assert _stored(target) == _expected(g)
        assert content(target) == wanted[(rounds - 1) % 2]
        assert store.revision(target, "w") == str(rounds)
    return done


def test_after_cuts_it_is_as_if_there_were_none(target: store.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cuts(target, 8, 1, monkeypatch, size=60) >= 8


@pytest.mark.slow
def test_after_fifty_cuts(target: store.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cuts(target, 50, 2, monkeypatch, size=150) >= 50


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"kind": "Alien"}, "known are Person"),
        ({"aliases": [{"a": 1}]}, "plain values"),
        ({"name": {"a": 1}}, "plain values"),
    ],
)
def test_a_graph_that_no_store_could_take_is_refused_before(
    change: dict[str, Any], message: str, tmp_path: Path
) -> None:
    g = nx.MultiDiGraph()
    g.add_node("a", **({"kind": "Person", "name": "A", "aliases": []} | change))
    with store.open(tmp_path) as s:
        with pytest.raises(UsageError, match=message):
            store.sync(g, s, "w")
        with pytest.raises(StoreError, match="workspace"):
            store.sync(nx.MultiDiGraph(), s, "a/b")


def test_an_address_comes_from_the_environment_and_never_shows_its_password(tmp_path: Path) -> None:
    env = {
        "NEO4J_URI": "neo4j+s://x.example.org",
        "NEO4J_USERNAME": "me",
        "NEO4J_PASSWORD": "s3cret",
        "NEO4J_DATABASE": "news",
    }
    a = store.address(env=env)
    assert (a.url, a.user, a.password, a.database) == ("neo4j+s://x.example.org", "me", "s3cret", "news")
    assert "s3cret" not in repr(a)
    assert store.address("bolt://h:1", database="d", env=env).database == "d"
    file = tmp_path / "Neo4j.txt"
    file.write_text("# of the cloud\n" + "".join(f'{k}="{v}"\n' for k, v in env.items()))
    assert store.address(credentials=file, env={"NEO4J_PASSWORD": "of another"}) == a
    for url in ("http://localhost:7474", "localhost", "bolt://me:pw@localhost"):
        with pytest.raises(UsageError):
            store.address(url, env=env)


AURA = """\
# Wait 60 seconds before connecting using these details, or login to https://console.neo4j.io to validate the Aura \
Instance is available
NEO4J_URI=neo4j+s://0a1b2c3d.databases.neo4j.io
NEO4J_USERNAME=0a1b2c3d
NEO4J_PASSWORD=Xq-9_zR#k=L2mNo4PqRsTuVwXyZ0123456789aBcDeF
NEO4J_DATABASE=0a1b2c3d
AURA_INSTANCEID=0a1b2c3d
AURA_INSTANCENAME=Instance01
"""


@pytest.mark.parametrize("text", [AURA, AURA.replace("\n", "\r\n"), "\ufeff" + AURA, AURA.rstrip()])
def test_the_credentials_file_of_aura_is_understood(text: str, tmp_path: Path) -> None:
    file = tmp_path / "Neo4j-0a1b2c3d-Created-2026-11-28.txt"
    file.write_bytes(text.encode())
    a = store.address(credentials=file, env={})
    assert (a.url, a.user, a.database) == ("neo4j+s://0a1b2c3d.databases.neo4j.io", "0a1b2c3d", "0a1b2c3d")
    assert a.password == "Xq-9_zR#k=L2mNo4PqRsTuVwXyZ0123456789aBcDeF"
    assert store.address("bolt://h:1", database="d", credentials=file, env={}).url == "bolt://h:1"
    with pytest.raises(UsageError, match="cannot read credentials"):
        store.address(credentials=tmp_path / "none.txt", env={})


def test_a_store_that_is_not_there_is_told_in_one_line(tmp_path: Path) -> None:
    with store.open(tmp_path, store.Address("bolt://127.0.0.1:1", "a", "b")) as s:
        with pytest.raises(StoreError, match="cannot be reached") as e:
            store.revision(s, "w")
        assert "\n" not in str(e.value)


def test_the_constraints_file_says_what_sync_makes() -> None:
    file = Path(__file__).parent.parent / "cypher" / "constraints.cypher"
    lines = file.read_text(encoding="utf-8").splitlines()
    assert [line.removesuffix(";") for line in lines if not line.startswith("//")] == list(statements.schema())
