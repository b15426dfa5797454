"""An automatic layout that takes its time."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front

MANY = """\
import wfnb as wf
from wfnb.model.workflow import Edge, End, Fork, Join, Start, Task, Workflow
tasks = [Task(f"task {n}", activity="none") for n in range(600)]
wf.design(Workflow(name="many", nodes=(Start("start"), Fork("all"), *tasks, Join("done"), End("end")),
    edges=(Edge(source="start", target="all"), *(Edge(source="all", target=t.id) for t in tasks),
           *(Edge(source=t.id, target="done") for t in tasks), Edge(source="done", target="end"))))"""


@pytest.mark.timeout(180)
def test_a_long_layout_is_seen_at_work_and_leaves_the_view_alone(lab: Front) -> None:
    notebook = lab.open_notebook([MANY])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    button = drawing.root.locator('[data-action="layout"]')
    zoom = drawing.root.locator('[data-action="zoom"]')
    button.click()
    expect(button).to_have_attribute("aria-busy", "true")
    zoom.click()
    expect(zoom).to_have_text("100 %")
    expect(button).to_have_attribute("aria-busy", "false", timeout=60_000)
    expect(drawing.root.locator('[data-action="undo"]')).to_have_attribute("title", "Undo: layout")
    expect(zoom).to_have_text("100 %")
    assert lab.errors == []


GROUPED = """\
import wfnb as wf
from wfnb.model.workflow import Call, Edge, End, Fork, Group, Join, Start, Workflow
calls = [Call(f"c{n}", workflow="w") for n in range(7)]
grouped = Workflow(
    name="grouped",
    nodes=(Start("start"), Fork("all"), *calls, Join("done"), End("end"),
           Group("outer", members=("inner", "c0", "c6")), Group("inner", members=("c2", "c4"))),
    edges=(Edge(source="start", target="all"), *(Edge(source="all", target=c.id) for c in calls),
           *(Edge(source=c.id, target="done") for c in calls), Edge(source="done", target="end"),
           Edge(source="outer", target="end", on="stop")),
)
pad = wf.design(grouped)
pad"""


def test_a_layout_puts_what_belongs_together_side_by_side(lab: Front, artifacts: Path) -> None:
    notebook = lab.open_notebook([GROUPED])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    drawing.press("layout")
    expect(drawing.root.locator('[data-action="undo"]')).to_be_enabled()
    lab.page.screenshot(path=artifacts / "grouped.png")
    place = notebook.python("{id: list(at) for id, at in pad.workflow.layout.items()}")
    assert set(place) == {"start", "all", "done", "end", *(f"c{n}" for n in range(7))}
    for members in (["c2", "c4"], ["c0", "c2", "c4", "c6"]):
        xs, ys = zip(*(place[id] for id in members), strict=True)
        for id, (x, y) in place.items():
            if id not in members:
                inside = min(xs) - 69 < x < max(xs) + 69 and min(ys) - 23 < y < max(ys) + 23
                assert not inside, f"{id} lies among {members}"
    assert lab.errors == []


RACE = """\
import wfnb as wf
race = wf.flow("race")
work = race.wait("work")
race.start >> work
work.on("done") >> race.end("done")
race.group("all of it", [work]).on("strike") >> race.end("home")
pad = wf.design(race)
pad"""


def test_what_a_group_leads_to_is_drawn_behind_what_is_inside_of_it(lab: Front) -> None:
    notebook = lab.open_notebook([RACE])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    work, home = drawing.card("work").bounding_box(), drawing.card("home").bounding_box()
    assert work
    assert home
    assert home["x"] > work["x"] + work["width"]
