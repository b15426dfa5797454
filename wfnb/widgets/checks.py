"""The check beside the drawing: after an edit, never in its way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from typing import TypeAlias

import msgspec

from wfnb.machine.check import check
from wfnb.machine.compiler import Resolve
from wfnb.machine.diagnostic import Diagnostic, Property
from wfnb.machine.guards.decide import solver_is_to_load
from wfnb.machine.report import Report
from wfnb.model.activity import Activity
from wfnb.model.workflow import Workflow
from wfnb.widgets import messages as m
from wfnb.widgets import parts

CHECK_AFTER = 0.03
"""Seconds of rest after an edit before the check runs, so that a burst of edits costs one."""
ASIDE_FROM = 0.02
"""Seconds that a check may take on the loop; where the last one took longer, the next runs in a thread."""
ASIDE_NODES = 100
"""Nodes from which the first check of a drawing runs in a thread too: nobody knows yet how long it takes."""
MAX_TRACE = 200
"""Steps of a counterexample that a page gets; nobody walks through more."""


class Checks:
    """Checks a drawing some time after it changed, and reports what holds of the revision that was checked.

    One check at a time runs beside the loop, to its end: a thread can not be stopped.  What it finds is reported even
    if there are newer edits by then: it is newer than anything told before, and its revision says how old it is.  Were
    it dropped, whoever goes on drawing would never see the result of a slow check.  The newest revision comes next.

    Args:
        drawing: gives what to check: the workflow, the known activities, and its revision.
        report: takes the result.
        resolve: gives the workflows that calls and maps name.
        foreign: gives those of them that do not belong to the document, by name.
    """

    def __init__(
        self,
        drawing: Callable[[], tuple[Workflow, Mapping[str, Activity], int]],
        report: Callable[[m.Checked], None],
        resolve: Resolve | None = None,
        foreign: Callable[[], Mapping[str, parts.Foreign]] = dict,
    ) -> None:
        self._drawing = drawing
        self._report = report
        self._resolve = resolve
        self._foreign = foreign
        self._timer: asyncio.TimerHandle | None = None
        self._aside: asyncio.Task[None] | None = None
        self._stopped = 0  # how often: what was begun before the last time is not reported
        self._again = False  # whether to begin once more when what runs aside is done
        self._last = 0.0

    def soon(self) -> None:
        """Check after a rest."""
        self._rest()
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # built in a script: nothing is shown yet
            return
        self._timer = loop.call_later(CHECK_AFTER, self._begin)

    def stop(self) -> None:
        """Forget what was asked for; what is being checked is not reported any more."""
        self._stopped += 1
        self._rest()

    def _rest(self) -> None:
        self._again = False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _begin(self) -> None:
        self._timer = None
        if self._aside is not None:  # one at a time: two threads would only slow each other down
            self._again = True
            return
        workflow, activities, revision = self._drawing()
        if self._last > ASIDE_FROM or len(workflow.nodes) >= ASIDE_NODES or _may_load(workflow):
            self._aside = asyncio.get_running_loop().create_task(self._check_aside(workflow, activities, revision))
            return
        began = time.perf_counter()
        found = _checked(workflow, activities, self._resolve, self._foreign())
        self._done(found, revision, time.perf_counter() - began)

    async def _check_aside(self, workflow: Workflow, activities: Mapping[str, Activity], revision: int) -> None:
        stopped, began = self._stopped, time.perf_counter()
        known = dict(activities)  # what a cell defines meanwhile belongs to the next check
        try:
            report = await asyncio.to_thread(_checked, workflow, known, self._resolve, self._foreign())
        finally:
            self._aside = None
        if stopped == self._stopped:
            self._done(report, revision, time.perf_counter() - began)
        if self._again:
            self._again = False
            self._begin()

    def _done(self, found: _Found, revision: int, seconds: float) -> None:
        report, inside = found
        self._last = seconds
        self._report(
            m.Checked(
                revision=revision,
                problems=(*map(_problem, report.diagnostics), *inside),
                properties=tuple(map(_property, report.properties.values())),
                ms=round(seconds * 1e3, 2),
            )
        )


_Found: TypeAlias = tuple[Report, list[parts.Problem]]
"""What is said of a document, and the problems of what it calls."""


def _checked(
    workflow: Workflow,
    activities: Mapping[str, Activity],
    resolve: Resolve | None,
    foreign: Mapping[str, parts.Foreign],
) -> _Found:
    inside = [*_inside(workflow, activities, resolve, (), {})]
    for name, found in foreign.items():
        if found.document is not None:
            inside.extend(_abroad(name, found.document, activities, resolve))
    return check(workflow, activities, resolve), inside


def _abroad(
    name: str, workflow: Workflow, activities: Mapping[str, Activity], resolve: Resolve | None
) -> Iterator[parts.Problem]:
    """The problems of a workflow that does not belong to the document; advice is for who draws it."""
    own = map(_problem, check(workflow, activities, resolve).diagnostics)
    for found in (*own, *_inside(workflow, activities, resolve, (), {})):
        if found.severity != "advice":
            yield msgspec.structs.replace(found, foreign=name)


def _inside(
    workflow: Workflow,
    activities: Mapping[str, Activity],
    resolve: Resolve | None,
    path: tuple[str, ...],
    around: Mapping[str, Workflow],
) -> Iterator[parts.Problem]:
    """The problems of a document's own workflows, with the path to each; what is known around them is known in them."""
    known = {**around, **workflow.workflows}
    for name, own in workflow.workflows.items():
        whole = msgspec.structs.replace(own, workflows={**known, **own.workflows})
        for found in check(whole, activities, resolve).diagnostics:
            yield _problem(found, (*path, name))
        yield from _inside(own, activities, resolve, (*path, name), known)


def _may_load(workflow: Workflow) -> bool:
    """Whether a check may import the solver, for guards that compare what is not known with each other."""
    return any(edge.when is not None for edge in workflow.edges) and solver_is_to_load()


def _problem(found: Diagnostic, path: tuple[str, ...] = ()) -> parts.Problem:
    return parts.Problem(
        code=found.code,
        severity=found.severity,
        message=found.message,
        help=found.help,
        nodes=found.nodes,
        edges=found.edges,
        field=found.field,
        path=path,
    )


def _property(found: Property) -> parts.Property:
    steps = found.steps
    if len(steps) > MAX_TRACE:  # the end is what shows the fault
        steps = steps[-MAX_TRACE:]
    return parts.Property(
        name=found.name,
        verdict=found.verdict,
        why=found.why,
        trace=tuple(
            parts.TraceStep(
                text=step.text,
                nodes=step.nodes,
                edges=step.edges,
                marked_edges=step.marked_edges,
                marked_nodes=step.marked_nodes,
            )
            for step in steps
        ),
    )
