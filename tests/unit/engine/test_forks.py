"""Forks: runs that begin in the past of another, and do again only what is different."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.patterns.kit import given
from tests.unit.engine.kit import Activities, types, until
from wfnb.author.flow import Flow, flow
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import ActivityFailed, InputError, UnknownName, WfnbError
from wfnb.machine.semantics import replay
from wfnb.model.event import RunStarted, TaskCompleted


@pytest.fixture
def calls(activities: Activities) -> list[tuple[str, Any]]:
    """What ran: `add` gives a number and one more, under the name of its task."""
    ran: list[tuple[str, Any]] = []

    @activities.define()
    async def add(id: str, value: Any = 0, more: int = 1) -> Any:
        ran.append((id, value))
        await asyncio.sleep(0)
        if value == "bad":
            raise OSError("bad")
        return value + more

    return ran


def diamond() -> Flow:
    """a >> (b over a, c over nothing) >> d over b and c >> e over c."""
    made = flow("diamond", {"n": "int"})
    join = made.join("join")
    a = made.task("a", "add", id="a", value="=input.n")
    b, c = made.task("b", "add", id="b", value="=a"), made.task("c", "add", id="c")
    made.start >> a >> made.fork("fork") >> [b, c] >> join
    d = made.task("d", "add", id="d", value="=b + c")
    join >> d >> made.task("e", "add", id="e", value="=c") >> made.end(output="=[a, b, c, d, e]")
    return made


def given_by(run: Run) -> dict[str, str]:
    return {r.event.node: r.event.given for r in run.records() if isinstance(r.event, TaskCompleted)}


def first(run: Run) -> RunStarted:
    event = run.records(1, 2)[0].event
    assert isinstance(event, RunStarted)
    return event


async def test_only_what_is_downstream_of_an_edited_value_runs_again(engine: Engine, calls: list[Any]) -> None:
    run = engine.start(diamond(), n=1)
    assert await run == [2, 3, 1, 5, 2]
    calls.clear()
    made = run.fork(values={"a": 10})
    assert await made == [10, 11, 1, 13, 2]
    assert calls == [("b", 10), ("d", 12)]
    assert given_by(made) == {"a": "fork", "b": "", "c": "fork", "d": "", "e": "fork"}
    assert (first(made).origin, made.id != run.id, run.output) == (run.id, True, [2, 3, 1, 5, 2])
    assert replay(made.machine, (r.event for r in made.records())) == made.state
    assert engine.sql("select origin from runs where run = ?", [made.id]).iloc[0, 0] == run.id


@pytest.mark.parametrize("at", range(1, 12))
async def test_a_fork_without_edits_does_nothing_again(engine: Engine, calls: list[Any], at: int) -> None:
    run = engine.start(diamond(), n=1)
    await run
    calls.clear()
    made = engine.fork(run.id, at=at)
    assert await made == run.output
    assert calls == []
    assert first(made).at == at
    assert types(made)[:at] == types(run)[:at]
    assert replay(made.machine, (r.event for r in made.records())) == made.state


async def test_other_inputs_change_what_reads_them(engine: Engine, calls: list[Any]) -> None:
    made = diamond()
    run = engine.start(made, n=1)
    await run
    calls.clear()
    other = run.fork(inputs={"n": 5})
    assert await other == [6, 7, 1, 9, 2]
    assert calls == [("a", 5), ("b", 6), ("d", 8)]
    assert other.state.input == {"n": 5}
    with pytest.raises(InputError):
        run.fork(inputs={"n": "x"})


async def test_other_inputs_may_take_another_way(engine: Engine, calls: list[Any]) -> None:
    made = flow("ways", {"n": "int"})
    gate = made.choice("gate")
    made.start >> gate
    gate.when("input.n > 1") >> made.task("a", "add", id="a") >> made.end("one")
    gate.otherwise() >> made.task("b", "add", id="b") >> made.end("other")
    run = engine.start(made, n=1)
    await run
    await run.fork(inputs={"n": 2})
    assert calls == [("b", 0), ("a", 0)]


async def test_a_failed_run_is_forked_with_another_value(engine: Engine, calls: list[Any]) -> None:
    made = flow("failing")
    made.start >> made.task("a", "add", id="a") >> made.task("b", "add", id="b", value="=a") >> made.end(output="=b")
    run = engine.start(made, pins={"a": "bad"})
    with pytest.raises(ActivityFailed):
        await run
    assert await run.fork(values={"a": 5}) == 6
    assert calls == [("b", "bad"), ("b", 5)]
    last = run.state.seq
    with pytest.raises(ValueError, match=f"was ending at event {last}\nfork it at event {last - 2} or before"):
        run.fork(at=last)
    with pytest.raises(ValueError, match="can not be forked at 99"):
        run.fork(at=99)


async def test_a_task_that_was_to_come_is_pinned_to_its_edited_value(engine: Engine, calls: list[Any]) -> None:
    run = engine.start(diamond(), n=1)
    await run
    calls.clear()
    made = run.fork(at=2, values={"b": 100})
    assert await made == [2, 100, 1, 102, 2]
    assert calls == [("d", 101)]
    assert given_by(made)["b"] == "pin"


async def test_run_from_runs_a_node_again_and_what_reads_it(engine: Engine, calls: list[Any]) -> None:
    run = engine.start(diamond(), n=1)
    await run
    calls.clear()
    made = run.run_from("c")
    assert await made == run.output
    assert sorted(id for id, _ in calls) == ["c", "d", "e"]
    assert first(made).again == "c"
    with pytest.raises(UnknownName, match="has no node 'x'"):
        run.run_from("x")
    with pytest.raises(UnknownName, match="did not come to 'join'"):
        run.run_from("join")


@pytest.mark.usefixtures("calls")
async def test_a_fork_of_a_run_in_progress_leaves_that_alone(engine: Engine) -> None:
    run = engine.start(diamond(), n=1, breakpoints=["d"])
    await until(lambda: run.rests(timers=True))
    made = run.fork(values={"c": 7})
    await until(lambda: made.rests(timers=True))
    assert (run.status, made.status) == ("paused", "paused")  # it has the breakpoint, too
    for one in (run, made):
        one.resume()
    assert [await run, await made] == [[2, 3, 1, 5, 2], [2, 3, 7, 11, 8]]


@pytest.mark.usefixtures("calls")
async def test_a_fork_at_a_pause_goes_on(engine: Engine) -> None:
    run = engine.start(diamond(), n=1, breakpoints=["d"])
    await until(lambda: run.rests(timers=True))
    made = run.fork(at=run.state.seq, values={"c": 7})
    assert await made == [2, 3, 7, 11, 8]
    assert run.status == "paused"
    run.cancel()


def families() -> Flow:
    """a >> call (over a) and each (a map over 1, 2, 3) side by side >> d over both."""
    inner = flow("inner", {"n": "int"})
    inner.start >> inner.task("x", "add", id="x", value="=input.n") >> inner.end(output="=x")
    made = given(flow("outer"), inner)
    join = made.join("join")
    call, each = made.call("call", "inner", n="=a"), made.map("each", "inner", [1, 2, 3], n="=item * 10")
    made.start >> made.task("a", "add", id="a") >> made.fork("fork") >> [call, each] >> join
    d = made.task("d", "add", id="d", value="=call + each[2]")
    join >> d >> made.end(output="=[a, call, each, d]")
    return made


async def test_children_that_have_completed_since_are_known(engine: Engine, calls: list[Any]) -> None:
    run = engine.start(families())
    assert await run == [1, 2, [11, 21, 31], 34]
    before = len(engine.store.heads())
    for at in range(1, run.state.seq):
        calls.clear()
        other = run.fork(at=at)
        assert await other == run.output
        assert calls == []
        assert len(engine.store.heads()) == before + at  # no children of its own
        assert replay(other.machine, (r.event for r in other.records())) == other.state


async def test_children_that_read_what_is_different_run_again(engine: Engine, calls: list[Any]) -> None:
    run = engine.start(families())
    await run
    for at in (None, 1 + types(run).index("ChildStarted")):  # before they began; while they were in progress
        calls.clear()
        other = run.fork(at=at, values={"a": 5})
        assert await other == [5, 6, [11, 21, 31], 38]
        assert calls == [("x", 5), ("d", 37)]
        children = [head.run for head in engine.store.heads() if head.run.startswith(f"{other.id}/")]
        assert children == [f"{other.id}/call"]


async def test_a_map_whose_items_are_different_runs_again(engine: Engine, calls: list[Any]) -> None:
    inner = flow("inner", {"n": "int"})
    inner.start >> inner.task("x", "add", id="x", value="=input.n") >> inner.end(output="=x")
    made = given(flow("outer", {"many": "list"}), inner)
    each = made.map("each", "inner", "=input.many", n="=item")
    made.start >> each >> made.task("d", "add", id="d", value="=len(each)") >> made.end(output="=[each, d]")
    run = engine.start(made, many=[1, 2])
    assert await run == [[2, 3], 3]
    for many, wanted in (([], [[], 1]), ([2, 1, 1], [[3, 2, 2], 4])):
        calls.clear()
        assert await run.fork(inputs={"many": many}) == wanted
        assert calls == [*(("x", n) for n in many), ("d", len(many))]
    calls.clear()
    assert await run.run_from("each") == [[2, 3], 3]
    assert sorted(calls) == [("d", 2), ("x", 1), ("x", 2)]


async def test_a_child_with_a_pin_or_a_breakpoint_inside_runs_again(engine: Engine, calls: list[Any]) -> None:
    run = engine.start(families())
    await run
    other = run.fork(at=2)
    other.pin("call/x", 100)
    other.breakpoints = ["each/x"]
    calls.clear()
    await until(lambda: [child.status for child in engine.runs.values() if child.parent] == ["paused"] * 3)
    other.breakpoints = []
    other.resume()
    assert await other == [1, 100, [11, 21, 31], 132]
    assert sorted(calls) == [("d", 131), ("x", 10), ("x", 20), ("x", 30)]


async def test_spawned_parts_that_have_completed_are_known_where_nothing_is_different(
    engine: Engine, calls: list[Any]
) -> None:
    made = flow("spawning")
    out = made.fork("out")
    made.start >> made.task("a", "add", id="a") >> out >> made.task("b", "add", id="b") >> made.end()
    out.spawn() >> made.task("s", "add", id="s", value="=a") >> made.end("other")
    run = engine.start(made)
    await run
    for at in range(1, run.state.seq):
        calls.clear()
        await run.fork(at=at)
        assert calls == []
    await run.fork(values={"a": 7})
    assert calls == [("s", 7)]


async def test_children_of_what_failed_are_the_forks_own(engine: Engine, calls: list[Any]) -> None:
    inner = flow("inner", {"n": "any"})
    inner.start >> inner.task("x", "add", id="x", value="=input.n") >> inner.end(output="=x")
    made = given(flow("outer"), inner)
    made.start >> made.task("a", "add", id="a") >> made.call("call", "inner", n="=a") >> made.end(output="=call")
    run = engine.start(made, pins={"a": "bad"})
    with pytest.raises(ActivityFailed):
        await run
    at = 1 + types(run).index("ChildStarted")
    other = run.fork(at=at, values={"a": 5})
    assert await other == 6
    assert [head.run for head in engine.store.heads()] == [run.id, f"{run.id}/call", other.id, f"{other.id}/call"]
    assert calls == [("x", "bad"), ("x", 5)]
    with pytest.raises(WfnbError, match="is a child of"):
        engine.run(f"{run.id}/call").fork()


async def test_what_the_origin_did_is_not_taken_back_by_its_fork(engine: Engine, activities: Activities) -> None:
    undone: list[str] = []

    @activities.define()
    async def work(id: str) -> str:
        return id

    @activities.define()
    async def undo(id: str) -> None:
        undone.append(id)

    made = flow("undone", {"fine": "bool"})
    at = made.start
    for id in "ab":
        at = at >> made.task(id, "work", id=id).options(compensate=("undo", {"id": id}))
    gate = made.choice("gate")
    at >> gate
    gate.when("b == 'b'") >> made.end()
    gate.otherwise() >> made.end("bad", error="Refused")
    run = engine.start(made, fine=True)
    await run
    other = run.fork(values={"a": "x"})
    await other
    failing = run.run_from("a")
    failing.pin("b", "bad")
    with pytest.raises(WfnbError):
        await failing
    assert undone == ["a"]


async def test_values_that_are_not_json_are_handed_to_a_fork(engine: Engine, activities: Activities) -> None:
    ran: list[str] = []

    class Thing:
        pass

    @activities.define()
    async def make() -> Any:
        ran.append("make")
        return Thing()

    @activities.define()
    async def use(thing: Any, n: int) -> str:
        ran.append("use")
        return f"{type(thing).__name__} {n}"

    made = flow("things")
    (
        made.start
        >> made.task("n", "one")
        >> made.task("a", "make")
        >> made.task("b", "use", thing="=a", n="=n")
        >> made.end()
    )

    @activities.define()
    async def one() -> int:
        return 1

    run = engine.start(made)
    assert await run == "Thing 1"
    at = 1 + types(run).index("TaskCompleted", types(run).index("TaskCompleted") + 1)
    assert await run.fork(at=at, values={"n": 2}) == "Thing 2"
    assert ran == ["make", "use", "use"]


async def test_a_fork_of_an_earlier_session_goes_on_after_a_restart(tmp_path: Path, activities: Activities) -> None:
    ran: list[str] = []
    blocked = {"b"}

    def define(name: str) -> None:
        @activities.define(name=name)
        async def body(value: Any = None) -> str:
            ran.append(name)
            if name in blocked and value == "edited":
                await asyncio.sleep(3600)
            return name

    for name in "abc":
        define(name)
    made = flow("chain")
    made.start >> made.task("a", "a") >> made.task("b", "b", value="=a") >> made.task("c", "c") >> made.end()
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        run = engine.start(made)
        await run
    ran.clear()
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        fork = engine.fork(run.id[:-1], values={"a": "edited"})
        await until(lambda: "b" in ran)
    blocked.clear()
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        (again,) = await engine.resume()
        assert again.id == fork.id
        assert await again == "c"
        assert ran == ["b", "b"]  # what reads nothing that was edited is known still
        assert given_by(again) == {"a": "fork", "b": "", "c": "fork"}
