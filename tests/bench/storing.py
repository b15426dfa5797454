"""What it costs that events last: the store beside a journal that only appends, what a batch costs the disk, stalls."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from queue import SimpleQueue
from typing import Protocol

from tests.bench.measure import Row, bench, compared
from tests.bench.runs import timed
from wfnb.model.event import TaskStarted
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.protocol import Row as Stored

MARKS = {1: (200, 4.0), 10: (200, 4.0), 100: (100, 2.5), 1_000: (20, 2.22), 10_000: (4, 2.0)}
"""By how many runs there are at once: how many events each appends, and the mark."""
NOW = 1_700_000_000_000_000
BATCHES = 200
COUNTED = """
import asyncio, sys
from pathlib import Path
from tests.bench.storing import one_by_one
from wfnb.store.duckdb import DuckDBStore
store = DuckDBStore(Path(sys.argv[1]))
asyncio.run(one_by_one(store, int(sys.argv[2])))
store._writer.settle()
"""
"""Appends events, each of which is waited for and so a batch; how it ends brings a checkpoint, or none."""


class Appends(Protocol):
    """What a run does to a history."""

    def append(
        self, run: str, epoch: int, expected: int, rows: Sequence[Stored], acknowledged: asyncio.Future[None], /
    ) -> None:
        """Append rows, and say when they are durable."""


class Journal:
    """A file that rows are appended to as lines of JSON: one `write` and one `fdatasync` for all that wait."""

    def __init__(self, path: Path) -> None:
        self._queue: SimpleQueue[tuple[Sequence[Stored], asyncio.Future[None]] | None] = SimpleQueue()
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._thread = threading.Thread(target=self._work)
        self._thread.start()

    def append(
        self, run: str, epoch: int, expected: int, rows: Sequence[Stored], acknowledged: asyncio.Future[None]
    ) -> None:
        """See `Appends`."""
        del run, epoch, expected
        self._queue.put((rows, acknowledged))

    def close(self) -> None:
        """End the thread."""
        self._queue.put(None)
        self._thread.join()
        os.close(self._file)

    def _work(self) -> None:
        while True:
            batch = [self._queue.get(), *(self._queue.get_nowait() for _ in range(self._queue.qsize()))]
            items = [item for item in batch if item is not None]
            if items:
                os.write(self._file, b"\n".join(row.payload for rows, _ in items for row in rows) + b"\n")
                os.fdatasync(self._file)
                items[0][1].get_loop().call_soon_threadsafe(_wake, [waiter for _, waiter in items])
            if len(items) < len(batch):
                return


def _wake(waiting: Sequence[asyncio.Future[None]]) -> None:
    for future in waiting:
        future.set_result(None)


async def appended(store: Appends, runs: int, each: int) -> float:
    """Microseconds an event, where so many runs each wait for one event after the other."""
    loop = asyncio.get_running_loop()

    async def one(run: str) -> None:
        for seq in range(each):
            durable = loop.create_future()
            store.append(run, 1, seq, [Stored(NOW + seq, TaskStarted("task", seq + 1, 1))], durable)
            await durable

    began = time.perf_counter()
    await asyncio.gather(*(one(f"run-{number}") for number in range(runs)))
    return (time.perf_counter() - began) * 1e6 / (runs * each)


async def one_by_one(store: Appends, events: int) -> None:
    """So many events of one run, each a batch."""
    await appended(store, 1, events)


def in_store(runs: int, each: int) -> Callable[[], float]:
    """In ours."""

    async def main() -> float:
        with tempfile.TemporaryDirectory() as folder:
            store = DuckDBStore(Path(folder) / "history.duckdb")
            try:
                return await appended(store, runs, each)
            finally:
                store.close()

    return lambda: timed(main)


def in_journal(runs: int, each: int) -> Callable[[], float]:
    """In a journal."""

    async def main() -> float:
        with tempfile.TemporaryDirectory() as folder:
            journal = Journal(Path(folder) / "journal")
            try:
                return await appended(journal, runs, each)
            finally:
                journal.close()

    return lambda: timed(main)


@bench
def journals() -> Iterator[Row]:
    """The store against a raw journal of the same rows, by how many runs share its commits."""
    for runs, (each, mark) in MARKS.items():
        yield compared(
            f"durable events, {runs:,} runs at once",
            in_store(runs, each),
            in_journal(runs, each),
            unit="µs an event",
            against="write and fdatasync",
            mark=mark,
            pairs=3,
        )


def syncs(batches: int) -> int:
    """How often a process that appends so many batches asks the disk for its word, as `strace` counts it."""
    with tempfile.TemporaryDirectory() as folder:
        command = ["strace", "-f", "-c", "-e", "trace=fsync,fdatasync", sys.executable, "-c", COUNTED]
        told = subprocess.run(
            [*command, f"{folder}/history.duckdb", str(batches)], check=True, capture_output=True, text=True
        ).stderr
    lines = (line.split() for line in told.splitlines())
    return sum(int(line[3]) for line in lines if line and line[-1] in ("fsync", "fdatasync"))


@bench
def disk() -> Iterator[Row]:
    """How often the disk is waited for in each batch; nothing where there is no `strace` to tell."""
    if shutil.which("strace") is None:
        return
    once = (syncs(3 * BATCHES) - syncs(BATCHES)) / (2 * BATCHES)  # without what opening and closing take
    yield Row("fsync and fdatasync a batch", once, 1.0, "calls", "one", 1.0)


def stalled() -> tuple[float, float]:
    """Milliseconds: how long an event waits at most for its acknowledgement, and the longest checkpoint meanwhile."""

    async def main() -> tuple[float, float]:
        with tempfile.TemporaryDirectory() as folder:
            store = DuckDBStore(Path(folder) / "history.duckdb")
            log, checkpoints = Path(f"{store.path}.wal"), list[float]()
            tidy = store._writer._tidy

            def timed_tidy(*, idle: bool) -> None:
                before, began = log.stat().st_size, time.perf_counter()
                tidy(idle=idle)
                if not log.exists() or log.stat().st_size < before:
                    checkpoints.append(time.perf_counter() - began)

            store._writer._tidy = timed_tidy  # type: ignore[method-assign]
            loop, longest, seq = asyncio.get_running_loop(), 0.0, 0
            try:
                while not checkpoints:
                    rows = [Stored(NOW, TaskStarted("task", seq + number, 1)) for number in range(2_000)]
                    durable = loop.create_future()
                    began = time.perf_counter()
                    store.append("run", 1, seq, rows, durable)
                    await durable
                    longest = max(longest, time.perf_counter() - began)
                    seq += len(rows)
                return longest * 1e3, checkpoints[0] * 1e3
            finally:
                store.close()

    return asyncio.run(main())


@bench
def stalls() -> Iterator[Row]:
    """How long a checkpoint of the write-ahead log keeps events waiting."""
    longest, checkpoint = stalled()
    yield Row("longest wait for an acknowledgement", longest, checkpoint, "ms", "the checkpoint", 1.2)
