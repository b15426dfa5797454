"""The check beside the drawing: never in the way, and never far behind."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from wfnb.author.registry import Registry
from wfnb.machine.check import PROPERTIES, Report
from wfnb.machine.check import check as real
from wfnb.machine.diagnostic import Firing, Property
from wfnb.model.workflow import Edge, End, Start, Task, Workflow
from wfnb.widgets import checks
from wfnb.widgets.messages import Checked

SMALL = Workflow(name="small", nodes=(Start("start"), End("end")), edges=(Edge(source="start", target="end"),))
LARGE = Workflow(name="large", nodes=(Start("start"), *(Task(f"t{n}", activity="a") for n in range(500))))


class Drawing:
    """What is drawn, and what was reported of it."""

    def __init__(self, workflow: Workflow) -> None:
        self.workflow = workflow
        self.revision = 1
        self.reports: list[Checked] = []
        self.told = asyncio.Event()

    def __call__(self) -> tuple[Workflow, Registry, int]:
        return self.workflow, Registry(), self.revision

    def report(self, checked: Checked) -> None:
        self.reports.append(checked)
        self.told.set()


@pytest.fixture(autouse=True)
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "CHECK_AFTER", 0)


async def test_a_burst_of_edits_costs_one_check() -> None:
    drawing = Drawing(SMALL)
    checker = checks.Checks(drawing, drawing.report)
    for _ in range(5):
        drawing.revision += 1
        checker.soon()
    await drawing.told.wait()
    assert [report.revision for report in drawing.reports] == [6]
    assert [p.name for p in drawing.reports[0].properties] == list(PROPERTIES)


class Held:
    """A check that takes as long as the test wants, and notes the threads it runs in."""

    def __init__(self) -> None:
        self.threads: list[int] = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def __call__(self, workflow: Workflow, known: Any, resolve: Any) -> Report:
        self.threads.append(threading.get_ident())
        self.begun.release()
        self.go.acquire(timeout=10)  # a test that failed must not hold the thread for ever
        return real(workflow, known, resolve)


async def edit(drawing: Drawing, checker: checks.Checks, times: int) -> None:
    """Edits after each of which the rest is over, so that a check would begin."""
    for _ in range(times):
        drawing.revision += 1
        checker.soon()
        await asyncio.sleep(0)
        await asyncio.sleep(0)


async def test_who_goes_on_drawing_during_slow_checks_sees_what_each_found(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    monkeypatch.setattr(checks, "check", held)
    drawing = Drawing(LARGE)
    checker = checks.Checks(drawing, drawing.report)
    checker.soon()
    for checked in (1, 4, 7):
        await asyncio.to_thread(held.begun.acquire)  # the loop is free while the check runs
        await edit(drawing, checker, 3)
        assert len(held.threads) == len(drawing.reports) + 1  # one at a time
        drawing.told.clear()
        held.go.release()
        await drawing.told.wait()
        assert drawing.reports[-1].revision == checked
    await asyncio.to_thread(held.begun.acquire)
    drawing.told.clear()
    held.go.release()
    await drawing.told.wait()
    assert [report.revision for report in drawing.reports] == [1, 4, 7, 10]
    assert threading.get_ident() not in held.threads
    assert checker._aside is None


async def test_an_edit_just_before_a_slow_check_is_over_costs_one_more(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    monkeypatch.setattr(checks, "check", held)
    drawing = Drawing(LARGE)
    checker = checks.Checks(drawing, drawing.report)
    checker.soon()
    await asyncio.to_thread(held.begun.acquire)
    await edit(drawing, checker, 1)
    drawing.revision += 1
    checker.soon()  # its rest is not over when the check is
    held.go.release()
    held.go.release()
    while len(drawing.reports) < 2:
        drawing.told.clear()
        await drawing.told.wait()
    assert checker._timer is None
    assert [report.revision for report in drawing.reports] == [1, 3]
    assert len(held.threads) == 2


@pytest.mark.parametrize(("loads", "beside"), [(True, True), (False, False)])
async def test_a_check_that_may_load_the_solver_runs_beside_the_loop(
    monkeypatch: pytest.MonkeyPatch, *, loads: bool, beside: bool
) -> None:
    monkeypatch.setattr(checks, "solver_is_to_load", lambda: loads)
    monkeypatch.setattr(checks, "ASIDE_FROM", 1_000.0)
    guarded = Edge(source="start", target="end", when="input.a > input.b")
    drawing = Drawing(Workflow(name="guarded", nodes=SMALL.nodes, edges=(guarded,)))
    threads: list[int] = []

    def noting(workflow: Workflow, known: Any, resolve: Any) -> Report:
        threads.append(threading.get_ident())
        return real(workflow, known, resolve)

    monkeypatch.setattr(checks, "check", noting)
    checks.Checks(drawing, drawing.report).soon()
    await drawing.told.wait()
    assert (threading.get_ident() not in threads) == beside


async def test_a_check_that_was_slow_moves_aside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "ASIDE_FROM", -1.0)
    drawing = Drawing(SMALL)
    checker = checks.Checks(drawing, drawing.report)
    threads: list[int] = []

    def noted(workflow: Workflow, known: Any, resolve: Any) -> Report:
        threads.append(threading.get_ident())
        return real(workflow, known, resolve)

    monkeypatch.setattr(checks, "check", noted)
    for _ in range(2):
        drawing.told.clear()
        checker.soon()
        await drawing.told.wait()
    assert threading.get_ident() not in threads


async def test_what_is_stopped_reports_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    held = Held()
    monkeypatch.setattr(checks, "check", held)
    drawing = Drawing(LARGE)
    checker = checks.Checks(drawing, drawing.report)
    checker.soon()
    await asyncio.to_thread(held.begun.acquire)
    checker.soon()
    checker.stop()
    held.go.release()
    assert checker._aside is not None
    await checker._aside
    assert drawing.reports == []
    assert len(held.threads) == 1


async def test_a_counterexample_goes_out_as_steps_and_a_long_one_loses_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    steps = tuple(
        Firing(text=f"'{n}' completes", nodes=(str(n),), edges=(n,), marked_edges=(n,), marked_nodes=("end",))
        for n in range(checks.MAX_TRACE + 5)
    )
    found = Report((), {"sound": Property("sound", "refuted", "it gets stuck", steps=steps)})
    monkeypatch.setattr(checks, "check", lambda *_: found)
    drawing = Drawing(SMALL)
    checks.Checks(drawing, drawing.report).soon()
    await drawing.told.wait()
    (told,) = drawing.reports[0].properties
    assert (told.verdict, told.why, len(told.trace)) == ("refuted", "it gets stuck", checks.MAX_TRACE)
    assert told.trace[-1].marked_edges == (checks.MAX_TRACE + 4,)
    assert told.trace[0].text == "'5' completes"
