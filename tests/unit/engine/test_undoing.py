"""Completed children that are taken back with their parent, last completed first, across a restart too."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.patterns.kit import Ran, given, play, task
from tests.unit.engine.kit import Activities, until
from wfnb.author.flow import Flow
from wfnb.author.refs import NodeRef
from wfnb.engine.engine import Engine
from wfnb.engine.past import past_state
from wfnb.engine.run import Run
from wfnb.errors import CompileError, RunError
from wfnb.machine.check import check
from wfnb.model.event import ChildCompensated, ChildCompleted, RunReopened, TaskCompensated, TaskStarted


def undone(flow: Flow, id: str, **arguments: Any) -> NodeRef:
    return task(flow, id, **arguments).options(compensate=("work", {"id": f"undo {id}"}))


def saga(name: str = "inner", *ids: str) -> Flow:
    flow, at = Flow(name), None
    for id in ids or ("deep",):
        at = (at or flow.start) >> undone(flow, id)
    assert at is not None
    at >> flow.end()
    return flow


def taken_back(ran: Ran) -> list[str]:
    """What was taken back, in order, each as the path of its node."""
    root = len(ran.run.id) + 1
    return [
        "/".join(filter(None, [run[root:], event.node]))
        for run, event in ran.events
        if isinstance(event, TaskCompensated)
    ]


# ------------------------------------------------------------------------------------------------------------ in order


def test_last_completed_first_across_parent_and_children() -> None:
    middle = Flow("middle")
    middle.start >> undone(middle, "one") >> middle.call("part", "inner") >> undone(middle, "two") >> middle.end()
    flow = given(Flow("outer"), middle, saga("inner", "a", "b"))
    (
        flow.start
        >> undone(flow, "first")
        >> flow.call("call", "middle")
        >> undone(flow, "second")
        >> task(flow, "last", fails="Bad")
        >> flow.end()
    )
    ran = play(flow)
    assert taken_back(ran) == ["second", "call/two", "call/part/b", "call/part/a", "call/one", "first"]
    assert ran.status == "failed"
    assert {head.status for head in ran.run.host.store.heads()[1:]} == {"cancelled"}
    assert ran.types[-4:] == ["TaskCompensated", "ChildCompensated", "TaskCompensated", "RunFailed"]


def test_an_item_counts_where_it_was_completed() -> None:
    """Even one of a map that goes on when its run fails, or that has failed and whose error was caught."""
    inner = Flow("inner", {"n": "int"})
    (
        inner.start
        >> undone(inner, "deep", seconds="=input.n")
        >> task(inner, "check", fails="=['', 'Bad'][input.n > 5]")
        >> inner.end()
    )
    flow = given(Flow("outer"), inner)
    for id, items in (("goes on", [1, 4, 50]), ("fails", [2, 6])):
        flow.map(id, "inner", items).options(arguments={"n": "=item"})
    flow.start >> flow.fork("fork") >> [flow.node("goes on"), flow.node("fails")]
    flow.node("goes on") >> flow.end("never")
    flow.node("fails") >> flow.end("nor this")
    flow.node("fails").on_error() >> undone(flow, "caught") >> task(flow, "last", fails="Worse") >> flow.end("not that")
    ran = play(flow)
    # Item [1] of `fails` takes itself back as it fails; the others are taken back with their parent.
    assert taken_back(ran) == ["fails[1]/deep", "caught", "goes on[1]/deep", "fails[0]/deep", "goes on[0]/deep"]
    assert ran.run.tasks().set_index("node")["note"][["goes on", "fails"]].to_list() == [
        "2 done, 2 taken back",
        "2 done, 1 taken back",
    ]


def test_what_was_spawned_is_taken_back_too() -> None:
    flow = Flow("outer")
    out = flow.fork("out")
    flow.start >> out
    out.spawn() >> undone(flow, "spawned") >> flow.end("end of it")
    out >> task(flow, "long", seconds=5, fails="Bad") >> flow.end()
    assert taken_back(play(flow)) == ["spawned/spawned"]


def test_children_in_progress_take_back_what_they_did_before_their_parent_does() -> None:
    inner = Flow("inner")
    inner.start >> undone(inner, "deep") >> task(inner, "long", seconds=90) >> inner.end()
    flow = given(Flow("outer"), inner)
    flow.start >> undone(flow, "first") >> flow.call("call", "inner") >> flow.end()
    ran = play(flow, {10: lambda run: run.cancel("enough")})
    assert taken_back(ran) == ["call/deep", "first"]
    assert ran.status == "cancelled"


def test_a_child_is_taken_back_of_whose_end_its_parent_has_not_heard() -> None:
    flow = given(Flow("outer"), saga())
    flow.start >> undone(flow, "first") >> flow.call("call", "inner") >> flow.end()

    def watch(run: Run) -> None:
        child = run.host.runs[f"{run.id}/call"]
        child.subscribe(lambda child, _: run.cancel() if child.state.status == "completed" else None)

    ran = play(flow, {1.5: watch})
    assert "ChildCompleted" not in ran.types
    assert taken_back(ran) == ["call/deep", "first"]


def test_children_that_did_nothing_of_the_kind_are_left_alone() -> None:
    quiet = Flow("quiet")
    quiet.start >> task(quiet, "deep") >> quiet.end()
    flow = given(Flow("outer"), quiet)
    flow.start >> undone(flow, "first") >> flow.call("call", "quiet") >> task(flow, "last", fails="Bad") >> flow.end()
    ran = play(flow)
    assert taken_back(ran) == ["first"]
    assert [head.status for head in ran.run.host.store.heads()] == ["failed", "completed"]


def test_a_parent_with_nothing_of_its_own_to_take_back() -> None:
    """Where even the child's end is what fails the run."""
    flow = given(Flow("outer"), saga())
    choice = flow.choice("choice")
    flow.start >> flow.call("call", "inner") >> choice
    choice.when("call > 1") >> flow.end("never")
    choice.otherwise() >> flow.end()
    ran = play(flow)
    assert ran.types[-4:] == ["ChildCompleted", "CompensationStarted", "ChildCompensated", "RunFailed"]
    assert taken_back(ran) == ["call/deep"]


def test_what_can_not_be_taken_back_is_told_and_the_rest_goes_on() -> None:
    inner = saga("inner", "a", "b", "c")
    inner.node("b").options(compensate=("work", {"id": "undo b", "fails": "Worse"}))
    flow = given(Flow("outer"), inner)
    flow.start >> undone(flow, "first") >> flow.call("call", "inner") >> task(flow, "last", fails="Bad") >> flow.end()
    ran = play(flow)
    assert taken_back(ran) == ["call/c", "call/b", "call/a", "first"]
    (told,) = [event for _, event in ran.events if isinstance(event, ChildCompensated)]
    assert told.error is not None
    assert (told.error.type, told.error.node) == ("Worse", "b")
    notes = ran.run.tasks().set_index("node")["note"]
    assert notes[["first", "call"]].to_list() == ["taken back", "not taken back: Worse: undo b"]
    child = ran.run.host.store
    assert [head.status for head in child.heads()] == ["failed", "cancelled"]


def test_check_has_nothing_to_say_of_it() -> None:
    flow = given(Flow("outer"), saga())
    flow.start >> flow.call("call", "inner") >> flow.end()
    assert [d.code for d in check(flow.workflow).diagnostics if d.code.startswith("WF4")] == []


# ------------------------------------------------------------------------------------- values, forks, other definitions


class Frame:
    """A value that is no JSON, and for which there is no codec."""


def framing() -> tuple[Activities, Flow, list[Any]]:
    """outer >> call(inner: made, undone with its frame) >> block >> end."""
    activities, calls = Activities(), list[Any]()

    @activities.define()
    async def make() -> Frame:
        calls.append("make")
        return Frame()

    @activities.define()
    async def unmake(frame: Frame) -> None:
        calls.append(("unmake", type(frame)))

    @activities.define()
    async def block() -> None:
        calls.append("block")
        await asyncio.Event().wait()

    inner, middle = Flow("inner"), Flow("middle")
    made = inner.task("made", "make")
    made.options(compensate=("unmake", {"frame": "=made"}))
    inner.start >> made >> inner.end(output=1)
    middle.start >> middle.call("part", "inner") >> middle.end()
    flow = given(Flow("outer"), inner, middle)
    flow.start >> flow.call("call", "middle") >> flow.task("block", "block") >> flow.end()
    return activities, flow, calls


async def test_live_values_of_children_are_there_when_they_are_taken_back() -> None:
    activities, flow, calls = framing()
    async with Engine(registry=activities) as engine:
        run = engine.start(flow)
        await until(lambda: "block" in calls)
        run.cancel()
        with pytest.raises(RunError):
            await run
        assert calls == ["make", "block", ("unmake", Frame)]


async def test_live_values_that_went_with_their_process_are_made_again(tmp_path: Path) -> None:
    activities, flow, calls = framing()
    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        engine.start(flow)
        await until(lambda: "block" in calls)
    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        (run,) = await engine.resume()
        run.cancel()
        with pytest.raises(RunError):
            await run
        assert calls[-2:] == ["make", ("unmake", Frame)]
        child = engine.store.read(f"{run.id}/call/part")
        assert [r.event.rerun for r in child if isinstance(r.event, TaskStarted)] == [False, True]
        for head in engine.store.heads():
            assert past_state(engine.store, head.run)[1].status == "cancelled"


async def test_a_restart_names_what_taking_children_back_needs(tmp_path: Path) -> None:
    activities, flow, calls = framing()
    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        engine.start(flow)
        await until(lambda: "block" in calls)
    less = Activities()
    less.add(activities["block"])
    async with Engine(tmp_path / "history.duckdb", registry=less) as engine:
        with pytest.raises(CompileError, match="unknown activity 'unmake'"):
            await engine.resume()


async def test_a_fork_takes_back_nothing_that_its_origin_did() -> None:
    activities, flow, calls = framing()
    async with Engine(registry=activities) as engine:
        run = engine.start(flow)
        await until(lambda: "block" in calls)
        fork = run.fork()
        await until(lambda: calls.count("block") == 2)
        fork.cancel()
        with pytest.raises(RunError):
            await fork
        assert ("unmake", Frame) not in calls
        copied = [r.event for r in fork.records() if isinstance(r.event, ChildCompleted)]
        assert [event.reversible for event in copied] == [False]
        run.cancel()
        with pytest.raises(RunError):
            await run
        assert calls[-1] == ("unmake", Frame)


async def test_a_run_that_has_migrated_takes_back_what_children_did_before() -> None:
    """By their own definition; a node whose child can be taken back stays."""
    activities, flow, calls = framing()
    async with Engine(registry=activities) as engine:
        run = engine.start(flow)
        await until(lambda: "block" in calls)
        without = given(Flow("outer"))
        without.start >> without.task("block", "block") >> without.end()
        with pytest.raises(CompileError, match=r"child run '.*/call' is completed and can be taken back"):
            run.migrate(without)
        inner = Flow("middle")
        inner.start >> inner.task("nothing", "make") >> inner.end()
        changed = given(Flow("outer"), inner)
        changed.start >> changed.task("new", "make") >> changed.call("call", "middle") >> changed.task("block", "block")
        changed.node("block") >> changed.end()
        run.migrate(changed)
        run.cancel()
        with pytest.raises(RunError):
            await run
        assert calls == ["make", "block", ("unmake", Frame)]


async def test_a_child_whose_history_can_not_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    activities, flow, calls = framing()
    async with Engine(registry=activities) as engine:
        run = engine.start(flow)
        await until(lambda: "block" in calls)
        reopened = f"{run.id}/call"
        run._children.undoing._kept.clear()
        read = engine.store.read
        monkeypatch.setattr(engine.store, "read", lambda of, *a: [] if of == reopened else read(of, *a))
        run.cancel()
        with pytest.raises(RunError):
            await run
        (told,) = [r.event for r in run.records() if isinstance(r.event, ChildCompensated)]
        assert told.error is not None
        assert told.error.type == "UnknownName"
        assert not [r for r in read(reopened) if isinstance(r.event, RunReopened)]


async def test_a_child_whose_end_is_on_its_way_to_the_disk_is_taken_back_first(
    tmp_path: Path, activities: Activities
) -> None:
    done, over = list[str](), asyncio.Event()

    @activities.define()
    async def work(id: str) -> None:
        await asyncio.sleep(0)
        done.append(id)

    @activities.define()
    async def fails() -> None:
        await over.wait()
        raise OSError

    flow = given(Flow("outer"), saga())
    fork, join = flow.fork("fork"), flow.join("join")
    flow.start >> undone(flow, "first") >> fork >> [flow.call("call", "inner"), flow.task("bad", "fails")] >> join
    join >> flow.end()
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        run = engine.start(flow)
        await until(lambda: f"{run.id}/call" in engine.runs)
        child = engine.runs[f"{run.id}/call"]
        child.subscribe(lambda one, _: over.set() if one.state.status == "completed" else None)
        with pytest.raises(RunError):
            await run
        assert done == ["first", "deep", "undo deep", "undo first"]
        assert {head.status for head in engine.store.heads()} == {"failed", "cancelled"}
