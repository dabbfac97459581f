"""Where a store is reached, and one place that knows the driver: sessions, errors as ours."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urlsplit

import neo4j
from neo4j import exceptions

from ipgraph.errors import StoreError, UsageError

# Lost connections are told in our own words; without a handler Python would print the driver's.
logging.getLogger("neo4j").addHandler(logging.NullHandler())

SCHEMES = ("bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc")


@dataclass(frozen=True, slots=True)
class Address:
    """A Bolt address with what is needed to log in; `database` None is the server's default one."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    database: str | None = None


def _env_file(path: Path) -> dict[str, str]:
    """NAME=value lines, as in the credentials file that Aura hands out."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as e:
        raise UsageError(f"cannot read credentials file {path}; {e}; name a file of NEO4J_...=... lines") from e
    pairs = (line.split("=", 1) for line in lines if "=" in line and not line.lstrip().startswith("#"))
    return {k.strip(): v.strip().strip("\"'") for k, v in pairs}


def address(
    url: str | None = None,
    *,
    database: str | None = None,
    credentials: Path | None = None,
    env: Mapping[str, str] = os.environ,
) -> Address:
    """The address of a Neo4j: what is given, else NEO4J_URI, NEO4J_USERNAME, NEO4J_PASSWORD, NEO4J_DATABASE.

    `credentials` is a file with those names, read before the environment. Raises UsageError where no URL is to be had
    or it is not one of Bolt; a password in the URL is refused, since it would end in logs and shell histories.
    """
    values = {k: v for k, v in env.items() if k.startswith("NEO4J_")}
    values |= _env_file(credentials) if credentials else {}
    target = url or values.get("NEO4J_URI")
    if not target:
        raise UsageError("no Neo4j is named; neither URL nor NEO4J_URI is given; try bolt://localhost:7687")
    parts = urlsplit(target)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise UsageError(f"{parts.scheme or target!r} is no Bolt address; use one like bolt://localhost:7687")
    if parts.password or parts.username:
        raise UsageError("a login does not belong into the URL; set NEO4J_USERNAME and NEO4J_PASSWORD")
    return Address(
        target,
        values.get("NEO4J_USERNAME", "neo4j"),
        values.get("NEO4J_PASSWORD", ""),
        database or values.get("NEO4J_DATABASE") or None,
    )


def with_password(target: Address, password: str) -> Address:
    """The same address with the password that was asked for."""
    return replace(target, password=password)


def driver(target: Address) -> neo4j.Driver:
    """A driver that does not retry by itself: sync and query know better what is safe to repeat."""
    return neo4j.GraphDatabase.driver(
        target.url,
        auth=(target.user, target.password),
        user_agent="ipgraph",
        connection_timeout=10,
        max_transaction_retry_time=0,
        notifications_min_severity="OFF",
        telemetry_disabled=True,
    )


def retryable(error: Exception) -> bool:
    """Whether the same work may go well when it is done again: lost connections, deadlocks, conflicts."""
    if isinstance(error, (exceptions.Neo4jError, exceptions.DriverError)) and error.is_retryable():
        return True
    if isinstance(error, (exceptions.ServiceUnavailable, exceptions.SessionExpired, OSError)):
        return True
    # Two syncs at a time may create the same node or index; the one that loses finds it there the next time.
    kinds = ("ConcurrentModification", "ConstraintValidationFailed", "AlreadyExists")
    return isinstance(error, exceptions.Neo4jError) and any(k in f"{error.code} {error}" for k in kinds)


def _first_line(error: Exception) -> str:
    text = error.message if isinstance(error, exceptions.Neo4jError) and error.message else str(error)
    return text.strip().splitlines()[0].rstrip(".; ") if text.strip() else type(error).__name__


def as_ours(error: Exception, target: Address) -> StoreError:
    """The driver's error in the words of the house."""
    where = f"the store at {target.url}"
    if isinstance(error, exceptions.AuthError):
        code = error.code or ""
        if "CredentialsExpired" in code:
            return StoreError(
                f"{where} wants a new password first; it is freshly installed; run ALTER CURRENT USER SET PASSWORD"
            )
        return StoreError(f"{where} refuses user {target.user!r}; wrong name or password; check NEO4J_PASSWORD")
    if isinstance(error, exceptions.Neo4jError) and "CredentialsExpired" in (error.code or ""):
        return StoreError(f"{where} wants a new password first; run ALTER CURRENT USER SET PASSWORD on it")
    if isinstance(error, (exceptions.ServiceUnavailable, exceptions.SessionExpired, OSError)):
        return StoreError(f"{where} cannot be reached; {_first_line(error)}; is it running?")
    return StoreError(f"{where} refuses; {_first_line(error)}; see its log")


@contextmanager
def told(target: Address) -> Iterator[None]:
    """Raise the driver's errors as StoreError."""
    try:
        yield
    except (exceptions.Neo4jError, exceptions.DriverError, OSError) as e:
        raise as_ours(e, target) from e
