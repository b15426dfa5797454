"""The verbs of a notebook that say where the time of many runs goes, and which runs are behind a number."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from wfnb.errors import UnknownName
from wfnb.history.measures import behind, paths
from wfnb.history.measures import bottlenecks as losses
from wfnb.history.measures.counted import By, Part
from wfnb.history.measures.paths import CriticalPaths
from wfnb.scoped import Runs, scope_of

if TYPE_CHECKING:
    from pandas import DataFrame


def runs_behind(
    name: str,
    percentile: float | tuple[float, float] = 0.95,
    *,
    runs: Runs = None,
    workflow: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    part: Part = "service",
    by: By = "node",
    limit: int = 100,
) -> DataFrame:
    """Drill from a percentile of `wf.latency` to what is behind it: the attempts, and the runs that they are of.

    `wf.runs_behind("fetch", 0.99)` has the slowest hundredth, `wf.runs_behind("fetch", (0.45, 0.55))` what is usual.

    Args:
        name: the node, or with `by="activity"` the activity.
        percentile: from 0 to 1: attempts that took as long or longer; or between which two.
        runs: a run, its id, or several, each with its children; all runs if left out.
        workflow: only runs of workflows of this name.
        since: only what started from this time on; without a zone it is UTC.
        until: only what started before this time.
        part: `service`: from start to end; `wait`: from when it could have started to when it did.
        by: what `name` names: a `node` or an `activity`.
        limit: at most so many attempts.

    Returns:
        A row an attempt, the longest first: `run`, `workflow`, `node`, `visit`, `attempt`, `activity`, `status`,
        `started`, `ended` (UTC), `wait`, `seconds`, and `share`: the part of all attempts that took no longer.

    Raises:
        UnknownName: there is no such run, workflow or name, or no attempt of it has ended.
        ValueError: a percentile is not from 0 to 1.
    """
    between = percentile if isinstance(percentile, tuple) else (percentile, 1.0)
    if not 0 <= between[0] <= between[1] <= 1:
        raise ValueError(f"percentile is {percentile!r}\ngive a number from 0 to 1, or two of them, the smaller first")
    store, scope = scope_of(runs, workflow, since, until)
    return behind.attempts_behind(store, scope, name, between, part, by, limit)


def critical_paths(
    runs: Runs = None,
    *,
    workflow: str | None = None,
    version: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = paths.LIMIT,
) -> CriticalPaths:
    """The critical paths of many runs together: what to speed up first, and by how much runs would shorten.

    `.gains()` says it node by node, `.what_if({"fetch": 0.5})` how long a run would have taken on average with a task
    that is twice as fast, `.frame()` has the path of each run.  Of very many runs some are looked at, evenly spread
    over them: `.of` says how many there are.

    Args:
        runs: a run, its id, or several; all that people have started and that are over if left out.
        workflow: only runs of workflows of this name.
        version: only runs of this version of it: its definition's hash, or the beginning of that (see `wf.runs()`).
        since: only runs that started from this time on; without a zone it is UTC.
        until: only runs that started before this time.
        limit: how many runs to look at.

    Raises:
        UnknownName: there is no such run, workflow or version, or none of them is over.
    """
    store, scope = scope_of(runs, workflow, since, until)
    return paths.critical_paths(store, scope, version, limit)


def bottlenecks(
    runs: Runs = None,
    *,
    workflow: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = paths.LIMIT,
) -> DataFrame:
    """Where runs lose their time, a row a task: what it waits and works, what of the runs' time was spent on it.

    Args:
        runs: a run, its id, or several, each with its children; all runs if left out.
        workflow: only runs of workflows of this name.
        since: only what started from this time on; without a zone it is UTC.
        until: only what started before this time.
        limit: how many runs' critical paths to look at; of more, some that are evenly spread over them.

    Returns:
        What the runs waited for most first: `node`, `activity`, `attempts`, `waiting` and `service` (seconds, of all
        its attempts), `wait` and `seconds` (means of an attempt), `share` (of the runs' critical paths, from 0 to 1;
        missing where no run is over), `queue` (how many of its attempts waited at a time, on average), `longest_queue`.

    Raises:
        UnknownName: there is no such run or workflow.
    """
    store, scope = scope_of(runs, workflow, since, until)
    try:
        found = paths.critical_paths(store, scope, limit=limit)
    except UnknownName:
        scope.known(store)
        found = None
    return losses.bottlenecks(store, scope, found)
