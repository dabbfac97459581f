"""The pattern language: what each term matches, on sentences put together by hand."""

from __future__ import annotations

import pytest

from ipgraph.errors import UsageError
from ipgraph.relations import rules
from ipgraph.relations.patterns import Item, Pattern


def _items(text: str) -> list[Item]:
    """Words, and mentions written <Kind> or <Kind/feature>; `word/TAG` gives a word's part of speech."""
    out = []
    for i, word in enumerate(text.split()):
        if word.startswith("<"):
            kind, _, feature = word.strip("<>").partition("/")
            out.append(Item(i, i + 1, kind=kind, index=i, features=frozenset([feature or "name"])))
        else:
            form, _, pos = word.partition("/")
            out.append(Item(i, i + 1, form, form, pos or "X"))
    return out


CASES = [
    ("{head:Person} attend {tail:Event}", "<Person> attend <Event>", [{"head": (0,), "tail": (2,)}]),
    ("{head:Person} attend {tail:Event}", "<Place> attend <Event>", []),
    ("{head:Person|Organization} attend", "<Organization> attend", [{"head": (0,)}]),
    ("{head:Person+} speak", "<Person> , <Person> and <Person> speak", [{"head": (0, 2, 4)}]),
    ("{head:Person+} speak", "<Person> , <Place> and <Person> speak", [{"head": (4,)}]),
    ("{head:Person} ~2 speak", "<Person> also briefly speak", [{"head": (0,)}]),
    ("{head:Person} ~1 speak", "<Person> also briefly speak", []),
    ("{head:Person} ~3 speak", "<Person> left . speak", []),
    ("{head:Person} ^3 speak", "<Person> slept/VERB and speak", []),
    ("{head:Person} ,? speak", "<Person> , speak", [{"head": (0,)}]),
    ("{head:Person} :ADJ* man", "<Person> old/ADJ tall/ADJ man", [{"head": (0,)}]),
    ("{head:Organization/unit} of", "<Organization/unit> of", [{"head": (0,)}]),
    ("{head:Organization/unit} of", "<Organization> of", []),
    ("{head:Person} of !{Person}", "<Person> of <Person>", []),
    ("hand ~1 cup|{Award}", "hand <Award>", [{}]),
    ("hand ~1 cup|{Award}", "hand the cup", [{}]),
    ("{head:Person} SPOKE|speak", "<Person> Speak", [{"head": (0,)}]),
    ("{head:Person}", "<Person> x <Person>", [{"head": (0,)}, {"head": (2,)}]),
]


@pytest.mark.parametrize(("pattern", "sentence", "expected"), CASES)
def test_matches(pattern: str, sentence: str, expected: list[dict[str, tuple[int, ...]]]) -> None:
    assert [m.captured for m in Pattern(pattern).matches(_items(sentence))] == expected


def test_what_must_not_stand_around() -> None:
    pair = Pattern("{head:Place} , {tail:Place}")
    before, after = Pattern("{Place} ,"), Pattern(", {Place}")
    assert list(pair.matches(_items("<Place> , <Place> , held"), before, after))
    assert not list(pair.matches(_items("<Place> , <Place> , <Place>"), before, after))


def test_shipped_rules_fit_the_schema() -> None:
    shipped = rules.shipped()
    assert len({r.name for r in shipped.rules}) == len(shipped.rules)
    assert all(0 < r.confidence <= 1 for r in shipped.rules)
    assert {r.type for r in shipped.rules if r.type} >= {"ATTENDED", "HOLDS_POSITION", "ORGANIZED", "RECEIVED"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[rule]\n", "no TOML"),
        ('[[rule]]\nname = "x"\ntype = "KNOWS"\npattern = "{head:Person}"', "has type 'KNOWS'"),
        ('[[rule]]\nname = "x"\ntype = "ATTENDED"', "cannot be read"),
        ('[[rule]]\nname = "x"\ntype = "ATTENDED"\npattern = "{1x:Person}"\n', "cannot be read"),
    ],
)
def test_a_bad_rule_is_named(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        rules.parse(text, "mine.toml")
