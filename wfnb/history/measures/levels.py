"""How many there are at a time: attempts in progress, attempts that wait for a worker, resources in use."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wfnb.history.measures.counted import ENDS
from wfnb.history.measures.scope import Scope, microseconds, width_of
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame

EXACT = 400
"""Changes up to which each is shown."""
MANY = 1_000_000
"""Changes above which no peaks are looked for: that needs all of them in order."""
PLAIN = "'TaskStarted', 'TaskCompleted', 'TaskFailed', 'TaskCancelled'"
"""The start of an attempt, and what ends one; the last also ends the pause before one."""


@dataclass(frozen=True, slots=True)
class Levels:
    """How a number changed over time.

    Attributes:
        frame: `time` (UTC), `name`, `level` and `peak`, in order.  Where each change is shown, `level` holds from
            `time` on; else it is the mean of an interval that begins then, and `peak` the highest (missing where there
            are too many changes to look for it).
        width: of an interval in seconds; None: each change is shown.
        between: from when to when was looked, in microseconds since the epoch.
    """

    frame: DataFrame
    width: float | None
    between: tuple[int, int] = (0, 0)


@dataclass(frozen=True, slots=True)
class _Changes:
    """SQL for `ts`, `name` and `delta`, a row a change."""

    sql: str
    parameters: list[Any]


def concurrency(store: EventStore, scope: Scope) -> Levels:
    """How many attempts of tasks are in progress.

    Raises:
        UnknownName: there is no such run or workflow.
    """
    clause, parameters = scope.of_runs()
    odd = _odd(store, scope)
    step = "if(type = 'TaskStarted', 1, -1) as delta"
    if not odd:
        sql = f"select ts, 'in progress' as name, {step} from all_events where type in ({PLAIN}) and {clause}"  # noqa: S608
        return _levels(store, scope, _Changes(sql, parameters))
    return _levels(store, scope, _with_odd(clause, parameters, odd, step))


def _odd(store: EventStore, scope: Scope) -> list[str]:
    """The runs in which counting starts and ends does not do: what ended an attempt is not plain, or not known."""
    clause, parameters = scope.of_runs()
    return list(
        store.query(
            f"""select run from all_events where type in ({PLAIN}) and {clause}
            group by run having sum(if(type = 'TaskStarted', 1, -1)) <> 0 or bool_or(type = 'TaskCancelled')
            union
            select run from (
                select run, node from all_events
                where type in ('TimerFired', 'SignalReceived', 'SignalTaken') and {clause}
                intersect
                select run, node from all_events where type = 'TaskStarted' and run in (
                    select run from all_events where type in ('TimerFired', 'SignalReceived', 'SignalTaken')
                )
            )""",  # noqa: S608 - ours
            parameters * 2,
        )["run"]
    )


def _with_odd(clause: str, parameters: list[Any], odd: list[str], step: str) -> _Changes:
    """As the others, but for some runs, of which the times of each attempt are looked for."""
    among = "(select unnest(?::varchar[]))"
    spans = f"""
    select run, node, ts as started, coalesce(next_ts, closed) as over from (
        select run, node, ts, type, lead(ts) over (partition by run, node order by seq) as next_ts
        from all_events where type in ('TaskStarted', {ENDS}) and run in {among}
    ) left join (
        select run, if(arg_max(type, seq) in ('RunStarted', 'RunReopened'), null, max(ts)) as closed
        from all_events
        where type in ('RunStarted', 'RunCompleted', 'RunFailed', 'RunCancelled', 'RunReopened') and run in {among}
        group by run
    ) using (run) where type = 'TaskStarted'"""  # noqa: S608 - ours
    sql = f"""
    with others as ({spans})
    select ts, 'in progress' as name, {step}
    from all_events where type in ({PLAIN}) and {clause} and run not in {among}
    union all select started, 'in progress', 1 from others
    union all select over, 'in progress', -1 from others where over is not null"""  # noqa: S608 - ours
    return _Changes(sql, [odd, odd, *parameters, odd])


def queue(store: EventStore, scope: Scope) -> Levels:
    """How many attempts could run, but wait: for a worker, a resource, or what else keeps them from starting.

    Those that have not started yet are not counted.

    Raises:
        UnknownName: there is no such run or workflow.
    """
    clause, parameters = scope.of_runs()
    sql = f"""with waits as materialized (
        select epoch_us(scheduled) as scheduled, epoch_us(started) as started
        from tasks where kind = 'task' and wait > 0 and {clause}
    )
    select scheduled as ts, 'waiting' as name, 1 as delta from waits
    union all select started, 'waiting', -1 from waits"""  # noqa: S608 - ours
    return _levels(store, scope, _Changes(sql, parameters))


def resource_use(store: EventStore, scope: Scope) -> Levels:
    """How much of each resource that tasks ask for is in use.

    Raises:
        UnknownName: there is no such run or workflow.
    """
    clause, parameters = scope.of_runs()
    sql = f"""with uses as materialized (
        select resource, amount, epoch_us(started) as started, epoch_us(ended) as ended from resources where {clause}
    )
    select started as ts, resource as name, amount as delta from uses
    union all select ended, resource, -amount from uses where ended is not null"""  # noqa: S608 - ours
    return _levels(store, scope, _Changes(sql, parameters))


def _levels(store: EventStore, scope: Scope, changes: _Changes) -> Levels:
    bounds = scope.bounds(store)
    if bounds is None:
        return Levels(_empty(), None)
    first, last = bounds
    # What came before counts at the beginning; what comes later does not.
    first = first if scope.since is None else min(first, microseconds(scope.since))
    inside = f"select greatest(ts, {first}) as ts, name, delta from ({changes.sql}) where ts <= {last}"  # noqa: S608 - ours
    width = width_of(first, last)
    begin = first // width
    found = store.query(
        f"""select name, (ts // {width} - {begin})::bigint as bucket, sum(delta)::double as delta,
        sum(delta * ({width} - ts % {width}))::double / {width} as area, count(*) as changes
        from ({inside}) group by all""",  # noqa: S608 - ours
        changes.parameters,
    )
    total = int(found["changes"].sum())
    if total <= EXACT:
        return Levels(_exact(store, inside, changes.parameters), None, (first, last))
    frame = _means(found, begin, width, last // width - begin + 1)
    if total <= MANY:
        frame = _peaked(frame, store, inside, changes.parameters, width)
    return Levels(frame, width / 1e6, (begin * width, (last // width + 1) * width))


def _empty() -> DataFrame:
    import pandas as pd

    return pd.DataFrame({"time": pd.to_datetime([], utc=True), "name": [], "level": [], "peak": []})


def _exact(store: EventStore, inside: str, parameters: list[Any]) -> DataFrame:
    frame = store.query(
        f"""select make_timestamptz(ts) as time, name, level, level as peak from (
            select ts, name, (sum(sum(delta)) over (partition by name order by ts))::double as level
            from ({inside}) group by ts, name
        ) order by time, name""",  # noqa: S608 - ours
        parameters,
    )
    return frame if len(frame) else _empty()


def _means(found: DataFrame, begin: int, width: int, count: int) -> DataFrame:
    """The mean of each interval: what there was at its beginning, and what of each change falls into it."""
    import pandas as pd

    frames = []
    for name, rows in found.groupby("name", sort=True):
        parts = rows.set_index("bucket")[["delta", "area"]].reindex(range(count), fill_value=0.0)
        before = parts["delta"].cumsum().shift(1, fill_value=0.0)
        frames.append(pd.DataFrame({"bucket": range(count), "name": name, "level": before + parts["area"]}))
    frame = pd.concat(frames, ignore_index=True)
    frame["time"] = pd.to_datetime((frame["bucket"] + begin) * width, unit="us", utc=True)
    frame["peak"] = float("nan")
    return frame[["time", "name", "level", "peak"]]


def _peaked(frame: DataFrame, store: EventStore, inside: str, parameters: list[Any], width: int) -> DataFrame:
    """The same with the highest level of each interval."""
    found = store.query(
        f"""select make_timestamptz(ts // {width} * {width}) as time, name, max(greatest(level, level - delta))::double
            as peak from (
            select ts, name, sum(delta) as delta, sum(sum(delta)) over (partition by name order by ts) as level
            from ({inside}) group by ts, name
        ) group by all""",  # noqa: S608 - ours
        parameters,
    )
    frame = frame.drop(columns="peak").merge(found, on=["time", "name"], how="left")
    frame["peak"] = frame["peak"].fillna(frame["level"])
    return frame
