"""What is read before it is written, or while it is written, by its exact text (`tests/golden/dataflow.txt`)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.unit.machine.sketch import sketch, task, told
from wfnb.machine.dataflow import analysis
from wfnb.machine.dataflow.analysis import data_flow
from wfnb.model.activity import describe
from wfnb.model.workflow import (
    Approval,
    Call,
    Compensation,
    End,
    Fork,
    Group,
    Join,
    Map,
    Task,
    Wait,
    Workflow,
)

GOLDEN = Path(__file__).parents[3] / "golden" / "dataflow.txt"


def pay(x: int = 0) -> int:
    return x


def ship(x: int = 0) -> int:
    return x


ACTIVITIES = {"pay": describe(pay), "ship": describe(ship, prerequisites=["pay"]), "work": describe(pay, name="work")}
READS_A = task("b", x="=a")

GOOD: dict[str, Workflow] = {
    "one after the other": sketch("start > a > b > end", READS_A),
    "on both branches": sketch(
        """start > gate
        gate > a: input.x
        gate > c: else
        c > a > b > end""",
        READS_A,
        task("gate"),
    ),
    "all branches of a fork": sketch(
        """start > fork > a > join > b > end
        fork > c > join""",
        task("b", x="=a + c"),
    ),
    "in a loop, after its first round": sketch(
        """start > a > b > choice
        choice > a: b > 3
        choice > end: else""",
        READS_A,
    ),
    "around a fork, in a loop": sketch(
        """start > a > fork > b > join > choice
        fork > c > join
        choice > a: b > 3
        choice > end: else""",
        READS_A,
        task("c", x="=a"),
    ),
    "behind reached": sketch(
        """start > choice
        choice > a: input.x
        choice > b: else
        a > b > end""",
        task("b", x="=a if reached('a') else 0"),
        End("end", output="=reached('a') and a"),
    ),
    "where a guard says that it was reached": sketch(
        """start > choice
        choice > a: input.x
        choice > choice_2: else
        a > choice_2
        choice_2 > b: reached('a') and a > 3
        choice_2 > end: else
        b > end""",
        READS_A,
    ),
    "the branches of an inclusive fork that are always taken": sketch(
        """start > fork > a > join > b > end
        fork > c: input.x
        c > join""",
        READS_A,
        Fork("fork", join="join"),
    ),
    "what all branches of an inclusive fork give": sketch(
        """start > a > fork
        fork > c: input.x
        fork > d: else
        c > join
        d > join > b > end""",
        READS_A,
        Fork("fork", join="join"),
    ),
    "two of three": sketch(
        """start > a > fork > c > join > b > end
        fork > d > join
        fork > e > join""",
        READS_A,
        Join("join", need=2),
    ),
    "what a wait brings": sketch(
        """start > w
        w > b [on='go']
        w > b [after=3.0]
        b > end""",
        Wait("w"),
        task("b", x="=w"),
    ),
    "an answer, a list, and a child": sketch(
        "start > ask > all > child > b > end",
        Approval("ask"),
        Map("all", items="=ask", activity="work", arguments={"x": "=item + index"}),
        Call("child", workflow="other", arguments={"x": "=all"}),
        task("b", x="=child"),
    ),
    "a part that is spawned sees what its parent had": sketch(
        """start > a > fork > c > end
        fork > b [spawn=True]
        b > end_b""",
        READS_A,
    ),
    "what takes a task back reads its result": sketch(
        "start > a > end", Task("a", activity="work", compensate=Compensation(activity="pay", arguments={"x": "=a"}))
    ),
    "a postcondition reads its result": sketch("start > a > end", Task("a", activity="work", ensures="a > 3")),
    "the edge that interrupts reads what was before": sketch(
        """start > a > b > end
        b > c: a > 3 [on='stop']
        c > end""",
    ),
    "prerequisites": sketch("start > a > b > end", task("a", "pay"), task("b", "ship")),
    "prerequisites on both branches of a fork": sketch(
        """start > fork > a > join > b > end
        fork > c > join""",
        task("a", "pay"),
        Task("b", activity="ship", prerequisites=("work",)),
    ),
}
BAD: dict[str, Workflow] = {
    "too early": sketch("start > b > a > end", READS_A),
    "on one branch": sketch(
        """start > choice
        choice > a: input.x
        choice > b: else
        a > b > end""",
        READS_A,
    ),
    "in a guard": sketch(
        """start > choice
        choice > a: a > 3
        choice > end: else
        a > end""",
    ),
    "in its own argument": sketch("start > a > end", task("a", x="=a")),
    "in its precondition": sketch("start > a > end", Task("a", activity="work", requires="a > 3")),
    "at the end": sketch(
        """start > choice
        choice > a: input.x
        choice > end: else
        a > end""",
        End("end", output="=values['a']"),
    ),
    "after an error": sketch(
        """start > a > end
        a > b [error='*']
        b > end""",
        READS_A,
    ),
    "after a timer": sketch(
        """start > a > end
        a > b [after=3.0]
        b > end""",
        READS_A,
    ),
    "any of two": sketch(
        """start > fork > a > join > b > end
        fork > c > join""",
        READS_A,
        Join("join", need="any", rest="cancel"),
    ),
    "two of three": sketch(
        """start > fork > a > join > b > end
        fork > c > join
        fork > d > join""",
        READS_A,
        Join("join", need=2, rest="cancel"),
    ),
    "a branch of an inclusive fork": sketch(
        """start > fork
        fork > a: input.x
        fork > c: else
        a > join > b > end
        c > join""",
        READS_A,
        Fork("fork", join="join"),
    ),
    "interrupted": sketch(
        """start > c > a > end
        g > b [on='stop']
        b > end""",
        READS_A,
        Group("g", members=("c", "a")),
    ),
    "a concurrent branch": sketch(
        """start > fork > a > join > end
        fork > b > join""",
        READS_A,
    ),
    "written again meanwhile": sketch(
        """start > a > fork > b > join > end
        fork > c > choice
        choice > a: input.x
        choice > join: else""",
        READS_A,
    ),
    "items": sketch("start > m > a > end", Map("m", items="=a", activity="work"), task("a", x="=m")),
    "a long way": sketch("start > c1 > c2 > c3 > c4 > c5 > c6 > c7 > c8 > b > a > end", READS_A),
    "an id with a space": sketch("start > b > a b > end", task("b", x="=values['a b']")),
    "prerequisites that a branch avoids": sketch(
        """start > choice
        choice > a: input.x
        choice > b: else
        a > b > end""",
        task("a", "pay"),
        task("b", "ship"),
    ),
    "prerequisites that nothing runs": sketch("start > b > end", Task("b", activity="work", prerequisites=("pay",))),
    "prerequisites of what a map runs": sketch(
        "start > m > end", Map("m", items=[1], activity="ship", arguments={"x": "=item"})
    ),
    "prerequisites on one branch of any": sketch(
        """start > fork > a > join > b > end
        fork > c > join""",
        task("a", "pay"),
        task("b", "ship"),
        Join("join", need="any", rest="cancel"),
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_no_alarm(name: str) -> None:
    flow = data_flow(GOOD[name], ACTIVITIES)
    assert told(flow.diagnostics) == ""
    assert flow.verdict.verdict == "proved"


def test_the_exact_texts() -> None:
    parts = []
    for name, workflow in BAD.items():
        flow = data_flow(workflow, ACTIVITIES)
        parts.append(f"# {name}: {flow.verdict.verdict}\n{told(flow.diagnostics)}")
    text = "\n\n".join(parts) + "\n"
    if os.environ.get("WFNB_WRITE_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert text == GOLDEN.read_text(encoding="utf-8")


def test_a_refutation_has_the_whole_path() -> None:
    assert data_flow(BAD["a long way"]).verdict.trace == ("start", *(f"c{n}" for n in range(1, 9)), "b")


def test_what_is_surely_there() -> None:
    flow = data_flow(GOOD["all branches of a fork"])
    assert flow.surely("b") == {"a", "c"}
    assert flow.surely("c") == set()
    with pytest.raises(KeyError):
        flow.surely("nobody")


def test_without_a_start_nothing_is_known() -> None:
    verdict = data_flow(sketch("a > end", task("a", x=1))).verdict
    assert (verdict.verdict, verdict.why) == ("unknown", "the drawing has no start")


def test_what_is_very_large_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "MAX_BITS", 10)
    assert data_flow(GOOD["one after the other"]).verdict.verdict == "proved"  # by dominators
    verdict = data_flow(GOOD["all branches of a fork"]).verdict
    assert (verdict.verdict, verdict.why) == ("unknown", "the drawing is too large to follow 2 of its reads")


def test_paths_are_looked_for_a_hundred_times() -> None:
    tasks = [task(f"t{n}", x=f"=t{n + 1}") for n in range(120)]
    flow = data_flow(sketch("start > " + " > ".join(f"t{n}" for n in range(121)) + " > end", *tasks))
    assert len(flow.diagnostics) == 120
    assert flow.diagnostics[99].message.startswith(
        "task 't99' reads 't100', which has no value yet on the path start -> "
    )
    assert flow.diagnostics[100].message == "task 't100' reads 't101', which has no value yet on a path to it"


def test_groups_that_nest_deep() -> None:
    groups = [Group(f"g{n}", members=(f"g{n + 1}" if n < 299 else "a",)) for n in range(300)]
    edges = "\n".join(f"g{n} > b [after=1.0]" for n in range(300))
    flow = data_flow(sketch(f"start > a > end\n{edges}\nb > end_b", *groups, READS_A))
    assert [found.code for found in flow.diagnostics] == ["WF208"]
    assert flow.verdict.trace == ("start", "a", "g299", "b")
