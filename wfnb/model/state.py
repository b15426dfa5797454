"""Where a run stands: its control state (tokens) and its data state (values).

A `State` is owned by one fold: `wfnb.machine.semantics.evolve` changes it in place, which costs a fraction of making
a new one.  Tokens rest in four kinds of places: before a task (`ready`), inside a node (`busy`), at a join that still
waits for others (`waiting`), or nowhere any more (`ended`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, TypeAlias

from wfnb.model.event import CompensationStarted, Problem
from wfnb.model.facts import Facts

Status: TypeAlias = Literal["created", "running", "completed", "failed", "cancelled"]


@dataclass(slots=True)
class Children:
    """The child runs of one map or call in progress.  Items are numbered from 0; a call has one, number -1."""

    size: int = 1
    next: int = 0
    """The first item that has not begun."""
    open: dict[int, str] = field(default_factory=dict)
    """Runs in progress, by item."""
    results: dict[int, Any] = field(default_factory=dict)
    failed: dict[int, Problem] = field(default_factory=dict)


@dataclass(slots=True)
class State:
    """Everything that the history of a run says about now.  Nodes and edges are numbers of the machine."""

    status: Status = "created"
    seq: int = 0
    """The number of events folded so far."""
    workflow: str = ""
    definition: str = ""
    input: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)
    """Results by node id; `Unstored` where a result was not JSON and this is a replay."""
    ready: dict[int, int] = field(default_factory=dict)
    """Tasks, maps and calls with a token before them, and the edge on which it lies."""
    busy: dict[int, int] = field(default_factory=dict)
    """Nodes with a token inside, and the attempt (1 where no activity runs)."""
    retrying: dict[int, int] = field(default_factory=dict)
    """Busy tasks between two attempts, and when the next is due (microseconds since the epoch)."""
    failures: dict[int, int] = field(default_factory=dict)
    """Failed attempts of the visit in progress, by task; what the retry policy counts."""
    waiting: set[int] = field(default_factory=set)
    """Edges with a token that waits at a join."""
    arrived: dict[int, int] = field(default_factory=dict)
    """Joins in progress, and how many tokens they have."""
    visits: dict[int, int] = field(default_factory=dict)
    """How often each task was entered."""
    came: dict[int, int] = field(default_factory=dict)
    """The edge by which a token last came to a node, where several lead there and what is behind it may be asked."""
    skipped: set[int] = field(default_factory=set)
    """Edges into joins on which it came last that a branch was not taken, where that is asked."""
    gathered: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Joins that do not bring all of their branches together: the edges of those that did come when it fired last."""
    ended: list[int] = field(default_factory=list)
    """Edges on which tokens reached an end, in order."""
    output: Any = None
    error: Problem | None = None
    facts: Facts = field(default_factory=Facts)
    timers: dict[int, int] = field(default_factory=dict)
    """Edges whose timer runs, and when it is due (microseconds since the epoch; -1: then its guard did not hold)."""
    kept: dict[str, list[Any]] = field(default_factory=dict)
    """What signals brought that nothing has taken yet, oldest first, by name."""
    seen: dict[tuple[str, str], None] = field(default_factory=dict)
    """Name and id of signals that came."""
    asked: dict[int, str] = field(default_factory=dict)
    """Approvals that wait for a person, and what the person is asked."""
    children: dict[int, Children] = field(default_factory=dict)
    """Maps and calls in progress."""
    spawned: dict[str, int] = field(default_factory=dict)
    """Runs that edges have spawned and that are in progress, and the edge."""
    again: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """Runs that stopped when this one failed, and go on where they are asked for again: for which node, which item of a
    map or -1, and which visit."""
    held: dict[str, int] = field(default_factory=dict)
    """Locks that are taken, and the task or group that has them."""
    done: list[tuple[int, int, str]] = field(default_factory=list)
    """What can be taken back, in the order in which it was completed: tasks, with their visit and an empty text; child
    runs, with the node and the visit that they served and their id."""
    ending: CompensationStarted | None = None
    """Why the run is being taken back; None while it goes forward."""
    paused: bool = False
    """Whether nothing new begins."""
    breakpoints: frozenset[int] = frozenset()
    """Nodes before which the run pauses."""
    passed: frozenset[int] = frozenset()
    """Those of them before which a token waits that may go on."""
    once: frozenset[int] = frozenset()
    """Those of them that are gone once the run has paused there."""
    inside: tuple[str, ...] = ()
    """Nodes of children before which those pause, as `call/node`."""
    pins: dict[str, Any] = field(default_factory=dict)
    """What tasks give without running their activities, by id; those of children as `call/task`."""
    fresh: list[int] = field(default_factory=list, compare=False, repr=False)
    """Nodes that a token has reached and that `decide` has not handed out yet; no part of what the state says."""
    queued: frozenset[int] = field(default=frozenset(), compare=False, repr=False)
    """Ready tasks that are held back until fewer others are in progress; no part of what the state says."""
    stepping: int | None = field(default=None, compare=False, repr=False)
    """The node that may begin though the run is paused, -1 for whichever is next; handed out likewise."""
    spawning: list[int] = field(default_factory=list, compare=False, repr=False)
    """Edges that are to spawn a run; handed out likewise."""
    withdrawn: list[tuple[int, int, int]] = field(default_factory=list, compare=False, repr=False)
    """Node, visit and attempt of tokens that were withdrawn; handed out likewise."""
    refused: dict[int, tuple[int, tuple[Any, ...]]] = field(default_factory=dict, compare=False, repr=False)
    """By edge: how many of the kept signals, oldest first, its guard refused, and what it read then; spares asking it
    again, and is no part of what the state says."""

    @property
    def marking(self) -> frozenset[tuple[str, int]]:
        """The marked places: `("edge", e)` and `("busy", n)`."""
        edges = {("edge", edge) for edge in (*self.ready.values(), *self.waiting)}
        return frozenset(edges | {("busy", node) for node in self.busy})

    def copy(self) -> State:
        """A state that goes its own way from here on; values are shared, for no event changes one."""
        made = replace(self)
        for name in _OWNED:
            setattr(made, name, getattr(self, name).copy())
        made.children = {node: _own(children) for node, children in self.children.items()}
        made.kept = {name: values.copy() for name, values in self.kept.items()}
        made.facts = Facts(self.facts.reached.copy(), self.facts.signals.copy(), self.facts.errors.copy())
        return made

    def tokens(self) -> State:
        """A copy of where the tokens are, for trying out moves; values, inputs and facts are shared."""
        return State(
            status=self.status,
            input=self.input,
            values=self.values,
            ready=self.ready.copy(),
            busy=self.busy.copy(),
            waiting=self.waiting.copy(),
            arrived=self.arrived.copy(),
            visits=self.visits.copy(),
            ended=self.ended.copy(),
            facts=Facts(self.facts.reached.copy(), self.facts.signals, self.facts.errors),
            timers=self.timers.copy(),
            held=self.held.copy(),
        )


_OWNED = tuple(one.name for one in fields(State) if one.default_factory in (dict, list, set))
"""What is changed in place."""


def _own(children: Children) -> Children:
    return replace(children, open=children.open.copy(), results=children.results.copy(), failed=children.failed.copy())
