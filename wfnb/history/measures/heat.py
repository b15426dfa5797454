"""How often each edge of a drawing was taken, and what its nodes took."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from wfnb.errors import UnknownName
from wfnb.history.measures.scope import Scope
from wfnb.model.codec import decode
from wfnb.model.workflow import Workflow
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Heat:
    """What happened on a drawing.

    Attributes:
        workflow: the drawing.
        runs: how many runs of it there are in it.
        nodes: a row a node that was visited: `node`, `visits`, `attempts`, `failed` (attempts), `seconds` (of all
            attempts together), `mean` (seconds an attempt), `wait` (seconds of all together), `share` (of the seconds
            of all nodes, from 0 to 1).
        edges: a row an edge: `edge` (its number), `source`, `target`, `count` (how often it was taken).
    """

    workflow: Workflow
    runs: int
    nodes: DataFrame
    edges: DataFrame


def heat(store: EventStore, scope: Scope, definition: str | None = None) -> Heat:
    """What happened on a definition.

    Args:
        store: the history.
        scope: which runs and which time.
        definition: its hash; if left out that of the latest run.

    Raises:
        UnknownName: there is no such run or workflow, or no run of it.
    """
    clause, parameters = scope.of_runs()
    limits, moments = Scope(since=scope.since, until=scope.until).when("epoch_us(started)")
    chosen = f"select run, definition, pos from runs where {clause}"  # noqa: S608 - ours
    if definition is None:
        latest = store.query(f"select max_by(definition, pos) as hash from ({chosen})", parameters)["hash"][0]  # noqa: S608 - ours
        if not isinstance(latest, str):
            scope.known(store)
            raise UnknownName("there is no run in this history yet\nwf.run(flow) makes one")
        definition = latest
    try:
        workflow = decode(store.definition(definition))
    except KeyError:
        raise UnknownName(
            f"no run of the definition {definition[:8]} is in this history\nrun it first, or give runs: wf.heatmap(run)"
        ) from None
    among = f"run in (select run from ({chosen}) where definition = ?)"  # noqa: S608 - ours
    given = [*parameters, definition]
    nodes = store.query(
        f"""select node, count(distinct (run, visit)) as visits, count(*) as attempts,
        count(*) filter (status = 'failed') as failed, coalesce(sum(seconds), 0) as seconds, avg(seconds) as mean,
        coalesce(sum(wait), 0) as wait from tasks where {among} and {limits} group by node
        order by seconds desc, node""",  # noqa: S608 - ours
        [*given, *moments],
    )
    total = nodes["seconds"].sum()
    nodes["share"] = nodes["seconds"] / total if total else 0.0
    between, when = Scope(since=scope.since, until=scope.until).when('epoch_us("time")')
    edges = store.query(
        f"""select e.edge, e.source, e.target, count(t.edge) as count from edges e left join (
            select edge from transitions where not skipped and {among} and {between}
        ) t using (edge) where e.definition = ? group by all order by e.edge""",  # noqa: S608 - ours
        [*given, *when, definition],
    )
    runs = store.query(f"select count(*) as runs from runs where {among}", given)["runs"][0]  # noqa: S608 - ours
    return Heat(workflow, int(runs), nodes, edges)
