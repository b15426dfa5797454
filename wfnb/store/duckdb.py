"""Events in one DuckDB file: the durable store.

One thread writes (`wfnb.store.writer`); positions are checked on the caller's thread against a map
of stream heads, which is rebuilt when the file is opened.  Reading waits for what is queued, then
uses a cursor of its own.
"""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import AsyncIterator, Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import duckdb

from wfnb.errors import StoreError
from wfnb.model.event import Record
from wfnb.store.archive import Archive, Archived
from wfnb.store.backup import back_up
from wfnb.store.commits import Append, Commits, Define, Forget, Head, Save, again
from wfnb.store.cursors import Cursors
from wfnb.store.feed import PAGE, follow
from wfnb.store.files import Identity
from wfnb.store.headlist import BEGINNINGS_AND_ENDS, run_heads
from wfnb.store.held import forked_from, hold, immortal, let_go, refuse_held
from wfnb.store.memory import check, record
from wfnb.store.opening import connect, corrupt
from wfnb.store.protocol import Acknowledged, Posted, Row, RunHead, Snapshot
from wfnb.store.sql import asks_for_states, make_states, select
from wfnb.store.valuetable import ValueTable, folder_of
from wfnb.store.writer import Writer

if TYPE_CHECKING:
    from pandas import DataFrame

T = TypeVar("T")


class DuckDBStore:
    """An event store in a DuckDB file, which no other process can open meanwhile.

    Attributes:
        path: of the file; `path.wal` beside it holds the latest commits while it is open, and the folder `path.values`
            large values.

    Raises:
        StoreLocked: another process, or another store of this one, has the file.
        StoreCorrupt: it is damaged; nothing was written to it.
        StoreVersion: a newer wfnb or DuckDB wrote it.
        StoreError: there is no such file and `create` is false, or it can not be opened or made.
    """

    durable = True
    _has_states = False
    """Whether the views of states were made since the history was opened."""

    def __init__(self, path: str | os.PathLike[str], *, create: bool = True) -> None:
        self.path = Path(path)
        self._process = os.getpid()
        self._closed = False
        refuse_held(self.path)
        self.path = self.path.absolute()  # a notebook that goes to another folder takes no history along
        self._writer: Commits
        self._connection, self._heads, self._writer = self._open(create=create)
        keys = hold(self.path, self)
        known = self._connection.execute("select hash from definitions").fetchall()
        self._defined: set[str] = {hash_ for (hash_,) in known}
        self._saved: set[str] = set(self._writer.snapshots)
        self._archive = Archive(self.path, self._connection)
        self._cursors = Cursors(self._connection, self.path, self._require_open)
        self._values = self._open_values()
        # Also at the end of the interpreter, so that what was appended last is not lost.
        self._release = weakref.finalize(self, _release, self._writer, self._connection, keys)

    def _open(self, *, create: bool) -> tuple[duckdb.DuckDBPyConnection, dict[str, Head], Commits]:
        """What to read from, the head of every stream, and what writes."""
        connection, heads, pos = connect(self.path, create=create)
        writes = connection.cursor()
        writes.execute("pragma disable_optimizer")  # nothing to optimize: a tenth of a commit's time
        return connection, heads, Writer(writes, self.path, pos)

    def _open_values(self) -> ValueTable:
        return ValueTable(self._writer, self._rows, folder_of(self.path))

    def __repr__(self) -> str:
        return f"<DuckDBStore '{self.path}': {len(self._heads)} runs>"

    def append(
        self,
        run: str,
        epoch: int,
        expected: int,
        rows: Sequence[Row],
        acknowledged: Acknowledged | None = None,
    ) -> None:
        """See `EventStore.append`."""
        if self._closed or self._writer.failure is not None:
            self._refuse()
        head = self._heads.get(run)
        if head is None:
            if run in self._archive.runs:
                self._refuse_archived(run)
            check(run, epoch, expected, None)
            head = Head(epoch, 0)
            if rows:
                self._heads[run] = head
        elif head.seq != expected or head.epoch != epoch:
            check(run, epoch, expected, (head.epoch, head.seq))
            if rows:
                head.epoch = epoch
        head.seq = expected + len(rows)
        self._writer.put(Append(run, epoch, expected, rows, head, acknowledged))

    def define(self, hash: str, document: bytes) -> None:
        """See `EventStore.define`."""
        if self._closed or self._writer.failure is not None:
            self._refuse()
        if hash not in self._defined:
            self._defined.add(hash)
            self._writer.put(Define(hash, document))

    def definition(self, hash: str) -> bytes:
        """See `EventStore.definition`."""
        found = self._rows("select document from definitions where hash = ?", [hash])
        if not found:
            raise KeyError(hash)
        document: str = found[0][0]
        return document.encode()

    def keep_value(self, hash: str, codec: str, path: Path) -> None:
        """See `EventStore.keep_value`."""
        if self._closed or self._writer.failure is not None:
            self._refuse()
        self._values.keep(hash, codec, path)

    def has_value(self, hash: str) -> bool:
        """See `EventStore.has_value`."""
        return self._values.has(hash)

    def fetch_value(self, hash: str, path: Path) -> None:
        """See `EventStore.fetch_value`."""
        self._values.fetch(hash, path)

    def collect_values(self, spare: Collection[str] = ()) -> int:
        """See `EventStore.collect_values`."""
        if self._closed or self._writer.failure is not None:
            self._refuse()
        with self._archive.lock:  # a copy has what it names
            # One that is not there may name any of them; the view knows those that were there when it was made.
            archived = {self._archive.source(run) for run in self._archive.runs}
            return self._values.collect(spare, archived)

    def cached_results(self) -> dict[str, tuple[str, int]]:
        """See `EventStore.cached_results`."""
        rows = self._rows(
            "with keys as ("
            "  select payload ->> 'key' as key, run, seq, pos from all_events where type = 'TaskCompleted'"
            ") "
            "select key, arg_max(run, pos), arg_max(seq, pos) from keys where key <> '' and pos > coalesce("
            "  (select max(pos) from forgotten where activity in ('', regexp_replace(key, '/[^/]*$', ''))), 0) "
            "group by key"
        )
        return {key: (run, seq) for key, run, seq in rows}

    def forget_results(self, activity: str = "") -> None:
        """See `EventStore.forget_results`."""
        if self._closed or self._writer.failure is not None:
            self._refuse()
        self._writer.put(Forget(activity))

    def read(self, run: str, start: int = 1, stop: int | None = None) -> list[Record]:
        """See `EventStore.read`."""
        head, away = self._heads.get(run), self._archive.runs.get(run)
        events = head.seq if head is not None else away.head.events if away is not None else 0
        first, last = max(start, 1), events if stop is None else min(events, stop - 1)
        if first > last:
            return []
        self._settle()  # now the head says between which positions its events lie
        while True:
            dropped = head.dropped if head is not None else 1 if away is None else away.dropped
            if last <= dropped:
                last = 1
            bounds: list[Any]
            if head is None:
                source, bounds = "read_parquet(?) where true", [self._archive.source(run)]
            else:
                # No event of a run lies nearer to its first, or to its last, than there are events between them.
                behind = 0 if self._writer.failure is not None else head.seq - last
                source = "events where pos between ? and ?"
                bounds = [head.first + first - 1, head.first if last == 1 else head.last - behind]
            rows = self._rows(
                f"select epoch, seq, ts, payload from {source} and run = ? and seq between ? and ? order by seq",  # noqa: S608
                [*bounds, run, first, last],
            )
            if head is None or dropped == head.dropped:
                break  # else some were dropped meanwhile
        there = [seq for seq in range(first, last + 1) if seq == 1 or seq > dropped]
        if self._writer.failure is None and [row[1] for row in rows] != there:
            raise corrupt(self.path, f"events of run '{run}' are missing, or there twice")
        return [record(run, epoch, seq, ts, payload) for epoch, seq, ts, payload in rows]

    def read_many(self, runs: Collection[str]) -> dict[str, list[Record]]:
        """See `EventStore.read_many`."""
        self._settle()
        found: dict[str, list[Record]] = {run: [] for run in runs}
        heads = [self._heads[run] for run in runs if run in self._heads]
        if heads:
            rows = self._rows(
                "select run, epoch, seq, ts, payload from events "
                "where pos between ? and ? and run in (select unnest(?::varchar[])) order by pos",
                [min(head.first for head in heads), max(head.last for head in heads), list(runs)],
            )
            for run, *rest in rows:
                found[run].append(record(run, *rest))
        for run, records in found.items():
            head = self._heads.get(run)
            if head is None or len(records) != head.seq or records[-1].seq != head.seq:
                found[run] = self.read(run)  # archived, unknown, or not whole, and that says so
        return found

    def migrations(self, run: str) -> list[Record]:
        """See `EventStore.migrations`."""
        head, bounds = self._heads.get(run), list[Any]()
        self._settle()
        if head is not None:
            source, bounds = "events where pos between ? and ?", [head.first, head.last]
        elif run in self._archive.runs:
            source, bounds = "read_parquet(?) where true", [self._archive.source(run)]
        else:
            return []
        rows = self._rows(
            f"select epoch, seq, ts, payload from {source} and run = ? and type = 'RunMigrated' order by seq",  # noqa: S608
            [*bounds, run],
        )
        return [record(run, epoch, seq, ts, payload) for epoch, seq, ts, payload in rows]

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
        """See `EventStore.save_snapshot`; `state` is called in the writer's thread."""
        if self._closed or self._writer.failure is not None:
            self._refuse()
        self._saved.add(run)
        self._writer.put(Save(run, seq, definition, ts, state, keep, self._heads[run] if drop else None))

    def snapshot(self, run: str, at: int | None = None) -> Snapshot | None:
        """See `EventStore.snapshot`."""
        head, away = self._heads.get(run), self._archive.runs.get(run)
        last = head.seq if head is not None else 0 if away is None else away.head.events
        if run not in self._saved or not last:
            return None
        self._settle()
        until = last if at is None else min(at, last)
        rows = self._rows(
            "select seq, definition, ts, state from snapshots where run = ? and seq <= ? order by seq desc limit 1",
            [run, until],
        )
        return next((Snapshot(seq, definition, ts, state.encode()) for seq, definition, ts, state in rows), None)

    def heads(self) -> list[RunHead]:
        """See `EventStore.heads`."""
        rows = self._rows(BEGINNINGS_AND_ENDS)
        return run_heads(rows, self._heads, self._archive.runs)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> DataFrame:
        """See `EventStore.query`; the history as it was when the query began."""
        self._settle()
        if not self._has_states and asks_for_states(sql):
            with self._archive.lock:  # whoever holds it makes a view anew, too
                if not self._has_states:
                    self._cursors.ask(make_states)
                    self._has_states = True
        return self._cursors.ask(lambda cursor: select(cursor, sql, parameters))

    def subscribe(self, after: int = 0) -> AsyncIterator[Posted]:
        """See `EventStore.subscribe`."""

        async def page(after: int) -> list[Posted]:
            try:
                return await asyncio.to_thread(self._page, after)
            except StoreError:
                if self._closed:
                    return []
                raise

        return follow(page, self._writer.bells, lambda: self._closed, after)

    def _page(self, after: int) -> list[Posted]:
        """The next events after a position, of those that are durable."""
        with self._cursors.one() as cursor:
            while after < self._writer.pos:
                rows = cursor.execute(
                    "select pos, run, epoch, seq, ts, payload from all_events where pos > ? and pos <= ? order by pos",
                    [after, after + PAGE],
                ).fetchall()
                if rows:
                    return [Posted(pos, record(*rest)) for pos, *rest in rows]
                found = cursor.execute("select min(pos) - 1 from all_events where pos > ?", [after]).fetchall()
                after = self._writer.pos if found[0][0] is None else found[0][0]
        if self._writer.failure is not None:
            raise again(self._writer.failure)
        return []

    async def flush(self) -> None:
        """See `EventStore.flush`."""
        if self._closed:
            return
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._writer.put(Append("", 0, 0, (), Head(0, 0), done))
        await done

    def close(self) -> None:
        """See `EventStore.close`; the file is then free for others, its log folded in."""
        if self._closed:
            return
        self._closed = True
        self._cursors.interrupt()
        self._release()
        self._writer.ring()
        if self._writer.unreported and self._writer.failure is not None:
            raise again(self._writer.failure)

    async def archive(self, runs: Collection[str]) -> None:
        """Move runs that are over into a Parquet file in the folder `<path>.archive`; they are read as before.

        One file a call. It is complete on the disk before one transaction takes the runs out of the table; the loop
        and other runs go on meanwhile.

        Raises:
            StoreError: a run is not over, unknown or archived already, or the file can not be written; nothing has
                changed then.
        """
        heads = [head for head in self._over(runs) if head.run not in self._archive.runs]
        if not heads:
            return
        name, counts = await asyncio.to_thread(self._with_cursor, self._archive.write, heads)
        # From here on the file is read, and the runs take no more events.
        left = {head.run: self._heads.pop(head.run) for head in heads if head.run in self._heads}
        away = {
            run: Archived(name, left[run].first, replace(head, archived=True), 1 + head.events - counts[run])
            for head in heads
            if (run := head.run) in left
        }
        await asyncio.to_thread(self._leave, left, lambda cursor: self._archive.enter(cursor, name, heads, away, left))

    async def backup(self, path: str | os.PathLike[str]) -> None:
        """See `EventStore.backup`; a DuckDB file, and beside it the folder of the archived runs, if there are any."""
        await asyncio.to_thread(self._with_cursor, back_up, self._archive, Path(path))

    async def forget(self, runs: Collection[str]) -> None:
        """Delete runs that are over, archived ones too, with everything that only they need.

        Raises:
            StoreError: a run is not over or unknown, or the history can not be written.
        """
        wanted = {head.run for head in self._over(runs)}
        left = {run: self._heads.pop(run) for run in wanted if run in self._heads}
        await asyncio.to_thread(self._leave, left, lambda cursor: self._archive.forget(cursor, wanted))

    def _leave(self, left: Mapping[str, Head], work: Callable[[duckdb.DuckDBPyConnection], None]) -> None:
        """Do it in a thread, to its end even if nobody waits any more; where it fails everything is as it was."""
        try:
            self._with_cursor(work)
        except BaseException:
            self._heads.update(left)
            raise

    def _over(self, runs: Collection[str]) -> list[RunHead]:
        """The heads of runs that are over."""
        heads = {head.run: head for head in self.heads()}
        for run in runs:
            if run not in heads:
                raise StoreError(f"the history '{self.path}' has no run '{run}'\nheads() lists them")
            if heads[run].ended is None:
                raise StoreError(f"run '{run}' is not over\ncancel it, or wait until it is")
        return [heads[run] for run in dict.fromkeys(runs)]

    def _with_cursor(self, work: Callable[..., T], *arguments: Any) -> T:
        """Do what takes long, one such thing at a time, in the thread that calls."""
        with self._archive.lock:
            self._settle()
            with self._cursors.one() as cursor:
                return work(cursor, *arguments)

    def _refuse_archived(self, run: str) -> NoReturn:
        raise StoreError(
            f"run '{run}' is archived in '{self._archive.source(run)}' and takes no more events\n"
            "start it again, or fork it"
        )

    def disown(self) -> None:
        """In a process that was forked: leave the files to the one that it was forked from."""
        if not self._closed:
            self._closed = True
            self._release.detach()
            self._writer.disown()
            immortal(self)  # or DuckDB would write to the file, and wait for threads that are not here

    def _refuse(self) -> None:
        if os.getpid() != self._process:
            raise StoreError(f"the history '{self.path}' {forked_from(self._process)}")
        if self._writer.failure is not None:
            self._writer.unreported = False
            raise again(self._writer.failure)
        raise StoreError("the history is closed\nopen it again with connect()")

    def _require_open(self) -> None:
        if self._closed:
            self._refuse()

    def _settle(self) -> None:
        self._require_open()
        self._writer.settle()

    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        self._settle()
        # All at once: a result left open would block the next append.
        return self._cursors.ask(lambda cursor: cursor.execute(sql, list(parameters)).fetchall())


def _release(writer: Commits, connection: duckdb.DuckDBPyConnection, keys: Collection[str | Identity]) -> None:
    try:
        writer.stop()
        connection.close()
    finally:
        let_go(keys)
