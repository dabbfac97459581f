"""Whether a text is English, and if not, what it most likely is. Small, offline, deterministic."""

from __future__ import annotations

import re
from collections import Counter
from importlib import resources

SAMPLE = 20_000
"""Characters looked at."""


def _table() -> dict[str, tuple[str, frozenset[str]]]:
    rows = resources.files(__package__).joinpath("languages.tsv").read_text(encoding="utf-8").splitlines()
    split = (row.split("\t") for row in rows if not row.startswith("#"))
    return {code: (name, frozenset(words.split())) for code, name, words in split}


_LANGUAGES = _table()
NAMES = {code: name for code, (name, _) in _LANGUAGES.items()}
"""What a person calls the languages that are told apart."""

_SCRIPTS = (
    ("ja", re.compile("[\u3040-\u30ff]")),
    ("ko", re.compile("[\uac00-\ud7af]")),
    ("zh", re.compile("[\u4e00-\u9fff]")),
    ("ru", re.compile("[\u0400-\u04ff]")),
    ("ar", re.compile("[\u0600-\u06ff]")),
    ("he", re.compile("[\u0590-\u05ff]")),
    ("el", re.compile("[\u0370-\u03ff]")),
    ("hi", re.compile("[\u0900-\u097f]")),
    ("th", re.compile("[\u0e00-\u0e7f]")),
)
_LATIN = re.compile("[A-Za-z\u00c0-\u024f\u1e00-\u1eff]")
_WORD = re.compile(r"[^\W\d_]+")


def _script(text: str) -> str | None:
    counts = {language: len(letters.findall(text)) for language, letters in _SCRIPTS}
    latin = len(_LATIN.findall(text))
    best = max(counts, key=lambda language: counts[language])
    # A sign of Chinese or Japanese says about as much as two or three letters.
    if counts[best] * 2 <= latin:
        return None
    # Japanese mixes its own letters with Chinese signs.
    return "ja" if best == "zh" and counts["ja"] * 10 > counts["zh"] else best


def detect(text: str) -> str:
    """Two-letter code of the text's language, "und" where nothing tells.

    >>> detect("The mayor of the city said that it was a good day for the port.")
    'en'
    >>> detect("Der Bürgermeister sagte, dass es ein guter Tag für die Stadt ist.")
    'de'
    """
    sample = text[:SAMPLE]
    if other := _script(sample):
        return other
    words = Counter(_WORD.findall(sample.lower()))
    total = sum(words.values())
    if not total:
        return "und"
    hits = {language: sum(words[w] for w in stop) for language, (_, stop) in _LANGUAGES.items()}
    best = max(hits, key=lambda language: hits[language])
    # Short English texts may hold few small words; another language has to show itself clearly.
    if hits[best] < 0.1 * total or (best != "en" and hits[best] < 1.3 * hits["en"]):
        return "en" if hits["en"] >= 0.04 * total or total < 15 else "und"
    return best
