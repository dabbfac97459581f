"""The page of the library says what the library has."""

from __future__ import annotations

from pathlib import Path

import pytest

from ipgraph import query
from ipgraph.errors import UsageError
from ipgraph.query.library import parse

PAGE = Path(__file__).parent.parent / "docs" / "queries.md"


@pytest.mark.parametrize("known", query.library(), ids=lambda q: q.name)
def test_the_page_has_every_query_with_its_parameters_and_columns(known: query.Query) -> None:
    section = PAGE.read_text(encoding="utf-8").partition(f"## {known.name}\n")[2].partition("\n## ")[0]
    assert f"{known.title}." in section
    for parameter in known.parameters:
        assert f"- `{parameter.name}` (" in section
        assert f"${parameter.name}" in known.text
    assert ", ".join(f"`{c}`" for c in known.columns) in section


@pytest.mark.parametrize(
    "text",
    [
        "MATCH (n) RETURN n",
        "// title: A\n// columns: a\n",
        "// title: A\n// columns: a\n// parameter: x\nRETURN $x AS a",
    ],
)
def test_a_broken_header_is_told(text: str) -> None:
    with pytest.raises(UsageError, match="mend"):
        parse("broken", text)
