"""What a task costs: chains, fans and many runs."""

from __future__ import annotations

import asyncio
import gc
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

import duckdb

from tests.bench.measure import Row, bench, compared
from wfnb.author.flow import Flow, flow
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.formats.wfformat import ACTIVITY
from wfnb.machine.check import require_sound
from wfnb.model.activity import describe
from wfnb.model.workflow import Workflow

TASKS = 1_000
RUNS = 1_000
DEEP = 10
"""Tasks of each of many runs."""


async def noop(**_: Any) -> None:
    """Do nothing."""


def blocking(**_: Any) -> None:
    """Do nothing, in a thread."""


def registry() -> Registry:
    made = Registry()
    made.add(describe(noop))
    made.add(describe(blocking))
    made.add(describe(noop, name=ACTIVITY))
    return made


def chain(tasks: int) -> Flow:
    made = flow("chain")
    at = made.start
    for number in range(tasks):
        at = at >> made.task(f"t{number}", "noop")
    at >> made.end()
    return made


def fan(tasks: int, activity: str = "noop") -> Flow:
    made = flow("fan")
    join = made.join("join")
    made.start >> made.fork("fork") >> [made.task(f"t{number}", activity) for number in range(tasks)] >> join
    join >> made.end()
    return made


def timed(main: Callable[[], Coroutine[Any, Any, float]]) -> float:
    """Seconds that a coroutine says it took, in a loop of its own."""
    return asyncio.run(main())


def ours(
    made: Flow | Workflow, *, durability: Literal["memory", "sync", "async"] = "memory", runs: int = 1, tasks: int
) -> Callable[[], float]:
    """Microseconds a task, from `start` to the last output, compiled and proved sound before."""

    async def main() -> float:
        with tempfile.TemporaryDirectory() as folder:
            history = None if durability == "memory" else Path(folder) / "history.duckdb"
            async with Engine(
                history, durability="sync" if durability == "memory" else durability, registry=known
            ) as engine:
                machine = engine.compile(made)
                require_sound(machine)
                gc.collect()  # what compiling leaves is not the run's to clean up
                began = time.perf_counter()
                await asyncio.gather(*(engine.start(machine) for _ in range(runs)))
                return (time.perf_counter() - began) * 1e6 / (runs * tasks)

    known = registry()
    return lambda: timed(main)


# --- floors -------------------------------------------------------------------------------------------------------


def a_task_a_step(steps: int) -> Callable[[], float]:
    """One asyncio task after another."""

    async def main() -> float:
        began = time.perf_counter()
        for _ in range(steps):
            await asyncio.create_task(noop())
        return (time.perf_counter() - began) * 1e6 / steps

    return lambda: timed(main)


def gathered(tasks: int) -> Callable[[], float]:
    """All at once, by `asyncio.gather`."""

    async def main() -> float:
        began = time.perf_counter()
        await asyncio.gather(*(noop() for _ in range(tasks)))
        return (time.perf_counter() - began) * 1e6 / tasks

    return lambda: timed(main)


def a_commit_a_step(steps: int) -> Callable[[], float]:
    """Two rows and a commit a step, in one thread that does nothing else."""

    def measure() -> float:
        with tempfile.TemporaryDirectory() as folder, duckdb.connect(f"{folder}/floor.duckdb") as connection:
            appender = _events(connection)
            began = time.perf_counter()
            for step in range(steps):
                appender.append_rows([_row(2 * step), _row(2 * step + 1)])
                appender.flush()
            return (time.perf_counter() - began) * 1e6 / steps

    return measure


Work = Callable[[], Awaitable[object]]
"""What is to be measured."""


async def seconds_of(work: Work) -> float:
    """How long it takes."""
    began = time.perf_counter()
    await work()
    return time.perf_counter() - began


def a_commit_a_round(runs: int, rounds: int) -> Callable[[], float]:
    """Microseconds a step of `in_rounds`."""
    return lambda: in_rounds(runs, rounds, seconds_of) * 1e6 / (runs * rounds)


def in_rounds(runs: int, rounds: int, measure: Callable[[Work], Awaitable[float]]) -> float:
    """As many asyncio tasks as runs, which wait after each step for one commit of all their rows."""

    async def main() -> float:
        with tempfile.TemporaryDirectory() as folder, duckdb.connect(f"{folder}/floor.duckdb") as connection:
            appender = _events(connection)
            waiting: list[asyncio.Future[None]] = []
            rows: list[tuple[Any, ...]] = []
            loop = asyncio.get_running_loop()

            def commit() -> None:
                appender.append_rows(rows)
                appender.flush()
                rows.clear()
                woken = waiting.copy()
                waiting.clear()
                for future in woken:
                    future.set_result(None)

            async def one(number: int) -> None:
                for step in range(rounds):
                    await noop()
                    rows.extend((_row(step), _row(number)))
                    future = loop.create_future()
                    waiting.append(future)
                    if len(waiting) == runs:
                        commit()
                    await future

            return await measure(lambda: asyncio.gather(*(one(number) for number in range(runs))))

    return timed(main)


def _events(connection: duckdb.DuckDBPyConnection) -> Any:
    connection.execute(
        "create table events(pos bigint not null, run varchar not null, epoch integer not null, seq integer not null, "
        "ts bigint not null, type varchar not null, node varchar, payload json not null)"
    )
    return connection.appender("events")


def _row(pos: int) -> tuple[Any, ...]:
    return (
        pos,
        "run",
        1,
        pos,
        1_700_000_000_000_000,
        "TaskStarted",
        "t",
        '{"type":"TaskStarted","node":"t","visit":1}',
    )


def by_hand(parents: Sequence[Sequence[int]]) -> Callable[[], float]:
    """A runner of nothing but this graph: counts parents, and starts an asyncio task when none is left."""

    async def main() -> float:
        began = time.perf_counter()
        children: list[list[int]] = [[] for _ in parents]
        missing = [len(named) for named in parents]
        for child, named in enumerate(parents):
            for parent in named:
                children[parent].append(child)
        left, over = len(parents), asyncio.get_running_loop().create_future()
        tasks: set[asyncio.Task[None]] = set()

        async def one(number: int) -> None:
            nonlocal left
            await noop()
            left -= 1
            if left == 0:
                over.set_result(None)
            for child in children[number]:
                missing[child] -= 1
                if missing[child] == 0:
                    begin(child)

        def begin(number: int) -> None:
            task = asyncio.create_task(one(number))
            tasks.add(task)
            task.add_done_callback(tasks.discard)

        for number, count in enumerate(missing.copy()):
            if count == 0:
                begin(number)
        await over
        return (time.perf_counter() - began) * 1e6 / len(parents)

    return lambda: timed(main)


# --- benches ------------------------------------------------------------------------------------------------------


@bench
def chains() -> Iterator[Row]:
    """A chain of no-op tasks, by durability."""
    made, floor = chain(TASKS), a_task_a_step(TASKS)
    a_step = {"unit": "µs a task", "against": "an asyncio task a step"}
    yield compared("chain of 1,000, memory", ours(made, tasks=TASKS), floor, **a_step, mark=1.25)
    yield compared("chain of 1,000, async", ours(made, durability="async", tasks=TASKS), floor, **a_step, mark=2.86)
    longer = chain(5 * TASKS)
    yield compared(
        "chain of 5,000, async",
        ours(longer, durability="async", tasks=5 * TASKS),
        a_task_a_step(5 * TASKS),
        **a_step,
        mark=2.0,
        pairs=3,
    )
    yield compared(
        "chain of 1,000, sync",
        ours(made, durability="sync", tasks=TASKS),
        a_commit_a_step(TASKS),
        unit="µs a task",
        against="a DuckDB commit a step",
        mark=1.25,
        pairs=3,
    )


@bench
def fans() -> Iterator[Row]:
    """Many tasks at once, and a join."""
    yield compared(
        "fan-out of 1,000, memory",
        ours(fan(TASKS), tasks=TASKS),
        gathered(TASKS),
        unit="µs a task",
        against="asyncio.gather",
        mark=1.8,
    )
    yield compared(
        "fan-out of 1,000, async",
        ours(fan(TASKS), durability="async", tasks=TASKS),
        gathered(TASKS),
        unit="µs a task",
        against="asyncio.gather",
        mark=4.0,
    )


@bench
def many_runs() -> Iterator[Row]:
    """Many runs at once."""
    made = chain(DEEP)
    yield compared(
        "1,000 runs of 10 tasks, memory",
        ours(made, runs=RUNS, tasks=DEEP),
        gathered_chains(RUNS, DEEP),
        unit="µs a task",
        against="an asyncio task a step, gathered",
        pairs=3,
    )
    yield compared(
        "1,000 runs of 10 tasks, sync",
        ours(made, durability="sync", runs=RUNS, tasks=DEEP),
        a_commit_a_round(RUNS, DEEP),
        unit="µs a task",
        against="inline group commit",
        mark=2.0,
        pairs=3,
    )


def gathered_chains(runs: int, steps: int) -> Callable[[], float]:
    """Chains of asyncio tasks, all at once."""

    async def main() -> float:
        async def one() -> None:
            for _ in range(steps):
                await asyncio.create_task(noop())

        began = time.perf_counter()
        await asyncio.gather(*(one() for _ in range(runs)))
        return (time.perf_counter() - began) * 1e6 / (runs * steps)

    return lambda: timed(main)
