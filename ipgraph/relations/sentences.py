"""Sentences as lists of items: mentions, and the words between them that matter to a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from spacy.tokens import Doc, Token
from spacy.tokens import Span as DocSpan

from ipgraph.mentions import Span
from ipgraph.model import Part
from ipgraph.relations.patterns import Item

_UNIT = re.compile(
    r"\b(?:departments?|divisions?|offices?|sectors?|sections?|units?|bureaus?|committees?|branch|directorates?"
    r"|institutes?|schools?|faculty|college|centres?|centers?|council|board|secretariat|laboratory|group|teams?)\b",
    re.I,
)
_UNSEEN = frozenset("\"“”„‟'‘’«»*_`")
_HONORIFIC = re.compile(r"(?:mr|ms|mrs|miss|mx|dr|prof|professor|sir|madam|h\.e|hon)\.?", re.I)
_OPEN, _CLOSE = "([（", ")]）"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a part: offsets in characters of the part, and its items from left to right."""

    part: Part
    start: int
    end: int
    text: str
    items: tuple[Item, ...]
    clauses: tuple[Clause, ...] = ()


@dataclass(frozen=True, slots=True)
class Clause:
    """A verb with the subject that the tree gives it, however far away that stands ("X came, sat down and spoke").

    All in characters of the part: places of the subject's words, of the words before the verb that colour it
    (auxiliaries, negation, governing verbs), and the stretch from the verb to the end of what depends on it.
    """

    subjects: tuple[int, ...]
    before: tuple[int, ...]
    start: int
    end: int


def outermost(spans: Sequence[Span]) -> list[Span]:
    """The spans that lie in no other, from left to right."""
    out: list[Span] = []
    for s in sorted(spans, key=lambda s: (s.start, -s.end)):
        if not out or s.start >= out[-1].end:
            out.append(s)
    return out


def _features(span: Span) -> frozenset[str]:
    found: set[str] = {span.mode}
    if span.kind == "Organization" and _UNIT.search(span.text):
        found.add("unit")
    if span.mode == "pronoun" and span.text.lower() in ("his", "her", "its", "their"):
        found.add("possessive")
    return frozenset(found)


def _mention(index: int, span: Span) -> Item:
    return Item(span.start, span.end, kind=span.kind, index=index, features=_features(span))


def _seen(token: Token) -> bool:
    """Whether a rule should see the word: no spaces, quotation marks, articles or forms of address."""
    if token.is_space or not token.text.strip() or set(token.text) <= _UNSEEN:
        return False
    return token.lower_ not in ("the", "a", "an") and not _HONORIFIC.fullmatch(token.text)


def _words(tokens: Sequence[Token], base: int) -> Iterator[Item]:
    for t in tokens:
        if _seen(t):
            yield Item(base + t.idx, base + t.idx + len(t.text), t.lemma_, t.text, t.pos_)


def _without_brackets(items: list[Item]) -> list[Item]:
    """Brackets that hold a title become commas, as in "X (director of Y)"; all others go with what they hold."""
    out: list[Item] = []
    at = 0
    while at < len(items):
        if items[at].form and items[at].form in _OPEN:
            close = next((i for i in range(at + 1, len(items)) if items[i].form and items[i].form in _CLOSE), -1)
            if close > 0:
                inner = items[at + 1 : close]
                if any(i.kind == "TITLE" for i in inner):
                    comma = Item(items[at].start, items[at].end, ",", ",", "PUNCT")
                    out += [comma, *inner, comma]
                at = close + 1
                continue
        out.append(items[at])
        at += 1
    return out


_COLOURS = frozenset(("aux", "aux:pass", "advmod", "cop", "mark"))


def _own_subjects(verb: Token) -> list[Token]:
    subjects = [c for c in verb.children if c.dep_ in ("nsubj", "nsubj:pass")]
    return [t for s in subjects for t in [s, *_conjuncts(s), *(c for c in s.children if c.dep_ == "appos")]]


def _conjuncts(token: Token) -> list[Token]:
    return [t for c in token.children if c.dep_ == "conj" for t in [c, *_conjuncts(c)]]


def _subjects(verb: Token, depth: int = 0) -> tuple[list[Token], list[Token]]:
    """Subject words of a verb, its own or those of the verb it hangs on, and the verbs on the way there."""
    own = _own_subjects(verb)
    if own or depth > 4:
        relative = [s for s in own if s.lower_ in ("who", "which", "that")]
        if relative and verb.dep_ in ("acl:relcl", "acl"):
            return [verb.head, *_conjuncts(verb.head)], []
        return own, []
    if verb.dep_ in ("acl:relcl", "acl") and verb.head.pos_ in ("NOUN", "PROPN"):
        return [verb.head], []
    if verb.dep_ in ("conj", "xcomp", "advcl", "parataxis") and verb.head.pos_ in ("VERB", "AUX"):
        subjects, way = _subjects(verb.head, depth + 1)
        return subjects, way if verb.dep_ == "conj" else [verb.head, *way]
    return [], []


def _clauses(sent: DocSpan, base: int) -> Iterator[Clause]:
    for verb in sent:
        if verb.pos_ != "VERB" or verb.dep_ == "amod":
            continue
        subjects, way = _subjects(verb)
        if not subjects:
            continue
        colours = [c for v in [verb, *way] for c in v.children if c.dep_ in _COLOURS and c.i < v.i]
        last = max((t.i for t in verb.subtree), default=verb.i)
        yield Clause(
            tuple(sorted({base + t.idx for t in subjects})),
            tuple(sorted({base + t.idx for t in [*colours, *way]})),
            base + verb.idx,
            base + sent.doc[last].idx + len(sent.doc[last]),
        )


def _sentence(part: Part, base: int, sent: DocSpan, spans: list[tuple[int, Span]]) -> Sentence:
    start = base + sent.start_char
    items: list[Item] = []
    tokens = list(sent)
    at = 0
    for index, span in spans:
        while at < len(tokens) and base + tokens[at].idx < span.start:
            items += _words(tokens[at : at + 1], base)
            at += 1
        while at < len(tokens) and base + tokens[at].idx < span.end:
            at += 1
        items.append(_mention(index, span))
    items += _words(tokens[at:], base)
    text = sent.text
    lead = len(text) - len(text.lstrip())
    low, high = start + lead, start + len(text.rstrip())
    return Sentence(part, low, high, text.strip(), tuple(_without_brackets(items)), tuple(_clauses(sent, base)))


def sentences(part: Part, base: int, doc: Doc, spans: Sequence[Span]) -> Iterator[Sentence]:
    """Sentences of a Doc that begins at character `base` of the part; `index` of an item counts in `spans`."""
    here = [s for s in outermost([s for s in spans if s.part == part]) if base <= s.start < base + len(doc.text)]
    numbered = [(spans.index(s), s) for s in here]
    for sent in doc.sents:
        if sent.text.strip():
            start, end = base + sent.start_char, base + sent.end_char
            yield _sentence(part, base, sent, [(i, s) for i, s in numbered if start <= s.start < end])
