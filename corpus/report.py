"""Counts of the corpus against the quotas of README.md, and how varied it is."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from ipgraph.corpus import quotas as q
from ipgraph.corpus.format import Annotated, parse
from ipgraph.corpus.gold import body_sentences
from ipgraph.corpus.validate import word_count
from ipgraph.model import EDGES, NODES, name_key

ANNOTATED = Path(__file__).parent / "annotated"
SEED = 6
"""Words of the n-grams from which shared runs are grown; shorter runs are not found."""


@dataclass(frozen=True, slots=True)
class Filed:
    """An article of the corpus with its split and what is counted of it."""

    path: Path
    split: str
    article: Annotated
    words: int
    malformed: bool

    @property
    def name(self) -> str:
        return self.article.name


@dataclass(frozen=True, slots=True)
class Row:
    """One quota: what is counted, how much of it there is, what is wanted; `met` is None where only the whole tells."""

    dimension: str
    value: str
    count: float
    wanted: str
    met: bool | None


@dataclass(frozen=True, slots=True)
class Run:
    """A word sequence that two articles share."""

    words: int
    first: str
    second: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """The counts of a selection of articles; repeats and runs are told where an article of the selection has part."""

    articles: int
    rows: list[Row]
    variety: dict[str, int | float]
    openings: list[tuple[str, int]]
    repeats: dict[str, list[str]]
    runs: list[Run]
    notes: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The report as JSON types."""
        return asdict(self)


def load(folder: Path = ANNOTATED) -> list[Filed]:
    """All articles below a folder, by split (the name of the folder that holds them) and name."""
    return [_filed(path) for path in sorted(folder.rglob("*.txt"))]


def _filed(path: Path) -> Filed:
    article, problems = parse(path.read_text(encoding="utf-8"), path)
    return Filed(path, path.parent.name, article, word_count(article), bool(problems))


def report(filed: Sequence[Filed], prefix: str = "", split: str | None = None) -> Report:
    """Count the articles whose names begin with the prefix and that stand in the split."""
    chosen = [f for f in filed if f.name.startswith(prefix) and split in (None, f.split)]
    whole = len(chosen) == len(filed)
    rows = [row for count in (_size, _headers, _edges) for row in count(chosen, whole)]
    names = {f.name for f in chosen}
    runs = [run for run in shared_runs(filed) if names & {run.first, run.second}]
    sentences = [s for f in chosen for s in body_sentences(f.article)]
    starts = Counter(" ".join(s.split()[:3]) for s in sentences)
    return Report(
        len(chosen), rows, _variety(chosen, sentences, starts), starts.most_common(12),
        {kind: list(_repeats(filed, names, kind)) for kind in q.REPEATS}, runs, list(_notes(filed, chosen)),
    )  # fmt: skip


def _size(chosen: Sequence[Filed], whole: bool) -> Iterator[Row]:
    words = sum(f.words for f in chosen)
    yield Row("size", "articles", len(chosen), f">= {q.ALL_ARTICLES}", len(chosen) >= q.ALL_ARTICLES if whole else None)
    yield Row("size", "words", words, f">= {q.ALL_WORDS}", words >= q.ALL_WORDS if whole else None)
    facts = [r for f in chosen for r in f.article.relations if not r.wrong]
    optional = sum(r.optional for r in facts)
    yield Row(
        "size", "optional facts", optional, f"<= {q.OPTIONAL_SHARE:.0%}", optional <= q.OPTIONAL_SHARE * len(facts)
    )
    for split, share in q.SPLIT_SHARES.items():
        count = sum(f.split == split for f in chosen)
        met = abs(count - share * len(chosen)) <= 0.02 * len(chosen) if whole else None
        yield Row("split", split, count, f"about {share:.0%}", met)


def _headers(chosen: Sequence[Filed], whole: bool) -> Iterator[Row]:
    total = len(chosen)
    kinds = Counter(f.article.header.kind for f in chosen)
    for kind in (*q.KINDS, *sorted(set(kinds) - set(q.KINDS))):
        wanted = f">= {q.PER_KIND}" if kind in q.KINDS else ""
        yield Row("kind", kind, kinds[kind], wanted, kinds[kind] >= q.PER_KIND if whole and wanted else None)
    yield from _regions(Counter(f.article.header.region for f in chosen), total)
    registers = Counter(f.article.header.register for f in chosen)
    for register in q.REGISTERS:
        yield _share("register", register, registers[register], total, q.SHARES["register"][register])
    tags = Counter(tag for f in chosen for tag in f.article.header.tags)
    yield _share("tags", q.HARD_NEGATIVE, tags[q.HARD_NEGATIVE], total, q.SHARES["tags"][q.HARD_NEGATIVE])
    for tag in q.CONSTRUCTIONS:
        met = tags[tag] >= q.PER_CONSTRUCTION if whole else None
        yield Row("tags", tag, tags[tag], f">= {q.PER_CONSTRUCTION}", met)


def _regions(regions: Mapping[str, int], total: int) -> Iterator[Row]:
    china = regions.get("china", 0)
    yield Row("region", "china", china, f"<= {q.MOST_CHINA:.0%}", china <= q.MOST_CHINA * total)
    both = sum(regions.get(region, 0) for region in q.SOUTH_ASIAS)
    yield _share("region", " + ".join(q.SOUTH_ASIAS), both, total, q.SOUTH_ASIAS_SHARE)
    for region in q.REGIONS[1:]:
        least = q.SHARES["region"].get(region)
        if least is None:
            yield Row("region", region, regions.get(region, 0), "", None)
        else:
            yield _share("region", region, regions.get(region, 0), total, least)


def _share(dimension: str, value: str, count: int, total: int, least: float) -> Row:
    return Row(dimension, value, count, f">= {least:.0%}", count >= least * total)


def _edges(chosen: Sequence[Filed], whole: bool) -> Iterator[Row]:
    """Facts that are neither optional nor wrong, by type and split."""
    for split in q.SPLITS:
        relations = [r for f in chosen if f.split == split for r in f.article.relations]
        counts = Counter(r.type for r in relations if not (r.wrong or r.optional))
        least = q.EDGES_PER_SPLIT.get(split)
        for kind in EDGES:
            met = counts[kind] >= least if whole and least else None
            yield Row(f"edges {split}", kind, counts[kind], f">= {least}" if least else "", met)


def _variety(chosen: Sequence[Filed], sentences: Sequence[str], starts: Mapping[str, int]) -> dict[str, int | float]:
    entities = [e for f in chosen for e in f.article.entities]
    mentions = Counter(m.mode if m.kind == "entity" else m.kind for f in chosen for m in f.article.mentions)
    out: dict[str, int | float] = {"sentences": len(sentences), "distinct three-word openings": len(starts)}
    for kind in NODES:
        of = [name_key(e.name) for e in entities if e.types[0] == kind]
        out[f"{kind} entities"], out[f"{kind} distinct names"] = len(of), len(set(of))
    for mode in ("name", "nominal", "pronoun", "title", "date"):
        out[f"{mode} mentions"] = mentions[mode]
    out["facts marked wrong"] = sum(r.wrong for f in chosen for r in f.article.relations)
    return out


def _repeats(filed: Sequence[Filed], names: set[str], kind: str) -> Iterator[str]:
    """Full names that stand in more articles than allowed, a series counted as one."""
    where: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for f in filed:
        for e in f.article.entities:
            if e.types[0] == kind and _counts(kind, e.name):
                where[name_key(e.name)][f.article.header.series or f.name].append(f.name)
    for name, stories in sorted(where.items()):
        articles = [a for story in stories.values() for a in story]
        if len(stories) > q.REPEATS[kind] and names & set(articles):
            yield f"{name}: {', '.join(sorted(set(articles)))}"


def _counts(kind: str, name: str) -> bool:
    """Whether a name should be of one story: full names, invented bodies, events with a proper name."""
    if kind == "Person":
        return " " in name
    if kind == "Organization":
        return " " in name and name_key(name) not in q.REAL_BODIES
    return len(re.findall(r"\b[A-Z0-9]", name)) >= 3


def _notes(filed: Sequence[Filed], chosen: Sequence[Filed]) -> Iterator[str]:
    names = Counter(f.name for f in filed)
    for f in chosen:
        if f.malformed:
            yield f"{f.name}: not well formed (run validate)"
        if f.split not in q.SPLITS:
            yield f"{f.name}: in no split folder"
        if names[f.name] > 1:
            yield f"{f.name}: the file name stands in several folders"
        if not q.WORDS[0] <= f.words <= q.WORDS[1]:
            yield f"{f.name}: {f.words} words"
        facts = sum(not (r.wrong or r.optional) for r in f.article.relations)
        if q.HARD_NEGATIVE in f.article.header.tags and facts > 3:
            yield f"{f.name}: hard-negative with {facts} facts"


def shared_runs(filed: Sequence[Filed], least: int = q.SHARED_RUN - 2) -> list[Run]:
    """Maximal word sequences of at least `least` words that two articles share, the longest first.

    Body, headings and captions count, each line by itself, without case and punctuation.
    """
    lines = [(f.name, words) for f in filed for words in _read_words(f.article) if len(words) >= SEED]
    grams: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for number, (_, words) in enumerate(lines):
        for at in range(len(words) - SEED + 1):
            grams[tuple(words[at : at + SEED])].append((number, at))
    runs: dict[tuple[str, str], Run] = {}
    for places in grams.values():
        for n, (a, i) in enumerate(places):
            for b, j in places[n + 1 :]:
                _grow(lines[a], i, lines[b], j, least, runs)
    return sorted(runs.values(), key=lambda run: (-run.words, run.first, run.second))


def _grow(
    one: tuple[str, list[str]], i: int, two: tuple[str, list[str]], j: int, least: int,
    runs: dict[tuple[str, str], Run],
) -> None:  # fmt: skip
    (first, a), (second, b) = one, two
    if first == second or (i and j and a[i - 1] == b[j - 1]):
        return
    length = SEED
    while i + length < len(a) and j + length < len(b) and a[i + length] == b[j + length]:
        length += 1
    if length >= least and length > getattr(runs.get((first, second)), "words", 0):
        runs[first, second] = Run(length, first, second, " ".join(a[i : i + length]))


def _read_words(article: Annotated) -> Iterator[list[str]]:
    for line in article.lines:
        if line.kind in ("body", "heading", "caption"):
            yield re.findall(r"[\w]+(?:['’-]\w+)*", article.line_text(line).casefold())


def as_text(found: Report) -> Iterator[str]:
    """The report as lines for a terminal; quotas that are not met are marked SHORT."""
    last = ""
    for row in found.rows:
        if row.dimension != last:
            yield f"\n{row.dimension}"
            last = row.dimension
        mark = {True: "ok", False: "SHORT", None: ""}[row.met]
        share = f"{row.count / found.articles:5.0%}" if found.articles and row.dimension in _SHARED else ""
        yield f"  {row.value:30s} {row.count:6g} {share:>5s}  {row.wanted:10s} {mark}".rstrip()
    yield "\nvariety"
    yield from (f"  {key:30s} {value:6g}" for key, value in found.variety.items())
    yield from _listed("commonest sentence openings", (f"{n:4d}  {text}" for text, n in found.openings))
    for kind, names in found.repeats.items():
        yield from _listed(f"{kind} names in more than {q.REPEATS[kind]} articles", names)
    runs = (f"{r.words} words{' TOO LONG' if r.words > q.SHARED_RUN else ''}: {r.first}, {r.second}: {r.text}"
            for r in found.runs[:30])  # fmt: skip
    yield from _listed(f"longest shared word sequences (at most {q.SHARED_RUN})", runs)
    yield from _listed("notes", found.notes)


_SHARED = frozenset({"split", "region", "register", "tags"})


def _listed(title: str, items: Iterable[str]) -> Iterator[str]:
    listed = list(items)
    yield f"\n{title}{'' if listed else ': none'}"
    yield from (f"  {item}" for item in listed)
