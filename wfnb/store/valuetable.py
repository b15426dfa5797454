"""The values of a DuckDB history: small ones in its table, large ones in files of a folder beside it."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import duckdb

from wfnb.errors import StoreError
from wfnb.store.commits import Commits, Drop, Keep, again
from wfnb.store.files import sync_file, sync_folder
from wfnb.store.values.parts import unnamed

INLINE = 1 << 16
"""Bytes up to which a value stands in the table.  DuckDB reads and writes the blobs of up to 2,048 rows at once, so
that a table of larger ones takes many times their size in memory."""

COMING = ".coming"
"""Ends the name of a file that is not whole yet."""

BLOCK = 1 << 20
"""Bytes copied at once."""

Rows: TypeAlias = Callable[[str, Sequence[Any]], list[Any]]
"""Gives the rows of a statement, which sees everything queued so far."""


class ValueTable:
    """Values by their hash.

    Args:
        writer: what writes them.
        rows: what reads them.
        folder: where the large ones lie.
        inline: bytes up to which one stands in the table; below 0 all are files.
    """

    def __init__(self, writer: Commits, rows: Rows, folder: Path, inline: int = INLINE) -> None:
        self._writer = writer
        self._rows = rows
        self._folder = folder
        self._inline = inline
        found = rows('select hash, codec, data is null from "values"', ())
        self._codecs: dict[str, str] = {
            hash: codec for hash, codec, large in found if not large or (self._folder / hash).is_file()
        }
        self._lock = threading.Lock()
        self._coming: dict[str, threading.Event] = {}
        """Values that are still to be queued."""
        self._kept: set[str] | None = None
        """Those that somebody wanted to keep since a collection began; None while there is none."""

    def has(self, hash: str) -> bool:
        """See `EventStore.has_value`."""
        return hash in self._codecs

    def keep(self, hash: str, codec: str, path: Path) -> None:
        """See `EventStore.keep_value`."""
        with self._lock:
            if self._kept is not None:
                self._kept.add(hash)
            coming = self._coming.get(hash)
            if coming is None:
                if hash in self._codecs:
                    return
                mine = self._coming[hash] = threading.Event()
        if coming is not None:
            coming.wait()  # or an event that names it could be durable first
            if not self.has(hash):
                raise StoreError("the value could not be kept\nsee what the history says of it")
            return
        try:
            self._put(hash, codec, path)
            self._codecs[hash] = codec
        finally:
            with self._lock:
                del self._coming[hash]
            mine.set()

    def _put(self, hash: str, codec: str, path: Path) -> None:
        size = path.stat().st_size
        if size > self._inline:
            self._put_file(hash, path)
        self._writer.put(Keep(hash, codec, size, path.read_bytes() if size <= self._inline else None))
        if self._writer.failure is not None:
            raise again(self._writer.failure)

    def _put_file(self, hash: str, path: Path) -> None:
        """Have a file on the disk, under its name only when all of it is."""
        try:
            if not self._folder.exists():
                self._folder.mkdir(exist_ok=True)
                sync_folder(self._folder.parent)
            coming = self._folder / (hash + COMING)
            with path.open("rb") as source, coming.open("wb") as file:
                shutil.copyfileobj(source, file, BLOCK)
                file.flush()
                os.fsync(file.fileno())
            coming.replace(self._folder / hash)
            sync_folder(self._folder)
        except OSError as error:
            raise StoreError(
                f"a value can not be written to '{self._folder}': {error}\nfree space on the disk"
            ) from error

    def fetch(self, hash: str, path: Path) -> None:
        """See `EventStore.fetch_value`."""
        if hash not in self._codecs:
            raise KeyError(hash)
        found = self._rows('select data from "values" where hash = ?', [hash])
        if not found:
            raise KeyError(hash)
        ((data,),) = found[:1]
        if data is not None:
            path.write_bytes(data)
            return
        try:
            path.symlink_to((self._folder / hash).absolute())
        except OSError:  # the system has no such links, or grants none
            shutil.copyfile(self._folder / hash, path)

    def collect(self, spare: Collection[str], archived: Collection[str] = ()) -> int:
        """See `EventStore.collect_values`; the files in `archived` have events, too."""
        with self._lock:
            self._kept = set(spare)
            before = dict(self._codecs)
        try:
            named = set(before) & self._named(archived)
            made = {hash for hash, codec in before.items() if codec == "parts"}
            gone = unnamed(before, named, self._content, made)
            with self._lock:
                kept = set(self._kept)
            gone &= unnamed(before, named | (kept & set(before)), self._content, made)
            with self._lock:
                gone -= self._kept
                for hash in gone:
                    del self._codecs[hash]
                if gone:
                    self._writer.put(Drop(tuple(gone)))
        finally:
            self._kept = None
        self._writer.settle()
        self._sweep()
        return len(gone)

    def _sweep(self) -> None:
        """Delete the files that the table does not name: dropped, or left by a process that died."""
        with self._lock:
            for file in self._folder.iterdir() if self._folder.is_dir() else ():
                hash = file.name.removesuffix(COMING)
                if hash not in self._coming and (hash not in self._codecs or hash != file.name):
                    file.unlink(missing_ok=True)

    def _named(self, archived: Collection[str]) -> set[str]:
        # A snapshot may stand for events that were dropped.
        sources = "select payload::varchar as text from events union all select state::varchar from snapshots"
        if archived:
            sources += " union all select payload::varchar from read_parquet(?)"
        found = 'regexp_extract_all(text, \'"hash":"([0-9a-f]{64})"\', 1)'
        query = f'select distinct unnest({found}) from ({sources}) where text like \'%"hash":"%\''  # noqa: S608 - ours
        return {hash for (hash,) in self._rows(query, [sorted(archived)] if archived else ())}

    def _content(self, hash: str) -> bytes:
        ((data,),) = self._rows('select data from "values" where hash = ?', [hash])[:1]
        return bytes(data) if data is not None else (self._folder / hash).read_bytes()


def folder_of(history: Path) -> Path:
    """Where the large values of a history in a file lie."""
    return history.with_name(history.name + ".values")


def write_values(connection: duckdb.DuckDBPyConnection, folder: Path, values: Mapping[str, tuple[str, bytes]]) -> None:
    """Add values to a history that has none, by hash: their codec and content.

    Raises:
        OSError, duckdb.Error: they can not be written.
    """
    large = False
    for hash, (codec, data) in values.items():
        size = len(data)
        if size > INLINE:
            large = True
            folder.mkdir(exist_ok=True)
            (folder / hash).write_bytes(data)
            sync_file(folder / hash)
        row = [hash, codec, size, None if size > INLINE else data]
        connection.execute('insert into "values" values (?, ?, ?, ?)', row)
    if large:
        sync_folder(folder)
        sync_folder(folder.parent)


def copy_files(folder: Path, target: Path) -> None:
    """Copy the values that are files into a folder that is not there; some may go meanwhile, which nothing names.

    Raises:
        OSError: they can not be written.
    """
    files = [file for file in folder.iterdir() if not file.name.endswith(COMING)] if folder.is_dir() else []
    if not files:
        return
    target.mkdir()
    for file in files:
        with suppress(FileNotFoundError):
            shutil.copyfile(file, target / file.name)
            sync_file(target / file.name)
    sync_folder(target)
    sync_folder(target.parent)
