"""Waits: what frees them, what is kept for them, and what they give."""

from __future__ import annotations

import threading
from collections import Counter
from itertools import pairwise
from typing import Any

import pytest

from tests.patterns.kit import given, play, task, verdict
from tests.unit.engine.kit import Activities, types
from wfnb.author.flow import Flow
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import InputError, RunStuck, WfnbError
from wfnb.machine import keeping
from wfnb.machine.settle import holds
from wfnb.model.event import SignalReceived, SignalTaken
from wfnb.testing.clock import EPOCH


@pytest.fixture(autouse=True)
def work(activities: Activities) -> None:
    @activities.define(name="work")
    async def _(id: str, seconds: float = 0) -> str:
        del seconds
        return id


def waiting(*, when: str | None = None, transient: bool = False, kind: Any = "any") -> Flow:
    """start >> wait >> after >> end, freed by `go`."""
    flow = Flow("waiting")
    flow.signal("go", kind, transient=transient)
    wait = flow.wait("wait")
    flow.start >> wait
    wait.on("go", when=when) >> task(flow, "after") >> flow.end(output="=wait")
    return flow


def test_a_wait_gives_what_the_signal_brought() -> None:
    ran = play(waiting(), {2: lambda run: run.signal("go", [1, 2])})
    assert (ran.output, ran.spans[0].begun) == ([1, 2], 2)
    assert ran.types == ["RunStarted", "SignalReceived", "TaskStarted", "TaskCompleted", "RunCompleted"]


def test_a_run_that_waits_says_so() -> None:
    ran = play(waiting())
    assert ran.status == "waiting"
    assert ran.run.state.status == "running"


@pytest.mark.parametrize("early", [True, False])
def test_a_guard_decides_which_signals_count(early: bool) -> None:
    flow = Flow("guarded")
    wait = flow.wait("wait")
    flow.start >> task(flow, "before", seconds=9 if early else 0) >> wait
    wait.on("go", when="signal('go') > 1") >> flow.end(output="=[wait, signal('go')]")
    acts = {number: lambda run, number=number: run.signal("go", number) for number in (1, 2, 3)}
    ran = play(flow, acts)
    assert ran.output == [2, 2]
    assert ran.run.state.kept == {"go": [1, 3] if early else [1]}
    assert verdict(flow) == "sound"


def test_kept_signals_are_taken_oldest_first() -> None:
    flow = Flow("oldest first")
    first, second = flow.wait("first"), flow.wait("second")
    flow.start >> task(flow, "before", seconds=5) >> first
    first.on("go") >> second
    second.on("go") >> flow.end(output="=[first, second]")
    ran = play(flow, {1: lambda run: run.signal("go", "a"), 2: lambda run: run.signal("go", "b")})
    assert ran.output == ["a", "b"]
    assert [e.at for _, e in ran.events if isinstance(e, SignalTaken)] == [0, 0]
    assert ran.run.state.kept == {}


def refusing() -> Flow:
    """A wait that refuses all but 9 and leaves for a while, beside one that takes a 1 once a task is done."""
    flow = Flow("refusing")
    picky, late, away = flow.wait("picky"), flow.wait("late"), task(flow, "away", seconds=5)
    flow.start >> flow.fork("fork") >> [picky, late, task(flow, "x", seconds=3)]
    picky.on("go", when="signal('go') == 9") >> flow.end(output="=picky")
    picky.on("leave") >> away >> picky
    late.on("go", when="signal('go') == 1 and reached('x')") >> flow.end("end late")
    flow.node("x") >> flow.end("end x")
    return flow


def test_what_is_kept_is_counted_anew_where_another_takes_some_of_it() -> None:
    def send(*signals: tuple[str, int]) -> Any:
        return lambda run: [run.signal(name, value) for name, value in signals]

    ran = play(refusing(), {0.5: send(("go", 1), ("go", 2)), 1: send(("leave", 0)), 4: send(("go", 9))})
    assert ran.status == "completed"
    assert [(e.node, e.at) for _, e in ran.events if isinstance(e, SignalTaken)] == [("late", 0), ("picky", 1)]
    assert ran.run.state.kept == {"go": [2]}


def test_a_guard_that_refused_what_is_kept_is_asked_again_only_where_it_may_answer_otherwise(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[int] = []

    def counting(machine: Any, state: Any, edge: int, facts: Any) -> bool:
        asked.append(edge)
        return holds(machine, state, edge, facts)

    monkeypatch.setattr(keeping, "holds", counting)
    flow = refusing()
    chain = [task(flow, f"t{n}") for n in range(20)]
    flow.node("fork") >> chain[0]
    for before, after in pairwise(chain):
        before >> after
    chain[-1] >> flow.end("end chain")
    ran = play(flow, {0.5: lambda run: [run.signal("go", 3) for _ in range(100)]})
    assert ran.run.state.kept == {"go": [3] * 100}
    by_edge = Counter(ran.run.machine.ids[ran.run.machine.graph.source[edge]] for edge in asked)
    assert by_edge == {"picky": 100, "late": 200}  # once more when `x` is done


def test_a_transient_signal_is_not_kept() -> None:
    flow = Flow("transient")
    flow.signal("go", transient=True)
    wait = flow.wait("wait")
    flow.start >> task(flow, "before", seconds=5) >> wait
    wait.on("go") >> flow.end(output="=wait")
    ran = play(flow, {1: lambda run: run.signal("go", "lost"), 6: lambda run: run.signal("go", "heard")})
    assert ran.output == "heard"


def test_one_signal_frees_everything_that_listens() -> None:
    flow = Flow("several")
    waits, join = [flow.wait(id) for id in "abc"], flow.join("join")
    flow.start >> flow.fork("fork") >> waits
    for wait in waits:
        wait.on("go") >> task(flow, f"after {wait.id}") >> join
    join >> flow.end(output="=[a, b, c]")
    ran = play(flow, {1: lambda run: run.signal("go", 7)})
    assert ran.output == [7, 7, 7]
    assert ran.types.count("SignalReceived") == 1
    assert ran.types.count("SignalTaken") == 2
    assert verdict(flow) == "sound"


def test_a_signal_frees_a_wait_once_although_it_waits_again_at_once() -> None:
    flow = Flow("again")
    a, b, join = flow.wait("a"), flow.wait("b"), flow.join("join")
    again, gate = flow.wait("again"), flow.choice("gate")
    flow.start >> flow.fork("fork") >> [a, b]
    a.on("go") >> again
    again.on("go") >> join
    b.on("go") >> gate
    gate.when("signal('go') == 2") >> join
    gate.otherwise() >> b
    join >> flow.end()
    ran = play(flow, {1: lambda run: run.signal("go", 1), 2: lambda run: run.signal("go", 2)})
    assert ran.status == "completed"
    assert [e.node for _, e in ran.events if isinstance(e, SignalReceived)] == ["a", "again"]
    assert [e.node for _, e in ran.events if isinstance(e, SignalTaken)] == ["b", "b"]


def test_one_node_listens_with_one_edge() -> None:
    flow = Flow("two edges")
    wait = flow.wait("wait")
    flow.start >> wait
    wait.on("go", when="signal('go') == 1") >> task(flow, "one") >> flow.end("end one")
    wait.on("go") >> task(flow, "any") >> flow.end("end any")
    for brought, taken in ((1, "one"), (2, "any")):
        assert play(flow, {1: lambda run, brought=brought: run.signal("go", brought)}).started == [taken]


def test_duplicates_are_absorbed() -> None:
    flow = Flow("duplicates")
    first, second = flow.wait("first"), flow.wait("second")
    flow.start >> first
    first.on("go") >> second
    second.on("go") >> flow.end(output="=[first, second]")

    def send(run: Run) -> None:
        run.signal("go", 1, id="x")
        run.signal("go", 2, id="x")
        run.signal("go", 3, id="y")

    assert play(flow, {1: send}).output == [1, 3]


@pytest.mark.parametrize("delay", [3, "=input.pause", "=input.pause * 1.0"])
def test_a_duration(delay: Any) -> None:
    flow = Flow("duration", {"pause": "int"})
    wait = flow.wait("wait")
    flow.start >> task(flow, "before") >> wait
    wait.after(delay) >> task(flow, "after") >> flow.end(output="=wait")
    ran = play(flow, pause=3)
    assert ran.spans[1].begun == 4
    assert ran.output is None
    assert ran.types[3:6] == ["TimerStarted", "TimerFired", "TaskStarted"]


@pytest.mark.parametrize(
    ("time", "begun"),
    [
        ("2030-01-01T00:00:05Z", 5),
        ("2030-01-01T00:00:05", 5),
        ("2030-01-01T01:00:05+01:00", 5),
        ("2020-01-01T00:00:00Z", 1),
        (f"={EPOCH // 1_000_000} + 7", 7),
        ("=input.when", 9),
    ],
)
def test_a_time(time: str, begun: float) -> None:
    flow = Flow("time", {"when": "str"})
    wait = flow.wait("wait")
    flow.start >> task(flow, "before") >> wait
    wait.until(time) >> task(flow, "after") >> flow.end()
    assert play(flow, when="2030-01-01T00:00:09Z").spans[1].begun == begun


@pytest.mark.parametrize(
    ("give", "message"),
    [
        ("=input.pause", "the timer of 'wait' to 'end' is 'soon', which is not seconds"),
        ("=1 / 0", "'1 / 0' failed: ZeroDivisionError: division by zero"),
    ],
)
def test_a_timer_that_is_none_fails_the_run(give: str, message: str) -> None:
    flow = Flow("no timer", {"pause": "any"})
    wait = flow.wait("wait")
    flow.start >> flow.fork("fork") >> [wait, task(flow, "other")]
    wait.after(give) >> flow.end()
    flow.node("other") >> flow.end("end other")
    ran = play(flow, pause="soon")
    assert ran.status == "failed"
    assert ran.error is not None
    assert (ran.error.type, ran.error.cause) == ("ExpressionError", message)
    assert ran.types[-1] == "RunFailed"
    assert ran.types.count("RunFailed") == 1


def test_the_first_of_several_timers_and_signals() -> None:
    flow = Flow("race")
    wait = flow.wait("wait")
    flow.start >> wait
    for seconds in (5, 2, 9):
        wait.after(seconds) >> task(flow, f"after {seconds}") >> flow.end(f"end {seconds}")
    wait.on("go") >> task(flow, "signalled") >> flow.end("end")
    assert play(flow).started == ["after 2"]
    assert play(flow, {1: lambda run: run.signal("go")}).started == ["signalled"]
    assert play(flow, {1: lambda run: run.signal("go")}).run.state.timers == {}


def test_a_timer_whose_guard_does_not_hold_when_it_is_due() -> None:
    flow = Flow("guarded timer", {"impatient": "bool"})
    wait = flow.wait("wait")
    flow.start >> wait
    wait.after(2, when="input.impatient") >> task(flow, "early") >> flow.end("end early")
    wait.after(5) >> task(flow, "late") >> flow.end("end late")
    assert play(flow, impatient=True).started == ["early"]
    ran = play(flow, impatient=False)
    assert ran.started == ["late"]
    assert ran.spans[0].begun == 5


def test_nothing_is_left_where_the_guard_of_the_last_timer_does_not_hold() -> None:
    flow = Flow("put off")
    wait = flow.wait("wait")
    flow.start >> wait
    wait.after(2, when="1 > 2") >> flow.end()
    ran = play(flow)
    assert isinstance(ran.error, RunStuck)
    assert ran.error.cause.startswith("the run is stuck: 'wait' waits for")


def test_a_wait_of_no_time_in_a_loop() -> None:
    flow = Flow("no time")
    wait, gate, count = flow.wait("wait"), flow.choice("gate"), task(flow, "count", seconds=0)
    flow.start >> wait
    wait.after(0) >> count >> gate
    gate.when("reached('third')") >> flow.end()
    gate.when("reached('second')") >> task(flow, "third", seconds=0) >> wait
    gate.otherwise() >> task(flow, "second", seconds=0) >> wait
    ran = play(flow)
    assert ran.started == ["count", "second", "count", "third", "count"]
    assert ran.run.records()[-1].ts == EPOCH


def test_a_condition_frees_a_wait_as_soon_as_it_holds() -> None:
    flow = Flow("condition")
    wait, join = flow.wait("wait"), flow.join("join")
    first, second = task(flow, "first", seconds=2), task(flow, "second", seconds=2, gives=5)
    flow.start >> flow.fork("fork") >> [first, wait]
    first >> second >> join
    wait.when("reached('second') and second > 4") >> task(flow, "after") >> join >> flow.end(output="=wait")
    ran = play(flow)
    assert [(span.task, span.begun) for span in ran.spans] == [("first", 0), ("second", 2), ("after", 4)]
    assert ran.output is None
    assert verdict(flow) == "sound"


def test_a_condition_on_a_signal() -> None:
    flow = Flow("signal condition")
    a, b, join = flow.wait("a"), flow.wait("b"), flow.join("join")
    flow.start >> flow.fork("fork") >> [a, b]
    a.on("go") >> join
    b.when("signal('go') == 3") >> join >> flow.end()
    assert play(flow, {1: lambda run: run.signal("go", 3)}).status == "completed"


def test_a_condition_that_nothing_can_make_hold() -> None:
    flow = Flow("never")
    wait = flow.wait("wait")
    flow.start >> task(flow, "first") >> wait
    wait.when("first == 'other'") >> flow.end()
    ran = play(flow)
    assert isinstance(ran.error, RunStuck)
    assert ran.error.cause == (
        "the run is stuck: 'wait' waits for a condition, and nothing is left that could change it\n"
        "add a timer or a signal to the wait"
    )
    assert ran.error.node == "wait"


def test_a_condition_that_fails_fails_the_run() -> None:
    flow = Flow("broken")
    wait = flow.wait("wait")
    flow.start >> task(flow, "first") >> wait
    wait.when("first > 1") >> flow.end()
    ran = play(flow)
    assert ran.error is not None
    assert ran.error.cause.startswith("the guard of 'wait' to 'end' failed: 'first > 1' failed: TypeError")


def test_a_state_machine_of_waits_alone() -> None:
    flow = Flow("door")
    opened, closed, locked = (flow.wait(id) for id in ("opened", "closed", "locked"))
    flow.start >> closed
    closed.on("open") >> opened
    opened.on("close") >> closed
    closed.on("lock") >> locked
    locked.on("unlock", when="signal('unlock') == 42") >> closed
    closed.on("leave") >> flow.end()

    def live(run: Run) -> None:
        for name, value in (("open", None), ("close", None), ("lock", None), ("unlock", 1), ("unlock", 42)):
            run.signal(name, value)
        assert not run.state.busy.keys() ^ {run.machine.graph.number["closed"]}
        run.signal("leave")

    ran = play(flow, {1: live})
    assert ran.status == "completed"
    assert ran.visited == ["start", "closed", "opened", "closed", "locked", "closed", "end"]
    assert verdict(flow) == "sound"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("gone", None, "workflow 'waiting' waits for no signal 'gone'\nknown signals: go.*Did you mean 'go'"),
        ("go", object(), r"signal 'go' brings <object object at .*, which is no JSON value"),
        ("go", "text", "what signal 'go' brings is 'text', of type str\nit is declared as int"),
    ],
)
async def test_signals_that_are_refused(engine: Engine, name: str, value: Any, told: str) -> None:
    run = engine.start(waiting(kind=int))
    with pytest.raises(InputError, match=told):
        run.signal(name, value)
    assert types(run) == ["RunStarted"]


async def test_a_run_that_is_over_takes_no_signal(engine: Engine) -> None:
    run = engine.start(waiting())
    run.cancel()
    with pytest.raises(WfnbError, match="is over: it was cancelled\\nstart another"):
        run.signal("go")


async def test_a_signal_from_a_thread(engine: Engine) -> None:
    run = engine.start(waiting())
    threading.Thread(target=run.signal, args=("go", 5)).start()
    assert await run == 5


async def test_an_activity_signals_its_own_run(engine: Engine, activities: Activities) -> None:
    flow = Flow("own")
    wait, join = flow.wait("wait"), flow.join("join")
    flow.start >> flow.fork("fork") >> [wait, flow.task("send", "send")]
    wait.on("go") >> join
    flow.node("send") >> join >> flow.end(output="=wait")
    runs: list[Run] = []

    @activities.define()
    def send() -> None:
        runs[0].signal("go", "from inside")

    runs.append(engine.start(flow))
    assert await runs[0] == "from inside"


def test_a_child_that_waits_makes_its_parent_wait() -> None:
    inner = waiting()
    flow = given(Flow("parent"), inner)
    flow.start >> flow.call("call", "waiting") >> flow.end()
    ran = play(flow)
    assert ran.status == "waiting"
    out = given(Flow("spawner"), inner)
    fork = out.fork("fork")
    out.start >> fork
    fork.spawn() >> task(out, "first") >> out.call("call", "waiting") >> out.end("end of it")
    fork >> out.end()
    assert play(out).status == "waiting"


def test_tasks_beside_a_wait_keep_the_run_running() -> None:
    seen: list[str] = []
    flow = Flow("beside")
    wait, slow = flow.wait("wait"), task(flow, "slow", seconds=5)
    flow.start >> flow.fork("fork") >> [wait, slow]
    wait.on("go") >> flow.end()
    slow >> flow.end("end slow")
    play(flow, {1: lambda run: seen.append(run.status), 6: lambda run: seen.append(run.status)})
    assert seen == ["running", "waiting"]


def test_tasks_listen_to_what_was_kept_before_them() -> None:
    flow = Flow("kept for a task")
    before, long = task(flow, "before", seconds=3), task(flow, "long", seconds=60)
    flow.start >> before >> long >> flow.end()
    long.on("stop") >> task(flow, "instead") >> flow.end("stopped")
    ran = play(flow, {1: lambda run: run.signal("stop")})
    assert ran.started == ["before", "long", "instead"]
    assert ran.spans[-1].begun == 3


@pytest.mark.parametrize("signalled", [False, True])
def test_a_guard_of_a_wait_that_fails_names_the_wait(signalled: bool) -> None:
    flow = Flow("failing guard")
    wait = flow.wait("wait")
    flow.start >> task(flow, "a", gives={}) >> wait
    if signalled:
        wait.on("go", when="a.x > 1") >> flow.end()
    else:
        wait.when("a.x > 1") >> flow.end()
    ran = play(flow, {5: lambda run: run.signal("go")} if signalled else {})
    assert ran.error is not None
    assert (ran.error.type, ran.error.node) == ("ExpressionError", "wait")
