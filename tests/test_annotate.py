"""The parts of a pipeline that are ours, on blank pipelines: offsets, borders, runs, windows, spans."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
import spacy
from spacy.language import Language
from spacy.tokens import Doc, Span

from ipgraph import annotate
from ipgraph.errors import PipelineError
from ipgraph.model import SPANS_KEY, Article


def article(text: str, title: str | None = None, captions: tuple[str, ...] = ()) -> Article:
    return Article("art-0", "a.txt", None, title, None, None, None, None, "en", text, captions)


@pytest.fixture
def nlp() -> Language:
    """Our tokenizer and borders, and a parserless stand-in that takes any other token as no sentence start."""
    made = spacy.blank("en", config={"nlp": {"tokenizer": {"@tokenizers": "ipgraph.Tokenizer.v1"}}})
    made.add_pipe("ipgraph_borders")
    return made


def borders(doc: Doc) -> list[str]:
    """First tokens of what surely is a sentence."""
    return [t.text for t in doc if t.is_sent_start and not t.is_space]


def ties(doc: Doc) -> list[str]:
    """Tokens that surely do not begin a sentence, spaces left out."""
    return [t.text for t in doc if t.is_sent_start is False and not t.is_space]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A heading\nThe mayor spoke.", ["A", "The"]),
        ("One line\n\n  Two lines\n", ["One", "Two"]),
        ("Just one line.", ["Just"]),
        ("", []),
        ("\n", []),
        ("\nAfter a break", ["After"]),
    ],
)
def test_lines_are_sentence_borders(nlp: Language, text: str, expected: list[str]) -> None:
    assert borders(nlp(text)) == expected


@pytest.mark.parametrize(
    ("text", "tied"),
    [
        ("Mr. Hale met Ms. Quill.", ["Hale", "Quill"]),
        ("She joined Brightwater Co., Ltd. in May.", [",", "Ltd.", "in"]),
        ("She left Brightwater Co. Ltd. He stayed.", ["Ltd."]),
        ("John F. Hale and J. K. Quill came.", ["Hale", "K.", "Quill"]),
        ("They chose plan B. The rest is known.", []),
        ("Read No. 5 first.", ["5"]),
        ("He said no. 5 of them left.", ["5"]),
        ("Is it so? No. They left.", []),
        ("He lives in the U.S. They left.", []),
        ("The fee (10 %) rose.", ["%", ")"]),
    ],
)
def test_abbreviations_do_not_end_sentences(nlp: Language, text: str, tied: list[str]) -> None:
    assert ties(nlp(text)) == tied


@pytest.mark.parametrize(
    "text",
    [
        "\U0001f600" * 9000,
        "!" * 5000,
        "." * 64 + " The end.",
        "." * 63 + "The end.",
        "=" * 200 + "\n" + "-" * 200,
        "x" * 20000,
        "\u4e2d\u6587" * 3000,
    ],
)
def test_long_runs_are_cut_and_keep_the_text(nlp: Language, text: str) -> None:
    doc = nlp.make_doc(text)
    assert doc.text == text
    assert max(map(len, doc)) <= annotate.RUN**2


def test_ordinary_text_is_cut_as_spacy_does(nlp: Language) -> None:
    text = "Don't say \"e-mail\" (or U.S.-based...) at 10:30 a.m., O'Neil's £5m ☺☺ http://a.example/b?c=d."
    assert [t.text for t in nlp.make_doc(text)] == [t.text for t in spacy.blank("en")(text)]


def test_tokenizer_survives_storing(nlp: Language, tmp_path: Path) -> None:
    text = "Ms. Quill won't come. " + "!" * 500
    expected = [t.text for t in nlp(text)]
    nlp.to_disk(tmp_path / "p")
    assert [t.text for t in spacy.load(tmp_path / "p")(text)] == expected
    again = pickle.loads(pickle.dumps(nlp.tokenizer))
    assert isinstance(again, annotate.RunTokenizer)
    assert [t.text for t in again(text)] == expected


@pytest.mark.parametrize(
    ("text", "size", "expected"),
    [
        ("", 4, [""]),
        ("abc", 4, ["abc"]),
        ("ab\ncd\nef", 4, ["ab\n", "cd\n", "ef"]),
        ("ab cdef g", 5, ["ab ", "cdef ", "g"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
    ],
)
def test_windows_end_with_lines(text: str, size: int, expected: list[str]) -> None:
    found = [text[a:b] for a, b in annotate.windows(text, size)]
    assert found == expected
    assert "".join(found) == text


def test_huge_text_is_one_doc_with_the_offsets_of_the_article(nlp: Language) -> None:
    text = "".join(f"Line {i} names Ada Quill.\n" for i in range(4000))
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "Person", "pattern": "Ada Quill"}])  # type: ignore[attr-defined]
    nlp.add_pipe("ipgraph_spans")
    [(_, doc)] = annotate.docs([article(text)], nlp)
    assert len(text) > 2 * annotate.WINDOW
    assert doc.text == text
    spans = doc.spans[SPANS_KEY]
    assert len(spans) == 4000
    assert all(text[s.start_char : s.end_char] == "Ada Quill" for s in spans)
    assert sum(t.is_sent_start is True for t in doc) == 4000


def test_one_doc_for_each_part(nlp: Language) -> None:
    found = annotate.annotate(article("Body.", "A title", ("One", "Two")), nlp)
    assert [(p.part, p.start, p.doc.text) for p in found.parts()] == [
        ("title", 0, "A title"),
        ("text", 0, "Body."),
        ("captions", 0, "One"),
        ("captions", 4, "Two"),
    ]


def test_an_article_without_words(nlp: Language) -> None:
    found = annotate.annotate(article(""), nlp)
    assert [(p.part, len(p.doc)) for p in found.parts()] == [("text", 0)]


def spans(doc: Doc, *found: tuple[int, int, str]) -> list[Span]:
    return [Span(doc, start, end, label=label) for start, end, label in found]


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ([(0, 2, "Place"), (0, 5, "Event")], [(0, 5, "Event"), (0, 2, "Place")]),
        ([(0, 3, "Place"), (2, 6, "Event")], [(2, 6, "Event")]),
        ([(0, 3, "Organization"), (0, 3, "Event")], [(0, 3, "Event")]),
        ([(0, 3, "Brand"), (0, 3, "Organization")], [(0, 3, "Organization")]),
        ([(4, 5, "Place"), (0, 2, "Person")], [(0, 2, "Person"), (4, 5, "Place")]),
        ([], []),
    ],
)
def test_spans_nest_and_never_cross(
    nlp: Language, found: list[tuple[int, int, str]], kept: list[tuple[int, int, str]]
) -> None:
    doc = nlp("a b c d e f g")
    assert [(s.start, s.end, s.label_) for s in annotate.merged(spans(doc, *found))] == kept


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the Hale Forum", "Hale Forum"),
        ('" Hale Forum "', "Hale Forum"),
        ("Hale Forum ,", "Hale Forum"),
        ("Hale Forum 's", "Hale Forum"),
        ("The Hague", "The Hague"),
        ("the", None),
        ("Hale\nForum", None),
    ],
)
def test_spans_are_trimmed(nlp: Language, text: str, expected: str | None) -> None:
    doc = nlp(text)
    span = annotate.trimmed(Span(doc, 0, len(doc), label="Event"))
    assert (span and span.text) == expected


def test_outermost_spans_are_the_entities(nlp: Language) -> None:
    @Language.component("two_heads")
    def two_heads(doc: Doc) -> Doc:
        doc.spans["names"] = spans(doc, (0, 1, "Place"))
        doc.spans["events"] = spans(doc, (0, 3, "Event"))
        return doc

    nlp.add_pipe("two_heads")
    nlp.add_pipe("ipgraph_spans", config={"heads": ["events", "names"]})
    doc = nlp("Dover Trade Fair opened")
    assert [(s.text, s.label_) for s in doc.spans[SPANS_KEY]] == [("Dover Trade Fair", "Event"), ("Dover", "Place")]
    assert [e.text for e in doc.ents] == ["Dover Trade Fair"]
    assert set(doc.spans) == {SPANS_KEY}


def test_facts_of_a_doc_are_empty_at_first(nlp: Language) -> None:
    doc = nlp("Nothing yet.")
    assert doc._.entities == doc._.relations == ()


@pytest.fixture
def misfit(tmp_path: Path) -> Path:
    spacy.blank("en").to_disk(tmp_path / "misfit")
    return tmp_path / "misfit"


def test_a_misfit_is_refused_with_what_it_lacks(misfit: Path) -> None:
    with pytest.raises(PipelineError, match=r"lacks .*Universal Dependencies .* nsubj .*span kinds .*Award") as error:
        annotate.load(str(misfit))
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["no_such_pipeline", "/no/such/folder"])
def test_a_pipeline_that_is_not_there(name: str) -> None:
    with pytest.raises(PipelineError, match="cannot load the pipeline"):
        annotate.load(name)
