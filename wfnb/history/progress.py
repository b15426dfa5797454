"""How each node of a run stands, folded from its events: what colours a drawing, live and in replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Literal, TypeAlias, assert_never

from wfnb.history.shape import Shape
from wfnb.history.words import GIVEN, detail_of, said, short, text_of
from wfnb.machine.machine import Machine, Region
from wfnb.machine.migration import image_of
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
    ValueEdited,
    ValuePinned,
    ValueUnpinned,
)
from wfnb.model.workflow import Approval, Call, End, Join, Map, Task, Wait

MAX_ERROR = 2_000
MAX_TRACEBACK = 4_000
NodeState: TypeAlias = Literal["idle", "ready", "running", "retrying", "waiting", "completed", "failed", "cancelled"]
_OPEN: frozenset[NodeState] = frozenset({"ready", "running", "retrying", "waiting"})
_RESTING: frozenset[NodeState] = frozenset({"ready", "waiting"})
_OWNED = ("edges", "changed", "_open", "_arrived", "_fired", "_spawned", "_latest")
"""What a progress changes in place, but for what is in `nodes` and `_kept`."""


@dataclass(slots=True)
class NodeProgress:
    """One node of a run.  Times are microseconds since the epoch."""

    state: NodeState = "idle"
    visits: int = 0
    attempt: int = 1
    started: int | None = None
    ended: int | None = None
    value: str = ""
    error: str = ""
    traceback: str = ""
    """Its end, where the node failed in the person's code."""
    note: str = ""
    """What it waits for, or what ended it: a few words."""
    due: int | None = None
    """When the next of its timers fires."""
    children: int = 0
    """How many child runs it has, or will have."""
    done: int = 0
    """How many of them are over and not skipped."""
    skipped: int = 0
    """How many failed in a map that goes on without them."""
    share: float | None = None
    """How much of its attempt in progress is done, from 0 to 1, where that tells it; `note` says it in words."""


_PARTS = attrgetter(*(part.name for part in fields(NodeProgress)))
"""All that a node's progress is made of; copying by it takes a fifth of what `dataclasses.replace` does."""


class Progress:
    """A run as a drawing shows it.

    Attributes:
        nodes: by id; a node that no token has reached is absent.
        edges: how often each edge was taken, by index.
        paused: whether nothing new begins.
        changed: ids touched since it was last emptied (by whoever shows them).
    """

    def __init__(self, machine: Machine) -> None:
        self._take(machine)
        self.nodes: dict[str, NodeProgress] = {}
        self.edges: Counter[int] = Counter()
        self.changed: set[str] = set()
        self.state: Literal["running", "completed", "failed", "cancelled"] = "running"
        self.paused = False
        self.started = 0
        self.ended: int | None = None
        self.error = ""
        self._open: set[str] = set()
        self._arrived: Counter[str] = Counter()
        self._fired: set[str] = set()
        self._spawned: dict[str, str] = {}  # the node that a spawned child run begins with, by run
        self._kept: dict[str, list[Any]] = {}
        self._latest: dict[str, Any] = {}

    def _take(self, machine: Machine) -> None:
        self._machine = machine
        self._shape = Shape(machine.workflow)
        self._ids, self._number = machine.ids, machine.graph.number
        self._special = machine.special
        self._start = machine.ids[machine.start]

    def follow(self, machine: Machine) -> None:
        """Show the run in the drawing that it follows from here on: each node stands as the one of its id stood."""
        edges = image_of(self._machine, machine).edges
        self._take(machine)
        self.nodes = {id: node for id, node in self.nodes.items() if id in self._number}
        self.changed = set(self.nodes)
        self.edges = Counter({edges[edge]: count for edge, count in self.edges.items() if edge in edges})
        self._open &= self._number.keys()
        self._fired &= self._number.keys()
        self._arrived = Counter({id: count for id, count in self._arrived.items() if id in self._number})

    def copy(self) -> Progress:
        """A progress that goes its own way from here on."""
        made = copy(self)
        vars(made).update(
            {name: getattr(self, name).copy() for name in _OWNED},
            nodes={id: NodeProgress(*_PARTS(node)) for id, node in self.nodes.items()},
            _kept={name: values.copy() for name, values in self._kept.items()},
        )
        return made

    def apply(self, ts: int, event: Event) -> None:
        """Take in the next event; `follow` comes first where it is RunMigrated."""
        match event:
            case TaskStarted() | TaskCompleted() | TaskFailed() | TaskCancelled() | TaskCompensated():
                self._task(ts, event)
            case RunStarted() | RunCompleted() | RunFailed() | RunCancelled() | CompensationStarted():
                self._run(ts, event)
            case MapStarted() | MapCompleted() | ChildStarted() | ChildCompleted() | ChildFailed() | ChildCompensated():
                self._child(ts, event)
            case TimerStarted() | TimerFired() | SignalReceived() | SignalTaken() | ConditionMet():
                self._trigger(ts, event)
            case ApprovalRequested():
                node = self._enter(ts, event.node, event.visit, "waiting")
                node.note = event.prompt
            case ApprovalGiven():
                self._leave(ts, event.node, "completed", short(event.value))
            case NodeFailed():
                _explain(self._leave(ts, event.node, "failed"), event.error)
            case NodeCancelled():
                self._leave(ts, event.node, "cancelled")
            case RunReopened() | ProgressReported():
                self._go_on(event)
            case RunPaused() | RunResumed():
                self.paused = isinstance(event, RunPaused)
            case (
                RunMigrated()
                | BreakpointsChanged()
                | ValueEdited()
                | ValuePinned()
                | ValueUnpinned()
                | OutputCaptured()
                | AlertRaised()
            ):
                pass  # nothing moves
            case _:
                assert_never(event)
        self._move(ts, getattr(event, "moves", ()))

    def _go_on(self, event: RunReopened | ProgressReported) -> None:
        if isinstance(event, RunReopened):
            self.state, self.ended, self.error = "running", None, ""
            return
        node = self._touch(event.node)
        if node.state == "running" and node.attempt == event.attempt:
            node.share, node.note = event.done, detail_of(event)

    def _task(self, ts: int, event: TaskStarted | TaskCompleted | TaskFailed | TaskCancelled | TaskCompensated) -> None:
        node = self._touch(event.node)
        self._open.discard(event.node)
        if node.state == "running":
            node.share, node.note = None, ""
        match event:
            case TaskStarted():
                node.state, node.attempt, node.visits = "running", event.attempt, event.visit
                if event.attempt == 1 or node.started is None:
                    node.started = ts
                node.ended, node.error, node.traceback, node.note = None, "", "", ""
                self._open.add(event.node)
            case TaskCompleted():
                node.state, node.ended, node.value, node.due = "completed", ts, text_of(event), None
                node.note = GIVEN.get(event.given, "")
            case TaskFailed():
                node.state = "failed" if event.retry_at is None else "retrying"
                node.ended = ts if event.retry_at is None else None
                _explain(node, event.error)
            case TaskCancelled():
                node.state, node.ended, node.due = "cancelled", ts, None
            case TaskCompensated():
                self._taken_back(event)

    def _taken_back(self, event: TaskCompensated | ChildCompensated) -> None:
        node = self._touch(event.node)
        if event.error is not None:
            node.state, node.note = "failed", ""
            _explain(node, event.error)
        elif isinstance(event, TaskCompensated) or node.state != "failed":  # of a map, another child may not have been
            node.state, node.note = "cancelled", "taken back"

    def _run(self, ts: int, event: RunStarted | RunCompleted | RunFailed | RunCancelled | CompensationStarted) -> None:
        match event:
            case RunStarted():
                self.started = ts
                if self._shape.is_spawned(event.moves):
                    self._place(ts, self._shape.edges[event.moves[0]].target)
                else:
                    start = self._touch(self._start)
                    start.state, start.started, start.ended = "completed", ts, ts
            case CompensationStarted():
                self.error = "" if event.error is None else said(event.error)
                self._withdraw_all(ts)
            case RunCompleted():
                self._end("completed", ts)
            case RunFailed():
                self.error = said(event.error)
                self._end("failed", ts)
                if event.error.node is not None:
                    node = self._touch(event.error.node)
                    node.state = "failed"
                    if not node.error:  # a condition, or what else fails outside an activity
                        _explain(node, event.error)
            case RunCancelled():
                self._end("cancelled", ts)

    def _child(
        self,
        ts: int,
        event: MapStarted | MapCompleted | ChildStarted | ChildCompleted | ChildFailed | ChildCompensated,
    ) -> None:
        match event:
            case MapStarted():
                node = self._enter(ts, event.node, event.visit, "running")
                node.children, node.done, node.skipped = event.size, 0, 0
            case MapCompleted():
                node = self._touch(event.node)
                self._leave(ts, event.node, "completed", _outputs(node.children - node.skipped, node.skipped))
            case ChildStarted() if event.edge >= 0:
                id = self._spawned[event.run] = self._shape.edges[event.edge].target
                node = self._touch(id)
                node.state, node.ended, node.children = "running", None, node.children + 1
                node.started = ts if node.started is None else node.started
            case ChildStarted():
                if event.index < 0:
                    self._enter(ts, event.node, event.visit, "running")
            case ChildCompleted():
                self._child_over(ts, event, None)
            case ChildFailed():
                self._child_over(ts, event, event.error)
            case ChildCompensated():
                self._taken_back(event)

    def _child_over(self, ts: int, event: ChildCompleted | ChildFailed, error: Problem | None) -> None:
        id = self._spawned.pop(event.run, event.node)
        node, kind = self._touch(id), self._shape.nodes.get(id)
        if id == event.node and not isinstance(kind, Map):
            self._leave(ts, id, "completed" if error is None else "failed")
            if isinstance(event, ChildCompleted):
                node.value = text_of(event)
        elif error is not None and id == event.node and isinstance(kind, Map) and kind.failure == "skip":
            node.skipped += 1
        else:
            node.done += 1
            if error is not None and isinstance(kind, Map) and kind.failure != "skip":
                if kind.failure == "stop" or node.done == node.children:
                    node.state, node.ended = "failed", ts
            elif id != event.node and node.done == node.children:
                node.state, node.ended = "completed" if error is None else "failed", ts
        if error is not None:
            _explain(node, error)

    def _trigger(self, ts: int, event: TimerStarted | TimerFired | SignalReceived | SignalTaken | ConditionMet) -> None:
        match event:
            case TimerStarted():
                node = self._touch(event.node)
                if event.due >= 0:
                    node.due = event.due if node.due is None else min(node.due, event.due)
            case TimerFired():
                self._fire(ts, event.node, "timer")
            case ConditionMet():
                self._fire(ts, event.node, "condition")
            case SignalReceived():
                self._latest[event.name] = event.value
                if event.node is not None:
                    self._fire(ts, event.node, f"'{event.name}'", event.value)
                elif not self._shape.is_transient(event.name):
                    self._kept.setdefault(event.name, []).append(event.value)
            case SignalTaken():
                kept = self._kept.get(event.name, [])
                value = kept.pop(event.at) if 0 <= event.at < len(kept) else self._latest.get(event.name)
                self._fire(ts, event.node, f"'{event.name}'", value)

    def _fire(self, ts: int, id: str, by: str, value: Any = None) -> None:
        """A wait goes on by a trigger; anything else is interrupted by it, a group with all that is inside."""
        kind = self._shape.nodes.get(id)
        if isinstance(kind, Wait):
            self._leave(ts, id, "completed", "" if value is None else short(value)).note = by
            return
        self._leave(ts, id, "cancelled").note = f"interrupted: {by}"

    def _withdraw(self, ts: int, ids: Iterable[str]) -> None:
        """What rests is withdrawn without an event of its own; what is in progress has one."""
        for id in ids:
            node = self.nodes.get(id)
            if node is not None and node.state in _RESTING:
                self._leave(ts, id, "cancelled")
            self._arrived.pop(id, None)
            self._fired.discard(id)

    def _withdraw_all(self, ts: int) -> None:
        """Nothing goes on: not what rests, and not the children that edges have spawned."""
        self._withdraw(ts, list(self.nodes))
        for id in set(self._spawned.values()):
            self._leave(ts, id, "cancelled")
        self._spawned.clear()

    def _empty(self, ts: int, region: Region | None) -> None:
        """A part of the drawing is emptied, as the machine does it when an edge is taken or a join fires."""
        if region is not None:
            self._withdraw(ts, (self._ids[number] for number in region.nodes))

    def _enter(self, ts: int, id: str, visit: int, state: NodeState) -> NodeProgress:
        node = self._touch(id)
        if node.state not in _OPEN or node.visits != visit or node.started is None:
            node.started = ts
        node.state, node.visits, node.ended = state, visit, None
        node.value = node.error = node.traceback = node.note = ""
        return node

    def _leave(self, ts: int, id: str, state: NodeState, value: str = "") -> NodeProgress:
        node = self._touch(id)
        node.state, node.ended, node.value, node.note, node.due, node.share = state, ts, value, "", None, None
        self._open.discard(id)
        return node

    def _touch(self, id: str) -> NodeProgress:
        self.changed.add(id)
        return self.nodes.setdefault(id, NodeProgress())

    def _move(self, ts: int, moves: Iterable[int]) -> None:
        shape, empties = self._shape, self._special.empties
        for number in moves:
            edge = shape.edges[number if number >= 0 else ~number]
            if number < 0:  # a branch that was not taken: its join need not wait for it
                self._arrive(edge.target, waits=False)
                continue
            self.edges[number] += 1
            if isinstance(shape.nodes.get(edge.source), Join):
                self._joined(ts, edge.source)
            self._empty(ts, empties.get(number))
            if not edge.spawn:
                self._place(ts, edge.target)

    def _place(self, ts: int, id: str) -> None:
        kind, node = self._shape.nodes.get(id), self._touch(id)
        if isinstance(kind, Wait):
            self._enter(ts, id, node.visits + 1, "waiting").note = self._shape.waits_for(id)
            return
        if node.started is None:
            node.started = ts
        match kind:
            case Task() | Approval() | Map() | Call():
                if id not in self._open:
                    node.state = "ready"
            case Join():
                self._arrive(id, waits=True)
            case End() if kind.terminate or kind.error:
                self._withdraw_all(ts)
                node.state, node.ended, node.visits = "completed", ts, node.visits + 1
            case _:
                node.state, node.ended, node.visits = "completed", ts, node.visits + 1

    def _arrive(self, id: str, *, waits: bool) -> None:
        self._arrived[id] += 1
        if waits and id not in self._fired:
            self._touch(id).state = "waiting"
        self._reset(id)

    def _joined(self, ts: int, id: str) -> None:
        others = self._special.rests.get(self._number[id])
        self._empty(ts, others)
        node = self._touch(id)
        node.state, node.ended, node.visits = "completed", ts, node.visits + 1
        if others is None:
            self._fired.add(id)
            self._reset(id)

    def _reset(self, id: str) -> None:
        """A join is as new once it has fired and all its branches have come or been withdrawn."""
        if id in self._fired and self._arrived[id] >= self._shape.degree[id]:
            self._fired.discard(id)
            self._arrived[id] = 0

    def _end(self, state: Literal["completed", "failed", "cancelled"], ts: int) -> None:
        self.state, self.ended = state, ts
        self._withdraw_all(ts)


def _explain(node: NodeProgress, error: Problem) -> None:
    node.error = said(error)[:MAX_ERROR]
    node.traceback = error.traceback[-MAX_TRACEBACK:]


def _outputs(count: int, skipped: int) -> str:
    given = "1 output" if count == 1 else f"{count} outputs"
    return f"{given}, {skipped} skipped" if skipped else given


def fold(machine: Machine, records: Iterable[Record], then: Iterable[Machine] = ()) -> Progress:
    """The progress after these events.

    Args:
        machine: what the run begins with.
        records: its events.
        then: what it has migrated to, one for each RunMigrated.
    """
    progress, ahead = Progress(machine), iter(then)
    for record in records:
        if type(record.event) is RunMigrated:
            progress.follow(next(ahead))
        progress.apply(record.ts, record.event)
    return progress
