"""From a percentile to what is behind it: the very attempts, and the runs that they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wfnb.errors import UnknownName, did_you_mean, listed
from wfnb.history.measures.counted import By, Part, durations
from wfnb.history.measures.scope import Scope
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame

COLUMNS = "run, workflow, node, visit, attempt, activity, status, started, ended, wait, seconds, share"


def attempts_behind(  # noqa: PLR0917 - what a reader says of them
    store: EventStore,
    scope: Scope,
    name: str,
    between: tuple[float, float],
    part: Part = "service",
    by: By = "node",
    limit: int = 100,
) -> DataFrame:
    """The attempts whose durations lie between two percentiles of all those of their name, the longest first.

    Both percentiles are those of `counted.latency`; an attempt that took just as long as one of them is behind it.

    Returns:
        A row an attempt: columns of `tasks`, `workflow`, and `share`: the part of all attempts of the name that took as
        long as this one or less, from 0 to 1.

    Raises:
        UnknownName: there is no such run or workflow, or nothing of this name was carried out.
    """
    sql, parameters = durations(scope, part, by, name)
    found = store.query(
        f"""with named as materialized ({sql}),
        bounds as (select quantile_cont(took, [?::double, ?::double]) as bound from named)
        select run, node, started, took, share from (
            select *, cume_dist() over (order by took) as share from named
        ), bounds where took between bound[1] - 0.01 and bound[2] + 0.01
        order by took desc, started, run limit ?""",  # noqa: S608 - ours
        [*parameters, *between, limit],
    )
    if found.empty:
        _known(store, scope, name, by)
    return store.query(
        f"""with behind as (
            select unnest(?::varchar[]) as run, unnest(?::varchar[]) as node, unnest(?::bigint[]) as began,
            unnest(?::bigint[]) as took, unnest(?::double[]) as share
        )
        select {", ".join(f"t.{c}" if c not in {"workflow", "share"} else c for c in COLUMNS.split(", "))}
        from behind b
        join tasks t on t.run = b.run and t.node = b.node and t.kind = 'task' and epoch_us(t.started) = b.began
        join (select run, payload ->> 'workflow' as workflow from all_events where type = 'RunStarted') r
            on r.run = b.run
        where t.run in (select unnest(?::varchar[]))
        order by b.took desc, t.started, t.run, t.attempt""",  # noqa: S608 - ours
        [
            found["run"].tolist(),
            found["node"].tolist(),
            found["started"].tolist(),
            found["took"].tolist(),
            found["share"].tolist(),
            found["run"].unique().tolist(),
        ],
    )


def _known(store: EventStore, scope: Scope, name: str, by: By) -> None:
    """See that there is something of this name.

    Raises:
        UnknownName: there is not, or no such run or workflow.
    """
    scope.known(store)
    column = "node" if by == "node" else "activity"
    names = store.query(f"select distinct {column} as name from nodes where kind = 'task' order by 1")["name"].tolist()  # noqa: S608 - ours
    if name not in names:
        known = f"known: {listed(names)}.{did_you_mean(name, names)}" if names else "no run has tasks yet"
        raise UnknownName(f"there is no {by} '{name}' in this history\n{known}")
    raise UnknownName(f"no attempt of {by} '{name}' has ended in these runs\nlook at more of them")
