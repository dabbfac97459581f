"""A TCP proxy on loopback that cuts all its connections after so many bytes, to test what survives that."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self


class Proxy:
    """Forwards to a port of this machine. Use as a context manager."""

    def __init__(self, to: int) -> None:
        self.to = to
        self.cuts = 0
        self._left: int | None = None
        self._next: Callable[[], int] | None = None
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._listener.close()
        self._cut(count=False)

    def cut_after(self, next_cut: Callable[[], int] | None) -> None:
        """Cut again and again when so many more bytes have passed, in whatever direction; never with None."""
        with self._lock:
            self._next = next_cut
            self._left = next_cut() if next_cut else None

    def _cut(self, *, count: bool) -> None:
        with self._lock:
            victims, self._open = self._open, set()
            self.cuts += count
        for s in victims:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = socket.create_connection(("127.0.0.1", self.to))
                with self._lock:
                    self._open |= {near, far}
                for a, b in ((near, far), (far, near)):
                    threading.Thread(target=self._pump, args=(a, b), daemon=True).start()

    def _spent(self, count: int) -> bool:
        with self._lock:
            if self._left is None:
                return False
            self._left -= count
            if self._left > 0:
                return False
            self._left = self._next() if self._next else None
            return True

    def _pump(self, a: socket.socket, b: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := a.recv(4096):
                if self._spent(len(data)):
                    self._cut(count=True)
                    return
                b.sendall(data)
            b.shutdown(socket.SHUT_WR)
