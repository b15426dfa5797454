"""Quick-add and the control of runs in a real JupyterLab: in a cell, and in the document editor."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drawing import Drawing
from tests.browser.test_document import DOCUMENT, opened, write
from tests.tools.front import Front

ACTIVITIES = """\
import wfnb as wf

@wf.activity
def fetch(url: str = "x") -> str:
    return url * 3

@wf.activity
def length(text: str) -> int:
    calls.append(text)
    if text == "bad" and len(calls) == 1:
        raise ValueError(text)
    return len(text)

calls = []
flow = wf.flow("steered")
flow.start >> flow.task("page", fetch) >> flow.task("size", length, text="=page") >> flow.end("end", output="=size")
pad = wf.design(flow)
pad"""


def ask(drawing: Drawing, id: str, command: str) -> None:
    """Choose a command of a card's menu with the mouse; all of the drawing is in view then."""
    page = drawing.page
    drawing.canvas.focus()
    page.keyboard.press("Shift+Digit1")
    card = drawing.card(id)
    card.scroll_into_view_if_needed()
    box = card.bounding_box()
    assert box
    page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, button="right")
    entry = drawing.root.locator(f'[data-command="{command}"]')
    expect(entry).to_have_attribute("aria-disabled", "false")
    entry.click()


def state(drawing: Drawing, wanted: str) -> None:
    expect(drawing.root.locator("[data-run-state]")).to_have_attribute("data-run-state", wanted)


def flags(drawing: Drawing, id: str) -> Locator:
    return drawing.card(id).locator(".wfnb-flag")


@pytest.mark.timeout(180)
def test_an_activity_of_a_newly_run_cell_is_offered_and_a_run_is_steered(front: Front, artifacts: Path) -> None:
    page = front.page
    notebook = front.open_notebook([ACTIVITIES, "@wf.activity\ndef twice(n: int) -> int:\n    return 2 * n"])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    notebook.run(1)
    drawing.select("size")
    page.keyboard.press("Tab")
    options = drawing.root.locator('[data-picker="add"]').get_by_role("option")
    expect(options.first).to_contain_text("twice")
    page.keyboard.type("double = tw")
    page.keyboard.press("Enter")
    expect(drawing.card("double")).to_be_visible()
    assert drawing.edges() == [("start", "page"), ("page", "size"), ("size", "double"), ("double", "end")]
    assert notebook.python("flow.workflow.node('double').arguments") == {"n": "=size"}

    ask(drawing, "size", "runTo")
    state(drawing, "paused")
    drawing.expect_states({"page": "completed", "size": "ready", "double": "idle"})
    assert notebook.python("calls") == []
    drawing.select("double")
    page.keyboard.press("b")
    expect(flags(drawing, "double")).to_have_attribute("title", re.compile("Breakpoint"))
    drawing.press("resume")
    drawing.expect_states({"size": "completed", "double": "ready"})
    state(drawing, "paused")
    page.screenshot(path=artifacts / "steered.png")
    drawing.press("step")
    drawing.expect_states({"double": "completed"})
    state(drawing, "completed")
    page.keyboard.press("b")
    expect(flags(drawing, "double")).to_have_count(0)

    ask(drawing, "size", "pin")
    value = drawing.root.locator('[data-field="pin"]')
    expect(value).to_have_value("3")
    value.fill("7")
    page.keyboard.press("Control+Enter")
    expect(flags(drawing, "size")).to_have_attribute("title", re.compile("Pinned"))
    ask(drawing, "page", "runFrom")
    state(drawing, "completed")
    drawing.run()
    state(drawing, "completed")
    assert notebook.python("pad.run.values['double']") == 14
    ask(drawing, "size", "unpin")
    ask(drawing, "double", "disable")
    expect(drawing.card("double")).to_have_class(re.compile("wfnb-off"))
    drawing.run()
    state(drawing, "completed")
    assert notebook.python("pad.run.values['double']") is None
    assert front.errors == []


@pytest.mark.timeout(180)
def test_a_failed_task_is_tried_again_from_its_menu(lab: Front) -> None:
    notebook = lab.open_notebook([ACTIVITIES])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    ask(drawing, "page", "pin")
    drawing.root.locator('[data-field="pin"]').fill('"bad"')
    drawing.press("pin")
    expect(flags(drawing, "page")).to_have_count(1)
    drawing.run()
    state(drawing, "failed")
    ask(drawing, "size", "retry")
    state(drawing, "completed")
    drawing.expect_states({"size": "completed"})
    assert notebook.python("calls") == ["bad", "bad"]
    assert lab.errors == []


@pytest.mark.timeout(180)
def test_a_document_is_drawn_by_quick_gestures_and_its_runs_are_steered(lab: Front) -> None:
    page = lab.page
    notebook = lab.open_notebook([ACTIVITIES])
    notebook.run(0)
    kernel = notebook.kernel
    file = write(lab, {**DOCUMENT, "nodes": DOCUMENT["nodes"][::2], "edges": [], "inputs": {}}, "quick.wf.json")
    lab.open("quick.wf.json")
    drawing = opened(lab)
    change = "id => globalThis.jupyterapp.shell.currentWidget.context.sessionContext.changeKernel({ id })"
    page.evaluate(change, kernel)
    drawing.select("start")
    page.keyboard.press("Tab")
    options = drawing.root.locator('[data-picker="add"]').get_by_role("option")
    expect(options.first).to_contain_text("fetch")
    page.keyboard.press("Enter")
    expect(drawing.card("fetch")).to_be_visible()
    drawing.connect("fetch", "end")
    page.keyboard.press("Escape")
    expect(drawing.root.locator('[data-action="problems"]')).to_have_text("No problems")
    ask(drawing, "fetch", "runTo")
    state(drawing, "paused")
    drawing.press("resume")
    state(drawing, "completed")
    drawing.select("fetch")
    page.keyboard.press("d")
    page.keyboard.press("b")
    expect(flags(drawing, "fetch")).to_have_count(2)
    lab.command("docmanager:save")
    assert json.loads(file.read_text())["nodes"][-1]["disabled"] is True
    page.keyboard.press("Control+k")
    page.keyboard.type("delete and rec")
    page.keyboard.press("Enter")
    expect(drawing.card("fetch")).to_have_count(0)
    assert drawing.edges() == [("start", "end")]
    assert lab.errors == []
