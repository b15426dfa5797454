"""Runs that are stopped, stepped through and given results inside what they call, with mouse and keyboard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drawing import Drawing
from tests.browser.test_steering import ask, flags, state
from tests.tools.front import Front, screenshot

CELL = """\
import wfnb as wf
from wfnb.model.workflow import Call, Edge, End, Map, Start, Task, Workflow
calls = []
@wf.activity
def fetch(url: str) -> str: return url * 2
@wf.activity
def strip(text: str) -> str: calls.append("strip"); return text.strip()
@wf.activity
def score(text: str) -> int: calls.append("score"); return len(text)
def row(*nodes, **more):
    ids = [node.id for node in nodes]
    return Workflow(nodes=nodes, edges=tuple(Edge(source=a, target=b) for a, b in zip(ids, ids[1:])),
                    layout={id: (100.0 + 190 * i, 200.0) for i, id in enumerate(ids)}, **more)
part = row(Start("start"), Task("clean", activity="strip", arguments={"text": "=input.text"}),
           Task("mark", activity="score", arguments={"text": "=clean"}), End("end", output="=mark"),
           name="part", inputs={"text": "str"})
review = row(Start("start"), Task("page", activity="fetch", arguments={"url": "ab"}),
             Call("both", workflow="part", arguments={"text": "=page"}),
             Task("again", activity="fetch", arguments={"url": "=page"}), End("end", output="=both"),
             name="review", workflows={"part": part})
"""


def designed(front: Front, text: str = "review") -> Drawing:
    notebook = front.open_notebook([f"{CELL}pad = wf.design({text})\npad"])
    notebook.run(0)
    return Drawing(notebook.output(0)).ready()


def crumb(drawing: Drawing) -> Locator:
    return drawing.root.locator(".wfnb-crumbs b")


def enter(drawing: Drawing, id: str) -> None:
    """Open what a node runs, by keyboard."""
    drawing.select(id)
    drawing.page.keyboard.press("Control+Enter")
    expect(drawing.card("clean")).to_be_visible()


def leave(drawing: Drawing) -> None:
    drawing.root.locator(".wfnb-crumb").click()
    expect(drawing.card("clean")).to_have_count(0)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_run_stops_inside_a_call_and_is_stepped_from_there(lab: Front, theme: str, artifacts: Path) -> None:
    page = lab.page
    drawing = designed(lab)
    lab.theme(theme)  # type: ignore[arg-type]
    enter(drawing, "both")
    drawing.select("mark")
    page.keyboard.press("b")
    expect(flags(drawing, "mark")).to_have_attribute("title", re.compile("^Breakpoint: "))
    drawing.select("clean")
    page.keyboard.press("p")
    value = drawing.root.locator('[data-field="pin"]')
    value.fill('"four"')
    page.keyboard.press("Control+Enter")
    expect(flags(drawing, "clean")).to_have_attribute("title", re.compile("^Pinned: "))
    screenshot(page, str(artifacts / f"set-inside-{theme}.png"))
    leave(drawing)
    call = drawing.card("both")
    expect(call.locator(".wfnb-flag-breakpointInside")).to_be_visible()
    expect(call.locator(".wfnb-flag-pinInside")).to_be_visible()
    expect(drawing.root.locator('[data-node="both"]')).to_contain_text("Breakpoint inside")

    drawing.run()
    state(drawing, "paused")
    expect(call.locator(".wfnb-foot")).to_have_text("paused inside")
    expect(call.locator(".wfnb-flag-pause")).to_be_visible()
    expect(drawing.root.locator(".wfnb-lastrun")).to_contain_text("paused inside")  # it is selected
    expect(drawing.root.locator('[data-announced="run"]')).to_have_text("Run paused, both paused inside")
    screenshot(page, str(artifacts / f"paused-inside-{theme}.png"))
    page.set_viewport_size({"width": 900, "height": 800})
    screenshot(page, str(artifacts / f"paused-inside-narrow-{theme}.png"))
    page.set_viewport_size({"width": 1440, "height": 900})
    drawing.press("toPause")
    expect(crumb(drawing)).to_have_text("part")
    expect(drawing.root.locator('[data-action="toPause"]')).to_have_count(0)
    drawing.expect_states({"clean": "completed", "mark": "ready"})
    screenshot(page, str(artifacts / f"stepping-inside-{theme}.png"))
    drawing.press("step")
    drawing.expect_states({"mark": "completed", "end": "completed"})
    state(drawing, "paused")  # in front of what follows the call
    leave(drawing)
    drawing.expect_states({"both": "completed", "again": "ready"})
    expect(call.locator(".wfnb-flag-pause")).to_have_count(0)
    drawing.press("resume")
    state(drawing, "completed")
    assert lab.errors == []


@pytest.mark.timeout(180)
def test_a_run_goes_to_a_node_inside_and_marks_follow_a_new_name(lab: Front) -> None:
    page = lab.page
    drawing = designed(lab)
    enter(drawing, "both")
    ask(drawing, "mark", "runTo")
    state(drawing, "paused")
    drawing.expect_states({"clean": "completed", "mark": "ready"})
    expect(flags(drawing, "mark")).to_have_count(0)
    # By keyboard: a breakpoint on what was run to, so that the next run stops there again.
    drawing.select("mark")
    page.keyboard.press("b")
    page.keyboard.press("F2")
    expect(drawing.root.locator('[data-field="id"]')).to_be_focused()
    page.keyboard.type("weight")
    page.keyboard.press("Enter")
    expect(drawing.card("weight").locator(".wfnb-flag-breakpoint")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    expect(drawing.root.locator("input:focus")).to_be_visible()
    page.keyboard.type("let the run go on")
    page.keyboard.press("Enter")
    state(drawing, "completed")
    drawing.select("clean")
    page.keyboard.press("d")
    expect(drawing.card("clean").locator(".wfnb-flag-barred")).to_be_visible()
    page.keyboard.press("d")
    drawing.run()
    state(drawing, "paused")
    drawing.expect_states({"clean": "completed", "weight": "ready"})
    drawing.select("weight")
    page.keyboard.press("b")
    expect(flags(drawing, "weight")).to_have_count(0)
    drawing.press("resume")
    state(drawing, "completed")
    assert lab.errors == []


@pytest.mark.timeout(180)
def test_what_a_map_runs_is_stepped_item_by_item(front: Front) -> None:
    drawing = designed(
        front,
        'row(Start("start"), Map("each", items=["a", "b"], workflow="part", arguments={"text": "=item"}),'
        ' End("end", output="=each"), name="many", workflows={"part": part})',
    )
    enter(drawing, "each")
    drawing.select("mark")
    drawing.page.keyboard.press("b")
    leave(drawing)
    drawing.run()
    state(drawing, "paused")
    each = drawing.card("each")
    expect(each.locator(".wfnb-foot")).to_have_text("2 paused inside")
    drawing.press("toPause")
    drawing.expect_states({"clean": "completed", "mark": "ready"})
    drawing.press("step")
    leave(drawing)
    expect(each.locator(".wfnb-foot")).to_have_text("paused inside")
    drawing.press("toPause")
    drawing.expect_states({"mark": "ready"})
    drawing.press("resume")
    state(drawing, "completed")
    assert front.errors == []


ELSEWHERE = f"""{CELL}
from pathlib import Path
from wfnb.model.codec import encode
review = row(Start("start"), Call("both", workflow="part", arguments={{"text": "ab"}}),
             Call("far", workflow="far.wf.json", arguments={{"text": "=both"}}),
             End("end", output="=far"), name="review")
again = wf.flow("part", inputs={{"text": "str"}})
again.document.apply([wf.author.edits.SetWorkflow(inputs=part.inputs),
                      wf.author.edits.Restore(nodes=part.nodes, edges=part.edges, layout=part.layout)])
pad = wf.design(review)
pad"""
FILE = """\
lost = row(Start("start"), Task("there", activity="score", arguments={"text": "x"}),
           Task("odd", activity="nowhere"), End("end", output="=there"), name="far", inputs={"text": "any"})
_ = Path("far.wf.json").write_text(encode(lost))"""


@pytest.mark.timeout(240)
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_defined_elsewhere_is_entered_looked_at_and_embedded(lab: Front, theme: str, artifacts: Path) -> None:
    page = lab.page
    later = 'again.node("mark").options(label="Weight")'
    notebook = lab.open_notebook([ELSEWHERE, FILE, later])
    notebook.run(0)
    lab.theme(theme)  # type: ignore[arg-type]
    drawing = Drawing(notebook.output(0)).ready()
    bar = drawing.root.locator(".wfnb-foreign")
    look_at_what_a_cell_defined(drawing, theme, artifacts)
    # A cell defines it anew.
    notebook.run(2)
    expect(drawing.card("mark")).to_contain_text("Weight")
    notebook.run(1)
    drawing.root.locator(".wfnb-crumb").click()
    expect(drawing.card("both").locator(".wfnb-flag-breakpointInside")).to_be_visible()
    embed_a_file(drawing)
    drawing.run()
    state(drawing, "paused")
    drawing.root.locator('[data-outline=nodes] li[data-node="both"] button').press("Control+Enter")
    drawing.expect_states({"clean": "completed", "mark": "ready"})
    drawing.press("step")
    drawing.expect_states({"mark": "completed"})
    drawing.press("resume")
    state(drawing, "completed")
    # Undo takes back both, the file is called again.
    drawing.root.locator(".wfnb-crumb").click()
    for _ in range(2):
        drawing.canvas.focus()
        page.keyboard.press("Control+z")
    ask(drawing, "far", "enter")
    expect(bar).to_contain_text("'far.wf.json' is a file of its own")
    screenshot(page, str(artifacts / f"elsewhere-file-{theme}.png"))
    assert lab.errors == []


def look_at_what_a_cell_defined(drawing: Drawing, theme: str, artifacts: Path) -> None:
    """Enter it, change nothing, set a breakpoint, read its Python."""
    page, bar = drawing.page, drawing.root.locator(".wfnb-foreign")
    # There is no such file yet, and the canvas says so.
    drawing.select("far")
    page.keyboard.press("Control+Enter")
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text("there is no such file")
    page.keyboard.press("Escape")

    page.mouse.dblclick(*drawing._middle(drawing.card("both")))
    expect(crumb(drawing)).to_have_text("part")
    expect(bar).to_contain_text("'part' is defined in the notebook, and only shown here.")
    for width in (900, 1600):
        page.set_viewport_size({"width": width, "height": 900})
        screenshot(page, str(artifacts / f"elsewhere-{theme}-{width}.png"))
    page.set_viewport_size({"width": 1440, "height": 900})
    drawing.select("mark")
    page.keyboard.press("Delete")
    expect(drawing.card("mark")).to_be_visible()
    page.keyboard.press("b")
    expect(drawing.card("mark").locator(".wfnb-flag-breakpoint")).to_be_visible()
    page.keyboard.press("Enter")
    expect(drawing.root.locator('.wfnb-inspector [data-field="activity"]')).to_be_disabled()
    drawing.root.locator('[data-mode="python"]').click()
    code = drawing.root.locator(".wfnb-codearea")
    expect(code).to_have_value(re.compile(r'flow = wf\.flow\("part"'))
    expect(code).to_have_attribute("readonly", "")
    screenshot(page, str(artifacts / f"elsewhere-python-{theme}.png"))
    drawing.root.locator('[data-mode="draw"]').click()


def embed_a_file(drawing: Drawing) -> None:
    """Come to a file by a problem in it, and put that right in the document's copy."""
    bar = drawing.root.locator(".wfnb-foreign")
    drawing.press("problems")
    drawing.root.locator('.wfnb-problem [data-code="WF201"]').click()
    expect(bar).to_contain_text("'far.wf.json' is a file of its own")
    bar.locator('[data-action="embed"]').click()
    expect(bar).to_have_count(0)
    expect(crumb(drawing)).to_have_text("far")
    drawing.press("problems")
    drawing.select("odd")
    drawing.page.keyboard.press("Shift+Delete")
    expect(drawing.card("odd")).to_have_count(0)
    drawing.root.locator(".wfnb-crumb").click()
