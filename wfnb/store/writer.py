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
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import duckdb
import msgspec

from wfnb.errors import StoreError
from wfnb.store.dropping import MANY, Dropping
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
    dropped: int = 1
    """Its events from 2 to this one were dropped."""


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


class Save(msgspec.Struct):
    """A snapshot on its way to the disk."""

    run: str
    seq: int
    definition: str
    ts: int
    state: Callable[[], bytes | None]
    keep: int
    dropping: Head | None
    """Of the run, where events that the snapshots cover are to be dropped."""


_Work: TypeAlias = Append | Define | Save | threading.Event | None
_Waiting: TypeAlias = deque[tuple[Acknowledged, StoreError | None]]


class Writer:
    """Takes work from a queue, and owns the connection it writes with.

    Attributes:
        failure: why nothing can be written any more; None while all is well.
        unreported: whether a failure met rows that nobody waits for.
        snapshots: the `seq` of those that are kept, in order, by run.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, pos: int) -> None:
        self.failure: StoreError | None = None
        self.unreported = False
        self._connection = connection
        self._appender = connection.appender("events")
        self._dropping = Dropping()
        self.snapshots: dict[str, list[int]] = {}
        for run, seq in connection.execute("select run, seq from snapshots order by seq").fetchall():
            self.snapshots.setdefault(run, []).append(seq)
        self._path = path
        self._wal = Path(f"{path}.wal")
        self._pos = pos
        self._queue: SimpleQueue[_Work] = SimpleQueue()
        self.put = self._queue.put
        self._waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, _Waiting] = WeakKeyDictionary()
        self._thread = threading.Thread(target=self._work, name="wfnb-writer", daemon=True)
        self._thread.start()

    def settle(self) -> None:
        """Wait until everything queued so far is on the disk, or has failed."""
        passed = threading.Event()
        self.put(passed)
        passed.wait()

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
                self._drop()
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
            self._save(batch)  # nobody waits for it but those who want to see everything
            if self._dropping.count >= MANY:
                self._drop()
            for work in batch:
                if isinstance(work, threading.Event):
                    work.set()
            self._checkpoint(FULL_WAL)
            if None in batch:
                self._drop()
                return

    def _write(self, batch: Sequence[_Work]) -> None:
        """Make one transaction of a batch; a statement of its own for definitions, before it."""
        pos = self._pos
        rows: list[tuple[object, ...]] = []
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
            elif type(work) is Define:
                self._connection.execute("insert into definitions values (?, ?)", [work.hash, work.document.decode()])
        if pos > self._pos:
            self._hand_over(rows)
            self._appender.flush()
        self._pos = pos

    def _hand_over(self, rows: Sequence[tuple[object, ...]]) -> None:
        for start in range(0, len(rows), CHUNK):
            self._appender.append_rows(rows[start : start + CHUNK])
            time.sleep(0)  # lets the loop have the interpreter lock between chunks

    def _answer(self, batch: Sequence[_Work]) -> None:
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
        for loop, waiting in loops.items():
            with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(_wake, loop, waiting)

    def _save(self, batch: Sequence[_Work]) -> None:
        """Write the snapshots of a batch, whose events are on the disk, and delete what is not to be kept any more."""
        rows: list[tuple[object, ...]] = []
        gone: list[tuple[str, int]] = []
        try:
            for work in batch:
                if type(work) is not Save or self.failure is not None:
                    continue
                state, kept = work.state(), self.snapshots.setdefault(work.run, [])
                if state is not None and not (kept and kept[-1] >= work.seq):
                    rows.append((work.run, work.seq, work.definition, work.ts, state.decode()))
                    kept.append(work.seq)
                    gone.extend((work.run, seq) for seq in kept[: -work.keep])
                    del kept[: -work.keep]
                    if work.dropping is not None:
                        self._dropping.add(work.run, kept[0] - 1, work.dropping)
            if not rows:
                return
            self._connection.execute("begin")
            with self._connection.appender("snapshots") as appender:
                appender.append_rows(rows)
            if gone:
                runs, seqs = zip(*gone, strict=True)
                self._connection.execute(
                    "delete from snapshots where (run, seq) in (select unnest(?), unnest(?))", [list(runs), list(seqs)]
                )
            self._connection.execute("commit")
        except Exception as error:  # noqa: BLE001 - as for events
            self.failure = _failed(self._path, error)

    def _drop(self) -> None:
        if self.failure is None and self._dropping.count:
            try:
                self._dropping.carry_out(self._connection)
            except Exception as error:  # noqa: BLE001 - as for events
                self.failure = _failed(self._path, error)

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
