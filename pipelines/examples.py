"""Training examples: words with whatever a source knows of them, from treebanks, entity sets and our own articles."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from spacy.language import Language
from spacy.tokens import Doc, DocBin

from ipgraph.encoder.pairs import INDEX, KINDS, LABELS, MODES, PRONOUNS, UNTIED, Marked
from ipgraph.encoder.pieces import Ints, breaks, stops
from ipgraph.pipelines import data

SPAN_LABELS = (*KINDS, "Person~", "Organization~", "Event~")
"""What the span head finds: names of each kind, titles, dates, and nominal mentions of three kinds."""
UNKNOWN = -100
OUTSIDE, BEGIN, INSIDE, END, SINGLE = range(5)
_HEAD_OF = {kind: head for head, kinds in data.HEADS.items() for kind in kinds}


@dataclass(frozen=True, slots=True)
class Tree:
    """Gold tags and tree of the words: class numbers, UNKNOWN where not known; `head` is a place or -1 for a root."""

    columns: dict[str, Ints]
    head: Ints
    starts: Ints


@dataclass(frozen=True, slots=True)
class Fact:
    """A label that holds between two mentions."""

    head: int
    tail: int
    label: int


@dataclass(frozen=True, slots=True)
class Ties:
    """Mentions of a part of an article, what ties them, and the pairs (head, tail, label) that are left open."""

    mentions: tuple[Marked, ...]
    facts: tuple[Fact, ...]
    unsure: frozenset[tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Example:
    """Words and what is known of them. `tags` has shape (words, span labels). `swaps` are words that other names
    may replace: word -> its category, for the words at `named`.
    """

    words: tuple[str, ...]
    line_starts: tuple[bool, ...]
    tree: Tree | None = None
    tags: NDArray[np.int64] | None = None
    ties: Ties | None = None
    people: tuple[tuple[str, ...], ...] = ()
    swaps: dict[str, str] = field(default_factory=dict)
    named: frozenset[int] = frozenset()

    @property
    def ends(self) -> list[bool]:
        """Where a window may be cut: after gold sentences where they are known, else after stops."""
        if self.tree is None:
            return stops(self.words)
        return [*(bool(s) for s in self.tree.starts[1:]), True]

    @property
    def breaks(self) -> Ints:
        """Sentence and line ends before each word, as seen without gold."""
        return breaks(self.line_starts, stops(self.words))


# --- treebanks ------------------------------------------------------------------------------------------------------


def script(form: str, lemma: str) -> str:
    """How a lemma comes of its form: whether capitals go, how many letters are cut, what is put on."""
    low = form.lower()
    base, mark = (low, "l") if (lemma[:1] == low[:1] and lemma[:1] != form[:1]) or form == low else (form, "k")
    if lemma == lemma.lower():
        base, mark = low, "l"
    same = 0
    while same < min(len(base), len(lemma)) and base[same] == lemma[same]:
        same += 1
    return f"{mark}{len(base) - same}{lemma[same:]}" if same or len(base) < 10 else f"{mark}0"


@dataclass(frozen=True, slots=True)
class Classes:
    """The classes of each column of a treebank, in order."""

    xpos: tuple[str, ...]
    upos: tuple[str, ...]
    feats: tuple[str, ...]
    lemma: tuple[str, ...]
    deps: tuple[str, ...]

    def as_dict(self) -> dict[str, tuple[str, ...]]:
        """By column name."""
        return {name: getattr(self, name) for name in ("xpos", "upos", "feats", "lemma", "deps")}


def _columns(row: Sequence[str]) -> dict[str, str]:
    label = "ROOT" if row[6] == "0" else row[7]
    feats = "" if row[5] == "_" else row[5]
    return {"xpos": row[4], "upos": row[3], "feats": feats, "lemma": script(row[1], row[2]), "deps": label}


def classes(sentences: Iterable[data.Sentence], least: int = 3) -> Classes:
    """The classes that are seen at least `least` times, the commonest first."""
    counts: dict[str, Counter[str]] = {n: Counter() for n in ("xpos", "upos", "feats", "lemma", "deps")}
    for sentence in sentences:
        for row in sentence.rows:
            for name, value in _columns(row).items():
                counts[name][value] += 1
    kept = {n: sorted((k for k, v in c.items() if v >= least), key=lambda k: (-c[k], k)) for n, c in counts.items()}
    return Classes(**{n: tuple(k) for n, k in kept.items()})


def treebank_example(group: Sequence[data.Sentence], known: dict[str, dict[str, int]]) -> Example:
    """Neighbouring sentences as one example."""
    words: list[str] = []
    opens: list[bool] = []
    starts: list[int] = []
    heads: list[int] = []
    columns: dict[str, list[int]] = {name: [] for name in known}
    for number, sentence in enumerate(group):
        offset = len(words)
        for i, row in enumerate(sentence.rows):
            words.append(row[1])
            opens.append(i == 0 and (number == 0 or bool(sentence.opens)))
            starts.append(int(i == 0))
            heads.append(offset + int(row[6]) - 1 if row[6] != "0" else -1)
            for name, value in _columns(row).items():
                columns[name].append(known[name].get(value, UNKNOWN))
    tree = Tree({n: np.array(c) for n, c in columns.items()}, np.array(heads), np.array(starts))
    return Example(tuple(words), tuple(opens), tree)


def treebank(folder: Path, name: str, part: str, known: Classes, most: int, rng: random.Random) -> list[Example]:
    """A treebank's part in groups of 1 to `most` sentences."""
    index = {n: {v: i for i, v in enumerate(c)} for n, c in known.as_dict().items()}
    sentences = data.sentences(folder / "ud" / name / f"{part}.conllu.gz")
    return [treebank_example(group, index) for group in data.groups(sentences, most, rng)]


# --- entity sets ----------------------------------------------------------------------------------------------------


def _solid(doc: Doc) -> tuple[list[int], tuple[str, ...], tuple[bool, ...]]:
    """For each token its place among those that are no space; these as words; which of them open a line."""
    place: list[int] = []
    words: list[str] = []
    opens: list[bool] = []
    line = True
    for token in doc:
        place.append(len(words))
        if token.is_space:
            line = line or "\n" in token.text
            continue
        words.append(token.text)
        opens.append(line)
        line = "\n" in token.whitespace_
    return [*place, len(words)], tuple(words), tuple(opens)


def _mark(tags: NDArray[np.int64], start: int, end: int, label: str) -> None:
    column = SPAN_LABELS.index(label)
    if end - start == 1:
        tags[start, column] = SINGLE
    elif end > start:
        tags[start + 1 : end - 1, column] = INSIDE
        tags[start, column], tags[end - 1, column] = BEGIN, END


def entity_example(item: data.Spanned) -> Example:
    """An example of an entity set; a kind that the set leaves open in a stretch is UNKNOWN there."""
    place, words, opens = _solid(item.doc)
    tags = np.full((len(words), len(SPAN_LABELS)), UNKNOWN, np.int64)
    for head, spans in item.spans.items():
        own = [SPAN_LABELS.index(kind) for kind in data.HEADS[head]]
        tags[:, own] = OUTSIDE
        for span in spans:
            _mark(tags, place[span.start], place[span.end], span.label_)
        for span in item.unsure.get(head, ()):
            tags[place[span.start] : place[span.end], own] = UNKNOWN
    return Example(words, opens, tags=tags)


# --- our own articles -----------------------------------------------------------------------------------------------


def own_docs(folder: Path, part: str, nlp: Language) -> list[Doc]:
    """The Docs that `python -m ipgraph.corpus docbin` wrote."""
    return list(DocBin().from_disk(folder / f"{part}.spacy").get_docs(nlp.vocab))


def parts(doc: Doc) -> Iterator[tuple[int, int]]:
    """Token ranges of title, body (with headings) and each caption, as a pipeline reads them: one by one."""
    runs: list[tuple[str, int, int]] = []
    for kind, start, end in doc.user_data["lines"]:
        name = "body" if kind in ("body", "heading") else kind
        if runs and runs[-1][0] == name == "body":
            runs[-1] = (name, runs[-1][1], end)
        else:
            runs.append((name, start, end))
    for _name, start, end in runs:
        span = doc.char_span(start, end, alignment_mode="contract")
        if span is not None and len(span):
            yield span.start, span.end


@dataclass(frozen=True, slots=True)
class _Mention:
    start: int
    end: int
    kind: str
    mode: str
    ids: tuple[str, ...]
    text: str
    iso: str = ""

    def marked(self) -> Marked:
        return Marked(self.start, self.end, KINDS.index(self.kind), MODES.index(self.mode))


def _mentions(doc: Doc, place: Sequence[int], low: int, high: int) -> list[_Mention]:
    types = doc.user_data["entities"]
    out = []
    for key in ("ipgraph", "ipgraph_nominals"):
        for span in doc.spans[key]:
            if low <= span.start and span.end <= high:
                ids = tuple(span.id_.split("+")) if span.id_ else ()
                mode = {"NOMINAL": "nominal", "PRONOUN": "pronoun"}.get(span.label_, "name")
                kind = span.label_ if mode == "name" else types[ids[0]][0]
                out.append(_Mention(place[span.start], place[span.end], kind, mode, ids, span.text, span.kb_id_))
    return sorted((m for m in out if m.end > m.start), key=lambda m: (m.start, -m.end))


def _own_tags(doc: Doc, mentions: Sequence[_Mention], count: int) -> NDArray[np.int64]:
    tags = np.zeros((count, len(SPAN_LABELS)), np.int64)
    for m in mentions:
        label = m.kind + ("~" if m.mode == "nominal" else "")
        if m.mode != "pronoun" and label in SPAN_LABELS:
            _mark(tags, m.start, m.end, label)
            for other in doc.user_data["entities"].get(m.ids[0], ())[1:] if m.ids and m.kind not in ("TITLE",) else ():
                if other in SPAN_LABELS:  # a name used both ways: either is right
                    tags[m.start : m.end, SPAN_LABELS.index(other)] = UNKNOWN
    return tags


def _label(relation: dict[str, Any]) -> list[str]:
    kind, properties = relation["type"], relation.get("properties") or {}
    if kind in ("ATTENDED", "ORGANIZED"):
        labels = [f"{kind}:{properties.get('role')}"]
        return labels + (["ATTENDED:online"] if properties.get("mode") == "online" else [])
    return [f"RECEIVED:{properties.get('status')}"] if kind == "RECEIVED" else [kind]


def _siblings(label: str) -> list[int]:
    base = label.partition(":")[0]
    return [i for i, other in enumerate(LABELS) if other.partition(":")[0] == base]


class _TieMaker:
    """Finds in one part of an article the pairs of mentions that state its facts."""

    def __init__(
        self, doc: Doc, words: Sequence[str], mentions: list[_Mention], ends: Ints, chars: tuple[int, int],
        place: list[int],
    ) -> None:  # fmt: skip
        self.doc, self.words, self.mentions = doc, words, mentions
        self.breaks, self.chars, self.place = ends, chars, place
        self.facts: set[Fact] = set()
        self.unsure: set[tuple[int, int, int]] = set()
        self.of: dict[str, list[int]] = {}
        for i, m in enumerate(mentions):
            for identifier in m.ids if m.kind != "TITLE" else ():
                self.of.setdefault(identifier, []).append(i)

    def make(self) -> Ties:
        """All ties of the part."""
        for relation in self.doc.user_data["relations"]:
            self._relation(relation)
        self._titles()
        self._dates()
        self._same()
        done = {(f.head, f.tail, f.label) for f in self.facts}
        marked = (*(m.marked() for m in self.mentions), *self._free())
        return Ties(
            marked, tuple(sorted(self.facts, key=lambda f: (f.head, f.tail, f.label))), frozenset(self.unsure - done)
        )

    def _free(self) -> Iterator[Marked]:
        """Pronouns that stand for nothing we know: what the scorer must learn to leave alone."""
        taken = {i for m in self.mentions for i in range(m.start, m.end) if m.end - m.start == 1}
        for i, word in enumerate(self.words):
            if word.lower() in PRONOUNS and i not in taken:
                yield Marked(i, i + 1, *UNTIED)

    def _open(self, heads: Iterable[int], tails: Iterable[int], label: str) -> None:
        tails = list(tails)
        for h in heads:
            self.unsure.update((h, t, n) for t in tails for n in _siblings(label))

    def _relation(self, relation: dict[str, Any]) -> None:
        heads, tails = self.of.get(relation["head"], []), self.of.get(relation["tail"], [])
        symmetric = relation["type"] == "COOPERATES_WITH"
        self._open(heads, tails, _label(relation)[0])
        if symmetric:
            self._open(tails, heads, _label(relation)[0])
        if relation.get("optional") or not heads or not tails:
            return
        words = self._words(relation["start"], relation["end"])
        if words is None:
            return
        pair = self._nearest(heads, tails, *words)
        if pair is None:
            return
        for label in _label(relation):
            self.facts.add(Fact(*pair, INDEX[label]))
            if symmetric:
                self.facts.add(Fact(*pair[::-1], INDEX[label]))
            for n in _siblings(label):  # another role of the same pair is known not to hold
                self.unsure.discard((*pair, n))
        if relation["type"] == "HOLDS_POSITION":
            self._title_body(relation, pair, words)

    def _words(self, start: int, end: int) -> tuple[int, int] | None:
        """The words of a stretch of characters of the Doc, if it lies in this part."""
        if start < 0 or not (self.chars[0] <= start and end <= self.chars[1]):
            return None
        span = self.doc.char_span(start, end, alignment_mode="expand")
        return (self.place[span.start], self.place[span.end]) if span is not None else None

    def _nearest(self, heads: list[int], tails: list[int], low: int, high: int) -> tuple[int, int] | None:
        """The pair of mentions that the quote shows best: inside it, else in its sentence, else close before it."""
        last = min(high, len(self.breaks)) - 1

        def cost(i: int) -> float:
            m = self.mentions[i]
            if low <= m.start and m.end <= high:
                return 0.0
            gap = min(abs(self.breaks[m.start] - self.breaks[low]), abs(self.breaks[m.start] - self.breaks[last]))
            return 1.0 + 10.0 * float(gap) + (0.5 if m.start > low else 0.0)

        def apart(h: int, t: int) -> int:
            a, b = self.mentions[h], self.mentions[t]
            return max(a.start, b.start) - min(a.end, b.end)

        ranked = sorted((cost(h) + cost(t), apart(h, t), h, t) for h in heads for t in tails if h != t)
        return ranked[0][2:] if ranked and ranked[0][0] < 60 else None

    def _title_body(self, relation: dict[str, Any], pair: tuple[int, int], words: tuple[int, int]) -> None:
        wanted = str((relation.get("properties") or {}).get("title", "")).lower()
        titles = [
            i for i, m in enumerate(self.mentions)
            if m.kind == "TITLE" and relation["head"] in m.ids and m.text.lower() == wanted
        ]  # fmt: skip
        if not titles:
            return
        best = self._nearest(titles, [pair[1]], *words)
        if best is not None:
            self.facts.add(Fact(best[0], best[1], INDEX["TITLE_BODY"]))
        bodies = self.of.get(relation["tail"], [])
        self._open(titles, bodies, "TITLE_BODY")

    def _titles(self) -> None:
        """A title belongs to the nearest mention of each of its persons."""
        for i, m in enumerate(self.mentions):
            if m.kind != "TITLE":
                continue
            for person in m.ids:
                near = self.of.get(person, [])
                if near:
                    best = min(near, key=lambda j: (abs(self.breaks[self.mentions[j].start] - self.breaks[m.start]),
                                                    abs(self.mentions[j].start - m.start)))  # fmt: skip
                    self.facts.add(Fact(i, best, INDEX["TITLE_PERSON"]))
                    self._open([i], near, "TITLE_PERSON")

    def _dates(self) -> None:
        """A date belongs to an event that has it, where the sentence mentions both; the nearest mention counts."""
        when = {event: set(isos) for event, isos in self.doc.user_data["dates"].items() if isos}
        for i, m in enumerate(self.mentions):
            if m.kind != "DATE" or not m.iso:
                continue
            for event, isos in when.items():
                if m.iso not in isos and not set(m.iso.split("/")) & isos:
                    continue
                here = [
                    j for j in self.of.get(event, []) if self.breaks[self.mentions[j].start] == self.breaks[m.start]
                ]
                if here:
                    best = min(here, key=lambda j: abs(self.mentions[j].start - m.start))
                    self.facts.add(Fact(i, best, INDEX["DATE_EVENT"]))
                self._open([i], self.of.get(event, []), "DATE_EVENT")

    def _same(self) -> None:
        """A pronoun or nominal is tied to every name and nominal of its entities before it."""
        for i, m in enumerate(self.mentions):
            if m.mode == "name" or not m.ids:
                continue
            for identifier in m.ids:
                for j in self.of.get(identifier, []):
                    if self.mentions[j].start < m.start and self.mentions[j].mode != "pronoun":
                        self.facts.add(Fact(i, j, INDEX["SAME"]))


def own_examples(doc: Doc) -> Iterator[Example]:
    """The parts of one of our own articles."""
    common: dict[str, str] = {}
    for low, high in parts(doc):
        piece = doc[low:high]
        inner, words, opens = _solid(piece.as_doc())
        place = [0] * low + inner + [len(words)] * (len(doc) - high)
        mentions = _mentions(doc, place, low, high)
        ends = breaks(opens, stops(words))
        ties = _TieMaker(doc, words, mentions, ends, (piece.start_char, piece.end_char), place).make()
        named = frozenset(i for m in mentions if m.mode == "name" and m.kind != "DATE" for i in range(m.start, m.end))
        for m in mentions:
            if m.mode == "name" and m.kind in ("Place", "Brand", "Organization", "Event", "Award"):
                for i in range(m.start, m.end):
                    if m.kind not in ("Event", "Award") and (m.kind != "Place" or m.end - m.start == 1):
                        common.setdefault(words[i], m.kind)
        people = {tuple(words[m.start : m.end]) for m in mentions if m.kind == "Person" and m.mode == "name"}
        yield Example(words, opens, tags=_own_tags(doc, mentions, len(words)), ties=ties,
                      people=tuple(sorted(people, key=lambda p: (-len(p), p))), swaps=common, named=named)  # fmt: skip


# --- variety --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pools:
    """Names to put in for others: whole names of people, single words of the other kinds; and words that are common."""

    people: tuple[tuple[str, ...], ...]
    words: dict[str, tuple[str, ...]]
    common: frozenset[str]


def _proper(word: str, common: frozenset[str]) -> bool:
    return len(word) > 2 and word.isalpha() and word[0].isupper() and word.lower() not in common


def pools(examples: Sequence[Example]) -> Pools:
    """Names from these examples."""
    common = frozenset(w for e in examples for w in e.words if w.islower())
    people: set[tuple[str, ...]] = set()
    words: dict[str, set[str]] = {"Place": set(), "Organization": set(), "Brand": set()}
    for e in examples:
        people.update(p for p in e.people if all(_proper(w, common) for w in p) and len(p) > 1)
        for word, kind in e.swaps.items():
            if _proper(word, common):
                words[kind].add(word)
        if e.ties is None and e.tags is not None:
            column = SPAN_LABELS.index("Person")
            for i in np.flatnonzero(e.tags[:, column] == BEGIN):
                j = i + 1
                while j < len(e.words) and e.tags[j, column] == INSIDE:
                    j += 1
                name = e.words[i : j + 1]
                if 1 < len(name) < 5 and all(_proper(w, common) for w in name):
                    people.add(name)
            places = e.tags[:, SPAN_LABELS.index("Place")] == SINGLE
            words["Place"].update(e.words[i] for i in np.flatnonzero(places) if _proper(e.words[i], common))
    return Pools(tuple(sorted(people)), {k: tuple(sorted(v)) for k, v in words.items()}, common)


def swapped(example: Example, pool: Pools, rng: random.Random) -> Example:
    """The example with some of its names exchanged, each word always by the same other one."""
    known: dict[str, str] = {}
    for person in example.people:
        own = [w for w in person if _proper(w, pool.common)]
        if own and not any(w in known for w in own) and rng.random() < 0.8:
            donor = rng.choice(pool.people)
            for i, w in enumerate(own):
                known[w] = donor[i] if i < len(donor) else rng.choice(rng.choice(pool.people))
    for word, kind in example.swaps.items():
        if word not in known and _proper(word, pool.common) and pool.words[kind] and rng.random() < 0.6:
            known[word] = rng.choice(pool.words[kind])
    if not known:
        return example
    words = tuple(known.get(w, w) if i in example.named else w for i, w in enumerate(example.words))
    return replace(example, words=words)


def recased(example: Example, rng: random.Random) -> Example:
    """The example, or now and then a copy in capitals, in Title Case or without capitals: headlines come in all."""
    how = rng.random()
    if how > 0.10:
        return example
    change = str.upper if how < 0.03 else str.title if how < 0.07 else str.lower
    return replace(example, words=tuple(change(w) if w.isascii() and "'" not in w else w for w in example.words))
