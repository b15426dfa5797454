"""What a workflow compiles to: a guarded, safe workflow net, indexed for running.

Routing nodes fire as soon as they can, so a token only ever rests before a task, a map or a call, inside a node, or on
an edge into a join.  The same net as places and transitions, for proofs, is `wfnb.machine.netting`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import msgspec

from wfnb.machine.graph import Graph
from wfnb.model.expression import Expression
from wfnb.model.workflow import Retry, Workflow


class Kind(IntEnum):
    """What a token does at a node."""

    START = 0
    TASK = 1
    END = 2
    CHOICE = 3
    FORK = 4
    JOIN = 5
    WAIT = 6
    APPROVAL = 7
    MAP = 8
    CALL = 9
    GROUP = 10
    """No token is ever at a group; edges with a trigger may leave it."""

    __hash__ = int.__hash__  # that of enumerations is written in Python, and every move asks for one


STARTED = frozenset({Kind.TASK, Kind.MAP, Kind.CALL})
"""Kinds that a token waits before until they are started."""
RESTING = frozenset({*STARTED, Kind.WAIT, Kind.APPROVAL})
"""Kinds that a token stays in."""


class TaskPlan(msgspec.Struct, frozen=True, gc=False):
    """What it takes to start a task."""

    activity: str
    constants: dict[str, Any]
    """Arguments that are plain JSON values."""
    nested: bool
    """Whether one of those is a list or a dict, which an activity could change."""
    computed: tuple[tuple[str, Expression], ...]
    """Arguments that are expressions, with their parameter."""
    retry: Retry | None = None
    timeout: float | None = None
    requires: Expression | None = None
    ensures: Expression | None = None
    durability: str = ""
    """As the task says; empty: as its run."""
    heartbeat: float | None = None
    executor: str = ""
    special: bool = False
    """Whether it has a timeout, a heartbeat or an executor; what most tasks lack is asked for once."""
    cache: bool = False


@dataclass(frozen=True, slots=True)
class ChildPlan:
    """What it takes to start the children of a map or a call.

    Attributes:
        name: what is run, as the document says it.
        machine: what that compiles to.
        constants, computed: the inputs, as in a task's plan.
        items: what a map goes through; None for a call.
        width: how many children may be in progress; None for any number.
        failure: what a failing child does to a map.
        own: whether it belongs to the document.
    """

    name: str
    machine: Machine
    constants: dict[str, Any]
    computed: tuple[tuple[str, Expression], ...]
    items: Expression | list[Any] | None = None
    width: int | None = None
    failure: str = "stop"
    own: bool = False


@dataclass(frozen=True, slots=True)
class Region:
    """A part of the drawing that can be emptied at once.

    Attributes:
        nodes: its nodes.
        edges: the edges into its joins, on which tokens wait.
    """

    nodes: frozenset[int]
    edges: frozenset[int]


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that a node takes when it starts: for itself, or for the group that it is the entry of."""

    name: str
    holder: int


@dataclass(frozen=True, slots=True)
class Special:
    """What only some workflows have; all of it empty in a plain one, which the hot path relies on.

    Attributes:
        needs: how many branches a join waits for, where that is not all of them.
        rests: what a join withdraws when it fires, by join.
        inclusive: the edges of each inclusive fork, each with the edge by which its branch comes to the join.
        catches: the edges that may catch an error, by node: its own, then those of the groups around it, inner first.
        timers: the edges with a timer, by node or group.
        listeners: the edges that a signal may take, by its name, in document order.
        conditions: the edges that a condition frees, by wait.
        empties: what is withdrawn when an edge is taken, by edge.
        groups: what is inside a group, by group.
        locks: the lock that each node takes.
        outside: the entry of a group with a lock that nothing inside leads to, by group: a token that waits there for
            the lock is not in the group yet.
        compensations: what takes a task back, by task.
        milestones: ids that some expression asks about with `reached`.
        terminates: ends that end the run at once.
        spawns: what each spawning edge starts.
        listening: nodes and groups that a signal can free or interrupt.
        direct: edges with a trigger that lead to where tokens rest, and that nothing else goes with.
        watched: nodes for which leaving needs more than taking the token away.
        gathering: joins that need not bring all of their branches together, where an end asks which it did.
        traced: nodes that are started, come to in several ways, and left without their value by an edge with a trigger.
    """

    needs: Mapping[int, int] = field(default_factory=dict)
    rests: Mapping[int, Region] = field(default_factory=dict)
    inclusive: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)
    catches: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    timers: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    listeners: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    conditions: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    empties: Mapping[int, Region] = field(default_factory=dict)
    groups: Mapping[int, Region] = field(default_factory=dict)
    locks: Mapping[int, Lock] = field(default_factory=dict)
    outside: Mapping[int, int] = field(default_factory=dict)
    compensations: Mapping[int, TaskPlan] = field(default_factory=dict)
    milestones: frozenset[str] = frozenset()
    terminates: frozenset[int] = frozenset()
    spawns: Mapping[int, Machine] = field(default_factory=dict)
    listening: frozenset[int] = frozenset()
    direct: frozenset[int] = frozenset()
    watched: frozenset[int] = frozenset()
    gathering: frozenset[int] = frozenset()
    traced: frozenset[int] = frozenset()

    @property
    def moves_plainly(self) -> bool:
        """Whether tokens only ever move along edges, into joins that wait for all of their branches."""
        return not (
            self.needs
            or self.rests
            or self.inclusive
            or self.empties
            or self.locks
            or self.milestones
            or self.terminates
            or self.spawns
        )


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Machine:
    """A compiled workflow.  Nodes and edges are numbers; an edge's number is its index in the document."""

    workflow: Workflow
    hash: str
    document: bytes
    """The workflow as JSON, as the store keeps it."""
    graph: Graph
    start: int
    kinds: tuple[Kind, ...]
    ids: tuple[str, ...]
    out: tuple[tuple[int, ...], ...]
    """By node: the edges that are taken when it completes, in document order; those of a wait have triggers."""
    plans: dict[int, TaskPlan]
    """By task."""
    children: dict[int, ChildPlan]
    """By map and call."""
    guards: tuple[Expression | None, ...]
    """By edge; None where there is no guard."""
    otherwise: dict[int, int]
    """The `otherwise` edge, by choice or inclusive fork."""
    outputs: dict[int, Any]
    """By end: a JSON value or an Expression; ends without one are absent."""
    delays: dict[int, Any]
    """By edge with a timer: seconds, a text with a time, or an Expression."""
    steady: tuple[tuple[int, ...] | None, ...]
    """By node: the edges taken when it completes, where no choice or join can make a difference; else None."""
    durable: Mapping[int, str]
    """By task: its durability, where it says one."""
    disabled: frozenset[int]
    """Tasks whose activities never run."""
    special: Special
    plain: bool
    """Whether tokens move plainly (see `Special.moves_plainly`)."""
    calm: bool
    """Whether nothing begins but tasks, where a token has just come, and every wait listens for a signal."""

    @property
    def name(self) -> str:
        """The workflow's name."""
        return self.workflow.name

    def __repr__(self) -> str:
        return f"<Machine '{self.name}': {len(self.ids)} nodes, {len(self.guards)} edges, {self.hash[:8]}>"
