"""Runs that are stopped, stepped through and given values inside their calls and maps, as a canvas asks for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from tests.unit.engine.kit import until
from tests.unit.widgets.view import View, opened
from wfnb.author.edits import SetNode, Within, apply
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.model.activity import describe
from wfnb.model.codec import encode
from wfnb.model.workflow import Call, Edge, End, Map, Start, Task, Workflow


def row(*nodes: Any) -> dict[str, Any]:
    ids = [node.id for node in nodes]
    return {"nodes": nodes, "edges": tuple(Edge(source=a, target=b) for a, b in pairwise(ids))}


INNER = Workflow(
    name="part",
    inputs={"x": "int"},
    **row(
        Start("start"),
        Task("more", activity="more", arguments={"x": "=input.x"}),
        Task("twice", activity="twice", arguments={"x": "=more"}),
        End("end", output="=twice"),
    ),
)
CALLS = Workflow(
    name="w",
    workflows={"part": INNER},
    **row(
        Start("start"),
        Call("both", workflow="part", arguments={"x": 3}),
        Task("last", activity="more", arguments={"x": "=both"}),
        End("end", output="=last"),
    ),
)
MAPS = msgspec.structs.replace(
    CALLS,
    **row(
        Start("start"),
        Map("each", items=[1, 2, 3], workflow="part", arguments={"x": "=item"}, width=2),
        End("end", output="=each"),
    ),
)


@pytest.fixture
async def engine() -> AsyncIterator[Engine]:
    registry = Registry()
    calls: list[tuple[str, int]] = []

    async def more(x: int) -> int:
        calls.append(("more", x))
        return x + 1

    async def twice(x: int) -> int:
        calls.append(("twice", x))
        if x < 0 and len(calls) < 4:
            raise ValueError(x)
        return 2 * x

    registry.add(describe(more))
    registry.add(describe(twice))
    async with Engine(None, registry=registry) as made:
        made.calls = calls  # type: ignore[attr-defined]
        yield made


def calls(engine: Engine) -> list[tuple[str, int]]:
    made: list[tuple[str, int]] = engine.calls  # type: ignore[attr-defined]
    return made


def halts(view: View) -> list[dict[str, Any]]:
    """Where the run is paused inside, as the canvas was told last."""
    found: list[dict[str, Any]] = view.of("halted")[-1].get("halts", [])
    return found


async def test_a_run_stops_inside_a_call_says_where_and_goes_on(engine: Engine) -> None:
    view, session = opened(engine, CALLS)
    session.receive({"type": "breakpoints", "nodes": ["both/twice", "both/gone", "gone/twice"]})
    session.receive({"type": "inside", "calls": ["both"]})
    session.receive({"type": "run"})
    run = session.run
    assert run is not None
    await view.until("halted", lambda m: bool(m.get("halts")))
    assert halts(view) == [{"calls": ["both"], "run": f"{run.id}/both"}]
    assert calls(engine) == [("more", 3)]
    inside = await view.until("inside_status", lambda m: m.get("status", {}).get("state") == "paused")
    assert inside["status"]["nodes"]["twice"]["state"] == "ready"
    session.receive({"type": "steer", "action": "resume"})
    assert await run == 9
    await until(lambda: halts(view) == [])


async def test_a_view_that_opens_late_is_told_too(engine: Engine) -> None:
    view, session = opened(engine, CALLS)
    session.receive({"type": "run", "until": "both/more"})
    await view.until("halted", lambda m: bool(m.get("halts")))
    told = len(view.of("halted"))
    session.receive({"type": "hello"})
    assert view.of("halted")[told:] == [view.of("halted")[told - 1]]
    assert session.run is not None
    session.run.cancel()


async def test_a_step_inside_ends_in_front_of_what_follows_outside(engine: Engine) -> None:
    view, session = opened(engine, CALLS)
    session.receive({"type": "breakpoints", "nodes": ["both/twice"]})
    session.receive({"type": "run"})
    run = session.run
    assert run is not None
    await view.until("halted", lambda m: bool(m.get("halts")))
    session.receive({"type": "steer", "action": "step", "run": f"{run.id}/both"})
    await until(lambda: "both" in run.values)
    assert run.status == "paused"
    await until(lambda: halts(view) == [])
    assert calls(engine) == [("more", 3), ("twice", 4)]
    session.receive({"type": "steer", "action": "step"})  # the child is over
    assert await run == 9


async def test_a_step_that_names_no_child_takes_what_is_paused(engine: Engine) -> None:
    view, session = opened(engine, MAPS)
    session.receive({"type": "breakpoints", "nodes": ["each/twice"]})
    session.receive({"type": "run"})
    run = session.run
    assert run is not None
    await view.until("halted", lambda m: m.get("halts", [{}])[0].get("count") == 2)
    assert halts(view) == [{"calls": ["each"], "run": f"{run.id}/each[0]", "count": 2}]
    session.receive({"type": "steer", "action": "step"})
    await until(lambda: ("twice", 2) in calls(engine))
    assert calls(engine) == [("more", 1), ("more", 2), ("twice", 2)]
    session.receive({"type": "steer", "action": "step", "run": f"{run.id}/each[1]"})
    await until(lambda: ("twice", 3) in calls(engine))
    assert run.status == "paused"
    session.receive({"type": "breakpoints", "nodes": ["each/twice"], "on": False})
    session.receive({"type": "steer", "action": "resume"})
    assert await run == [4, 6, 8]
    session.receive({"type": "steer", "action": "step"})
    assert "is over" in view.of("failure")[-1]["message"]


async def test_the_child_in_view_is_one_that_is_paused(engine: Engine) -> None:
    view, session = opened(engine, MAPS)
    session.receive({"type": "inside", "calls": ["each"]})
    session.receive({"type": "breakpoints", "nodes": ["each/more"]})
    session.receive({"type": "run"})
    run = session.run
    assert run is not None
    seen = await view.until("inside_status", lambda m: m.get("status", {}).get("state") == "paused")
    assert seen["status"]["run"] == f"{run.id}/each[0]"
    run.cancel()


async def test_running_to_a_node_inside_stops_there_once_and_keeps_what_is_set(engine: Engine) -> None:
    view, session = opened(engine, MAPS)
    session.receive({"type": "breakpoints", "nodes": ["each/more"]})
    session.receive({"type": "run", "until": "each/twice"})
    run = session.run
    assert run is not None
    assert run.breakpoints == ("each/more", "each/twice")
    await view.until("halted", lambda m: m.get("halts", [{}])[0].get("count") == 2)
    session.receive({"type": "breakpoints", "nodes": ["each/more"], "on": False})
    session.receive({"type": "steer", "action": "resume"})
    await until(lambda: run.breakpoints == ())
    assert {name for name, _ in calls(engine)} == {"more"}
    session.receive({"type": "steer", "action": "run_to", "node": "each/twice"})
    await until(lambda: ("twice", 4) in calls(engine) or run.breakpoints == ())
    session.receive({"type": "steer", "action": "resume"})
    assert await run == [4, 6, 8]
    assert not [message for message in view.of("steering") if "each/twice" in message.get("breakpoints", [])]


async def test_a_breakpoint_that_is_set_on_the_way_stays(engine: Engine) -> None:
    view, session = opened(engine, CALLS)
    session.receive({"type": "run", "until": "both/twice"})
    session.receive({"type": "breakpoints", "nodes": ["both/twice"]})
    run = session.run
    assert run is not None
    await view.until("halted", lambda m: bool(m.get("halts")))
    assert run.breakpoints == ("both/twice",)
    run.cancel()


async def test_a_task_inside_is_pinned_and_its_value_is_told_whole(engine: Engine) -> None:
    view, session = opened(engine, CALLS)
    session.receive({"type": "value_of", "node": "both/more"})
    session.receive({"type": "run"})
    assert session.run is not None
    assert await session.run == 9
    session.receive({"type": "value_of", "node": "both/more"})
    session.receive({"type": "value_of", "node": "both/gone"})
    session.receive({"type": "pin", "node": "both/more", "value": 10})
    session.receive({"type": "run", "until": "both/twice"})
    await view.until("halted", lambda m: bool(m.get("halts")))
    session.receive({"type": "value_of", "node": "both/more"})
    assert [told.get("json", "") for told in view.of("value")] == ["", "4", "", "10"]
    session.receive({"type": "pin", "node": "both/twice", "value": 50})
    session.receive({"type": "steer", "action": "resume"})
    assert await session.run == 51
    assert calls(engine) == [("more", 3), ("twice", 4), ("more", 8), ("more", 50)]
    session.receive({"type": "unpin", "node": "both/more"})
    assert view.of("steering")[-1]["pins"] == {"both/twice": 50}


async def test_a_task_that_failed_inside_is_tried_again_with_its_call(engine: Engine) -> None:
    view, session = opened(engine, CALLS)
    session.receive({"type": "pin", "node": "both/more", "value": -1})
    session.receive({"type": "run"})
    run = session.run
    assert run is not None
    await view.until("status", state="failed")
    session.receive({"type": "retry", "node": "twice", "run": f"{run.id}/both"})
    await until(lambda: len(calls(engine)) == 2)
    assert calls(engine) == [("twice", -1), ("twice", -1)]


RENAMED = [
    (
        "both/double",
        "both/more",
        [Within(workflow="part", edits=(SetNode(id="twice", node=Task("double", activity="twice")),))],
    ),
    ("pair/twice", "pair/more", [SetNode(id="both", node=Call("pair", workflow="part"))]),
    (
        "pair/double",
        "pair/more",
        [
            SetNode(id="both", node=Call("pair", workflow="part")),
            Within(workflow="part", edits=(SetNode(id="twice", node=Task("double", activity="twice")),)),
        ],
    ),
]


@pytest.mark.parametrize("by_text", [False, True])
@pytest.mark.parametrize(("stop", "pinned", "edits"), RENAMED)
async def test_what_is_set_inside_follows_names_on_its_way(
    engine: Engine, stop: str, pinned: str, edits: list[Any], *, by_text: bool
) -> None:
    view, session = opened(engine, CALLS)
    session.receive({"type": "breakpoints", "nodes": ["both/twice", "nowhere/twice", "last/x"]})
    session.receive({"type": "pin", "node": "both/more", "value": 1})

    def set_now() -> tuple[list[str], dict[str, Any]]:
        told = view.of("steering")[-1]
        return told["breakpoints"], told["pins"]

    def to(workflow: Workflow) -> None:
        session.receive({"type": "text", "text": encode(workflow), "revision": 1})

    if by_text:
        to(apply(CALLS, edits)[0])
    else:
        session.document.apply(edits, "rename")
    assert set_now() == ([stop, "nowhere/twice", "last/x"], {pinned: 1})
    if by_text:
        to(CALLS)
    else:
        session.document.undo()
    assert set_now() == (["both/twice", "nowhere/twice", "last/x"], {"both/more": 1})
