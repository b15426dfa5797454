"""Events in one DuckDB file: the durable store.

One thread writes (`wfnb.store.writer`); positions are checked on the caller's thread against a map
of stream heads, which is rebuilt when the file is opened.  Reading waits for what is queued, then
uses a cursor of its own.
"""

from __future__ import annotations

import asyncio
import os
import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb

from wfnb.errors import StoreError
from wfnb.model.event import Record
from wfnb.store.memory import LIFE, check, record
from wfnb.store.opening import connect, corrupt, explain, locked
from wfnb.store.protocol import Acknowledged, Row, RunHead
from wfnb.store.sql import select
from wfnb.store.writer import Append, Define, Head, Writer, again

if TYPE_CHECKING:
    from pandas import DataFrame

_open: set[tuple[int, str]] = set()
"""Process and real path of every store in use.  DuckDB gives one process the same database twice,
and two writers would then number events independently; a fork starts with none of its own."""


class DuckDBStore:
    """An event store in a DuckDB file, which no other process can open meanwhile.

    Attributes:
        path: of the file; `path.wal` beside it holds the latest commits while it is open.

    Raises:
        StoreLocked: another process, or another store of this one, has the file.
        StoreCorrupt: it is damaged; nothing was written to it.
        StoreVersion: a newer wfnb or DuckDB wrote it.
        StoreError: there is no such file and `create` is false, or it can not be opened or made.
    """

    durable = True

    def __init__(self, path: str | os.PathLike[str], *, create: bool = True) -> None:
        self.path = Path(path)
        key = (os.getpid(), str(self.path.resolve()))
        if key in _open:
            raise locked(self.path, key[0])
        self._connection, self._heads, pos = connect(self.path, create=create)
        _open.add(key)
        known = self._connection.execute("select hash from definitions").fetchall()
        self._defined: set[str] = {hash_ for (hash_,) in known}
        writes = self._connection.cursor()
        writes.execute("pragma disable_optimizer")  # nothing to optimize: a tenth of a commit's time
        self._writer = Writer(writes, self.path, pos)
        self._cursors: set[duckdb.DuckDBPyConnection] = set()
        self._reading = threading.Condition()
        self._closed = False
        # Also at the end of the interpreter, so that what was appended last is not lost.
        self._release = weakref.finalize(self, _release, self._writer, self._connection, key)

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

    def read(self, run: str, start: int = 1, stop: int | None = None) -> list[Record]:
        """See `EventStore.read`."""
        head = self._heads.get(run)
        last = 0 if head is None else head.seq if stop is None else min(head.seq, stop - 1)
        first = max(start, 1)
        if head is None or first > last:
            return []
        self._settle()  # now the head says between which positions its events lie
        rows = self._rows(
            "select epoch, seq, ts, payload from events "
            "where pos between ? and ? and run = ? and seq between ? and ? order by seq",
            [head.first, head.last, run, first, last],
        )
        if self._writer.failure is None and [row[1] for row in rows] != list(range(first, last + 1)):
            raise corrupt(self.path, f"events of run '{run}' are missing, or there twice")
        return [record(run, epoch, seq, ts, payload) for epoch, seq, ts, payload in rows]

    def heads(self) -> list[RunHead]:
        """See `EventStore.heads`."""
        rows = self._rows(
            "select run, seq, ts, type, payload ->> 'workflow', payload ->> 'definition', payload ->> 'key' "
            "from events "
            "where seq = 1 or type in ('RunStarted', 'RunCompleted', 'RunFailed', 'RunCancelled', 'RunReopened') "
            "order by pos",
        )
        found: dict[str, RunHead] = {}
        for run, seq, ts, type_, workflow, definition, key in rows:
            head = self._heads[run]
            if seq == 1:
                found[run] = RunHead(
                    run, workflow or "", definition or "", "running", head.seq, head.epoch, ts, None, key or ""
                )
            elif type_ == "RunReopened":
                found[run] = replace(found[run], status="running", ended=None)
            elif type_ in LIFE:  # what may come after it only makes a lost result again
                found[run] = replace(found[run], status=LIFE[type_], ended=ts)
        return list(found.values())

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> DataFrame:
        """See `EventStore.query`; the history as it was when the query began."""
        self._settle()
        with self._cursor() as cursor:
            return select(cursor, sql, parameters)

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
        with self._reading:
            while self._cursors:
                for cursor in self._cursors:
                    cursor.interrupt()  # has no effect on a statement that is about to begin: so again
                self._reading.wait(0.01)
        self._release()
        if self._writer.unreported and self._writer.failure is not None:
            raise again(self._writer.failure)

    def _refuse(self) -> None:
        if self._writer.failure is not None:
            self._writer.unreported = False
            raise again(self._writer.failure)
        raise StoreError("the history is closed\nopen it again with connect()")

    def _settle(self) -> None:
        if self._closed:
            self._refuse()
        self._writer.settle()

    def _rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Any]:
        self._settle()
        with self._cursor() as cursor:
            # All at once: a result left open would block the next append.
            return cursor.execute(sql, list(parameters)).fetchall()

    @contextmanager
    def _cursor(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._reading:
            if self._closed:
                self._refuse()
            cursor = self._connection.cursor()
            self._cursors.add(cursor)
        try:
            yield cursor
        except duckdb.InterruptException as error:
            raise StoreError("the history was closed while it was read\nopen it again") from error
        except duckdb.Error as error:
            raise explain(error, self.path) from error
        finally:
            with self._reading:
                cursor.close()
                self._cursors.discard(cursor)
                self._reading.notify_all()


def _release(writer: Writer, connection: duckdb.DuckDBPyConnection, key: tuple[int, str]) -> None:
    writer.stop()
    connection.close()
    _open.discard(key)
