"""A real Chromium, driven through its driver: what a page asked for, what it complained of."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

MISSING = "needs selenium, chromium and chromedriver: pip install -e .[dev] and tests/browser/install.sh"


def available() -> bool:
    """Whether a Chromium can be driven here."""
    try:
        import selenium  # noqa: F401
    except ImportError:
        return False
    return bool(shutil.which("chromedriver") and (shutil.which("chromium") or shutil.which("google-chrome")))


@contextmanager
def browser(*, width: int = 1400, height: int = 900, dark: bool = False) -> Iterator[Any]:
    """A headless Chromium of that size, closed at the end."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("google-chrome") or ""
    for flag in ("--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        yield driver
    finally:
        driver.quit()


def requests(driver: Any, page: Path) -> list[str]:
    """What was asked for since the last call, the page itself and data: addresses left out."""
    said = [json.loads(entry["message"])["message"] for entry in driver.get_log("performance")]
    urls = [m["params"]["request"]["url"] for m in said if m["method"] == "Network.requestWillBeSent"]
    return [u for u in urls if not u.startswith((page.resolve().as_uri(), "data:", "about:", "chrome:"))]


def complaints(driver: Any) -> list[str]:
    """What the console said since the last call."""
    return [f"{entry['level']}: {entry['message']}" for entry in driver.get_log("browser")]


DRAG = """
const done = arguments[arguments.length - 1], canvas = document.getElementById("canvas"), frames = [];
const at = (type, x, y) => canvas.dispatchEvent(
  new PointerEvent(type, {pointerId: 1, clientX: x, clientY: y, bubbles: true, isPrimary: true, buttons: 1}));
at("pointerdown", 700, 450);
let last = performance.now(), first = last, step = 0;
function frame(now) {
  frames.push(now - last); last = now; step++;
  at("pointermove", 700 + 160 * Math.sin(step / 9), 450 + 110 * Math.cos(step / 7));
  if (now - first < 3000) requestAnimationFrame(frame);
  else { at("pointerup", 700, 450); frames.shift(); frames.sort((a, b) => a - b);
    done({frames: frames.length / (now - first) * 1000, median: frames[frames.length >> 1],
      p95: frames[Math.floor(frames.length * .95)]}); }
}
requestAnimationFrame(frame);
"""


def drag(driver: Any) -> dict[str, float]:
    """Drag the page about for three seconds: frames a second, and how long the median and the slow ones took in ms."""
    driver.set_script_timeout(60)
    return dict(driver.execute_async_script(DRAG))
