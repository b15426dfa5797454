"""The time machine: a run by events, visits and failures, runs inside it, forks beside it, and where time went."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drawing import Drawing
from tests.browser.test_accessible import STAND_OUT
from tests.tools.front import Front, Notebook, screenshot

DEFINED = """\
import asyncio
import wfnb as wf
from wfnb.model.workflow import Call, Choice, Edge, End, Retry, Start, Task, Workflow
wf.connect()
calls = []

@wf.activity
async def fetch(url: str) -> str:
    calls.append("fetch")
    if len(calls) == 1:
        raise ConnectionError("hung up")
    return f"page of {url}"

@wf.activity
async def grow(n: int) -> int:
    calls.append("grow")
    await asyncio.sleep(0.02)
    return n + 1

@wf.activity
async def tick() -> int:
    calls.append("tick")
    return calls.count("tick")

inner = Workflow(name="inner", inputs={"n": "int"},
    nodes=(Start("start"), Task("more", activity="grow", arguments={"n": "=input.n"}), End("done", output="=more")),
    edges=(Edge(source="start", target="more"), Edge(source="more", target="done")),
    layout={"start": (80, 120), "more": (260, 120), "done": (440, 120)})
flow = Workflow(name="machine", inputs={"url": "str"}, workflows={"inner": inner},
    nodes=(Start("start"),
        Task("page", activity="fetch", arguments={"url": "=input.url"}, retry=Retry(attempts=2, delay=0.01)),
        Call("up", workflow="inner", arguments={"n": "=len(page)"}), Task("n", activity="tick"),
        Choice("enough"), End("end", output="=up")),
    edges=(Edge(source="start", target="page"), Edge(source="page", target="up"), Edge(source="up", target="n"),
        Edge(source="n", target="enough"), Edge(source="enough", target="n", when="n < 3"),
        Edge(source="enough", target="end", otherwise=True)),
    layout={"start": (80, 160), "page": (230, 160), "up": (430, 160), "n": (630, 160), "enough": (790, 160),
        "end": (920, 160)})
"""
OVER = f"{DEFINED}\nrun = wf.start(flow, url='there')\nawait run\nview = wf.show(run)\nview"
HELD = """
gate = asyncio.Event()
@wf.activity
async def hold() -> int:
    await gate.wait()
    return 1
held = wf.flow("held")
held.start >> held.task("rests", hold) >> held.end("end")
run = wf.start(held)
wf.show(run)"""
DRAWN = """
await wf.start(flow, url="there")
other = wf.flow("other")
other.start >> other.end("end")
await wf.start(other)
pad = wf.design(flow)
pad"""
NODES = {"page": "completed", "up": "completed", "n": "completed", "end": "completed"}


def over(front: Front) -> tuple[Notebook, Drawing]:
    """A run that is over, in a run view that has the keyboard."""
    notebook = front.open_notebook([OVER])
    notebook.run(0)
    view = Drawing(notebook.output(0)).ready()
    view.expect_states(NODES)
    view.canvas.click(position={"x": 8, "y": 8})
    return notebook, view


def at(view: Drawing) -> Locator:
    return view.root.locator("aside[data-at]")


def types(notebook: Notebook) -> list[str]:
    """The types of the events."""
    found: list[str] = notebook.python("[type(record.event).__name__ for record in run.records()]")
    return found


def test_keys_lead_through_events_visits_and_failures(lab: Front) -> None:
    notebook, view = over(lab)
    events, keys = types(notebook), lab.page.keyboard
    starts = notebook.python(
        "[r.seq for r in run.records() if type(r.event).__name__ == 'TaskStarted' and r.event.node == 'n']"
    )
    keys.press("Home")
    expect(at(view)).to_have_attribute("data-at", "0")
    keys.press("ArrowRight")
    keys.press("ArrowRight")
    expect(at(view)).to_have_attribute("data-at", "2")
    keys.press("ArrowLeft")
    expect(at(view)).to_have_attribute("data-at", "1")
    keys.press("e")
    expect(at(view)).to_have_attribute("data-at", str(events.index("TaskFailed") + 1))
    view.expect_states({"page": "retrying"})
    keys.press("e")
    expect(view.root.locator(".wfnb-toast")).to_contain_text("no further failure")
    view.select("n")
    for seq in starts:
        keys.press("Shift+ArrowRight")
        expect(at(view)).to_have_attribute("data-at", str(seq))
        view.expect_states({"n": "running"})
    keys.press("Shift+ArrowLeft")
    expect(at(view)).to_have_attribute("data-at", str(starts[1]))
    keys.press("g")
    keys.type("4")
    keys.press("Enter")
    expect(at(view)).to_have_attribute("data-at", "4")
    keys.press("End")
    expect(at(view)).to_have_attribute("data-at", str(len(events)))
    keys.press("2")
    expect(view.root.get_by_role("grid", name="Tasks")).to_be_visible()
    keys.press("1")
    keys.press("?")
    expect(view.root.get_by_role("dialog", name="Keys of the run view")).to_contain_text("To the next failure")
    keys.press("Escape")
    keys.press("Home")
    keys.press("Space")
    expect(at(view)).to_have_attribute("data-at", str(len(events)))
    assert notebook.python("len(calls)") == 6
    assert lab.errors == []


def test_what_an_event_changed_is_said(lab: Front) -> None:
    notebook, view = over(lab)
    done = notebook.python(
        "[r.seq for r in run.records() if type(r.event).__name__ == 'TaskCompleted' and r.event.node == 'n']"
    )
    view.root.locator('[data-action="jump"]').fill(str(done[1]))
    lab.page.keyboard.press("Enter")
    expect(at(view)).to_have_attribute("data-at", str(done[1]))
    row = view.root.locator('tr[data-value="n"]')
    expect(row.locator("s")).to_have_text("1")
    expect(row).to_contain_text("2 new")
    change = view.root.locator('[data-changed="n"]')
    expect(change).to_contain_text("running")
    expect(change).to_contain_text("ready")
    view.press("on")
    expect(view.root.locator('[data-changed="n"]')).to_contain_text("ready")
    assert lab.errors == []


def test_a_run_inside_opens_at_the_same_moment_and_leads_back(lab: Front) -> None:
    notebook, view = over(lab)
    begun = notebook.python("[r.seq for r in run.records() if type(r.event).__name__ == 'ChildCompleted'][0]") - 1
    view.root.locator('[data-action="jump"]').fill(str(begun))
    lab.page.keyboard.press("Enter")
    expect(at(view)).to_have_attribute("data-at", str(begun))
    view.expect_states({"up": "running"})
    view.select("up")
    lab.page.keyboard.press("Control+Enter")
    crumbs = view.root.get_by_role("navigation", name="Runs around this one")
    expect(crumbs).to_contain_text("machine")
    view.expect_states({"done": "idle"})
    lab.page.keyboard.press("End")
    view.expect_states({"more": "completed", "done": "completed"})
    crumbs.get_by_role("button").click()
    view.expect_states({"up": "running"})
    expect(at(view)).to_have_attribute("data-at", str(begun))
    view.root.locator("[data-child]").click()
    view.expect_states({"done": "idle"})
    assert lab.errors == []


def test_heat_and_counts_lie_on_the_drawing(lab: Front) -> None:
    _, view = over(lab)
    count = view.root.locator(".wfnb-canvas .wfnb-count")
    expect(count).to_have_text(["\u00d73", "\u00d72"])  # into the choice, and back
    lab.page.keyboard.press("h")
    expect(view.card("up")).to_contain_text("%")
    for theme in ("dark", "light"):  # however hot, what stands on a card can be read
        lab.theme(theme)
        expect(view.card("up")).to_have_class(re.compile("wfnb-heat-5"))
        measured = lab.page.evaluate(STAND_OUT)
        assert [one for one in measured if one[2] < one[3]] == []
    view.canvas.focus()
    lab.page.keyboard.press("h")
    expect(view.card("n")).to_contain_text("3 visits")
    expect(count).to_have_count(6)
    view.press("first")
    expect(count).to_have_count(0)
    expect(view.card("n")).not_to_contain_text("visits")
    assert lab.errors == []


def test_a_fork_with_another_value_stands_beside_its_origin(lab: Front, artifacts: Path) -> None:
    lab.page.set_viewport_size({"width": 1800, "height": 900})  # room for the cards of two drawings
    notebook, view = over(lab)
    done = notebook.python(
        "[r.seq for r in run.records() if type(r.event).__name__ == 'TaskCompleted' and r.event.node == 'page'][0]"
    )
    view.root.locator('[data-action="jump"]').fill(str(done))
    lab.page.keyboard.press("Enter")
    expect(at(view)).to_have_attribute("data-at", str(done))
    lab.page.keyboard.press("b")
    form = view.root.get_by_role("form", name=f"Fork after event {done}")
    form.locator('[data-fork="name"]').select_option("page")
    value = form.locator('[data-fork="value"]')
    expect(value).to_have_value('"page of there"')
    value.fill("[1,")
    form.locator('[data-action="fork-now"]').click()
    expect(form.get_by_role("alert")).to_contain_text("JSON is needed")
    value.fill("7")
    form.locator('[data-action="fork-now"]').click()
    expect(form.get_by_role("alert")).to_contain_text("page")
    value.fill('"another"')
    form.locator('[data-action="fork-now"]').click()
    table = view.root.get_by_role("grid", name="Differences")
    expect(view.root.locator("[data-side=left] .wfnb-card")).not_to_have_count(0)
    row = table.get_by_role("row").filter(has_text="up")
    expect(row).to_contain_text("14 → 8")
    for side in ("left", "right"):  # each is in view as a whole
        stage = view.root.locator(f"[data-side={side}].wfnb-stage")
        expect(stage.locator('.wfnb-card[data-id="end"]')).to_be_in_viewport(ratio=0.9)
        drawn = stage.locator(".wfnb-card").evaluate_all("all => all.map(card => card.getBoundingClientRect().right)")
        around = stage.bounding_box()
        assert around
        assert max(drawn) <= around["x"] + around["width"]
    for theme in ("light", "dark"):
        lab.theme(theme)
        screenshot(lab.page, str(artifacts / f"compare-{theme}.png"))
    view.press("origin")
    expect(at(view)).to_have_attribute("data-at", str(done))
    expect(view.root.locator('[data-tab="compare"]')).to_have_count(0)
    assert notebook.python("calls.count('fetch')") == 2
    assert lab.errors == []


def test_the_right_end_is_marked_live(lab: Front) -> None:
    notebook = lab.open_notebook([DEFINED + HELD])
    notebook.run(0)
    view = Drawing(notebook.output(0)).ready()
    view.expect_states({"rests": "running"})
    mark = view.root.locator('[data-action="live"]')
    expect(mark).to_have_text("LIVE")
    expect(mark).to_have_attribute("aria-pressed", "true")
    view.press("back")
    expect(mark).to_have_attribute("aria-pressed", "false")
    mark.click()
    expect(mark).to_have_attribute("aria-pressed", "true")
    notebook.add("gate.set(); await run")
    notebook.run(1)
    view.expect_states({"rests": "completed", "end": "completed"})
    expect(mark).to_have_count(0)
    assert lab.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_designer_shows_the_runs_of_its_workflow(lab: Front, theme: str, artifacts: Path) -> None:
    notebook = lab.open_notebook([DEFINED + DRAWN])
    lab.theme("dark" if theme == "dark" else "light")
    notebook.run(0)
    pad = Drawing(notebook.output(0)).ready()
    pad.root.locator('[data-mode="runs"]').click()
    pad.expect_states(NODES)
    expect(pad.root.locator("[data-run].wfnb-runentry")).to_have_count(1)
    pad.canvas.click(position={"x": 8, "y": 8})
    lab.page.keyboard.press("Home")
    pad.expect_states({"page": "idle"})
    lab.page.keyboard.press("Control+z")
    screenshot(lab.page, str(artifacts / f"runs-tab-{theme}.png"))
    pad.root.locator('[data-mode="draw"]').click()
    expect(pad.root.locator(".wfnb-palette:not(.wfnb-runlist)")).to_be_visible()
    assert len(pad.nodes()) == 6
    pad.run(url="here")
    pad.expect_states({"end": "completed"})
    pad.root.locator('[data-mode="runs"]').click()
    expect(pad.root.locator("[data-run].wfnb-runentry")).to_have_count(2)
    assert lab.errors == []
