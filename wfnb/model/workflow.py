"""The definition of a workflow: nodes, edges and where they are drawn.

A `Workflow` is the document in a `*.wf.json` file, decoded.  It is frozen: every change makes a new one
(see `wfnb.author.edits`).  Durations are seconds, positions are canvas pixels (x to the right, y down).
"""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypeAlias

import msgspec

from wfnb.errors import UnknownName, did_you_mean, listed

VERSION = 1
"""The newest document version this release reads and the one it writes."""


class Retry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """When a failed activity is tried again.

    The pause before attempt `n` (2, 3, ...) is `delay * factor ** (n - 2)`, at most `maximum` seconds, of which a
    share of up to `jitter` is taken away at random.
    """

    attempts: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 3
    """How often the activity may be tried in all, the first time included."""
    delay: Annotated[float, msgspec.Meta(ge=0)] = 1.0
    factor: Annotated[float, msgspec.Meta(ge=1)] = 2.0
    maximum: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    jitter: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.0
    errors: tuple[str, ...] = ()
    """Names of the exception classes that are tried again, with those derived from them; empty means every one."""


class Compensation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What takes a completed task back: run where a run fails or is cancelled, the last completed task first."""

    activity: str
    arguments: dict[str, Any] = {}
    """As a task's; expressions may read the task's own result."""


class Signal(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a workflow says of a signal that its edges wait for; one that is not declared is persistent."""

    type: str = "any"
    """The type of what it brings, as people write types."""
    transient: bool = False
    """Lost where nothing waits for it; a persistent signal is kept for the first that does."""


class _Node(msgspec.Struct, frozen=True, gc=False, forbid_unknown_fields=True, omit_defaults=True, tag_field="kind"):
    """What every kind of node has."""

    id: str
    label: str = ""
    """What people read on the node; the id where empty.  Always plain text."""

    @property
    def kind(self) -> str:
        """The word that stands under `kind` in the document."""
        tag = self.__struct_config__.tag
        assert isinstance(tag, str)
        return tag


class Start(_Node, frozen=True, kw_only=True, tag="start"):
    """Where the one token of a run begins."""


class End(_Node, frozen=True, kw_only=True, tag="end"):
    """Where a token ends."""

    output: Any = None
    """The run's output: a JSON value, or an expression if it is a string that starts with `=`."""
    terminate: bool = False
    """Whether the run ends here at once: every other token is withdrawn."""
    error: str = ""
    """The name of the error with which the run fails here; empty where it does not."""
    message: str = ""
    """What the error says: text, or an expression if it starts with `=`."""


class Task(_Node, frozen=True, kw_only=True, tag="task"):
    """Runs one activity; its result is a value named after the task."""

    activity: str
    arguments: dict[str, Any] = {}
    """JSON values by parameter name; a string that starts with `=` is an expression."""
    retry: Retry | None = None
    timeout: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Seconds one attempt may take; None means no limit."""
    heartbeat: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Seconds that an attempt may go without a sign of life; None means what its activity says, or for ever."""
    executor: Literal["", "loop", "thread", "process"] = ""
    """Where its activity runs; empty: where that says, or on the loop if it is an `async def`, else in a thread."""
    priority: int = 0
    """Of several ready tasks, the one with the highest goes first."""
    deadline: Annotated[float, msgspec.Meta(gt=0)] | None = None
    """Seconds after the start of the run by which the task should have completed."""
    resources: dict[str, float] = {}
    """How much it needs of each resource, such as `{"cpu": 2}`."""
    requires: str = ""
    """A condition (a bare expression) that must hold when the task starts."""
    ensures: str = ""
    """A condition that must hold of its result, which it reads by the task's id."""
    compensate: Compensation | None = None
    cache: bool = False
    """Whether a result may be used again where the activity and its arguments are the same."""
    lock: str = ""
    """Of all tasks and groups that name the same lock, only one is in progress."""
    prerequisites: tuple[str, ...] = ()
    """Names of activities that must have completed before, whichever way a run takes."""
    disabled: bool = False
    """Whether it gives None at once, and its activity never runs."""
    durability: Literal["", "sync", "async"] = ""
    """Whether its start, and what follows from its end, wait until that is on the disk; empty: as the run does."""


class Choice(_Node, frozen=True, kw_only=True, tag="choice"):
    """Exclusive: takes the first edge whose `when` holds, else the `otherwise` edge."""


class Fork(_Node, frozen=True, kw_only=True, tag="fork"):
    """Puts a token on every outgoing edge; an inclusive one on every edge whose `when` holds."""

    join: str = ""
    """The join that an inclusive fork is paired with; empty where the fork takes every edge."""


class Join(_Node, frozen=True, kw_only=True, tag="join"):
    """Waits for tokens on its incoming edges, then goes on with one."""

    need: Literal["all", "any"] | Annotated[int, msgspec.Meta(ge=1)] = "all"
    """How many branches it waits for."""
    rest: Literal["absorb", "cancel"] = "absorb"
    """What becomes of the other branches where it does not wait for all: they run on, and their tokens are absorbed,
    or they are withdrawn."""


class Wait(_Node, frozen=True, kw_only=True, tag="wait"):
    """Rests until one of its edges fires: a signal (`on`), a timer (`after`, `until`), or a condition (`when`).

    Its value is what the signal brought, None where something else freed it.
    """


class Approval(_Node, frozen=True, kw_only=True, tag="approval"):
    """Rests until a person answers; the answer is a value named after the node."""

    prompt: str = ""
    """What the person is asked: text, or an expression if it starts with `=`."""
    form: dict[str, str] = {}
    """Type by field of the answer, which is a dict; without fields the answer is any value."""


class Map(_Node, frozen=True, kw_only=True, tag="map"):
    """Runs a body for each item, as child runs; its value is the list of their outputs, in the items' order."""

    items: Any
    """A list, or an expression that gives one."""
    activity: str = ""
    """The body: an activity, or ..."""
    workflow: str = ""
    """... a workflow, named as in a call."""
    arguments: dict[str, Any] = {}
    """What each child is given; expressions may read `item` and `index`.  Where empty, an activity is given its `item`,
    a workflow those of its inputs that are called `item` and `index`."""
    width: Annotated[int, msgspec.Meta(ge=1)] | None = None
    """How many children are in progress at most; None means all at once."""
    failure: Literal["stop", "finish", "skip"] = "stop"
    """What a failing child does: call the others off and fail the map, let them finish and fail it then, or give None
    in its place."""


class Call(_Node, frozen=True, kw_only=True, tag="call"):
    """Runs another workflow as a child run; its output is a value named after the node."""

    workflow: str
    """One of the document's own `workflows`, one defined in the notebook, or a path relative to the document."""
    arguments: dict[str, Any] = {}
    """Its inputs: JSON values, or expressions."""


class Note(_Node, frozen=True, kw_only=True, tag="note"):
    """Text for people; takes no part in a run."""

    text: str = ""
    width: float | None = None
    """Pixels; None is as wide as notes are."""
    height: float | None = None
    """Pixels at least; None is no higher than its text."""


class Group(_Node, frozen=True, kw_only=True, tag="group"):
    """Nodes that people see as one.

    An edge with a trigger that leaves the group itself interrupts whatever is inside.
    """

    members: tuple[str, ...] = ()
    """Ids of nodes, groups among them."""
    cancel: bool = False
    """Whether the first token that leaves the group withdraws those still inside."""
    lock: str = ""
    """Of all tasks and groups that name the same lock, only one is in progress: a group from when its entry
    starts until the last token has left it."""
    strategy: str = ""
    """How many of its tasks are in progress at once: `sequential`, `parallel(4)`, or all of them where it is empty."""


Node: TypeAlias = Start | End | Task | Choice | Fork | Join | Wait | Approval | Map | Call | Note | Group
NodeKind: TypeAlias = Literal[
    "start", "end", "task", "choice", "fork", "join", "wait", "approval", "map", "call", "note", "group"
]
Position: TypeAlias = tuple[float, float]


class Edge(msgspec.Struct, frozen=True, kw_only=True, gc=False, forbid_unknown_fields=True, omit_defaults=True):
    """From one node to another, with at most one trigger; an edge without one is taken on completion."""

    source: str
    target: str
    when: str | None = None
    """A guard: a bare expression (no leading `=`).  On an edge that leaves a wait and has no other trigger, it is the
    condition that frees the wait."""
    otherwise: bool = False
    error: str | None = None
    """Taken where the source fails with this error (its class's name), or with any where `*`."""
    after: float | str | None = None
    """Taken once the source has been in progress so many seconds (or an expression that starts with `=`)."""
    until: str | None = None
    """Taken at this time: ISO 8601, or an expression (that gives such text, or seconds since the epoch)."""
    on: str | None = None
    """Taken when this signal comes."""
    spawn: bool = False
    """Starts a child run for each token, with what follows the target, which ends on its own."""

    @property
    def trigger(self) -> str:
        """`error`, `after`, `until`, `on`, or empty where the edge has none."""
        if self.error is not None:
            return "error"
        if self.after is not None:
            return "after"
        if self.until is not None:
            return "until"
        return "on" if self.on is not None else ""


class Workflow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A whole definition, as in a `*.wf.json` file."""

    wfnb: int = msgspec.field(default_factory=lambda: VERSION)
    """The document version; always written (a factory is what keeps msgspec from omitting the default)."""
    name: str = msgspec.field(default_factory=lambda: "workflow")
    description: str = ""
    inputs: dict[str, str] = {}
    """Type by input name, such as `str`, `float`, `list[str]`, `int | None`, `any`."""
    signals: dict[str, Signal] = {}
    """What is known of the signals, by name."""
    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    workflows: dict[str, Workflow] = {}
    """Workflows that belong to this document, by the name that calls and maps use."""
    layout: dict[str, Position] = {}
    """Centre of each node by id; a node without one is placed by the automatic layout."""

    def __repr__(self) -> str:
        return f"<Workflow '{self.name}': {len(self.nodes)} nodes, {len(self.edges)} edges>"

    def node(self, id: str) -> Node:
        """The node with this id.

        Raises:
            UnknownName: there is none.
        """
        for node in self.nodes:
            if node.id == id:
                return node
        ids = [node.id for node in self.nodes]
        raise UnknownName(
            f"workflow '{self.name}' has no node '{id}'\nknown nodes: {listed(ids)}.{did_you_mean(str(id), ids)}"
        )
