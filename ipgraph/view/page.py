"""The interactive page: one HTML file that asks nobody for anything.

Names and sentences come from the web and are hostile until proved harmless: they travel as JSON in a script element
that no parser runs, and the page shows them as text only.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from importlib import resources
from typing import Any

from ipgraph.view.layout import positions
from ipgraph.view.networks import KINDS, Edge, Link, Network, when

TITLES = {
    "organizations": "Organizations and what ties them",
    "people": "People and where they met",
    "events": "Events and who took part",
}
OWN = ("role", "mode", "title", "former", "since", "until", "status", "date")
HOSTILE = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}


class _Table:
    """Values in the order they first came, each once: the page names them by their number."""

    def __init__(self, values: Iterable[Any] = ()) -> None:
        self.at: dict[Any, int] = {}
        for value in values:
            self[value]

    def __getitem__(self, value: Any) -> int:
        return self.at.setdefault(value, len(self.at))

    def __iter__(self) -> Any:
        return iter(list(self.at))


def embedded(value: object) -> str:
    """JSON that may stand in a script element: nothing in it can end the element or begin a comment or entity."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return re.sub("[<>&\u2028\u2029\ud800-\udfff]", lambda m: HOSTILE.get(m[0], "\ufffd"), text)


def _sources(kind: str, text: str) -> list[str]:
    found = re.findall(rf"<{kind}>(.*?)</{kind}>", text, re.DOTALL)
    return ["'sha256-" + base64.b64encode(hashlib.sha256(x.encode()).digest()).decode() + "'" for x in found]


def sealed(template: str) -> str:
    """The template with its Content-Security-Policy: only its own styles and scripts, known by their hash."""
    rules = ["default-src 'none'", "img-src data:", "base-uri 'none'", "form-action 'none'"]
    for kind, rule in (("script", "script-src"), ("style", "style-src")):
        hashes = _sources(kind, template)
        rules += [f"{rule} {' '.join(hashes)}"] if hashes else []
    return template.replace("{{policy}}", "; ".join(rules))


def template(name: str) -> str:
    """A template of this package without its indentation, sealed."""
    text = resources.files("ipgraph.view").joinpath(name).read_text(encoding="utf-8")
    return sealed(re.sub(r"(?m)^ +", "", text))


def _things(network: Network) -> list[str]:
    """The nodes, then everything else that the facts speak of."""
    shown = set(network.nodes)
    others = {n for e in network.edges.values() for n in e[:2]} - shown
    return [*network.nodes, *sorted(others)]


class _Tables:
    """What facts say, each value once."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.things = _Table(_things(network))
        self.facts = _Table(network.edges)
        self.kinds = _Table(KINDS[network.kind])
        self.types, self.sentences, self.articles = _Table(), _Table(), _Table()
        self.relations, self.properties, self.dates = _Table(), _Table(), _Table()

    def link(self, link: Link) -> list[Any]:
        """A tie: its ends, its kind, what it runs through, or else the facts that state it."""
        through, facts = [self.things[x] for x in link.through], [self.facts[x] for x in link.facts]
        return [self.things[link.a], self.things[link.b], self.kinds[link.kind], through, facts]

    def fact(self, edge: Edge) -> list[Any]:
        """A fact as the page reads it: its evidence is pairs of article and sentence, flat."""
        head, tail, data = edge
        articles = zip(data["article_ids"], data["sentences"], strict=True)
        said = sorted({(self.articles[a], self.sentences[s]) for a, s in articles})
        return [
            self.relations[data["type"]],
            self.things[head],
            self.things[tail],
            self.properties[tuple((k, data[k]) for k in OWN if k in data)],
            round(float(data["confidence"]), 2),
            self.dates[when(self.network.graph, edge) or ""],
            [x for pair in said for x in pair],
        ]


def _thing(network: Network, node: str, types: _Table) -> list[Any]:
    data = network.graph.nodes[node]
    day = data.get("date") or data.get("start") or data.get("date_from") or 0
    end = data.get("end")
    aliases = [a for a in data["aliases"] if a != data["name"]]
    row = [types[data["kind"]], data["name"], f"{day} to {end}" if day and end and end != day else day, aliases or 0]
    while not row[-1]:
        row.pop()
    return row


def _article(network: Network, node: str) -> list[Any]:
    data = network.graph.nodes[node]
    url = str(data.get("url") or "")
    # Only links that a browser opens as a page: a javascript: or file: address is no source.
    return [data["name"], data.get("published") or 0, data.get("publisher") or 0, url if _web(url) else 0]


def _web(url: str) -> bool:
    return re.match(r"https?://[^\s]+$", url) is not None


def data(network: Network) -> dict[str, Any]:
    """What the page knows, as numbered tables: nodes come first among the things."""
    place, t = positions(network), _Tables(network)
    return {
        "title": TITLES[network.kind],
        "projection": network.kind,
        "kinds": list(KINDS[network.kind].items()),
        "count": len(network.nodes),
        "ids": list(network.nodes),
        "places": [xy for n in network.nodes for xy in place[n]],
        "things": [_thing(network, x, t.types) for x in t.things],
        "types": list(t.types),
        "links": [t.link(x) for x in network.links],
        "reach": [
            [t.kinds[k], t.things[n], t.things[x], [t.facts[f] for f in v]] for (k, n, x), v in network.reach.items()
        ],
        "facts": [t.fact(e) for e in network.edges.values()],
        "relations": list(t.relations),
        "properties": [dict(p) for p in t.properties],
        "dates": list(t.dates),
        "sentences": [" ".join(s.split()) for s in t.sentences],
        "articles": [_article(network, a) for a in t.articles],
        "focus": -1 if network.focus is None else t.things[network.focus],
        "notes": list(network.notes),
    }


def page(network: Network) -> str:
    """The whole page as text. The same network gives the same bytes."""
    return template("viewer.html").replace("{{data}}", embedded(data(network)), 1)
