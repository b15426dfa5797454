"""Children of a failed run that is tried again by hand: they go on where they stopped."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.patterns.kit import given
from tests.property.test_states import agrees
from tests.runner import events_of
from tests.unit.engine.kit import Activities, chain, until
from wfnb.author.flow import Flow, flow
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.engine.terms import Durability
from wfnb.errors import ActivityFailed, RunError
from wfnb.history.progress import fold
from wfnb.machine.semantics import replay
from wfnb.model.event import ChildStarted, RunCancelled, TaskCompleted
from wfnb.model.snapshot import decode, encode
from wfnb.store.commits import Append, Work
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.memory import Entry, MemoryStore
from wfnb.store.protocol import Row
from wfnb.store.writer import Writer
from wfnb.testing import VirtualLoop, virtual_time
from wfnb.testing.clock import EPOCH

MENDED = 100
"""The second from which on nothing fails any more."""


def drawn() -> Flow:
    """A call of a call that fails, beside a map, an approval, a wait that has its signal, and a spawned part."""
    leaf = Flow("leaf")
    leaf.start >> leaf.task("x", "work", id="x") >> leaf.task("y", "work", id="y", seconds=4, fails=True) >> leaf.end()
    item = Flow("item", {"n": "int"})
    one = item.task("one", "work", id="='one' + str(input.n)")
    one >> item.task("two", "work", id="='two' + str(input.n)", seconds="=input.n") >> item.end(output="=input.n")
    item.start >> one
    mid = given(Flow("mid"), leaf, item)
    fork, join, wait = mid.fork("fork"), mid.join("join"), mid.wait("wait")
    branches = [
        mid.call("leaf", "leaf"),
        mid.map("each", "item", "=[1, 9, 2]", n="=item"),
        mid.approval("ask"),
        mid.task("side", "work", id="side"),
    ]
    mid.start >> fork >> [*branches, wait]
    for branch in branches:
        branch >> join
    wait.on("go") >> mid.task("behind", "work", id="behind", seconds=7) >> join
    join >> mid.end(output="=[leaf, each, ask, behind]")
    outer = given(Flow("outer"), mid)
    out = outer.fork("out")
    (
        outer.start
        >> outer.task("first", "work", id="first")
        >> out
        >> outer.call("mid", "mid")
        >> outer.end(output="=mid")
    )
    part = outer.task("part", "work", id="part")
    out.spawn() >> part >> outer.task("long", "work", id="long", seconds=8) >> outer.end("other")
    return outer


def registry(ran: list[str]) -> Activities:
    activities = Activities()

    @activities.define()
    async def work(id: str, seconds: float = 1, fails: bool = False) -> str:
        ran.append(id)
        await asyncio.sleep(seconds)
        if fails and asyncio.get_running_loop().time() < MENDED:
            raise OSError(id)
        return id

    return activities


async def to_its_end(engine: Engine, run: Run) -> Any:
    """See a run through: signal and answer what it waits for, and try again what failed once that is mended."""
    loop = asyncio.get_running_loop()
    if f"{run.id}/mid" in engine.runs or run.state.status == "running":
        loop.call_later(3, lambda: told(engine, run))
    while True:
        try:
            return await run
        except RunError:
            await asyncio.sleep(max(0, MENDED - loop.time()))
            run.retry()
            loop.call_later(1, lambda: told(engine, run))


def told(engine: Engine, run: Run) -> None:
    mid = engine.runs.get(f"{run.id}/mid")
    if mid is not None:
        mid.signal("go", 1, id="1")
        for asked in mid.approvals:
            mid.approve(asked.node, "yes")


def played(log: Sequence[Entry] = (), store: MemoryStore | None = None) -> tuple[Run, list[str], MemoryStore]:
    """The run at its end, what ran, and the history; from the beginning, or taken up from an earlier history."""
    ran: list[str] = []

    async def main() -> tuple[Run, MemoryStore]:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        async with Engine(registry=registry(ran)) as engine:
            kept = engine.store
            assert isinstance(kept, MemoryStore)
            if store is None:
                run = engine.start(drawn())
            else:
                for hash, document in store._definitions.items():
                    kept.define(hash, document)
                for id, epoch, before, rows in log:
                    kept.append(id, epoch, before, rows)
                loop.advance((log[-1][3][-1].ts - EPOCH) / 1e6)
                await engine.resume()
                run = engine.run(log[0][0])
            assert await to_its_end(engine, run) == ["y", [1, 9, 2], "yes", "behind"]
            return run, kept

    run, kept = virtual_time(main())
    return run, ran, kept


def test_nothing_that_is_recorded_runs_again() -> None:
    run, ran, store = played()
    twice = {"y", "two9", "behind", "long"}  # they were in progress when `y` failed
    once = {"first", "part", "x", "one1", "one9", "one2", "two1", "two2", "side"}
    assert Counter(ran) == {**dict.fromkeys(once, 1), **dict.fromkeys(twice, 2)}
    assert len(store.heads()) == 7, "no child has begun anew"
    assert {head.status for head in store.heads()} == {"completed"}
    assert replay(run.machine, (record.event for record in run.records())) == run.state
    assert run.state.again == {}
    assert fold(run.machine, run.records()).state == "completed"
    assert agrees(store), "and SQL says the same, after every event"


def test_nor_where_it_is_stopped_after_any_append() -> None:
    _, _, store = played()
    log = list(store.appends())
    for length in range(1, len(log)):
        _, ran, again = played(log[:length], store)
        done = {event.node for _, event in events_of(log[:length]) if isinstance(event, TaskCompleted)}
        names = {f"{task}{n}" for task in ("one", "two") for n in (1, 2, 9)} & set(ran)
        where = f"after {length} of {len(log)} appends: {events_of(log[length - 1 : length])}"
        assert not (done - {"one", "two"}) & set(ran), where
        inside = {
            f"{event.node}{(1, 9, 2)[int(run[-2])]}"
            for run, event in events_of(log[:length])
            if isinstance(event, TaskCompleted) and run.endswith("]")
        }
        assert not inside & names, where
        assert len(again.heads()) == 7, where
        assert {head.status for head in again.heads()} == {"completed"}, where


def calling(inner: Flow, **arguments: Any) -> Flow:
    made = given(flow("outer"), inner)
    made.start >> made.call("call", "chain", **arguments) >> made.end()
    return made


def runs_of(engine: Engine) -> list[tuple[str, str]]:
    return [(head.run.partition("/")[2], head.status) for head in engine.store.heads()]


class Flaky:
    """Activities `a` to `c`, of which some fail."""

    def __init__(self, activities: Activities) -> None:
        self.bad: set[str] = set()
        self.ran: list[str] = []
        for name in "abcu":
            self._define(activities, name)

    def _define(self, activities: Activities, name: str) -> None:
        @activities.define(name=name)
        async def body(value: Any = None) -> str:
            self.ran.append(name)
            await asyncio.sleep(0)
            if name in self.bad:
                raise OSError(name)
            return f"{name}{value or ''}"


@pytest.fixture
def flaky(activities: Activities) -> Flaky:
    return Flaky(activities)


async def failed(run: Run) -> None:
    with pytest.raises(ActivityFailed):
        await run


async def test_what_is_to_go_on_is_in_snapshots(engine: Engine, flaky: Flaky) -> None:
    flaky.bad = {"b"}
    run = engine.start(calling(chain("a", "b", "c")), breakpoints=["call"])
    await until(lambda: run.status == "paused")
    run.resume()
    await failed(run)
    run.retry()
    await until(lambda: run.status == "paused")
    assert run.state.again == {f"{run.id}/call": (run.machine.graph.number["call"], -1, 2)}
    assert decode(encode(run.state), run.machine.hash, run.state.seq) == run.state
    run.migrate(calling(chain("a", "b", "c"), label="changed"))
    assert list(run.state.again) == [f"{run.id}/call"]


async def test_again_and_again(engine: Engine, flaky: Flaky) -> None:
    flaky.bad = {"b"}
    run = engine.start(calling(chain("a", "b", "c")))
    await failed(run)
    run.retry()
    await failed(run)
    flaky.bad = {"c"}
    run.retry()
    await failed(run)
    flaky.bad = set()
    run.retry()
    assert await run == "c"
    assert flaky.ran == ["a", "b", "b", "b", "c", "c"]
    assert runs_of(engine) == [("", "completed"), ("call", "completed")]
    begun = [(r.event.visit, r.event.run) for r in run.records() if isinstance(r.event, ChildStarted)]
    assert begun == [(visit, f"{run.id}/call") for visit in (1, 2, 3, 4)]


@pytest.mark.parametrize("durability", ["sync", "exit"])
async def test_in_other_sessions(durability: Durability, tmp_path: Path, activities: Activities, flaky: Flaky) -> None:
    id = ""
    for bad in ("b", "c", ""):
        flaky.bad = {bad}
        async with Engine(tmp_path / "h.duckdb", registry=activities, durability=durability) as engine:
            run = engine.run(id) if id else engine.start(calling(chain("a", "b", "c")))
            if id:
                run.retry()
            id = run.id
            if bad:
                await failed(run)
            else:
                assert await run == "c"
    assert flaky.ran == ["a", "b", "b", "c", "c"]


async def test_one_that_was_reopened_and_paused_is_taken_up(
    tmp_path: Path, activities: Activities, flaky: Flaky
) -> None:
    flaky.bad = {"b"}
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        run = engine.start(calling(chain("a", "b", "c")))
        await failed(run)
        run.retry()
        run.pause()
        await until(lambda: f"{run.id}/call" in engine.runs)
    flaky.bad = set()
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        (again,) = await engine.resume()
        assert (again.status, flaky.ran) == ("paused", ["a", "b"])
        again.resume()
        assert await again == "c"
        assert flaky.ran == ["a", "b", "b", "c"]


async def test_a_child_that_took_back_what_it_did_begins_anew(engine: Engine, flaky: Flaky) -> None:
    flaky.bad = {"b"}
    inner = flow("chain")
    inner.start >> inner.task("a", "a").options(compensate=("u", {})) >> inner.task("b", "b") >> inner.end()
    run = engine.start(calling(inner))
    await failed(run)
    flaky.bad = set()
    run.retry()
    await run
    assert flaky.ran == ["a", "b", "u", "a", "b"]
    assert runs_of(engine) == [("", "completed"), ("call", "failed"), ("call#2", "completed")]


async def test_a_child_whose_inputs_are_others_now_begins_anew(engine: Engine, flaky: Flaky) -> None:
    flaky.bad = {"b"}
    inner = flow("chain", {"given": "str"})
    inner.start >> inner.task("a", "a", value="=input.given") >> inner.task("b", "b", value="=a") >> inner.end()
    made = given(flow("outer"), inner)
    made.start >> made.task("c", "c") >> made.call("call", "chain", given="=c") >> made.end()
    run = engine.start(made, breakpoints=["call"])
    await until(lambda: run.status == "paused")
    run.resume()
    await failed(run)
    flaky.bad = set()
    run.retry()
    await until(lambda: run.status == "paused")
    run.update("c", "C")
    run.resume()
    assert await run == "baC"
    assert runs_of(engine) == [("", "completed"), ("call", "failed"), ("call#2", "completed")]
    assert flaky.ran == ["c", "a", "b", "a", "b"]


async def test_a_child_that_fails_of_no_task_begins_anew(engine: Engine, flaky: Flaky) -> None:
    inner = flow("chain")
    inner.start >> inner.task("a", "a") >> inner.end(error="Refused")
    run = engine.start(calling(inner))
    with pytest.raises(RunError):
        await run
    run.retry()
    with pytest.raises(RunError):
        await run
    assert flaky.ran == ["a", "a"]
    assert runs_of(engine) == [("", "failed"), ("call", "failed"), ("call#2", "failed")]


async def test_a_fork_leaves_the_children_of_its_origin_alone(engine: Engine, flaky: Flaky) -> None:
    flaky.bad = {"b"}
    run = engine.start(calling(chain("a", "b")))
    await failed(run)
    flaky.bad = set()
    run.retry()
    reopened = next(record.seq for record in run.records() if type(record.event).__name__ == "RunReopened")
    await run
    before = engine.run(f"{run.id}/call").records()
    fork = run.fork(at=reopened)
    assert await fork == "b"
    assert engine.run(f"{run.id}/call").records() == before


async def test_a_loop_that_comes_again_calls_anew(engine: Engine, flaky: Flaky) -> None:
    flaky.bad = {"b"}
    made = given(flow("outer"), chain("a", "b"))
    call, more = made.call("call", "chain"), made.choice("more")
    made.start >> call >> made.task("c", "c") >> more
    more.when("reached('once')") >> made.end(output="=call")
    more.otherwise() >> made.task("once", "c") >> call
    run = engine.start(made)
    await failed(run)
    flaky.bad = set()
    run.retry()
    assert await run == "b"
    assert flaky.ran == ["a", "b", "b", "c", "c", "a", "b", "c"]
    assert runs_of(engine) == [("", "completed"), ("call", "completed"), ("call#3", "completed")]


def beside(inner: Flow) -> Flow:
    """A call, and beside it a task that fails."""
    made = given(flow("outer"), inner)
    fork, join = made.fork("fork"), made.join("join")
    made.start >> fork >> [made.call("call", "chain"), made.task("b", "b")] >> join >> made.end(output="=call")
    return made


@pytest.mark.usefixtures("flaky")
async def test_a_child_that_still_takes_back_what_it_did_is_left_to_that(
    engine: Engine, activities: Activities
) -> None:
    begun, taking, taken = asyncio.Event(), asyncio.Event(), asyncio.Event()

    @activities.define()
    async def back() -> None:
        taking.set()
        await taken.wait()

    @activities.define()
    async def long() -> int:
        begun.set()
        await (asyncio.sleep(0) if taking.is_set() else asyncio.Event().wait())
        return 1

    @activities.define()
    async def b() -> None:
        await begun.wait()
        if not taking.is_set():
            raise OSError

    inner = flow("chain")
    inner.start >> inner.task("a", "a").options(compensate=("back", {})) >> inner.task("long", "long") >> inner.end()
    run = engine.start(beside(inner))
    await failed(run)
    await taking.wait()
    run.retry()
    assert await run == 1
    taken.set()
    await until(lambda: not engine.runs)
    assert runs_of(engine) == [("", "completed"), ("call", "cancelled"), ("call#2", "completed")]


async def test_the_end_of_a_child_that_is_not_yet_on_the_disk_is_not_that_of_the_one_that_goes_on(
    tmp_path: Path, flaky: Flaky, activities: Activities, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = threading.Event()
    append, write = DuckDBStore.append, Writer._write

    def is_end(row: Row) -> bool:
        return isinstance(row.event, RunCancelled)

    def one_by_one(store: DuckDBStore, run: str, epoch: int, expected: int, rows: Sequence[Row], *rest: Any) -> None:
        if any(map(is_end, rows)):
            store._settle()
        append(store, run, epoch, expected, rows, *rest)

    def late(writer: Writer, batch: Sequence[Work]) -> None:
        if any(is_end(row) for work in batch if isinstance(work, Append) for row in work.rows):
            written.wait()
        write(writer, batch)

    monkeypatch.setattr(DuckDBStore, "append", one_by_one)
    monkeypatch.setattr(Writer, "_write", late)
    flaky.bad = {"b"}
    inner = flow("chain")
    wait = inner.wait("wait")
    inner.start >> wait
    wait.on("go") >> inner.end(output="=wait")
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        run = engine.start(beside(inner))
        await failed(run)
        flaky.bad = set()
        written.set()
        run.retry()
        await until(lambda: f"{run.id}/call" in engine.runs)
        await engine.store.flush()
        await asyncio.sleep(0)
        engine.runs[f"{run.id}/call"].signal("go", 7)
        assert await run == 7


async def test_pins_and_breakpoints_that_were_taken_away_meanwhile_are_gone(engine: Engine, flaky: Flaky) -> None:
    flaky.bad = {"b"}
    run = engine.start(calling(chain("a", "b", "c")), pins={"call/c": "pinned"}, breakpoints=["call", "call/c"])
    await until(lambda: run.status == "paused")
    run.resume()
    await failed(run)
    flaky.bad = set()
    run.retry()
    await until(lambda: run.status == "paused")
    run.unpin("call/c")
    run.breakpoints = []
    run.resume()
    assert await run == "c"


@pytest.mark.parametrize("on_disk", [True, False])
async def test_a_child_that_stopped_paused_is_resumed_with_its_parent(
    on_disk: bool, tmp_path: Path, activities: Activities
) -> None:
    to_fail, failed_once = asyncio.Event(), asyncio.Event()

    @activities.define()
    async def b() -> int:
        await to_fail.wait()
        if not failed_once.is_set():
            failed_once.set()
            raise OSError
        return 1

    async with Engine(tmp_path / "h.duckdb" if on_disk else None, registry=activities) as engine:
        run = engine.start(beside(chain("b")))
        await until(lambda: f"{run.id}/call" in engine.runs)
        run.pause()
        to_fail.set()
        await failed(run)
        run.retry()
        run.resume()
        assert await run == 1
