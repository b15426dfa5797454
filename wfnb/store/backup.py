"""A copy of a history, made while it is written: what one commit left, whole and looked at before it is given out."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from wfnb.errors import StoreError
from wfnb.store.archive import Archive, folder_of
from wfnb.store.commits import Head
from wfnb.store.dropping import Dropping
from wfnb.store.files import sync_file, sync_folder
from wfnb.store.opening import connect
from wfnb.store.protocol import Row, Snapshot
from wfnb.store.sql import TABLES, insert, insert_snapshots, quoted


def back_up(cursor: duckdb.DuckDBPyConnection, archive: Archive, target: Path) -> None:
    """Copy every table into a new history, and the archived files into the folder beside it.

    The tables are read in one transaction, so they fit together; whoever writes is not kept waiting.

    Raises:
        StoreError: there is something already, or it can not be written; nothing is left there then.
    """
    folder = folder_of(target)
    refuse_existing(folder)
    with written(target) as part:
        expected = _copy_tables(cursor, part)
        if archive.runs:
            _copy_files(archive, folder)
    _verify(target, expected)


def write_down(
    target: Path,
    definitions: Mapping[str, bytes],
    appends: Iterable[tuple[str, int, int, tuple[Row, ...]]],
    snapshots: Mapping[str, Sequence[Snapshot]],
    dropped: Mapping[str, int],
) -> None:
    """Make a history of what another store has.

    Args:
        target: where.
        definitions: by hash.
        appends: run, epoch, `seq` before and rows of each append.
        snapshots: by run.
        dropped: by run, up to which event what was appended is not there any more.

    Raises:
        StoreError: there is something already, or it can not be written; nothing is left there then.
    """
    with written(target) as part:
        connection, _, _ = connect(part, create=True)
        try:
            insert(connection, 0, appends, definitions)
            insert_snapshots(connection, snapshots)
            leaving = Dropping()
            for run, last in dropped.items():
                leaving.add(run, last, Head(0, 0, first=1))
            if leaving.count:
                leaving.carry_out(connection)
        finally:
            connection.close()


@contextmanager
def written(target: Path) -> Iterator[Path]:
    """Where to write what is at `target` once it is whole."""
    part = target.with_name(target.name + ".part")
    refuse_existing(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _remove(part)
        yield part
        sync_file(part)
        part.rename(target)
        sync_folder(target.parent)
    except (OSError, duckdb.Error) as error:
        with suppress(OSError):
            _remove(part)
        raise StoreError(f"the copy '{target}' can not be written: {error}\nchoose another place") from error


def refuse_existing(target: Path) -> None:
    """Write over nothing.

    Raises:
        StoreError: something is there.
    """
    if target.exists():
        raise StoreError(f"there is something at '{target}' already\nchoose another path, or move it away")


def _copy_tables(cursor: duckdb.DuckDBPyConnection, part: Path) -> tuple[int, int]:
    """Copy every table; gives the last position and the number of runs in the table of events."""
    (database,) = cursor.execute("select current_database()").fetchall()[0]
    source = quoted_name(database)
    copy = f"copy_{secrets.token_hex(4)}"
    cursor.execute(f"attach {quoted(str(part))} as {copy}")
    try:
        cursor.execute(f"use {copy}")
        cursor.execute(TABLES)
        known = tables_of(cursor)
        cursor.execute(f"use {source}")
        cursor.execute("begin")
        for table in sorted(tables_of(cursor)):
            name = quoted_name(table)
            if table not in known:
                cursor.execute(f"create table {copy}.{name} as from {source}.main.{name} limit 0")
            cursor.execute(f"insert into {copy}.{name} from {source}.main.{name}")
        count = f"select coalesce(max(pos), 0), count(distinct run) from {copy}.events"  # noqa: S608
        last, runs = cursor.execute(count).fetchall()[0]
        cursor.execute(f"update {copy}.meta set views = ''")  # noqa: S608 - they are made when it is opened
        cursor.execute("commit")
        cursor.execute(f"checkpoint {copy}")
    except BaseException:
        with suppress(duckdb.Error):
            cursor.execute("rollback")
        raise
    finally:
        cursor.execute(f"use {source}")
        cursor.execute(f"detach {copy}")
    return last, runs


def _copy_files(archive: Archive, folder: Path) -> None:
    folder.mkdir()
    for name in {item.file for item in archive.runs.values()}:
        shutil.copyfile(archive.folder / name, folder / name)
        sync_file(folder / name)
    sync_folder(folder)


def _verify(target: Path, expected: tuple[int, int]) -> None:
    """Open it with every check that there is, which makes its views too."""
    connection, heads, _ = connect(target, create=False)
    try:
        last = max((head.last for head in heads.values()), default=0)
    finally:
        connection.close()
    if (last, len(heads)) != expected:
        raise StoreError(
            f"the copy '{target}' has {len(heads)} runs up to position {last}, not {expected[1]} up to {expected[0]}\n"
            "the disk did not keep what was written to it: choose another place"
        )


def tables_of(connection: duckdb.DuckDBPyConnection) -> set[str]:
    """The names of the tables of the database in use."""
    found = connection.execute(
        "select table_name from duckdb_tables() where database_name = current_database() and not temporary"
    )
    return {name for (name,) in found.fetchall()}


def _remove(part: Path) -> None:
    for path in (part, Path(f"{part}.wal")):
        path.unlink(missing_ok=True)


def quoted_name(name: str) -> str:
    """A name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'
