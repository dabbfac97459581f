"""A relationship type and rules from a file outside the package: no Python is edited, every command knows the type."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

OWN = """
[[relation]]
type = "INVESTED_IN"
heads = ["Organization", "Person"]
tails = ["Organization"]
what = "put money into"
properties = { round = [] }

[[rule]]
name = "investment.invested-in"
type = "INVESTED_IN"
pattern = "{head:Organization|Person+} invest ~4 in {tail:Organization}"
confidence = 0.9
"""
TEXT = (
    "Brightwater Holdings Ltd. invested 3 million euros in Harbour Savings Bank Ltd. in March. "
    "Nothing else happened that day."
)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    file = tmp_path / "own.toml"
    file.write_text(OWN)
    (tmp_path / "a.txt").write_text(TEXT)
    return file


def ipgraph(folder: Path, own: Path | None, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("IPGRAPH_")}
    if own:
        environment["IPGRAPH_RELATIONS"] = str(own)
    return subprocess.run(
        [sys.executable, "-m", "ipgraph", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=300,
    )  # fmt: skip


def test_the_new_type_is_read_and_cites_its_sentence(own: Path, tmp_path: Path) -> None:
    done = ipgraph(tmp_path, own, "extract", "a.txt", "--format", "jsonl")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout)
    names = {e["id"]: e["name"] for e in facts["entities"]}
    found = [(names[r["head"]], names[r["tail"]], r["evidence"][0]["text"]) for r in facts["relations"]
             if r["type"] == "INVESTED_IN"]  # fmt: skip
    assert found == [("Brightwater Holdings Ltd.", "Harbour Savings Bank Ltd.", TEXT.split(" Nothing")[0])]


def test_schema_ledger_graph_and_store_know_it(own: Path, tmp_path: Path) -> None:
    assert "INVESTED_IN" in ipgraph(tmp_path, own, "schema").stdout
    assert ipgraph(tmp_path, own, "ingest", "a.txt").returncode == 0
    assert "INVESTED_IN" in ipgraph(tmp_path, own, "export", "jsonl").stdout
    asked = ipgraph(tmp_path, own, "query", "MATCH (a)-[:INVESTED_IN]->(b) RETURN a.name AS who, b.name AS what")
    assert asked.returncode == 0, asked.stderr
    assert json.loads(asked.stdout) == {"who": "Brightwater Holdings Ltd.", "what": "Harbour Savings Bank Ltd."}


def test_without_the_file_nothing_changes(own: Path, tmp_path: Path) -> None:
    assert "INVESTED_IN" not in ipgraph(tmp_path, None, "extract", "a.txt", "--format", "jsonl").stdout


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("[[relation]\n", "no TOML"),
        ('[[relation]]\ntype = "invested"\nheads = []\ntails = []\nwhat = ""\n', "no name for a relationship type"),
        (
            '[[relation]]\ntype = "PART_OF"\nheads = ["Person"]\ntails = ["Person"]\nwhat = "x"\n',
            "in the schema already",
        ),
        ('[[rule]]\nname = "x"\ntype = "NONE"\npattern = "a"\n', "rule 'x' has type 'NONE'"),
        ('[[relation]]\ntype = "OWES"\n', "[[relation]] cannot be read"),
    ],
)
def test_a_broken_file_is_named_in_one_line(broken: str, said: str, own: Path, tmp_path: Path) -> None:
    own.write_text(broken)
    done = ipgraph(tmp_path, own, "extract", "a.txt")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert said in done.stderr
