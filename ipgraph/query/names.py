"""What a parameter given as text stands for: the id of the entity that bears the name, a date, a number."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import neo4j

from ipgraph.errors import UsageError
from ipgraph.model import NODES, name_key
from ipgraph.query.library import Parameter, Query

_LABELS = "|".join(NODES)
_BY_ID = f"MATCH (n:{_LABELS}) WHERE n.id = $name AND n.ipgraph_hash IS NOT NULL RETURN n.id AS id"
_BY_NAME = (
    f"MATCH (n:{_LABELS}) WHERE n.ipgraph_hash IS NOT NULL"
    " AND any(x IN [n.name] + n.aliases WHERE toLower(x) = toLower($name))"
    " RETURN n.id AS id, labels(n) AS labels, n.name AS name ORDER BY n.name, n.id"
)
_NAMES = (
    f"MATCH (n:{_LABELS}) WHERE n.ipgraph_hash IS NOT NULL"
    " RETURN n.id AS id, labels(n) AS labels, n.name AS name, n.aliases AS aliases"
)

Candidate = tuple[str, str, str]
"""Id, label and name of an entity."""


def _candidates(records: Iterable[Mapping[str, Any]], kinds: tuple[str, ...]) -> list[Candidate]:
    listed = ((r["id"], [k for k in r["labels"] if k in kinds], r["name"]) for r in records)
    # Two workspaces in one Neo4j may hold the same entity under the same id.
    return list(dict.fromkeys((i, labels[0], name) for i, labels, name in listed if labels))


def _trigrams(text: str) -> set[str]:
    padded = f"  {text} "
    return {padded[i : i + 3] for i in range(len(padded) - 2)}


def near(name: str, names: Iterable[str], most: int = 3) -> list[str]:
    """The names that look most like the given one: by shared runs of three letters, or a name that holds it."""
    key = name_key(name)
    mine = _trigrams(key)

    def likeness(other: str) -> float:
        its = name_key(other)
        shared = _trigrams(its) & mine
        return max(len(shared) / len(_trigrams(its) | mine), 0.9 * (f" {key} " in f" {its} "))

    scored = sorted(((likeness(n), n) for n in set(names)), key=lambda x: (-x[0], x[1]))
    return [n for score, n in scored[:most] if score >= 0.25]


def _pick(parameter: Parameter, name: str, found: list[Candidate]) -> str:
    if len(found) == 1:
        return found[0][0]
    listed = "; ".join(f"{kind} {n} ({i})" for i, kind, n in found[:6])
    more = f" and {len(found) - 6} more" if len(found) > 6 else ""
    raise UsageError(f"{parameter.name}={name!r} may be {len(found)} things: {listed}{more}; give the id")


def _entity(session: neo4j.Session, parameter: Parameter, name: str) -> str:
    """The id of the entity that bears the name. Raises UsageError where there is none or more than one."""
    if session.run(_BY_ID, name=name).peek():
        return name
    if found := _candidates(session.run(_BY_NAME, name=name), parameter.kinds):
        return _pick(parameter, name, found)
    records = [r.data() for r in session.run(_NAMES)]
    key = name_key(name)
    alike = [r for r in records if key and key in {name_key(x) for x in (r["name"], *r["aliases"])}]
    if found := _candidates(alike, parameter.kinds):
        return _pick(parameter, name, sorted(found, key=lambda c: (c[2], c[0])))
    kinds = " or ".join(parameter.kinds)
    if alike:
        raise UsageError(f"{name!r} is a {alike[0]['labels'][0]}; {parameter.name} takes {kinds}; try another query")
    its = [n for r in records if set(r["labels"]) & set(parameter.kinds) for n in (r["name"], *r["aliases"])]
    close = near(name, its)
    hint = f"near by: {', '.join(close)}" if close else "try `ipgraph find` with a part of it"
    raise UsageError(f"no {kinds} is named {name!r}; no name or alias in the graph matches; {hint}")


def _date(parameter: Parameter, text: str) -> str:
    if not re.fullmatch(r"\d{4}(-\d{2}(-\d{2})?)?", text):
        raise UsageError(f"{parameter.name}={text!r} is no date; dates read 2024-05-02, 2024-05 or 2024; mend it")
    last = parameter.name == "to"
    return text + ("-12-31" if last else "-01-01")[3 * text.count("-") :]


def _number(parameter: Parameter, text: str) -> int:
    if not re.fullmatch(r"\d{1,9}", text):
        raise UsageError(f"{parameter.name}={text!r} is no number; it says {parameter.what}; give digits")
    return int(text)


def value(session: neo4j.Session, parameter: Parameter, text: str) -> str | int:
    """The value that the statement gets. Raises UsageError for text that stands for none, or for several."""
    if parameter.entity:
        return _entity(session, parameter, text)
    if parameter.kinds == ("date",):
        return _date(parameter, text)
    return _number(parameter, text) if parameter.kinds == ("number",) else text


def given(query: Query, parameters: Mapping[str, Any]) -> dict[str, str]:
    """The texts of all parameters, defaults filled in. Raises UsageError for an unknown or missing one."""
    known = {p.name: p for p in query.parameters}
    usage = f"{query.name} " + " ".join(f"{p.name}=..." for p in query.parameters)
    if unknown := sorted(set(parameters) - set(known)):
        raise UsageError(f"{query.name} has no parameter {unknown[0]!r}; try `ipgraph query {usage.strip()}`")
    texts = {n: str(parameters[n]) if n in parameters else p.default for n, p in known.items()}
    if missing := [n for n, v in texts.items() if v is None]:
        raise UsageError(f"{query.name} needs {missing[0]}: {known[missing[0]].what}; try `ipgraph query {usage}`")
    return {n: v for n, v in texts.items() if v is not None}
