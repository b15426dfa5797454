"""What a canvas and the kernel say to each other, as types.

Both doors (a notebook cell, the document editor) carry these same messages as JSON.  `schema.py` writes the
TypeScript twin of this module; the two can not drift apart.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec

from wfnb.author.comparing import Fate
from wfnb.author.edits import Edit
from wfnb.model.workflow import Workflow
from wfnb.widgets.parts import (
    ActivityInfo,
    ApprovalInfo,
    ChangeRow,
    ChildRow,
    Difference,
    EventRow,
    Foreign,
    Halt,
    NodeChange,
    NodeStatus,
    Problem,
    Property,
    RevisionRow,
    RunCrumb,
    RunRow,
    RunState,
    SourceProblem,
    TaskRow,
    ValueText,
    WorkflowInfo,
)


class _Message(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="type"):
    pass


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


class Restructure(_Message, frozen=True, tag="restructure"):
    """Ask what makes a workflow of some nodes, or puts what a call runs in its place; answered by a `Proposal`."""

    client: str
    revision: int
    """The document's, of which that is asked; an answer to another one is of no use."""
    what: Literal["extract", "unpack"]
    nodes: tuple[str, ...]
    """Those that become a workflow, or the one call."""
    path: tuple[str, ...] = ()
    """The document's own workflow in which they are, from the outermost; empty for the document."""
    name: str = "part"


class Inside(_Message, frozen=True, tag="inside"):
    """Tell how a child of the run in view stands as well: the newest, by the calls that lead to it; none if empty."""

    calls: tuple[str, ...] = ()


class DocumentText(_Message, frozen=True, tag="text"):
    """The document editor's current text (the file's model is the document of record there)."""

    text: str
    revision: int


class AskSource(_Message, frozen=True, tag="ask_source"):
    """Tell the drawing as Python."""

    client: str
    id: int
    foreign: str = ""
    """A foreign workflow that is meant instead, by its name."""


class DrawSource(_Message, frozen=True, tag="draw_source"):
    """Read a text as a drawing: which edits make it of the document as it stands."""

    client: str
    id: int
    text: str


class LookAt(_Message, frozen=True, tag="look_at"):
    """Say what is wrong with an expression that is being typed; answered by a `LookedAt`."""

    client: str
    id: int
    text: str
    path: tuple[str, ...] = ()
    """The document's own workflow in which it stands, from the outermost; empty for the document."""
    within_map: bool = False
    """Whether it reads `item` and `index` as well."""


class Resolve(_Message, frozen=True, tag="resolve"):
    """The file was changed by somebody else: what is to become of both versions."""

    choice: Literal["mine", "theirs", "merge"]


class SaveAs(_Message, frozen=True, tag="save_as"):
    """Keep what is drawn in a new document of this name from now on, beside the file that it came from."""

    name: str


class ListRevisions(_Message, frozen=True, tag="list_revisions"):
    """Tell which earlier versions there are."""


class RestoreRevision(_Message, frozen=True, tag="restore_revision"):
    """Make the drawing as it was in an earlier version, which undo takes back."""

    id: str


class CompareRevision(_Message, frozen=True, tag="compare_revision"):
    """Tell what is different between an earlier version and the drawing as it is now."""

    id: str


class Kept(_Message, frozen=True, tag="kept"):
    """The document editor saved this text, or found it in the file that it opened."""

    text: str


class Collision(_Message, frozen=True, tag="collision"):
    """The document editor found a file that somebody else wrote: tell what is different, and be ready to merge."""

    base: str
    """The text that both began with."""
    theirs: str


class RunRequest(_Message, frozen=True, tag="run"):
    """Run the document as it stands, with the breakpoints and pins that are set here."""

    input: dict[str, Any] = {}
    until: str = ""
    """A node before which it pauses once; one inside a call or a map as `call/node`."""


class RunFrom(_Message, frozen=True, tag="run_from"):
    """Fork the run in view just before the last visit of a node."""

    node: str


class Steer(_Message, frozen=True, tag="steer"):
    """Pause the run in view, let it go on, or let one thing of it begin."""

    action: Literal["pause", "resume", "step", "run_to"]
    node: str = ""
    """Where to run to, inside a call or a map as `call/node`; or what to begin, where empty what comes first."""
    run: str = ""
    """Of `step`: the child run in which something begins; empty: the run in view, or what of it is paused."""


class RetryTask(_Message, frozen=True, tag="retry"):
    """Try again what failed in the run in view: a task, or whatever it failed of where empty."""

    node: str = ""
    run: str = ""
    """The child run whose task it is; one that is over begins anew, with what it was called by."""


class SetBreakpoints(_Message, frozen=True, tag="breakpoints"):
    """Pause before these nodes, or do so no more: runs that are started here, and the one in progress."""

    nodes: tuple[str, ...]
    """Those inside a call or a map as `call/node`; so it is where a task is pinned and where its value is asked for."""
    on: bool = True


class PinResult(_Message, frozen=True, tag="pin"):
    """Let a task give this value without running its activity, in runs that start here and in the one in progress."""

    node: str
    value: Any = None


class UnpinResult(_Message, frozen=True, tag="unpin"):
    """Let a task run its activity again."""

    node: str


class ValueOf(_Message, frozen=True, tag="value_of"):
    """Ask for the whole value of a node in the run in view."""

    node: str


class CancelRequest(_Message, frozen=True, tag="cancel"):
    """Cancel the run in view."""


class Seek(_Message, frozen=True, tag="seek"):
    """Show the run after event `at`; None is now, and stays now."""

    at: int | None = None


class ForkRun(_Message, frozen=True, tag="fork"):
    """Begin another run that has the events of the one in view up to `at`, with these values, and show it."""

    at: int | None = None
    """None: where the first of the values was given, else as late as can be."""
    values: dict[str, Any] = {}
    """By node, what it gave instead."""
    inputs: dict[str, Any] = {}


class CompareWith(_Message, frozen=True, tag="compare"):
    """Put another run beside the one in view; none where empty."""

    run: str = ""


class ForRuns(_Message, frozen=True, tag="for_runs"):
    """A message to the run view inside a designer; it is left where there is none."""

    message: dict[str, Any] | None = None


class OpenRun(_Message, frozen=True, tag="open_run"):
    """Show another run of the history, as it is now or in its past."""

    run: str
    at: int | None = None
    """After so many events."""
    time: float | None = None
    """As it was then, in milliseconds since the epoch."""


class Approve(_Message, frozen=True, tag="approve"):
    """A person's answer to an approval of the run in view, or of a child of it."""

    node: str
    value: Any = None
    run: str = ""
    """The child run, empty for the run in view."""


class SendSignal(_Message, frozen=True, tag="signal"):
    """Send a signal to the run in view."""

    name: str
    value: Any = None


Request: TypeAlias = (
    Hello
    | EditRequest
    | Undo
    | Redo
    | Restructure
    | Inside
    | DocumentText
    | Resolve
    | SaveAs
    | ListRevisions
    | RestoreRevision
    | CompareRevision
    | Kept
    | Collision
    | AskSource
    | DrawSource
    | LookAt
    | RunRequest
    | CancelRequest
    | Seek
    | OpenRun
    | ForkRun
    | CompareWith
    | ForRuns
    | Approve
    | SendSignal
    | RunFrom
    | Steer
    | RetryTask
    | SetBreakpoints
    | PinResult
    | UnpinResult
    | ValueOf
)


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
    file: str = ""
    """What tells that file from all others of this machine."""
    heard: dict[str, int] | None = None
    """The last gesture of each view that has come here; what a view made after it is lost on the way and sent again."""


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


class Proposal(_Message, frozen=True, tag="proposal"):
    """The edits that a view asked for, which it makes as a gesture of its own."""

    client: str
    revision: int
    edits: tuple[Edit, ...]
    nodes: tuple[str, ...]
    """What to select then."""


class Saving(_Message, frozen=True, tag="saving"):
    """How the file stands against the drawing."""

    state: Literal["saved", "saving", "unsaved", "conflict", "apart"]
    """All of it is in the file, some of it is on its way, it can not be written, somebody else wrote there, or the file
    that it came from is not written at all."""
    beside: str = ""
    """Of what is apart: the name of a document that it can be saved as."""
    why: str = ""
    """Of what is not saved: first line what, second line the cure."""
    mine: tuple[str, ...] = ()
    """Of a conflict: what is different here from what both began with, one line a difference."""
    theirs: tuple[str, ...] = ()
    clashes: tuple[str, ...] = ()
    """What both changed; where nothing, the two can be merged."""


class Revisions(_Message, frozen=True, tag="revisions"):
    """The earlier versions of the file, newest first."""

    revisions: tuple[RevisionRow, ...]


class Unlike(_Message, frozen=True, tag="unlike"):
    """An earlier version and the drawing as it is now, both in one."""

    id: str
    time: float
    """When that version was made, in milliseconds since the epoch."""
    document: Workflow
    """The drawing with what was removed since put back."""
    nodes: dict[str, Fate]
    """What became of nodes, by id."""
    edges: dict[str, Fate]
    """What became of edges, by index."""
    changes: tuple[ChangeRow, ...]
    """One for each difference: the first few."""


class Source(_Message, frozen=True, tag="source"):
    """The drawing as Python, to the view that asked."""

    client: str
    id: int
    text: str


class Drawn(_Message, frozen=True, tag="drawn"):
    """What a text means: the edits that make its drawing of the document, or why it is none."""

    client: str
    id: int
    edits: tuple[Edit, ...] = ()
    problem: SourceProblem | None = None


class LookedAt(_Message, frozen=True, tag="looked_at"):
    """What is wrong with an expression, to the view that asked; an empty message says that nothing is."""

    client: str
    id: int
    message: str = ""
    """First line what, second line the cure."""
    start: int = 0
    """0-based, in characters of the text; the fault ends before `end`."""
    end: int = 0


class Checked(_Message, frozen=True, tag="checked"):
    """What the check says about `revision`."""

    revision: int
    problems: tuple[Problem, ...]
    properties: tuple[Property, ...] = ()
    ms: float = 0.0


class Activities(_Message, frozen=True, tag="activities"):
    """Every activity and every workflow that is defined now."""

    activities: tuple[ActivityInfo, ...]
    workflows: tuple[WorkflowInfo, ...] = ()
    functions: tuple[str, ...] = ()
    """What expressions can call."""


class Elsewhere(_Message, frozen=True, tag="elsewhere"):
    """What the document calls that does not belong to it, and what that calls; all of it."""

    workflows: dict[str, Foreign] = {}
    """By the name that calls have."""


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


class InsideStatus(_Message, frozen=True, tag="inside_status"):
    """How the newest child run stands that these calls lead to; without a status there is none yet."""

    calls: tuple[str, ...]
    status: RunStatus | None = None


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
    changes: tuple[NodeChange, ...] = ()
    """The nodes that stand otherwise than before the event in focus."""


class History(_Message, frozen=True, tag="history"):
    """Rows for the tables and the time line of the run in view; `full` replaces, otherwise appends or updates."""

    run: str
    full: bool
    events: tuple[EventRow, ...] = ()
    tasks: tuple[TaskRow, ...] = ()
    """A row with the same node, visit and attempt as an earlier one replaces it."""
    children: tuple[ChildRow, ...] = ()
    """A row with the same run as an earlier one replaces it."""
    trail: tuple[RunCrumb, ...] = ()
    """The runs around it, outermost first; of what is not full, none are told."""
    origin: str = ""
    """The run that it was forked from, likewise, after its event `origin_at`."""
    origin_at: int = 0


class Runs(_Message, frozen=True, tag="runs"):
    """The newest runs of this history, newest first."""

    runs: tuple[RunRow, ...]


class Compared(_Message, frozen=True, tag="compared"):
    """Two runs beside each other: `a`, and `b`, the one in view; no run where there is nothing to compare any more."""

    a: str = ""
    b: str = ""
    documents: tuple[Workflow, ...] = ()
    """Of both."""
    statuses: tuple[RunStatus, ...] = ()
    """Of both, as they are now."""
    rows: tuple[Difference, ...] = ()
    left_out: int = 0
    """How many rows were too many."""


class FromRuns(_Message, frozen=True, tag="from_runs"):
    """A message of the run view inside a designer."""

    message: dict[str, Any]


class Approvals(_Message, frozen=True, tag="approvals"):
    """Every approval that the run in view and its children wait for now."""

    run: str
    approvals: tuple[ApprovalInfo, ...]


class Halted(_Message, frozen=True, tag="halted"):
    """Where the run in view is paused inside its calls and maps; all such places."""

    run: str
    halts: tuple[Halt, ...] = ()


class Unfit(_Message, frozen=True, tag="unfit"):
    """An answer to an approval that was not taken."""

    node: str
    message: str
    run: str = ""
    fields: dict[str, str] = {}
    """What is wrong, by field, where it is a field's fault."""


class Steering(_Message, frozen=True, tag="steering"):
    """The breakpoints and pins that are set here now."""

    breakpoints: tuple[str, ...] = ()
    """Those inside calls and maps as `call/node`."""
    pins: dict[str, Any] = {}
    """By task, likewise."""


class NodeValue(_Message, frozen=True, tag="value"):
    """The value of a node in the run in view."""

    node: str
    json: str = ""
    """As JSON text; empty where it has none, or one that is no JSON."""


class Failure(_Message, frozen=True, tag="failure"):
    """Something the person asked for did not work: first line what, second line the cure."""

    message: str


Report: TypeAlias = (
    DocumentState
    | Edited
    | Rejected
    | Proposal
    | Saving
    | Revisions
    | Unlike
    | Source
    | Drawn
    | LookedAt
    | Checked
    | Activities
    | Elsewhere
    | RunStatus
    | InsideStatus
    | Frame
    | History
    | Runs
    | Compared
    | FromRuns
    | Approvals
    | Halted
    | Unfit
    | Steering
    | NodeValue
    | Failure
)
