"""How each node of a run stands, folded from its events: what colours a drawing, live and in replay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, assert_never

from wfnb.history.nodestates import NodeProgress, NodeStates
from wfnb.history.words import GIVEN, detail_of, said, short, text_of
from wfnb.machine.machine import Machine
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
from wfnb.model.workflow import Map, Wait

MAX_ERROR = 2_000
MAX_TRACEBACK = 4_000


class Progress(NodeStates):
    """A run as a drawing shows it."""

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
