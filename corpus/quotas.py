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

SHARES = {
    "region": dict.fromkeys(("africa", "europe", "americas", "gulf", "oceania"), 0.05),
    "register": dict.fromkeys(REGISTERS, 0.08) | {"translated": 0.20},
    "tags": {HARD_NEGATIVE: 0.15},
}
"""Least share of the articles per header value; `MOST_CHINA` is the one upper bound."""

MOST_CHINA = 0.50
SOUTH_ASIAS = ("south-asia", "south-east-asia")
"""Two regions that reach their 5 % together."""
SOUTH_ASIAS_SHARE = 0.05
PER_KIND = 12
PER_CONSTRUCTION = 25
EDGES_PER_SPLIT = {"train": 300, "test": 60}
ALL_WORDS = 90_000
ALL_ARTICLES = 500
SPLIT_SHARES = {"train": 0.70, "dev": 0.15, "test": 0.15}
OPTIONAL_SHARE = 0.05
REPEATS = {"Person": 2, "Organization": 4, "Event": 1}
"""In how many articles, a series counted once, one full name may stand."""
SHARED_RUN = 12
"""The longest word sequence that two articles may share."""

REAL_BODIES = frozenset(
    {
        "african regional intellectual property organization", "african union", "aripo", "asean", "cnipa",
        "european commission", "european union", "european union intellectual property office", "euipo",
        "european patent office", "epo", "international trademark association", "inta", "oapi", "reuters", "unesco",
        "united nations", "wipo", "world bank", "world health organization",
        "world intellectual property organization", "world trade organization", "wto", "xinhua",
    }
)  # fmt: skip
"""Bodies that exist, by `ipgraph.model.name_key`; they may come back as often as the stories need."""
