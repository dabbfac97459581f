"""The trained spaCy pipeline that ipgraph ships, and the recipe that trains it.

`en_ipgraph_news/` holds config, meta and weights; `train` makes it from the data, `data` converts that data,
`scores` measures the result. At run time only this file is imported.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacy.language import Language

NAME = "en_ipgraph_news"


def path() -> Path:
    """The directory of the shipped pipeline, whether it has been trained yet or not."""
    return Path(__file__).parent / NAME


def load(**overrides: Any) -> Language:
    """The shipped pipeline, with the keyword arguments of `spacy.load`: vocab, disable, enable, exclude, config."""
    import spacy

    return spacy.load(path(), **overrides)
