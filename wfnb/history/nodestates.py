"""Where the tokens of a run stand, and so its nodes: what drawing and tables have to know besides single events."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Any, Literal, Self, TypeAlias

from wfnb.history.shape import Shape
from wfnb.machine.machine import Machine, Region
from wfnb.machine.migration import image_of
from wfnb.model.workflow import Approval, Call, End, Join, Map, Task, Wait

NodeState: TypeAlias = Literal["idle", "ready", "running", "retrying", "waiting", "completed", "failed", "cancelled"]
_OPEN: frozenset[NodeState] = frozenset({"ready", "running", "retrying", "waiting"})
_RESTING: frozenset[NodeState] = frozenset({"ready", "waiting"})


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


_OWNED = ("edges", "changed", "_open", "_arrived", "_fired", "_spawned", "_latest")
"""What a progress changes in place, but for what is in `nodes` and `_kept`."""


_PARTS = attrgetter(*(part.name for part in fields(NodeProgress)))
"""All that a node's progress is made of; copying by it takes a fifth of what `dataclasses.replace` does."""


class NodeStates:
    """How the nodes of a run stand after the moves of its tokens; see `Progress`, which takes the events in.

    Attributes:
        nodes: by id; a node that no token has reached is absent.
        edges: how often each edge was taken, by index.
        state: of the run.
        paused: whether nothing new begins.
        changed: ids touched since it was last emptied (by whoever shows them).
        started: when, in microseconds since the epoch; 0 before that.
        ended: likewise; None before that.
        error: what it ended with.
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

    def copy(self) -> Self:
        """One that goes its own way from here on."""
        made = copy(self)
        vars(made).update(
            {name: getattr(self, name).copy() for name in _OWNED},
            nodes={id: NodeProgress(*_PARTS(node)) for id, node in self.nodes.items()},
            _kept={name: values.copy() for name, values in self._kept.items()},
        )
        return made

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
