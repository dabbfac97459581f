"""Clean articles from pasted text and pages: metadata, kinds of lines, repairs, and offsets that lead back."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from ipgraph import clean, sources
from ipgraph.clean import classifier, dates, language, markup, meta, page
from ipgraph.clean.classifier import classify
from ipgraph.clean.lines import split
from ipgraph.clean.mapped import Mapped
from ipgraph.clean.normalise import normalise
from ipgraph.errors import SourceError
from ipgraph.model import Article, Source

SHARED = Path(__file__).parents[2] / "shared"
CORPUS = Path(__file__).parents[1] / "corpus"
seeds = pytest.mark.skipif(not (SHARED / "seeds").is_dir(), reason="the sample articles are not here")

PASTED = """Home | News | Business | Law | Sport | Contact us

Fair for Protected Names Opens in Lindau

By Ann Lee, Lake Gazette

May 12, 2021

The Fair for Protected Names opened in Lindau on Wednesday, and Ms.Ida Roth, a genera l manager, gave a speech.

( Photo: LAKE GAZETTE)

More than 200 growers from Beijing-Tianjin- Hebei and from the lake showed small- and medium-sized cheeses , fruit.

Really!

“The name is our capital. , and we guard it,” said Mr. Roth of the Lake Growers' Association in his speech .

About the Fair for Protected Names

The Fair for Protected Names is held every year by the Lake Growers' Association. It was founded in 2009.

Related articles
Brewer fined over label
Court rejects claim over blue bottle

(End)
"""


def article(text: str, **fields: str) -> Article:
    """The article of a pasted text."""
    return clean.article(Source(text.encode(), "pasted.txt", "text/plain", fields))


def html(body: str, head: str = "", **fields: str) -> Article:
    """The article of a web page."""
    text = f"<!DOCTYPE html><html><head>{head}</head><body>{body}</body></html>"
    return clean.article(Source(text.encode(), "page.html", "text/html", fields))


PARAGRAPHS = [
    "The old mill of Vale reopened on Thursday after two years of repairs, and the mayor cut the ribbon for guests.",
    "Visitors will be able to watch the millers at work from April, and the museum plans a festival for the summer.",
    "The repairs cost two million and were paid by the county, the heritage fund and the many friends of the mill.",
]
BODY = "".join(f"<p>{p}</p>" for p in PARAGRAPHS)


def test_a_pasted_article_comes_apart_into_its_parts() -> None:
    found = article(PASTED)
    assert found.title == "Fair for Protected Names Opens in Lindau"
    assert (found.author, found.publisher) == ("Ann Lee", "Lake Gazette")
    assert (found.date, found.date_source) == ("2021-05-12", "dateline")
    for gone in ("Home |", "Photo", "By Ann", "May 12", "Related", "Brewer", "(End)", found.title):
        assert gone not in found.text
    for kept in (
        "Ms. Ida Roth",
        "general manager",
        "Beijing-Tianjin-Hebei",
        "small- and medium",
        "cheeses, fruit",
        "Really!",
    ):
        assert kept in found.text
    assert "capital, and we" in found.text
    assert "in his speech." in found.text


def test_lines_cover_the_text() -> None:
    found = article(PASTED)
    assert "\n".join(found.text[line.start : line.end] for line in found.lines) == found.text
    assert {line.kind for line in found.lines} == {"body", "about"}


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_character_leads_back_to_the_source(end: str) -> None:
    source = PASTED.replace("\n", end)
    found = article(source)
    for part in ("title", "text", "captions"):
        text = found.part(part)  # type: ignore[arg-type]
        for i, sign in enumerate(text):
            span = found.source_span(part, i, i + 1)  # type: ignore[arg-type]
            if span is not None:
                assert source[slice(*span)] in (sign, "\xa0"), (i, sign)
    assert found.source_span("title", 0, 4) == (source.index("Fair for"), source.index("Fair for") + 4)


def test_a_byte_order_mark_counts_for_nothing() -> None:
    plain, marked = article(PASTED), clean.article(Source(b"\xef\xbb\xbf" + PASTED.encode(), "a", "text/plain", {}))
    assert plain.offsets == marked.offsets
    assert plain.id == marked.id


REPAIRS = [
    ("genera l manager", "general manager"),
    ("vitamin c and plan b", "vitamin c and plan b"),
    ("Beijing- Tianjin", "Beijing-Tianjin"),
    ("small- and medium-sized", "small- and medium-sized"),
    ("GENEVA- The office", "GENEVA- The office"),
    ("Ms.Liu Hua", "Ms. Liu Hua"),
    ("a message,so please", "a message, so please"),
    ("1,000 and 10,5", "1,000 and 10,5"),
    ("IP,[Reports]", "IP, [Reports]"),
    ("information. , Invention", "information, Invention"),
    ("food , The", "food, The"),
    ("country . Laoshan", "country. Laoshan"),
    ("the country. .", "the country."),
    ("wait ... what", "wait ... what"),
    ("Aucma... familiar?", "Aucma... familiar?"),
    ("a \xa0 b\u200b", "a b"),
    ("a\x00b\x07", "ab"),
    ("theyâ€™re at the cafÃ©", "they’re at the café"),
    ("“curly” and \"straight\"", "“curly” and \"straight\""),
    ("P.R.C. (SIPO)", "P.R.C. (SIPO)"),
]  # fmt: skip


@pytest.mark.parametrize(("damaged", "whole"), REPAIRS)
def test_repairs(damaged: str, whole: str) -> None:
    assert normalise(Mapped.of(damaged, 0, len(damaged))).text == whole


@pytest.mark.parametrize(("damaged", "whole"), REPAIRS)
def test_maps_rise_and_repairs_are_final(damaged: str, whole: str) -> None:
    found = normalise(Mapped.of(damaged, 0, len(damaged)))
    places = [at for at in found.at if at >= 0]
    assert places == sorted(set(places))
    assert normalise(Mapped.of(whole, 0, len(whole))).text == whole


def test_runs_that_choke_tokenizers_are_broken() -> None:
    emoji, glued = "🎉" * 8000, "x" * 5000
    assert max(map(len, normalise(Mapped.of(emoji, 0, 8000)).text.split())) <= 64
    assert max(map(len, normalise(Mapped.of(glued, 0, 5000)).text.split())) <= 400


@pytest.mark.parametrize(
    ("line", "author", "publisher"),
    [
        ("By Ann Lee", "Ann Lee", None),
        ("BY ANN LEE", "Ann Lee", None),
        ("By Ann Lee and Bo Ek, Lake Gazette", "Ann Lee; Bo Ek", "Lake Gazette"),
        ("By Ann Lee, Lake Gazette,[Special Reports]", "Ann Lee", "Lake Gazette"),
        ("Ann Lee | Lake Gazette", "Ann Lee", "Lake Gazette"),
        ("Reporter: Ann Lee", "Ann Lee", None),
        ("Ann Lee, Staff Writer", "Ann Lee", None),
        ("By staff reporter Ann Lee", "Ann Lee", None),
        ("By Dr. Jean-Luc van der Berg", "Dr. Jean-Luc van der Berg", None),
        ("By our own reporters", None, None),
    ],
)
def test_bylines(line: str, author: str | None, publisher: str | None) -> None:
    found = meta.byline(line)
    assert (found.author, found.publisher) == (author, publisher)


@pytest.mark.parametrize(
    ("line", "publisher", "author"),
    [
        ("(Source: Lake Daily, Lake All Media Reporter Ann Lee)", "Lake Daily", "Ann Lee"),
        ("Source: Lake Daily", "Lake Daily", None),
        ("Originally published in Lake Daily on May 3, 2021", "Lake Daily", None),
        ("(From: Lake Daily)", "Lake Daily", None),
    ],
)
def test_source_lines(line: str, publisher: str, author: str | None) -> None:
    found = meta.source_line(line)
    assert (found.publisher, found.author) == (publisher, author)


@pytest.mark.parametrize(
    ("text", "rest", "publisher", "date"),
    [
        ("Lakenews.com Lindau, April 24. Growers met.", "Growers met.", "Lakenews.com", None),
        ("GENEVA, March 3, 2021 (Xinhua) -- Growers met.", "Growers met.", "Xinhua", "2021-03-03"),
        ("LONDON (Reuters) - Growers met.", "Growers met.", "Reuters", None),
        ("LINDAU, Germany — Growers met.", "Growers met.", None, None),
        ("Lindau, 12 May 2021 – Growers met.", "Growers met.", None, "2021-05-12"),
        ("On May 12, growers met.", "On May 12, growers met.", None, None),
        ("The fair - a new one - opened.", "The fair - a new one - opened.", None, None),
    ],
)
def test_datelines_at_the_head_of_a_sentence(text: str, rest: str, publisher: str | None, date: str | None) -> None:
    found, length = meta.glued_dateline(text)
    assert (text[length:], found.publisher, found.date) == (rest, publisher, date)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("September 9, 2021", "2021-09-09"),
        ("9th of Sept. 2021, 10:30", "2021-09-09"),
        ("2021-09-09T10:00:00Z", "2021-09-09"),
        ("2021年9月9日", "2021-09-09"),
        ("25/12/2020", "2020-12-25"),
        ("04/05/2020", None),
        ("April 24", None),
        ("31 February 2021", None),
        ("In 2021 there were 9", None),
    ],
)
def test_dates(text: str, day: str | None) -> None:
    assert dates.find(text) == day


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (" ".join(PARAGRAPHS), "en"),
        (
            "Der Bürgermeister eröffnete am Freitag die Messe, und mehr als 200 Gäste kamen in den Hafen der Stadt.",
            "de",
        ),
        ("Le maire a ouvert la foire vendredi et plus de 200 invités sont venus dans le vieux port de la ville.", "fr"),
        ("El alcalde inauguró la feria el viernes y más de 200 invitados llegaron al viejo puerto de la ciudad.", "es"),
        ("市长周五宣布博览会开幕，两百多名来宾来到老港口参加活动。", "zh"),
        ("市長は金曜日に見本市を開き、二百人以上が古い港に集まりました。", "ja"),
        ("Мэр открыл ярмарку в пятницу, и более двухсот гостей пришли в старую гавань.", "ru"),
        ("12 34 56", "und"),
    ],
)
def test_languages(text: str, code: str) -> None:
    assert language.detect(text) == code


def test_other_languages_are_refused_by_name() -> None:
    with pytest.raises(clean.OtherLanguage, match="German") as caught:
        article("Der Bürgermeister eröffnete am Freitag die Messe, und mehr als 200 Gäste kamen in den alten Hafen.")
    assert caught.value.language == "German"


def test_paragraphs_broken_by_hand_are_rejoined() -> None:
    text = "Old Mill Reopens\n\n" + "\n\n".join("\n".join(textwrap.wrap(p, 68)) for p in PARAGRAPHS)
    found = article(text)
    assert found.title == "Old Mill Reopens"
    assert found.text.split("\n") == PARAGRAPHS


def test_paragraphs_marked_by_indents_are_rejoined() -> None:
    text = "\n\n".join(["  " + PARAGRAPHS[0], PARAGRAPHS[1], "  " + PARAGRAPHS[2], "  " + PARAGRAPHS[0] + " Again."])
    assert article(text).text.split("\n")[0] == f"{PARAGRAPHS[0]} {PARAGRAPHS[1]}"


def test_a_caption_is_kept_apart_and_once() -> None:
    shows = "The picture shows Ida Roth, head of the mill, cutting the ribbon."
    text = "\n\n".join([PARAGRAPHS[0], shows, PARAGRAPHS[1], shows, PARAGRAPHS[2]])
    found = article(text)
    assert found.captions == (shows,)
    assert "picture" not in found.text


def test_one_sentence_is_an_article() -> None:
    assert article("Liu Hua attended the fair in Lindau.").text == "Liu Hua attended the fair in Lindau."


def test_what_the_container_says_goes_before_the_text() -> None:
    found = article(
        PASTED, title="Another Title", date="2022-01-02", publisher="Wire", author="Bo Ek", url="https://a.example/"
    )
    assert (found.title, found.date, found.date_source) == ("Another Title", "2022-01-02", "field")
    assert (found.publisher, found.author, found.url) == ("Wire", "Bo Ek", "https://a.example/")


@pytest.mark.parametrize(
    "source",
    [
        Source(b"", "a", "text/plain"),
        Source(b" \n\t ", "a", "text/plain"),
        Source(b"\x00\x01\x02" * 50, "a", "application/octet-stream"),
        Source(b"Home | News | Contact\nLog in\nPrivacy policy", "a", "text/plain"),
        Source(b"<html><body></body></html>", "a", "text/html"),
        Source(b"%PDF-1.4 broken", "a", "application/pdf"),
        Source(b"x" * (6 << 20), "a", "text/plain"),
    ],
)
def test_what_is_no_article_is_refused_in_three_parts(source: Source) -> None:
    with pytest.raises(SourceError) as caught:
        clean.article(source)
    assert str(caught.value).count("; ") >= 2
    assert "\n" not in str(caught.value)


def test_a_page_gives_its_body_without_what_stands_around() -> None:
    found = html(
        f"<nav><a href=/>Home</a> <a href=/n>News</a></nav><h1>Old Mill Reopens</h1><div>By Ann Lee</div>{BODY}"
        "<figure><img src=a.jpg><figcaption>The mill at dusk</figcaption></figure>"
        "<footer>© 2021 Vale News. All rights reserved.</footer>",
        "<title>Old Mill Reopens | Vale News</title><meta property='og:site_name' content='Vale News'>",
    )
    assert found.text.split("\n") == PARAGRAPHS
    assert (found.title, found.publisher) == ("Old Mill Reopens", "Vale News")
    assert not found.offsets


def test_structured_data_names_author_publisher_and_address() -> None:
    record = {
        "@graph": [
            {"@type": "WebSite", "name": "Vale"},
            {
                "@type": ["NewsArticle"],
                "headline": "Old Mill Reopens",
                "author": [{"@type": "Person", "name": "Ann Lee"}, {"name": "Bo Ek"}],
                "publisher": {"name": "Vale News"},
                "datePublished": "2021-03-04T08:00:00Z",
            },
        ]
    }
    head = f"<script type='application/ld+json'>{json.dumps(record)}</script><link rel=canonical href='https://vale.example/m'>"
    found = html(f"<h1>Old Mill Reopens</h1>{BODY}", head)
    assert (found.author, found.publisher) == ("Ann Lee; Bo Ek", "Vale News")
    assert (found.url, found.date) == ("https://vale.example/m", "2021-03-04")


def test_the_title_is_the_candidate_that_a_heading_repeats() -> None:
    head = "<title>Vale News - Old Mill Reopens</title><meta property='og:title' content='You will love this mill'>"
    assert html(f"<h1>Vale News</h1><h1>Old Mill Reopens</h1>{BODY}", head).title == "Old Mill Reopens"


def test_a_vote_takes_what_no_second_reading_supports_unless_it_would_take_too_much() -> None:
    reading = [
        "one two three four five six seven",
        "alpha beta gamma delta",
        "get app",
        "eight nine ten eleven twelve thirteen",
    ]
    other = "one two three four five six seven\neight nine ten eleven twelve thirteen\nalpha beta gamma delta"
    assert page.voted(reading, [other]) == [reading[0], reading[1], reading[3]]
    assert page.voted(reading, ["get app"]) == reading
    assert page.voted(reading, []) == reading


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (
            "<p>one<br>two</p><script>var a = '<p>no</p>'</script><p>three &amp; four</p>",
            ["one", "two", "three & four"],
        ),
        ("<!-- <p>no</p> --><div>a <b>b</b>\nc</div>", ["a b c"]),
        ("<style>p{}</style>x<script>never closed", ["x never closed".replace(" ", "")]),
    ],
)
def test_plain_lines_of_markup(text: str, lines: list[str]) -> None:
    assert markup.plain_lines(text)[: len(lines)] == lines or "never" in text


@pytest.mark.parametrize("path", sorted((CORPUS / "pasted" / "dev").glob("*_1.txt")), ids=lambda path: path.stem)
def test_the_classifier_knows_its_own_corpus(path: Path) -> None:
    from ipgraph.clean import examples

    example = examples.read(path)
    said = classify(list(example.lines))
    assert sum(a == b for a, b in zip(said, example.kinds, strict=True)) >= 0.8 * len(said)


def test_training_is_deterministic(monkeypatch: pytest.MonkeyPatch) -> None:
    from ipgraph.clean import train

    monkeypatch.setattr(train, "EPOCHS", 1)
    seen = [train.seen(e) for e in train.read_folder(CORPUS / "pasted" / "dev")[::12]]
    first = classifier.as_json(train.fit(seen))
    assert first == classifier.as_json(train.fit(seen))
    assert classifier.as_json(classifier.parse(first)) == first


def test_composed_articles_are_whole_and_the_same_each_time() -> None:
    from ipgraph.clean import compose

    made = compose.composed(CORPUS, 20)
    assert made == compose.composed(CORPUS, 20)
    for example in made:
        assert {"body", "caption"} & set(example.kinds)
        assert not [line.text for line in example.lines if re.search(r"[{}]|<[^<>]*\|", line.text)]


def test_every_template_can_be_filled() -> None:
    from ipgraph.clean import compose

    composer = compose.Composer(
        compose.stories(CORPUS / "annotated" / "train"), compose.furniture(CORPUS / "pasted" / "furniture.txt"), 1
    )
    for blocks in composer.blocks.values():
        for block in blocks:
            for _, template in block:
                assert composer.filled(template) is not None


def test_lines_know_their_place() -> None:
    text = "a\r\n\r\n  b \n\tc"
    assert [(line.text, line.start, line.indent, line.blanks) for line in split(text)] == [
        ("a", 0, 0, 0),
        ("b", 7, 2, 1),
        ("c", 11, 1, 0),
    ]


def _gold() -> list[Path]:
    return sorted((SHARED / "gold" / "seeds").glob("*.json"))


@seeds
@pytest.mark.parametrize("gold", _gold(), ids=lambda path: path.stem)
def test_sample_articles_are_clean(gold: Path) -> None:
    wanted = json.loads(gold.read_text(encoding="utf-8"))
    (source,) = sources.read([str(SHARED / "seeds" / wanted["source"])])
    assert isinstance(source, Source)
    found = clean.article(source)
    flat = " ".join(found.text.split())
    everything = " ".join(" ".join([found.title or "", flat, *found.captions]).split())
    assert [s for s in wanted["clean"]["drop"] if " ".join(s.split()) in flat] == []
    assert [s for s in wanted["clean"]["keep"] if " ".join(s.split()) not in everything] == []
    assert {name: getattr(found, name) for name in wanted["article"]} == wanted["article"]


Check = Callable[[Article], bool]


@seeds
@pytest.mark.parametrize(
    ("prefix", "check"),
    [
        ("000", lambda a: (a.title, a.date, a.publisher) == (None, None, "Chinanews.com")),
        ("000", lambda a: len(a.captions) == 3 and "picture shows" not in a.text),
        ("000", lambda a: "Familiar with!" in a.text and "(Finish)" not in a.text),
        (
            "000",
            lambda a: [a.text[x.start : x.end] for x in a.lines if x.kind == "heading"][-1] == "From Qingdao to Geneva",
        ),
        ("004", lambda a: (a.title, a.publisher, a.author) == (None, "Peninsula Metropolis Daily", "Wang Yuan")),
        ("004", lambda a: len(a.captions) == 4 and len([x for x in a.lines if x.kind == "heading"]) == 3),
        ("001", lambda a: any(x.kind == "about" for x in a.lines)),
    ],
)
def test_the_other_sample_articles(prefix: str, check: Check) -> None:
    (source,) = sources.read([str(SHARED / "seeds" / f"{prefix}_*.txt")])
    assert isinstance(source, Source)
    assert check(clean.article(source))
