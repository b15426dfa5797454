"""The main job, end to end and by hand: draw five nodes, run them, read the history from outside, kill and resume."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
from playwright.sync_api import expect

from tests.browser.drawing import Drawing
from tests.tools.front import Front, Notebook

SET_UP = """\
import asyncio, os
import wfnb as wf
wf.connect("history.duckdb")
gate = asyncio.Event()

def note(what):
    with open("calls.txt", "a") as file:
        file.write(what + "\\n")
        file.flush()
        os.fsync(file.fileno())

@wf.activity
async def fetch(url: str) -> str:
    note("fetch")
    return f"page of {url}"

@wf.activity
async def score(text: str) -> float:
    note("score")
    if "slow" in text and not os.path.exists("go"):
        await asyncio.Event().wait()
    return len(text) / 10

@wf.activity
def post(mark: float) -> str:
    note("post")
    return f"posted {mark}\""""

SHOW = """\
pad = wf.design()
pad"""


def draw_five(front: Front) -> tuple[Notebook, Drawing]:
    """A notebook in which someone has drawn start → fetch → score → post → end."""
    notebook = front.open_notebook([SET_UP, SHOW])
    notebook.run(0)
    notebook.run(1)
    drawing = Drawing(notebook.output(1)).ready()
    assert drawing.nodes() == ["start", "end"]
    fetch = drawing.drop(0.3, 0.25, activity="fetch")
    score = drawing.drop(0.5, 0.45, activity="score")
    post = drawing.drop(0.7, 0.7, activity="post")
    for source, target in (("start", fetch), (fetch, score), (score, post), (post, "end")):
        drawing.connect(source, target)
    for node, argument, value in (
        (fetch, "url", "=input.url"),
        (score, "text", f"={fetch}"),
        (post, "mark", f"={score}"),
    ):
        drawing.select(node)
        drawing.fill(f"arguments.{argument}", value)
    return notebook, drawing


def declare_input(drawing: Drawing, notebook: Notebook) -> None:
    """Give the drawing its input, from Python: the canvas follows."""
    notebook.add('from wfnb.author.edits import SetWorkflow\npad.document.apply([SetWorkflow(inputs={"url": "str"})])')
    notebook.run(2)
    expect(drawing.root.locator('[data-action="problems"]')).to_have_text("No problems")


@pytest.mark.timeout(180)
def test_five_nodes_are_drawn_run_and_recorded(front: Front, artifacts: Path) -> None:
    notebook, drawing = draw_five(front)
    assert drawing.edges() == [("start", "fetch"), ("fetch", "score"), ("score", "post"), ("post", "end")]
    drawn = notebook.python("[[n.id for n in pad.workflow.nodes], [(e.source, e.target) for e in pad.workflow.edges]]")
    assert sorted(drawn[0]) == ["end", "fetch", "post", "score", "start"]
    assert [tuple(edge) for edge in drawn[1]] == drawing.edges()
    declare_input(drawing, notebook)

    drawing.run(url="https://example.org")
    drawing.expect_states(dict.fromkeys(["start", "fetch", "score", "post", "end"], "completed"))
    front.page.screenshot(path=artifacts / f"drawn-{front.server.app}.png")
    assert notebook.python("pad.run.output") == "posted 2.7"

    notebook.add("wf.close()")
    notebook.run(3)
    with duckdb.connect(front.server.root / "history.duckdb", read_only=True) as history:
        rows = history.execute("select pos, seq, type, node from events order by pos").fetchall()
    assert [row[0] - rows[0][0] for row in rows] == list(range(len(rows)))
    assert [row[1] for row in rows] == list(range(1, 9))
    assert [row[2:] for row in rows] == [
        ("RunStarted", None),
        ("TaskStarted", "fetch"),
        ("TaskCompleted", "fetch"),
        ("TaskStarted", "score"),
        ("TaskCompleted", "score"),
        ("TaskStarted", "post"),
        ("TaskCompleted", "post"),
        ("RunCompleted", None),
    ]
    assert front.errors == []


@pytest.mark.timeout(180)
def test_a_killed_kernel_resumes_and_runs_nothing_twice(lab: Front) -> None:
    notebook, drawing = draw_five(lab)
    declare_input(drawing, notebook)
    drawing.run(url="quick")
    drawing.expect_states({"end": "completed"})
    drawing.run(url="slow")
    drawing.expect_states({"fetch": "completed", "score": "running"})
    calls = lab.server.root / "calls.txt"
    assert calls.read_text().split() == ["fetch", "score", "post", "fetch", "score"]

    notebook.kill_kernel()
    (lab.server.root / "go").touch()
    notebook.run(0)
    notebook.add("runs = await wf.resume()\nprint(len(runs), await runs[0])")
    assert notebook.run(3) == "1 posted 1.2"
    assert calls.read_text().split() == ["fetch", "score", "post", "fetch", "score", "score", "post"]
    notebook.add("wf.close()")
    notebook.run(4)
    with duckdb.connect(lab.server.root / "history.duckdb", read_only=True) as history:
        twice = history.execute(
            "select run, node from events where type = 'TaskCompleted' group by all having count(*) > 1"
        ).fetchall()
        gaps = history.execute("select run from events group by run having max(seq) <> count(*)").fetchall()
    assert (twice, gaps) == ([], [])


@pytest.mark.timeout(120)
def test_the_kernel_stays_free_and_cancel_works(lab: Front) -> None:
    source = """\
import asyncio, time
import wfnb as wf
wf.connect()

@wf.activity
async def rest():
    await asyncio.sleep(30)

@wf.activity
def block():
    time.sleep(30)

flow = wf.flow("long")
fork, join = flow.fork("fork"), flow.join("join")
flow.start >> fork >> [flow.task("rest", rest), flow.task("block", block)] >> join >> flow.end()
pad = wf.design(flow)
pad"""
    notebook = lab.open_notebook([source])
    notebook.run(0)
    drawing = Drawing(notebook.output(0)).ready()
    drawing.run()
    drawing.expect_states({"rest": "running", "block": "running"})
    notebook.add("1+1")
    assert notebook.run(1, seconds=10) == "2"
    drawing.press("cancel")
    drawing.expect_states({"rest": "cancelled", "block": "cancelled"}, seconds=10)
    assert notebook.python("pad.run.status") == "cancelled"


@pytest.mark.timeout(120)
def test_two_views_and_python_stay_equal(lab: Front) -> None:
    notebook = lab.open_notebook([SET_UP, SHOW, "pad"])
    for cell in range(3):
        notebook.run(cell)
    one, two = Drawing(notebook.output(1)).ready(), Drawing(notebook.output(2)).ready()
    one.drop(0.4, 0.5, activity="fetch")
    expect(two.card("fetch")).to_be_attached()
    one.connect("start", "fetch")
    expect(two.root.locator("[data-outline=edges] li")).to_have_count(1)
    two.root.scroll_into_view_if_needed()
    two.select("fetch")
    two.page.keyboard.press("Delete")
    expect(one.card("fetch")).to_have_count(0)
    assert notebook.python("[n.id for n in pad.workflow.nodes]") == ["start", "end"]
    two.press("undo")
    expect(one.root.locator("[data-outline=nodes] li")).to_have_count(3)
    notebook.add('pad.flow.task("late", score, text="hello")')
    notebook.run(3)
    for view in (one, two):
        expect(view.root.locator('[data-outline=nodes] li[data-node="late"]')).to_be_attached()
    assert one.nodes() == two.nodes() == notebook.python("[n.id for n in pad.workflow.nodes]")
    assert one.edges() == two.edges()
