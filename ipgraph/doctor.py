"""What is wrong with an installation, and what to do about it."""

from __future__ import annotations

import importlib.util
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ipgraph.errors import IpgraphError

Row = dict[str, Any]


def _python() -> Row:
    ok = sys.version_info >= (3, 11)
    return {
        "check": "Python",
        "ok": ok,
        "found": platform.python_version(),
        "advice": "" if ok else "use 3.11 or later",
    }


def _pipeline(name: str) -> Row:
    from ipgraph import annotate

    try:
        nlp = annotate.load(name)
    except IpgraphError as e:
        return {"check": "language pipeline", "ok": False, "found": str(e), "advice": "install ipgraph again"}
    found = f"{nlp.meta['lang']}_{nlp.meta['name']} {nlp.meta['version']}"
    return {"check": "language pipeline", "ok": True, "found": found, "advice": ""}


def _embedded() -> Row:
    """The wheel of the embedded store exists for most systems, not for all."""
    if importlib.util.find_spec("arcadedb"):
        return {"check": "embedded store", "ok": True, "found": "arcadedb", "advice": ""}
    where = f"{platform.system()} {platform.machine()}"
    return {
        "check": "embedded store",
        "ok": False,
        "found": f"no arcadedb for {where}",
        "advice": "set IPGRAPH_STORE to the URL of a Neo4j; all else works",
    }


def _workspace(db: str) -> Row:
    from ipgraph import ledger

    if not (Path(db) / ledger.FILE).is_file():
        return {"check": "workspace", "ok": True, "found": f"none yet in {db}", "advice": "ipgraph ingest SOURCE..."}
    try:
        with ledger.Ledger(db, create=False) as store:
            articles = len(store.articles())
    except IpgraphError as e:
        return {"check": "workspace", "ok": False, "found": str(e), "advice": "move the folder away and ingest again"}
    return {"check": "workspace", "ok": True, "found": f"{articles} articles in {db}", "advice": ""}


def check(db: str, pipeline: str) -> list[Row]:
    """All checks, each as a row with `check`, `ok`, `found` and `advice`."""
    checks: list[Callable[[], Row]] = [_python, lambda: _pipeline(pipeline), _embedded, lambda: _workspace(db)]
    return [c() for c in checks]
