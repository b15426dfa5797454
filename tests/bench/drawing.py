"""The canvas in a browser, beside a bare page of cytoscape.js with the same drawing; nothing where there is none.

Both pages are slowed down for what is counted in frames: on a quick machine both would show as many as the screen does.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.bench.measure import Row, bench_if_asked, compared
from tests.browser.canvas import EXTENSION
from tests.tools import chromium

SCRIPT = EXTENSION / "node_modules" / ".cache" / "wfnb-tests" / "bench.js"
ADDRESS = "http://bench.test/"
HTML = '<!doctype html><meta charset="utf-8"><script type="module" src="bench.js"></script>'
SLOWED = 4
"""How many times slower the pages are made whose frames are counted."""
KEYS = [
    "ArrowRight",
    "ArrowDown",
    "ArrowLeft",
    "ArrowUp",
    "Alt+ArrowRight",
    "+",
    "-",
    "Control+a",
    "Escape",
    "ArrowRight",
]


class Pages:
    """Pages of one browser, each new for one measurement."""

    def __init__(self, browser: Browser) -> None:
        self.browser = browser
        with self.page() as page:
            page.evaluate("bench.open(1000)")
            self.size = page.evaluate("bench.size()")
            self.saved = page.evaluate("bench.svg()")

    @contextmanager
    def page(self, slowed: int = 1) -> Iterator[Page]:
        page = self.browser.new_page(viewport={"width": 1440, "height": 900})
        page.route("**/*", self._answer)
        page.goto(ADDRESS)
        page.wait_for_function("globalThis.bench")
        if slowed > 1:
            page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
        yield page
        page.close()

    def measured(self, count: int, then: str = "", *, bare: bool = False, slowed: int = 1) -> float:
        """What the opening of a drawing takes in ms, or what an expression gives after it."""
        with self.page(slowed) as page:
            took: Any = page.evaluate(
                "([count, bare]) => bench.open(count, { bare })", [count, self.size if bare else None]
            )
            return float(page.evaluate(then) if then else took)

    def pressed(self) -> float:
        """The 95th percentile of the ms from a key to what it changes on the screen."""
        with self.page() as page:
            page.evaluate("bench.open(300)")
            page.evaluate("bench.select('task 100')")
            page.evaluate("bench.listen()")
            for count, key in enumerate(KEYS * 4, start=1):
                page.keyboard.press(key)
                page.wait_for_function("count => bench.keys.length >= count", arg=count)
            times = sorted(page.evaluate("bench.keys.map(([, ms]) => ms)"))
        return float(statistics.quantiles(times, n=20)[-1])

    @staticmethod
    def _answer(route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS)
        if name == "bench.js":
            route.fulfill(body=SCRIPT.read_text(), content_type="text/javascript")
        elif name == "":
            route.fulfill(body=HTML, content_type="text/html")
        else:
            route.fulfill(status=204)


@bench_if_asked
def drawing() -> Iterator[Row]:
    """First sight, panning, a run that reports, keys and a large drawing."""
    path, node = chromium.find(), shutil.which("node")
    if path is None or node is None or not (EXTENSION / "node_modules" / "esbuild").exists():
        print("drawing: no Chromium, no node or no packages of the extension: not measured")
        return
    subprocess.run([node, "tests/run.mjs", "--build"], cwd=EXTENSION, check=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        yield from _rows(Pages(browser))
        browser.close()


def _rows(pages: Pages) -> Iterator[Row]:
    yield compared(
        "first sight of 1,000 nodes",
        lambda: pages.measured(1000),
        lambda: pages.measured(1000, bare=True),
        unit="ms",
        against="bare cytoscape.js",
        mark=1.3,
        pairs=3,
    )
    for name, count, pan, mark in (
        ("a frame of panning 1,000 nodes", 1000, "bench.pan(3)", 1 / 1.5),
        ("a frame of panning 300, zoomed in", 300, "bench.pan(3, 1)", 1 / 2),
    ):
        yield compared(
            name,
            lambda count=count, pan=pan: 1000 / pages.measured(count, pan, slowed=SLOWED),  # type: ignore[misc]
            lambda count=count, pan=pan: 1000 / pages.measured(count, pan, bare=True, slowed=SLOWED),  # type: ignore[misc]
            unit="ms",
            against=f"bare cytoscape.js, {SLOWED}x slower",
            mark=mark,
            pairs=3,
        )
    frame = 1000 / pages.measured(1000, "bench.states(10, 1000)")
    yield Row("a frame at 1,000 changes a second", frame, 1000 / 40, "ms", "40 frames a second", 1.0)
    yield Row("a key, p95 at 300 nodes", pages.pressed(), 100, "ms", "100 ms", 1.0)
    with pages.page() as page:
        opened = page.evaluate("bench.open(5000, { grouped: true })")
    yield Row("first sight of 5,000, folded", opened, pages.measured(1000, bare=True), "ms", "1,000 bare ones")
