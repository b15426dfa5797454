"""Takes the pictures of the README again: `python -m tests.tools.pictures` writes them into docs/pictures."""

from __future__ import annotations

import tempfile
from pathlib import Path

import nbformat
from playwright.sync_api import Browser, FloatRect, expect, sync_playwright

from tests.browser.drawing import Drawing
from tests.tools import chromium
from tests.tools.front import Front, Notebook
from tests.tools.server import Server, serving

PICTURES = Path(__file__).resolve().parents[2] / "docs" / "pictures"
VIEWPORT = {"width": 1400, "height": 1000}
"""What gives a cell about 1,220 pixels where the side bar is folded."""

FLOW = """\
import asyncio
import wfnb as wf

@wf.activity(retries=3, timeout=30)
async def fetch(url: str) -> str:
    "Gets a page."
    await asyncio.sleep(0.65)
    return f"the page at {url}"

@wf.activity
async def score(text: str) -> float:
    "How good a text is."
    await asyncio.sleep(len(text) / 1.5)
    return 0.91

wf.connect()
flow = wf.flow("review", {"url": "str"})
both, met = flow.fork("both"), flow.join("met")
page, mark = flow.task("page", fetch, url="=input.url"), flow.task("mark", score, text="=page")
paid = flow.wait("paid")
editor = flow.approval("editor", "='Publish ' + input.url + '?'", form={"ok": bool, "why": "str | None"})
gate = flow.choice("gate")
flow.start >> both >> page >> mark >> met >> editor >> gate
both >> paid
paid.on("money") >> met
paid.after(3600) >> flow.end("late", terminate=True)
gate.when("editor.ok") >> flow.end("kept", output="=page")
gate.otherwise() >> flow.end("dropped", error="Dropped", message="=editor.why")
flow.group("reading", [page, mark])
"""
DESIGN = "wf.design(flow)"
RUN = """\
run = wf.start(flow, url="https://example.org")
wf.show(run)"""
HISTORY = Path(__file__).resolve().parents[2] / "notebooks" / "03_history.ipynb"
SHOWN = {"linked": ("wf.gantt(", "wf.show("), "latency": ("wf.latency(",), "conform": ("checked =",)}
"""By picture: what begins a line of the cells of that notebook that are in it."""


def notebook_of(browser: Browser, server: Server, cells: list[str]) -> Notebook:
    """A page with a notebook that has run its cells."""
    front = Front(browser.new_page(viewport=VIEWPORT), server)
    notebook = front.open_notebook(cells, f"{len(cells[-1])}.ipynb")
    if front.page.locator("#jp-left-stack").is_visible():
        front.command("application:toggle-left-area")
    for cell in range(len(cells)):
        notebook.run(cell)
    return notebook


def opened(browser: Browser, server: Server, shown: str) -> tuple[Front, Drawing]:
    """A page with a notebook whose last cell shows a canvas."""
    notebook = notebook_of(browser, server, [FLOW, shown])
    return notebook.front, Drawing(notebook.output(1)).ready()


def take(drawing: Drawing, name: str) -> None:
    """Write the picture of a canvas."""
    drawing.page.mouse.move(0, 0)
    drawing.root.scroll_into_view_if_needed()
    drawing.root.screenshot(path=PICTURES / name, animations="disabled")


def designer_light(browser: Browser, server: Server) -> None:
    """A drawing in the designer, with one of its tasks selected."""
    _, drawing = opened(browser, server, DESIGN)
    expect(drawing.root.locator('[data-action="properties"]')).to_be_visible()
    drawing.select("mark")
    expect(drawing.root.locator('.wfnb-inspector [data-field="id"]')).to_have_value("mark")
    drawing.canvas.evaluate("canvas => canvas.blur()")
    take(drawing, "designer-light.png")


def run_dark(browser: Browser, server: Server) -> None:
    """A run of it on its way, in the dark theme."""
    front, drawing = opened(browser, server, RUN)
    front.theme("dark")
    drawing.expect_states({"page": "completed", "mark": "running", "paid": "waiting"})
    drawing.page.wait_for_timeout(1200)  # some time on its line
    take(drawing, "run-dark.png")
    front.theme("light")


def history(browser: Browser, server: Server) -> None:
    """The notebook on what happened: a chart linked with the run view, one in the dark theme, what conforms."""
    cells = [cell.source for cell in nbformat.read(HISTORY, as_version=4).cells if cell.cell_type == "code"]
    notebook = notebook_of(browser, server, cells)
    page = notebook.page
    chosen = {
        name: [
            number
            for number, source in enumerate(cells)
            if any(line.startswith(starts) for line in source.splitlines())
        ]
        for name, starts in SHOWN.items()
    }
    gantt, show = chosen["linked"]
    page.set_viewport_size({"width": VIEWPORT["width"], "height": 1300})
    view = Drawing(notebook.output(show)).ready()
    view.select("page")
    expect(notebook.output(gantt).locator(".wfnb-chart")).to_have_attribute("data-picked", "page")
    page.mouse.move(0, 0)
    notebook.cell(gantt).scroll_into_view_if_needed()
    take_outputs(notebook, [gantt, show], "linked-light.png")
    take_outputs(notebook, chosen["conform"], "conform-light.png")
    view.canvas.click(position={"x": 8, "y": 8})
    notebook.front.theme("dark")
    take_outputs(notebook, chosen["latency"], "latency-dark.png")
    notebook.front.theme("light")


def take_outputs(notebook: Notebook, cells: list[int], name: str) -> None:
    """Write one picture of the outputs of cells that follow each other, with the cells between them."""
    notebook.page.mouse.move(0, 0)
    for cell in reversed(cells):
        notebook.output(cell).scroll_into_view_if_needed()
    boxes = [box for box in (notebook.output(cell).bounding_box() for cell in cells) if box]
    left, top = min(box["x"] for box in boxes), min(box["y"] for box in boxes)
    right = max(box["x"] + box["width"] for box in boxes)
    bottom = max(box["y"] + box["height"] for box in boxes)
    clip: FloatRect = {"x": left, "y": top, "width": right - left, "height": bottom - top}
    notebook.page.screenshot(path=PICTURES / name, clip=clip, animations="disabled")


def main() -> None:
    """Take all.

    Raises:
        SystemExit: there is no Chromium that starts.
    """
    path = chromium.find()
    if path is None:
        raise SystemExit("no Chromium that starts: run `python -m tests.tools.chromium --install`")
    with (
        tempfile.TemporaryDirectory() as home,
        serving("lab", Path(home) / "lab") as server,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=path, args=list(chromium.FLAGS))
        designer_light(browser, server)
        run_dark(browser, server)
        history(browser, server)
        browser.close()


if __name__ == "__main__":
    main()
