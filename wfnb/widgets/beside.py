"""Two runs beside each other, for a canvas that shows both."""

from __future__ import annotations

import math
from importlib import import_module
from typing import TYPE_CHECKING, Any

from wfnb.engine.past import history, past_machines
from wfnb.history.progress import fold
from wfnb.history.words import MAX_TEXT
from wfnb.store.protocol import EventStore
from wfnb.widgets import messages as m
from wfnb.widgets import parts
from wfnb.widgets.live import status

if TYPE_CHECKING:
    from wfnb.history.compare import Comparison

MOST = 500
"""Rows of differences at once; those that differ come first."""


def load() -> None:
    """Load what compares runs, which takes a while the first time; in any thread."""
    for name in ("pandas", "wfnb.history.compare"):
        import_module(name)


def beside(store: EventStore, a: str, b: str) -> m.Compared:
    """Run `a` beside run `b`, as both are now.

    Raises:
        UnknownName: there is no such run.
    """
    from wfnb.history.compare import compare  # noqa: PLC0415 - numpy and pandas are loaded when runs are compared

    rows = differences(compare(store, [a], [b]))
    machines = [[machine for _, machine in past_machines(store, run)] for run in (a, b)]
    folded = [fold(first, history(store, run), then) for run, (first, *then) in zip((a, b), machines, strict=True)]
    return m.Compared(
        a=a,
        b=b,
        documents=tuple(followed[-1].workflow for followed in machines),
        statuses=tuple(
            status(run, progress, progress.nodes, full=True) for run, progress in zip((a, b), folded, strict=True)
        ),
        rows=tuple(sorted(rows, key=lambda row: not row.differs)[:MOST]),
        left_out=max(0, len(rows) - MOST),
    )


def differences(found: Comparison) -> list[parts.Difference]:
    """The visits of both sides, in the order in which they began."""
    return [_row(row) for row in found.visits.to_dict("records")]


def _row(row: dict[Any, Any]) -> parts.Difference:
    states = _text(row["status_a"]), _text(row["status_b"])
    return parts.Difference(
        node=row["node"],
        visit=int(row["visit"]),
        side=row["side"],
        states=states,
        values=(_text(row["value_a"]), _text(row["value_b"])),
        seconds=(_number(row["seconds_a"]), _number(row["seconds_b"])),
        differs=row["side"] != "both" or states[0] != states[1] or bool(row["other_value"]),
    )


def _text(value: Any) -> str:
    text = value if isinstance(value, str) else ""
    return text if len(text) <= MAX_TEXT else text[: MAX_TEXT - 1] + "…"


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
