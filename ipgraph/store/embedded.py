"""The embedded store seen from outside: start its process or join the one that runs, hold a lease, stop it."""

from __future__ import annotations

import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from ipgraph.errors import StoreError
from ipgraph.store import serve
from ipgraph.store.connection import Address

FOLDER = "graph"
PATIENCE = 60.0
"""Seconds to wait for a store that another process is opening or closing."""


class Lease:
    """The right to a running server. It ends with `close`, or with this process."""

    def __init__(self, note: dict[str, Any]) -> None:
        self.note = note
        self._socket = socket.create_connection(("127.0.0.1", note["lease"]), timeout=5)
        self._socket.sendall(f"{note['token']}\n".encode())
        if self._socket.recv(8) != b"ok\n":
            self._socket.close()
            raise ConnectionError("the server is closing")

    def address(self, *, writer: bool) -> Address:
        """Where to log in, as the user who may write or as the one who may not."""
        user, password = ("root", self.note["writer"]) if writer else ("reader", self.note["reader"])
        return Address(f"bolt://127.0.0.1:{self.note['bolt']}", user, password, serve.DATABASE)

    def kill(self) -> None:
        """End the server at once, whatever it is doing. What was committed stays."""
        try:
            self._socket.sendall(b"kill\n")
            while self._socket.recv(1):
                pass
        except OSError:
            pass
        self._socket.close()

    def wait(self) -> None:
        """Until the server is gone."""
        self._socket.settimeout(None)
        try:
            while self._socket.recv(1):
                pass
        except OSError:
            pass

    def close(self) -> None:
        """Give the lease back; the last one ends the server."""
        self._socket.close()


def _join(folder: Path) -> Lease | None:
    """A lease on the server that says it serves the folder, None where there is none or it is gone."""
    try:
        return Lease(json.loads((folder / "server.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError):
        return None


def _missing() -> StoreError:
    return StoreError(
        "no embedded store on this machine; the package `arcadedb` has no wheel for it (Intel Macs, Alpine);"
        " name a Neo4j with --store bolt://..."
    )


def _spawn(folder: Path, port: int) -> subprocess.Popen[bytes]:
    folder.mkdir(parents=True, exist_ok=True)
    # A session of its own: ^C at the shell is for us, the server must live until our last statement is done.
    with (folder / "server.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "ipgraph.store.serve", str(folder), str(port)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _complaint(folder: Path) -> str:
    lines = (folder / "server.log").read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1][:200] if lines else "it said nothing"


def lease(db: Path, *, port: int = 0, patience: float = PATIENCE) -> Lease:
    """Join the workspace's server, or start it. Raises StoreError where it does not come up in time."""
    if importlib.util.find_spec("arcadedb") is None:
        raise _missing()
    folder = db.resolve() / FOLDER
    end = time.monotonic() + patience
    process = None
    while time.monotonic() < end:
        if found := _join(folder):
            return found
        code = process.poll() if process else None
        if code not in (None, 0, serve.LOCKED):
            raise StoreError(
                f"the embedded store in {folder} does not start; {_complaint(folder)};"
                " `ipgraph sync embedded --rebuild` makes it anew from the ledger"
            )
        if process is None or code is not None:
            if process is not None:
                time.sleep(0.2)
            process = _spawn(folder, port)
        time.sleep(0.02)
    raise StoreError(f"the embedded store in {folder} is busy; another process opens or closes it; try again")


def destroy(db: Path, *, patience: float = PATIENCE) -> None:
    """Remove the embedded database; the ledger can make it anew. Others who use it lose it."""
    folder = db.resolve() / FOLDER
    found = _join(folder)
    if found:
        found.kill()
    end = time.monotonic() + patience
    while folder.is_dir():
        lock = serve.locked(folder)
        if lock is not None:
            shutil.rmtree(folder)
            lock.close()
            return
        if time.monotonic() > end:
            raise StoreError(f"{folder} is in use; another process has it open; stop that one and try again")
        time.sleep(0.1)
