"""The table of values of a DuckDB history: in parts, so that neither side ever holds all of a large one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from wfnb.errors import StoreError
from wfnb.store.values.parts import unnamed
from wfnb.store.writer import Drop, Keep, Writer, again

PART = 4 << 20
"""Bytes of a part.  DuckDB holds a few of them at a time, and the writer commits other runs' events in between."""

Rows: TypeAlias = Callable[[str, Sequence[Any]], list[Any]]
"""Gives the rows of a statement, which sees everything queued so far."""


class ValueTable:
    """Values by their hash.

    Args:
        writer: what writes them.
        rows: what reads them.
    """

    def __init__(self, writer: Writer, rows: Rows) -> None:
        self._writer = writer
        self._rows = rows
        found = rows('select hash, any_value(codec), count(*) = any_value(parts) from "values" group by hash', ())
        self._codecs: dict[str, str] = {hash: codec for hash, codec, whole in found if whole}
        half = tuple(hash for hash, _, whole in found if not whole)
        if half:  # the process ended while it wrote them, so no event names them
            writer.put(Drop(half))
        self._lock = threading.Lock()
        self._coming: dict[str, threading.Event] = {}
        """Values of which parts are still to be queued."""
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
        parts = max(1, -(-size // PART))
        with path.open("rb") as file:
            for part in range(parts):
                self._writer.put(Keep(hash, codec, size, part, parts, file.read(PART)))
                if parts > 1:
                    self._writer.settle()
                if self._writer.failure is not None:
                    raise again(self._writer.failure)

    def fetch(self, hash: str, path: Path) -> None:
        """See `EventStore.fetch_value`."""
        if hash not in self._codecs:
            raise KeyError(hash)
        with path.open("wb") as file:
            part, parts = 0, 1
            while part < parts:
                query = 'select data, parts from "values" where hash = ? and part = ?'
                found = self._rows(query, [hash, part])
                if not found:
                    raise KeyError(hash)
                data, parts = found[0]
                file.write(data)
                part += 1

    def collect(self, spare: Collection[str]) -> int:
        """See `EventStore.collect_values`."""
        with self._lock:
            self._kept = set(spare)
            before = dict(self._codecs)
        try:
            named = set(before) & self._named()
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
        return len(gone)

    def _named(self) -> set[str]:
        query = (
            'select distinct unnest(regexp_extract_all(payload::varchar, \'"hash":"([0-9a-f]{64})"\', 1)) '
            'from events where payload::varchar like \'%"hash":"%\''
        )
        return {hash for (hash,) in self._rows(query, ())}

    def _content(self, hash: str) -> bytes:
        rows = self._rows('select data from "values" where hash = ? order by part', [hash])
        return b"".join(data for (data,) in rows)
