"""`query`, `sync` and `bolt` as a user at a shell has them, and the embedded store between processes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import neo4j
import networkx as nx
import pytest

from ipgraph import cli, ledger, query, store
from ipgraph.errors import StoreError
from ipgraph.store import embedded
from tests.facts import AGAIN, FAIR
from tests.neo4j import server
from tests.store_targets import ask


def _add(db: Path, *numbers: int) -> None:
    with ledger.Ledger(db) as book:
        for i in numbers:
            facts = (FAIR, AGAIN)[i]
            name = facts.article.source
            book.add(facts, ledger.Origin(name, name, None, str(i)), "f")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    _add(tmp_path / "db", 0, 1)
    return tmp_path / "db"


@dataclass(frozen=True)
class Done:
    """What a command printed."""

    stdout: str
    stderr: str


Shell = Callable[..., Done]


@pytest.fixture
def ipgraph(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """The command line in this process: what it prints, after a check of its exit code."""
    for name in list(os.environ):
        if name.startswith(("NEO4J_", "IPGRAPH_")):
            monkeypatch.delenv(name)

    def run(*arguments: object, env: dict[str, str] | None = None, code: int = 0) -> Done:
        for name, value in (env or {}).items():
            monkeypatch.setenv(name, value)
        got = cli._run([str(a) for a in arguments])
        out = capsys.readouterr()
        assert got == code, out.err
        return Done(out.out, out.err)

    return run


def _rows(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_query_lists_runs_and_shows(db: Path, ipgraph: Shell) -> None:
    listed = _rows(ipgraph("query", "--db", db).stdout)
    assert [r["name"] for r in listed] == [q.name for q in query.library()]
    rows = _rows(ipgraph("query", "--db", db, "attended", "event=TEA FAIR 2024").stdout)
    assert [(r["name"], r["role"]) for r in rows] == [("Ana Silva", "speaker")]
    assert "ATTENDED" in ipgraph("query", "--db", db, "--show", "attended").stdout
    free = ipgraph("query", "--db", db, "--limit", 2, "MATCH (n) WHERE n.name IS NOT NULL RETURN n.name AS name")
    assert len(_rows(free.stdout)) == 2
    assert "there are more" in free.stderr


def test_query_takes_a_file_and_follows_the_ledger(db: Path, tmp_path: Path, ipgraph: Shell) -> None:
    file = tmp_path / "q.cypher"
    file.write_text("MATCH (o:Organization) RETURN count(o) AS n")
    assert _rows(ipgraph("query", "--db", db, "-f", file).stdout) == [{"n": 2}]
    with ledger.Ledger(db) as book:
        book.remove(AGAIN.article.id)
    assert _rows(ipgraph("query", "--db", db, "-f", file).stdout) == [{"n": 1}]


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["attended", "event=Tee Fair"], 2, "near by: Tea Fair 2024"),
        (["attended"], 2, "needs event"),
        (["atended"], 2, "near by: attended"),
        (["CREATE (n)"], 2, "only reading"),
        (["MATCH (n RETURN n"], 2, "not understood"),
        (["--store", "bolt://127.0.0.1:1", "attended", "event=x"], 4, "cannot be reached"),
        (["--store", "http://x", "attended", "event=x"], 2, "no Bolt address"),
        (
            ["--timeout", "0.5", "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN count(*)"],
            4,
            "longer",
        ),
    ],
)
def test_errors_are_one_line_and_a_code(
    db: Path, arguments: list[str], code: int, message: str, ipgraph: Shell
) -> None:
    done = ipgraph("query", "--db", db, *arguments, code=code)
    assert message in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert done.stdout == ""


def test_completion_knows_names_and_parameters() -> None:
    env = {"_IPGRAPH_COMPLETE": "bash_complete", "COMP_WORDS": "ipgraph query att", "COMP_CWORD": "2"}
    code = "from ipgraph.cli import cli; cli(prog_name='ipgraph')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ | env
    )
    assert "attended" in done.stdout
    env |= {"COMP_WORDS": "ipgraph query path ", "COMP_CWORD": "3"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, env=os.environ | env
    )
    assert "from=" in done.stdout


def test_bash_completes_names_of_queries(tmp_path: Path) -> None:
    """With the script that click writes for bash, as docs/queries.md says to load it."""
    command = tmp_path / "ipgraph"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m ipgraph "$@"\n')
    command.chmod(0o700)
    load = f'eval "$(_IPGRAPH_COMPLETE=bash_source {command})"'
    ask = f"COMP_WORDS=(ipgraph query att); COMP_CWORD=2; _ipgraph_completion {command}; echo ${{COMPREPLY[@]}}"
    done = subprocess.run(["bash", "-c", f"{load}\n{ask}"], capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["attendance-of", "attended"], done.stderr


def test_credentials_come_from_a_file(db: Path, tmp_path: Path, ipgraph: Shell) -> None:
    file = tmp_path / "Neo4j.txt"
    file.write_text("NEO4J_URI=bolt://127.0.0.1:1\nNEO4J_USERNAME=me\nNEO4J_PASSWORD=s3cret\n")
    done = ipgraph("sync", "--credentials", file, "--db", db, code=4)
    assert "bolt://127.0.0.1:1 cannot be reached" in done.stderr
    assert "s3cret" not in done.stderr
    file.write_text("nothing of use")
    assert "no Neo4j is named" in ipgraph("sync", "--credentials", file, "--db", db, code=2).stderr


def test_a_dry_run_writes_nothing(db: Path, ipgraph: Shell) -> None:
    for _ in range(2):
        done = ipgraph("sync", "embedded", "--dry-run", "--db", db)
        assert [r["created"] for r in _rows(done.stdout)] == [7, 13]
        assert "nothing was written" in done.stderr
    with store.open(db) as s:
        assert ask(s, "MATCH (n) RETURN count(n) AS n") == [{"n": 0}]
        assert ask(s, "SHOW CONSTRAINTS") == []


def test_the_embedded_store_is_made_anew(db: Path, ipgraph: Shell) -> None:
    ask = ("query", "--db", db, "MATCH (n) WHERE n.ipgraph_hash IS NOT NULL RETURN count(n) AS n")
    before = ipgraph(*ask).stdout
    for file in (db / "graph" / "databases").rglob("*"):
        if file.is_file():
            file.write_bytes(b"broken")
    ipgraph(*ask, code=4)
    assert _rows(ipgraph("sync", "embedded", "--rebuild", "--db", db).stdout)[0]["created"] == 7
    assert ipgraph(*ask).stdout == before
    assert "nothing to do" in ipgraph("sync", "embedded", "--db", db).stderr


def test_bolt_serves_other_processes_and_drivers(db: Path, ipgraph: Shell) -> None:
    command = [sys.executable, "-m", "ipgraph", "bolt", "--db", str(db)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as bolt:
        assert bolt.stdout
        url, _, rest = bolt.stdout.readline().strip().partition("  login in ")
        login = dict(line.split("=", 1) for line in Path(rest).read_text().splitlines())
        assert Path(rest).stat().st_mode & 0o077 == 0
        code = (
            "import sys, neo4j; url, user, password, db = sys.argv[1:];"
            "d = neo4j.GraphDatabase.driver(url, auth=(user, password));"
            "print(d.execute_query('MATCH (n:Person) RETURN n.name', database_=db).records[0][0]); d.close()"
        )
        other = [sys.executable, "-c", code, url, login["NEO4J_USERNAME"], login["NEO4J_PASSWORD"], "graph"]
        asked = [subprocess.Popen(other, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        assert _rows(ipgraph("query", "--db", db, "attended", "event=Tea Fair 2024").stdout)
        assert [p.communicate()[0].strip() for p in asked] == ["Ana Silva", "Ana Silva"]
        with (
            pytest.raises(neo4j.exceptions.Neo4jError),
            neo4j.GraphDatabase.driver(url, auth=(login["NEO4J_USERNAME"], login["NEO4J_PASSWORD"])) as d,
        ):
            d.execute_query("CREATE (n:Hostile)", database_="graph")
        bolt.send_signal(signal.SIGINT)
        assert bolt.wait(20) == 130


def test_a_killed_server_is_replaced(tmp_path: Path) -> None:
    with store.open(tmp_path) as s:
        note = json.loads((tmp_path / "graph" / "server.json").read_text())
        assert query.run(s, "RETURN 1 AS x").rows == [{"x": 1}]
        os.kill(note["pid"], signal.SIGKILL)
        assert query.run(s, "RETURN 2 AS x").rows == [{"x": 2}]


def test_the_server_ends_with_its_last_client(tmp_path: Path) -> None:
    one, two = store.open(tmp_path), store.open(tmp_path)
    pid = json.loads((tmp_path / "graph" / "server.json").read_text())["pid"]
    one.close()
    assert query.run(two, "RETURN 1 AS x").rows
    two.close()
    end = time.monotonic() + 10
    while (tmp_path / "graph" / "server.json").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert not (tmp_path / "graph" / "server.json").exists()
    assert pid


def test_many_open_it_at_the_same_time(tmp_path: Path) -> None:
    answers: list[object] = []

    def work() -> None:
        with store.open(tmp_path) as s:
            answers.append(query.run(s, "RETURN 1 AS x").rows)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert answers == [[{"x": 1}]] * 6


def test_a_server_that_another_holds_is_waited_for(tmp_path: Path) -> None:
    (tmp_path / "graph").mkdir()
    lock = embedded.serve.locked(tmp_path / "graph")
    with pytest.raises(StoreError, match="busy"):
        embedded.lease(tmp_path, patience=1)
    threading.Timer(1, lock.close).start()
    embedded.lease(tmp_path, patience=20).close()


@pytest.mark.slow
def test_sync_of_a_real_neo4j_from_the_shell(db: Path, ipgraph: Shell) -> None:
    server.need()
    shared = server.shared()
    server.clean(shared)
    env = {"NEO4J_URI": shared.url, "NEO4J_PASSWORD": server.PASSWORD}
    assert _rows(ipgraph("sync", "--dry-run", "--db", db, env=env).stdout)[0]["created"] == 7
    with store.open(db, store.address(env=env)) as s:
        assert ask(s, "MATCH (n) RETURN count(n) AS n") == [{"n": 0}]
        assert ask(s, "SHOW CONSTRAINTS") == []
    file = db / "Neo4j.txt"
    file.write_text("".join(f"{k}={v}\n" for k, v in env.items()))
    wrong = {"NEO4J_URI": "bolt://127.0.0.1:1", "NEO4J_PASSWORD": "of another"}
    done = ipgraph("sync", "--credentials", file, "--db", db, env=wrong)
    assert _rows(done.stdout)[0]["created"] == 7
    assert "nothing to do" in ipgraph("sync", "--db", db, env=env).stderr
    rows = ipgraph("query", "--store", shared.url, "--db", db, "attended", "event=tea fair 2024", env=env).stdout
    assert [r["name"] for r in _rows(rows)] == ["Ana Silva"]
    wrong = ipgraph("sync", shared.url, "--db", db, env={"NEO4J_PASSWORD": "wr0ngpass"}, code=4)
    assert "refuses user" in wrong.stderr
    assert "wr0ngpass" not in wrong.stderr
    assert "none" in ipgraph("sync", "--database", "none", "--db", db, env=env, code=4).stderr


@pytest.mark.slow
def test_a_fresh_neo4j_wants_a_password_first(tmp_path: Path) -> None:
    server.need()
    own = server.new(tmp_path / "home")
    own.password = None
    own.start()
    try:
        fresh = store.open(tmp_path, store.Address(own.url, "neo4j", "neo4j"))
        with fresh as s, pytest.raises(StoreError, match="new password"):
            store.sync(nx.MultiDiGraph(), s, "w")
    finally:
        own.stop()
