"""The tables of a run as plain rows: for the shell, and for a run view that is live.

Nothing here needs pandas or a database; `frames.tasks` gives the same table by SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wfnb.errors import DecodeError
from wfnb.history.tasktable import TaskRow, TaskTable
from wfnb.history.words import detail_of, node_of
from wfnb.model.codec import decode
from wfnb.model.event import Record, RunMigrated, RunStarted
from wfnb.model.workflow import Workflow
from wfnb.store.protocol import EventStore


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of a run."""

    run: str
    seq: int
    ts: int
    """Microseconds since the epoch."""
    type: str
    node: str | None
    detail: str
    """What it says beyond type and node, as short text."""


def task_rows(store: EventStore, run: str) -> list[TaskRow]:
    """What `frames.tasks` has of a run: attempts of tasks, and visits of what rests or has children, as they began.

    Raises:
        StoreCorrupt: its events can not be read.
    """
    records = store.read(run)
    table = TaskTable(definition_of(store, records))
    for record in records:
        if type(record.event) is RunMigrated:
            table.follow(definition_of(store, [record]))
        table.apply(record)
    return table.rows


def event_rows(store: EventStore, run: str) -> list[EventRow]:
    """The events of a run, in order.

    Raises:
        StoreCorrupt: they can not be read.
    """
    return [
        EventRow(r.run, r.seq, r.ts, type(r.event).__name__, node_of(r.event), detail_of(r.event))
        for r in store.read(run)
    ]


def definition_of(store: EventStore, records: Iterable[Record]) -> Workflow | None:
    """The definition that the first of these events names; None if the store has none that can be read."""
    for record in records:
        if isinstance(record.event, RunStarted | RunMigrated):
            try:
                return decode(store.definition(record.event.definition))
            except (KeyError, DecodeError):
                return None
    return None
