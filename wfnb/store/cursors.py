"""Questions to a DuckDB file, each with a cursor of its own, in whichever thread it is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import duckdb

from wfnb.errors import StoreError
from wfnb.store.opening import explain, make_room

T = TypeVar("T")


class Cursors:
    """The cursors of one connection.

    Args:
        connection: to the file.
        path: of it.
        require_open: raises where nothing may be asked any more.

    Attributes:
        lock: held while a cursor is made, or let go.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, path: Path, require_open: Callable[[], None]) -> None:
        self._connection = connection
        self._path = path
        self._require_open = require_open
        self._open: set[duckdb.DuckDBPyConnection] = set()
        self.lock = threading.Condition()

    @contextmanager
    def one(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor, for as long as the block runs.

        Raises:
            StoreError: the history is closed, or was meanwhile; or what DuckDB says, as one of our errors.
        """
        with self.lock:
            self._require_open()
            cursor = self._connection.cursor()
            self._open.add(cursor)
        try:
            yield cursor
        except duckdb.InterruptException as error:
            raise StoreError("the history was closed while it was read\nopen it again") from error
        except duckdb.Error as error:
            raise explain(error, self._path) from error
        finally:
            with self.lock:
                cursor.close()
                self._open.discard(cursor)
                self.lock.notify_all()

    def ask(self, question: Callable[[duckdb.DuckDBPyConnection], T]) -> T:
        """Ask something, and once more with more memory where there was too little."""
        with self.one() as cursor:
            try:
                return question(cursor)
            except duckdb.OutOfMemoryException:
                pass
        with self.one() as cursor:
            make_room(cursor)
            return question(cursor)

    def interrupt(self) -> None:
        """End what is being asked, once nothing more may be."""
        with self.lock:
            while self._open:
                for cursor in self._open:
                    cursor.interrupt()  # has no effect on a statement that is about to begin: so again
                self.lock.wait(0.01)
