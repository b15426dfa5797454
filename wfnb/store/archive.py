"""Runs that left the table of events: archived into Parquet files beside the history, or forgotten.

A file is complete on the disk before one transaction takes its runs out of the table, and a file is removed only after
the transaction that names it no more: a kill at any point leaves a history with every run, at worst beside a file that
nothing names.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from wfnb.errors import StoreCorrupt, StoreError
from wfnb.store import valuetable
from wfnb.store.commits import Head
from wfnb.store.dropping import VERSION
from wfnb.store.files import sync_file, sync_folder
from wfnb.store.protocol import RunHead
from wfnb.store.sql import ALL_EVENTS, EVENTS, FINGERPRINT, quoted

_NAME = re.compile(r"(\d{6,})\.parquet")
_COPY = "(format parquet, compression zstd, row_group_size 20480)"
_ISLANDS = """
create or replace temp table islands as
with pieces as (
    select first, last, max(last) over (order by first rows between unbounded preceding and 1 preceding) as before
    from (
        select first, last from gone
        union all select pos, pos from events where run in (from leaving)
    )
)
select first, coalesce(lead(before) over (order by first), (select max(last) from pieces)) as last
from pieces where before is null or first > before + 1 order by 1
"""
"""Positions that are gone with those that leave, as few ranges as can be: one begins where none before it reaches, and
ends with the last before the next."""


@dataclass(frozen=True, slots=True)
class Archived:
    """A run that a Parquet file has."""

    file: str
    first: int
    """`pos` of its first event."""
    head: RunHead
    dropped: int = 1
    """Its events from 2 to this one had left the history before it was archived."""


class Archive:
    """What a history has archived.

    Attributes:
        folder: where the files lie.
        values: where the large values of the history lie.
        runs: what became of each run, by its id; replaced where it changes, so that others may read it.
        lock: held by whoever adds files, removes some, or needs them all.
    """

    def __init__(self, history: Path, connection: duckdb.DuckDBPyConnection) -> None:
        self.folder = folder_of(history)
        self.values = valuetable.folder_of(history)
        self.lock = threading.Lock()
        self.runs: Mapping[str, Archived] = {}
        self.load(connection)

    def load(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Take over what the history says."""
        rows = connection.execute(
            "select file, first, dropped, run, workflow, definition, status, events, epoch, started, ended "
            "from archived"
        ).fetchall()
        found: dict[str, Archived] = {}
        for file, first, dropped, run, *rest in rows:
            head = replace(RunHead(run, *rest), archived=True)
            found[run] = Archived(file, first, head, dropped)
        self.runs = found

    def source(self, run: str) -> str:
        """The file with a run's events, for `read_parquet`.

        Raises:
            StoreCorrupt: it is not there.
        """
        path = self.folder / self.runs[run].file
        if not path.exists():
            raise StoreCorrupt(
                f"run '{run}' is archived in '{path}', which is not there\nput the file back where it was: "
                "the history itself is whole"
            )
        return str(path)

    def write(self, cursor: duckdb.DuckDBPyConnection, heads: Sequence[RunHead]) -> tuple[str, dict[str, int]]:
        """Write the events of runs into a new file; gives its name once it is on the disk, and how many each has.

        Raises:
            StoreError: it can not be written, or does not have what it should.
        """
        _leave(cursor, [head.run for head in heads])
        name = self._copy(cursor, f"select {EVENTS} from events where run in (from leaving)")  # noqa: S608 - ours
        count = "select run, count(*), max(seq) from {} where run in (from leaving) group by run"
        there, found = (
            {run: (rows, last) for run, rows, last in cursor.execute(count.format(source), parameters).fetchall()}
            for source, parameters in (("events", []), ("read_parquet(?)", [str(self.folder / name)]))
        )
        for head in heads:
            rows, last = found.get(head.run, (0, 0))
            if there.get(head.run) != (rows, last) or last != head.events:
                self.discard(name)
                raise went_on(head.run)
        return name, {run: rows for run, (rows, _) in found.items()}

    def discard(self, *names: str) -> None:
        """Remove files that the history does not name."""
        for name in names:
            (self.folder / name).unlink(missing_ok=True)
        if names:
            sync_folder(self.folder)

    def enter(
        self,
        cursor: duckdb.DuckDBPyConnection,
        name: str,
        heads: Sequence[RunHead],
        away: Mapping[str, Archived],
        left: Mapping[str, Head],
    ) -> None:
        """Take runs out of the table, in one transaction that says which file has them.

        Raises:
            StoreError: one is not where it was when the file was written, or the history can not be written; the file
                is removed then.
        """
        before = self.runs
        try:
            for head in heads:
                if head.run not in left or left[head.run].seq != head.events:
                    raise went_on(head.run)
            self.runs = {**before, **away}
            self._enter(cursor, [_row(item) for item in away.values()])
        except BaseException:
            self.runs = before
            with suppress(duckdb.Error):
                cursor.execute("rollback")
            # Only a history that can still be asked says for sure that the file is not needed.
            if not cursor.execute("select 1 from archived where file = ?", [name]).fetchall():
                self.discard(name)
            raise

    def _enter(self, cursor: duckdb.DuckDBPyConnection, rows: Sequence[tuple[object, ...]]) -> None:
        _leave(cursor, [str(row[0]) for row in rows])
        cursor.execute("begin")
        with cursor.appender("archived") as appender:
            appender.append_rows(rows)
        self._take_out(cursor, ["events"])  # what else belongs to them is still of use
        cursor.execute("commit")

    def forget(self, cursor: duckdb.DuckDBPyConnection, runs: Collection[str]) -> None:
        """Take runs out for good, archived ones too; a file that has others is written anew without these."""
        _leave(cursor, runs)
        old = sorted({self.runs[run].file for run in runs if run in self.runs})
        new: dict[str, str] = {}
        for file in old:
            if any(item.file == file for run, item in self.runs.items() if run not in runs):
                source = quoted(str(self.folder / file))
                new[file] = self._copy(
                    cursor,
                    f"select {EVENTS} from read_parquet({source}) where run not in (from leaving)",  # noqa: S608
                )
        cursor.execute("begin")
        for file, name in new.items():
            cursor.execute("update archived set file = ? where file = ?", [name, file])
        self._take_out(cursor, tables_by_run(cursor))
        cursor.execute("commit")
        self.load(cursor)
        self.discard(*old)

    def _copy(self, cursor: duckdb.DuckDBPyConnection, query: str) -> str:
        """Write what a query gives into a new file, sorted by run; gives its name once it is on the disk."""
        try:
            self.folder.mkdir(exist_ok=True)
            taken = [int(found[1]) for entry in self.folder.iterdir() if (found := _NAME.match(entry.name))]
            path = self.folder / f"{max(taken, default=0) + 1:06}.parquet"
            part = path.with_name(path.name + ".part")
            cursor.execute(f"copy ({query} order by run, seq) to {quoted(str(part))} {_COPY}")
            sync_file(part)
            part.rename(path)
            sync_folder(self.folder)
            sync_folder(self.folder.parent)
        except OSError as error:
            raise StoreError(
                f"'{self.folder}' can not be written: {error}\nnothing was changed; free space or mend the permissions"
            ) from error
        return path.name

    def _take_out(self, cursor: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> None:
        """The part that archiving and forgetting share, within their transaction."""
        cursor.execute(_ISLANDS)
        cursor.execute("delete from gone")
        cursor.execute("insert into gone select first, last from islands")
        for table in tables:
            cursor.execute(f"delete from {table} where run in (from leaving)")  # noqa: S608 - ours
        cursor.execute("update meta set version = greatest(version, ?)", [VERSION])
        show(cursor, self.folder)


def went_on(run: str) -> StoreError:
    """The error for a run that was not over after all."""
    return StoreError(f"run '{run}' went on while it was archived\nnothing was changed; archive it when it is over")


def folder_of(history: Path) -> Path:
    """Where the archived runs of a history lie."""
    return history.with_name(history.name + ".archive")


def tables_by_run(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The tables whose rows belong to a run and are deleted with it."""
    found = connection.execute(
        "select table_name from duckdb_columns() join duckdb_tables() using (database_name, schema_name, table_name) "
        "where column_name = 'run' and not duckdb_tables.temporary "
        "and database_name = current_database() order by 1"
    ).fetchall()
    return [name for (name,) in found]


def show(connection: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Let the views see what the archived files have, as far as they are there."""
    files = _present(connection, folder)
    sources = ", ".join(quoted(file) for file in files)
    archived = f" union all select {EVENTS} from read_parquet([{sources}])"  # noqa: S608 - ours
    connection.execute(ALL_EVENTS + (archived if files else ""))
    connection.execute("update meta set views = ?", [_fingerprint(files)])


def fingerprint(connection: duckdb.DuckDBPyConnection, folder: Path) -> str:
    """What the views are made from: where it is another one, they have to be made anew."""
    return _fingerprint(_present(connection, folder))


def _fingerprint(files: Iterable[str]) -> str:
    names = "\n".join(files)
    return f"{FINGERPRINT}-{sha256(names.encode()).hexdigest()[:8]}" if names else FINGERPRINT


def _present(connection: duckdb.DuckDBPyConnection, folder: Path) -> list[str]:
    names: list[tuple[Any]] = connection.execute("select distinct file from archived order by 1").fetchall()
    return [str(path) for (name,) in names if (path := (folder / name).resolve()).exists()]


def _row(item: Archived) -> tuple[object, ...]:
    """Of the table `archived`."""
    head = item.head
    return (
        head.run, item.file, head.epoch, head.events, item.dropped, item.first,
        head.workflow, head.definition, head.status, head.started, head.ended,
    )  # fmt: skip


def _leave(cursor: duckdb.DuckDBPyConnection, runs: Collection[str]) -> None:
    cursor.execute("create or replace temp table leaving as select unnest(?::varchar[]) as run", [list(runs)])
