"""What a run view shows, row by row: events, attempts, values, and what an event changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from wfnb.history.nodestates import NodeState
from wfnb.history.tasktable import TaskRow
from wfnb.history.words import detail_of, node_of, short
from wfnb.model.event import Event, Record, RunCompleted, RunStarted, TaskFailed, TaskStarted, Unstored
from wfnb.model.state import State
from wfnb.widgets import parts


def event_row(record: Record) -> parts.EventRow:
    """An event as the event table shows it."""
    return parts.EventRow(
        seq=record.seq,
        ts=record.ts / 1e3,
        type=type(record.event).__name__,
        node=getattr(record.event, "node", ""),
        detail=detail_of(record.event),
    )


def task_row(row: TaskRow) -> parts.TaskRow:
    """A task attempt as the task table and the time line show it."""
    retrying = row.status == "failed" and row.retry_at is not None
    return parts.TaskRow(
        node=row.node,
        visit=row.visit,
        attempt=row.attempt,
        state="retrying" if retrying else "cancelled" if row.status == "interrupted" else row.status,
        started=row.started / 1e3,
        ended=None if row.ended is None else row.ended / 1e3,
        retry_at=None if row.retry_at is None else row.retry_at / 1e3,
        activity=row.activity,
        detail=row.detail,
        first=row.first,
        last=row.last,
        kind=row.kind,
    )


def value_rows(state: State, event: Event | None, before: Mapping[str, Any]) -> tuple[parts.ValueText, ...]:
    """The values in scope.

    Args:
        state: the run after the event in focus.
        event: that event; None before the first.
        before: the values that held until then, by node.
    """
    changed = node_of(event) if event is not None and not isinstance(event, TaskStarted | TaskFailed) else None
    rows = [
        _value(f"input.{name}", value, changed=isinstance(event, RunStarted)) for name, value in state.input.items()
    ]
    for id, value in state.values.items():
        new = id == changed
        until = _text(before[id]) if new and id in before else None
        rows.append(_value(id, value, changed=new, before=until))
    if state.status == "completed":
        rows.append(_value("output", state.output, changed=isinstance(event, RunCompleted)))
    return tuple(rows)


def _value(name: str, value: Any, *, changed: bool, before: str | None = None) -> parts.ValueText:
    kind = value.type if isinstance(value, Unstored) else type(value).__name__
    return parts.ValueText(name=name, text=_text(value), type=kind, changed=changed, before=before)


def _text(value: Any) -> str:
    return (value.preview or f"<{value.type}>") if isinstance(value, Unstored) else short(value)


def written(state: State, name: str) -> str:
    """A value in scope as JSON text, by its node or as `input.name`; empty where it is not there, or no JSON."""
    inputs = {f"input.{key}": value for key, value in state.input.items()}
    values = {**inputs, **state.values}
    if name not in values or isinstance(values[name], Unstored):
        return ""
    try:
        return msgspec.json.format(msgspec.json.encode(values[name]), indent=1).decode()
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        return ""


def changes(before: Mapping[str, NodeState], after: Mapping[str, NodeState]) -> tuple[parts.NodeChange, ...]:
    """The nodes that stand otherwise; one that is not named is idle."""
    return tuple(
        parts.NodeChange(node=id, before=before.get(id, "idle"), after=state)
        for id, state in after.items()
        if before.get(id, "idle") != state
    )
