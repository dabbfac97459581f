"""A network as a figure for print: by Graphviz where pygraphviz is installed, else an SVG of our own."""

from __future__ import annotations

import html
import importlib
import math
import re
import unicodedata
import warnings
from collections.abc import Iterator
from typing import Any

from ipgraph.errors import UsageError
from ipgraph.view.layout import positions
from ipgraph.view.networks import KINDS, Network
from ipgraph.view.page import TITLES

FONTS = "Noto Sans, Noto Sans CJK SC, DejaVu Sans, Arial, sans-serif"
NODE_COLORS = {"Organization": "#2f6f9f", "Person": "#6b4fa0", "Event": "#c0562f"}
SHAPES = {"Organization": "square", "Person": "circle", "Event": "diamond"}
TIE_COLORS = ("#2f77b0", "#2b98a0", "#c0562f", "#4d545f", "#3f8a52", "#8a4fa8")
DASHES = ("", "3 4", "9 3", "", "7 3 2 3", "2 3")
STYLES = ("solid", "dotted", "dashed", "solid", "dashed", "dotted")
LINE = 13
Box = tuple[float, float, float, float]


def _clean(name: str) -> str:
    """The name without signs that no font shows or that turn the direction of what follows."""
    kept = (c if unicodedata.category(c)[0] != "C" else " " for c in name)
    return " ".join("".join(kept).split()) or "?"


def wrapped(name: str, most: int = 26) -> list[str]:
    """The name in at most two lines; CJK may break anywhere, other names between words."""
    text = _clean(name)
    if len(text) <= most - 4:
        return [text]
    spaces = [m.start() for m in re.finditer(" ", text) if 3 <= m.start() <= most]
    at = min(spaces, key=lambda i: abs(i - len(text) / 2)) if spaces else min(most, math.ceil(len(text) / 2))
    first, rest = text[:at], text[at:].strip()
    return [first, rest if len(rest) <= most else rest[: most - 1] + "…"]


def _wide(text: str) -> float:
    return sum(11.5 if unicodedata.east_asian_width(c) in "WF" else 6.3 for c in text)


def _radius(strength: int) -> float:
    return min(20.0, 5 + 2 * math.sqrt(strength))


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def _label(lines: list[str], x: float, y: float, r: float, taken: list[Box]) -> tuple[Box, str] | None:
    """A place for the label that covers nothing, and how its lines are aligned; None where there is none."""
    w, h = max(map(_wide, lines)), LINE * len(lines)
    spots = (
        ((x - w / 2, y + r + 2), "middle"),
        ((x + r + 3, y - h / 2), "start"),
        ((x - r - 3 - w, y - h / 2), "end"),
        ((x - w / 2, y - r - 2 - h), "middle"),
    )
    for (left, top), anchor in spots:
        box = (left - 2, top, left + w + 2, top + h)
        if not any(_overlap(box, t) for t in taken):
            return box, anchor
    return None


def _path(a: tuple[int, int], b: tuple[int, int], bend: float) -> str:
    if not bend:
        return f"M{a[0]} {a[1]}L{b[0]} {b[1]}"
    long = math.dist(a, b) or 1.0
    x = (a[0] + b[0]) / 2 - (b[1] - a[1]) / long * bend
    y = (a[1] + b[1]) / 2 + (b[0] - a[0]) / long * bend
    return f"M{a[0]} {a[1]}Q{x:.1f} {y:.1f} {b[0]} {b[1]}"


def _bends(network: Network) -> list[float]:
    """How far each tie bends, so that several between the same two nodes stay apart."""
    pairs: dict[tuple[str, ...], list[int]] = {}
    for i, link in enumerate(network.links):
        pairs.setdefault(tuple(sorted((link.a, link.b))), []).append(i)
    bends = [0.0] * len(network.links)
    for at in pairs.values():
        for j, i in enumerate(at):
            side = 1 if network.links[i].a < network.links[i].b else -1
            bends[i] = (j - (len(at) - 1) / 2) * 26 * side
    return bends


def _ties(network: Network, place: dict[str, tuple[int, int]]) -> Iterator[str]:
    kinds = list(KINDS[network.kind])
    for link, bend in zip(network.links, _bends(network), strict=True):
        i = kinds.index(link.kind)
        wide = min(7.0, 1.3 + math.log2(link.weight) * 1.35)
        dash = f' stroke-dasharray="{DASHES[i]}"' if DASHES[i] else ""
        path = _path(place[link.a], place[link.b], bend)
        yield f'<path d="{path}" stroke="{TIE_COLORS[i]}" stroke-width="{wide:.1f}"{dash}/>'


def _mark(kind: str, x: float, y: float, r: float) -> str:
    color = NODE_COLORS.get(kind, "#97751d")
    if SHAPES.get(kind) == "square":
        side = f"{r * 1.76:.1f}"
        return f'<rect x="{x - r * 0.88:.1f}" y="{y - r * 0.88:.1f}" width="{side}" height="{side}" fill="{color}"/>'
    if SHAPES.get(kind) == "diamond":
        d = r * 1.2
        return f'<path d="M{x:.1f} {y - d:.1f}l{d:.1f} {d:.1f}l{-d:.1f} {d:.1f}l{-d:.1f} {-d:.1f}z" fill="{color}"/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r:.1f}" fill="{color}"/>'


def _text(lines: list[str], box: Box, anchor: str) -> str:
    x = {"start": box[0] + 2, "end": box[2] - 2, "middle": (box[0] + box[2]) / 2}[anchor]
    rows = "".join(
        f'<tspan x="{x:.1f}" y="{box[1] + 10 + LINE * i:.1f}">{html.escape(line)}</tspan>'
        for i, line in enumerate(lines)
    )
    return f'<text text-anchor="{anchor}">{rows}</text>'


def _labels(network: Network, place: dict[str, tuple[int, int]], radius: dict[str, float]) -> list[tuple[str, Box]]:
    taken: list[Box] = []
    for n, (x, y) in place.items():
        r = radius[n] * 0.9
        taken.append((x - r, y - r, x + r, y + r))
    out = []
    strength = network.strength()
    for n in sorted(network.nodes, key=lambda n: (-strength[n], n)):
        lines = wrapped(network.graph.nodes[n]["name"])
        found = _label(lines, *place[n], radius[n], taken)
        if found:
            taken.append(found[0])
            out.append((_text(lines, *found), found[0]))
    return out


def _legend(network: Network, x: float, y: float) -> Iterator[str]:
    used = {link.kind for link in network.links}
    for i, (kind, words) in enumerate(KINDS[network.kind].items()):
        if kind in used:
            dash = f' stroke-dasharray="{DASHES[i]}"' if DASHES[i] else ""
            yield f'<path d="M{x} {y}h30" stroke="{TIE_COLORS[i]}" stroke-width="3"{dash}/>'
            yield f'<text x="{x + 38}" y="{y + 4}">{words}</text>'
            y += 18


def _fitted(place: dict[str, tuple[int, int]], most: float = 1800) -> dict[str, tuple[int, int]]:
    """The places drawn together where they are spread wide, or names would be too small to read in print."""
    wide = max(max(v[i] for v in place.values()) - min(v[i] for v in place.values()) for i in (0, 1))
    by = max(0.5, min(1.0, most / max(wide, 1)))
    return {n: (round(x * by), round(y * by)) for n, (x, y) in place.items()}


def svg(network: Network) -> str:
    """An SVG of our own, with the positions of the page. Labels cover nothing; some have no room and are left out."""
    place = _fitted(positions(network))
    radius = {n: _radius(s) for n, s in network.strength().items()}
    labels = _labels(network, place, radius)
    xs = [x for x, _ in place.values()] + [v for _, b in labels for v in (b[0], b[2])]
    ys = [y for _, y in place.values()] + [v for _, b in labels for v in (b[1], b[3])]
    left, top, right, low = min(xs) - 40, min(ys) - 60, max(xs) + 40, max(ys) + 40
    kinds = len({link.kind for link in network.links})
    low += 18 * kinds + 20
    right = max(right, left + 320)
    view = f"{left:.0f} {top:.0f} {right - left:.0f} {low - top:.0f}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{view}" width="{right - left:.0f}"'
        f' height="{low - top:.0f}" font-family="{FONTS}" font-size="11.5" fill="#22252b">',
        f'<title>{TITLES[network.kind]}</title><rect x="{left:.0f}" y="{top:.0f}" width="100%" height="100%"'
        ' fill="#ffffff"/>',
        f'<text x="{left + 20:.0f}" y="{top + 28:.0f}" font-size="17" font-weight="600">{TITLES[network.kind]}</text>',
        '<g fill="none" stroke-opacity=".75">',
        *_ties(network, place),
        '</g><g stroke="#ffffff" stroke-width="1.4">',
        *(_mark(network.graph.nodes[n]["kind"], *place[n], radius[n]) for n in network.nodes),
        '</g><g paint-order="stroke" stroke="#ffffff" stroke-width="3" stroke-linejoin="round">',
        *(text for text, _ in labels),
        "</g><g>",
        *_legend(network, round(left + 20), round(low - 18 * kinds - 6)),
        "</g></svg>",
    ]
    return "\n".join(parts) + "\n"


def _plain_label(name: str) -> str:
    """A label that Graphviz takes as it stands: no escapes, and never as markup."""
    text = "\n".join(wrapped(name)).replace("\\", "\\\\")
    return f" {text} " if text.startswith("<") else text


def _key(network: Network) -> str:
    used = {link.kind for link in network.links}
    rows = "".join(
        f'<tr><td align="left"><font color="{TIE_COLORS[i]}">{"— — " if DASHES[i] else "——— "}</font>{words}</td></tr>'
        for i, (kind, words) in enumerate(KINDS[network.kind].items())
        if kind in used
    )
    title = f'<tr><td align="left"><b>{TITLES[network.kind]}</b></td></tr>'
    return f'<<table border="0" cellborder="0" cellspacing="1">{title}{rows}</table>>'


def _drawn(network: Network, pygraphviz: Any) -> Any:
    graph = pygraphviz.AGraph(strict=False, directed=False)
    graph.graph_attr.update(
        overlap="false", start="8", splines="true", sep="+6", esep="+3", outputorder="edgesfirst", dpi="110",
        fontname="Noto Sans CJK SC", fontsize="12", labelloc="b", labeljust="l", label=_key(network), pad="0.3",
    )  # fmt: skip
    graph.node_attr.update(
        fontname="Noto Sans CJK SC", fontsize="10", fontcolor="#ffffff", style="filled,rounded", shape="box",
        penwidth="0", margin="0.09,0.05", height="0.2", width="0.2",
    )  # fmt: skip
    shape = {"Event": "hexagon", "Person": "box", "Organization": "box"}
    for n in network.nodes:
        kind = network.graph.nodes[n]["kind"]
        style = "filled" if kind != "Person" else "filled,rounded"
        label = _plain_label(network.graph.nodes[n]["name"])
        graph.add_node(n, label=label, fillcolor=NODE_COLORS[kind], shape=shape[kind], style=style)
    kinds = list(KINDS[network.kind])
    for link in network.links:
        i = kinds.index(link.kind)
        wide = min(6.0, 1.2 + math.log2(link.weight) * 1.3)
        graph.add_edge(
            link.a, link.b, key=link.kind, color=TIE_COLORS[i], style=STYLES[i], penwidth=f"{wide:.1f}", len="1.4"
        )
    return graph


def figure(network: Network, form: str) -> bytes:
    """The figure as "svg", "png" or "pdf". Raises UsageError where the form needs pygraphviz and it is absent."""
    try:
        pygraphviz = importlib.import_module("pygraphviz")
    except ImportError as e:
        if form == "svg":
            return svg(network).encode()
        raise UsageError(
            f"cannot draw {form.upper()}; it needs Graphviz; try `pip install 'ipgraph[figures]'`, or -o FILE.svg"
        ) from e
    with warnings.catch_warnings():
        # Graphviz speaks of fonts and of overlaps it could not undo; neither is for the user to act on.
        warnings.simplefilter("ignore")
        return bytes(_drawn(network, pygraphviz).draw(format=form, prog="neato"))
