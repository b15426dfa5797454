"""A person's side of a run in a notebook: the form of an approval, a signal, and a cell that awaits meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front, Notebook

SET_UP = """\
import wfnb as wf
wf.connect()
flow = wf.flow("review")
ask = flow.approval("ask", "='Publish ' + input.page + '?'", form={"ok": bool, "stars": int})
paid = flow.wait("paid")
end = flow.end("end", output="=[ask, paid]")
flow.start >> ask >> paid
paid.on("money") >> end"""
SHOW = """\
pad = wf.design(flow)
pad"""
AWAIT = """\
run = pad.start(page="the page")
print(await run)"""


def awaiting(front: Front) -> tuple[Notebook, Drawing]:
    """A notebook with a designer, whose last cell awaits a run that waits for a person."""
    notebook = front.open_notebook([SET_UP, SHOW, AWAIT])
    for cell in (0, 1):
        notebook.run(cell)
    drawing = Drawing(notebook.output(1)).ready()
    notebook.start(2)
    return notebook, drawing


def answer(drawing: Drawing) -> None:
    """Fill in the form, wrongly first."""
    form = drawing.root.locator('[data-approval="ask"]')
    expect(form).to_contain_text("Publish the page?")
    form.locator('[data-answer="ok"]').check()
    form.locator('[data-answer="stars"]').fill("3.5")
    drawing.press("answer")
    expect(form).to_contain_text("A whole number is needed")
    form.locator('[data-answer="stars"]').fill("3")
    drawing.press("answer")
    expect(form).to_have_count(0)


def pay(drawing: Drawing) -> None:
    """Send the signal, with the wrong name first."""
    drawing.press("signal")
    drawing.root.locator('[data-signal="name"]').fill("mony")
    drawing.press("send-signal")
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text("mony")
    drawing.press("signal")
    drawing.root.locator('[data-signal="value"]').fill("12")
    drawing.press("send-signal")


@pytest.mark.timeout(180)
def test_a_click_frees_the_cell_that_awaits_the_run(front: Front, artifacts: Path) -> None:
    notebook, drawing = awaiting(front)
    drawing.expect_states({"ask": "waiting"})
    expect(drawing.root.locator('[data-run-state="waiting"]')).to_be_visible()
    front.page.screenshot(path=artifacts / f"approval-{front.server.app}.png")
    answer(drawing)
    drawing.expect_states({"ask": "completed", "paid": "waiting"})
    pay(drawing)
    drawing.expect_states({"end": "completed"})
    notebook.wait(2)
    assert notebook.text(2) == "[{'ok': True, 'stars': 3}, 12]"
    assert front.errors == []


@pytest.mark.timeout(180)
def test_a_run_view_asks_as_well_and_shows_what_happened(lab: Front) -> None:
    notebook = lab.open_notebook([SET_UP, 'run = wf.start(flow, page="the page")\nview = wf.show(run)\nview'])
    notebook.run(0)
    notebook.run(1)
    view = Drawing(notebook.output(1)).ready()
    form = view.root.locator('[data-approval="ask"]')
    expect(form).to_be_visible()
    view.press("first")
    expect(form).to_have_count(0)  # the past asks nothing
    view.press("last")
    answer(view)
    pay(view)
    view.expect_states({"end": "completed"})
    view.root.locator('[data-tab="events"]').click()
    for text in ("ApprovalGiven", "SignalReceived", "money = 12"):
        expect(view.root.locator(".wfnb-rows")).to_contain_text(text)
    view.root.locator('[data-tab="tasks"]').click()
    expect(view.root.locator(".wfnb-rows")).to_contain_text("approval")
    assert notebook.python("run.output") == [{"ok": True, "stars": 3}, 12]
    assert lab.errors == []
