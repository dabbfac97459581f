"""A process of its own for work that may hang, crash or eat memory: it is killed, and the article named.

The parent sends one request at a time, pickled behind its length; the answer comes back the same way. A plain
subprocess serves here: it works inside the daemonic workers of a cluster too, where multiprocessing refuses.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import struct
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import IO, Any

from ipgraph.errors import SourceError

SECONDS, SIMPLE_SECONDS = 6.0, 4.0
"""Longest wall time of the full and of the simple way to read a page: ten seconds together."""

MEMORY = 1 << 30
"""Bytes of address space of the worker, where the system can limit it."""

RECYCLED = 400
"""Requests after which a worker is replaced: extractors leak."""

_LENGTH = struct.Struct("!Q")


class Overrun(Exception):
    """The worker was killed, or died, over a request."""


def _send(stream: IO[bytes], value: Any) -> None:
    data = pickle.dumps(value, protocol=5)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> Any:
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        raise EOFError
    # Both ends are this program; nothing from outside is unpickled.
    return pickle.loads(stream.read(_LENGTH.unpack(head)[0]))


@dataclass(slots=True)
class _Worker:
    """The running process of this one, if any; a forked child starts its own."""

    process: subprocess.Popen[bytes] | None = None
    owner: int = 0
    served: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def _started(self) -> subprocess.Popen[bytes]:
        if self.process is not None and self.owner == os.getpid() and self.served < RECYCLED:
            return self.process
        self.stop()
        command = [sys.executable, "-c", "from ipgraph.clean.worker import main; main()"]
        environment = os.environ | {"OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.owner, self.served = os.getpid(), 0
        # Its imports are not to count as time of the first request.
        if self.process.stdout is not None:
            _receive(self.process.stdout)
        return self.process

    def stop(self) -> None:
        """End the process, if this one started it."""
        process, self.process = self.process, None
        if process is None or self.owner != os.getpid():
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def ask(self, request: Any, seconds: float) -> Any:
        """The answer to a request; raises Overrun when there is none in time."""
        with self.lock:
            process = self._started()
            self.served += 1
            timer = threading.Timer(seconds, process.kill)
            timer.start()
            try:
                assert process.stdin is not None
                assert process.stdout is not None
                _send(process.stdin, request)
                return _receive(process.stdout)
            except (OSError, EOFError, pickle.UnpicklingError) as e:
                self.stop()
                raise Overrun from e
            finally:
                timer.cancel()


_worker = _Worker()
atexit.register(_worker.stop)


def ask(request: Any, seconds: float) -> Any:
    """What `documents.cleaned(*request)` returns, computed apart; raises what it raises, or Overrun."""
    answer = _worker.ask(request, seconds)
    if isinstance(answer, Exception):
        raise answer
    return answer


def _limit_memory() -> None:
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    except (ImportError, ValueError, OSError):
        # Windows has no such limit, and some systems refuse it; the time limit remains.
        pass


def _answer(request: Any) -> Any:
    from ipgraph.clean import documents

    try:
        return documents.cleaned(*request)
    except SourceError as e:
        return e
    except MemoryError:
        raise
    except Exception as e:
        return SourceError(f"cannot be read; {type(e).__name__} inside the extractor: {e}; save it as plain text")


def main() -> None:
    """Serve requests from standard input until it ends."""
    _limit_memory()
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # Whatever a library prints must not stand between the answers.
    os.dup2(2, 1)
    from ipgraph.clean import documents

    documents.warm_up()
    _send(answers, "ready")
    while True:
        try:
            request = _receive(requests)
        except EOFError:
            return
        try:
            _send(answers, _answer(request))
        except MemoryError:
            os._exit(1)


if __name__ == "__main__":
    main()
