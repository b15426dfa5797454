"""The thread that writes to a history in DuckDB: each batch one transaction, checkpoints when they disturb least."""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import duckdb

from wfnb.store.commits import Append, Commits, Define, Save, Work, failed
from wfnb.store.dropping import MANY, Dropping

CHUNK = 192
"""Rows handed to DuckDB at once: it holds the interpreter lock meanwhile, about 3 µs a row."""
IDLE_WAL = 1 << 20
"""Bytes of write-ahead log that make an idle checkpoint worth it."""
FULL_WAL = 64 << 20
"""Bytes of write-ahead log that make a checkpoint due at once."""


class Writer(Commits):
    """Writes through one connection, which it owns.

    Attributes:
        pos: of the last event that is durable.
        snapshots: the `seq` of those that are kept, in order, by run.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, pos: int) -> None:
        self._connection = connection
        self._appender = connection.appender("events")
        self._dropping = Dropping()
        self.snapshots: dict[str, list[int]] = {}
        for run, seq in connection.execute("select run, seq from snapshots order by seq").fetchall():
            self.snapshots.setdefault(run, []).append(seq)
        self._wal = Path(f"{path}.wal")
        super().__init__(path, pos)

    def _write(self, batch: Sequence[Work]) -> None:
        """Make one transaction of a batch; a statement of its own for definitions, before it."""
        pos = self.pos
        rows: list[tuple[object, ...]] = []
        for work in batch:
            if type(work) is Append:
                run, epoch, seq = work.run, work.epoch, work.seq
                if work.rows:
                    work.head.first = work.head.first or pos + 1
                for row in work.rows:
                    pos += 1
                    seq += 1
                    payload = row.payload.decode()
                    rows.append((pos, run, epoch, seq, row.ts, row.type, row.node, payload))
                work.head.last = pos
                if len(rows) >= CHUNK:
                    self._hand_over(rows)
                    rows.clear()
            elif type(work) is Define:
                self._connection.execute("insert into definitions values (?, ?)", [work.hash, work.document.decode()])
        if pos > self.pos:
            self._hand_over(rows)
            self._appender.flush()
        self.pos = pos

    def _hand_over(self, rows: Sequence[tuple[object, ...]]) -> None:
        for start in range(0, len(rows), CHUNK):
            self._appender.append_rows(rows[start : start + CHUNK])
            time.sleep(0)  # lets the loop have the interpreter lock between chunks

    def _tidy(self, *, idle: bool) -> None:
        if idle or self._dropping.count >= MANY:
            self._drop()
        self._checkpoint(IDLE_WAL if idle else FULL_WAL)

    def _end(self) -> None:
        self._drop()
        with suppress(duckdb.Error):
            self._connection.close()

    def _save(self, batch: Sequence[Work]) -> None:
        """Write the snapshots of a batch, whose events are on the disk, and delete what is not to be kept any more."""
        rows: list[tuple[object, ...]] = []
        gone: list[tuple[str, int]] = []
        try:
            for work in batch:
                if type(work) is not Save or self.failure is not None:
                    continue
                state, kept = work.state(), self.snapshots.setdefault(work.run, [])
                if state is not None and not (kept and kept[-1] >= work.seq):
                    rows.append((work.run, work.seq, work.definition, work.ts, state.decode()))
                    kept.append(work.seq)
                    gone.extend((work.run, seq) for seq in kept[: -work.keep])
                    del kept[: -work.keep]
                    if work.dropping is not None:
                        self._dropping.add(work.run, kept[0] - 1, work.dropping)
            if not rows:
                return
            self._connection.execute("begin")
            with self._connection.appender("snapshots") as appender:
                appender.append_rows(rows)
            if gone:
                runs, seqs = zip(*gone, strict=True)
                self._connection.execute(
                    "delete from snapshots where (run, seq) in (select unnest(?), unnest(?))", [list(runs), list(seqs)]
                )
            self._connection.execute("commit")
        except Exception as error:  # noqa: BLE001 - as for events
            self.failure = failed(self._path, error)

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
            if size < threshold or shutil.disk_usage(self._path.parent).free < 2 * size:
                return
            self._connection.execute("checkpoint")
        except FileNotFoundError:
            return  # nothing was written since the last one
        except duckdb.TransactionException:
            return  # somebody else writes through a connection of this process; later, then
        except (duckdb.Error, OSError) as error:
            self.failure = failed(self._path, error)
