"""Charts of a history, in Altair: drawn by JupyterLab itself, from saved notebooks too."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from wfnb.history.gantt import specification
from wfnb.history.linking import Spec, linked
from wfnb.history.tasktable import TaskRow

if TYPE_CHECKING:
    from pandas import DataFrame

    from wfnb.history.labchart import LabChart


def gantt(
    tasks: DataFrame | Iterable[TaskRow],
    *,
    title: str | None = None,
    compress: bool = True,
    run: str = "",
    workflow: str = "",
    now: int = 0,
) -> LabChart:
    """What a run did over time, one row a visit of a node, in the order in which they started.

    A bar is an attempt of a task, or, lighter, a wait, an approval, a map or a call, coloured and marked by its status;
    a thin line before it is the time it waited, a thicker one behind it the pause before the next attempt.  Where a run
    has more visits than fit, neighbours share a row, and the subtitle says so.

    Args:
        tasks: what `frames.tasks` or `rows.task_rows` gives; with several runs, rows are named after run and task.
        title: above the chart.
        compress: draw long times in which nothing was done shorter than they were, between broken lines.
        run: the one that these are of, which canvases are linked by; several are told apart by their names alone.
        workflow: the name of its workflow.
        now: until when what goes on has been in progress, in microseconds since the epoch; the last event if left out.
    """
    spec = specification(tasks, title or "Tasks over time", compress=compress, now=now)
    return drawn(linked(spec, "task", runs=(run,) if run else (), workflow=workflow))


def drawn(spec: Spec) -> LabChart:
    """A specification as a chart that a notebook draws."""
    from wfnb.history.labchart import LabChart  # noqa: PLC0415 - altair is loaded when a chart is drawn

    data = spec.pop("datasets")
    chart = LabChart.from_dict(spec, validate=False)
    # By name: no limit of rows is lifted for other charts, and Altair does not look at each row.
    chart.datasets = data
    return chart
