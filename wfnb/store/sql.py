"""SQL over a history: the schema, statements that only read, and a copy of a memory store to ask.

This module imports DuckDB; import it only where SQL is needed.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import duckdb

from wfnb.errors import StoreError
from wfnb.store.protocol import Row

if TYPE_CHECKING:
    from pandas import DataFrame

TABLES, _, VIEWS = files("wfnb.store").joinpath("schema.sql").read_text("utf-8").partition("-- views --")
"""The statements that make the tables that are not there, and those that make the views."""
VIEWS_FINGERPRINT = sha256((TABLES + VIEWS).encode()).hexdigest()[:16]


def select(cursor: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[Any] = ()) -> DataFrame:
    """The result of one statement that only reads; times are in UTC.

    Raises:
        StoreError: the statement is wrong, or would write.
    """
    try:
        cursor.execute("set timezone = 'UTC'")
        cursor.execute("begin transaction read only")
        cursor.execute(sql, list(parameters))
        with warnings.catch_warnings():
            # DuckDB 2.0 calls pandas 3.1 in a way that pandas deprecates.
            warnings.filterwarnings("ignore", "The inplace keyword in DataFrame.drop")
            return cursor.df()
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise StoreError(
            f"the query failed: {error}\n"
            'tables: events, definitions, "values"; views: event_log, runs, tasks, nodes, edges'
        ) from error


class Mirror:
    """A copy of a memory store's events in a DuckDB in memory, brought up to date when asked."""

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:")
        self._connection.execute(TABLES)
        self._connection.execute(VIEWS)
        self.appends = 0
        """How many it has seen."""
        self._pos = 0
        self._defined: set[str] = set()

    def catch_up(
        self, appends: Iterable[tuple[str, int, int, tuple[Row, ...]]], definitions: Mapping[str, bytes]
    ) -> None:
        """Copy what is new: run, epoch, `seq` before and rows of each append, and definitions."""
        for hash_, document in definitions.items():
            if hash_ not in self._defined:
                self._connection.execute("insert into definitions values (?, ?)", [hash_, document.decode()])
                self._defined.add(hash_)
        rows = []
        for run, epoch, before, added in appends:
            self.appends += 1
            for seq, row in enumerate(added, before + 1):
                self._pos += 1
                rows.append((self._pos, run, epoch, seq, row.ts, row.type, row.node, row.payload.decode()))
        if rows:
            with self._connection.appender("events") as appender:
                appender.append_rows(rows)

    def query(self, sql: str, parameters: Sequence[Any] = ()) -> DataFrame:
        """See `EventStore.query`."""
        with self._connection.cursor() as cursor:
            return select(cursor, sql, parameters)

    def close(self) -> None:
        """Let go of the copy."""
        self._connection.close()
