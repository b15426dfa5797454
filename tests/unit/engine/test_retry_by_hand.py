"""Failed tasks tried again by hand: in the pause before their next attempt, and after the run has failed of them."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from tests.patterns.kit import given, play, task
from tests.unit.engine.kit import Activities, chain, types, until
from wfnb.author.flow import Flow, flow
from wfnb.engine.engine import Engine
from wfnb.errors import ActivityFailed, CompileError, StoreError, UnknownName, WfnbError
from wfnb.history.progress import fold
from wfnb.history.rows import task_rows
from wfnb.machine.semantics import replay
from wfnb.model.event import Event, RunFailed, TaskStarted
from wfnb.model.workflow import Retry
from wfnb.testing import virtual_time


class Flaky:
    """Activities that fail as long as they are named in `bad`."""

    def __init__(self, activities: Activities, names: str = "abc") -> None:
        self.bad: set[str] = set()
        self.calls: list[str] = []
        for name in names:
            self._define(activities, name)

    def _define(self, activities: Activities, name: str) -> None:
        @activities.define(name=name)
        async def body() -> Any:
            self.calls.append(name)
            await asyncio.sleep(0)
            if name in self.bad:
                raise OSError(name)
            return name


def test_a_pause_before_the_next_attempt_is_cut_short() -> None:
    flow = Flow("retried")
    flow.start >> task(flow, "a", fails="Bad").options(retry=Retry(attempts=2, delay=3600, maximum=3600)) >> flow.end()
    ran = play(flow, {5: lambda run: run.retry("a")})
    assert [span.begun for span in ran.spans] == [0, 5]
    assert ran.status == "failed"


async def test_what_is_not_in_a_pause_can_not_be_retried(engine: Engine, activities: Activities) -> None:
    Flaky(activities)
    run = engine.start(chain("a"))
    with pytest.raises(UnknownName):
        run.retry("x")
    with pytest.raises(WfnbError, match="'a' is in a pause before its next attempt"):
        run.retry("a")
    await run
    with pytest.raises(WfnbError, match="nothing is left to retry: the run completed"):
        run.retry()


async def test_a_failed_run_goes_on_where_it_failed(engine: Engine, activities: Activities) -> None:
    flaky = Flaky(activities)
    flaky.bad = {"b"}
    run = engine.start(chain("a", "b", "c"))
    with pytest.raises(ActivityFailed):
        await run
    with pytest.raises(WfnbError, match="'a' is not what failed\nretry 'b'"):
        run.retry("a")
    run.retry()
    with pytest.raises(ActivityFailed):  # once more in vain
        await run
    flaky.bad = set()
    run.retry("b")
    assert run.status == "running"
    assert engine.runs == {run.id: run}
    assert await run == "c"
    assert run.cause is None
    assert flaky.calls == ["a", "b", "b", "b", "c"]
    visits = [(r.event.node, r.event.visit) for r in run.records() if isinstance(r.event, TaskStarted)]
    assert visits == [("a", 1), ("b", 1), ("b", 2), ("b", 3), ("c", 1)]
    assert replay(run.machine, (r.event for r in run.records())) == run.state
    (head,) = engine.store.heads()
    assert head.status == "completed"
    assert run.tasks()["status"].tolist() == ["completed", "failed", "failed", "completed", "completed"]
    assert [row.status for row in task_rows(engine.store, run.id)] == run.tasks()["status"].tolist()
    progress = fold(run.machine, run.records())
    assert (progress.state, progress.error, progress.nodes["b"].error) == ("completed", "", "")


def test_what_was_called_off_with_it_begins_again(activities: Activities) -> None:
    begun: list[tuple[str, float]] = []

    @activities.define()
    async def work(id: str, seconds: float = 1, fails: bool = False) -> str:
        now = asyncio.get_running_loop().time()
        begun.append((id, now))
        await asyncio.sleep(seconds)
        if fails and now < 3:
            raise OSError(id)
        return id

    inner = Flow("inner")
    inner.start >> task(inner, "x", seconds=2) >> inner.end(output="=x")
    flow = given(Flow("fan"), inner)
    join, ask, wait = flow.join("join"), flow.approval("ask"), flow.wait("wait")
    branches = [task(flow, "bad", fails=True), task(flow, "long", seconds=5), flow.call("call", "inner"), ask]
    flow.start >> flow.fork("fork") >> [*branches, wait]
    for branch in branches:
        branch >> join
    wait.on("go") >> join
    join >> flow.end(output="=[bad, long, call, ask, wait]")

    async def main() -> None:
        async with Engine(registry=activities) as engine:
            run = engine.start(flow)
            with pytest.raises(ActivityFailed):
                await run
            await asyncio.sleep(2)
            run.retry()
            assert [(asked.node, asked.visit) for asked in run.approvals] == [("ask", 2)]
            assert run.signals == ("go",)
            run.approve("ask", "yes")
            run.signal("go", 7)
            assert await run == ["bad", "long", "x", "yes", 7]
            assert replay(run.machine, (r.event for r in run.records())) == run.state

    virtual_time(main())
    assert sorted(begun) == [("bad", 0), ("bad", 3), ("long", 0), ("long", 3), ("x", 0), ("x", 3)]


async def test_a_run_of_an_earlier_session_can_be_retried(tmp_path: Path, activities: Activities) -> None:
    flaky = Flaky(activities)
    flaky.bad = {"b"}
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        run = engine.start(chain("a", "b", "c"))
        with pytest.raises(ActivityFailed):
            await run
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        assert [head.status for head in engine.store.heads()] == ["failed"]
        again = engine.run(run.id)
        flaky.bad = set()
        again.retry()
        assert [head.status for head in engine.store.heads()] == ["running"]
        assert await again == "c"
        assert flaky.calls == ["a", "b", "b", "c"]
        assert [head.status for head in engine.store.heads()] == ["completed"]
        assert engine.sql("select status, ended is not null as over from runs").iloc[0].tolist() == ["completed", True]


async def test_an_archived_run_is_not_retried(tmp_path: Path, activities: Activities) -> None:
    flaky = Flaky(activities)
    flaky.bad = {"b"}
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        run = engine.start(chain("a", "b"))
        with pytest.raises(ActivityFailed):
            await run
        await engine.archive(runs=[run.id])
        with pytest.raises(StoreError, match=r"is archived .*\nstart it again, or fork it"):
            engine.run(run.id).retry()
        assert engine.run(run.id).status == "failed"
        flaky.bad = set()
        assert await engine.run(run.id).fork() == "b"


async def test_a_retried_run_survives_a_restart(tmp_path: Path, activities: Activities) -> None:
    flaky = Flaky(activities)
    flaky.bad = {"b"}
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        run = engine.start(chain("a", "b", "c"))
        with pytest.raises(ActivityFailed):
            await run
        flaky.bad = set()
        run.retry()
        run.pause()
        await until(lambda: run.rests(timers=True))
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        (again,) = await engine.resume()
        assert again.status == "paused"
        again.resume()
        assert await again == "c"


async def test_a_run_that_took_back_what_it_did_is_not_retried(engine: Engine, activities: Activities) -> None:
    flaky = Flaky(activities, "abu")
    flaky.bad = {"b"}
    made = flow("undone")
    made.start >> made.task("a", "a").options(compensate=("u", {})) >> made.task("b", "b") >> made.end()
    run = engine.start(made)
    with pytest.raises(ActivityFailed):
        await run
    with pytest.raises(WfnbError, match="what the run had done was taken back"):
        run.retry()


async def test_a_run_that_failed_of_no_task_is_not_retried(engine: Engine, activities: Activities) -> None:
    Flaky(activities)
    made = flow("refused")
    made.start >> made.task("a", "a") >> made.end(error="Refused")
    run = engine.start(made)
    with pytest.raises(WfnbError):
        await run
    with pytest.raises(WfnbError, match="no task failed that could run again"):
        run.retry()


async def test_what_is_missing_to_retry_is_named(tmp_path: Path, activities: Activities) -> None:
    flaky = Flaky(activities)
    flaky.bad = {"b"}
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        run = engine.start(chain("a", "b", "c"))
        with pytest.raises(ActivityFailed):
            await run
    del activities._known["c"]
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        with pytest.raises(CompileError, match="1 thing is missing to retry this run"):
            engine.run(run.id).retry()
        assert types(engine.run(run.id))[-1] == "RunFailed"


async def test_lost_values_are_made_again_before_a_retry(tmp_path: Path, activities: Activities) -> None:
    made_values: list[object] = []

    @activities.define()
    async def make() -> Any:
        made_values.append(object())
        return made_values[-1]

    @activities.define()
    async def use(value: Any) -> str:
        if len(made_values) < 2:
            raise OSError("no")
        return type(value).__name__

    made = flow("lost")
    made.start >> made.task("a", "make") >> made.task("b", "use", value="=a") >> made.end(output="=b")
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        run = engine.start(made)
        with pytest.raises(ActivityFailed):
            await run
    async with Engine(tmp_path / "h.duckdb", registry=activities) as engine:
        again = engine.run(run.id)
        again.retry()
        assert await again == "object"


async def test_a_child_is_retried_with_its_parent(engine: Engine, activities: Activities) -> None:
    flaky = Flaky(activities)
    flaky.bad = {"b"}
    inner = chain("a", "b")
    outer = given(flow("outer"), inner)
    outer.start >> outer.call("call", "chain") >> outer.end()
    run = engine.start(outer)
    with pytest.raises(ActivityFailed):
        await run
    with pytest.raises(WfnbError, match=r"is a child of '\w+'\nretry that one"):
        engine.run(f"{run.id}/call").retry()
    flaky.bad = set()
    run.retry()
    assert await run == "b"
    assert [head.run.partition("/")[2] for head in engine.store.heads()] == ["", "call"]
    assert [head.status for head in engine.store.heads()] == ["completed", "completed"]
    assert flaky.calls == ["a", "b", "b"]
    assert replay(run.machine, (r.event for r in run.records())) == run.state
    assert run.tasks()["status"].tolist() == ["failed", "completed"]
    assert engine.run(f"{run.id}/call").tasks()["status"].tolist() == ["completed", "failed", "completed"]


async def test_a_spawned_child_that_failed_is_spawned_again(engine: Engine, activities: Activities) -> None:
    flaky = Flaky(activities)
    flaky.bad = {"b"}
    made = flow("spawning")
    out = made.fork("out")
    made.start >> out >> made.task("a", "a") >> made.end()
    out.spawn() >> made.task("b", "b") >> made.end("other")
    run = engine.start(made)
    with pytest.raises(ActivityFailed):
        await run
    flaky.bad = set()
    run.retry()
    await run
    assert flaky.calls.count("b") == 2
    assert replay(run.machine, (r.event for r in run.records())) == run.state


@pytest.mark.parametrize("on_disk", [True, False])
async def test_a_run_whose_failure_is_on_its_way_to_the_disk_is_tried_again_as_well(
    on_disk: bool, tmp_path: Path, activities: Activities
) -> None:
    flaky = Flaky(activities)
    flaky.bad = {"a"}
    async with Engine(tmp_path / "h.duckdb" if on_disk else None, registry=activities) as engine:
        run = engine.start(chain("a", "b"))

        def at_once(_: Any, events: list[Event]) -> None:
            if any(isinstance(event, RunFailed) for event in events):
                flaky.bad = set()
                asyncio.get_running_loop().call_soon(run.retry)

        run.subscribe(at_once)
        with suppress(ActivityFailed):  # who waited before it was tried again may hear of either end
            await run
        await until(lambda: run.status == "completed")
        assert await run == "b"
        assert run.id not in engine.runs
        assert types(run)[2:5] == ["TaskFailed", "RunFailed", "RunReopened"]
