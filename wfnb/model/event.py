"""What can happen in a run: one closed union of events, in the past tense.

An event says what happened, not where it stands in the history: the record around it carries run, epoch, seq and
time.  `moves` are the edges that the step took, in order, by their index in the definition; they make replay free of
guard evaluation.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec
from msgspec import UNSET, UnsetType


class Unstored(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Stands in the history for a value that is not JSON: the live object was passed on, this is known of it."""

    type: str
    """The value's class, such as `pandas.DataFrame`."""
    size: int | None = None
    """Bytes in memory, None where it can not be told cheaply."""
    preview: str = ""


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An error as data."""

    type: str
    """Its name: the user's exception class, or wfnb's own."""
    message: str
    node: str | None = None
    traceback: str = ""


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


class TaskStarted(_Event, frozen=True, tag=True):
    """An attempt began: its body may have run from here on."""

    node: str
    visit: int
    attempt: int
    rerun: bool = False
    """True where only the live value of an earlier completion is made again, after a restart."""


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


class TaskFailed(_Event, frozen=True, tag=True):
    """An attempt raised or timed out."""

    node: str
    visit: int
    attempt: int
    error: Problem
    retry_at: int | None = None
    """When the next attempt is due, microseconds since the epoch; None if there is none."""


class TaskCancelled(_Event, frozen=True, tag=True):
    """An attempt was called off, or its pause before the next one; its result, if any, is discarded."""

    node: str
    visit: int
    attempt: int


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


Event: TypeAlias = (
    RunStarted | TaskStarted | TaskCompleted | TaskFailed | TaskCancelled | RunCompleted | RunFailed | RunCancelled
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
