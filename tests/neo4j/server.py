"""A real Neo4j Community server for tests, a process of its own on loopback.

Its jars are Maven artifacts (pom.xml), fetched once into the user's cache. A machine without Java, or on which they
were never fetched, skips the tests that need it; with IPGRAPH_REQUIRE_NEO4J=1, as CI has it, they are fetched, and what
is missing is a failure.
"""

from __future__ import annotations

import atexit
import os
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import neo4j
import pytest

HERE = Path(__file__).parent
VERSION = "5.26.30"
LIB = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ipgraph-tests" / f"neo4j-{VERSION}"
PASSWORD = "only-for-tests"
REQUIRED = os.environ.get("IPGRAPH_REQUIRE_NEO4J") == "1"
CONF = """\
dbms.security.auth_enabled=true
dbms.usage_report.enabled=false
server.memory.pagecache.size=64m
"""
OPENS = [
    f"--add-opens=java.base/{p}=ALL-UNNAMED"
    for p in ("java.nio", "java.io", "java.util.concurrent", "java.lang", "sun.nio.ch")
]


def java(home: Path, *arguments: str) -> list[str]:
    """The command that runs a class of the server, or our TestServer.java, on the fetched jars."""
    os.environ.pop("_JAVA_OPTIONS", None)
    return ["java", "-Xmx700m", *OPENS, "-cp", f"{LIB}/*", *arguments]


def _absent() -> str | None:
    """Why there can be no Neo4j here, None where there can."""
    if shutil.which("java") is None:
        return "no Java on this machine"
    if LIB.is_dir():
        return None
    if not REQUIRED:
        return "the jars of Neo4j were not fetched; IPGRAPH_REQUIRE_NEO4J=1 fetches them"
    if shutil.which("mvn") is None:
        return "no Maven on this machine"
    part = LIB.with_name(f"{LIB.name}.{os.getpid()}")
    fetch = ["mvn", "-q", "-B", "-f", str(HERE / "pom.xml"), "dependency:copy-dependencies"]
    done = subprocess.run(
        [*fetch, "-DincludeScope=runtime", f"-DoutputDirectory={part}"], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return f"Maven could not fetch the jars: {(done.stdout + done.stderr)[-300:]}"
    if not LIB.is_dir():
        part.rename(LIB)
    return None


def need() -> None:
    """Skip the test where there is no Neo4j; fail it where one is required."""
    reason = _cached_absent()
    if reason and REQUIRED:
        pytest.fail(f"Neo4j is required here: {reason}")
    if reason:
        pytest.skip(f"no Neo4j: {reason}")


_cached_absent = cache(_absent)


@dataclass(slots=True)
class Server:
    """A server with its home; `stop` ends the process, `start` goes on with the same data."""

    home: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None
    password: str | None = PASSWORD

    @property
    def url(self) -> str:
        """Its Bolt address."""
        return f"bolt://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start it, wait until it answers, and set the password of a fresh one unless it is to have none."""
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port = s.getsockname()[1]
        log = (self.home / "out.log").open("ab")
        command = java(self.home, str(HERE / "TestServer.java"), str(self.home), str(self.port))
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=log, stderr=log)
        end = time.monotonic() + 600
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((self.home / "out.log").read_text()[-2000:])
            time.sleep(0.3)

    def _answers(self) -> bool:
        try:
            with neo4j.GraphDatabase.driver(self.url, auth=("neo4j", PASSWORD)) as d:
                d.verify_connectivity()
            return True
        except neo4j.exceptions.AuthError:
            if self.password is None:
                return True
            with neo4j.GraphDatabase.driver(self.url, auth=("neo4j", "neo4j")) as d:
                change = "ALTER CURRENT USER SET PASSWORD FROM 'neo4j' TO $new"
                d.execute_query(change, new=PASSWORD, database_="system")
            return True
        except (neo4j.exceptions.ServiceUnavailable, neo4j.exceptions.Neo4jError):
            return False

    def stop(self) -> None:
        """End it and wait for it."""
        if self.process and self.process.stdin:
            self.process.stdin.close()
            self.process.wait(60)
            self.process = None


def new(folder: Path) -> Server:
    """A server that was not started yet, with a home of its own."""
    (folder / "conf").mkdir(parents=True)
    (folder / "conf" / "neo4j.conf").write_text(CONF)
    return Server(folder)


@cache
def shared() -> Server:
    """The one server that all tests of a run share; it ends with the run."""
    folder = tempfile.TemporaryDirectory(prefix="ipgraph-neo4j-")
    server = new(Path(folder.name) / "home")
    server.start()

    def end() -> None:
        server.stop()
        folder.cleanup()

    atexit.register(end)
    return server


_OWN_INDEXES = "SHOW INDEXES YIELD name, type WHERE type <> 'LOOKUP' RETURN name"


def clean(server: Server) -> None:
    """Empty its database, constraints and indexes too: one test's schema is in the way of another's."""
    with neo4j.GraphDatabase.driver(server.url, auth=("neo4j", PASSWORD)) as d:
        d.execute_query("MATCH (n) DETACH DELETE n")
        for what, listed in (("CONSTRAINT", "SHOW CONSTRAINTS YIELD name"), ("INDEX", _OWN_INDEXES)):
            for record in d.execute_query(listed).records:  # type: ignore[arg-type]
                d.execute_query(f"DROP {what} `{record['name']}` IF EXISTS")  # type: ignore[arg-type]
