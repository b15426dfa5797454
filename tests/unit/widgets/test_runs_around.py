"""Runs inside a run, forked from it, beside it; and the run view inside a designer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.widgets.view import View
from wfnb.author.document import Document
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.model.activity import describe
from wfnb.model.workflow import Call, Edge, End, Start, Task, Workflow
from wfnb.widgets.replay import RunSession
from wfnb.widgets.session import DesignSession

pytest.importorskip("pandas")  # loaded here, so that no test has to wait for it

INNER = Workflow(
    name="inner",
    inputs={"n": "int"},
    nodes=(Start("start"), Task("more", activity="grow", arguments={"n": "=input.n"}), End("end", output="=more")),
    edges=(Edge(source="start", target="more"), Edge(source="more", target="end")),
)
OUTER = Workflow(
    name="outer",
    workflows={"inner": INNER},
    nodes=(
        Start("start"),
        Task("first", activity="grow", arguments={"n": 1}),
        Call("up", workflow="inner", arguments={"n": "=first"}),
        End("end", output="=up"),
    ),
    edges=(
        Edge(source="start", target="first"),
        Edge(source="first", target="up"),
        Edge(source="up", target="end"),
    ),
)


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    registry = Registry()

    async def grow(n: int) -> int:
        return n + 1

    registry.add(describe(grow))
    async with Engine(None, registry=registry) as made:
        yield made


async def shown(engine: Engine) -> tuple[View, RunSession]:
    run = engine.start(OUTER)
    assert await run == 3
    view = View()
    session = RunSession(run.host, run.id, view, reopen=engine.run)
    session.receive({"type": "hello"})
    return view, session


async def test_a_child_opens_at_the_moment_that_its_parent_shows(engine: Engine) -> None:
    view, session = await shown(engine)
    parent = session.run
    (child,) = view.of("history")[-1]["children"]
    assert (child["node"], child["state"]) == ("up", "completed")
    begun = session.records[child["first"] - 1].ts
    session.receive({"type": "open_run", "run": child["run"], "time": begun / 1e3})
    history, frame = view.of("history")[-1], view.of("frame")[-1]
    assert history["trail"] == [{"run": parent, "name": "outer"}]
    assert (frame["live"], frame["at"]) == (False, sum(record.ts <= begun for record in session.records))
    assert view.of("document")[-1]["document"]["name"] == "inner"
    session.receive({"type": "open_run", "run": parent, "at": 2})
    assert (view.of("frame")[-1]["at"], session.run) == (2, parent)
    assert {row["run"] for row in view.of("runs")[-1]["runs"]} == {parent}
    session.close()


async def test_a_fork_is_shown_beside_its_origin(engine: Engine) -> None:
    view, session = await shown(engine)
    origin = session.run
    session.receive({"type": "fork", "at": 3, "values": {"first": 10}})
    assert session.run != origin
    history = view.of("history")[-1]
    assert (history["origin"], history["origin_at"]) == (origin, 3)
    assert await engine.run(session.run) == 11

    def told(message: dict[str, Any]) -> bool:
        return all(status["state"] == "completed" for status in message["statuses"])

    compared = await view.until("compared", where=told)
    assert (compared["a"], compared["b"]) == (origin, session.run)
    (up,) = [row for row in compared["rows"] if row["node"] == "up"]
    assert (up["side"], up["values"], up["differs"]) == ("both", ["3", "11"], True)
    assert compared["rows"][0]["differs"]
    session.receive({"type": "compare", "run": ""})
    assert view.of("compared")[-1] == {"type": "compared"}
    session.close()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"at": 3, "values": {"first": "text"}}, "first"),
        ({"at": 3, "values": {"nobody": 1}}, "nobody"),
        ({"at": 99}, "99"),
    ],
)
async def test_a_fork_that_can_not_be_is_refused(engine: Engine, asked: dict[str, Any], said: str) -> None:
    view, session = await shown(engine)
    before = session.run
    session.receive({"type": "fork", **asked})
    assert said in view.of("failure")[-1]["message"]
    assert (session.run, len(engine.store.heads())) == (before, 2)
    session.close()


async def test_the_value_at_the_event_in_focus_is_told_whole(engine: Engine) -> None:
    view, session = await shown(engine)
    session.seek(2)
    session.receive({"type": "value_of", "node": "first"})
    assert view.of("value")[-1].get("json", "") == ""
    session.seek(3)
    session.receive({"type": "value_of", "node": "first"})
    assert view.of("value")[-1]["json"] == "2"
    session.close()


async def test_a_designer_shows_the_runs_of_its_workflow_apart_from_the_drawing(engine: Engine) -> None:
    other = engine.start(INNER, input={"n": 1})
    await other
    view = View()
    session = DesignSession(Document(OUTER), lambda: engine, view, registry=engine.registry)

    def inside(type: str) -> list[dict[str, Any]]:
        return [m["message"] for m in view.of("from_runs") if m["message"]["type"] == type]

    session.receive({"type": "for_runs", "message": {"type": "hello"}})
    assert inside("runs")[-1]["runs"] == []
    run = session.start({})
    assert inside("history")[-1]["run"] == run.id
    assert await run == 3
    session.receive({"type": "for_runs", "message": {"type": "seek", "at": 0}})
    assert (inside("frame")[-1]["at"], view.of("frame")) == (0, [])
    assert [row["run"] for row in inside("runs")[-1]["runs"]] == [run.id]
    session.receive({"type": "for_runs"})
    count = len(view.of("from_runs"))
    assert await session.start({}) == 3
    assert len(view.of("from_runs")) == count
    session.close()
