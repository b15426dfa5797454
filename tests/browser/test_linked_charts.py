"""Charts and drawings of one page: what is pressed or selected in one is shown in the others."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front, Notebook

DEFINED = """\
import asyncio
import wfnb as wf
wf.connect()

@wf.activity(retry=wf.Retry(attempts=2, delay=0.01))
async def fetch(url: str) -> str:
    await asyncio.sleep(0.3)
    if wf.attempt().number == 1:
        raise ConnectionError("hung up")
    return f"page of {url}"

@wf.activity
async def score(text: str) -> float:
    await asyncio.sleep(0.3)
    return 0.9

flow = wf.flow("review", {"url": "str"})
page, mark = flow.task("page", fetch, url="=input.url"), flow.task("mark", score, text="=page")
paid = flow.wait("paid")
flow.start >> page >> paid
mark >> flow.end("kept")
paid.after(2.5) >> mark
first = wf.start(flow, url="here")
await asyncio.sleep(0.5)
run = wf.start(flow, url="there")
await first
await run
"""
GANTT, LATENCY, TREND, VIEW, DESIGN = "wf.gantt(run)", "wf.latency()", "wf.trend()", "wf.show(run)", "wf.design(flow)"


def opened(front: Front, *cells: str) -> Notebook:
    """A notebook that has run its cells."""
    notebook = front.open_notebook([DEFINED, *cells])
    for cell in range(len(cells) + 1):
        notebook.run(cell)
    return notebook


def chart(notebook: Notebook, cell: int) -> Locator:
    """The chart of a cell."""
    found = notebook.output(cell).locator(".wfnb-chart")
    expect(found.locator("canvas")).to_be_visible()
    return found


FIND = """(chart, texts) => {
    // Where a mark is, is known to Vega alone: the mouse is led over the chart until it says what it is over.
    const canvas = chart.querySelector('canvas'), box = canvas.getBoundingClientRect();
    const tip = () => document.querySelector('#vg-tooltip-element.visible')?.textContent ?? '';
    const over = (x, y) => {
        const at = { clientX: box.x + x, clientY: box.y + y, bubbles: true };
        for (const type of ['pointermove', 'mousemove']) canvas.dispatchEvent(new PointerEvent(type, at));
        return chart.classList.contains('wfnb-chart-over') && texts.every(text => tip().includes(text));
    };
    for (let y = 50; y < box.height; y += 2) for (let x = 24; x < box.width; x += 3) {
        if (over(x, y) && over(x - 1, y - 1) && over(x + 1, y + 1)) return { x, y };  // not at its edge
    }
}"""


def press(shown: Locator, *texts: str) -> None:
    """Press the first mark of a chart whose tooltip has these texts."""
    canvas = shown.locator("canvas")
    canvas.click(position={"x": 2, "y": 2})  # its cell, which may scroll
    found = shown.evaluate(FIND, list(texts))
    assert found, f"no mark says {texts}"
    canvas.click(position=found)


def test_a_bar_leads_the_run_view_and_the_run_view_marks_bars(front: Front, artifacts: Path) -> None:
    notebook = opened(front, GANTT, VIEW)
    gantt, view = chart(notebook, 1), Drawing(notebook.output(2)).ready()
    view.expect_states({"kept": "completed"})
    press(gantt, "page", "attempt 1")
    failed = notebook.python("[r.seq for r in run.records() if type(r.event).__name__ == 'TaskFailed']")
    expect(view.root.locator("aside[data-at]")).to_have_attribute("data-at", str(failed[0]))
    view.expect_states({"page": "retrying"})
    expect(view.root.locator(".wfnb-task.wfnb-picked").first).to_have_attribute("data-node", "page")
    expect(gantt).to_have_attribute("data-picked", "page")
    view.root.scroll_into_view_if_needed()
    view.select("mark")
    expect(gantt).to_have_attribute("data-picked", "mark")
    expect(view.root.locator(".wfnb-task.wfnb-picked")).to_have_attribute("data-node", "mark")
    gantt.screenshot(path=artifacts / f"linked-{front.server.app}.png")
    view.canvas.click(position={"x": 8, "y": 8})
    expect(gantt).to_have_attribute("data-picked", "")
    assert front.errors == []


def test_charts_of_many_runs_are_linked_with_every_drawing(lab: Front) -> None:
    notebook = opened(lab, LATENCY, DESIGN, TREND, VIEW)
    latency, trend = chart(notebook, 1), chart(notebook, 3)
    pad, view = Drawing(notebook.output(2)).ready(), Drawing(notebook.output(4)).ready()
    press(latency, "mark")
    expect(pad.root.locator('.wfnb-inspector [data-field="id"]')).to_have_value("mark")
    expect(view.root.locator(".wfnb-task.wfnb-picked")).to_have_attribute("data-node", "mark")
    expect(latency).to_have_attribute("data-picked", "mark")
    other = notebook.python("first.id")
    press(trend, other)
    expect(view.root.locator(f'[data-run="{other}"]')).to_have_attribute("aria-current", "true")
    expect(trend).to_have_attribute("data-picked", other)
    assert lab.errors == []


def test_long_idle_times_are_short_until_they_are_asked_for(lab: Front) -> None:
    notebook = opened(lab, VIEW)
    view = Drawing(notebook.output(1)).ready()
    view.expect_states({"kept": "completed"})
    gap, bar = view.root.locator(".wfnb-gap"), view.root.locator('.wfnb-task[data-node="mark"] .wfnb-span')
    expect(gap).to_have_count(1)
    expect(gap).to_have_text(re.compile(r"// [2-9]\.\d s"))
    wide = bar.bounding_box()
    view.canvas.click(position={"x": 8, "y": 8})
    lab.page.keyboard.press("i")
    expect(gap).to_have_count(0)
    narrow = bar.bounding_box()
    assert wide
    assert narrow
    assert wide["width"] > 2 * narrow["width"]
    view.press("idle")
    expect(gap).to_have_count(1)
    slider = view.root.locator(".wfnb-slider")
    box = gap.bounding_box()
    track = slider.bounding_box()
    assert box
    assert track
    lab.page.mouse.click(box["x"] + box["width"] + 3, track["y"] + 13)
    started = notebook.python(
        "[r.seq for r in run.records() if type(r.event).__name__ == 'TaskStarted' and r.event.node == 'mark']"
    )
    expect(view.root.locator("aside[data-at]")).to_have_attribute("data-at", str(started[0]))
    assert lab.errors == []
