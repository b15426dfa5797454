"""Dominators against their definition: a node dominates another if taking it away cuts every path."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest

from wfnb.machine.dominance import dominates, dominator_tree, immediate_dominators


def reached(successors: Sequence[Sequence[int]], root: int, without: int = -1) -> set[int]:
    found = {root} - {without}
    frontier = list(found)
    while frontier:
        for child in successors[frontier.pop()]:
            if child != without and child not in found:
                found.add(child)
                frontier.append(child)
    return found


def drawn(seed: int) -> list[list[int]]:
    """A random graph: sparse or dense, with loops, equal edges and parts that nothing reaches."""
    draw = random.Random(seed)
    count = draw.randint(1, 12)
    return [[draw.randrange(count) for _ in range(draw.choice((0, 1, 1, 2, 3)))] for _ in range(count)]


@pytest.mark.parametrize("seed", range(300))
def test_dominators_are_what_cuts_every_path(seed: int) -> None:
    successors = drawn(seed)
    count = len(successors)
    every = reached(successors, 0)
    cut = {a: every - reached(successors, 0, without=a) for a in range(count)}
    idom = immediate_dominators(successors, 0)
    tree = dominator_tree(successors, 0)
    assert tree.idom == tuple(idom)
    for b in range(count):
        strict = {a for a in range(count) if a != b and b in cut[a]}
        for a in range(count):
            assert dominates(idom, a, b) == tree.dominates(a, b) == (a == b or a in strict)
        above = idom[b]
        if b not in every:
            assert above is None
            assert tree.above(b) == []
        elif b == 0:
            assert above == 0
        else:
            assert above in strict
            assert all(dominates(idom, a, above) for a in strict)
            assert set(tree.above(b)) == {b, *strict}


def test_the_graph_of_the_paper() -> None:
    # Lengauer and Tarjan 1979, figure 1, and its tree in figure 2.
    edges = {
        "R": "ABC", "A": "D", "B": "ADE", "C": "FG", "D": "L", "E": "H", "F": "I", "G": "IJ",
        "H": "EK", "I": "K", "J": "I", "K": "IR", "L": "H",
    }  # fmt: skip
    names = "RABCDEFGHIJKL"
    idom = immediate_dominators([[names.index(to) for to in edges[name]] for name in names], 0)
    told = {name: names[above] for name, above in zip(names, idom, strict=True) if above is not None}
    assert told == {
        "R": "R", "A": "R", "B": "R", "C": "R", "D": "R", "E": "R", "F": "C", "G": "C",
        "H": "R", "I": "R", "J": "G", "K": "R", "L": "D",
    }  # fmt: skip


def test_shapes_that_make_simpler_algorithms_slow_end() -> None:
    count = 10_000
    chain = [[i + 1, count] for i in range(count - 1)] + [[count], []]  # each link also leads to the end
    assert immediate_dominators(chain, 0)[count] == 0
    ladder = [[i + 1, count + i] for i in range(count - 1)] + [[]] + [[] for _ in range(count)]
    ladder[0] = [1, *range(count, 2 * count)]  # and one with a side step each, which the start reaches too
    idom = immediate_dominators(ladder, 0)
    assert idom[count - 1] == count - 2
    assert set(idom[count : 2 * count - 1]) == {0}
