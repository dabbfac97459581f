"""The shipped pipeline: that it loads, what it promises, and that it is the same every time."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import pytest
import spacy
from spacy import displacy
from spacy.language import Language
from spacy.tokens import Doc

from ipgraph import annotate
from ipgraph.encoder.component import CERTAINTY, EncoderPipe
from ipgraph.errors import PipelineError
from ipgraph.model import NOMINALS_KEY, SPAN_KINDS, SPANS_KEY, Article

TEXT = (
    "Ms. Nora Whitfield, Deputy Director General of the Harbour Trade Association, spoke at the 2023 Lowland "
    "Design Forum in Rotterdam on 12 May 2023. The forum was hosted by Brightwater Co., Ltd.\n"
    "More than 200 guests came.\n"
    "Dr. John F. Hale of Kings University won the Golden Anchor Award."
)


@pytest.fixture(scope="module")
def nlp() -> Language:
    return annotate.load()


@pytest.fixture(scope="module")
def doc(nlp: Language) -> Doc:
    return nlp(TEXT)


def facts(doc: Doc) -> list[tuple[object, ...]]:
    """All that the pipeline says of a Doc."""
    tokens = [(t.text, t.idx, t.tag_, t.pos_, str(t.morph), t.lemma_, t.dep_, t.head.i) for t in doc]
    spans = [(s.start_char, s.end_char, s.label_) for s in doc.spans[SPANS_KEY]]
    return [*tokens, *spans, *((e.start_char, e.end_char, e.label_) for e in doc.ents)]


def test_it_fits_and_is_small() -> None:
    files = [p for p in annotate.shipped().rglob("*") if p.is_file()]
    assert sum(p.stat().st_size for p in files) < 40_000_000
    meta = json.loads((annotate.shipped() / "meta.json").read_text())
    assert (meta["lang"], meta["name"]) == ("en", "ipgraph_news")
    assert meta["license"] == "CC BY-SA 4.0"


def test_it_lacks_nothing(nlp: Language) -> None:
    assert annotate.lacks(nlp) == []


def test_sentences(doc: Doc) -> None:
    assert [s.text.strip().split()[0] for s in doc.sents] == ["Ms.", "The", "More", "Dr."]


def test_every_token_is_analysed(doc: Doc) -> None:
    assert doc.text == TEXT
    for token in doc:
        assert token.tag_
        assert token.pos_
        assert token.lemma_
        assert token.dep_
        assert token.head.sent == token.sent


def test_each_sentence_is_one_tree(doc: Doc) -> None:
    for sent in doc.sents:
        assert [t for t in sent if t.dep_ == "ROOT"] == [t for t in sent if t.head == t] == [sent.root]


def test_people_are_found(doc: Doc) -> None:
    found = {s.text for s in doc.spans[SPANS_KEY] if s.label_ == "Person"}
    assert any("Whitfield" in name for name in found)


def test_spans_nest_and_never_cross(doc: Doc) -> None:
    spans = list(doc.spans[SPANS_KEY])
    assert {s.label_ for s in spans} <= set(SPAN_KINDS)
    for a in spans:
        for b in spans:
            assert (
                a.end <= b.start
                or b.end <= a.start
                or a.start <= b.start < b.end <= a.end
                or (b.start <= a.start < a.end <= b.end)
            )
    assert {(e.start, e.end) for e in doc.ents} <= {(s.start, s.end) for s in spans}


def test_nothing_else_is_left_in_the_doc(doc: Doc) -> None:
    assert set(doc.spans) == {SPANS_KEY, NOMINALS_KEY}


@pytest.mark.parametrize("text", ["", " ", "\n", "\n\n", "?", "a", "...", "\U0001f600" * 1000, "A\nB\nC"])
def test_odd_texts(nlp: Language, text: str) -> None:
    doc = annotate.read(text, nlp)
    assert doc.text == text
    assert SPANS_KEY in doc.spans


def test_texts_are_read_alike_alone_and_in_company(nlp: Language, doc: Doc) -> None:
    articles = [Article(str(i), "a", None, None, None, None, None, None, "en", t) for i, t in enumerate(["One.", TEXT])]
    assert facts(list(annotate.docs(articles, nlp))[1][1]) == facts(doc) == facts(nlp(TEXT))


def test_round_trip_through_disk(nlp: Language, doc: Doc, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "p")
    assert facts(annotate.load(str(tmp_path / "p"))(TEXT)) == facts(doc)


def test_round_trip_through_bytes(nlp: Language, doc: Doc) -> None:
    again = spacy.util.load_model_from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert facts(again(TEXT)) == facts(doc)


def test_a_doc_survives_storing(nlp: Language, doc: Doc) -> None:
    assert facts(Doc(nlp.vocab).from_bytes(doc.to_bytes())) == facts(doc)


def test_a_long_text_is_read_in_windows(nlp: Language, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(annotate, "WINDOW", 400)
    text = "\n".join([TEXT] * 12)
    doc = annotate.read(text, nlp)
    assert doc.text == text
    assert all(text[s.start_char : s.end_char] == s.text for s in doc.spans[SPANS_KEY])
    assert all(doc[t.i] == t and t.head.sent == t.sent for t in doc)


def test_vectors_and_certainty(doc: Doc) -> None:
    assert doc.tensor.shape == (len(doc), 384)
    assert all(bool(doc.tensor[t.i].any()) is not t.is_space for t in doc)
    for key in (SPANS_KEY, NOMINALS_KEY):
        sure = doc.spans[key].attrs[CERTAINTY]
        assert len(sure) == len(doc.spans[key])
        assert all(0 < p <= 1 for p in sure)


def test_tokens_and_borders_set_before_are_kept(nlp: Language) -> None:
    words = "Nora spoke . Then she left . The End".split()
    starts = [True, False, False, False, False, False, False, True, False]
    doc = Doc(nlp.vocab, words=words, sent_starts=starts)
    for _name, pipe in nlp.pipeline:
        doc = pipe(doc)
    assert [t.text for t in doc] == words
    assert [t.i for t in doc if t.is_sent_start] == [0, 7]
    assert [s.root.head for s in doc.sents] == [s.root for s in doc.sents]


def test_a_sentence_longer_than_a_window_is_one_tree(nlp: Language) -> None:
    words = ["and", "Ana", "sang"] * 200
    doc = Doc(nlp.vocab, words=words, sent_starts=[True] + [False] * 599)
    for _name, pipe in nlp.pipeline:
        doc = pipe(doc)
    assert len(list(doc.sents)) == 1


def test_floats_are_the_same_in_any_company(nlp: Language) -> None:
    texts = [TEXT, "The fair opened.", TEXT[:120], "One.\nTwo."]
    alone = [nlp(t).tensor.tobytes() for t in texts]
    assert [d.tensor.tobytes() for d in nlp.pipe(texts, batch_size=4)] == alone
    assert [d.tensor.tobytes() for d in nlp.pipe(texts[::-1], batch_size=2)] == alone[::-1]


def test_the_network_can_be_pickled(nlp: Language, doc: Doc) -> None:
    pipe = nlp.get_pipe("encoder")
    assert isinstance(pipe, EncoderPipe)
    again = EncoderPipe(nlp.vocab, "encoder", pickle.loads(pickle.dumps(pipe.network)))
    assert again(nlp.make_doc(TEXT)).tensor.tobytes() == nlp.get_pipe("encoder")(nlp.make_doc(TEXT)).tensor.tobytes()


def test_a_component_without_weights_says_so() -> None:
    nlp = spacy.blank("en")
    nlp.add_pipe("ipgraph_encoder")
    with pytest.raises(ValueError, match="has no weights"):
        nlp("A word.")


def test_it_can_be_sourced_into_another_pipeline(nlp: Language, doc: Doc) -> None:
    own = spacy.blank("en")
    own.add_pipe("encoder", source=nlp)
    own.add_pipe("entity_ruler").add_patterns([{"label": "PRODUCT", "pattern": "guests"}])  # type: ignore[attr-defined]
    assert len(own(TEXT).spans[SPANS_KEY]) > 5


def test_it_is_drawn(doc: Doc) -> None:
    assert "Whitfield" in displacy.render(doc, style="ent", jupyter=False)
    assert "Whitfield" in displacy.render(doc, style="span", options={"spans_key": SPANS_KEY}, jupyter=False)
    assert "nsubj" in displacy.render(doc, style="dep", jupyter=False)


def test_a_pipeline_without_a_part_is_refused(nlp: Language, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path / "p", exclude=["encoder"])
    config = (tmp_path / "p" / "config.cfg").read_text()
    (tmp_path / "p" / "config.cfg").write_text(config.replace(', "encoder"]', "]", 1))
    with pytest.raises(PipelineError, match="Award"):
        annotate.load(str(tmp_path / "p"))
