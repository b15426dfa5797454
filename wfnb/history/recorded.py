"""A history as an event log: its runs are the cases, what was completed in them are the events."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from wfnb.errors import FormatError, UnknownName, did_you_mean, listed
from wfnb.history.log import EventLog, log_of
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame

_DONE = """
with cases as (
    select run, min(pos) as first from all_events
    where type = 'RunStarted' and coalesce(payload ->> 'parent', '') = ''
        and (? is null or (payload ->> 'workflow') = ?)
    group by run
), numbered as (
    select run, row_number() over (order by first) - 1 as number from cases
), done as (
    select numbered.number, node, ts, seq, pos from all_events join numbered using (run)
    where node is not null and (
        type in ('ApprovalGiven', 'MapCompleted')
        or (type = 'TaskCompleted' and (payload ->> 'rerun') is null)
        -- A call goes on when its child is over; items of maps and spawned children move nothing.
        or (type = 'ChildCompleted' and (payload ->> 'index') is null and (payload -> 'moves') is not null)
    )
)
"""


def log_of_history(store: EventStore, workflow: str | None = None) -> EventLog:
    """The log of the runs that people started: each completed task, approval, map and call is an event of its node.

    Events of a case are in the order in which they were recorded.  What was made again only because a live value had
    been lost is not counted.  Child runs are logs of their own workflows, and not in this one.

    Args:
        store: the history.
        workflow: only runs of workflows of this name.

    Raises:
        UnknownName: no run is of such a workflow.
        StoreError: the store is closed, or its file is damaged.
    """
    both = (workflow, workflow)
    runs = store.query(f"{_DONE} select run from numbered order by number", both)["run"]  # noqa: S608 - ours
    if workflow is not None and not len(runs):
        known = sorted(store.query("select distinct workflow from runs where parent = ''")["workflow"])
        cure = f"known: {listed(known)}.{did_you_mean(workflow, known)}" if known else "there is no run yet"
        raise UnknownName(f"no run is of a workflow '{workflow}'\n{cure}")
    names = store.query(f"{_DONE} select node from done group by node order by min(pos)", both)["node"]  # noqa: S608
    # Numbers only: ten million names would not fit into memory.
    codes = "select node, row_number() over (order by min(pos)) - 1 as code from done group by node"
    rows = store.query(
        f"{_DONE}, codes as ({codes}) "  # noqa: S608 - ours
        "select number, code, ts from done join codes using (node) order by number, seq",
        both,
    )
    return log_of(
        tuple(map(str, runs)),
        tuple(map(str, names)),
        rows["number"].to_numpy(dtype=np.int64),
        rows["code"].to_numpy(dtype=np.int32),
        rows["ts"].to_numpy(dtype=np.int64),
        about={} if workflow is None else {"workflow": workflow},
    )


def parquet_frame(path: Path) -> DataFrame:
    """The table in a Parquet file.

    Raises:
        FormatError: it is none, or broken.
    """
    import duckdb  # noqa: PLC0415 - loaded where such a file is read
    from pandas import DataFrame

    try:
        with duckdb.connect() as connection:
            return DataFrame(connection.execute("from read_parquet(?)", [str(path)]).fetchnumpy())
    except duckdb.Error as error:
        raise FormatError(f"'{path.name}' can not be read as Parquet: {error}\nexport it once more") from error
