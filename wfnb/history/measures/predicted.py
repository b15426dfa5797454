"""What a run was expected to take, from the runs before it, beside what it took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wfnb.history.critical import path_of_run
from wfnb.history.measures.cells import each, known
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame

EARLIER = 200
"""Runs that a prediction looks back at, at most."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a run took, and what was expected.

    Attributes:
        run: the run.
        nodes: a row a node, in the order of starts: `node`, `predicted`, `measured` (seconds of an attempt: the median
            of earlier runs, the mean of this one; what is not known is missing), `earlier` (attempts of earlier runs).
        seconds: what the run took, in seconds.
        predicted: what it would have taken if every node had taken what was predicted; its waits stay as they were.
        runs: how many earlier runs of the same workflow were looked at.
    """

    run: str
    nodes: DataFrame
    seconds: float
    predicted: float
    runs: int


def predicted(store: EventStore, run: str) -> Prediction:
    """What a run took beside what the completed runs of its workflow before it let expect.

    Raises:
        UnknownName: there is no such run.
        StoreCorrupt: its events can not be read.
    """
    path = path_of_run(store, run)
    before = store.query(
        """select run from runs where workflow = (select workflow from runs where run = ?) and status = 'completed'
        and pos < (select pos from runs where run = ?) and parent = '' order by pos desc limit ?""",
        (run, run, EARLIER),
    )["run"]
    measured = store.query(
        """select node, avg(seconds) as measured, min(pos) as pos from tasks
        where run = ? and kind = 'task' and status = 'completed' group by node""",
        (run,),
    )
    earlier = store.query(
        """select node, median(seconds) as predicted, count(*) as earlier from tasks
        where run in (select unnest(?::varchar[])) and kind = 'task' and status = 'completed' and note is null
        group by node""",
        (list(before),),
    )
    nodes = measured.merge(earlier, on="node", how="left").sort_values("pos", ignore_index=True)
    nodes["earlier"] = nodes["earlier"].fillna(0).astype(int)
    factors = {row.node: row.predicted / row.measured for row in each(nodes) if row.measured and known(row.predicted)}
    columns = ["node", "predicted", "measured", "earlier"]
    return Prediction(run, nodes[columns], path.seconds, path.what_if(factors), len(before))
