"""Signs by which a line shows what it is: patterns as data in `signs.toml`, and the pieces they are made of."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any

from ipgraph.clean.dates import DAY, MONTH, YEAR

NAME = r"(?:[A-Z][\w'’.-]*|d[aeiu]|de[lrn]?|van|von|der|bin|al|el|la|le|y)"
"""One word of a person's name."""

PERSON = rf"[A-Z][\w'’.-]*(?:\s+{NAME}){{0,4}}"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun)\b\.?"
_DATE = (
    rf"(?:{YEAR}[-/.]\d{{1,2}}[-/.]\d{{1,2}}|{YEAR}年\d+月\d+日|\d{{1,2}}[-/.]\d{{1,2}}[-/.]{YEAR}"
    rf"|{MONTH}\s*{DAY}(?:,?\s*,?\s*{YEAR})?|{DAY}[\s-]+(?:of\s+)?{MONTH}(?:[\s,-]+{YEAR})?)"
)
_CLOCK = r"\d{1,2}[:.]\d\d(?::\d\d)?\s*(?:[ap]\.?m\.?|hrs)?"
_ZONE = r"(?:GMT|UTC|BST|CET|EST|EDT|PST|IST|SGT|HKT|ET|PT)(?:[+-]\d+(?::\d\d)?)?"
AGENCY = r"Xinhua|Reuters|AP|AFP|UPI|PTI|IANS|ANI|Kyodo|Yonhap|Bernama|TASS|dpa|Bloomberg|CNS|PRNewswire|BUSINESS WIRE"

_PIECES = {
    "PERSON": PERSON,
    "NAME": NAME,
    "DATE": _DATE,
    "WEEKDAY": _WEEKDAY,
    "CLOCK": _CLOCK,
    "ZONE": _ZONE,
    "AGENCY": AGENCY,
}


@dataclass(frozen=True, slots=True)
class Sign:
    """A pattern. `lowers`: it is searched in small letters, which is twice as fast as a search that ignores case.

    `needs`: without one of these characters in a line, the pattern cannot match and is not tried.
    """

    pattern: re.Pattern[str]
    lowers: bool
    needs: str

    def found(self, text: str, low: str) -> bool:
        """Whether a line shows the sign; `low` is the line in small letters."""
        if self.needs and not any(c in text for c in self.needs):
            return False
        return self.pattern.search(low if self.lowers else text) is not None

    def search(self, text: str) -> bool:
        """Whether a line shows the sign."""
        return self.found(text, text.lower())


_CAPITAL = re.compile(r"(\\.)|([A-Z])")


def _sign(row: Mapping[str, Any]) -> Sign:
    pattern: str = row["pattern"]
    for piece, text in _PIECES.items():
        pattern = pattern.replace("{" + piece + "}", text)
    needs = row.get("needs", "")
    if row.get("case"):
        return Sign(re.compile(pattern), False, needs)
    if "A-Z" in pattern:
        return Sign(re.compile(pattern, re.I), False, needs)
    low = _CAPITAL.sub(lambda m: m.group(1) or m.group(2).lower(), pattern)
    return Sign(re.compile(low), True, needs)


def _read() -> dict[str, Sign]:
    table = tomllib.loads(resources.files(__package__).joinpath("signs.toml").read_text(encoding="utf-8"))
    return {name: _sign(row) for name, row in table.items()}


SIGNS = _read()
"""Sign -> pattern, to be searched in a line without the white space at its ends."""
