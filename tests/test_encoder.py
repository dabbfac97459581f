"""The encoder's plain parts: pieces and windows, decoding, pairs of mentions. All against brute force or by hand."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ipgraph.encoder import decode, pieces
from ipgraph.encoder.component import lemma
from ipgraph.encoder.pairs import ALLOWED, INDEX, KINDS, LABELS, NEAR, UNTIED, Marked, candidates, maxima, untied
from ipgraph.model import EDGES, allowed


@pytest.mark.parametrize(
    ("word", "shape"),
    [
        ("...", 0),
        ("fair", 1),
        ("Porto", 2),
        ("A", 3),
        ("WIPO", 4),
        ("eBay", 5),
        ("9th", 6),
        ("O'Neill", 5),
        ("中国", 1),
    ],
)
def test_shapes(word: str, shape: int) -> None:
    assert pieces.shape(word) == shape


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 12), st.booleans(), st.booleans()), min_size=1, max_size=60))
def test_windows_cover_all_words_and_fit(words: list[tuple[int, bool, bool]]) -> None:
    first = np.cumsum([0, *(n for n, _, _ in words)])
    found = pieces.windows(first, [a for _, a, _ in words], [b for _, _, b in words], size=20)
    assert [a for a, _ in found] == [0, *(b for _, b in found[:-1])]
    assert found[-1][1] == len(words)
    assert all(first[b] - first[a] <= 20 for a, b in found)


def test_windows_are_cut_before_a_line_and_after_a_stop() -> None:
    lines = [i in (0, 7) for i in range(10)]
    assert pieces.windows(np.arange(11), lines, [False] * 10, size=9)[0] == (0, 7)
    assert pieces.windows(np.arange(11), [False] * 10, [i == 5 for i in range(10)], size=9)[0] == (0, 6)


def test_breaks_count_sentences_and_lines() -> None:
    words = ["He", "came", ".", "“", "Go", "!", "”", "Then", "more"]
    lines = [i in (0, 8) for i in range(9)]
    assert pieces.breaks(lines, pieces.stops(words)).tolist() == [0, 0, 0, 1, 1, 1, 1, 2, 3]


@pytest.mark.parametrize("seed", range(20))
def test_the_best_tags_are_well_formed_and_best(seed: int) -> None:
    scores = np.random.default_rng(seed).normal(size=(4, 2, 5)).astype(np.float32)
    found = decode.best_tags(scores)
    follows = {(0, 0), (0, 1), (0, 4), (1, 2), (1, 3), (2, 2), (2, 3), (3, 0), (3, 1), (3, 4), (4, 0), (4, 1), (4, 4)}
    for kind in range(2):
        legal = [
            p for p in product(range(5), repeat=4)
            if p[0] in (0, 1, 4) and p[-1] in (0, 3, 4) and all(x in follows for x in pairwise(p))
        ]  # fmt: skip
        best = max(legal, key=lambda p: sum(scores[i, kind, t] for i, t in enumerate(p)))
        assert tuple(found[:, kind]) == best


def test_spans_of_tags() -> None:
    tags = np.array([[1, 0], [2, 4], [3, 0], [4, 1], [0, 3]])
    assert sorted(decode.spans(tags)) == [(0, 3, 0), (1, 2, 1), (3, 4, 0), (3, 5, 1)]


@pytest.mark.parametrize("seed", range(60))
def test_the_tree_is_the_best_with_one_root(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 6))
    scores = rng.normal(size=(count, count + 1)).astype(np.float32)
    found = decode.tree(scores)

    def is_tree(heads: tuple[int, ...]) -> bool:
        for i in range(1, count + 1):
            seen, at = set(), i
            while at and at not in seen:
                seen.add(at)
                at = heads[at - 1]
            if at:
                return False
        return heads.count(0) == 1

    best = max(
        sum(scores[i, h] for i, h in enumerate(p)) for p in product(range(count + 1), repeat=count) if is_tree(p)
    )
    assert is_tree(tuple(found.tolist()))
    assert sum(scores[i, h] for i, h in enumerate(found)) == pytest.approx(best, abs=1e-4)


def test_heads_never_cross_a_sentence() -> None:
    scores = np.random.default_rng(0).normal(size=(9, 10)).astype(np.float32)
    sentence = np.array([1, 1, 1, 2, 2, 3, 3, 3, 3])
    found = decode.heads(scores, sentence)
    assert (sentence[found] == sentence).all()
    assert sum(found == np.arange(9)) == 3


@pytest.mark.parametrize(
    ("form", "script", "made"),
    [
        ("Cities", "l3y", "city"),
        ("Porto", "k0", "Porto"),
        ("was", "l3be", "be"),
        ("Went", "l4go", "go"),
    ],
)
def test_lemma_scripts(form: str, script: str, made: str) -> None:
    assert lemma(form, script) == made


def test_maxima_of_stretches() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(50, 3)).astype(np.float32)
    low = rng.integers(0, 50, 200)
    high = np.minimum(low + rng.integers(0, 50, 200), 50)
    found = maxima(values, low, high)
    for a, b, row in zip(low, high, found, strict=True):
        assert np.array_equal(row, values[a:b].max(axis=0) if b > a else np.zeros(3, np.float32))


def test_labels_are_the_schema_and_its_limits() -> None:
    facts = {label.partition(":")[0] for label in LABELS} - {"TITLE_PERSON", "TITLE_BODY", "DATE_EVENT", "SAME"}
    assert facts == set(EDGES)
    for label in LABELS:
        kind = label.partition(":")[0]
        for (i, head), (j, tail) in product(enumerate(KINDS), repeat=2):
            if kind in EDGES:
                assert bool(ALLOWED[i, j, INDEX[label]]) == allowed(kind, head, tail)
    for kind, edge in EDGES.items():
        for role in edge.properties.get("role", ()) or edge.properties.get("status", ()):
            assert f"{kind}:{role}" in INDEX


def _kind(name: str) -> int:
    return KINDS.index(name)


def test_pairs_stand_near_each_other_and_fit() -> None:
    breaks = np.array([0, 0, 0, 1, 1, 1 + NEAR + 1])
    mentions = [Marked(0, 1, _kind("Person")), Marked(1, 2, _kind("TITLE")), Marked(3, 4, _kind("Event")),
                Marked(5, 6, _kind("Event"))]  # fmt: skip
    found = candidates(mentions, breaks, same=False)
    assert set(zip(found.head.tolist(), found.tail.tolist(), strict=True)) == {(0, 2), (1, 0)}


def test_a_pronoun_may_stand_for_what_is_before_it() -> None:
    breaks = np.zeros(8, np.int64)
    mentions = untied([Marked(0, 1, _kind("Person")), Marked(2, 3, _kind("Place")), Marked(4, 5, _kind("Person"), 2),
                       Marked(6, 7, _kind("Event"))])  # fmt: skip
    assert (mentions[2].kind, mentions[2].mode) == UNTIED
    found = candidates(mentions, breaks, same=True)
    assert list(zip(found.head.tolist(), found.tail.tolist(), strict=True)) == [(2, 0)]
    assert 2 not in {*candidates(mentions, breaks, same=False).head.tolist()}
