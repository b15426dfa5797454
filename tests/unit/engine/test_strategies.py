"""Strategies: how many tasks are in progress at once, of an engine, a run and a group; and who goes first."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from tests.unit.engine.kit import Activities, types
from wfnb.author.flow import Flow
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import ActivityFailed, RunCancelled
from wfnb.machine.check import check
from wfnb.model.strategy import limit_of
from wfnb.model.workflow import Retry
from wfnb.testing.clock import virtual_time


class Work:
    """Counts how many tasks are in progress, and remembers in which order they began."""

    def __init__(self, activities: Activities) -> None:
        self.inside = 0
        self.most = 0
        self.begun: list[str] = []
        activities.define(name="work")(self.work)

    async def work(self, id: str, seconds: float = 1) -> str:
        self.begun.append(id)
        self.inside += 1
        self.most = max(self.most, self.inside)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.inside -= 1
        return id


@pytest.fixture
def work(activities: Activities) -> Work:
    return Work(activities)


def fan(count: int = 6, **options: Any) -> Flow:
    flow = Flow("fan")
    tasks = [flow.task(f"t{number}", "work", id=f"t{number}") for number in range(count)]
    flow.start >> flow.fork("fork") >> tasks >> flow.join("join") >> flow.end()
    if options:
        flow.group("group", tasks, **options)
    return flow


def played(activities: Activities, main: Callable[[Engine], Any], **options: Any) -> Any:
    async def inside() -> Any:
        async with Engine(registry=activities, **options) as engine:
            return await main(engine)

    return virtual_time(inside())


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [("sequential", (1, 6)), ("parallel(2)", (2, 3)), ("parallel(4)", (4, 2)), ("concurrent", (6, 1))],
)
@pytest.mark.parametrize("where", ["engine", "run", "group"])
def test_a_strategy_says_how_many_tasks_are_in_progress(
    activities: Activities, work: Work, strategy: str, expected: tuple[int, int], where: str
) -> None:
    async def main(engine: Engine) -> tuple[Run, float]:
        flow = fan(strategy=strategy) if where == "group" else fan()
        run = engine.start(flow, strategy=strategy) if where == "run" else engine.start(flow)
        await run
        return run, asyncio.get_running_loop().time()

    run, took = played(activities, main, **({"strategy": strategy} if where == "engine" else {}))
    assert (work.most, took) == expected
    assert types(run).count("TaskStarted") == types(run).count("TaskCompleted") == 6
    assert work.begun == [f"t{number}" for number in range(6)]


def test_the_limit_of_an_engine_is_for_all_of_its_runs(activities: Activities, work: Work) -> None:
    async def main(engine: Engine) -> float:
        await asyncio.gather(*(engine.start(fan(3)) for _ in range(4)))
        return asyncio.get_running_loop().time()

    assert played(activities, main, strategy="parallel(3)") == 4
    assert work.most == 3


def test_children_count_where_their_parent_does(activities: Activities, work: Work) -> None:
    inner = fan(2).workflow
    activities.workflows.add(inner)
    flow = Flow("outer")
    body = flow.map("each", inner, [1, 2, 3])
    flow.start >> body >> flow.end()

    async def main(engine: Engine) -> None:
        await engine.start(flow, strategy="parallel(2)")

    played(activities, main)
    assert (work.most, len(work.begun)) == (2, 6)


def test_children_count_in_the_group_that_starts_them(activities: Activities, work: Work) -> None:
    inner = fan(2).workflow
    activities.workflows.add(inner)
    flow = Flow("outer")
    body = flow.map("each", inner, [1, 2, 3, 4])
    flow.start >> body >> flow.end()
    flow.group("group", [body], strategy="sequential")
    played(activities, lambda engine: _awaited(engine, flow))
    assert (work.most, len(work.begun)) == (1, 8)


async def _awaited(engine: Engine, flow: Flow) -> Any:
    return await engine.start(flow)


def test_of_those_that_wait_the_one_with_the_highest_priority_goes_first(activities: Activities, work: Work) -> None:
    flow = Flow("priorities")
    tasks = [flow.task(f"t{number}", "work", id=f"t{number}").options(priority=number % 3) for number in range(6)]
    flow.start >> flow.fork("fork") >> tasks >> flow.join("join") >> flow.end()
    played(activities, lambda engine: _awaited(engine, flow), strategy="sequential")
    assert work.begun == ["t0", "t2", "t5", "t1", "t4", "t3"]


def test_who_has_waited_goes_before_who_comes(activities: Activities, work: Work) -> None:
    flow = Flow("two chains")
    ends = []
    fork, join = flow.fork("fork"), flow.join("join")
    flow.start >> fork
    for name in "ab":
        at: Any = fork
        for number in range(3):
            at = at >> flow.task(f"{name}{number}", "work", id=f"{name}{number}")
        ends.append(at >> join)
    join >> flow.end()
    played(activities, lambda engine: _awaited(engine, flow), strategy="sequential")
    assert work.begun == ["a0", "b0", "a1", "b1", "a2", "b2"]


@pytest.mark.usefixtures("work")
def test_a_pause_before_the_next_attempt_holds_nobody_up(activities: Activities) -> None:
    failed: list[int] = []

    @activities.define(name="fragile")
    async def _() -> None:
        if not failed:
            failed.append(1)
            raise ValueError("once")

    flow = Flow("retried")
    fragile = flow.task("fragile", "fragile").options(retry=Retry(attempts=2, delay=10, jitter=0))
    flow.start >> flow.fork("fork") >> [fragile, flow.task("t", "work", id="t")] >> flow.join("join") >> flow.end()

    async def main(engine: Engine) -> list[str]:
        run = engine.start(flow)
        await run
        return [f"{r.event.node} {type(r.event).__name__}" for r in run.records() if hasattr(r.event, "attempt")]

    order = played(activities, main, strategy="sequential")
    assert order.index("t TaskCompleted") < order.index("fragile TaskCompleted")


@pytest.mark.parametrize("how", ["cancelled", "failed", "interrupted"])
def test_what_ends_early_gives_its_turn_back(activities: Activities, work: Work, how: str) -> None:
    @activities.define(name="bad")
    async def _() -> None:
        raise ValueError("no")

    async def main(engine: Engine) -> float:
        flow = fan(3)
        if how == "failed":
            flow = Flow("fails")
            tasks = [flow.task("bad", "bad"), flow.task("t", "work", id="t", seconds=50)]
            flow.start >> flow.fork("fork") >> tasks >> flow.join("join") >> flow.end()
        if how == "interrupted":
            flow = Flow("late")
            slow = flow.task("slow", "work", id="slow", seconds=50)
            flow.start >> slow >> flow.end("done")
            slow.after(2) >> flow.end("late")
        first = engine.start(flow)
        second = engine.start(fan(2))
        await asyncio.sleep(0.5)
        if how == "cancelled":
            first.cancel()
        for run, expected in ((first, (RunCancelled, ActivityFailed)), (second, ())):
            with contextlib.suppress(expected):
                await run
        return asyncio.get_running_loop().time()

    assert played(activities, main, strategy="sequential") <= 5
    assert work.inside == 0


def test_a_task_that_waits_for_a_lock_and_for_its_turn_is_not_stuck(activities: Activities, work: Work) -> None:
    flow = Flow("locks")
    tasks = [flow.task(f"t{number}", "work", id=f"t{number}").options(lock="one") for number in range(4)]
    flow.start >> flow.fork("fork") >> tasks >> flow.join("join") >> flow.end()

    async def main(engine: Engine) -> None:
        await asyncio.gather(engine.start(flow), engine.start(fan(3)), engine.start(flow))

    played(activities, main, strategy="parallel(2)")
    assert (work.most, len(work.begun)) == (2, 11)


def test_a_withdrawn_task_that_waited_for_its_turn_never_begins(activities: Activities, work: Work) -> None:
    flow = Flow("any")
    tasks = [flow.task(f"t{number}", "work", id=f"t{number}") for number in range(4)]
    flow.start >> flow.fork("fork") >> tasks >> flow.join("first", need="any", rest="cancel") >> flow.end()
    played(activities, lambda engine: _awaited(engine, flow), strategy="sequential")
    assert work.begun == ["t0"]


@pytest.mark.parametrize(
    ("strategy", "limit"), [("", None), ("concurrent", None), ("sequential", 1), ("parallel( 12 )", 12)]
)
def test_a_strategy_is_read(strategy: str, limit: int | None) -> None:
    assert limit_of(strategy) == limit


@pytest.mark.parametrize(
    "strategy", ["parallel", "parallel(0)", "parallel(-1)", "all", "Sequential", "parallel(1.5)", 4, ["sequential"]]
)
def test_what_is_no_strategy_is_refused(activities: Activities, strategy: Any) -> None:
    with pytest.raises(ValueError, match=r"strategy is .*\nknown: 'sequential'"):
        Engine(registry=activities, strategy=strategy)
    with pytest.raises(ValueError, match="strategy is"):
        fan(strategy=strategy)


@pytest.mark.usefixtures("work")
def test_check_names_a_group_whose_strategy_is_none(activities: Activities) -> None:
    workflow = fan(strategy="sequential").workflow
    nodes = [msgspec.structs.replace(n, strategy="some") if n.id == "group" else n for n in workflow.nodes]
    (found,) = check(msgspec.structs.replace(workflow, nodes=tuple(nodes)), activities).diagnostics
    assert (found.code, found.nodes, found.field) == ("WF128", ("group",), "strategy")
    assert found.message == "group 'group' has the strategy 'some', which is none"


def test_an_attempt_that_waits_for_its_turn_may_be_called_off(activities: Activities) -> None:
    """Its pause is over, no slot is free, and its timer interrupts it: it does not begin."""
    work = Work(activities)
    tries: list[int] = []

    @activities.define(name="tried", retry=Retry(attempts=2, delay=1, jitter=0))
    async def _() -> None:
        tries.append(1)
        raise ValueError("no")

    flow = Flow("waiting for a turn")
    tried = flow.task("tried", "tried")
    flow.start >> flow.fork("fork") >> [tried, flow.task("long", "work", id="long", seconds=60)]
    flow.node("long") >> flow.end("end of long")
    tried >> flow.end("never")
    tried.after(5) >> flow.task("late", "work", id="late") >> flow.end("end of it")

    async def main() -> Run:
        async with Engine(registry=activities, strategy="sequential") as engine:
            run = engine.start(flow)
            await run
            return run

    run = virtual_time(main())
    assert (tries, work.begun) == ([1], ["long", "late"])
    ended = [type(r.event).__name__ for r in run.records() if getattr(r.event, "node", "") == "tried"]
    assert ended == ["TaskStarted", "TimerStarted", "TaskFailed", "TimerFired", "TaskCancelled"]
