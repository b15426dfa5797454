"""What a canvas and the kernel say to each other, as types.

Both doors (a notebook cell, the document editor) carry these same messages as JSON.  `schema.py` writes the
TypeScript twin of this module; the two can not drift apart.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from wfnb.author.edits import Edit
from wfnb.model.workflow import Retry, Workflow


class _Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    pass


class _Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    pass


# ---------------------------------------------------------------------------------------------------- parts


class Parameter(_Part, frozen=True):
    """One parameter of an activity."""

    name: str
    type: str = ""
    required: bool = True
    default: str = ""
    """The default as Python source, for display."""


class ActivityInfo(_Part, frozen=True):
    """An activity that the palette offers."""

    name: str
    parameters: tuple[Parameter, ...] = ()
    returns: str = ""
    doc: str = ""
    retry: Retry | None = None
    """What tasks use that say nothing else; the same for `timeout`, in seconds."""
    timeout: float | None = None


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


class Property(_Part, frozen=True):
    """One verdict of the check."""

    name: str
    verdict: Literal["proved", "refuted", "unknown"]
    why: str = ""


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


class ValueText(_Part, frozen=True):
    """A value in scope, as short text."""

    name: str
    text: str
    type: str = ""
    changed: bool = False
    """Whether the event in focus set it."""


class EventRow(_Part, frozen=True):
    """One event of a run, for the event table."""

    seq: int
    ts: float
    """Milliseconds since the epoch."""
    type: str
    node: str = ""
    detail: str = ""


class TaskRow(_Part, frozen=True):
    """One attempt of one visit of a task, for the task table and the time line."""

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


class RunRow(_Part, frozen=True):
    """One run in the list of runs."""

    run: str
    name: str
    state: RunState
    started: float
    ended: float | None = None
    events: int = 0


# ---------------------------------------------------------------------------------------- canvas to kernel


class Hello(_Message, frozen=True, tag="hello"):
    """A view has opened: send it everything."""


class EditRequest(_Message, frozen=True, tag="edit"):
    """One gesture: edits that are applied, undone and broadcast together."""

    client: str
    """Names the view."""
    id: int
    """Counts the gestures of this view."""
    label: str
    """What undo shows, such as "move 3 nodes"."""
    edits: tuple[Edit, ...]


class Undo(_Message, frozen=True, tag="undo"):
    """Take back the last gesture on this document, whoever made it."""


class Redo(_Message, frozen=True, tag="redo"):
    """Do the gesture that was last undone again."""


class DocumentText(_Message, frozen=True, tag="text"):
    """The document editor's current text (the file's model is the document of record there)."""

    text: str
    revision: int


class RunRequest(_Message, frozen=True, tag="run"):
    """Run the document as it stands."""

    input: dict[str, Any] = {}


class CancelRequest(_Message, frozen=True, tag="cancel"):
    """Cancel the run in view."""


class Seek(_Message, frozen=True, tag="seek"):
    """Show the run after event `at`; None is now, and stays now."""

    at: int | None = None


class OpenRun(_Message, frozen=True, tag="open_run"):
    """Show another run of this history."""

    run: str


Request: TypeAlias = Hello | EditRequest | Undo | Redo | DocumentText | RunRequest | CancelRequest | Seek | OpenRun


# ---------------------------------------------------------------------------------------- kernel to canvas


class DocumentState(_Message, frozen=True, tag="document"):
    """The whole document; a view replaces what it has."""

    document: Workflow
    revision: int
    undo: str | None = None
    """Label of what undo would take back; None if nothing."""
    redo: str | None = None
    read_only: bool = False
    unreadable: str = ""
    """Why the text is no document that can be drawn; what this message has instead is not to be shown."""
    saved: str = ""
    """Where it is kept, such as the file's name, empty if only in memory."""


class Edited(_Message, frozen=True, tag="edited"):
    """Edits that took the document from `revision - 1` to `revision`; sent to every view, the one that asked too."""

    revision: int
    edits: tuple[Edit, ...]
    client: str = ""
    id: int = 0
    undo: str | None = None
    redo: str | None = None


class Rejected(_Message, frozen=True, tag="rejected"):
    """A gesture that was not applied, and why."""

    client: str
    id: int
    message: str


class Checked(_Message, frozen=True, tag="checked"):
    """What the check says about `revision`."""

    revision: int
    problems: tuple[Problem, ...]
    properties: tuple[Property, ...] = ()
    ms: float = 0.0


class Activities(_Message, frozen=True, tag="activities"):
    """Every activity that is defined now."""

    activities: tuple[ActivityInfo, ...]


class RunStatus(_Message, frozen=True, tag="status"):
    """How the run in view stands.  `nodes` holds what changed since the last message, or all if `full`."""

    run: str
    state: RunState
    full: bool = False
    started: float = 0.0
    ended: float | None = None
    nodes: dict[str, NodeStatus] = {}
    edges: dict[str, int] = {}
    """How often each edge was taken, by its index in the document (as text)."""
    error: str = ""


class Frame(_Message, frozen=True, tag="frame"):
    """The run in view after event `at` of `total`."""

    at: int
    total: int
    live: bool
    status: RunStatus
    values: tuple[ValueText, ...] = ()
    event: EventRow | None = None
    moved: tuple[int, ...] = ()
    """Edges the event in focus moved tokens along, by index."""


class History(_Message, frozen=True, tag="history"):
    """Rows for the tables and the time line of the run in view; `full` replaces, otherwise appends or updates."""

    run: str
    full: bool
    events: tuple[EventRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
    """A row with the same node, visit and attempt as an earlier one replaces it."""


class Runs(_Message, frozen=True, tag="runs"):
    """The newest runs of this history, newest first."""

    runs: tuple[RunRow, ...]


class Failure(_Message, frozen=True, tag="failure"):
    """Something the person asked for did not work: first line what, second line the cure."""

    message: str


Report: TypeAlias = (
    DocumentState | Edited | Rejected | Checked | Activities | RunStatus | Frame | History | Runs | Failure
)
