"""From articles to spaCy Docs: the pipeline, its parts that are ours, and one Doc for each part of an article.

A pipeline leaves its spans in `doc.spans["ipgraph"]` (they may nest, never cross) and the outermost of them in
`doc.ents`. Trees are Universal Dependencies v2, with spaCy's `ROOT` for the root.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import spacy
from spacy.language import Language
from spacy.pipeline.ner import EntityRecognizer  # type: ignore[import-not-found]
from spacy.tokenizer import Tokenizer  # type: ignore[import-not-found]
from spacy.tokens import Doc, Span, SpanGroup, Token
from spacy.util import filter_spans, registry
from spacy.vocab import Vocab
from thinc.api import Model

from ipgraph.encoder.component import EncoderPipe
from ipgraph.encoder.model import Network
from ipgraph.errors import PipelineError
from ipgraph.model import SPAN_KINDS, SPANS_KEY, Article, Part

Pipeline: TypeAlias = Language
"""What `load` gives; modules that know no spaCy name it by this."""

NAME = "en_ipgraph_news"
RUN = 64
"""Characters after which a run of punctuation or symbols is cut."""
WINDOW = 50_000
"""Characters of text that the pipeline reads at once: what it needs in memory grows with them."""

UD_LABELS = frozenset(
    "acl advcl advmod amod appos aux case cc ccomp compound conj cop det flat iobj mark nmod nsubj nummod obj obl "
    "parataxis punct xcomp".split()
)
_ASSIGNED = {
    "token.tag": "XPOS tags",
    "token.pos": "UPOS tags",
    "token.lemma": "lemmas",
    "token.head": "a dependency tree",
}

for _name in ("entities", "relations"):
    Doc.set_extension(_name, default=(), force=True)


# --- the parts of an article ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PartDoc:
    """A Doc over (a stretch of) one part of an article; its first character is character `start` of the part."""

    part: Part
    start: int
    doc: Doc

    @property
    def end(self) -> int:
        """One past its last character in the part."""
        return self.start + (self.doc[-1].idx + len(self.doc[-1].text_with_ws) if len(self.doc) else 0)


@dataclass(frozen=True, slots=True)
class Annotated:
    """The Docs of one article: of its title, its text, and of each caption; and the network that read them, if any."""

    title: PartDoc | None
    text: PartDoc
    captions: tuple[PartDoc, ...]
    network: Network | None = None

    def parts(self) -> Iterator[PartDoc]:
        """All Docs in reading order: title, text, captions."""
        if self.title:
            yield self.title
        yield self.text
        yield from self.captions


def annotate(article: Article, nlp: Language) -> Annotated:
    """All Docs of one article. The text's Doc has exactly `article.text`, however long it is."""
    title = PartDoc("title", 0, read(article.title, nlp)) if article.title else None
    captions, at = [], 0
    for caption in article.captions:
        captions.append(PartDoc("captions", at, read(caption, nlp)))
        at += len(caption) + 1
    network = next((pipe.network for _name, pipe in nlp.pipeline if isinstance(pipe, EncoderPipe)), None)
    return Annotated(title, PartDoc("text", 0, read(article.text, nlp)), tuple(captions), network)


def docs(articles: Iterable[Article], nlp: Language) -> Iterator[tuple[Article, Doc]]:
    """Each article with the Doc of its text; a token's `idx` is its offset in `article.text`.

    Articles are read one at a time, so that none changes what is found in another.
    """
    for article in articles:
        yield article, read(article.text, nlp)


def read(text: str, nlp: Language) -> Doc:
    """The text as one Doc, read in windows of WINDOW characters that end with a line."""
    parts = [nlp(text[start:end]) for start, end in windows(text, WINDOW)]
    if len(parts) == 1:
        return parts[0]
    whole = Doc.from_docs(parts, ensure_whitespace=False)
    assert whole is not None
    return whole


def windows(text: str, size: int) -> list[tuple[int, int]]:
    """Stretches of at most `size` characters that make up the text: cut after a line, else a space, else anywhere."""
    cuts = [0]
    while len(text) - cuts[-1] > size:
        low, high = cuts[-1], cuts[-1] + size
        cut = text.rfind("\n", low, high) + 1 or text.rfind(" ", low, high) + 1
        cuts.append(cut or high)
    return list(zip(cuts, [*cuts[1:], len(text)], strict=True))


# --- loading --------------------------------------------------------------------------------------------------------


def shipped() -> Path:
    """The directory of the pipeline that comes with ipgraph."""
    return Path(str(files("ipgraph.pipelines"))) / NAME


def load(name: str | None = None) -> Language:
    """The shipped pipeline, or another by package name or path.

    Raises PipelineError where there is none, or where it lacks something that ipgraph reads.
    """
    try:
        nlp = spacy.load(shipped() if name in (None, NAME) else str(name))
    except (OSError, ImportError, ValueError) as error:
        reason = str(error).splitlines()[0]
        raise PipelineError(
            f"cannot load the pipeline {name or NAME}; {reason}; install it, or leave the option out"
        ) from error
    if lacking := lacks(nlp):
        raise PipelineError(
            f"the pipeline {name or NAME} does not fit; it lacks {', '.join(lacking)}; leave the option out, or train "
            "one with `python -m ipgraph.pipelines.train`"
        )
    if not _makes(nlp, "doc.spans"):
        nlp.add_pipe("ipgraph_spans")
    return nlp


def lacks(nlp: Language) -> list[str]:
    """What a pipeline lacks for ipgraph, in words; empty if it fits."""
    labels = {label for found in nlp.pipe_labels.values() for label in found}
    lacking = [what for attr, what in _ASSIGNED.items() if not _makes(nlp, attr)]
    if missing := sorted(UD_LABELS - labels):
        lacking.append("the Universal Dependencies v2 labels " + " ".join(missing))
    if missing := sorted(set(SPAN_KINDS) - labels):
        lacking.append("the span kinds " + " ".join(missing))
    return lacking


def _makes(nlp: Language, attribute: str) -> bool:
    return any(attribute in nlp.get_pipe_meta(pipe).assigns for pipe in nlp.pipe_names)


# --- tokens ---------------------------------------------------------------------------------------------------------

_LONG_RUN = re.compile(rf"(?:[^\w\s]{{{RUN}}}|\S{{{RUN * RUN}}}) ?")


class RunTokenizer(Tokenizer):  # type: ignore[misc]
    """spaCy's tokenizer for texts with long runs of punctuation or emoji, on which that takes quadratic time.

    Such a run is cut every RUN characters (and anything without a space every RUN * RUN); offsets stay.
    """

    def __call__(self, string: str) -> Doc:
        if not _LONG_RUN.search(string):
            return self._plain(string)
        cuts = [0, *(m.end() for m in _LONG_RUN.finditer(string)), len(string)]
        pieces = [self._plain(string[a:b]) for a, b in pairwise(cuts)]
        tokens = [t for piece in pieces for t in piece]
        return Doc(self.vocab, words=[t.text for t in tokens], spaces=[bool(t.whitespace_) for t in tokens])

    def _plain(self, string: str) -> Doc:
        doc: Doc = super().__call__(string)
        return doc

    def pipe(self, texts: Iterable[str], batch_size: int = 1000) -> Iterator[Doc]:
        """The Docs of these texts."""
        for text in texts:
            yield self(text)

    def __reduce__(self) -> tuple[Callable[..., RunTokenizer], tuple[Vocab, bytes]]:
        return _unpickled, (self.vocab, self.to_bytes())


def _unpickled(vocab: Vocab, data: bytes) -> RunTokenizer:
    tokenizer = RunTokenizer(vocab)
    tokenizer.from_bytes(data)
    return tokenizer


@registry.tokenizers("ipgraph.Tokenizer.v1")  # type: ignore[untyped-decorator]
def make_tokenizer() -> Callable[[Language], RunTokenizer]:
    """The tokenizer of the language, made safe for long runs."""

    def make(nlp: Language) -> RunTokenizer:
        made = registry.tokenizers.get("spacy.Tokenizer.v1")()(nlp)
        return RunTokenizer(
            nlp.vocab,
            rules=made.rules,
            prefix_search=made.prefix_search,
            suffix_search=made.suffix_search,
            infix_finditer=made.infix_finditer,
            token_match=made.token_match,
            url_match=made.url_match,
        )

    return make


# --- sentence borders -----------------------------------------------------------------------------------------------

_BEFORE_NAME = frozenset(
    "Mr. Mrs. Ms. Mx. Dr. Prof. Messrs. Hon. Rev. Gen. Col. Maj. Capt. Cmdr. Lt. Sgt. Adm. Gov. Sen. Rep. Supt. Asst. "
    "Assoc. Dep. Pres. Mt. St. Ft. e.g. i.e. vs. viz. cf. v.".split()
)
_BEFORE_NUMBER = frozenset(
    "No. Nos. no. nos. Art. Arts. Sec. Vol. vol. Fig. Figs. p. pp. Jan. Feb. Mar. Apr. Jun. Jul. "
    "Aug. Sep. Sept. Oct. Nov. Dec. approx. ca.".split()
)
_OF_COMPANY = frozenset("Co. Ltd. Inc. Corp. Bros. Pte. Sdn. Bhd. Pty. L.L.C. S.A. Plc. Cos.".split())
_COMPANY_GOES_ON = frozenset("Ltd Ltd. Inc Inc. LLC Limited Corp. Co. KG & Bhd Bhd. LTD LTD. KGaA".split())
_NEVER_FIRST = frozenset(", ; : ) ] } % ” ’ 's ’s".split())
_INITIAL = re.compile(r"(?:[A-Z]\.)+")
_OPENS_SENTENCE = frozenset(
    "The A An This That These Those It He She They We I In On At But And As For If When".split()
)


@Language.component("ipgraph_borders", assigns=["token.is_sent_start"])
def borders(doc: Doc) -> Doc:
    """Fix what is sure about sentence borders, so that the parser decides the rest: a line ends its sentence, and an
    abbreviation before a name, a number or the rest of a company's name does not.
    """
    for token in doc:
        if token.i == 0:
            continue
        if token.is_space:
            token.is_sent_start = False
        elif "\n" in _gap(token):
            token.is_sent_start = True
        elif _goes_on(token):
            token.is_sent_start = False
    return doc


def _gap(token: Token) -> str:
    """The whitespace tokens right before a token."""
    i = token.i
    while i and token.doc[i - 1].is_space:
        i -= 1
    return str(token.doc[i : token.i].text_with_ws) if i < token.i else ""


def _abbreviation(doc: Doc, end: int) -> str:
    """The word that ends before token `end`, with its full stop where that is a token of its own."""
    last = doc[end - 1].text
    if last == "." and end > 1 and not doc[end - 2].whitespace_:
        return doc[end - 2].text + last
    return last


def _goes_on(token: Token) -> bool:
    """Whether a token surely stands in the sentence of the token before it."""
    if token.text in _NEVER_FIRST or token.nbor(-1).text == ",":
        return True
    before = _abbreviation(token.doc, token.i)
    if not before.endswith("."):
        return False
    if before in _BEFORE_NAME:
        return True
    if before in _BEFORE_NUMBER:
        return token.text[:1].isdigit()
    if before in _OF_COMPANY:
        return token.text in _COMPANY_GOES_ON or token.text[:1].islower()
    return _is_initial(token, before)


def _is_initial(token: Token, before: str) -> bool:
    """Whether `before` is the initial of a name that goes on with this token ("John F. Kennedy", "J. K. Rowling")."""
    if not _INITIAL.fullmatch(before) or before in ("U.S.", "U.N.", "U.K.", "I."):
        return False
    if _INITIAL.fullmatch(token.text):
        return True
    if not token.text[:1].isupper() or token.text in _OPENS_SENTENCE:
        return False
    first = token.i - (1 if token.nbor(-1).text == before else 2)
    previous = token.doc[first - 1] if first else None
    return previous is None or previous.is_space or previous.text[:1].isupper() or previous.is_punct


# --- spans ----------------------------------------------------------------------------------------------------------

# Of two kinds for the same words the earlier stands.
_PRIORITY = ("Event", "Award", "Person", "Organization", "Place", "Brand", "TITLE", "DATE")


class SpanHead(EntityRecognizer):  # type: ignore[misc]
    """spaCy's entity recognizer, which leaves its entities in `doc.spans` under its own name, `doc.ents` untouched.

    Several of them can so be trained on sets that know different kinds. Entities set before are taken for its own.
    """

    def set_annotations(self, docs: Sequence[Doc], states: Sequence[object]) -> None:
        """Keep what `predict` found."""
        super().set_annotations(docs, states)
        for doc in docs:
            doc.spans[self.name] = list(doc.ents)
            doc.set_ents([], default="missing")


@Language.factory("ipgraph_head", assigns=["doc.spans"], default_config={"update_with_oracle_cut_size": 100})
def make_head(nlp: Language, name: str, model: Model[list[Doc], object], update_with_oracle_cut_size: int) -> SpanHead:
    """A recognizer for some of the kinds; the name of the component is its key in `doc.spans`."""
    return SpanHead(nlp.vocab, model, name, update_with_oracle_cut_size=update_with_oracle_cut_size)


@Language.factory(
    "ipgraph_spans",
    assigns=["doc.spans", "doc.ents", "token.ent_iob", "token.ent_type"],
    default_config={"heads": []},
)
def make_spans(nlp: Language, name: str, heads: list[str] | None = None) -> Callable[[Doc], Doc]:
    """A component that makes one group of what the heads found; without heads, of `doc.ents`."""

    def run(doc: Doc) -> Doc:
        found = [s for head in heads for s in doc.spans.pop(head, ())] if heads else list(doc.ents)
        spans = merged([t for s in found if (t := trimmed(s)) is not None])
        doc.spans[SPANS_KEY] = SpanGroup(doc, name=SPANS_KEY, spans=spans)
        doc.ents = filter_spans(spans)
        return doc

    return run


def trimmed(span: Span) -> Span | None:
    """The span without whitespace, quotation marks, a leading "the" or a trailing comma; None if it spans lines."""
    start, end = span.start, span.end
    doc = span.doc
    while start < end and (doc[start].is_space or doc[start].is_quote or doc[start].text in ("the", ",", ";", ":")):
        start += 1
    while start < end and (
        doc[end - 1].is_space or doc[end - 1].is_quote or doc[end - 1].text in (",", ";", ":", "'s", "’s")
    ):
        end -= 1
    if start == end or any("\n" in doc[i].text for i in range(start, end)):
        return None
    return Span(doc, start, end, label=span.label, span_id=span.id, kb_id=span.kb_id)


def merged(spans: Iterable[Span]) -> list[Span]:
    """The spans in order, without those that cross a longer one, and one kind for each stretch of tokens."""
    kept: list[Span] = []
    spans = [s for s in spans if s.label_ in _PRIORITY]
    ranked = sorted(spans, key=lambda s: (s.start - s.end, s.start, _PRIORITY.index(s.label_)))
    for span in ranked:
        if not any(_clash(span, other) for other in kept):
            kept.append(span)
    return sorted(kept, key=lambda s: (s.start, -s.end))


def _clash(a: Span, b: Span) -> bool:
    if (a.start, a.end) == (b.start, b.end):
        return True
    apart = a.end <= b.start or b.end <= a.start
    nested = (b.start <= a.start and a.end <= b.end) or (a.start <= b.start and b.end <= a.end)
    return not (apart or nested)
