"""Events in a folder: Parquet segments that any tool reads, and a journal for the latest."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import msgspec

from wfnb.errors import StoreError
from wfnb.store import states
from wfnb.store.backup import refuse_existing
from wfnb.store.commits import Head
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.files import sync_folder
from wfnb.store.index import FOLDER, Index
from wfnb.store.journal import Journal, read
from wfnb.store.lock import FolderLock
from wfnb.store.opening import SETTINGS, check_positions, check_streams, corrupt, explain, make_room
from wfnb.store.protocol import Posted
from wfnb.store.sealing import SEAL_BYTES, Sealing
from wfnb.store.segments import Line, Segment, journal_name, journals, mark, rows_of, sealed, view
from wfnb.store.sql import ALL_EVENTS, TABLES, VIEWS
from wfnb.store.valuetable import ValueTable

if TYPE_CHECKING:
    from pandas import DataFrame


class ParquetStore(DuckDBStore):
    """An event store in a folder; one process at a time.

    It reads with the same SQL as a DuckDB file: what is sealed from Parquet, the latest events, at most a segment of
    them, from memory; and so snapshots.  What leaves a DuckDB history for Parquet files stays where it is here, and
    events that snapshots cover are not dropped: sealed segments do not change.

    Attributes:
        path: of the folder; `wfnb/store/segments.py` says what is in it.

    Raises:
        StoreLocked: another process, or another store of this one, has the folder.
        StoreCorrupt: it is damaged; nothing was written to it but the lock.
        StoreVersion: a newer wfnb wrote it.
        StoreError: there is no such folder and `create` is false, or it has other things in it, or can not be made.
    """

    _writer: Sealing
    _has_views = False
    """Whether there are those that people ask: making them takes half as long as all the rest of opening a folder."""

    def __repr__(self) -> str:
        return f"<ParquetStore '{self.path}': {len(self._heads)} runs>"

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> DataFrame:
        """See `EventStore.query`."""
        self._settle()
        with self._cursors.lock:
            if not self._has_views:
                with self._connection.cursor() as cursor:
                    cursor.execute(VIEWS)
                self._has_views = True
        return super().query(sql, parameters)

    async def backup(self, path: str | os.PathLike[str]) -> None:
        """See `EventStore.backup`; another folder."""
        await asyncio.to_thread(self._with_cursor, lambda _: self._back_up(Path(path)))

    async def archive(self, runs: Collection[str]) -> None:
        """See `EventStore.archive`; it is Parquet already."""
        del runs
        raise StoreError(f"the history '{self.path}' is kept in Parquet files already\nthere is nothing to be moved")

    async def forget(self, runs: Collection[str]) -> None:
        """See `EventStore.forget`; sealed segments do not change."""
        del runs
        raise StoreError(
            f"the history '{self.path}' keeps every run: its files do not change\n"
            "wf.connect('another/') begins a new one"
        )

    def _open(self, *, create: bool) -> tuple[duckdb.DuckDBPyConnection, dict[str, Head], Sealing]:
        mark(self.path, create=create)
        try:
            lock = FolderLock(self.path)
        except OSError as error:
            raise StoreError(f"'{self.path}' can not be written: {error}\ncheck its permissions") from error
        connection = duckdb.connect(":memory:", config=SETTINGS)
        try:
            segments = sealed(self.path)
            good, stale = _load(connection, self.path, segments)
            index = _load_index(connection, self.path)
            pos, heads = check_positions(connection, self.path), check_streams(connection, self.path)
            kept = [s.row for s in states.load(self.path) if s.run in heads and s.seq <= heads[s.run].seq]
            if kept:
                with connection.appender("snapshots") as appender:
                    appender.append_rows(kept)
            _tidy(self.path, segments, stale)
            index.tidy()
            path, length = good or (self.path / journal_name(pos + 1), 0)
            return (
                connection,
                heads,
                Sealing(self.path, pos, connection, segments, journal=Journal(path, length), index=index, lock=lock),
            )
        except BaseException as error:
            connection.close()
            lock.release()
            if isinstance(error, duckdb.Error):
                raise explain(error, self.path) from error
            if isinstance(error, OSError):
                raise StoreError(f"'{self.path}' can not be read: {error}\ncheck its permissions") from error
            raise

    def _open_values(self) -> ValueTable:
        return ValueTable(self._writer, self._rows, self.path / FOLDER, inline=-1)

    def _settle(self) -> None:
        super()._settle()
        self._writer.show()

    def _page(self, after: int) -> list[Posted]:
        self._writer.show()
        return super()._page(after)

    def _back_up(self, target: Path) -> None:
        part = target.with_name(target.name + ".part")
        refuse_existing(target)
        try:
            shutil.rmtree(part, ignore_errors=True)
            self._writer.copy(part)
            ParquetStore(part, create=False).close()  # every check that there is
            (part / "lock").unlink()
            part.rename(target)
            sync_folder(target.parent)
        except OSError as error:
            shutil.rmtree(part, ignore_errors=True)
            raise StoreError(f"the copy '{target}' can not be written: {error}\nchoose another place") from error


def _load(
    connection: duckdb.DuckDBPyConnection, folder: Path, segments: list[Segment]
) -> tuple[tuple[Path, int] | None, list[Path]]:
    """Show what the folder has; gives the journal to go on with, the length of what is good of it, and older ones."""
    connection.execute(TABLES)
    if sum(path.stat().st_size for path in journals(folder)) > 2 * SEAL_BYTES:  # it has a few long ones
        make_room(connection)
    for table in ("events", "definitions"):
        connection.execute(f"alter table {table} rename to open_{table}")
        connection.execute(view(folder, segments, table))
    connection.execute(ALL_EVENTS)
    known = {hash_ for (hash_,) in connection.execute("select hash from definitions").fetchall()}
    last = segments[-1].last if segments else 0
    goes_on: tuple[Path, int] | None = None
    stale: list[Path] = []
    events: list[tuple[object, ...]] = []
    for path in journals(folder):
        lines, length, damage = read(path)
        if damage is not None:
            raise corrupt(folder, f"byte {damage} of '{path}' is not what was written there")
        for content in lines:
            line = msgspec.json.decode(content, type=Line)
            if line.hash and line.hash not in known:
                known.add(line.hash)
                connection.execute("insert into open_definitions values (?, ?)", [line.hash, line.document])
            if line.events and line.pos > last:
                events.extend(rows_of(line))
        if goes_on is not None and not events:
            stale.append(goes_on[0])  # it is sealed: there is one after it
        goes_on = path, length
    if events:
        with connection.appender("open_events") as appender:
            appender.append_rows(events)
    return goes_on, stale


def _load_index(connection: duckdb.DuckDBPyConnection, folder: Path) -> Index:
    index = Index(folder)
    values = [(*value, None) for value in index.values]  # noqa: PD011 - no table
    for table, rows in (("values", values), ("forgotten", index.forgotten)):
        if rows:
            with connection.appender(table) as appender:
                appender.append_rows(rows)
    return index


def _tidy(folder: Path, segments: list[Segment], stale: list[Path]) -> None:
    """Remove what a kill left: files that were not finished, and those that do not count."""
    counting = {segment.file(table) for segment in segments for table in ("events", "definitions")}
    for entry in folder.iterdir():
        ours = entry.suffix == ".parquet" and entry.name.startswith(("events-", "definitions-"))
        if entry.name.endswith(".parquet.part") or (ours and entry.name not in counting):
            entry.unlink()
    for path in stale:
        path.unlink()
    states.tidy(folder)
