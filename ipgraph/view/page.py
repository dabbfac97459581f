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
from ipgraph.view.networks import KINDS, Edge, Network, when

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
    """A template of this package, sealed."""
    return sealed(resources.files("ipgraph.view").joinpath(name).read_text(encoding="utf-8"))


def _things(network: Network) -> list[str]:
    """The nodes, then everything else that the facts speak of."""
    shown = set(network.nodes)
    others = {n for e in network.edges.values() for n in e[:2]} - shown
    return [*network.nodes, *sorted(others)]


def _fact(network: Network, edge: Edge, things: _Table, sentences: _Table, articles: _Table) -> list[Any]:
    head, tail, data = edge
    said = sorted({(articles[a], sentences[s]) for a, s in zip(data["article_ids"], data["sentences"], strict=True)})
    own = {k: data[k] for k in OWN if k in data}
    confidence = round(float(data["confidence"]), 2)
    date = when(network.graph, edge) or 0
    return [data["type"], things[head], things[tail], own or 0, confidence, date, [x for pair in said for x in pair]]


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
    place = positions(network)
    things, types = _Table(_things(network)), _Table()
    sentences, articles, facts = _Table(), _Table(), _Table(network.edges)
    kinds = _Table(KINDS[network.kind])
    rows = [_fact(network, e, things, sentences, articles) for e in network.edges.values()]
    return {
        "title": TITLES[network.kind],
        "projection": network.kind,
        "kinds": list(KINDS[network.kind].items()),
        "count": len(network.nodes),
        "ids": list(network.nodes),
        "places": [xy for n in network.nodes for xy in place[n]],
        "things": [_thing(network, t, types) for t in things],
        "types": list(types),
        "links": [
            [things[x.a], things[x.b], kinds[x.kind], [things[t] for t in x.through], [facts[f] for f in x.facts]]
            for x in network.links
        ],
        "reach": [[kinds[k], things[n], things[t], [facts[f] for f in v]] for (k, n, t), v in network.reach.items()],
        "facts": rows,
        "sentences": [" ".join(s.split()) for s in sentences],
        "articles": [_article(network, a) for a in articles],
        "focus": -1 if network.focus is None else things[network.focus],
        "notes": list(network.notes),
    }


def page(network: Network) -> str:
    """The whole page as text. The same network gives the same bytes."""
    return template("viewer.html").replace("{{data}}", embedded(data(network)), 1)
