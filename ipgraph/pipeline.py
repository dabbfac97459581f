"""The order of the stages, and nothing else: sources, cleaning, annotation, mentions, relations, ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Literal, get_args

from ipgraph import annotate, clean, config, ledger, mentions, relations, sources
from ipgraph.errors import SourceError
from ipgraph.model import Article, Facts, Source, facts_json

Outcome = Literal["added", "replaced", "unchanged", "skipped", "failed"]


@dataclass(frozen=True, slots=True)
class Done:
    """What became of one input: `facts` for an article that was read, `reason` for one that could not be.

    An article that is not English is skipped; `language` is what people call its language.
    """

    uri: str
    outcome: Outcome
    reason: str = ""
    article: str = ""
    facts: Facts | None = None
    language: str = ""


@dataclass(slots=True)
class Summary:
    """Counts over a run, the inputs that failed with the reasons, and those skipped with their languages."""

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(get_args(Outcome), 0))
    failed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)

    def add(self, done: Done) -> None:
        """Count one input."""
        self.counts[done.outcome] += 1
        if done.outcome == "failed":
            self.failed.append((done.uri, done.reason))
        elif done.outcome == "skipped":
            self.skipped.append((done.uri, done.language))


@cache
def _code_version() -> str:
    """Changes with the code and data that make facts, so that a newer version reads unchanged articles again."""
    folder = Path(__file__).parent
    stages = ("clean", "encoder", "mentions", "relations")
    made_of = [p for stage in stages for p in sorted(folder.glob(f"{stage}/*"))]
    made_of += [folder / "annotate.py", folder / "model.py"]
    digest = hashlib.sha256()
    for file in made_of:
        if file.is_file() and file.suffix != ".pyc":
            digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:12]


def fingerprint(nlp: annotate.Pipeline) -> str:
    """What facts depend on beside the article: our version and code, and the language pipeline."""
    meta = nlp.meta
    parts = [metadata.version("ipgraph"), _code_version(), meta["name"], meta["version"], meta.get("weights", "")]
    if own := config.value("relations")[0]:
        parts.append(ledger.sha256(Path(own).read_bytes())[:12])
    return "/".join(map(str, parts))


def facts(article: Article, nlp: annotate.Pipeline) -> Facts:
    """All that one article states."""
    annotated = annotate.annotate(article, nlp)
    found = mentions.find(article, annotated)
    return Facts(article, found.entities, relations.find(article, annotated, found))


def cleaned(
    inputs: Iterable[str], *, input_format: str | None = None
) -> Iterator[tuple[Source | None, Article | Done]]:
    """Each input as its source and article, or as a failure or what was skipped."""
    for item in sources.read(inputs, input_format=input_format):
        if isinstance(item, sources.Failure):
            yield None, Done(item.uri, "failed", item.reason)
            continue
        try:
            yield item, clean.article(item)
        except clean.OtherLanguage as e:
            yield item, Done(item.uri, "skipped", str(e), language=e.language)
        except SourceError as e:
            yield item, Done(item.uri, "failed", str(e))


def _read(article: Article, nlp: annotate.Pipeline) -> Facts | str:
    """The facts, or why there are none: whatever one article does to the code, the others go on."""
    try:
        return facts(article, nlp)
    except MemoryError:
        raise
    except Exception as e:
        return f"reading it failed; {type(e).__name__}: {e}; please report this article"


def extract(inputs: Iterable[str], nlp: annotate.Pipeline, *, input_format: str | None = None) -> Iterator[Done]:
    """Facts of each input, in the order of the inputs; nothing is stored."""
    for source, result in cleaned(inputs, input_format=input_format):
        if isinstance(result, Done):
            yield result
        elif isinstance(read := _read(result, nlp), str):
            yield Done(source.uri if source else "", "failed", read)
        else:
            yield Done(source.uri if source else "", "added", article=result.id, facts=read)


def origin(source: Source, article: Article) -> ledger.Origin:
    """Where the article was read: its URL, else the absolute path (with `#N` for a record)."""
    if "://" in source.uri or source.uri.startswith("-"):
        key = article.url or (article.id if source.uri.startswith("-") else source.uri)
    else:
        path, mark, record = source.uri.partition("#")
        key = article.url or str(Path(path).resolve()) + mark + record
    return ledger.Origin(key, source.uri.rsplit("/", 1)[-1], article.url, ledger.sha256(source.data))


def ingest(
    inputs: Iterable[str], nlp: annotate.Pipeline, store: ledger.Ledger, *, input_format: str | None = None
) -> Iterator[Done]:
    """Read each input and keep its facts; what is known and unchanged is not read again."""
    mark = fingerprint(nlp)
    for source, result in cleaned(inputs, input_format=input_format):
        if isinstance(result, Done) or source is None:
            yield result if isinstance(result, Done) else Done("", "failed", "no source")
            continue
        where = origin(source, result)
        if store.known(where, mark):
            yield Done(source.uri, "unchanged", article=result.id)
        elif isinstance(read := _read(result, nlp), str):
            yield Done(source.uri, "failed", read)
        else:
            yield Done(source.uri, store.add(read, where, mark), article=result.id, facts=read)


FACT_COLUMNS = ("source", "head", "type", "tail", "properties", "confidence", "sentence")


def confident(read: Facts, least: float) -> Facts:
    """The facts without relations below a confidence."""
    return replace(read, relations=tuple(r for r in read.relations if r.confidence >= least))


def fact_rows(read: Facts) -> list[dict[str, object]]:
    """One row a relation, for people to read."""
    names = {e.id: e.name for e in read.entities}
    return [
        {
            "source": read.article.source,
            "head": names[r.head],
            "type": r.type,
            "tail": names[r.tail],
            "properties": dict(r.properties),
            "confidence": r.confidence,
            "sentence": r.evidence[0].text,
        }
        for r in read.relations
    ]


def predictions(run: Iterable[Done], least: float) -> dict[str, dict[str, Any]]:
    """Stem of the file -> its facts as the JSON contract has them, for scoring."""
    return {
        Path(d.uri.partition("#")[0]).stem: facts_json(confident(d.facts, least)) for d in run if d.facts is not None
    }
