"""An event log: what happened in many cases, as columns.  The common form of XES, OCEL, CSV, tables and histories.

A case (a trace, a run) is a sequence of events, each of which names an activity.  The order within a case is the
order of the log; times are known or not, and never reorder anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from pandas import DataFrame

UNKNOWN_TIME = np.iinfo(np.int64).min
"""The time of an event of which no time is known (it is pandas' NaT, too)."""


@dataclass(frozen=True, slots=True, eq=False)
class EventLog:
    """Events of cases, grouped by case; cases are in the order in which they began in the source.

    Attributes:
        cases: the name of each case, `c` of them.
        activities: the name of each activity, `a` of them, in the order in which they were met.
        starts: shape (c + 1,): the events of case `i` are those from `starts[i]` up to `starts[i + 1]`.
        activity: shape (n,): which activity each event is of.
        times: shape (n,): microseconds since the epoch, UTC; `UNKNOWN_TIME` where it is not known.
        columns: what else the events say: a column of n values each, None where an event says nothing.
        case_columns: what the cases say: columns of c values.
        about: what the log says of itself.
    """

    cases: tuple[str, ...]
    activities: tuple[str, ...]
    starts: npt.NDArray[np.int64]
    activity: npt.NDArray[np.int32]
    times: npt.NDArray[np.int64]
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    case_columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        """How many events there are."""
        return len(self.activity)

    def __repr__(self) -> str:
        return f"<event log of {len(self.cases)} cases, {len(self)} events of {len(self.activities)} activities>"

    def traces(self) -> Iterator[tuple[str, ...]]:
        """The activities of each case, by name, in order."""
        names = self.activities
        for first, last in zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True):
            yield tuple(names[code] for code in self.activity[first:last].tolist())

    def case_of(self) -> npt.NDArray[np.int64]:
        """The number of the case of each event, shape (n,)."""
        return np.repeat(np.arange(len(self.cases)), np.diff(self.starts))

    def frame(self) -> DataFrame:
        """The events as a table: `case`, `activity`, `time` (UTC, NaT where not known), and the other columns."""
        import pandas as pd

        return pd.DataFrame(
            {
                "case": np.array(self.cases, dtype=object)[self.case_of()],
                "activity": np.array(self.activities, dtype=object)[self.activity],
                "time": pd.to_datetime(self.times, unit="us", utc=True),
            }
            | {name: pd.Series(list(values), dtype=object) for name, values in self.columns.items()}
        )


@dataclass(slots=True)
class LogBuilder:
    """Collects events case by case, in any interleaving, and gives the log."""

    cases: dict[str, int] = field(default_factory=dict)
    activities: dict[str, int] = field(default_factory=dict)
    case: list[int] = field(default_factory=list)
    activity: list[int] = field(default_factory=list)
    times: list[int] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)
    case_columns: dict[str, list[Any]] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)

    def add_case(self, name: str, says: Mapping[str, Any] | None = None) -> int:
        """The number of a case, which is made at its first use; `says` is what it has beside its name."""
        number = self.cases.setdefault(name, len(self.cases))
        for key, value in (says or {}).items():
            _put(self.case_columns.setdefault(key, []), number, value)
        return number

    def add(self, case: int, activity: str, time: int | None, says: Mapping[str, Any] | None = None) -> None:
        """One event of a case, after those that the case has already."""
        at = len(self.case)
        self.case.append(case)
        self.activity.append(self.activities.setdefault(activity, len(self.activities)))
        self.times.append(UNKNOWN_TIME if time is None else time)
        if says:
            for key, value in says.items():
                _put(self.columns.setdefault(key, []), at, value)

    def log(self) -> EventLog:
        """The log of what was added."""
        return log_of(
            tuple(self.cases),
            tuple(self.activities),
            np.asarray(self.case, dtype=np.int64),
            np.asarray(self.activity, dtype=np.int32),
            np.asarray(self.times, dtype=np.int64),
            {name: _filled(values, len(self.case)) for name, values in self.columns.items()},
            {name: _filled(values, len(self.cases)) for name, values in self.case_columns.items()},
            self.about,
        )


def log_of(  # noqa: PLR0917 - the columns of a log
    cases: tuple[str, ...],
    activities: tuple[str, ...],
    case: npt.NDArray[np.int64],
    activity: npt.NDArray[np.int32],
    times: npt.NDArray[np.int64],
    columns: Mapping[str, Sequence[Any]] | None = None,
    case_columns: Mapping[str, Sequence[Any]] | None = None,
    about: Mapping[str, Any] | None = None,
) -> EventLog:
    """The log of events in any interleaving of cases; `case` and `activity` are numbers, an entry an event."""
    starts = np.concatenate(([0], np.cumsum(np.bincount(case, minlength=len(cases))))).astype(np.int64)
    if len(case) > 1 and (np.diff(case) < 0).any():
        order = np.argsort(case, kind="stable")
        activity, times = activity[order], times[order]
        columns = {name: [values[at] for at in order.tolist()] for name, values in (columns or {}).items()}
    return EventLog(cases, activities, starts, activity, times, columns or {}, case_columns or {}, about or {})


def _put(column: list[Any], at: int, value: Any) -> None:
    """Set a value, with None where nothing was said before it."""
    if len(column) <= at:
        column.extend([None] * (at - len(column)))
        column.append(value)
    else:
        column[at] = value


def _filled(column: list[Any], length: int) -> list[Any]:
    return column + [None] * (length - len(column))
