"""What the line classifier sees of each line: signs, words, shape, place, neighbours, how it relates to the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import resources
from itertools import pairwise

from ipgraph.clean.dates import MONTHS
from ipgraph.clean.lines import Raw
from ipgraph.clean.meta import glued_dateline
from ipgraph.clean.signs import SIGNS

HEAD, TAIL = 140, 70
"""Characters at both ends of a long line that are looked at; what a line is shows there."""

LONG, BRIEF, AT_LENGTH = 14, 7, 25
"""Words from which on a line with a stop counts as running text, may be a short sentence of it, is sure to be text."""

MOST_QUOTED = 50_000
"""Characters of running text in which a line is looked for."""

SPELLED = 12
"""Words of the longest line whose words and shape are features one by one."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|\d+|[^\w\s]|_")
_STOPS = re.compile(r"[.!?。！？][\"'”’»)\]]*$")
_SHOWS = re.compile(r"(?:the )?(?:picture|photo|image)s? shows?\b", re.I)
_SENTENCE = re.compile(r"[a-z\d)”\"][.!?][\"”’]?(?:\s+[A-Z\"“]|$)")
_COMMON = frozenset(
    "the a an of to in and for on at with by from that is are was were it its as be this has have had will not he she "
    "they his her their or but said more new one two who which after about we you i our can no all when there".split()
)
_SMALL = _COMMON | frozenset("into over under out up off per vs via".split())
_WEEKDAYS = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun".split()
)
_MENU = frozenset(resources.files(__package__).joinpath("menu.txt").read_text(encoding="utf-8").split())
_PAST = frozenset(
    "was were had did said told took made came went gave got found held won began wrote left saw stood met sold "
    "brought bought built kept led lost paid ran sent spoke thought became knew let put set".split()
)
_PERSONAL = frozenset("i you we my your our us me".split())
_QUOTES = frozenset('"“”„«»')
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
        "pipes",
        "author label",
        "editing",
        "votes",
        "percent end",
        "time ago",
        "tag list",
        "dateline glued",
        "place date",
    )
)
"""Signs that say something of the lines beside theirs."""


def _bucket(name: str, value: float, edges: Sequence[float]) -> str:
    return f"{name}<{next((str(e) for e in edges if value < e), 'more')}"


def _kind(token: str) -> str:
    """The sort of a token in a line's shape."""
    first = token[0]
    if first.isdigit():
        return "Y" if len(token) == 4 and token[:2] in ("19", "20") else "9"
    if not first.isalpha():
        return token
    low = token.lower()
    if low in MONTHS:
        return "M"
    if low in _WEEKDAYS:
        return "D"
    if low in _SMALL:
        return low
    if first.islower():
        return "x"
    return "A" if len(token) > 1 and token.isupper() else "X"


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
        text, low = self.text, self.text.lower()
        return [name for name, sign in SIGNS.items() if sign.found(text, low)]

    @cached_property
    def tokens(self) -> list[str]:
        return _TOKEN.findall(self.text)

    @cached_property
    def words(self) -> list[str]:
        return [t for t in self.tokens if t[0].isalnum()]

    @cached_property
    def lows(self) -> list[str]:
        return [w.lower() for w in self.words]

    @cached_property
    def size(self) -> int:
        """Words of the whole line, the part that is not looked at with them."""
        return len(self.words) * max(1, len(self.raw.text) // (HEAD + TAIL))

    @cached_property
    def stopped(self) -> bool:
        return _STOPS.search(self.text) is not None

    @cached_property
    def long(self) -> bool:
        """Running text: many words, a stop, small words between."""
        return len(self.words) >= LONG and self.stopped and self.common > 0.12

    @cached_property
    def sentence(self) -> bool:
        """A sentence, though a short one: some words, a stop, small words between."""
        return len(self.words) >= BRIEF and self.stopped and self.common > 0.12

    @cached_property
    def common(self) -> float:
        return sum(w in _COMMON for w in self.lows) / max(1, len(self.words))

    @cached_property
    def content(self) -> set[str]:
        return {w for w in self.lows if len(w) > 3 and w not in _COMMON}

    @cached_property
    def shape(self) -> list[str]:
        """Sorts of the tokens, equal neighbours once."""
        kinds = [_kind(t) for t in self.tokens[: 2 * SPELLED]]
        return [k for i, k in enumerate(kinds) if i == 0 or k != kinds[i - 1]]

    @cached_property
    def past(self) -> bool:
        """Whether it tells of something past, as captions seldom do."""
        return any(w in _PAST or (w.endswith("ed") and len(w) > 4) for w in self.lows)

    @cached_property
    def told_from(self) -> bool:
        """A dateline with text behind it, as agencies begin their reports."""
        _, length = glued_dateline(self.text)
        return bool(length) and len(self.text[length:].split()) >= 5

    @property
    def brief(self) -> bool:
        return len(self.words) <= 6 and not self.stopped

    @property
    def sort(self) -> str:
        return "long" if self.long else "brief" if self.brief else "stopped" if self.stopped else "open"


def _spelled(line: _Seen) -> Iterator[str]:
    """The words of a short line, the ends of any line, and its shape."""
    words = [_kind(w) if w[0].isdigit() else w for w in line.lows]
    if not words:
        yield f"signs alone {line.text[:3]}"
        return
    yield f"first {words[0]}"
    yield f"last {words[-1]}"
    if len(words) > 1:
        yield f"first two {words[0]} {words[1]}"
    if len(words) <= SPELLED:
        yield from (f"word {w}" for w in set(words))
        yield from (f"words {a} {b}" for a, b in set(pairwise(words)))
        shape = ["^", *line.shape, "$"]
        yield from (f"shape {' '.join(gram)}" for gram in set(zip(shape, shape[1:], shape[2:], strict=False)))
        if len(shape) <= 9:
            yield f"whole {' '.join(shape)}"
    else:
        yield f"shape {' '.join(line.shape[:3])}"


def _shape(line: _Seen) -> Iterator[str]:
    words, text = line.words, line.text
    letters = [w for w in words if w[0].isalpha()]
    yield _bucket("words", line.size, (1, 2, 3, 4, 6, 9, 13, 20, 40))
    capitals = sum(w[0].isupper() for w in letters) / max(1, len(letters))
    yield _bucket("capitals", capitals, (0.2, 0.5, 0.8, 0.99))
    if len(letters) > 1:
        # Of the words that no rule of style writes small.
        told = [w for w in letters[1:] if w.lower() not in _SMALL]
        yield _bucket("title case", sum(w[0].isupper() for w in told) / max(1, len(told)), (0.01, 0.4, 0.7, 0.99))
    yield _bucket("common", line.common, (0.01, 0.12, 0.25))
    yield _bucket("characters", len(line.raw.text), (12, 30, 60, 110, 250, 500))
    last = text[-1] if text[-1] in ":,;>|)”]»…→" else "letter" if text[-1].isalnum() else "sign"
    yield f"ends {'stop' if line.stopped else last}"
    yield f"begins {'letter' if text[0].isalpha() else 'digit' if text[0].isdigit() else text[0]}"
    yield _bucket("sentences", len(_SENTENCE.findall(text)), (1, 2, 4))
    if len(words) > 40 and line.common < 0.12:
        yield "long list of names"
    if letters and text.isupper():
        yield "all capitals"
    elif letters and letters[0].isupper() and len(letters[0]) > 3:
        yield "first in capitals"
    if text[0].islower():
        yield "starts small"
    if words:
        yield _bucket("menu words", sum(w in _MENU for w in line.lows) / len(words), (0.01, 0.34, 0.67, 1))
        yield _bucket("digits", sum(c.isdigit() for c in text) / len(text), (0.01, 0.1, 0.3))
    if text.endswith("!"):
        yield "cries"
    if 2 <= len(words) <= 4 and all(w[0].isupper() for w in words) and not line.stopped:
        yield "looks like a name"
    if _PERSONAL & set(line.lows):
        yield "speaks to someone"
    if "  " in line.raw.text:
        yield "wide space inside"
    if line.raw.indent >= 2:
        yield "indented"


def _place(i: int, lines: Sequence[_Seen], first: int, last: int) -> Iterator[str]:
    yield _bucket("from start", i, (1, 2, 3, 6))
    yield _bucket("from end", len(lines) - 1 - i, (1, 2, 3, 6))
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
    line = lines[i]
    for name, j in (("prev", i - 1), ("next", i + 1), ("prev2", i - 2), ("next2", i + 2)):
        if not 0 <= j < len(lines):
            yield f"{name} none"
            continue
        other = lines[j]
        yield f"{name} {other.sort}"
        yield from (f"{name} {sign}" for sign in other.signs if sign in _NEAR)
        if name in ("prev", "next"):
            yield f"{line.sort} {name} {other.sort}"
            if other.text[-1] == ":":
                yield f"{name} colon"
            if len(other.words) <= 4 and other.words:
                yield f"{name} first {other.lows[0]}"
            if not line.long and line.shape[:2] == other.shape[:2]:
                yield f"{name} alike"
            if line.content and not line.long and other.long:
                # A heading says what the text below it tells.
                yield _bucket(
                    f"shared with {name}", len(line.content & other.content) / len(line.content), (0.01, 0.3, 0.6)
                )


def _relations(
    line: _Seen, texts: Counter[str], text_words: Counter[str], title_words: set[str], told: str
) -> Iterator[str]:
    """How a line relates to the running text and to the lines that stand before it."""
    if texts[line.raw.text] > 1:
        yield "said twice"
    if len(line.words) > 3 and not line.long and line.raw.text in told:
        yield "quoted by the text"
    if line.content and not line.long:
        shared = sum(text_words[w] > 0 for w in line.content) / len(line.content)
        yield _bucket("shared with text", shared, (0.01, 0.34, 0.67, 0.99))
        yield f"{line.sort} {_bucket('shared with text', shared, (0.01, 0.5))}"
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
            yield [f"under {box}", f"under {box} {line.sort}", _bucket(f"under {box} at", age, (1, 2, 4, 7, 12))]


def _runs(lines: Sequence[_Seen]) -> list[int]:
    """For each line, how many brief lines stand in a row around it."""
    out = [0] * len(lines)
    start = 0
    for i in range(len(lines) + 1):
        if i == len(lines) or not lines[i].brief:
            out[start:i] = [i - start] * (i - start)
            start = i + 1
    return out


def _span(lines: Sequence[_Seen]) -> tuple[list[int], int, int]:
    """Numbers of the lines of running text, the first and the last; short sentences count where there is no other."""
    long = [i for i, line in enumerate(lines) if line.long] or [i for i, line in enumerate(lines) if line.sentence]
    return long, long[0] if long else len(lines), long[-1] if long else -1


def _counted(numbers: Iterable[int], size: int) -> list[int]:
    """For each line, how many of the numbered lines stand before it."""
    marks = set(numbers)
    out, count = [], 0
    for i in range(size):
        out.append(count)
        count += i in marks
    return out


def _open(line: _Seen) -> bool:
    """Some words without a stop, as headings and captions are written."""
    return len(line.words) >= 4 and not line.stopped


def features(raw: Sequence[Raw]) -> list[list[str]]:
    """Names of the features that each line has."""
    lines = [_Seen(r) for r in raw]
    long, first, last = _span(lines)
    texts = Counter(r.text for r in raw)
    text_words = Counter(w for i in long for w in lines[i].content)
    running = "\n".join(raw[i].text for i in long)[:MOST_QUOTED]
    runs, boxes = _runs(lines), list(_under(lines))
    head = max(lines[: min(first, 25)], key=lambda line: (len(line.words) >= 4) * len(line.content), default=None)
    title_words = head.content if head else set()
    sentences = [i for i, line in enumerate(lines) if line.sentence]
    told, ended = _counted(sentences, len(lines)), False
    spaced = sum(r.blanks > 0 for r in raw) > 0.6 * len(raw)
    out = []
    for i, line in enumerate(lines):
        where = "before" if i < first else "after" if i > last else "in"
        found = ["bias", *line.signs, *_shape(line), *_spelled(line), *_place(i, lines, first, last)]
        found += [*_neighbours(i, lines), *boxes[i], *(f"{where} {sign}" for sign in line.signs)]
        found += _relations(line, texts, text_words, title_words, running)
        if line.long:
            found.append("long")
            if not _PICTURED & set(line.signs):
                found += ["tells", "tells at length"][: 1 + (line.size >= AT_LENGTH)]
        elif line.sentence:
            found += ["sentence", f"{where} sentence"]
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
        if 0 < i < len(lines) - 2 and all(map(_open, lines[i : i + 2])) and lines[i - 1].long and lines[i + 2].long:
            found.append("first of two open lines in running text")
        if 1 < i < len(lines) - 1 and all(map(_open, lines[i - 1 : i + 1])) and lines[i - 2].long and lines[i + 1].long:
            found.append("second of two open lines in running text")
        if line is head:
            found.append("longest at head")
        if line.told_from:
            found.append("text after a dateline")
        if not line.long:
            tense = "past" if line.past else "no past"
            quoted = "quoted" if _QUOTES & set(line.text) else "unquoted"
            found += [f"{where} {line.sort} {tense}", f"{where} {line.sort} {quoted}", f"{where} {tense} {quoted}"]
        found.append(_bucket("run", runs[i], (1, 2, 3, 5, 9)))
        found.append(f"{where} {line.sort}")
        found.append(f"{where} {_bucket('words', len(line.words), (2, 4, 8, 14))}")
        found.append(_bucket("sentences before", told[i], (1, 2, 4)))
        found.append(_bucket("sentences to come", len(sentences) - told[i] - line.sentence, (1, 2, 4)))
        if ended:
            found.append("after an end")
        ended = ended or (i > first and "end word" in line.signs)
        if spaced and i and not line.raw.blanks:
            found.append("close to the line above")
        out.append(found)
    return out
