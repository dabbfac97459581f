"""What nominals and pronouns stand for, as the encoder scores it: each is tied to the thing that it is surest about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from ipgraph.annotate import Annotated, PartDoc
from ipgraph.encoder.model import Network
from ipgraph.encoder.pairs import INDEX, KINDS, MODES, PRONOUNS, UNTIED
from ipgraph.encoder.ties import TieReader
from ipgraph.mentions.grouping import Group
from ipgraph.mentions.spans import Span
from ipgraph.mentions.ties import inside
from ipgraph.model import NOMINALS_KEY, MentionKind

LEAST = 0.5
"""Least probability of a tie."""
_PLURAL = frozenset("they them their theirs themselves both".split())
_SAME = INDEX["SAME"]


def refer(
    annotated: Annotated, network: Network, names: Sequence[Span], groups: Sequence[Group]
) -> Iterator[tuple[Span, int]]:
    """Nominals and pronouns that could be tied, each with the place of what it stands for in `groups`; one that stands
    for several things comes several times.
    """
    owner = {s: i for i, g in enumerate(groups) for s in g.spans}
    for part in annotated.parts():
        known = sorted((s for s in names if inside(part, s) and s in owner), key=lambda s: s.start)
        yield from _part(part, network, known, owner)


def _anaphors(part: PartDoc, names: Sequence[Span]) -> Iterator[Span]:
    """Nominals that the encoder found and pronouns of the third person, none in a name."""
    text = part.doc.text

    def span(start: int, end: int, kind: str, mode: MentionKind) -> Span:
        return Span(part.part, part.start + start, part.start + end, kind, text[start:end], mode)

    found = [span(s.start_char, s.end_char, s.label_, "nominal") for s in part.doc.spans.get(NOMINALS_KEY, ())]
    found += [span(t.idx, t.idx + len(t.text), KINDS[UNTIED[0]], "pronoun") for t in part.doc if t.lower_ in PRONOUNS]
    for s in found:
        rivals = [n for n in names if n.overlaps(s)]
        if not any(n.crosses(s) or n.holds(s) for n in rivals):
            yield s


def _part(part: PartDoc, network: Network, names: list[Span], owner: dict[Span, int]) -> Iterator[tuple[Span, int]]:
    anaphors = sorted(_anaphors(part, names), key=lambda s: (s.start, -s.end))
    reader = TieReader(network, part.doc)
    spans = [*names, *anaphors]
    marks = [
        reader.marked(s.start - part.start, s.end - part.start, KINDS.index(s.kind), MODES.index(s.mode)) for s in spans
    ]
    kept = [(s, m) for s, m in zip(spans, marks, strict=True) if m is not None]
    found, scores = reader.scores([m for _, m in kept], same=True)
    ties: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for head, tail, score in zip(found.head.tolist(), found.tail.tolist(), scores[:, _SAME].tolist(), strict=True):
        ties[head].append((score, tail))
    stands: dict[int, tuple[int, ...]] = {i: (owner[s],) for i, (s, _) in enumerate(kept) if s in owner}
    for head in sorted(ties, key=lambda i: (kept[i][0].start, -kept[i][0].end)):
        span = kept[head][0]
        chances: dict[int, float] = {}
        for score, tail in ties[head]:
            for entity in stands.get(tail, ()):
                chances[entity] = max(chances.get(entity, 0.0), score)
        stands[head] = _chosen(span, chances)
        for entity in stands[head]:
            yield span, entity


def _chosen(span: Span, chances: dict[int, float]) -> tuple[int, ...]:
    """The likeliest thing, or for a plural all that are likely."""
    likely = sorted((e for e, p in chances.items() if p >= LEAST), key=lambda e: (-chances[e], e))
    words = span.text.lower().split()
    plural = words[0] in _PLURAL or (
        span.mode == "nominal" and words[-1].endswith("s") and not words[-1].endswith("ss")
    )
    return tuple(sorted(likely)) if plural else tuple(likely[:1])
