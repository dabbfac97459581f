"""Pasted text as an article: lines classified, repaired, rejoined, each character mapped to the source."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from ipgraph.clean import lines as raw_lines
from ipgraph.clean import meta
from ipgraph.clean.classifier import classify
from ipgraph.clean.lines import Raw
from ipgraph.clean.mapped import Mapped, join
from ipgraph.clean.meta import Meta
from ipgraph.clean.normalise import normalise
from ipgraph.clean.signs import SIGNS

_LEADING = re.compile(r"^\s*(?:——|--|—|–|■|▲|◆|●|※|▌|#{1,4}\s)\s*")
_BULLET = re.compile(r"^\s*(?:[•·▪▸►‣]|\*(?=\s))\s*")
_TEXT_KINDS = ("body", "heading", "about")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One line of an article's text to be, with its kind (body, heading, about)."""

    kind: str
    text: Mapped


@dataclass(frozen=True, slots=True)
class Cleaned:
    """What the lines of a text come to."""

    meta: Meta
    title: Mapped | None
    paragraphs: tuple[Paragraph, ...]
    captions: tuple[Mapped, ...]

    def with_meta(self, known: Meta) -> Cleaned:
        """The same, with what is known beforehand put before what was read."""
        return replace(self, meta=known.over(self.meta))


def _repaired(source: str, line: Raw, kind: str) -> Mapped:
    text = Mapped.of(source, line.start, line.end)
    if kind in _TEXT_KINDS:
        lead = _LEADING.match(text.text) if kind == "heading" else _BULLET.match(text.text)
        text = text[lead.end() if lead else 0 :]
    return normalise(text)


def _indented(lines: Sequence[Raw], kinds: Sequence[str]) -> bool:
    """Whether paragraphs are marked by indenting their first line."""
    body = [line.indent >= 2 for line, kind in zip(lines, kinds, strict=True) if kind == "body"]
    return len(body) >= 4 and 0.3 * len(body) <= sum(body) < len(body)


def _continues(line: Raw, before: Raw | None, wrapped: bool, indented: bool) -> bool:
    """Whether a body line goes on with the paragraph of the line before it."""
    if before is None:
        return False
    if indented:
        return line.indent < 2
    return wrapped and line.blanks == 0


def _paragraphs(source: str, lines: Sequence[Raw], kinds: Sequence[str]) -> list[Paragraph]:
    wrapped, indented = raw_lines.wrap_width(lines) is not None, _indented(lines, kinds)
    out: list[Paragraph] = []
    pieces: list[Mapped] = []
    before: Raw | None = None

    def close() -> None:
        if pieces:
            out.append(Paragraph("body", join(pieces, " ")))
            pieces.clear()

    for line, kind in zip(lines, kinds, strict=True):
        if kind not in _TEXT_KINDS:
            continue
        text = _repaired(source, line, kind)
        if kind != "body" or not _continues(line, before, wrapped, indented):
            close()
        if kind == "body":
            pieces.append(text)
        else:
            out.append(Paragraph(kind, text))
        before = line if kind == "body" else None
    close()
    return [p for p in out if p.text.text]


def _without_dateline(paragraphs: list[Paragraph]) -> tuple[list[Paragraph], Meta]:
    """The paragraphs with a dateline taken off the first body line, and what it says."""
    for i, p in enumerate(paragraphs):
        if p.kind != "body":
            continue
        found, length = meta.glued_dateline(p.text.text)
        if length and (rest := p.text[length:].strip()).text:
            return [*paragraphs[:i], replace(p, text=rest), *paragraphs[i + 1 :]], found
        break
    return paragraphs, Meta()


def _title(source: str, lines: Sequence[Raw], kinds: Sequence[str]) -> Mapped | None:
    """The title; one that is broken over lines is joined."""
    at = [i for i, kind in enumerate(kinds) if kind == "title"]
    if not at:
        return None
    run = [at[0]]
    while run[-1] + 1 in at and lines[run[-1] + 1].blanks == 0:
        run.append(run[-1] + 1)
    joined = join([_repaired(source, lines[i], "title") for i in run], " ")
    return normalise(joined.strip("#= *"))


def _metadata(lines: Sequence[Raw], kinds: Sequence[str]) -> Meta:
    read = {"byline": meta.byline, "source": meta.source_line, "dateline": meta.date_line}
    return meta.merged(read[kind](line.text) for line, kind in zip(lines, kinds, strict=True) if kind in read)


def _captions(source: str, lines: Sequence[Raw], kinds: Sequence[str]) -> list[Mapped]:
    """Captions, each text once."""
    out: dict[str, Mapped] = {}
    for line, kind in zip(lines, kinds, strict=True):
        if kind == "caption":
            text = _repaired(source, line, kind)
            out.setdefault(text.text, text)
    return [text for words, text in out.items() if words]


def clean(source: str) -> Cleaned:
    """The parts of a pasted text. Offsets count characters of `source`."""
    lines = raw_lines.split(source)
    kinds = classify(lines)
    if "body" not in kinds:
        # A sentence or two alone look like a headline or a caption, yet somebody wants them read.
        kinds = ["body" if _sentence(line.text) else kind for line, kind in zip(lines, kinds, strict=True)]
    return assembled(source, lines, kinds)


def _sentence(text: str) -> bool:
    return len(text.split()) > 3 and text.rstrip("\"”'’)")[-1:] in (".", "!", "?") and not _unwanted(text)


def _unwanted(text: str) -> bool:
    return any(SIGNS[name].search(text) for name in ("call to act", "rights", "credit in brackets", "by strict"))


def assembled(source: str, lines: Sequence[Raw], kinds: Sequence[str]) -> Cleaned:
    """The parts of a text whose lines are classified."""
    title = _title(source, lines, kinds)
    paragraphs, dateline = _without_dateline(_paragraphs(source, lines, kinds))
    if title is not None:
        # A page often says its title twice.
        paragraphs = [p for p in paragraphs if p.text.text != title.text]
    found = _metadata(lines, kinds).over(dateline)
    return Cleaned(found, title, tuple(paragraphs), tuple(_captions(source, lines, kinds)))
