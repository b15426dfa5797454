"""Snapshots: when they are written, what they are made of, and that a run is read and resumed from them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest

from tests.unit.engine.kit import Activities
from wfnb.author.edits import SetWorkflow
from wfnb.author.flow import Flow, flow
from wfnb.engine.engine import Engine
from wfnb.engine.past import past_state
from wfnb.engine.run import Run
from wfnb.engine.snapshots import Persistence, Snapshots
from wfnb.errors import ExpressionError, StoreError
from wfnb.machine.semantics import replay
from wfnb.model import snapshot
from wfnb.model.event import Unstored
from wfnb.model.state import State
from wfnb.store.memory import MemoryStore
from wfnb.store.protocol import Snapshot
from wfnb.testing import virtual_time


def line(activities: Activities, tasks: int = 5, seconds: float = 1) -> Flow:
    """Tasks `t0`, `t1`, ... in a row, each of which takes so long and gives its number."""

    @activities.define()
    async def count(n: int) -> int:
        await asyncio.sleep(seconds)
        return n

    made = flow("line")
    at = made.start
    for n in range(tasks):
        at = at >> made.task(f"t{n}", "count", n=n)
    at >> made.end()
    return made


def kept(engine: Engine) -> dict[str, list[int]]:
    """The `seq` of the snapshots that are kept, by run."""
    store = engine.store
    assert isinstance(store, MemoryStore)
    return {run: [one.seq for one in found] for run, found in store._snapshots.items()}


def ran(activities: Activities, flow: Flow, **options: Any) -> tuple[Run, list[int]]:
    """A run of a flow to its end, and its snapshots."""

    async def main() -> tuple[Run, list[int]]:
        async with Engine(registry=activities) as engine:
            run = engine.start(flow, **options)
            await run
            for n in range(run.state.seq + 1):
                assert run.at(n) == replay(run.machine, (record.event for record in run.records(1, n + 1)))
            return run, kept(engine).get(run.id, [])

    return virtual_time(main())


def test_no_snapshot_without_being_asked(activities: Activities) -> None:
    assert ran(activities, line(activities))[1] == []
    assert ran(activities, line(activities), persistence="events")[1] == []


# Appends of a line of five: 1 RunStarted and the first TaskStarted, then a completion with what follows: 2, 4, 6, ...


def test_after_so_many_events(activities: Activities) -> None:
    assert ran(activities, line(activities), snapshots=Snapshots(events=4, keep=9))[1] == [4, 8, 12]
    assert ran(activities, line(activities), snapshots=Snapshots(events=5, keep=9))[1] == [6, 12]
    assert ran(activities, line(activities), persistence="hybrid")[1] == []


def test_after_so_many_seconds(activities: Activities) -> None:
    plan = Snapshots(events=None, seconds=2, keep=9)
    assert ran(activities, line(activities), snapshots=plan)[1] == [6, 10]


def test_with_the_event_that_makes_a_condition_true(activities: Activities) -> None:
    def waits(state: State) -> bool:
        return state.values.get("t3") == 3

    for when in ("t2 == 2", "values['t2'] > 1", waits):
        plan = Snapshots(events=None, when=when, keep=9)
        assert ran(activities, line(activities), snapshots=plan)[1] == [10 if when is waits else 8]


def test_whatever_comes_first(activities: Activities) -> None:
    plan = Snapshots(events=6, seconds=60, when="t0 == 0", keep=9)
    assert ran(activities, line(activities), snapshots=plan)[1] == [4, 10]


def test_a_condition_that_fails_does_not_disturb_the_run(activities: Activities) -> None:
    told: list[dict[str, Any]] = []

    async def main() -> list[int]:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        async with Engine(registry=activities, snapshots=Snapshots(events=8, when=lambda _: 1 / 0)) as engine:
            run = engine.start(line(activities))
            await run
            return kept(engine)[run.id]

    assert virtual_time(main()) == [8]
    assert "when to write a snapshot could not be told of run" in told[0]["message"]
    assert isinstance(told[0]["exception"], ZeroDivisionError)


def test_the_last_ones_are_kept(activities: Activities) -> None:
    assert ran(activities, line(activities), snapshots=Snapshots(events=2, keep=3))[1] == [8, 10, 12]


@pytest.mark.parametrize(
    ("make", "error", "text"),
    [
        (lambda: Snapshots(events=0), ValueError, "events is 0\ngive a number above 0, or None to leave it out"),
        (lambda: Snapshots(seconds=-1.5), ValueError, "seconds is -1.5\n"),
        (lambda: Snapshots(keep=0), ValueError, "keep is 0\n"),
        (lambda: Snapshots(events=None), ValueError, "no snapshot is ever due\ngive events, seconds or when"),
        (lambda: Snapshots(when="1 +"), ExpressionError, ""),
        (lambda: Engine(persistence="all"), ValueError, "persistence is 'all'\nknown: 'events', 'snapshot', 'hybrid'"),  # type: ignore[arg-type]
        (
            lambda: Engine(persistence="events", snapshots=Snapshots()),
            ValueError,
            "persistence 'events' writes no snap",
        ),
    ],
)
def test_what_can_not_be_is_refused(make: Callable[[], object], error: type[Exception], text: str) -> None:
    with pytest.raises(error) as raised:
        make()
    assert str(raised.value).startswith(text)


@pytest.mark.parametrize(
    ("persistence", "expected"),
    [("hybrid", {"": [2, 4], "/call": [4, 6]}), ("snapshot", {"": [2], "/call": [2, 4]})],
)
def test_the_engine_s_plan_holds_for_every_run_and_its_children(
    activities: Activities, persistence: Persistence, expected: dict[str, list[int]]
) -> None:
    inner, outer = line(activities, 2), flow("outer")
    outer.document.apply([SetWorkflow(workflows={"inner": inner.workflow})])
    outer.start >> outer.call("call", "inner") >> outer.end()

    async def main() -> dict[str, list[int]]:
        async with Engine(registry=activities, persistence=persistence, snapshots=Snapshots(events=2)) as engine:
            run = engine.start(outer)
            await run
            return {id.removeprefix(run.id): seqs for id, seqs in kept(engine).items()}

    assert virtual_time(main()) == expected


def test_it_is_made_of_what_was_recorded(activities: Activities) -> None:
    """What a task has given may be changed by the next one, and may be no JSON: the history says what it was."""

    @activities.define()
    async def make() -> list[Any]:
        return [1, (2, 3)]

    @activities.define()
    async def change(of: list[Any]) -> object:
        of.append(object())
        return {1, 2}

    @activities.define()
    async def last() -> None: ...

    made = flow("changes")
    made.start >> made.task("make", make) >> made.task("change", change, of="=make") >> made.task("last", last)
    made.node("last") >> made.end(output="=1")
    run, seqs = ran(activities, made, snapshots=Snapshots(events=1, keep=9))
    assert seqs == [2, 4, 6, 8]
    store = run.host.store
    found = snapshot.decode(store.snapshot(run.id, 6).state, run.machine.hash, 6)
    assert found is not None
    assert found.values["make"] == [1, [2, 3]]
    assert isinstance(found.values["change"], Unstored)
    assert found.values["change"].type == "set"
    assert isinstance(run.values["make"][-1], object)


def test_a_run_is_read_from_its_latest_snapshot(activities: Activities) -> None:
    run, seqs = ran(activities, line(activities), snapshots=Snapshots(events=4, keep=9))
    store = run.host.store
    assert seqs == [4, 8, 12]
    for at, start in ((11, 9), (8, 9), (3, 1), (None, 13)):
        with patch.object(MemoryStore, "read", autospec=True, side_effect=MemoryStore.read) as reading:
            past_state(store, run.id, at)
        starts = [call.args[2] for call in reading.call_args_list if call.args[2:] != (1, 2)]
        assert starts == ([] if at == 8 else [start]), at
    with pytest.raises(ValueError, match="has 12 events: there is no state after event 13"):
        past_state(store, run.id, 13)


def test_one_that_does_not_fit_is_passed_over(activities: Activities) -> None:
    run, _ = ran(activities, line(activities), snapshots=Snapshots(events=4, keep=9))
    store = run.host.store
    assert isinstance(store, MemoryStore)
    whole = replay(run.machine, (record.event for record in run.records()))
    tenth = snapshot.encode(replay(run.machine, (record.event for record in run.records(1, 11))))
    for made, definition in (
        (b'{"format":1}', run.machine.hash),
        (snapshot.encode(whole), "another"),
        (tenth, run.machine.hash),  # it says that it is of another event
    ):
        store._snapshots[run.id][-1] = Snapshot(12, definition, 0, made)
        with patch.object(MemoryStore, "read", autospec=True, side_effect=MemoryStore.read) as reading:
            assert past_state(store, run.id)[1] == whole
        assert reading.call_args.args[2] == 9, "the one before is tried"


def test_a_run_is_taken_up_from_a_snapshot_and_goes_on_with_them(activities: Activities) -> None:
    flow = line(activities, 6)

    async def main() -> tuple[list[int], str]:
        engine = Engine(registry=activities, snapshots=Snapshots(events=4, keep=9))
        run = engine.start(flow)
        await asyncio.sleep(2.5)
        run.suspend()
        engine.runs.clear()
        assert kept(engine)[run.id] == [4]
        (again,) = await engine.resume()
        await again
        assert again.state == replay(run.machine, (record.event for record in run.records()))
        assert again.at(again.state.seq) == again.state
        return kept(engine)[run.id], again.status

    assert virtual_time(main()) == ([4, 11, 15], "completed")


def test_a_run_without_snapshots_gets_them_once_its_engine_writes_some(activities: Activities) -> None:
    flow = line(activities, 6)

    async def main() -> list[int]:
        engine = Engine(registry=activities, snapshots=Snapshots(events=4, keep=9))
        run = engine.start(flow, persistence="events")
        await asyncio.sleep(2.5)
        run.suspend()
        engine.runs.clear()
        (again,) = await engine.resume()
        await again
        found = engine.store.snapshot(run.id)
        assert found is not None
        assert snapshot.decode(found.state, again.machine.hash, 15) == again.state
        return kept(engine)[run.id]

    assert virtual_time(main()) == [11, 15]


def test_a_store_that_takes_no_snapshot_does_not_end_the_run(activities: Activities) -> None:
    told: list[dict[str, Any]] = []

    async def main() -> str:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        async with Engine(registry=activities, snapshots=Snapshots(events=4)) as engine:
            with patch.object(engine.store, "save_snapshot", side_effect=StoreError("full\nmake room")):
                run = engine.start(line(activities))
                await run
            return run.status

    assert virtual_time(main()) == "completed"
    assert [context["message"].partition(" of ")[0] for context in told] == ["no snapshot could be made"]


def test_what_can_not_be_folded_makes_no_snapshot(activities: Activities) -> None:
    told: list[dict[str, Any]] = []

    async def main() -> dict[str, list[int]]:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
        async with Engine(registry=activities, snapshots=Snapshots(events=4)) as engine:
            with patch("wfnb.engine.snapshots.evolve", side_effect=KeyError("x")):
                await engine.start(line(activities))
            return kept(engine)

    assert list(virtual_time(main()).values()) == [[]]
    assert [context["message"].partition(" of ")[0] for context in told] == ["no snapshot could be made"]


def test_persistence_snapshot_drops_what_snapshots_cover(activities: Activities) -> None:
    async def main() -> None:
        async with Engine(registry=activities) as engine:
            run = engine.start(line(activities), persistence="snapshot", snapshots=Snapshots(events=4, keep=1))
            await run
            assert kept(engine) == {run.id: [8]}  # what its end follows from
            assert [record.seq for record in run.records()] == [1, 8, 9, 10, 11, 12]
            assert past_state(engine.store, run.id)[1] == run.state
            for n in range(8, 13):
                assert (run.at(n).seq, run.at(n).status) == (n, "completed" if n == 12 else "running")
            assert run.at(0) == State()
            assert run.at(1).status == "running"
            for n in (2, 3, 7):
                with pytest.raises(StoreError) as raised:
                    run.at(n)
                assert str(raised.value) == (
                    f"of run '{run.id}' events were dropped, and no snapshot that can be read stands for those before "
                    f"event {n + 1}\nask for a later state; persistence 'hybrid' keeps all events"
                )
            with pytest.raises(ValueError, match="has 12 events"):
                run.at(13)
            engine.store._snapshots.clear()  # type: ignore[attr-defined]
            with pytest.raises(StoreError, match="no snapshot that can be read stands for all"):
                past_state(engine.store, run.id)

    virtual_time(main())
