"""Calendar expressions: where they stand and the ISO dates they mean, with no more precision than the text has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

_MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october"]
_MONTHS += ["november", "december"]
_MONTH_NUMBER = {m[:k]: i + 1 for i, m in enumerate(_MONTHS) for k in (3, 4, len(m))}
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_M = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)\.?"
)
_D = r"\d{1,2}(?:st|nd|rd|th)?"
_TO = r"\s*(?:-|–|—|to|until|and|through)\s*"
_Y = r"(?:19|20)\d\d"

_PATTERNS = [
    re.compile(rf"(?P<m>{_M})\s+(?P<d>{_D}){_TO}(?:(?P<m2>{_M})\s+)?(?P<d2>{_D})(?:,?\s+(?P<y>{_Y}))?(?!\d)", re.I),
    re.compile(rf"(?P<d>{_D}){_TO}(?P<d2>{_D})\s+(?:of\s+)?(?P<m>{_M})(?:,?\s+(?P<y>{_Y}))?(?!\d)", re.I),
    re.compile(rf"(?P<m>{_M})\s+(?P<d>{_D})(?:,?\s+(?P<y>{_Y}))?(?!\d)", re.I),
    re.compile(rf"(?P<d>{_D})\s+(?:of\s+)?(?P<m>{_M})(?:,?\s+(?P<y>{_Y}))?(?!\d)", re.I),
    re.compile(r"(?P<y>(?:19|20)\d\d)-(?P<mn>\d\d)-(?P<d>\d\d)(?!\d)"),
    re.compile(rf"(?P<m>{_M})(?:\s+of)?,?\s+(?P<y>{_Y})(?!\d)", re.I),
    re.compile(r"\b(?:on\s+)?the\s+(?P<only>\d{1,2}(?:st|nd|rd|th))\b(?!\s+(?!this|of)[a-z]*\w)", re.I),
    re.compile(rf"\b(?P<rel>yesterday|today|tomorrow|(?:last|this|next|on)\s+(?P<wd>{'|'.join(_DAYS)}))\b", re.I),
    re.compile(rf"\b(?:in|since|during)\s+(?P<year>{_Y})\b(?!\s*[-–]\d)", re.I),
]


@dataclass(frozen=True, slots=True)
class When:
    """A date or a range: ISO texts of equal precision, `end` equal to `start` for a single date."""

    start: str
    end: str


def _month(name: str) -> int:
    return _MONTH_NUMBER[name.lower().rstrip(".")[:3]]


def _iso(year: int | None, month: int, day: int) -> str | None:
    try:
        date(year or 2000, month, day)
    except ValueError:
        return None
    return f"{year}-{month:02d}-{day:02d}" if year else f"{month:02d}-{day:02d}"


def _year_near(month: int, day: int, published: date | None) -> int | None:
    """The year of the latest such day that is not long after the day of publication."""
    if published is None:
        return None
    for year in (published.year + 1, published.year, published.year - 1):
        try:
            then = date(year, month, day)
        except ValueError:
            continue
        if then <= published + timedelta(days=60):
            return year
    return None


def _relative(g: dict[str, str | None], published: date) -> date:
    words = str(g["rel"]).lower()
    if not g["wd"]:
        return published + timedelta(days={"yesterday": -1, "today": 0, "tomorrow": 1}[words])
    weekday = _DAYS.index(str(g["wd"]).lower())
    back = (published.weekday() - weekday) % 7
    if words.startswith("next"):
        return published + timedelta(days=(weekday - published.weekday()) % 7 or 7)
    return published - timedelta(days=back or (7 if words.startswith("last") else 0))


def _meaning(g: dict[str, str | None], published: date | None) -> When | None:
    if g.get("rel"):
        day = _relative(g, published).isoformat() if published else None
        return When(day, day) if day else None
    if whole := g.get("year"):
        return When(whole, whole)
    if only := g.get("only"):
        number = int(re.sub(r"\D", "", only))
        if published is None or number > published.day:
            return None
        text = _iso(published.year, published.month, number)
        return When(text, text) if text else None
    month = int(str(g["mn"])) if g.get("mn") else _month(str(g["m"]))
    if not g.get("d"):
        return When(f"{g['y']}-{month:02d}", f"{g['y']}-{month:02d}")
    days = [int(re.sub(r"\D", "", str(g[k]))) for k in ("d", "d2") if g.get(k)]
    if not 1 <= days[0] <= 31:
        return None
    year = int(str(g["y"])) if g.get("y") else _year_near(month, days[0], published)
    start = _iso(year, month, days[0])
    end = _iso(year, _month(str(g["m2"])) if g.get("m2") else month, days[-1])
    return When(start, end) if start and end else None


def find(text: str, published: str | None) -> Iterator[tuple[int, int, When]]:
    """Calendar expressions of a text as (start, end, meaning), left to right, not overlapping.

    `published` is the ISO date of the article; with it years left out and relative days become full dates. What
    cannot be told (a weekday in an undated article) is left out.
    """
    day = date.fromisoformat(published) if published and re.fullmatch(r"\d{4}-\d\d-\d\d", published) else None
    taken: list[tuple[int, int, When]] = []
    for pattern in _PATTERNS:
        for m in pattern.finditer(text):
            start = m.start("year") if m.groupdict().get("year") else m.start()
            if any(start < e and s < m.end() for s, e, _ in taken):
                continue
            if (m.groupdict().get("m") or "M")[0].islower():
                continue  # the verbs "may" and "march"
            meaning = _meaning(m.groupdict(), day)
            if meaning:
                taken.append((start, m.end(), meaning))
    return iter(sorted(taken, key=lambda t: t[:2]))


_WHOLE_DAY = re.compile(
    rf"(?:the\s+)?(?:(?P<rel>last|this|next|on)\s+)?(?P<wd>{'|'.join(_DAYS)})(?:\s+(?:morning|afternoon|evening|night|noon))?",
    re.I,
)
_WHOLE_MONTH = re.compile(
    rf"(?:(?:early|mid|late|last|this|next)[ -])?(?P<m>{_M})(?:\s+(?:this|last|next)\s+year)?", re.I
)
_NEARBY = {
    "last night": -1,
    "tonight": 0,
    "this morning": 0,
    "this afternoon": 0,
    "this evening": 0,
    "the day before": -1,
}
_NEARBY |= {f"{day} {part}": by for day, by in (("yesterday", -1), ("tomorrow", 1)) for part in
            ("morning", "afternoon", "evening", "night")}  # fmt: skip


def meaning(text: str, published: str | None) -> When | None:
    """What a calendar expression as a whole means: as `find`, and also a bare weekday, a bare month, "last night".

    A weekday is the latest one up to the day of publication, a month the one nearest to it; None where that is unknown.
    """
    if found := next((when for _, _, when in find(text, published)), None):
        return found
    day = date.fromisoformat(published) if published and re.fullmatch(r"\d{4}-\d\d-\d\d", published) else None
    if day is None:
        return None
    words = " ".join(text.lower().split())
    if words in _NEARBY:
        return _on(day + timedelta(days=_NEARBY[words]))
    if m := _WHOLE_DAY.fullmatch(words):
        return _on(_relative({"rel": (m["rel"] or "on") + " " + m["wd"], "wd": m["wd"]}, day))
    if m := _WHOLE_MONTH.fullmatch(words):
        month = _month(m["m"])
        year = min((day.year - 1, day.year, day.year + 1), key=lambda y: abs((y - day.year) * 12 + month - day.month))
        iso = f"{year}-{month:02d}"
        return When(iso, iso)
    return None


def _on(day: date) -> When:
    return When(day.isoformat(), day.isoformat())


def full(iso: str, last: bool = False) -> str | None:
    """The first (or last) day of an ISO date of any precision, None where the year is unknown."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", iso):
        return iso
    if re.fullmatch(r"\d{4}-\d\d", iso):
        year, month = int(iso[:4]), int(iso[5:])
        after = date(year + month // 12, month % 12 + 1, 1)
        return (after - timedelta(days=1)).isoformat() if last else f"{iso}-01"
    if re.fullmatch(r"\d{4}", iso):
        return f"{iso}-12-31" if last else f"{iso}-01-01"
    return None
