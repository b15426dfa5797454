"""The gestures where people make them: in a cell of a notebook and in JupyterLab's document editor."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.canvas import middle
from tests.browser.drawing import Drawing
from tests.tools.front import Front, Notebook

SOURCE = """\
import wfnb as wf

@wf.activity
def fetch(url: str) -> str:
    return url

@wf.activity
def score(page: str) -> float:
    return len(page) / 10

flow = wf.flow("source")
page = flow.task("page", fetch, url="here")
mark = flow.task("mark", score, page="=page")
flow.start >> page >> mark >> flow.end("end")
pad = wf.design(flow)
pad"""

# A task of the same name is there already.
TARGET = SOURCE.replace("here", "there").replace("page >> mark >>", "page >>").replace("source", "target")
TARGET = "\n".join(line for line in TARGET.split("\n") if not line.startswith("mark = "))

DOCUMENT = {
    "wfnb": 1,
    "name": "empty",
    "nodes": [{"kind": "start", "id": "start"}, {"kind": "end", "id": "end"}],
    "layout": {"start": [80, 200], "end": [640, 260]},
}


def designer(front: Front, source: str, name: str) -> tuple[Notebook, Drawing]:
    notebook = front.open_notebook(["1", source, *["2"] * 12], name)
    notebook.run(1)
    return notebook, Drawing(notebook.output(1)).ready()


def kernel_document(notebook: Notebook) -> object:
    """The nodes with their arguments, and the edges, as the kernel has them."""
    return notebook.python(
        "[[(n.id, dict(getattr(n, 'arguments', {}))) for n in pad.document.workflow.nodes],"
        " [(e.source, e.target) for e in pad.document.workflow.edges]]"
    )


def select_two(drawing: Drawing) -> None:
    drawing.select("page")
    drawing.page.keyboard.down("Shift")
    drawing.select("mark")
    drawing.page.keyboard.up("Shift")
    expect(drawing.root.locator(".wfnb-card.wfnb-selected")).to_have_count(2)


@pytest.mark.timeout(180)
def test_a_part_is_copied_from_one_notebook_into_another(front: Front) -> None:
    _, drawing = designer(front, SOURCE, "source.ipynb")
    select_two(drawing)
    front.page.keyboard.press("Control+c")
    notebook, drawing = designer(front, TARGET, "target.ipynb")
    box = drawing.canvas.bounding_box()
    assert box
    spot = (box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.8)
    front.page.mouse.click(*spot)
    front.page.mouse.move(spot[0] + 4, spot[1])
    front.page.keyboard.press("Control+v")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(5)
    expect(drawing.root.locator(".wfnb-state")).to_contain_text("revision")
    nodes, edges = json.loads(json.dumps(kernel_document(notebook)))
    assert nodes == [
        ["start", {}],
        ["page", {"url": "there"}],
        ["end", {}],
        ["page_2", {"url": "here"}],
        ["mark", {"page": "=page_2"}],
    ]
    assert edges == [["start", "page"], ["page", "end"], ["page_2", "mark"]]
    a, b = middle(drawing.card("page_2")), middle(drawing.card("mark"))
    assert ((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) == pytest.approx((spot[0] + 4, spot[1]), abs=3)
    front.page.keyboard.press("Control+z")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(3)
    assert front.errors == []


@pytest.mark.timeout(180)
def test_the_wheel_is_the_notebooks_until_the_drawing_has_the_keyboard(front: Front) -> None:
    notebook, drawing = designer(front, SOURCE, "test.ipynb")
    notebook.cell(0).locator(".cm-content").click()
    drawing.canvas.scroll_into_view_if_needed()
    card = drawing.card("page")
    x, y = middle(card)
    front.page.mouse.move(x, y + 60)
    front.page.mouse.wheel(0, 70)
    front.page.wait_for_function(
        """before => {
            const card = document.querySelector('.wfnb-card[data-id=page]').getBoundingClientRect();
            return Math.abs(card.y + card.height / 2 - before) > 30;
        }""",
        arg=y,
    )
    top = drawing.canvas.bounding_box()
    assert top
    within = card.bounding_box()
    assert within
    offset = within["y"] - top["y"]
    front.page.mouse.click(top["x"] + 30, top["y"] + top["height"] - 60)
    expect(drawing.canvas).to_be_focused()
    place = drawing.canvas.bounding_box()
    front.page.mouse.wheel(0, 50)
    front.page.wait_for_function(
        """offset => {
            const card = document.querySelector('.wfnb-card[data-id=page]').getBoundingClientRect();
            const canvas = document.querySelector('.wfnb-canvas').getBoundingClientRect();
            return Math.abs(card.y - canvas.y - offset + 50) < 2;
        }""",
        arg=offset,
    )
    assert drawing.canvas.bounding_box() == place, "the notebook stays where it is"
    front.page.keyboard.press("Escape")
    front.page.keyboard.press("Escape")
    front.page.wait_for_function("() => !document.activeElement?.closest('.wfnb-root')")
    assert front.errors == []


@pytest.mark.timeout(180)
def test_a_file_is_drawn_with_the_same_gestures(lab: Front) -> None:
    file: Path = lab.server.root / "empty.wf.json"
    file.write_text(json.dumps(DOCUMENT))
    lab.open("empty.wf.json")
    drawing = Drawing(lab.page.locator(".wfnb-document")).ready()
    keys = lab.page.keyboard
    drawing.select("start")
    keys.press("e")
    expect(drawing.root.locator(".wfnb-aim")).to_contain_text("Edge from start to end")
    keys.press("Enter")
    expect(drawing.root.locator("[data-outline=edges] li")).to_have_count(1)
    keys.press("Control+a")
    keys.press("Control+c")
    keys.press("Control+v")
    expect(drawing.root.locator("[data-outline=nodes] li")).to_have_count(3)  # one start is enough
    keys.press("Control+a")
    drawing.press("alignMiddle")
    lab.command("docmanager:save")
    saved = json.loads(file.read_text())
    assert len({y for _, y in saved["layout"].values()}) == 1
    assert [node["id"] for node in saved["nodes"]] == ["start", "end", "end_2"]
    drawing.canvas.focus()
    for label in ("Undo: align middle", "Undo: paste", "Undo: connect"):
        expect(drawing.root.locator('[data-action="undo"]')).to_have_attribute("title", re.compile(label))
        keys.press("Control+z")
    expect(drawing.root.locator('[data-action="undo"]')).to_be_disabled()
    lab.command("docmanager:save")
    assert json.loads(file.read_text()) == DOCUMENT
    assert lab.errors == []
