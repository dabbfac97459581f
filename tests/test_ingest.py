"""Ingesting the sample corpus: order, interruption and offsets."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from ipgraph import export, graph, pipeline
from ipgraph.ledger import Ledger
from tests.conftest import ARTICLES, SHARED

KILLS = int(os.environ.get("IPGRAPH_TEST_KILLS", "15"))


def _export(folder: Path) -> str:
    with Ledger(folder, create=False) as ledger:
        return export.jsonl(graph.build(ledger.facts()))


def _sources(order: int) -> list[str]:
    files = sorted(str(f) for f in ARTICLES.iterdir())
    random.Random(order).shuffle(files)
    return files


@pytest.mark.parametrize("order", [1, 2])
def test_any_order_gives_the_same_export(order: int, nlp: Any, ingested: Path, tmp_path: Path) -> None:
    with Ledger(tmp_path) as ledger:
        for done in pipeline.ingest(_sources(order), nlp, ledger):
            assert done.outcome == "added", done
    assert _export(tmp_path) == _export(ingested)


def test_every_mention_is_where_it_says(ingested: Path) -> None:
    with Ledger(ingested, create=False) as ledger:
        for facts in ledger.facts():
            a = facts.article
            for e in facts.entities:
                assert e.mentions
                assert all(a.part(m.part)[m.start : m.end] == m.text for m in e.mentions)
                assert {e.name, *e.aliases} <= {m.text for m in e.mentions if m.kind == "name"}
            for r in facts.relations:
                assert all(a.part(v.part)[v.start : v.end] == v.text for v in r.evidence)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the seed articles are not part of the repository")
def test_the_seeds_are_read_and_every_offset_holds(nlp: Any) -> None:
    done = list(pipeline.extract([str(SHARED / "seeds")], nlp))
    assert [d.reason for d in done] == [""] * 5
    speakers = 0
    for d in done:
        assert d.facts is not None
        a = d.facts.article
        assert all(a.part(m.part)[m.start : m.end] == m.text for e in d.facts.entities for m in e.mentions)
        speakers += any(r.type == "ATTENDED" and r.properties["role"] == "speaker" for r in d.facts.relations)
    assert speakers >= 4


@pytest.mark.slow
def test_killed_at_any_moment_it_goes_on_to_the_same_export(ingested: Path, tmp_path: Path) -> None:
    """kill -9 at random moments; then a last, undisturbed run must end with the export of an undisturbed ingest."""
    chance = random.Random(7)
    db = tmp_path / "db"
    command = [sys.executable, "-m", "ipgraph", "ingest", "--db", str(db), str(ARTICLES)]
    for _ in range(KILLS):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until = time.monotonic() + chance.uniform(0.2, 5.0)
        while process.poll() is None and time.monotonic() < until:
            time.sleep(0.01)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.wait()
        if chance.random() < 0.2:
            # A finished ledger is not interesting to kill: begin anew now and then.
            for file in db.glob("ledger*"):
                file.unlink()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    assert _export(db) == _export(ingested)
