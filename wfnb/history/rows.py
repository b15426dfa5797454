"""The tables of a run as plain rows: for the shell, and for a run view that is live.

Nothing here needs pandas or a database.  A `TaskTable` takes in one event after another, so a view
need not fold a run again at each event; `frames.tasks` gives the same table by SQL.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from msgspec import UNSET, UnsetType

from wfnb.errors import DecodeError
from wfnb.history.progress import short, text_of
from wfnb.model.codec import decode
from wfnb.model.event import (
    Event,
    Record,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunStarted,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    Unstored,
)
from wfnb.model.workflow import Task, Workflow
from wfnb.store.protocol import EventStore

TaskStatus: TypeAlias = Literal["running", "completed", "failed", "cancelled", "interrupted"]


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


@dataclass(slots=True)
class TaskRow:
    """One attempt of one visit of a task.  Times are microseconds since the epoch."""

    run: str
    node: str
    visit: int
    attempt: int
    activity: str
    status: TaskStatus
    """`interrupted` is what its process's end did to it."""
    scheduled: int
    """When a token reached the task, or the pause before this attempt ended."""
    started: int
    first: int
    """The `seq` of its start."""
    ended: int | None = None
    last: int | None = None
    """The `seq` of the event that ended it."""
    retry_at: int | None = None
    """When the next attempt was due; None if none was, or it was called off."""
    error_type: str = ""
    error: str = ""
    value: Any = UNSET
    """The result; unset where there is none, or none that is JSON."""
    unstored: Unstored | UnsetType = UNSET
    """What is known of a result that is not JSON."""
    rerun: bool = False

    @property
    def seconds(self) -> float | None:
        """How long it ran; None while it runs or where nobody knows."""
        return None if self.ended is None else (self.ended - self.started) / 1e6

    @property
    def wait(self) -> float:
        """Seconds between `scheduled` and its start."""
        return (self.started - self.scheduled) / 1e6

    @property
    def detail(self) -> str:
        """Its result or error as short text."""
        if self.error_type:
            return f"{self.error_type}: {self.error}"
        if not isinstance(self.unstored, UnsetType):
            return self.unstored.preview or f"<{self.unstored.type}>"
        return "" if self.value is UNSET else short(self.value)


class TaskTable:
    """The task attempts of one run, in the order of their starts.

    At most one attempt of a node runs at a time, so an end belongs to the node's latest start.

    Args:
        workflow: the run's definition; without it activities are unknown, and waits are only seen
            between attempts.

    Attributes:
        rows: the table so far.  Rows change until they have ended.
    """

    def __init__(self, workflow: Workflow | None = None) -> None:
        self.rows: list[TaskRow] = []
        self._latest: dict[str, TaskRow] = {}
        self._ready: dict[str, int] = {}
        self._targets: list[str] = []
        self._activities: dict[str, str] = {}
        if workflow is not None:
            self._targets = [edge.target for edge in workflow.edges]
            self._activities = {n.id: n.activity for n in workflow.nodes if isinstance(n, Task)}

    def apply(self, record: Record) -> list[TaskRow]:
        """Take in the run's next event; gives the rows that it made or changed."""
        match record.event:
            case TaskStarted() as event:
                return self._start(record, event)
            case TaskCompleted() as event:
                row = self._end(record, event.node, "completed")
                row.value, row.unstored = event.value, event.unstored
                self._note_moves(record.ts, event.moves)
                return [row]
            case TaskFailed() as event:
                row = self._end(record, event.node, "failed")
                row.error_type, row.error = event.error.type, event.error.message
                row.retry_at = event.retry_at
                return [row]
            case TaskCancelled() as event:
                row = self._latest[event.node]
                if row.status == "running":
                    self._end(record, event.node, "cancelled")
                row.retry_at = None  # what was called off may be the pause before the next attempt
                return [row]
            case RunStarted() as event:
                self._note_moves(record.ts, event.moves)
                return []
            case RunCompleted() | RunFailed() | RunCancelled():
                left = [row for row in self._latest.values() if row.status == "running"]
                for row in left:
                    row.status = "interrupted"
                return left

    def _start(self, record: Record, event: TaskStarted) -> list[TaskRow]:
        before = self._latest.get(event.node)
        changed = []
        if before is not None and before.status == "running":
            before.status = "interrupted"
            changed.append(before)
        scheduled = self._ready.pop(event.node, None)
        if scheduled is None and before is not None:
            scheduled = before.retry_at
        row = TaskRow(
            run=record.run,
            node=event.node,
            visit=event.visit,
            attempt=event.attempt,
            activity=self._activities.get(event.node, ""),
            status="running",
            scheduled=record.ts if scheduled is None else min(scheduled, record.ts),
            started=record.ts,
            first=record.seq,
            rerun=event.rerun,
        )
        self.rows.append(row)
        self._latest[event.node] = row
        return [*changed, row]

    def _end(self, record: Record, node: str, status: TaskStatus) -> TaskRow:
        row = self._latest[node]
        row.status, row.ended, row.last = status, record.ts, record.seq
        return row

    def _note_moves(self, ts: int, moves: Iterable[int]) -> None:
        for edge in moves:
            if edge < len(self._targets):
                self._ready[self._targets[edge]] = ts


def task_rows(store: EventStore, run: str) -> list[TaskRow]:
    """The task attempts of a run, in the order of their starts.

    Raises:
        StoreCorrupt: its events can not be read.
    """
    records = store.read(run)
    table = TaskTable(definition_of(store, records))
    for record in records:
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
    """The definition that the first of a run's events names; None if the store has none that can be read."""
    for record in records:
        if isinstance(record.event, RunStarted):
            try:
                return decode(store.definition(record.event.definition))
            except (KeyError, DecodeError):
                return None
    return None


def node_of(event: Event) -> str | None:
    """The node an event is about, None where it concerns the run."""
    node: str | None = getattr(event, "node", None)
    return node


def moves_of(event: Event) -> tuple[int, ...]:
    """The edges that were taken in an event's step, in order."""
    match event:
        case RunStarted() | TaskCompleted():
            return event.moves
        case _:
            return ()


def detail_of(event: Event) -> str:
    """What an event says beyond its type and node, as short text."""
    match event:
        case RunStarted():
            return ", ".join(f"{name}={short(value)}" for name, value in event.input.items())
        case TaskStarted():
            return _which(event.visit, event.attempt, rerun=event.rerun)
        case TaskCompleted() | RunCompleted():
            return text_of(event)
        case TaskFailed() | RunFailed():
            return f"{event.error.type}: {event.error.message}"
        case TaskCancelled():
            return _which(event.visit, event.attempt)
        case RunCancelled():
            return event.reason


def _which(visit: int, attempt: int, *, rerun: bool = False) -> str:
    parts = [f"visit {visit}"] * (visit > 1) + [f"attempt {attempt}"] * (attempt > 1)
    return ", ".join(parts + ["again, for its value"] * rerun)
