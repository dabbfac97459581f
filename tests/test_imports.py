"""The import rules of the house: data flows one way, and each library is known in one place only."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "ipgraph"
ORDER = (
    "errors model config sources clean encoder annotate mentions relations ledger resolve graph lookup export "
    "export_neo4j store query view evaluate doctor pipeline workspace cli"
).split()
MAY_KNOW = {
    "spacy": {"annotate", "mentions", "relations", "encoder"},
    "bs4": {"clean"},
    "trafilatura": {"clean"},
    "neo4j": {"store", "query"},
    "arcadedb": {"store"},
}


def _files() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def _module(file: Path) -> str:
    return file.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{a.name}" for a in node.names)


def _ours(name: str) -> str | None:
    parts = name.split(".")
    return parts[1] if parts[0] == "ipgraph" and len(parts) > 1 and parts[1] in ORDER else None


@pytest.mark.parametrize("file", _files(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_a_module_imports_only_what_stands_above_it(file: Path) -> None:
    here = _module(file)
    if here in ("__init__", "__main__"):
        return
    assert here in ORDER, f"{here} has no place in the order of the house"
    for name in _imports(file):
        other = _ours(name)
        if other and other != here:
            assert ORDER.index(other) < ORDER.index(here), f"{here} imports {other}"


@pytest.mark.parametrize("file", _files(), ids=lambda f: str(f.relative_to(PACKAGE)))
def test_libraries_are_known_where_they_belong(file: Path) -> None:
    for name in _imports(file):
        library = name.split(".")[0]
        if library in MAY_KNOW:
            assert _module(file) in MAY_KNOW[library], f"{file.name} imports {library}"


def test_model_imports_nothing_of_ours() -> None:
    assert not [n for n in _imports(PACKAGE / "model.py") if n.startswith("ipgraph")]


def test_help_imports_no_heavy_library() -> None:
    code = (
        "import sys, ipgraph.cli as c; c._run(['--help']);"
        "bad = {'spacy', 'networkx', 'neo4j', 'bs4', 'trafilatura', 'arcadedb', 'numpy'} & set(sys.modules);"
        "sys.exit(f'imported: {bad}' if bad else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Commands:" in done.stdout
