"""The run view: a run at any of its events, with the mouse, and live at the right end."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front, Notebook

SET_UP = """\
import asyncio
import wfnb as wf
wf.connect()
calls = []

@wf.activity
async def fetch(url: str) -> str:
    calls.append("fetch")
    if len(calls) == 1:
        raise ConnectionError("hung up")
    return f"page of {url}"

@wf.activity
async def hold(text: str) -> int:
    await gate.wait()
    return len(text)

gate = asyncio.Event()
flow = wf.flow("seen")
page = flow.task("page", fetch, url="=input.url").options(retry=wf.Retry(attempts=2, delay=0.01))
size = flow.task("size", hold, text="=page")
flow.start >> page >> size >> flow.end("end")
run = wf.start(flow, url="there")
view = wf.show(run)
view"""


def shown(front: Front) -> tuple[Notebook, Drawing]:
    """A run that waits in its second task, in a run view."""
    notebook = front.open_notebook([SET_UP])
    notebook.run(0)
    view = Drawing(notebook.output(0)).ready()
    view.expect_states({"page": "completed", "size": "running"})
    return notebook, view


@pytest.mark.timeout(120)
def test_the_right_end_is_now_and_anywhere_else_is_replayed(lab: Front) -> None:
    notebook, view = shown(lab)
    aside = view.root.locator("aside[data-at]")
    expect(aside).to_have_attribute("data-at", "6")
    view.press("first")
    view.expect_states({"page": "idle", "size": "idle"})
    slider = view.root.get_by_role("slider")
    slider.focus()
    for _ in range(3):
        lab.page.keyboard.press("ArrowRight")
    expect(aside).to_have_attribute("data-at", "3")
    view.expect_states({"page": "retrying", "size": "idle"})
    notebook.add("gate.set(); await run")
    assert notebook.run(1) == "13"
    expect(aside).to_have_attribute("data-at", "3")  # a look back stays where it is
    view.press("last")
    view.expect_states({"page": "completed", "size": "completed", "end": "completed"})
    expect(view.root.locator('[data-value="size"]')).to_contain_text("13")
    expect(view.root.locator('[data-value="output"]')).to_contain_text("13")
    assert notebook.python("len(calls)") == 2
    assert lab.errors == []


@pytest.mark.timeout(120)
def test_the_slider_follows_the_mouse(lab: Front) -> None:
    _, view = shown(lab)
    box = view.root.get_by_role("slider").bounding_box()
    assert box
    y = box["y"] + box["height"] / 2
    lab.page.mouse.move(box["x"] + box["width"] - 2, y)
    lab.page.mouse.down()
    lab.page.mouse.move(box["x"] + 1, y, steps=8)
    lab.page.mouse.up()
    view.expect_states({"page": "idle", "size": "idle"})


@pytest.mark.timeout(120)
def test_tables_and_bars_lead_to_their_event(lab: Front) -> None:
    _, view = shown(lab)
    aside = view.root.locator("aside[data-at]")
    expect(view.root.locator(".wfnb-task")).to_have_count(3)
    view.root.locator(".wfnb-task").first.click()
    expect(aside).to_have_attribute("data-at", "3")
    view.root.locator('[data-tab="events"]').click()
    rows = view.root.get_by_role("grid", name="Events").get_by_role("row")
    expect(rows).to_have_count(7)
    rows.nth(2).click()
    expect(aside).to_have_attribute("data-at", "2")
    view.root.locator('[data-tab="tasks"]').click()
    expect(view.root.get_by_role("grid", name="Tasks").get_by_role("row")).to_have_count(4)


@pytest.mark.timeout(120)
def test_play_steps_to_the_end_and_cancel_ends_the_run(lab: Front) -> None:
    notebook, view = shown(lab)
    view.press("first")
    view.press("play")
    view.expect_states({"page": "completed", "size": "running"})
    view.press("last")
    view.press("cancel")
    view.expect_states({"size": "cancelled"})
    assert notebook.python("run.status") == "cancelled"


@pytest.mark.timeout(120)
def test_two_thousand_tasks_are_shown(lab: Front) -> None:
    notebook = lab.open_notebook(
        [
            """\
import wfnb as wf
from wfnb.model.workflow import Edge, End, Fork, Join, Start, Task, Workflow
@wf.activity
async def quick(n: int): return n
tasks = [Task(f"task {n}", activity="quick", arguments={"n": n}) for n in range(2000)]
big = Workflow(name="big", nodes=(Start("start"), Fork("all"), *tasks, Join("done"), End("end")),
    edges=(Edge(source="start", target="all"), *(Edge(source="all", target=t.id) for t in tasks),
           *(Edge(source=t.id, target="done") for t in tasks), Edge(source="done", target="end")))
run = wf.start(big)
await run
wf.show(run)"""
        ]
    )
    notebook.run(0)
    view = Drawing(notebook.output(0)).ready()
    expect(view.root.locator("aside[data-at]")).to_have_attribute("data-at", "4002")
    view.root.locator('[data-tab="tasks"]').click()
    table = view.root.get_by_role("grid", name="Tasks")
    expect(table).to_have_attribute("aria-rowcount", "2000")
    assert table.get_by_role("row").count() < 200
    view.press("first")
    expect(view.root.locator("aside[data-at]")).to_have_attribute("data-at", "0")
    assert lab.errors == []
