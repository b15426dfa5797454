"""The one thread that writes to a history: natural group commit.

Whatever is queued when the writer comes back from a commit goes into the next one, as one
transaction with one fdatasync, so a lone run gets the disk's latency and a thousand share it.
"""

from __future__ import annotations

import asyncio
import shutil
import threading
import time
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import duckdb
import msgspec

from wfnb.errors import StoreError
from wfnb.store.protocol import Acknowledged, Row

CHUNK = 192
"""Rows handed to DuckDB at once: it holds the interpreter lock meanwhile, about 3 µs a row."""
WAKE = 64
"""Waiters woken by one call into their loop, so that the loop gets a turn between slices."""
IDLE = 0.2
"""Seconds without work after which a checkpoint disturbs nobody."""
IDLE_WAL = 1 << 20
"""Bytes of write-ahead log that make an idle checkpoint worth it."""
FULL_WAL = 64 << 20
"""Bytes of write-ahead log that make a checkpoint due at once."""


class Head(msgspec.Struct):
    """Where a stream ends: as its writers know it (`epoch`, `seq`), and where it lies."""

    epoch: int
    seq: int
    first: int = 0
    """`pos` of its first event; 0 until that is stored."""
    last: int = 0


class Append(msgspec.Struct):
    """Rows on their way to the disk."""

    run: str
    epoch: int
    seq: int
    """Of the event before the first row."""
    rows: Sequence[Row]
    head: Head
    acknowledged: Acknowledged | None


class Define(NamedTuple):
    """A definition on its way to the disk."""

    hash: str
    document: bytes


class Keep(NamedTuple):
    """A value on its way to the disk; without data it is in a file, and there already."""

    hash: str
    codec: str
    size: int
    data: bytes | None


class Drop(NamedTuple):
    """Values that are to go."""

    hashes: tuple[str, ...]


class Forget(NamedTuple):
    """An activity (empty: all) whose results so far are not to be used again."""

    activity: str


Work: TypeAlias = Append | Define | Keep | Drop | Forget | threading.Event | None
"""What a writer does; None is the end."""
_Waiting: TypeAlias = deque[tuple[Acknowledged, StoreError | None]]


class Writer:
    """Takes work from a queue, and owns the connection it writes with.

    Attributes:
        failure: why nothing can be written any more; None while all is well.
        unreported: whether a failure met rows that nobody waits for.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, pos: int) -> None:
        self.failure: StoreError | None = None
        self.unreported = False
        self._connection = connection
        self._appender = connection.appender("events")
        self._path = path
        self._wal = Path(f"{path}.wal")
        self._pos = pos
        self._queue: SimpleQueue[Work] = SimpleQueue()
        self.put = self._queue.put
        self._waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, _Waiting] = WeakKeyDictionary()
        self._thread = threading.Thread(target=self._work, name="wfnb-writer", daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Wait until everything queued so far is on the disk, or has failed."""
        passed = threading.Event()
        self.put(passed)
        while not passed.wait(1) and self._thread.is_alive():
            pass

    def stop(self) -> None:
        """Write what is queued, and end the thread."""
        self.put(None)
        self._thread.join()
        with suppress(duckdb.Error):
            self._connection.close()

    def _work(self) -> None:
        quiet = False
        while True:
            try:
                first = self._queue.get(timeout=None if quiet else IDLE)
            except Empty:
                quiet = True
                self._checkpoint(IDLE_WAL)
                continue
            quiet = False
            batch = [first]
            batch.extend(self._queue.get_nowait() for _ in range(self._queue.qsize()))
            if self.failure is None:
                try:
                    self._write(batch)
                except Exception as error:  # noqa: BLE001 (a writer that dies silently would hang everybody)
                    self.failure = _failed(self._path, error)
            self._answer(batch)
            self._checkpoint(FULL_WAL)
            if None in batch:
                return

    def _write(self, batch: Sequence[Work]) -> None:
        """Make one transaction of a batch; one of its own for what is no event, before it."""
        pos = self._pos
        rows: list[tuple[object, ...]] = []
        others: list[tuple[Any, int]] = []
        for work in batch:
            if type(work) is Append:
                run, epoch, seq = work.run, work.epoch, work.seq
                if work.rows:
                    work.head.first = work.head.first or pos + 1
                for row in work.rows:
                    pos += 1
                    seq += 1
                    payload = row.payload.decode()
                    rows.append((pos, run, epoch, seq, row.ts, row.type, row.node, payload))
                work.head.last = pos
                if len(rows) >= CHUNK:
                    self._hand_over(rows)
                    rows.clear()
            elif work is not None and type(work) is not threading.Event:
                others.append((work, pos))
        if others:
            self._write_others(others)
        if pos > self._pos:
            self._hand_over(rows)
            self._appender.flush()
        self._pos = pos

    def _write_others(self, others: Sequence[tuple[Define | Keep | Drop | Forget, int]]) -> None:
        """Write what is no event: each with the `pos` of the last event before it."""
        execute = self._connection.execute
        execute("begin")
        for work, pos in others:
            match work:
                case Define():
                    execute("insert into definitions values (?, ?)", [work.hash, work.document.decode()])
                case Keep():
                    execute('insert into "values" values (?, ?, ?, ?)', work)
                case Drop():
                    execute('delete from "values" where hash in (select unnest(?))', [list(work.hashes)])
                case Forget():
                    execute("insert into forgotten values (?, ?)", [work.activity, pos])
        execute("commit")

    def _hand_over(self, rows: Sequence[tuple[object, ...]]) -> None:
        for start in range(0, len(rows), CHUNK):
            self._appender.append_rows(rows[start : start + CHUNK])
            time.sleep(0)  # lets the loop have the interpreter lock between chunks

    def _answer(self, batch: Sequence[Work]) -> None:
        loops: dict[asyncio.AbstractEventLoop, _Waiting] = {}
        for work in batch:
            if type(work) is Append:
                if work.acknowledged is not None:
                    loop = work.acknowledged.get_loop()
                    if loop not in loops:
                        loops[loop] = self._waiting.setdefault(loop, deque())
                    loops[loop].append((work.acknowledged, self.failure))
                elif self.failure is not None and work.rows:
                    self.unreported = True
            elif isinstance(work, threading.Event):
                work.set()
        for loop, waiting in loops.items():
            with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(_wake, loop, waiting)

    def _checkpoint(self, threshold: int) -> None:
        """Move the write-ahead log into the file where it is long enough, and there is room."""
        if self.failure is not None:
            return
        try:
            size = self._wal.stat().st_size
            if size < threshold or shutil.disk_usage(self._path.parent).free < 2 * size:
                return
            self._connection.execute("checkpoint")
        except FileNotFoundError:
            return  # nothing was written since the last one
        except duckdb.TransactionException:
            return  # somebody else writes through a connection of this process; later, then
        except (duckdb.Error, OSError) as error:
            self.failure = _failed(self._path, error)


def _wake(loop: asyncio.AbstractEventLoop, waiting: _Waiting) -> None:
    """Wake the first of those who wait, and come back for the next after a turn of the loop."""
    for _ in range(min(WAKE, len(waiting))):
        future, failure = waiting.popleft()
        if not future.done():
            if failure is None:
                future.set_result(None)
            else:
                future.set_exception(again(failure))
    if waiting:
        loop.call_soon(_wake, loop, waiting)


def again(failure: StoreError) -> StoreError:
    """A failure to raise once more, without the traceback of the last time."""
    error = StoreError(str(failure))
    error.__cause__ = failure.__cause__
    return error


def _failed(path: Path, cause: Exception) -> StoreError:
    error = StoreError(
        f"the history '{path}' can not be written: {cause}\n"
        "what was acknowledged is safe; free space or mend the disk, close the history and open it again"
    )
    error.__cause__ = cause
    return error
