"""How late a loop is for others while it runs many workflows: what somebody notices who works in the same kernel."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.bench.measure import Row, bench, compared
from tests.bench.runs import DEEP, RUNS, Work, chain, in_rounds, registry, timed
from wfnb.engine.engine import Engine
from wfnb.machine.check import require_sound

TICK = 0.001
"""Seconds after which somebody else wants the loop."""


async def lag(work: Work) -> float:
    """The 99th percentile of how late a timer fires while something runs, in milliseconds."""
    loop, late = asyncio.get_running_loop(), list[float]()

    async def tick() -> None:
        while True:
            due = loop.time() + TICK
            await asyncio.sleep(TICK)
            late.append(loop.time() - due)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0)  # it has begun
    await work()
    await asyncio.sleep(TICK)  # what kept it waiting at the end counts, too
    ticking.cancel()
    late.sort()
    return late[int(0.99 * (len(late) - 1))] * 1e3


def lag_of_runs() -> float:
    """Of many durable runs at once, compiled and proved sound before."""

    async def main() -> float:
        with tempfile.TemporaryDirectory() as folder:
            async with Engine(Path(folder) / "history.duckdb", durability="sync", registry=known) as engine:
                machine = engine.compile(chain(DEEP))
                require_sound(machine)
                return await lag(lambda: asyncio.gather(*(engine.start(machine) for _ in range(RUNS))))

    known = registry()
    return timed(main)


def lag_of_rounds() -> float:
    """Of as many asyncio tasks, which commit all their rows in the loop once each has some."""
    return in_rounds(RUNS, DEEP, lag)


@bench
def lags() -> Iterator[Row]:
    """Durable runs beside somebody else."""
    yield compared(
        "p99 loop lag of 1,000 runs, sync",
        lag_of_runs,
        lag_of_rounds,
        unit="ms",
        against="inline group commit",
        mark=0.35,
        pairs=3,
    )
