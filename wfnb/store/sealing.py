"""The thread that writes to a history in a folder: a journal first, then Parquet segments that any tool reads."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import duckdb
import msgspec

from wfnb.store import states
from wfnb.store.commits import Append, Commits, Define, Drop, Forget, Keep, Other, Save, Work, failed
from wfnb.store.files import sync_file, sync_folder
from wfnb.store.index import FOLDER, Index
from wfnb.store.journal import Journal, framed
from wfnb.store.lock import FolderLock
from wfnb.store.opening import make_room
from wfnb.store.others import write_others
from wfnb.store.segments import MARK, Line, Segment, journal_name, remove, seal, view
from wfnb.store.valuetable import copy_files

SEAL_EVENTS = 65_536
"""Events that make a segment."""
SEAL_BYTES = 32 << 20
"""Bytes of a journal that make one, however few events they are."""


class Sealing(Commits):
    """Writes lines to a journal, and from time to time what it has to a segment.

    Attributes:
        sealing: held while files are made or removed, or needed as they are.
    """

    cure = "put its folder back, close it and open it again"

    def __init__(
        self,
        folder: Path,
        pos: int,
        connection: duckdb.DuckDBPyConnection,
        segments: Sequence[Segment],
        *,
        journal: Journal,
        index: Index,
        lock: FolderLock,
    ) -> None:
        self.sealing = threading.Lock()
        self._connection = connection
        self._segments = list(segments)
        self._replaced: list[Segment] = []
        self._journal = journal
        self._index = index
        self._lock = lock
        self._showing = threading.Lock()
        self._events: list[tuple[object, ...]] = []
        self._definitions: list[tuple[str, str]] = []
        super().__init__(folder, pos, connection.execute("select run, seq from snapshots").fetchall())

    def show(self) -> None:
        """Put into the open tables what was written since the last time."""
        with self._showing:
            events, definitions = self._events, self._definitions
            if not events and not definitions:
                return
            self._events, self._definitions = [], []
            cursor = self._connection.cursor()
            if self._journal.size > 2 * SEAL_BYTES:  # it has a few long ones
                make_room(cursor)
            cursor.execute("begin")
            for table, rows in (("open_events", events), ("open_definitions", definitions)):
                if rows:
                    with cursor.appender(table) as appender:
                        appender.append_rows(rows)
            cursor.execute("commit")
            cursor.close()

    def disown(self) -> None:
        """In a process that was forked: the lock is its parent's, and goes with that."""
        self._lock.release()

    def copy(self, target: Path) -> None:
        """Copy the folder as the last commit left it.

        Raises:
            OSError: it can not be written.
        """
        with self.sealing:
            target.mkdir(parents=True)
            states.copy(self._path, target)  # before the journal, so that it has what they cover
            for segment in self._segments:
                for table in ("events", "definitions"):
                    shutil.copyfile(self._path / segment.file(table), target / segment.file(table))
            size, copied = self._journal.size, target / self._journal.path.name
            with self._journal.path.open("rb") as source, copied.open("wb") as copy:
                while block := source.read(min(size, 1 << 20)):
                    copy.write(block)
                    size -= len(block)
            self._index.copy(target)  # after the journal, so that it has what its events name
            copy_files(self._path / FOLDER, target / FOLDER)
            shutil.copyfile(self._path / MARK, target / MARK)
            for entry in target.iterdir():
                if entry.is_file():
                    sync_file(entry)
            sync_folder(target)

    def _is_in_place(self) -> bool:
        return self._journal.is_in_place()

    def _write(self, batch: Sequence[Work]) -> None:
        pos = self.pos
        lines: list[bytes] = []
        others: list[tuple[Other, int]] = []
        events: list[tuple[object, ...]] = []
        definitions: list[tuple[str, str]] = []
        for work in batch:
            if type(work) is Append:
                if not work.rows:
                    continue
                run, epoch, seq = work.run, work.epoch, work.seq
                payloads = [row.payload for row in work.rows]
                line = Line(
                    run, epoch, pos + 1, seq + 1, tuple(row.ts for row in work.rows), tuple(map(msgspec.Raw, payloads))
                )
                lines.append(framed(msgspec.json.encode(line)))
                work.head.first = work.head.first or pos + 1
                for row, payload in zip(work.rows, payloads, strict=True):
                    pos += 1
                    seq += 1
                    events.append((pos, run, epoch, seq, row.ts, row.type, row.node, payload.decode()))
                work.head.last = pos
            elif isinstance(work, Keep | Drop | Forget):
                others.append((work, pos))
            elif type(work) is Define:
                definitions.append((work.hash, work.document.decode()))
                lines.append(framed(msgspec.json.encode(Line(hash=work.hash, document=work.document.decode()))))
        if others:
            self._index.write(others)
            cursor = self._connection.cursor()
            write_others(cursor, others)
            cursor.close()
        if lines:
            self._journal.write(lines)
        with self._showing:
            self._events += events
            self._definitions += definitions
        self.pos = pos

    def _keep(self, made: Sequence[tuple[Save, bytes]], gone: Sequence[tuple[str, int]]) -> None:
        kept = [
            states.Kept(save.run, save.seq, save.definition, save.ts, msgspec.Raw(state))
            for save, state in made
            if (save.run, save.seq) not in gone
        ]
        states.save(self._path, kept)
        cursor = self._connection.cursor()
        cursor.execute("begin")
        with cursor.appender("snapshots") as appender:
            appender.append_rows([snapshot.row for snapshot in kept])
        cursor.executemany("delete from snapshots where run = ? and seq = ?", [list(old) for old in gone] or [["", 0]])
        cursor.execute("commit")
        cursor.close()
        states.remove(self._path, gone)

    def _tidy(self, *, idle: bool) -> None:
        del idle
        sealed = self._segments[-1].last if self._segments else 0
        if self.failure is None and (self.pos - sealed >= SEAL_EVENTS or self._journal.size >= SEAL_BYTES):
            try:
                self._seal()
            except Exception as error:  # noqa: BLE001 (a writer that dies silently would hang everybody)
                self.failure = failed(self._path, error)

    def _seal(self) -> None:
        """Make a segment of what is open, where nobody needs the files as they are."""
        if self.pos == (self._segments[-1].last if self._segments else 0) or not self.sealing.acquire(blocking=False):
            return
        try:
            self.show()
            cursor = self._connection.cursor()
            segment, replaced = seal(cursor, self._path, self._segments, self.pos)
            segments = [*(kept for kept in self._segments if kept not in replaced), segment]
            cursor.execute("begin")
            for table in ("events", "definitions"):
                # Not emptied but made anew, which lets its memory go.
                cursor.execute(f"create or replace table open_{table} as from open_{table} limit 0")
                cursor.execute(view(self._path, segments, table))
            cursor.execute("commit")
            cursor.close()
            self._segments, self._replaced = segments, [*self._replaced, *replaced]
            old, self._journal = self._journal, Journal(self._path / journal_name(self.pos + 1))
            old.close()
            old.path.unlink()
        finally:
            self.sealing.release()

    def _end(self) -> None:
        try:
            if self.failure is None:
                with suppress(OSError, duckdb.Error):  # all of it is in the journal
                    self._seal()
                    remove(self._path, self._replaced)  # nobody reads any more
            self._journal.close()
            self._index.close()
        finally:
            self._lock.release()
