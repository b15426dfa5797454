"""A workflow of every kind, and short ways to say what happens in it."""

from __future__ import annotations

from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.model.event import Event, Problem, Record, RunStarted
from wfnb.model.workflow import (
    Approval,
    Call,
    Edge,
    End,
    Fork,
    Group,
    Join,
    Map,
    Signal,
    Start,
    Task,
    Wait,
    Workflow,
)
from wfnb.testing import START

EVERYTHING = Workflow(
    name="everything",
    signals={"ping": Signal(transient=True)},
    nodes=(
        Start("start"),
        Fork("split"),
        Wait("paid"),
        Approval("ask"),
        Map("each", items="=input.items", activity="fetch"),
        Call("sub", workflow="other"),
        Task("work", activity="score"),
        Join("two", need=2),
        Group("inner", members=("work", "paid")),
        End("end"),
        Task("child", activity="score"),
        End("over"),
    ),
    edges=(
        Edge(source="start", target="split"),
        Edge(source="split", target="paid"),
        Edge(source="split", target="ask"),
        Edge(source="split", target="each"),
        Edge(source="split", target="sub"),
        Edge(source="split", target="work"),  # 5
        Edge(source="paid", target="two", on="money"),
        Edge(source="paid", target="two", after=5),
        Edge(source="ask", target="two"),
        Edge(source="each", target="two"),
        Edge(source="sub", target="two"),  # 10
        Edge(source="work", target="two"),
        Edge(source="two", target="end"),
        Edge(source="inner", target="end", after=9),
        Edge(source="split", target="child", spawn=True),
        Edge(source="child", target="over"),  # 15
    ),
)
OPENING = RunStarted(workflow="everything", definition="h", moves=(0, 1, 2, 3, 4, 5))
BROKEN = Problem(type="ValueError", message="no")


OTHER = Workflow(
    name="other", nodes=(Start("start"), End("end")), edges=(Edge(source="start", target="end"),)
)  # what 'sub' calls


def compiled(workflow: Workflow) -> Machine:
    """The machine of a workflow that calls no other than that."""
    return compile_workflow(workflow, None, lambda *_: OTHER)


def records(*events: Event) -> list[Record]:
    """A run 'r' with one event a millisecond."""
    return [Record("r", 0, seq, START + 1000 * (seq - 1), event) for seq, event in enumerate(events, 1)]
