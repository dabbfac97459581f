"""Rules that find names the language pipeline may miss, over the text alone. Offsets count characters of the text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from ipgraph.mentions import lexicon
from ipgraph.mentions.spans import Span
from ipgraph.model import Part

Make = Callable[[int, int, str], Span]

_WORD = re.compile(r"[^\W_](?:[\w'’&/.-]*[^\W_])?|---|[^\w\s]", re.UNICODE)
_LINK = frozenset("of for on and in to the & with as at by".split())
_NOT_LEFT = frozenset(("as", "at", "by", "with", "to"))
_ORDINAL = re.compile(
    r"\d+(?:st|nd|rd|th)?$|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|annual", re.I
)
_NAME_WORD = r"[^\W\d_a-z][\w'’-]+"
_PERSON = re.compile(
    rf"\b{lexicon.HONORIFIC}\.?\s*({_NAME_WORD}(?:\s+(?:(?:al|bin|bint|binti|de|da|dos|del|della|van|von|der|la|le|el|a/[lp])\s+)*"
    rf"(?:[^\W\d_a-z]\.|{_NAME_WORD})){{0,4}})"
)
_SURNAMES = "|".join(s.title() for s in sorted(lexicon.ZH_SURNAMES))
_PINYIN_NAME = re.compile(
    rf"\b(?:{_SURNAMES})\s((?=[A-Z])(?i:{lexicon.PINYIN_GIVEN}))\b(?!\s(?:{lexicon.NO_PERSON_AFTER})\b)"
)
_LOCAL_BODY = re.compile(
    r"\b[A-Z][\w'’-]+(?: ?-[A-Z][\w-]+)* (?:[Mm]unicipal|[Pp]rovincial|[Cc]ounty|[Dd]istrict|[Cc]ity|[Ss]tate) "
    r"(?:[A-Za-z]+ ){0,4}?"
    r"(?:[Oo]ffice|[Bb]ureau|[Gg]overnment|[Aa]dministration|[Cc]ommittee|[Dd]epartment|[Cc]ommission|[Cc]ouncil)\b"
)
_QUOTED = re.compile(r"[\"“]([^\"“”\n]{6,200})[\"”]")
_LOWER_EVENT = re.compile(
    r"\b((?:(?:opening|closing|award(?:s|ing)?|launch(?:ing)?|signing|unveiling|groundbreaking|inauguration|"
    r"graduation|prize-giving|handover|plaque[- ]unveiling)\s+ceremony)"
    r"(?:\s+(?:of|for)\s+(?:the\s+)?[^\W\d_a-z][^.,;:()\n]{2,80})?)",
    re.I,
)
_TITLE_OF_HONOUR = re.compile(r"\b(?:title|honou?r|designation) of (?:the )?[\"“]([^\"“”\n]{4,80})[\"”]")


def _capital(word: str) -> bool:
    return word[0].isupper() or (word[0].isdigit() and len(word) > 1 and word[-1].isalpha() is False)


class _Words:
    """The words of a text with their offsets, and walks over capitalised runs."""

    def __init__(self, text: str) -> None:
        found = list(_WORD.finditer(text))
        self.text = [m.group() for m in found]
        self.start = [m.start() for m in found]
        self.end = [m.end() for m in found]
        self.source = text

    def gap(self, i: int) -> str:
        """What stands between word i and the next."""
        return self.source[self.end[i] : self.start[i + 1]]

    def left(self, at: int) -> int:
        """First word of the capitalised run that ends before `at`; links count only between capitalised words.

        A position ("Director of ...") and, behind "and", the head of another name end the run.
        """
        first = i = at
        while i > 0 and "\n" not in self.gap(i - 1):
            word = self.text[i - 1]
            if word.lower() in lexicon.POSITION_NOUNS:
                break
            if word == "General" and i > 1 and self.text[i - 2].lower() in lexicon.POSITION_NOUNS:
                break
            if self.text[i] in ("and", "&") and word.lower() in lexicon.ORGANIZATION_HEADS | lexicon.EVENT_HEADS:
                break
            if _capital(word) or _ORDINAL.match(word):
                first = i = i - 1
            elif self._linked(i):
                i -= 1
            else:
                break
        while first < at and (
            self.text[first] in _LINK or self.text[first] in ("The", "A", "An", "At", "In", "During", "On")
        ):
            first += 1
        return first

    def _linked(self, i: int) -> bool:
        """Whether the word before `i` is a small word inside a name; "of" only behind the head of a name."""
        word = self.text[i - 1]
        if word not in _LINK - _NOT_LEFT or i < 2 or "\n" in self.gap(i - 2):
            return False
        behind = self.text[i - 3 if self.text[i - 2] in _LINK and i > 2 else i - 2].lower()
        return "of" not in (word, self.text[i - 2]) or behind in lexicon.ORGANIZATION_HEADS | lexicon.EVENT_HEADS

    def shouting(self, at: int) -> bool:
        """Whether the word stands in a line whose words nearly all begin with a capital, as titles do."""
        start = self.source.rfind("\n", 0, self.start[at]) + 1
        end = self.source.find("\n", self.end[at])
        line = self.source[start : end if end >= 0 else None]
        long = [w for w in re.findall(r"[^\W\d_]+", line) if len(w) > 3]
        return len(long) > 2 and sum(w[0].isupper() for w in long) > 0.75 * len(long)

    def right(self, at: int, links: frozenset[str], *, plain: bool) -> int:
        """Last word of "head of Capitalised Words" that begins with `at`; `links` may stand between.

        Where `plain` is false a capitalised word right behind another does not go on the name.
        """
        last = i = at
        going_on = plain
        while i + 1 < len(self.text) and "\n" not in self.gap(i):
            word = self.text[i + 1]
            name = f"{word} {self.text[i + 2]}" if i + 2 < len(self.text) else ""
            if _PINYIN_NAME.fullmatch(name):
                break
            if word in lexicon.CALENDAR or word.lower() in lexicon.POSITION_NOUNS:
                break
            if _capital(word) and (going_on or word.isdigit()):
                last = i = i + 1
            elif word in links and (word != "and" or self.text[i].lower() not in lexicon.ORGANIZATION_HEADS):
                i += 1
                going_on = True
            else:
                break
        return last


_RIGHT = frozenset("of for on and the & to".split())


def _modifier(words: _Words, at: int, heads: frozenset[str]) -> bool:
    """Whether the word only modifies the noun behind it, as "Convention" does in "Convention Centre"."""
    if at + 1 >= len(words.text) or words.gap(at).strip(" ") or not words.gap(at):
        return False
    behind = words.text[at + 1].lower()
    return behind in heads | lexicon.ORGANIZATION_HEADS | lexicon.VENUE_HEADS | lexicon.EVENT_HEADS


def _headed(
    words: _Words, heads: frozenset[str], weak: frozenset[str], links: frozenset[str] = _RIGHT, *, plain: bool = False
) -> Iterator[tuple[int, int]]:
    """Word ranges (first, last) of capitalised names with one of these heads."""
    done = -1
    for i, word in enumerate(words.text):
        if i <= done or word.lower() not in heads or not word[0].isupper():
            continue
        if _modifier(words, i, heads):
            continue
        first, last = words.left(i), words.right(i, links, plain=plain and not words.shouting(i))
        if last - first + 1 >= (3 if word.lower() in weak else 2):
            done = last
            yield first, last


def _persons(text: str, make: Make) -> Iterator[Span]:
    for m in _PERSON.finditer(text):
        yield make(m.start(1), m.end(1), "Person")
    for m in _PINYIN_NAME.finditer(text):
        yield make(m.start(), m.end(), "Person")


def _units(words: _Words) -> Iterator[tuple[int, int]]:
    """Names of bodies, cut where a unit stands before its body ("Department of X of Y Agency" is two names)."""
    bodies = lexicon.ORGANIZATION_HEADS - lexicon.EVENT_HEADS
    for first, last in _headed(words, bodies, frozenset(), _RIGHT | {"in"}, plain=True):
        start = first
        for i in range(first, last):
            rest = {w.lower() for w in words.text[i + 1 : last + 1]}
            unit = words.text[i].lower() in lexicon.UNIT_HEADS and i > start
            if unit and words.text[i + 1] == "of" and rest & bodies:
                yield start, i
                start = i + 2 if words.text[i + 2] != "the" else i + 3
        if start <= last:
            yield start, last


def _companies(words: _Words, make: Make) -> Iterator[Span]:
    for m in lexicon.COMPANY_SUFFIX.finditer(words.source):
        before = [i for i, e in enumerate(words.end) if e <= m.start()]
        if before:
            first = words.left(before[-1] + 1)
            if first <= before[-1]:
                yield make(words.start[first], m.end(), "Organization")


def _events(words: _Words, make: Make) -> Iterator[Span]:
    for m in _QUOTED.finditer(words.source):
        inner = m.group(1).strip(" ,.")
        tail = words.source[m.end() : m.end() + 24].split()
        named = inner.split()[-1].lower() in lexicon.EVENT_HEADS - lexicon.WEAK_EVENT_HEADS
        if inner[0].isupper() and (
            named or (tail and tail[0].lower().strip(".,") in ("activity", "event", "conference", "forum"))
        ):
            start = m.start(1) + m.group(1).index(inner)
            yield make(start, start + len(inner), "Event")
    for first, last in _headed(words, lexicon.EVENT_HEADS, lexicon.WEAK_EVENT_HEADS):
        yield make(words.start[first], words.end[last], "Event")
    for m in _LOWER_EVENT.finditer(words.source):
        yield make(m.start(1), m.start(1) + len(m.group(1).rstrip()), "Event")


def _awards(words: _Words, make: Make) -> Iterator[Span]:
    for m in _TITLE_OF_HONOUR.finditer(words.source):
        yield make(m.start(1), m.end(1), "Award")
    for first, last in _headed(words, lexicon.AWARD_HEADS, frozenset()):
        yield make(words.start[first], words.end[last], "Award")


def find(part: Part, text: str) -> list[Span]:
    """Names by their heads, forms of address, quotation marks and company suffixes; positions by a word list."""

    def make(start: int, end: int, kind: str) -> Span:
        return Span(part, start, end, kind, text[start:end])

    words = _Words(text)
    organizations = [make(words.start[a], words.end[b], "Organization") for a, b in _units(words)]
    organizations += [make(m.start(), m.end(), "Organization") for m in _LOCAL_BODY.finditer(text)]
    titles = (make(m.start(), m.end(), "TITLE") for m in lexicon.TITLE.finditer(text))
    return [
        *_persons(text, make),
        *_events(words, make),
        *_awards(words, make),
        *_companies(words, make),
        *organizations,
        *titles,
    ]
