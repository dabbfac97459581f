"""Calendar expressions: what they mean, and what they leave open."""

from __future__ import annotations

import pytest

from ipgraph.mentions import dates

CASES = [
    ("on April 23, 2021 in", None, "2021-04-23", "2021-04-23"),
    ("on 23 April 2021,", None, "2021-04-23", "2021-04-23"),
    ("on April 23, the", None, "04-23", "04-23"),
    ("on April 23, the", "2021-04-24", "2021-04-23", "2021-04-23"),
    ("on December 30, the", "2021-01-02", "2020-12-30", "2020-12-30"),
    ("From July 5-6, the", None, "07-05", "07-06"),
    ("from 3 to 5 October 2024.", None, "2024-10-03", "2024-10-05"),
    ("September 28 to October 2, 2019", None, "2019-09-28", "2019-10-02"),
    ("in September 2021", None, "2021-09", "2021-09"),
    ("held on the 23rd.", "2021-04-24", "2021-04-23", "2021-04-23"),
    ("held yesterday", "2021-03-01", "2021-02-28", "2021-02-28"),
    ("on Monday", "2024-05-07", "2024-05-06", "2024-05-06"),
    ("last Friday", "2024-05-10", "2024-05-03", "2024-05-03"),
    ("in 2019", None, "2019", "2019"),
    ("2021-09-03", None, "2021-09-03", "2021-09-03"),
]


@pytest.mark.parametrize(("text", "published", "start", "end"), CASES)
def test_meaning(text: str, published: str | None, start: str, end: str) -> None:
    ((_, _, when),) = dates.find(text, published)
    assert (when.start, when.end) == (start, end)


@pytest.mark.parametrize(
    "text",
    [
        "on Monday",
        "held yesterday",
        "the 19th century",
        "February 30, 2021",
        "may 5 people",
        "No. 2021-45-99",
        "room 2019",
    ],
)
def test_what_is_no_date_or_cannot_be_told(text: str) -> None:
    assert list(dates.find(text, None)) == []


def test_offsets() -> None:
    text = "It opened on March 3, 2020 and closed on 5 May 2020."
    assert [text[a:b] for a, b, _ in dates.find(text, None)] == ["March 3, 2020", "5 May 2020"]


@pytest.mark.parametrize(
    ("iso", "first", "last"),
    [
        ("2021-09-03", "2021-09-03", "2021-09-03"),
        ("2021-02", "2021-02-01", "2021-02-28"),
        ("2021-12", "2021-12-01", "2021-12-31"),
        ("2021", "2021-01-01", "2021-12-31"),
        ("04-23", None, None),
    ],
)
def test_full(iso: str, first: str | None, last: str | None) -> None:
    assert (dates.full(iso), dates.full(iso, last=True)) == (first, last)


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("Wednesday", "2024-05-08"),
        ("Friday evening", "2024-05-10"),
        ("next Monday", "2024-05-13"),
        ("last night", "2024-05-09"),
        ("June", "2024-06"),
        ("December", "2023-12"),
        ("the following spring", None),
    ],
)
def test_an_expression_as_a_whole(text: str, iso: str | None) -> None:
    found = dates.meaning(text, "2024-05-10")
    assert (found.start if found else None) == iso
    assert dates.meaning("Wednesday", None) is None
