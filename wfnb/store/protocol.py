"""What every event store can do.

A store keeps one stream of events a run, and the definitions that runs name by hash.  Appends are
ordered within a stream, checked against the expected position, and acknowledged once durable.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import msgspec

from wfnb.model.event import Event, Record, encode

if TYPE_CHECKING:
    from pandas import DataFrame


class Row(msgspec.Struct, frozen=True, gc=False):
    """One event on its way into the store, which makes it JSON when it needs it, maybe in another thread.

    Nothing that the event holds may change any more.
    """

    ts: int
    """Microseconds since the epoch."""
    event: Event

    @property
    def type(self) -> str:
        """The event's type."""
        return type(self.event).__name__

    @property
    def node(self) -> str | None:
        """The node that it is about, None if it is about the whole run."""
        return getattr(self.event, "node", None)

    @property
    def payload(self) -> bytes:
        """The event as JSON."""
        return encode(self.event)


@dataclass(frozen=True, slots=True)
class RunHead:
    """A run as the store knows it without folding its events."""

    run: str
    workflow: str
    definition: str
    status: str
    """running, completed, failed or cancelled."""
    events: int
    """Number of events, which is the `seq` of the last."""
    epoch: int
    started: int
    """Microseconds since the epoch."""
    ended: int | None
    archived: bool = False
    """Whether it was moved out of the way; it takes no more events."""
    key: str = ""
    """Names its start, where it was given one."""


class Posted(NamedTuple):
    """An event at its place in the whole history."""

    pos: int
    """1 for the history's first event; gap-free, but for what was forgotten."""
    record: Record


class Acknowledged(Protocol):
    """Who waits until an append is durable: a future, or what does as one."""

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The loop in which it is told."""

    def done(self) -> bool:
        """Whether nobody waits any more."""

    def set_result(self, result: None, /) -> None:
        """It is durable."""

    def set_exception(self, exception: BaseException, /) -> None:
        """It will not be."""


class Snapshot(msgspec.Struct, frozen=True):
    """Where a run stood, so that reading it need not begin with its first event."""

    seq: int
    """Of the last event that it covers."""
    definition: str
    """Hash of the definition that the run followed then."""
    ts: int
    """Microseconds since the epoch of that event."""
    state: bytes
    """See `wfnb.model.snapshot`."""


class EventStore(Protocol):
    """Append-only streams of events.

    `append` and `define` are called on one thread, the event loop's or before any loop runs, and
    never wait for the disk.  `read`, `heads`, `definition`, `query` and `close` may wait for it.
    """

    durable: bool
    """Whether an acknowledged event survives the process."""

    def append(
        self,
        run: str,
        epoch: int,
        expected: int,
        rows: Sequence[Row],
        acknowledged: Acknowledged | None = None,
    ) -> None:
        """Append `rows` to a stream whose last `seq` is `expected` (0: the stream is new).

        Returns at once.  `acknowledged` is resolved on its own loop when the rows, and everything
        appended before them, are durable; or it gets the StoreError that kept them from being so.
        Without it a failure is raised by the next call.  Where there are no rows the position is
        checked and an acknowledgement given, and nothing else changes.

        Raises:
            StoreConflict: the stream is elsewhere, or was taken over by a higher epoch; nothing is
                appended.
            StoreError: the store has failed or is closed.
        """

    def define(self, hash: str, document: bytes) -> None:
        """Keep a definition (once a hash); durable at the latest with the next append.

        Raises:
            StoreError: the store has failed or is closed.
        """

    def definition(self, hash: str) -> bytes:
        """The document of a definition.

        Raises:
            KeyError: it was never kept.
        """

    def keep_value(self, hash: str, codec: str, path: Path) -> None:
        """Keep the content of a file (once a hash), durable no later than what is appended afterwards.

        May be called in any thread; the file can go when it is back.

        Raises:
            StoreError: the store has failed or is closed.
        """

    def has_value(self, hash: str) -> bool:
        """Whether a value is kept under this hash."""

    def fetch_value(self, hash: str, path: Path) -> None:
        """Write what is kept under a hash to a new file; may be called in any thread.

        Raises:
            KeyError: nothing is.
        """

    def collect_values(self, spare: Collection[str] = ()) -> int:
        """Let go of the values that no event names, but for those to `spare`; gives how many went.

        Raises:
            StoreError: the store has failed or is closed.
        """

    def cached_results(self) -> dict[str, tuple[str, int]]:
        """Run and `seq` of the latest `TaskCompleted` with each `key` that was not forgotten."""

    def forget_results(self, activity: str = "") -> None:
        """Leave results of an activity, or of all, that are recorded already out of `cached_results`.

        Raises:
            StoreError: the store has failed or is closed.
        """

    def read(self, run: str, start: int = 1, stop: int | None = None) -> list[Record]:
        """Events of a run with `start <= seq < stop`, in order, those not yet durable included.

        An unknown run has none.  Those that were dropped (see `save_snapshot`) are left out.

        Raises:
            StoreCorrupt: an event can not be decoded, or one is missing.
        """

    def read_many(self, runs: Collection[str]) -> dict[str, list[Record]]:
        """All events of several runs, as `read` gives those of one, and much faster where they are many and short.

        Raises:
            StoreCorrupt: an event can not be decoded, or one is missing.
        """

    def migrations(self, run: str) -> list[Record]:
        """The events of a run by which it came to other definitions (RunMigrated), in order.

        Found without reading the others, because what a run follows is asked more often than all that it did.

        Raises:
            StoreCorrupt: one can not be decoded.
        """

    def save_snapshot(
        self,
        run: str,
        seq: int,
        definition: str,
        ts: int,
        state: Callable[[], bytes | None],
        *,
        keep: int,
        drop: bool = False,
    ) -> None:
        """Keep where a run stood after event `seq`, which has been appended, and forget all but its last `keep`.

        Returns at once.  `state` is called once, maybe in another thread, after the calls before it for this run; where
        it gives None nothing is kept.  The snapshot is never durable before the events that it covers.

        With `drop` the events before the last one that the oldest of them covers are deleted, at once or later; all but
        the run's first.  A store whose files do not change once they are written deletes none.

        Raises:
            StoreError: the store has failed or is closed.
        """

    def snapshot(self, run: str, at: int | None = None) -> Snapshot | None:
        """The latest snapshot of a run that covers no event after `at` (None: the latest); None if there is none."""

    def heads(self) -> list[RunHead]:
        """Every run, oldest first."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> DataFrame:
        """The result of one SQL statement over the tables and views of `wfnb/store/schema.sql`.

        Everything appended so far is seen.  `?` in the statement takes the next parameter.

        Raises:
            StoreError: the statement is wrong; the database's own words are in the message.
        """

    def subscribe(self, after: int = 0) -> AsyncIterator[Posted]:
        """Every event after a position, in the order of the history: what is there, then each as it becomes durable.

        At least once: whoever goes on after the `pos` that it had dealt with misses nothing.  It ends when the store
        is closed.  A slow reader delays nobody; what it has not read yet waits in the store, not in memory.

        Raises:
            StoreError: the store has failed: nothing more will come (when iterated).
            StoreCorrupt: an event can not be decoded (when iterated).
        """

    async def backup(self, path: str | os.PathLike[str]) -> None:
        """Make a copy of the history as some commit left it, while others go on writing.

        What was appended before the call is in it.

        Raises:
            StoreError: there is something at this path already, or it can not be written.
        """

    async def archive(self, runs: Collection[str]) -> None:
        """Move runs that are over out of the way; they are read as before.

        Raises:
            StoreError: a run is not over or unknown, they can not be moved, or this store has no such place; nothing
                has changed then.
        """

    async def forget(self, runs: Collection[str]) -> None:
        """Delete runs that are over, archived ones too, with everything that only they need.

        Raises:
            StoreError: a run is not over or unknown, it can not be done, or this store keeps everything.
        """

    async def flush(self) -> None:
        """Wait until everything appended so far is durable.

        Raises:
            StoreError: it will not be.
        """

    def close(self) -> None:
        """Make everything durable and release the store; does nothing the second time.

        Raises:
            StoreError: something appended could not be made durable; the store is released anyway.
        """
