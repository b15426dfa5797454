"""Which runs, and which time, are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from wfnb.errors import UnknownName
from wfnb.store.protocol import EventStore

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
BUCKETS = 200
"""Intervals that a time is divided into, at most."""
WIDTHS = tuple(
    round(size * 1e6)
    for size in (
        *(scale * step for scale in (1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1) for step in (1, 2, 5)),
        *(1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 604800),
    )
)
"""Widths of an interval in microseconds; beyond a week, whole weeks."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What of a history is looked at.

    Attributes:
        runs: only these runs and their children; all if empty.
        workflow: only runs of workflows of this name.
        since: only from this time on; without a zone it is UTC.
        until: only before this time.
    """

    runs: tuple[str, ...] = ()
    workflow: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def of_runs(self) -> tuple[str, list[Any]]:
        """A condition on a column `run`, and its parameters."""
        clauses, parameters = ["true"], list[Any]()
        if self.runs:
            clauses.append(
                "run in (select e.run from all_events e join (select unnest(?::varchar[]) as id) on e.run = id "
                "or starts_with(e.run, id || '/') where e.type = 'RunStarted')"
            )
            parameters.append(list(self.runs))
        if self.workflow is not None:
            clauses.append(
                "run in (select run from all_events where type = 'RunStarted' and payload ->> 'workflow' = ?)"
            )
            parameters.append(self.workflow)
        return " and ".join(clauses), parameters

    def when(self, column: str) -> tuple[str, list[Any]]:
        """A condition on runs and on a column of microseconds, and its parameters."""
        clause, parameters = self.of_runs()
        for sign, moment in ((">=", self.since), ("<", self.until)):
            if moment is not None:
                clause += f" and {column} {sign} ?"
                parameters.append(microseconds(moment))
        return clause, parameters

    def bounds(self, store: EventStore) -> tuple[int, int] | None:
        """Microseconds since the epoch of the first and the last event; None if there are none.

        Raises:
            UnknownName: there is no such run, or no run of such a workflow.
        """
        clause, parameters = self.when("ts")
        found = store.query(f"select min(ts) as first, max(ts) as last from all_events where {clause}", parameters)  # noqa: S608 - ours
        if found["first"].isna()[0]:
            self.known(store)
            return None
        return int(found["first"][0]), int(found["last"][0])

    def known(self, store: EventStore) -> None:
        """See that the runs and the workflow are there.

        Raises:
            UnknownName: they are not.
        """
        started = "select run from all_events where type = 'RunStarted'"
        if self.runs:
            there = set(store.query(f"{started} and run in (select unnest(?::varchar[]))", (list(self.runs),))["run"])
            for run in self.runs:
                if run not in there:
                    raise UnknownName(f"there is no run '{run}' in this history\nwf.runs() lists those that are")
        if (
            self.workflow is not None
            and store.query(f"{started} and payload ->> 'workflow' = ? limit 1", (self.workflow,)).empty
        ):
            raise UnknownName(
                f"there is no run of a workflow '{self.workflow}' in this history\nwf.runs() lists those that are"
            )


def microseconds(moment: datetime) -> int:
    """A time as microseconds since the epoch; without a zone it is UTC."""
    aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
    return (aware - EPOCH) // timedelta(microseconds=1)


def width_of(first: int, last: int, buckets: int = BUCKETS) -> int:
    """The width in microseconds of at most so many intervals, a round one, that a time is divided into."""
    least = (last - first + 1) / buckets
    week = WIDTHS[-1]
    return next((width for width in WIDTHS if width >= least), -int(-least // week) * week)


def quantiles(column: str, shares: Sequence[float] = (0.5, 0.9, 0.95, 0.99)) -> str:
    """SQL for percentiles of a column, interpolated as numpy does, as `p50`, `p90`, ..."""
    return ", ".join(f"quantile_cont({column}, {share}) as p{share * 100:g}" for share in shares)
