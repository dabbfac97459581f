"""The command line: what each command prints, its exit codes, and one clear line for every mistake."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from ipgraph.cli import COMMANDS, _Lazy, cli
from tests.conftest import ARTICLES, Run

FAIR = "Tenth Lanqiao Trademark and Brand Fair"


def _lines(out: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in out.splitlines()]


def _commands() -> list[str]:
    assert isinstance(cli, _Lazy)
    return cli.list_commands(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", _commands())
def test_every_command_explains_itself_with_examples(name: str, run: Run) -> None:
    code, out, _ = run(name, "--help")
    assert code == 0
    assert "Examples:" in out
    assert "See also:" in out
    for other in re.findall(r"See also: ([\w, ()]+)\.", out)[0].split(","):
        assert other.split()[0] in COMMANDS


def test_ingest_counts_and_a_second_time_changes_nothing(run: Run, tmp_path: Path) -> None:
    article = ARTICLES / "08-coffee-summit.txt"
    code, out, err = run("ingest", "--db", tmp_path / "db", article)
    assert (code, err) == (0, "")
    assert {"outcome": "added", "articles": 1} in _lines(out)
    first = run("export", "jsonl", "--db", tmp_path / "db")[1]
    code, out, _ = run("ingest", "--db", tmp_path / "db", article)
    assert {"outcome": "unchanged", "articles": 1} in _lines(out)
    assert run("export", "jsonl", "--db", tmp_path / "db")[1] == first


BAD = {
    "empty.txt": b"",
    "binary.txt": bytes(range(256)) * 40,
    "cut.html": b"<html><head><title>x</title></head><body><p>Onl",
    "picture.png": b"\x89PNG\r\n\x1a\n" + b"\x00" * 500,
}


def test_bad_files_are_named_and_the_rest_completes(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, data in BAD.items():
        (folder / name).write_bytes(data)
    (folder / "good.txt").write_bytes((ARTICLES / "08-coffee-summit.txt").read_bytes())
    latin = (ARTICLES / "08-coffee-summit.txt").read_text(encoding="utf-8").replace("Ren Caixia", "Ana Pérez")
    (folder / "latin.txt").write_bytes(latin.encode("cp1252"))
    code, out, err = run("ingest", "--db", tmp_path / "db", folder, tmp_path / "missing.txt")
    assert code == 3
    counts = {r["outcome"]: r["articles"] for r in _lines(out)}
    assert counts["failed"] == len(BAD) + 1
    for name in [*BAD, "missing.txt"]:
        (line,) = [x for x in err.splitlines() if name in x]
        assert line.startswith("ipgraph: ")
    assert "Traceback" not in err
    assert "Pérez" in run("export", "jsonl", "--db", tmp_path / "db")[1]


def test_nothing_readable_at_all_is_a_failure(run: Run, tmp_path: Path) -> None:
    assert run("ingest", "--db", tmp_path / "db", tmp_path / "missing.txt")[0] == 1


OTHER = {
    "a.txt": "Der Bürgermeister eröffnete am Freitag die Messe, und mehr als 200 Gäste kamen in den Hafen der Stadt.",
    "b.html": "<html><body><p>Die Messe wurde am Freitag eröffnet, und es kamen mehr als 200 Gäste in den Hafen.</p>"
    "<p>Der Verband der Winzer hat die Messe zum zehnten Mal mit der Stadt und dem Land veranstaltet.</p></body>",
    "c.txt": "Le maire a ouvert la foire vendredi et plus de 200 invités sont venus dans le vieux port de la ville.",
}


@pytest.mark.parametrize("command", ["ingest", "extract", "clean"])
def test_articles_in_other_languages_are_skipped_and_counted(command: str, run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for name, text in OTHER.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / "good.txt").write_bytes((ARTICLES / "08-coffee-summit.txt").read_bytes())
    db = ["--db", tmp_path / "db"] if command == "ingest" else []
    code, out, err = run(command, *db, folder)
    assert code == 0
    assert err.splitlines() == [
        f"ipgraph: skipped 2 articles in German, only English is read: {folder}/a.txt, {folder}/b.html",
        f"ipgraph: skipped 1 article in French, only English is read: {folder}/c.txt",
    ]
    if command == "ingest":
        assert {"outcome": "skipped", "articles": 3} in _lines(out)
        assert {"outcome": "failed", "articles": 0} in _lines(out)
    else:
        assert len(_lines(out)) == 1


def test_dry_run_stores_nothing(run: Run, tmp_path: Path) -> None:
    code, _, _ = run("ingest", "--dry-run", "--db", tmp_path / "db", ARTICLES / "08-coffee-summit.txt")
    assert code == 0
    assert not (tmp_path / "db").exists()


def test_extract_follows_the_contract(run: Run) -> None:
    code, out, _ = run("extract", ARTICLES / "01-trademark-fair-opens.txt")
    assert code == 0
    (facts,) = _lines(out)
    article = facts["article"]
    assert isinstance(article, dict)
    strings = {"title": article["title"], "text": article["text"], "captions": "\n".join(article["captions"])}
    source = (ARTICLES / "01-trademark-fair-opens.txt").read_text(encoding="utf-8")
    for e in facts["entities"]:  # type: ignore[attr-defined]
        for m in e["mentions"]:
            assert strings[m["in"]][m["start"] : m["end"]] == m["text"]
            assert source[m["source_start"] : m["source_end"]].split() == m["text"].split()
        named = {m["text"] for m in e["mentions"]}
        assert {e["name"], *e["aliases"]} <= named
    for r in facts["relations"]:  # type: ignore[attr-defined]
        for v in r["evidence"]:
            assert strings[v["in"]][v["start"] : v["end"]] == v["text"]


def test_find_why_and_stats(run: Run, ingested: Path) -> None:
    rows = _lines(run("find", "--db", ingested, "lanqiao trademark and brand fair")[1])
    assert any(r["kind"] == "Event" for r in rows)
    code, out, _ = run("why", "--db", ingested, "Tan Yuefen", "LIPB")
    assert code == 0
    assert any(r["type"] == "HOLDS_POSITION" for r in _lines(out))
    kinds = {r["kind"]: r["count"] for r in _lines(run("stats", "--db", ingested)[1])}
    assert kinds["Article"] == len(list(ARTICLES.glob("*"))) + 2
    assert int(str(kinds["ATTENDED"])) > 15


@pytest.mark.parametrize("form", ["json", "csv", "table"])
def test_formats_hold_the_same_rows(form: str, run: Run, ingested: Path) -> None:
    plain = _lines(run("stats", "--db", ingested)[1])
    out = run("stats", "--db", ingested, "--format", form)[1]
    if form == "json":
        assert json.loads(out) == plain
    elif form == "csv":
        assert [r["kind"] for r in csv.DictReader(io.StringIO(out))] == [r["kind"] for r in plain]
    else:
        assert [line.split()[1] for line in out.splitlines()[2:]] == [r["kind"] for r in plain]


def test_remove_and_ingest_again_give_the_same_export(run: Run, workspace: Path) -> None:
    before = run("export", "jsonl", "--db", workspace)[1]
    code, out, _ = run("remove", "--db", workspace, "08-coffee-summit.txt")
    assert code == 0
    assert _lines(out)[0]["removed"] is True
    assert run("export", "jsonl", "--db", workspace)[1] != before
    run("ingest", "--db", workspace, ARTICLES / "08-coffee-summit.txt")
    assert run("export", "jsonl", "--db", workspace)[1] == before


@pytest.mark.parametrize("form", ["jsonl", "graphml", "gexf", "csv"])
def test_exports_are_written_whole(form: str, run: Run, ingested: Path, tmp_path: Path) -> None:
    target = tmp_path / f"out.{form}"
    assert run("export", form, "--db", ingested, "-o", target)[0] == 0
    text = "".join(f.read_text() for f in target.iterdir()) if target.is_dir() else target.read_text()
    assert "Anselm Okafor" in text
    assert not list(tmp_path.glob("*.part"))


MISTAKES = [
    (["find", "Nobody Atall"], 2, "nothing is named"),
    (["why", "Zz"], 2, "nothing is named"),
    (["remove", "no-such"], 2, "no article"),
    (["export", "jsonl", "--min-confidence", "7"], 2, "number from 0 to 1"),
    (["stats", "--format", "xml"], 2, "not one of"),
    (["export", "csv"], 2, "name a folder"),
    (["frobnicate"], 2, "No such command"),
    (["evaluate", str(ARTICLES), "--articles", str(ARTICLES)], 2, "no gold in"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), MISTAKES)
def test_mistakes_give_one_clear_line(
    arguments: list[str], code: int, message: str, run: Run, ingested: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("IPGRAPH_DB", str(ingested))
    got, _, err = run(*arguments)
    assert got == code
    assert message in err
    assert "Traceback" not in err


def test_an_empty_workspace_is_told(run: Run, tmp_path: Path) -> None:
    code, _, err = run("stats", "--db", tmp_path / "none")
    assert code == 4
    assert "ipgraph ingest" in err
    assert not (tmp_path / "none").exists()


def test_an_unknown_pipeline_is_told(run: Run, tmp_path: Path) -> None:
    code, _, err = run("extract", "--pipeline", "xx_none", ARTICLES / "08-coffee-summit.txt")
    assert code == 1
    assert len(err.splitlines()) == 1


def test_config_shows_where_values_come_from(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "none.toml").write_text('db = "from-file"\nstore = "bolt://localhost"\n')
    monkeypatch.setenv("IPGRAPH_STORE", "from-env")
    rows = {r["setting"]: (r["value"], r["from"]) for r in _lines(run("config")[1])}
    assert rows["db"] == ("from-file", str(tmp_path / "none.toml"))
    assert rows["store"] == ("from-env", "IPGRAPH_STORE")
    assert rows["min-confidence"] == ("0.5", "default")


def test_a_bad_config_file_is_told(run: Run, tmp_path: Path) -> None:
    (tmp_path / "none.toml").write_text("dbb = 1\n")
    code, _, err = run("config")
    assert code == 2
    assert "sets dbb" in err


def test_schema_lists_every_type(run: Run) -> None:
    names = {r["name"] for r in _lines(run("schema")[1])}
    assert {"Person", "Event", "ATTENDED", "COOPERATES_WITH", "sentences"} <= names
    assert json.loads(run("schema", "--json")[1])["type"] == "object"


def test_doctor_is_content(run: Run, ingested: Path) -> None:
    code, out, _ = run("doctor", "--db", ingested)
    assert code == 0
    assert all(r["ok"] for r in _lines(out))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["query"],
        ["schema", "--json"],
        ["extract", str(ARTICLES), "no such file"],
        ["export", "jsonl", "--db", "INGESTED"],
    ],
    ids=lambda a: a[0],
)
@pytest.mark.parametrize("also", [False, True], ids=["stdout", "stdout and stderr"])
def test_a_closed_pipe_is_quiet(arguments: list[str], also: bool, ingested: Path) -> None:
    """Nobody reads from the start, as with `| true`: no traceback, and no failure under `set -o pipefail`."""
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "ipgraph", *(str(ingested) if a == "INGESTED" else a for a in arguments)]
    done = subprocess.run(
        command, stdout=write, stderr=write if also else subprocess.PIPE, stdin=subprocess.DEVNULL, check=False
    )
    os.close(write)
    assert done.returncode == 0
    assert not done.stderr


def test_a_pipe_that_closes_later_has_what_it_read(ingested: Path) -> None:
    command = f"{sys.executable} -m ipgraph export jsonl --db {ingested} | head -n 1"
    done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    assert len(done.stdout.splitlines()) == 1


def test_evaluation_against_gold(run: Run, tmp_path: Path) -> None:
    gold = {
        "id": "x",
        "source": "08-coffee-summit.txt",
        "article": {"title": "East Shore Coffee Summit Draws Growers to Mombasa"},
        "entities": [
            {"id": "p", "types": ["Person"], "name": "Ren Caixia", "aliases": []},
            {"id": "q", "types": ["Person"], "name": "Nobody There", "aliases": []},
        ],
        "relations": [],
    }
    (tmp_path / "x.json").write_text(json.dumps(gold))
    code, out, _ = run("evaluate", tmp_path, "--articles", ARTICLES / "08-coffee-summit.txt")
    rows = {r["what"]: r for r in _lines(out)}
    assert code == 0
    assert (rows["Person"]["tp"], rows["Person"]["fn"]) == (1, 1)
    assert rows["meta"]["tp"] == 1


def test_the_python_api_gives_the_same_answer_as_the_shell(run: Run, ingested: Path) -> None:
    import ipgraph

    with ipgraph.open(str(ingested)) as workspace:
        rows = workspace.query("attended", event=FAIR)
    assert rows == _lines(run("query", "--db", ingested, "attended", f"event={FAIR}")[1])
    assert {"Anselm Okafor", "Tan Yuefen"} <= {r["name"] for r in rows}


QUERY_MISTAKES = [
    (["query", "attended"], 2, "needs event"),
    (["query", "attendd", "event=x"], 2, "near by: attended"),
    (["query", "attended", "event=Nothing Like It"], 2, "no Event is named"),
    (["query", "CREATE (n:X) RETURN n"], 2, "only reading"),
    (["query", "MATCH (n RETURN n"], 2, "not understood"),
]


@pytest.mark.parametrize(("arguments", "code", "message"), QUERY_MISTAKES)
def test_mistakes_in_queries_give_one_clear_line(
    arguments: list[str], code: int, message: str, run: Run, ingested: Path
) -> None:
    got, _, err = run(arguments[0], "--db", ingested, *arguments[1:])
    assert got == code
    assert message in err
    assert len(err.splitlines()) == 1


def test_a_store_that_is_not_there_is_told(run: Run, ingested: Path) -> None:
    code, _, err = run("query", "--db", ingested, "--store", "bolt://127.0.0.1:1", "attended", f"event={FAIR}")
    assert code == 4
    assert "cannot be reached" in err
