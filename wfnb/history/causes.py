"""What each visit of a node waited for: the history of a run as a graph of causes.

Events carry the edges taken, so that the cause of a start is known and not guessed from times.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from wfnb.history.tasktable import RowKind, TaskRow, TaskStatus, TaskTable
from wfnb.model.event import FINAL, Record, RunMigrated, RunReopened, RunStarted
from wfnb.model.workflow import Choice, End, Fork, Join, Workflow

_ROUTING = (Choice, Fork, Join)


@dataclass(slots=True)
class Visit:
    """One visit of a task, a wait, an approval, a map or a call.  Times are microseconds since the epoch."""

    node: str
    visit: int
    kind: RowKind
    activity: str
    after: frozenset[int]
    """The visits that it waited for, by number; empty where the run's start was enough."""
    attempts: list[TaskRow] = field(default_factory=list)

    @property
    def status(self) -> TaskStatus:
        """That of its last attempt."""
        return self.attempts[-1].status

    @property
    def scheduled(self) -> int:
        """When a token reached it."""
        return self.attempts[0].scheduled

    @property
    def started(self) -> int:
        """When its first attempt began."""
        return self.attempts[0].started

    @property
    def ended(self) -> int | None:
        """When its last attempt ended; None while it is in progress, or where nobody knows."""
        return self.attempts[-1].ended

    @property
    def service(self) -> int:
        """How long its attempts took together."""
        return sum(row.ended - row.started for row in self.attempts if row.ended is not None)

    @property
    def wait(self) -> int:
        """How long it waited for its first attempt."""
        return self.started - self.scheduled

    @property
    def pause(self) -> int:
        """How long it paused between attempts."""
        return 0 if self.ended is None else self.ended - self.started - self.service


@dataclass(slots=True)
class Causes:
    """The visits of a run, each with what it waited for.

    Attributes:
        visits: in the order in which they began.
        started: when the run began.
        ended: when it was over; None while it goes on.
        last: the visits that the end of the run waited for.
    """

    visits: list[Visit] = field(default_factory=list)
    started: int = 0
    ended: int | None = None
    last: set[int] = field(default_factory=set)


def causes_of(records: Iterable[Record], workflow: Workflow | None, follow: Any = None) -> Causes:
    """The visits of a run and what each waited for.

    Args:
        records: the run's events.
        workflow: the definition that it began with.
        follow: gives the definition that a `RunMigrated` record names; without it the first one is kept.
    """
    reading = _Reading(workflow)
    for record in records:
        if follow is not None and type(record.event) is RunMigrated:
            reading.follow(follow(record))
        reading.apply(record)
    return reading.found


class _Reading:
    def __init__(self, workflow: Workflow | None) -> None:
        self.found = Causes()
        self.table = TaskTable(workflow)
        self.number: dict[int, int] = {}
        """The visit of each row, by the row's identity."""
        self.latest: dict[str, int] = {}
        self.pending: dict[str, frozenset[int]] = {}
        """What a token brought to a node whose visit has not begun."""
        self.arrived: dict[str, frozenset[int]] = {}
        """What has come to a join that waits."""
        self._draw(workflow)

    def follow(self, workflow: Workflow | None) -> None:
        self.table.follow(workflow)
        self._draw(workflow)

    def _draw(self, workflow: Workflow | None) -> None:
        self.edges = () if workflow is None else workflow.edges
        self.nodes = {} if workflow is None else {node.id: node for node in workflow.nodes}

    def apply(self, record: Record) -> None:
        event = record.event
        if isinstance(event, RunStarted):
            self.found.started = self.found.started or record.ts
        elif isinstance(event, RunReopened):
            self.found.ended = None
            self.found.last.clear()
        elif isinstance(event, FINAL):
            self.found.ended = record.ts
            if not self.found.last:  # it failed, or was cancelled: whatever ended with it
                self.found.last.update(self.latest.values())
        self._move(getattr(event, "node", None), getattr(event, "moves", ()))
        for row in self.table.apply(record):
            if id(row) not in self.number:
                self._begin(row)

    def _begin(self, row: TaskRow) -> None:
        latest = self.latest.get(row.node)
        if latest is not None and self.found.visits[latest].visit == row.visit:
            self.number[id(row)] = latest
            self.found.visits[latest].attempts.append(row)
            return
        self.number[id(row)] = self.latest[row.node] = len(self.found.visits)
        after = self.pending.pop(row.node, frozenset())
        self.found.visits.append(Visit(row.node, row.visit, row.kind, row.activity, after, [row]))

    def _move(self, node: str | None, moves: Iterable[int]) -> None:
        """Lead what caused these moves along them, through what routes, to where tokens rest."""
        own = frozenset({self.latest[node]}) if node in self.latest else frozenset()
        here: dict[str, frozenset[int]] = {}
        for number in moves:
            edge = self.edges[number if number >= 0 else ~number] if self.edges else None
            if edge is None:
                continue
            source = self.nodes.get(edge.source)
            if isinstance(source, Join) and edge.source in self.arrived and edge.source not in here:
                here[edge.source] = self.arrived.pop(edge.source)
            brought = here.get(edge.source, own) if isinstance(source, _ROUTING) else own
            target = self.nodes.get(edge.target)
            if isinstance(target, Join):
                self.arrived[edge.target] = self.arrived.get(edge.target, frozenset()) | brought
            elif isinstance(target, _ROUTING):
                here[edge.target] = brought
            elif isinstance(target, End):
                self.found.last.update(brought)
            else:
                self.pending[edge.target] = brought
