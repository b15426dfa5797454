"""Events and values as short text: for tables, and for what stands on a drawing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, assert_never

import msgspec
from msgspec import UNSET

from wfnb.model.event import (
    AlertRaised,
    ApprovalGiven,
    ApprovalRequested,
    BreakpointsChanged,
    ChildCompensated,
    ChildCompleted,
    ChildFailed,
    ChildStarted,
    CompensationStarted,
    ConditionMet,
    Event,
    MapCompleted,
    MapStarted,
    NodeCancelled,
    NodeFailed,
    OutputCaptured,
    Problem,
    ProgressReported,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunMigrated,
    RunPaused,
    RunReopened,
    RunResumed,
    RunStarted,
    SignalReceived,
    SignalTaken,
    Steering,
    TaskCancelled,
    TaskCompensated,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    TimerFired,
    TimerStarted,
    ValueEdited,
    ValuePinned,
    ValueUnpinned,
)

MAX_TEXT = 120
GIVEN = {"pin": "pinned", "cache": "cached", "fork": "known", "disabled": "disabled"}
"""Why a task's activity did not run, by `TaskCompleted.given`; `known`: to the run that this one was forked from."""


def node_of(event: Event) -> str | None:
    """The node an event is about, None where it concerns the run."""
    node: str | None = getattr(event, "node", None)
    return node


def moves_of(event: Event) -> tuple[int, ...]:
    """The edges that were taken in an event's step, in order; branches that were not taken are left out."""
    moves: tuple[int, ...] = getattr(event, "moves", ())
    return tuple(edge for edge in moves if edge >= 0)


def detail_of(event: Event) -> str:  # noqa: PLR0912 - a case an event
    """What an event says beyond its type and node, as short text."""
    match event:
        case RunStarted():
            return ", ".join(f"{name}={short(value)}" for name, value in event.input.items())
        case TaskStarted():
            return _which(event.visit, event.attempt, rerun=event.rerun)
        case TaskCompleted() if event.given:
            return f"{text_of(event)} ({GIVEN[event.given]})"
        case TaskCompleted() | ChildCompleted() | RunCompleted():
            return text_of(event)
        case TaskFailed() | ChildFailed() | NodeFailed() | RunFailed():
            return said(event.error)
        case TaskCancelled():
            return _which(event.visit, event.attempt)
        case TimerFired() | ConditionMet() | MapCompleted() | NodeCancelled():
            return _which(event.visit)
        case TimerStarted():
            return f"due {clock(event.due)}"
        case SignalReceived():
            brought = "" if event.value is None else f" = {short(event.value)}"
            return f"{event.name}{brought}" + ("" if event.node is not None else ", nothing waited for it")
        case SignalTaken():
            return event.name
        case ApprovalRequested():
            return event.prompt
        case ApprovalGiven():
            return short(event.value)
        case MapStarted():
            return f"{event.size} item" + "s" * (event.size != 1)
        case ChildStarted():
            return event.run if event.index < 0 else f"{event.run}, item {event.index + 1}"
        case CompensationStarted():
            return event.reason if event.error is None else said(event.error)
        case TaskCompensated():
            return _which(event.visit) if event.error is None else said(event.error)
        case ChildCompensated():
            return event.run if event.error is None else said(event.error)
        case RunCancelled():
            return event.reason
        case _:
            return _steered(event)


def _steered(event: Steering) -> str:
    """As `detail_of`, of what people did to a run, and of what its activities told meanwhile."""
    match event:
        case RunPaused():
            return event.reason if event.node is None else f"{event.reason} at {event.node}"
        case RunResumed() | RunReopened():
            return ""
        case RunMigrated():
            return event.definition[:8]
        case BreakpointsChanged():
            return ", ".join(event.nodes) or "none"
        case ValueEdited() | ValuePinned():
            return short(event.value) if event.unstored is UNSET else event.unstored.preview
        case ValueUnpinned():
            return ""
        case ProgressReported():
            share = "" if event.done is None else f"{event.done:.0%}"
            return " ".join(part for part in (share, event.text) if part)
        case OutputCaptured():
            return short(event.text)
        case AlertRaised():
            return event.message
        case _:
            assert_never(event)


def said(error: Problem) -> str:
    """An error's type and message."""
    return f"{error.type}: {error.message}"


def text_of(event: TaskCompleted | ChildCompleted | RunCompleted) -> str:
    """A result as short text."""
    unstored = event.unstored
    value: Any = event.output if isinstance(event, RunCompleted) else event.value
    if unstored is not UNSET:
        return unstored.preview[:MAX_TEXT] or f"<{unstored.type}>"
    return short(None if value is UNSET else value)


def short(value: Any) -> str:
    """A value as one short line."""
    if isinstance(value, str):
        text = f'"{value[:MAX_TEXT]}"'
    else:
        try:
            text = msgspec.json.encode(value).decode()
        except (TypeError, ValueError, OverflowError, RecursionError):
            text = repr(value)
    text = " ".join(text.split())
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def clock(ts: int, *, digits: int = 0) -> str:
    """A time (microseconds since the epoch) as `2026-11-25 14:02:11 UTC`, with so many digits of the second."""
    time = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=ts)
    text = time.strftime("%Y-%m-%d %H:%M:%S")
    return (f"{text}.{time.microsecond // 10 ** (6 - digits):0{digits}}" if digits else text) + " UTC"


def _which(visit: int, attempt: int = 1, *, rerun: bool = False) -> str:
    parts = [f"visit {visit}"] * (visit > 1) + [f"attempt {attempt}"] * (attempt > 1)
    return ", ".join(parts + ["again, for its value"] * rerun)
