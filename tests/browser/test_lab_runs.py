"""JupyterLab's side panel of runs: live through the kernel that has the history open, else from the file."""

from __future__ import annotations

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front, screenshot
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.model.activity import describe
from wfnb.model.codec import encode
from wfnb.model.workflow import Edge, End, Start, Task, Workflow
from wfnb.widgets.editor import history_of

ACTIVITIES = """\
import asyncio
import wfnb as wf

@wf.activity
async def answer() -> int:
    return 42

@wf.activity
async def hang() -> None:
    await asyncio.sleep(600)"""


def one_task(activity: str) -> Workflow:
    return Workflow(
        name=f"with {activity}",
        nodes=(Start("start"), Task("t", activity=activity), End("end", output="=t")),
        edges=(Edge(source="start", target="t"), Edge(source="t", target="end")),
    )


def write(front: Front, activity: str) -> str:
    name = f"{activity}.wf.json"
    (front.server.root / name).write_text(encode(one_task(activity)))
    return name


def recorded(front: Front) -> str:
    """A history beside the notebooks with one run in it; gives its id."""
    file = history_of(front.server.root / "any.wf.json")
    file.parent.mkdir(exist_ok=True)
    registry = Registry()

    async def answer() -> int:
        return 42

    async def work() -> str:
        registry.add(describe(answer))
        async with Engine(file, registry=registry) as engine:
            run = engine.start(one_task("answer"))
            await run
        return run.id

    # A loop runs in this thread already: the browser's.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work()).result()


def panel(front: Front) -> Locator:
    front.command("wfnb:show-runs")
    shown = front.page.locator("#wfnb-runs")
    expect(shown.get_by_role("searchbox")).to_be_visible()
    return shown


def entries(shown: Locator, state: str) -> Locator:
    return shown.locator(f'[data-group="{state}"] [data-run]')


def test_runs_of_a_notebook_are_listed_live_searched_and_opened(front: Front) -> None:
    names = [write(front, "answer"), write(front, "hang")]
    cells = [ACTIVITIES, f"good = wf.start({names[0]!r}); long = wf.start({names[1]!r})", "long.cancel()"]
    notebook = front.open_notebook(cells)
    notebook.run(0)
    shown = panel(front)
    notebook.run(1)
    expect(entries(shown, "completed")).to_have_count(1)
    expect(entries(shown, "running")).to_have_count(1)
    expect(shown.locator("[data-from]")).to_have_attribute("data-from", "kernels")
    notebook.run(2)
    expect(entries(shown, "cancelled")).to_have_count(1)
    expect(entries(shown, "running")).to_have_count(0)
    shown.get_by_role("searchbox").fill("answer")
    expect(shown.locator("[data-run]")).to_have_count(1)
    if front.server.app == "lab":
        entries(shown, "completed").click()
        view = Drawing(front.page.locator(".wfnb-runview").locator(".."))
        view.expect_states({"start": "completed", "t": "completed", "end": "completed"})
    assert front.errors == []


def test_a_history_is_read_by_the_kernel_of_the_workflow_in_front(lab: Front) -> None:
    run = recorded(lab)
    lab.open(write(lab, "answer"))
    Drawing(lab.page.locator(".wfnb-document")).ready()
    shown = panel(lab)
    expect(entries(shown, "completed")).to_have_count(1, timeout=60_000)
    expect(shown.locator("[data-from]")).to_have_attribute("data-from", "file")
    assert entries(shown, "completed").get_attribute("data-run") == run
    entries(shown, "completed").click()
    view = Drawing(lab.page.locator(".wfnb-runview").locator(".."))
    view.expect_states({"t": "completed"}, seconds=60)
    assert lab.errors == []


def test_without_a_kernel_one_is_started_to_read_and_shut_down_again(lab: Front) -> None:
    recorded(lab)
    lab.open()
    shown = panel(lab)
    assert lab.server.get("api/kernels") == []
    shown.locator('[data-action="read-runs"]').click()
    expect(entries(shown, "completed")).to_have_count(1, timeout=60_000)
    assert len(lab.server.get("api/kernels")) == 1
    with lab.page.expect_response(re.compile("/api/kernels/.*"), timeout=30_000) as ended:
        lab.command("filebrowser:activate")
    assert ended.value.request.method == "DELETE"
    assert lab.server.get("api/kernels") == []
    assert lab.errors == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_request_leaves_the_machine_and_nothing_of_ours_is_on_the_console(
    lab: Front, theme: Literal["light", "dark"], artifacts: Path
) -> None:
    asked: list[str] = []
    said: list[str] = []
    lab.page.on("request", lambda request: asked.append(request.url))
    lab.page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    recorded(lab)
    lab.open(write(lab, "answer"))
    lab.theme(theme)
    drawing = Drawing(lab.page.locator(".wfnb-document")).ready()
    shown = panel(lab)
    expect(entries(shown, "completed")).to_have_count(1, timeout=60_000)
    drawing.drop(0.5, 0.8, kind="choice")
    drawing.press("layout")
    expect(lab.page.locator(".wfnb-standing")).to_contain_text("problem")
    entries(shown, "completed").click()
    Drawing(lab.page.locator(".wfnb-runview").locator("..")).expect_states({"t": "completed"}, seconds=60)
    screenshot(lab.page, str(artifacts / f"lab-run-{theme}.png"))
    lab.command("docmanager:open", path="answer.wf.json")
    screenshot(lab.page, str(artifacts / f"lab-document-{theme}.png"))
    away = [url for url in asked if not url.startswith((lab.server.url, "data:", "blob:", "ws://127.0.0.1"))]
    assert away == []
    assert [text for text in said if "wfnb" in text] == []
    assert lab.errors == []
