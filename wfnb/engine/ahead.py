"""The histories of many runs, read at once: asking for one after another takes a hundred times as long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from wfnb.machine.machine import Machine
from wfnb.model.event import Record, RunMigrated
from wfnb.store.protocol import EventStore, RunHead, Snapshot

MANY = 1_000
"""Runs that are read at once, ..."""
LONG = 1_000
"""... if they have no more events than this; a longer one takes its time anyway."""
FEW = 4


class Histories(Protocol):
    """What is asked of a store, or of what was read ahead, to tell where runs stand; see `EventStore`."""

    def definition(self, hash: str) -> bytes:
        """A definition, as it was given to `define`."""

    def read(self, run: str, start: int = 1, stop: int | None = None) -> list[Record]:
        """Events of a run."""

    def migrations(self, run: str) -> list[Record]:
        """The events of a run by which it came to other definitions."""

    def snapshot(self, run: str, at: int | None = None) -> Snapshot | None:
        """The latest snapshot of a run, not after an event."""


class Ahead:
    """Histories as they are now.

    Args:
        store: the history.
        runs: those that are read at once; others when they are asked for.

    Attributes:
        machines: those that were compiled for the runs, by definition and the definitions that it calls.
    """

    def __init__(self, store: EventStore, runs: Sequence[str]) -> None:
        self._store = store
        self._records = store.read_many(runs)
        self._definitions: dict[str, bytes] = {}
        self._firsts: dict[str, list[Record]] = {}
        self._migrations: dict[str, list[Record]] = {}
        self.machines: dict[tuple[str, ...], Machine] = {}
        self.snapshot = store.snapshot

    def definition(self, hash: str) -> bytes:
        """See `EventStore.definition`."""
        if hash not in self._definitions:
            self._definitions[hash] = self._store.definition(hash)
        return self._definitions[hash]

    def read(self, run: str, start: int = 1, stop: int | None = None) -> list[Record]:
        """See `EventStore.read`."""
        records = self._records.get(run)
        if records is None and (start, stop) == (1, 2):  # that of the parent, for each of its children
            if run not in self._firsts:
                self._firsts[run] = self._store.read(run, 1, 2)
            return self._firsts[run]
        if records is None:
            return self._store.read(run, start, stop)
        return [record for record in records if start <= record.seq and (stop is None or record.seq < stop)]

    def migrations(self, run: str) -> list[Record]:
        """See `EventStore.migrations`."""
        records = self._records.get(run)
        if records is None:
            if run not in self._migrations:
                self._migrations[run] = self._store.migrations(run)
            return self._migrations[run]
        return [record for record in records if type(record.event) is RunMigrated]


def read_ahead(store: EventStore, heads: Iterable[RunHead]) -> Iterator[tuple[RunHead, Histories]]:
    """Each of these runs, and where its history is to be read."""
    wanted = list(heads)
    machines: dict[tuple[str, ...], Machine] = {}
    for begin in range(0, len(wanted), MANY):
        some = wanted[begin : begin + MANY]
        if len(some) < FEW:
            yield from ((head, store) for head in some)
            continue
        ahead = Ahead(store, [head.run for head in some if head.events <= LONG])
        ahead.machines = machines
        yield from ((head, ahead) for head in some)
