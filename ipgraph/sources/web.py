"""Pages fetched from the web, courteously: robots.txt, a slow rate, few retries, no address of a private network."""

from __future__ import annotations

import contextlib
import ipaddress
import re
import socket
import time
import urllib.robotparser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib import metadata
from urllib.parse import urljoin, urlsplit

import urllib3

from ipgraph.errors import SourceError

LARGEST = 20 << 20
"""Bytes of a page that are read at most."""

PAUSE, TIMEOUT, LONGEST = 1.0, 15.0, 60.0
"""Seconds between requests to a host, for one step of a request, and for a whole page."""

HOPS, TRIES = 5, 3
"""Redirects that are followed, and attempts where a server is busy or fails."""

BUSY = (429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of a page, and what the transfer says of it (url after redirects, charset)."""

    data: bytes
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Reply:
    """One answer of a server."""

    status: int
    headers: Mapping[str, str]
    data: bytes


def user_agent() -> str:
    """What we call ourselves."""
    return f"ipgraph/{metadata.version('ipgraph')} (news-to-graph research tool; obeys robots.txt)"


def public_address(host: str, port: int) -> str:
    """An address of the host, once all its addresses are seen to be public. Raises SourceError else."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as e:
        raise SourceError(f"{host} is not found; {e}; check the address and the network") from e
    addresses = [str(entry[4][0]).split("%")[0] for entry in found]
    for address in addresses:
        ip = ipaddress.ip_address(address)
        inner = getattr(ip, "ipv4_mapped", None) or ip
        if not inner.is_global or inner.is_multicast:
            raise SourceError(f"{host} is not fetched; {address} is no public address; save the page and give that")
    return addresses[0]


def _request(url: str, headers: Mapping[str, str]) -> Reply:
    """One GET to the very address that was checked: a name that changes in between cannot lead elsewhere."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = public_address(host, port)
    timeout = urllib3.Timeout(connect=TIMEOUT, read=TIMEOUT)
    pool: urllib3.HTTPConnectionPool
    if parts.scheme == "https":
        pool = urllib3.HTTPSConnectionPool(address, port, timeout=timeout, server_hostname=host, assert_hostname=host)
    else:
        pool = urllib3.HTTPConnectionPool(address, port, timeout=timeout)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    named = host if parts.port is None else f"{host}:{parts.port}"
    with contextlib.closing(pool):
        answer = pool.request(
            "GET", target, headers={**headers, "Host": named}, redirect=False, retries=False, preload_content=False
        )
        try:
            return Reply(answer.status, {k.lower(): v for k, v in answer.headers.items()}, _body(answer))
        finally:
            answer.release_conn()


def _body(answer: urllib3.BaseHTTPResponse) -> bytes:
    end = time.monotonic() + LONGEST
    out = bytearray()
    for block in answer.stream(1 << 16, decode_content=True):
        out += block
        if len(out) > LARGEST:
            raise SourceError(f"too large; the page has more than {LARGEST >> 20} MB; save the part you need")
        if time.monotonic() > end:
            raise SourceError(f"too slow; the page took more than {LONGEST:.0f} s; try again later")
    return bytes(out)


@dataclass(slots=True)
class Fetcher:
    """Fetches pages one after another and remembers what each host allows, and what it has sent.

    `request`, `clock` and `sleep` can be put in by tests. A page fetched again is asked for conditionally.
    """

    request: Callable[[str, Mapping[str, str]], Reply] = _request
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    robots: dict[str, urllib.robotparser.RobotFileParser] = field(default_factory=dict)
    last: dict[str, float] = field(default_factory=dict)
    seen: dict[str, tuple[dict[str, str], Page]] = field(default_factory=dict)

    def fetch(self, url: str) -> Page:
        """The page at an http(s) address. Raises SourceError where it cannot or may not be had."""
        asked = url
        known, stored = self.seen.get(url, ({}, None))
        for _ in range(HOPS + 1):
            self._allowed(url)
            reply = self._polite(url, known if url == asked else {})
            if reply.status == 304 and stored is not None:
                return stored
            if reply.status in (301, 302, 303, 307, 308) and "location" in reply.headers:
                url = urljoin(url, reply.headers["location"])
                continue
            if reply.status != 200:
                raise SourceError(f"the server answers {reply.status}; the page cannot be had; check the address")
            return self._kept(asked, url, reply)
        raise SourceError(f"more than {HOPS} redirects; the server leads in circles; give the final address")

    def _kept(self, asked: str, url: str, reply: Reply) -> Page:
        charset = re.search(r"charset=[\"']?([\w.:-]+)", reply.headers.get("content-type", ""), re.I)
        fields = {"url": url} | ({"charset": charset.group(1)} if charset else {})
        page = Page(reply.data, fields)
        marks = (("etag", "If-None-Match"), ("last-modified", "If-Modified-Since"))
        known = {theirs: reply.headers[ours] for ours, theirs in marks if ours in reply.headers}
        if known and asked == url:
            self.seen[asked] = (known, page)
        return page

    def _polite(self, url: str, headers: Mapping[str, str]) -> Reply:
        """A reply, after the host's pause, asked for again while the server is busy."""
        parts = urlsplit(url)
        for attempt in range(1, TRIES + 1):
            pause = self._pause(parts.netloc)
            wait = self.last.get(parts.netloc, -pause) + pause - self.clock()
            if wait > 0:
                self.sleep(wait)
            try:
                sent = {"User-Agent": user_agent(), "Accept": "text/html,*/*;q=0.5", **headers}
                reply = self.request(url, sent)
            except (urllib3.exceptions.HTTPError, OSError) as e:
                if attempt == TRIES:
                    raise SourceError(f"{parts.netloc} cannot be reached; {e}; try again later") from e
                self.sleep(2.0**attempt)
                continue
            finally:
                self.last[parts.netloc] = self.clock()
            if reply.status not in BUSY or attempt == TRIES:
                return reply
            asked = reply.headers.get("retry-after", "")
            self.sleep(min(float(asked), LONGEST) if asked.isdigit() else 2.0**attempt)
        raise AssertionError("unreachable")

    def _pause(self, host: str) -> float:
        rules = self.robots.get(host)
        delay = rules.crawl_delay(user_agent()) if rules is not None else None
        return min(max(PAUSE, float(delay or 0)), LONGEST)

    def _allowed(self, url: str) -> None:
        """Raises SourceError where the address is none of the web's, or the host's robots.txt forbids it."""
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
            raise SourceError(f"{url} is not fetched; only plain http and https addresses are; check it")
        if parts.netloc not in self.robots:
            self.robots[parts.netloc] = self._rules(f"{parts.scheme}://{parts.netloc}/robots.txt")
        if not self.robots[parts.netloc].can_fetch(user_agent(), url):
            raise SourceError(f"{url} is not fetched; the host's robots.txt forbids it; ask the publisher, or save it")

    def _rules(self, url: str) -> urllib.robotparser.RobotFileParser:
        """The host's rules; none where it has none, all forbidden where it does not say (RFC 9309)."""
        rules = urllib.robotparser.RobotFileParser(url)
        for _ in range(HOPS + 1):
            reply = self._polite(url, {})
            if reply.status in (301, 302, 303, 307, 308) and "location" in reply.headers:
                url = urljoin(url, reply.headers["location"])
                continue
            break
        if reply.status == 200:
            rules.parse(reply.data[: 500 << 10].decode("utf-8", "replace").splitlines())
        elif reply.status >= 500 or reply.status == 429:
            rules.parse(["User-agent: *", "Disallow: /"])
        else:
            rules.parse([])
        return rules


_fetcher = Fetcher()


def fetch(url: str) -> Page:
    """The page at an http(s) address. Raises SourceError where it cannot or may not be had."""
    return _fetcher.fetch(url)
