"""A workflow of ten nodes is drawn, run, debugged and run to its end in a notebook cell, with the keyboard alone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front

SET_UP = """\
import wfnb as wf
wf.connect()

@wf.activity
def fetch(url: str) -> str:
    return "page of " + url

@wf.activity
def clean(text: str) -> str:
    return text.strip()

@wf.activity
def score(text: str, weight: float = 1.0) -> float:
    \"\"\"Give a mark.

    Args:
        text: what is marked.
        weight: no more than ten.
    \"\"\"
    if weight > 10:
        raise ValueError("weight is too much")
    return len(text) * weight

@wf.activity
def keep(text: str) -> str:
    return "kept"

@wf.activity
def drop(text: str) -> str:
    return "dropped\""""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def add(page: Page, drawing: Drawing, what: str) -> None:
    """Quick-add after what is selected; the new node is selected then."""
    before = len(drawing.nodes())
    press(page, "Tab")
    expect(drawing.root.locator("[data-picker=add] input")).to_be_focused()
    page.keyboard.type(what)
    press(page, "Enter")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(before + 1)


def find(page: Page, drawing: Drawing, what: str) -> None:
    """Go to a node by its name."""
    press(page, "Control+f")
    expect(drawing.root.locator("[data-picker=find] input")).to_be_focused()
    page.keyboard.type(what)
    press(page, "Enter")
    expect(drawing.canvas).to_be_focused()


def command(page: Page, drawing: Drawing, what: str) -> None:
    """Give a command by its name."""
    press(page, "Control+k")
    expect(drawing.root.locator("[data-picker=commands] input")).to_be_focused()
    page.keyboard.type(what)
    press(page, "Enter")


def field(drawing: Drawing, name: str) -> Locator:
    """A field of the inspector."""
    return drawing.root.locator(f'.wfnb-inspector [data-field="{name}"]')


def tab_to(page: Page, wanted: Locator) -> None:
    """Go from field to field until this one has the keyboard."""
    for _ in range(40):
        if wanted.evaluate("field => field === document.activeElement"):
            break
        press(page, "Tab")
    expect(wanted).to_be_focused()


def write(page: Page, drawing: Drawing, name: str, text: str) -> None:
    """Fill in a field of what is selected, and go back to the drawing."""
    press(page, "Enter")
    expect(drawing.root.locator(".wfnb-inspector :focus")).to_be_attached()
    tab_to(page, field(drawing, name))
    press(page, "Control+a")
    page.keyboard.type(text)
    press(page, "Enter", "Escape")
    expect(drawing.canvas).to_be_focused()


def build(page: Page, drawing: Drawing) -> None:
    """Draw ten nodes: a chain with a choice, both ways of which come to the end."""
    find(page, drawing, "start")
    for what in ("page = fetch", "tidy = clean", "mark = score", "choice", "kept = keep"):
        add(page, drawing, what)
    # What leaves a choice is asked for its condition; after it the drawing goes on at the new node.
    expect(field(drawing, "when")).to_be_focused()
    page.keyboard.type("mark > 3")
    press(page, "Enter")
    expect(drawing.canvas).to_be_focused()
    expect(drawing.card("kept")).to_have_class(re.compile("wfnb-selected"))
    for what in ("check = clean", "dropped = drop"):
        add(page, drawing, what)
    find(page, drawing, "choice")
    add(page, drawing, "again = clean")
    expect(field(drawing, "when")).to_be_focused()
    tab_to(page, field(drawing, "otherwise"))
    press(page, " ", "Escape")
    expect(drawing.card("again")).to_have_class(re.compile("wfnb-selected"))
    for source in ("dropped", "again"):
        count = len(drawing.edges())
        find(page, drawing, source)
        press(page, "e")
        aim = drawing.root.locator(".wfnb-aim")
        expect(aim).to_be_visible()
        page.keyboard.type("end")
        expect(aim).to_contain_text(f"{source} to end")
        press(page, "Enter")
        expect(drawing.root.locator("[data-outline=edges] li")).to_have_count(count + 1)
    for node, argument, value in ARGUMENTS:
        find(page, drawing, node)
        write(page, drawing, f"arguments.{argument}", value)


ARGUMENTS = (
    ("page", "url", "here"),
    ("tidy", "text", "=page"),
    ("mark", "text", "=tidy"),
    ("mark", "weight", "11"),
    ("kept", "text", "=tidy"),
    ("check", "text", "=kept"),
    ("dropped", "text", "=check"),
    ("again", "text", "=tidy"),
)


@pytest.mark.timeout(240)
def test_ten_nodes_are_drawn_run_and_debugged_by_keyboard_alone(lab: Front, artifacts: Path) -> None:
    notebook = lab.open_notebook([SET_UP, "pad = wf.design()\npad"])
    notebook.run(0)
    notebook.run(1)
    page = lab.page
    drawing = Drawing(notebook.output(1)).ready()
    drawing.canvas.focus()
    build(page, drawing)
    assert len(drawing.nodes()) == 10
    expect(drawing.root.locator('[data-action="problems"]')).to_have_text("No problems")
    # It fails; why is read where it failed, and put right there.
    command(page, drawing, "Run")
    drawing.expect_states({"tidy": "completed", "mark": "failed"})
    expect(drawing.root.locator("[data-announced=run]")).to_contain_text("mark failed")
    find(page, drawing, "mark")
    expect(drawing.root.locator(".wfnb-lastrun")).to_contain_text("weight is too much")
    drawing.root.screenshot(path=artifacts / "keyboard-failed.png")
    write(page, drawing, "arguments.weight", "2")
    # The next run stops before a node, is looked at, goes one step and then on.
    find(page, drawing, "check")
    press(page, "b")
    command(page, drawing, "Run")
    drawing.expect_states({"mark": "completed", "kept": "completed", "check": "ready"})
    find(page, drawing, "kept")
    expect(drawing.root.locator(".wfnb-lastrun")).to_contain_text("kept")
    drawing.root.screenshot(path=artifacts / "keyboard-paused.png")
    command(page, drawing, "One step")
    drawing.expect_states({"check": "completed", "dropped": "ready"})
    command(page, drawing, "Let the run go on")
    drawing.expect_states({"dropped": "completed", "end": "completed"})
    assert notebook.python("(pad.run.status, pad.run.output)") == ["completed", "dropped"]
    assert lab.errors == []
