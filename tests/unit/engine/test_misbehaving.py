"""Functions that misbehave: each ends in a clear state with a clear message, and the kernel stays responsive."""

from __future__ import annotations

import asyncio
import gc
import threading
from typing import Any

import pytest

from tests.unit.engine import errands
from tests.unit.engine.kit import Activities, chain, types, until
from wfnb.engine.engine import Engine
from wfnb.engine.executors.threads import MAX_THREADS
from wfnb.errors import ActivityFailed, RunCancelled
from wfnb.model.event import TaskCompleted


async def responds(engine: Engine, activities: Activities) -> bool:
    """Whether the engine still runs what it is given, on the loop and in threads."""

    async def here() -> int:
        return 1

    def there() -> int:
        return 2

    activities.define()(here)
    activities.define()(there)
    return [await engine.start(chain("here")), await engine.start(chain("there"))] == [1, 2]


async def test_a_blocking_function_leaves_the_kernel_responsive(engine: Engine, activities: Activities) -> None:
    goes_on = threading.Event()

    @activities.define()
    def blocks() -> str:
        goes_on.wait()
        return "done"

    run = engine.start(chain("blocks"))
    assert await responds(engine, activities)
    assert run.status == "running"
    goes_on.set()
    assert await run == "done"


async def test_functions_that_never_return_are_cancelled_at_once_and_take_no_room(
    engine: Engine, activities: Activities
) -> None:
    never = threading.Event()
    begun: list[int] = []

    @activities.define()
    def hangs() -> None:
        begun.append(1)
        never.wait()

    try:
        runs = [engine.start(chain("hangs")) for _ in range(MAX_THREADS)]
        await until(lambda: len(begun) == MAX_THREADS)
        for run in runs:
            run.cancel("it hangs")
            assert run.status == "cancelled"
            with pytest.raises(RunCancelled):
                await run
        assert await responds(engine, activities)
    finally:
        never.set()


@pytest.mark.parametrize("executor", ["loop", "thread"])
@pytest.mark.parametrize("kind", [SystemExit, KeyboardInterrupt, GeneratorExit, BaseException])
async def test_a_base_exception_fails_its_run_alone(
    engine: Engine, activities: Activities, executor: str, kind: type[BaseException]
) -> None:
    @activities.define(executor=executor)
    def raises() -> None:
        raise kind("enough")

    run = engine.start(chain("raises"))
    with pytest.raises(ActivityFailed, match=f"task 'raises' failed: {kind.__name__}: enough"):
        await run
    assert run.status == "failed"
    assert await responds(engine, activities)


@pytest.mark.parametrize("executor", ["loop", "thread"])
async def test_an_exception_whose_text_ends_the_kernel_fails_its_run_alone(
    engine: Engine, activities: Activities, executor: str
) -> None:
    class Hostile(Exception):
        def __str__(self) -> str:
            raise KeyboardInterrupt

    @activities.define(executor=executor)
    def raises() -> None:
        raise Hostile

    run = engine.start(chain("raises"))
    with pytest.raises(ActivityFailed, match="task 'raises' failed: Hostile: <str failed: KeyboardInterrupt>"):
        await run
    assert await responds(engine, activities)


async def test_a_result_that_can_not_be_stored_is_passed_on_alive_and_noted(
    engine: Engine, activities: Activities
) -> None:
    class Unrepresentable:
        def __repr__(self) -> str:
            raise ValueError

        def __eq__(self, other: object) -> bool:
            raise ValueError

        __hash__ = None  # type: ignore[assignment]

    @activities.define()
    def gives() -> Any:
        return Unrepresentable()

    run = engine.start(chain("gives"))
    assert type(await run) is Unrepresentable
    assert type(run.values["gives"]) is Unrepresentable
    (completed,) = [e for record in run.records() if isinstance(e := record.event, TaskCompleted)]
    assert completed.unstored
    assert (completed.unstored.preview, completed.unstored.type.rpartition(".")[2]) == (
        "<repr failed: ValueError>",
        "Unrepresentable",
    )


@pytest.mark.parametrize("executor", ["loop", "thread"])
async def test_an_activity_that_cancels_itself_fails_and_the_kernel_goes_on(
    engine: Engine, activities: Activities, executor: str
) -> None:
    @activities.define(executor=executor)
    async def cancels() -> None:
        current = asyncio.current_task()
        assert current is not None
        current.cancel()
        await asyncio.sleep(1)

    run = engine.start(chain("cancels"))
    with pytest.raises(ActivityFailed, match="CancelledError"):
        await run
    assert run.status == "failed"
    assert await responds(engine, activities)


async def test_tasks_that_an_activity_leaks_do_not_keep_its_run_and_see_none_of_what_follows(
    engine: Engine, activities: Activities
) -> None:
    goes_on, leaked = asyncio.Event(), []

    async def lives_on() -> str:
        await goes_on.wait()
        print("late")
        return "over"

    @activities.define()
    async def leaks() -> str:
        leaked.append(asyncio.create_task(lives_on()))
        return "given"

    run = engine.start(chain("leaks"))
    await run
    assert (run.status, run.values) == ("completed", {"leaks": "given"})
    assert await responds(engine, activities)
    before = types(run)
    goes_on.set()
    assert await leaked[0] == "over"
    assert types(run) == before


async def test_a_leaked_task_that_fails_is_reported_by_the_loop_and_harms_no_run(
    engine: Engine, activities: Activities
) -> None:
    told: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context["message"]))

    async def fails() -> None:
        raise ValueError("nobody waits for this")

    @activities.define()
    async def leaks() -> None:
        asyncio.create_task(fails())  # noqa: RUF006 - that nobody keeps it is the fault

    run = engine.start(chain("leaks"))
    await run
    await asyncio.sleep(0)
    gc.collect()
    assert run.status == "completed"
    assert told == ["Task exception was never retrieved"]
    assert await responds(engine, activities)


@pytest.mark.parametrize(("activity", "arguments"), [("segfaults", {}), ("leaves", {"code": 9}), ("is_killed", {})])
async def test_a_process_that_crashes_fails_its_task_and_leaves_the_kernel_as_it_was(
    engine: Engine, activities: Activities, activity: str, arguments: dict[str, Any]
) -> None:
    activities.define(executor="process")(getattr(errands, activity))
    run = engine.start(chain(activity, **arguments))
    with pytest.raises(Exception, match=f"the process of activity '{activity}' "):
        await run
    assert run.error is not None
    assert (run.status, run.error.type, run.error.node) == ("failed", "WorkerDied", activity)
    assert await responds(engine, activities)
