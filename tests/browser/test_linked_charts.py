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
BUSY, ENDED = "wf.concurrency(run)", "wf.throughput()"


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


def place(shown: Locator, share: float) -> tuple[float, float]:
    """A place on the page: so far through the width of a chart, in the middle of its height."""
    shown.scroll_into_view_if_needed()
    box = shown.locator("canvas").bounding_box()
    assert box
    return box["x"] + share * box["width"], box["y"] + box["height"] / 2


def looked_at(shown: Locator) -> list[int]:
    """From when to when, in milliseconds since the epoch, as a chart over time marks it."""
    expect(shown).to_have_attribute("data-moment", re.compile(r"\d"))
    return [int(text) for text in (shown.get_attribute("data-moment") or "").split()]


def test_a_time_in_a_chart_leads_the_run_view_and_the_run_view_marks_times(front: Front, artifacts: Path) -> None:
    notebook = opened(front, BUSY, ENDED, VIEW)
    busy, ended, view = chart(notebook, 1), chart(notebook, 2), Drawing(notebook.output(3)).ready()
    view.expect_states({"kept": "completed"})
    mouse, at = front.page.mouse, view.root.locator("aside[data-at]")
    mouse.click(*place(busy, 0.5))
    time, until = looked_at(busy)
    assert time == until
    then = f"max(r.seq for r in run.records() if r.ts / 1000 <= {time} + 1)"
    expect(at).to_have_attribute("data-at", str(notebook.python(then)))
    view.expect_states({"paid": "waiting"})
    expect(view.root.locator(".wfnb-task.wfnb-picked")).to_have_attribute("data-node", "paid")
    assert looked_at(ended) == [time, until], "every chart over time marks it"
    mouse.move(*place(busy, 0.2))
    mouse.down()
    mouse.move(*place(busy, 0.6), steps=4)
    mouse.move(*place(busy, 0.99), steps=4)
    mouse.up()
    expect(view.root.locator('.wfnb-task.wfnb-picked[data-node="mark"]')).to_have_count(1)
    start, stop = looked_at(busy)
    assert start < time < stop
    busy.screenshot(path=artifacts / f"times-{front.server.app}.png")
    view.root.locator('[data-tab="events"]').click()
    view.root.locator('[data-table="events"] [aria-rowindex="3"]').click()
    third = notebook.python("next(r.ts / 1000 for r in run.records() if r.seq == 3)")
    expect(busy).to_have_attribute("data-moment", f"{round(third)} {round(third)}")
    mouse.click(*place(busy, 0.005))
    expect(busy).to_have_attribute("data-moment", "")
    assert front.errors == []


def test_tables_of_a_run_select_nodes_and_mark_those_that_are(lab: Front) -> None:
    notebook = opened(lab, VIEW)
    view = Drawing(notebook.output(1)).ready()
    view.expect_states({"kept": "completed"})
    view.select("mark")
    view.root.locator('[data-tab="tasks"]').click()
    rows = view.root.locator('[data-table="tasks"] [role=rowgroup] [role=row]')
    picked = view.root.locator('[data-table="tasks"] .wfnb-picked')
    expect(picked).to_have_count(1)
    expect(picked).to_contain_text("mark")
    rows.filter(has_text="page").first.click()
    expect(picked).to_have_count(2)  # its two attempts
    expect(view.root.locator(".wfnb-task.wfnb-picked").first).to_have_attribute("data-node", "page")
    assert lab.errors == []


PIXELS = """canvas => {
    const { width, height } = canvas;
    const points = canvas.getContext('2d').getImageData(0, 0, width, height).data;
    const found = new Set();
    for (let i = 0; i < points.length; i += 4)
        if (points[i + 3] === 255) found.add(`${points[i]} ${points[i + 1]} ${points[i + 2]}`);
    return [...found];
}"""


def test_a_chart_has_the_ink_of_the_theme_and_the_width_of_its_place(lab: Front) -> None:
    notebook = opened(lab, ENDED)
    canvas = chart(notebook, 1).locator("canvas")
    inks = {"light": "92 96 102", "dark": "170 176 184"}
    for theme, other in (("light", "dark"), ("dark", "light"), ("light", "dark")):
        lab.theme(theme)  # type: ignore[arg-type]
        lab.page.wait_for_function(
            f"canvas => ({PIXELS})(canvas).includes('{inks[theme]}')", arg=canvas.element_handle()
        )
        assert inks[other] not in canvas.evaluate(PIXELS)
    for wide in (1600, 900):
        lab.page.set_viewport_size({"width": wide, "height": 900})
        fits = "canvas => Math.abs(canvas.clientWidth - Math.min(980, canvas.closest('.wfnb-chart').clientWidth)) < 90"
        lab.page.wait_for_function(fits, arg=canvas.element_handle())
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
