"""Who carried an attempt out, and what it took: measured where that can be told, recorded, and shown in the tables."""

from __future__ import annotations

import os
import threading
from collections.abc import AsyncIterator

import msgspec
import pytest
from msgspec import UNSET

from tests.unit.engine import errands
from tests.unit.engine.kit import Activities, chain
from wfnb.author.flow import flow
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import ActivityFailed, WorkerDied
from wfnb.history import frames
from wfnb.model.event import TaskCompleted, TaskFailed, Usage, decode, encode
from wfnb.model.workflow import Retry

MEGABYTE = 1_000_000


@pytest.fixture
async def engine(activities: Activities) -> AsyncIterator[Engine]:
    for function in (errands.double, errands.pid, errands.raises, errands.leaves):
        activities.define(executor="process")(function)
    async with Engine(registry=activities, workers=1) as made:
        yield made


def usages(run: Run) -> list[Usage | None]:
    """What is recorded of each attempt that ended."""
    ends = [r.event for r in run.records() if isinstance(r.event, TaskCompleted | TaskFailed)]
    return [None if end.usage is UNSET else end.usage for end in ends]


async def test_a_thread_is_named_and_its_processor_measured(engine: Engine, activities: Activities) -> None:
    @activities.define(name="name")
    def name() -> str:
        return threading.current_thread().name

    run = engine.start(chain("name"))
    thread = await run
    (usage,) = usages(run)
    assert usage is not None
    assert thread == f"wfnb-activity-{usage.worker.removeprefix('thread-')}"
    assert usage.cpu is not None
    assert usage.cpu >= 0
    assert usage.memory is None


async def test_each_blocked_thread_is_a_worker_of_its_own(engine: Engine, activities: Activities) -> None:
    met = threading.Barrier(2)

    @activities.define(name="meets")
    def meets() -> int:
        return met.wait(10)

    made = flow("two")
    (
        made.start
        >> made.fork("fork")
        >> [made.task("a", "meets"), made.task("b", "meets")]
        >> made.join("join")
        >> made.end()
    )
    run = engine.start(made)
    await run
    assert {usage.worker for usage in usages(run) if usage} == {"thread-1", "thread-2"}


async def test_a_process_says_what_it_took(engine: Engine) -> None:
    run = engine.start(chain("pid"))
    pid = await run
    (usage,) = usages(run)
    assert usage is not None
    assert usage.worker == f"process-{pid}"
    assert pid != os.getpid()
    assert usage.cpu is not None
    assert usage.cpu >= 0
    assert usage.memory is not None
    assert usage.memory > MEGABYTE


async def test_failed_attempts_are_measured_too(engine: Engine, activities: Activities) -> None:
    @activities.define(name="bad", retry=Retry(attempts=2, delay=0))
    def bad() -> None:
        raise ValueError

    run = engine.start(chain("bad"))
    with pytest.raises(ActivityFailed):
        await run
    assert [usage is not None and usage.worker for usage in usages(run)] == ["thread-1", "thread-1"]
    run = engine.start(chain("raises", kind="ValueError"))
    with pytest.raises(ActivityFailed):
        await run
    (usage,) = usages(run)
    assert usage is not None
    assert usage.memory is not None


async def test_of_a_process_that_dies_only_its_id_is_known(engine: Engine) -> None:
    run = engine.start(chain("leaves", code=3))
    with pytest.raises(WorkerDied):
        await run
    (usage,) = usages(run)
    assert usage is not None
    assert usage.worker.startswith("process-")
    assert (usage.cpu, usage.memory) == (None, None)


async def test_nothing_is_measured_on_the_loop_nor_of_what_did_not_run(engine: Engine, activities: Activities) -> None:
    @activities.define(name="quick")
    async def quick() -> int:
        return 1

    @activities.define(name="pinned")
    def pinned() -> int:
        raise AssertionError

    run = engine.start(chain("quick", "pinned"), pins={"pinned": 2})
    await run
    assert usages(run) == [None, None]


async def test_an_attempt_on_the_loop_after_one_in_a_thread_has_none(engine: Engine, activities: Activities) -> None:
    @activities.define(name="blocking")
    def blocking() -> int:
        return 1

    @activities.define(name="quick")
    async def quick() -> int:
        return 2

    run = engine.start(chain("blocking", "quick"))
    await run
    assert [usage is not None for usage in usages(run)] == [True, False]


async def test_tables_show_it(engine: Engine, activities: Activities) -> None:
    activities.define(name="there", executor="process")(errands.double)
    made = flow("shown")
    made.start >> made.task("a", "there", x=1).options(resources={"cpu": 1}) >> made.end()
    run = engine.start(made)
    await run
    (usage,) = usages(run)
    assert usage is not None
    for name in ("tasks", "resources"):
        (row,) = frames.table(engine.store, name).to_dict("records")
        assert (row["worker"], row["cpu"], row["memory"]) == (usage.worker, usage.cpu, usage.memory)


def test_older_histories_have_none() -> None:
    completed = decode(b'{"type":"TaskCompleted","node":"a","visit":1,"attempt":1,"value":3}')
    assert isinstance(completed, TaskCompleted)
    assert completed.usage is UNSET
    assert b"usage" not in encode(completed)
    measured = msgspec.structs.replace(completed, usage=Usage("thread-1", 0.25))
    assert decode(encode(measured)) == measured
