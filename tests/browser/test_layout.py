"""An automatic layout that takes its time."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front

MANY = """\
import wfnb as wf
from wfnb.model.workflow import Edge, End, Fork, Join, Start, Task, Workflow
tasks = [Task(f"task {n}", activity="none") for n in range(600)]
wf.design(Workflow(name="many", nodes=(Start("start"), Fork("all"), *tasks, Join("done"), End("end")),
    edges=(Edge(source="start", target="all"), *(Edge(source="all", target=t.id) for t in tasks),
           *(Edge(source=t.id, target="done") for t in tasks), Edge(source="done", target="end"))))"""


@pytest.mark.timeout(120)
def test_a_long_layout_is_seen_at_work_and_leaves_the_view_alone(lab: Front) -> None:
    notebook = lab.open_notebook([MANY])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    button = drawing.root.locator('[data-action="layout"]')
    zoom = drawing.root.locator('[data-action="zoom"]')
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    zoom.click()
    expect(zoom).to_have_text("100 %")
    expect(button).to_have_attribute("aria-busy", "false")
    expect(drawing.root.locator('[data-action="undo"]')).to_have_attribute("title", "Undo: layout")
    expect(zoom).to_have_text("100 %")
    assert lab.errors == []
