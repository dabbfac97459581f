"""Signs by which a line shows what it is: patterns as data in `signs.toml`, and the pieces they are made of."""

from __future__ import annotations

import re
import tomllib
from importlib import resources

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


def _read() -> dict[str, re.Pattern[str]]:
    table = tomllib.loads(resources.files(__package__).joinpath("signs.toml").read_text(encoding="utf-8"))
    signs = {}
    for name, row in table.items():
        pattern: str = row["pattern"]
        for piece, text in _PIECES.items():
            pattern = pattern.replace("{" + piece + "}", text)
        signs[name] = re.compile(pattern, 0 if row.get("case") else re.I)
    return signs


SIGNS = _read()
"""Sign -> pattern, to be searched in a line without the white space at its ends."""
