"""Pages fetched from the web, courteously."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ipgraph.errors import SourceError


@dataclass(frozen=True, slots=True)
class Page:
    """The bytes of a page, and what the transfer says of it (url after redirects, charset)."""

    data: bytes
    fields: Mapping[str, str]


def fetch(url: str) -> Page:
    """The page at an http(s) address."""
    raise SourceError(f"{url} is not fetched; not built yet; save the page and name the file")
