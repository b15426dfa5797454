"""When what a run gives depends on who is faster."""

from __future__ import annotations

import pytest

from tests.unit.machine.sketch import sketch, task
from wfnb.machine.dataflow.analysis import data_flow
from wfnb.machine.dataflow.determinism import determinism
from wfnb.machine.diagnostic import Property
from wfnb.machine.graph import graph
from wfnb.machine.sites import sites
from wfnb.model.activity import describe
from wfnb.model.workflow import Approval, Call, End, Group, Join, Map, Task, Wait, Workflow

SOUND = Property("sound", "proved")


def work(x: int = 0) -> int:
    return x


ACTIVITIES = {"work": describe(work), "slow": describe(work, name="slow", timeout=3.0)}
BRANCHES = """start > fork > a > join > end
    fork > b > join"""


def verdict(
    workflow: Workflow, sound: Property = SOUND, children: dict[str, Property] | None = None
) -> tuple[str, str]:
    drawn = graph(workflow)
    found = sites(drawn)
    told = determinism(data_flow(workflow, drawn=drawn, found=found), found, sound, ACTIVITIES, (children or {}).get)
    return told.verdict, told.why


@pytest.mark.parametrize(
    "workflow",
    [
        sketch("start > a > end"),
        sketch(BRANCHES),
        sketch(
            """start > a > choice
            choice > a: a > 3
            choice > end: else"""
        ),
        sketch(
            """start > a > end
            a > b [error='ValueError']
            b > end_b"""
        ),
        sketch("start > w\nw > end [after=3.0]", Wait("w")),
        sketch("start > ask > end", Approval("ask")),
        sketch(
            """start > fork > a > join > end
            fork > w
            w > b: reached('a')
            b > join""",
            Wait("w"),
        ),
        sketch("start > m > end", Map("m", items=[1], activity="work", arguments={"x": "=item"})),
        sketch("start > fork > a > end_a\nfork > b > end_b"),
        sketch("start > a > end", End("end", terminate=True)),
        sketch(BRANCHES, Join("join", need=2)),
        sketch(BRANCHES, Group("g", members=("a", "b"), lock="one")),
    ],
)
def test_certain(workflow: Workflow) -> None:
    assert verdict(workflow) == (
        "proved",
        "no value depends on who is faster, if activities depend on their arguments alone",
    )


@pytest.mark.parametrize(
    ("workflow", "known", "why"),
    [
        (
            sketch(BRANCHES, task("b", x="=a")),
            "refuted",
            "task 'b' reads 'a', which may be written at the same time",
        ),
        (
            sketch("start > b > a > end", task("b", x="=a")),
            "unknown",
            "task 'b' reads 'a', which has no value yet on the path start -> b",
        ),
        (
            sketch(BRANCHES, task("b", x="=a if reached('a') else 0")),
            "unknown",
            "task 'b' reads 'a', which may be written at the same time",
        ),
        (
            sketch(BRANCHES, task("b", x="=reached('a')")),
            "unknown",
            "task 'b' asks for reached('a'), which may be about to change",
        ),
        (
            sketch(BRANCHES, Join("join", need="any", rest="cancel")),
            "refuted",
            "join 'join' goes on with whichever branch comes first",
        ),
        (
            sketch(BRANCHES, Join("join", need="any", rest="cancel"), End("end", output="done")),
            "unknown",
            "join 'join' goes on with whichever branch comes first",
        ),
        (sketch(BRANCHES, Join("join", need=1)), "unknown", "join 'join' goes on with whichever branch comes first"),
        (
            sketch("start > w\nw > end [after=3.0]\nw > end_b [until='2030-01-01']", Wait("w")),
            "unknown",
            "wait 'w' goes on with whichever of its edges comes first",
        ),
        (
            sketch("start > w\nw > end [on='go']", Wait("w")),
            "unknown",
            "wait 'w' depends on when signal 'go' comes",
        ),
        (
            sketch("start > a > end\na > end_b [after=3.0]"),
            "unknown",
            "task 'a' is interrupted if it takes too long",
        ),
        (
            sketch("start > a > end\na > end_b [error='*']", Task("a", activity="work", timeout=3.0)),
            "unknown",
            "task 'a' may take too long, and an edge catches that",
        ),
        (
            sketch("start > a > end\na > end_b [error='ActivityTimeout']", task("a", "slow")),
            "unknown",
            "task 'a' may take too long, and an edge catches that",
        ),
        (
            sketch("start > m > end\nm > end_b [error='*']", Map("m", items=[1], activity="work")),
            "unknown",
            "map 'm' fails with whichever child fails first",
        ),
        (
            sketch("start > fork > a > end\nfork > b > end_b", End("end", terminate=True)),
            "unknown",
            "end 'end' ends the run, whatever else is in progress",
        ),
        (
            sketch("start > fork > a > end\nfork > b > end", Group("g", members=("a", "b"), cancel=True)),
            "unknown",
            "group 'g' is left by whatever in it comes first",
        ),
        (
            sketch(f"{BRANCHES}\ng > end_b [error='*']", Group("g", members=("a", "b"))),
            "unknown",
            "group 'g' is left by whatever in it comes first",
        ),
        (
            sketch("start > c > d > end", Call("c", workflow="other"), Call("d", workflow="other")),
            "unknown",
            "call 'c' runs 'other', whose result is not certain, and 1 more",
        ),
    ],
)
def test_uncertain(workflow: Workflow, known: str, why: str) -> None:
    assert verdict(workflow) == (known, why)


def test_what_a_workflow_calls_has_to_be_certain_too() -> None:
    drawing = sketch("start > c > end", Call("c", workflow="other"))
    assert verdict(drawing, children={"c": Property("deterministic result", "proved")})[0] == "proved"
    maybe = Property("deterministic result", "unknown", "wait 'w' depends on when signal 'go' comes")
    assert verdict(drawing, children={"c": maybe}) == (
        "unknown",
        "call 'c' runs 'other', whose result is not certain: wait 'w' depends on when signal 'go' comes",
    )


def test_only_what_is_sound_is_certain() -> None:
    drawing = sketch("start > a > end")
    assert verdict(drawing, Property("sound", "refuted")) == ("unknown", "the workflow is not sound")
    assert verdict(drawing, Property("sound", "unknown")) == ("unknown", "it is not known whether it is sound")
