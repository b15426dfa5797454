"""The output of a cell outlives its kernel: a saved notebook shows the drawing as it was."""

from __future__ import annotations

import nbformat
from playwright.sync_api import expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front

DESIGN = """\
import wfnb as wf
flow = wf.flow("kept")
flow.start >> flow.end("done")
pad = wf.design(flow)
pad"""


def test_a_saved_notebook_shows_its_drawing_without_a_kernel(front: Front) -> None:
    notebook = front.open_notebook([DESIGN])
    notebook.run(0)
    expect(notebook.output(0).locator(".wfnb-root")).to_be_visible()
    expect(notebook.output(0).locator(".wfnb-drawing-output img")).to_be_hidden()
    notebook.save()
    file = front.server.root / "test.ipynb"
    (output,) = nbformat.read(file, as_version=4).cells[0].outputs
    assert output.data["image/svg+xml"].startswith("<svg")

    front.page.goto("about:blank")
    front.server.clear(keep=file)
    front.open("test.ipynb")
    picture = front.page.locator(".wfnb-drawing-output img")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.complete && image.naturalWidth") > 0


RUN = """\
@wf.activity
async def work(): return 1

flow = wf.flow("charted")
flow.start >> flow.task("work", work) >> flow.end()
run = wf.start(flow)
await run
wf.gantt(run)"""


def test_a_saved_notebook_shows_what_was_drawn_last_and_its_chart(lab: Front) -> None:
    notebook = lab.open_notebook([DESIGN, RUN])
    notebook.run(0)
    notebook.run(1)
    chart = ".vega-embed canvas.marks"
    expect(notebook.output(1).locator(chart)).to_be_visible()
    drawing = Drawing(notebook.output(0)).ready()
    drawing.drop(0.5, 0.5, kind="choice")
    file = lab.server.root / "test.ipynb"
    expect(lab.page.locator(".lm-TabBar-tab.jp-mod-dirty", has_text="test.ipynb")).to_be_visible()
    kept = """name => {
        const cell = globalThis.jupyterapp.shell.currentWidget.content.widgets[0];
        return JSON.stringify(cell.model.outputs.toJSON()).includes(name);
    }"""
    lab.page.wait_for_function(kept, arg=">choice<")
    notebook.save()
    expect(lab.page.locator(".lm-TabBar-tab.jp-mod-dirty", has_text="test.ipynb")).to_have_count(0)
    cells = nbformat.read(file, as_version=4).cells
    assert ">choice<" in cells[0].outputs[0].data["image/svg+xml"]
    assert file.stat().st_size < 40_000
    assert any(mime.startswith("application/vnd.vegalite.") for mime in cells[1].outputs[0].data)

    hosts: set[str] = set()
    lab.page.on("request", lambda request: hosts.add(request.url.split("/")[2]))
    lab.page.goto("about:blank")
    lab.server.clear(keep=file)
    lab.open("test.ipynb")
    expect(lab.page.locator(".wfnb-drawing-output img")).to_be_visible()
    expect(lab.page.locator(chart)).to_be_visible()
    assert {host.split(":")[0] for host in hosts if host} <= {"127.0.0.1"}
