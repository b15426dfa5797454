"""Attempts that are handed over to threads, with no asyncio task that waits for them."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from tests.unit.engine.kit import Activities, chain, types, until
from wfnb.author.flow import Flow, flow
from wfnb.engine.engine import Engine
from wfnb.engine.executors.jobs import Job
from wfnb.engine.executors.threads import ThreadPool
from wfnb.errors import ActivityFailed, GuaranteeFailed, RequirementFailed
from wfnb.model.event import TaskCompleted, TaskStarted, Unstored

WHO: contextvars.ContextVar[str] = contextvars.ContextVar("who", default="nobody")


def fan(activity: str, size: int, **arguments: Any) -> Flow:
    """So many tasks side by side."""
    made = flow("fan")
    at = made.start >> made.fork("all")
    met, done = made.join("met"), made.end()
    for number in range(size):
        at >> made.task(f"task {number}", activity, **arguments) >> met
    met >> done
    return made


def tasks() -> set[asyncio.Task[Any]]:
    return asyncio.all_tasks() - {asyncio.current_task()}


async def test_a_hundred_that_block_need_one_asyncio_task(engine: Engine, activities: Activities) -> None:
    gate, inside = threading.Event(), threading.Semaphore(0)

    @activities.define()
    def blocks() -> int:
        inside.release()
        gate.wait()
        return 1

    run = engine.start(fan("blocks", 30))
    await asyncio.to_thread(lambda: [inside.acquire() for _ in range(30)])
    assert len(tasks()) == 1
    gate.set()
    await run
    assert sum(isinstance(record.event, TaskCompleted) for record in run.records()) == 30
    await asyncio.sleep(0)
    assert not tasks()


async def test_a_function_that_gives_a_coroutine_gives_what_that_gives(engine: Engine, activities: Activities) -> None:
    async def later(number: int) -> int:
        await asyncio.sleep(0)
        return number + 1

    activities.define(name="later")(partial(later))
    activities.define(name="fails")(lambda number: later(str(number)))  # type: ignore[arg-type]
    assert await engine.start(chain("later", number=1)) == 2
    with pytest.raises(ActivityFailed, match="TypeError"):
        await engine.start(chain("fails", number=1))


async def test_a_coroutine_for_which_nobody_waits_is_closed(engine: Engine, activities: Activities) -> None:
    gate, inside = threading.Event(), threading.Event()

    async def later() -> None: ...

    @activities.define()
    def slow() -> Any:
        inside.set()
        gate.wait()
        return later()

    run = engine.start(chain("slow"))
    await asyncio.to_thread(inside.wait)
    run.cancel()
    gate.set()
    await until(lambda: not engine.host._calling._threads._busy)
    await asyncio.sleep(0.01)  # a coroutine that is never awaited is a warning, and that an error
    assert run.status == "cancelled"


async def test_what_is_no_json_is_stored(tmp_path: Any, activities: Activities) -> None:
    @activities.define()
    def table() -> Any:
        return np.arange(5)

    async with Engine(str(tmp_path / "h.duckdb"), registry=activities) as engine:
        run = engine.start(chain("table"))
        given = await run
        assert given.tolist() == [0, 1, 2, 3, 4]
        (completed,) = [record.event for record in run.records() if isinstance(record.event, TaskCompleted)]
        assert isinstance(completed.unstored, Unstored)
        assert completed.unstored.hash


async def test_each_sees_what_the_run_was_started_in(engine: Engine, activities: Activities) -> None:
    @activities.define()
    def first() -> str:
        seen = WHO.get()
        WHO.set("somebody else")
        return seen

    @activities.define()
    def again() -> str:
        return WHO.get()

    @activities.define()
    async def then() -> str:
        return WHO.get()

    WHO.set("me")
    run = engine.start(chain("first", "then", "again"))
    WHO.set("nobody again")
    assert await run == "me"
    assert [record.event.value for record in run.records() if isinstance(record.event, TaskCompleted)] == ["me"] * 3


async def test_conditions_hold_before_and_after(engine: Engine, activities: Activities) -> None:
    @activities.define()
    def ten() -> int:
        return 10

    made = flow("checked")
    made.start >> made.task("ten", "ten").options(ensures="ten < 10") >> made.end()
    with pytest.raises(GuaranteeFailed):
        await engine.start(made)
    made = flow("checked", inputs={"n": int})
    made.start >> made.task("ten", "ten").options(requires="input.n < 10") >> made.end()
    with pytest.raises(RequirementFailed):
        await engine.start(made, n=11)
    await engine.start(made, n=9)


def test_a_script_that_ends_leaves_what_threads_are_at_to_be_resumed(engine: Engine, activities: Activities) -> None:
    gate, inside = threading.Event(), threading.Event()

    @activities.define()
    def slow() -> int:
        inside.set()
        gate.wait(60)
        return 1

    async def begin() -> None:
        for _ in range(3):
            engine.start(chain("slow"))
        await asyncio.to_thread(inside.wait)

    async def end() -> list[Any]:
        gate.set()
        runs = await engine.resume()
        attempts = {type_of.attempt for run in runs for type_of in _started(run)}
        return [[await run for run in runs], attempts]

    asyncio.run(begin())
    assert {head.status for head in engine.store.heads()} == {"running"}
    assert asyncio.run(end()) == [[1] * 3, {1, 2}]


def _started(run: Any) -> list[TaskStarted]:
    return [record.event for record in run.records() if isinstance(record.event, TaskStarted)]


async def test_who_cancels_the_task_that_watches_cancels_nothing(engine: Engine, activities: Activities) -> None:
    gate, inside = threading.Event(), threading.Event()

    @activities.define()
    def slow() -> int:
        inside.set()
        gate.wait()
        return 1

    run = engine.start(chain("slow"))
    await asyncio.to_thread(inside.wait)
    (watching,) = tasks()
    watching.cancel()
    await asyncio.sleep(0)
    assert run.status == "running"
    await asyncio.sleep(0)
    assert len(tasks() - {watching}) == 1
    gate.set()
    assert await run == 1
    assert types(run).count("TaskStarted") == 1


class Broken:
    """Who can not take a result."""

    def __init__(self, loop: asyncio.AbstractEventLoop, taken: list[Any]) -> None:
        self.loop, self.taken = loop, taken

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self.loop

    def cancelled(self) -> bool:
        return False

    done = cancelled

    def set_result(self, result: Any, /) -> None:
        self.taken.append(result)
        if result % 2:
            raise RuntimeError(f"{result} is odd")

    def set_exception(self, error: BaseException, /) -> None:
        raise AssertionError(error)


async def test_a_result_that_can_not_be_taken_holds_up_no_other() -> None:
    loop, pool, taken, told = asyncio.get_running_loop(), ThreadPool(2), [], []
    loop.set_exception_handler(lambda _, told_of: told.append(str(told_of["exception"])))
    for number in range(100):
        pool.run(Job(contextvars.copy_context(), lambda n: n, {"n": number}, Broken(loop, taken)))
    await until(lambda: len(taken) == 100)
    pool.close()
    assert sorted(taken) == [*range(100)]
    assert told == [f"{number} is odd" for number in taken if number % 2]


async def test_the_loop_has_its_turns_while_many_results_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("wfnb.engine.executors.threads.TURN", -1.0)  # the turn is always over
    loop, pool = asyncio.get_running_loop(), ThreadPool(1)
    turns: list[int] = []

    class Counting(Broken):
        def set_result(self, result: Any, /) -> None:
            self.taken.append(result)

    taken: list[Any] = []

    def turn() -> None:
        turns.append(len(taken))
        if len(taken) < 200:
            loop.call_soon(turn)

    goes_on = threading.Event()
    pool.run(Job(contextvars.copy_context(), goes_on.wait, {}, Counting(loop, [])))
    for number in range(200):
        pool.run(Job(contextvars.copy_context(), lambda n: n, {"n": number}, Counting(loop, taken)))
    loop.call_soon(turn)
    goes_on.set()
    await until(lambda: len(taken) == 200)
    pool.close()
    assert max(after - before for before, after in pairwise(turns)) <= 32


async def test_a_pin_is_for_the_next_start_and_not_for_what_a_thread_has_brought(
    engine: Engine, activities: Activities
) -> None:
    gate, inside = threading.Event(), threading.Event()

    async def later() -> str:
        return "its own"

    @activities.define()
    def slow() -> Any:
        inside.set()
        gate.wait()
        return later()

    run = engine.start(chain("slow"))
    await asyncio.to_thread(inside.wait)
    run.pin("slow", "pinned")
    gate.set()
    assert await run == "its own"
