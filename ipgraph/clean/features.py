"""What the line classifier sees of each line: signs, shape, place, neighbours, and how it relates to the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources

from ipgraph.clean.lines import Raw
from ipgraph.clean.signs import SIGNS

HEAD, TAIL = 300, 100
"""Characters at both ends of a long line that are looked at; what a line is shows there."""

LONG = 16
"""Words from which on a line with a stop counts as running text."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_STOPS = re.compile(r"[.!?。！？][\"'”’)\]]*$")
_SHOWS = re.compile(r"(?:the )?(?:picture|photo|image)s? shows?\b", re.I)
_SENTENCE = re.compile(r"[a-z\d)”\"][.!?][\"”’]?(?:\s+[A-Z\"“]|$)")
_COMMON = frozenset(
    "the a an of to in and for on at with by from that is are was were it its as be this has have had will not he she "
    "they his her their or but said more new one two who which after about".split()
)
_MENU = frozenset(resources.files(__package__).joinpath("menu.txt").read_text(encoding="utf-8").split())
_NEAR = frozenset(
    (
        "picture shows",
        "caption words",
        "caption start",
        "credit label",
        "credit in brackets",
        "widget",
        "poll",
        "poll label",
        "by strict",
        "date only",
        "date label",
        "about name",
        "about start",
        "end mark",
        "end word",
        "call to act",
        "source label",
        "option",
        "breadcrumb",
        "rights",
        "bullet",
        "media contact",
        "photographer",
        "source bare",
        "outlet only",
        "question end",
    )
)
"""Signs that say something of the lines beside theirs."""


def _bucket(name: str, value: float, edges: Sequence[float]) -> str:
    return f"{name}<{next((str(e) for e in edges if value < e), 'more')}"


@dataclass(frozen=True)
class _Seen:
    """A line with what is measured of it once."""

    raw: Raw

    @cached_property
    def text(self) -> str:
        text = self.raw.text
        return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]} {text[-TAIL:]}"

    @cached_property
    def signs(self) -> list[str]:
        return [name for name, sign in SIGNS.items() if sign.search(self.text)]

    @cached_property
    def words(self) -> list[str]:
        return _WORD.findall(self.text)

    @cached_property
    def stopped(self) -> bool:
        return _STOPS.search(self.text) is not None

    @cached_property
    def long(self) -> bool:
        """Running text: many words, a stop, small words between."""
        return len(self.words) >= LONG and self.stopped and self.common > 0.12

    @cached_property
    def common(self) -> float:
        return sum(w.lower() in _COMMON for w in self.words) / max(1, len(self.words))

    @cached_property
    def content(self) -> set[str]:
        return {w.lower() for w in self.words if len(w) > 3 and w.lower() not in _COMMON}

    @property
    def brief(self) -> bool:
        return len(self.words) <= 6 and not self.stopped


def _shape(line: _Seen) -> Iterator[str]:
    words, text = line.words, line.text
    letters = [w for w in words if w[0].isalpha()]
    yield _bucket("words", len(words), (1, 2, 3, 4, 6, 9, 13, 20, 40))
    yield _bucket("capitals", sum(w[0].isupper() for w in letters) / max(1, len(letters)), (0.2, 0.5, 0.8, 0.99))
    yield _bucket("common", line.common, (0.01, 0.12, 0.25))
    yield _bucket("characters", len(line.raw.text), (12, 30, 60, 110, 250, 500))
    last = text[-1] if text[-1] in ":,;>|)”]" else "letter" if text[-1].isalnum() else "sign"
    yield f"ends {'stop' if line.stopped else last}"
    yield _bucket("sentences", len(_SENTENCE.findall(text)), (1, 2, 4))
    if len(words) > 40 and line.common < 0.12:
        yield "long list of names"
    if letters and text.isupper():
        yield "all capitals"
    if text[0].islower():
        yield "starts small"
    if text[0].isdigit():
        yield "starts with digit"
    if words:
        yield _bucket("menu words", sum(w.lower() in _MENU for w in words) / len(words), (0.01, 0.34, 0.67, 1))
        yield _bucket("digits", sum(c.isdigit() for c in text) / len(text), (0.01, 0.1, 0.3))
    if 2 <= len(words) <= 4 and all(w[0].isupper() for w in words) and not line.stopped:
        yield "looks like a name"
    if line.raw.indent >= 2:
        yield "indented"


def _place(i: int, lines: Sequence[_Seen], first: int, last: int) -> Iterator[str]:
    yield _bucket("from start", i, (1, 3, 6))
    yield _bucket("from end", len(lines) - 1 - i, (1, 3, 6))
    if i < first:
        yield "before text"
        yield _bucket("to text", first - i, (2, 3, 4, 6))
    elif i > last:
        yield "after text"
        yield _bucket("past text", i - last, (2, 3, 4, 6))
    else:
        yield "in text"
    if lines[i].raw.blanks:
        yield "blank before"
    if i + 1 == len(lines) or lines[i + 1].raw.blanks:
        yield "blank after"


def _neighbours(i: int, lines: Sequence[_Seen]) -> Iterator[str]:
    for name, j in (("prev", i - 1), ("next", i + 1), ("prev2", i - 2), ("next2", i + 2)):
        if not 0 <= j < len(lines):
            yield f"{name} none"
            continue
        other = lines[j]
        yield f"{name} {'long' if other.long else 'brief' if other.brief else 'stopped' if other.stopped else 'open'}"
        yield from (f"{name} {sign}" for sign in other.signs if sign in _NEAR)


def _relations(
    line: _Seen, texts: Counter[str], text_words: Counter[str], title_words: set[str], long: list[str]
) -> Iterator[str]:
    """How a line relates to the running text and to the lines that stand before it."""
    if texts[line.raw.text] > 1:
        yield "said twice"
    if len(line.words) > 3 and not line.long and any(line.raw.text in other for other in long):
        yield "quoted by the text"
    if line.content and not line.long:
        shared = sum(text_words[w] > 0 for w in line.content) / len(line.content)
        yield _bucket("shared with text", shared, (0.01, 0.34, 0.67, 0.99))
    if line.content and title_words and line.content != title_words:
        yield _bucket("shared with head", len(line.content & title_words) / len(line.content), (0.01, 0.34, 0.67))


_PICTURED = {"picture shows", "caption words", "caption start", "credit label", "credit in brackets", "credit at end"}
_OPENERS = (
    ("poll", ("poll label",)),
    ("about", ("about name", "about start")),
    ("contact", ("media contact",)),
    ("widget", ("widget", "tag list")),
)
"""Boxes, and the signs of the short lines that open them."""


def _opened(line: _Seen) -> str | None:
    if "poll" in line.signs and "question end" in line.signs and len(line.words) < 30:
        return "poll"
    if len(line.words) > 14:
        return None
    return next((box for box, signs in _OPENERS if any(s in line.signs for s in signs)), None)


def _under(lines: Sequence[_Seen]) -> Iterator[list[str]]:
    """For each line, the box that a line above has opened, and how far above."""
    box: str | None = None
    age = 0
    for line in lines:
        if box is not None:
            age += 1
            if (line.long and box != "about") or (box == "about" and age > 5) or "end word" in line.signs:
                box = None
        opened = _opened(line)
        if opened and not (box == "poll" and opened == "poll"):
            box, age = opened, 0
        if box is None:
            yield []
        else:
            shape = "long" if line.long else "brief" if line.brief else "stopped" if line.stopped else "open"
            yield [f"under {box}", f"under {box} {shape}", _bucket(f"under {box} at", age, (1, 2, 4, 7, 12))]


def _runs(lines: Sequence[_Seen]) -> list[int]:
    """For each line, how many brief lines stand in a row around it."""
    out = [0] * len(lines)
    start = 0
    for i in range(len(lines) + 1):
        if i == len(lines) or not lines[i].brief:
            out[start:i] = [i - start] * (i - start)
            start = i + 1
    return out


def features(raw: Sequence[Raw]) -> list[list[str]]:
    """Names of the features that each line has."""
    lines = [_Seen(r) for r in raw]
    long = [i for i, line in enumerate(lines) if line.long]
    first, last = (long[0], long[-1]) if long else (len(lines), -1)
    texts = Counter(r.text for r in raw)
    text_words = Counter(w for i in long for w in lines[i].content)
    runs, boxes = _runs(lines), list(_under(lines))
    head = max(lines[: min(first, 25)], key=lambda line: (len(line.words) >= 4) * len(line.content), default=None)
    title_words = head.content if head else set()
    out = []
    for i, line in enumerate(lines):
        found = ["bias", *line.signs, *_shape(line), *_place(i, lines, first, last), *_neighbours(i, lines), *boxes[i]]
        found += _relations(line, texts, text_words, title_words, [raw[j].text for j in long])
        if line.long:
            found.append("long")
        if (
            i + 1 < len(lines)
            and _SHOWS.match(lines[i + 1].text)
            and "date" in line.signs
            and line.raw.text.count(". ") < 1
        ):
            found.append("dated, above a picture's text")
        if (
            first < i < last
            and not line.long
            and not line.stopped
            and not _PICTURED & {*line.signs, *(lines[i + 1].signs)}
        ):
            found.append("open in text, no picture")
        if line is head:
            found.append("longest at head")
        found.append(_bucket("run", runs[i], (1, 2, 3, 5, 9)))
        where = "before" if i < first else "after" if i > last else "in"
        found.append(f"{where} {'brief' if line.brief else 'stopped' if line.stopped else 'open'}")
        out.append(found)
    return out
