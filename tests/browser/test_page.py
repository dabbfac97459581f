"""The page in a real Chromium: it asks nobody, complains of nothing, answers mouse and keyboard, and runs no name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.view import invented
from ipgraph import graph as graphs
from ipgraph.graph import Graph
from ipgraph.view import Wish, network
from ipgraph.view import article as articles
from ipgraph.view.page import page
from tests.browser import chrome
from tests.facts import AGAIN, FAIR, facts

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not chrome.available(), reason=chrome.MISSING)]

SENTENCE = AGAIN.article.text
HOSTILE = [
    "<script>window.ran=1</script>",
    '"><img src=x onerror=window.ran=1>',
    "</script><svg onload=window.ran=1>",
    "'-window.ran=1-'",
    "${window.ran=1}",
    "javascript:window.ran=1",
    "\u2028window.ran=1\u2029",
    "\u202e\u2066شركة window.ran=1",
    "👩‍👩‍👧‍👦🇿🇼" * 9,
    "very long " * 400,
    "北岭知识产权局" * 20,
    "{{data}}</title><style>*{display:none}</style>",
    "\\u003cscript\\u003ewindow.ran=1\\u003c/script\\u003e",
]
NAMES = [f"{HOSTILE[i % len(HOSTILE)]} {i}" for i in range(100)]


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    with chrome.browser() as driver:
        yield driver


@pytest.fixture(scope="module")
def fair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(graphs.build([FAIR, AGAIN]), tmp_path_factory.mktemp("fair") / "fair.html", "events")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _write(invented(240), tmp_path_factory.mktemp("large") / "large.html", "organizations", 200)


def _write(graph: Graph, file: Path, kind: str, most: int = 300) -> Path:
    file.write_text(page(network(graph, kind, Wish(max_nodes=most))), encoding="utf-8")
    return file


def _open(driver: Any, file: Path, mark: str = "") -> None:
    driver.get("about:blank")
    chrome.requests(driver, file)
    chrome.complaints(driver)
    driver.get(file.resolve().as_uri() + mark)


def _silent(driver: Any, file: Path) -> None:
    assert chrome.requests(driver, file) == []
    assert chrome.complaints(driver) == []


def _panel(driver: Any) -> str:
    return str(driver.execute_script("return document.getElementById('panel').textContent"))


def _press(driver: Any, *keys: str) -> None:
    from selenium.webdriver import ActionChains

    for key in keys:
        ActionChains(driver).send_keys(key).perform()


def _at(driver: Any, x: float, y: float) -> Any:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.actions.action_builder import ActionBuilder

    actions = ActionBuilder(driver)
    actions.pointer_action.move_to_location(int(x), int(y)).click()
    actions.perform()
    return ActionChains(driver)


def test_a_click_on_a_node_shows_its_sentences(driver: Any, fair: Path) -> None:
    _open(driver, fair)
    where = "const i = D.things.findIndex(t => t[1] === 'Tea Guild'); return [sx(i), sy(i)]"
    _at(driver, *driver.execute_script(where))
    shown = _panel(driver)
    assert "Tea Guild organized Tea Fair 2024 (organizer) 0.90" in shown
    assert SENTENCE in shown
    assert "2024-05-03" in shown
    assert FAIR.article.text not in shown
    _silent(driver, fair)


def test_a_click_on_a_tie_shows_what_states_it(driver: Any, fair: Path) -> None:
    _open(driver, fair)
    where = """const n = name => D.things.findIndex(t => t[1] === name), a = n('Tea Guild'), b = n('Tea Fair 2024');
        return [(sx(a) + sx(b)) / 2, (sy(a) + sy(b)) / 2]"""
    _at(driver, *driver.execute_script(where))
    assert _panel(driver).count(SENTENCE) == 1
    assert driver.execute_script("return location.hash.split('~').length") == 2


def test_an_event_lists_participants_by_organization_and_role(driver: Any, fair: Path) -> None:
    _open(driver, fair)
    driver.execute_script("choose(D.things.findIndex(t => t[1] === 'Tea Fair 2024'), true)")
    shown = _panel(driver)
    assert "Participants by organization" in shown
    assert "Ana Silva, director: speaker" in shown


def test_the_legend_filters_and_counts(driver: Any, fair: Path) -> None:
    from selenium.webdriver.common.by import By

    _open(driver, fair)
    keys = {k.text.split("\n")[0]: k for k in driver.find_elements(By.CSS_SELECTOR, "#ties .key")}
    assert keys["organized"].text.endswith("2")
    before = driver.find_element(By.ID, "counts").text
    keys["organized"].click()
    assert keys["organized"].get_attribute("aria-pressed") == "false"
    assert driver.find_element(By.ID, "counts").text == "3 nodes, 2 ties"
    keys["organized"].click()
    assert driver.find_element(By.ID, "counts").text == before == "4 nodes, 4 ties"
    _silent(driver, fair)


def test_all_of_it_with_the_keyboard_alone(driver: Any, fair: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    _open(driver, fair)
    _press(driver, "/", "tea guild", Keys.ENTER)
    assert SENTENCE in _panel(driver)
    _press(driver, Keys.ESCAPE)
    assert driver.execute_script("return document.getElementById('panel').hidden")
    _press(driver, Keys.ARROW_RIGHT, Keys.ARROW_LEFT, Keys.ARROW_UP, Keys.ENTER)
    assert driver.execute_script("return document.activeElement.id") == "panel"
    assert "relation" in _panel(driver)
    _press(driver, Keys.TAB, Keys.TAB, Keys.ENTER)
    assert "relation" in _panel(driver)
    _press(driver, Keys.ESCAPE, "?")
    assert not driver.execute_script("return document.getElementById('help').hidden")
    _press(driver, Keys.ESCAPE, "d")
    assert driver.execute_script("return document.documentElement.dataset.theme") == "dark"
    _press(driver, "+", "-", "0")
    _silent(driver, fair)


def test_a_link_leads_to_its_node_and_the_slider_to_its_day(driver: Any, fair: Path) -> None:
    _open(driver, fair)
    mark = driver.execute_script("return D.ids[D.things.findIndex(t => t[1] === 'Tea Guild')]")
    _open(driver, fair, f"#{mark}")
    assert SENTENCE in _panel(driver)
    driver.execute_script("slider.value = 0; slider.dispatchEvent(new Event('input'))")
    assert driver.execute_script("return document.getElementById('until').textContent") == "Until 2024-05-02"
    assert driver.execute_script("return document.getElementById('counts').textContent") == "3 nodes, 2 ties"
    assert SENTENCE not in _panel(driver)
    _silent(driver, fair)


def test_labels_never_overlap_near_or_far(driver: Any, large: Path) -> None:
    _open(driver, large)
    for zoom in (1, 0.4, 3, 2):
        boxes = driver.execute_script(f"zoom({zoom}); paint(); return labels.map(b => b.slice(0, 4))")
        assert boxes
        for i, (x, y, w, h) in enumerate(boxes):
            for p, q, v, u in boxes[i + 1 :]:
                assert x + w <= p or p + v <= x or y + h <= q or q + u <= y


def test_a_hundred_hostile_names_run_nothing(driver: Any, tmp_path: Path) -> None:
    text = " | ".join(NAMES)
    pairs: list[Any] = [(n, "COOPERATES_WITH", NAMES[i // 2], {}) for i, n in enumerate(NAMES) if i]
    hostile = facts(text, [("Organization", n) for n in NAMES], pairs, title=NAMES[0], date="2024-01-01")
    file = _write(graphs.build([hostile]), tmp_path / "hostile.html", "organizations")
    _open(driver, file)
    assert driver.execute_script("return D.count") >= 95
    for i in range(0, 95, 8):
        driver.execute_script(f"choose({i}, true)")
    driver.execute_script("$('search').value = 'script'; $('search').dispatchEvent(new Event('input'))")
    counted = "return ['script', 'img', 'style'].map(t => document.getElementsByTagName(t).length)"
    assert driver.execute_script(counted) == [2, 0, 1]
    assert driver.execute_script("return window.ran") is None
    _silent(driver, file)
    other = tmp_path / "article.html"
    other.write_text(articles.page(hostile), encoding="utf-8")
    _open(driver, other)
    assert driver.execute_script(counted) == [0, 0, 1]
    assert driver.execute_script("return window.ran") is None
    _silent(driver, other)


def test_two_hundred_nodes_are_small_and_smooth(driver: Any, large: Path) -> None:
    _open(driver, large)
    assert driver.execute_script("return D.count") == 200
    assert large.stat().st_size <= 150_000
    # The machine may be busy: the best of three tries is what the page can do.
    assert max(chrome.drag(driver)["frames"] for _ in range(3)) >= 40
    _silent(driver, large)


def test_five_thousand_nodes_stay_usable(driver: Any, tmp_path: Path) -> None:
    file = _write(invented(6000), tmp_path / "five.html", "organizations", 5000)
    _open(driver, file)
    assert driver.execute_script("return D.count") == 5000
    assert max(chrome.drag(driver)["frames"] for _ in range(3)) >= 20
    _silent(driver, file)


@pytest.mark.parametrize("dark", [False, True])
def test_narrow_screens_fit(fair: Path, dark: bool) -> None:
    with chrome.browser(width=420, height=800, dark=dark) as driver:
        _open(driver, fair)
        driver.execute_script("choose(0, true)")
        wide = driver.execute_script("return document.documentElement.scrollWidth")
        assert wide == 420
        assert driver.execute_script("return document.documentElement.dataset.theme") == ("dark" if dark else "light")
        _silent(driver, fair)
