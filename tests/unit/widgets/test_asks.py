"""Approvals and signals from a canvas: what a run asks, what an answer does, what is said of one that does not fit."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.widgets.view import View
from wfnb.author.document import Document
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.model.workflow import Approval, Edge, End, Map, Signal, Start, Wait, Workflow
from wfnb.widgets.asks import answer
from wfnb.widgets.messages import Approve
from wfnb.widgets.replay import RunSession
from wfnb.widgets.session import DesignSession

ASKING = Workflow(
    name="asking",
    inputs={"page": "str"},
    nodes=(
        Start("start"),
        Approval("ask", prompt="='keep ' + input.page", form={"ok": "bool", "stars": "int", "why": "str | None"}),
        Approval("sure", prompt="Sure?"),
        End("end", output="=[ask, sure]"),
    ),
    edges=(
        Edge(source="start", target="ask"),
        Edge(source="ask", target="sure"),
        Edge(source="sure", target="end"),
    ),
)
LISTENING = Workflow(
    name="listening",
    signals={"paid": Signal(type="int")},
    nodes=(Start("start"), Wait("rests"), End("end", output="=rests")),
    edges=(Edge(source="start", target="rests"), Edge(source="rests", target="end", on="paid")),
)


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    async with Engine(None, registry=Registry()) as made:
        yield made


def opened(workflow: Workflow, engine: Engine, **inputs: Any) -> tuple[View, DesignSession]:
    view = View()
    session = DesignSession(Document(workflow), lambda: engine, view, registry=Registry())
    session.receive({"type": "hello"})
    session.receive({"type": "run", "input": inputs})
    return view, session


def asks(*nodes: str) -> Any:
    return lambda message: [a["node"] for a in message["approvals"]] == list(nodes)


async def test_what_a_run_asks_is_told_and_its_answer_frees_who_awaits_the_run(engine: Engine) -> None:
    view, session = opened(ASKING, engine, page="x")
    assert session.run is not None
    awaiting = asyncio.create_task(_result(session.run))
    asked = await view.until("approvals", asks("ask"))
    assert asked["approvals"][0] == {
        "node": "ask",
        "prompt": "keep x",
        "form": {"ok": "bool", "stars": "int", "why": "str | None"},
    }
    status = await view.until("status", state="waiting")
    assert status["nodes"]["ask"]["note"] == "keep x"
    session.receive({"type": "approve", "node": "ask", "value": {"ok": True, "stars": 3}})
    await view.until("approvals", asks("sure"))
    session.receive({"type": "approve", "node": "sure", "value": False})
    assert await awaiting == [{"ok": True, "stars": 3}, False]
    await view.until("approvals", asks())
    assert view.of("unfit") == view.of("failure") == []


async def _result(run: Any) -> Any:
    return await run


async def test_an_answer_that_does_not_fit_is_refused_at_its_field_and_asked_again(engine: Engine) -> None:
    view, session = opened(ASKING, engine, page="x")
    await view.until("approvals", asks("ask"))
    session.receive({"type": "approve", "node": "ask", "value": {"ok": "yes", "why": None}})
    (unfit,) = view.of("unfit")
    assert unfit["node"] == "ask"
    assert unfit["fields"] == {"ok": "bool is needed", "stars": "int is needed"}
    session.receive({"type": "approve", "node": "nobody", "value": True})
    assert "the run asks nothing at 'nobody'" in view.of("unfit")[-1]["message"]
    assert session.run is not None
    assert session.run.status == "waiting"


async def test_a_signal_is_sent_and_a_wrong_one_is_refused(engine: Engine) -> None:
    view, session = opened(LISTENING, engine)
    assert session.run is not None
    session.receive({"type": "signal", "name": "paid", "value": "much"})
    session.receive({"type": "signal", "name": "pade", "value": 1})
    first, second = (message["message"] for message in view.of("failure"))
    assert "int" in first
    assert "pade" in second
    session.receive({"type": "signal", "name": "paid", "value": 12})
    assert await session.run == 12
    status = await view.until("status", state="completed")
    assert status["nodes"]["rests"]["note"] == "'paid'"


async def test_without_a_run_nothing_can_be_answered(engine: Engine) -> None:
    view = View()
    session = DesignSession(Document(ASKING), lambda: engine, view, registry=Registry())
    session.receive({"type": "approve", "node": "ask", "value": True})
    session.receive({"type": "signal", "name": "paid", "value": 1})
    assert [message["message"] for message in view.of("failure")] == ["no run is in progress here\nstart one"] * 2


async def test_a_message_in_another_thread_takes_effect_in_the_loop(engine: Engine) -> None:
    run = engine.start(ASKING, page="x")
    told: list[Any] = []
    went_on = asyncio.Event()
    run.subscribe(lambda *_: went_on.set())
    for value in ({"ok": 1}, {"ok": True, "stars": 1}):
        thread = threading.Thread(target=answer, args=(run, Approve(node="ask", value=value), told.append))
        thread.start()
        thread.join()
    assert run.approvals[0].node == "ask"  # nothing has happened yet
    await went_on.wait()
    assert run.approvals[0].node == "sure"
    assert [message.fields for message in told] == [{"ok": "bool is needed", "stars": "int is needed"}]


async def test_a_run_view_asks_too_and_the_past_does_not_wait(engine: Engine) -> None:
    run = engine.start(ASKING, page="x")
    view = View()
    session = RunSession(run.host, run.id, view)
    session.receive({"type": "hello"})
    assert asks("ask")(view.of("approvals")[-1])
    assert view.of("frame")[-1]["status"]["state"] == "waiting"
    session.receive({"type": "seek", "at": 1})
    assert view.of("frame")[-1]["status"]["state"] == "running"
    session.receive({"type": "approve", "node": "ask", "value": {"ok": True, "stars": 2, "why": "good"}})
    await view.until("approvals", asks("sure"))
    session.receive({"type": "approve", "node": "sure", "value": 1})
    await run
    await view.until("approvals", asks())
    session.receive({"type": "seek", "at": None})
    frame = view.of("frame")[-1]
    assert frame["status"]["state"] == "completed"
    rows = {row["node"]: row for message in view.of("history") for row in message["tasks"]}
    assert (rows["ask"]["kind"], rows["ask"]["state"]) == ("approval", "completed")


async def test_what_children_ask_is_answered_where_their_parent_is_shown(engine: Engine) -> None:
    inner = Workflow(
        name="inner",
        inputs={"item": "str"},
        nodes=(Start("start"), Approval("ok", prompt="=input.item"), End("end", output="=ok")),
        edges=(Edge(source="start", target="ok"), Edge(source="ok", target="end")),
    )
    outer = Workflow(
        name="outer",
        nodes=(Start("start"), Map("each", items=["a", "b"], workflow="inner"), End("end", output="=each")),
        edges=(Edge(source="start", target="each"), Edge(source="each", target="end")),
        workflows={"inner": inner},
    )
    view, session = opened(outer, engine)
    assert session.run is not None
    asked = await view.until("approvals", asks("ok", "ok"))
    first, second = asked["approvals"]
    assert [a["prompt"] for a in (first, second)] == ["a", "b"]
    assert [a["run"] for a in (first, second)] == [f"{session.run.id}/each[{n}]" for n in (0, 1)]
    session.receive({"type": "approve", "node": "ok", "run": second["run"], "value": 2})
    await view.until("approvals", asks("ok"))
    session.receive({"type": "approve", "node": "ok", "run": first["run"], "value": 1})
    assert await session.run == [1, 2]
    status = await view.until("status", state="completed")
    assert (status["nodes"]["each"]["done"], status["nodes"]["each"]["children"]) == (2, 2)
    session.close()
