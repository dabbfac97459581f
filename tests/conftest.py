"""What many tests share: the shipped pipeline, loaded once, and the sample corpus, ingested once."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
ARTICLES = ROOT / "corpus" / "articles"
SHARED = ROOT.parent / "shared"

Run = Callable[..., tuple[int, str, str]]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes long; `make slow` runs these")


@pytest.fixture(scope="session")
def nlp() -> Any:
    """The shipped pipeline."""
    from ipgraph import annotate

    return annotate.load()


@pytest.fixture(scope="session")
def ingested(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the sample articles in it. Not to be written to."""
    from ipgraph import annotate, pipeline
    from ipgraph.ledger import Ledger

    folder = tmp_path_factory.mktemp("corpus") / "db"
    with Ledger(folder) as ledger:
        outcomes = [done.outcome for done in pipeline.ingest([str(ARTICLES)], annotate.load(), ledger)]
    assert set(outcomes) == {"added"}
    return folder


@pytest.fixture
def workspace(ingested: Path, tmp_path: Path) -> Path:
    """A copy of that workspace to play with."""
    return Path(shutil.copytree(ingested, tmp_path / "db"))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """Run the command line in this process: arguments in; exit code, stdout and stderr out."""
    from ipgraph import cli

    monkeypatch.setenv("IPGRAPH_CONFIG", str(tmp_path / "none.toml"))
    (tmp_path / "none.toml").write_text("")
    for name in ("IPGRAPH_DB", "IPGRAPH_STORE", "IPGRAPH_FORMAT", "IPGRAPH_PIPELINE", "IPGRAPH_MIN_CONFIDENCE"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: object) -> tuple[int, str, str]:
        code = cli._run([str(a) for a in arguments])
        out, err = capsys.readouterr()
        return int(code), out, err

    return call
