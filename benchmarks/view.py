"""How large a page is and how smoothly it moves, on invented networks of 200 and 5,000 organizations.

    python benchmarks/view.py [--nodes 200] [--nodes 5000] [--keep DIR]

Prints one JSON line a size. Without Chromium and selenium only the size of the file and the time to write it.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from ipgraph.graph import Graph
from ipgraph.model import digest
from ipgraph.view import Wish, network
from ipgraph.view.page import page
from tests.browser import chrome

SYLLABLES = "ba ce di lo mar ve ton ka ri sel nu pa or ten wick sha lin qua fen dor mi tal es ju hal".split()
FIELDS = "Trademark,Patent,Copyright,Coffee,Tea,Ceramics,Silk,Harbour,Music,Steel,Wine,Cotton,Honey,Solar,Robotics"
BODIES = "Office,Institute,Association,University,Bureau,Court,Group,Guild,Council,Federation,Works,Chamber"
MEETINGS = "Forum,Fair,Summit,Symposium,Training Day,Roundtable,Congress,Workshop"
CHINESE = "北岭知识产权局,兰桥商标协会,云溪大学,东湾品牌促进会,青石专利代理有限公司"

REST = """moving = 0; const began = performance.now();
for (let i = 0; i < 10; i++) { paint(); ctx.getImageData(0, 0, 1, 1); } return (performance.now() - began) / 10;"""
"""Milliseconds to draw everything, edges and labels too, as when nothing moves."""


class _Maker:
    """Invented names and articles from a fixed seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)
        self.graph = Graph()
        self.articles = 0

    def word(self, least: int = 2) -> str:
        return "".join(self.dice.choices(SYLLABLES, k=self.dice.randint(least, least + 1))).capitalize()

    def node(self, kind: str, name: str, **own: Any) -> str:
        identifier = f"{kind[:3].lower()}-{digest(kind, name, str(len(self.graph)))}"
        self.graph.add_node(identifier, kind=kind, name=name, aliases=[], **own)
        return identifier

    def article(self) -> str:
        self.articles += 1
        day = f"20{self.dice.randint(19, 25)}-{self.dice.randint(1, 12):02}-{self.dice.randint(1, 28):02}"
        name = f"{self.word()} hosts talks on {self.dice.choice(FIELDS.split(',')).lower()} names"
        identifier = f"art-{self.articles:05}"
        self.graph.add_node(identifier, kind="Article", name=name, aliases=[], published=day, publisher="Demo Wire")
        return identifier

    def edge(self, head: str, kind: str, tail: str, article: str, sentence: str, **own: Any) -> None:
        key = "edg-" + digest(kind, head, tail, str(own))
        if not self.graph.has_edge(head, tail, key):
            self.graph.add_edge(
                head, tail, key=key, type=kind, id=key, article_ids=[article], sentences=[sentence], starts=[0],
                ends=[len(sentence)], parts=["text"], rules=["invented"], confidence=self.dice.choice([0.6, 0.8, 0.9]),
                first_reported=self.graph.nodes[article]["published"],
                last_reported=self.graph.nodes[article]["published"], **own,
            )  # fmt: skip

    def organization(self, number: int) -> str:
        chinese = CHINESE.split(",")
        if number % 20 == 7 and number // 20 < len(chinese):
            return self.node("Organization", chinese[number // 20])
        field, body = self.dice.choice(FIELDS.split(",")), self.dice.choice(BODIES.split(","))
        return self.node("Organization", f"{self.word()} {field} {body}")

    def meeting(self, guests: list[str], people: dict[str, str]) -> None:
        article = self.article()
        names = [self.graph.nodes[g]["name"] for g in guests]
        name = f"{self.word()} {self.dice.choice(FIELDS.split(','))} {self.dice.choice(MEETINGS.split(','))}"
        day = self.graph.nodes[article]["published"]
        event = self.node("Event", name, date=day, date_from=day)
        said = f"The {name} was held by the {names[0]}; {', '.join(names[1:]) or 'nobody else'} took part in it."
        self.edge(guests[0], "ORGANIZED", event, article, said, role="host")
        for guest in guests[1:]:
            self.edge(guest, "ATTENDED", event, article, said, role="attendee")
        for guest in guests[:2]:
            person = people.setdefault(guest, self.node("Person", f"{self.word()} {self.word(1)}"))
            who, where = self.graph.nodes[person]["name"], self.graph.nodes[guest]["name"]
            if self.dice.random() < 0.25:
                also = guests[-1]
                seat = f"{who} also sits on the board of the {self.graph.nodes[also]['name']}."
                self.edge(person, "HOLDS_POSITION", also, article, seat, title="board member")
            told = f"{who}, director of the {where}, spoke at the {name} on registering names abroad."
            self.edge(person, "HOLDS_POSITION", guest, article, told, title="director")
            self.edge(person, "ATTENDED", event, article, told, role="speaker")


def invented(nodes: int, seed: int = 8) -> Graph:
    """A graph with about so many organizations that are tied to each other, grouped as in a real region."""
    make = _Maker(seed)
    organizations = [make.organization(i) for i in range(nodes)]
    people: dict[str, str] = {}
    circle = max(8, nodes // 12)
    for i in range(0, nodes, 3):
        home = (i // circle) * circle
        near = organizations[home : home + circle]
        size = make.dice.choice([2, 2, 3, 3, 4, 5])
        guests = [organizations[i], *make.dice.sample(near, min(size - 1, len(near)))]
        if make.dice.random() < 0.15:
            guests.append(organizations[make.dice.randrange(nodes)])
        make.meeting(list(dict.fromkeys(guests)), people)
    for i in range(1, nodes, 3):
        a, b = organizations[i], organizations[(i // circle) * circle]
        kind = make.dice.choice(["PART_OF", "COOPERATES_WITH", "OWNS_BRAND"])
        article = make.article()
        if kind == "OWNS_BRAND":
            brand = make.node("Brand", f"{make.word()} Gold")
            for owner in (a, organizations[(i + 1) % nodes]):
                make.edge(owner, kind, brand, article, f"{make.graph.nodes[brand]['name']} is sold by both houses.")
        elif a != b:
            words = "is a unit of" if kind == "PART_OF" else "signed an agreement with"
            names = make.graph.nodes[a]["name"], make.graph.nodes[b]["name"]
            make.edge(a, kind, b, article, f"The {names[0]} {words} the {names[1]}.")
    return make.graph


def measured(nodes: int, folder: Path) -> dict[str, Any]:
    """Size of the page, seconds to write it, and how it moves in a browser."""
    # Some are tied to nothing and not shown: more are made than wanted, the most connected stay.
    graph = invented(round(nodes * 1.2))
    began = time.perf_counter()
    net = network(graph, "organizations", Wish(max_nodes=nodes))
    file = folder / f"organizations-{nodes}.html"
    file.write_text(page(net), encoding="utf-8")
    row: dict[str, Any] = {"nodes": len(net.nodes), "ties": len(net.links), "kB": round(file.stat().st_size / 1000, 1)}
    row["seconds"] = round(time.perf_counter() - began, 2)
    if chrome.available():
        with chrome.browser() as driver:
            began = time.perf_counter()
            driver.get(file.resolve().as_uri())
            row["open_s"] = round(time.perf_counter() - began, 2)
            row |= {k: round(v, 1) for k, v in chrome.drag(driver).items()}
            row |= {"requests": len(chrome.requests(driver, file)), "console": len(chrome.complaints(driver))}
            row["rest_ms"] = round(driver.execute_script(REST), 1)
            driver.save_screenshot(str(folder / f"organizations-{nodes}.png"))
    return row


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--nodes", type=int, action="append")
    parser.add_argument("--keep", type=Path, help="leave the pages and pictures there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        target = given.keep or Path(folder)
        target.mkdir(parents=True, exist_ok=True)
        for nodes in given.nodes or [200, 5000]:
            print(json.dumps(measured(nodes, target)), flush=True)


if __name__ == "__main__":
    main()
