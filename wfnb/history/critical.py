"""The critical path of a run: what it waited for from its end back to its start, and what speeding it up would gain.

Source: James Kelley and Morgan Walker, Critical-path planning and scheduling (1959).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wfnb.errors import UnknownName
from wfnb.history.causes import Causes, Visit, causes_of
from wfnb.history.rows import definition_of
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame


class Gain(NamedTuple):
    """By how many seconds a run would shorten if the work of one node took no time, or half.

    Attributes:
        node: the node.
        activity: what it runs.
        service: how long its visits took together, in seconds.
        gain: if they took no time.
        half: if they took half of it.
    """

    node: str
    activity: str
    service: float
    gain: float
    half: float


@dataclass(frozen=True, slots=True)
class CriticalPath:
    """The chain of visits that made a run as long as it was.

    Attributes:
        run: the run.
        seconds: from the run's start to its end, or to the end of the last visit while it goes on.
        path: the visits of the chain, first to last, by number in `causes.visits`.
        causes: every visit of the run, and what it waited for.
    """

    run: str
    seconds: float
    path: tuple[int, ...]
    causes: Causes

    def frame(self) -> DataFrame:
        """The chain as a table, in the order of time.

        Columns: `node`, `visit`, `kind`, `activity`, `started` (UTC), `wait`, `service` and `pause` (seconds: before
        its first attempt, in attempts, between them), `share` (of the run, from 0 to 1).
        """
        import pandas as pd

        rows = []
        for number in self.path:
            visit = self.causes.visits[number]
            took = (visit.wait + visit.service + visit.pause) / 1e6
            share = took / self.seconds if self.seconds else 0.0
            parts = (visit.wait / 1e6, visit.service / 1e6, visit.pause / 1e6)
            rows.append((visit.node, visit.visit, visit.kind, visit.activity, visit.started, *parts, share))
        columns = ["node", "visit", "kind", "activity", "started", "wait", "service", "pause", "share"]
        frame = pd.DataFrame(rows, columns=columns)
        frame["started"] = pd.to_datetime(frame["started"], unit="us", utc=True)
        return frame

    def gains(self) -> DataFrame:
        """What to speed up first: by how much the run would shorten if the work of one node took no time, or half.

        Columns: `node`, `activity`, `service` (seconds, of all its visits), `gain` and `gain_half` (seconds), `share`
        (of the run that `gain` is).  Most first; nodes that would gain nothing are left out.  Waits stay as they
        were: that other work would find a free worker earlier is not counted.
        """
        import pandas as pd

        rows = [(*one, one.gain / self.seconds) for one in self.each_gain() if one.gain > 0]
        rows.sort(key=lambda row: -row[3])
        return pd.DataFrame(rows, columns=["node", "activity", "service", "gain", "gain_half", "share"])

    def each_gain(self) -> Iterator[Gain]:
        """What would be gained at each node of the path, in the order in which they are on it."""
        nodes = {self.causes.visits[number].node: self.causes.visits[number] for number in self.path}
        for node, visit in nodes.items():
            service = sum(v.service for v in self.causes.visits if v.node == node) / 1e6
            gain, half = (self.seconds - self.what_if({node: factor}) for factor in (0.0, 0.5))
            yield Gain(node, visit.activity, service, gain, half)

    def what_if(self, factors: Mapping[str, float]) -> float:
        """How many seconds the run would have taken if the work of these nodes took so many times as long.

        Args:
            factors: node → factor; 0.5 means twice as fast.
        """
        ends: list[int] = []
        for visit in self.causes.visits:
            ready = max(
                (ends[number] for number in visit.after), default=self.causes.started + _late(visit, self.causes)
            )
            ends.append(round(ready + visit.wait + visit.service * factors.get(visit.node, 1.0) + visit.pause))
        last = self.causes.last or set(range(len(ends)))
        return (
            max((ends[number] for number in last), default=self.causes.started) - self.causes.started
        ) / 1e6 + _tail(self.causes)


def path_of_run(store: EventStore, run: str) -> CriticalPath:
    """The critical path of a run of a history; of one in progress, up to what was done last.

    Raises:
        UnknownName: there is no such run.
        StoreCorrupt: its events can not be read.
    """
    records = store.read(run)
    if not records:
        raise UnknownName(f"there is no run '{run}' in this history\nwf.runs() lists those that are")
    causes = causes_of(records, definition_of(store, records), lambda record: definition_of(store, [record]))
    return critical_path(causes, run)


def critical_path(causes: Causes, run: str = "") -> CriticalPath:
    """The critical path of a run whose causes are known."""
    visits = causes.visits
    over = [number for number, visit in enumerate(visits) if visit.ended is not None]
    among = [number for number in causes.last if visits[number].ended is not None] or over
    at = max(among, key=lambda number: (visits[number].ended or 0, number), default=None)
    path = []
    while at is not None:
        path.append(at)
        at = max(visits[at].after, key=lambda number: (visits[number].ended or 0, number), default=None)
    end = causes.ended or max((visits[number].ended or 0 for number in over), default=causes.started)
    return CriticalPath(run, (end - causes.started) / 1e6, tuple(reversed(path)), causes)


def _late(visit: Visit, causes: Causes) -> int:
    """How long after the run's start a visit was scheduled that waited for no other."""
    return max(0, visit.scheduled - causes.started)


def _tail(causes: Causes) -> float:
    """Seconds from the last visit's end to the run's."""
    ends = [causes.visits[number].ended or 0 for number in causes.last]
    return max(0.0, (causes.ended - max(ends)) / 1e6) if causes.ended is not None and ends else 0.0
