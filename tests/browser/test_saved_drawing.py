"""The output of a cell outlives its kernel: a saved notebook shows the drawing as it was."""

from __future__ import annotations

import nbformat
from playwright.sync_api import expect

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
