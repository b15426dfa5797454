"""Firing sequences of nets, played as what runs record."""

from __future__ import annotations

import pytest

from tests.exploring import explore
from tests.patterns.kit import task, tasks
from wfnb.author.flow import Flow
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.netting import net_of
from wfnb.machine.playing import Played, play
from wfnb.machine.semantics import replay
from wfnb.machine.soundness import decide


def counterexample(flow: Flow) -> tuple[Machine, Played]:
    """The machine, and its counterexample as the checker gives it, played."""
    machine = compile_workflow(flow.workflow)
    return machine, play(machine, decide(net_of(machine).net).trace)


def marks(machine: Machine, played: Played) -> set[str]:
    state = played.state
    edges = machine.workflow.edges
    return {machine.ids[node] for node in state.busy} | {
        f"{edges[e].source} > {edges[e].target}" for e in state.waiting
    }


def test_a_join_that_waits_for_a_branch_that_was_not_taken() -> None:
    flow = Flow("stuck")
    a, b, gate, join = task(flow, "a"), task(flow, "b"), flow.choice("gate"), flow.join("join")
    flow.start >> a >> gate
    gate.when("a == 1") >> b >> join
    gate.otherwise() >> join >> flow.end()
    machine, played = counterexample(flow)
    assert played.problem is None
    assert marks(machine, played) == {"gate > join"}
    assert [type(event).__name__ for event in played.events] == ["RunStarted", "TaskStarted", "TaskCompleted"]
    assert replay(machine, played.events) == played.state


def test_a_second_token() -> None:
    flow = Flow("unsafe")
    a, b, c = tasks(flow, "a b c")
    flow.start >> flow.fork("fork") >> [a, b] >> c >> flow.end()
    machine, played = counterexample(flow)
    assert played.problem is not None
    assert (played.problem.type, played.problem.node) == ("RunStuck", "c")
    assert played.state.status == "failed"
    assert machine.ids[next(iter(played.state.busy.keys() & {machine.graph.number["c"]}))] == "c"


def test_locks_that_wait_for_each_other() -> None:
    flow = Flow("crossed")
    a1, a2, b1, b2 = tasks(flow, "a1 a2 b1 b2")
    join = flow.join("join")
    flow.start >> flow.fork("fork") >> [a1, b1]
    a1 >> a2.options(lock="two") >> join
    b1 >> b2.options(lock="one") >> join >> flow.end()
    flow.group("a", [a1, a2], lock="one")
    flow.group("b", [b1, b2], lock="two")
    machine, played = counterexample(flow)
    assert [machine.ids[node] for node in played.state.ready] in (["a2", "b2"], ["b2", "a2"])
    assert set(played.state.held) == {"one", "two"}


def test_waits_maps_calls_errors_and_an_inclusive_fork() -> None:
    flow = Flow("every kind", {"n": "int"})
    inner = Flow("inner")
    inner.start >> task(inner, "deep") >> inner.end()
    join, met = flow.join("join"), flow.join("met")
    fork = flow.fork("fork", join=join)
    wait, ask, each, call = flow.wait("wait"), flow.approval("ask"), flow.map("each", "work", [1]), None
    del call
    each.options(arguments={"id": "x"})
    flow.start >> wait
    wait.on("go") >> ask >> each >> fork
    fork.when("input.n > 0") >> task(flow, "a") >> join
    fork.otherwise() >> task(flow, "b") >> join
    tried = task(flow, "tried")
    join >> flow.fork("both") >> [tried, task(flow, "other")]
    tried >> met
    tried.on_error("Bad") >> flow.end("caught")
    flow.node("other") >> met >> flow.end()
    machine, played = counterexample(flow)
    names = [type(event).__name__ for event in played.events]
    assert names[:6] == [
        "RunStarted", "SignalReceived", "ApprovalGiven", "MapStarted", "MapCompleted", "TaskStarted"
    ]  # fmt: skip
    assert "TaskFailed" in names
    assert marks(machine, played) == {"other > met"}


@pytest.mark.parametrize("rest", ["absorb", "cancel"])
def test_every_marking_is_reached(rest: str) -> None:
    """Along the way to each marking the machine is where the net is, but for what routes at once."""
    flow = Flow("partial")
    branches, join = tasks(flow, "a b c"), flow.join("join", need=2).options(rest=rest)  # type: ignore[arg-type]
    flow.start >> flow.fork("fork") >> branches >> join >> task(flow, "last") >> flow.end()
    machine = compile_workflow(flow.workflow)
    net = net_of(machine).net
    assert explore(net).verdict == "sound"
    trace: list[int] = []
    marking = net.initial
    while not net.ended(marking):
        trace.append(min(net.enabled(marking)))
        marking = net.play(trace)
    played = play(machine, trace)
    assert played.problem is None
    assert not played.state.marking
    assert len(played.state.ended) == 1
