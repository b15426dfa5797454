"""The pool of threads: as many as are needed, and none lost to functions that never return."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import pytest

from tests.unit.engine.kit import until
from wfnb.engine.executors import threads
from wfnb.engine.executors.threads import ThreadPool
from wfnb.errors import NoThread


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


async def test_where_only_cancelled_functions_are_left_what_waits_says_so() -> None:
    pool, never = ThreadPool(2, spares=2), threading.Event()

    def hangs() -> None:
        never.wait()

    try:
        for busy in (2, 4):
            stuck = [pool.submit(hangs, {}) for _ in range(2)]
            await until(lambda: len(pool._busy) == busy)  # noqa: B023 - awaited here
            for future in stuck:
                future.cancel()
        with pytest.raises(NoThread) as error:
            await pool.submit(lambda: "done", {})
        what, cure = str(error.value).splitlines()
        assert what.startswith("no thread is left: 4 functions that were cancelled or took too long go on for ever: ")
        assert what.endswith("'hangs' (4)")
        assert "restart the kernel" in cure
        assert "executor='process'" in cure
        never.set()
        await until(lambda: not pool._busy)
        assert await pool.submit(lambda: "done", {}) == "done"
    finally:
        never.set()
        pool.close()


async def test_where_functions_are_waited_for_there_are_so_many_threads_and_then_others_wait(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(threads, "STUCK", 0.0)
    pool, never = ThreadPool(2, spares=2), threading.Event()
    try:
        stuck = [pool.submit(never.wait, {}) for _ in range(4)]
        waits = pool.submit(lambda: "done", {})
        await until(lambda: len(caplog.messages) == 3)
        assert len(pool._busy) == 4
        assert not waits.done()
        assert [text.splitlines()[1].partition(";")[0] for text in caplog.messages] == [
            "there is a thread more now",
            "there is a thread more now",
            "there are no more threads than these: they wait for one",
        ]
        never.set()
        assert await asyncio.gather(*stuck, waits) == [True] * 4 + ["done"]
        await until(lambda: (pool._threads, pool._max) == (2, 2))
        assert len(caplog.messages) == 3
    finally:
        never.set()
        pool.close()


async def test_where_the_system_has_no_more_threads_those_there_are_do_all(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, begun = ThreadPool(), 0
    start = threading.Thread.start

    def starts(thread: threading.Thread) -> None:
        nonlocal begun
        begun += 1
        if begun > most:
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", starts)
    try:
        most = 0
        with pytest.raises(NoThread, match="there is no thread for activities: can't start new thread\nlet fewer"):
            await pool.submit(lambda: 1, {})
        most, begun = 1, 0
        used = await asyncio.gather(*(pool.submit(threading.get_ident, {}) for _ in range(20)))
        assert len({*used}) == 1
    finally:
        pool.close()


async def test_it_tells_when_a_job_begins(pool: ThreadPool) -> None:
    never, begun = threading.Event(), []
    stuck = [pool.submit(never.wait, {}, begins=lambda: begun.append(1)) for _ in range(2)]
    waits = pool.submit(lambda: "done", {}, begins=lambda: begun.append(2))
    await until(lambda: len(pool._busy) == 2)
    assert begun == [1, 1]
    never.set()
    await asyncio.gather(*stuck)
    assert (await waits, begun) == ("done", [1, 1, 2])


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
