"""What the messages between a canvas and the kernel are made of."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from wfnb.author.comparing import Fate
from wfnb.model.workflow import Retry, Workflow


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class Parameter(_Part, frozen=True):
    """One parameter of an activity."""

    name: str
    type: str = ""
    required: bool = True
    default: str = ""
    """The default as Python source, for display."""
    help: str = ""
    """What the docstring says of it."""


class ActivityInfo(_Part, frozen=True):
    """An activity that the palette offers."""

    name: str
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""
    fields: tuple[str, ...] = ()
    """The fields of its result, where they are known."""
    doc: str = ""
    """The first paragraph of its docstring."""
    executor: str = ""
    """Where it runs, if it says so."""
    retry: Retry | None = None
    """What tasks use that say nothing else; the same for `timeout`, in seconds."""
    timeout: float | None = None


class WorkflowInfo(_Part, frozen=True):
    """A workflow that calls and maps can name."""

    name: str
    inputs: dict[str, str] = {}


class Foreign(_Part, frozen=True):
    """A workflow that the document calls and that does not belong to it."""

    document: Workflow | None = None
    """None where it can not be read."""
    file: str = ""
    """The path of its file, as the call has it; empty where it is defined in the kernel."""
    why: str = ""
    """Why it can not be read: first line what, second line the cure."""


class Problem(_Part, frozen=True):
    """A diagnostic, for display: badges sit on `nodes` and `edges` (indices into the document's edges)."""

    code: str
    severity: Literal["error", "warning", "advice"]
    message: str
    help: str = ""
    nodes: tuple[str, ...] = ()
    edges: tuple[int, ...] = ()
    field: str = ""
    """The inspector field concerned, such as `arguments.url`, `activity`, `when`; empty if none."""
    path: tuple[str, ...] = ()
    """The document's own workflow in which it is, from the outermost; empty for the document."""
    foreign: str = ""
    """The name of the foreign workflow in which it is, and in which `path` begins; empty: it is in the document."""


class SourceProblem(_Part, frozen=True):
    """Why a text is no drawing: first line what, second line the cure."""

    message: str
    line: int
    """1-based."""
    column: int = 0
    """0-based, in characters; the fault ends before `end`."""
    end: int = 1


class ChangeRow(_Part, frozen=True):
    """One difference between two versions, and where it is on a drawing of both."""

    text: str
    fate: Fate
    node: str = ""
    edge: int | None = None
    """By index."""


class RevisionRow(_Part, frozen=True):
    """One earlier version of a file."""

    id: str
    time: float
    """Milliseconds since the epoch."""
    changes: tuple[str, ...] = ()
    """What is different from the version before it, one line a difference: the first few."""


class TraceStep(_Part, frozen=True):
    """One step of a counterexample, and where the tokens are after it."""

    text: str
    nodes: tuple[str, ...] = ()
    edges: tuple[int, ...] = ()
    """The edges that the step took, by index."""
    marked_edges: tuple[int, ...] = ()
    """The edges on which tokens lie after it."""
    marked_nodes: tuple[str, ...] = ()
    """The nodes that have tokens inside after it."""


class Property(_Part, frozen=True):
    """One verdict of the check."""

    name: str
    verdict: Literal["proved", "refuted", "unknown"]
    why: str = ""
    trace: tuple[TraceStep, ...] = ()
    """Of what is refuted: how it comes to the marking that shows it."""


NodeState: TypeAlias = Literal["idle", "ready", "running", "retrying", "waiting", "completed", "failed", "cancelled"]
RunState: TypeAlias = Literal["running", "paused", "waiting", "completed", "failed", "cancelled"]


class NodeStatus(_Part, frozen=True):
    """How a node stands in a run.  Times are milliseconds since the epoch."""

    state: NodeState
    visits: int = 1
    attempt: int = 1
    started: float | None = None
    ended: float | None = None
    value: str = ""
    """A short text of the result."""
    error: str = ""
    traceback: str = ""
    """Only where it failed; its last 4,000 characters."""
    note: str = ""
    """What it waits for, or what ended it: a few words."""
    due: float | None = None
    """When the next of its timers fires."""
    children: int = 0
    """How many child runs it has, or will have."""
    done: int = 0
    """How many of them are over and not skipped."""
    skipped: int = 0
    """How many failed in a map that goes on without them."""
    share: float | None = None
    """How much of its attempt in progress is done, from 0 to 1, where that tells it."""


class ApprovalInfo(_Part, frozen=True):
    """An approval that a person is asked for."""

    node: str
    visit: int = 1
    prompt: str = ""
    run: str = ""
    """The child run that asks; empty where it is the run in view itself."""
    form: dict[str, str] = {}
    """Type by field of the answer; empty where the answer is any value."""


class Halt(_Part, frozen=True):
    """Where children of a run are paused."""

    calls: tuple[str, ...]
    """The nodes that lead to them, from the outermost; the last may be the one that a spawned part begins with."""
    run: str
    """The first of them."""
    count: int = 1
    """How many there are: of a map, items."""


class ValueText(_Part, frozen=True):
    """A value in scope, as short text."""

    name: str
    text: str
    type: str = ""
    changed: bool = False
    """Whether the event in focus set it."""
    before: str | None = None
    """What it was until then, where it had a value."""


class NodeChange(_Part, frozen=True):
    """What the event in focus changed of a node."""

    node: str
    before: NodeState
    after: NodeState


class EventRow(_Part, frozen=True):
    """One event of a run, for the event table."""

    seq: int
    ts: float
    """Milliseconds since the epoch."""
    type: str
    node: str = ""
    detail: str = ""


class TaskRow(_Part, frozen=True):
    """One attempt of one visit of a task, or one visit of what rests or has children."""

    node: str
    visit: int
    attempt: int
    state: NodeState
    started: float
    ended: float | None = None
    retry_at: float | None = None
    activity: str = ""
    detail: str = ""
    """The result or the error, as short text."""
    first: int = 0
    """The `seq` of its TaskStarted."""
    last: int | None = None
    """The `seq` of the event that ended it."""
    kind: Literal["task", "wait", "approval", "map", "call"] = "task"


class RunRow(_Part, frozen=True):
    """One run in the list of runs."""

    run: str
    name: str
    state: RunState
    started: float
    ended: float | None = None
    events: int = 0


class ChildRow(_Part, frozen=True):
    """A child run of the run in view."""

    run: str
    node: str
    """The call or map that it serves, or the node that it begins with where an edge has spawned it."""
    index: int = -1
    """Of a map, its item."""
    first: int = 0
    """The `seq` of the event by which it began."""
    last: int | None = None
    """The `seq` of the one that ended it."""
    state: RunState = "running"


class RunCrumb(_Part, frozen=True):
    """A run around the one in view."""

    run: str
    name: str


class Difference(_Part, frozen=True):
    """A visit of a node in two runs beside each other."""

    node: str
    visit: int
    side: Literal["both", "only a", "only b"]
    states: tuple[str, str] = ("", "")
    values: tuple[str, str] = ("", "")
    """As short JSON."""
    seconds: tuple[float | None, float | None] = (None, None)
    differs: bool = False
    """Whether path, state or value are different; durations always are."""
