"""Facts by rules that are data, matched sentence by sentence, stage by stage.

Rules of the early stages fold what they have read ("Ana Silva, director of the Patent Office" becomes "Ana Silva"), so
that a sentence with six titled persons in it reads "A, B, C, D, E and F spoke" to the later ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from ipgraph.annotate import Annotated
from ipgraph.mentions import Found, Span
from ipgraph.model import Article
from ipgraph.relations.facts import Fact, Place
from ipgraph.relations.patterns import Item, Match
from ipgraph.relations.rules import Rule, RuleSet
from ipgraph.relations.sentences import Clause, Sentence, sentences

_MAX_FOLDS = 200
"""No sentence has more; a rule that folds nothing away would else never end."""


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one article: the rules, its spans, and the event spoken of so far."""

    rules: RuleSet
    spans: Sequence[Span]

    def sentence(self, sentence: Sentence, event: Span | None) -> Iterator[Fact]:
        """Facts of one sentence; `event` is the one spoken of just before it."""
        items = list(sentence.items)
        for rule in self.rules.rules:
            if rule.fold:
                for _ in range(_MAX_FOLDS):
                    match = next(rule.pattern.matches(items, rule.before, rule.after), None)
                    if match is None:
                        break
                    yield from self._facts(rule, match, items, sentence, event)
                    folded = _folded(rule, match, items)
                    if len(folded) >= len(items):
                        break
                    items = folded
            else:
                yield from self._plain(rule, items, sentence, event)
        for clause in sentence.clauses:
            if together := _clause_items(clause, items):
                near = self._event_at(Match(0, 0, {}), [i for i in items if i.end <= clause.start], event)
                for rule in self.rules.rules:
                    if not rule.fold:
                        yield from self._plain(rule, together, sentence, near[0] if near else None)

    def _plain(self, rule: Rule, items: list[Item], sentence: Sentence, event: Span | None) -> Iterator[Fact]:
        for match in rule.pattern.matches(items, rule.before, rule.after):
            yield from self._facts(rule, match, items, sentence, event)

    def _facts(
        self, rule: Rule, match: Match, items: list[Item], sentence: Sentence, event: Span | None
    ) -> Iterator[Fact]:
        if not rule.type or (not rule.certain and self._unsaid(match, items)):
            return
        heads = [self.spans[items[i].index] for i in match.captured.get("head", ())]
        tails = [self.spans[items[i].index] for i in match.captured.get("tail", ())]
        if rule.implicit and not tails:
            tails = self._event_at(match, items, event)
        properties = dict(rule.properties) | self._read_properties(rule, match, items)
        for head, tail in product(heads, tails):
            yield Fact(rule.type, head, tail, rule.confidence, rule.name, _place(sentence), properties)

    def _unsaid(self, match: Match, items: list[Item]) -> bool:
        around = items[max(match.start - 3, 0) : match.end] if items else []
        return any(not i.kind and {i.lemma.lower(), i.form.lower()} & self.rules.guards for i in around)

    def _event_at(self, match: Match, items: list[Item], event: Span | None) -> list[Span]:
        """The event named nearest to the match in its sentence, else the one spoken of before."""
        places = [i for i, item in enumerate(items) if item.kind == "Event"]
        if not places:
            return [event] if event else []
        nearest = min(places, key=lambda i: (max(match.start - i, i - match.end + 1, 0), i))
        return [self.spans[items[nearest].index]]

    def _read_properties(self, rule: Rule, match: Match, items: list[Item]) -> dict[str, str]:
        out: dict[str, str] = {}
        if title := match.captured.get("title"):
            out["title"] = " ".join(self.spans[items[title[0]].index].text.split())
            if title[0] and items[title[0] - 1].lemma.lower() in ("former", "ex", "then", "previously", "late"):
                out["former"] = "true"
        if rule.type == "ATTENDED":
            near = items[match.start : match.end + 6]
            words = {i.lemma.lower() for i in near if not i.kind}
            if words & self.rules.online:
                out["mode"] = "online"
        return out


def _clause_items(clause: Clause, items: list[Item]) -> list[Item]:
    """Subject, what colours the verb, verb and what depends on it, as one run of items; empty without a subject."""
    subjects = [i for i in items if i.kind and any(i.start <= s < i.end for s in clause.subjects)]
    if not subjects or subjects[0].start >= clause.start:
        return []
    out: list[Item] = []
    for n, s in enumerate(subjects):
        out += [s] if n == 0 else [Item(s.start, s.start, ",", ",", "PUNCT"), s]
    out += [i for i in items if i.start in clause.before and i.start < clause.start]
    return out + [i for i in items if clause.start <= i.start < clause.end]


def _folded(rule: Rule, match: Match, items: list[Item]) -> list[Item]:
    """The items with the match replaced by what the rule keeps: captured names in braces, or words."""
    kept: list[Item] = []
    for term in rule.fold.split():
        if term.startswith("{"):
            kept += [items[i] for i in match.captured.get(term[1:-1], ())]
        else:
            first = items[match.start]
            kept.append(Item(first.start, first.end, term, term, "PUNCT" if term == "," else "ADP"))
    return [*items[: match.start], *kept, *items[match.end :]]


def read(article: Article, annotated: Annotated, found: Found, rules: RuleSet) -> Iterator[Fact]:
    """Facts sentence by sentence. An event named amid a paragraph is the topic only up to the paragraph's end."""
    reader = _Reader(rules, found.spans)
    topic: Span | None = None
    for part in annotated.parts():
        event, paragraphs = topic, 0
        for sentence in sentences(part.part, part.start, part.doc, found.spans):
            opens = article.part(part.part)[: sentence.start].rstrip(" ").endswith("\n") or sentence.start == 0
            if opens:
                event, paragraphs = topic, paragraphs + 1
            yield from reader.sentence(sentence, event)
            events = [found.spans[i.index] for i in sentence.items if i.kind == "Event"]
            event = events[-1] if events else event
            if opens or paragraphs == 1 or topic is None:
                topic = event
    yield from _by_name(article, found)


def _by_name(article: Article, found: Found) -> Iterator[Fact]:
    """Facts that a name itself states: "Guild Office in Kenya" lies in Kenya."""
    bodies = [s for s in found.spans if s.kind == "Organization" and s.mode == "name"]
    for body, inner in product(bodies, found.spans):
        if inner.mode != "name" or not body.holds(inner) or inner.entity == body.entity:
            continue
        before = article.part(body.part)[body.start : inner.start]
        if inner.kind == "Place" and re.search(r"\bin (?:the )?$", before):
            yield _named("name.office-in-place", body, inner, article)


def _named(name: str, head: Span, tail: Span, article: Article) -> Fact:
    text = article.part(head.part)[head.start : head.end]
    return Fact("LOCATED_IN", head, tail, 0.8, name, Place(head.part, head.start, head.end, text))


def _place(sentence: Sentence) -> Place:
    return Place(sentence.part, sentence.start, sentence.end, sentence.text)
