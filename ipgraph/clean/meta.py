"""Who wrote it, for whom, and when: read from bylines, datelines and source lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ipgraph.clean import dates
from ipgraph.clean.dates import DAY, MONTH, MONTH_DAY, YEAR
from ipgraph.clean.signs import AGENCY, NAME


@dataclass(frozen=True, slots=True)
class Meta:
    """What is known of an article beside its text; `date` is YYYY-MM-DD, `date_source` how it was found."""

    title: str | None = None
    date: str | None = None
    date_source: str | None = None
    publisher: str | None = None
    author: str | None = None
    url: str | None = None

    def over(self, other: Meta) -> Meta:
        """These values, the other's where there is none; a date goes with how it was found."""
        names = ("title", "publisher", "author", "url")
        merged = {name: getattr(self, name) or getattr(other, name) for name in names}
        dated = self if self.date else other
        return Meta(**merged, date=dated.date, date_source=dated.date_source)


_PERSON = rf"[A-Z][\w'’.-]*(?:\s+{NAME}){{0,4}}"
_LABEL = re.compile(
    r"^\W*(?:(?:words|text|story|report|reported|reporting|written|writing|news) by|by|authors?|writers?|reporters?|"
    r"journalist|correspondent)\b\s*[:：|]?\s*",
    re.I,
)
_ROLE = re.compile(
    r"\b(?:(?:senior |chief |contributing |special |our |staff |news |business |political |legal |all media )*"
    r"(?:writers?|reporters?|correspondents?|editors?|journalists?|contributors?|columnists?)"
    r"|staff|in [A-Z][\w ]+)\s*$",
    re.I,
)
_OUTLET = re.compile(
    r"\b(?:news|daily|times|post|herald|tribune|journal|gazette|review|weekly|monthly|magazine|media|press|agency|online|"
    r"net|network|tv|radio|observer|chronicle|mail|telegraph|guardian|standard|bulletin|express|courier|globe|mirror|"
    r"today|world|watch|report|insider|business|wire|center|centre|office|association|university|ministry|echo|argus|"
    r"dispatch|register|sentinel|star|sun|voice|examiner|independent|reporter|ip|bureau|desk)\b|\.\w{2,3}\b|\b"
    + AGENCY
    + r"\b",
    re.I,
)
_SPLIT = re.compile(r"\s*(?:[,;|·•/]|\s[-–—]\s|\(|\)|\[|\]|：|:)\s*")
_AND = re.compile(r"\s*(?:,?\s+(?:and|with)\s+|&|;|,)\s*")
_NOT_A_NAME = re.compile(
    r"\b(?:staff|reporters?|writers?|editors?|correspondents?|desk|team|comprehensive|updated|published|posted|min|read|"
    r"views?|special|contributed|agencies|newsroom)\b|\d|@",
    re.I,
)


def _person(text: str) -> str | None:
    """The text as a person's name, titles of the trade taken off, None where it is none."""
    bare = _ROLE.sub(
        "", re.sub(r"^(?:all media |staff |our )*(?:reporters?|by|and)\s+", "", text.strip(" .,-–—*|"), flags=re.I)
    )
    bare = bare.strip(" .,-–—*|")
    if bare.isupper() and len(bare) > 3:
        bare = bare.title()
    if re.fullmatch(_PERSON, bare) is None or _NOT_A_NAME.search(bare) or len(bare.split()) < 2:
        return None
    return bare


def byline(text: str) -> Meta:
    """Authors and publisher of a byline.

    >>> m = byline("By Ada Marsh and Li Na, Harbour Evening News"); m.author, m.publisher
    ('Ada Marsh; Li Na', 'Harbour Evening News')
    """
    date = dates.find(text)
    bare = re.sub(r"[\[(（【][^\])]*[\])）】]", "", _LABEL.sub("", text, count=1))
    authors: list[str] = []
    publisher = None
    for piece in _SPLIT.split(bare):
        people = [p for name in _AND.split(piece) if (p := _person(name))]
        outlet = bool(_OUTLET.search(piece)) and not _NOT_A_NAME.search(_OUTLET.sub("", piece))
        if people and not (outlet and authors):
            authors += [p for p in people if p not in authors]
        elif outlet and publisher is None and piece[:1].isupper():
            publisher = piece.strip(" .,")
    return Meta(
        author="; ".join(authors) or None, publisher=publisher, date=date, date_source="byline" if date else None
    )


_SOURCE = re.compile(
    r"^\W*(?:(?:news |original |article )?sources?|(?:originally|first) (?:published|appeared) (?:in|on|by|at)|from|"
    r"via|courtesy of|(?:reprinted|republished) (?:from|with permission (?:of|from)))\s*[:：|]?\s*",
    re.I,
)


def source_line(text: str) -> Meta:
    """Publisher and author that a line such as "(Source: Port Daily, reporter Ann Lee)" names."""
    date = dates.find(text)
    bare = _SOURCE.sub("", text, count=1).strip(" ()[]（）【】.")
    pieces = [p for p in _SPLIT.split(bare) if p and not re.fullmatch(rf"(?:{MONTH_DAY}|{YEAR}|\W*)", p, re.I)]
    authors = []
    for piece in pieces[1:]:
        m = re.search(rf"\b(?i:reporters?|correspondents?|by|authors?)\s+({_PERSON}(?:\s+and\s+{_PERSON})?)\s*$", piece)
        label = bool(re.fullmatch(r"(?:authors?|reporters?|by)", piece, re.I))
        if label or m:
            found = m.group(1) if m else pieces[pieces.index(piece) + 1] if piece != pieces[-1] else ""
            authors += [p for name in _AND.split(found) if (p := _person(name))]
    if pieces:
        pieces[0] = re.sub(rf"\s+on\s+(?:{MONTH_DAY}|{YEAR}).*$", "", pieces[0])
    publisher = pieces[0] if pieces and not dates.find(pieces[0]) and not re.match(r"https?$", pieces[0]) else None
    return Meta(
        publisher=publisher, author="; ".join(authors) or None, date=date, date_source="source line" if date else None
    )


_DASH = r"\s*(?:--+|[–—―]|\s-)\s*"
_PLACE = r"[A-Z][\w.'’-]*(?:[ -][A-Z][\w.'’-]*){0,3}(?:, [A-Z][\w.'’-]*(?: [A-Z][\w.'’-]*){0,2})?"
_DAY = rf"(?:{MONTH}\s*{DAY}|{DAY}\s+{MONTH})(?:,?\s+{YEAR})?"
_WIRE = r"\(\s*(?P<agency>[A-Z][\w .&/'’-]{1,40})\s*\)"
_PUBLISHER = (
    rf"(?P<publisher>(?:[\w-]+\.(?:com|cn|net|org)(?:\.\w\w)?|{AGENCY}|"
    r"(?:[A-Z][\w-]* ){0,3}(?:News|Daily|Times|Post|Agency|Network|Online|Wire)))"
)
_GLUED = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?:{_PLACE}),? (?P<date>{_DAY})(?:,| )*{_WIRE}(?:{_DASH}|[.:]\s*)",
        rf"(?:{_PLACE}) {_WIRE}{_DASH}",
        rf"{_PUBLISHER},? (?:{_PLACE}),? (?P<date>{_DAY})(?:{_DASH}|[.:]\s+)",
        rf"{_PUBLISHER},? (?P<date>{_DAY})(?:{_DASH}|[.:]\s+)",
        rf"(?:{_PLACE}), (?P<date>{_DAY})(?:{_DASH}|[.:]\s+)",
        rf"(?:[A-Z][A-Z.'’-]{{2,}}(?: [A-Z][A-Z.'’-]+){{0,3}}(?:, [A-Z][\w.]*)?)(?:{_DASH})",
        rf"\((?P<publisher>{AGENCY})\){_DASH}",
    )
)  # fmt: skip


def glued_dateline(text: str) -> tuple[Meta, int]:
    """What a dateline at the head of a sentence says, and its length with the mark that ends it; 0 where there is none.

    >>> m, length = glued_dateline("GENEVA, March 3, 2021 (Xinhua) -- The office said"); m.publisher, m.date, length
    ('Xinhua', '2021-03-03', 34)
    """
    for form in _GLUED:
        if m := form.match(text):
            groups = m.groupdict()
            date = dates.find(groups.get("date") or "")
            publisher = groups.get("publisher") or groups.get("agency")
            return Meta(publisher=publisher, date=date, date_source="dateline" if date else None), m.end()
    return Meta(), 0


def merged(found: Iterable[Meta]) -> Meta:
    """All of it, the first to say something wins."""
    out = Meta()
    for one in found:
        out = out.over(one)
    return out


def from_fields(fields: Mapping[str, str]) -> Meta:
    """What the container of a record says; a date that is no date is no date."""
    date = dates.find(fields.get("date", ""))
    out = Meta(
        fields.get("title"),
        date,
        "field" if date else None,
        fields.get("publisher"),
        fields.get("author"),
        fields.get("url"),
    )
    return replace(
        out, **{k: v.strip() or None for k in ("title", "publisher", "author", "url") if (v := getattr(out, k))}
    )


def date_line(text: str) -> Meta:
    """The date of a line that holds little else, and the agency or publisher it names."""
    date = dates.find(text)
    glued, _ = glued_dateline(text + " — x")
    return Meta(date=date, date_source="dateline" if date else None, publisher=glued.publisher)
