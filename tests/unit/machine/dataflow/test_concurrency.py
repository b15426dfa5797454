"""What may be in progress at the same time."""

from __future__ import annotations

from tests.unit.machine.sketch import sketch
from wfnb.machine.dataflow.analysis import data_flow
from wfnb.machine.dataflow.concurrency import concurrency
from wfnb.machine.dataflow.ways import ways
from wfnb.machine.graph import graph
from wfnb.model.workflow import Fork, Group, Join, Workflow

BRANCHES = """start > fork > a > join > c > end
    fork > b > join"""


def pairs(workflow: Workflow, *of: str) -> set[str]:
    """The pairs that meet, of some nodes."""
    drawn = graph(workflow)
    relation = concurrency(ways(drawn))
    assert relation is not None
    number = drawn.number
    return {f"{x} {y}" for i, x in enumerate(of) for y in of[i + 1 :] if relation.between(number[x], number[y])}


def test_branches_meet_until_they_are_joined() -> None:
    assert pairs(sketch(BRANCHES), "a", "b", "c") == {"a b"}


def test_a_join_that_does_not_wait_leaves_the_others_running() -> None:
    assert pairs(sketch(BRANCHES, Join("join", need="any")), "a", "b", "c") == {"a b", "a c", "b c"}


def test_unless_it_withdraws_them() -> None:
    assert pairs(sketch(BRANCHES, Join("join", need="any", rest="cancel")), "a", "b", "c") == {"a b"}


def test_leaving_a_group_that_is_withdrawn() -> None:
    text = "start > fork > a > c > end\nfork > b > c"
    assert pairs(sketch(text), "a", "b", "c") == {"a b", "a c", "b c"}
    assert pairs(sketch(text, Group("g", members=("a", "b"), cancel=True)), "a", "b", "c") == {"a b"}


def test_an_edge_that_interrupts_a_group() -> None:
    text = f"{BRANCHES}\ng > d [on='stop']\nd > end_d"
    found = pairs(sketch(text, Group("g", members=("a", "b", "join"))), "a", "b", "c", "d")
    assert found == {"a b"}


def test_choices_do_not_meet() -> None:
    text = "start > choice\nchoice > a: input.x\nchoice > b: else\na > end\nb > end"
    assert pairs(sketch(text), "a", "b", "end") == set()


def test_an_inclusive_fork() -> None:
    text = "start > fork\nfork > a: input.x\nfork > b: else\na > join\nb > join > c > end"
    assert pairs(sketch(text, Fork("fork", join="join")), "a", "b", "c") == {"a b"}


def test_loops_in_branches() -> None:
    text = f"{BRANCHES}\nfork > d > choice\nchoice > d: input.x\nchoice > join: else"
    assert pairs(sketch(text), "a", "b", "c", "d", "choice") == {
        "a b", "a d", "b d", "a choice", "b choice",
    }  # fmt: skip


def test_it_is_given_up_where_there_is_too_much_to_do() -> None:
    branches = "\n".join(f"fork > t{n} > join" for n in range(40))
    workflow = sketch(f"start > fork\n{branches}\njoin > end")
    assert concurrency(ways(graph(workflow)), limit=30) is None
    assert concurrency(ways(graph(workflow))) is not None


def test_of_a_group_what_is_inside_it_counts() -> None:
    drawing = sketch(BRANCHES, Group("g", members=("a",)))
    flow = data_flow(drawing)
    number = flow.drawn.number
    assert flow.meets(number["g"], number["b"])
    assert not flow.meets(number["g"], number["c"])
