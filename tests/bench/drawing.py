"""The canvas in a browser, beside a bare page of cytoscape.js with the same drawing; nothing where there is none.

Takes some minutes. Where frames are compared both pages are slowed down: on a quick machine both would show as many
as the screen does. What has to hold by itself (40 frames a second, 100 ms a key) is measured as the machine is.
"""

from __future__ import annotations

import shutil
import statistics
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page, Route, sync_playwright

from tests.bench.measure import Row, bench_if_asked, compared
from tests.browser.canvas import EXTENSION
from tests.tools import chromium

SCRIPT = EXTENSION / "node_modules" / ".cache" / "wfnb-tests" / "bench.js"
ADDRESS = "http://bench.test/"
HTML = '<!doctype html><meta charset="utf-8"><script type="module" src="bench.js"></script>'
SLOWED = 4
"""How many times slower the pages are made whose frames are counted."""
SECONDS = 10
"""How long a run reports."""
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
            """Bytes of the picture that a notebook keeps."""

    @contextmanager
    def page(self) -> Iterator[Page]:
        page = self.browser.new_page(viewport={"width": 1440, "height": 900})
        page.route("**/*", self._answer)
        page.goto(ADDRESS)
        page.wait_for_function("globalThis.bench")
        yield page
        page.close()

    def opened(self, count: int, *, bare: bool = False, grouped: bool = False) -> float:
        """The ms until a drawing is painted."""
        with self.page() as page:
            return self._open(page, count, bare=bare, grouped=grouped)

    def frame(self, count: int, doing: str, *, bare: bool = False, slowed: int = 1) -> float:
        """The ms from frame to frame of a drawing that is open, on a page so many times slower."""
        with self.page() as page:
            self._open(page, count, bare=bare)
            if slowed > 1:
                page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": slowed})
            return 1000 / float(page.evaluate(doing))

    def _open(self, page: Page, count: int, *, bare: bool, grouped: bool = False) -> float:
        terms = {"bare": self.size if bare else None, "grouped": grouped}
        return float(page.evaluate("([count, terms]) => bench.open(count, terms)", [count, terms]))

    def sought(self) -> float:
        """The 95th percentile of the ms until another moment of a run is painted; all nodes stand otherwise in it."""
        with self.page() as page:
            self._open(page, 1000, bare=False)
            times = [float(page.evaluate("seed => bench.seek(seed)", seed)) for seed in range(40)]
        return float(statistics.quantiles(times, n=20)[-1])

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
        lambda: pages.opened(1000),
        lambda: pages.opened(1000, bare=True),
        unit="ms",
        against="bare cytoscape.js",
        mark=1.3,
        pairs=3,
    )
    yield from _panned(pages, "a frame of panning 1,000 nodes", 1000, "bench.pan(3)", 1 / 1.5, SLOWED)
    yield from _panned(pages, "a frame of panning 300, zoomed in", 300, "bench.pan(3, 1)", 1 / 2, 3 * SLOWED)
    for where, fit in (("cards in view", "false"), ("all in view", "true")):
        doing = f"bench.states({SECONDS}, 1000, {fit})"
        bare = pages.frame(1000, doing, bare=True)
        name = f"a frame at 1,000 changes/s, {where}"
        frame = pages.frame(1000, doing)
        yield Row(name, frame, 1000 / 40, "ms", f"40 frames/s; bare cytoscape.js takes {bare:.0f} ms", 1.0)
        bare = pages.frame(1000, doing, bare=True, slowed=SLOWED)
        yield Row(name, pages.frame(1000, doing, slowed=SLOWED), bare, "ms", f"bare cytoscape.js, {SLOWED}x slower")
    yield Row(
        "another moment of 1,000 nodes, p95", pages.sought(), 100, "ms", "100 ms, the kernel's part included", 1.0
    )
    yield Row("a key, p95 at 300 nodes", pages.pressed(), 100, "ms", "100 ms", 1.0)
    opened = pages.opened(5000, grouped=True)
    yield Row("first sight of 5,000, folded", opened, pages.opened(1000, bare=True), "ms", "1,000 bare ones")
    yield Row("saved picture of 1,000 nodes", pages.saved / 1000, 300, "KB", "300 KB", 1.0)


def _panned(  # noqa: PLR0917 - a row of a table
    pages: Pages, name: str, count: int, pan: str, mark: float, slowed: int
) -> Iterator[Row]:
    """Both pages so much slower that neither shows as many frames as the screen does: else they would seem equal."""
    yield compared(
        name,
        lambda: pages.frame(count, pan, slowed=slowed),
        lambda: pages.frame(count, pan, bare=True, slowed=slowed),
        unit="ms",
        against=f"bare cytoscape.js, {slowed}x slower",
        mark=mark,
        pairs=2,
    )
