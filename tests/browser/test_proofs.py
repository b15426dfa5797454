"""What the check proves, beside the drawing and on it; and what a run asks of people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.canvas import Open, kept, middle
from tests.browser.drawing import Drawing
from tests.tools.front import Front


def verdict(drawing: Drawing, name: str) -> Any:
    """A row of the properties."""
    return drawing.root.locator(f'[data-property="{name}"]')


def test_the_properties_follow_each_edit(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas()
    drawing.press("properties")
    expect(drawing.root.locator("[data-property]")).to_have_count(10)
    expect(verdict(drawing, "terminates")).to_contain_text("proved")
    drawing.press("properties")
    drawing.select("page")
    drawing.fill("activity", "nothing")
    drawing.press("problems")
    expect(verdict(drawing, "terminates")).to_contain_text("not known")
    expect(verdict(drawing, "terminates")).to_contain_text("the drawing has errors")
    drawing.press("problems")
    drawing.canvas.focus()
    page.keyboard.press("Control+z")
    expect(drawing.root.locator(".wfnb-footer")).to_contain_text("10 proved")


@pytest.mark.parametrize("width", [720, 1280])
def test_however_many_problems_there_are_all_can_be_read(open_canvas: Open, page: Page, width: int) -> None:
    drawing = open_canvas("empty", width)
    page.evaluate("""keeper.edit({ edits: Array.from({ length: 20 }, (_, i) => (
        { op: 'add_node', node: { kind: 'task', id: `t${i}`, activity: `nowhere ${i}` } })) })""")
    summary = drawing.root.locator(".wfnb-summary")
    summary.click()
    last = drawing.root.locator(".wfnb-problem").last
    expect(last).to_contain_text("nowhere 19")
    for row in (last, drawing.root.locator("[data-property]").last):
        row.scroll_into_view_if_needed()
        expect(row).to_be_in_viewport(ratio=0.9)
        inside, below = row.bounding_box(), summary.bounding_box()
        assert inside
        assert below
        assert inside["y"] + inside["height"] <= below["y"] + 1  # the line below stays free
        middle_of = (inside["x"] + 30, inside["y"] + inside["height"] / 2)
        seen = "([x, y]) => document.elementFromPoint(x, y).closest('.wfnb-findings') !== null"
        assert page.evaluate(seen, list(middle_of))


def tokens(drawing: Drawing) -> Any:
    """The tokens that lie on the drawing."""
    return drawing.root.locator(".wfnb-token.wfnb-laid")


def test_a_counterexample_is_walked_through_as_tokens(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 1400)
    drawing.press("properties")
    verdict(drawing, "deadlock-free").locator("button").click()
    expect(drawing.root.locator(".wfnb-findings")).to_have_count(0)  # the drawing is in sight
    expect(tokens(drawing)).to_have_attribute("data-on", "node start")
    steps = drawing.root.locator(".wfnb-firings [aria-current]")
    expect(steps).to_have_text("A token is at the start")
    page.keyboard.press("ArrowRight")
    expect(tokens(drawing)).to_have_attribute("data-on", "node open")
    drawing.press("step-on")
    expect(steps).to_have_text("'paid' comes")
    expect(drawing.root.locator("[data-said]")).to_have_text("step 2 of 3. 'paid' comes")
    expect(drawing.root.locator(".wfnb-bad")).to_have_count(0)
    drawing.press("step-on")
    expect(tokens(drawing)).to_have_attribute("data-on", "edge 3")
    expect(drawing.root.locator(".wfnb-token.wfnb-bad")).to_have_count(1)
    expect(drawing.root.locator("[data-refuted]")).to_have_text("Here 'deadlock-free' is refuted.")
    page.keyboard.press("ArrowLeft")  # the keyboard stays with the walk, though its last button went grey
    expect(drawing.root.locator(".wfnb-bad")).to_have_count(0)
    drawing.press("step-first")
    drawing.press("step-play")
    expect(drawing.root.locator("[data-refuted]")).to_be_visible()
    assert page.evaluate("keeper.done.length") == 0


def test_nothing_can_be_changed_while_a_counterexample_is_shown(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 1400)
    drawing.press("properties")
    verdict(drawing, "deadlock-free").locator("button").click()
    start = middle(drawing.card("audit"))
    page.mouse.move(*start)
    page.mouse.down()
    page.mouse.move(start[0] + 50, start[1] + 50, steps=4)
    page.mouse.up()
    page.keyboard.press("Delete")
    page.keyboard.press("Control+z")
    drawing.root.locator('.wfnb-entry[data-kind="task"]:not([data-activity])').dblclick()
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text("Leave the counterexample first")
    assert page.evaluate("keeper.done.length") == 0
    drawing.canvas.focus()
    page.keyboard.press("Escape")
    expect(drawing.root.locator(".wfnb-steps")).to_have_count(0)
    expect(tokens(drawing)).to_have_count(0)
    place = middle(drawing.card("audit"))
    page.mouse.move(*place)
    page.mouse.down()
    page.mouse.move(place[0], place[1] - 30, steps=4)
    page.mouse.up()
    page.wait_for_function("keeper.done.length === 1")
    assert kept(page, "layout")["audit"][0] == 390


def test_an_edit_elsewhere_ends_the_walk(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 1400)
    drawing.press("properties")
    verdict(drawing, "deadlock-free").locator("button").click()
    expect(drawing.root.locator(".wfnb-steps")).to_be_visible()
    page.evaluate("keeper.edit({client: 'x', id: 1, label: 'x', edits: [{op: 'remove_node', id: 'why'}]})")
    expect(drawing.root.locator(".wfnb-steps")).to_have_count(0)


def test_an_approval_is_answered_in_its_form(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 1400)
    drawing.run(orders="[1]", when="now")
    form = drawing.root.locator('[data-approval="review"]')
    expect(form).to_contain_text("Ship order 17?")
    form.locator('[data-answer="ok"]').check()
    form.locator('[data-answer="why"]').fill("it is ready")
    form.locator('[data-answer="stars"]').fill("many")
    drawing.press("answer")
    expect(form).to_contain_text("A whole number is needed")
    expect(form).to_contain_text("An answer is needed")
    form.locator('[data-answer="size"]').select_option(label="large")
    form.locator('[data-answer="stars"]').fill("9")
    drawing.press("answer")
    expect(form).to_contain_text("'stars' is more than 5")  # said by the kernel, at its field
    form.locator('[data-answer="stars"]').fill("4")
    drawing.press("answer")
    expect(form).to_have_count(0)
    assert page.evaluate("keeper.asked.filter(m => m.type === 'approve').at(-1)") == {
        "type": "approve",
        "node": "review",
        "value": {"ok": True, "why": "it is ready", "stars": 4, "size": "large"},
    }


def test_a_signal_is_sent_to_the_run(open_canvas: Open, page: Page) -> None:
    drawing = open_canvas("whole", 1400)
    drawing.run(orders="[1]", when="now")
    drawing.press("signal")
    panel = drawing.root.locator("form.wfnb-popover")
    panel.locator('[data-signal="name"]').fill("paid")
    panel.locator('[data-signal="value"]').fill("twelve")
    drawing.press("send-signal")
    expect(panel).to_contain_text("JSON is needed")
    panel.locator('[data-signal="value"]').fill("12.5")
    drawing.press("send-signal")
    expect(panel).to_have_count(0)
    page.wait_for_function("keeper.asked.at(-1).type === 'signal'")
    assert page.evaluate("keeper.asked.at(-1)") == {"type": "signal", "name": "paid", "value": 12.5}


STUCK = {
    "wfnb": 1,
    "name": "stuck",
    "nodes": [
        {"kind": "start", "id": "start"},
        {"kind": "fork", "id": "split"},
        {"kind": "approval", "id": "one"},
        {"kind": "approval", "id": "two"},
        {"kind": "choice", "id": "gate"},
        {"kind": "join", "id": "both"},
        {"kind": "end", "id": "end"},
        {"kind": "end", "id": "lost"},
    ],
    "edges": [
        {"source": "start", "target": "split"},
        {"source": "split", "target": "one"},
        {"source": "split", "target": "two"},
        {"source": "one", "target": "both"},
        {"source": "two", "target": "gate"},
        {"source": "gate", "target": "both", "when": "two"},
        {"source": "gate", "target": "lost", "otherwise": True},
        {"source": "both", "target": "end"},
    ],
}
"""Whoever answers no leaves the join waiting for ever."""


def walk_to_the_end(drawing: Drawing) -> None:
    """Show how the stuck workflow gets stuck, mend it, and see that proved."""
    expect(drawing.root.locator('[data-action="properties"]')).to_have_attribute("data-verdict", "refuted")
    drawing.press("problems")
    drawing.root.locator('.wfnb-problem [data-action="show-tokens"]').first.click()
    drawing.press("step-last")
    expect(drawing.root.locator("[data-refuted]")).to_be_visible()
    # The token that waits at the join, once those of the last firing have travelled.
    expect(drawing.root.locator('.wfnb-laid[data-on="edge 3"]')).to_have_count(1)
    drawing.page.keyboard.press("Escape")
    expect(drawing.root.locator(".wfnb-steps")).to_have_count(0)
    drawing.select("both")
    drawing.root.locator('.wfnb-inspector [data-field="need"]').select_option("any")
    drawing.root.locator('.wfnb-inspector [data-field="rest"]').select_option("cancel")
    expect(drawing.root.locator('[data-action="properties"]')).to_have_attribute("data-verdict", "proved")


def test_a_fault_is_shown_and_mended_in_a_notebook(lab: Front, artifacts: Path) -> None:
    (lab.server.root / "stuck.wf.json").write_text(json.dumps(STUCK))
    notebook = lab.open_notebook(["import wfnb as wf\npad = wf.design('stuck.wf.json')\npad"])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    walk_to_the_end(drawing)
    drawing.press("properties")
    lab.page.screenshot(path=artifacts / "proofs-lab.png")
    assert notebook.python("pad.check().properties['sound'].verdict") == "proved"
    assert lab.errors == []


def test_a_fault_is_shown_and_mended_in_the_document_editor(lab: Front) -> None:
    (lab.server.root / "stuck.wf.json").write_text(json.dumps(STUCK))
    lab.open("stuck.wf.json")
    drawing = Drawing(lab.page.locator(".wfnb-document")).ready()
    walk_to_the_end(drawing)
    assert lab.errors == []
