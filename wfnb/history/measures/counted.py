"""How long activities take, how many runs and attempts there were, what failed, and how runs changed over time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from wfnb.history.measures.scope import Scope, width_of
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame

Part: TypeAlias = Literal["service", "wait"]
By: TypeAlias = Literal["node", "activity"]
FINE = 8
"""Intervals of a distribution in which a duration grows tenfold."""
SHORTEST = 1_000
"""Microseconds of an interval that is counted in, at least."""
MOST_RUNS = 2_000
"""Runs of a trend that are shown one by one."""
ENDS = "'TaskCompleted', 'TaskFailed', 'TaskCancelled', 'TimerFired', 'SignalReceived', 'SignalTaken'"
"""What may be the end of an attempt, where it follows its start among the events of its node."""
SPANS = """
select run, node, told // 4 as started, followed // 4 as ended
from (
    select run, node, told, lead(told) over (partition by place order by seq) as followed
    from (
        select
            {run} as run, node, seq, hash(run, node) as place,
            ts * 4 + case
                when type = 'TaskStarted' then 1
                when type = 'TaskCompleted' and contains(payload::varchar, '"given":"')
                    and (payload ->> 'given') is not null then 2
                else 0
            end as told
        from all_events
        where type in ('TaskStarted', {ends}) and {where}
    )
)
where told % 4 = 1 and followed % 4 = 0
"""
"""The attempts of tasks that ended, without those whose activity did not run (pinned, cached): what `tasks` has of
them, from times alone, each with what kind of event it is of in its last bits.  Ten million events are sorted so in
half a gigabyte and half the time; that two nodes of different runs have one hash of 64 bits is left to chance."""


def latency(store: EventStore, scope: Scope, part: Part = "service", by: By = "node") -> tuple[DataFrame, DataFrame]:
    """How long attempts took, or waited: percentiles, and how the durations are distributed.

    Returns:
        A row a name: `name`, `count`, `mean`, `p50`, `p90`, `p95`, `p99`, `longest` (seconds), the slowest first by
        median.  And a row a name and interval: `name`, `from_`, `to` (seconds), `count`, `share` (of the name's).

    Raises:
        UnknownName: there is no such run or workflow.
    """
    told, parameters = durations(scope, part, by)
    found = store.query(
        f"""select name, count(*) as count, avg(took) / 1e6 as mean, quantile_cont(took, [0.5, 0.9, 0.95, 0.99]) as p,
        max(took) / 1e6 as longest, histogram(floor(log10(greatest(took, 1)) * {FINE})::integer) as spread
        from ({told}) group by name""",  # noqa: S608 - ours
        parameters,
    )
    if found.empty:
        scope.known(store)
    for number, name in enumerate(("p50", "p90", "p95", "p99")):
        found[name] = [float(values[number]) / 1e6 for values in found["p"]]
    found = found.sort_values(["p50", "name"], ascending=[False, True], ignore_index=True)
    columns = ["name", "count", "mean", "p50", "p90", "p95", "p99", "longest"]
    return found[columns], _spread(found)


def _spread(found: DataFrame) -> DataFrame:
    import pandas as pd

    rows = [
        (name, 10 ** (key / FINE) / 1e6, 10 ** ((key + 1) / FINE) / 1e6, count, count / total)
        for name, total, spread in zip(found["name"], found["count"], found["spread"], strict=True)
        for key, count in sorted(dict(spread).items())
    ]
    return pd.DataFrame(rows, columns=["name", "from_", "to", "count", "share"])


def durations(scope: Scope, part: Part, by: By, only: str | None = None) -> tuple[str, list[Any]]:
    """SQL for `name` and `took` (microseconds) of attempts, and its parameters.

    Args:
        scope: which of them.
        part: what of them.
        by: what their names are.
        only: those of this name alone, each with its `run`, `node` and `started` (microseconds) too.
    """
    clause, parameters = scope.of_runs()
    if only is not None:
        named = "?" if by == "node" else "(select node from nodes where kind = 'task' and activity = ?)"
        clause, parameters = f"{clause} and node in {named}", [*parameters, only]
    if part == "service":
        inner = SPANS.format(run="run" if by == "activity" or only else "null", ends=ENDS, where=clause)
        took, when = "ended - started", "started"
    else:
        inner = f"""select run, node, epoch_us(started) as started, round(wait * 1e6)::bigint as waited
            from tasks where kind = 'task' and {clause}"""  # noqa: S608 - ours
        took, when = "waited", "started"
    limits, moments = Scope(since=scope.since, until=scope.until).when(when)
    name = "node" if by == "node" else "coalesce(activity, node)"
    joined = "" if by == "node" else _ACTIVITY
    also = ""
    if only is not None:
        also, limits, moments = ", a.run, a.node, a.started", f"{limits} and {name} = ?", [*moments, only]
    return (
        f"select {name} as name, {took} as took{also} from ({inner}) a {joined} where {limits}",  # noqa: S608 - ours
        [*parameters, *moments],
    )


_ACTIVITY = """
left join (
    select f.run as run_, n.node as node_, any_value(n.activity) as activity
    from followed f join nodes n using (definition) where n.kind = 'task' group by all
) n on n.run_ = a.run and n.node_ = a.node
"""


def throughput(store: EventStore, scope: Scope) -> tuple[DataFrame, float]:
    """How many runs and attempts came to what, over time.

    Returns:
        A row an interval and kind: `time` (its beginning, UTC), `what` (runs started, runs completed, runs failed,
        tasks completed, tasks failed), `count`.  And the width of an interval in seconds.

    Raises:
        UnknownName: there is no such run or workflow.
    """
    import pandas as pd

    bounds = scope.bounds(store)
    if bounds is None:
        return pd.DataFrame({"time": pd.to_datetime([], utc=True), "what": [], "count": []}), 1.0
    width = max(width_of(*bounds, 120), SHORTEST)
    clause, parameters = scope.when("ts")
    found = store.query(
        f"""select ts // {width} as bucket, type, count(*) as count from all_events
        where type in (select unnest(?::varchar[])) and {clause} group by all order by all""",  # noqa: S608 - ours
        [list(_COUNTED), *parameters],
    )
    found["what"] = found["type"].map(_COUNTED)
    found = found.groupby(["bucket", "what"])[["count"]].sum().reset_index()
    kinds = [what for what in dict.fromkeys(_COUNTED.values()) if (found["what"] == what).any()]
    every = pd.MultiIndex.from_product(
        [range(bounds[0] // width, bounds[1] // width + 1), kinds], names=["bucket", "what"]
    )
    found = found.set_index(["bucket", "what"]).reindex(every, fill_value=0).reset_index()
    found["time"] = pd.to_datetime(found["bucket"] * width, unit="us", utc=True)
    return found[["time", "what", "count"]], width / 1e6


_COUNTED = {
    "RunStarted": "runs started",
    "RunCompleted": "runs completed",
    "RunFailed": "runs failed",
    "RunCancelled": "runs cancelled",
    "TaskCompleted": "tasks completed",
    "TaskFailed": "attempts failed",
}


def failures(store: EventStore, scope: Scope) -> DataFrame:
    """What failed: a row a node and kind of error, the most frequent first.

    Columns: `node`, `error_type`, `count` (attempts), `retried` (of them followed by a retry), `final` (of them not),
    `attempts` (of the node), `share` (of its attempts, from 0 to 1), `example` (a message).

    Raises:
        UnknownName: there is no such run or workflow.
    """
    clause, parameters = scope.when("ts")
    found = store.query(
        f"""with chosen as (
            select node, type, payload from all_events where type in ('TaskStarted', 'TaskFailed') and {clause}
        ), attempts as (select node, count(*) as attempts from chosen where type = 'TaskStarted' group by node)
        select f.node, payload ->> '$.error.type' as error_type, count(*) as count,
            count(payload ->> 'retry_at') as retried, count(*) - count(payload ->> 'retry_at') as final,
            coalesce(any_value(a.attempts), count(*)) as attempts, min(payload ->> '$.error.message') as example
        from chosen f left join attempts a using (node) where f.type = 'TaskFailed'
        group by f.node, error_type order by count desc, f.node, error_type""",  # noqa: S608 - ours
        parameters,
    )
    if found.empty:
        scope.known(store)
    found.insert(6, "share", found["count"] / found["attempts"].where(found["attempts"] > 0))
    return found


def trend(store: EventStore, scope: Scope) -> tuple[DataFrame, float | None]:
    """How long runs took, one after the other; above some thousand of them, percentiles of intervals.

    Returns:
        A row a run: `run`, `time` (of its start, UTC), `status`, `seconds` (so far where it goes on: missing),
        `median` (of the last twenty that ended).  Or a row an interval: `time`, `count`, `failed`, `p50`, `p95`,
        `shortest`, `longest` (seconds).  And the width of an interval in seconds; None: they are single runs.

    Raises:
        UnknownName: there is no such run or workflow.
    """
    clause, parameters = Scope(scope.runs, scope.workflow).of_runs()
    limits, moments = Scope(since=scope.since, until=scope.until).when("epoch_us(started)")
    chosen = f"from runs where {clause} and {limits}" + ("" if scope.runs else " and parent = ''")
    given = [*parameters, *moments]
    head = store.query(
        f"select count(*) as count, epoch_us(min(started)) as first, epoch_us(max(started)) as last {chosen}",
        given,
    ).iloc[0]
    if not head["count"]:
        scope.known(store)
    if head["count"] <= MOST_RUNS:
        found = store.query(
            f"""select run, started as time, status, seconds, median(seconds) over (
                order by started, pos rows between 19 preceding and current row
            ) as median {chosen} order by started, pos""",
            given,
        )
        return found, None
    width = width_of(int(head["first"]), int(head["last"]), 100)
    found = store.query(
        f"""select make_timestamptz(epoch_us(started) // {width} * {width}) as time, count(*) as count,
        count(*) filter (status = 'failed') as failed, quantile_cont(seconds, 0.5) as p50,
        quantile_cont(seconds, 0.95) as p95, min(seconds) as shortest, max(seconds) as longest
        {chosen} group by time order by time""",
        given,
    )
    return found, width / 1e6
