"""Score extracted facts against gold articles, at document level.

An entity is right when its type is one that the gold allows and one of its names equals one of the gold's names after
normalisation; for Event and Award it is enough that the content words agree to 0.75 (Dice). A relation is right when
its type and both ends are. Gold marked optional counts neither way, unless the gold lists the fact as wrong.
"""

from __future__ import annotations

import json
import random
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ipgraph.errors import UsageError
from ipgraph.model import EDGES

Json = Mapping[str, Any]
Fact = tuple[str, str, str]

_HONORIFIC = re.compile(
    r"^(mr|ms|mrs|miss|dr|prof|professor|sir|madam|his excellency|her excellency|h\.e)(\.\s*|\s+)", re.I
)
_SMALL = frozenset("a an the of on in at for and to with by from as".split())
_LOOSE = ("Event", "Award")
_MOST_ALIASES = 12
_PROPERTIES = {
    "ATTENDED": ("role", "mode"),
    "ORGANIZED": ("role",),
    "HOLDS_POSITION": ("title",),
    "RECEIVED": ("status",),
}


@dataclass(slots=True)
class Score:
    """Counts over one or more articles: by type, and of what else was right of all to which it applies."""

    entities: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    relations: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    right: Counter[str] = field(default_factory=Counter)
    of: Counter[str] = field(default_factory=Counter)
    wrong: int = 0
    log: list[str] = field(default_factory=list)

    def check(self, what: str, ok: bool) -> None:
        """Count one thing that is right or not."""
        self.of[what] += 1
        self.right[what] += ok

    def __iadd__(self, other: Score) -> Score:
        for mine, theirs in ((self.entities, other.entities), (self.relations, other.relations)):
            for kind, counts in theirs.items():
                mine[kind] += counts
        self.right += other.right
        self.of += other.of
        self.wrong += other.wrong
        self.log += other.log
        return self


def prf(counts: Mapping[str, int]) -> tuple[float, float, float]:
    """Precision, recall and F1 of counts tp, fp, fn; 0 where undefined."""
    tp, fp, fn = (counts.get(k, 0) for k in ("tp", "fp", "fn"))
    p = tp / (tp + fp) if tp + fp else 0.0
    r = tp / (tp + fn) if tp + fn else 0.0
    return p, r, 2 * p * r / (p + r) if p + r else 0.0


def _fold(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold().strip()


def norm(name: str) -> str:
    """Fold case, accents, signs and spaces; drop leading articles, forms of address and a trailing possessive."""
    text = re.sub(r"[’']s$", "", _fold(name))
    while True:
        shorter = re.sub(r"^(the|a|an)\s+", "", _HONORIFIC.sub("", text))
        if shorter == text:
            return re.sub(r"[\W_]+", "", text)
        text = shorter


def _words(name: str) -> set[str]:
    return {w for w in re.findall(r"\w+", _fold(name)) if w not in _SMALL}


def _surfaces(entity: Json) -> list[str]:
    return [n for n in [entity.get("name") or "", *(entity.get("aliases") or [])] if norm(n)]


def _likeness(pred: Json, gold: Json) -> float:
    common = set(map(norm, _surfaces(pred))) & set(map(norm, _surfaces(gold)))
    if common:
        return len(common) + (0.5 if norm(pred["name"]) == norm(gold["name"]) else 0)
    if pred["type"] not in _LOOSE:
        return 0.0
    best = 0.0
    for a in map(_words, _surfaces(pred)):
        for b in map(_words, _surfaces(gold)):
            if len(a & b) >= 2:
                best = max(best, 2 * len(a & b) / (len(a) + len(b)))
    return best if best >= 0.75 else 0.0


def align(gold: Iterable[Json], pred: Iterable[Json]) -> dict[str, str]:
    """Predicted id -> gold id: best likeness first, each gold once, and once more for its second type."""
    golds = list(gold)
    pairs = sorted(
        (-score, bool(g.get("optional")), order, str(p["id"]), str(g["id"]), str(p["type"]))
        for order, p in enumerate(pred)
        for g in golds
        if p["type"] in g["types"] and (score := _likeness(p, g))
    )
    out: dict[str, str] = {}
    taken: dict[str, set[str]] = defaultdict(set)
    for *_, p, g, kind in pairs:
        if p not in out and kind not in taken[g]:
            taken[g].add(kind)
            out[p] = g
    return out


def _fact(kind: str, head: str, tail: str) -> Fact:
    a, b = sorted((head, tail)) if EDGES[kind].symmetric else (head, tail)
    return kind, a, b


def _whole(article: Json) -> str:
    return " ".join(filter(None, [article.get("title"), article.get("text"), *(article.get("captions") or [])]))


def _held(pred: Json) -> list[dict[str, Any]]:
    """Predicted entities with the aliases that the text does not hold taken away."""
    whole = norm(_whole(pred["article"]))
    out: dict[str, dict[str, Any]] = {}
    for e in pred["entities"]:
        aliases = [a for a in e.get("aliases") or [] if not whole or norm(a) in whole][:_MOST_ALIASES]
        out.setdefault(e["id"], {**e, "aliases": aliases})
    return list(out.values())


def same_date(want: object, got: object) -> bool:
    """Equal, or the prediction knows the year that the gold leaves open."""
    w, g = str(want or ""), str(got or "")
    return bool(w) and (w == g or bool(re.fullmatch(r"\d\d-\d\d", w) and re.fullmatch(r"\d{4}-" + w, g)))


def _score_entities(score: Score, gold: Json, entities: list[dict[str, Any]], mapping: dict[str, str]) -> None:
    hit = set(mapping.values())
    for g in gold["entities"]:
        if not g.get("optional"):
            score.entities[g["types"][0]]["tp" if g["id"] in hit else "fn"] += 1
            if g["id"] not in hit:
                score.log.append(f"missed {g['types'][0]}: {g['name']}")
    for p in entities:
        if p["id"] not in mapping:
            score.entities[p["type"]]["fp"] += 1
            score.log.append(f"false {p['type']}: {p['name']}")


@dataclass(slots=True)
class _GoldFacts:
    sure: dict[Fact, Json] = field(default_factory=dict)
    maybe: set[Fact] = field(default_factory=set)
    wrong: set[Fact] = field(default_factory=set)
    optional: set[str] = field(default_factory=set)
    properties: dict[Fact, list[Json]] = field(default_factory=lambda: defaultdict(list))


def _gold_facts(gold: Json) -> _GoldFacts:
    facts = _GoldFacts(optional={e["id"] for e in gold["entities"] if e.get("optional")})
    known = {e["id"] for e in gold["entities"]}
    for r in gold["relations"]:
        key = _fact(r["type"], r["head"], r["tail"])
        if r.get("optional") or {r["head"], r["tail"]} & facts.optional:
            facts.maybe.add(key)
        else:
            facts.sure[key] = r
        facts.properties[key].append(r.get("properties") or {})
    facts.maybe -= set(facts.sure)
    facts.wrong = {
        _fact(w["type"], w["head"], w["tail"]) for w in gold.get("wrong", []) if {w.get("head"), w.get("tail")} <= known
    }
    return facts


def _check_evidence(score: Score, relation: Json, flat: str) -> None:
    quotes = [q.get("text") or "" for q in relation.get("evidence") or []]
    score.check("evidence", bool(quotes) and all(" ".join(q.split()) in flat and q.strip() for q in quotes))


def _check_properties(score: Score, relation: Json, wanted: list[Json]) -> None:
    for name in _PROPERTIES.get(relation["type"], ()):
        if any(name in q for q in wanted):
            got = norm(str((relation.get("properties") or {}).get(name, "")))
            score.check(name, any(got == norm(str(q.get(name, ""))) for q in wanted))


def _score_relations(score: Score, gold: Json, pred: Json, by_id: dict[str, Json], mapping: dict[str, str]) -> None:
    facts = _gold_facts(gold)
    flat = " ".join(_whole(pred["article"]).split())
    found: set[Fact] = set()
    seen: set[object] = set()
    for r in pred["relations"]:
        head, tail = mapping.get(r["head"]), mapping.get(r["tail"])
        key = _fact(r["type"], head, tail) if head and tail else None
        shown = f"{by_id[r['head']]['name']} -{r['type']}-> {by_id[r['tail']]['name']}"
        if pred["article"].get("text"):
            _check_evidence(score, r, flat)
        if key in facts.sure or key in facts.maybe:
            assert key is not None
            _check_properties(score, r, facts.properties[key])
        if key in facts.wrong:
            score.wrong += key not in seen
            seen.add(key)
            score.relations[r["type"]]["fp"] += 1
            score.log.append(f"WRONG {shown}")
        elif key in facts.sure:
            assert key is not None
            found.add(key)
        elif key not in facts.maybe and not {head, tail} & facts.optional:
            shape = (r["type"], r["head"], r["tail"])
            if shape not in seen:
                seen.add(shape)
                score.relations[r["type"]]["fp"] += 1
                score.log.append(f"false {shown}")
    names = {e["id"]: e["name"] for e in gold["entities"]}
    for key, r in facts.sure.items():
        score.relations[r["type"]]["tp" if key in found else "fn"] += 1
        if key not in found:
            score.log.append(f"missed {names[r['head']]} -{r['type']}-> {names[r['tail']]}")


def _score_details(score: Score, gold: Json, pred: Json, by_id: dict[str, Json], mapping: dict[str, str]) -> None:
    golds = {e["id"]: e for e in gold["entities"]}
    for p, g in mapping.items():
        if by_id[p]["type"] == "Event":
            properties = by_id[p].get("properties") or {}
            want, got = (x.get("date") or x.get("start") for x in (golds[g], properties))
            if want or got:
                score.check("event_date", same_date(want, got))
    for name in ("title", "date", "publisher", "author"):
        want, got = (gold.get("article") or {}).get(name), pred["article"].get(name)
        if want or got:
            same = same_date(want, got) if name == "date" else norm(str(want or "")) == norm(str(got or ""))
            score.check("meta", bool(want) and bool(got) and same)
    clean = gold.get("clean") or {}
    flat, text = (" ".join(s.split()) for s in (_whole(pred["article"]), pred["article"].get("text") or ""))
    for s in clean.get("keep", []):
        score.check("kept", " ".join(s.split()) in flat)
    for s in clean.get("drop", []):
        score.check("dropped", bool(text) and " ".join(s.split()) not in text)


def score_article(gold: Json, pred: Json) -> Score:
    """Score one article: `gold` as the guide has it, `pred` as a line of `extract --format jsonl`."""
    score = Score()
    entities = _held(pred)
    mapping = align(gold["entities"], entities)
    by_id: dict[str, Json] = {e["id"]: e for e in entities}
    _score_entities(score, gold, entities, mapping)
    _score_relations(score, gold, pred, by_id, mapping)
    _score_details(score, gold, pred, by_id, mapping)
    return score


def judged(gold: Json, pred: Json) -> Iterator[tuple[Json, bool]]:
    """Each predicted relation that counts, and whether it is right; what touches optional gold is left out."""
    entities = _held(pred)
    mapping = align(gold["entities"], entities)
    facts = _gold_facts(gold)
    for r in pred["relations"]:
        ends = mapping.get(r["head"]), mapping.get(r["tail"])
        key = _fact(r["type"], ends[0], ends[1]) if ends[0] and ends[1] else None
        if key not in facts.maybe and not set(ends) & facts.optional:
            yield r, key in facts.sure


def calibration_error(pairs: Iterable[tuple[float, bool]], bins: int = 10) -> float:
    """Expected calibration error (Naeini et al., 2015) of (confidence, right) pairs, in equal bins from 0 to 1."""
    sums: dict[int, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for confidence, right in pairs:
        own = sums[min(int(confidence * bins), bins - 1)]
        own[0] += 1
        own[1] += confidence
        own[2] += right
    count = sum(n for n, _, _ in sums.values())
    return sum(abs(c - r) for _, c, r in sums.values()) / count if count else 0.0


def intervals(scores: Sequence[Score], samples: int = 1000, seed: int = 0) -> dict[str, tuple[float, float]]:
    """95 % bootstrap intervals of F1 by type and in all, articles drawn with replacement (Efron, 1979)."""
    rng = random.Random(seed)
    drawn: dict[str, list[float]] = defaultdict(list)
    for _ in range(samples):
        sums: dict[str, Counter[str]] = defaultdict(Counter)
        for score in rng.choices(scores, k=len(scores)):
            for what, counts in (("entity", score.entities), ("relation", score.relations)):
                for kind, own in counts.items():
                    sums[kind].update(own)
                    sums[f"all {what}"].update(own)
        for kind, own in sums.items():
            drawn[kind].append(prf(own)[2])
    out = {}
    for kind, values in sorted(drawn.items()):
        values.sort()
        out[kind] = values[int(0.025 * len(values))], values[min(int(0.975 * len(values)), len(values) - 1)]
    return out


_NOTHING: Json = {"article": {}, "entities": [], "relations": []}


def score_all(golds: Mapping[str, Json], preds: Mapping[str, Json]) -> dict[str, Score]:
    """Scores by stem of the file; an article without prediction scores as if nothing had been found in it."""
    return {stem: score_article(g, preds.get(stem, _NOTHING)) for stem, g in golds.items()}


def total(scores: Iterable[Score]) -> Score:
    """All counts together."""
    out = Score()
    for s in scores:
        out += s
    return out


def read_gold(folder: Path) -> dict[str, Json]:
    """Stem of the article's file -> gold. Raises UsageError where the folder holds no gold or a broken file."""
    out: dict[str, Json] = {}
    for file in sorted(folder.glob("*.json")):
        try:
            gold = json.loads(file.read_text(encoding="utf-8"))
            out[Path(gold["source"]).stem] = gold
        except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as e:
            raise UsageError(f"{file} is no gold article; {e!r}; see the annotation guide") from e
    if not out:
        raise UsageError(f"no gold in {folder}; it holds no *.json file; name the folder of gold articles")
    return out


def rows(score: Score) -> list[dict[str, Any]]:
    """The score as rows for people and machines: one per type, totals, then the other figures."""
    out: list[dict[str, Any]] = []
    for what, counts in (("entity", score.entities), ("relation", score.relations)):
        every: Counter[str] = sum(counts.values(), Counter())
        for kind, c in [*sorted(counts.items()), (f"all {what}", every)]:
            p, r, f = prf(c)
            figures = {"precision": round(p, 4), "recall": round(r, 4), "f1": round(f, 4)}
            out.append({"what": kind, **figures, **{k: c.get(k, 0) for k in ("tp", "fp", "fn")}})
    out += [
        {
            "what": name,
            "precision": round(score.right[name] / n, 4),
            "tp": score.right[name],
            "fp": n - score.right[name],
        }
        for name, n in sorted(score.of.items())
    ]
    out.append({"what": "known-wrong facts asserted", "fp": score.wrong})
    return out


def read_facts(file: Path) -> dict[str, Json]:
    """Stem of the article's file -> facts, from the JSON lines of `extract`. Raises UsageError for what is none."""
    out: dict[str, Json] = {}
    try:
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.strip():
                facts = json.loads(line)
                out[Path(str(facts["article"]["source"]).partition("#")[0]).stem] = facts
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError) as e:
        raise UsageError(f"{file} holds no facts; {e!r}; make it with `ipgraph extract --format jsonl`") from e
    return out
