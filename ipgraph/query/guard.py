"""Tells statements that may write or reach outside of the graph from those that only read it.

The first belt of read-only: it looks at words, so it is the same for both stores and says plainly what is refused. The
stores hold the others: a user who may only read, access mode, a rolled-back transaction and, on Neo4j, the plan.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ipgraph.errors import UsageError

LONGEST = 100_000

_SKIP = re.compile(
    r"""//[^\n\r]* | /\*.*?\*/ | '(?:\\.|[^'\\])*' | "(?:\\.|[^"\\])*" | (?P<name>`(?:``|[^`])*`)
      | (?P<word>\w+) | (?P<sign>\S)""",
    re.VERBOSE | re.DOTALL,
)
_WRITES = frozenset(
    "CREATE MERGE SET DELETE DETACH REMOVE INSERT FOREACH DROP ALTER RENAME GRANT DENY REVOKE START STOP TERMINATE"
    " ENABLE DEALLOCATE REALLOCATE DRYRUN TRUNCATE".split()
)
_OUTSIDE = frozenset({"LOAD", "SHOW", "USE"})
_FIRST = frozenset({"MATCH", "OPTIONAL", "WITH", "UNWIND", "CALL", "RETURN"})
"""What a statement may begin with: no EXPLAIN or PROFILE, no options, no words of other languages."""
_HARMLESS = frozenset(
    "db.labels db.relationshiptypes db.propertykeys db.schema.nodetypeproperties db.schema.reltypeproperties"
    " db.schema.visualization".split()
)
_FUNCTIONS = re.compile(r"(?:apoc|dbms|file|ai|genai|load|algo|gds|vector|arcadedb)\b", re.IGNORECASE)
# A word after one of these is a property, a label, a parameter or an operand of them, no clause.
_NO_CLAUSE_AFTER = frozenset(".:$&|!")
_OPERATORS = frozenset({"LoadCSV", "ProcedureCall", "AdministrationCommand"})


def _tokens(text: str) -> Iterator[str]:
    """Words, names in backticks and single signs; strings as '' and comments left out."""
    for found in _SKIP.finditer(text):
        if found["name"] or found["word"] or found["sign"]:
            yield found.group()
        elif found.group()[0] in "'\"":
            yield "''"


def _refuse(what: str, why: str) -> UsageError:
    return UsageError(f"{what} is refused; {why}; only reading the graph is allowed here")


def _procedure(tokens: list[str], at: int) -> str | None:
    """The name of the procedure that a CALL at this place calls, None for a subquery."""
    rest = tokens[at + 1 :]
    if not rest or rest[0] in ("{", "("):
        return None
    name = ""
    for token in rest:
        if not (token == "." or re.fullmatch(r"\w+|`.*`", token, re.DOTALL)) or token.upper() in ("YIELD", "RETURN"):
            break
        name += token.strip("`")
    return name


def _check_word(tokens: list[str], at: int) -> None:
    word = tokens[at].upper()
    before = tokens[at - 1] if at else ""
    if before in _NO_CLAUSE_AFTER or before.upper() == "AS":
        return
    if word in _WRITES:
        raise _refuse(word, "it may change the store")
    if word in _OUTSIDE:
        raise _refuse(word, "it reaches outside of the graph")
    if word == "TRANSACTIONS":
        raise _refuse("IN TRANSACTIONS", "it commits by itself")
    if word == "CALL":
        name = _procedure(tokens, at)
        if name is not None and name.lower() not in _HARMLESS:
            raise _refuse(f"procedure {name}", "it is not on the short list of harmless ones")


def check(text: str) -> None:
    """Raise UsageError for a statement that does more than read the graph."""
    if len(text) > LONGEST:
        raise _refuse(f"a statement of {len(text)} characters", f"the most is {LONGEST}")
    if re.search(r"\\u[0-9a-fA-F]", text):
        raise _refuse("an escape \\u....", "it can hide what a statement does; write the character itself")
    tokens = list(_tokens(text))
    if not tokens:
        raise UsageError("the statement is empty; there is nothing to run; `ipgraph query` lists the library")
    if ";" in tokens[:-1]:
        raise _refuse("more than one statement", "one at a time is run")
    for at, token in enumerate(tokens):
        if re.fullmatch(r"\w+", token):
            _check_word(tokens, at)
        if tokens[at + 1 : at + 2] == ["."] and _FUNCTIONS.fullmatch(token.strip("`")):
            raise _refuse(f"a function of {token}", "it may reach outside of the graph")
    _check_first(tokens[0].upper())


def _check_first(word: str) -> None:
    if word in _FIRST:
        return
    raise UsageError(
        f"the statement is not understood; it begins with {word[:20]!r};"
        " only MATCH, OPTIONAL MATCH, WITH, UNWIND, CALL and RETURN begin a statement here"
    )


def _operators(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for child in plan.get("children", ()):
        yield from _operators(child)


def check_plan(query_type: str | None, plan: Mapping[str, Any] | None) -> None:
    """Raise UsageError for a statement whose plan, as Neo4j explains it, does more than read the graph."""
    if query_type != "r":
        raise _refuse("the statement", "the server says that it writes")
    for step in _operators(plan or {}):
        operator = str(step.get("operatorType", "")).split("@")[0]
        details = str(step.get("args", {}).get("Details", "")).lower()
        if operator in _OPERATORS and not (operator == "ProcedureCall" and details.split("(")[0] in _HARMLESS):
            raise _refuse(operator, "it reaches outside of the graph")
