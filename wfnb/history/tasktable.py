"""What a run did, as rows that grow with its events.

A `TaskTable` takes in one event after another, so a view need not fold a run again at each event.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, assert_never

from msgspec import UNSET, UnsetType

from wfnb.history.words import GIVEN, short
from wfnb.model.event import (
    AlertRaised,
    ApprovalGiven,
    ApprovalRequested,
    BreakpointsChanged,
    ChildCompensated,
    ChildCompleted,
    ChildFailed,
    ChildStarted,
    CompensationStarted,
    ConditionMet,
    Event,
    MapCompleted,
    MapStarted,
    NodeCancelled,
    NodeFailed,
    OutputCaptured,
    Problem,
    ProgressReported,
    Record,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunMigrated,
    RunPaused,
    RunReopened,
    RunResumed,
    RunStarted,
    SignalReceived,
    SignalTaken,
    TaskCancelled,
    TaskCompensated,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    TimerFired,
    TimerStarted,
    Unstored,
    Usage,
    ValueEdited,
    ValuePinned,
    ValueUnpinned,
)
from wfnb.model.workflow import Approval, Call, Map, Node, Task, Wait, Workflow

TaskStatus: TypeAlias = Literal["running", "waiting", "completed", "failed", "cancelled", "interrupted"]
RowKind: TypeAlias = Literal["task", "wait", "approval", "map", "call"]


@dataclass(slots=True)
class TaskRow:
    """One attempt of one visit of a task, or one visit of a wait, an approval, a map or a call.

    Times are microseconds since the epoch.
    """

    run: str
    node: str
    visit: int
    attempt: int
    activity: str
    """What it runs: an activity; of a map its body, of a call its workflow."""
    status: TaskStatus
    """`interrupted` is what its process's end did to it; `waiting` is a wait or an approval that rests."""
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
    kind: RowKind = "task"
    usage: Usage | UnsetType = UNSET
    """Who carried it out, and what that took; unset on the loop."""
    note: str = ""
    """What freed or interrupted it, why its activity did not run, how far its children are, that it was taken back."""

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
        brought = "" if self.value is UNSET else short(self.value)
        return ": ".join(part for part in (self.note, brought) if part)


class TaskTable:
    """What a run did, in the order in which it began: attempts of tasks, and visits of what rests or has children.

    At most one attempt of a node is in progress, so an end belongs to the node's latest start.

    Args:
        workflow: the run's definition; without it activities are unknown, a wait has no row, and the time before a
            start is only seen between attempts.

    Attributes:
        rows: the table so far.  Rows change until they have ended.
    """

    def __init__(self, workflow: Workflow | None = None) -> None:
        self.rows: list[TaskRow] = []
        self._latest: dict[str, TaskRow] = {}
        self._ready: dict[str, int] = {}
        self._visits: dict[str, int] = {}
        self._over: dict[str, Counter[str]] = {}
        self._ended: dict[tuple[str, int], TaskRow] = {}
        self._undone: dict[tuple[str, int], tuple[str, Counter[str]]] = {}
        self.follow(workflow)

    def follow(self, workflow: Workflow | None) -> None:
        """Take the definition that the run follows from here on; called before `apply` of the event that says so."""
        edges = () if workflow is None else workflow.edges
        self._targets = [edge.target for edge in edges]
        self._spawning = {number for number, edge in enumerate(edges) if edge.spawn}
        self._nodes = {} if workflow is None else {node.id: node for node in workflow.nodes}

    def apply(self, record: Record) -> list[TaskRow]:
        """Take in the run's next event; gives the rows that it made or changed."""
        changed = self._happened(record)
        return [*changed, *self._note_moves(record, getattr(record.event, "moves", ()))]

    def _happened(self, record: Record) -> list[TaskRow]:  # noqa: PLR0912 - a case an event
        match record.event:
            case TaskStarted() as event:
                return self._start(record, event)
            case TaskCompleted() as event:
                row = self._end(record, event.node, "completed")
                row.value, row.unstored, row.usage = event.value, event.unstored, event.usage
                row.note = GIVEN.get(event.given, "")
                return [row]
            case TaskFailed() as event:
                row = self._end(record, event.node, "failed")
                row.error_type, row.error = event.error.type, event.error.message
                row.retry_at, row.usage = event.retry_at, event.usage
                return [row]
            case TaskCancelled() | NodeCancelled() as event:
                return self._withdrawn(record, event.node)
            case TimerFired() as event:
                return self._freed(record, event.node, "timer")
            case ConditionMet() as event:
                return self._freed(record, event.node, "condition")
            case SignalReceived() as event:
                return [] if event.node is None else self._freed(record, event.node, f"'{event.name}'", event.value)
            case SignalTaken() as event:
                return self._freed(record, event.node, f"'{event.name}'")
            case ApprovalRequested() | MapStarted() as event:
                self._over.pop(event.node, None)
                return [self._begin(record, event.node, event.visit)]
            case ApprovalGiven() as event:
                row = self._end(record, event.node, "completed")
                row.value = event.value
                return [row]
            case MapCompleted() as event:
                return [self._end(record, event.node, "completed")]
            case NodeFailed() as event:
                return [self._failed(record, event.node, event.error, event.visit)]
            case ChildStarted() as event:
                begins = event.index < 0 and event.edge < 0
                return [self._begin(record, event.node, event.visit)] if begins else []
            case ChildCompleted() | ChildFailed() as event:
                return self._child_over(record, event)
            case RunCompleted() | RunFailed() | RunCancelled():
                return self._close(record)
            case TaskCompensated() | ChildCompensated() as event:
                return self._taken_back(event)
            case RunStarted() | TimerStarted() | CompensationStarted():
                return []
            case (
                RunPaused()
                | RunResumed()
                | RunReopened()
                | RunMigrated()
                | BreakpointsChanged()
                | ValueEdited()
                | ValuePinned()
                | ValueUnpinned()
                | ProgressReported()
                | OutputCaptured()
                | AlertRaised()
            ):
                return []  # of no attempt's start or end
            case _:
                assert_never(record.event)

    def _start(self, record: Record, event: TaskStarted) -> list[TaskRow]:
        before = self._latest.get(event.node)
        changed = []
        if before is not None and before.status == "running":
            before.status = "interrupted"
            changed.append(before)
        scheduled = self._ready.pop(event.node, None)
        if scheduled is None and before is not None:
            scheduled = before.retry_at
        row = self._row(record, event.node, event.visit)
        row.attempt, row.rerun = event.attempt, event.rerun
        row.scheduled = record.ts if scheduled is None else min(scheduled, record.ts)
        return [*changed, row]

    def _begin(self, record: Record, node: str, visit: int) -> TaskRow:
        """The row of what is no task: the one that its token made, where there is one."""
        row = self._latest.get(node)
        if row is None or row.ended is not None or row.visit != visit:
            row = self._row(record, node, visit)
            row.scheduled = self._ready.pop(node, record.ts)
        return row

    def _row(self, record: Record, id: str, visit: int) -> TaskRow:
        kind, activity = _kind_of(self._nodes.get(id), record.event)
        row = TaskRow(
            run=record.run,
            node=id,
            visit=visit,
            attempt=1,
            activity=activity,
            status="waiting" if kind in ("wait", "approval") else "running",
            scheduled=record.ts,
            started=record.ts,
            first=record.seq,
            kind=kind,
        )
        self.rows.append(row)
        self._latest[id] = row
        return row

    def _end(self, record: Record, node: str, status: TaskStatus) -> TaskRow:
        row = self._latest[node]
        row.status, row.ended, row.last = status, record.ts, record.seq
        if row.kind != "task" or (status == "completed" and not row.rerun):
            self._ended[node, row.visit] = row
        return row

    def _taken_back(self, event: TaskCompensated | ChildCompensated) -> list[TaskRow]:
        """Of a map each of its children counts, even where the map itself failed or was called off."""
        key = event.node, event.visit
        row = self._ended.get(key)
        if row is None:
            return []
        if row.kind == "map":
            said, undone = self._undone.setdefault(key, (row.note, Counter()))
            undone["taken back" if event.error is None else "not taken back"] += 1
            counted = (f"{undone[what]} {what}" for what in ("taken back", "not taken back") if what in undone)
            row.note = ", ".join([*filter(None, [said]), *counted])
        elif event.error is None:
            row.note = "taken back"
        else:
            row.note = f"not taken back: {event.error.type}: {event.error.message}"
        return [row]

    def _failed(self, record: Record, node: str, error: Problem, visit: int) -> TaskRow:
        if node not in self._latest or self._latest[node].visit != visit:
            self._begin(record, node, visit)
        row = self._end(record, node, "failed")
        row.error_type, row.error = error.type, error.message
        return row

    def _withdrawn(self, record: Record, node: str) -> list[TaskRow]:
        """It may be over already: interrupted by an event of the same step, or between two attempts."""
        self._ready.pop(node, None)
        row = self._latest.get(node)
        if row is None:
            return []
        if row.status in ("running", "waiting"):
            self._end(record, node, "cancelled")
        row.retry_at = None  # what was called off may be the pause before the next attempt
        return [row]

    def _freed(self, record: Record, node: str, by: str, value: Any = UNSET) -> list[TaskRow]:
        """A wait goes on; anything else that was in progress is interrupted."""
        row = self._latest.get(node)
        if row is None or row.status not in ("running", "waiting"):
            return [] if row is None else self._withdrawn(record, node)
        self._end(record, node, "completed" if row.kind == "wait" else "cancelled")
        row.note = by if row.kind == "wait" else f"interrupted: {by}"
        if row.kind == "wait" and value is not None:
            row.value = value
        return [row]

    def _child_over(self, record: Record, event: ChildCompleted | ChildFailed) -> list[TaskRow]:
        row = self._latest.get(event.node)
        if row is None or row.kind not in ("map", "call") or row.ended is not None:
            return []
        if event.index >= 0:
            node = self._nodes.get(event.node)
            policy = node.failure if isinstance(node, Map) else "stop"
            skipped = policy == "skip" and isinstance(event, ChildFailed)
            over = self._over.setdefault(event.node, Counter(done=0))
            over["skipped" if skipped else "done"] += 1
            row.note = ", ".join(f"{count} {what}" for what, count in over.items())
            return [row] if isinstance(event, ChildCompleted) or policy != "stop" else [
                self._failed(record, event.node, event.error, event.visit)
            ]  # fmt: skip
        if isinstance(event, ChildFailed):
            return [self._failed(record, event.node, event.error, event.visit)]
        self._end(record, event.node, "completed")
        row.value, row.unstored = event.value, event.unstored
        return [row]

    def _close(self, record: Record) -> list[TaskRow]:
        """The run is over.  When a task ended nobody knows; what rested or had children ended with the run."""
        left = [row for row in self._latest.values() if row.status in ("running", "waiting")]
        for row in left:
            if row.kind == "task":
                row.status = "interrupted"
            else:
                self._end(record, row.node, "cancelled")
        return left

    def _note_moves(self, record: Record, moves: Iterable[int]) -> list[TaskRow]:
        """Tokens that came; one at a wait begins a row, for the wait has no event that says so."""
        made = []
        for edge in moves:
            if not 0 <= edge < len(self._targets):  # negative: a branch that was not taken
                continue
            target = self._targets[edge]
            self._ready[target] = record.ts
            if isinstance(self._nodes.get(target), Wait) and edge not in self._spawning:
                self._visits[target] = visit = self._visits.get(target, 0) + 1
                made.append(self._begin(record, target, visit))
        return made


def _kind_of(node: Node | None, event: Event) -> tuple[RowKind, str]:
    """What a row is of, and what that runs; where the definition is lost, the event tells."""
    match node:
        case Wait():
            return "wait", ""
        case Approval():
            return "approval", ""
        case Map():
            return "map", node.activity or node.workflow
        case Call():
            return "call", node.workflow
        case Task():
            return "task", node.activity
        case _:
            pass
    match event:
        case ApprovalRequested():
            return "approval", ""
        case MapStarted():
            return "map", ""
        case ChildStarted():
            return "call", ""
        case _:
            return "task", ""
