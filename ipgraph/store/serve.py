"""The embedded database's own process: `python -m ipgraph.store.serve FOLDER [PORT]`.

It is a process of its own so that a query without end can be stopped by ending it. It opens Bolt on loopback, tells
where in `server.json`, and lives as long as somebody holds a lease: an open connection to its second port. A lease ends
with the process that holds it, however that ends, so neither a crash nor a kill leaves a server behind.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
import socket
import sys
import threading
import time
from pathlib import Path
from typing import Any

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows: the engine's own lock has to do
    fcntl = None  # type: ignore[assignment]

DATABASE = "graph"
LOCKED = 75
"""Exit code: another process has this folder open."""
LONELY = 10.0
"""Seconds after which a server that nobody came to ends."""

ITERATIONS = 65536
ALL = ["createRecord", "readRecord", "updateRecord", "deleteRecord"]


def private(path: Path, text: str) -> None:
    """Write a file that only its owner can read; it appears whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as f:
        f.write(text)
    part.replace(path)


def _passwords(folder: Path) -> dict[str, str]:
    """Passwords of the two users, made once for a folder."""
    file = folder / "passwords.json"
    if not file.is_file():
        private(file, json.dumps({"writer": secrets.token_urlsafe(24), "reader": secrets.token_urlsafe(24)}))
    held: dict[str, str] = json.loads(file.read_text(encoding="utf-8"))
    return held


def _hashed(password: str) -> str:
    salt = secrets.token_bytes(32)
    value = hashlib.pbkdf2_hmac("sha256", password.encode(), base64.b64encode(salt), ITERATIONS, 32)
    return f"PBKDF2WithHmacSHA256${ITERATIONS}${base64.b64encode(salt).decode()}${base64.b64encode(value).decode()}"


def _group(access: list[str], records: list[str]) -> dict[str, Any]:
    types = {"*": {"access": records}}
    return {"resultSetLimit": -1, "readTimeout": -1, "access": access, "types": types}


def _write_users(folder: Path, passwords: dict[str, str]) -> None:
    """Two users: root, whose password only sync uses, and a reader whose group may read records and nothing else."""
    config = folder / "config"
    config.mkdir(exist_ok=True)
    groups = {
        "admin": _group(["updateSecurity", "updateSchema", "updateDatabaseSettings"], ALL),
        "reader": _group([], ["readRecord"]),
        "*": _group([], []),
    }
    private(config / "server-groups.json", json.dumps({"databases": {"*": {"groups": groups}}, "version": 2}))
    users = [
        {"name": "root", "databases": {"*": ["admin"]}, "password": _hashed(passwords["writer"])},
        {"name": "reader", "databases": {DATABASE: ["reader"]}, "password": _hashed(passwords["reader"])},
    ]
    private(config / "server-users.jsonl", "".join(json.dumps(u) + "\n" for u in users))


def _free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


def _start(folder: Path, port: int, passwords: dict[str, str]) -> Any:
    # Both must be set before the import.
    os.environ["ARCADEDB_LOG_CONSOLE"] = "0"
    os.environ["ARCADEDB_LOG_DIR"] = str(folder / "log")
    import arcadedb

    server = arcadedb.create_server(
        str(folder),
        passwords["writer"],
        {
            "host": "127.0.0.1",
            "http_port": _free_port(),
            "bolt_host": "127.0.0.1",
            "bolt_port": port,
            "server_plugins": "Bolt:com.arcadedb.bolt.BoltProtocolPlugin",
            # The mode in which errors reach the client with their reason.
            "mode": "development",
        },
    )
    server.start()
    server.create_database(DATABASE)
    return server


class Leases:
    """Counts the connections that hold the server; one that says "kill" and the token ends it at once."""

    def __init__(self, token: str) -> None:
        self.token = token
        self.held = 0
        self.seen = self.closing = False
        self.changed = threading.Condition()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.socket.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while True:
            connection, _ = self.socket.accept()
            threading.Thread(target=self._hold, args=(connection,), daemon=True).start()

    def _hold(self, connection: socket.socket) -> None:
        with connection, connection.makefile("rw", encoding="utf-8") as stream:
            if not secrets.compare_digest(stream.readline().strip(), self.token):
                return
            if not self._take():
                return
            try:
                stream.write("ok\n")
                stream.flush()
                while line := stream.readline():
                    if line.strip() == "kill":
                        os._exit(9)
            except OSError:
                pass
            finally:
                self._give_back()

    def _take(self) -> bool:
        with self.changed:
            self.held += not self.closing
            self.seen = True
            self.changed.notify_all()
            return not self.closing

    def _give_back(self) -> None:
        with self.changed:
            self.held -= 1
            self.changed.notify_all()

    def wait(self) -> None:
        """Until the last lease is gone, or nobody has come."""
        end = time.monotonic() + LONELY
        with self.changed:
            while not self.seen and time.monotonic() < end:
                self.changed.wait(end - time.monotonic())
            while self.held:
                self.changed.wait()
            # Whoever comes from now on is sent away, and starts the next server.
            self.closing = True


def locked(folder: Path) -> Any:
    """The open lock file, None where another process holds it."""
    file = (folder / "lock").open("a")
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            file.close()
            return None
    return file


def main(folder: Path, port: int = 0) -> int:
    """Serve the folder until nobody needs it."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = locked(folder)
    if lock is None:
        return LOCKED
    passwords = _passwords(folder)
    _write_users(folder, passwords)
    port = port or _free_port()
    server = _start(folder, port, passwords)
    token = secrets.token_urlsafe(24)
    leases = Leases(token)
    note = folder / "server.json"
    told = {"pid": os.getpid(), "bolt": port, "lease": leases.port, "token": token, **passwords}
    private(note, json.dumps(told))
    leases.wait()
    note.unlink(missing_ok=True)
    server.stop()
    lock.close()
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0))
