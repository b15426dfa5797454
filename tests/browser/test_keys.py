"""Keys pressed in a canvas are the canvas's: a notebook around it does nothing with them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front, Notebook

DESIGNER = """\
import wfnb as wf

@wf.activity
def one(n: int = 1) -> int:
    return n

flow = wf.flow("keys")
flow.start >> flow.task("first", one) >> flow.end("end")
wf.design(flow)"""

RUN = DESIGNER.replace("wf.design(flow)", "run = wf.start(flow)\nawait run\nwf.show(run)")

KEYS = ["d", "d", "x", "a", "b", "ArrowDown", "Control+Enter", "Shift+Enter", "Alt+Enter", "Control+Shift+ArrowUp"]

PLACES = {
    "canvas": ".wfnb-canvas",
    "name": ".wfnb-heading",
    "bar": ".wfnb-toolbar .wfnb-space",
    "fit": '[data-action="fit"]',
    "undo": '[data-action="undo"]',
    "entry": ".wfnb-entry",
    "palette": ".wfnb-palette h3",
    "inspector": ".wfnb-inspector",
    "footer": ".wfnb-footer",
}
RUN_PLACES = {
    "canvas": ".wfnb-canvas",
    "name": ".wfnb-heading",
    "runs": ".wfnb-runlist h3",
    "values": ".wfnb-inspector h3",
    "bars": ".wfnb-bars",
    "slider": ".wfnb-slider",
}


def press_everywhere(notebook: Notebook, drawing: Drawing, places: dict[str, str]) -> None:
    """Click each place and press what a notebook would act on; nothing may come of it."""
    page = notebook.page
    prompt = notebook.cell(1).locator(".jp-InputPrompt")
    expect(prompt).to_have_text(re.compile(r"\[1\]"))
    cells = page.locator(".jp-Notebook .jp-Notebook-cell")
    page.evaluate(
        """() => {
            globalThis.done = [];
            jupyterapp.commands.commandExecuted.connect((_, { id }) => /^(notebook|run)/.test(id) && done.push(id));
        }"""
    )
    for name, selector in places.items():
        # From the editor of another cell, as a person comes.
        notebook.cell(0).locator(".cm-content").click()
        click_corner(drawing.root.locator(selector).first)
        page.wait_for_function("() => document.activeElement?.closest('.wfnb-root')")
        for key in KEYS:
            page.keyboard.press(key)
        expect(cells).to_have_count(3)
        assert page.evaluate("done") == [], name
        assert page.evaluate("() => Boolean(document.activeElement?.closest('.wfnb-root'))"), name
    expect(prompt).to_have_text(re.compile(r"\[1\]"))


def click_corner(element: Locator) -> None:
    """Click near the left lower corner of what is there, where a panel is blank."""
    element.scroll_into_view_if_needed()
    box = element.bounding_box()
    assert box
    element.page.mouse.click(box["x"] + min(20, box["width"] / 2), box["y"] + box["height"] - min(8, box["height"] / 2))


@pytest.mark.timeout(180)
@pytest.mark.parametrize(("source", "places"), [(DESIGNER, PLACES), (RUN, RUN_PLACES)], ids=["designer", "run"])
def test_keys_in_a_canvas_do_nothing_to_the_notebook(front: Front, source: str, places: dict[str, str]) -> None:
    notebook = front.open_notebook(["1", source, "2"])
    notebook.run(1)
    drawing = Drawing(notebook.output(1)).ready()
    press_everywhere(notebook, drawing, places)
    assert front.errors == []


@pytest.mark.timeout(120)
def test_typing_and_saving_still_work(front: Front) -> None:
    notebook = front.open_notebook(["1", DESIGNER, "2"])
    notebook.run(1)
    drawing = Drawing(notebook.output(1)).ready()
    find = drawing.root.locator(".wfnb-palette input")
    find.click()
    front.page.keyboard.type("ddxa")
    expect(find).to_have_value("ddxa")
    drawing.root.locator(".wfnb-heading").click()
    front.page.evaluate(
        """() => jupyterapp.commands.commandExecuted.connect(
            (_, { id }) => (globalThis.saved ||= id === 'docmanager:save')
        )"""
    )
    front.page.keyboard.press("Control+s")
    front.page.wait_for_function("globalThis.saved")
    expect(notebook.page.locator(".jp-Notebook .jp-Notebook-cell")).to_have_count(3)
