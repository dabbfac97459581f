"""Which name spans of an article name the same thing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from ipgraph.mentions import lexicon
from ipgraph.mentions.spans import Span
from ipgraph.model import name_key

_SMALL = frozenset("the a an of on in at for and to with by from as s".split())
_ABBREVIATION = re.compile(r"[A-Z][A-Za-z0-9&.-]{1,11}")


@dataclass(slots=True)
class Group:
    """Name spans of one thing, while it is being put together."""

    kind: str
    spans: list[Span] = field(default_factory=list)

    def forms(self) -> set[str]:
        """Normalised names."""
        return {name_key(s.text) for s in self.spans}


def _content(key: str) -> list[str]:
    return [w for w in key.split() if w not in _SMALL]


def initials(name: str) -> set[str]:
    """Abbreviations that the capitals of a name make, with and without its small words."""
    words = re.findall(r"[\w']+", name)
    big = "".join(w[0] for w in words if w[0].isupper())
    every = "".join(w[0] for w in words).upper()
    content = "".join(w[0] for w in words if w.lower() not in _SMALL).upper()
    return {x for x in (big, every, content) if len(x) > 1}


def _similar(a: str, b: str, least: float) -> bool:
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= least


def _same_person(a: str, b: str) -> bool:
    """Full names that differ by a slip of spelling, a split, or a middle name."""
    x, y = a.split(), b.split()
    if len(x) < 2 or len(y) < 2:
        return False
    if _joined(a) == _joined(b) or set(x) == set(y):
        return True
    if x[0] == y[0] and x[-1] == y[-1]:
        return True
    if x[0] == y[0]:
        return min(len(a), len(b)) > 9 and _similar(a, b, 0.82)
    pairs = list(zip(x, y, strict=False))
    return len(x) == len(y) and len(a) > 9 and _similar(a, b, 0.88) and all(_similar(p, q, 0.75) for p, q in pairs)


def _joined(key: str) -> str:
    """The letters of a name; the three spellings of the Chinese "lü" and "nü" become one."""
    return re.sub(r"\b([ln])(?:v|yu)(?=\b|[aeiou])", r"\1u", key).replace(" ", "")


def _same_organization(a: str, b: str) -> bool:
    x, y = _content(a), _content(b)
    if len(_joined(a)) > 7 and _joined(a) == _joined(b):
        return True
    if len(x) < 2 or len(y) < 2:
        return False
    if len(x) == len(y) and _similar(a, b, 0.93):
        return True
    short, long = sorted((x, y), key=len)
    return len(short) > 2 and short[0] == long[0] and short[-1] == long[-1] and set(short) <= set(long)


def _same_event(a: str, b: str) -> bool:
    """Names of which one holds the content words of the other, head included."""
    x, y = _content(a), _content(b)
    short, long = sorted((x, y), key=len)
    if len(short) < 2:
        return False
    heads = [w for w in short if w in lexicon.EVENT_HEADS]
    if heads and heads[-1] not in long:
        return False
    common = len(set(short) & set(long))
    return common == len(set(short)) or 2 * common / (len(set(x)) + len(set(y))) >= 0.8


def _same_place(a: str, b: str) -> bool:
    def core(k: str) -> str:
        return " ".join(lexicon.GENERIC_PLACE.sub("", k).split())

    return core(a) == core(b) != "" or (len(a) > 5 and a.split()[1:] == b.split()[1:] != [] and _similar(a, b, 0.88))


def _same_award(a: str, b: str) -> bool:
    x, y = _content(a), _content(b)
    return min(len(x), len(y)) > 1 and (set(x) <= set(y) or set(y) <= set(x))


_SAME: dict[str, Callable[[str, str], bool]] = {
    "Person": _same_person,
    "Organization": _same_organization,
    "Event": _same_event,
    "Place": _same_place,
    "Award": _same_award,
    "Brand": lambda a, b: False,
}


def _join(groups: list[Group], same: Callable[[Group, Group], bool]) -> list[Group]:
    """Join each group to the first earlier one that it is the same as."""
    out: list[Group] = []
    for group in groups:
        for earlier in out:
            if earlier.kind == group.kind and same(earlier, group):
                earlier.spans += group.spans
                break
        else:
            out.append(group)
    return out


def _by_key(names: Iterable[Span]) -> list[Group]:
    groups: dict[tuple[str, str], Group] = {}
    for s in names:
        groups.setdefault((s.kind, name_key(s.text)), Group(s.kind)).spans.append(s)
    return list(groups.values())


def _any_same(a: Group, b: Group) -> bool:
    return any(_SAME[a.kind](x, y) for x in a.forms() for y in b.forms())


def _part_of(key: str, whole: str) -> bool:
    """Whether the words of a name begin or end a longer one."""
    return whole.startswith(key + " ") or whole.endswith(" " + key)


def _short_person(groups: list[Group]) -> list[Group]:
    """Tie a part of a name ("Liu", "Mr. Okoro", "Al Balushi") to the full name it is part of, the latest before it."""
    people = [g for g in groups if g.kind == "Person"]
    out = []
    for g in groups:
        keys = g.forms()
        bearers = [
            f
            for f in people
            if g.kind == "Person" and f is not g and all(any(_part_of(k, w) for w in f.forms()) for k in keys)
        ]
        if bearers:
            first = min(s.start for s in g.spans)
            before = [f for f in bearers if min(s.start for s in f.spans) < first]
            (before or bearers)[-1].spans.extend(g.spans)
            people.remove(g)
        else:
            out.append(g)
    return out


_GENERIC_SHORT = frozenset(
    "ministry department office bureau division committee court national international china city municipal".split()
)


def _short_organization(groups: list[Group]) -> list[Group]:
    """Tie a short form ("Tolmic", "Guild", "Municipal Government") to the one longer name in the article it fits."""
    bodies = [g for g in groups if g.kind == "Organization"]
    out = []
    for g in groups:
        keys = g.forms()
        short = g.kind == "Organization" and not keys & _GENERIC_SHORT
        longer = [o for o in bodies if short and o is not g and any(_shortens(k, w) for k in keys for w in o.forms())]
        if len(longer) == 1:
            longer[0].spans += g.spans
            bodies.remove(g)
        else:
            out.append(g)
    return out


_COMPANY_TAIL = re.compile(r"(?: (?:co|company|ltd|limited|inc|corp|corporation|llc|plc|gmbh|group|holdings?|bhd|sa))+")


def _shortens(key: str, whole: str) -> bool:
    """Whether a name is a short form of a longer one: without its company's form, its first or last words, or words of
    it in their order that begin later and end alike.
    """
    if whole.startswith(key) and _COMPANY_TAIL.fullmatch(whole[len(key) :]):
        return True
    short, long = key.split(), whole.split()
    if len(short) >= len(long):
        return False
    if _part_of(key, whole) and len(short) < 3:
        return True
    rest = iter(long)
    return (
        1 < len(short) < len(long) and short[-1] == long[-1] and short[0] != long[0] and all(w in rest for w in short)
    )


def abbreviations(part: str, text: str, names: list[Span]) -> dict[Span, Span]:
    """Spans of abbreviations in brackets behind a name, each with the name it stands for."""
    out: dict[Span, Span] = {}
    for s in names:
        m = re.compile(r"\s*[(（]\s*(?:the |hereinafter )?[\"“']?([A-Z][\w&.-]{1,14})[\"”']?\s*[)）]").match(
            text, s.end
        )
        if s.part == part and m and s.kind in ("Organization", "Event", "Award", "Place") and _ABBREVIATION.match(m[1]):
            span = Span(s.part, m.start(1), m.end(1), s.kind, m[1])
            if m[1].isupper() or m[1].upper() in {i.upper() for i in initials(s.text)}:
                out[span] = s
    return out


def _by_initials(groups: list[Group], pairs: dict[Span, Span]) -> list[Group]:
    """Tie abbreviations to what they stand for: by brackets, or by the initials of just one long name."""
    stands = {name_key(short.text): long for short, long in pairs.items()}
    out = []
    for g in groups:
        keys = g.forms()
        target: Group | None = None
        for key in keys & set(stands):
            target = next((o for o in groups if o is not g and stands[key] in o.spans), target)
        if target is None and all(s.text.isupper() and " " not in s.text for s in g.spans) and g.kind == "Organization":
            fits = [o for o in groups if o is not g and o.kind == g.kind
                    and any(g.spans[0].text in initials(s.text) for s in o.spans if " " in s.text)]  # fmt: skip
            target = fits[0] if len(fits) == 1 else None
        if target is not None:
            target.spans += g.spans
        else:
            out.append(g)
    return out


def group(names: list[Span], pairs: dict[Span, Span]) -> list[Group]:
    """Put name spans (no TITLE, no DATE) together. `pairs` are abbreviations and what they stand for."""
    groups = _join(_by_key(names), _any_same)
    groups = _by_initials(groups, pairs)
    groups = _short_organization(_short_person(groups))
    return sorted(groups, key=lambda g: min((s.part, s.start) for s in g.spans))
