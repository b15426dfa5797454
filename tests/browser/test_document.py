"""JupyterLab's document editor: a workflow is a file that the designer opens, edits, checks and runs."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front

DIRTY = re.compile("jp-mod-dirty")
DOCUMENT = {
    "wfnb": 1,
    "name": "greet",
    "inputs": {"name": "str"},
    "nodes": [
        {"kind": "start", "id": "start"},
        {"kind": "task", "id": "hello", "activity": "greet", "arguments": {"name": "=input.name"}},
        {"kind": "end", "id": "end"},
    ],
    "edges": [{"source": "start", "target": "hello"}, {"source": "hello", "target": "end"}],
    "layout": {"start": [80, 200], "hello": [300, 200], "end": [520, 200]},
}
ACTIVITY = """\
import wfnb as wf

@wf.activity
async def greet(name: str) -> str:
    return f"hello {name}\""""


FOOTERS = """
globalThis.said = [];
new MutationObserver(() => said.push(document.querySelector('.wfnb-footer')?.innerText ?? ''))
    .observe(document, { subtree: true, childList: true, characterData: true });
"""
"""Notes what the line below the drawing says, from its beginning."""


def write(front: Front, document: dict[str, Any] = DOCUMENT, name: str = "greet.wf.json") -> Path:
    file = front.server.root / name
    file.write_text(json.dumps(document))
    return file


def opened(front: Front, nth: int = 0) -> Drawing:
    return Drawing(front.page.locator(".wfnb-document").nth(nth)).ready()


def tab(front: Front, name: str) -> Locator:
    return front.page.locator(".lm-TabBar-tab", has_text=name)


def until_saved(drawing: Drawing) -> None:
    """Wait until the file has what is drawn."""
    expect(drawing.root.locator("[data-saving=saved]")).to_contain_text("Saved · greet.wf.json")


def test_a_workflow_opens_in_the_designer_and_is_saved_as_it_is_drawn(lab: Front) -> None:
    file = write(lab)
    before = json.loads(file.read_text())
    lab.page.add_init_script(FOOTERS)
    lab.open("greet.wf.json")
    drawing = opened(lab)
    assert drawing.nodes() == ["start", "hello", "end"]
    expect(drawing.canvas).to_be_focused()
    expect(lab.page.get_by_role("button", name="Save and create checkpoint")).to_be_enabled()
    expect(drawing.root.locator(".wfnb-footer")).to_contain_text("checked in", timeout=60_000)
    said = "\n".join(lab.page.evaluate("said"))
    assert "Starting a kernel" in said
    assert "No kernel" not in said
    made = drawing.drop(0.5, 0.8, kind="choice")
    until_saved(drawing)
    expect(tab(lab, "greet.wf.json")).not_to_have_class(DIRTY)
    after = json.loads(file.read_text())
    assert [node["id"] for node in after["nodes"]] == ["start", "hello", "end", made]
    assert after["edges"] == before["edges"]
    drawing.press("undo")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(3)
    until_saved(drawing)
    assert json.loads(file.read_text()) == before
    lab.command("docmanager:save")
    assert lab.errors == []


def test_designer_and_text_editor_show_one_document(lab: Front) -> None:
    write(lab)
    lab.open("greet.wf.json")
    drawing = opened(lab)
    lab.command("docmanager:open", path="greet.wf.json", factory="Editor", options={"mode": "split-right"})
    text = lab.page.locator(".jp-FileEditor .cm-content")
    expect(text).to_contain_text("hello")
    made = drawing.drop(0.5, 0.8, kind="fork")
    expect(text).to_contain_text(f'"id": "{made}"')
    text.click()
    lab.page.keyboard.press("Control+a")
    changed = json.loads(json.dumps(DOCUMENT).replace("hello", "welcome"))
    lab.page.keyboard.insert_text(json.dumps(changed))
    expect(drawing.root.locator('li[data-node="welcome"]')).to_be_attached()
    assert drawing.nodes() == ["start", "welcome", "end"]


def test_two_designers_of_one_file_stay_equal(lab: Front) -> None:
    lab.page.set_viewport_size({"width": 2200, "height": 900})  # room for a palette in each
    write(lab)
    lab.open("greet.wf.json")
    tab(lab, "greet.wf.json").click(button="right")
    lab.page.get_by_role("menuitem", name="New View for").click()
    expect(lab.page.locator(".wfnb-document")).to_have_count(2)
    one, two = opened(lab, nth=0), opened(lab, nth=1)
    made = two.drop(0.5, 0.8, kind="join")
    expect(one.root.locator(f'li[data-node="{made}"]')).to_be_attached()
    two.press("undo")
    expect(one.root.locator("[data-outline=nodes] li")).to_have_count(3)
    assert one.nodes() == two.nodes()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ('{"wfnb": 1, "nodes": [{"kind": "task"', "at line 1 column 38"),
        ('{"wfnb": 9}', "install a newer wfnb (pip install -U wfnb)"),
        ('{"wfnb": 1, "nodes": [{"kind": "taks", "id": "a"}]}', "Did you mean 'task'?"),
        ('{"wfnb": 1, "nodes": [{"kind": "end", "id": "a", "colour": 1}]}', "unknown field `colour` at $.nodes[0]"),
    ],
)
def test_an_unreadable_document_says_why_and_is_left_alone(lab: Front, text: str, sentence: str) -> None:
    file = lab.server.root / "broken.wf.json"
    file.write_text(text)
    lab.open("broken.wf.json")
    shown = lab.page.locator(".wfnb-document")
    expect(shown.get_by_role("alert")).to_contain_text(sentence)
    expect(shown.locator('[data-action="run"]')).to_be_disabled()
    expect(shown.locator('[data-action="problems"]')).to_have_text("Not checked")
    expect(shown.locator(".wfnb-footer")).not_to_contain_text("checking")
    assert file.read_text() == text


@pytest.mark.timeout(180)
def test_a_document_is_checked_and_run_by_the_kernel_of_a_notebook(lab: Front) -> None:
    write(lab)
    notebook = lab.open_notebook([ACTIVITY])
    notebook.run(0)
    kernel = notebook.kernel
    lab.command("docmanager:open", path="greet.wf.json")
    drawing = opened(lab)
    lab.page.evaluate(
        "id => globalThis.jupyterapp.shell.currentWidget.context.sessionContext.changeKernel({ id })",
        kernel,
    )
    expect(drawing.root.locator('[data-action="problems"]')).to_have_text("No problems")
    expect(drawing.root.locator('.wfnb-entry[data-activity="greet"]')).to_be_visible()
    drawing.run(name="you")
    drawing.expect_states({"start": "completed", "hello": "completed", "end": "completed"})
    notebook.python("__import__('wfnb.widgets.editor').widgets.editor.close()")
    with duckdb.connect(lab.server.root / ".wfnb" / "history.duckdb", read_only=True) as history:
        (output,) = (
            history.execute("select payload->>'output' from events where type = 'RunCompleted'").fetchone() or ()
        )
    assert output == "hello you"
    assert lab.errors == []


WAITING = """\
import asyncio
import wfnb as wf

@wf.activity
async def greet(name: str) -> str:
    await asyncio.sleep(600)
    return name"""


@pytest.mark.timeout(180)
def test_a_document_goes_on_without_the_kernel_that_ran_it(lab: Front) -> None:
    write(lab)
    notebook = lab.open_notebook([WAITING])
    notebook.run(0)
    kernel = notebook.kernel
    lab.command("docmanager:open", path="greet.wf.json")
    drawing = opened(lab)
    change = "id => globalThis.jupyterapp.shell.currentWidget.context.sessionContext.changeKernel({ id })"
    lab.page.evaluate(change, kernel)
    expect(drawing.root.locator('[data-action="problems"]')).to_have_text("No problems")
    drawing.run(name="you")
    drawing.expect_states({"hello": "running"})
    lab.page.evaluate("() => globalThis.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart()")
    expect(drawing.root.locator("[data-run-state]")).to_have_text("The kernel is gone: run again")
    drawing.drop(0.5, 0.8, kind="choice")
    drawing.press("undo")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(3)
    expect(drawing.root.locator('[data-action="run"]')).to_be_enabled()
    assert lab.errors == []
