"""The one thread that writes to a history: natural group commit.

Whatever is queued when the thread comes back from a commit goes into the next one, as one transaction
with one fdatasync, so a lone run gets the disk's latency and a thousand share it.
"""

from __future__ import annotations

import asyncio
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import NamedTuple, TypeAlias
from weakref import WeakKeyDictionary

import msgspec

from wfnb.errors import StoreError
from wfnb.store.protocol import Acknowledged, Row

WAKE = 64
"""Waiters woken by one call into their loop, so that the loop gets a turn between slices."""
IDLE = 0.2
"""Seconds without work after which tidying up disturbs nobody."""


class Head(msgspec.Struct, gc=False):
    """Where a stream ends: as its writers know it (`epoch`, `seq`), and where it lies."""

    epoch: int
    seq: int
    first: int = 0
    """`pos` of its first event; 0 until that is stored."""
    last: int = 0
    dropped: int = 1
    """Its events from 2 to this one were dropped."""


class Append(msgspec.Struct, gc=False):
    """Rows on their way to the disk.

    Not tracked by the garbage collector, because thousands may wait and nothing that they hold refers to them.
    """

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


_Waiting: TypeAlias = deque[tuple[Acknowledged, StoreError | None]]
Other: TypeAlias = Define | Keep | Drop | Forget
"""Work that brings no event, and is durable with those after it."""
Work: TypeAlias = Append | Other | Save | threading.Event | None
"""What the queue takes; an event is set once everything before it is durable, None ends the thread."""


class Commits(ABC):
    """Takes work from a queue and makes it durable, batch by batch, in a thread of its own.

    Attributes:
        failure: why nothing can be written any more; None while all is well.
        unreported: whether a failure met rows that nobody waits for.
        pos: of the last event that is durable.
        snapshots: the `seq` of those that are kept, in order, by run.
        bells: called after each commit, in the thread, and at the end.
        cure: what to do about a history that is not in its place any more.
    """

    cure: str

    def __init__(self, path: Path, pos: int, snapshots: Iterable[tuple[str, int]]) -> None:
        self.pos = pos
        self.snapshots: dict[str, list[int]] = {}
        for run, seq in sorted(snapshots):
            self.snapshots.setdefault(run, []).append(seq)
        self.failure: StoreError | None = None
        self.unreported = False
        self.bells: list[Callable[[], None]] = []
        self._path = path
        self._queue: SimpleQueue[Work] = SimpleQueue()
        self.put = self._queue.put
        self._waiting: WeakKeyDictionary[asyncio.AbstractEventLoop, _Waiting] = WeakKeyDictionary()
        self._thread = threading.Thread(target=self._work, name="wfnb-writer", daemon=True)
        self._thread.start()

    @abstractmethod
    def _write(self, batch: Sequence[Work]) -> None:
        """Make a batch durable, all of it or nothing."""

    @abstractmethod
    def _keep(self, made: Sequence[tuple[Save, bytes]], gone: Sequence[tuple[str, int]]) -> None:
        """Keep states whose events are durable, and delete those `gone`, by run and event, some just made among them.

        Nobody waits but those who want to see everything.
        """

    @abstractmethod
    def _tidy(self, *, idle: bool) -> None:
        """What need not be done before the answer; called after each batch, and once more when nothing comes."""

    @abstractmethod
    def _end(self) -> None:
        """Let go of what is written to; nothing comes any more."""

    @abstractmethod
    def _is_in_place(self) -> bool:
        """Whether what is written to is still what its path leads to; asked before each batch."""

    def disown(self) -> None:  # noqa: B027 - most have nothing of the kind
        """In a process that was forked: let go of what only its parent may have."""

    def settle(self) -> None:
        """Wait until everything queued so far is on the disk, or has failed."""
        passed = threading.Event()
        self.put(passed)
        while not passed.wait(1) and self._thread.is_alive():
            pass  # one that is put behind the end of the queue is never set

    def stop(self) -> None:
        """Write what is queued, and end the thread."""
        self.put(None)
        self._thread.join()
        self._end()

    def ring(self) -> None:
        """Tell whoever follows that there may be more, or that there is no more."""
        for bell in tuple(self.bells):
            bell()

    def _work(self) -> None:
        quiet = False
        while True:
            try:
                first = self._queue.get(timeout=None if quiet else IDLE)
            except Empty:
                quiet = True
                self._tidy(idle=True)
                continue
            quiet = False
            batch = [first]
            batch.extend(self._queue.get_nowait() for _ in range(self._queue.qsize()))
            if self.failure is None:
                try:
                    if self._is_in_place():
                        self._write(batch)
                    else:
                        self.failure = moved(self._path, self.cure)
                except Exception as error:  # noqa: BLE001 (a writer that dies silently would hang everybody)
                    self.failure = failed(self._path, error)
            self._answer(batch)
            self._save(batch)
            for work in batch:
                if isinstance(work, threading.Event):
                    work.set()
            self.ring()
            self._tidy(idle=False)
            if None in batch:
                return

    def _save(self, batch: Sequence[Work]) -> None:
        """Make the snapshots of a batch, whose events are on the disk."""
        made: list[tuple[Save, bytes]] = []
        gone: list[tuple[str, int]] = []
        try:
            for work in batch:
                if type(work) is not Save or self.failure is not None:
                    continue
                state, kept = work.state(), self.snapshots.setdefault(work.run, [])
                if state is not None and not (kept and kept[-1] >= work.seq):
                    made.append((work, state))
                    kept.append(work.seq)
                    gone.extend((work.run, seq) for seq in kept[: -work.keep])
                    del kept[: -work.keep]
            if made:
                self._keep(made, gone)
        except Exception as error:  # noqa: BLE001 - as for events
            self.failure = failed(self._path, error)

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
        for loop, waiting in loops.items():
            with suppress(RuntimeError):  # the loop was closed: nobody waits any more
                loop.call_soon_threadsafe(_wake, loop, waiting)


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


def failed(path: Path, cause: Exception) -> StoreError:
    """The error of a history that can not be written any more."""
    error = StoreError(
        f"the history '{path}' can not be written: {cause}\n"
        "what was acknowledged is safe; free space or mend the disk, close the history and open it again"
    )
    error.__cause__ = cause
    return error


def moved(path: Path, cure: str) -> StoreError:
    """The error of a history that is not where it was opened."""
    return StoreError(f"the history '{path}' was moved, deleted or replaced by another while it was open\n{cure}")
