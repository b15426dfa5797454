"""What an activity is executed for: its idempotency key is the same for each attempt of a visit, and for no other."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from tests.unit.engine import errands
from tests.unit.engine.kit import Activities, chain
from wfnb.author.edits import SetWorkflow
from wfnb.author.flow import Flow, flow
from wfnb.engine.engine import Engine
from wfnb.engine.signs import Attempt, attempt
from wfnb.errors import RunError
from wfnb.model.workflow import Retry


@pytest.fixture
def told(activities: Activities) -> list[Attempt | None]:
    told: list[Attempt | None] = []

    @activities.define()
    async def tells() -> int:
        await asyncio.sleep(0)
        told.append(attempt())
        return len(told)

    @activities.define(retry=Retry(attempts=3, delay=0))
    async def fails() -> None:
        told.append(attempt())
        raise ValueError

    return told


@pytest.mark.parametrize("executor", ["loop", "thread", "process"])
async def test_an_activity_knows_its_key_wherever_it_runs(
    engine: Engine, activities: Activities, executor: str
) -> None:
    activities.define(executor=executor)(errands.keyed)
    run = engine.start(chain("keyed"))
    assert await run == (f"{run.id}/keyed/1", 1)
    assert attempt() is None


async def test_attempts_of_a_visit_have_one_key_and_another_visit_has_another(
    engine: Engine, told: list[Attempt | None]
) -> None:
    run = engine.start(chain("fails"))
    with suppress(RunError):
        await run
    assert [one and (one.key, one.number) for one in told] == [(f"{run.id}/fails/1", n) for n in (1, 2, 3)]
    told.clear()
    loop = flow("loop")
    gate = loop.choice("gate")
    loop.start >> loop.task("tells", "tells") >> gate
    gate.when("tells < 2") >> loop.node("tells")
    gate.otherwise() >> loop.end()
    run = engine.start(loop)
    await run
    assert [one and one.key for one in told] == [f"{run.id}/tells/1", f"{run.id}/tells/2"]


async def test_tasks_side_by_side_and_in_children_have_keys_of_their_own(
    engine: Engine, told: list[Attempt | None]
) -> None:
    made = Flow("outer")
    made.document.apply([SetWorkflow(workflows={"inner": chain("tells").workflow})])
    branches = [made.task("a", "tells"), made.task("b", "tells"), made.call("c", "inner")]
    made.start >> made.fork("fork") >> branches >> made.join("join") >> made.end()
    run = engine.start(made)
    await run
    assert {one.key for one in told if one} == {f"{run.id}/a/1", f"{run.id}/b/1", f"{run.id}/c/tells/1"}


async def test_after_a_restart_the_key_is_the_same_and_the_attempt_the_next(
    activities: Activities, told: list[Attempt | None], tmp_path: Path
) -> None:
    @activities.define()
    async def waits() -> None:
        told.append(attempt())
        if len(told) == 1:
            await asyncio.Event().wait()

    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        engine.start(chain("waits"))
        while not told:  # noqa: ASYNC110 - until its commit
            await asyncio.sleep(0)
    async with Engine(tmp_path / "history.duckdb", registry=activities) as engine:
        (run,) = await engine.resume()
        await run
    assert told == [Attempt(run.id, "waits", 1, 1), Attempt(run.id, "waits", 1, 2)]
    assert {one.key for one in told if one} == {f"{run.id}/waits/1"}


async def test_what_takes_a_task_back_has_a_key_of_its_own(engine: Engine, told: list[Attempt | None]) -> None:
    made = flow("taken back")
    made.start >> made.task("a", "tells").options(compensate="tells") >> made.task("b", "fails") >> made.end()
    run = engine.start(made)
    with suppress(RunError):
        await run
    assert [one and one.key for one in told if one and one.node == "a"] == [f"{run.id}/a/1", f"{run.id}/a/1/back"]
