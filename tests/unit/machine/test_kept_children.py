"""Children that could be taken back: who draws a saga is told where it ends."""

from __future__ import annotations

from tests.unit.engine.kit import Activities
from wfnb.author.flow import Flow
from wfnb.author.resolve import resolver
from wfnb.machine.check import check
from wfnb.model.workflow import Workflow


def told(flow: Flow, *known: Workflow) -> list[tuple[str, tuple[str, ...], str]]:
    activities = Activities()
    for name in ("book", "unbook", "boom"):

        async def work() -> None: ...

        activities.define(name=name)(work)
    for workflow in known:
        activities.workflows.add(workflow)
    found = check(flow.workflow, activities, resolver(activities)).diagnostics
    return [(d.code, d.nodes, d.message) for d in found if d.code == "WF405"]


def saga(*, compensated: bool = True) -> Workflow:
    flow = Flow("saga")
    task = flow.task("book", "book")
    if compensated:
        task.options(compensate="unbook")
    flow.start >> task >> flow.end()
    return flow.workflow


def calling(child: str, name: str = "outer") -> Flow:
    flow = Flow(name)
    flow.start >> flow.call("part", child) >> flow.task("boom", "boom") >> flow.end()
    return flow


def test_a_completed_child_is_not_taken_back_and_check_says_so() -> None:
    assert told(calling("saga"), saga()) == [
        ("WF405", ("part",), "'part' runs 'saga', whose tasks are taken back only while it is in progress"),
    ]  # fmt: skip


def test_nor_is_the_child_of_a_child() -> None:
    middle = calling("saga", "middle").workflow
    assert [nodes for _, nodes, _ in told(calling("middle"), saga(), middle)] == [("part",)]


def test_a_child_without_compensation_needs_no_word() -> None:
    assert told(calling("saga"), saga(compensated=False)) == []
