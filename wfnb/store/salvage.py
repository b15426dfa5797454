"""What is whole of a damaged history, as a new one."""

from __future__ import annotations

import shutil
from contextlib import suppress
from functools import partial
from pathlib import Path

import duckdb

from wfnb.errors import StoreError
from wfnb.model.event import decode
from wfnb.store import dropping, valuetable
from wfnb.store.backup import quoted_name, refuse_existing, tables_of, written
from wfnb.store.doctor import FileWard, opened
from wfnb.store.files import sync_folder
from wfnb.store.folderward import FolderWard
from wfnb.store.index import FOLDER
from wfnb.store.opening import connect
from wfnb.store.parquet import ParquetStore
from wfnb.store.protocol import Row
from wfnb.store.scan import Unreadable
from wfnb.store.ward import Diagnosis

CHUNK = 1024
FEW = 16
"""Rows of other tables at once: they may be large."""
KEPT = 1_000
"""Snapshots of a run that are saved at most."""
OURS = frozenset({"meta", "events", "definitions", "gone", "archived"})


def salvage(path: Path, target: Path) -> Diagnosis:
    """Write every run that is whole to a new history, archived ones too; nothing of the old one is changed.

    What is saved of a folder is a folder, of a DuckDB file one.  Events get new positions, in their order.  Tables of
    other things come along: of those with a column `run` the rows of these runs, of others all rows that can be read.

    Returns:
        What is wrong with the old one; `good` is what the new one has.

    Raises:
        StoreError: there is nothing at `path`, something at `target`, or it can not be written.
    """
    with opened(path) as ward:
        found = ward.diagnosis()
        if isinstance(ward, FolderWard):
            if ward.readable:
                _save_folder(ward, found, target)
            return found
        refuse_existing(valuetable.folder_of(target))
        if ward.connection is not None:
            with written(target) as part:
                _write(ward, found, part)
                folder = valuetable.folder_of(target)
                valuetable.copy_files(valuetable.folder_of(path), folder)
                for hash in ward.lost:
                    (folder / hash).unlink(missing_ok=True)
        return found


def _save_folder(ward: FolderWard, found: Diagnosis, target: Path) -> None:
    part = target.with_name(target.name + ".part")
    refuse_existing(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(part, ignore_errors=True)
        store = ParquetStore(part)
        try:
            _append_all(ward, found, store)
        finally:
            store.close()
        (part / "lock").unlink()
        part.rename(target)
        sync_folder(target.parent)
    except OSError as error:
        shutil.rmtree(part, ignore_errors=True)
        raise StoreError(f"the copy '{target}' can not be written: {error}\nchoose another place") from error


def _append_all(ward: FolderWard, found: Diagnosis, store: ParquetStore) -> None:
    for hash_, document in ward.definitions().items():
        store.define(hash_, document.encode())
    for hash_, codec, _ in ward.values():
        if hash_ not in ward.lost:
            store.keep_value(hash_, codec, ward.path / FOLDER / hash_)
    events = (row for row in ward.rows() if not isinstance(row, Unreadable) and row.run in found.good)
    for number, row in enumerate(events, 1):
        store.append(row.run, row.epoch, row.seq - 1, [Row(row.ts, decode(row.payload))])
        if number % CHUNK == 0:
            store.heads()  # waits for what is queued
    # Positions are new ones: no result that is here is one of those that came since.
    for activity, _ in ward.forgotten():
        store.forget_results(activity)
    for kept in ward.snapshots():
        if kept.seq <= found.good.get(kept.run, 0):
            store.save_snapshot(kept.run, kept.seq, kept.definition, kept.ts, partial(bytes, kept.state), keep=KEPT)


def _write(ward: FileWard, found: Diagnosis, part: Path) -> None:
    new, _, _ = connect(part, create=True)
    try:
        for hash_, document in ward.definitions().items():
            new.execute("insert into definitions values (?, ?)", [hash_, document])
        pos, rows = 0, []
        with new.appender("events") as appender:
            for file in ("", *(file for file in ward.archived() if file not in ward.unreadable)):
                for row in ward.rows(file):
                    if isinstance(row, Unreadable) or row.run not in found.good:
                        continue
                    pos += 1
                    rows.append(row._replace(pos=pos))
                    if len(rows) == CHUNK:
                        appender.append_rows(rows)
                        rows.clear()
            if rows:
                appender.append_rows(rows)
        _add_others(ward, found, new)
        # Positions are new ones: no result that is here is one of those that came since.
        new.execute("update forgotten set pos = ?", [pos])
        new.execute('delete from "values" where hash in (select unnest(?::varchar[]))', [[*ward.lost]])
        new.execute("update meta set version = greatest(version, ?) where exists (from dropped)", [dropping.VERSION])
    finally:
        new.close()


def _add_others(ward: FileWard, found: Diagnosis, new: duckdb.DuckDBPyConnection) -> None:
    """Copy the tables that this module knows nothing of."""
    old = ward.connection
    assert old is not None
    there = tables_of(new)
    for table in sorted(tables_of(old) - OURS):
        name = quoted_name(table)
        columns = {column: type_ for column, type_, *_ in old.execute(f"describe {name}").fetchall()}
        if table not in there:
            new.execute(f"create table {name} ({', '.join(f'{quoted_name(c)} {t}' for c, t in columns.items())})")
        position = [*columns].index("run") if "run" in columns else None
        with suppress(duckdb.Error), new.appender(table) as appender:  # of a damaged one, what comes before the damage
            cursor = old.execute(f"from {name}")
            while rows := cursor.fetchmany(FEW):
                appender.append_rows([row for row in rows if position is None or row[position] in found.good])
