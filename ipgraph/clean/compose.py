"""More articles to train the line classifier on: stories of the annotated corpus with furniture put around them.

Annotated pasted articles are few, and what stands around an article is written in more ways than they show. The
furniture (corpus/pasted/furniture.txt) holds such ways as templates; what fills them comes from the corpus too.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ipgraph.clean.examples import Example
from ipgraph.clean.lines import KINDS, Raw
from ipgraph.corpus import format as corpus

Row = tuple[str, str]
"""A kind and a line."""

Block = tuple[Row, ...]
"""Lines that stand together."""

LONGEST, SPREAD = 12, 40
"""Paragraphs of the longest story; layouts that composed articles are said to have."""

_MONTHS = (
    "January February March April May June July August September October November December".split()
)  # fmt: skip
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_AGENCIES = [*"Xinhua AFP Reuters AP dpa EPA VCG Keystone Belga ANSA PA CNS".split(), "Getty Images"]
_PHRASES = (
    "trademarks|geographical indications|patents|cheese|licensing|copyright|designs|courts|brands|counterfeits|music|"
    "farming|exports|innovation|trade secrets|wine|data protection|local news|start-ups|seeds|heritage|customs|"
    "small business|artificial intelligence|fashion|museums|tea|textiles|harbour|schools"
).split("|")
_FACTS = (
    "It has 40 members and publishes a yearly report.|More information can be found at www.vale.example.|"
    "The fair is held every second year.|The company employs 640 people and is listed in London.|"
    "The figures are rounded.|Photographs can be downloaded free of charge.|Interviews can be arranged on request.|"
    "It advises small firms on marks and designs.|It is financed by its members.|The prize carries 10,000 euros.|"
    "The programme is open to firms with fewer than 50 employees.|The office has kept the register since 1891."
).split("|")
_CHOICE = re.compile(r"<([^<>]*\|[^<>]*)>")
_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Stories:
    """Articles as lines with kinds, title first where there is one, and what fills the slots of templates."""

    articles: tuple[tuple[Row, ...], ...]
    fillers: Mapping[str, Sequence[str]]


def stories(folder: Path) -> Stories:
    """What the annotated articles of a folder (corpus/annotated/train) give."""
    articles = []
    found: dict[str, set[str]] = {
        name: set() for name in ("person", "org", "event", "place", "outlet", "head", "caption", "heading", "sentence")
    }
    types = {"Person": "person", "Organization": "org", "Event": "event", "Place": "place"}
    for path in sorted(folder.glob("*.txt")):
        article = corpus.read(path)
        rows = [(str(line.kind), article.line_text(line)) for line in article.lines if line.kind in KINDS]
        articles.append(tuple(rows))
        for kind, text in rows:
            name = {"title": "head", "caption": "caption", "heading": "heading"}.get(kind)
            if name:
                found[name].add(text)
            elif kind == "body":
                found["sentence"].update(s for s in re.split(r"(?<=[.])\s+(?=[A-Z])", text) if 40 < len(s) < 220)
        if article.header.publisher:
            found["outlet"].add(article.header.publisher)
        for entity in article.entities:
            name = types.get(entity.types[0])
            if name and entity.name[0].isupper() and (name != "person" or len(entity.name.split()) in (2, 3)):
                found[name].add(entity.name)
    return Stories(tuple(articles), {name: sorted(values) for name, values in found.items()} | {"phrase": _PHRASES})


def furniture(path: Path) -> dict[tuple[str, str], list[Block]]:
    """Blocks of templates by the part of an article they stand in (head, inside, tail) and their first kind."""
    out: dict[tuple[str, str], list[Block]] = {}
    part, block = "", []
    for row in [*path.read_text(encoding="utf-8").splitlines(), ""]:
        if row.startswith("= "):
            part = row[2:].strip()
        elif row.startswith("#"):
            continue
        elif row.strip():
            kind, _, template = row.partition("\t")
            if kind not in KINDS or not template:
                raise ValueError(f"{path}: no known kind, tab and template: {row}")
            block.append((kind, template))
        elif block:
            out.setdefault((part, block[0][0]), []).append(tuple(block))
            block = []
    return out


def _flat(blocks: Iterable[Sequence[Row]]) -> list[Row]:
    return [row for block in blocks for row in block]


class Composer:
    """Composes articles; the same seed gives the same ones."""

    def __init__(self, given: Stories, blocks: Mapping[tuple[str, str], Sequence[Block]], seed: int) -> None:
        self.stories, self.blocks, self.rng = given, blocks, random.Random(seed)

    def _often(self, share: float) -> bool:
        return self.rng.random() < share

    def _date(self, *, year: bool = True) -> str:
        day, month, y = self.rng.randint(1, 28), self.rng.randint(1, 12), self.rng.randint(2003, 2024)
        name = _MONTHS[month - 1]
        short = self.rng.choice((name[:3], f"{name[:3]}.", name))
        if not year:
            return self.rng.choice((f"{name} {day}", f"{day} {name}", f"{short} {day}", f"{day} {short}"))
        numbers = (f"{y}-{month:02}-{day:02}", f"{day:02}.{month:02}.{y}", f"{day:02}/{month:02}/{y}")
        others = (f"{y}/{month:02}/{day:02}", f"{y}.{month:02}.{day:02}", f"{day}-{name[:3]}-{y}", f"{day}. {name} {y}")
        words = (f"{name} {day}, {y}", f"{day} {name} {y}", f"{day} {short} {y}", f"{short} {day}, {y}")
        return self.rng.choice((*words, *words, *numbers, *others, f"{name.upper()} {day}, {y}"))

    def _time(self) -> str:
        hour, minute = self.rng.randint(0, 23), self.rng.randint(0, 59)
        half = f"{hour % 12 or 12}:{minute:02} {self.rng.choice(('am', 'pm', 'a.m.', 'PM'))}"
        return self.rng.choice((f"{hour:02}:{minute:02}", half, f"{hour:02}.{minute:02}"))

    def _site(self) -> str:
        name = re.sub(r"[^a-z]", "", self._any("outlet").lower())[:14]
        return name + self.rng.choice((".example", ".example", ".com", ".org", ".cn"))

    def _any(self, name: str) -> str:
        return self.rng.choice(self.stories.fillers[name])

    def _agency(self) -> str:
        outlet = self._any("outlet")
        initials = "".join(word[0] for word in outlet.split() if word[0].isupper())
        return self.rng.choice((self.rng.choice(_AGENCIES), outlet, initials if len(initials) > 1 else "NWA"))

    def _fact(self) -> str:
        return self._any("sentence") if self._often(0.5) else self.rng.choice(_FACTS)

    def _phone(self) -> str:
        n = self.rng.randint
        return self.rng.choice(
            (f"+{n(1, 99)} {n(10, 99)} {n(100, 999)} {n(10, 99)}", f"0{n(100, 999)}-{n(10**6, 10**7)}")
        )

    def _slot(self, name: str) -> str:
        made: dict[str, Callable[[], str]] = {
            "date": self._date,
            "day": lambda: self._date(year=False),
            "time": self._time,
            "weekday": lambda: self.rng.choice(_WEEKDAYS),
            "site": self._site,
            "url": lambda: (
                self.rng.choice(("", "www.", "https://")) + self._site() + self.rng.choice(("", "/news", "/a/41"))
            ),
            "mail": lambda: f"{self.rng.choice(('info', 'press', 'desk', 'editor'))}@{self._site()}",
            "handle": lambda: self._any("person").split()[0].lower(),
            "agency": self._agency,
            "fact": self._fact,
            "phone": self._phone,
            "first": lambda: self._any("person").split()[0],
            "tag": lambda: self._any("phrase").replace(" ", ""),
            "year": lambda: str(self.rng.randint(1950, 2024)),
            "percent": lambda: str(self.rng.randint(1, 99)),
            "few": lambda: str(self.rng.randint(1, 60)),
            "many": lambda: self.rng.choice((str(self.rng.randint(1000, 10**8)), f"{self.rng.randint(1000, 99999):,}")),
        }
        return made[name]() if name in made else self._any(name.lower()).upper() if name.isupper() else self._any(name)

    def filled(self, template: str) -> str:
        """A line of a template: `<a|b>` is one of them, `{name}` what fills that slot."""
        while (chosen := _CHOICE.sub(lambda m: self.rng.choice(m.group(1).split("|")), template)) != template:
            template = chosen
        text = _SLOT.sub(lambda m: self._slot(m.group(1)), template)
        return text.replace("&lt;", "<").replace("&gt;", ">").strip()

    def _block(self, part: str, kind: str) -> list[Row]:
        rows = [(k, self.filled(template)) for k, template in self.rng.choice(self.blocks[part, kind])]
        if len(rows) > 3 and self._often(0.3):
            rows.pop()
        return [(k, text) for k, text in rows if text]

    def _some(self, part: str, chances: Mapping[str, float]) -> list[list[Row]]:
        return [self._block(part, kind) for kind, share in chances.items() if self._often(share)]

    def _head(self, title: str | None) -> list[Row]:
        out: list[Row] = []
        for _ in range(self.rng.choice((0, 0, 1, 1, 2, 3))):
            out += self._block("head", "nav")
        out += _flat(self._some("head", {"sidebar": 0.15, "heading": 0.2}))
        said = self._some("head", {"byline": 0.6, "dateline": 0.5, "source": 0.2, "nav": 0.1})
        self.rng.shuffle(said)
        ahead = [rows for rows in said if self._often(0.15)]
        behind = [rows for rows in said if rows not in ahead]
        out += _flat(ahead)
        if title and self._often(0.9):
            out.append(("title", title.upper() if self._often(0.1) else title))
        behind += self._some("inside", {"caption": 0.12, "credit": 0.08})
        return out + _flat(behind)

    def _heading(self, text: str) -> str:
        """Some words of the paragraph below, as headings say what it tells."""
        words, size = text.split(), self.rng.randint(3, 9)
        at = self.rng.randint(0, max(0, min(20, len(words) - size)))
        phrase = " ".join(words[at : at + size]).strip(' .,;:"”“()')
        return (phrase[:1].upper() + phrase[1:]) or "Background"

    def _tail(self) -> list[Row]:
        out = _flat(self._some("tail", {"end": 0.3}))
        parts = self._some("tail", {"byline": 0.2, "source": 0.25, "about": 0.25, "poll": 0.12, "sidebar": 0.5})
        parts += [rows for share in (0.4, 0.3, 0.2) for rows in self._some("tail", {"sidebar": share})]
        if self._often(0.4):
            self.rng.shuffle(parts)
        out += _flat(parts)
        for _ in range(self.rng.choice((0, 0, 1, 1, 2, 3))):
            out += self._block("tail", "nav")
        return out

    def rows(self) -> list[Row]:
        """The lines of one more article."""
        story = self.rng.choice(self.stories.articles)
        title = next((text for kind, text in story if kind == "title"), None)
        text = [row for row in story if row[0] != "title"]
        if len(text) > LONGEST:
            text = text[: self.rng.randint(5, LONGEST)]
        for _ in range(self.rng.choice((0, 0, 0, 1, 1, 2, 3))):
            at = self.rng.randint(1, max(1, len(text) - 1))
            kind = self.rng.choices(("credit", "caption", "heading", "sidebar", "poll"), (4, 6, 6, 4, 1))[0]
            if kind == "heading" and self._often(0.6):
                text.insert(at, ("heading", self._heading(text[at][1] if at < len(text) else text[-1][1])))
            else:
                text[at:at] = self._block("inside", kind)
        return [*self._head(title), *text, *self._tail()]

    def example(self, number: int) -> Example:
        """One more article; some have no blank lines, some one before every line."""
        rows, style = self.rows(), self.rng.random()
        made = []
        for _, text in rows:
            blanks = 0 if style < 0.3 else 1 if style < 0.5 else int(self._often(0.6))
            made.append(Raw(text, 0, len(text), 0, blanks, len(text)))
        kinds = tuple(kind for kind, _ in rows)
        return Example(f"composed {number}", f"composed {number % SPREAD}", tuple(made), kinds)


def composed(corpus_folder: Path, count: int, seed: int = 3) -> list[Example]:
    """So many articles, from the corpus at a folder that holds `annotated/train` and `pasted/furniture.txt`."""
    composer = Composer(
        stories(corpus_folder / "annotated" / "train"), furniture(corpus_folder / "pasted" / "furniture.txt"), seed
    )
    return [composer.example(n) for n in range(count)]
