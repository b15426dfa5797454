"""The thread that writes to a history in DuckDB: each batch one transaction, checkpoints when they disturb least."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import duckdb

from wfnb.store.bulk import Bulk, Table
from wfnb.store.commits import Append, Commits, Define, Drop, Forget, Keep, Other, Save, Work, failed
from wfnb.store.dropping import MANY, Dropping
from wfnb.store.files import identity, is_in_place
from wfnb.store.opening import make_room
from wfnb.store.others import write_others

IDLE_WAL = 1 << 20
"""Bytes of write-ahead log that make an idle checkpoint worth it."""
FULL_WAL = 64 << 20
"""Bytes of write-ahead log that make a checkpoint due at once."""
LONG_WAL = 32 << 20
"""Bytes of write-ahead log from which on it matters whether its events ..."""
LONG = 16 << 10
"""... have so many bytes on average: then a checkpoint needs more memory, and one that lacks it is fatal."""


class Writer(Commits):
    """Writes through one connection, which it owns."""

    cure = "it can be copied while it is open: `await wf.backup('another.duckdb')`; then close it and open that one"

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, pos: int) -> None:
        self._connection = connection
        self._table = Table(connection)
        self._dropping = Dropping()
        self._wal = Path(f"{path}.wal")
        self._checkpointed = pos
        self._has_room = False
        self._known = identity(path)
        super().__init__(path, pos, connection.execute("select run, seq from snapshots").fetchall())

    def _write(self, batch: Sequence[Work]) -> None:
        """Make one transaction of a batch; one of its own for what is no event, before it."""
        bulk, others = Bulk(self.pos + 1), list[tuple[Other, int]]()
        pos = self.pos
        for work in batch:
            if type(work) is Append:
                if work.rows:
                    work.head.first = work.head.first or pos + 1
                    bulk.add(work.run, work.epoch, work.seq, work.rows)
                    pos += len(work.rows)
                work.head.last = pos
            elif isinstance(work, Define | Keep | Drop | Forget):
                others.append((work, pos))
        if others:
            write_others(self._connection, others)
        if pos > self.pos:
            if not self._has_room and bulk.length > LONG_WAL:
                self._make_room()
            self._table.put(bulk)
        self.pos = pos

    def _is_in_place(self) -> bool:
        return is_in_place(self._path, self._known)

    def _make_room(self) -> None:
        make_room(self._connection)
        self._has_room = True

    def _tidy(self, *, idle: bool) -> None:
        if idle or self._dropping.count >= MANY:
            self._drop()
        self._checkpoint(IDLE_WAL if idle else FULL_WAL)

    def _end(self) -> None:
        self._drop()
        with suppress(duckdb.Error, OSError):
            if not self._is_in_place() and self._path.exists():  # the log of that name may be of the other one
                self._connection.execute("pragma disable_checkpoint_on_shutdown")
        with suppress(duckdb.Error):
            self._connection.close()

    def _keep(self, made: Sequence[tuple[Save, bytes]], gone: Sequence[tuple[str, int]]) -> None:
        for save, _ in made:
            if save.dropping is not None:
                self._dropping.add(save.run, self.snapshots[save.run][0] - 1, save.dropping)
        self._connection.execute("begin")
        with self._connection.appender("snapshots") as appender:
            appender.append_rows([(s.run, s.seq, s.definition, s.ts, state.decode()) for s, state in made])
        if gone:
            runs, seqs = zip(*gone, strict=True)
            self._connection.execute(
                "delete from snapshots where (run, seq) in (select unnest(?), unnest(?))", [list(runs), list(seqs)]
            )
        self._connection.execute("commit")

    def _drop(self) -> None:
        if self.failure is None and self._dropping.count:
            try:
                self._dropping.carry_out(self._connection)
            except Exception as error:  # noqa: BLE001 - as for events
                self.failure = failed(self._path, error)

    def _checkpoint(self, threshold: int) -> None:
        """Move the write-ahead log into the file where it is long enough, and there is room."""
        if self.failure is not None:
            return
        try:
            size = self._wal.stat().st_size
            if size > LONG_WAL and not self._has_room and size > LONG * (self.pos - self._checkpointed):
                self._make_room()
            if size < threshold or shutil.disk_usage(self._path.parent).free < 2 * size:
                return
            self._connection.execute("checkpoint")
            self._checkpointed = self.pos
        except FileNotFoundError:
            return  # nothing was written since the last one
        except duckdb.TransactionException:
            return  # somebody else writes through a connection of this process; later, then
        except (duckdb.Error, OSError) as error:
            self.failure = failed(self._path, error)
