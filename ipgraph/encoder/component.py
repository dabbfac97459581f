"""The spaCy component: fills a Doc with sentence borders, tags, lemmas, features, a tree, spans and word vectors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import srsly  # type: ignore[import-untyped]
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup, Token
from spacy.util import filter_spans
from spacy.vocab import Vocab

from ipgraph.encoder import decode
from ipgraph.encoder.model import Network, Reading, tree
from ipgraph.encoder.pieces import Ints, stops
from ipgraph.model import NOMINALS_KEY, SPANS_KEY

CERTAINTY = "certainty"
"""Key in the `attrs` of a group of spans: how sure each is, 0 to 1, in the order of the group."""


class EncoderPipe:
    """Fills Docs by one small transformer.

    - `token.tag`, `pos`, `morph`, `lemma`, `head`, `dep`: UD v2, with spaCy's `ROOT`;
    - sentence borders, save those that were set before, which stay;
    - `doc.spans["ipgraph"]`: names, titles and dates, nested but never crossing, and the outermost in `doc.ents`;
    - `doc.spans["ipgraph_nominals"]`: "the conference", "the bureau", labelled Person, Organization or Event;
    - `doc.tensor`: a vector for each token, zeros for whitespace, from which `network.pair_scores` reads ties.
    """

    def __init__(self, vocab: Vocab, name: str, network: Network | None = None, threads: int = 1) -> None:
        self.vocab, self.name, self.network, self.threads = vocab, name, network, threads

    def __call__(self, doc: Doc) -> Doc:
        """Fill the Doc. Raises ValueError where the component has no weights."""
        if self.network is None:
            raise ValueError(f"the component {self.name!r} has no weights; load it with from_disk or from_bytes")
        tokens = [t for t in doc if not t.is_space]
        if not tokens:
            _fill_blank(doc)
            return doc
        lines = line_starts(doc)
        preset = [t.is_sent_start if t.i else True for t in tokens]
        words = [t.text for t in tokens]
        ends = [a or b is True for a, b in zip(stops(words), [*preset[1:], True], strict=True)]
        reading = self.network.read(words, lines, ends)
        sentence = _sentences(reading, preset, lines)
        heads = tree(reading, sentence)
        _fill_words(
            doc, tokens, reading, heads, self.network.labels(reading.words, heads, sentence), self.network.classes
        )
        _fill_spans(doc, tokens, reading, self.network.classes["spans"])
        tensor = np.zeros((len(doc), reading.words.shape[1]), np.float32)
        tensor[[t.i for t in tokens]] = reading.words
        doc.tensor = tensor  # type: ignore[assignment]
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 1) -> Iterator[Doc]:
        """The Docs one after the other; `batch_size` changes nothing."""
        for doc in stream:
            yield self(doc)

    @property
    def labels(self) -> tuple[str, ...]:
        """Dependency labels, tags and span kinds."""
        classes = self.network.classes if self.network else {}
        return tuple(x for key in ("deps", "xpos", "upos", "spans") for x in classes.get(key, ()))

    # --- serialisation ---

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """All files in one; empty without weights."""
        return bytes(srsly.msgpack_dumps(dict(self.network.files) if self.network else {}))

    def from_bytes(self, data: bytes, *, exclude: Iterable[str] = ()) -> EncoderPipe:
        """The inverse."""
        files: dict[str, bytes] = srsly.msgpack_loads(data)
        self.network = Network(files, self.threads) if files else None
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Write the files into a folder."""
        if self.network:
            self.network.to_folder(Path(path))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> EncoderPipe:
        """Read them."""
        self.network = Network.from_folder(Path(path), self.threads)
        return self


@Language.factory(
    "ipgraph_encoder",
    assigns=[
        "doc.sents", "doc.ents", "doc.spans", "doc.tensor", "token.is_sent_start", "token.tag", "token.pos",
        "token.morph", "token.lemma", "token.head", "token.dep", "token.ent_iob", "token.ent_type",
    ],
    default_config={"threads": 1},
)  # fmt: skip
def make_encoder(nlp: Language, name: str, threads: int = 1) -> EncoderPipe:
    """An encoder without weights; `threads` is how many the network may use, 0 for as many as there are cores."""
    return EncoderPipe(nlp.vocab, name, threads=threads)


def _fill_blank(doc: Doc) -> None:
    """A Doc with nothing to read: no spans, no vectors, every token its own sentence's root."""
    for key in (SPANS_KEY, NOMINALS_KEY):
        doc.spans[key] = SpanGroup(doc, name=key, spans=[])
    for token in doc:
        token.is_sent_start = token.i == 0


def line_starts(doc: Doc) -> list[bool]:
    """For each token that is no space, whether it opens a line."""
    out: list[bool] = []
    opens = True
    for token in doc:
        if token.is_space:
            opens = opens or "\n" in token.text
        else:
            out.append(opens)
            opens = False
    return out


def _sentences(reading: Reading, preset: list[bool | None], lines: list[bool]) -> Ints:
    """The number of each word's sentence: borders that were set before stand, a line opens one, the network says the
    rest.
    """
    starts = [
        p if p is not None else bool(line or margin > 0)
        for p, line, margin in zip(preset, lines, reading.border.tolist(), strict=True)
    ]
    return np.cumsum(starts)


def lemma(form: str, script: str) -> str:
    """The lemma that a script makes of a form: "l" or "k" (capitals go or stay), letters to cut, what to put on."""
    base = form.lower() if script[0] == "l" else form
    at = 1
    while at < len(script) and script[at].isdigit():
        at += 1
    cut_ = int(script[1:at])
    made = base[: len(base) - cut_] + script[at:] if cut_ <= len(base) else base
    return made or form


def _fill_words(
    doc: Doc, tokens: list[Token], reading: Reading, heads: Ints, labels: Ints, classes: dict[str, list[str]]
) -> None:
    strings, morphology = doc.vocab.strings, doc.vocab.morphology
    place = [t.i for t in tokens]
    values = np.zeros((len(doc), 6), np.uint64)
    spaces = {name: strings.add(name) for name in ("_SP", "SPACE", "dep")}
    ids = {
        "xpos": [strings.add(c) for c in classes["xpos"]],
        "upos": [strings.add(c) for c in classes["upos"]],
        "deps": [strings.add(c) for c in classes["deps"]],
        "feats": [morphology.add(c) for c in classes["feats"]],
    }
    root = strings.add("ROOT")
    owner, last = np.zeros(len(doc), np.int64), place[0]
    known = set(place)
    for i in range(len(doc)):
        last = i if i in known else last
        owner[i] = last
    offsets = owner - np.arange(len(doc))
    for n, i in enumerate(place):
        is_root = heads[n] == n
        offsets[i] = place[heads[n]] - i
        values[i, 0] = ids["xpos"][reading.columns["xpos"][n]]
        values[i, 1] = ids["upos"][reading.columns["upos"][n]]
        values[i, 2] = root if is_root else ids["deps"][labels[n]]
        values[i, 3] = strings.add(lemma(tokens[n].text, classes["lemma"][reading.columns["lemma"][n]]))
        values[i, 4] = ids["feats"][reading.columns["feats"][n]]
    for i in set(range(len(doc))) - known:
        values[i, :5] = spaces["_SP"], spaces["SPACE"], spaces["dep"], strings.add(doc[i].text), morphology.add("")
    values[:, 5] = offsets.astype(np.int64).view(np.uint64)
    doc.from_array(["TAG", "POS", "DEP", "LEMMA", "MORPH", "HEAD"], values)  # type: ignore[arg-type]


def _fill_spans(doc: Doc, tokens: list[Token], reading: Reading, kinds: list[str]) -> None:
    tags = decode.best_tags(reading.spans)
    found: list[tuple[float, int, int, str]] = []
    for start, end, kind in decode.spans(tags):
        sure = decode.certainty(reading.spans, tags, start, end, kind)
        found.append((sure, tokens[start].i, tokens[end - 1].i + 1, kinds[kind]))
    names = [f for f in found if not f[3].endswith("~")]
    nominals = [(s, a, b, k[:-1]) for s, a, b, k in found if k.endswith("~")]
    kept = _group(doc, SPANS_KEY, _uncrossed(doc, names))
    taken = {(s.start, s.end) for s in kept}
    _group(doc, NOMINALS_KEY, [f for f in _uncrossed(doc, nominals) if f[1:3] not in taken])
    doc.ents = filter_spans(kept)


def _uncrossed(doc: Doc, found: list[tuple[float, int, int, str]]) -> list[tuple[float, int, int, str]]:
    """The surest spans that lie in one line and of which none crosses, or equals, another."""
    kept: list[tuple[float, int, int, str]] = []
    for item in sorted(found, key=lambda f: (-f[0], f[1], f[2], f[3])):
        _, a, b, _ = item
        clash = any((a, b) == (c, d) or a < c < b < d or c < a < d < b for _, c, d, _ in kept)
        if not clash and not any("\n" in t.text for t in doc[a:b] if t.is_space):
            kept.append(item)
    return sorted(kept, key=lambda f: (f[1], -f[2]))


def _group(doc: Doc, key: str, found: list[tuple[float, int, int, str]]) -> list[Span]:
    spans = [Span(doc, a, b, label=label) for _, a, b, label in found]
    attrs: dict[str, Any] = {CERTAINTY: [round(f[0], 4) for f in found]}
    doc.spans[key] = SpanGroup(doc, name=key, spans=spans, attrs=attrs)
    return spans
