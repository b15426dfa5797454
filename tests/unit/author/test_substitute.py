"""Names in expressions put elsewhere, and the ways through a workflow."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wfnb.author.flow import Flow
from wfnb.author.refs import NodeRef
from wfnb.author.substitute import Names, Read
from wfnb.author.ways import Ways, free_reads, reads_of, reads_whole_input
from wfnb.model.workflow import Edge, Fork, Group, Map, Task, Workflow

NAMES = Names(
    ids={"a": "a_2", "b": "the b"},
    values={
        "a": Read("value", "a_2"),
        "b": Read("value", "the b"),
        "free": Read("input", "free"),
        "x": Read("input", "x y"),
    },
    inputs={"n": Read("value", "a_2"), "m m": Read("value", "b")},
)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a + b", "a_2 + values['the b']"),
        ("=a", "=a_2"),
        ("values['a'].b", "a_2.b"),
        ("input.n + input['n'] + input.a", "a_2 + a_2 + input.a"),
        ("input['m m']", "b"),
        ("free + x", "input.free + input['x y']"),
        ("[a for a in a]", "[a for a in a_2]"),
        ("[a_2 + a for a_2 in rows]", "[a_2 + values['a_2'] for a_2 in rows]"),
        ("{k: a for k, v in items(b) if a}", "{k: a_2 for k, v in items(values['the b']) if a_2}"),
        ("reached('a') and error('b') and reached('c')", "reached('a_2') and error('the b') and reached('c')"),
        ("signal('a') or a", "signal('a') or a_2"),
        ("sorted(rows, reverse=a)", "sorted(rows, reverse=a_2)"),
        ("row['a'] + 'a' + row.a", "row['a'] + 'a' + row.a"),
        ("other  +  1", "other  +  1"),  # what does not change stays as it was written
        ("a b", "a b"),
    ],
)
def test_names_in_an_expression(source: str, expected: str) -> None:
    assert NAMES.in_expression(source) == expected


def test_names_in_nodes_and_edges() -> None:
    assert NAMES.in_node(Task("a", activity="a", arguments={"a": "=a", "b": "a"})) == Task(
        "a_2", activity="a", arguments={"a": "=a_2", "b": "a"}
    )
    assert NAMES.in_node(Fork("f", join="b")) == Fork("f", join="the b")
    assert NAMES.in_node(Group("g", members=("a", "c"))) == Group("g", members=("a_2", "c"))
    assert NAMES.in_edge(Edge(source="a", target="c", when="a > 1", after="=b")) == Edge(
        source="a_2", target="c", when="a_2 > 1", after="=values['the b']"
    )
    item = Names(values={"item": Read("value", "item_2")})
    mapped = Map("m", activity="x", items="=item", arguments={"n": "=item", "k": "=values['index']"})
    assert item.in_node(mapped) == Map(
        "m", activity="x", items="=item_2", arguments={"n": "=item", "k": "=values['index']"}
    )


def test_what_is_read() -> None:
    flow = Flow("reads")
    flow.map("m", "x", "=rows", n="=item + outer")
    flow.task("t", "x", n="=m + input.n", k="=not an expression (")
    flow.start.after("=pause") >> flow.end("e", message="='late ' + str(t)")
    flow.task("asks", "x", n="=reached('elsewhere') or signal('go')")
    assert free_reads(flow.workflow) == {"rows", "outer", "pause", "elsewhere"}
    assert not reads_whole_input(flow.workflow)
    flow.task("all", "x", n="=len(input)")
    assert reads_whole_input(flow.workflow)
    assert reads_of(["a > input.n", "b (", "reached('c') and signal('d')"]) == ({"a", "c"}, {"n"})


Draw = Callable[[Flow, dict[str, NodeRef]], object]


def one_after_another(flow: Flow, task: dict[str, NodeRef]) -> None:
    flow.start >> task["a"] >> task["b"] >> flow.end()


def side_by_side(flow: Flow, task: dict[str, NodeRef]) -> None:
    flow.start >> flow.fork("f") >> [task["a"], task["b"]] >> flow.join("j") >> flow.end()


def nested(flow: Flow, task: dict[str, NodeRef]) -> None:
    outer, inner, one, all_ = flow.fork("o"), flow.fork("i"), flow.join("j"), flow.join("k")
    flow.start >> outer >> inner >> [task["a"], task["b"]] >> one >> all_
    outer >> task["c"] >> all_ >> flow.end()


def each_to_its_end(flow: Flow, task: dict[str, NodeRef]) -> None:
    fork = flow.fork("f")
    flow.start >> fork >> [task["a"], task["b"]]
    task["a"] >> flow.end("x")
    task["b"] >> flow.end("y")


def two_joins_to_ends(flow: Flow, task: dict[str, NodeRef]) -> None:
    outer, one, two, j, k = flow.fork("o"), flow.fork("p"), flow.fork("q"), flow.join("j"), flow.join("k")
    flow.start >> outer >> [one, two]
    one >> [task["a"], task["b"]] >> j >> flow.end("x")
    two >> [task["c"], task["d"]] >> k >> flow.end("y")


def several_exclusive(flow: Flow, task: dict[str, NodeRef]) -> None:
    gate = flow.choice("g")
    flow.start >> task["a"] >> gate
    gate.when("a > 1") >> task["b"] >> flow.end("x")
    gate.when("a > 0") >> task["c"] >> flow.end("y")
    gate.otherwise() >> task["a"]


def early_out_of_a_branch(flow: Flow, task: dict[str, NodeRef]) -> None:
    fork, join, gate = flow.fork("f"), flow.join("j"), flow.choice("g")
    flow.start >> fork >> [task["a"], task["b"]]
    task["a"] >> gate
    gate.when("a") >> flow.end("x")
    gate.otherwise() >> join
    task["b"] >> join >> flow.end("y")


def a_race(flow: Flow, task: dict[str, NodeRef]) -> None:
    flow.start >> flow.fork("f") >> [task["a"], task["b"]] >> flow.join("j", need="any", rest="cancel") >> flow.end()


def a_race_with_a_rest(flow: Flow, task: dict[str, NodeRef]) -> None:
    flow.start >> flow.fork("f") >> [task["a"], task["b"]] >> flow.join("j", need="any") >> flow.end()


def a_group_that_cancels(flow: Flow, task: dict[str, NodeRef]) -> None:
    fork = flow.fork("f")
    flow.start >> fork >> [task["a"], task["b"]] >> task["c"] >> flow.end()
    flow.group("g", [fork, task["a"], task["b"]], cancel=True)


def a_group_with_a_timer(flow: Flow, task: dict[str, NodeRef]) -> None:
    flow.start >> task["a"] >> task["b"] >> flow.end()
    flow.group("g", [task["a"]]).after(3) >> task["c"] >> task["b"]


def an_error_edge(flow: Flow, task: dict[str, NodeRef]) -> None:
    flow.start >> task["a"] >> flow.end()
    task["a"].on_error() >> task["b"] >> flow.end("x")


def inclusive(flow: Flow, task: dict[str, NodeRef]) -> None:
    fork, join = flow.fork("f", join="j"), flow.join("j")
    flow.start >> fork
    fork.when("1 < 2") >> task["a"] >> join
    fork.otherwise() >> task["b"] >> join >> flow.end()


def terminating(flow: Flow, task: dict[str, NodeRef]) -> None:
    fork = flow.fork("f")
    flow.start >> fork >> [task["a"], task["b"]]
    task["a"] >> flow.end("x", terminate=True)
    task["b"] >> flow.end("y", terminate=True)


@pytest.mark.parametrize(
    ("draw", "one", "sure"),
    [
        (one_after_another, True, "ab"),
        (side_by_side, True, "ab"),
        (nested, True, "abc"),
        (each_to_its_end, False, ""),
        (two_joins_to_ends, False, ""),
        (several_exclusive, True, "a"),
        (early_out_of_a_branch, False, "a"),
        (a_race, True, ""),
        (a_race_with_a_rest, False, ""),
        (a_group_that_cancels, True, "c"),
        (a_group_with_a_timer, True, "b"),
        (an_error_edge, True, ""),
        (inclusive, True, ""),
        (terminating, True, "abcd"),  # there is no way out
    ],
)
def test_whether_one_token_leaves_and_what_it_has_passed(draw: Draw, one: Any, sure: str) -> None:
    flow = Flow("ways")
    draw(flow, {id: flow.task(id, "x") for id in "abcd"})
    used = {id for edge in flow.workflow.edges for id in (edge.source, edge.target)}
    ways = Ways(flow.workflow)
    assert ways.is_one_token() is one
    assert "".join(id for id in "abcd" if ways.surely(id) and (id in used or sure == "abcd")) == sure
    assert not ways.surely("nobody")


def test_a_drawing_without_a_start_has_no_ways() -> None:
    ways = Ways(Workflow(nodes=(Task("a", activity="x"),)))
    assert ways.weights() is None
    assert not ways.surely("a")
    assert ways.rests()
