"""Training data to spaCy Docs: UD treebanks with their real spacing, and entity sets cut by our tokenizer."""

import gzip
import json
import random
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.util import filter_spans
from spacy.vocab import Vocab

# Which kinds each entity head tells apart. A head is trained on a set only where the set knows its kinds.
HEADS: dict[str, tuple[str, ...]] = {
    "dates": ("DATE",),
    "titles": ("TITLE",),
    "brands": ("Brand",),
    "events": ("Event", "Award"),
    "names": ("Person", "Organization", "Place"),
}
KINDS = {
    "PERSON": "Person",
    "ORG": "Organization",
    "GPE": "Place",
    "LOC": "Place",
    "FAC": "Place",
    "EVENT": "Event",
    "AWARD": "Award",
    "BRAND": "Brand",
    "DATE": "DATE",
    "ROLE": "TITLE",
}
SOURCES = {"Place": {"GPE", "LOC", "FAC"}} | {
    kind: {source for source, k in KINDS.items() if k == kind} for kind in KINDS.values() if kind != "Place"
}
# Silver data without a defined licence; loan agreements whose "Bank" and "Borrower" are organizations.
LEFT_OUT = {"gmb", "sec_filings"}
# A set that does not know a kind still gives true negatives in sentences without any word that hints at the kind.
# Where it does know Event, it marks names only: a word for a happening outside them is left open.
CUES = {
    "Award": re.compile(r"award|prize|medal|hono|trophy|title|laureate|champion|winner|cup\b|oscar", re.I),
    "Event": re.compile(
        r"\b(?:conference|forum|summit|fair|ceremon|meeting|war\b|battle|festival|olympic|cup\b|election|symposium|seminar"
        r"|workshop|exhibition|exposition|session|visit|hearing|briefing|dinner|banquet|signing|launch|talks\b)\w*",
        re.I,
    ),
}
# Spans of these labels say neither yes nor no to a head, which learns nothing from their tokens.
UNSURE = {"brands": {"PRODUCT", "ORG"}, "events": {"MISC"}}


@dataclass(frozen=True, slots=True)
class Spanned:
    """A Doc with, per head, its spans and the tokens that head must not learn from. A head not named: all of it."""

    doc: Doc
    spans: dict[str, list[Span]] = field(default_factory=dict)
    unsure: dict[str, list[Span]] = field(default_factory=dict)


def lines(path: Path) -> Iterator[str]:
    """The lines of a gzipped UTF-8 file, without their ends."""
    with gzip.open(path, "rt", encoding="utf8") as file:
        for line in file:
            yield line.rstrip("\n")


# --- treebanks ------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Sentence:
    """One UD sentence: columns of its words, and whether it opens a document or a paragraph."""

    id: str = ""
    opens: str = ""
    rows: list[list[str]] = field(default_factory=list)
    spaces: list[bool] = field(default_factory=list)


def sentences(path: Path) -> Iterator[Sentence]:
    """The sentences of a gzipped CoNLL-U file. Words of a multiword token stand together without a space."""
    sentence, closes, space = Sentence(), 0, True
    for line in lines(path):
        if not line:
            if sentence.rows:
                yield sentence
            sentence = Sentence()
        elif line.startswith("# newdoc"):
            sentence.opens = "document"
        elif line.startswith("# newpar"):
            sentence.opens = sentence.opens or "paragraph"
        elif line.startswith("# sent_id = "):
            sentence.id = line[12:]
        elif line[0] != "#":
            row = line.split("\t")
            if "-" in row[0]:
                closes, space = int(row[0].split("-")[1]), "SpaceAfter=No" not in row[9]
            elif "." not in row[0]:
                inside = int(row[0]) < closes
                after = space if int(row[0]) == closes else "SpaceAfter=No" not in row[9]
                sentence.rows.append(row)
                sentence.spaces.append(after and not inside)
                closes = closes if inside else 0


def groups(items: Iterable[Sentence], most: int, rng: random.Random) -> Iterator[list[Sentence]]:
    """Runs of 1 to `most` neighbouring sentences of one document."""
    group: list[Sentence] = []
    size = rng.randint(1, most)
    for sentence in items:
        if group and (len(group) >= size or sentence.opens == "document"):
            yield group
            group, size = [], rng.randint(1, most)
        group.append(sentence)
    if group:
        yield group


def treebank_doc(group: list[Sentence], vocab: Vocab) -> Doc:
    """A Doc of these sentences with gold tags, features, lemmas and tree; a paragraph opens after a newline token.

    The root label is spaCy's `ROOT`; all others are UD's. A newline token hangs on the word before it.
    """
    cols: dict[str, list[Any]] = {k: [] for k in ("words", "spaces", "tags", "pos", "morphs", "lemmas", "deps")}
    heads: list[int] = []
    starts: list[bool] = []

    def add(start: bool, head: int, *values: Any) -> None:
        for column, value in zip(cols.values(), values, strict=True):
            column.append(value)
        heads.append(head)
        starts.append(start)

    for number, sentence in enumerate(group):
        if number and sentence.opens:
            cols["spaces"][-1] = False
            add(False, len(heads) - 1, "\n", False, "_SP", "SPACE", "", "\n", "dep")
        offset = len(heads)
        for row, space in zip(sentence.rows, sentence.spaces, strict=True):
            _id, form, lemma, upos, xpos, feats, head, label, *_rest = row
            root = head == "0"
            tags = (xpos, upos, "" if feats == "_" else feats, lemma, "ROOT" if root else label)
            add(len(heads) == offset, offset + int(_id if root else head) - 1, form, space, *tags)
    return Doc(vocab, heads=heads, sent_starts=[*starts], **cols)  # type: ignore[arg-type]


def treebank(
    data: Path, part: str, vocab: Vocab, *, names: Sequence[str] = ("ewt", "gum"), most: int = 6, seed: int = 0
) -> list[Doc]:
    """The Docs of these treebanks, `part` being train or dev."""
    rng = random.Random(seed)
    paths = [data / "ud" / name / f"{part}.conllu.gz" for name in names]
    return [treebank_doc(group, vocab) for path in paths for group in groups(sentences(path), most, rng)]


# --- entity sets ----------------------------------------------------------------------------------------------------

_CLOSERS = frozenset(", . ; : ! ? ) ] } % n't ” ’ ... 's ’s 'S 're 've 'll 'd 'm".split())
_OPENERS = {"(", "[", "{", "$", "£", "€", "#", "“", "‘", "@"}
_TIES = {"-", "/", "–"}
_BRACKETS = {"-LRB-": "(", "-RRB-": ")", "-LSB-": "[", "-RSB-": "]", "``": '"', "''": '"'}


def spaced(tokens: Sequence[str]) -> list[bool]:
    """Whether a space follows each token, guessed from English typography; straight quotes open and close in turn."""
    after = [True] * len(tokens)
    opened: set[str] = set()
    for i, token in enumerate(tokens):
        following = tokens[i + 1] if i + 1 < len(tokens) else ""
        if token in _OPENERS or following in _CLOSERS:
            after[i] = False
        elif token in _TIES and i > 0 and following[:1].isalnum() and tokens[i - 1][-1:].isalnum():
            after[i - 1] = after[i] = False
        if token in ('"', "'"):
            closing = token in opened
            opened ^= {token}
            if closing and i:
                after[i - 1] = False
            elif not closing:
                after[i] = False
    return after


@dataclass(frozen=True, slots=True)
class Row:
    """One annotated sentence as text, with spans (start, end, source label) in characters, flat."""

    text: str
    spans: tuple[tuple[int, int, str], ...]


def role(span: Sequence[Any], names: Sequence[Sequence[Any]]) -> tuple[int, int, str]:
    """A role without the names of bodies and places before it ("Kedah police chief"): those are no part of a title."""
    start, end, label = span
    for first, last, _label in names:
        if first == start and last < end:
            start = last
    return start, end, label


def row(data: dict[str, Any]) -> Row:
    """A line of a set's JSONL file; roles of `men` become spans beside the others where they do not cross."""
    tokens = [_BRACKETS.get(t, t) for t in data["tokens"]]
    starts, ends, text = [], [], ""
    for token, space in zip(tokens, spaced(tokens), strict=True):
        starts.append(len(text))
        text += token
        ends.append(len(text))
        text += " " * space
    extra = [role(s, data["spans"]) for s in data.get("extra", ()) if s[2] == "ROLE"]
    spans = sorted((starts[s], ends[e - 1], label) for s, e, label in [*map(tuple, data["spans"]), *extra])
    return Row(text.rstrip(), tuple(spans))


def known(coverage: dict[str, list[str]], head: str, text: str, name: str) -> bool:
    """Whether a sentence of this set may teach the head: all kinds of the head are covered, or surely absent."""
    covered = set(coverage["covers"]) | ({"ROLE"} if name == "men" else set())
    missing = [kind for kind in HEADS[head] if not SOURCES[kind] & covered]
    if len(missing) == len(HEADS[head]):
        return False
    return not any(kind not in CUES or CUES[kind].search(text) for kind in missing)


def widened(doc: Doc, start: int, end: int, label: str = "") -> Span:
    """The Span of all tokens that these characters touch."""
    span = doc.char_span(start, end, label=label, alignment_mode="expand")
    assert span is not None
    return span


def spanned(rows: Sequence[Row], coverage: dict[str, list[str]], name: str, nlp: Language, joint: str) -> Spanned:
    """These sentences as one Doc, cut by the pipeline's tokenizer; spans are widened to whole tokens."""
    doc = nlp.make_doc(joint.join(r.text for r in rows))
    result = Spanned(doc, {h: [] for h in HEADS}, {h: [] for h in HEADS})
    at = 0
    for r in rows:
        for head in HEADS:
            if not known(coverage, head, r.text, name):
                result.unsure[head].append(widened(doc, at, at + len(r.text)))
                continue
            if head == "events":
                cues = CUES["Event"].finditer(r.text)
                result.unsure[head].extend(widened(doc, at + m.start(), at + m.end()) for m in cues)
            for start, end, label in r.spans:
                kind = KINDS.get(label)
                span = widened(doc, at + start, at + end, kind or "")
                if label in UNSURE.get(head, ()) or (kind == "Event" == HEADS[head][0] and span.text.islower()):
                    result.unsure[head].append(span)
                elif kind in HEADS[head]:
                    result.spans[head].append(span)
        at += len(r.text) + len(joint)
    for head in HEADS:
        result.spans[head][:] = filter_spans(result.spans[head])
        taken = {t.i for s in result.spans[head] for t in s}
        free = [s for s in result.unsure[head] if not taken & set(range(s.start, s.end))]
        result.unsure[head][:] = filter_spans(free)
    return result


def entity_sets(data: Path, part: str, nlp: Language, *, most: int = 3, seed: int = 0) -> dict[str, list[Spanned]]:
    """Per set its Docs of up to `most` neighbouring sentences. A set with only one part is all training data."""
    coverage = json.loads((data / "ner" / "coverage.json").read_text())
    rng = random.Random(seed)
    result: dict[str, list[Spanned]] = {}
    for name, facts in sorted(coverage.items()):
        path = data / "ner" / name / f"{part}.jsonl.gz"
        if name in LEFT_OUT or not path.exists():
            continue
        rows = [row(json.loads(line)) for line in lines(path)]
        result[name] = docs = []
        while rows:
            size = rng.randint(1, most)
            docs.append(spanned(rows[:size], facts, name, nlp, rng.choice((" ", " ", "\n"))))
            rows = rows[size:]
    return result


def own_corpus(folder: Path, part: str, nlp: Language) -> list[Spanned]:
    """The Docs in `PART.spacy` or `PART/*.spacy`. They cover all kinds: each head has its outermost spans."""
    paths = sorted([*folder.glob(f"{part}.spacy"), *folder.glob(f"{part}/*.spacy")])
    docs = (doc for path in paths for doc in DocBin().from_disk(path).get_docs(nlp.vocab))
    return [own(doc, list(doc.spans["ipgraph"])) for doc in docs]


def own(doc: Doc, spans: Sequence[Span]) -> Spanned:
    """A Doc of our own with spans of all kinds, shared out among the heads."""
    result = Spanned(doc)
    for head, kinds in HEADS.items():
        result.spans[head] = filter_spans([s for s in spans if s.label_ in kinds])
    return result


def pieces(item: Spanned, *, most: int = 60) -> Iterator[Spanned]:
    """The lines of one of our own Docs, short ones together up to about `most` tokens."""
    doc = item.doc
    spans = sorted({s for found in item.spans.values() for s in found}, key=lambda s: (s.start, -s.end))
    start = 0
    for end in range(1, len(doc) + 1):
        if end == len(doc) or (doc[end - 1].text.startswith("\n") and end - start >= most):
            tokens = doc[start:end]
            words, spaces = [t.text for t in tokens], [bool(t.whitespace_) for t in tokens]
            piece = Doc(doc.vocab, words=words, spaces=spaces)
            inside = [s for s in spans if start <= s.start and s.end <= end]
            yield own(piece, [Span(piece, s.start - start, s.end - start, s.label_) for s in inside])
            start = end


def reference(item: Spanned, head: str) -> Doc:
    """A copy of the Doc whose entities are the head's spans and whose unsure tokens are missing values."""
    words, spaces = [t.text for t in item.doc], [bool(t.whitespace_) for t in item.doc]
    doc = Doc(item.doc.vocab, words=words, spaces=spaces)
    doc.set_ents(
        [Span(doc, s.start, s.end, s.label_) for s in item.spans[head]],
        missing=[doc[s.start : s.end] for s in item.unsure.get(head, ())],
    )
    return doc
