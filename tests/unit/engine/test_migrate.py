"""Runs that go on with a changed definition."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from tests.unit.engine.kit import Activities, types, until
from wfnb.author.edits import SetWorkflow
from wfnb.author.flow import Flow
from wfnb.author.refs import NodeRef
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.engine.signs import attempt, heartbeat
from wfnb.errors import CompileError, WfnbError
from wfnb.model.event import OutputCaptured, RunMigrated, TaskFailed, TaskStarted
from wfnb.model.workflow import Retry, Workflow
from wfnb.testing import virtual_time


@pytest.fixture(autouse=True)
def work(activities: Activities) -> list[str]:
    begun: list[str] = []

    @activities.define(name="work")
    async def _(id: str, seconds: float = 0, fails: int = 0) -> str:
        begun.append(id)
        await asyncio.sleep(seconds)
        if begun.count(id) <= fails:
            raise ValueError(id)
        return id

    return begun


def task(flow: Flow, id: str, **arguments: Any) -> NodeRef:
    return flow.task(id, "work", id=id, **arguments)


def waiting(*later: str, before: str = "first") -> Workflow:
    """start >> before >> wait >> later ... >> end, freed by `go`."""
    flow = Flow("waiting")
    wait = flow.wait("wait")
    flow.start >> task(flow, before) >> wait
    at = None
    for id in later:
        ref = task(flow, id)
        if at is None:
            wait.on("go") >> ref
        else:
            at >> ref
        at = ref
    assert at is not None
    at >> flow.end(output=f"={later[-1]}")
    return flow.workflow


def played(
    activities: Activities,
    flow: Flow | Workflow,
    acts: dict[float, Callable[[Run], object]],
    **options: Any,
) -> Run:
    """A run in virtual time, until it is over."""

    async def main() -> Run:
        async with Engine(registry=activities, **options) as engine:
            run = engine.start(flow)
            for at, act in acts.items():
                asyncio.get_running_loop().call_at(at, act, run)
            await run
            return run

    return virtual_time(main())


async def test_a_waiting_run_goes_on_with_the_changed_definition(engine: Engine, work: list[str]) -> None:
    run = engine.start(waiting("old"))
    await until(lambda: run.status == "waiting")
    run.migrate(waiting("new", "last", before="another"))
    assert run.status == "waiting"
    run.signal("go", 1)
    assert await run == "last"
    assert work == ["first", "new", "last"]
    assert types(run).count("RunMigrated") == 1
    assert run.at(run.state.seq) == run.state
    assert run.at(3).definition != run.at(4).definition == run.machine.hash


async def test_the_same_definition_is_no_migration(engine: Engine) -> None:
    run = engine.start(waiting("old"))
    await until(lambda: run.status == "waiting")
    run.migrate(waiting("old"))
    assert "RunMigrated" not in types(run)
    run.cancel()


def long(seconds: float = 9, *, first: str = "", then: str = "after", **options: Any) -> Workflow:
    """Start, maybe a first task, a long one, another one; with `first` all numbers are others."""
    flow = Flow("long")
    ids = [first] * bool(first)
    at = flow.start
    for id in ids:
        at = at >> task(flow, id)
    at >> task(flow, "long", seconds=seconds).options(**options) >> task(flow, then) >> flow.end()
    return flow.workflow


def test_a_task_in_progress_goes_on_and_its_result_counts(activities: Activities, work: list[str]) -> None:
    run = played(activities, long(), {2: lambda run: run.migrate(long(first="added", then="changed"))})
    assert work == ["long", "changed"]
    assert run.values == {"long": "long", "changed": "changed"}
    assert [type(record.event).__name__ for record in run.records()][1:4] == [
        "TaskStarted",
        "RunMigrated",
        "TaskCompleted",
    ]


def test_a_pause_before_the_next_attempt_goes_on(activities: Activities, work: list[str]) -> None:
    def failing(first: str = "", then: str = "after") -> Workflow:
        flow = Flow("failing")
        at = flow.start >> task(flow, first) if first else flow.start
        tried = task(flow, "tried", fails=2).options(retry=Retry(attempts=3, delay=10, factor=1, jitter=0))
        at >> tried >> task(flow, then) >> flow.end()
        return flow.workflow

    run = played(
        activities,
        failing(),
        {4: lambda run: run.migrate(failing("x", "y")), 14: lambda run: run.migrate(failing("z", "last"))},
    )
    assert work == ["tried", "tried", "tried", "last"]
    started = [r.ts for r in run.records() if isinstance(r.event, TaskStarted) and r.event.node == "tried"]
    assert [at - started[0] for at in started] == [0, 10_000_000, 20_000_000]
    assert [r.event.attempt for r in run.records() if isinstance(r.event, TaskFailed)] == [1, 2]


def test_a_failing_task_in_progress_fails_under_its_own_name(activities: Activities) -> None:
    def failing(first: str = "") -> Workflow:
        flow = Flow("failing")
        at = flow.start >> task(flow, first) if first else flow.start
        tried = task(flow, "tried", seconds=5, fails=9)
        at >> tried >> flow.end("never")
        tried.on_error("ValueError") >> flow.end("caught", output="=error('tried')['message']")
        return flow.workflow

    assert played(activities, failing(), {2: lambda run: run.migrate(failing("x"))}).output == "tried"


@pytest.mark.parametrize("strategy", ["sequential", "parallel(2)"])
def test_turns_are_kept(activities: Activities, work: list[str], strategy: str) -> None:
    def fan(first: str = "") -> Workflow:
        flow = Flow("fan")
        at = flow.start >> task(flow, first) if first else flow.start
        branches = [task(flow, f"t{number}", seconds=2) for number in range(6)]
        at >> flow.fork("fork") >> (branches if not first else branches[::-1]) >> flow.join("join") >> flow.end()
        return flow.workflow

    acts: dict[float, Callable[[Run], object]] = {
        1: lambda run: run.migrate(fan("x")),
        3: lambda run: run.migrate(fan()),
        3.5: lambda run: run.migrate(fan("y")),
    }
    run = played(activities, fan(), acts, strategy=strategy)
    assert sorted(work) == [f"t{number}" for number in range(6)]
    inside, most = 0, 0
    for record in run.records():
        name = type(record.event).__name__
        inside += (name == "TaskStarted") - (name == "TaskCompleted")
        most = max(most, inside)
    assert most == (1 if strategy == "sequential" else 2)


async def test_what_waits_for_its_commit_is_started(tmp_path: Path, activities: Activities, work: list[str]) -> None:
    """The start of a task is on its way to the disk while the numbers change."""
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        run = engine.start(long(0))
        assert work == []
        run.migrate(long(0, first="added", then="changed"))
        await run
        assert work == ["long", "changed"]


async def test_a_refused_migration_changes_nothing(engine: Engine) -> None:
    run = engine.start(waiting("old"))
    await until(lambda: run.status == "waiting")
    before = run.state.seq
    with pytest.raises(CompileError, match="1 thing of it has no place there") as caught:
        run.migrate(long(first="added"))
    (diagnostic,) = caught.value.diagnostics
    assert (diagnostic.code, diagnostic.nodes) == ("WF250", ("wait",))
    assert f"run '{run.id}': a token is in wait 'wait'" in diagnostic.message
    flow = Flow("unknown")
    flow.start >> flow.task("a", "absent") >> flow.end()
    with pytest.raises(CompileError, match="absent"):
        run.migrate(flow)
    assert run.state.seq == before
    run.signal("go")
    assert await run == "old"
    with pytest.raises(WfnbError, match="is over"):
        run.migrate(waiting("new"))


def calling(child: Workflow, *, then: str = "after") -> Workflow:
    flow = Flow("calling")
    flow.document.apply([SetWorkflow(workflows={child.name: child})])
    flow.start >> flow.call("call", child.name) >> task(flow, then) >> flow.end(output="=call")
    return flow.workflow


async def test_children_follow(engine: Engine, work: list[str]) -> None:
    run = engine.start(calling(waiting("old")))
    await until(run.rests)
    (child,) = (one for id, one in engine.runs.items() if id != run.id)
    with pytest.raises(WfnbError, match=f"is part of run '{run.id}'"):
        child.migrate(waiting("new"))
    with pytest.raises(CompileError, match="a token is in wait 'wait'"):
        run.migrate(calling(replace(long(), name="waiting")))
    run.migrate(calling(waiting("new"), then="changed"))
    child.signal("go")
    assert await run == "new"
    assert work == ["first", "new", "changed"]
    migrated = [record.run for record in engine.store.read(child.id) if isinstance(record.event, RunMigrated)]
    assert migrated == [child.id]
    assert engine.run(child.id).output == "new"


async def test_what_is_set_for_a_node_inside_a_call_goes_with_it(engine: Engine, work: list[str]) -> None:
    run = engine.start(calling(waiting("old", "last")), breakpoints=["call/old", "call/last", "after"])
    run.pin("call/old", "pinned")
    run.pin("call/last", "pinned too")
    await until(run.rests)
    run.migrate(calling(waiting("new", "last")))
    assert run.breakpoints == ("after", "call/last")
    assert dict(run.state.pins) == {"call/last": "pinned too"}
    run.breakpoints = [node for node in run.breakpoints if node != "call/last"]  # can be said again, so changed
    (child,) = (one for id, one in engine.runs.items() if id != run.id)
    child.signal("go")
    await until(lambda: run.state.paused)
    assert (run.state.values["call"], work) == ("pinned too", ["first", "new"])


async def test_a_run_is_migrated_where_it_rests_and_resumed_with_that(tmp_path: Path, activities: Activities) -> None:
    path = tmp_path / "h.duckdb"
    async with Engine(path, registry=activities) as engine:
        run = engine.start(calling(waiting("old")))
        await until(run.rests)
    async with Engine(path, registry=activities) as engine:
        assert engine.migrate(run.id, calling(waiting("new"), then="changed")).id == run.id
        assert engine.runs == {}
    async with Engine(path, registry=activities) as engine:
        (again,) = await engine.resume()
        engine.runs[f"{run.id}/call"].signal("go")
        assert await again == "new"
        assert again.values == {"call": "new", "changed": "changed"}
        frame = again.tasks()
        assert list(frame["node"]) == ["call", "changed"]
        assert list(frame["status"]) == ["completed", "completed"]


async def test_other_threads_are_told_to_stay_away(engine: Engine) -> None:
    run = engine.start(waiting("old"))
    await until(lambda: run.status == "waiting")
    with pytest.raises(WfnbError, match="another event loop"):
        await asyncio.to_thread(run.migrate, waiting("new"))
    run.cancel()


@pytest.mark.parametrize("blocks", [True, False])
async def test_attempts_are_told_apart_after_every_migration(
    blocks: bool, engine: Engine, activities: Activities
) -> None:
    inside, gate, goes_on = threading.Semaphore(0), threading.Event(), asyncio.Event()

    def told() -> str:
        me = attempt()
        assert me is not None
        print(f"I am {me.node}")
        heartbeat()
        return me.node

    def blocking() -> str:
        inside.release()
        gate.wait()
        return told()

    async def waits() -> str:
        inside.release()
        await goes_on.wait()
        return told()

    activities.define(name="held")(blocking if blocks else waits)

    def beside(*ids: str) -> Workflow:
        flow = Flow("beside")
        fork, join = flow.fork("fork"), flow.join("join")
        at = flow.start
        for id in ids[2:]:  # before the others, which changes the numbers of those
            at = at >> task(flow, id)
        at >> fork
        for id in ids[:2]:
            fork >> flow.task(id, "held") >> join
        join >> flow.end(output=f"=[{ids[0]}, {ids[1]}]")
        return flow.workflow

    run = engine.start(beside("a", "b"))
    await asyncio.to_thread(lambda: [inside.acquire() for _ in range(2)])
    run.migrate(beside("a", "b", "one"))
    run.migrate(beside("a", "b", "one", "two"))
    gate.set()
    goes_on.set()
    assert await run == ["a", "b"]
    heard = {(r.event.node, r.event.text) for r in run.records() if isinstance(r.event, OutputCaptured)}
    assert heard == {("a", "I am a\n"), ("b", "I am b\n")}
