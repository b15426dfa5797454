"""Where runs lose their time: what waits, what works, and what the runs' ends wait for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wfnb.history.measures.paths import CriticalPaths
from wfnb.history.measures.scope import Scope
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame


def bottlenecks(store: EventStore, scope: Scope, paths: CriticalPaths | None) -> DataFrame:
    """What the tasks of these runs waited and worked, and how much of the runs' time was spent on each.

    Args:
        store: the history.
        scope: which runs, and attempts that started in which time.
        paths: the critical paths of these runs, or of some of them; None where no run is over.

    Returns:
        A row a node, what most of the runs' time was spent on first: `node`, `activity`, `attempts`, `waiting` and
        `service` (seconds, of all its attempts), `wait` and `seconds` (means of an attempt), `share` (of the time of
        the runs of `paths`: for which part it was what they waited for; missing without them), `queue` (how many of its
        attempts waited at a time, on average from when the first could have started to the last end), `longest_queue`.

    Raises:
        UnknownName: there is no such run or workflow.
    """
    clause, parameters = scope.when("epoch_us(started)")
    found = store.query(
        f"""with attempts as materialized (
            select node, activity, epoch_us(least(scheduled, started)) as scheduled, epoch_us(started) as started,
                epoch_us(ended) as ended
            from tasks
            where kind = 'task' and coalesce(note, '') not in ('pinned', 'cached', 'known', 'disabled') and {clause}
        ),
        changes as (
            select node, scheduled as ts, 1 as delta from attempts where scheduled < started
            union all select node, started, -1 from attempts where scheduled < started
        ),
        levels as (
            select node, sum(sum(delta)) over (partition by node order by ts) as level from changes group by node, ts
        )
        select
            node, any_value(activity) as activity, count(*) as attempts,
            sum(started - scheduled) / 1e6 as waiting,
            coalesce(sum(ended - started), 0) / 1e6 as service,
            avg(started - scheduled) / 1e6 as wait,
            avg(ended - started) / 1e6 as seconds,
            coalesce(sum(started - scheduled) / nullif(max(coalesce(ended, started)) - min(scheduled), 0), 0) as queue,
            coalesce(any_value(longest), 0)::bigint as longest_queue
        from attempts left join (select node, max(level) as longest from levels group by node) using (node)
        group by node""",  # noqa: S608 - ours
        parameters,
    )
    if found.empty:
        scope.known(store)
    shares = {} if paths is None else paths.shares()
    told = [shares.get(node, 0.0) if paths is not None else float("nan") for node in found["node"]]
    found.insert(7, "share", told)
    found["together"] = found["waiting"] + found["service"]
    found = found.sort_values(["share", "together", "node"], ascending=[False, False, True], ignore_index=True)
    return found.drop(columns="together")
