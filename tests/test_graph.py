"""Resolution and graph: the same facts in any order give the same graph, and every edge keeps its evidence."""

from __future__ import annotations

from itertools import permutations

import pytest

from ipgraph import export, graph, lookup, resolve
from ipgraph.errors import UsageError
from ipgraph.model import Facts
from tests.facts import AGAIN, FAIR, facts


def _person(text: str, name: str, **kwargs: str) -> Facts:
    return facts(text, [("Person", name)], [], **kwargs)


def _clusters(*corpus: Facts) -> dict[str, set[str]]:
    """Name of each corpus entity -> the sources of the articles that name it."""
    source = {e.id: f.article.source for f in corpus for e in f.entities}
    out: dict[str, set[str]] = {}
    for c in resolve.entities(corpus).clusters:
        out.setdefault(f"{c.type} {c.name}", set()).update(source[e.id] for e in c.members)
    return out


def test_order_does_not_count() -> None:
    third = _person("Ana Silva left.", "Ana Silva", source="third.txt")
    exports = {export.jsonl(graph.build(order)) for order in permutations([FAIR, AGAIN, third])}
    assert len(exports) == 1


def test_an_edge_keeps_all_its_evidence() -> None:
    built = graph.build([FAIR, AGAIN])
    (data,) = [d for _, _, d in built.edges(data=True) if d["type"] == "ATTENDED"]
    assert sorted(data["sentences"]) == sorted([FAIR.article.text, AGAIN.article.text])
    assert (data["first_reported"], data["last_reported"]) == ("2024-05-02", "2024-05-03")
    assert len(data["article_ids"]) == len(data["starts"]) == len(data["ends"]) == len(data["rules"]) == 2


def test_two_roles_are_two_edges() -> None:
    other = facts(
        "Ana Silva opened and chaired the Tea Fair 2024.",
        [("Person", "Ana Silva"), ("Event", "Tea Fair 2024")],
        [("Ana Silva", "ATTENDED", "Tea Fair 2024", {"role": r}) for r in ("speaker", "presider")],
    )
    roles = [d["role"] for _, _, d in graph.build([other]).edges(data=True) if d["type"] == "ATTENDED"]
    assert sorted(roles) == ["presider", "speaker"]


def test_confidence_can_be_asked_for() -> None:
    assert not [d for *_, d in graph.build([FAIR], min_confidence=0.95).edges(data=True) if d["type"] == "ATTENDED"]


@pytest.mark.parametrize(
    ("kind", "first", "second", "same"),
    [
        ("Person", "Ana Silva", "ANA SILVA", True),
        ("Person", "José Díaz", "Jose Diaz", True),
        ("Person", "Ana Silva", "Ana Sousa", False),
        ("Organization", "Patent Office of Kenya", "Patent Office of Ghana", False),
        ("Event", "signing ceremony", "signing ceremony", False),
        ("Event", "Tenth Tea Fair", "tenth Tea Fair", True),
        ("Place", "Porto", "Porto", True),
    ],
)
def test_what_is_one_across_articles(kind: str, first: str, second: str, same: bool) -> None:
    a = facts(f"It was {first} again.", [(kind, first)], [], source="a.txt")
    b = facts(f"And {second} once more.", [(kind, second)], [], source="b.txt")
    assert (len(resolve.entities([a, b]).clusters) == 1) is same


def test_departments_are_told_apart_by_their_body() -> None:
    def one(source: str, body: str) -> Facts:
        return facts(
            f"The Legal Department of {body} moved.",
            [("Organization", "Legal Department"), ("Organization", body)],
            [("Legal Department", "PART_OF", body, {})],
            source=source,
        )

    names = [
        c.name
        for c in resolve.entities([one("a", "Tea Guild"), one("b", "Rice Guild"), one("c", "Tea Guild")]).clusters
    ]
    assert sorted(names) == ["Legal Department", "Legal Department", "Rice Guild", "Tea Guild"]


def test_an_abbreviation_joins_only_what_is_clear() -> None:
    def named(source: str, *names: str) -> Facts:
        made = facts(f"{' '.join(names)} met.", [("Organization", names[0])], [], source=source)
        (e,) = made.entities
        return Facts(made.article, (type(e)(e.id, e.type, e.name, names[1:], e.mentions),), ())

    alone = named("alone", "WTO")
    world = named("world", "World Tea Office", "WTO")
    west = named("west", "Western Trade Order", "WTO")
    assert _clusters(alone, world) == {"Organization World Tea Office": {"alone", "world"}}
    assert set(_clusters(alone, world, west)) == {
        "Organization WTO", "Organization World Tea Office", "Organization Western Trade Order"
    }  # fmt: skip


def test_editions_of_different_years_are_different_events() -> None:
    def fair(source: str, year: str) -> Facts:
        made = facts(
            "The Great Tea Fair opened.", [("Event", "Great Tea Fair")], [], source=source, date=f"{year}-01-01"
        )
        (e,) = made.entities
        return Facts(made.article, (type(e)(e.id, e.type, e.name, (), e.mentions, {"date": f"{year}-01-01"}),), ())

    assert len(resolve.entities([fair("a", "2023"), fair("b", "2024"), fair("c", "2024")]).clusters) == 2


def test_find_is_blind_to_case_and_says_what_is_near() -> None:
    built = graph.build([FAIR, AGAIN])
    assert [r["name"] for r in lookup.find(built, "ana SILVA")] == ["Ana Silva"]
    assert [r["name"] for r in lookup.find(built, "silva")] == ["Ana Silva"]
    with pytest.raises(UsageError, match="near by: Ana Silva"):
        lookup.one(built, "Anna Silvas")


def test_why_gives_the_sentences_between_two() -> None:
    rows = lookup.why(graph.build([FAIR, AGAIN]), "Ana Silva", "Patent Office")
    assert [(r["type"], r["sentence"], r["properties"]) for r in rows] == [
        ("HOLDS_POSITION", FAIR.article.text, {"title": "director"})
    ]


def test_an_ambiguous_name_is_told() -> None:
    one = facts("Porto opened Porto.", [("Place", "Porto")], [], source="a")
    two = facts("The firm Porto sold wine.", [("Organization", "Porto")], [], source="b")
    with pytest.raises(UsageError, match="may be 2 things"):
        lookup.one(graph.build([one, two]), "porto")


@pytest.mark.parametrize("form", [export.jsonl, export.graphml, export.gexf])
def test_exports_are_stable_and_hold_every_name(form: object) -> None:
    assert callable(form)
    text = form(graph.build([FAIR, AGAIN]))
    assert text == form(graph.build([AGAIN, FAIR]))
    for name in ("Ana Silva", "Tea Guild", "Tea Fair 2024"):
        assert name in text


def test_tables_have_a_row_for_every_node_and_edge() -> None:
    built = graph.build([FAIR, AGAIN])
    files = export.tables(built)
    assert len(files["nodes.csv"].splitlines()) == len(built) + 1
    assert len(files["edges.csv"].splitlines()) == built.number_of_edges() + 1
