"""What it costs that a function may block."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

from tests.bench.measure import Row, bench, compared
from tests.bench.runs import fan, gathered, ours, timed
from wfnb.engine.executors.threads import ThreadPool

BURST = 1_000


def does_nothing() -> None:
    """As a blocking function."""


def in_threads(functions: int) -> Callable[[], float]:
    """All at once, by `asyncio.to_thread`: microseconds a function more than coroutines that do nothing."""

    async def main() -> float:
        began = time.perf_counter()
        await asyncio.gather(*(asyncio.to_thread(does_nothing) for _ in range(functions)))
        return (time.perf_counter() - began) * 1e6 / functions

    return lambda: timed(main) - gathered(functions)()


def in_our_threads(functions: int) -> Callable[[], float]:
    """The same in a pool of ours that has just been made."""

    async def main() -> float:
        pool = ThreadPool()
        began = time.perf_counter()
        await asyncio.gather(*(pool.submit(does_nothing, {}) for _ in range(functions)))
        took = (time.perf_counter() - began) * 1e6 / functions
        pool.close()
        return took

    return lambda: timed(main) - gathered(functions)()


def in_tasks(functions: int) -> Callable[[], float]:
    """The same as tasks of a run: microseconds a task more than tasks whose coroutines do nothing."""
    blocking, plain = ours(fan(functions, "blocking"), tasks=functions), ours(fan(functions), tasks=functions)
    return lambda: blocking() - plain()


@bench
def bursts() -> Iterator[Row]:
    """A burst of blocking functions, each of which does nothing: all of it is overhead."""
    a_function = {"unit": "µs a function", "against": "asyncio.to_thread", "mark": 0.2}
    yield compared("burst of 1,000 blocking, pool", in_our_threads(BURST), in_threads(BURST), **a_function)
    yield compared("burst of 1,000 blocking, run", in_tasks(BURST), in_threads(BURST), **a_function)
