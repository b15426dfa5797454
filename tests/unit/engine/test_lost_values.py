"""Live values of runs with children, after the process that had them is gone."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.patterns.kit import given
from tests.unit.engine.kit import Activities, until
from wfnb.author.flow import Flow
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import ActivityFailed, CompileError, RunCancelled, StoreError
from wfnb.model.event import TaskStarted, Unstored
from wfnb.store.memory import MemoryStore


class Frame:
    """A value that is not JSON."""

    def __init__(self, n: int) -> None:
        self.n = n


class Process:
    """Engines one after another, each on what the last one had recorded."""

    def __init__(self) -> None:
        self.activities = Activities()
        self.calls: list[str] = []
        self.blocked: set[str] = set()
        self.later = False
        self.define("frame", lambda: Frame(7))
        self.define("number", lambda x: x.n)
        self.define("block", lambda: None)
        self.define("blocking", lambda x: x.n)
        self.engine = Engine(registry=self.activities)

    def define(self, name: str, give: Any) -> None:
        async def body(**arguments: Any) -> Any:
            self.calls.append(name)
            if name in self.blocked:
                await asyncio.sleep(3600)
            return give(**arguments)

        self.activities.define(name=name)(body)

    async def crash_at(self, flow: Flow, name: str) -> str:
        """Run until an activity blocks, and restart there; gives the run's id."""
        self.blocked = {name}
        run = self.engine.start(flow)
        await until(lambda: name in self.calls)
        self.restart()
        return run.id

    def restart(self, but: int = 0) -> None:
        """Go on in a new engine, without the last appends."""
        old = self.engine.store
        assert isinstance(old, MemoryStore)
        self.engine.close()
        self.engine = Engine(registry=self.activities)
        for hash, document in old._definitions.items():
            self.engine.store.define(hash, document)
        known = list(old.appends())
        for id, epoch, before, rows in known[: len(known) - but]:
            self.engine.store.append(id, epoch, before, rows)
        self.calls.clear()
        self.blocked.clear()


@pytest.fixture
def process() -> Any:
    made = Process()
    yield made
    made.engine.close()


def calling() -> Flow:
    """A frame that a called workflow is given, which blocks and then reads it."""
    inner = Flow("inner", {"x": "any"})
    inner.start >> inner.task("block", "block") >> inner.task("n", "number", x="=input.x") >> inner.end()
    flow = given(Flow("outer"), inner)
    flow.start >> flow.task("frame", "frame") >> flow.call("call", "inner", x="=frame") >> flow.end()
    return flow


async def test_a_child_is_given_its_live_input_again(process: Process) -> None:
    await process.crash_at(calling(), "block")
    (run,) = await process.engine.resume()
    assert await run == 7
    assert process.calls == ["frame", "block", "number"]


async def test_so_are_the_children_of_a_map(process: Process) -> None:
    inner = Flow("inner", {"x": "any"})
    inner.start >> inner.task("block", "block") >> inner.task("n", "number", x="=input.x") >> inner.end()
    flow = given(Flow("outer"), inner)
    each = flow.map("each", "inner", "=[frame, frame]", width=1).options(arguments={"x": "=item"})
    flow.start >> flow.task("frame", "frame") >> each >> flow.end()
    await process.crash_at(flow, "block")
    (run,) = await process.engine.resume()
    assert await run == [7, 7]


async def test_so_is_what_a_spawned_child_knows(process: Process) -> None:
    flow = Flow("spawning")
    out = flow.fork("out")
    flow.start >> flow.task("frame", "frame") >> out
    out.spawn() >> flow.task("block", "block") >> flow.task("n", "number", x="=frame") >> flow.end("end of it")
    out >> flow.end()
    id = await process.crash_at(flow, "block")
    (run,) = await process.engine.resume()
    await run
    child = next(head.run for head in process.engine.store.heads() if head.run != id)
    assert process.engine.store.read(child)[-1].event.output == 7  # type: ignore[union-attr]


def returning() -> Flow:
    """A frame that a called workflow gives, and a task after it that blocks and reads it."""
    inner = Flow("inner")
    inner.start >> inner.task("frame", "frame") >> inner.end()
    flow = given(Flow("outer"), inner)
    flow.start >> flow.call("call", "inner") >> flow.task("read", "blocking", x="=call") >> flow.end()
    return flow


async def test_what_only_a_child_could_make_again_is_named(process: Process) -> None:
    await process.crash_at(returning(), "blocking")
    with pytest.raises(CompileError) as refused:
        await process.engine.resume()
    (told,) = refused.value.diagnostics
    assert told.code == "WF210"
    assert told.message.endswith("its value of 'call' (tests.unit.engine.test_lost_values.Frame) was not recorded")


async def over_before_its_parent_knew(process: Process, flow: Flow) -> Run:
    """Run to the end, and restart where the last child was over and nobody had been told."""
    await process.engine.start(flow)
    assert isinstance(process.engine.store, MemoryStore)
    log = list(process.engine.store.appends())
    ended = [n for n, entry in enumerate(log) if "/" in entry[0] and entry[3][-1].type == "RunCompleted"]
    process.restart(but=len(log) - 1 - ended[-1])
    (again,) = await process.engine.resume()
    return again


def afterwards(process: Process, child: str) -> list[str]:
    """What a child's history has, after its first end."""
    types = [type(record.event).__name__ for record in process.engine.store.read(child)]
    return types[types.index("RunCompleted") + 1 :]


async def test_the_output_of_a_child_that_was_over_before_its_parent_knew_is_made_again(process: Process) -> None:
    run = await over_before_its_parent_knew(process, returning())
    assert await run == 7
    assert process.calls == ["frame", "blocking"]
    assert afterwards(process, f"{run.id}/call") == ["TaskStarted", "TaskCompleted", "RunCompleted"]
    again = [r.event for r in process.engine.store.read(f"{run.id}/call") if isinstance(r.event, TaskStarted)]
    assert [(event.attempt, event.rerun) for event in again] == [(1, False), (2, True)]
    assert {head.status for head in process.engine.store.heads()} == {"completed"}


async def test_so_is_that_of_the_items_of_a_map(process: Process) -> None:
    inner = Flow("inner", {"x": "any"})
    inner.start >> inner.task("frame", "frame") >> inner.end(output="=[frame, input.x]")
    flow = given(Flow("outer"), inner)
    each = flow.map("each", "inner", "=[frame, frame]", width=1).options(arguments={"x": "=item"})
    read = flow.task("read", "number", x="=each[1][0]")
    flow.start >> flow.task("frame", "frame") >> each >> read >> flow.end()
    await process.engine.start(flow)
    assert isinstance(process.engine.store, MemoryStore)
    log = list(process.engine.store.appends())
    over = next(n for n, entry in enumerate(log) if entry[0].endswith("[0]") and entry[3][-1].type == "RunCompleted")
    process.restart(but=len(log) - 1 - over)
    (run,) = await process.engine.resume()
    assert await run == 7
    assert process.calls == ["frame", "frame", "frame", "number"]


async def test_what_nothing_reads_is_not_made_again(process: Process) -> None:
    inner = Flow("inner")
    inner.start >> inner.task("frame", "frame") >> inner.end()
    flow = given(Flow("outer"), inner)
    flow.start >> flow.call("call", "inner") >> flow.task("block", "block") >> flow.end()
    run = await over_before_its_parent_knew(process, flow)
    await run
    assert process.calls == ["block"]
    assert isinstance(run.values["call"], Unstored)
    spawning = Flow("spawning")
    out = spawning.fork("out")
    spawning.start >> out
    out.spawn() >> spawning.task("frame", "frame") >> spawning.end("end of it")
    out >> spawning.end()
    run = await over_before_its_parent_knew(process, spawning)
    await run
    assert process.calls == []


async def test_what_only_a_child_of_a_child_could_make_again_fails_by_name(process: Process) -> None:
    inmost, inner = Flow("inmost"), Flow("inner")
    inmost.start >> inmost.task("frame", "frame") >> inmost.end()
    inner.start >> inner.call("deep", "inmost") >> inner.end()
    for caught in (False, True):
        flow = given(Flow("outer"), inner, inmost)
        call = flow.call("call", "inner")
        flow.start >> call >> flow.task("read", "number", x="=call") >> flow.end()
        if caught:
            call.on_error("ValueLost") >> flow.end("lost", output="=error('call').message")
        run = await over_before_its_parent_knew(process, flow)
        told = f"the output of run '{run.id}/call' (tests.unit.engine.test_lost_values.Frame) was not recorded"
        if caught:
            assert str(await run).startswith(f"{told}, nor was 'deep', of which it is made")
        else:
            with pytest.raises(ActivityFailed) as failed:
                await run
            assert told in str(failed.value)
            assert (failed.value.type, failed.value.node) == ("ValueLost", "call")
        assert process.calls == []


async def test_an_activity_that_fails_the_second_time(process: Process) -> None:
    process.define("frame", lambda: Frame(7) if process.calls == ["frame"] and not process.later else 1 / 0)
    run = await over_before_its_parent_knew(process, returning())
    process.later = True
    with pytest.raises(ActivityFailed, match="call 'call' failed: ZeroDivisionError") as failed:
        await run
    assert isinstance(failed.value.__cause__, ZeroDivisionError)


async def test_a_run_that_ends_while_the_output_of_a_child_is_made_again(process: Process) -> None:
    run = await over_before_its_parent_knew(process, returning())
    process.blocked = {"frame"}
    await until(lambda: process.calls == ["frame"])
    process.restart()  # once more, in the middle of that
    process.blocked = {"frame"}
    (run,) = await process.engine.resume()
    await until(lambda: process.calls == ["frame"])
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    await until(lambda: not process.engine.runs)
    assert afterwards(process, f"{run.id}/call") == ["TaskStarted", "TaskStarted"]
    process.restart()
    assert await process.engine.resume() == []
    assert [head.status for head in process.engine.store.heads()] == ["cancelled", "completed"]


async def test_a_second_restart_while_the_output_of_a_child_is_made_again(process: Process) -> None:
    run = await over_before_its_parent_knew(process, returning())
    process.blocked = {"frame"}
    await until(lambda: process.calls == ["frame"])
    process.restart()
    (run,) = await process.engine.resume()
    assert await run == 7
    assert afterwards(process, f"{run.id}/call") == ["TaskStarted", "TaskStarted", "TaskCompleted", "RunCompleted"]


async def test_a_requirement_reads_what_is_made_again(process: Process) -> None:
    flow = Flow("contract")
    frame, block, last = flow.task("frame", "frame"), flow.task("block", "block"), flow.task("last", "block")
    flow.start >> frame >> block >> last >> flow.end()
    last.options(requires="frame.n == 7")
    await process.crash_at(flow, "block")
    (run,) = await process.engine.resume()
    await run
    assert process.calls == ["frame", "block", "block"]


def test_a_script_that_ends_while_values_are_made_again_leaves_the_run_to_be_resumed(tmp_path: Path) -> None:
    flow = Flow("unfinished")
    flow.start >> flow.task("frame", "frame") >> flow.task("read", "read", x="=frame") >> flow.end()

    async def script(blocked: str) -> Any:
        """Ends as soon as that activity is in progress, or the run is over."""
        begun, activities = asyncio.Event(), Activities()

        async def body(name: str, result: Any) -> Any:
            if name == blocked:
                begun.set()
                await asyncio.Event().wait()
            return result

        activities.define(name="frame")(lambda: body("frame", Frame(7)))
        activities.define(name="read")(lambda x: body("read", x.n))
        engine = Engine(tmp_path / "history.duckdb", registry=activities)
        try:
            (run,) = await engine.resume() or [engine.start(flow)]
            await (begun.wait() if blocked else run)
            return run.id, run.output
        finally:
            engines.append(engine)

    engines: list[Engine] = []
    told = []
    for blocked in ("read", "frame", ""):
        told.append(asyncio.run(script(blocked)))
        engines.pop().close()
    first = told[0][0]
    assert told == [(first, None), (first, None), (first, 7)]


async def test_a_signal_that_comes_while_values_are_made_again(process: Process) -> None:
    flow = Flow("meanwhile")
    wait = flow.wait("wait")
    flow.start >> flow.task("frame", "frame") >> wait
    wait.on("go") >> flow.task("n", "number", x="=frame") >> flow.end()
    run = process.engine.start(flow)
    await until(lambda: run.status == "waiting")
    process.restart()
    process.blocked = {"frame"}
    (again,) = await process.engine.resume()
    await until(lambda: process.calls == ["frame"])
    again.signal("go")
    await asyncio.sleep(0.01)
    assert process.calls == ["frame"]  # what reads it does not run before it is there
    process.blocked.clear()
    process.restart()
    (again,) = await process.engine.resume()
    assert await again == 7


async def test_what_a_run_gives_by_default_behind_a_task_that_is_interrupted_is_made_again(process: Process) -> None:
    flow = Flow("interrupted")
    blocked = flow.task("long", "block")
    flow.start >> flow.task("frame", "frame") >> blocked >> flow.end("done")
    blocked.on("stop") >> flow.end("stopped")
    await process.crash_at(flow, "block")
    process.blocked = {"block"}
    (run,) = await process.engine.resume()
    await until(lambda: "block" in process.calls)
    run.signal("stop")
    assert (await run).n == 7


async def test_cancelling_what_is_not_in_progress_ends_its_children_too(process: Process) -> None:
    inmost, inner = Flow("inmost"), Flow("inner")
    inmost.start >> inmost.task("block", "block") >> inmost.end()
    inner.start >> inner.call("deep", "inmost") >> inner.end()
    flow = given(Flow("outer"), inner, inmost)
    undone = flow.task("first", "frame").options(compensate="block")
    flow.start >> undone >> flow.map("each", "inner", [1, 2]) >> flow.end()
    id = await process.crash_at(flow, "block")
    run = process.engine.run(id)
    run.cancel()
    with pytest.raises(RunCancelled):
        await run
    await until(lambda: not process.engine.runs)
    assert {head.status for head in process.engine.store.heads()} == {"cancelled"}
    assert len(process.engine.store.heads()) == 5
    assert process.calls == ["block"]  # which takes `first` back


async def test_a_child_whose_history_takes_no_more_stops_its_parent(process: Process) -> None:
    store = process.engine.store
    append = store.append

    def refusing(run: str, *rest: Any) -> None:
        if run.endswith("/call") and rest[1] > 2:
            raise StoreError("the disk is full")
        append(run, *rest)

    store.append = refusing  # type: ignore[method-assign]
    run = process.engine.start(calling())
    with pytest.raises(StoreError, match="the disk is full"):
        await run


async def test_listeners_hear_what_a_child_causes_in_order(process: Process) -> None:
    inner = Flow("inner", {"n": "int"})
    inner.start >> inner.task("block", "block") >> inner.end()
    flow = given(Flow("order"), inner)
    call = flow.call("call", "inner", n="text")
    flow.start >> flow.task("first", "block") >> call >> flow.end()
    call.on_error("InputError") >> flow.task("caught", "block") >> flow.end("other end")
    heard: list[str] = []
    run = process.engine.start(flow)
    run.subscribe(lambda _, events: heard.extend(type(event).__name__ for event in events))
    await run
    assert "ChildFailed" in heard
    assert [type(r.event).__name__ for r in run.records()][-len(heard) :] == heard
