"""Relation rules as data: read from TOML, checked against the schema."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import Any

from ipgraph import config
from ipgraph.errors import UsageError
from ipgraph.model import EDGES, EdgeKind, extend
from ipgraph.relations.patterns import Pattern


@dataclass(frozen=True)
class Rule:
    """One way to say a fact.

    `pattern` captures `head`, `tail` and, for a position, `title`. `implicit` rules capture no tail: it is the event
    that the text speaks of at that point. `fold` names what a match leaves of itself for the rules after it.
    `before` and `after` are patterns that must not stand right before and behind the match.
    `certain` rules hold whatever stands around them; the others yield to a guard word (not, will, plan to) near by.
    """

    name: str
    type: str
    pattern: Pattern
    stage: int
    confidence: float
    properties: Mapping[str, str] = field(default_factory=dict)
    fold: str = ""
    implicit: bool = False
    certain: bool = False
    before: Pattern | None = None
    after: Pattern | None = None


@dataclass(frozen=True)
class RuleSet:
    """Rules in the order in which they are tried, and the words that unsay a fact."""

    rules: tuple[Rule, ...]
    guards: frozenset[str]
    online: frozenset[str]
    own: frozenset[str] = frozenset()
    """Names of the rules that do not come with the package."""


def _rule(data: Mapping[str, object], file: str) -> Rule:
    name, kind = str(data.get("name", "")), str(data.get("type", ""))
    if kind and kind not in EDGES:
        raise UsageError(f"{file}: rule {name!r} has type {kind!r}; known are {', '.join(EDGES)}; mend the rule")
    try:
        pattern = Pattern(str(data["pattern"]))
        _ = pattern.regex
        properties = dict(data.get("properties", {}))  # type: ignore[call-overload]
        return Rule(
            name,
            kind,
            pattern,
            int(str(data.get("stage", 2))),
            float(str(data.get("confidence", 0.8))),
            properties,
            str(data.get("fold", "")),
            bool(data.get("implicit", False)),
            bool(data.get("certain", False)),
            Pattern(str(data["not_before"])) if "not_before" in data else None,
            Pattern(str(data["not_after"])) if "not_after" in data else None,
        )
    except (KeyError, ValueError, TypeError, re.error) as e:
        raise UsageError(f"{file}: rule {name!r} cannot be read; {e}; see the page on relations") from e


def _relation(data: Mapping[str, Any], file: str) -> EdgeKind:
    try:
        return EdgeKind(
            str(data["type"]),
            tuple(data["heads"]),
            tuple(data["tails"]),
            str(data["what"]),
            {name: tuple(values) for name, values in data.get("properties", {}).items()},
            tuple(data.get("identity", ())),
            bool(data.get("symmetric", False)),
        )
    except (KeyError, TypeError, AttributeError) as e:
        raise UsageError(f"{file}: a [[relation]] cannot be read; {e!r}; see docs/relations.md") from e


def parse(text: str, file: str) -> RuleSet:
    """Rules from TOML text; relationship types in it become part of the schema.

    Raises UsageError, naming `file` and the rule, for what cannot be read.
    """
    try:
        data = tomllib.loads(text)
        for relation in data.get("relation", []):
            extend(_relation(relation, file))
    except tomllib.TOMLDecodeError as e:
        raise UsageError(f"{file}: no TOML; {e}; mend the file") from e
    except ValueError as e:
        raise UsageError(f"{file}: {e}; mend the file") from e
    rules = [_rule(r, file) for r in data.get("rule", [])]
    words = data.get("words", {})
    return RuleSet(
        tuple(sorted(rules, key=lambda r: r.stage)),
        frozenset(words.get("guards", [])),
        frozenset(words.get("online", [])),
    )


@lru_cache(maxsize=1)
def shipped() -> RuleSet:
    """The rules that come with the package."""
    file = resources.files("ipgraph.relations") / "rules.toml"
    return parse(file.read_text(encoding="utf-8"), "rules.toml")


def load(extra: Iterable[Path] = ()) -> RuleSet:
    """The shipped rules and those of further files, which may lie anywhere. Raises UsageError for a broken file."""
    sets = [shipped()]
    for path in extra:
        try:
            sets.append(parse(path.read_text(encoding="utf-8"), str(path)))
        except (OSError, UnicodeDecodeError) as e:
            raise UsageError(f"cannot read the relations file {path}; {e}; name another") from e
    rules = sorted((r for s in sets for r in s.rules), key=lambda r: r.stage)
    return RuleSet(
        tuple(rules),
        frozenset().union(*(s.guards for s in sets)),
        frozenset().union(*(s.online for s in sets)),
        frozenset(r.name for s in sets[1:] for r in s.rules),
    )


def active() -> RuleSet:
    """The shipped rules and those of the file that the setting `relations` names."""
    return _loaded(config.value("relations")[0])


@lru_cache(maxsize=8)
def _loaded(file: str) -> RuleSet:
    return load([Path(file)] if file else [])
