"""The canvas alone on a page, without Jupyter: what tests of its gestures share."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.drawing import Drawing

EXTENSION = Path(__file__).parents[2] / "extension"
SCRIPT = EXTENSION / "node_modules" / ".cache" / "wfnb-tests" / "page.js"
ADDRESS = "http://canvas.test/"
HTML = (
    '<!doctype html><html lang="en"><title>Canvas</title><meta charset="utf-8"><style>body{margin:10px}</style>'
    '<script type="module" src="page.js"></script>'
)

Open = Callable[..., Drawing]


@pytest.fixture(scope="module")
def script() -> Path:
    """The bundled page."""
    node = shutil.which("node")
    if node is None or not (EXTENSION / "node_modules" / "esbuild").exists():
        pytest.skip("no node, or the extension's packages are not installed")
    subprocess.run([node, "tests/run.mjs", "--build"], cwd=EXTENSION, check=True)
    return SCRIPT


@pytest.fixture
def open_canvas(page: Page, script: Path) -> Iterator[Open]:
    """Opens the page with what stands in the query; no error and no request may escape it."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: errors.append(error.stack or str(error)))

    def answer(route: Route) -> None:
        name = route.request.url.removeprefix(ADDRESS).partition("?")[0]
        if name == "page.js":
            route.fulfill(body=script.read_text(), content_type="text/javascript")
        elif name == "":
            route.fulfill(body=HTML, content_type="text/html")
        else:
            route.fulfill(status=204)

    def open_page(query: str = "", width: int = 1280, *, ready: bool = True) -> Drawing:
        page.route("**/*", answer)
        page.set_viewport_size({"width": width, "height": 700})
        page.goto(f"{ADDRESS}?{query}")
        drawing = Drawing(page.locator("body > div").first)
        return drawing.ready() if ready else drawing

    yield open_page
    assert errors == []


def node_ids(page: Page) -> list[str]:
    """The ids of the kept document."""
    ids: list[str] = page.evaluate("keeper.document.nodes.map(node => node.id)")
    return ids


def kept(page: Page, field: str) -> Any:
    """A part of the kept document."""
    return page.evaluate(f"keeper.document.{field}")


def middle(element: Locator) -> tuple[float, float]:
    box = element.bounding_box()
    assert box
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def shows(drawing: Drawing, count: int) -> None:
    """Wait until the drawing, and after it the keeper, has so many nodes."""
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(count)
    drawing.page.wait_for_function(f"keeper.document.nodes.length === {count}")
