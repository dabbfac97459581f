"""How good a pipeline is: tags and trees on gold tokens, spans by kind, and words a second."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from time import perf_counter

from spacy.language import Language
from spacy.tokens import Doc, Span

from ..data import Spanned

NETWORK = "tok2vec_spans"
TREE_MEASURES = ("XPOS", "UPOS", "feats", "lemma", "UAS", "LAS")


def trees(nlp: Language, docs: Sequence[Doc], run: Callable[[Language, Doc], Doc] | None = None) -> dict[str, float]:
    """Percent right on gold tokens, punctuation included, whitespace left out, and F1 of sentence borders."""
    right: Counter[str] = Counter()
    run, total = run or reread, 0
    borders = [0, 0, 0]
    for gold in docs:
        doc = run(nlp, gold)
        for a, b in zip(doc, gold, strict=True):
            if b.is_space:
                continue
            total += 1
            head = a.head.i == b.head.i
            same = (
                a.tag == b.tag,
                a.pos == b.pos,
                str(a.morph) == str(b.morph),
                a.lemma_ == b.lemma_,
                head,
                head and a.dep == b.dep,
            )
            right.update(name for name, ok in zip(TREE_MEASURES, same, strict=True) if ok)
        mine, theirs = {s.start for s in doc.sents}, {s.start for s in gold.sents}
        borders = [x + y for x, y in zip(borders, (len(mine & theirs), len(mine), len(theirs)), strict=True)]
    scores = {name: 100 * right[name] / max(total, 1) for name in TREE_MEASURES}
    return scores | {"sents_F1": prf(*borders)[2]}


def heads(nlp: Language, items: Iterable[Spanned], names: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Precision, recall and F1 of what each head alone finds, by kind; what the gold leaves open is not counted."""
    counts = _Counts()
    with nlp.select_pipes(disable=[name for name in nlp.pipe_names if name not in (NETWORK, *names)]):
        for item in items:
            doc = reread(nlp, item.doc)
            for name in names:
                open_ = {i for s in item.unsure.get(name, ()) for i in range(s.start, s.end)}
                if len(open_) < len(doc):
                    found = [s for s in doc.spans[name] if not open_ & set(range(s.start, s.end))]
                    counts.add(found, item.spans[name])
    return counts.table()


def merged(nlp: Language, items: Iterable[Spanned]) -> dict[str, tuple[float, ...]]:
    """Precision, recall and F1 of the whole pipeline's spans, nested ones too, on our own corpus."""
    counts = _Counts()
    for item in items:
        doc = nlp(item.doc.text)
        counts.add(doc.spans["ipgraph"], item.doc.spans["ipgraph"])
    return counts.table()


class _Counts:
    """Spans right, found and gold, by kind."""

    def __init__(self) -> None:
        self.rows: dict[str, list[int]] = {}

    def add(self, found: Iterable[Span], gold: Iterable[Span]) -> None:
        mine, theirs = ({(s.start_char, s.end_char, s.label_) for s in spans} for spans in (found, gold))
        for at, spans in enumerate((mine & theirs, mine, theirs)):
            for _start, _end, kind in spans:
                self.rows.setdefault(kind, [0, 0, 0])[at] += 1

    def table(self) -> dict[str, tuple[float, ...]]:
        """Precision, recall, F1 and the number of gold spans, by kind and in all."""
        rows = dict(sorted(self.rows.items()))
        if rows:
            rows["all"] = [sum(column) for column in zip(*rows.values(), strict=True)]
        return {kind: (*prf(*row), row[2]) for kind, row in rows.items()}


def reread(nlp: Language, gold: Doc) -> Doc:
    """The tokens of a Doc, read anew by the pipeline."""
    doc = Doc(nlp.vocab, words=[t.text for t in gold], spaces=[bool(t.whitespace_) for t in gold])
    for _name, pipe in nlp.pipeline:
        doc = pipe(doc)
    return doc


def prf(right: int, found: int, gold: int) -> tuple[float, float, float]:
    """Precision, recall and F1 in percent."""
    p, r = 100 * right / max(found, 1), 100 * right / max(gold, 1)
    return p, r, 2 * p * r / max(p + r, 1e-9)


def speed(nlp: Language, texts: Iterable[str]) -> float:
    """Words a second of CPU, one process."""
    texts = list(texts)
    nlp(texts[0])
    began = perf_counter()
    words = sum(len(nlp(text)) for text in texts)
    return words / (perf_counter() - began)
