"""Networks, their pages and figures: what ties whom, what is left out and said so, and that nothing in a name runs."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from ipgraph import graph as graphs
from ipgraph.errors import UsageError
from ipgraph.graph import Graph
from ipgraph.ledger import Ledger, Origin
from ipgraph.model import Facts
from ipgraph.view import KINDS, Network, Wish, figure, network
from ipgraph.view import article as articles
from ipgraph.view.figure import svg
from ipgraph.view.layout import APART, positions
from ipgraph.view.page import page
from tests.conftest import Run
from tests.facts import AGAIN, FAIR, facts

UNION = facts(
    "Bo Li sits on the boards of the Coffee Union and the Tea Guild, which is part of the Coffee Union. "
    "The Coffee Union and the Patent Office cooperate. Both the Tea Guild and the Coffee Union sell Karibu Gold.",
    [
        ("Person", "Bo Li"),
        ("Organization", "Coffee Union"),
        ("Organization", "Tea Guild"),
        ("Organization", "Patent Office"),
        ("Brand", "Karibu Gold"),
    ],
    [
        ("Bo Li", "HOLDS_POSITION", "Coffee Union", {"title": "board member"}),
        ("Bo Li", "HOLDS_POSITION", "Tea Guild", {"title": "board member"}),
        ("Tea Guild", "PART_OF", "Coffee Union", {}),
        ("Coffee Union", "COOPERATES_WITH", "Patent Office", {}),
        ("Coffee Union", "OWNS_BRAND", "Karibu Gold", {}),
        ("Tea Guild", "OWNS_BRAND", "Karibu Gold", {}),
    ],
    source="news/union.txt",
    date="2025-01-20",
)
ALL = (FAIR, AGAIN, UNION)


@pytest.fixture
def graph() -> Graph:
    return graphs.build(ALL)


def _ties(net: Network) -> set[tuple[str, str, str]]:
    name = {n: d["name"] for n, d in net.graph.nodes(data=True)}
    return {(x.kind, *sorted((name[x.a], name[x.b]))) for x in net.links}  # type: ignore[misc]


def _names(net: Network) -> set[str]:
    return {net.graph.nodes[n]["name"] for n in net.nodes}


def _data(text: str) -> Any:
    return json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[0])


def test_organizations_are_tied_by_events_people_brands_and_what_is_stated(graph: Graph) -> None:
    assert _ties(network(graph, "organizations")) == {
        ("event", "Patent Office", "Tea Guild"),
        ("person", "Coffee Union", "Tea Guild"),
        ("part-of", "Coffee Union", "Tea Guild"),
        ("brand", "Coffee Union", "Tea Guild"),
        ("cooperation", "Coffee Union", "Patent Office"),
    }


def test_their_people_meet_only_where_two_of_them_were_there() -> None:
    """One person of two organizations at an event is no meeting of the two; a second person makes it one."""
    text = "Ana Silva of the Patent Office and the Tea Guild, and Bo Li of the Tea Guild, were at the Tea Fair."
    names = [("Person", "Ana Silva"), ("Person", "Bo Li"), ("Organization", "Patent Office"),
             ("Organization", "Tea Guild"), ("Event", "Tea Fair")]  # fmt: skip
    one: list[Any] = [
        ("Ana Silva", "HOLDS_POSITION", "Patent Office", {}),
        ("Ana Silva", "HOLDS_POSITION", "Tea Guild", {}),
        ("Ana Silva", "ATTENDED", "Tea Fair", {}),
    ]
    two = [*one, ("Bo Li", "HOLDS_POSITION", "Tea Guild", {}), ("Bo Li", "ATTENDED", "Tea Fair", {})]
    assert {k for k, *_ in _ties(network(graphs.build([facts(text, names, one)]), "organizations"))} == {"person"}
    assert "met" in {k for k, *_ in _ties(network(graphs.build([facts(text, names, two)]), "organizations"))}


def test_people_are_tied_by_events_and_organizations() -> None:
    text = "Ana Silva and Bo Li spoke at the Tea Fair; Bo Li and Cy Ek work at the Tea Guild."
    names = [("Person", "Ana Silva"), ("Person", "Bo Li"), ("Person", "Cy Ek"), ("Event", "Tea Fair"),
             ("Organization", "Tea Guild")]  # fmt: skip
    edges: list[Any] = [
        ("Ana Silva", "ATTENDED", "Tea Fair", {"role": "speaker"}),
        ("Bo Li", "ATTENDED", "Tea Fair", {"role": "speaker"}),
        ("Bo Li", "HOLDS_POSITION", "Tea Guild", {}),
        ("Cy Ek", "HOLDS_POSITION", "Tea Guild", {}),
    ]
    net = network(graphs.build([facts(text, names, edges)]), "people")
    assert _ties(net) == {("event", "Ana Silva", "Bo Li"), ("organization", "Bo Li", "Cy Ek")}


def test_events_show_participants_by_role(graph: Graph) -> None:
    assert _ties(network(graph, "events")) >= {
        ("spoke", "Ana Silva", "Tea Fair 2024"),
        ("organized", "Tea Fair 2024", "Tea Guild"),
        ("position", "Ana Silva", "Patent Office"),
    }


def test_every_tie_rests_on_edges_with_sentences(graph: Graph) -> None:
    for kind in ("organizations", "events"):
        net = network(graph, kind)
        for link in net.links:
            behind = [*link.facts, *(f for n in (link.a, link.b) for t in link.through
                                     for f in net.reach.get((link.kind, n, t), ()))]  # fmt: skip
            assert behind
            assert all(net.edges[f][2]["sentences"] for f in behind)


def test_around_a_name_hops_types_and_weight(graph: Graph) -> None:
    assert _names(network(graph, "organizations", Wish(around="Patent Office", types=("event",)))) == {
        "Patent Office",
        "Tea Guild",
    }
    assert len(network(graph, "organizations", Wish(around="Patent Office", hops=2)).nodes) == 3
    assert _names(network(graph, "organizations", Wish(around="Karibu Gold", hops=0))) == {"Coffee Union", "Tea Guild"}
    assert {k for k, *_ in _ties(network(graph, "organizations", Wish(types=("OWNS_BRAND",))))} == {"brand"}
    assert _names(network(graph, "organizations", Wish(min_weight=3))) == {"Coffee Union", "Tea Guild"}


def test_as_of_a_day_only_what_was_so(graph: Graph) -> None:
    assert {k for k, *_ in _ties(network(graph, "organizations", Wish(as_of="2024-12-31")))} == {"event"}
    with pytest.raises(UsageError, match="no ties between organizations"):
        network(graph, "organizations", Wish(as_of="2019"))


def test_what_is_left_out_is_said(graph: Graph) -> None:
    net = network(graph, "organizations", Wish(max_nodes=2))
    assert len(net.nodes) == 2
    assert "2 of 3 organizations" in net.notes[0]
    assert "--max-nodes 3" in net.notes[0]


def test_an_unknown_type_names_the_known_ones(graph: Graph) -> None:
    with pytest.raises(UsageError, match=r"no type 'lunch'.*cooperation.*ATTENDED"):
        network(graph, "organizations", Wish(types=("lunch",)))


def _many(count: int) -> Graph:
    graph = Graph()
    graph.add_node("art", kind="Article", name="News", aliases=[], published="2024-01-01")
    for i in range(count):
        graph.add_node(f"org{i:04}", kind="Organization", name=f"Body {i}", aliases=[])
    pairs = {(i, (i * 7 + 1) % count) for i in range(count)} | {(i, i // 2) for i in range(1, count)}
    for i, j in sorted(pairs):
        if i != j:
            data = {"type": "COOPERATES_WITH", "id": f"e{i}-{j}", "article_ids": ["art"], "sentences": ["They meet."]}
            graph.add_edge(f"org{i:04}", f"org{j:04}", key=data["id"], confidence=0.9, **data)
    return graph


@pytest.mark.parametrize("count", [2, 40, 700])
def test_nodes_keep_their_distance_and_places_are_the_same_each_time(count: int) -> None:
    net = network(_many(count), "organizations", Wish(max_nodes=count))
    place = positions(net)
    assert place == positions(net)
    points = sorted(place.values())
    close = sum(
        (a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 < (APART * 0.7) ** 2
        for i, a in enumerate(points)
        for b in points[i + 1 :]
        if b[0] - a[0] < APART
    )
    assert close <= count * 0.02


def test_the_same_graph_gives_the_same_bytes_in_another_process() -> None:
    code = (
        "import hashlib; from tests.test_view import *; g = graphs.build(reversed(ALL));"
        "print([hashlib.sha256((page(network(g, k)) + svg(network(g, k))).encode()).hexdigest()"
        " for k in ('organizations', 'events')])"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env=os.environ | {"PYTHONHASHSEED": s},
        ).stdout
        for s in ("1", "2")
    }
    assert len(runs) == 1


def test_the_page_seals_itself(graph: Graph) -> None:
    text = page(network(graph, "organizations"))
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for kind in ("script", "style"):
        (body,) = re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
        assert f"{kind}-src 'sha256-{base64.b64encode(hashlib.sha256(body.encode()).digest()).decode()}'" in policy
    assert not re.findall('(?:src|href)="(?!data:|#)', text.split('id="data"')[0])
    assert "innerHTML" not in text
    assert "eval(" not in text


HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<img src=x onerror=alert(1)>",
    "a\u2028b\u2029c",
    "\"'`${x}\\",
    "&lt;b&gt;",
    "\u202egnp.exe",
    "{{policy}} {{data}} {{body}}",
]


def _named(name: str) -> Graph:
    graph = _many(3)
    graph.nodes["org0000"]["name"] = name
    graph.nodes["art"]["name"] = name
    graph.nodes["art"]["url"] = "javascript:alert(1)"
    return graph


@pytest.mark.parametrize("name", HOSTILE)
def test_names_are_data_and_come_back_unchanged(name: str) -> None:
    text = page(network(_named(name), "organizations"))
    found = _data(text)
    assert found["things"][0][1] == name
    assert found["articles"][0][3] == 0
    inside = text.split('id="data">')[1].split("</script>")[0]
    assert not set("<>&\u2028\u2029") & set(inside)
    drawing = svg(network(_named(name), "organizations"))
    assert {e.tag.rpartition("}")[2] for e in ElementTree.fromstring(drawing).iter()} <= set(
        "svg title rect text tspan g path circle".split()
    )


def test_a_lone_surrogate_does_no_harm() -> None:
    assert page(network(_named("a\ud800b"), "organizations")).encode()


def test_sentences_articles_and_confidence_are_in_the_page(graph: Graph) -> None:
    found = _data(page(network(graph, "events")))
    assert FAIR.article.text in found["sentences"]
    assert {f[4] for f in found["facts"]} == {0.9}
    assert "2024-05-02" in found["dates"]


def test_the_article_page_marks_names_and_numbers_sentences() -> None:
    text = articles.page(FAIR)
    assert '<mark class="Person" title="Person: Ana Silva">Ana Silva</mark>' in text
    assert '<a href="#f1" id="s1">[1]</a>' in text
    assert "script-src" not in text
    assert "<script" not in text


def test_a_hostile_article_stays_text() -> None:
    text = "<script>alert(1)</script> Ana Silva {{title}} {{body}} & \u202e spoke."
    hostile = facts(text, [("Person", "Ana Silva")], [], title="<b>{{body}}</b>")
    shown = articles.page(hostile)
    assert "<script" not in shown
    assert "<b>" not in shown
    assert shown.count("<main>") == 1
    assert "".join(t for t, _ in articles.plain(hostile)).split("\n\n")[1] == text


@pytest.fixture
def db(tmp_path: Path) -> Path:
    folder = tmp_path / "db"
    with Ledger(folder) as ledger:
        for item in ALL:
            ledger.add(item, _origin(item), "test")
    return folder


def _origin(item: Facts) -> Origin:
    return Origin(item.article.source, item.article.source, None, "0" * 64)


@pytest.mark.parametrize("kind", list(KINDS)[::2])
def test_view_writes_a_page_or_an_svg(kind: str, run: Run, db: Path, tmp_path: Path) -> None:
    for name in ("n.html", "n.svg"):
        code, out, err = run("view", kind, "--db", db, "-o", tmp_path / name)
        assert (code, out) == (0, "")
        assert "nodes" in err
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(("<!doctype html>", "<svg", "<?xml"))


def test_view_mistakes_are_one_line(run: Run, db: Path, tmp_path: Path) -> None:
    for arguments in (
        ["-o", "x.docx"],
        ["--as-of", "May"],
        ["--as-of", "2024-13"],
        ["--around", "Nobody"],
        ["--type", "lunch"],
    ):
        code, out, err = run("view", "organizations", "--db", db, *arguments)
        assert (code, out) == (2, "")
        assert "Traceback" not in err


def test_png_without_the_extra_names_it(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    with pytest.raises(UsageError, match=r"ipgraph\[figures\]"):
        figure.figure(network(graph, "organizations"), "png")
    assert figure.figure(network(graph, "organizations"), "svg").startswith(b"<svg")


@pytest.mark.parametrize(("form", "start"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml")])
def test_graphviz_draws_every_form_and_any_name(form: str, start: bytes) -> None:
    pytest.importorskip("pygraphviz", reason="the extra ipgraph[figures] is not installed")
    for name in (*HOSTILE, "<b>x</b>", "北岭知识产权局", "\\N \\G"):
        assert figure.figure(network(_named(name), "organizations"), form).startswith(start)


def test_show_lists_prints_and_writes(run: Run, db: Path, tmp_path: Path) -> None:
    code, out, _ = run("show", "--db", db)
    assert code == 0
    assert len(out.splitlines()) == len(ALL)
    code, out, _ = run("show", "news/fair.txt", "--db", db, "--format", "table")
    assert code == 0
    assert "Porto. [1] [2] [3]" in out
    assert "Ana Silva ATTENDED Tea Fair 2024 (speaker)  0.90" in out
    assert json.loads(run("show", "news/fair.txt", "--db", db)[1])["article"]["id"] == FAIR.article.id
    assert run("show", "news/fair.txt", "--db", db, "-o", tmp_path / "a.html")[0] == 0
    assert "<mark" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert run("show", "nothing.txt", "--db", db)[0] == 2
