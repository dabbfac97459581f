"""The documentation says what the program does."""

from __future__ import annotations

import json
import re
import runpy

import pytest

from ipgraph import model
from tests.conftest import ROOT


def test_the_command_reference_is_up_to_date() -> None:
    reference = runpy.run_path(str(ROOT / "docs" / "make_commands.py"))["reference"]
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert written == reference(), "run python docs/make_commands.py"


def test_the_shipped_json_schema_is_the_model() -> None:
    assert json.loads((ROOT / "ipgraph" / "schema.json").read_text(encoding="utf-8")) == model.json_schema()


def test_the_model_as_drawn_is_the_model() -> None:
    page = (ROOT / "docs" / "neo4j.md").read_text(encoding="utf-8")
    drawn = re.findall(r"^ +(\w+) -->\|(\w+)\| (\w+)$", page, re.MULTILINE)
    stated = [
        (head, kind.type, tail)
        for kind in model.EDGES.values()
        for head in kind.heads
        for tail in kind.tails
        if model.allowed(kind.type, head, tail)
    ]
    assert sorted(drawn) == sorted(stated)
    for kind in model.EDGES.values():
        assert not kind.properties or f"{kind.type} {{{', '.join(kind.properties)}}}" in " ".join(page.split())


@pytest.mark.parametrize("page", [*sorted(p.name for p in (ROOT / "docs").glob("*.md")), "../README.md"])
def test_pages_name_only_files_that_exist(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for name in re.findall(r"`((?:ipgraph|corpus|cypher|docs|tests|pipelines|benchmarks)/[\w./-]+\w/?)`", text):
        assert (ROOT / name).exists() or name.endswith("/"), f"{page} names {name}"
