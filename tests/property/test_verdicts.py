"""What `check` says of random workflows, against all games on their drawings."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.property.drawings import Played, everything_of
from tests.property.netgame import NetGame, rests
from tests.property.tangles import tangle
from wfnb.errors import CompileError
from wfnb.machine import verdicts
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.net import Unsafe, can_fire
from wfnb.machine.netting import net_of
from wfnb.machine.playing import play
from wfnb.machine.prompt import Turns
from wfnb.machine.prompt.hastened import Hastened, hastened
from wfnb.machine.soundness.game import bits
from wfnb.model.workflow import Choice, Edge, End, Fork, Group, Join, Node, Workflow
from wfnb.testing.constructs import CONSTRUCTS
from wfnb.testing.workflows import workflows

MOST = 4_000
"""How many boards are looked at before an example is left alone."""


@st.composite
def spoilt(draw: st.DrawFn, size: int, most: int = 3) -> Workflow:
    """A workflow with a few strokes that nobody thought through."""
    workflow = draw(workflows(size=size, constructs=CONSTRUCTS, sound=False))
    for _ in range(draw(st.integers(1, most))):
        workflow = draw(st.sampled_from((_lead_elsewhere, _other_node, _another_edge)))(draw, workflow)
    return workflow


def _lead_elsewhere(draw: st.DrawFn, workflow: Workflow) -> Workflow:
    at = draw(st.integers(0, len(workflow.edges) - 1))
    target = draw(st.sampled_from([node.id for node in workflow.nodes if not isinstance(node, Group)][1:]))
    edges = [replace(e, target=target) if i == at else e for i, e in enumerate(workflow.edges)]
    return replace(workflow, edges=tuple(edges))


def _another_edge(draw: st.DrawFn, workflow: Workflow) -> Workflow:
    ids = [node.id for node in workflow.nodes]
    source, target = draw(st.sampled_from(ids)), draw(st.sampled_from(ids[1:]))
    fields = draw(
        st.sampled_from(({}, {"error": "*"}, {"error": "Odd"}, {"after": 1}, {"on": "go"}, {"when": "1 < 2"}))
    )
    return replace(workflow, edges=(*workflow.edges, Edge(source=source, target=target, **fields)))


def _other_node(draw: st.DrawFn, workflow: Workflow) -> Workflow:
    at = draw(st.integers(0, len(workflow.nodes) - 1))
    node = workflow.nodes[at]
    edges = workflow.edges
    new: Node = node
    match node:
        case Join():
            need, rest = draw(st.sampled_from(("all", "any", 1, 2))), draw(st.sampled_from(("absorb", "cancel")))
            new = replace(node, need=need, rest=rest)
        case Choice():
            new = Fork(node.id)
            edges = tuple(replace(e, when=None, otherwise=False) if e.source == node.id else e for e in edges)
        case Fork() if not node.join:
            new = Choice(node.id)
            edges = tuple(
                replace(e, when="1 < 2") if e.source == node.id and not e.trigger and not e.spawn else e for e in edges
            )
        case Group():
            ids = [other.id for other in workflow.nodes if other.id != node.id]
            members = draw(st.lists(st.sampled_from(ids), max_size=5, unique=True))
            new = replace(node, cancel=draw(st.booleans()), lock=draw(st.sampled_from(("", "one"))))
            new = replace(new, members=tuple(members)) if draw(st.booleans()) else new
        case End():
            new = replace(node, terminate=not node.terminate)
        case _:
            return workflow
    return replace(workflow, nodes=tuple(new if i == at else one for i, one in enumerate(workflow.nodes)), edges=edges)


def told(machine: Machine) -> dict[str, str]:
    found = verdicts.behaviour_of(machine)
    return {
        one.name: one.verdict for one in verdicts.properties_of(machine, found, verdicts.dead_nodes(machine, found))
    }


def shown(played: Played, *, spawns: bool) -> dict[str, str]:
    def verdict(*against: object) -> str:
        return "refuted" if any(against) else "proved"

    # What is spawned has ended, for all that a parent's net knows.
    left = any(board.ended or spawns for board in played.dead)
    return {
        "sound": verdict(played.second, played.dead, played.lost),
        "deadlock-free": verdict(played.dead),
        "terminates": verdict(played.lost),
        "proper completion": verdict(left, played.spilt),
    }


def agree(workflow: Workflow) -> None:
    try:
        machine = compile_workflow(workflow)
    except CompileError:
        return  # nothing of it is proved
    played = everything_of(workflow, MOST)
    if played is None:
        return
    found, wanted = told(machine), shown(played, spawns=bool(machine.special.spawns))
    assert found["sound"] == wanted["sound"], (played.second, played.dead[:1], played.lost)
    if played.second:
        return  # what a net may do on its way to a second token is no marking in which tokens rest
    for name, verdict in wanted.items():
        assert found[name] in (verdict, "unknown"), (name, played.dead[:1], played.lost)
    dead, _ = verdicts.dead_nodes(machine, verdicts.behaviour_of(machine))
    never = {node.id for node in workflow.nodes if not isinstance(node, Group)} - played.entered
    elsewhere = machine.graph.reachable(machine.graph.target[edge] for edge in machine.special.spawns)
    never -= {machine.ids[node] for node in (*elsewhere, machine.start)}
    assert {machine.ids[node] for node in dead} == never


@given(workflows(size=12))
@settings(max_examples=150)
def test_plain_workflows(workflow: Workflow) -> None:
    agree(workflow)


@given(workflows(size=12, sound=False, constructs=CONSTRUCTS))
@settings(max_examples=200)
def test_workflows_with_every_construct(workflow: Workflow) -> None:
    agree(workflow)


@given(spoilt(size=12))
@settings(max_examples=300)
def test_spoilt_workflows(workflow: Workflow) -> None:
    agree(workflow)


@given(st.randoms(use_true_random=False))
@settings(max_examples=100)
def test_tangles(random: Random) -> None:
    agree(tangle(random))


@given(st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_the_machine_does_what_its_net_does_where_routing_comes_first(random: Random) -> None:
    try:
        machine = compile_workflow(tangle(random))
    except CompileError:
        return
    whole = net_of(machine)
    turns = Turns(machine, whole)
    marking, fired, doubled = turns.game.begin, list[int](), 0
    for _ in range(random.randint(1, 12)):
        possible = list(bits(turns.game.enabled(marking) & turns.outside))
        if not possible or doubled:
            break
        (step,) = turns.settled(marking, random.choice(possible), lambda _, choices: [random.choice(choices)])
        fired += step.fired
        marking, doubled = step.marking, step.doubled
    played = play(machine, fired)
    assert (played.problem is not None) == bool(doubled)
    if not doubled:
        game = NetGame(machine)
        game.marking = frozenset(bits(marking))
        assert game.marks() == rests(machine, played.state)
        free = {
            name for name in (lock.name for lock in machine.special.locks.values()) if name not in played.state.held
        }
        assert free == {lock.name for lock in machine.special.locks.values()} & {
            whole.net.places[place].removeprefix("lock ") for place in game.marking
        }


def follows(made: Hastened, markings: set[frozenset[int]], fired: Sequence[int]) -> tuple[set[frozenset[int]], bool]:
    """Where such firings lead in a net whose transitions stand for some, and whether the last puts a second token."""
    begun: dict[int, list[tuple[int, int]]] = {}
    for number, stands in enumerate(made.stands):
        begun.setdefault(stands[0], []).append((number, len(stands)))
    after = [markings, *(set() for _ in fired)]
    doubled = False
    for at, number in enumerate(fired):
        for one, length in begun.get(number, ()):
            if made.stands[one] != tuple(fired[at : at + length]):
                continue
            for marking in after[at]:
                if can_fire(made.net.transitions[one], marking):
                    try:
                        after[at + length].add(made.net.fire(marking, one))
                    except Unsafe:
                        doubled |= at + length == len(fired)
    return after[-1], doubled


def all_runs_are_in_the_hastened_net(random: Random) -> None:
    try:
        machine = compile_workflow(tangle(random))
    except CompileError:
        return
    turns = Turns(machine, net_of(machine))
    joins = [node for node, kind in enumerate(machine.kinds) if kind is Kind.JOIN]
    made = hastened(machine, turns, random.sample(joins, random.randint(0, len(joins))))
    marking, there = turns.game.begin, {made.net.initial}
    for _ in range(random.randint(1, 20)):
        enabled = turns.game.enabled(marking)
        possible = list(bits(enabled & turns.outside))
        assert possible or not any(next(made.net.enabled(m), None) is not None for m in there)
        if not possible:
            break
        (step,) = turns.settled(marking, random.choice(possible), lambda _, choices: [random.choice(choices)])
        there, doubled = follows(made, there, step.fired)
        if step.doubled:
            assert doubled
            break
        assert there
        marking = step.marking
        count = len(turns.net.places)
        assert all(sum(1 << place for place in m if place < count) == marking for m in there)


@given(st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_every_run_is_one_of_the_net_where_joins_fire_at_once(random: Random) -> None:
    all_runs_are_in_the_hastened_net(random)


@pytest.mark.long
@given(spoilt(size=24))
@settings(max_examples=10_000)
@pytest.mark.timeout(900)
def test_many_more(workflow: Workflow) -> None:
    agree(workflow)


@pytest.mark.long
@given(st.randoms(use_true_random=False))
@settings(max_examples=10_000)
@pytest.mark.timeout(900)
def test_many_more_tangles(random: Random) -> None:
    agree(tangle(random))


@pytest.mark.long
@given(st.randoms(use_true_random=False))
@settings(max_examples=10_000)
@pytest.mark.timeout(900)
def test_many_more_runs_are_those_of_the_net_where_joins_fire_at_once(random: Random) -> None:
    all_runs_are_in_the_hastened_net(random)
