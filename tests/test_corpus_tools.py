"""The corpus tools on a small corpus: report, gold JSON, spaCy Docs, agreement, review."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import spacy
from click.testing import CliRunner, Result
from spacy.tokens import Doc, DocBin

from ipgraph.corpus import quotas
from ipgraph.corpus.__main__ import main
from ipgraph.corpus.agreement import Agreement, match_entities
from ipgraph.corpus.format import Annotated, parse
from ipgraph.corpus.gold import SHORT, gold
from ipgraph.corpus.report import load, report, shared_runs
from ipgraph.corpus.review import changes, pair_entities
from ipgraph.errors import SourceError

ARTICLE = """kind: brief
region: africa
register: agency
tags: hard-negative
publisher: Harbour News
===
# [Tea Fair|e1] Ends
@ Harbour News
% Home | News

[Kofi Mensah|p1], [deputy head|T:p1] of the [Tea Guild|o1], closed [the fair|e1~] on [2 May|D:05-02]. [He|p1^] left.
The [Guild|o1] is [Accra|l1]-based.

^ [Mensah|p1] and [the guild|o1~].
===
p1 Person | Kofi Mensah
o1 Organization/Brand | Tea Guild
e1 Event | Tea Fair | date=05-02
l1 Place | Accra | optional
===
ATTENDED p1 e1 role=presider | closed the fair on 2 May
HOLDS_POSITION p1 o1 title=deputy head; former=true | deputy head of the Tea Guild
?LOCATED_IN o1 l1 | Guild is Accra-based
!ORGANIZED o1 e1 | not said
"""


def article(source: str = ARTICLE, name: str = "brief-1") -> Annotated:
    found, problems = parse(source, Path(f"{name}.txt"))
    assert not problems
    return found


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A corpus of one article in train and its double in test."""
    folder = tmp_path / "annotated"
    for split in quotas.SPLITS:
        (folder / split).mkdir(parents=True)
    (folder / "train" / "brief-1.txt").write_text(ARTICLE, encoding="utf-8")
    other = ARTICLE.replace("Tea Fair", "Maize Fair").replace("Kofi ", "Ama ").replace("2 May|D:05-02", "4 May|D")
    (folder / "test" / "other-1.txt").write_text(other.replace("on 2 May", "on 4 May"), encoding="utf-8")
    return folder


def run(*args: object) -> Result:
    return CliRunner().invoke(main, [str(a) for a in args], catch_exceptions=False)


def test_report_counts(corpus: Path) -> None:
    found = report(load(corpus))
    rows = {(row.dimension, row.value): row for row in found.rows}
    assert found.articles == 2
    assert (rows["kind", "brief"].count, rows["kind", "brief"].met) == (2, False)
    assert (rows["region", "africa"].count, rows["region", "africa"].met) == (2, True)
    assert rows["tags", "hard-negative"].met is True
    assert (rows["edges train", "ATTENDED"].count, rows["edges train", "LOCATED_IN"].count) == (1, 0)
    assert rows["edges train", "ORGANIZED"].count == 0
    assert (rows["size", "optional facts"].count, rows["size", "optional facts"].met) == (2, False)
    assert found.variety["Person distinct names"] == 2
    assert any("brief-1: 27 words" in note for note in found.notes)


def test_report_of_a_part_judges_only_shares(corpus: Path) -> None:
    found = report(load(corpus), prefix="other", split="test")
    assert found.articles == 1
    met = {(row.dimension, row.value): row.met for row in found.rows}
    assert met["kind", "brief"] is None
    assert met["region", "china"] is True
    assert met["region", "gulf"] is False


def test_report_lists_repeated_names_but_a_series_once(corpus: Path) -> None:
    for n in range(3):
        (corpus / "dev" / f"again-{n}.txt").write_text(ARTICLE, encoding="utf-8")
    assert report(load(corpus)).repeats["Person"] == ["kofi mensah: again-0, again-1, again-2, brief-1"]
    for path in (corpus / "dev").iterdir():
        path.write_text("series: tea\n" + ARTICLE, encoding="utf-8")
    assert report(load(corpus)).repeats["Person"] == []
    assert report(load(corpus), prefix="other").repeats["Person"] == []


def test_shared_runs_are_maximal_and_skip_titles_and_metadata(corpus: Path) -> None:
    (run_,) = shared_runs(load(corpus), least=6)
    assert (run_.first, run_.second) == ("other-1", "brief-1")
    assert run_.text == "mensah deputy head of the tea guild closed the fair on"
    assert run_.words == 11
    assert shared_runs(load(corpus), least=12) == []


def test_report_command(corpus: Path) -> None:
    text = run("report", "--folder", corpus).stdout
    assert "hard-negative" in text
    assert "SHORT" in text
    found = json.loads(run("report", "--folder", corpus, "--format", "json").stdout)
    assert found["articles"] == 2


def test_gold_record() -> None:
    record = gold(article())
    assert record["id"] == "brief-1"
    assert record["source"] == "brief-1.txt"
    assert record["article"] == {"title": "Tea Fair Ends", "date": None, "publisher": "Harbour News", "author": None}
    assert record["entities"][1] == {
        "id": "o1", "types": ["Organization", "Brand"], "name": "Tea Guild", "aliases": ["Guild"], "optional": False,
    }  # fmt: skip
    assert record["entities"][2]["date"] == "05-02"
    assert record["entities"][3]["optional"] is True
    assert record["relations"][1]["properties"] == {"title": "deputy head", "former": True}
    assert [r["optional"] for r in record["relations"]] == [False, False, True]
    assert record["wrong"] == [{"type": "ORGANIZED", "head": "o1", "tail": "e1", "why": "not said"}]
    assert record["clean"]["drop"] == ["Harbour News", "Home | News"]
    assert record["clean"]["keep"] == [
        "Kofi Mensah, deputy head of the Tea Guild, closed the fair on 2 May.",
        "He left.",
        "The Guild is Accra-based.",
    ]


def test_gold_strings_to_keep_and_drop_do_not_clash() -> None:
    long = ARTICLE.replace("% Home", "% He left.\n% " + "Menu " * 40).replace("He|p1^] left", "He|p1^] " + "ran " * 40)
    clean = gold(article(long))["clean"]
    assert "He left." in clean["drop"]
    assert all(len(s) <= SHORT for s in clean["drop"] + clean["keep"])
    assert "He left." not in gold(article(ARTICLE.replace("% Home", "% He left.\n% Home")))["clean"]["drop"]


def test_json_command_writes_texts_and_offsets_that_fit(corpus: Path, tmp_path: Path) -> None:
    assert run("json", "--folder", corpus, "--out", tmp_path / "out").exit_code == 0
    text = (tmp_path / "out" / "train" / "brief-1.txt").read_text(encoding="utf-8")
    record = json.loads((tmp_path / "out" / "train" / "brief-1.json").read_text(encoding="utf-8"))
    assert record["mentions"]
    assert all(text[m["start"] : m["end"]] == m["text"] for m in record["mentions"])
    assert {m["kind"] for m in record["mentions"]} == {"name", "nominal", "pronoun", "title", "date"}
    assert (tmp_path / "out" / "test" / "other-1.json").exists()


def docs(folder: Path, split: str) -> list[Doc]:
    return list(DocBin().from_disk(folder / f"{split}.spacy").get_docs(spacy.blank("en").vocab))


def test_docbin_command(corpus: Path, tmp_path: Path) -> None:
    result = run("docbin", "--folder", corpus, "--out", tmp_path)
    assert "train: 1 articles, 11 mentions, 0 shifted to tokens" in result.stderr
    (doc,) = docs(tmp_path, "train")
    assert "Home" not in doc.text
    named = [(s.text, s.label_, s.kb_id_, s.id_) for s in doc.spans["ipgraph"]]
    assert named[:5] == [
        ("Tea Fair", "Event", "e1", "e1"),
        ("Kofi Mensah", "Person", "p1", "p1"),
        ("deputy head", "TITLE", "p1", "p1"),
        ("Tea Guild", "Organization", "o1", "o1"),
        ("2 May", "DATE", "05-02", ""),
    ]
    nominals = [(s.text, s.label_, s.id_) for s in doc.spans["ipgraph_nominals"]]
    assert nominals == [("the fair", "NOMINAL", "e1"), ("He", "PRONOUN", "p1"), ("the guild", "NOMINAL", "o1")]
    assert [e.text for e in doc.ents][-2:] == ["Accra", "Mensah"]
    kinds = [(kind, doc.text[start:end][:8]) for kind, start, end in doc.user_data["lines"]]
    assert kinds == [("title", "Tea Fair"), ("body", "Kofi Men"), ("body", "The Guil"), ("caption", "Mensah a")]
    relation = doc.user_data["relations"][0]
    assert doc.text[relation["start"] : relation["end"]] == "closed the fair on 2 May"
    assert docs(tmp_path, "dev") == []


def test_mentions_that_cut_tokens_take_the_nearest_ones(corpus: Path, tmp_path: Path) -> None:
    cut = ARTICLE.replace("[Accra|l1]-based", "[Acc|l1]ra").replace("Accra", "Acc").replace("Acc-based", "Accra")
    (corpus / "train" / "brief-1.txt").write_text(cut.replace("in Acc", "in Acc"), encoding="utf-8")
    assert "1 shifted to tokens" in run("docbin", "--folder", corpus, "--out", tmp_path).stderr
    (doc,) = docs(tmp_path, "train")
    assert "Accra" in [s.text for s in doc.spans["ipgraph"]]


RENUMBERED = ARTICLE.replace("p1", "p7").replace("o1", "o9")


def test_agreement_is_full_whatever_the_ids() -> None:
    agreement = Agreement()
    agreement.add(article(), article(RENUMBERED))
    for scores in (agreement.mentions, agreement.entities, agreement.relations, agreement.strict):
        assert all(score.f1 == 1 for score in scores.values())
    assert agreement.differences == []
    assert match_entities(article(), article(RENUMBERED)) == {"p1": "p7", "o1": "o9", "e1": "e1", "l1": "l1"}


def test_agreement_counts_what_differs() -> None:
    other = (
        RENUMBERED.replace("presider", "attendee")
        .replace("[Accra|l1]", "Accra")
        .replace("l1 Place | Accra | optional\n", "")
    )
    other = other.replace("?LOCATED_IN o9 l1 | Guild is Accra-based\n", "")
    agreement = Agreement()
    agreement.add(article(), article(other))
    assert (agreement.entities["Place"].first, agreement.entities["Place"].f1) == (1, 0)
    assert agreement.relations["ATTENDED"].f1 == 1
    assert agreement.strict["ATTENDED"].f1 == 0
    assert agreement.relations["LOCATED_IN"].first == 1
    assert agreement.mentions["name"].both == 5
    assert any("only B: relation ATTENDED Kofi Mensah -> Tea Fair role=attendee" in d for d in agreement.differences)


def test_agreement_refuses_other_texts() -> None:
    with pytest.raises(SourceError, match="line 1 of the text"):
        Agreement().add(article(), article(ARTICLE.replace("Ends", "Closes")))


def test_agreement_command_pairs_by_name(corpus: Path, tmp_path: Path) -> None:
    second = tmp_path / "second"
    second.mkdir()
    (second / "brief-1.txt").write_text(RENUMBERED, encoding="utf-8")
    result = run("agreement", corpus, second, "--verbose")
    assert result.exit_code == 0
    assert "1 articles annotated twice" in result.stdout
    (second / "brief-1.txt").write_text(RENUMBERED.replace("Ends", "Closes"), encoding="utf-8")
    assert run("agreement", corpus, second).exit_code == 1


def test_bare_and_skeleton(corpus: Path) -> None:
    path = corpus / "train" / "brief-1.txt"
    assert run("bare", path).stdout == article().text + "\n"
    skeleton = run("bare", "--skeleton", path).stdout
    assert "# Tea Fair Ends\n@ Harbour News\n% Home \\| News\n" in skeleton
    assert article(skeleton).text == article().text
    assert article(skeleton).entities == ()


def test_no_changes_whatever_the_ids() -> None:
    assert list(changes(article(), article(RENUMBERED))) == []


def test_changes() -> None:
    after = RENUMBERED.replace("role=presider", "role=speaker").replace("region: africa", "region: gulf")
    after = after.replace("[the guild|o9~]", "the guild").replace("Ends", "Closes").replace("[He|p7^]", "[He|o9^]")
    after = after.replace("!ORGANIZED o9 e1 | not said\n", "ORGANIZED p7 e1 role=host | closed the fair on 2 May\n")
    after = after.replace("e1 Event | Tea Fair | date=05-02", "e1 Event | Tea Fair | date=05-03")
    found = list(changes(article(), article(after)))
    assert found == [
        ("header changed", "region: africa", "region: gulf"),
        ("text changed", "title: Tea Fair Ends", "title: Tea Fair Closes"),
        ("entity changed", "Event | Tea Fair | date=05-02", "Event | Tea Fair | date=05-03"),
        ("mention changed", "line 4: [He] pronoun of Kofi Mensah", "line 4: [He] pronoun of Tea Guild"),
        ("mention removed", "line 6: [the guild] nominal of Tea Guild", None),
        (
            "relation changed",
            "ATTENDED Kofi Mensah -> Tea Fair role=presider | closed the fair on 2 May",
            "ATTENDED Kofi Mensah -> Tea Fair role=speaker | closed the fair on 2 May",
        ),
        ("relation added", None, "ORGANIZED Kofi Mensah -> Tea Fair role=host | closed the fair on 2 May"),
        ("relation removed", "!ORGANIZED Tea Guild -> Tea Fair | not said", None),
    ]


def test_a_renamed_entity_is_one_change() -> None:
    after = ARTICLE.replace("p1 Person | Kofi Mensah", "p1 Person | Mensah")
    assert [what for what, _, _ in changes(article(), article(after))] == ["entity changed"]
    assert pair_entities(article(), article(after))["p1"] == "p1"


def test_review_command_appends(corpus: Path, tmp_path: Path) -> None:
    before, log = tmp_path / "before.txt", tmp_path / "review.jsonl"
    path = corpus / "train" / "brief-1.txt"
    before.write_text(ARTICLE, encoding="utf-8")
    path.write_text(ARTICLE.replace("presider", "speaker"), encoding="utf-8")
    arguments = ("review", before, path, "--checker", "b", "--log", log)
    shown = run(*arguments, "--dry-run")
    assert not log.exists()
    for _ in range(2):
        run(*arguments)
    lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert lines == [json.loads(shown.stdout)] * 2
    assert lines[0]["file"] == "train/brief-1.txt"
    assert list(lines[0]) == ["file", "checker", "what", "before", "after"]
