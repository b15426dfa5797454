"""A history taken up again: by another engine, after the first was closed or crashed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.unit.engine.kit import Activities, chain, types, until
from wfnb.author.flow import Flow, flow
from wfnb.engine.engine import Engine
from wfnb.errors import ActivityFailed, CompileError, RunCancelled, StoreError
from wfnb.machine.semantics import replay
from wfnb.model.event import TaskCompleted, TaskFailed, TaskStarted
from wfnb.model.workflow import Retry


class Session:
    """Engines one after another on one history, each with activities that log their calls."""

    def __init__(self, path: Path, durability: Any) -> None:
        self.path = path
        self.durability = durability
        self.activities = Activities()
        self.calls: list[str] = []
        self.blocked: set[str] = set()

    def engine(self) -> Engine:
        return Engine(self.path, registry=self.activities, durability=self.durability)

    def define(self, name: str, give: Callable[..., Any] = lambda: None, retry: Retry | None = None) -> None:
        """An activity that logs its call and gives `give(...)`, or never ends while it is blocked."""

        async def body(**arguments: Any) -> Any:
            self.calls.append(name)
            if name in self.blocked:
                await asyncio.sleep(3600)
            return give(**arguments)

        self.activities.define(name=name, retry=retry)(body)

    async def until(self, name: str) -> None:
        """Wait until an activity was called."""
        await until(lambda: name in self.calls)


@pytest.fixture(params=["sync", "async"])
def session(tmp_path: Path, request: pytest.FixtureRequest) -> Session:
    return Session(tmp_path / "history.duckdb", request.param)


async def interrupted(session: Session, made: Flow, at: str, **inputs: Any) -> str:
    """Start a run and close its engine while the activity `at` is blocked; gives the run's id."""
    session.blocked = {at}
    async with session.engine() as engine:
        run = engine.start(made, **inputs)
        await session.until(at)
    with pytest.raises(StoreError):
        await run
    session.blocked.clear()
    session.calls.clear()
    return run.id


async def test_what_was_in_progress_runs_again_and_nothing_else(session: Session) -> None:
    session.define("a", lambda: 1)
    session.define("b", lambda: 2)
    session.define("c", lambda: 3)
    id = await interrupted(session, chain("a", "b", "c"), "b")
    async with session.engine() as engine:
        (run,) = await engine.resume()
        assert run.id == id
        assert await run == 3
        assert session.calls == ["b", "c"]
        started = [r.event for r in run.records() if isinstance(r.event, TaskStarted)]
        assert [(s.node, s.attempt) for s in started] == [("a", 1), ("b", 1), ("b", 2), ("c", 1)]
        assert [r.seq for r in run.records()] == list(range(1, len(run.records()) + 1))
        assert replay(run.machine, (r.event for r in run.records())) == run.state
        assert await engine.resume() == []


async def test_a_branch_is_kept_at_the_join(session: Session) -> None:
    for name in "abc":
        session.define(name, lambda: 1)
    made = flow("fan")
    join = made.join("join")
    made.start >> made.fork("fork") >> [made.task(n, n) for n in "ab"] >> join >> made.task("c", "c") >> made.end()
    await interrupted(session, made, "b")
    async with session.engine() as engine:
        (run,) = await engine.resume()
        await run
    assert session.calls == ["b", "c"]


async def test_a_crash_spends_no_retry(session: Session) -> None:
    failures = [1]

    def give() -> int:
        if failures:
            failures.pop()
            raise OSError("once")
        return 7

    session.define("a", give, Retry(attempts=2, delay=0))
    session.blocked = {"a"}
    async with session.engine() as engine:
        engine.start(chain("a"))
        await session.until("a")
    session.blocked.clear()
    session.calls.clear()
    for _ in range(2):
        session.blocked = {"a"}
        async with session.engine() as engine:
            await engine.resume()
            await session.until("a")
        session.blocked.clear()
        session.calls.clear()
    async with session.engine() as engine:
        (run,) = await engine.resume()
        assert await run == 7
        failed = [r.event for r in run.records() if isinstance(r.event, TaskFailed)]
        assert len(failed) == 1
        assert [r.event.attempt for r in run.records() if isinstance(r.event, TaskStarted)] == [1, 2, 3, 4, 5]


async def test_a_pause_before_a_retry_is_waited_for_again(session: Session) -> None:
    def fail() -> None:
        raise OSError("always")

    session.define("a", fail, Retry(attempts=2, delay=3600, maximum=3600))
    async with session.engine() as engine:
        run = engine.start(chain("a"))
        await until(lambda: run.state.retrying)
    async with session.engine() as engine:
        (run,) = await engine.resume()
        await asyncio.sleep(0.01)
        assert session.calls == ["a"]
        engine._host.clock = lambda: 2**62
    async with session.engine() as engine:
        engine._host.clock = lambda: 2**62  # the pause is over
        (run,) = await engine.resume()
        with pytest.raises(ActivityFailed):
            await run
    assert session.calls == ["a", "a"]


async def test_what_is_missing_is_named_and_nothing_is_resumed(session: Session) -> None:
    session.define("fetch")
    session.define("score")
    await interrupted(session, chain("fetch", "score"), "fetch")
    del session.activities._known["score"]
    session.define("scorer")
    async with session.engine() as engine:
        with pytest.raises(CompileError) as refused:
            await engine.resume()
        (told,) = refused.value.diagnostics
        assert told.code == "WF201"
        assert "task 'score' calls unknown activity 'score'" in told.message
        assert "Did you mean 'scorer'?" in told.help
        assert session.calls == []
        assert await engine.resume(skip_missing=True) == []
        session.define("score", lambda: 5)
        (run,) = await engine.resume()
        assert await run == 5


async def test_an_activity_that_takes_other_arguments_now_is_named_and_nothing_is_resumed(session: Session) -> None:
    """It would fail there, and the run with it, and what the run did would be taken back."""
    made = flow("changed")
    made.start >> made.task("wait", "fetch") >> made.task("score", "score", x=3) >> made.end(output="=score")
    session.define("fetch")
    session.activities.define(name="score")(lambda x: x)
    await interrupted(session, made, "fetch")
    session.activities.define(name="score")(lambda y: y)
    async with session.engine() as engine:
        with pytest.raises(CompileError) as refused:
            await engine.resume()
        assert [told.code for told in refused.value.diagnostics] == ["WF202", "WF203"]
        none, unknown = refused.value.diagnostics
        assert "task 'score' gives no argument 'y' to score(y)" in none.message
        assert "task 'score' gives argument 'x', which score(y) does not take" in unknown.message
        assert "define it as it was" in unknown.help
        session.activities.define(name="score")(lambda x, more=1: x + more)
        (run,) = await engine.resume()
        assert await run == 4


async def test_what_is_behind_may_be_missing(session: Session) -> None:
    session.define("fetch")
    session.define("score", lambda: 5)
    await interrupted(session, chain("fetch", "score"), "score")
    del session.activities._known["fetch"]
    async with session.engine() as engine:
        (run,) = await engine.resume()
        assert await run == 5


class Frame:
    """A result that is not JSON."""

    def __init__(self, n: int = 0) -> None:
        self.n = n


def frames() -> Flow:
    made = flow("frames")
    at = made.start
    for task in (
        made.task("unread", "make"),
        made.task("frame", "make"),
        made.task("double", "double", x="=frame"),
        made.task("json", "count", x="=double"),
        made.task("block", "block"),
        made.task("late", "count", x="=double"),
    ):
        at = at >> task
    at >> made.end()
    return made


async def test_a_lost_result_is_made_again_by_its_producer_alone(session: Session) -> None:
    session.define("make", lambda: Frame(1))
    session.define("double", lambda x: Frame(x.n * 2))
    session.define("count", lambda x: x.n)
    session.define("block", lambda: None)
    await interrupted(session, frames(), "block")
    async with session.engine() as engine:
        (run,) = await engine.resume()
        assert await run == 2
        # `double` needs `frame`; neither `unread` nor `json` runs again
        assert session.calls == ["make", "double", "block", "count"]
        again = [r.event for r in run.records() if isinstance(r.event, TaskStarted | TaskCompleted) and r.event.rerun]
        assert [(type(e).__name__, e.node, e.attempt) for e in again] == [
            ("TaskStarted", "frame", 2),
            ("TaskCompleted", "frame", 2),
            ("TaskStarted", "double", 2),
            ("TaskCompleted", "double", 2),
        ]
        assert [r.seq for r in run.records()] == list(range(1, len(run.records()) + 1))


async def lost(session: Session) -> str:
    """A run that lost `make`'s result and waits in `use`."""
    session.define("make", lambda: Frame(1))
    session.define("use", lambda x: x.n)
    made = flow("lost")
    made.start >> made.task("make", "make") >> made.task("use", "use", x="=make") >> made.end()
    return await interrupted(session, made, "use")


async def test_the_producer_of_a_lost_result_is_named_where_it_is_missing(session: Session) -> None:
    await lost(session)
    del session.activities._known["make"]
    async with session.engine() as engine:
        with pytest.raises(CompileError, match="task 'make' calls unknown activity 'make'"):
            await engine.resume()
        assert engine.store.heads()[0].status == "running"


async def test_a_producer_that_fails_now_fails_the_run(session: Session) -> None:
    await lost(session)
    session.define("make", lambda: 1 / 0)
    async with session.engine() as engine:
        (run,) = await engine.resume()
        with pytest.raises(ActivityFailed, match="ZeroDivisionError") as failed:
            await run
        assert isinstance(failed.value.__cause__, ZeroDivisionError)
        assert types(run)[-2:] == ["TaskCancelled", "RunFailed"]


async def test_cancelling_and_closing_while_a_producer_runs_again(session: Session) -> None:
    await lost(session)
    session.blocked = {"make"}
    async with session.engine() as engine:
        (run,) = await engine.resume()
        await session.until("make")
        assert await engine.resume() == []  # it is in progress
    session.calls.clear()
    async with session.engine() as engine:
        (run,) = await engine.resume()
        await session.until("make")
        run.cancel()
        with pytest.raises(RunCancelled):
            await run
        await asyncio.sleep(0.01)
        assert types(run)[-1] == "RunCancelled"


async def test_an_input_that_was_not_recorded_is_named(session: Session) -> None:
    session.define("use", lambda x: x.n)
    made = flow("input")
    made.start >> made.task("use", "use", x="=input.frame") >> made.end()
    id = await interrupted(session, made, "use", frame=Frame())
    async with session.engine() as engine:
        with pytest.raises(CompileError) as refused:
            await engine.resume()
        assert [d.code for d in refused.value.diagnostics] == ["WF210"]
        assert "its input 'frame'" in str(refused.value)
        run = engine.run(id)  # as the message says
        with pytest.raises(StoreError, match="is not in progress here"):
            await run
        run.cancel()
        with pytest.raises(RunCancelled):
            await run
        assert await engine.resume() == []


async def test_many_runs_are_resumed(session: Session) -> None:
    session.define("a", lambda: 1)
    session.define("b", lambda: 2)
    session.blocked = {"b"}
    async with session.engine() as engine:
        runs = [engine.start(chain("a", "b")) for _ in range(50)]
        await until(lambda: session.calls.count("b") == 50)
    session.blocked.clear()
    async with session.engine() as engine:
        resumed = await engine.resume()
        assert [run.id for run in resumed] == [run.id for run in runs]
        assert await asyncio.gather(*resumed) == [2] * 50


@pytest.mark.parametrize("session", ["sync"], indirect=True)
async def test_closing_while_a_commit_is_awaited_starts_nothing_more(session: Session) -> None:
    session.define("a")
    async with session.engine() as engine:
        engine.start(chain("a"))
    await asyncio.sleep(0.05)
    assert session.calls == []
    async with session.engine() as engine:
        (run,) = await engine.resume()
        await run
    assert session.calls == ["a"]


async def test_a_definition_may_change_meanwhile(session: Session) -> None:
    session.define("a", lambda: 1)
    session.define("b", lambda: 2)
    made = chain("a", "b")
    await interrupted(session, made, "b")
    made.task("c", "a")
    async with session.engine() as engine:
        (run,) = await engine.resume()
        assert await run == 2


def test_a_process_that_ends_without_closing(session: Session) -> None:
    session.define("a", lambda: 1)
    session.blocked = {"a"}

    async def begin() -> Engine:
        engine = session.engine()
        engine.start(chain("a"))
        await session.until("a")
        return engine

    engine = asyncio.run(begin())
    engine.close()  # in no loop
    session.blocked.clear()

    async def end() -> Any:
        async with session.engine() as engine:
            (run,) = await engine.resume()
            return await run

    assert asyncio.run(end()) == 1
