"""How each node of a run stands, folded from its events: what colours a drawing, live and in replay."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET

from wfnb.machine.machine import Kind, Machine
from wfnb.model.event import (
    Event,
    Problem,
    Record,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunStarted,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
)

MAX_TEXT = 120
MAX_ERROR = 2_000
MAX_TRACEBACK = 4_000
NodeState: TypeAlias = Literal["idle", "ready", "running", "retrying", "waiting", "completed", "failed", "cancelled"]


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


class Progress:
    """A run as a drawing shows it.

    Attributes:
        nodes: by id; a node that no token has reached is absent.
        edges: how often each edge was taken, by index.
        changed: ids touched since it was last emptied (by whoever shows them).
    """

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self.nodes: dict[str, NodeProgress] = {}
        self.edges: Counter[int] = Counter()
        self.changed: set[str] = set()
        self.state: Literal["running", "completed", "failed", "cancelled"] = "running"
        self.started = 0
        self.ended: int | None = None
        self.error = ""
        self._open: set[str] = set()

    def apply(self, ts: int, event: Event) -> None:
        """Take in the next event."""
        match event:
            case TaskStarted():
                node = self._touch(event.node)
                node.state, node.attempt, node.visits = "running", event.attempt, event.visit
                if event.attempt == 1 or node.started is None:
                    node.started = ts
                node.ended, node.error, node.traceback = None, "", ""
                self._open.add(event.node)
            case TaskCompleted():
                node = self._touch(event.node)
                node.state, node.ended, node.value = "completed", ts, text_of(event)
                self._open.discard(event.node)
                self._move(ts, event.moves)
            case TaskFailed():
                node = self._touch(event.node)
                node.state = "failed" if event.retry_at is None else "retrying"
                node.ended = ts if event.retry_at is None else None
                _explain(node, event.error)
                self._open.discard(event.node)
            case TaskCancelled():
                node = self._touch(event.node)
                node.state, node.ended = "cancelled", ts
                self._open.discard(event.node)
            case RunStarted():
                self.started = ts
                start = self._touch(self._machine.ids[self._machine.start])
                start.state, start.started, start.ended = "completed", ts, ts
                self._move(ts, event.moves)
            case RunCompleted():
                self._end("completed", ts)
            case RunFailed():
                self.error = f"{event.error.type}: {event.error.message}"
                self._end("failed", ts)
                if event.error.node is not None:
                    node = self._touch(event.error.node)
                    node.state = "failed"
                    if not node.error:  # a condition, or what else fails outside an activity
                        _explain(node, event.error)
            case RunCancelled():
                self._end("cancelled", ts)

    def _touch(self, id: str) -> NodeProgress:
        self.changed.add(id)
        return self.nodes.setdefault(id, NodeProgress())

    def _move(self, ts: int, moves: Iterable[int]) -> None:
        machine = self._machine
        for edge in moves:
            self.edges[edge] += 1
            source, target = machine.graph.source[edge], machine.graph.target[edge]
            if machine.kinds[source] is Kind.JOIN:
                joined = self._touch(machine.ids[source])
                joined.state, joined.ended, joined.visits = "completed", ts, joined.visits + 1
            id, kind = machine.ids[target], machine.kinds[target]
            node = self._touch(id)
            if node.started is None:
                node.started = ts
            if kind is Kind.TASK:
                if id not in self._open:
                    node.state = "ready"
            elif kind is Kind.JOIN:
                node.state = "waiting"
            else:
                node.state, node.ended, node.visits = "completed", ts, node.visits + 1

    def _end(self, state: Literal["completed", "failed", "cancelled"], ts: int) -> None:
        self.state, self.ended = state, ts


def _explain(node: NodeProgress, error: Problem) -> None:
    node.error = f"{error.type}: {error.message}"[:MAX_ERROR]
    node.traceback = error.traceback[-MAX_TRACEBACK:]


def text_of(event: TaskCompleted | RunCompleted) -> str:
    """A result as short text."""
    unstored = event.unstored
    value: Any = event.value if isinstance(event, TaskCompleted) else event.output
    if unstored is not UNSET:
        return unstored.preview[:MAX_TEXT] or f"<{unstored.type}>"
    return short(None if value is UNSET else value)


def short(value: Any) -> str:
    """A value as one short line."""
    if isinstance(value, str):
        text = f'"{value[:MAX_TEXT]}"'
    else:
        try:
            text = msgspec.json.encode(value).decode()
        except (TypeError, ValueError, OverflowError, RecursionError):
            text = repr(value)
    text = " ".join(text.split())
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def fold(machine: Machine, records: Iterable[Record]) -> Progress:
    """The progress after these events."""
    progress = Progress(machine)
    for record in records:
        progress.apply(record.ts, record.event)
    return progress
