"""Maps, calls and spawned children: what they are given and give, and what becomes of them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from tests.patterns.kit import given, play, task, verdict
from tests.unit.engine.kit import Activities
from wfnb.author.flow import Flow
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.errors import ActivityFailed, StoreError
from wfnb.machine.semantics import replay
from wfnb.model.activity import describe
from wfnb.model.event import ChildCompleted, ChildFailed, ChildStarted, MapStarted, NodeFailed, RunStarted


def mapping(items: Any, **options: Any) -> Flow:
    """start >> before >> each >> end, over `work`, whose `items` are arguments."""
    flow = Flow("mapping")
    given_to = {"id": "=item.id", "seconds": "=item.seconds", "fails": "=item.fails"}
    each = flow.map("each", "work", items, **options).options(arguments=given_to)
    flow.start >> task(flow, "before") >> each >> flow.end(output="=each")
    return flow


def items(*seconds: float, failing: tuple[int, ...] = ()) -> list[dict[str, Any]]:
    return [
        {"id": f"i{n}", "seconds": pause, "fails": "Bad" if n in failing else ""} for n, pause in enumerate(seconds)
    ]


# --------------------------------------------------------------------------------------------------------------- maps


def test_outputs_come_in_the_order_of_the_items() -> None:
    ran = play(mapping(items(3, 1, 2)))
    assert ran.output == ["i0", "i1", "i2"]
    assert ran.completed == ["before", "work", "work", "work"]
    assert [span.ended for span in ran.spans] == [1, 4, 2, 3]
    assert ran.types.count("MapStarted") == 1


@pytest.mark.parametrize(("width", "begun"), [(1, [1, 4, 5]), (2, [1, 1, 2]), (3, [1, 1, 1]), (None, [1, 1, 1])])
def test_so_many_at_once(width: int | None, begun: list[float]) -> None:
    ran = play(mapping(items(3, 1, 2), width=width))
    assert [span.begun for span in ran.spans[1:]] == begun
    assert ran.output == ["i0", "i1", "i2"]


def test_no_items() -> None:
    ran = play(mapping([]))
    assert ran.output == []
    assert ran.types[3:] == ["MapStarted", "MapCompleted", "RunCompleted"]


@pytest.mark.parametrize(
    ("over", "told"),
    [
        ("=before", "'before' gives a str, and a map goes through a list\ngive a list"),
        ("=5", "'5' gives a int, and a map goes through a list\ngive a list"),
        ("={'a': 1}", "'{'a': 1}' gives a dict, and a map goes through a list\ngive a list"),
        ("=None", "'None' gives a NoneType, and a map goes through a list\ngive a list"),
    ],
)
def test_what_is_no_list_fails_the_map(over: str, told: str) -> None:
    flow = mapping(over)
    ran = play(flow)
    assert ran.error is not None
    assert (ran.error.type, ran.error.cause, ran.error.node) == ("ExpressionError", told, "each")
    assert ran.types[-2:] == ["NodeFailed", "RunFailed"]
    each = flow.node("each")
    each.on_error("ExpressionError") >> task(flow, "caught") >> flow.end("other end", output="=caught")
    each.after(60) >> flow.end("late")
    ran = play(flow)
    assert ran.output == "caught"
    assert [e.visit for _, e in ran.events if isinstance(e, NodeFailed)] == [1]
    assert ran.run.state.timers == {}


def test_other_lists_will_do() -> None:
    flow = Flow("others")
    each = flow.map("each", "work", "=range(2)").options(arguments={"id": "=str(item) + '/' + str(index)"})
    flow.start >> each >> flow.end()
    assert play(flow).output == ["0/0", "1/1"]


@pytest.mark.parametrize(
    ("failure", "output", "ended"),
    [
        ("stop", None, [1, 4, 3, None]),
        ("finish", None, [1, 4, 3, 6]),
        ("skip", ["i0", None, "i2"], [1, 4, 3, 6]),
    ],
)
def test_what_a_failing_child_does(failure: Any, output: Any, ended: list[float | None]) -> None:
    ran = play(mapping(items(3, 2, 5, failing=(1,)), failure=failure))
    assert ran.output == output
    assert [span.ended for span in ran.spans] == [1, None if failure == "stop" else 4, *ended[2:]]
    if failure == "skip":
        assert ran.status == "completed"
    else:
        assert isinstance(ran.error, ActivityFailed)
        assert (ran.error.type, ran.error.cause, ran.error.node) == ("Bad", "i1", "each")


@pytest.mark.parametrize(("failure", "caught"), [("stop", 3), ("finish", 6)])
def test_the_failure_of_a_map_is_caught(failure: Any, caught: float) -> None:
    flow = mapping(items(3, 2, 5, failing=(1,)), failure=failure)
    flow.node("each").on_error("Bad") >> task(flow, "mended") >> flow.end("other end", output="=error('each')")
    ran = play(flow)
    assert ran.spans[-1].begun == caught
    assert ran.output == {"type": "Bad", "message": "i1"}
    assert verdict(flow) == "sound"


def test_no_more_children_begin_once_one_has_stopped_a_map() -> None:
    flow = mapping(items(3, 3, 3, failing=(0,)), width=1)
    flow.node("each").on_error() >> task(flow, "mended") >> flow.end("other end")
    assert play(flow).children == ["each[0]"]


@pytest.mark.parametrize("seconds", [(5, 2), (2, 5)])
def test_the_first_failure_in_the_order_of_the_items_is_told(seconds: tuple[int, int]) -> None:
    ran = play(mapping(items(*seconds, failing=(0, 1)), failure="finish"))
    assert ran.error is not None
    assert ran.error.cause == "i0"
    assert str(ran.error.__cause__) == "i0"


@pytest.mark.parametrize("failure", ["stop", "finish", "skip"])
def test_a_failure_that_was_dealt_with_is_not_the_cause_of_another(failure: Any) -> None:
    flow = Flow("dealt with")
    each = flow.map("each", "work", [1], failure=failure).options(arguments={"id": "i", "fails": "Bad"})
    flow.start >> each >> flow.end("refused", error="Refused")
    each.on_error() >> flow.end("other end", error="Refused")
    ran = play(flow)
    assert isinstance(ran.error, ActivityFailed)
    assert (ran.error.type, ran.error.__cause__) == ("Refused", None)


def test_a_failing_map_that_tries_again() -> None:
    flow = Flow("again")
    each = flow.map("each", "work", "=[1]").options(arguments={"id": "again", "fails": "=input.fails"})
    gate = flow.choice("gate")
    flow.start >> each >> flow.end()
    each.on_error() >> gate
    gate.when("reached('pause')") >> flow.end("given up", output="given up")
    gate.otherwise() >> task(flow, "pause") >> each
    ran = play(flow, fails="Bad")
    assert ran.children == ["each[0]", "each#2[0]"]
    assert ran.output == "given up"


def test_a_map_in_a_loop_has_new_children_each_time() -> None:
    flow = Flow("loop")
    each, gate = flow.map("each", "work", ["x", "y"], id="=item"), flow.choice("gate")
    flow.start >> each >> gate
    gate.when("reached('again')") >> flow.end(output="=each")
    gate.otherwise() >> task(flow, "again") >> each
    ran = play(flow)
    assert ran.children == ["each[0]", "each[1]", "each#2[0]", "each#2[1]"]
    assert [e.visit for _, e in ran.events if isinstance(e, MapStarted)] == [1, 2]


def test_a_map_over_a_workflow_gives_it_item_and_index() -> None:
    inner = Flow("inner", {"item": "str", "index": "int", "more": "int | None"})
    inner.start >> task(inner, "deep", gives="=[input.item, input.index, input.more]") >> inner.end(output="=deep")
    flow = given(Flow("outer"), inner)
    flow.start >> flow.map("each", "inner", ["a", "b"]) >> flow.end()
    assert play(flow).output == [["a", 0, None], ["b", 1, None]]


def test_an_argument_that_fails_is_the_failure_of_its_child() -> None:
    flow = Flow("bad argument")
    each = flow.map("each", "work", [1, 0, 2], failure="skip").options(arguments={"id": "=str(4 // item)"})
    flow.start >> each >> flow.end(output="=each")
    ran = play(flow)
    assert ran.output == ["4", None, "2"]
    assert [e.error.type for _, e in ran.events if isinstance(e, ChildFailed)] == ["ExpressionError"]


def test_every_argument_fails() -> None:
    flow = Flow("bad arguments")
    each = flow.map("each", "work", [0, 0], failure="finish").options(arguments={"id": "=str(4 // item)"})
    flow.start >> each >> flow.end(output="=each")
    ran = play(flow)
    assert ran.status == "failed"
    assert ran.types[-2:] == ["NodeFailed", "RunFailed"]


# -------------------------------------------------------------------------------------------------------------- calls


def calling(output: Any = "=deep", **arguments: Any) -> Flow:
    inner = Flow("inner", {"n": "int", "other": "str | None"})
    inner.start >> task(inner, "deep", seconds=2, gives="=input.n + 1") >> inner.end(output=output)
    flow = given(Flow("calling"), inner)
    call = flow.call("call", "inner").options(arguments=arguments)
    flow.start >> task(flow, "before", gives=4) >> call >> flow.end()
    return flow


def test_a_call_gives_the_output_of_its_child() -> None:
    ran = play(calling(n="=before * 10"))
    assert ran.output == 41
    assert ran.children == ["call"]
    child = f"{ran.run.id}/call"
    (started,) = [e for run, e in ran.events if run == child and isinstance(e, RunStarted)]
    assert (started.parent, started.input, started.workflow) == (ran.run.id, {"n": 40, "other": None}, "inner")
    assert ran.types[-3:] == ["ChildStarted", "ChildCompleted", "RunCompleted"]


def test_the_output_of_a_call_may_be_anything_json() -> None:
    assert play(calling({"a": [1, None]}, n=1)).output == {"a": [1, None]}


@pytest.mark.parametrize(
    ("arguments", "type", "told"),
    [
        ({"n": "=before / 0"}, "ExpressionError", "'before / 0' failed: ZeroDivisionError: division by zero"),
        ({"n": "text"}, "InputError", "input 'n' of workflow 'inner' is 'text', of type str\nit is declared as int"),
    ],
)
def test_inputs_of_a_child_that_do_not_fit(arguments: dict[str, Any], type: str, told: str) -> None:
    ran = play(calling(**arguments))
    assert ran.error is not None
    assert (ran.error.type, ran.error.cause, ran.error.node) == (type, told, "call")


def test_a_child_that_fails() -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "deep", fails="Deep") >> inner.end()
    flow = given(Flow("outer"), inner)
    flow.start >> flow.call("call", "inner") >> flow.end()
    ran = play(flow)
    assert isinstance(ran.error, ActivityFailed)
    assert (ran.error.type, ran.error.cause, ran.error.node) == ("Deep", "deep", "call")
    assert type(ran.error.__cause__).__name__ == "Deep"
    assert ran.types[-2:] == ["ChildFailed", "RunFailed"]


def test_a_child_that_ends_as_failed() -> None:
    inner = Flow("inner")
    inner.start >> inner.end(error="Refused", message="no")
    flow = given(Flow("outer"), inner)
    call = flow.call("call", "inner")
    flow.start >> call >> flow.end()
    call.on_error("Refused") >> flow.end("caught", output="=error('call').message")
    assert play(flow).output == "no"


def test_a_child_that_is_cancelled_fails_its_parent() -> None:
    flow = calling(n=1)
    ran = play(flow, {2: lambda run: run.host.runs[f"{run.id}/call"].cancel()})
    assert ran.error is not None
    assert ran.error.type == "RunCancelled"
    assert ran.error.node == "call"


def test_a_child_of_a_child() -> None:
    inmost, inner = Flow("inmost"), Flow("inner")
    inmost.start >> task(inmost, "deep") >> inmost.end()
    inner.start >> inner.call("again", "inmost") >> inner.end()
    flow = given(Flow("outer"), inner, inmost)
    flow.start >> flow.call("call", "inner") >> flow.end()
    ran = play(flow)
    assert ran.output == "deep"
    assert ran.children == ["call", "call/again"]


@pytest.mark.parametrize("how", ["cancel", "terminate"])
def test_the_end_of_a_parent_ends_its_children(how: str) -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "deep", seconds=60) >> inner.end()
    flow = given(Flow("outer"), inner)
    call, each, out = flow.call("call", "inner"), flow.map("each", "inner", [1, 2]), flow.fork("out")
    flow.start >> flow.fork("fork") >> [call, each, out]
    out.spawn() >> task(flow, "spawned", seconds=60) >> flow.end("end of it")
    out >> task(flow, "own", seconds=3) >> flow.end(terminate=how == "terminate")
    call >> flow.end("end call")
    each >> flow.end("end each")
    ran = play(flow, {2: lambda run: run.cancel()} if how == "cancel" else {})
    assert ran.status == ("cancelled" if how == "cancel" else "completed")
    assert len(ran.children) == 4
    last = {run: type(event).__name__ for run, event in ran.events}
    assert {last[f"{ran.run.id}/{child}"] for child in ran.children} == {"RunCancelled"}
    order = [run for run, event in ran.events if type(event).__name__ in ("RunCompleted", "RunCancelled")]
    assert order[0] == ran.run.id  # what a crash in between leaves is ended by `resume`
    assert ran.run.host.runs == {}


async def test_live_objects_go_through_calls_and_maps(engine: Engine, activities: Activities) -> None:
    class Frame:
        pass

    made = Frame()

    @activities.define()
    def frame(x: Any = None) -> Any:
        del x
        return made

    @activities.define()
    def same(x: Any) -> bool:
        return x is made

    inner = Flow("inner", {"x": "any"})
    inner.start >> inner.task("give", "same", x="=input.x") >> inner.task("frame", "frame") >> inner.end()
    flow = given(Flow("outer"), inner)
    call, each = flow.call("call", "inner", x="=first"), flow.map("each", "frame", [1, 2]).options(arguments={"x": 1})
    flow.start >> flow.task("first", "frame") >> call >> each >> flow.task("last", "same", x="=call") >> flow.end()
    run = engine.start(flow)
    assert await run is True
    assert run.values["call"] is made
    assert run.values["each"] == [made, made]
    completed = [r.event for r in run.records() if isinstance(r.event, ChildCompleted)]
    assert all(type(event.unstored).__name__ == "Unstored" for event in completed)
    assert "Frame" in str(replay(run.machine, (r.event for r in run.records())).values["call"])


# ------------------------------------------------------------------------------------------------------------ spawned


def spawning(**arguments: Any) -> Flow:
    flow = Flow("spawning")
    before, out = task(flow, "before"), flow.fork("out")
    flow.start >> before >> out
    out.spawn() >> task(flow, "spawned", **arguments) >> flow.end("end of it", output="=[before, spawned]")
    out >> task(flow, "own") >> flow.end()
    return flow


def test_a_spawned_child_reads_what_its_parent_knew() -> None:
    ran = play(spawning(seconds=5))
    child = f"{ran.run.id}/spawned"
    outputs = {run: event.output for run, event in ran.events if type(event).__name__ == "RunCompleted"}
    assert outputs == {child: ["before", "spawned"], ran.run.id: "own"}
    assert ran.run.values == {"before": "before", "own": "own"}


def test_a_spawned_child_that_fails_fails_its_parent() -> None:
    ran = play(spawning(fails="Bad", seconds=0.5))
    assert isinstance(ran.error, ActivityFailed)
    assert (ran.error.type, ran.error.node) == ("Bad", "spawned")
    assert ran.types[-2:] == ["TaskCancelled", "RunFailed"]


async def test_a_spawned_child_is_given_live_objects(engine: Engine, activities: Activities) -> None:
    class Frame:
        pass

    @activities.define()
    def frame() -> Any:
        return Frame()

    @activities.define()
    def named(x: Any) -> str:
        return type(x).__name__

    flow = Flow("spawning")
    out = flow.fork("out")
    flow.start >> flow.task("frame", "frame") >> out
    out.spawn() >> flow.task("named", "named", x="=frame") >> flow.end("end of it")
    out >> flow.end()
    run = engine.start(flow)
    await run
    records = engine.store.read(f"{run.id}/named")
    assert records[-1].event.output == "Frame"  # type: ignore[union-attr]


def test_children_that_a_loop_spawns() -> None:
    flow = Flow("loop")
    out, gate, count = flow.fork("out"), flow.choice("gate"), task(flow, "count")
    flow.start >> count >> out
    out.spawn() >> task(flow, "spawned", seconds=10) >> flow.end("end of it")
    out >> gate
    gate.when("reached('second')") >> flow.end()
    gate.otherwise() >> task(flow, "second") >> count
    ran = play(flow)
    assert ran.children == ["spawned", "spawned#2"]
    assert [e.edge >= 0 for _, e in ran.events if isinstance(e, ChildStarted)] == [True, True]
    assert verdict(flow) == "sound"


async def test_closing_stops_children_without_an_event(activities: Activities) -> None:
    started = asyncio.Event()

    @activities.define()
    async def work(id: str) -> None:
        del id
        started.set()
        await asyncio.sleep(3600)

    engine = Engine(registry=activities)
    inner = Flow("inner")
    inner.start >> task(inner, "deep") >> inner.end()
    flow = given(Flow("outer"), inner)
    flow.start >> flow.call("call", "inner") >> flow.end()
    run = engine.start(flow)
    await started.wait()
    store = engine.store
    engine.close()
    assert [head.status for head in store.heads()] == ["running", "running"]
    with pytest.raises(StoreError, match="is not in progress here"):
        await run


async def test_a_child_that_is_called_off_before_it_began_is_a_run_that_was_cancelled(tmp_path: Path) -> None:
    gate, both, begun = asyncio.Event(), asyncio.Event(), set[int]()

    async def work(item: int) -> int:
        begun.add(item)
        if len(begun) == 2:
            both.set()
        await gate.wait()
        if item == 1:
            raise ValueError("no")
        return item

    known = Registry()
    known.add(describe(work))
    flow = Flow("mapping")
    flow.start >> flow.map("each", "work", [0, 1, 2, 3], width=2) >> flow.end()
    async with Engine(tmp_path / "h.duckdb", registry=known) as engine:
        run = engine.start(flow)
        await both.wait()
        gate.set()
        with pytest.raises(ActivityFailed):
            await run
        await engine.store.flush()
        children = [r.event.run for r in run.records() if isinstance(r.event, ChildStarted)]
        heads = {head.run.removeprefix(run.id): head.status for head in engine.store.heads()}
        assert heads == {
            "": "failed", "/each[0]": "completed", "/each[1]": "failed", "/each[2]": "cancelled",
        }  # fmt: skip
        assert children == [run.id + f"/each[{number}]" for number in range(3)]
        assert engine.run(children[2]).parent == run.id
