"""Workflows made wider and smaller: what is changed, what is not, and what is told."""

from __future__ import annotations

import pytest

import wfnb as wf
from wfnb.author.changes import Change
from wfnb.author.edits import SetWorkflow
from wfnb.author.flow import Flow
from wfnb.author.optimize import Optimized, optimize
from wfnb.author.order import Order
from wfnb.author.refs import NodeRef
from wfnb.model.workflow import End, Fork, Group, Join, Workflow


def chain(flow: Flow, *tasks: NodeRef) -> Workflow:
    """One after another, from the start to an end."""
    last = flow.start
    for task in tasks:
        last >> task
        last = task
    last >> flow.end()
    return flow.workflow


def edges(workflow: Workflow) -> set[str]:
    return {f"{edge.source} {edge.target}" for edge in workflow.edges}


def better(workflow: Workflow) -> Optimized:
    """After which nothing is left to be done."""
    made = optimize(workflow, {})
    assert optimize(made.workflow, {}).changes == ()
    return made


def test_a_chain_becomes_as_wide_as_its_data_allow() -> None:
    flow = Flow("wide")
    a, b, c = flow.task("a", "x"), flow.task("b", "x", n="=a"), flow.task("c", "x", n="=a")
    d, e = flow.task("d", "x", n="=b + c"), flow.task("e", "x")
    made = better(chain(flow, a, b, c, d, e))
    assert edges(made.workflow) == {
        "start all_from_a", "all_from_a a", "all_from_a e", "a after_a", "after_a b", "after_a c",
        "b before_d", "c before_d", "before_d d", "d all_to_e", "e all_to_e", "all_to_e end",
    }  # fmt: skip
    assert made.workflow.node("end") == End("end", output="=e")  # and not a dict, as behind a join
    assert repr(made) == (
        "1 change of 'wide'\n"
        "  'a', 'b', 'c', 'd' and 'e' run as their data allow in 3 rounds instead of 5: "
        "'a' and 'e'; then 'b' and 'c'; then 'd'\n"
        "    equal, because the order that counts is kept: 'b' reads 'a'; 'c' reads 'a'; 'd' reads 'b'; 'd' reads 'c'; "
        "'end' gives =e as before"
    )
    assert made.changes[0].nodes == ("a", "b", "c", "d", "e")
    assert made.before is flow.workflow


def test_what_can_not_be_better_stays() -> None:
    flow = Flow("chain")
    workflow = chain(flow, flow.task("a", "x"), flow.task("b", "x", n="=a"), flow.task("c", "x", n="=b"))
    made = better(workflow)
    assert made.workflow is workflow
    assert repr(made) == "'chain' is as good as it gets"


def test_blocks_are_taken_apart() -> None:
    flow = Flow("blocks")
    a, b, c, d = flow.task("a", "x"), flow.task("b", "x", n="=a"), flow.task("c", "x"), flow.task("d", "x", n="=b")
    fork, join = flow.fork("f"), flow.join("j")
    flow.start >> a >> fork >> [b, c] >> join >> d >> flow.end("end", "=d")
    made = better(flow.workflow)
    # Only a, b and d follow each other.
    assert edges(made.workflow) == {
        "start all_from_a", "all_from_a a", "all_from_a c", "a b", "b d", "d all_to_d", "c all_to_d", "all_to_d end",
    }  # fmt: skip


def keep(why: str, flow: Flow, a: NodeRef, b: NodeRef) -> None:  # noqa: PLR0912 - a case a reason
    """Give a and b a reason to stay in their order."""
    match why:
        case "a read":
            b.options(arguments={"n": "=a"})
        case "a read of what was before":
            a.options(arguments={"n": "=b"})
        case "a requirement":
            b.options(requires="a > 1")
        case "a guarantee":
            b.options(ensures="b > a")
        case "a compensation that reads":
            b.options(compensate=("undo", {"n": "=a"}))
        case "two compensations":
            a.options(compensate="undo")
            b.options(compensate="undo")
        case "a prerequisite":
            b.options(prerequisites=["does a"])
        case "a lock":
            a.options(lock="one {lock}")
            b.options(lock="one {lock}")
        case "something that asks":
            b.options(arguments={"n": "=1 if reached('a') else 2"})
        case "a signal":
            b.options(arguments={"n": "=signal('go')"})
        case "no expression":
            b.options(arguments={"n": "=("})
        case "an own timer":
            a.after(9) >> flow.end("late")
        case "an error edge":
            a.on_error() >> flow.end("late")
        case "a group with a timer":
            flow.group("g", [a, b]).after(9) >> flow.end("late")
        case "a group that cancels":
            flow.group("g", [a, b], cancel=True)
        case "a group with a lock":
            flow.group("g", [a, b], lock="one")
        case "a border of a group":
            flow.group("g", [a])
        case _:
            raise AssertionError(why)


@pytest.mark.parametrize(
    "why",
    [
        "a read",
        "a read of what was before",
        "a requirement",
        "a guarantee",
        "a compensation that reads",
        "two compensations",
        "a prerequisite",
        "a lock",
        "something that asks",
        "a signal",
        "no expression",
        "an own timer",
        "an error edge",
        "a group with a timer",
        "a group that cancels",
        "a group with a lock",
        "a border of a group",
    ],
)
def test_order_is_kept_by(why: str) -> None:
    flow = Flow("kept")
    a, b = flow.task("a", "does a"), flow.task("b", "does b")
    keep(why, flow, a, b)
    made = better(chain(flow, a, b))
    assert "a b" in edges(made.workflow)
    assert made.changes == ()


@pytest.mark.parametrize("undone", [False, True])
def test_order_is_kept_by_calls_that_are_taken_back(undone: bool) -> None:
    inner, middle = Flow("inner"), Flow("middle")
    deep = inner.task("deep", "does it")
    if undone:
        deep.options(compensate="undo")
    inner.start >> deep >> inner.end()
    middle.start >> middle.call("part", "inner") >> middle.end()
    flow = Flow("kept")
    flow.document.apply([SetWorkflow(workflows={"inner": inner.workflow, "middle": middle.workflow})])
    a, b = flow.call("a", "middle"), flow.map("b", "inner", [1, 2])
    made = better(chain(flow, a, b))
    assert ("a b" in edges(made.workflow)) is undone


def test_of_a_call_that_nobody_knows_the_order_is_kept() -> None:
    flow = Flow("kept")
    made = better(chain(flow, flow.call("a", "somewhere"), flow.call("b", "else")))
    assert "a b" in edges(made.workflow)


def test_prerequisites_of_activities() -> None:
    flow = Flow("kept")
    workflow = chain(flow, flow.task("a", "does a"), flow.task("b", "does b"))
    assert optimize(workflow, {}).changes

    def function() -> None: ...

    known = wf.activity(name="does b", prerequisites=["does a"])(function)
    assert optimize(workflow, {"does b": known}).changes == ()


def test_a_group_for_people_takes_in_what_is_new() -> None:
    flow = Flow("grouped")
    a, b = flow.task("a", "x"), flow.task("b", "x")
    flow.group("g", [a, b])
    made = better(chain(flow, a, b)).workflow
    assert made.node("g") == Group("g", members=("a", "b", "all_from_a", "all_to_b"))


def test_where_an_output_can_not_be_said_the_last_task_stays_last() -> None:
    flow = Flow("merged")
    gate, end = flow.choice("gate"), flow.end("end")
    a, b, c = (flow.task(id, "x") for id in "abc")
    flow.start >> gate
    gate.when("input.n > 1") >> a >> b >> c >> end
    gate.otherwise() >> end  # two ways to one end: each gives its own
    made = better(flow.workflow).workflow
    assert {"all_from_a a", "all_from_a b", "a before_c", "b before_c", "before_c c", "c end"} <= edges(made)
    assert made.node("end") == End("end")


def test_a_loop_is_left_where_it_was() -> None:
    flow = Flow("loop")
    a, b, gate = flow.task("a", "x"), flow.task("b", "x"), flow.choice("gate")
    flow.start >> a >> b >> gate
    gate.when("b > 0") >> a
    gate.otherwise() >> flow.end()
    made = better(flow.workflow).workflow
    assert {"start all_from_a", "gate all_from_a", "all_to_b gate"} <= edges(made)
    assert made.node("end") == End("end", output="=b")


def test_time_decides_beside_a_race() -> None:
    flow = Flow("race")
    fork, join = flow.fork("f"), flow.join("j", need="any")
    a, b, c, d, e = (flow.task(id, "x") for id in "abcde")
    flow.start >> fork >> [a, c]
    a >> b >> join
    c >> join >> d >> e >> flow.end("end", "=d")
    made = better(flow.workflow)
    assert "a b" in edges(made.workflow)  # sooner, it would win
    assert "all_from_d e" in edges(made.workflow)  # behind the race there is one token
    plain = Flow("plain")
    fork, join = plain.fork("f"), plain.join("j")
    a, b, c = (plain.task(id, "x") for id in "abc")
    plain.start >> fork >> [a, c]
    a >> b >> join
    c >> join >> plain.end()
    assert "a b" not in edges(better(plain.workflow).workflow)


def test_guards_that_never_hold() -> None:
    flow = Flow("guards", {"n": "int"})
    gate = flow.choice("gate")
    flow.start >> gate
    gate.when("1 > 2") >> flow.task("never", "x") >> flow.task("nor this", "x") >> flow.end("e1")
    gate.when("input.n > 0") >> flow.end("e2", 2)
    gate.when("2 > 1") >> flow.end("e3", 3)
    gate.when("input.n < 0") >> flow.end("e4", 4)
    gate.otherwise() >> flow.end("e5", 5)
    made = better(flow.workflow)
    assert [(e.source, e.target, e.when, e.otherwise) for e in made.workflow.edges] == [
        ("start", "gate", None, False), ("gate", "e2", "input.n > 0", False), ("gate", "e3", None, True),
    ]  # fmt: skip
    assert made.changes[:3] == (
        Change("the edge from 'gate' to 'never' is gone", "its guard, 1 > 2, never holds", ("gate", "never")),
        Change(
            "the edge from 'gate' to 'e4' is gone", "the guard of the edge to 'e3', 2 > 1, always holds", ("gate", "e4")
        ),
        Change(
            "the edge from 'gate' to 'e5' is gone", "the guard of the edge to 'e3', 2 > 1, always holds", ("gate", "e5")
        ),
    )
    assert repr(made.changes[3]) == (
        "'never', 'nor this', 'e1', 'e4' and 'e5' are gone: no way leads there from 'start'"
    )


@pytest.mark.parametrize("guard", ["1 / 0", "input.n", "not an expression (", "reached('t')"])
def test_guards_that_depend_stay(guard: str) -> None:
    flow = Flow("guards")
    gate = flow.choice("gate")
    flow.start >> gate
    gate.when(guard) >> flow.task("t", "x") >> flow.end("e1")
    gate.otherwise() >> flow.end("e2")
    assert better(flow.workflow).changes == ()


def test_what_others_wait_for_or_name_stays() -> None:
    flow = Flow("named")
    gate, after = flow.choice("gate"), flow.choice("after")
    flow.start >> gate
    never, other = flow.task("never", "x"), flow.task("other", "x")
    gate.when("1 > 2") >> never >> after
    gate.otherwise() >> other >> after
    after.when("reached('never')") >> flow.end("e1")
    after.otherwise() >> flow.end("e2")
    assert better(flow.workflow).changes == ()
    waiting = Flow("waiting")
    gate, join = waiting.choice("gate"), waiting.join("join")
    waiting.start >> gate
    gate.when("1 > 2") >> waiting.task("never", "x") >> join
    gate.otherwise() >> waiting.task("other", "x") >> join >> waiting.end()
    assert better(waiting.workflow).changes == ()  # it waits for ever, and so it does after


def test_redundant_routing_goes() -> None:
    flow = Flow("nests")
    outer, inner, one = flow.fork("outer"), flow.fork("inner"), flow.fork("one")
    first, last, single = flow.join("first"), flow.join("last"), flow.choice("single")
    a, b, c = flow.task("a", "x"), flow.task("b", "x"), flow.task("c", "x")
    flow.start >> single
    single.otherwise() >> outer >> [inner, one]
    inner >> [a, b] >> first >> last
    one >> c >> last
    last >> flow.end("end", "=a")
    made = better(flow.workflow)
    assert edges(made.workflow) == {
        "start outer", "outer a", "outer b", "outer c", "a last", "b last", "c last", "last end",
    }  # fmt: skip
    assert {change.what: change.why for change in made.changes} == {
        "choice 'single' is gone": "it has one way to go",
        "fork 'inner' is gone": "'outer' starts its branches at the same moment",
        "fork 'one' is gone": "it has one branch",
        "join 'first' is gone": "'last' waits for its branches as well",
    }


def test_routing_that_does_something_stays() -> None:
    flow = Flow("stays")
    fork, join, partial = flow.fork("f"), flow.join("j"), flow.join("k", need="any")
    a, b, c = flow.task("a", "x"), flow.task("b", "x"), flow.task("c", "x")
    flow.start >> fork >> [a, b] >> join >> partial
    fork >> c >> partial >> flow.end("end", 1)
    assert better(flow.workflow).changes == ()
    alone = Flow("alone")
    alone.start >> alone.task("a", "x") >> alone.join("j") >> alone.end()
    assert better(alone.workflow).changes == ()  # behind a join the run gives a dict
    said = Flow("said")
    said.start >> said.task("a", "x") >> said.join("j") >> said.end("end", 1)
    assert edges(better(said.workflow).workflow) == {"start a", "a end"}


def test_new_ids_are_free() -> None:
    flow = Flow("ids")
    a, b = flow.task("a", "x"), flow.task("b", "x")
    taken = flow.task("all_from_a", "x", n="=b + a")
    made = better(chain(flow, a, b, taken)).workflow
    assert made.node("all_from_a_2") == Fork("all_from_a_2")
    assert made.node("before_all_from_a") == Join("before_all_from_a")


def test_positions_stay() -> None:
    flow = Flow("drawn")
    workflow = chain(flow, flow.task("a", "x"), flow.task("b", "x"))
    placed = Workflow(nodes=workflow.nodes, edges=workflow.edges, layout={"a": (1, 2), "b": (3, 4)})
    assert better(placed).workflow.layout == placed.layout


def test_of_many_the_first_are_told() -> None:
    flow = Flow("many")
    made = better(chain(flow, *(flow.task(f"t{n}", "x", n=f"=t{n - 9}" if n > 8 else 0) for n in range(30))))
    assert "'t11' and 18 more run as their data allow in 4 rounds instead of 30" in made.changes[0].what
    assert "; and 9 more" in made.changes[0].why


def test_the_verb_takes_what_check_takes() -> None:
    flow = wf.Flow("verb")
    chain(flow, flow.task("a", "x"), flow.task("b", "x"))
    assert wf.optimize(flow).changes
    assert wf.optimize(flow.workflow).workflow == wf.optimize(flow).workflow


def test_orders() -> None:
    order = Order.of(5, [(0, 1), (1, 3), (0, 3), (2, 3)])
    assert order.before == (0, 0b1, 0, 0b111, 0)
    assert [order.direct(task) for task in range(5)] == [[], [0], [], [1, 2], []]
    assert (order.first(), order.final()) == ([0, 2, 4], [3, 4])
    assert order.rounds() == [[0, 2, 4], [1], [3]]
    assert order.has(0, 3)
    assert not order.has(3, 0)


def test_branches_that_no_value_takes_are_gone() -> None:
    """Those that `check` says so of (WF312), by the types of what their guards read."""
    flow = Flow("never", {"n": "int", "go": "bool"})
    gate = flow.choice("gate")
    flow.start >> flow.task("first", "f") >> gate
    gate.when("input.n > 5") >> flow.task("large", "f") >> flow.end("l")
    gate.when("input.n > 9") >> flow.task("huge", "f") >> flow.end("h")
    gate.when("input.n < 0 and input.n > 1") >> flow.task("odd", "f") >> flow.end("o")
    gate.otherwise() >> flow.end("rest")
    made = wf.optimize(flow)
    assert {node.id for node in made.workflow.nodes} == {"start", "first", "gate", "large", "l", "rest"}
    assert [change.why for change in made.changes[:2]] == [
        "'input.n > 9' is never taken: 'input.n > 5' leaves nothing for it",
        "'input.n < 0 and input.n > 1' can never hold",
    ]
