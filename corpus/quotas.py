"""Legal header values and the quotas of README.md, as data."""

from __future__ import annotations


def words(text: str) -> tuple[str, ...]:
    """The blank-separated words of a text."""
    return tuple(text.split())


KINDS = words(
    "conference forum award-ceremony signing delegation-visit trade-fair launch training-course appointment court "
    "merger brand-purchase ranking anniversary obituary recall interview photo-caption brief press-release "
    "programme"
)
REGIONS = words("china africa south-asia south-east-asia east-asia europe americas gulf oceania international")
REGISTERS = words("agency translated corporate local-paper bulletin blog")
CONSTRUCTIONS = words(
    "titled-list apposition-before apposition-after relative-clause passive coordinated-events on-behalf-of "
    "represented-by together-with in-presence-of former-position acting-position two-titles headline-no-article "
    "unattributed-quote negated-attendance invited-absent planned-event shared-surname name-two-spellings "
    "abbreviation long-event-name event-in-event brand-is-company award-with-sponsor relative-date torn-name"
)
HARD_NEGATIVE = "hard-negative"
TAGS = (*CONSTRUCTIONS, HARD_NEGATIVE)
SPLITS = ("train", "dev", "test")

WORDS = (70, 350)
"""Fewest and most words of an article."""
