"""Random workflows of every construct: runs against nets, verdicts against runs, counterexamples in the machine."""

from __future__ import annotations

import asyncio
import copy
import random
from collections import Counter
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from tests.exploring import explore
from tests.property.applied import applied_by
from tests.property.netgame import NetGame, rests
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.errors import CompileError, InputError, RunError, WfnbError
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.decide import decide
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.netting import net_of
from wfnb.machine.playing import play
from wfnb.machine.semantics import evolve, replay
from wfnb.model.activity import describe
from wfnb.model.event import Event
from wfnb.model.state import State
from wfnb.model.workflow import Choice, Fork, Group, Join, Retry, Start, Task, Workflow
from wfnb.testing import virtual_time
from wfnb.testing.constructs import CONSTRUCTS, SIGNAL
from wfnb.testing.workflows import workflows

VISITS = 3
"""After so many visits a task gives 0, which ends every loop."""
any_workflow = workflows(size=24, constructs=CONSTRUCTS)
faulty = workflows(size=18, sound=False, constructs=CONSTRUCTS)
seeds = st.integers(0, 2**32)
MARKINGS = 3_000
ENOUGH = 400
"""Events after which a run is cancelled: a faulty one may go round for ever."""


@st.composite
def broken(draw: st.DrawFn) -> Workflow:
    """A workflow with one fault, if it still compiles: an edge that leads elsewhere, a fork where a choice was, ..."""
    workflow = draw(faulty)
    nodes, edges = list(workflow.nodes), list(workflow.edges)
    kind = draw(st.sampled_from(("lead", "fork", "choice", "merge", "partial", "lock")))
    fitting = {"fork": Choice, "choice": Fork, "merge": Join, "partial": Join, "lock": Task}
    if kind == "lead":
        at = draw(st.integers(0, len(edges) - 1))
        target = draw(st.sampled_from([node.id for node in nodes if not isinstance(node, Start | Group)]))
        edges[at] = msgspec.structs.replace(edges[at], target=target)
    else:
        places = [at for at, node in enumerate(nodes) if isinstance(node, fitting[kind])]
        assume(places)
        at = draw(st.sampled_from(places))
        id = nodes[at].id
        own = [n for n, edge in enumerate(edges) if edge.source == id]
        match kind:
            case "fork":
                nodes[at] = Fork(id)
                edges = [
                    msgspec.structs.replace(e, when=None, otherwise=False) if n in own else e
                    for n, e in enumerate(edges)
                ]
            case "choice":
                nodes[at] = Choice(id)
                for n in own:
                    last = n == own[-1]
                    edges[n] = msgspec.structs.replace(
                        edges[n], when=None if last else "1 < 2", otherwise=last, spawn=False
                    )
            case "merge":
                nodes[at] = Task(id, activity="work", arguments={"id": id})
            case "partial":
                nodes[at] = Join(id, need="any", rest=draw(st.sampled_from(("absorb", "cancel"))))
            case _:
                node = nodes[at]
                assert isinstance(node, Task)
                nodes[at] = msgspec.structs.replace(node, lock=draw(st.sampled_from(("one", "both"))))
    made = msgspec.structs.replace(workflow, nodes=tuple(nodes), edges=tuple(edges))
    try:
        compile_workflow(made)
    except CompileError:
        assume(False)
    return made


relaxed = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


class Odd(Exception):
    """What the activity raises now and then."""


def registry(seed: int, failing: float) -> Registry:
    chance, calls = random.Random(seed), Counter[str]()

    async def work(id: str) -> int:
        await asyncio.sleep(chance.choice([0, 0, 1, 2]))
        if chance.random() < failing:
            raise Odd(id)
        calls[id] += 1
        return chance.randint(0, 5) if calls[id] <= VISITS else 0

    made = Registry()
    made.add(describe(work, retry=Retry(attempts=2, delay=1)))
    return made


class Ran:
    """A run with its children: their machines, events, and live states after each event."""

    def __init__(self) -> None:
        self.states: dict[int, list[State]] = {}
        self.machines: dict[int, Machine] = {}
        self.run: Any = None
        self.events: dict[str, list[Event]] = {}

    def remember(self, machine: Machine, state: State, event: Event) -> State:
        evolve(machine, state, event)
        self.states.setdefault(id(state), []).append(copy.deepcopy(state))
        self.machines[id(state)] = machine
        self.kept.append(state)
        return state

    kept: list[State] = []  # noqa: RUF012 - so that no two have one id


def ran(workflow: Workflow, seed: int, failing: float = 0.1) -> Ran:
    """Run a workflow, while somebody sends signals and answers approvals now and then."""
    made, chance = Ran(), random.Random(seed)
    made.kept = []

    async def outside(run: Any) -> None:
        while True:
            await asyncio.sleep(chance.choice([0.25, 0.5, 1]))
            if run.state.seq > ENOUGH:
                run.cancel()
            try:
                if chance.random() < 0.3:
                    run.signal(SIGNAL, chance.choice([1, 2]))
                for asked in run.approvals:
                    if chance.random() < 0.5:
                        run.approve(asked.node, 1)
            except InputError:
                pass  # nothing in the workflow waits for it
            except WfnbError:
                return

    async def main() -> None:
        async with Engine(registry=registry(seed, failing)) as engine:
            run = made.run = engine.start(workflow, allow_unsound=True)
            somebody = asyncio.ensure_future(outside(run))
            try:
                await run
            except RunError:
                assert run.status in ("failed", "cancelled")
            somebody.cancel()
            for _ in range(1_000):
                if not engine.runs:
                    break
                await asyncio.sleep(1)
            for head in engine.store.heads():
                assert head.status != "running"
                made.events[head.run] = [record.event for record in engine.store.read(head.run)]

    with applied_by(made.remember):
        virtual_time(main(), seed=seed)
    return made


def checked(workflow: Workflow, seed: int, failing: float) -> None:
    made = ran(workflow, seed, failing)
    for key, states in made.states.items():
        machine = made.machines[key]
        # A child that is taken back after its end is driven once more, from where it had ended.
        before, last = states[0].seq - 1, states[-1].seq
        events = next(e[:last] for e in made.events.values() if _led(machine, e[:last], states[-1]))
        assert len(events) - before == len(states)
        state = replay(machine, events[:before]) if before else State()
        for event, live in zip(events[before:], states, strict=True):
            assert evolve(machine, state, event) == live
        if not before:
            NetGame(machine).play(events)


def _led(machine: Machine, events: list[Event], state: State) -> bool:
    try:
        return replay(machine, events) == state
    except WfnbError:
        return False


@given(any_workflow, seeds, st.sampled_from((0, 0.1, 0.3)))
@settings(max_examples=60, suppress_health_check=relaxed)
def test_every_run_is_a_firing_sequence_and_its_fold(workflow: Workflow, seed: int, failing: float) -> None:
    checked(workflow, seed, failing)


@given(broken(), seeds, st.sampled_from((0, 0.1)))
@settings(max_examples=40, suppress_health_check=relaxed)
def test_so_are_runs_of_faulty_workflows(workflow: Workflow, seed: int, failing: float) -> None:
    checked(workflow, seed, failing)


@given(any_workflow)
@settings(max_examples=40, suppress_health_check=relaxed)
def test_workflows_made_to_be_sound_are(workflow: Workflow) -> None:
    machine = compile_workflow(workflow)
    found = explore(net_of(machine).net, MARKINGS)
    assert found.verdict in ("sound", "unknown"), _told(machine, found.trace)


@given(any_workflow | broken(), seeds, st.sampled_from((0, 0.2)))
@settings(max_examples=80, suppress_health_check=relaxed)
def test_what_is_sound_never_gets_stuck(workflow: Workflow, seed: int, failing: float) -> None:
    assume(explore(net_of(compile_workflow(workflow)).net, MARKINGS).verdict == "sound")
    run = ran(workflow, seed, failing).run
    assert run.error is None or run.error.type in ("Odd", "Refused"), run.error
    assert failing or run.error is None or run.error.type == "Refused"


@given(broken())
@settings(max_examples=150, suppress_health_check=relaxed)
def test_counterexamples_replay_in_the_machine(workflow: Workflow) -> None:
    machine = compile_workflow(workflow)
    found = explore(net_of(machine).net, MARKINGS)
    assume(found.verdict in ("unsafe", "stuck"))
    replayed(machine, found.verdict, found.trace)


def replayed(machine: Machine, verdict: str, trace: tuple[int, ...]) -> None:
    """Play a counterexample, and see that it leads to where it should."""
    net = net_of(machine).net
    played = play(machine, trace)
    assert replay(machine, played.events) == played.state
    if hasty(machine, trace):
        return
    if verdict == "unsafe":
        assert played.problem is not None, _told(machine, trace)
        assert played.problem.type == "RunStuck"
        return
    assert played.problem is None, (played.problem, _told(machine, trace))
    marking = net.play(trace)
    if any(True for _ in net.enabled(marking)):
        return  # a livelock: nothing is at rest for good
    game = NetGame(machine)
    game.marking = marking
    assert game.marks() == rests(machine, played.state), _told(machine, trace)
    commands: list[Any] = []
    while not commands or commands[-1].__class__.__name__ not in ("Fail", "Complete"):
        commands = decide(machine, played.state)
        assert commands, "the machine goes on waiting"
        played.state.withdrawn.clear()
        played.state.spawning.clear()
    assert commands[-1].__class__.__name__ == "Fail"
    assert "the run is stuck" in commands[-1].problem.message


def hasty(machine: Machine, trace: tuple[int, ...]) -> bool:
    """Whether a group is interrupted while a join in it could go on, which it would have done at once in a run.

    That matters only where a milestone lies on the way to the join: else the group is interrupted a little earlier.
    """
    netted = net_of(machine)
    marking = netted.net.initial
    for at, number in enumerate(trace):
        transition = netted.net.transitions[number]
        if machine.kinds[netted.meanings[number].node] is Kind.GROUP:
            for other in netted.net.enabled(marking):
                joins = machine.kinds[netted.meanings[other].node] is Kind.JOIN
                if joins and not set(transition.pre).isdisjoint(netted.net.transitions[other].pre):
                    return True
        if at + 1 < len(trace):
            marking = netted.net.fire(marking, number)
    return False


def _told(machine: Machine, trace: tuple[int, ...]) -> list[str]:
    return [net_of(machine).meanings[number].text for number in trace]


@pytest.mark.long
@pytest.mark.timeout(1_800)
@given(any_workflow | broken(), seeds, st.sampled_from((0, 0.1, 0.3)))
@settings(max_examples=2_000, suppress_health_check=relaxed)
def test_many_more(workflow: Workflow, seed: int, failing: float) -> None:
    checked(workflow, seed, failing)
    machine = compile_workflow(workflow)
    found = explore(net_of(machine).net, MARKINGS)
    if found.verdict in ("unsafe", "stuck"):
        replayed(machine, found.verdict, found.trace)
