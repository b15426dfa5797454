"""What every event store can do.

A store keeps one stream of events a run, and the definitions that runs name by hash.  Appends are
ordered within a stream, checked against the expected position, and acknowledged once durable.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

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
    key: str = ""
    """Names its start, where it was given one."""


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

    def read(self, run: str, start: int = 1, stop: int | None = None) -> list[Record]:
        """Events of a run with `start <= seq < stop`, in order, those not yet durable included.

        An unknown run has none.

        Raises:
            StoreCorrupt: an event can not be decoded, or one is missing.
        """

    def heads(self) -> list[RunHead]:
        """Every run, oldest first."""

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> DataFrame:
        """The result of one SQL statement over the tables and views of `wfnb/store/schema.sql`.

        Everything appended so far is seen.  `?` in the statement takes the next parameter.

        Raises:
            StoreError: the statement is wrong; the database's own words are in the message.
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
