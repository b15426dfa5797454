"""What can happen in a run: one closed union of events, in the past tense.

An event says what happened, not where it stands in the history: the record around it carries run, epoch, seq and
time.  `moves` are the edges that the step took, in order, by their index in the definition; they make replay free of
guard evaluation.
"""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType


class Unstored(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Stands in an event for a value that is not JSON: the live object was passed on, this is known of it.

    With a `hash` the value itself is in the store's table of values.
    """

    type: str
    """The value's class, such as `pandas.DataFrame`."""
    size: int | None = None
    """Bytes in memory, None where it can not be told cheaply."""
    preview: str = ""
    hash: str = ""
    """Of its content as `codec` has encoded it; empty where no codec could."""
    codec: str = ""
    why: str = ""
    """What kept its codec from encoding it, if anything did."""


class Usage(msgspec.Struct, frozen=True, gc=False, omit_defaults=True):
    """Who carried an attempt out, and what that took, as far as it was measured.

    Attempts on the loop have none: what they take can not be told from what runs beside them.
    """

    worker: str
    """`thread-3` (the third that was started) or `process-1234` (its id)."""
    cpu: float | None = None
    """Seconds of a processor."""
    memory: int | None = None
    """Bytes that its process had at most meanwhile."""


ANY_ERROR = frozenset({"*", "Exception", "BaseException"})
"""What an edge catches, and a policy tries again, where it means every error."""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error as data."""

    type: str
    """Its name: the user's exception class, or wfnb's own."""
    message: str
    node: str | None = None
    traceback: str = ""
    bases: tuple[str, ...] = ()
    """The classes that its class is derived from, nearest first, without those of `ANY_ERROR`."""

    def is_a(self, name: str) -> bool:
        """Whether `except` would catch it by a class of this name."""
        return name == self.type or name in ANY_ERROR or name in self.bases


class _Event(msgspec.Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type"):
    pass


class RunStarted(_Event, frozen=True, kw_only=True, tag=True):
    """A run began; the first event of every run."""

    workflow: str
    """The workflow's name."""
    definition: str
    """Hash of the definition, which stands in the store."""
    input: dict[str, Any] = {}
    unstored: dict[str, Unstored] = {}
    """Inputs that are not JSON."""
    moves: tuple[int, ...] = ()
    parent: str = ""
    """The run whose call, map or spawning edge this one serves; empty if people started it."""
    values: dict[str, Any] = {}
    """What a spawned run knows of its parent's values."""
    lost: dict[str, Unstored] = {}
    """Those of them that are not JSON."""
    calls: dict[str, str] = {}
    """Hash of the definition by the name that calls and maps use, nested ones as `outer/inner`."""
    key: str = ""
    """Names this very start: there is one run for a key."""
    durability: str = ""
    """As the run was started with; empty: as its engine has it."""
    strategy: str = ""
    """Likewise."""
    origin: str = ""
    """The run that this one was forked from; its events up to number `at` are here, too."""
    at: int = 0
    again: str = ""
    """The node that it was forked to run again, if that is why."""


class TaskStarted(_Event, frozen=True, tag=True):
    """An attempt began: its body may have run from here on."""

    node: str
    visit: int
    attempt: int
    rerun: bool = False
    """True where only the live value of an earlier completion is made again, after a restart; even one of a run that is
    over, whose parent did not learn its output.  Such a run completes once more then."""


class TaskCompleted(_Event, frozen=True, tag=True):
    """An attempt gave a result."""

    node: str
    visit: int
    attempt: int
    value: Any = UNSET
    """The result; unset in the history where it is not JSON."""
    moves: tuple[int, ...] = ()
    unstored: Unstored | UnsetType = UNSET
    rerun: bool = False
    given: Literal["", "pin", "cache", "fork", "disabled"] = ""
    """Where the value comes from if the activity did not run: pinned, cached, known from the run forked from, or None
    because the task is disabled."""
    key: str = ""
    """Names the activity, its code and its arguments where the result may be used again: `activity/hash`."""
    usage: Usage | UnsetType = UNSET


class TaskFailed(_Event, frozen=True, tag=True):
    """An attempt raised or timed out."""

    node: str
    visit: int
    attempt: int
    error: Problem
    retry_at: int | None = None
    """When the next attempt is due, microseconds since the epoch; None if there is none."""
    moves: tuple[int, ...] = ()
    """Where an edge catches the error."""
    usage: Usage | UnsetType = UNSET


class TaskCancelled(_Event, frozen=True, tag=True):
    """An attempt was called off, or its pause before the next one; its result, if any, is discarded."""

    node: str
    visit: int
    attempt: int


class TimerStarted(_Event, frozen=True, tag=True):
    """A node began to wait for a time; `edge` is taken then."""

    node: str
    visit: int
    edge: int
    due: int
    """Microseconds since the epoch; -1 once its time has come and the guard of its edge did not hold."""


class TimerFired(_Event, frozen=True, tag=True):
    """The time came: what the node was doing is interrupted."""

    node: str
    visit: int
    edge: int
    moves: tuple[int, ...] = ()


class SignalReceived(_Event, frozen=True, tag=True):
    """A signal came.  With `node` it freed or interrupted that one; else it is kept, or lost if it is transient."""

    name: str
    id: str = ""
    """Absorbs duplicates where it is not empty."""
    value: Any = None
    node: str | None = None
    visit: int = 0
    edge: int = -1
    moves: tuple[int, ...] = ()


class SignalTaken(_Event, frozen=True, tag=True):
    """A node took a signal: one that was kept, or one that has just freed another node too."""

    node: str
    visit: int
    edge: int
    name: str
    at: int = 0
    """Its place among the kept ones of this name; -1 for the one that came last."""
    moves: tuple[int, ...] = ()


class ConditionMet(_Event, frozen=True, tag=True):
    """A condition that a wait rested for holds."""

    node: str
    visit: int
    edge: int
    moves: tuple[int, ...] = ()


class ApprovalRequested(_Event, frozen=True, tag=True):
    """A person is asked."""

    node: str
    visit: int
    prompt: str = ""


class ApprovalGiven(_Event, frozen=True, tag=True):
    """The person answered."""

    node: str
    visit: int
    value: Any = None
    moves: tuple[int, ...] = ()


class MapStarted(_Event, frozen=True, tag=True):
    """A map began."""

    node: str
    visit: int
    size: int
    """How many items there are."""


class MapCompleted(_Event, frozen=True, tag=True):
    """Every child of a map is over; its value is the list of their outputs."""

    node: str
    visit: int
    moves: tuple[int, ...] = ()


class ChildStarted(_Event, frozen=True, tag=True):
    """A child run began: of a call, of a map (then `index` is its item), or of an edge that spawns (then `edge`)."""

    node: str
    visit: int
    run: str
    index: int = -1
    edge: int = -1


class ChildCompleted(_Event, frozen=True, tag=True):
    """A child run gave its output."""

    node: str
    visit: int
    run: str
    index: int = -1
    value: Any = UNSET
    moves: tuple[int, ...] = ()
    unstored: Unstored | UnsetType = UNSET
    reversible: bool = False
    """Whether it did something that can be taken back, should its parent fail or be cancelled."""


class ChildFailed(_Event, frozen=True, tag=True):
    """A child run failed or was cancelled."""

    node: str
    visit: int
    run: str
    error: Problem
    index: int = -1
    moves: tuple[int, ...] = ()
    """Where an edge catches the error."""


class NodeFailed(_Event, frozen=True, tag=True):
    """A node that runs no activity failed: a map whose items are no list, an approval, a timer without a time."""

    node: str
    visit: int
    error: Problem
    moves: tuple[int, ...] = ()
    """Where an edge catches the error."""


class NodeCancelled(_Event, frozen=True, tag=True):
    """What rested in a node that runs no activity was withdrawn."""

    node: str
    visit: int


class CompensationStarted(_Event, frozen=True, tag=True):
    """A run is about to end before its time: what it did is taken back first, the last task or child run first.

    A child run that was complete is reopened for that, and is cancelled then.
    """

    error: Problem | None = None
    """Why; None where the run was cancelled."""
    reason: str = ""


class TaskCompensated(_Event, frozen=True, tag=True):
    """A completed task was taken back, or could not be (then `error` says why)."""

    node: str
    visit: int
    error: Problem | None = None


class ChildCompensated(_Event, frozen=True, tag=True):
    """A completed child run was taken back; `error` says what of it first could not be, if anything."""

    node: str
    visit: int
    run: str
    error: Problem | None = None


class RunPaused(_Event, frozen=True, tag=True):
    """Nothing new begins from here on; what is in progress goes on."""

    reason: str = ""
    node: str | None = None
    """The node with a breakpoint that a token has reached, if that is why."""


class RunResumed(_Event, frozen=True, tag=True):
    """A paused run goes on."""


class RunReopened(_Event, frozen=True, tag=True):
    """A run that was over goes on.

    One that had failed, or a child that stopped with its parent: with tokens again before what had failed or was called
    off with it.  A child that was complete: without any, to be taken back (CompensationStarted follows).
    """

    moves: tuple[int, ...] = ()
    children: tuple[tuple[str, int, str], ...] = ()
    """Its children there, which go on where they stopped: node, item of a map or -1, and run."""


class RunMigrated(_Event, frozen=True, tag=True):
    """From here on the run follows another definition; every token stands where it stood, by the ids of nodes."""

    definition: str
    """Hash of the definition."""
    calls: dict[str, str] = {}
    """As in RunStarted."""


class BreakpointsChanged(_Event, frozen=True, tag=True):
    """The nodes before which the run pauses are these now."""

    nodes: tuple[str, ...] = ()
    """Ids; of nodes inside a call or a map as `call/node`."""
    once: tuple[str, ...] = ()
    """Those of them that are gone once the run has paused there."""


class ValueEdited(_Event, frozen=True, tag=True):
    """A person gave the value of a node."""

    node: str
    value: Any = UNSET
    unstored: Unstored | UnsetType = UNSET


class ValuePinned(_Event, frozen=True, tag=True):
    """A task will give this value without running its activity, until it is unpinned."""

    node: str
    """An id; of a task inside a call or a map as `call/task`."""
    value: Any = UNSET
    unstored: Unstored | UnsetType = UNSET


class ValueUnpinned(_Event, frozen=True, tag=True):
    """A task runs its activity again."""

    node: str


class ProgressReported(_Event, frozen=True, tag=True):
    """An activity told how far it has come."""

    node: str
    visit: int
    attempt: int
    """0: what takes the task back."""
    done: float | None = None
    """From 0 to 1; None where it can not say."""
    text: str = ""


class OutputCaptured(_Event, frozen=True, tag=True):
    """What an attempt printed or logged."""

    node: str
    visit: int
    attempt: int
    """0: what takes the task back."""
    text: str
    stream: Literal["stdout", "stderr", "log"] = "stdout"
    lost: int = 0
    """Characters that were left out after these, because there were too many."""


class AlertRaised(_Event, frozen=True, tag=True):
    """Something needs a look, though the run goes on: a deadline has passed, a resource is short."""

    kind: str
    """Such as `deadline`."""
    message: str
    node: str | None = None
    visit: int = 0


class RunCompleted(_Event, frozen=True, tag=True):
    """No token was left."""

    output: Any = UNSET
    unstored: Unstored | UnsetType = UNSET


class RunFailed(_Event, frozen=True, tag=True):
    """The run ended with an error."""

    error: Problem


class RunCancelled(_Event, frozen=True, tag=True):
    """The run was cancelled."""

    reason: str = ""


Steering: TypeAlias = (
    RunPaused
    | RunResumed
    | RunReopened
    | RunMigrated
    | BreakpointsChanged
    | ValueEdited
    | ValuePinned
    | ValueUnpinned
    | ProgressReported
    | OutputCaptured
    | AlertRaised
)
"""What people do to a run, and what its activities tell meanwhile."""
Event: TypeAlias = (
    RunStarted
    | TaskStarted
    | TaskCompleted
    | TaskFailed
    | TaskCancelled
    | TimerStarted
    | TimerFired
    | SignalReceived
    | SignalTaken
    | ConditionMet
    | ApprovalRequested
    | ApprovalGiven
    | MapStarted
    | MapCompleted
    | ChildStarted
    | ChildCompleted
    | ChildFailed
    | NodeFailed
    | NodeCancelled
    | CompensationStarted
    | TaskCompensated
    | ChildCompensated
    | Steering
    | RunCompleted
    | RunFailed
    | RunCancelled
)
FINAL: tuple[type[RunCompleted], type[RunFailed], type[RunCancelled]] = (RunCompleted, RunFailed, RunCancelled)
"""The events that end a run."""


class Record(msgspec.Struct, frozen=True):
    """An event where it stands in the history."""

    run: str
    epoch: int
    seq: int
    """1 for the run's first event, gap-free."""
    ts: int
    """Microseconds since the epoch."""
    event: Event


_encoder = msgspec.json.Encoder()
_decoder: msgspec.json.Decoder[Event] = msgspec.json.Decoder(Event)


def encode(event: Event) -> bytes:
    """The event's JSON payload, its type under `type`.

    Raises:
        TypeError, OverflowError, RecursionError: a value in it is not JSON.
    """
    return _encoder.encode(event)


def decode(payload: bytes | str) -> Event:
    """The event in a payload.

    Raises:
        msgspec.ValidationError, msgspec.DecodeError: it is none.
    """
    return _decoder.decode(payload)
