"""The pool of threads: as many as are needed, and none lost to functions that never return."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.unit.engine.kit import until
from wfnb.engine.executors import threads
from wfnb.engine.executors.threads import ThreadPool


@pytest.fixture
def pool() -> Iterator[ThreadPool]:
    made = ThreadPool(2)
    yield made
    made.close()


async def test_functions_that_never_return_take_no_room_from_others(pool: ThreadPool) -> None:
    never = threading.Event()
    try:
        stuck = [pool.submit(never.wait, {}) for _ in range(2)]
        waits = pool.submit(lambda: "done", {})
        await until(lambda: pool._threads == 2 and not pool._idle and len(pool._busy) == 2)
        assert not waits.done()
        for future in stuck:
            future.cancel()
        assert await waits == "done"
    finally:
        never.set()


async def test_functions_that_nobody_cancels_and_that_never_return_starve_no_others(
    pool: ThreadPool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(threads, "STUCK", 0.0)
    never = threading.Event()

    def hangs() -> None:
        never.wait()

    try:
        stuck = [pool.submit(hangs, {}) for _ in range(4)]
        assert await pool.submit(lambda: "done", {}) == "done"
        assert not any(future.done() for future in stuck)
        first, cure = caplog.messages[0].splitlines()
        assert first.startswith("2 activities keep all threads busy, and ")
        assert first.endswith(" wait: 'hangs' (2)")
        assert "give what may never return a timeout=" in cure
    finally:
        never.set()
    await asyncio.gather(*stuck)


async def test_a_thread_that_comes_back_late_is_not_one_too_many(pool: ThreadPool) -> None:
    never = threading.Event()
    stuck = [pool.submit(never.wait, {}) for _ in range(2)]
    waits = pool.submit(threading.get_ident, {})
    await until(lambda: len(pool._busy) == 2)
    late = set(pool._busy)
    for future in stuck:
        future.cancel()
    assert await waits not in late
    never.set()
    await until(lambda: not pool._abandoned)
    met = threading.Barrier(2)
    assert len({*await asyncio.gather(*(pool.submit(_meet, {"met": met}) for _ in range(2)))}) == 2
    assert pool._threads <= 2


def _meet(met: threading.Barrier) -> int:
    met.wait()
    return threading.get_ident()


async def test_short_functions_share_a_thread() -> None:
    pool = ThreadPool()
    try:
        used = await asyncio.gather(*(pool.submit(threading.get_ident, {}) for _ in range(500)))
        assert len({*used}) < 16
    finally:
        pool.close()


async def test_blocking_functions_get_a_thread_each() -> None:
    pool, met = ThreadPool(), threading.Barrier(20)
    try:
        assert len({*await asyncio.gather(*(pool.submit(_meet, {"met": met}) for _ in range(20)))}) == 20
    finally:
        pool.close()


async def test_threads_end_when_the_pool_is_closed() -> None:
    pool = ThreadPool()
    before = {*threading.enumerate()}
    await asyncio.gather(*(pool.submit(threading.get_ident, {}) for _ in range(10)))
    made = {*threading.enumerate()} - before
    assert made
    pool.close()
    await until(lambda: not any(thread.is_alive() for thread in made))


async def test_a_job_that_is_cancelled_before_a_thread_takes_it_does_not_run(pool: ThreadPool) -> None:
    ran: list[int] = []
    pool.submit(ran.append, {}).cancel()
    assert await pool.submit(lambda: 1, {}) == 1
    assert ran == []
