"""Pasted text as lines, and what kind each of them is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ipgraph.clean.signs import SIGNS

KINDS = (
    "nav", "title", "byline", "dateline", "source", "caption", "credit",
    "heading", "body", "end", "about", "sidebar", "poll",
)  # fmt: skip
"""What a line of a pasted article can be."""

_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Raw:
    """A line that is not blank: its text stands at `[start:end]` of the decoded source, white space left out.

    `indent` counts the white space before it, `blanks` the blank lines before it, `width` all its characters.
    """

    text: str
    start: int
    end: int
    indent: int
    blanks: int
    width: int


def split(text: str) -> list[Raw]:
    """The lines of a text that are not blank."""
    out = []
    blanks = start = 0
    for stop, following in [*((m.start(), m.end()) for m in _BREAK.finditer(text)), (len(text), len(text))]:
        line = text[start:stop]
        stripped = line.strip().strip("\ufeff\u200b")
        if stripped:
            left = line.index(stripped)
            out.append(Raw(stripped, start + left, start + left + len(stripped), left, blanks, len(line)))
            blanks = 0
        else:
            blanks += 1
        start = following
    return out


def classify(lines: list[Raw]) -> list[str]:
    """The kind of each line, one of `KINDS`."""
    kinds: list[str] = []
    for i, line in enumerate(lines):
        hit = {name for name, sign in SIGNS.items() if sign.search(line.text)}
        nxt = {name for name, sign in SIGNS.items() if i + 1 < len(lines) and sign.search(lines[i + 1].text)}
        stop = line.text[-1] in ".!?\"”'" or len(line.text) > 250
        if "credit in brackets" in hit:
            kind = "credit"
        elif "end mark" in hit:
            kind = "end"
        elif "picture shows" in hit or "picture shows" in nxt:
            kind = "caption"
        elif i < 4 and "by strict" in hit:
            kind = "byline"
        elif i < 4 and "date only" in hit:
            kind = "dateline"
        elif "source strict" in hit:
            kind = "source"
        elif len(line.text) > 400 and sum(w[:1].isupper() for w in line.text.split()) > 0.7 * len(line.text.split()):
            kind = "nav"
        elif (kinds and kinds[-1] in ("sidebar", "poll")) or ("widget" in hit and len(line.text) < 60):
            kind = "poll" if "poll" in hit or "poll" in kinds else "sidebar"
        elif (kinds and "about" in kinds) or ("about name" in hit and not stop):
            kind = "about"
        elif not stop:
            head = not any(k in ("title", "body") for k in kinds)
            kind = "title" if head else "heading"
        else:
            kind = "body"
        kinds.append(kind)
    return kinds
