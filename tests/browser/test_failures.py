"""What went wrong is said where people look: failed runs, lost kernels, refused input, unreadable files."""

from __future__ import annotations

import os
import re
import signal

from playwright.sync_api import Locator, expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front, Notebook

FAILING = """\
import wfnb as wf

@wf.activity(retries=3, timeout=30)
async def fetch(url: str) -> str:
    return url

@wf.activity
def divide(a: int) -> float:
    return a / 0

flow = wf.flow("failing")
flow.start >> flow.task("get", fetch, url="x") >> flow.task("part", divide, a=1) >> flow.end()
pad = wf.design(flow)
pad"""


def shown(front: Front, source: str = FAILING) -> tuple[Notebook, Drawing]:
    notebook = front.open_notebook([source])
    notebook.run(0)
    return notebook, Drawing(notebook.output(0)).ready()


def field(drawing: Drawing, name: str) -> Locator:
    return drawing.root.locator(f'.wfnb-inspector [data-field="{name}"]')


def test_a_failed_run_says_why_in_the_inspector(lab: Front) -> None:
    _, drawing = shown(lab)
    drawing.run()
    drawing.expect_states({"get": "completed", "part": "failed"})
    expect(drawing.card("part").locator(".wfnb-foot")).to_have_text("ZeroDivisionError")
    drawing.select("get")
    last = drawing.root.locator(".wfnb-lastrun")
    expect(last).to_contain_text("completed")
    expect(last).to_contain_text('"x"')
    drawing.root.locator('[data-run-state="failed"]').click()
    expect(last).to_have_attribute("data-state", "failed")
    expect(last.locator(".wfnb-trouble")).to_have_text("ZeroDivisionError: division by zero")
    expect(last.locator("pre")).to_contain_text("return a / 0")
    expect(last.locator("pre")).to_contain_text(re.compile(r"Cell In\[\d+\], line 9, in divide"))
    expect(drawing.card("part")).to_have_class(re.compile("wfnb-selected"))
    drawing.root.locator('[data-mode="runs"]').click()  # where the same is said of the run that is looked back at
    expect(last.locator("pre")).to_contain_text(re.compile(r"Cell In\[\d+\], line 9, in divide"))
    assert lab.errors == []


def test_the_form_shows_what_an_activity_brings_along(lab: Front) -> None:
    _, drawing = shown(lab)
    drawing.select("get")
    expect(field(drawing, "retry.attempts")).to_have_value("")
    expect(field(drawing, "retry.attempts")).to_have_attribute("placeholder", "4")
    expect(field(drawing, "timeout")).to_have_attribute("placeholder", "30, from the activity")
    drawing.fill("retry.attempts", "1")
    expect(field(drawing, "retry.attempts")).to_have_value("1")


def test_refused_input_stays_with_the_reason_beside_it(lab: Front) -> None:
    _, drawing = shown(lab)
    drawing.select("get")
    for name, text, why in (
        ("id", "part", "There is already a node 'part'"),
        ("timeout", "abc", "A number of seconds above 0 is needed"),
        ("retry.attempts", "-1", "A whole number from 1 to 1000 is needed"),
    ):
        box = field(drawing, name)
        before = box.input_value()
        drawing.fill(name, text)
        expect(box).to_have_value(text)
        expect(box).to_have_attribute("aria-invalid", "true")
        expect(drawing.root.locator(".wfnb-inspector .wfnb-trouble", has_text=why)).to_be_visible()
        box.press("Escape")
        expect(box).to_have_value(before)
        expect(box).to_have_attribute("aria-invalid", "false")
    assert drawing.nodes() == ["start", "get", "part", "end"]


SLOW = """\
import asyncio
import wfnb as wf

@wf.activity
async def wait() -> None:
    await asyncio.sleep(600)

flow = wf.flow("slow")
flow.start >> flow.task("long", wait) >> flow.end()
pad = wf.design(flow)
pad"""


def expect_gone(drawing: Drawing, state: str = "Read-only") -> None:
    pill = drawing.root.locator("[data-run-state]")
    expect(pill).to_have_text("The kernel is gone: run the cell again")
    expect(drawing.root.locator('[data-action="run"]')).to_be_disabled()
    expect(drawing.root.locator('[data-action="cancel"]')).to_have_count(0)
    expect(drawing.root.locator(".wfnb-toolbar .wfnb-state")).to_have_text(state)
    if state == "Read-only":
        expect(drawing.root.locator('[role="alert"]')).to_have_count(0)


def test_a_designer_whose_kernel_restarted_stands_still_and_says_so(front: Front) -> None:
    notebook, drawing = shown(front, SLOW)
    drawing.run()
    drawing.expect_states({"long": "running"})
    os.kill(notebook.python("__import__('os').getpid()"), signal.SIGSTOP)
    made = drawing.drop(0.5, 0.8, kind="choice")  # the kernel never hears of it
    notebook.restart_kernel()
    kept = "Not saved: 1 change not received"  # and so it stays in the page
    expect_gone(drawing, kept)
    expect(drawing.root.locator(f'li[data-node="{made}"]')).to_have_count(1)
    foot = drawing.card("long").locator(".wfnb-foot")
    stands = foot.inner_text()
    drawing.select("long")
    front.page.keyboard.press("Delete")
    front.page.keyboard.press("Control+z")
    notebook.python("1")
    assert drawing.nodes() == ["start", "long", "end", made]
    assert foot.inner_text() == stands
    expect_gone(drawing, kept)
    assert front.errors == []


def test_a_designer_whose_kernel_was_killed_says_so_and_the_cell_brings_it_back(lab: Front) -> None:
    notebook, drawing = shown(lab, SLOW)
    drawing.run()
    drawing.expect_states({"long": "running"})
    notebook.kill_kernel()
    expect_gone(drawing)
    notebook.run(0)
    again = Drawing(notebook.output(0)).ready()
    again.run()
    again.expect_states({"long": "running"})
    assert lab.errors == []


def test_a_card_that_gets_wider_keeps_its_middle_and_its_edges(lab: Front) -> None:
    _, drawing = shown(lab)
    drawing.press("layout")  # from now on every place is in the document
    expect(drawing.root.locator('[data-action="undo"]')).to_have_attribute("title", "Undo: layout")
    card = drawing.card("get")
    before = card.bounding_box()
    drawing.select("get")
    drawing.fill("label", "a label that is much longer than any card is wide, and then some")
    expect(card.locator(".wfnb-title")).to_contain_text("a label")
    after = card.bounding_box()
    assert before
    assert after
    assert after["width"] > before["width"]
    assert abs((after["x"] + after["width"] / 2) - (before["x"] + before["width"] / 2)) <= 1
    drawing.press("undo")
    expect(card.locator(".wfnb-title")).to_have_text("get")
    assert card.bounding_box() == before


def test_a_sketch_is_not_wrong_before_it_is_connected(lab: Front) -> None:
    _, drawing = shown(lab, "import wfnb as wf\npad = wf.design()\npad")
    pill = drawing.root.locator('[data-action="problems"]')
    expect(pill).to_have_text("2 to connect")
    expect(drawing.card("end").locator(".wfnb-badge")).to_have_attribute("data-severity", "advice")
    drawing.connect("start", "end")
    expect(pill).to_have_text("No problems")
