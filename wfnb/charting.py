"""The verbs of a notebook that draw what happened; each gives a chart, whose `.frame()` has its numbers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wfnb.analysis import store_of
from wfnb.author.flow import Flow
from wfnb.engine.flows import as_workflow
from wfnb.engine.run import Run
from wfnb.formats.heatmap import HeatMap
from wfnb.formats.report import Report, report_of
from wfnb.history.critical import path_of_run
from wfnb.history.linking import Spec
from wfnb.history.measures import counted, heat, levels
from wfnb.history.measures import predicted as predictions
from wfnb.history.measures.counted import By, Part
from wfnb.history.measures.scope import Scope
from wfnb.history.plots import levels as plotted
from wfnb.history.plots import overtime, path, rows
from wfnb.history.plots.overtime import Of
from wfnb.history.rows import task_rows
from wfnb.model.codec import definition_hash
from wfnb.model.workflow import Workflow
from wfnb.scoped import Runs, drawn, of_runs, scope_of
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from wfnb.history.labchart import LabChart


def latency(
    runs: Runs = None,
    *,
    workflow: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    part: Part = "service",
    by: By = "node",
    title: str | None = None,
) -> LabChart:
    """How long attempts of tasks took: their distribution and p50, p90, p95 and p99, a row a node.

    Attempts whose activity did not run (pinned, cached) are left out.

    Args:
        runs: a run, its id, or several, each with its children; all runs if left out.
        workflow: only runs of workflows of this name.
        since: only what started from this time on; without a zone it is UTC.
        until: only what started before this time.
        part: `service`: from start to end; `wait`: from when it could have started to when it did.
        by: a row a `node`, or a row an `activity`.
        title: above the chart.

    Raises:
        UnknownName: there is no such run or workflow.
    """
    store, scope = scope_of(runs, workflow, since, until)
    summary, spread = counted.latency(store, scope, part, by)
    said = "How long attempts take" if part == "service" else "How long attempts wait"
    return drawn(rows.latency(summary, spread, scope, title or said, part=part, by=by))


def throughput(
    runs: Runs = None,
    *,
    workflow: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    of: Of = "runs",
    title: str | None = None,
) -> LabChart:
    """How many runs, or attempts of tasks, ended in each interval, and how.

    Args:
        runs: as for `latency`.
        workflow: only runs of workflows of this name.
        since: only what happened from this time on; without a zone it is UTC.
        until: only what happened before this time.
        of: `runs` or `tasks`.
        title: above the chart.

    Raises:
        UnknownName: there is no such run or workflow.
    """
    store, scope = scope_of(runs, workflow, since, until)
    found, width = counted.throughput(store, scope)
    return drawn(overtime.throughput(found, width, scope, of, title or f"Throughput of {of}"))


@of_runs
def concurrency(store: EventStore, scope: Scope, title: str | None) -> Spec:
    """How many attempts of tasks are in progress at a time."""
    found = levels.concurrency(store, scope)
    return plotted.levels(found, scope, "attempts in progress", title or "Tasks in progress", "no task has started yet")


@of_runs
def queue(store: EventStore, scope: Scope, title: str | None) -> Spec:
    """How many attempts of tasks could run but wait: for a worker, a resource, or whatever else holds them."""
    found = levels.queue(store, scope)
    return plotted.levels(found, scope, "attempts that wait", title or "Queue length", "no task has waited")


@of_runs
def resource_use(store: EventStore, scope: Scope, title: str | None) -> Spec:
    """How much of each resource that tasks ask for is in use at a time."""
    found = levels.resource_use(store, scope)
    none = "no task that has started asks for a resource"
    return plotted.levels(found, scope, "amount in use", title or "Resources in use", none)


@of_runs
def failures(store: EventStore, scope: Scope, title: str | None) -> Spec:
    """How many attempts of tasks failed, a row a node: for good, or to be tried again."""
    return rows.failures(counted.failures(store, scope), scope, title or "Failures and retries")


@of_runs
def trend(store: EventStore, scope: Scope, title: str | None) -> Spec:
    """How long runs took, from one to the next; children of other runs are left out."""
    found, width = counted.trend(store, scope)
    return overtime.trend(found, width, scope, title or "How long runs take")


def critical_chart(run: Run | str, *, title: str | None = None, compress: bool = True) -> LabChart:
    """The critical path of a run over its Gantt chart; `wf.critical_path` has the numbers.

    Args:
        run: the run, or its id.
        title: above the chart.
        compress: draw long times in which nothing was done shorter than they were, between broken lines.

    Raises:
        UnknownName: there is no such run.
    """
    store, (id,) = store_of([run])
    title = title or f"Critical path · {id}"
    return drawn(path.critical(task_rows(store, id), path_of_run(store, id), title, compress=compress))


def predicted(run: Run | str, *, title: str | None = None) -> LabChart:
    """What the tasks of a run took beside what the runs of its workflow before it let expect.

    Args:
        run: the run, or its id.
        title: above the chart.

    Raises:
        UnknownName: there is no such run.
    """
    store, (id,) = store_of([run])
    return drawn(rows.predicted(predictions.predicted(store, id), title or "Predicted and measured"))


def heatmap(
    source: Run | Flow | Workflow | str | Path | Iterable[Run | str] | None = None,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
) -> HeatMap:
    """The drawing of a workflow with what happened on it: how often each edge was taken, where the time went.

    `.nodes` and `.edges` have the numbers.

    Args:
        source: a run or several (drawn on the definition of the latest of them); a workflow, or the path of its file:
            the runs of this very definition; None: the runs of the definition that was run last.
        since: only what happened from this time on; without a zone it is UTC.
        until: only what happened before this time.

    Raises:
        UnknownName: there is no such run, or no run of the workflow.
    """
    if isinstance(source, Flow | Workflow | Path) or (isinstance(source, str) and Path(source).suffix):
        store, _ = store_of(None)
        return HeatMap(heat.heat(store, Scope((), None, since, until), definition_hash(as_workflow(source))))
    store, scope = scope_of(source, None, since, until)
    return HeatMap(heat.heat(store, scope))


def report(run: Run | str, *, title: str | None = None) -> Report:
    """One page on what happened in a run: outcome, Gantt chart, critical path, latency, failures, values, the drawing.

    A notebook shows it; `.save("run.html")` writes it as a file that needs nothing else.

    Args:
        run: the run, or its id.
        title: of the page.

    Raises:
        UnknownName: there is no such run.
    """
    store, (id,) = store_of([run])
    return report_of(store, id, title)
