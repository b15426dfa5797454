"""Every event that can be read of a table or a file of which some can not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import duckdb

from wfnb.store.sql import EVENTS, quoted

GROUP, VECTOR = 122_880, 2_048
"""Rows that DuckDB stores together, and reads at once."""


class Row(NamedTuple):
    """An event as it is stored."""

    pos: int
    run: str
    epoch: int
    seq: int
    ts: int
    type: str
    node: str | None
    payload: str


class Unreadable(NamedTuple):
    """Rows that can not be read."""

    rows: int
    why: str


class Scan:
    """Reads part by part; where that fails, part of the part."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, file: str = "") -> None:
        self._connection = connection
        self._source = f"read_parquet({quoted(file)}, file_row_number = true)" if file else "events"
        self._number = "file_row_number" if file else "rowid"

    def __iter__(self) -> Iterator[Row | Unreadable]:
        try:
            # Rows that were deleted keep their numbers.
            found = self._connection.execute(f"select coalesce(max({self._number}) + 1, 0) from {self._source}")  # noqa: S608
            end = found.fetchall()[0][0]
        except duckdb.Error as error:
            yield Unreadable(0, line(error))
            return
        for start in range(0, end, GROUP):
            yield from self._part(start, min(start + GROUP, end), VECTOR * 8)

    def _part(self, start: int, end: int, size: int) -> Iterator[Row | Unreadable]:
        for first in range(start, end, size):
            last = min(first + size, end)
            try:
                rows = self._connection.execute(
                    f"select {EVENTS} from {self._source} where {self._number} >= ? and {self._number} < ? "  # noqa: S608
                    f"order by {self._number}",
                    [first, last],
                ).fetchall()
            except duckdb.Error as error:
                if size > VECTOR:
                    yield from self._part(first, last, VECTOR)
                else:
                    yield Unreadable(last - first, line(error))
            else:
                yield from map(Row._make, rows)


def line(error: duckdb.Error) -> str:
    """What DuckDB says, in a line."""
    return str(error).partition("\n")[0]
