"""A small pattern language over sentences in which mentions stand as single items.

A sentence is a list of items: mentions (with their kind) and words (with lemma, form and UD tag). A pattern is a line
of terms separated by blanks:

    {head:Person|Organization}   one mention of these kinds, captured under that name
    {head:Person+}               a list of them ("A, B and C"), all captured
    {tail:Organization/unit}     only one whose name is that of a unit (department, office, ...)
    {Event}                      a mention, not captured
    attend|join                  a word by lemma or regular form, any case; a mention may stand among the words
    :VERB                        a word by UD part of speech
    ~4                           up to four items of any kind, as few as possible, never across a hard stop
    ^4                           the same, and never across a word that is the finite verb of another clause
    !{Person}  !of               what must not come next

Behind a term, ? makes it optional and * lets it repeat. Patterns are compiled to regular expressions over an encoded
sentence, after the manner of TokensRegex (Chang and Manning 2014) and spaCy's Matcher; the differences are lists as one
term, bounded gaps, and folding: a match may be replaced by fewer items, so that later patterns see a simpler sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

_STOPS = ".;:?!"
_TERM = re.compile(r"^(?P<not>!)?(?P<body>.+?)(?P<times>[?*])?$")
_MENTION = re.compile(r"^\{(?:(?P<name>\w+):)?(?P<kinds>[A-Za-z|]+)(?:/(?P<feature>\w+))?(?P<list>\+)?\}$")
_SEPARATOR = r"(?:=(?:,|and|&|;|as|well|plus)=\S+ )"


@dataclass(frozen=True, slots=True)
class Item:
    """A mention (`kind` set, `index` into the mentions of the part) or a word. Offsets count characters of the part."""

    start: int
    end: int
    lemma: str = ""
    form: str = ""
    pos: str = ""
    kind: str = ""
    index: int = -1
    features: frozenset[str] = frozenset()

    def code(self, at: int) -> str:
        """The item as one word of the encoded sentence; `at` is its place in the list."""
        if self.kind:
            return f"<{self.kind}:{at}:{'.'.join(sorted(self.features))}> "
        lemma, form = (re.sub(r"[\s=]", "_", x) or "_" for x in (self.lemma.lower(), self.form.lower()))
        return f"={lemma}={form}={self.pos}= "


@dataclass(frozen=True, slots=True)
class Match:
    """Where a pattern matched: items `[start:end]`, and the captured items by name, as places in the list."""

    start: int
    end: int
    captured: dict[str, tuple[int, ...]]


def _mention(kinds: str, feature: str | None) -> str:
    wanted = rf"[^>]*\b{feature}\b[^>]*" if feature else "[^>]*"
    return rf"<(?:{kinds}):\d+:{wanted}> "


def inflected(word: str) -> set[str]:
    """A word and its regular forms as noun or verb; irregular ones a pattern must name itself.

    >>> sorted(inflected("preside"))
    ['preside', 'presided', 'presides', 'presiding']
    """
    if not word.isalpha() or len(word) < 3:
        return {word}
    if word.endswith("e"):
        return {word, word + "s", word + "d", word[:-1] + "ing"}
    if re.search(r"[^aeiou]y$", word):
        return {word, word[:-1] + "ies", word[:-1] + "ied", word + "ing"}
    plural = word + ("es" if re.search(r"(?:s|x|z|ch|sh)$", word) else "s")
    return {word, plural, word + "ed", word + "ing"}


def _word(body: str) -> str:
    if body.startswith(":"):
        return rf"=[^= ]+=[^= ]+=(?:{body[1:]})= "
    listed = [w for w in body.lower().split("|") if w]
    words = "|".join(map(re.escape, listed))
    forms = "|".join(sorted({re.escape(f) for w in listed for f in inflected(w)}))
    return rf"=(?:(?:{words})=[^= ]+|[^= ]+=(?:{forms}))=\S+ "


def _gap(body: str) -> str:
    barred = rf"=[{re.escape(_STOPS)}]="
    if body[0] == "^":
        barred += "|=[^= ]+=[^= ]+=VERB= "
    return rf"(?:(?!{barred})\S+ ){{0,{int(body[1:])}}}?"


def _compile_term(term: str) -> str:
    found = _TERM.match(term)
    if found is None:
        raise ValueError(f"no term: {term!r}")
    body, times = found["body"], found["times"] or ""
    if re.fullmatch(r"[~^]\d+", body):
        return _gap(body)
    mention = _MENTION.match(body)
    if mention:
        one = _mention(mention["kinds"], mention["feature"])
        text = rf"{one}(?:{_SEPARATOR}*{one})*" if mention["list"] else one
        if mention["name"]:
            text = rf"(?P<{mention['name']}>{text})"
    elif "{" in body:
        mixed = re.findall(r"\{[^}]*\}|[^|{}]+", body)
        text = f"(?:{'|'.join(_compile_term(part) for part in mixed)})"
    else:
        text = _word(body)
    if found["not"]:
        return rf"(?!{text})"
    return rf"(?:{text}){times}" if times else text


@dataclass(frozen=True)
class Pattern:
    """A compiled pattern. Raises ValueError for one that is not well formed."""

    text: str
    _: None = field(default=None, repr=False)

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The regular expression over encoded sentences."""
        return re.compile(r"(?<!\S)" + "".join(_compile_term(t) for t in self.text.split()))

    def matches(
        self, items: Sequence[Item], not_before: Pattern | None = None, not_after: Pattern | None = None
    ) -> Iterator[Match]:
        """All matches from left to right that do not overlap and are not hemmed in by the other two patterns."""
        codes = [item.code(i) for i, item in enumerate(items)]
        starts, at = [], 0
        for c in codes:
            starts.append(at)
            at += len(c)
        place = {s: i for i, s in enumerate([*starts, at])}
        text = "".join(codes)
        for m in self.regex.finditer(text):
            if not_before and re.search(not_before.regex.pattern + "$", text[: m.start()]):
                continue
            if not_after and not_after.regex.match(text, m.end()):
                continue
            if m.end() > m.start():
                captured = {k: _places(v) for k, v in m.groupdict().items() if v}
                yield Match(place[m.start()], place[m.end()], captured)


def _places(text: str) -> tuple[int, ...]:
    return tuple(int(i) for i in re.findall(r"<[A-Za-z]+:(\d+):", text))
