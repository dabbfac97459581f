"""Fetching is courteous and never reaches a private network; no test here touches the net."""

from __future__ import annotations

import socket
from collections.abc import Mapping

import pytest

from ipgraph.errors import SourceError
from ipgraph.sources import web
from ipgraph.sources.web import Fetcher, Reply


class Site:
    """A web of canned replies with a clock that only sleeping moves."""

    def __init__(self, pages: Mapping[str, list[Reply]]) -> None:
        self.pages = {url: list(replies) for url, replies in pages.items()}
        self.asked: list[tuple[str, Mapping[str, str]]] = []
        self.now = 0.0

    def request(self, url: str, headers: Mapping[str, str]) -> Reply:
        self.asked.append((url, headers))
        replies = self.pages.get(url, [Reply(404, {}, b"")])
        return replies.pop(0) if len(replies) > 1 else replies[0]

    def sleep(self, seconds: float) -> None:
        self.now += seconds

    def fetcher(self) -> Fetcher:
        return Fetcher(self.request, lambda: self.now, self.sleep)


def ok(body: bytes = b"<p>page</p>", **headers: str) -> Reply:
    return Reply(200, {name.replace("_", "-"): value for name, value in headers.items()}, body)


def moved(to: str) -> Reply:
    return Reply(302, {"location": to}, b"")


def test_a_page_is_fetched_with_a_clear_name_after_robots() -> None:
    site = Site({"https://a.example/1": [ok(content_type="text/html; charset=gb2312")]})
    page = site.fetcher().fetch("https://a.example/1")
    assert (page.data, dict(page.fields)) == (b"<p>page</p>", {"url": "https://a.example/1", "charset": "gb2312"})
    assert [url for url, _ in site.asked] == ["https://a.example/robots.txt", "https://a.example/1"]
    assert all(headers["User-Agent"].startswith("ipgraph/") for _, headers in site.asked)


@pytest.mark.parametrize(
    ("rules", "allowed"),
    [
        (ok(b"User-agent: *\nDisallow: /1"), False),
        (ok(b"User-agent: ipgraph\nDisallow: /"), False),
        (ok(b"User-agent: other\nDisallow: /"), True),
        (Reply(404, {}, b""), True),
        (Reply(503, {}, b""), False),
    ],
)
def test_robots_rules_are_kept(rules: Reply, allowed: bool) -> None:
    site = Site({"https://a.example/robots.txt": [rules], "https://a.example/1": [ok()]})
    if allowed:
        assert site.fetcher().fetch("https://a.example/1").data
    else:
        with pytest.raises(SourceError, match=r"robots\.txt"):
            site.fetcher().fetch("https://a.example/1")


def test_requests_to_a_host_are_spaced() -> None:
    site = Site({f"https://a.example/{n}": [ok()] for n in range(5)})
    fetcher = site.fetcher()
    for n in range(5):
        fetcher.fetch(f"https://a.example/{n}")
    assert site.now == pytest.approx(5 * web.PAUSE)


def test_a_crawl_delay_is_kept() -> None:
    site = Site({"https://a.example/robots.txt": [ok(b"User-agent: *\nCrawl-delay: 7")], "https://a.example/1": [ok()]})
    site.fetcher().fetch("https://a.example/1")
    assert site.now == pytest.approx(7)


def test_a_busy_server_is_asked_again_when_it_says() -> None:
    busy = Reply(429, {"retry-after": "9"}, b"")
    site = Site({"https://a.example/1": [busy, ok()]})
    assert site.fetcher().fetch("https://a.example/1").data
    assert site.now >= 9


def test_a_page_seen_before_is_asked_for_conditionally() -> None:
    site = Site({"https://a.example/1": [ok(etag='"x"'), Reply(304, {}, b"")]})
    fetcher = site.fetcher()
    first = fetcher.fetch("https://a.example/1")
    assert fetcher.fetch("https://a.example/1") == first
    assert site.asked[-1][1]["If-None-Match"] == '"x"'


def test_redirects_are_followed_with_the_rules_of_each_host() -> None:
    site = Site({"https://a.example/1": [moved("https://b.example/2")], "https://b.example/2": [ok()]})
    assert site.fetcher().fetch("https://a.example/1").fields["url"] == "https://b.example/2"
    site.pages["https://b.example/robots.txt"] = [ok(b"User-agent: *\nDisallow: /")]
    with pytest.raises(SourceError, match=r"robots\.txt"):
        site.fetcher().fetch("https://a.example/1")


@pytest.mark.parametrize("target", ["file:///etc/hosts", "ftp://a.example/", "https://user:word@a.example/"])
def test_redirects_off_the_web_are_refused(target: str) -> None:
    site = Site({"https://a.example/1": [moved(target)]})
    with pytest.raises(SourceError, match="only plain http"):
        site.fetcher().fetch("https://a.example/1")


def test_circles_end() -> None:
    site = Site({"https://a.example/1": [moved("/1")]})
    with pytest.raises(SourceError, match="redirects"):
        site.fetcher().fetch("https://a.example/1")


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "192.168.1.1",
        "169.254.169.254",
        "0.0.0.0",
        "::1",
        "fd00::1",
        "::ffff:127.0.0.1",
        "100.64.0.1",
    ],
)
def test_no_address_of_a_private_network_is_reached(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kind = socket.AF_INET6 if ":" in address else socket.AF_INET
    public = (socket.AF_INET, 1, 6, "", ("93.184.216.34", 80))
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [public, (kind, 1, 6, "", (address, 80))])
    with pytest.raises(SourceError, match="no public address"):
        web.public_address("inside.example", 80)


def test_the_address_that_was_checked_is_the_one_that_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(socket.AF_INET, 1, 6, "", ("93.184.216.34", 80))])
    assert web.public_address("a.example", 80) == "93.184.216.34"
