"""The verbs of a notebook for what happened in many runs: tables, logs, discovery, conformance, critical paths."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from wfnb.author.flow import Flow
from wfnb.author.resolve import resolver
from wfnb.engine.flows import as_workflow
from wfnb.engine.run import Run
from wfnb.formats.logs import log_from_frame, read_log, write_log
from wfnb.formats.mined import DrawnConformance, DrawnDiscovery, drawn
from wfnb.history.compare import Comparison
from wfnb.history.compare import compare as compare_in
from wfnb.history.critical import CriticalPath, path_of_run
from wfnb.history.log import EventLog
from wfnb.history.mining.discovery import discover as discover_in
from wfnb.history.recorded import log_of_history
from wfnb.model.workflow import Workflow
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame

    LogLike: TypeAlias = EventLog | DataFrame | str | Path | None
HISTORY_SUFFIXES = (".duckdb", ".db")


def event_log(
    source: LogLike = None,
    *,
    workflow: str | None = None,
    case: str | None = None,
    activity: str | None = None,
    time: str | None = None,
    object_type: str | None = None,
) -> EventLog:
    """An event log: of a file, a table, or a history's runs.

    Args:
        source: a XES, OCEL 2.0, CSV or Parquet file; a DataFrame; a history's file; None: the history that is open.
        workflow: of a history: only runs of workflows of this name.
        case: of a table: the column that names the cases; found by its usual names if left out.
        activity: the same for the activities.
        time: the same for the times.
        object_type: of an OCEL log: which objects are the cases.

    Raises:
        FormatError: it can not be read; says where.
        StoreLocked: another process has the history.
        UnknownName: no run is of such a workflow.
    """
    if isinstance(source, EventLog):
        return source
    if source is None:
        from wfnb.api import session  # noqa: PLC0415 - the session is needed for it alone

        return log_of_history(session().store, workflow)
    if not isinstance(source, str | Path):
        return log_from_frame(source, case=case, activity=activity, time=time)
    if Path(source).suffix in HISTORY_SUFFIXES or Path(source).is_dir():
        from wfnb.engine.engine import Engine  # noqa: PLC0415 - as above

        if not Path(source).exists():
            raise FileNotFoundError(2, "No such file or directory", str(source))
        engine = Engine(source)
        try:
            return log_of_history(engine.store, workflow)
        finally:
            engine.close()
    return read_log(source, case=case, activity=activity, time=time, object_type=object_type)


def discover(
    source: LogLike = None, *, noise: float = 0.0, name: str | None = None, workflow: str | None = None
) -> DrawnDiscovery:
    """Discover the workflow behind a log; `wf.design(found.workflow)` opens it.

    Without noise every case fits it.  It is always sound.  A notebook shows its drawing, with how often each edge was
    taken and each node completed.

    Args:
        source: as for `event_log`.
        noise: from 0 to 1: what is rarer than this part of the most frequent alternative may be left out.
        name: what to call the workflow; after the file if left out.
        workflow: of a history: only runs of workflows of this name.

    Raises:
        FormatError, StoreLocked, UnknownName: as `event_log`.
        ValueError: the log has no events, or noise is out of its bounds.
    """
    if name is None:
        named = Path(source).name.partition(".")[0] if isinstance(source, str | Path) else ""
        name = workflow or named or "discovered"
    return drawn(discover_in(event_log(source, workflow=workflow), noise=noise, name=name))


def conform(source: LogLike, flow: Flow | Workflow | str | Path) -> DrawnConformance:
    """Compare the cases of a log with a workflow: which fit, and what the others did otherwise.

    A notebook shows it on the drawing of the workflow; `.deviations()`, `.cases()` and `.nodes()` are its tables.

    Args:
        source: as for `event_log`.
        flow: the workflow; a path is loaded.

    Raises:
        FormatError, StoreLocked: as `event_log`.
        CompileError: the workflow has errors.
    """
    from wfnb.api import known_activities  # noqa: PLC0415 - the session is needed for it alone

    folder = Path(flow).parent if isinstance(flow, str | Path) else None
    return DrawnConformance(event_log(source), as_workflow(flow), resolver(known_activities(), folder))


def critical_path(run: Run | str) -> CriticalPath:
    """The critical path of a run: the chain of tasks and waits that made it as long as it was.

    `.frame()` is the chain, `.gains()` says what to speed up first and by how much the run would shorten, and
    `.what_if({"fetch": 0.5})` how long it would have taken with a task that is twice as fast.

    Args:
        run: the run, or its id.

    Raises:
        UnknownName: there is no such run.
    """
    store, (id,) = store_of(run)
    return path_of_run(store, id)


def compare(a: Run | str | Iterable[Run | str], b: Run | str | Iterable[Run | str]) -> Comparison:
    """Compare two runs, or two sets of runs, aligned by node and visit.

    `.differences()` says where path, status or value differ; `.activities` how durations do, with a note on whether
    chance explains it; `.visits` is everything.  See `wfnb.history.compare.compare`.

    Args:
        a: a run or its id, or several: the runs of one version, say.
        b: the other side.

    Raises:
        UnknownName: there is no such run.
        ValueError: a side is empty.
    """
    sides = [[side] if isinstance(side, Run | str) else list(side) for side in (a, b)]
    store, _ = store_of([*sides[0], *sides[1]])
    return compare_in(store, *(store_of(side)[1] for side in sides))


def table(
    name: str,
    *,
    run: Run | str | None = None,
    workflow: str | None = None,
    node: str | None = None,
    status: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int | None = None,
    at: int | None = None,
) -> DataFrame:
    """A table of the history as a DataFrame; the filters run in the database, so the history may be large.

    Args:
        name: events, tasks, runs, transitions, values, variants, resources or state; see `wfnb.history.frames.table`.
        run: only of this run.
        workflow: only of runs of workflows of this name.
        node: only of this node.
        status: only with this status.
        since: only from this time on; without a zone it is UTC.
        until: only before this time.
        limit: at most so many rows.
        at: of the table `state`: after which event of the run; the last if left out.

    Raises:
        UnknownName: there is no such table, run or workflow.
        ValueError: it has no column for a filter that is given; or the run has no event `at`.
    """
    from wfnb.history import frames  # noqa: PLC0415 - pandas is loaded when a table is asked for

    store, ids = store_of(run)
    return frames.table(
        store,
        name,
        run=next(iter(ids), None),
        workflow=workflow,
        node=node,
        status=status,
        since=since,
        until=until,
        limit=limit,
        at=at,
    )


def save_log(source: LogLike, path: str | Path) -> Path:
    """Write a log as `.xes`, `.xes.gz`, `.jsonocel` or `.csv`; the history's, where the source is None.

    Raises:
        FormatError: the suffix is none of these, or the log has what the format can not hold.
    """
    return write_log(event_log(source), path)


def store_of(runs: Run | str | Iterable[Run | str] | None) -> tuple[EventStore, tuple[str, ...]]:
    """The history that has these runs, and their ids."""
    given = [runs] if isinstance(runs, Run | str) else [*(runs or ())]
    of_run = next((run.host.store for run in given if isinstance(run, Run)), None)
    ids = tuple(run.id if isinstance(run, Run) else run for run in given)
    if of_run is not None:
        return of_run, ids
    from wfnb.api import session  # noqa: PLC0415 - the session is needed for it alone

    return session().store, ids
