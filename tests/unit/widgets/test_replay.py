"""The kernel's side of a run view: any event of a run, live at its end, and nothing executed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.unit.engine.kit import until
from tests.unit.widgets.view import View
from wfnb.author.flow import Flow, flow
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.engine.signs import progress
from wfnb.engine.snapshots import Snapshots
from wfnb.model.activity import describe
from wfnb.model.event import ProgressReported
from wfnb.model.workflow import Choice, Edge, End, Retry, Start, Task, Workflow
from wfnb.widgets import runlist
from wfnb.widgets.live import LiveStatus
from wfnb.widgets.replay import RunSession

LOOP = Workflow(
    name="loop",
    nodes=(
        Start("start"),
        Task("n", activity="count"),
        Choice("enough"),
        End("end", output="=n * 10"),
    ),
    edges=(
        Edge(source="start", target="n"),
        Edge(source="n", target="enough"),
        Edge(source="enough", target="n", when="n < 3"),
        Edge(source="enough", target="end", otherwise=True),
    ),
)


@pytest.fixture
def calls() -> list[int]:
    return []


@pytest.fixture
async def engine(calls: list[int]) -> AsyncIterator[Engine]:
    registry = Registry()

    async def count() -> int:
        calls.append(len(calls) + 1)
        return len(calls)

    async def fail() -> None:
        raise ValueError("no luck")

    async def hang() -> None:
        await asyncio.Event().wait()

    for function in (count, fail, hang):
        registry.add(describe(function))
    async with Engine(None, registry=registry) as made:
        yield made


def shown(run: Run) -> tuple[View, RunSession]:
    view = View()
    session = RunSession(run.host, run.id, view)
    session.receive({"type": "hello"})
    return view, session


async def test_every_position_is_shown_and_nothing_runs_again(engine: Engine, calls: list[int]) -> None:
    run = engine.start(LOOP)
    assert await run == 30
    view, session = shown(run)
    got = view.got
    assert [message["type"] for message in got] == ["document", "activities", "runs", "history", "frame"]
    total = got[-1]["total"]
    assert total == 8
    assert [row["seq"] for row in got[3]["events"]] == list(range(1, 9))
    assert [(row["node"], row["visit"], row["state"]) for row in got[3]["tasks"]] == [
        ("n", visit, "completed") for visit in (1, 2, 3)
    ]
    for at in range(total + 1):
        session.receive({"type": "seek", "at": at})
        frame = got[-1]
        assert (frame["at"], frame["live"]) == (at, False)
        values = {row["name"]: row["text"] for row in frame.get("values", ())}
        expected = run.at(at)
        assert values.get("n") == (str(expected.values["n"]) if "n" in expected.values else None)
    assert len(calls) == 3


async def test_what_is_left_of_a_run_is_shown_with_its_state(engine: Engine) -> None:
    run = engine.start(LOOP, persistence="snapshot", snapshots=Snapshots(events=3, keep=1))
    await run
    assert [record.seq for record in run.records()] == [1, 4, 5, 6, 7, 8]
    view, session = shown(run)
    assert [row["seq"] for row in view.got[3]["events"]] == [1, 4, 5, 6, 7, 8]
    for at, n in ((1, None), (2, "1"), (3, "2"), (4, "2"), (5, "3"), (6, "3")):
        session.receive({"type": "seek", "at": at})
        frame = view.got[-1]
        assert (frame["at"], frame["total"]) == (at, 6)
        assert {row["name"]: row["text"] for row in frame.get("values", ())}.get("n") == n


async def test_a_frame_says_what_its_event_did(engine: Engine) -> None:
    run = engine.start(LOOP)
    await run
    view, session = shown(run)
    got = view.got
    session.seek(3)
    frame = got[-1]
    assert frame["event"]["type"] == "TaskCompleted"
    assert frame["moved"] == [1, 2]
    assert frame["values"] == [{"name": "n", "text": "1", "type": "int", "changed": True}]
    states = {id: node["state"] for id, node in frame["status"]["nodes"].items()}
    assert states == {"start": "completed", "n": "ready", "enough": "completed"}
    session.seek(8)
    assert {row["name"] for row in got[-1]["values"]} == {"n", "output"}


async def test_progress_is_shown_before_it_is_recorded(engine: Engine) -> None:
    go_on = asyncio.Event()

    async def loads() -> None:
        for number in (1, 2):
            progress(number / 10, f"{number} rows")
            await asyncio.sleep(0)
        await go_on.wait()

    engine.registry.add(describe(loads))
    made = flow("loads")
    made.start >> made.task("loads", "loads") >> made.end()
    run = engine.start(made)
    view, session = shown(run)
    frame = await view.until("frame", lambda f: f["status"]["nodes"].get("loads", {}).get("share") == 0.2)
    assert frame["status"]["nodes"]["loads"]["note"] == "20% 2 rows"
    assert [e.event.text for e in run.records() if isinstance(e.event, ProgressReported)] == ["1 rows"]
    session.seek(1)
    assert "share" not in view.got[-1]["status"]["nodes"].get("loads", {})
    go_on.set()
    await run
    session.close()


async def test_the_right_end_is_now(engine: Engine) -> None:
    waits = Workflow(
        name="waits",
        nodes=(Start("start"), Task("h", activity="hang"), End("end")),
        edges=(Edge(source="start", target="h"), Edge(source="h", target="end")),
    )
    run = engine.start(waits)
    view, session = shown(run)
    got = view.got
    assert got[-1]["live"] is True
    assert got[-1]["status"]["nodes"]["h"]["state"] == "running"
    session.receive({"type": "cancel"})
    frame = await view.until("frame", total=3 + 1)
    assert frame["status"]["state"] == "cancelled"
    listed = await view.until("runs", where=lambda message: message["runs"][0]["state"] == "cancelled")
    assert [row["run"] for row in listed["runs"]] == [run.id]


async def test_the_list_of_runs_follows_other_runs(engine: Engine) -> None:
    run = engine.start(LOOP)
    await run
    view, _ = shown(run)
    other = engine.start(LOOP)
    await other

    def done(message: dict[str, Any]) -> bool:
        return [(row["run"], row["state"]) for row in message["runs"]] == [
            (other.id, "completed"),
            (run.id, "completed"),
        ]

    await view.until("runs", where=done)


async def test_a_look_back_stays_where_it_is_while_the_run_goes_on(engine: Engine) -> None:
    run = engine.start(LOOP)
    view, session = shown(run)
    got = view.got
    session.seek(1)
    await run
    await view.until("history", full=False)
    assert view.of("frame")[-1]["at"] == 1
    session.seek(None)
    assert got[-1]["status"]["state"] == "completed"


async def test_failures_and_pauses_are_in_the_tables(engine: Engine) -> None:
    failing = Workflow(
        name="failing",
        nodes=(Start("start"), Task("f", activity="fail", retry=Retry(attempts=2, delay=0.001)), End("end")),
        edges=(Edge(source="start", target="f"), Edge(source="f", target="end")),
    )
    run = engine.start(failing)
    with pytest.raises(Exception, match="no luck"):
        await run
    got = shown(run)[0].got
    rows = got[3]["tasks"]
    assert [(row["attempt"], row["state"]) for row in rows] == [(1, "retrying"), (2, "failed")]
    assert rows[0]["retry_at"] > rows[0]["ended"]
    assert got[4]["status"]["error"] == "ValueError: no luck"


async def test_another_run_of_the_history_opens(engine: Engine) -> None:
    first, second = engine.start(LOOP), engine.start(LOOP)
    await first, await second
    view, session = shown(first)
    got = view.got
    assert [row["run"] for row in got[2]["runs"]] == [second.id, first.id]
    session.receive({"type": "open_run", "run": second.id})
    assert got[-1]["status"]["run"] == second.id
    session.receive({"type": "open_run", "run": "nobody"})
    assert got[-1] == {
        "type": "failure", "message": "there is no run 'nobody' in this history\nwf.runs() lists those that are",
    }  # fmt: skip
    assert session.run == second.id


async def test_a_history_that_is_closed_lists_no_more_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runlist, "LIST_PERIOD", 0.05)
    raised: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: raised.append(context))
    engine = Engine(tmp_path / "history.duckdb")
    run = engine.start(
        Workflow(name="w", nodes=(Start("start"), End("end")), edges=(Edge(source="start", target="end"),))
    )
    _, session = shown(run)
    await run
    assert session._list.waiting is not None
    engine.close()
    await until(lambda: session._list.waiting is None)
    assert raised == []
    session.close()


async def test_each_event_is_shown_in_the_drawing_of_its_time(engine: Engine) -> None:
    """A run that has migrated: before, it stood in the drawing that it followed then."""

    def waiting(more: str) -> Flow:
        flow = Flow("waiting")
        wait = flow.wait("wait")
        flow.start >> flow.task(more, "count") >> wait
        wait.on("go") >> flow.end()
        return flow

    run = engine.start(waiting("old"))
    while run.status != "waiting":  # noqa: ASYNC110 - what is waited for knows no events
        await asyncio.sleep(0)
    view = View()
    session = RunSession(run.host, run.id, view)
    session.receive({"type": "hello"})
    run.migrate(waiting("new"))
    await view.until("document", lambda m: any(node["id"] == "new" for node in m["document"]["nodes"]))
    assert set(session.progress().nodes) == {"start", "wait"}
    session.seek(3)
    assert any(node["id"] == "old" for node in view.of("document")[-1]["document"]["nodes"])
    assert set(session.progress().nodes) == {"start", "old", "wait"}
    run.signal("go")
    await run
    again = RunSession(run.host, run.id, View())
    assert again.progress().nodes.keys() == {"start", "wait", "end"}
    assert again.frame().status.state == "completed"
    session.close()
    again.close()


async def test_a_paused_run_is_shown_as_paused(engine: Engine) -> None:
    run = engine.start(LOOP, breakpoints=["n"], pins={"n": 7})
    await until(lambda: run.state.paused)
    view = View()
    session = RunSession(run.host, run.id, view)
    session.receive({"type": "hello"})
    assert view.of("runs")[-1]["runs"][0]["state"] == "paused"
    assert view.of("frame")[-1]["status"]["state"] == "paused"
    sent: list[Any] = []
    status = LiveStatus(run, sent.append)
    assert sent[0].state == "paused"
    run.resume()
    assert await run == 70
    await view.until("frame", where=lambda frame: bool(frame["status"]["state"] == "completed"))
    (row,) = [row for message in view.of("history") for row in message.get("tasks", ()) if row["node"] == "n"]
    assert row["detail"] == "pinned: 7"
    assert view.of("frame")[-1]["status"]["nodes"]["n"]["note"] == "pinned"
    session.seek(2)
    assert view.of("frame")[-1]["status"]["state"] == "running"
    session.close()
    status.close()
