"""Free Cypher may only read: hostile statements on both stores, each with and without the first belt."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipgraph import query, store
from ipgraph.errors import IpgraphError, StoreError, UsageError
from ipgraph.query import guard
from tests.store_graphs import graph
from tests.store_targets import BOTH, ask, content, opened

SECRET = "the secret of this file"

WRITES = """
CREATE (n:Person {id: 'h'}) RETURN n
create (n) return n
CrEaTe (n:X)
CREATE (n:Ipgraph_State), (m:Y) RETURN 1
MERGE (n:Person {id: 'h'}) RETURN n
MERGE (n:Person {id: 'per-000001'}) ON MATCH SET n.name = 'h' RETURN n
MERGE (n:Person {id: 'per-000001'}) ON CREATE SET n.name = 'h'
MATCH (n:Person) SET n.name = 'h' RETURN count(n)
MATCH (n:Person) SET n += {name: 'h'}
MATCH (n:Person) SET n = {name: 'h'}
MATCH (n:Person) SET n:Hostile
MATCH (n:Person) SET n.`name` = 'h'
MATCH (n:Person) REMOVE n.name
MATCH (n:Person) REMOVE n:Person
MATCH (n:Person) DELETE n
MATCH (n) DETACH DELETE n
MATCH (n) NODETACH DELETE n
MATCH ()-[r]->() DELETE r
MATCH (a:Person), (b:Event) CREATE (a)-[:ATTENDED]->(b)
MATCH (a:Person), (b:Event) WITH a, b LIMIT 1 MERGE (a)-[:HOSTILE]->(b)
MATCH ()-[r:ATTENDED]->() SET r.role = 'h'
MATCH ()-[r:ATTENDED]->() REMOVE r.role
MATCH (n:Person) WITH n LIMIT 1 FOREACH (x IN [1, 2] | CREATE (:Hostile {x: x}))
FOREACH (x IN [1] | MERGE (:Hostile))
UNWIND range(1, 9) AS i CREATE (:Hostile {i: i})
UNWIND range(1, 9) AS i CALL { WITH i CREATE (:Hostile {i: i}) } IN TRANSACTIONS
UNWIND range(1, 9) AS i CALL (i) { CREATE (:Hostile {i: i}) } IN TRANSACTIONS OF 2 ROWS
MATCH (n) CALL { WITH n DETACH DELETE n } IN TRANSACTIONS OF 10 ROWS
MATCH (n) CALL { WITH n DETACH DELETE n } IN 3 CONCURRENT TRANSACTIONS
CALL { CREATE (n:Hostile) RETURN n } RETURN n
CALL () { CREATE (n:Hostile) RETURN n } RETURN n
MATCH (n:Person) CALL { WITH n SET n.name = 'h' } RETURN n
MATCH (n:Person) RETURN n UNION CREATE (m:Person) RETURN m AS n
MATCH (n:Person) RETURN 1 AS x; MATCH (n) DETACH DELETE n
RETURN 1; CREATE (n:Hostile)
MATCH (n) /* RETURN n */ DETACH /* */ DELETE n
/* RETURN 1 */ CREATE (n:Hostile)
/**/CREATE/**/(n:Hostile)/**/
RETURN 'a' AS x UNION ALL CREATE (n:Hostile) RETURN 'b' AS x
MATCH (n:Person {name: 'x\\'}) SET n.a = 1 //'}) SET n.name = 'h'
WITH "'" AS q CREATE (n:Hostile) RETURN "'"
WITH '`' AS q CREATE (n:Hostile) RETURN '`' AS z
EXPLAIN CREATE (n:Hostile)
PROFILE CREATE (n:Hostile) RETURN n
EXPLAIN PROFILE CREATE (n:Hostile)
CYPHER 5 CREATE (n:Hostile)
CYPHER runtime=slotted CREATE (n:Hostile)
CYPHER planner=cost CREATE (n:Hostile)
\\u0043REATE (n:Hostile)
C\\u0052EATE (n:Hostile)
MATCH (n) \\u0044ETACH DELETE n
RETURN 'x\\u0027 AS y CREATE (n:Hostile)
INSERT (n:Hostile {id: 1})
INSERT INTO Person SET id = 'h'
UPDATE Person SET name = 'h'
DELETE FROM Person
TRUNCATE TYPE Person UNSAFE
ALTER TYPE Person NAME Hostile
DROP TYPE Person UNSAFE
"""

SCHEMA = """
CREATE INDEX h IF NOT EXISTS FOR (n:Person) ON (n.h)
CREATE RANGE INDEX h FOR (n:Person) ON (n.h)
CREATE TEXT INDEX h FOR (n:Person) ON (n.h)
CREATE FULLTEXT INDEX h FOR (n:Person) ON EACH [n.name]
CREATE VECTOR INDEX h FOR (n:Person) ON n.h
CREATE LOOKUP INDEX h FOR (n) ON EACH labels(n)
CREATE INDEX h FOR ()-[r:ATTENDED]-() ON (r.h)
CREATE CONSTRAINT h IF NOT EXISTS FOR (n:Person) REQUIRE n.h IS UNIQUE
CREATE CONSTRAINT h FOR (n:Person) REQUIRE n.h IS NOT NULL
DROP CONSTRAINT ipgraph_person_key
DROP CONSTRAINT ipgraph_person_key IF EXISTS
DROP INDEX ipgraph_person_id
DROP INDEX ipgraph_person_id IF EXISTS
CALL db.createLabel('Hostile')
CALL db.createProperty('hostile')
CALL db.createRelationshipType('HOSTILE')
CALL db.index.fulltext.createNodeIndex('h', ['Person'], ['name'])
CALL db.create.setNodeVectorProperty(null, 'h', [1.0])
CALL db.resampleIndex('h')
CALL db.prepareForReplanning()
CALL db.clearQueryCaches()
CALL tx.setMetaData({a: 1})
"""

ADMIN = """
SHOW USERS
SHOW CURRENT USER
SHOW DATABASES
SHOW TRANSACTIONS
SHOW SETTINGS
SHOW PROCEDURES
SHOW FUNCTIONS EXECUTABLE BY CURRENT USER
SHOW INDEXES
SHOW CONSTRAINTS
SHOW SERVERS
SHOW PRIVILEGES
TERMINATE TRANSACTIONS 'neo4j-transaction-1'
SHOW TRANSACTIONS YIELD transactionId AS t TERMINATE TRANSACTIONS t
CREATE USER hostile SET PASSWORD 'hostile123' CHANGE NOT REQUIRED
CREATE OR REPLACE USER neo4j SET PASSWORD 'hostile123'
ALTER USER neo4j SET PASSWORD 'hostile123'
ALTER CURRENT USER SET PASSWORD FROM 'only-for-tests' TO 'hostile123'
DROP USER neo4j
RENAME USER neo4j TO hostile
CREATE DATABASE hostile
DROP DATABASE neo4j
STOP DATABASE neo4j
START DATABASE neo4j
ALTER DATABASE neo4j SET ACCESS READ ONLY
CREATE ROLE hostile
GRANT ROLE admin TO hostile
DENY READ {*} ON GRAPH * TO hostile
REVOKE ROLE admin FROM neo4j
CREATE ALIAS hostile FOR DATABASE neo4j
ENABLE SERVER 'x'
DRYRUN REALLOCATE DATABASES
USE system SHOW USERS
USE system CREATE USER hostile SET PASSWORD 'hostile123'
USE neo4j CREATE (n:Hostile)
CALL dbms.listConfig()
CALL dbms.setConfigValue('db.tx_log.rotation.size', '1G')
CALL dbms.killQuery('x')
CALL dbms.security.listUsers()
CALL dbms.listConnections()
CALL dbms.queryJmx('*:*')
CALL dbms.components()
CALL jmx.queryJmx('*:*')
CALL `dbms`.`listConfig`() YIELD name RETURN name
CALL dbms . listConfig ( )
CALL/**/dbms.listConfig()
"""

READS = """
LOAD CSV FROM 'FILE' AS l RETURN l
load csv from 'FILE' as l return l
LOAD CSV WITH HEADERS FROM 'FILE' AS l RETURN l
LOAD CSV FROM 'FILE' AS l FIELDTERMINATOR ';' RETURN l
LOAD/**/CSV/**/FROM/**/'FILE'/**/AS/**/l RETURN l
CALL { LOAD CSV FROM 'FILE' AS l RETURN l } RETURN l
CALL () { LOAD CSV FROM 'FILE' AS l RETURN l } RETURN l
MATCH (n:Person) LOAD CSV FROM 'FILE' AS l RETURN l, n LIMIT 1
WITH 'FILE' AS f LOAD CSV FROM f AS l RETURN l
RETURN 1 AS l UNION LOAD CSV FROM 'FILE' AS l RETURN l
LOAD CSV FROM 'URL' AS l RETURN l
LOAD CSV WITH HEADERS FROM 'URL' AS l RETURN l
WITH 'URL' AS u LOAD CSV FROM u AS l RETURN l
CALL { LOAD CSV FROM 'URL' AS l RETURN l } RETURN l
MATCH (n:Person) WHERE EXISTS { LOAD CSV FROM 'URL' AS l RETURN l } RETURN n
RETURN COLLECT { LOAD CSV FROM 'FILE' AS l RETURN l } AS l
RETURN COUNT { LOAD CSV FROM 'URL' AS l RETURN l } AS l
EXPLAIN LOAD CSV FROM 'URL' AS l RETURN l
PROFILE LOAD CSV FROM 'FILE' AS l RETURN l
CYPHER 5 LOAD CSV FROM 'FILE' AS l RETURN l
\\u004cOAD CSV FROM 'FILE' AS l RETURN l
CALL apoc.load.json('URL')
CALL apoc.load.csv('FILE')
CALL apoc.cypher.runFile('FILE')
CALL apoc.cypher.doIt('CREATE (n:Hostile)', {})
CALL apoc.export.csv.all('/tmp/x.csv', {})
CALL apoc.import.file('FILE')
RETURN apoc.load.json('URL')
RETURN apoc.util.md5(['x'])
IMPORT DATABASE URL
EXPORT DATABASE FILE
BACKUP DATABASE
"""


def _listed(text: str) -> list[str]:
    return [line for line in text.strip().splitlines() if line.strip()]


HOSTILE = [
    *_listed(WRITES),
    *_listed(SCHEMA),
    *_listed(ADMIN),
    *_listed(READS),
    "MATCH (n) // RETURN n\nDETACH DELETE n",
    "MATCH (n)\r\nDETACH\tDELETE\u00a0n",
    "MATCH (n) // RETURN n\rSET n.name = 'h'",
    "RETURN 1 AS x\u2028CREATE (n:Hostile)",
]

HARMLESS = [
    "MATCH (n:Person) RETURN n.name AS `create` LIMIT 1",
    "MATCH (n:Person) WHERE NOT n.name CONTAINS 'DELETE' RETURN n.name LIMIT 1",
    "MATCH (n:Person) RETURN n.set, n.load, 'CREATE (n)' AS text LIMIT 1",
    "MATCH (n:Person)-[r:ATTENDED]->(e) RETURN n, r, e LIMIT 2",
    "MATCH (n) WHERE n:Person OR n:Event RETURN count(*) AS n",
    "CALL db.labels() YIELD label RETURN label",
    "CALL { MATCH (n:Person) RETURN n LIMIT 1 } RETURN n.name",
    "MATCH p = (a:Person)-[*1..2]-(b:Place) RETURN p LIMIT 1",
    "UNWIND [1, 2.5, null, true, 'x', [1], {a: 1}] AS x RETURN x",
    "RETURN date('2024-01-02') AS d, duration('P1D') AS p",
    "// a comment, then the statement\nMATCH (n:Person) RETURN n.id ORDER BY n.id LIMIT 3;",
]


def test_there_are_enough() -> None:
    assert len(set(HOSTILE)) >= 120


@pytest.fixture(scope="module", params=BOTH)
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[store.Store]:
    for s in opened(request.param, tmp_path_factory.mktemp("db")):
        store.sync(graph(60, 200), s, "w")
        yield s


@pytest.fixture(scope="module")
def listener() -> Iterator[tuple[str, list[str]]]:
    """A web server on loopback that notes who asks it."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"a,b\n1,2\n")

        def log_message(self, *_: object) -> None:
            return

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/x.csv", asked
    server.shutdown()


@pytest.mark.parametrize("belt", ["words", "store"])
def test_hostile_statements_do_nothing(
    target: store.Store,
    listener: tuple[str, list[str]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    belt: str,
) -> None:
    """With all belts on, and with the first one off: what the store itself holds back."""
    url, asked = listener
    secret = tmp_path / "secret.csv"
    secret.write_text(SECRET)
    if belt == "store":
        monkeypatch.setattr(guard, "check", lambda _: None)
    before = content(target), _schema(target)
    passed = []
    for hostile in HOSTILE:
        text = hostile.replace("FILE", f"file://{secret}").replace("URL", url)
        try:
            answer = query.run(target, text, seconds=20)
        except IpgraphError:
            continue
        passed.append(text)
        assert SECRET not in str(answer), text
    assert (content(target), _schema(target)) == before
    assert ask(target, "MATCH (n:Hostile) RETURN n") == []
    assert asked == []
    if belt == "words":
        assert passed == []


def _schema(target: store.Store) -> list[str]:
    rows = ask(target, "SHOW INDEXES") + ask(target, "SHOW CONSTRAINTS")
    return sorted(f"{r['type']} {r['labelsOrTypes']} {r['properties']}" for r in rows)


@pytest.mark.parametrize("text", HOSTILE)
def test_the_words_alone_tell_them(text: str) -> None:
    with pytest.raises(UsageError, match="; "):
        guard.check(text)


@pytest.mark.parametrize("text", HARMLESS)
def test_harmless_statements_run(target: store.Store, text: str) -> None:
    assert query.run(target, text).rows


def test_the_store_alone_refuses_to_write(target: store.Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "check", lambda _: None)
    for text in ("CREATE (n:Hostile) RETURN n", "LOAD CSV FROM 'file:///etc/hostname' AS l RETURN l", "SHOW USERS"):
        with pytest.raises(UsageError, match="refused"):
            query.run(target, text)


@pytest.mark.parametrize(
    "text",
    [
        "UNWIND range(1, 1000000) AS a UNWIND range(1, 1000000) AS b RETURN count(*)",
        "MATCH (a), (b), (c), (d), (e), (f) WHERE a.id + b.id + c.id + d.id + e.id = f.id RETURN count(*)",
        "UNWIND range(1, 1000000) AS a RETURN sum(reduce(x = 0, i IN range(1, 1000000) | x + i + a)) AS x",
    ],
)
def test_a_query_without_end_is_stopped(target: store.Store, text: str) -> None:
    begin = time.monotonic()
    with pytest.raises(StoreError, match="longer than 1 s"):
        query.run(target, text, seconds=1)
    assert time.monotonic() - begin < 8
    assert query.run(target, "RETURN 1 AS x").rows == [{"x": 1}]


def test_rows_are_limited(target: store.Store) -> None:
    answer = query.run(target, "UNWIND range(1, 5000000) AS a RETURN a", rows=3)
    assert (answer.rows, answer.truncated) == ([{"a": 1}, {"a": 2}, {"a": 3}], True)
    assert not query.run(target, "UNWIND [1, 2, 3] AS a RETURN a", rows=3).truncated


def test_errors_are_one_line_that_says_what_to_do(target: store.Store) -> None:
    for text in ("MATCH (n RETURN n", "MATCH (n) RETURN foo(n)", "MATCH (n) RETURN $missing", "nonsense here"):
        with pytest.raises(UsageError, match="not understood") as e:
            query.run(target, text)
        assert "\n" not in str(e.value)


def test_values_are_plain_and_ours_alone(target: store.Store) -> None:
    row = query.run(
        target, "MATCH p = (a:Person)-[r:ATTENDED]->(e) RETURN a, r, p, date('2024-01-02') AS d LIMIT 1"
    ).rows[0]
    assert row["a"]["labels"] == ["Person"]
    assert row["r"]["type"] == "ATTENDED"
    assert [len(row["p"]["nodes"]), len(row["p"]["relationships"])] == [2, 1]
    assert row["d"] == "2024-01-02"
    assert "ipgraph_" not in str(row)


def test_two_clients_at_a_time_and_the_port_is_loopback(tmp_path: Path) -> None:
    with store.open(tmp_path) as one, store.open(tmp_path) as two:
        store.sync(graph(40, 100), one, "w")
        assert one.reader.url == two.reader.url
        assert query.run(one, "MATCH (n) RETURN count(n) AS n") == query.run(two, "MATCH (n) RETURN count(n) AS n")
        port = int(one.reader.url.rpartition(":")[2])
        outside = socket.gethostbyname(socket.gethostname())
        if not outside.startswith("127."):
            with pytest.raises(OSError), socket.create_connection((outside, port), timeout=1):  # noqa: PT011
                pass
