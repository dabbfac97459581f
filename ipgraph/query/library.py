"""The library of questions: one file each in `cypher/queries/`, with a header of comment lines.

// title: Who attended an event
// parameter: event (Event): the event
// parameter: limit (number) = 20: how many
// columns: id, name
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ipgraph.errors import UsageError
from ipgraph.model import NODES

_PARAMETER = re.compile(r"(?P<name>\w+) \((?P<kind>[\w|]+)\)(?: = (?P<default>\S+))?: (?P<what>.+)")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter: `kinds` are labels for one that names an entity, else date, number or text."""

    name: str
    kinds: tuple[str, ...]
    what: str
    default: str | None = None

    @property
    def entity(self) -> bool:
        """Whether it names an entity."""
        return self.kinds[0] in NODES


@dataclass(frozen=True, slots=True)
class Query:
    """A query of the library."""

    name: str
    title: str
    parameters: tuple[Parameter, ...]
    columns: tuple[str, ...]
    text: str


def _parameter(text: str, file: str) -> Parameter:
    found = _PARAMETER.fullmatch(text)
    if not found:
        raise UsageError(f"{file} has a parameter {text!r}; it reads `name (Kind) = default: what`; mend the file")
    return Parameter(found["name"], tuple(found["kind"].split("|")), found["what"], found["default"])


def parse(name: str, source: str) -> Query:
    """A query from the text of its file. Raises UsageError for a broken header."""
    headers: dict[str, list[str]] = {"title": [], "parameter": [], "columns": []}
    body: list[str] = []
    for line in source.splitlines():
        key, _, value = line.removeprefix("// ").partition(": ")
        if line.startswith("// ") and key in headers and not body:
            headers[key].append(value.strip())
        elif line.strip():
            body.append(line)
    if len(headers["title"]) != 1 or len(headers["columns"]) != 1 or not body:
        raise UsageError(f"{name}.cypher lacks a title, columns or a statement; they stand in its header; mend it")
    parameters = tuple(_parameter(p, f"{name}.cypher") for p in headers["parameter"])
    columns = tuple(c.strip() for c in headers["columns"][0].split(","))
    return Query(name, headers["title"][0], parameters, columns, "\n".join(body))


@cache
def library() -> tuple[Query, ...]:
    """All queries of the library, by name."""
    folder = resources.files("ipgraph.cypher") / "queries"
    files = [f for f in folder.iterdir() if f.name.endswith(".cypher")]
    return tuple(
        parse(f.name.removesuffix(".cypher"), f.read_text(encoding="utf-8"))
        for f in sorted(files, key=lambda f: f.name)
    )


def named(name: str) -> Query | None:
    """The query of that name."""
    return next((q for q in library() if q.name == name), None)
