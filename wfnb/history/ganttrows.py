"""What has bars in a Gantt chart, and in which rows."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from wfnb.history.tasktable import TaskRow
from wfnb.history.words import short

if TYPE_CHECKING:
    from pandas import DataFrame

MAX_ROWS = 120
"""Rows of a Gantt chart; where there are more tasks, several share a row."""


@dataclass(slots=True)
class Attempt:
    """What of an attempt, or of a visit of what is no task, is drawn; times are microseconds since the epoch."""

    run: str
    node: str
    kind: str
    visit: int
    attempt: int
    activity: str
    status: str
    scheduled: int
    started: int
    ended: int | None
    retry_at: int | None
    detail: str


@dataclass(slots=True)
class Row:
    """A row of the chart: a visit of a node, or several where there are too many."""

    label: str
    attempts: list[Attempt] = field(default_factory=list)
    visits: int = 1


def attempts_of(tasks: DataFrame | Iterable[TaskRow]) -> Iterator[Attempt]:
    """What is drawn of a table of tasks, or of its rows."""
    if hasattr(tasks, "itertuples"):
        yield from map(_from_frame, tasks.itertuples(index=False))
        return
    for row in tasks:
        yield Attempt(
            row.run, row.node, row.kind, row.visit, row.attempt, row.activity, row.status,
            row.scheduled, row.started, row.ended, row.retry_at, row.detail,
        )  # fmt: skip


def _from_frame(row: Any) -> Attempt:
    if row.error_type:
        detail = f"{row.error_type}: {row.error}"
    elif row.unstored:
        detail = row.unstored.get("preview") or f"<{row.unstored['type']}>"
    else:
        brought = "" if row.value is None else short(row.value)
        detail = ": ".join(part for part in (row.note, brought) if part)
    started = _microseconds(row.started) or 0
    scheduled = _microseconds(row.scheduled)
    return Attempt(
        row.run, row.node, row.kind, row.visit, row.attempt, row.activity or "", row.status,
        started if scheduled is None else scheduled, started,
        _microseconds(row.ended), _microseconds(row.retry_at), detail,
    )  # fmt: skip


def _microseconds(time: Any) -> int | None:
    return None if time is None or time != time else time.value // 1000  # noqa: PLR0124 - NaT does not equal itself


def rows_of(attempts: Sequence[Attempt]) -> list[Row]:
    """A row a visit, in the order in which they started."""
    several = len({a.run for a in attempts}) > 1
    rows: dict[tuple[str, str, int], Row] = {}
    for a in attempts:
        label = (a.node if a.visit == 1 else f"{a.node} ·{a.visit}") + ("" if a.kind == "task" else f" ({a.kind})")
        row = rows.setdefault((a.run, a.node, a.visit), Row(f"{a.run} · {label}" if several else label))
        row.attempts.append(a)
    return list(rows.values())


def shared(rows: list[Row]) -> tuple[list[Row], int]:
    """Few enough rows, and how many visits share one."""
    share = math.ceil(len(rows) / MAX_ROWS)
    if share == 1:
        return rows, 1
    merged = []
    for start in range(0, len(rows), share):
        group = rows[start : start + share]
        attempts = [a for row in group for a in row.attempts]
        more = f" +{len(group) - 1}" if len(group) > 1 else ""
        merged.append(Row(f"{group[0].label}{more}", attempts, len(group)))
    return merged, share
