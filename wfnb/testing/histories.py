"""A run's history apart from its store: to keep in a file beside the tests that replay it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from wfnb.engine.run import Run
from wfnb.errors import DecodeError, UnknownName
from wfnb.model.event import Record, RunMigrated, RunStarted
from wfnb.store.memory import MemoryStore
from wfnb.store.protocol import EventStore, Row


class History(msgspec.Struct, frozen=True):
    """Everything that was recorded of one run: its events, those of its children, and what they follow.

    Values that are not JSON are not in it, as they are not in the store's events.
    """

    run: str
    """Its id."""
    records: tuple[Record, ...]
    """Run by run, parents first, in order."""
    definitions: dict[str, str]
    """Documents by hash."""

    @classmethod
    def of(cls, run: Run) -> Self:
        """What is recorded of a run until now.

        Raises:
            StoreError: its events can not be read.
        """
        run.bring_up()
        return cls.read(run.host.store, run.id)

    @classmethod
    def read(cls, store: EventStore, run: str) -> Self:
        """What a store has of a run.

        Raises:
            UnknownName: there is no such run.
            StoreError: its events can not be read.
        """
        runs = [head.run for head in store.heads() if head.run == run or head.run.startswith(f"{run}/")]
        records = tuple(record for one in sorted(runs) for record in store.read(one))
        if run not in runs:
            raise UnknownName(f"there is no run '{run}' in this history\ngive its whole id, as wf.runs() lists it")
        named = dict.fromkeys(hash for record in records for hash in _named(record))
        return cls(run, records, {hash: store.definition(hash).decode() for hash in named})

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read one from a file that `save` has written.

        Raises:
            DecodeError: it is none.
        """
        try:
            return msgspec.json.decode(Path(path).read_bytes(), type=cls)
        except (msgspec.DecodeError, UnicodeError) as error:
            raise DecodeError(f"'{path}' is no history: {error}\nwrite one with History.of(run).save(path)") from error

    def save(self, path: str | Path) -> Path:
        """Write it to a file, as JSON."""
        found = Path(path)
        found.write_bytes(msgspec.json.format(msgspec.json.encode(self)) + b"\n")
        return found

    def store(self) -> MemoryStore:
        """A store in memory that has nothing else."""
        made = MemoryStore()
        for hash, document in self.definitions.items():
            made.define(hash, document.encode())
        for record in self.records:
            made.append(record.run, record.epoch, record.seq - 1, [Row(record.ts, record.event)])
        return made


def _named(record: Record) -> Iterator[str]:
    if isinstance(record.event, RunStarted | RunMigrated):
        yield record.event.definition
        yield from record.event.calls.values()
