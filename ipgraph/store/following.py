"""Brings the index in line with the ledger: what changed articles touch is resolved, stated and written anew."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ipgraph import graph as graphs
from ipgraph import model, resolve
from ipgraph.graph import Stated
from ipgraph.ledger import Ledger
from ipgraph.resolve import Named
from ipgraph.store import rows
from ipgraph.store.rows import Row

AMONG = "IN (SELECT value FROM json_each(?))"

Sort = Literal["node", "edge"]


def _listed(ids: Iterable[str]) -> str:
    return json.dumps(sorted(ids), ensure_ascii=False)


@dataclass(slots=True)
class Touched:
    """What may be another than before: links, ids of nodes and edges, and mentions as (node, article)."""

    links: set[str] = field(default_factory=set)
    nodes: set[str] = field(default_factory=set)
    edges: set[str] = field(default_factory=set)
    mentions: set[tuple[str, str]] = field(default_factory=set)


class Read:
    """Facts by id: those read already, and others when they are asked for."""

    def __init__(self, ledger: Ledger, facts: Iterable[model.Facts]) -> None:
        self._ledger = ledger
        self._entities: dict[str, model.Entity] = {}
        self._relations: dict[str, model.Relation] = {}
        for its in facts:
            self._entities |= {e.id: e for e in its.entities}
            self._relations |= {r.id: r for r in its.relations}

    def entities(self, among: Iterable[str]) -> Mapping[str, model.Entity]:
        """These entities, and maybe others."""
        if missing := set(among) - self._entities.keys():
            self._entities |= {e.id: e for e in self._ledger.entities(missing)}
        return self._entities

    def relations(self, among: Iterable[str]) -> Mapping[str, model.Relation]:
        """These relations, and maybe others."""
        if missing := set(among) - self._relations.keys():
            self._relations |= {r.id: r for r in self._ledger.relations(missing)}
        return self._relations


class Follow:
    """One run, inside a transaction of the index and a snapshot of the ledger."""

    def __init__(self, db: sqlite3.Connection, ledger: Ledger, min_confidence: float) -> None:
        self._db, self._ledger, self._least = db, ledger, min_confidence
        self._touched = Touched()
        self._read = Read(ledger, ())

    def run(self) -> dict[Sort, set[int]]:
        """Do it; the buckets whose rows were written."""
        held, now = dict(self._db.execute("SELECT id, version FROM article").fetchall()), self._ledger.versions()
        gone = {a for a, v in held.items() if now.get(a) != v}
        fresh = {a: v for a, v in now.items() if held.get(a) != v}
        self._forget(gone)
        facts = list(self._ledger.facts(fresh))
        self._read = Read(self._ledger, facts)
        for its in facts:
            self._learn(its, fresh[its.article.id])
        clusters = self._resolved()
        self._restate(self._settle(clusters))
        nodes = [rows.node(f.article.id, graphs.article_node(f.article)) for f in facts]
        nodes += [rows.node(c.id, graphs.node(c)) for c in clusters]
        edges = [*self._mentions(), *self._edges()]
        touched = self._touched
        return {"node": self._write(nodes, "node", touched.nodes), "edge": self._write(edges, "edge", touched.edges)}

    def _among(self, text: str, ids: Iterable[str]) -> sqlite3.Cursor:
        return self._db.execute(text, (_listed(ids),))

    def _forget(self, gone: set[str]) -> None:
        """Take out articles, and note what they had."""
        entities, touched = f"SELECT id FROM entity WHERE article {AMONG}", self._touched
        touched.links |= {x for (x,) in self._among(f"SELECT link FROM link WHERE entity IN ({entities})", gone)}
        touched.mentions |= set(self._among(f"SELECT node, article FROM entity WHERE article {AMONG}", gone))
        touched.nodes |= gone | {node for node, _ in touched.mentions}
        stated = f"SELECT edge FROM relation WHERE article {AMONG} AND edge IS NOT NULL"
        touched.edges |= {x for (x,) in self._among(stated, gone)}
        self._among(f"DELETE FROM link WHERE entity IN ({entities})", gone)
        for table, column in (("entity", "article"), ("relation", "article"), ("article", "id")):
            self._among(f"DELETE FROM {table} WHERE {column} {AMONG}", gone)

    def _learn(self, facts: model.Facts, version: str) -> None:
        """Put in an article whose entities stand for nothing yet and whose relations state nothing yet."""
        article = facts.article
        named = resolve.named(facts)
        links = [(link, n.entity.id) for n in named for link in sorted(n.links)]
        self._db.execute("INSERT INTO article VALUES (?, ?, ?)", (article.id, version, article.date))
        self._db.executemany(
            "INSERT INTO entity VALUES (?, ?, ?, ?, NULL)",
            [(n.entity.id, article.id, n.entity.type, _listed(n.keys)) for n in named],
        )
        self._db.executemany("INSERT INTO link VALUES (?, ?)", links)
        self._db.executemany(
            "INSERT INTO relation VALUES (?, ?, ?, ?, NULL)",
            [(r.id, article.id, r.head, r.tail) for r in facts.relations],
        )
        self._touched.nodes.add(article.id)
        self._touched.links |= {link for link, _ in links}

    def _tied(self) -> set[str]:
        """The entities that bear a touched link, and those tied to them over others."""
        found: set[str] = set()
        seen: set[str] = set()
        links = self._touched.links
        while links:
            seen |= links
            new = {e for (e,) in self._among(f"SELECT entity FROM link WHERE link {AMONG}", links)} - found
            found |= new
            links = {x for (x,) in self._among(f"SELECT link FROM link WHERE entity {AMONG}", new)} - seen
        return found

    def _resolved(self) -> list[resolve.Cluster]:
        """The corpus entities that may be others than before."""
        tied = self._tied()
        entities = self._read.entities(tied)
        listed = self._among(f"SELECT id, article, keys FROM entity WHERE id {AMONG} ORDER BY id", tied)
        return resolve.clusters(Named(entities[e], a, frozenset(json.loads(keys))) for e, a, keys in listed)

    def _settle(self, clusters: list[resolve.Cluster]) -> set[str]:
        """Say for which node each of their members stands; those that stood for another, or for none, are given."""
        text = f"SELECT id, article, node FROM entity WHERE id {AMONG}"
        now = {e.id: c.id for c in clusters for e in c.members}
        moved = {e: (article, node) for e, article, node in self._among(text, now) if node != now[e]}
        for entity, (article, before) in moved.items():
            self._touched.mentions.add((now[entity], article))
            if before:
                self._touched.mentions.add((before, article))
                self._touched.nodes.add(before)
        self._touched.nodes |= {c.id for c in clusters}
        self._db.executemany("UPDATE entity SET node = ? WHERE id = ?", [(now[e], e) for e in moved])
        return set(moved)

    def _restate(self, moved: set[str]) -> None:
        """Say which edge is stated by each relation of the entities that moved."""
        before: dict[str, str | None] = {}
        for end in ("head", "tail"):
            before |= dict(self._among(f"SELECT id, edge FROM relation WHERE {end} {AMONG}", moved).fetchall())
        relations = self._read.relations(before)
        nodes = self._nodes(relations[r] for r in before)
        found = {r: graphs.ends(relations[r], nodes, self._least) for r in before}
        now = {r: its[0] if its else None for r, its in found.items()}
        self._touched.edges |= {edge for edge in (*before.values(), *now.values()) if edge}
        self._db.executemany("UPDATE relation SET edge = ? WHERE id = ?", [(edge, r) for r, edge in now.items()])

    def _nodes(self, relations: Iterable[model.Relation]) -> dict[str, str]:
        """The nodes for which the ends of relations stand."""
        ends = {e for r in relations for e in (r.head, r.tail)}
        return dict(self._among(f"SELECT id, node FROM entity WHERE id {AMONG}", ends).fetchall())

    def _edges(self) -> Iterator[Row]:
        """The touched edges that are stated still."""
        text = (
            "SELECT relation.id, edge, article, date FROM relation JOIN article ON article.id = article"
            f" WHERE edge {AMONG} ORDER BY relation.id"
        )
        listed = self._among(text, self._touched.edges).fetchall()
        relations = self._read.relations(r for r, *_ in listed)
        stated: dict[str, list[Stated]] = defaultdict(list)
        for identifier, edge, article, date in listed:
            stated[edge].append(Stated(relations[identifier], article, date))
        nodes = self._nodes(its[0].relation for its in stated.values())
        kinds = dict(self._among(f"SELECT node, type FROM entity WHERE node {AMONG}", set(nodes.values())).fetchall())
        for edge, its in sorted(stated.items()):
            found = graphs.ends(its[0].relation, nodes, self._least)
            assert found
            _, head, tail = found
            yield rows.edge((kinds[head], kinds[tail]), head, tail, graphs.edge(edge, its))

    def _mentions(self) -> Iterator[Row]:
        """The touched mentions that there are still; the ids of all are put to the touched edges."""
        touched = self._touched
        touched.edges |= {graphs.mention_id(node, article) for node, article in touched.mentions}
        articles = {article for _, article in touched.mentions}
        bearers: dict[tuple[str, str], list[str]] = defaultdict(list)
        for entity, *place in self._among(f"SELECT id, node, article FROM entity WHERE article {AMONG}", articles):
            if (place[0], place[1]) in touched.mentions:
                bearers[place[0], place[1]].append(entity)
        entities = self._read.entities(e for listed in bearers.values() for e in listed)
        for (node, article), listed in sorted(bearers.items()):
            data = graphs.mentioned(node, article, [entities[e] for e in listed])
            yield rows.edge((entities[listed[0]].type, "Article"), node, article, data)

    def _write(self, made: Iterable[Row], sort: Sort, touched: set[str]) -> set[int]:
        """Put the rows made in the place of those touched; the buckets of both."""
        buckets = {b for (b,) in self._among(f"SELECT bucket FROM row WHERE id {AMONG}", touched)}
        self._among(f"DELETE FROM row WHERE id {AMONG}", touched)
        for r in made:
            its = rows.bucket(r.head or r.id)
            data = json.dumps(r.values, ensure_ascii=False, separators=(",", ":"))
            values = (r.id, sort, its, r.hash, " ".join(r.group), r.head, r.tail, data)
            self._db.execute("INSERT INTO row VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
            buckets.add(its)
        return buckets
