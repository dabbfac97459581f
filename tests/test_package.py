"""The wheel holds all that a user needs, and works from a folder that is not ours."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import ROOT


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel, built from an sdist, as an index would serve it."""
    folder = tmp_path_factory.mktemp("dist")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--disable-pip-version-check",
        "--no-deps",
        "-w",
        str(folder),
    ]
    copy = folder / "source"
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in files.stdout.splitlines():
        target = copy / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / name).is_file():
            target.write_bytes((ROOT / name).read_bytes())
    subprocess.run([*pip, str(copy)], check=True, cwd=folder)
    (found,) = folder.glob("*.whl")
    return found


@pytest.mark.slow
def test_the_wheel_holds_data_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "ipgraph/relations/rules.toml",
        "ipgraph/cypher/queries/attended.cypher",
        "ipgraph/pipelines/en_ipgraph_news/meta.json",
        "ipgraph/corpus/articles/01-trademark-fair-opens.txt",
        "ipgraph/py.typed",
    ):
        assert name in names
    assert not [n for n in names if n.startswith("tests/")]
    assert wheel.stat().st_size < 60 << 20


@pytest.mark.slow
def test_the_installed_wheel_works_elsewhere(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True)
    (tmp_path / "a.txt").write_text(
        "Ms. Liang Meifang, Director of the Patent Office, attended the Third Trademark Forum."
    )
    code = (
        "import ipgraph; print(ipgraph.__file__);"
        "print(*(r.type for f in ipgraph.extract('a.txt') for r in f.relations))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(target)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(str(target))
    assert "HOLDS_POSITION" in done.stdout
