"""The trained spaCy pipeline that ipgraph ships, and the recipe that trains it.

`en_ipgraph_news/` holds config, meta and weights; `train` makes it from the data, `data` converts that data,
`scores` measures the result. Nothing here is imported at run time but `path()`.
"""

from pathlib import Path

NAME = "en_ipgraph_news"


def path() -> Path:
    """The directory of the shipped pipeline, whether it has been trained yet or not."""
    return Path(__file__).parent / NAME
