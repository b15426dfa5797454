"""Events in memory: for trying things out, for tests, and where nothing needs to last."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import msgspec

from wfnb.errors import StoreConflict, StoreCorrupt, StoreError
from wfnb.model.event import Record, RunMigrated, TaskCompleted, TaskStarted, decode
from wfnb.store.feed import PAGE, follow
from wfnb.store.protocol import Acknowledged, Posted, Row, RunHead, Snapshot
from wfnb.store.values.parts import hashes_in, unnamed

if TYPE_CHECKING:
    from pandas import DataFrame

    from wfnb.store.sql import Mirror

LIFE = {"RunCompleted": "completed", "RunFailed": "failed", "RunCancelled": "cancelled"}


Entry: TypeAlias = tuple[str, int, int, tuple[Row, ...]]
"""What one append brought: run, epoch, the `seq` before its first row, its rows."""


_DROPPED = Row(0, TaskStarted("", 0, 0))


class _Stream:
    __slots__ = ("dropped", "epoch", "epochs", "rows", "run")

    def __init__(self, run: str) -> None:
        self.run = run
        self.epoch = 0
        self.epochs: list[tuple[int, int]] = []
        """Each epoch that wrote here, after the number of events before it."""
        self.rows: list[Row] = []
        self.dropped = 1
        """The rows from 2 to this one were dropped, and are empty."""

    def drop(self, last: int) -> None:
        if last > self.dropped:
            self.rows[self.dropped : last] = [_DROPPED] * (last - self.dropped)
            self.dropped = last

    def epoch_of(self, seq: int) -> int:
        return next(epoch for before, epoch in reversed(self.epochs) if before < seq)


class MemoryStore:
    """An event store that is gone with its process.

    Reading gives new objects each time, as from a file.
    """

    durable = False

    def __init__(self) -> None:
        self._streams: dict[str, _Stream] = {}
        # Which stream took how many rows, append by append: two flat lists, so that the garbage collector, which
        # visits containers, has nothing to do for what is only kept.
        self._order: list[_Stream] = []
        self._sizes: list[int] = []
        self._definitions: dict[str, bytes] = {}
        self._snapshots: dict[str, list[Snapshot]] = {}
        self._values: dict[str, tuple[str, bytes]] = {}
        """Codec and content, by hash."""
        self._forgotten: dict[str, int] = {}
        self._mirror: Mirror | None = None
        self._bells: list[Callable[[], None]] = []
        self._closed = False

    def __repr__(self) -> str:
        return f"<MemoryStore: {len(self._streams)} runs>"

    def append(
        self,
        run: str,
        epoch: int,
        expected: int,
        rows: Sequence[Row],
        acknowledged: Acknowledged | None = None,
    ) -> None:
        """See `EventStore.append`; acknowledged at once."""
        stream = self._streams.get(run)
        if stream is None or len(stream.rows) != expected or stream.epoch != epoch or self._closed:
            stream = self._admit(run, epoch, expected, stream, bool(rows))
        if rows:
            stream.rows += rows
            self._order.append(stream)
            self._sizes.append(len(rows))
            if self._bells:
                self._ring()
        if acknowledged is not None and not acknowledged.done():
            acknowledged.set_result(None)

    def _admit(self, run: str, epoch: int, expected: int, stream: _Stream | None, wanted: bool) -> _Stream:
        """The less common cases of append: a new stream, a take-over, and what is refused."""
        if self._closed:
            _refuse_closed()
        check(run, epoch, expected, (stream.epoch, len(stream.rows)) if stream else None)
        found = stream or _Stream(run)
        if wanted:
            self._streams[run] = found
            found.epoch = epoch
            found.epochs.append((expected, epoch))
        return found

    def define(self, hash: str, document: bytes) -> None:
        """See `EventStore.define`."""
        if self._closed:
            _refuse_closed()
        self._definitions.setdefault(hash, document)

    def definition(self, hash: str) -> bytes:
        """See `EventStore.definition`."""
        return self._definitions[hash]

    def keep_value(self, hash: str, codec: str, path: Path) -> None:
        """See `EventStore.keep_value`."""
        if self._closed:
            _refuse_closed()
        if hash not in self._values:
            self._values[hash] = codec, path.read_bytes()

    def has_value(self, hash: str) -> bool:
        """See `EventStore.has_value`."""
        return hash in self._values

    def fetch_value(self, hash: str, path: Path) -> None:
        """See `EventStore.fetch_value`."""
        path.write_bytes(self._values[hash][1])

    def collect_values(self, spare: Collection[str] = ()) -> int:
        """See `EventStore.collect_values`."""
        if self._closed:
            _refuse_closed()
        if not self._values:
            return 0
        named = set(spare)
        for stream in self._streams.values():
            named.update(*(hashes_in(row.payload) for row in stream.rows))
        for kept in self._snapshots.values():
            named.update(*(hashes_in(snapshot.state) for snapshot in kept))
        gone = unnamed(self._values, named, lambda name: self._values[name][1])
        for hash in gone:
            del self._values[hash]
        return len(gone)

    def cached_results(self) -> dict[str, tuple[str, int]]:
        """See `EventStore.cached_results`."""
        found: dict[str, tuple[str, int]] = {}
        pos, forgotten = 0, self._forgotten
        for run, _, before, rows in self.appends():
            for seq, row in enumerate(rows, before + 1):
                pos += 1
                key = row.event.key if type(row.event) is TaskCompleted else ""
                if key and pos > max(forgotten.get("", 0), forgotten.get(key.rpartition("/")[0], 0)):
                    found[key] = (run, seq)
        return found

    def forget_results(self, activity: str = "") -> None:
        """See `EventStore.forget_results`."""
        if self._closed:
            _refuse_closed()
        self._forgotten[activity] = sum(self._sizes)

    def read(self, run: str, start: int = 1, stop: int | None = None) -> list[Record]:
        """See `EventStore.read`."""
        stream = self._streams.get(run)
        if stream is None:
            return []
        first, last = max(start, 1), len(stream.rows) if stop is None else stop - 1
        return [
            record(run, stream.epoch_of(seq), seq, row.ts, row.payload)
            for seq, row in enumerate(stream.rows[first - 1 : max(last, 0)], first)
            if row is not _DROPPED
        ]

    def read_many(self, runs: Collection[str]) -> dict[str, list[Record]]:
        """See `EventStore.read_many`."""
        return {run: self.read(run) for run in runs}

    def migrations(self, run: str) -> list[Record]:
        """See `EventStore.migrations`."""
        stream = self._streams.get(run)
        if stream is None:
            return []
        return [
            record(run, stream.epoch_of(seq), seq, row.ts, row.payload)
            for seq, row in enumerate(stream.rows, 1)
            if type(row.event) is RunMigrated
        ]

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
        """See `EventStore.save_snapshot`."""
        if self._closed:
            _refuse_closed()
        made = state()
        kept = self._snapshots.setdefault(run, [])
        if made is not None and not (kept and kept[-1].seq >= seq):
            kept.append(Snapshot(seq, definition, ts, made))
            del kept[:-keep]
            if drop:
                self._streams[run].drop(kept[0].seq - 1)

    def snapshot(self, run: str, at: int | None = None) -> Snapshot | None:
        """See `EventStore.snapshot`."""
        kept = self._snapshots.get(run, ())
        return next((snapshot for snapshot in reversed(kept) if at is None or snapshot.seq <= at), None)

    def heads(self) -> list[RunHead]:
        """See `EventStore.heads`."""
        return [_head(stream) for stream in self._streams.values()]

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> DataFrame:
        """See `EventStore.query`; the rows are copied into a DuckDB in memory on the way."""
        if self._mirror is None:
            from wfnb.store.sql import Mirror  # noqa: PLC0415 (DuckDB only where it is needed)

            self._mirror = Mirror()
        self._mirror.catch_up(self.appends(self._mirror.appends), self._definitions)
        self._mirror.replace_snapshots(self._snapshots)
        self._mirror.drop({run: stream.dropped for run, stream in self._streams.items() if stream.dropped > 1})
        return self._mirror.query(sql, parameters)

    def appends(self, after: int = 0) -> Iterator[Entry]:
        """What every append brought, in their order, but for the first `after` of them."""
        seen: dict[str, int] = {}
        for number, (stream, size) in enumerate(zip(self._order, self._sizes, strict=True)):
            before = seen.get(stream.run, 0)
            seen[stream.run] = before + size
            if number >= after:
                yield stream.run, stream.epoch_of(before + 1), before, tuple(stream.rows[before : before + size])

    def subscribe(self, after: int = 0) -> AsyncIterator[Posted]:
        """See `EventStore.subscribe`."""
        posted = self._posted(after)

        async def page(_: int) -> list[Posted]:
            found: list[Posted] = []
            for item in islice(posted, PAGE):
                if item is None:
                    break
                found.append(item)
            return found

        return follow(page, self._bells, lambda: self._closed, after)

    def _posted(self, after: int) -> Iterator[Posted | None]:
        """Events after a position; None where there is no more yet."""
        seen: dict[str, int] = {}
        pos = number = 0
        while True:
            while number == len(self._order):
                yield None
            stream, size = self._order[number], self._sizes[number]
            before = seen.get(stream.run, 0)
            seen[stream.run] = before + size
            number += 1
            for seq in range(before + 1, before + size + 1):
                pos += 1
                row = stream.rows[seq - 1]
                if pos > after and row is not _DROPPED:
                    yield Posted(pos, record(stream.run, stream.epoch_of(seq), seq, row.ts, row.payload))

    def _ring(self) -> None:
        for bell in tuple(self._bells):
            bell()

    async def backup(self, path: str | os.PathLike[str]) -> None:
        """See `EventStore.backup`; a DuckDB file."""
        from wfnb.store.backup import Contents, write_down  # noqa: PLC0415 (DuckDB only where it is needed)

        appends = islice(self.appends(), len(self._order))
        contents = Contents(
            dict(self._definitions),
            appends,
            {run: tuple(kept) for run, kept in self._snapshots.items()},
            {run: stream.dropped for run, stream in self._streams.items() if stream.dropped > 1},
            dict(self._values),
            dict(self._forgotten),
        )
        await asyncio.to_thread(write_down, Path(path), contents)

    async def archive(self, runs: Collection[str]) -> None:
        """See `EventStore.archive`; there is no place for them here."""
        del runs
        raise StoreError("a history in memory archives nothing\n`await wf.backup(path)` writes all of it into a file")

    async def forget(self, runs: Collection[str]) -> None:
        """See `EventStore.forget`; it keeps everything."""
        del runs
        raise StoreError("a history in memory keeps every run\nwf.connect() begins a new one")

    async def flush(self) -> None:
        """See `EventStore.flush`."""

    def close(self) -> None:
        """See `EventStore.close`; what was stored can still be read."""
        self._closed = True
        self._ring()
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


def _head(stream: _Stream) -> RunHead:
    first, last = stream.rows[0], _end(stream.rows)
    return RunHead(
        run=stream.run,
        workflow=getattr(first.event, "workflow", ""),
        definition=getattr(first.event, "definition", ""),
        status="running" if last is None else LIFE[last.type],
        events=len(stream.rows),
        epoch=stream.epoch,
        started=first.ts,
        ended=None if last is None else last.ts,
        key=getattr(first.event, "key", ""),
    )


def _end(rows: Sequence[Row]) -> Row | None:
    """The row that ended a run; what comes after it only makes a lost result again."""
    for row in reversed(rows):
        if row.type in LIFE:
            return row
        if not getattr(row.event, "rerun", False):
            break
    return None


def _refuse_closed() -> NoReturn:
    raise StoreError("the history is closed\nopen it again with connect()")
