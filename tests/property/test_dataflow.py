"""What is said of values and of concurrency, against every marking that the net of a random workflow can reach."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import assume, given, reject, settings

from wfnb.errors import CompileError
from wfnb.machine.analyses import analyse
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.dataflow.analysis import data_flow
from wfnb.machine.dataflow.concurrency import concurrency
from wfnb.machine.dataflow.must import must
from wfnb.machine.dataflow.ways import gives_value, ways
from wfnb.machine.machine import Machine
from wfnb.machine.net import Unsafe
from wfnb.machine.netting import net_of
from wfnb.model.activity import describe
from wfnb.model.workflow import Fork, Group, Join, Wait, Workflow
from wfnb.testing.constructs import CONSTRUCTS
from wfnb.testing.workflows import workflows

MOST = 6_000
"""How many states are looked at before an example is left alone."""


def work(id: str) -> int:
    return len(id)


def states(machine: Machine) -> Iterator[tuple[frozenset[int], frozenset[int]]]:
    """Every marking that can be reached, with the nodes that have given a value."""
    made = net_of(machine)
    first = (made.net.initial, frozenset[int]())
    seen, frontier = {first}, [first]
    while frontier:
        marking, written = frontier.pop()
        yield marking, written
        assume(len(seen) < MOST)
        for number in made.net.enabled(marking):
            meaning = made.meanings[number]
            node = machine.graph.nodes[meaning.node]
            gives = gives_value(node) and (isinstance(node, Wait) or meaning.cause == "complete")
            try:
                after = made.net.fire(marking, number), written | {meaning.node} if gives else written
            except Unsafe:
                continue  # such a run ends with an error
            if after not in seen:
                seen.add(after)
                frontier.append(after)


def known(machine: Machine) -> tuple[dict[int, set[int]], dict[int, set[int]], set[tuple[int, int]]]:
    """By node that a token comes to: what surely has a value, as it is said and as it is; and what runs beside what."""
    routes = ways(machine.graph)
    nodes = machine.graph.nodes
    gives = [1 << number if gives_value(node) else 0 for number, node in enumerate(nodes)]
    sure = must(routes, gives, {})
    at_node = net_of(machine).nodes
    exact: dict[int, set[int]] = {}
    pairs = set()
    for marking, written in states(machine):
        here = {at_node[place] for place in marking if at_node[place] >= 0}
        # The net decides on the branches of an inclusive fork one by one, as nothing else sees it.
        resting = [node for node in here if not isinstance(nodes[node], Fork)]
        pairs |= {(a, b) for a in resting for b in resting if a < b}
        for node in here:
            exact[node] = exact[node] & written if node in exact else set(written)
    said = {
        node: {bit for bit in range(len(nodes)) if sure.before[node] >> bit & 1}
        for node in exact
        if not isinstance(nodes[node], Join | Group)
    }
    return said, exact, pairs


def compiled(workflow: Workflow) -> Machine:
    try:
        return compile_workflow(workflow)
    except CompileError:
        reject()


def agree(workflow: Workflow, *, exactly: bool) -> None:
    machine = compiled(workflow)
    said, exact, pairs = known(machine)
    for node, values in said.items():
        assert values <= exact[node], machine.ids[node]
        if exactly:
            assert values == exact[node], machine.ids[node]
    relation = concurrency(ways(machine.graph))
    assert relation is not None
    assert [(machine.ids[a], machine.ids[b]) for a, b in pairs if not relation.between(a, b)] == []
    if exactly:
        resting = [node for node in exact if not isinstance(machine.graph.nodes[node], Fork)]
        others = {(a, b) for a in resting for b in resting if a < b and relation.between(a, b)}
        assert {(machine.ids[a], machine.ids[b]) for a, b in others - pairs} == set()


@given(workflows(size=14))
@settings(max_examples=60)
def test_both_are_exact_on_plain_drawings(workflow: Workflow) -> None:
    agree(workflow, exactly=True)


@given(workflows(size=14, sound=False))
@settings(max_examples=60)
def test_both_are_safe_where_drawings_are_faulty(workflow: Workflow) -> None:
    agree(workflow, exactly=False)


@given(workflows(size=16, constructs=CONSTRUCTS))
@settings(max_examples=120)
def test_both_are_safe_with_every_construct(workflow: Workflow) -> None:
    agree(workflow, exactly=False)


@given(workflows(size=30, constructs=CONSTRUCTS))
@settings(max_examples=150)
def test_no_false_alarm(workflow: Workflow) -> None:
    activities = {"work": describe(work)}
    assert data_flow(workflow, activities).diagnostics == ()
    types = analyse(compiled(workflow), activities, None).types
    assert types.diagnostics == ()
    told = types.verdict
    assert told.verdict == "proved" or "signal('go')" in told.why  # of which nothing is declared


@pytest.mark.long
@given(workflows(size=24, constructs=CONSTRUCTS, sound=False))
@settings(max_examples=3_000)
@pytest.mark.timeout(900)
def test_many_more(workflow: Workflow) -> None:
    agree(workflow, exactly=False)
