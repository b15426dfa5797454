"""Breakpoints, pins and other control of runs, as a canvas asks for them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.unit.engine.kit import until
from tests.unit.widgets.view import View, opened
from wfnb.author.edits import SetNode
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.model.activity import describe
from wfnb.model.workflow import Edge, End, Start, Task, Workflow

DOCUMENT = Workflow(
    name="w",
    nodes=(
        Start("start"),
        Task("a", activity="first"),
        Task("b", activity="second", arguments={"x": "=a"}),
        End("end", output="=b"),
    ),
    edges=(Edge(source="start", target="a"), Edge(source="a", target="b"), Edge(source="b", target="end")),
)


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    registry = Registry()
    calls: list[str] = []

    async def first() -> int:
        calls.append("first")
        return 20

    async def second(x: int) -> int:
        calls.append("second")
        if x < 0:
            raise ValueError(x)
        return x + 1

    registry.add(describe(first))
    registry.add(describe(second))
    async with Engine(None, registry=registry) as made:
        made.calls = calls  # type: ignore[attr-defined]
        yield made


def calls(engine: Engine) -> list[str]:
    made: list[str] = engine.calls  # type: ignore[attr-defined]
    return made


def set_now(view: View) -> dict[str, Any]:
    """Breakpoints and pins as the canvas was told last."""
    told = view.of("steering")[-1]
    return {"breakpoints": told.get("breakpoints", []), "pins": told.get("pins", {})}


async def test_a_view_that_opens_is_told_what_is_set(engine: Engine) -> None:
    view, session = opened(engine, DOCUMENT)
    assert set_now(view) == {"breakpoints": [], "pins": {}}
    session.receive({"type": "breakpoints", "nodes": ["a", "b"]})
    session.receive({"type": "breakpoints", "nodes": ["a"], "on": False})
    session.receive({"type": "pin", "node": "a", "value": [1]})
    assert set_now(view) == {"breakpoints": ["b"], "pins": {"a": [1]}}
    session.document.apply([SetNode(id="b", node=Task("c", activity="second"))], "rename")
    session.document.apply([SetNode(id="a", node=Task("z", activity="first"))], "rename")
    assert set_now(view) == {"breakpoints": ["c"], "pins": {"z": [1]}}


async def test_a_run_begins_with_what_is_set_and_steps_and_goes_on(engine: Engine) -> None:
    view, session = opened(engine, DOCUMENT)
    session.receive({"type": "breakpoints", "nodes": ["a", "b", "gone"]})
    session.receive({"type": "run"})
    await view.until("status", state="paused")
    assert calls(engine) == []
    session.receive({"type": "steer", "action": "step"})
    assert session.run is not None
    await until(lambda: session.run is not None and "a" in session.run.values)
    assert session.run.status == "paused"
    session.receive({"type": "steer", "action": "resume"})
    assert await session.run == 21
    session.receive({"type": "steer", "action": "pause"})
    assert "is over" in view.of("failure")[-1]["message"]


async def test_running_to_a_node_pauses_there_once(engine: Engine) -> None:
    view, session = opened(engine, DOCUMENT)
    session.receive({"type": "run", "until": "b"})
    await view.until("status", state="paused")
    assert session.run is not None
    assert (calls(engine), session.run.breakpoints) == (["first"], ())
    assert set_now(view)["breakpoints"] == []
    session.receive({"type": "steer", "action": "resume"})
    assert await session.run == 21


async def test_what_is_set_while_a_run_is_paused_holds_for_it(engine: Engine) -> None:
    view, session = opened(engine, DOCUMENT)
    session.receive({"type": "run", "until": "a"})
    await view.until("status", state="paused")
    session.receive({"type": "pin", "node": "a", "value": 4})
    session.receive({"type": "breakpoints", "nodes": ["b"]})
    session.receive({"type": "steer", "action": "resume"})
    assert session.run is not None
    await until(lambda: session.run is not None and "a" in session.run.values)
    assert (calls(engine), session.run.status, session.run.values["a"]) == ([], "paused", 4)
    session.receive({"type": "unpin", "node": "a"})
    assert not session.run.pins
    session.receive({"type": "breakpoints", "nodes": ["b"], "on": False})
    session.receive({"type": "steer", "action": "resume"})
    assert await session.run == 5


async def test_a_pin_that_is_not_of_the_type_is_refused_where_a_run_is_in_progress(engine: Engine) -> None:
    view, session = opened(engine, DOCUMENT)
    session.receive({"type": "run", "until": "a"})
    await view.until("status", state="paused")
    session.receive({"type": "pin", "node": "a", "value": "text"})
    assert "'a'" in view.of("failure")[-1]["message"]
    assert set_now(view)["pins"] == {}


async def test_running_from_a_node_is_another_run_with_the_values_before_it(engine: Engine) -> None:
    view, session = opened(engine, DOCUMENT)
    session.receive({"type": "run_from", "node": "b"})
    assert view.of("failure")[-1]["message"] == "no run is in view here\nstart one"
    session.receive({"type": "run"})
    first = session.run
    assert first is not None
    await first
    session.receive({"type": "run_from", "node": "b"})
    assert session.run is not None
    assert session.run is not first
    assert await session.run == 21
    assert calls(engine) == ["first", "second", "second"]
    await view.until("status", run=session.run.id, state="completed")


async def test_running_from_a_node_follows_what_is_set_now(engine: Engine) -> None:
    _, session = opened(engine, DOCUMENT)
    session.receive({"type": "breakpoints", "nodes": ["a"]})
    session.receive({"type": "run", "until": "b"})
    first = session.run
    assert first is not None
    session.receive({"type": "steer", "action": "resume"})
    await until(lambda: "a" in first.values)
    session.receive({"type": "pin", "node": "a", "value": 6})
    session.receive({"type": "run_from", "node": "a"})
    assert session.run is not None
    assert await session.run == 7
    assert session.run.breakpoints == ("a",)
    assert calls(engine) == ["first", "second"]
    first.cancel()


async def test_a_failed_task_is_retried_and_its_value_is_told_whole(engine: Engine) -> None:
    view, session = opened(engine, DOCUMENT)
    session.receive({"type": "pin", "node": "a", "value": -1})
    session.receive({"type": "run"})
    await view.until("status", state="failed")
    assert session.run is not None
    session.receive({"type": "retry", "node": "b"})
    await until(lambda: calls(engine) == ["second", "second"])
    session.receive({"type": "value_of", "node": "a"})
    session.receive({"type": "value_of", "node": "b"})
    assert [told.get("json", "") for told in view.of("value")] == ["-1", ""]
