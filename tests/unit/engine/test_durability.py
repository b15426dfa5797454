"""Durability: when a run's events are handed to the store, and what waits until they are on the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from tests.unit.engine.kit import Activities, chain, types
from wfnb.author.flow import Flow
from wfnb.engine.engine import Engine
from wfnb.errors import WfnbError
from wfnb.store.memory import MemoryStore
from wfnb.store.protocol import Row


class Slow(MemoryStore):
    """Says that it is durable, and acknowledges only when told."""

    durable = True

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[asyncio.Future[None]] = []

    def append(
        self,
        run: str,
        epoch: int,
        expected: int,
        rows: Sequence[Row],
        acknowledged: asyncio.Future[None] | None = None,
    ) -> None:
        super().append(run, epoch, expected, rows)
        if acknowledged is not None:
            self.waiting.append(acknowledged)

    def acknowledge(self) -> None:
        waiting, self.waiting = self.waiting, []
        for future in waiting:
            future.set_result(None)


@pytest.fixture
def begun(activities: Activities) -> list[str]:
    begun: list[str] = []
    for name in "abc":

        async def work(name: str = name) -> str:
            begun.append(name)
            return name

        activities.define(name=name)(work)
    return begun


@pytest.fixture
def store() -> Slow:
    return Slow()


@pytest.fixture
def engine(activities: Activities, store: Slow) -> Engine:
    made = Engine(registry=activities)
    made._host.store = store
    return made


async def turns() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_in_sync_mode_successors_wait_for_the_commit_of_what_precedes_them(
    engine: Engine, store: Slow, begun: list[str]
) -> None:
    run = engine.start(chain("a", "b", "c"))
    for expected in ([], ["a"], ["a", "b"], ["a", "b", "c"]):
        await turns()
        assert begun == expected
        assert run.status == "running" or expected == ["a", "b", "c"]
        store.acknowledge()
    await run


async def test_in_async_mode_only_the_end_waits(engine: Engine, store: Slow, begun: list[str]) -> None:
    run = engine.start(chain("a", "b", "c"), durability="async")
    await turns()
    assert begun == ["a", "b", "c"]
    waiting = asyncio.ensure_future(_awaited(run))
    await turns()
    assert not waiting.done()
    store.acknowledge()
    assert await waiting == "c"
    assert len(list(store.appends())) == 4


async def test_in_exit_mode_everything_is_appended_at_the_end(engine: Engine, store: Slow, begun: list[str]) -> None:
    run = engine.start(chain("a", "b", "c"), durability="exit")
    await turns()
    assert begun == ["a", "b", "c"]
    (entry,) = store.appends()
    assert len(entry[3]) == run.state.seq == 8
    store.acknowledge()
    await run


async def test_in_exit_mode_asking_for_the_history_appends_what_there_is(
    engine: Engine, store: Slow, activities: Activities
) -> None:
    go_on = asyncio.Event()

    @activities.define(name="slow")
    async def _() -> None:
        await go_on.wait()

    run = engine.start(chain("slow"), durability="exit")
    await turns()
    assert not list(store.appends())
    assert types(run) == ["RunStarted", "TaskStarted"]
    assert run.at(2).busy
    go_on.set()
    await turns()
    assert len(list(store.appends())) == 2
    store.acknowledge()
    await run
    assert types(run) == ["RunStarted", "TaskStarted", "TaskCompleted", "RunCompleted"]


async def test_in_exit_mode_a_run_whose_engine_is_closed_can_be_resumed(store: Slow, activities: Activities) -> None:
    @activities.define(name="slow")
    async def _() -> str:
        if not again:
            await asyncio.Event().wait()
        return "done"

    again = False
    engine = Engine(registry=activities)
    engine._host.store = store
    run = engine.start(chain("slow"), durability="exit")
    await turns()
    engine.close()
    store._closed, again = False, True
    second = Engine(registry=activities)
    second._host.store = store
    (resumed,) = await second.resume()
    assert resumed.id == run.id
    await turns()
    assert len(list(store.appends())) == 2  # it is still of that durability
    store.acknowledge()
    assert await resumed == "done"


async def test_a_task_may_be_more_durable_than_its_run(engine: Engine, store: Slow, begun: list[str]) -> None:
    flow = Flow("mixed")
    at: Any = flow.start
    for name in "abc":
        at = at >> flow.task(name, name).options(durability="sync" if name == "b" else None)
    at >> flow.end()
    run = engine.start(flow, durability="async")
    for expected in (["a"], ["a", "b"], ["a", "b", "c"]):
        await turns()
        assert begun == expected
        store.acknowledge()
    await run


async def test_or_less(engine: Engine, store: Slow, begun: list[str]) -> None:
    flow = Flow("mixed")
    at: Any = flow.start
    for name in "abc":
        at = at >> flow.task(name, name).options(durability="async" if name != "a" else None)
    at >> flow.end()
    run = engine.start(flow)
    for expected in ([], ["a"], ["a", "b", "c"]):
        await turns()
        assert begun == expected
        store.acknowledge()
    await run


async def test_a_durable_task_of_a_run_in_exit_mode_takes_what_precedes_it_along(
    engine: Engine, store: Slow, begun: list[str]
) -> None:
    flow = Flow("mixed")
    at: Any = flow.start
    for name in "abc":
        at = at >> flow.task(name, name).options(durability="sync" if name == "c" else None)
    at >> flow.end()
    run = engine.start(flow, durability="exit")
    await turns()
    assert begun == ["a", "b"]
    (entry,) = store.appends()
    assert [row.type for row in entry[3]][-2:] == ["TaskCompleted", "TaskStarted"]
    store.acknowledge()
    await turns()
    store.acknowledge()
    await run
    assert begun == ["a", "b", "c"]


async def test_children_are_as_durable_as_their_parent(engine: Engine, store: Slow, begun: list[str]) -> None:
    inner = chain("a", "b").workflow
    engine.registry.workflows.add(inner)
    flow = Flow("outer")
    flow.start >> flow.call("call", inner) >> flow.end()
    run = engine.start(flow, durability="exit")
    await turns()
    assert begun == ["a", "b"]
    while not run._over.done():
        store.acknowledge()
        await turns()
    assert await run == "b"


async def test_an_unknown_durability_is_refused(engine: Engine, begun: list[str]) -> None:
    del begun
    with pytest.raises(ValueError, match="durability is 'never'\nknown: 'sync', 'async', 'exit'"):
        engine.start(chain("a"), durability="never")  # type: ignore[arg-type]
    assert not engine.runs


async def _awaited(run: Any) -> Any:
    try:
        return await run
    except WfnbError as error:
        return error
