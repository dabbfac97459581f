"""Publication dates as texts and pages write them."""

from __future__ import annotations

import datetime
import re

MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan",
            "february feb",
            "march mar",
            "april apr",
            "may",
            "june jun",
            "july jul",
            "august aug",
            "september sept sep",
            "october oct",
            "november nov",
            "december dec",
        ),
        1,
    )
    for name in names.split()
}
_NAMES = "|".join(sorted(MONTHS, key=len, reverse=True))
MONTH = rf"(?i:(?:{_NAMES})\b\.?)"
DAY = r"\d{1,2}(?:st|nd|rd|th)?"
YEAR = r"(?:19|20)\d\d"

MONTH_DAY = rf"(?:{MONTH}\s*{DAY}|{DAY}\s+(?:of\s+)?{MONTH})"
"""A day with its month, the year aside: "April 24", "24th of Apr."."""

_FORMS = (
    re.compile(rf"(?<!\d)(?P<y>{YEAR})(?P<sep>[-/.])(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}})(?!\d)"),
    re.compile(rf"(?<!\d)(?P<y>{YEAR})年(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})日"),
    re.compile(rf"\b(?P<n>{MONTH})\s*(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s*,?\s*(?P<y>{YEAR})\b", re.I),
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[\s-]+(?:of\s+)?(?P<n>{MONTH})[\s,-]+(?P<y>{YEAR})\b", re.I),
    re.compile(rf"(?<!\d)(?P<d>\d{{1,2}})(?P<sep>[-/.])(?P<m>\d{{1,2}})(?P=sep)(?P<y>{YEAR})(?!\d)"),
    re.compile(rf"(?<!\d)(?P<y>{YEAR})(?P<m>\d\d)(?P<d>\d\d)(?!\d)"),
)


def _iso(m: re.Match[str]) -> str | None:
    parts = m.groupdict()
    month = MONTHS[parts["n"].rstrip(".").lower()] if parts.get("n") else int(parts["m"])
    day = int(parts["d"])
    if parts.get("n") is None and m.re is _FORMS[4]:
        if month > 12:
            day, month = month, day
        elif day <= 12 and day != month:
            # 03/04/2021 is a day in March or in April: unknown.
            return None
    try:
        return datetime.date(int(parts["y"]), month, day).isoformat()
    except ValueError:
        return None


def find(text: str) -> str | None:
    """The first full date in the text as YYYY-MM-DD; None where there is none or its order of day and month is open.

    >>> find("Updated 9 Sept. 2021, 10:30"), find("April 24"), find("03/04/2021"), find("25/04/2021")
    ('2021-09-09', None, None, '2021-04-25')
    """
    found = [(m.start(), order, m) for order, form in enumerate(_FORMS) if (m := form.search(text))]
    return next((iso for *_, m in sorted(found, key=lambda f: f[:2]) if (iso := _iso(m))), None)
