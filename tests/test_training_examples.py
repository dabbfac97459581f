"""What the network is taught: lemma scripts, masks of entity sets, and which pairs of mentions state a fact."""

from __future__ import annotations

import random
from pathlib import Path

import pytest
import spacy

from ipgraph.corpus.docs import DocMaker
from ipgraph.corpus.format import parse
from ipgraph.encoder.component import lemma
from ipgraph.encoder.pairs import LABELS, UNTIED
from ipgraph.pipelines import data, examples

# ruff: noqa: E501
ARTICLE = """kind: forum
region: europe
register: agency
===
# [Ines Roth|p1] Opens [Cork Forum|e1]

On [May 3|D:05-03], [Ines Roth|p1], [director|T:p1] of the [Cork Office|o1] of [Lusatia|o2], opened the [Cork Forum|e1] in [Porto|l1].
[She|p1^] said it was late. The [forum|e1~] was hosted by [Lusatia|o2]. [Jan Ort|p2] did not come.
===
p1 Person | Ines Roth
p2 Person | Jan Ort
o1 Organization | Cork Office
o2 Organization/Brand | Lusatia
e1 Event | Cork Forum | date=05-03
l1 Place | Porto
===
ATTENDED p1 e1 role=speaker | Ines Roth, director of the Cork Office of Lusatia, opened the Cork Forum
HOLDS_POSITION p1 o1 title=director | director of the Cork Office
PART_OF o1 o2 | Cork Office of Lusatia
HELD_IN e1 l1 | opened the Cork Forum in Porto
ORGANIZED o2 e1 role=host | The forum was hosted by Lusatia
!ATTENDED p2 e1 | he did not come
"""


@pytest.fixture(scope="module")
def body() -> examples.Example:
    article, problems = parse(ARTICLE, Path("a.txt"))
    assert not problems
    title, body = examples.own_examples(DocMaker(spacy.blank("en")).doc(article))
    assert title.words[0] == "Ines"
    return body


@pytest.mark.parametrize(
    ("form", "base"),
    [
        ("Cities", "city"),
        ("was", "be"),
        ("Porto", "Porto"),
        ("better", "good"),
        ("EU", "EU"),
        ("n't", "not"),
        ("a", "a"),
    ],
)
def test_a_script_makes_the_lemma(form: str, base: str) -> None:
    assert lemma(form, examples.script(form, base)) == base


def stated(example: examples.Example) -> set[tuple[str, str, str]]:
    assert example.ties is not None
    names = [" ".join(example.words[m.start : m.end]) for m in example.ties.mentions]
    return {(names[f.head], LABELS[f.label], names[f.tail]) for f in example.ties.facts}


def test_facts_are_tied_where_they_are_stated(body: examples.Example) -> None:
    assert stated(body) == {
        ("Ines Roth", "ATTENDED:speaker", "Cork Forum"),
        ("Ines Roth", "HOLDS_POSITION", "Cork Office"),
        ("director", "TITLE_PERSON", "Ines Roth"),
        ("director", "TITLE_BODY", "Cork Office"),
        ("Cork Office", "PART_OF", "Lusatia"),
        ("Cork Forum", "HELD_IN", "Porto"),
        ("May 3", "DATE_EVENT", "Cork Forum"),
        ("Lusatia", "ORGANIZED:host", "forum"),
        ("She", "SAME", "Ines Roth"),
        ("forum", "SAME", "Cork Forum"),
    }


def test_other_mentions_of_a_stated_pair_are_left_open(body: examples.Example) -> None:
    assert body.ties is not None
    names = [" ".join(body.words[m.start : m.end]) for m in body.ties.mentions]
    unsure = {(names[h], LABELS[n], names[t]) for h, t, n in body.ties.unsure}
    assert ("She", "ATTENDED:speaker", "forum") in unsure
    assert ("Jan Ort", "ATTENDED:speaker", "Cork Forum") not in unsure


def test_a_pronoun_that_stands_for_nothing_is_taught_as_such(body: examples.Example) -> None:
    assert body.ties is not None
    free = [m for m in body.ties.mentions if (m.kind, m.mode) == UNTIED]
    assert [body.words[m.start] for m in free] == ["it"]


def test_a_name_used_both_ways_is_left_open_for_the_second_kind(body: examples.Example) -> None:
    assert body.tags is not None
    at = body.words.index("Lusatia")
    assert body.tags[at, examples.SPAN_LABELS.index("Organization")] == examples.SINGLE
    assert body.tags[at, examples.SPAN_LABELS.index("Brand")] == examples.UNKNOWN


def test_names_are_exchanged_alike_everywhere(body: examples.Example) -> None:
    pool = examples.Pools(
        (("Mira", "Okon"),), {"Place": ("Lagos",), "Organization": ("Velm",), "Brand": ()}, frozenset()
    )
    changed = {examples.swapped(body, pool, random.Random(seed)).words for seed in range(20)}
    assert any("Mira Okon" in " ".join(words) for words in changed)
    for words in changed:
        assert len(words) == len(body.words)
        old = {b for a, b in zip(body.words, words, strict=True) if a == "Lusatia"}
        assert len(old) == 1


def test_a_set_teaches_only_the_kinds_it_knows() -> None:
    nlp = spacy.blank("en")
    row = data.Row("Ana Silva of Velm won .", ((0, 9, "PERSON"),))
    known = {"covers": ["PERSON", "ORG", "GPE", "LOC", "FAC"], "partial": []}
    example = examples.entity_example(data.spanned([row], known, "x", nlp, " "))
    assert example.tags is not None
    assert example.tags[0, examples.SPAN_LABELS.index("Person")] == examples.BEGIN
    assert example.tags[3, examples.SPAN_LABELS.index("Organization")] == examples.OUTSIDE
    assert (example.tags[:, examples.SPAN_LABELS.index("Brand")] == examples.UNKNOWN).all()
    assert (example.tags[:, examples.SPAN_LABELS.index("Event~")] == examples.UNKNOWN).all()
