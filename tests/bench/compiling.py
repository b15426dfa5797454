"""What it costs to compile a workflow and to check its shape."""

from __future__ import annotations

import graphlib
import random
import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import pairwise

from tests.bench.measure import Row, bench, compared
from wfnb.machine.check import check
from wfnb.machine.compiler import compile_workflow
from wfnb.model.activity import describe
from wfnb.model.workflow import Choice, Edge, End, Fork, Join, Node, Start, Task, Wait, Workflow

NODES = 10_000
DRAWN = 100
"""Nodes of what a person draws."""
CHECKS = 100
"""How often a drawing is checked."""


def chain(nodes: int) -> Workflow:
    """Tasks one after another."""
    ids = ["start", *(f"t{number}" for number in range(nodes - 2)), "end"]
    tasks = (Task(id, activity="work", arguments={"id": id, "last": 3}) for id in ids[1:-1])
    edges = tuple(Edge(source=a, target=b) for a, b in pairwise(ids))
    return Workflow(name="chain", nodes=(Start("start"), *tasks, End("end")), edges=edges)


def blocks(nodes: int, seed: int = 1, *, guarded: bool = False) -> Workflow:
    """Blocks one after another: a task, then branches of a fork that a join brings together.

    Where `guarded`, three in ten are those of a choice, and every task of a branch reads the one before it.
    """
    chance = random.Random(seed)
    drawn: list[Node] = [Start("start")]
    edges: list[Edge] = []
    at, number = "start", 0
    while len(drawn) < nodes - 12:
        number += 1
        first, parts, last = f"t{number}", f"p{number}", f"l{number}"
        width = chance.randint(2, 8)
        forks = not guarded or chance.random() < 0.7
        drawn += [
            Task(first, activity="work", arguments={"id": first}),
            Fork(parts) if forks else Choice(parts),
            Join(last) if forks else Task(last, activity="work", arguments={"id": last}),
        ]
        edges += [Edge(source=at, target=first), Edge(source=first, target=parts)]
        for branch in range(width):
            id = f"t{number}_{branch}"
            drawn.append(Task(id, activity="work", arguments={"id": id, "given": f"={first}" if guarded else 3}))
            last_one = branch == width - 1
            guard = f"{first} > {branch}" if not (forks or last_one) else None
            edges.append(Edge(source=parts, target=id, when=guard, otherwise=not forks and last_one))
            edges.append(Edge(source=id, target=last))
        at = last
    edges.append(Edge(source=at, target="end"))
    return Workflow(name="choices" if guarded else "blocks", nodes=(*drawn, End("end")), edges=tuple(edges))


def states(nodes: int) -> Workflow:
    """States that signals lead from one to the next, and to some earlier one."""
    ids = [f"s{number}" for number in range(nodes - 2)]
    chance = random.Random(1)
    edges = [Edge(source="start", target="s0"), Edge(source=ids[-1], target="end", on="stop")]
    for number, id in enumerate(ids):
        edges.append(Edge(source=id, target=ids[(number + 1) % len(ids)], on="next"))
        edges.append(Edge(source=id, target=chance.choice(ids), on="jump"))
    return Workflow(name="states", nodes=(Start("start"), *map(Wait, ids), End("end")), edges=tuple(edges))


def inclusive(nodes: int) -> Workflow:
    """One inclusive fork with as many branches as there is room for."""
    ids = [f"t{number}" for number in range(nodes - 5)]
    edges = [Edge(source="start", target="a"), Edge(source="a", target="f"), Edge(source="j", target="end")]
    for number, id in enumerate(ids):
        last = id == ids[-1]
        edges.append(Edge(source="f", target=id, when=None if last else f"a > {number}", otherwise=last))
        edges.append(Edge(source=id, target="j"))
    tasks = (Task(id, activity="work") for id in ("a", *ids))
    drawn = (Start("start"), *tasks, Fork("f", join="j"), Join("j"), End("end"))
    return Workflow(name="inclusive fork", nodes=drawn, edges=tuple(edges))


def milliseconds(function: Callable[[], object]) -> Callable[[], float]:
    """Milliseconds of the processor that a function takes."""

    def measure() -> float:
        began = time.process_time()
        function()
        return (time.process_time() - began) * 1e3

    return measure


def sorted_topologically(workflow: Workflow) -> Callable[[], object]:
    """The floor: graphlib, from the same nodes and edges."""

    def sort() -> object:
        before: dict[str, set[str]] = {node.id: set() for node in workflow.nodes}
        for edge in workflow.edges:
            before[edge.target].add(edge.source)
        return tuple(graphlib.TopologicalSorter(before).static_order())

    return sort


def slowest(function: Callable[[], object], times: int) -> Callable[[], float]:
    """The 95th percentile of milliseconds that a function takes."""
    once = milliseconds(function)
    return lambda: statistics.quantiles([once() for _ in range(times)], n=20)[-1]


def work(id: str, last: int = 0, given: int = 0) -> str:
    """What the tasks call."""
    return f"{id} {last} {given}"


@bench
def compiling() -> Iterator[Row]:
    """Compile and structural check, the activities known."""
    known = {"work": describe(work)}
    for made in (chain(NODES), blocks(NODES), blocks(NODES, guarded=True)):
        yield compared(
            f"compile {made.name}, {len(made.nodes):,} nodes",
            milliseconds(partial(compile_workflow, made, known)),
            milliseconds(sorted_topologically(made)),
            unit="ms",
            against="graphlib's topological sort",
            mark=None if made.name == "choices" else 1.5,
        )


@bench
def checking() -> Iterator[Row]:
    """Check of what a person draws."""
    made = blocks(DRAWN, guarded=True)
    yield compared(
        f"check of {len(made.nodes)} nodes, p95",
        slowest(partial(check, made), CHECKS),
        lambda: 50.0,
        unit="ms",
        against="50 ms",
        mark=1.0,
    )
    for large in (states(NODES), inclusive(NODES)):
        yield compared(
            f"check of {large.name}, {len(large.nodes):,} nodes",
            milliseconds(partial(check, large)),
            milliseconds(partial(compile_workflow, large)),
            unit="ms",
            against="compiling it",
            pairs=3,
        )
