"""What is whole of a damaged history, as a new one."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import duckdb

from wfnb.store.backup import quoted_name, tables_of, written
from wfnb.store.doctor import Diagnosis, Ward, opened
from wfnb.store.opening import connect
from wfnb.store.scan import Unreadable

CHUNK = 1024
FEW = 16
"""Rows of other tables at once: they may be large."""
OURS = frozenset({"meta", "events", "definitions", "gone", "archived"})


def salvage(path: Path, target: Path) -> Diagnosis:
    """Write every run that is whole to a new history, archived ones too; nothing of the old one is changed.

    Events get new positions, in their order.  Tables of other things come along: of those with a column `run` the rows
    of these runs, of others all rows that can be read.

    Returns:
        What is wrong with the old one; `good` is what the new one has.

    Raises:
        StoreError: there is nothing at `path`, something at `target`, or it can not be written.
    """
    with opened(path) as ward:
        found = ward.diagnosis()
        if ward.connection is not None:
            with written(target) as part:
                _write(ward, found, part)
        return found


def _write(ward: Ward, found: Diagnosis, part: Path) -> None:
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
    finally:
        new.close()


def _add_others(ward: Ward, found: Diagnosis, new: duckdb.DuckDBPyConnection) -> None:
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
