"""Ways through a drawing, against every way written down."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import islice

import pytest

from wfnb.errors import DefinitionError
from wfnb.machine.formal.longest import longest_path
from wfnb.machine.formal.routes import dominators, paths, post_dominators, reachable
from wfnb.machine.graph import Graph, graph
from wfnb.model.workflow import Edge, End, Start, Task, Workflow


def drawing(edges: str, *, ends: str = "end") -> Graph:
    """A drawing from edges such as `start>a a>end`; what is neither start nor an end is a task."""
    pairs = [tuple(edge.split(">")) for edge in edges.split()]
    ids = dict.fromkeys(["start", *(id for pair in pairs for id in pair), *ends.split()])
    nodes = tuple(
        Start(id) if id == "start" else End(id) if id in ends.split() else Task(id, activity="x") for id in ids
    )
    return graph(Workflow(name="w", nodes=nodes, edges=tuple(Edge(source=a, target=b) for a, b in pairs)))


def drawn(seed: int, *, circular: bool) -> Graph:
    draw = random.Random(seed)
    count = draw.randint(1, 6)
    ids = ["start", *(f"n{number}" for number in range(count)), "end", "other"]
    pairs = set()
    for _ in range(draw.randint(count, 3 * count)):
        a, b = draw.randrange(len(ids)), draw.randrange(len(ids))
        if circular or a < b:
            pairs.add(f"{ids[a]}>{ids[b]}")
    return drawing(" ".join(sorted(pairs)), ends="end other")


def every_path(of: Graph, a: int, b: int, taken: tuple[int, ...] = ()) -> Iterator[tuple[str, ...]]:
    taken = (*taken, a)
    if a == b:
        yield tuple(of.nodes[node].id for node in taken)
        return
    for to in dict.fromkeys(of.after(a)):
        if to not in taken:
            yield from every_path(of, to, b, taken)


@pytest.mark.parametrize("seed", range(150))
def test_paths_are_all_simple_ways(seed: int) -> None:
    of = drawn(seed, circular=seed % 3 > 0)
    for a, first in of.number.items():
        for b, last in of.number.items():
            expected = list(every_path(of, first, last))
            assert list(paths(of, a, b, limit=None)) == expected
            assert list(paths(of, a, b, limit=2)) == expected[:2]
            assert reachable(of, a, b) == bool(expected)


def test_paths_come_one_by_one_and_dead_ends_cost_nothing() -> None:
    # A lattice of which no way leads to the end but one: a search without foresight tries 2 ** 60.
    rungs = " ".join(f"a{i}>a{i + 1} a{i}>b{i + 1} b{i}>a{i + 1} b{i}>b{i + 1}" for i in range(60))
    back = " ".join(f"a{i + 1}>a{i}" for i in range(60))
    of = drawing(f"start>a0 start>door door>end {rungs} {back}")
    assert list(paths(of, "start", "end")) == [("start", "door", "end")]
    of = drawing(f"start>a0 a60>door door>end door>a0 {rungs} {back}")
    assert len(list(islice(paths(of, "start", "end", limit=None), 50))) == 50
    assert len(list(paths(of, "start", "end", limit=7))) == 7
    # Behind the first step on there is a large part that only leads back through that step.
    trap = " ".join(f"c{i}>c{j}" for i in range(12) for j in range(12) if i != j)
    of = drawing(f"start>hall hall>c0 {trap} c11>hall hall>end")
    assert list(paths(of, "start", "end")) == [("start", "hall", "end")]


@pytest.mark.parametrize("seed", range(150))
def test_dominators_are_on_every_path(seed: int) -> None:
    of = drawn(seed, circular=seed % 2 > 0)
    told = dominators(of)
    for id in of.number:
        ways = list(every_path(of, of.number["start"], of.number[id]))
        if not ways:
            assert id not in told
            continue
        shared = [node for node in ways[0][:-1] if all(node in way for way in ways)]
        assert told[id] == (shared[-1] if shared else None)
    told = post_dominators(of)
    for id in of.number:
        ways = [way for end in ("end", "other") for way in every_path(of, of.number[id], of.number[end])]
        if not ways:
            assert id not in told
            continue
        shared = [node for node in ways[0][1:] if all(node in way for way in ways)]
        assert told[id] == (shared[0] if shared else None)


@pytest.mark.parametrize("seed", range(150))
def test_the_longest_path_of_an_acyclic_drawing(seed: int) -> None:
    of = drawn(seed, circular=False)
    draw = random.Random(seed)
    weights = {id: draw.choice((0, 1, 2, 0.1, 0.7)) for id in of.number}
    ways = [way for end in ("end", "other") for way in every_path(of, of.number["start"], of.number[end])]
    if not ways:
        with pytest.raises(DefinitionError, match="no way leads from 'start' to an end"):
            longest_path(of, weights)
        return
    found = longest_path(of, weights)
    long = {way: sum(weights[id] for id in way) for way in ways}
    assert found.length == pytest.approx(max(long.values()))
    assert long[found.nodes] == pytest.approx(found.length)
    assert found.repeated == ()
    through = {id: max((length for way, length in long.items() if id in way), default=None) for id in of.number}
    assert found.slack == {
        id: pytest.approx(found.length - length, abs=1e-9) for id, length in through.items() if length is not None
    }
    assert set(found.critical) == {
        id for id, length in through.items() if length == pytest.approx(found.length) and weights[id]
    }


def test_tasks_count_one_and_ends_can_be_chosen() -> None:
    of = drawing("start>a a>b a>end b>other", ends="end other")
    assert longest_path(of).nodes == ("start", "a", "b", "other")
    assert longest_path(of).length == 2
    assert longest_path(of, end="end").nodes == ("start", "a", "end")
    assert longest_path(of, {"end": 5}).critical == ("end",)
    assert longest_path(of, start="b", end="b").nodes == ("b",)
    assert longest_path(of, {"a": 2.5}, start="a", end="b").length == 2.5


def test_the_body_of_a_loop_counts_once() -> None:
    of = drawing("start>a a>b b>c c>a c>end b>b")
    found = longest_path(of)
    assert found.nodes == ("start", "a", "b", "c", "end")
    assert found.repeated == (("b", "b"), ("c", "a"))
    assert found.critical == ("a", "b", "c")


def test_what_has_no_longest_path_is_said() -> None:
    of = drawing("start>a start>b a>b b>a a>end")
    with pytest.raises(DefinitionError) as raised:
        longest_path(of)
    assert str(raised.value) == (
        "'a', 'b' form a cycle that is entered in several places, so no way is the longest\n"
        "let every edge into the loop lead to one node of it"
    )
    with pytest.raises(DefinitionError, match="no way leads from 'a' to 'start'"):
        longest_path(of, start="a", end="start")


@pytest.mark.parametrize("weight", [-1.0, float("nan"), float("inf")])
def test_weights_are_numbers_from_0_on(weight: float) -> None:
    with pytest.raises(DefinitionError, match=r"the weight of 'a' is (-1.0|nan|inf)\na weight is a number from 0 on"):
        longest_path(drawing("start>a a>end"), {"a": weight})


def test_unknown_nodes_are_said_with_the_known_ones() -> None:
    of = drawing("start>page page>end")
    with pytest.raises(DefinitionError) as raised:
        reachable(of, "start", "pgae")
    assert str(raised.value) == ("'pgae' is no node\nknown nodes: 'start', 'page', 'end'. Did you mean 'page'?")
    with pytest.raises(DefinitionError, match="'x' is no node"):
        paths(of, "x", "end")  # before the first is asked for
    with pytest.raises(DefinitionError, match="'x' is no node"):
        longest_path(of, {"x": 1})
    with pytest.raises(DefinitionError, match="the drawing has no start"):
        dominators(graph(Workflow(name="empty")))


def test_ten_thousand_nodes() -> None:
    of = drawing(
        " ".join(f"n{i}>n{j}" for i in range(10_000) for j in (i + 1, i + 7, i + 50) if j < 10_000)
        + " start>n0 n9999>end"
    )
    assert longest_path(of).length == 10_000
    assert dominators(of)["end"] == "n9999"
    assert post_dominators(of)["start"] == "n0"
    assert len(next(paths(of, "start", "end"))) == 10_002
    assert reachable(of, "n0", "n9999")
