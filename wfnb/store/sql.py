"""SQL over a history: the schema, statements that only read, and a copy of a memory store to ask.

This module imports DuckDB; import it only where SQL is needed.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import duckdb

from wfnb.errors import StoreError
from wfnb.store.protocol import Row, Snapshot

if TYPE_CHECKING:
    from pandas import DataFrame

_FOLDER = files("wfnb.store")
TABLES, _, _VIEWS = _FOLDER.joinpath("schema.sql").read_text("utf-8").partition("-- views --")
"""The statements that make the tables."""
VIEWS = _VIEWS
"""Those that make the views."""
FINGERPRINT = sha256((TABLES + VIEWS).encode()).hexdigest()[:16]
"""Of both: where a file has another one, what it lacks is made."""
CHUNK = 1024
"""Rows handed over at once."""
EVENTS = "pos, run, epoch, seq, ts, type, node, payload"
"""The columns of `events`."""
ALL_EVENTS = f"create or replace view all_events as select {EVENTS} from events"  # noqa: S608 - ours
"""The view that other views read, to be gone on with where there are more events elsewhere."""


def quoted(text: str) -> str:
    """A text as a literal of SQL, where no parameter can be."""
    return "'" + text.replace("'", "''") + "'"


@cache
def _states() -> str:
    """The statements that make the views of states."""
    return _FOLDER.joinpath("states.sql").read_text("utf-8")


@cache
def _state_names() -> frozenset[str]:
    return frozenset(re.findall(r"^create or replace (?:view|macro) (\w+)", _states(), re.MULTILINE))


def asks_for_states(sql: str) -> bool:
    """Whether a query needs the views of states, as far as its words tell.

    They are three times as much work to make as all the others, so that is done where one is asked for.
    """
    return not _state_names().isdisjoint(re.findall(r"\w+", sql.lower()))


def make_states(cursor: duckdb.DuckDBPyConnection) -> None:
    """Make the views of states; the others are there."""
    cursor.execute("begin")
    cursor.execute(_states())
    cursor.execute("commit")


def select(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> DataFrame:
    """The result of one statement that only reads; times are in UTC.

    Raises:
        StoreError: the statement is wrong, or would write.
    """
    try:
        cursor.execute("set timezone = 'UTC'")
        cursor.execute("set enable_progress_bar = false")  # it would stand in what a command prints
        cursor.execute("begin transaction read only")
        cursor.execute(sql, list(parameters))
        with warnings.catch_warnings():
            # DuckDB 2.0 calls pandas 3.1 in a way that pandas deprecates.
            warnings.filterwarnings("ignore", "The inplace keyword in DataFrame.drop")
            return cursor.df()
    except (duckdb.InterruptException, duckdb.OutOfMemoryException):
        raise
    except duckdb.Error as error:
        raise StoreError(
            f"the query failed: {error}\n"
            'tables: events, definitions, snapshots, "values"; views: event_log, runs, tasks, '
            "transitions, node_values, variants, resources, nodes, edges, states, run_states, state_at(run, event)"
        ) from error


def insert(
    connection: duckdb.DuckDBPyConnection,
    pos: int,
    appends: Iterable[tuple[str, int, int, tuple[Row, ...]]],
    definitions: Mapping[str, bytes],
) -> int:
    """Add run, epoch, `seq` before and rows of each append, after a position; gives the last one."""
    for hash_, document in definitions.items():
        connection.execute("insert into definitions values (?, ?)", [hash_, document.decode()])
    rows = []
    with connection.appender("events") as appender:
        for run, epoch, before, added in appends:
            for seq, row in enumerate(added, before + 1):
                pos += 1
                rows.append((pos, run, epoch, seq, row.ts, row.type, row.node, row.payload.decode()))
            if len(rows) >= CHUNK:
                appender.append_rows(rows)
                rows.clear()
        if rows:
            appender.append_rows(rows)
    return pos


def insert_snapshots(connection: duckdb.DuckDBPyConnection, snapshots: Mapping[str, Sequence[Snapshot]]) -> None:
    """Add snapshots, by run."""
    rows = [(run, s.seq, s.definition, s.ts, s.state.decode()) for run, kept in snapshots.items() for s in kept]
    if rows:
        with connection.appender("snapshots") as appender:
            appender.append_rows(rows)


class Mirror:
    """A copy of a memory store's events in a DuckDB in memory, brought up to date when asked."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:")
        self._connection.execute(TABLES)
        self._connection.execute(VIEWS)
        self._has_states = False
        self.appends = 0
        """How many it has seen."""
        self._pos = 0
        self._defined: set[str] = set()

    def catch_up(
        self, appends: Iterable[tuple[str, int, int, tuple[Row, ...]]], definitions: Mapping[str, bytes]
    ) -> None:
        """Copy what is new: run, epoch, `seq` before and rows of each append, and definitions."""
        new = {hash_: document for hash_, document in definitions.items() if hash_ not in self._defined}
        self._defined.update(new)
        entries = [*appends]
        self.appends += len(entries)
        self._pos = insert(self._connection, self._pos, entries, new)

    def replace_snapshots(self, snapshots: Mapping[str, Sequence[Snapshot]]) -> None:
        """Copy the snapshots that there are now, by run."""
        self._connection.execute("delete from snapshots")
        insert_snapshots(self._connection, snapshots)

    def drop(self, dropped: Mapping[str, int]) -> None:
        """Delete the events of runs from the second to this one."""
        for run, last in dropped.items():
            self._connection.execute("delete from events where run = ? and seq between 2 and ?", [run, last])

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> DataFrame:
        """See `EventStore.query`."""
        with self._connection.cursor() as cursor:
            if not self._has_states and asks_for_states(sql):
                make_states(cursor)
                self._has_states = True
            return select(cursor, sql, parameters)

    def close(self) -> None:
        """Let go of the copy."""
        self._connection.close()
