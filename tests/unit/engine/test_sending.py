"""Sending: a caller carries out what its signal sets going; and attempts that share asyncio tasks."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from contextvars import ContextVar
from pathlib import Path

import pytest

from tests.unit.engine.kit import Activities, types, until
from wfnb.author.flow import Flow
from wfnb.engine.engine import Engine
from wfnb.errors import ActivityFailed, InputError, RunCancelled, StoreError, WfnbError
from wfnb.store.bulk import Table

WHO: ContextVar[str] = ContextVar("WHO", default="nobody")


def ring(*, tasks: int = 1) -> Flow:
    """A wait and, at every `go`, tasks that lead back to it; `stop` ends it."""
    flow = Flow("ring")
    wait = flow.wait("wait")
    flow.start >> wait
    at = wait.on("go")
    for number in range(tasks):
        at = at >> flow.task(f"t{number}", "work")
    at >> wait
    wait.on("stop") >> flow.end()
    return flow


async def test_back_the_task_is_over_and_the_run_waits_again(engine: Engine, activities: Activities) -> None:
    tasks = []

    @activities.define(name="work")
    async def _() -> None:
        await asyncio.sleep(0)
        tasks.append(asyncio.current_task())

    run = engine.start(ring(tasks=3))
    for times in range(1, 6):
        await run.send("go")
        assert run.status == "waiting"
        assert len(tasks) == 3 * times
    assert set(tasks) == {asyncio.current_task()}
    await run.send("stop")
    await run
    assert types(run)[:4] == ["RunStarted", "SignalReceived", "TaskStarted", "TaskCompleted"]


async def test_what_it_sets_going_is_carried_out_without_the_sender_where_that_waits(
    engine: Engine, activities: Activities
) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    @activities.define(name="work")
    async def _() -> str:
        begun.set()
        await go_on.wait()
        return "done"

    flow = Flow("beside")
    wait, join = flow.wait("wait"), flow.join("join")
    flow.start >> wait
    wait.on("go") >> flow.fork("fork") >> [flow.task("a", "work"), flow.task("b", "work")] >> join >> flow.end()
    run = engine.start(flow)
    sending = asyncio.ensure_future(run.send("go"))
    await begun.wait()
    await asyncio.sleep(0)
    assert [type(r.event).__name__ for r in run.records()].count("TaskStarted") == 2
    go_on.set()
    await sending
    await run
    assert run.values == {"wait": None, "a": "done", "b": "done"}


async def test_a_cancelled_sender_takes_nothing_away(engine: Engine, activities: Activities) -> None:
    begun, attempts = asyncio.Event(), []

    @activities.define(name="work")
    async def _() -> str:
        attempts.append(asyncio.current_task())
        begun.set()
        if len(attempts) == 1:
            await asyncio.Event().wait()
        return "done"

    run = engine.start(ring())
    sending = asyncio.ensure_future(run.send("go"))
    await begun.wait()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await until(lambda: run.status == "waiting")
    assert run.values["t0"] == "done"
    assert attempts[0] is sending
    assert attempts[1] is not sending
    assert [r.event.attempt for r in run.records() if type(r.event).__name__ == "TaskCompleted"] == [2]  # type: ignore[union-attr]


async def test_a_run_that_ends_meanwhile_lets_the_sender_go_on(engine: Engine, activities: Activities) -> None:
    begun, ended = asyncio.Event(), []

    @activities.define(name="work")
    async def _() -> None:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    async def sender() -> str:
        await run.send("go")
        await asyncio.sleep(0)
        task = asyncio.current_task()
        assert task is not None
        assert not task.cancelling()
        return "goes on"

    run = engine.start(ring())
    sending = asyncio.ensure_future(sender())
    await begun.wait()
    run.cancel()
    assert await sending == "goes on"
    assert ended == [True]
    with pytest.raises(RunCancelled):
        await run


async def test_a_sender_cancelled_together_with_the_run_is_cancelled(engine: Engine, activities: Activities) -> None:
    begun = asyncio.Event()

    @activities.define(name="work")
    async def _() -> None:
        begun.set()
        await asyncio.Event().wait()

    run = engine.start(ring())
    sending = asyncio.ensure_future(run.send("go"))
    await begun.wait()
    run.cancel()
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    with pytest.raises(RunCancelled):
        await run


async def test_what_fails_fails_the_run_not_the_sender(engine: Engine, activities: Activities) -> None:
    @activities.define(name="work")
    async def _() -> None:
        raise ValueError("told")

    run = engine.start(ring())
    await run.send("go")
    with pytest.raises(ActivityFailed, match="told"):
        await run
    with pytest.raises(WfnbError, match="is over"):
        await run.send("go")


async def test_an_activity_may_send_to_its_own_run(engine: Engine, activities: Activities) -> None:
    @activities.define(name="work")
    async def _() -> None:
        await run.send("inner")

    @activities.define(name="inner")
    async def _() -> str:
        return "inner"

    flow = Flow("nested")
    outer, listens, join = flow.wait("outer"), flow.wait("listens"), flow.join("join")
    flow.start >> flow.fork("fork") >> [outer, listens]
    outer.on("go") >> flow.task("work", "work") >> join
    listens.on("inner") >> flow.task("within", "inner") >> join
    join >> flow.end(output="=within")
    run = engine.start(flow)
    await run.send("go")
    assert await run == "inner"


async def test_in_sync_mode_a_task_begins_when_its_signal_is_on_the_disk(
    activities: Activities, tmp_path: Path
) -> None:
    @activities.define(name="work")
    async def _() -> int:
        assert run.records()[-1].seq >= 2
        return 1

    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        run = engine.start(ring(tasks=3))
        await run.send("go")
        assert run.status == "waiting"
        assert [run.values[f"t{number}"] for number in range(3)] == [1, 1, 1]
        await run.send("stop")
        await run


async def test_a_store_that_fails_tells_the_sender(
    activities: Activities, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @activities.define(name="work")
    async def _() -> None:
        raise AssertionError("never begins")

    engine = Engine(tmp_path / "history.duckdb", registry=activities)
    run = engine.start(ring())
    await engine.store.flush()

    def full(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Table, "put", full)
    with pytest.raises(StoreError, match="disk full"):
        await run.send("go")
    with pytest.raises(StoreError, match="disk full"):
        await run
    with contextlib.suppress(StoreError):
        engine.close()


async def test_signals_are_checked_and_absorbed_as_by_signal(engine: Engine, activities: Activities) -> None:
    calls = []

    @activities.define(name="work")
    async def _() -> None:
        calls.append(1)

    run = engine.start(ring())
    with pytest.raises(InputError, match="waits for no signal 'goo'"):
        await run.send("goo")
    await run.send("go", id="1")
    await run.send("go", id="1")
    assert calls == [1]


async def test_from_another_loop_it_is_refused(engine: Engine, activities: Activities) -> None:
    @activities.define(name="work")
    async def _() -> None: ...

    run = engine.start(ring())
    told: list[str] = []

    def elsewhere() -> None:
        try:
            asyncio.run(run.send("go"))
        except WfnbError as error:
            told.append(str(error))

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()
    assert "lives in another event loop" in told[0]


# -------------------------------------------------------------------------------- attempts that share asyncio tasks


def chain(tasks: int) -> Flow:
    flow = Flow("chain")
    at = flow.start
    for number in range(tasks):
        at = at >> flow.task(f"t{number}", "work", number=number)  # type: ignore[assignment]
    at >> flow.end()
    return flow


async def test_short_attempts_share_asyncio_tasks_and_still_leave_the_loop_its_turns(
    engine: Engine, activities: Activities
) -> None:
    tasks, turns = set(), 0

    @activities.define(name="work")
    async def _(number: int) -> int:
        tasks.add(asyncio.current_task())
        return number

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    run = engine.start(chain(320))
    beside = asyncio.ensure_future(others())
    await run
    beside.cancel()
    assert len(tasks) <= 80
    assert turns >= 8


async def test_what_an_attempt_sets_in_its_context_does_not_reach_the_next(
    engine: Engine, activities: Activities
) -> None:
    seen = []

    @activities.define(name="work")
    async def _(number: int) -> None:
        seen.append(WHO.get())
        WHO.set(str(number))

    WHO.set("starter")
    await engine.start(chain(5))
    assert seen == ["starter"] * 5


async def test_an_attempt_that_cancels_its_task_and_returns_takes_nothing_with_it(
    engine: Engine, activities: Activities
) -> None:
    @activities.define(name="work")
    async def _(number: int) -> int:
        if number % 2:
            task = asyncio.current_task()
            assert task is not None
            task.cancel()
        return number

    run = engine.start(chain(6))
    await run
    assert run.values == {f"t{number}": number for number in range(6)}


async def test_attempts_beside_each_other_are_concurrent(engine: Engine, activities: Activities) -> None:
    inside, most = 0, 0

    @activities.define(name="work")
    async def _(number: int) -> None:
        nonlocal inside, most
        inside, most = inside + 1, max(most, inside + 1)
        if number % 3:
            await asyncio.sleep(0.01)
        inside -= 1

    flow = Flow("fan")
    join = flow.join("join")
    tasks = [flow.task(f"t{number}", "work", number=number) for number in range(90)]
    flow.start >> flow.fork("fork") >> tasks >> join >> flow.end()
    await engine.start(flow)
    assert most >= 60
