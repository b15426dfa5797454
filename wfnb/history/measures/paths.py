"""The critical paths of many runs: what to speed up first, by how much runs would shorten."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wfnb.errors import UnknownName
from wfnb.history.critical import CriticalPath, path_of_run
from wfnb.history.measures.scope import Scope
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame

LIMIT = 200
"""Runs that are looked at, if nobody says how many."""


@dataclass(frozen=True, slots=True)
class CriticalPaths:
    """The critical paths of runs that are over.

    Attributes:
        paths: one a run, in the order in which they began.
        of: how many runs there were; where that is more, `paths` are of some that are evenly spread over them.
    """

    paths: tuple[CriticalPath, ...]
    of: int

    def __repr__(self) -> str:
        return f"<CriticalPaths of {len(self.paths):,} of {self.of:,} runs, {self.seconds:g} s each on average>"

    @property
    def seconds(self) -> float:
        """How long a run took, on average."""
        return sum(path.seconds for path in self.paths) / len(self.paths)

    def frame(self) -> DataFrame:
        """The paths as a table, a row a run.

        Columns: `run`, `seconds`, `visits` (on its path), `path` (their nodes, first to last).
        """
        import pandas as pd

        rows = []
        for path in self.paths:
            nodes = [path.causes.visits[number].node for number in path.path]
            rows.append((path.run, path.seconds, len(nodes), " → ".join(nodes)))
        return pd.DataFrame(rows, columns=["run", "seconds", "visits", "path"])

    def gains(self) -> DataFrame:
        """What to speed up first: by how much a run would shorten on average if one node's work took no time, or half.

        Columns: `node`, `activity`, `runs` (the part of them on whose path it is), `service` (seconds a run, of all its
        visits), `gain` and `gain_half` (seconds a run), `share` (of the time of all runs that `gain` is).  Most first;
        runs in which a node is on no path count with a gain of 0.  As in `CriticalPath.gains`, waits stay as they were.
        """
        import pandas as pd

        totals: dict[str, list[float]] = defaultdict(lambda: [0.0] * 4)
        activities: dict[str, str] = {}
        for path in self.paths:
            for one in path.each_gain():
                activities[one.node] = one.activity
                for place, value in enumerate((1.0, one.service, one.gain, one.half)):
                    totals[one.node][place] += value
        count, whole = len(self.paths), self.seconds
        rows = []
        for node, sums in totals.items():
            runs, service, gain, half = (total / count for total in sums)
            rows.append((node, activities[node], runs, service, gain, half, gain / whole if whole else 0.0))
        rows.sort(key=lambda row: (-row[4], row[0]))
        return pd.DataFrame(rows, columns=["node", "activity", "runs", "service", "gain", "gain_half", "share"])

    def what_if(self, factors: Mapping[str, float]) -> float:
        """How many seconds a run would have taken on average if the work of these nodes took so many times as long.

        Args:
            factors: node → factor; 0.5 means twice as fast.
        """
        return sum(path.what_if(factors) for path in self.paths) / len(self.paths)

    def shares(self) -> Mapping[str, float]:
        """The part of all runs' time for which each node was what a run waited for, by node: from 0 to 1."""
        whole = sum(path.seconds for path in self.paths)
        found: dict[str, float] = defaultdict(float)
        for path in self.paths:
            for number in path.path:
                visit = path.causes.visits[number]
                found[visit.node] += (visit.wait + visit.service + visit.pause) / 1e6 / whole if whole else 0.0
        return found


def critical_paths(store: EventStore, scope: Scope, definition: str | None = None, limit: int = LIMIT) -> CriticalPaths:
    """The critical paths of the runs of a scope that are over, or of some that are evenly spread over them.

    Args:
        store: the history.
        scope: which runs; the children of calls and maps are parts of theirs.
        definition: only runs of this version: the beginning of a definition's hash.
        limit: how many runs to look at.

    Raises:
        UnknownName: there is no such run, workflow or version, or none of them is over.
        StoreCorrupt: events can not be read.
    """
    clause, parameters = scope.when("epoch_us(started)")
    if definition is not None:
        clause, parameters = f"{clause} and starts_with(definition, ?)", [*parameters, definition]
    among = "run in (select unnest(?::varchar[]))" if scope.runs else "parent = ''"
    found = store.query(
        f"""with over as (
            select run, row_number() over (order by pos) - 1 as place, count(*) over () as many
            from runs where ended is not null and {among} and {clause}
        )
        select run, many from over where many <= ? or place = 0
            or floor(place * ?::double / many) > floor((place - 1) * ?::double / many)
        order by place""",  # noqa: S608 - ours
        [*([list(scope.runs)] if scope.runs else []), *parameters, limit, limit, limit],
    )
    if found.empty:
        scope.known(store)
        version = "" if definition is None else f" of version '{definition}'"
        raise UnknownName(f"no run{version} is over in what is looked at\nwf.runs() lists them with their definitions")
    return CriticalPaths(tuple(path_of_run(store, run) for run in found["run"]), int(found["many"][0]))
