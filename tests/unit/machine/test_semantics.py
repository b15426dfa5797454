"""How a machine moves: tokens, values and outputs, step by step and without an engine."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import UNSET

from wfnb.author.flow import Flow, flow
from wfnb.errors import ExpressionError, ReplayMismatch
from wfnb.machine.command import Complete, Fail, StartTask
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.decide import decide, reopen
from wfnb.machine.graph import cycles
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.output import output
from wfnb.machine.semantics import evolve, replay
from wfnb.machine.settle import settle_completed, settle_end, settle_failed, settle_start
from wfnb.model.event import (
    Event,
    Problem,
    RunCancelled,
    RunFailed,
    RunStarted,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    Unstored,
)
from wfnb.model.state import State
from wfnb.model.workflow import Edge, End, Retry, Start, Task, Wait, Workflow


class Steps:
    """A machine driven by hand."""

    def __init__(self, made: Flow, **input: Any) -> None:
        self.machine: Machine = compile_workflow(made.workflow)
        self.state = State()
        self.events: list[Event] = []
        self.take(settle_start(self.machine, input, {}))

    def take(self, events: list[Event]) -> None:
        for event in events:
            evolve(self.machine, self.state, event)
            self.events.append(event)

    def start(self) -> list[str]:
        """Start what is ready; gives its ids."""
        commands = decide(self.machine, self.state)
        started = [
            TaskStarted(self.machine.ids[c.node], c.visit, c.attempt) for c in commands if isinstance(c, StartTask)
        ]
        self.take(list(started))
        return [s.node for s in started]

    def complete(self, id: str, value: Any = None) -> list[Event]:
        node = self.machine.graph.number[id]
        settled = settle_completed(self.machine, self.state, node, self.state.busy[node], value)
        self.take(settled)
        return settled

    def run(self, **values: Any) -> Any:
        """Complete everything that starts with the value named after it; gives the output."""
        while started := self.start():
            for id in started:
                self.complete(id, values.get(id))
        (last,) = decide(self.machine, self.state)
        assert isinstance(last, Complete)
        return output(self.machine, self.state)


def task(made: Flow, id: str) -> Any:
    return made.task(id, "activity")


def diamond() -> Flow:
    made = flow("diamond")
    made.start >> made.fork("fork") >> [task(made, "a"), task(made, "b")] >> made.join("join") >> made.end()
    return made


def test_a_chain_step_by_step() -> None:
    made = flow("chain")
    made.start >> task(made, "a") >> task(made, "b") >> made.end()
    steps = Steps(made)
    assert steps.state.marking == {("edge", 0)}
    assert decide(steps.machine, steps.state) == [StartTask(1, 1, 1)]
    assert decide(steps.machine, steps.state) == []  # handed out once
    steps.take([TaskStarted("a", 1, 1)])
    assert steps.state.marking == {("busy", 1)}
    assert steps.complete("a", 5) == [TaskCompleted("a", 1, 1, 5, (1,))]
    assert steps.start() == ["b"]
    steps.complete("b", 6)
    assert steps.state.marking == set()
    assert decide(steps.machine, steps.state) == [Complete()]
    assert output(steps.machine, steps.state) == 6


def test_a_fork_and_its_join() -> None:
    steps = Steps(diamond())
    assert steps.start() == ["a", "b"]
    steps.complete("b", 2)
    join = steps.machine.graph.number["join"]
    assert steps.state.arrived == {join: 1}
    assert steps.start() == []
    steps.complete("a", 1)
    assert steps.state.arrived == {}
    assert steps.state.waiting == set()
    assert output(steps.machine, steps.state) == {"a": 1, "b": 2}


@pytest.mark.parametrize(("n", "reached"), [(5, "big"), (2, "small"), (0, "none")])
def test_a_choice_takes_the_first_guard_that_holds(n: int, reached: str) -> None:
    made = flow("choice")
    gate = made.choice("gate")
    made.start >> task(made, "n") >> gate
    gate.when("n > 3") >> made.end("big", output="big")
    gate.when("n > 0") >> made.end("small", output="small")
    gate.otherwise() >> made.end("none", output="none")
    assert Steps(made).run(n=n) == reached


def test_a_choice_right_after_the_start_reads_the_input() -> None:
    made = flow("choice", {"n": "int"})
    gate = made.choice("gate")
    made.start >> gate
    gate.when("input.n > 3") >> made.end("big", output="=input.n")
    gate.otherwise() >> made.end("small")
    assert Steps(made, n=5).run() == 5
    assert Steps(made, n=1).run() is None
    steps = Steps(made, n="text")
    assert [type(e) for e in steps.events] == [RunStarted, RunFailed]


def test_a_loop_counts_its_visits() -> None:
    made = flow("loop")
    gate = made.choice("gate")
    made.start >> task(made, "a") >> gate
    gate.when("a > 0") >> made.node("a")
    gate.otherwise() >> made.end()
    steps = Steps(made)
    node = steps.machine.graph.number["a"]
    for visit, value in enumerate((2, 1, 0), 1):
        assert steps.start() == ["a"]
        assert steps.state.visits == {node: visit}
        steps.complete("a", value)
    assert output(steps.machine, steps.state) == 0


def test_a_task_may_follow_itself() -> None:
    made = flow("self")
    fork = made.fork("fork")
    made.start >> task(made, "a") >> fork
    fork >> [made.node("a"), made.end()]
    steps = Steps(made)
    assert steps.start() == ["a"]
    steps.complete("a")
    assert steps.start() == ["a"]
    _, failed = steps.complete("a")
    assert isinstance(failed, RunFailed)
    assert "a second token reached 'end'" in failed.error.message


def test_a_join_in_a_loop_starts_anew() -> None:
    made = flow("loop")
    fork, join, gate = made.fork("fork"), made.join("join"), made.choice("gate")
    made.start >> task(made, "first") >> fork >> [task(made, "a"), task(made, "b")] >> join >> task(made, "c") >> gate
    gate.when("c > 0") >> fork
    gate.otherwise() >> made.end()
    steps = Steps(made)
    steps.start()
    steps.complete("first")
    for value in (2, 1, 0):
        assert steps.start() == ["a", "b"]
        steps.complete("a")
        steps.complete("b")
        assert steps.start() == ["c"]
        steps.complete("c", value)
    assert decide(steps.machine, steps.state) == [Complete()]


def test_a_join_that_waits_for_ever() -> None:
    made = flow("stuck")
    gate, join = made.choice("gate"), made.join("join")
    made.start >> made.fork("fork") >> [task(made, "a"), task(made, "b")]
    made.node("a") >> join
    made.node("b") >> gate
    gate.when("b") >> join
    gate.otherwise() >> made.end("away")
    join >> made.end("end")
    steps = Steps(made)
    steps.start()
    steps.complete("a")
    steps.complete("b", 0)
    (fail,) = decide(steps.machine, steps.state)
    assert isinstance(fail, Fail)
    assert fail.problem == Problem(
        type="RunStuck",
        message="the run is stuck: 'join' waits for a branch that was not taken\nlet every branch reach the join",
        node="join",
    )


@pytest.mark.parametrize("through_join", [False, True])
def test_a_second_token_ends_the_run(through_join: bool) -> None:
    made = flow("unsafe")
    last = made.join("join") if through_join else task(made, "c")
    made.start >> made.fork("fork") >> [task(made, "a"), task(made, "b"), task(made, "other")]
    if through_join:
        merge = made.choice("merge")
        [made.node("a"), made.node("b")] >> merge
        merge.otherwise() >> last
        made.node("other") >> last
    else:
        [made.node("a"), made.node("b")] >> last
        made.node("other") >> made.end("away")
    last >> made.end("end")
    steps = Steps(made)
    assert steps.start() == ["a", "b", "other"]
    steps.complete("a")
    steps.start()
    settled = steps.complete("b")
    assert isinstance(settled[0], TaskCompleted)
    assert isinstance(settled[-1], RunFailed)
    assert settled[-1].error.message.startswith(f"a second token reached '{last.id}' while one was still there\n")
    called_off = {e.node for e in settled if isinstance(e, TaskCancelled)}
    assert called_off == ({"other"} if through_join else {"other", "c"})
    assert steps.state.busy == {}


def test_two_tokens_in_one_step_are_seen() -> None:
    made = flow("twice")
    inner = made.fork("inner")
    made.start >> made.fork("fork") >> [task(made, "a"), inner]
    inner >> [made.node("a"), made.end("away")]
    made.node("a") >> made.end()
    steps = Steps(made)
    assert [type(e) for e in steps.events] == [RunStarted, RunFailed]
    assert steps.state.error is not None
    assert steps.state.error.node == "a"


# --- outputs ------------------------------------------------------------------------------------------------------


def test_the_output_of_several_ends_is_by_end() -> None:
    made = flow("ends")
    made.start >> made.fork("fork") >> [task(made, "a"), task(made, "b")]
    made.node("a") >> made.end("one")
    made.node("b") >> made.end("two", output="=b * 10")
    assert Steps(made).run(a=1, b=2) == {"one": 1, "two": 20}


def test_an_end_without_a_value_gives_none() -> None:
    made = flow("empty")
    made.start >> made.end()
    assert Steps(made).run() is None


def test_an_end_may_give_a_constant() -> None:
    made = flow("constant")
    made.start >> task(made, "a") >> made.end(output={"ok": [1]})
    assert Steps(made).run(a=1) == {"ok": [1]}


def test_the_nearest_value_is_that_of_the_branch_taken() -> None:
    made = flow("nearest")
    gate, merge = made.choice("gate"), made.choice("merge")
    made.start >> task(made, "a") >> gate
    gate.when("a") >> task(made, "b") >> merge
    gate.otherwise() >> merge
    merge.otherwise() >> made.end()
    assert Steps(made).run(a=1, b=2) == 2
    assert Steps(made).run(a=0, b=2) == 0


def test_after_a_join_the_nearest_values_are_by_task() -> None:
    made = flow("nearest")
    fork, gate, join = made.fork("fork"), made.choice("gate"), made.join("join")
    made.start >> task(made, "a") >> fork >> [task(made, "b"), gate]
    gate.when("a") >> task(made, "c") >> join
    gate.otherwise() >> join
    made.node("b") >> join
    join >> made.end()
    with pytest.raises(AssertionError):  # three edges into the join, of which two can come
        Steps(made).run(a=1, b=2, c=3)


def test_a_join_of_one_task_and_nothing() -> None:
    made = flow("nearest")
    fork, join = made.fork("fork"), made.join("join")
    made.start >> task(made, "a") >> fork >> [task(made, "b"), join]
    made.node("b") >> join
    join >> made.end()
    assert Steps(made).run(a=1, b=2) == {"b": 2, "a": 1}


def test_an_output_that_fails() -> None:
    made = flow("output")
    made.start >> made.end(output="=1 / 0")
    steps = Steps(made)
    with pytest.raises(ExpressionError):
        output(steps.machine, steps.state)


# --- failures -----------------------------------------------------------------------------------------------------

PROBLEM = Problem(type="OSError", message="no")


def failed(steps: Steps, retry: Retry | None, draw: float = 0.0) -> list[Event]:
    node, attempt = next(iter(steps.state.busy.items()))
    settled = settle_failed(steps.machine, steps.state, node, attempt, PROBLEM, retry, 1_000, draw)
    steps.take(settled)
    return settled


def test_a_failure_without_a_policy_ends_the_run() -> None:
    steps = Steps(diamond())
    steps.start()
    assert failed(steps, None) == [
        TaskFailed("a", 1, 1, PROBLEM),
        TaskCancelled("b", 1, 1),
        RunFailed(PROBLEM),
    ]
    assert (steps.state.status, steps.state.busy, steps.state.error) == ("failed", {}, PROBLEM)
    assert decide(steps.machine, steps.state) == []


def test_pauses_grow_to_the_maximum() -> None:
    steps = Steps(diamond())
    steps.start()
    retry = Retry(attempts=5, delay=1, factor=10, maximum=50, jitter=0.5)
    pauses = []
    for attempt in range(1, 5):
        (event,) = failed(steps, retry, draw=0.5)
        assert isinstance(event, TaskFailed)
        assert event.retry_at is not None
        pauses.append((event.retry_at - 1_000) / 1e6)
        node = steps.machine.graph.number["a"]
        assert steps.state.retrying == {node: event.retry_at}
        assert steps.state.failures == {node: attempt}
        steps.take([TaskStarted("a", 1, attempt + 1)])
        assert steps.state.retrying == {}
    assert pauses == [0.75, 7.5, 37.5, 37.5]
    assert len(failed(steps, retry)) == 3
    assert steps.state.failures == {}


def test_an_error_that_is_not_named_is_not_tried_again() -> None:
    for errors, events in (((), 1), (("OSError",), 1), (("ValueError",), 3)):
        steps = Steps(diamond())
        steps.start()
        assert len(failed(steps, Retry(attempts=3, errors=errors))) == events


def test_the_end_calls_off_what_runs() -> None:
    steps = Steps(diamond())
    steps.start()
    settled = settle_end(steps.machine, steps.state, RunCancelled("why"))
    assert settled == [TaskCancelled("a", 1, 1), TaskCancelled("b", 1, 1), RunCancelled("why")]


def test_reopen_hands_out_what_a_restart_needs() -> None:
    steps = Steps(diamond())
    commands = reopen(steps.machine, steps.state)
    assert commands == []
    assert [c.node for c in decide(steps.machine, steps.state) if isinstance(c, StartTask)] == [2, 3]
    steps.take([TaskStarted("a", 1, 1)])
    assert reopen(steps.machine, steps.state) == [StartTask(2, 1, 2)]


# --- replay -------------------------------------------------------------------------------------------------------


def test_values_that_were_not_stored() -> None:
    made = flow("chain")
    made.start >> task(made, "a") >> made.end()
    machine = compile_workflow(made.workflow)
    known = Unstored(type="T")
    state = replay(
        machine,
        [
            RunStarted(workflow="chain", definition="x", unstored={"i": known}, moves=(0,)),
            TaskStarted("a", 1, 1),
            TaskCompleted("a", 1, 1, UNSET, (1,), known),
            TaskStarted("a", 1, 2, rerun=True),
            TaskCompleted("a", 1, 2, 5, (), UNSET, rerun=True),
        ],
    )
    assert state.input == {"i": known}
    assert state.values == {"a": 5}
    assert state.busy == {}
    assert len(state.ended) == 1


@pytest.mark.parametrize(
    "event",
    [
        TaskStarted("absent", 1, 1),
        TaskCompleted("a", 1, 1),
        TaskCompleted("absent", 1, 1),
        TaskFailed("a", 1, 1, PROBLEM),
        TaskCancelled("a", 1, 1),
        RunStarted(workflow="w", definition="d", moves=(99,)),
    ],
)
def test_a_history_of_something_else_is_refused(event: Event) -> None:
    machine = compile_workflow(diamond().workflow)
    with pytest.raises(ReplayMismatch, match=rf"^event 1 \({type(event).__name__}\) does not fit workflow 'diamond'"):
        replay(machine, [event])


# --- compiling ----------------------------------------------------------------------------------------------------


def test_what_a_machine_has() -> None:
    made = flow("all")
    a, gate = made.task("a", "activity", x="=input.x", y=[1]), made.choice("gate")
    made.start >> a >> gate
    gate.when("a > 1") >> made.fork("fork") >> [made.join("join")]
    gate.otherwise() >> made.end("no", output=5)
    made.node("join") >> made.end("yes", output="=a")
    made.note("note", "for people")
    machine = compile_workflow(made.workflow)
    assert machine.ids == ("start", "a", "gate", "fork", "join", "no", "yes")
    assert machine.kinds == (Kind.START, Kind.TASK, Kind.CHOICE, Kind.FORK, Kind.JOIN, Kind.END, Kind.END)
    assert machine.plans[1].constants == {"y": [1]}
    assert machine.plans[1].nested
    assert [name for name, _ in machine.plans[1].computed] == ["x"]
    assert machine.outputs[5] == 5
    assert machine.steady == ((0,), None, None, None, None, None, None)
    assert machine.otherwise == {2: made.workflow.edges.index(next(e for e in made.workflow.edges if e.otherwise))}
    assert repr(machine) == f"<Machine 'all': 7 nodes, 6 edges, {machine.hash[:8]}>"
    assert isinstance(machine.workflow.node("a"), Task)


def test_cycles() -> None:
    assert cycles([[1], [2], [0], [3], []]) == [[0, 1, 2], [3]]
    assert cycles([[1], [2], []]) == []
    deep = [[n + 1] for n in range(20_000)] + [[0]]
    assert cycles(deep) == [list(range(20_001))]


def test_a_machine_is_calm_where_only_tasks_begin_and_waits_listen() -> None:
    def with_wait(*edges: Edge) -> Workflow:
        nodes = (Start("start"), Task("work", activity="work"), Wait("rest"), End("end"))
        ways = (Edge(source="start", target="work"), Edge(source="work", target="rest"), *edges)
        return Workflow(name="calm", nodes=nodes, edges=ways)

    listens = Edge(source="rest", target="end", on="go")
    assert compile_workflow(with_wait(listens)).calm
    for other in (
        Edge(source="rest", target="end", when="work > 1"),
        Edge(source="rest", target="end", after=1),
    ):
        assert not compile_workflow(with_wait(other)).calm
        assert not compile_workflow(with_wait(listens, other)).calm
