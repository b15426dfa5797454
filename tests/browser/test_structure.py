"""Workflows inside workflows: made of a selection, entered, edited, left and unpacked, with mouse and keyboard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front, screenshot

CELL = """\
import wfnb as wf
from wfnb.model.workflow import Edge, End, Start, Task, Workflow
@wf.activity
def fetch(url: str) -> str: return url * 2
@wf.activity
def strip(text: str) -> str: return text.strip()
@wf.activity
def score(text: str, page: str) -> int: return len(text) + len(page)
names = ["start", "page", "clean", "mark", "end"]
review = Workflow(
    name="review", inputs={"url": "str"},
    nodes=(Start("start"), Task("page", activity="fetch", arguments={"url": "=input.url"}),
           Task("clean", activity="strip", arguments={"text": "=page"}),
           Task("mark", activity="score", arguments={"text": "=clean", "page": "=page"}), End("end", output="=mark")),
    edges=tuple(Edge(source=a, target=b) for a, b in zip(names, names[1:])),
    layout={name: (100.0 + 190 * i, 200.0) for i, name in enumerate(names)})
pad = wf.design(review)
pad"""
MADE = "[sorted(pad.workflow.workflows), [n.id for n in pad.workflow.nodes], pad.workflow == review]"


def crumbs(drawing: Drawing) -> list[str]:
    return drawing.root.locator(".wfnb-crumbs > :not(span)").all_inner_texts()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_selection_becomes_a_workflow_that_is_entered_run_and_unpacked(
    lab: Front, theme: str, artifacts: Path
) -> None:
    notebook = lab.open_notebook([CELL])
    lab.theme(theme)  # type: ignore[arg-type]
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    drawing.select("clean")
    lab.page.keyboard.down("Shift")
    drawing.select("mark")
    lab.page.keyboard.up("Shift")
    lab.page.keyboard.press("w")
    expect(drawing.card("part")).to_be_visible()
    screenshot(lab.page, str(artifacts / f"made-{theme}.png"))
    assert drawing.nodes() == ["start", "page", "part", "end"]
    lab.page.keyboard.press("Control+Enter")
    expect(drawing.card("clean")).to_be_visible()
    assert crumbs(drawing) == ["review", "part"]
    # Edits apply inside.
    made = drawing.drop(0.5, 0.85, kind="note")
    assert notebook.python(f"'{made}' in [n.id for n in pad.workflow.workflows['part'].nodes]")
    drawing.run(url="ab")
    drawing.expect_states({"clean": "completed", "mark": "completed"})
    screenshot(lab.page, str(artifacts / f"inside-{theme}.png"))
    drawing.root.locator(".wfnb-crumb").click()
    expect(drawing.card("part")).to_be_visible()
    drawing.expect_states({"part": "completed"})
    assert notebook.python("pad.run.output") == 8
    # Undo goes where it changes something; unpacking is the inverse.
    drawing.press("undo")
    expect(drawing.root.locator(".wfnb-crumbs b")).to_have_text("part")
    expect(drawing.card(made)).to_have_count(0)
    drawing.canvas.focus()
    lab.page.keyboard.press("Control+Shift+Enter")
    expect(drawing.root.locator(".wfnb-crumbs b")).to_have_text("review")
    lab.page.keyboard.press("Shift+W")
    expect(drawing.card("mark")).to_be_visible()
    assert notebook.python(MADE) == [[], ["start", "page", "clean", "mark", "end"], True]
    for _ in range(2):
        drawing.press("undo")
    expect(drawing.root.locator('[data-action="undo"]')).to_be_disabled()
    assert notebook.python("pad.workflow == review")
    assert lab.errors == []


def test_a_double_click_enters_and_a_problem_inside_leads_there(lab: Front) -> None:
    notebook = lab.open_notebook([CELL])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    drawing.select("clean")
    lab.page.keyboard.press("w")
    expect(drawing.card("part")).to_be_visible()
    box = drawing.card("part").bounding_box()
    assert box
    lab.page.mouse.dblclick(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(drawing.card("clean")).to_be_visible()
    drawing.select("clean")
    drawing.fill("activity", "nothing")
    drawing.root.locator(".wfnb-crumb").click()
    expect(drawing.card("part").locator(".wfnb-badge")).to_be_visible()
    drawing.press("problems")
    drawing.root.locator(".wfnb-problem", has_text="part").locator("[data-code]").first.click()
    expect(drawing.card("clean")).to_be_visible()
    assert crumbs(drawing) == ["review", "part"]
    assert lab.errors == []


def test_what_can_not_be_made_says_why(lab: Front) -> None:
    notebook = lab.open_notebook([CELL])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    drawing.select("start")
    lab.page.keyboard.press("w")
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text("no way leads in")
    assert lab.errors == []


def test_a_file_has_workflows_inside_too(lab: Front) -> None:
    file = lab.server.root / "nested.wf.json"
    file.write_text(
        json.dumps(
            {
                "wfnb": 1,
                "name": "nested",
                "nodes": [{"kind": "start", "id": "start"}, {"kind": "wait", "id": "w"}, {"kind": "end", "id": "end"}],
                "edges": [{"source": "start", "target": "w"}, {"source": "w", "target": "end", "after": 1}],
                "layout": {"start": [80, 200], "w": [300, 200], "end": [520, 200]},
            }
        )
    )
    lab.open("nested.wf.json")
    drawing = Drawing(lab.page.locator(".wfnb-document").first).ready()
    expect(drawing.root.locator(".wfnb-summary")).to_contain_text("checked in")  # there is a kernel
    drawing.select("w")
    lab.page.keyboard.press("w")
    expect(drawing.card("part")).to_be_visible()
    lab.page.keyboard.press("Control+Enter")
    expect(drawing.card("w")).to_be_visible()
    drawing.drop(0.5, 0.85, kind="note")
    lab.command("docmanager:save")
    saved = json.loads(file.read_text())
    assert [node["kind"] for node in saved["workflows"]["part"]["nodes"]] == ["start", "wait", "end", "note"]
    assert lab.errors == []


PLACES = "{id: list(at) for id, at in pad.workflow.layout.items()}"
SIDE_BY_SIDE = """\
import wfnb as wf
from wfnb.model.workflow import Edge, End, Fork, Join, Start, Task, Workflow
tasks = [Task(f"t{n}", activity="none") for n in range(4)]
pad = wf.design(Workflow(name="side", nodes=(Start("start"), Fork("all"), *tasks, Join("done"), End("end")),
    edges=(Edge(source="start", target="all"), *(Edge(source="all", target=t.id) for t in tasks),
           *(Edge(source=t.id, target="done") for t in tasks), Edge(source="done", target="end"),
           Edge(source="t1", target="t0", error="Again")),
    layout={"start": (60.0, 200.0), "all": (160.0, 200.0), "t0": (330.0, 350.0), "t1": (330.0, 250.0),
            "t2": (330.0, 150.0), "t3": (330.0, 50.0), "done": (520.0, 200.0), "end": (620.0, 200.0)}))
pad"""


def test_a_layout_keeps_what_lies_above_what_and_done_twice_changes_nothing(lab: Front) -> None:
    notebook = lab.open_notebook([SIDE_BY_SIDE])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    drawing.press("layout")
    undo = drawing.root.locator('[data-action="undo"]')
    expect(undo).to_have_attribute("title", "Undo: layout")
    once = notebook.python(PLACES)
    assert once["t3"][1] < once["t2"][1] < once["t1"][1] < once["t0"][1]
    drawing.press("layout")
    expect(drawing.root.locator(".wfnb-toast")).to_contain_text("arranged already")
    assert notebook.python(PLACES) == once
    drawing.press("undo")
    expect(undo).to_be_disabled()
    assert lab.errors == []
