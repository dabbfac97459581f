"""From in-article entities to corpus entities with stable ids.

Two entities are one when their types are equal and a full name or alias of both is equal after normalisation. What
names nothing by itself (a surname, "the signing ceremony", a department without its body) joins nothing: it is
told apart by its article or by the body it belongs to. The result depends on the set of facts alone, not on order.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from ipgraph.model import Entity, Facts, digest, name_key

_UNIT = re.compile(r"\b(departments?|divisions?|offices?|sectors?|sections?|units?|bureaus?|committees?|branch|group)$")
_PREFIX = {"Person": "per", "Organization": "org", "Brand": "brd", "Event": "evt", "Place": "plc", "Award": "awd"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """One corpus entity: its id, type, chosen name, all other names, and its in-article entities."""

    id: str
    type: str
    name: str
    aliases: tuple[str, ...]
    members: tuple[Entity, ...]


@dataclass(frozen=True, slots=True)
class Resolution:
    """In-article entity id -> corpus id, and the corpus entities, by id."""

    ids: dict[str, str]
    clusters: tuple[Cluster, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """An in-article entity with the keys under which it is looked for; without any it has an abbreviation alone."""

    entity: Entity
    article: str
    keys: frozenset[str]

    @property
    def links(self) -> set[str]:
        """All that can tie it to others of its type: what shares none of these, directly or over others, is apart."""
        short = {name_key(n) for n in _names(self.entity) if _short(n)} if self.entity.type == "Organization" else set()
        return {f"{self.entity.type}:{k}" for k in self.keys | short}


class _Union:
    """Disjoint sets of strings whose representative is their smallest member."""

    def __init__(self) -> None:
        self.parent: dict[str, str] = {}

    def find(self, x: str) -> str:
        self.parent.setdefault(x, x)
        while self.parent[x] != x:
            self.parent[x] = self.parent[self.parent[x]]
            x = self.parent[x]
        return x

    def join(self, a: str, b: str) -> None:
        low, high = sorted((self.find(a), self.find(b)))
        self.parent[high] = low


def _short(name: str) -> bool:
    """Whether the name is an abbreviation: one word, capitals and digits."""
    return re.fullmatch(r"[A-Z][A-Z0-9&.-]{1,9}", name) is not None


def _year(entity: Entity) -> str:
    for key in ("date", "start", "end"):
        found = re.match(r"\d{4}", str(entity.properties.get(key, "")))
        if found:
            return found.group()
    return ""


def _names(entity: Entity) -> list[str]:
    return [entity.name, *entity.aliases]


def _parents(facts: Facts) -> dict[str, Entity]:
    by_id = {e.id: e for e in facts.entities}
    return {r.head: by_id[r.tail] for r in facts.relations if r.type == "PART_OF"}


def _person_keys(entity: Entity) -> set[str]:
    full = {k for k in map(name_key, _names(entity)) if " " in k}
    return full or {name_key(entity.name)}


def _organization_keys(entity: Entity, parent: Entity | None) -> set[str]:
    """Keys of the long names; a unit's name counts only together with the names of the body it belongs to."""
    keys = {name_key(n) for n in _names(entity) if not _short(n)}
    if parent is None:
        return keys
    over = {name_key(n) for n in _names(parent)}
    return {f"{k} < {o}" for k in keys for o in over} if _UNIT.search(name_key(entity.name)) else keys


def _event_keys(entity: Entity, article: str) -> set[str]:
    """A name of three words, or with a number or abbreviation in it, names the event; less is bound to its article."""
    names = [n for n in _names(entity) if len(name_key(n).split()) > 2 or re.search(r"\d|[A-Z]{3}", n)]
    return {name_key(n) for n in names if re.search(r"[A-Z0-9]", n)} or {f"{name_key(entity.name)} @ {article}"}


def _keys(entity: Entity, article: str, parents: dict[str, Entity]) -> set[str]:
    if entity.type == "Person":
        return _person_keys(entity)
    if entity.type == "Organization":
        return _organization_keys(entity, parents.get(entity.id))
    if entity.type == "Event":
        return _event_keys(entity, article)
    return {name_key(n) for n in _names(entity)}


def _join_abbreviations(entities: list[Entity], keys: dict[str, set[str]], union: _Union) -> None:
    """Tie a body known by its abbreviation alone to the long-named body with it, if there is just one."""
    bearers: dict[str, set[str]] = defaultdict(set)
    for e in entities:
        if keys[e.id]:
            for n in filter(_short, _names(e)):
                bearers[name_key(n)].add(union.find(min(keys[e.id])))
    for e in entities:
        if not keys[e.id]:
            keys[e.id] = {name_key(n) for n in _names(e)}
            for k in keys[e.id]:
                union.join(min(keys[e.id]), k)
                if len(bearers[k]) == 1:
                    union.join(k, next(iter(bearers[k])))


def _split_editions(members: list[Entity], article: dict[str, str]) -> dict[str, list[Entity]]:
    """Events of one name in different years are different events; without a year they join only a single edition."""
    years = sorted({y for y in map(_year, members) if y})
    if len(years) < 2:
        return {"": members}
    out: dict[str, list[Entity]] = defaultdict(list)
    for e in members:
        out[_year(e) or f"@ {article[e.id]}"].append(e)
    return out


def _cluster(kind: str, key: str, members: list[Entity]) -> Cluster:
    def weight(name: str) -> tuple[int, int, str]:
        return (sum(e.name == name for e in members), len(name), name)

    name = max({e.name for e in members}, key=weight)
    aliases = sorted({n for e in members for n in _names(e)} - {name})
    ordered = tuple(sorted(members, key=lambda e: e.id))
    return Cluster(f"{_PREFIX[kind]}-{digest(kind, key)}", kind, name, tuple(aliases), ordered)


def named(facts: Facts) -> list[Named]:
    """The entities of one article with their keys, which depend on that article alone."""
    parents = _parents(facts)
    return [Named(e, facts.article.id, frozenset(_keys(e, facts.article.id, parents))) for e in facts.entities]


def clusters(listed: Iterable[Named]) -> list[Cluster]:
    """The corpus entities, by id, of in-article entities of which none is left out that shares a link with them."""
    by_kind: dict[str, list[Entity]] = defaultdict(list)
    keys: dict[str, set[str]] = {}
    article: dict[str, str] = {}
    for n in listed:
        by_kind[n.entity.type].append(n.entity)
        keys[n.entity.id] = set(n.keys)
        article[n.entity.id] = n.article
    out: list[Cluster] = []
    for kind, members in sorted(by_kind.items()):
        out += _resolve_kind(kind, members, keys, article)
    return sorted(out, key=lambda c: c.id)


def entities(corpus: Iterable[Facts]) -> Resolution:
    """Resolve all in-article entities of the corpus. Time grows with the number of names, not with its square."""
    found = clusters(n for facts in corpus for n in named(facts))
    return Resolution({e.id: c.id for c in found for e in c.members}, tuple(found))


def _resolve_kind(
    kind: str, members: list[Entity], keys: dict[str, set[str]], article: dict[str, str]
) -> list[Cluster]:
    union = _Union()
    for e in members:
        for k in keys[e.id]:
            union.join(min(keys[e.id]), k)
    if kind == "Organization":
        _join_abbreviations(members, keys, union)
    groups: dict[str, list[Entity]] = defaultdict(list)
    for e in members:
        groups[union.find(min(keys[e.id]))].append(e)
    out = []
    for key, group in groups.items():
        editions = _split_editions(group, article) if kind == "Event" else {"": group}
        out += [_cluster(kind, f"{key} {edition}".strip(), part) for edition, part in editions.items()]
    return out
