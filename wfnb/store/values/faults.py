"""Whether the values of a history are what their hashes say."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb

from wfnb.store.values.spool import content_hash, spool

FEW = 16
"""Rows at once: each may have many kilobytes."""


def faults(connection: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[tuple[str, str]]:
    """The hash of each value, and what is wrong with it; empty where nothing is.

    Args:
        connection: to the history.
        folder: where its large values lie.

    Raises:
        duckdb.Error: some can not be read.
    """
    cursor = connection.cursor()
    cursor.execute('select hash, codec, data from "values"')
    with spool() as path:
        while rows := cursor.fetchmany(FEW):
            for hash, codec, data in rows:
                if data is not None:
                    path.write_bytes(data)
                yield hash, fault_of(hash, codec, folder / hash if data is None else path)


def fault_of(hash: str, codec: str, path: Path) -> str:
    """What is wrong with a value that a file has; empty where nothing is."""
    try:
        return "" if content_hash(codec, path) == hash else "is not what was written there"
    except FileNotFoundError:
        return f"is not there: '{path}'"
    except OSError as error:
        return f"can not be read: {error}"
