"""The state machine of a workflow in a cell: live while the kernel is there, a picture afterwards."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.tools.front import Front

SHOWN = """
from wfnb.machine.formal.statemachine import explicit
from wfnb.machine.net import Net, Transition
from wfnb.widgets.statemachine import StateGraph

rules = (Transition("go", (0,), (1,)), Transition("again", (1,), (0,)), Transition("leave", (1,), (2,)))
StateGraph(explicit(Net(("a", "b", "c"), rules, frozenset({0}), frozenset({2}))))
"""
WITHIN = """element => {
    const graph = element._cyreg.cy, box = graph.elements().renderedBoundingBox();
    return graph.nodes().length === 3 && box.x1 >= 0 && box.y1 >= 0
        && box.x2 <= element.clientWidth && box.y2 <= element.clientHeight;
}"""


def test_it_is_drawn_and_fits_its_place(front: Front) -> None:
    notebook = front.open_notebook([SHOWN])
    notebook.run(0)
    graph = notebook.output(0).locator(".custom-widget")
    expect(graph.locator("canvas").first).to_be_visible()
    expect(notebook.output(0).locator(".wfnb-drawing-output img")).to_be_hidden()
    front.page.wait_for_function(WITHIN, arg=graph.element_handle())
    assert front.errors == []


def test_without_its_kernel_it_is_a_picture(lab: Front) -> None:
    notebook = lab.open_notebook([SHOWN])
    notebook.run(0)
    expect(notebook.output(0).locator(".custom-widget canvas").first).to_be_visible()
    notebook.save()
    lab.server.clear(keep=lab.server.root / notebook.path)
    lab.open(notebook.path)
    expect(notebook.output(0).locator(".wfnb-drawing-output img")).to_be_visible()
    expect(notebook.output(0).locator(".custom-widget")).to_have_count(0)
