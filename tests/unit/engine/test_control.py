"""What people do to a run: pause it, stop before nodes, step, give values and pin them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.patterns.kit import given, play, task
from tests.unit.engine.kit import Activities, chain, types, until
from wfnb.author.flow import Flow, flow
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import InputError, UnknownName, WfnbError
from wfnb.history.rows import task_rows
from wfnb.machine.semantics import replay
from wfnb.model.event import RunPaused, TaskCompleted
from wfnb.model.workflow import Retry


@pytest.fixture
def calls(activities: Activities) -> list[str]:
    """What ran, in order; the activities `a` to `d` give their name."""
    ran: list[str] = []

    def define(name: str) -> None:
        @activities.define(name=name)
        async def body() -> Any:
            ran.append(name)
            await asyncio.sleep(0)
            return name

    for name in "abcd":
        define(name)
    return ran


def whole(run: Run) -> bool:
    """Whether replay gives the live state."""
    return replay(run.machine, (record.event for record in run.records())) == run.state


async def settled(run: Run) -> None:
    """Let a run go on until only somebody outside can."""
    await until(lambda: run.rests(timers=True) or run.state.status != "running")


# ------------------------------------------------------------------------------------------------- pause and resume


async def test_a_paused_run_begins_nothing_new_until_it_is_resumed(engine: Engine, calls: list[str]) -> None:
    run = engine.start(chain("a", "b", "c"))
    run.pause("look")
    await settled(run)
    assert run.status == "paused"
    assert calls == ["a"]  # what was in progress went on
    assert run.state.ready
    run.pause()  # again does nothing
    run.resume()
    assert await run == "c"
    run_events = types(run)
    assert run_events.count("RunPaused") == run_events.count("RunResumed") == 1
    assert whole(run)
    with pytest.raises(WfnbError, match="is over"):
        run.pause()


@pytest.mark.usefixtures("calls")
async def test_a_paused_run_with_nothing_left_completes(engine: Engine) -> None:
    run = engine.start(chain("a"))
    run.pause()
    assert await run == "a"


@pytest.mark.usefixtures("calls")
async def test_a_paused_run_can_be_cancelled(engine: Engine) -> None:
    run = engine.start(chain("a", "b"))
    run.pause()
    await settled(run)
    run.cancel()
    assert run.status == "cancelled"


def test_signals_are_taken_while_a_run_is_paused_and_timers_fire_at_resume() -> None:
    flow = Flow("paused")
    timed, told = flow.wait("timed"), flow.wait("told")
    join = flow.join("join")
    flow.start >> flow.fork("fork") >> [timed, told]
    timed.after(5) >> task(flow, "late") >> join
    told.on("go") >> task(flow, "gone") >> join
    join >> flow.end()
    ran = play(
        flow,
        {
            1: lambda run: run.pause(),
            2: lambda run: run.signal("go", 7),
            3: lambda run: run.values["told"] == 7 or pytest.fail("not taken"),
            9: lambda run: run.resume(),
        },
    )
    assert ran.status == "completed"
    assert {span.task: span.begun for span in ran.spans} == {"late": 9, "gone": 9}


def test_the_next_attempt_waits_for_resume() -> None:
    flow = Flow("retried")
    flow.start >> task(flow, "a", fails="Bad").options(retry=Retry(attempts=2, delay=3)) >> flow.end()
    ran = play(flow, {2: lambda run: run.pause(), 9: lambda run: run.resume()})
    assert [span.begun for span in ran.spans] == [0, 9]


def test_a_pause_before_a_retry_that_outlasts_the_pause_of_the_run_is_kept() -> None:
    flow = Flow("retried")
    flow.start >> task(flow, "a", fails="Bad").options(retry=Retry(attempts=2, delay=9)) >> flow.end()
    ran = play(flow, {2: lambda run: run.pause(), 4: lambda run: run.resume()})
    assert [span.begun for span in ran.spans] == [0, 10]


def test_pausing_a_run_pauses_its_children() -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "x") >> task(inner, "y") >> inner.end(output="=y")
    flow = given(Flow("outer"), inner)
    flow.start >> flow.map("each", "inner", [1, 2, 3]).options(width=2) >> flow.end(output="=each")
    ran = play(flow, {0.5: lambda run: run.pause(), 10: lambda run: run.resume()})
    assert ran.output == ["y", "y", "y"]
    assert [(s.task, s.begun) for s in ran.spans] == [
        ("x", 0), ("x", 0), ("y", 10), ("y", 10), ("x", 11), ("y", 12),
    ]  # fmt: skip


# ------------------------------------------------------------------------------------------------------ breakpoints


async def test_a_run_pauses_before_a_breakpoint_and_passes_it_once(engine: Engine, calls: list[str]) -> None:
    run = engine.start(chain("a", "b", "c"), breakpoints=["b"])
    await settled(run)
    assert (run.status, calls) == ("paused", ["a"])
    (paused,) = [r.event for r in run.records() if isinstance(r.event, RunPaused)]
    assert (paused.reason, paused.node) == ("breakpoint", "b")
    run.breakpoints = ["c"]
    run.resume()
    await settled(run)
    assert (run.status, calls, run.breakpoints) == ("paused", ["a", "b"], ("c",))
    run.breakpoints = []
    assert run.status == "paused"  # it goes on when it is told to
    run.resume()
    assert await run == "c"
    assert whole(run)


@pytest.mark.parametrize("kind", ["task", "wait", "approval", "map", "call"])
def test_a_breakpoint_stops_every_visit(kind: str) -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "x") >> inner.end()
    flow = given(Flow("loop"), inner)
    made = {
        "task": lambda: task(flow, "here"),
        "wait": lambda: flow.wait("here"),
        "approval": lambda: flow.approval("here"),
        "map": lambda: flow.map("here", "inner", [1]),
        "call": lambda: flow.call("here", "inner"),
    }[kind]()
    merge, gate = flow.choice("merge"), flow.choice("gate")
    flow.start >> task(flow, "first") >> merge
    merge.otherwise() >> made
    (made.after(1) if kind == "wait" else made) >> gate
    gate.when("not reached('again')") >> task(flow, "again") >> merge
    gate.otherwise() >> flow.end()

    def go_on(run: Run) -> None:
        if run.state.paused:
            run.resume()
        for asked in run.approvals:
            run.approve(asked.node)

    acts = {0.5: lambda run: setattr(run, "breakpoints", ["here"]), **dict.fromkeys(range(3, 20, 3), go_on)}
    ran = play(flow, acts)
    assert ran.status == "completed"
    stops = [event.node for run, event in ran.events if isinstance(event, RunPaused)]
    assert stops == ["here", "here"]


async def test_run_to_stops_there_once(engine: Engine, calls: list[str]) -> None:
    made = flow("loop")
    merge, gate = made.choice("merge"), made.choice("gate")
    made.start >> made.task("a", "a") >> merge
    merge.otherwise() >> made.task("b", "b") >> gate
    gate.when("not reached('c')") >> made.task("c", "c") >> merge
    gate.otherwise() >> made.end()
    run = engine.start(made, breakpoints=["a"])
    await settled(run)
    run.run_to("b")
    await settled(run)
    assert (run.status, calls, run.breakpoints) == ("paused", ["a"], ("a",))
    run.resume()
    await run
    assert calls == ["a", "b", "c", "b"]
    assert whole(run)


def test_breakpoints_inside_children_have_paths() -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "x") >> task(inner, "y") >> inner.end(output="=y")
    flow = given(Flow("outer"), inner)
    flow.start >> task(flow, "first") >> flow.call("calls", "inner") >> flow.end()
    found: list[Any] = []

    def look(run: Run) -> None:
        child = run.host.runs[f"{run.id}/calls"]
        found.append((run.status, child.status, child.breakpoints, [str(one) for one in run.waits_for]))

    ran = play(
        flow,
        {
            0.5: lambda run: setattr(run, "breakpoints", ["calls/y"]),
            5: look,
            6: lambda run: run.resume(),
        },
    )
    assert found == [("waiting", "paused", ("y",), ["being resumed"])]
    assert [(span.task, span.begun) for span in ran.spans] == [("first", 0), ("x", 1), ("y", 6)]


@pytest.mark.usefixtures("calls")
@pytest.mark.parametrize(
    ("nodes", "error", "text"),
    [
        (["x"], UnknownName, "workflow 'chain' has no node 'x'\nknown nodes: start, a, b, end"),
        (["start"], InputError, "no token waits before 'start', which is a start\nname a task"),
        ("a", InputError, "breakpoints are a list of nodes\nwrite ['a']"),
    ],
)
async def test_what_is_no_breakpoint_is_refused(engine: Engine, nodes: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error) as refused:
        engine.start(chain("a", "b"), breakpoints=nodes)
    assert str(refused.value).startswith(text)
    assert not engine.store.heads()


async def test_single_steps_lead_through_a_run(engine: Engine, calls: list[str]) -> None:
    made = flow("fan")
    join = made.join("join")
    made.start >> made.fork("fork") >> [made.task(n, n) for n in "abc"] >> join >> made.task("d", "d") >> made.end()
    run = engine.start(made, breakpoints=["a", "b", "c"])
    with pytest.raises(UnknownName):
        run.step("x")
    await settled(run)
    assert calls == []
    run.step("b")
    await settled(run)
    assert calls == ["b"]
    with pytest.raises(WfnbError, match="nothing can begin now: a token that may go on waits before 'b'"):
        run.step("b")
    for _ in range(3):
        run.step()
        await settled(run)
    assert calls == ["b", "a", "c", "d"]
    assert await run == "d"
    assert "RunResumed" not in types(run)
    assert whole(run)


def test_steps_go_item_by_item_through_a_map_and_over_its_children() -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "x") >> task(inner, "y") >> inner.end(output="=y")
    flow = given(Flow("outer"), inner)
    flow.start >> flow.map("each", "inner", [1, 2]) >> flow.end(output="=each")

    async def through() -> None:
        activities = Activities()

        async def work(id: str) -> str:
            await asyncio.sleep(0)
            return id

        activities.define()(work)
        async with Engine(registry=activities) as engine:
            run = engine.start(flow, breakpoints=["each"])
            await settled(run)
            counts = []
            while run.state.status == "running":
                run.step()
                await settled(run)
                counts.append(types(run).count("ChildCompleted"))
            assert counts == [0, 1, 2, 2]
            assert run.output == ["y", "y"]
            assert whole(run)

    asyncio.run(through())


@pytest.mark.usefixtures("calls")
async def test_a_step_of_a_run_that_is_not_paused_is_refused(engine: Engine) -> None:
    run = engine.start(chain("a"))
    with pytest.raises(WfnbError, match="is not paused"):
        run.step()
    await run


# ----------------------------------------------------------------------------------------------------------- values


async def test_an_update_is_recorded_and_read_from_then_on(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def give(value: int = 1) -> int:
        return value

    made = flow("updated")
    made.start >> made.task("a", "give") >> made.task("b", "give", value="=a + 1") >> made.end(output="=b")
    run = engine.start(made, breakpoints=["b"])
    await settled(run)
    with pytest.raises(InputError, match=r"the value 'a' is 'x', of type str\nit is declared as int"):
        run.update("a", "x")
    with pytest.raises(InputError, match="is no JSON value"):
        run.update("a", object())
    with pytest.raises(InputError, match="'start' is a start, which has no value"):
        run.update("start", 1)
    with pytest.raises(UnknownName):
        run.update("c", 1)
    run.update("a", 41)
    run.resume()
    assert await run == 42
    assert run.values == {"a": 41, "b": 42}
    assert whole(run)
    with pytest.raises(WfnbError, match="is over"):
        run.update("a", 1)


def test_a_condition_may_hold_after_an_update() -> None:
    flow = Flow("condition")
    wait = flow.wait("wait")
    wait.after(99) >> flow.end("late")
    flow.start >> task(flow, "a", gives=1) >> wait
    wait.when("a > 1") >> task(flow, "b") >> flow.end()
    ran = play(flow, {5: lambda run: run.update("a", 2)})
    assert [(span.task, span.begun) for span in ran.spans] == [("a", 0), ("b", 5)]


async def test_a_pinned_task_gives_its_pin_and_its_activity_does_not_run(engine: Engine, calls: list[str]) -> None:
    made = chain("a", "b", "c")
    made.node("b").options(requires="a == 'never'", ensures="b == 'never'")
    run = engine.start(made, pins={"b": {"mock": 1}})
    assert await run == "c"
    assert calls == ["a", "c"]
    assert run.values["b"] == {"mock": 1}
    given = {r.event.node: r.event.given for r in run.records() if isinstance(r.event, TaskCompleted)}
    assert given == {"a": "", "b": "pin", "c": ""}
    assert types(run)[:2] == ["RunStarted", "ValuePinned"]
    assert run.tasks()["note"].tolist() == [None, "pinned", None]
    assert [row.note for row in task_rows(engine.store, run.id)] == ["", "pinned", ""]
    assert whole(run)


async def test_pins_come_and_go_while_a_run_is_in_progress(engine: Engine, calls: list[str]) -> None:
    run = engine.start(chain("a", "b", "c"), breakpoints=["b"], pins={"b": 1})
    await settled(run)
    run.unpin("b")
    run.unpin("c")  # was not pinned
    run.pin("c", 3)
    assert run.pins == {"c": 3}
    run.resume()
    assert await run == 3
    assert calls == ["a", "b"]
    assert whole(run)


async def test_what_is_pinned_is_not_taken_back(engine: Engine, activities: Activities) -> None:
    undone: list[str] = []

    @activities.define()
    async def work() -> None:
        return None

    @activities.define()
    async def undo(id: str) -> None:
        undone.append(id)

    made = flow("undone")
    at = made.start
    for id in "ab":
        at = at >> made.task(id, "work").options(compensate=("undo", {"id": id}))
    at >> made.end(error="Refused")
    run = engine.start(made, pins={"b": None})
    with pytest.raises(WfnbError):
        await run
    assert undone == ["a"]
    assert whole(run)


def test_pins_inside_children_have_paths() -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "x") >> task(inner, "y") >> inner.end(output="=y")
    flow = given(Flow("outer"), inner)
    flow.start >> task(flow, "first") >> flow.call("calls", "inner") >> flow.end(output="=calls")
    ran = play(flow, {0.5: lambda run: run.pin("calls/x", 1), 1.5: lambda run: run.pin("calls/y", 2)})
    assert (ran.output, [span.task for span in ran.spans]) == ("y", ["first", "y"])  # what had begun went on


async def test_a_pin_of_any_depth_and_kind_is_given(engine: Engine, calls: list[str]) -> None:
    class Closed(dict[str, int]):
        def items(self) -> Any:
            raise OSError("what copies it asks for these")

    deep: list[Any] = []
    for _ in range(900):
        deep = [deep]
    run = engine.start(chain("a", "b"), pins={"a": deep, "b": Closed(x=1)})
    assert await run == {"x": 1}
    assert run.state.values["a"] == deep
    run = engine.start(chain("a"), pins={"a": [1]}, breakpoints=["a"])
    await settled(run)
    run.resume()
    (await run).append(2)
    assert run.pins == {"a": [1]}, "what was given is a copy"
    assert calls == []


async def test_what_can_not_be_pinned_is_refused(engine: Engine, activities: Activities) -> None:
    @activities.define()
    async def give() -> int:
        return 1

    made = flow("pinned")
    made.start >> made.task("a", "give") >> made.approval("ask") >> made.end()
    for pins, text in (
        ({"ask": 1}, "'ask' is an approval, and only tasks can be pinned"),
        ({"a": "x"}, "the value 'a' is 'x', of type str\nit is declared as int"),
        ({"a": object()}, "is no JSON value"),
    ):
        with pytest.raises(InputError) as refused:
            engine.start(made, pins=pins)
        assert text in str(refused.value)


async def test_control_works_from_other_threads(engine: Engine, calls: list[str]) -> None:
    run = engine.start(chain("a", "b", "c"), breakpoints=["b"])
    await settled(run)

    def elsewhere() -> None:
        run.pin("c", 3)
        run.update("a", "A")
        run.breakpoints = ["c"]
        run.resume()

    await asyncio.get_running_loop().run_in_executor(None, elsewhere)
    await until(lambda: calls == ["a", "b"])
    await settled(run)
    assert (run.status, run.values["a"], run.breakpoints) == ("paused", "A", ("c",))
    run.resume()
    assert await run == 3


@pytest.mark.usefixtures("calls")
async def test_a_run_that_takes_back_what_it_did_says_so(engine: Engine, activities: Activities) -> None:
    going_on = asyncio.Event()

    @activities.define()
    async def undo() -> None:
        await going_on.wait()

    made = flow("undone")
    made.start >> made.task("a", "a").options(compensate=("undo", {})) >> made.approval("ask") >> made.end()
    run = engine.start(made)
    await settled(run)
    run.cancel()
    with pytest.raises(WfnbError, match="is ending: it takes back what it did"):
        run.pause()
    going_on.set()
    with pytest.raises(WfnbError):
        await run


@pytest.mark.usefixtures("calls")
def test_a_run_whose_loop_is_closed_says_so(activities: Activities) -> None:
    engine = Engine(registry=activities)

    async def begin() -> Run:
        return engine.start(chain("a", "b"), breakpoints=["b"])

    run = asyncio.run(begin())
    for act in (run.pause, run.resume, run.cancel, run.retry, lambda: run.run_to("b")):
        with pytest.raises(WfnbError, match=r"the event loop that the run lived in is closed\n`await wf.resume\(\)`"):
            act()
    engine.close()
