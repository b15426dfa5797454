"""Events that snapshots make unnecessary leave the table, all of them that have come together at once.

Deleting looks at much of the table, whatever it deletes; so it waits until nothing else is to be done, or until it is
worth it.
"""

from __future__ import annotations

from typing import Protocol

import duckdb

MANY = 100_000
"""Events after which dropping them does not wait for a quiet moment."""
VERSION = 2
"""Of a history that has positions no more: older readers would take it for damaged."""
_ISLANDS = """
create or replace temp table islands as
with leaving as (
    select pos from events join dropping using (run) where seq between 2 and upto and pos >= ?
),
pieces as (
    select first, last, max(last) over (order by first rows between unbounded preceding and 1 preceding) as before
    from (select first, last from gone union all select pos, pos from leaving)
),
numbered as (
    select first, last, count(*) filter (before is null or first > before + 1) over (order by first) as island
    from pieces
)
select min(first) as first, max(last) as last from numbered group by island
"""
"""Positions that are gone with those that leave, as few ranges as there can be."""


class Stream(Protocol):
    """What is known of where a run's events lie."""

    first: int
    dropped: int


class Dropping:
    """What is to be dropped.

    Attributes:
        count: how many events it is.
    """

    def __init__(self) -> None:
        self.count = 0
        self._runs: dict[str, tuple[int, Stream]] = {}

    def add(self, run: str, last: int, stream: Stream) -> None:
        """Note that the events from 2 to `last` are to be dropped, as far as they have not been already."""
        before = self._runs[run][0] if run in self._runs else stream.dropped
        if last > before:
            self._runs[run] = last, stream
            self.count += last - before

    def carry_out(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Drop it all in one transaction, which says which positions are gone.

        Raises:
            duckdb.Error: that is not possible, and nothing was dropped.
        """
        runs = list(self._runs)
        first = min(stream.first for _, stream in self._runs.values())
        connection.execute("pragma enable_optimizer")
        connection.execute(
            "create or replace temp table dropping as select unnest(?::varchar[]) as run, unnest(?::integer[]) as upto",
            [runs, [self._runs[run][0] for run in runs]],
        )
        connection.execute("begin")
        connection.execute(_ISLANDS, [first])
        connection.execute("delete from gone")
        connection.execute("insert into gone select first, last from islands")
        connection.execute(
            "delete from events using dropping d "
            "where events.run = d.run and seq between 2 and upto and pos >= ?", [first]
        )  # fmt: skip
        connection.execute("delete from dropped where run in (from dropping select run)")
        connection.execute("insert into dropped select run, upto from dropping")
        connection.execute("update meta set version = greatest(version, ?)", [VERSION])
        connection.execute("commit")
        connection.execute("pragma disable_optimizer")
        for last, stream in self._runs.values():
            stream.dropped = last
        self._runs, self.count = {}, 0
