"""Repairs of pasted and machine-translated text that keep a map to the source.

Each repair is one row of `REPAIRS`: what it finds, what stands there afterwards. Nothing is rewritten for style;
quotes, spelling and names stay as the text has them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources

from ipgraph.clean.mapped import Mapped

RUN = 64
"""Characters after which a run of signs is broken by a space: tokenizers are quadratic on such runs."""


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of damage. `sign`: without this string in a line, the pattern cannot match and is not tried."""

    name: str
    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str]], str]
    sign: str = ""


@cache
def _words() -> frozenset[str]:
    """Words that are found torn apart."""
    return frozenset(resources.files(__package__).joinpath("words.txt").read_text(encoding="utf-8").split())


def _joined(m: re.Match[str]) -> str:
    whole = m.group(1) + m.group(2)
    return whole if whole.lower() in _words() else m.group()


def _mojibake(m: re.Match[str]) -> str:
    """UTF-8 that was read as Windows-1252, put right; anything else stays."""
    try:
        return m.group().encode("cp1252").decode("utf-8")
    except UnicodeError:
        return m.group()


_UNSEEN = "[\x00-\x08\x0e-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufff9-\ufffb]+"
_TORN_HYPHEN = r"(?<=[a-z])- (?=[A-Z][a-z])(?!(?:The|A|An|In|On|At|By|For|And|But|It|He|She|They|We)\b)"
_HONORIFIC = r"\b(Mr|Mrs|Ms|Dr|Prof)\.(?=[A-Z][a-z])"

# fmt: off
REPAIRS = (
    Repair("signs that are not seen", re.compile(_UNSEEN), lambda m: ""),
    Repair("mojibake", re.compile("(?:[\u00c2-\u00f4][\u0080-\u00bf\u0152-\u2122]{1,3})+"), _mojibake),
    Repair("runs of space", re.compile(r"\s{2,}|[^\S ]"), lambda m: " "),
    Repair("a word torn apart", re.compile(r"\b([A-Za-z]{3,}) ([b-hj-z])\b(?![.'’-])"), _joined),
    Repair("a torn first letter", re.compile(r"\b([B-HJ-Zb-hj-z]) ([a-z]{3,})\b"), _joined),
    Repair("a space after a hyphen inside a name", re.compile(_TORN_HYPHEN), lambda m: "-", "- "),
    Repair("no space after an honorific", re.compile(_HONORIFIC), lambda m: m.group() + " "),
    Repair("a stop before a comma", re.compile(r"\s?\.\s+,(?=\s|$)"), lambda m: ",", ","),
    Repair("two stops", re.compile(r"(?<![.\s])\.(?:\s+\.)+(?=\s|$)"), lambda m: "."),
    Repair("a space before a stop", re.compile(r"(?<=[\w)”’\"'%])\s+(?=[.,;:!?](?:\s|$))"), lambda m: ""),
    Repair("no space after a comma", re.compile(r"(?<=[A-Za-z]{2}),(?=[A-Za-z]{2}|\[)"), lambda m: ", ", ","),
    Repair("a long run of signs", re.compile(rf"[^\w\s]{{{RUN}}}(?=[^\w\s])"), lambda m: m.group() + " "),
    Repair("a long run without a space", re.compile(r"[^\s]{400}(?=[^\s])"), lambda m: m.group() + " "),
)
# fmt: on


def normalise(text: Mapped) -> Mapped:
    """One line repaired, without white space at its ends."""
    for repair in REPAIRS:
        if repair.sign in text.text:
            text = text.sub(repair.pattern, repair.replace)
    return text.strip()
