"""Events in memory: for trying things out, for tests, and where nothing needs to last."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

import msgspec

from wfnb.errors import StoreConflict, StoreCorrupt, StoreError
from wfnb.model.event import Record, decode
from wfnb.store.protocol import Row, RunHead

if TYPE_CHECKING:
    from pandas import DataFrame

    from wfnb.store.sql import Mirror

Entry = tuple[str, int, int, tuple[Row, ...]]
"""What one append brought: run, epoch, the `seq` before its first row, its rows."""

LIFE = {"RunCompleted": "completed", "RunFailed": "failed", "RunCancelled": "cancelled"}


class _Stream:
    __slots__ = ("entries", "epoch", "seq")

    def __init__(self) -> None:
        self.epoch = 0
        self.seq = 0
        self.entries: list[Entry] = []


class MemoryStore:
    """An event store that is gone with its process.

    Payloads are kept encoded, so that changing a live object later can not change history.
    """

    durable = False

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        self._log: list[Entry] = []
        self._definitions: dict[str, bytes] = {}
        self._mirror: Mirror | None = None
        self._closed = False

    def __repr__(self) -> str:
        return f"<MemoryStore: {len(self._streams)} runs>"

    def append(
        self,
        run: str,
        epoch: int,
        expected: int,
        rows: Sequence[Row],
        acknowledged: asyncio.Future[None] | None = None,
    ) -> None:
        """See `EventStore.append`; acknowledged at once."""
        stream = self._streams.get(run)
        if stream is None or stream.seq != expected or stream.epoch != epoch or self._closed:
            stream = self._admit(run, epoch, expected, stream)
        if rows:
            entry = (run, epoch, expected, tuple(rows))
            stream.seq = expected + len(rows)
            stream.epoch = epoch
            if not expected:
                self._streams[run] = stream
            stream.entries.append(entry)
            self._log.append(entry)
        if acknowledged is not None and not acknowledged.done():
            acknowledged.set_result(None)

    def _admit(self, run: str, epoch: int, expected: int, stream: _Stream | None) -> _Stream:
        """The less common cases of append: a new stream, a take-over, and what is refused."""
        if self._closed:
            _refuse_closed()
        check(run, epoch, expected, (stream.epoch, stream.seq) if stream else None)
        return stream or _Stream()

    def define(self, hash: str, document: bytes) -> None:
        """See `EventStore.define`."""
        if self._closed:
            _refuse_closed()
        self._definitions.setdefault(hash, document)

    def definition(self, hash: str) -> bytes:
        """See `EventStore.definition`."""
        return self._definitions[hash]

    def read(self, run: str, start: int = 1, stop: int | None = None) -> list[Record]:
        """See `EventStore.read`."""
        stream = self._streams.get(run)
        if stream is None:
            return []
        last = stream.seq if stop is None else stop - 1
        return [
            record(run, epoch, seq, row.ts, row.payload)
            for _, epoch, before, rows in stream.entries
            if before < last and before + len(rows) >= start
            for seq, row in enumerate(rows, before + 1)
            if start <= seq <= last
        ]

    def heads(self) -> list[RunHead]:
        """See `EventStore.heads`."""
        return [_head(run, stream) for run, stream in self._streams.items()]

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> DataFrame:
        """See `EventStore.query`; the rows are copied into a DuckDB in memory on the way."""
        if self._mirror is None:
            from wfnb.store.sql import Mirror  # noqa: PLC0415 (DuckDB only where it is needed)

            self._mirror = Mirror()
        self._mirror.catch_up(self._log, self._definitions)
        return self._mirror.query(sql, parameters)

    async def flush(self) -> None:
        """See `EventStore.flush`."""

    def close(self) -> None:
        """See `EventStore.close`; what was stored can still be read."""
        self._closed = True
        if self._mirror is not None:
            self._mirror.close()
            self._mirror = None


def check(run: str, epoch: int, expected: int, head: tuple[int, int] | None) -> None:
    """Refuse an append that does not fit a stream's head, `(epoch, seq)` or None for a new one.

    Raises:
        StoreConflict: it does not fit.
    """
    last_epoch, seq = head or (epoch, 0)
    if epoch < last_epoch:
        raise StoreConflict(
            f"run '{run}' was taken over: epoch {last_epoch} writes it, not {epoch}\n"
            "whoever holds the older epoch must stop writing this run"
        )
    if expected != seq:
        raise StoreConflict(
            f"run '{run}' has {seq} events, not {expected}\nsomebody else wrote to it: read it again before appending"
        )


def record(run: str, epoch: int, seq: int, ts: int, payload: bytes | str) -> Record:
    """A stored row as a record.

    Raises:
        StoreCorrupt: the payload is no event.
    """
    try:
        return Record(run, epoch, seq, ts, decode(payload))
    except (msgspec.DecodeError, UnicodeError) as error:
        raise StoreCorrupt(
            f"event {seq} of run '{run}' can not be read: {error}\n"
            "the history is damaged, or a newer wfnb wrote it; nothing was changed"
        ) from error


def _head(run: str, stream: _Stream) -> RunHead:
    first, last = stream.entries[0][3][0], stream.entries[-1][3][-1]
    opening = msgspec.json.decode(first.payload)
    status = LIFE.get(last.type, "running")
    return RunHead(
        run=run,
        workflow=opening.get("workflow", ""),
        definition=opening.get("definition", ""),
        status=status,
        events=stream.seq,
        epoch=stream.epoch,
        started=first.ts,
        ended=None if status == "running" else last.ts,
    )


def _refuse_closed() -> NoReturn:
    raise StoreError("the history is closed\nopen it again with connect()")
