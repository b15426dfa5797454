"""What a history has beside its events and snapshots: definitions, values, and which results are not used again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

import duckdb

from wfnb.store.commits import Define, Drop, Forget, Keep, Other


def write_others(connection: duckdb.DuckDBPyConnection, others: Sequence[tuple[Other, int]]) -> None:
    """Write what is no event, in one transaction: each with the `pos` of the last event before it.

    Raises:
        duckdb.Error: it can not be written.
    """
    execute = connection.execute
    execute("begin")
    for work, pos in others:
        match work:
            case Define():
                execute("insert into definitions values (?, ?)", [work.hash, work.document.decode()])
            case Keep():
                execute('insert into "values" values (?, ?, ?, ?)', work)
            case Drop():
                execute('delete from "values" where hash in (select unnest(?))', [list(work.hashes)])
            case Forget():
                execute("insert into forgotten values (?, ?)", [work.activity, pos])
            case _:
                assert_never(work)
    execute("commit")
