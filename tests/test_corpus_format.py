"""The annotated article: parsing, offsets, writing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ipgraph.corpus.format import Annotated, Header, Line, MarkupError, Mention, parse, parse_markup, read, write
from ipgraph.errors import SourceError

SOURCE = r"""kind: brief
region: europe
register: agency
tags: passive, two-titles
author: Edith Malone; Jo Park
===
# [Fair|e1] \[update\]
@ By Edith Malone | Jo Park

[[Ada Byrne|p1], [head|T:p1]|p1~] of [Guild of [Porto|l1]|o1], met [them|p1+o1^] on [May 2|D:05-02]; \\ ok.
% Home | News
===
p1 Person | Ada Byrne
o1 Organization/Brand | Guild of Porto | optional
l1 Place | Porto
e1 Event | Fair | date=2021-05; attendance=50
===
HOLDS_POSITION p1 o1 title=head; former=true | head of Guild of Porto
?LOCATED_IN o1 l1 | Guild of Porto, met
!ATTENDED p1 e1 | she only met them
"""
PATH = Path("brief-1.txt")


def parsed(source: str = SOURCE) -> Annotated:
    article, problems = parse(source, PATH)
    assert not problems
    return article


def test_bare_text_and_lines() -> None:
    article = parsed()
    assert article.text.split("\n") == [
        "Fair [update]",
        "By Edith Malone | Jo Park",
        "",
        "Ada Byrne, head of Guild of Porto, met them on May 2; \\ ok.",
        "Home | News",
    ]
    assert [(line.kind, line.number) for line in article.lines] == [
        ("title", 7), ("metadata", 8), ("body", 10), ("noise", 11),
    ]  # fmt: skip


def test_mentions_are_slices_of_the_text_outer_first() -> None:
    article = parsed()
    assert all(article.text[m.start : m.end] == m.text for m in article.mentions)
    shown = [(m.text, m.kind, m.ids, m.mode, m.iso) for m in article.mentions]
    assert shown == [
        ("Fair", "entity", ("e1",), "name", None),
        ("Ada Byrne, head", "entity", ("p1",), "nominal", None),
        ("Ada Byrne", "entity", ("p1",), "name", None),
        ("head", "title", ("p1",), "name", None),
        ("Guild of Porto", "entity", ("o1",), "name", None),
        ("Porto", "entity", ("l1",), "name", None),
        ("them", "entity", ("p1", "o1"), "pronoun", None),
        ("May 2", "date", (), "name", "05-02"),
    ]


def test_header_entities_relations() -> None:
    article = parsed()
    assert article.header == Header(
        "brief", "europe", "agency", ("passive", "two-titles"), authors=("Edith Malone", "Jo Park")
    )
    assert [(e.id, e.types, e.optional) for e in article.entities][1] == ("o1", ("Organization", "Brand"), True)
    assert article.entities[3].properties == {"date": "2021-05", "attendance": "50"}
    assert [(r.type, r.optional, r.wrong) for r in article.relations] == [
        ("HOLDS_POSITION", False, False), ("LOCATED_IN", True, False), ("ATTENDED", False, True),
    ]  # fmt: skip
    assert article.relations[0].properties == {"title": "head", "former": "true"}
    assert article.relations[2].evidence == "she only met them"


def test_write_gives_the_article_back() -> None:
    article = parsed()
    assert parsed(write(article)) == article
    assert write(parsed(write(article))) == write(article)


def test_names_of_leaves_out_nominals_and_joint_mentions() -> None:
    assert parsed().names_of("p1") == ["Ada Byrne"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("[Ada Byrne|p1", "not closed"),
        ("[Ada Byrne", "never closed"),
        ("Ada Byrne|p1]", "stray '|'"),
        ("Ada] Byrne", "stray ']'"),
        ("[|p1]", "empty mention"),
        ("[Ada|q]", "is no tag"),
        ("[Ada|p1!]", "is no tag"),
        ("[Ada|D~]", "is no tag"),
        ("[boss|T:o1]", "is no tag"),
        (r"a\b", "lone backslash"),
    ],
)
def test_malformed_markup(line: str, message: str) -> None:
    with pytest.raises(MarkupError, match=message):
        parse_markup(line)


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        ("register: agency", "registry: agency", 3, "unknown header key 'registry'"),
        ("region: europe", "kind: europe", 2, "stands twice"),
        ("region: europe", "europe", 2, "no header line"),
        ("===\np1", "p1", 1, "3 parts"),
        ("By Edith", "By [Edith|p1]", 8, "markup in a metadata line"),
        ("[Porto|l1]|o1]", "[Porto|l1|o1]", 10, "is no tag"),
        ("l1 Place | Porto", "l1 Place", 15, "l1 has no name"),
        ("l1 Place | Porto", "l1 Place | Porto | date=2021 | x", 15, "too many bars"),
        ("l1 Place | Porto", "the place l1", 15, "neither an entity"),
        ("attendance=50", "attendance 50", 16, "is no property"),
        ("attendance=50", "date=2021", 16, "stands twice"),
        ("she only met them", "she | only", 20, "too many bars"),
        ("!ATTENDED p1 e1", "!ATTENDED p1", 20, "neither an entity"),
    ],
)
def test_problems_name_file_and_line(old: str, new: str, line: int, message: str) -> None:
    assert old in SOURCE
    _, problems = parse(SOURCE.replace(old, new), PATH)
    assert any(p.line == line and message in p.message for p in problems), list(map(str, problems))
    assert str(problems[0]).startswith("brief-1.txt:")


def test_read_raises_with_all_problems(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(SOURCE.replace("[Fair|e1]", "[Fair|e1").replace("kind:", "sort:"), encoding="utf-8")
    with pytest.raises(SourceError, match=r"a\.txt:1: .*\n.*a\.txt:7: "):
        read(path)


def test_writing_crossing_mentions_is_refused() -> None:
    a, b = Mention(0, 3, "a b", "entity", ("p1",)), Mention(2, 5, "b c", "entity", ("p2",))
    article = Annotated("x", Header(), "a b c", (Line("body", 0, 5),), (a, b))
    with pytest.raises(ValueError, match="crosses"):
        write(article)


def test_a_body_line_that_looks_like_a_prefix_survives() -> None:
    article = Annotated("x", Header(), "# one\n===", (Line("body", 0, 5), Line("body", 6, 9)))
    again, problems = parse(write(article), Path("x.txt"))
    assert not problems
    assert again == article


WORDS = st.text(alphabet=st.sampled_from("abc []|\\é中#^%@=.'"), min_size=1, max_size=8).filter(
    lambda s: s.strip() == s != ""
)
TAGS = st.sampled_from(
    [("entity", ("p1",), "name", None), ("entity", ("p1", "o2"), "nominal", None), ("entity", ("e1",), "pronoun", None),
     ("title", ("p1", "p2"), "name", None), ("date", (), "name", None), ("date", (), "name", "2021-04-08")]
)  # fmt: skip
TREES = st.recursive(WORDS, lambda inner: st.tuples(TAGS, st.lists(inner, min_size=1, max_size=3)), max_leaves=8)


def grown(tree: object, at: int, mentions: list[Mention]) -> str:
    """The text of a tree of words and mentions; its mentions, outer first, are added to the list."""
    if isinstance(tree, str):
        return tree
    assert isinstance(tree, tuple)
    place = len(mentions)
    text = ""
    for inner in tree[1]:
        text += grown(inner, at + len(text), mentions)
    mentions.insert(place, Mention(at, at + len(text), text, *tree[0]))
    return text


@given(st.lists(st.tuples(st.sampled_from(["title", "heading", "caption", "body"]), TREES), min_size=1, max_size=4))
def test_nested_markup_round_trip(trees: list[tuple[str, object]]) -> None:
    text, lines, mentions = "", [], []
    for kind, tree in trees:
        text += "\n" if text else ""
        start = len(text)
        text += grown(tree, start, mentions)
        lines.append(Line(kind, start, len(text)))  # type: ignore[arg-type]
    article = Annotated("brief-1", Header(kind="brief"), text, tuple(lines), tuple(mentions))
    assert parsed(write(article)) == article


@given(st.text(alphabet="ab[]|\\~^+:DTp1o2 ", max_size=30))
def test_any_line_parses_or_is_refused(line: str) -> None:
    try:
        text, mentions = parse_markup(line)
    except MarkupError:
        return
    assert all(text[m.start : m.end] == m.text for m in mentions)


def test_numbers_do_not_count_in_equality() -> None:
    article = parsed()
    assert replace(article.lines[0], number=99) == article.lines[0]
