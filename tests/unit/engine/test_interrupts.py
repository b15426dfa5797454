"""Edges with a trigger that leave tasks and groups: what they interrupt, and what they catch."""

from __future__ import annotations

from typing import Any

import pytest

from tests.patterns.kit import given, play, task, tasks, verdict
from wfnb.author.flow import Flow
from wfnb.errors import ActivityFailed, RunStuck
from wfnb.model.event import TaskCancelled, TaskFailed
from wfnb.model.workflow import Retry

# ----------------------------------------------------------------------------------------------------- single nodes


def limited(**arguments: Any) -> Flow:
    """A task with a time limit, after another."""
    flow = Flow("limited")
    long = task(flow, "long", **arguments)
    flow.start >> task(flow, "before", seconds=2) >> long >> task(flow, "after") >> flow.end()
    long.after(5) >> task(flow, "late") >> flow.end("end late")
    return flow


def test_a_timer_counts_from_the_start_of_its_task() -> None:
    ran = play(limited(seconds=60))
    assert [(span.task, span.begun, span.ended) for span in ran.spans] == [
        ("before", 0, 2),
        ("long", 2, None),
        ("late", 7, 8),
    ]
    assert ran.types[5:8] == ["TimerFired", "TaskCancelled", "TaskStarted"]
    assert ran.run.values == {"before": "before", "late": "late"}
    assert verdict(limited()) == "sound"


def test_a_task_in_time_stops_its_timer() -> None:
    ran = play(limited(seconds=4))
    assert ran.started == ["before", "long", "after"]
    assert ran.run.state.timers == {}


def test_a_timer_goes_on_through_the_retries_of_a_task() -> None:
    flow = limited(seconds=2, fails="Bad")
    flow.node("long").options(retry=Retry(attempts=9, delay=1, factor=1))
    ran = play(flow)
    assert [span.begun for span in ran.spans if span.task == "long"] == [2, 5]
    assert [span.begun for span in ran.spans if span.task == "late"] == [7]


def test_a_timer_ends_the_pause_before_a_retry() -> None:
    flow = limited(seconds=1, fails="Bad")
    flow.node("long").options(retry=Retry(attempts=9, delay=60))
    ran = play(flow)
    assert ran.started == ["before", "long", "late"]
    assert ran.spans[-1].begun == 7
    assert [e.attempt for _, e in ran.events if isinstance(e, TaskCancelled)] == [1]


def test_a_signal_interrupts_whatever_is_in_progress() -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "deep", seconds=60) >> inner.end()
    for made in ("task", "approval", "map", "call"):
        flow = given(Flow("signalled"), inner)
        node = {
            "task": lambda flow=flow: task(flow, "node", seconds=60),
            "approval": lambda flow=flow: flow.approval("node"),
            "map": lambda flow=flow: flow.map("node", "inner", [1, 2]),
            "call": lambda flow=flow: flow.call("node", "inner"),
        }[made]()
        flow.start >> node >> flow.end()
        node.on("stop", when="signal('stop') == 2") >> task(flow, "instead") >> flow.end("other end", output="=instead")
        acts = {number: lambda run, number=number: run.signal("stop", number) for number in (1, 2)}
        ran = play(flow, acts)
        assert (made, ran.output, ran.spans[-1].begun) == (made, "instead", 2)
        assert "node" not in ran.run.values
        assert all(span.ended is None for span in ran.spans[:-1])
        assert ran.run.state.children == {}
        assert ran.run.state.asked == {}
        children = {run for run, _ in ran.events if run != ran.run.id}
        assert all(
            type([e for r, e in ran.events if r == child][-1]).__name__ == "RunCancelled" for child in children
        ), made


def test_an_interrupted_task_may_be_entered_again() -> None:
    flow = Flow("again")
    long = task(flow, "long", seconds=10)
    flow.start >> long >> flow.end()
    long.on("again") >> long
    ran = play(flow, {3: lambda run: run.signal("again"), 6: lambda run: run.signal("again")})
    assert [(span.begun, span.ended) for span in ran.spans] == [(0, None), (3, None), (6, 16)]
    assert verdict(flow) == "sound"


def test_a_call_that_is_interrupted_may_be_entered_again() -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "deep", seconds=10) >> inner.end()
    flow = given(Flow("again"), inner)
    call = flow.call("call", "inner")
    flow.start >> call >> flow.end()
    call.on("again") >> call
    ran = play(flow, {3: lambda run: run.signal("again")})
    assert ran.children == ["call", "call#2"]
    assert [(span.begun, span.ended) for span in ran.spans] == [(0, None), (3, 13)]
    assert ran.status == "completed"


@pytest.mark.parametrize("made", ["task", "failing", "approval", "map", "no items", "call"])
def test_the_output_behind_an_interrupt_is_that_of_the_way_by_which_it_came(made: str) -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "deep", seconds=60) >> inner.end()
    for large in (True, False):
        flow = given(Flow("ways", {"large": "bool"}), inner)
        node = {
            "task": lambda flow=flow: task(flow, "node", seconds=60),
            "failing": lambda flow=flow: task(flow, "node", fails="Bad"),
            "approval": lambda flow=flow: flow.approval("node"),
            "map": lambda flow=flow: flow.map("node", "inner", [1, 2]),
            "no items": lambda flow=flow: flow.map("node", "inner", "=len(input.large)"),
            "call": lambda flow=flow: flow.call("node", "inner"),
        }[made]()
        gate = flow.choice("gate")
        flow.start >> gate
        gate.when("input.large") >> task(flow, "one") >> node
        gate.otherwise() >> task(flow, "other") >> node
        node >> flow.end()
        node.on_error() >> flow.end("failed")
        node.after(5) >> flow.end("late")
        ran = play(flow, large=large)
        assert (made, ran.status, ran.output) == (made, "completed", "one" if large else "other")


# ------------------------------------------------------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("fails", "started"),
    [("Bad", "tried bad"), ("Worse", "tried worse"), ("Odd", "tried other"), ("", "tried after")],
)
def test_an_error_takes_the_first_edge_that_names_it(fails: str, started: str) -> None:
    flow = Flow("errors")
    tried = task(flow, "tried", fails=fails)
    flow.start >> tried >> task(flow, "after") >> flow.end()
    tried.on_error("Bad") >> task(flow, "bad") >> flow.end("end bad")
    tried.on_error("Worse") >> task(flow, "worse") >> flow.end("end worse")
    tried.on_error() >> task(flow, "other") >> flow.end("end other")
    ran = play(flow)
    assert ran.started == started.split()
    assert ran.status == "completed"
    assert verdict(flow) == "sound"


def test_what_nothing_catches_fails_the_run() -> None:
    flow = Flow("uncaught")
    tried = task(flow, "tried", fails="Odd")
    flow.start >> tried >> flow.end()
    tried.on_error("Bad") >> flow.end("end bad")
    ran = play(flow)
    assert isinstance(ran.error, ActivityFailed)
    assert (ran.error.type, ran.error.cause, ran.error.node) == ("Odd", "tried", "tried")
    assert ran.error.__cause__ is not None


def test_a_guard_may_ask_about_the_error() -> None:
    flow = Flow("guarded error")
    tried = task(flow, "tried", fails="Bad")
    flow.start >> tried >> flow.end()
    tried.on_error("Bad", when="error('tried').message == 'other'") >> flow.end("end other")
    caught = task(flow, "caught")
    tried.on_error(when="error('tried').type == 'Bad'") >> caught
    caught >> flow.end("end caught", output="=error('tried')")
    ran = play(flow)
    assert ran.output == {"type": "Bad", "message": "tried"}


def test_an_error_is_none_before_it_was_caught() -> None:
    flow = Flow("none")
    tried, gate = task(flow, "tried"), flow.choice("gate")
    flow.start >> tried >> gate
    tried.on_error() >> gate
    gate.when("error('tried') is None") >> flow.end("well", output=1)
    gate.otherwise() >> flow.end("ill", output=2)
    assert play(flow).output == 1
    tried.options(arguments={"id": "tried", "fails": "Bad"})
    assert play(flow).output == 2


def test_an_error_is_caught_after_its_last_retry() -> None:
    flow = Flow("retries")
    tried = task(flow, "tried", fails="Bad").options(retry=Retry(attempts=3, delay=1, factor=1))
    flow.start >> tried >> flow.end()
    tried.on_error() >> task(flow, "caught") >> flow.end("other end")
    ran = play(flow)
    assert ran.started == ["tried", "tried", "tried", "caught"]
    assert [e.retry_at is None for _, e in ran.events if isinstance(e, TaskFailed)] == [False, False, True]


def test_a_timeout_is_caught_by_its_name() -> None:
    flow = Flow("timeout")
    tried = task(flow, "tried", seconds=60).options(timeout=3)
    flow.start >> tried >> flow.end()
    tried.on_error("ActivityTimeout") >> task(flow, "late") >> flow.end("other end")
    ran = play(flow)
    assert (ran.status, ran.spans[-1].begun) == ("completed", 3)


def test_an_error_in_a_catching_guard_fails_the_run() -> None:
    flow = Flow("broken guard")
    tried = task(flow, "tried", fails="Bad")
    flow.start >> tried >> flow.end()
    tried.on_error(when="error('tried').message > 1") >> flow.end("other end")
    ran = play(flow)
    assert ran.error is not None
    assert ran.error.type == "ExpressionError"
    assert ran.error.cause.startswith("the guard of 'tried' to 'end' failed") or "the guard of" in ran.error.cause


# ------------------------------------------------------------------------------------------------------------- groups


def grouped(*, inner: bool = False) -> Flow:
    """A group of a fork with two branches and a join; around it, or inside, another one."""
    flow = Flow("grouped")
    a, b, after = task(flow, "a", seconds=2), task(flow, "b", seconds=60), task(flow, "after")
    fork, met = flow.fork("fork"), flow.join("met")
    flow.start >> task(flow, "before", seconds=2) >> fork >> [a, b] >> met >> after >> flow.end()
    flow.group("group", [fork, a, b, met])
    if inner:
        flow.group("outer", ["group"])
    return flow


def test_a_timer_of_a_group_counts_from_its_first_token() -> None:
    flow = grouped()
    flow.node("group").after(5) >> task(flow, "late") >> flow.end("end late")
    ran = play(flow)
    assert ran.started == ["before", "a", "b", "late"]
    assert ran.spans[-1].begun == 7
    assert ran.run.state.waiting == set()
    assert ran.status == "completed"
    assert verdict(flow) == "sound"


def test_a_timer_of_a_group_frees_what_only_waits_at_a_join() -> None:
    flow = Flow("one branch")
    gate, join = flow.choice("gate"), flow.join("join")
    one, other = task(flow, "one"), task(flow, "other")
    flow.start >> gate
    gate.when("1 < 2") >> one
    gate.otherwise() >> other
    [one >> join, other >> join]
    join >> flow.end()
    flow.group("group", [gate, one, other, join]).after(5) >> task(flow, "late") >> flow.end("end late")
    ran = play(flow)
    assert (ran.status, ran.started) == ("completed", ["one", "late"])
    assert verdict(flow) == "sound"


def test_a_timer_of_a_group_stops_with_its_last_token() -> None:
    flow = grouped()
    flow.node("b").options(arguments={"id": "b", "seconds": 1})
    flow.node("group").after(5) >> task(flow, "late") >> flow.end("end late")
    ran = play(flow)
    assert ran.started == ["before", "a", "b", "after"]
    assert ran.run.state.timers == {}
    assert ran.types.count("TimerStarted") == 1


@pytest.mark.parametrize("who", ["group", "outer"])
def test_a_signal_to_a_group_empties_what_is_inside(who: str) -> None:
    flow = grouped(inner=True)
    flow.node(who).on("stop") >> task(flow, "instead") >> flow.end("stopped")
    ran = play(flow, {5: lambda run: run.signal("stop")})
    assert ran.started == ["before", "a", "b", "instead"]
    assert ran.status == "completed"
    assert verdict(flow) == "sound"


def test_a_signal_to_an_empty_group_is_kept_for_it() -> None:
    flow = grouped()
    flow.node("group").on("stop") >> task(flow, "instead") >> flow.end("stopped")
    ran = play(flow, {1: lambda run: run.signal("stop")})
    assert ran.started == ["before", "a", "b", "instead"]
    assert ran.spans[-1].begun == 2


def test_a_signal_that_a_member_and_its_group_hear() -> None:
    flow = Flow("both")
    wait, after = flow.wait("wait"), task(flow, "after")
    flow.start >> wait
    wait.on("go") >> after >> flow.end()
    flow.group("group", [wait, after]).on("go") >> task(flow, "instead") >> flow.end("other end")
    ran = play(flow, {1: lambda run: run.signal("go")})
    assert ran.completed == ["instead"]
    assert ran.status == "completed"


def test_a_signal_that_a_member_hears_and_leaves_its_group_with() -> None:
    flow = Flow("left")
    wait, after = flow.wait("wait"), task(flow, "after")
    flow.start >> wait
    wait.on("go") >> after >> flow.end()
    flow.group("group", [wait]).on("go") >> task(flow, "instead") >> flow.end("other end")
    ran = play(flow, {1: lambda run: run.signal("go")})
    assert ran.completed == ["after"]
    assert ran.status == "completed"


@pytest.mark.parametrize(("fails", "caught"), [("Bad", "inner"), ("Odd", "outer"), ("Other", "")])
def test_the_innermost_group_that_names_an_error_catches_it(fails: str, caught: str) -> None:
    flow = Flow("catching")
    a, b = task(flow, "a", seconds=2, fails=fails), task(flow, "b", seconds=60)
    fork, met = flow.fork("fork"), flow.join("met")
    after = task(flow, "after")
    flow.start >> fork >> [a, b]
    a >> after >> met
    b >> met >> flow.end()
    inner = flow.group("inner", [a])
    outer = flow.group("outer", [fork, "inner", b, after, met])
    inner.on_error("Bad") >> task(flow, "mended") >> after
    outer.on_error("Odd") >> task(flow, "given up") >> flow.end("other end")
    flow.node("b").options(arguments={"id": "b", "seconds": 5})
    ran = play(flow)
    assert ran.completed == {"inner": ["mended", "after", "b"], "outer": ["given up"], "": []}[caught]
    assert ran.status == ("completed" if caught else "failed")


def test_an_edge_of_the_node_itself_goes_before_its_groups() -> None:
    flow = Flow("own first")
    a = task(flow, "a", fails="Bad")
    flow.start >> a >> flow.end()
    flow.group("group", [a]).on_error() >> flow.end("by the group")
    a.on_error() >> flow.end("by itself")
    assert play(flow).visited[-1] == "by itself"


def test_a_group_catches_what_a_child_of_it_raises() -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "deep", fails="Deep") >> inner.end()
    flow = given(Flow("outer"), inner)
    call = flow.call("call", "inner")
    flow.start >> call >> flow.end()
    flow.group("group", [call]).on_error("Deep") >> flow.end("caught", output="=error('call')")
    ran = play(flow)
    assert ran.output == {"type": "Deep", "message": "deep"}
    assert verdict(flow) == "sound"


def test_a_group_may_be_left_and_entered_again() -> None:
    flow = Flow("again")
    a, b, gate = task(flow, "a"), task(flow, "b", seconds=4), flow.choice("gate")
    flow.start >> a >> b >> gate
    gate.when("reached('out')") >> flow.end()
    gate.otherwise() >> task(flow, "out", seconds=20) >> a
    flow.group("group", [a, b]).after(6) >> task(flow, "late") >> flow.end("end late")
    ran = play(flow)
    assert ran.started == ["a", "b", "out", "a", "b"]
    assert ran.types.count("TimerStarted") == 2


def test_a_group_that_its_own_edge_enters_again() -> None:
    flow = Flow("own edge")
    a, b = task(flow, "a"), task(flow, "b", seconds=60)
    flow.start >> a >> b >> flow.end()
    flow.group("group", [a, b]).on("again") >> a
    ran = play(flow, {5: lambda run: run.signal("again"), 5.5: lambda run: run.signal("again")})
    assert [(span.task, span.begun, span.ended) for span in ran.spans] == [
        ("a", 0, 1), ("b", 1, None), ("a", 5, None), ("a", 5.5, 6.5), ("b", 6.5, 66.5)
    ]  # fmt: skip
    assert verdict(flow) == "sound"


# ---------------------------------------------------------------------------------------------------- cancel regions


def racing() -> Flow:
    """Two branches of a fork in a group; the first that leaves it withdraws the other."""
    flow = Flow("race")
    a, b, a2, b2 = (task(flow, id, seconds=seconds) for id, seconds in (("a", 1), ("b", 1), ("a2", 3), ("b2", 5)))
    last, fork = task(flow, "last"), flow.fork("fork")
    flow.start >> fork >> [a, b]
    a >> a2 >> last
    b >> b2 >> last >> flow.end()
    flow.group("group", [fork, a, a2, b, b2], cancel=True)
    return flow


def test_the_first_that_leaves_a_cancelling_group_withdraws_the_rest() -> None:
    ran = play(racing())
    assert ran.completed == ["a", "b", "a2", "last"]
    assert ran.spans[3].ended is None
    assert ran.types.count("TaskCancelled") == 1
    assert verdict(racing()) == "sound"


@pytest.mark.parametrize("seed", range(6))
def test_two_that_leave_at_the_same_time(seed: int) -> None:
    flow = racing()
    for id in ("a2", "b2"):
        flow.node(id).options(arguments={"id": id, "seconds": 3})
    ran = play(flow, seed=seed)
    assert sorted(ran.completed[:2]) == ["a", "b"]
    assert ran.completed[3:] == ["last"]
    assert ran.status == "completed"


def test_a_fork_in_the_middle_of_a_cancelled_region() -> None:
    """What a fork puts inside a group is not withdrawn by what it puts outside at the same time."""
    flow = Flow("half out")
    a, b, c, other = tasks(flow, "a b c other")
    fork, out = flow.fork("fork"), flow.fork("out")
    flow.start >> fork >> [a, other]
    a >> out >> [b, c]
    b >> flow.end("end b")
    c >> flow.end("end c")
    other.options(arguments={"id": "other", "seconds": 60})
    other >> flow.end("end other")
    flow.group("group", [fork, a, other, out, b], cancel=True)
    ran = play(flow)
    assert ran.started == ["a", "other", "b", "c"]
    assert ran.completed == ["a", "b", "c"]


def test_nested_cancelling_groups() -> None:
    flow = Flow("nested")
    a, b, c = task(flow, "a"), task(flow, "b", seconds=60), task(flow, "c", seconds=60)
    inner, outer, after = flow.fork("inner"), flow.fork("outer"), task(flow, "after")
    flow.start >> outer >> [inner, c]
    inner >> [a, b]
    a >> after >> flow.end()
    b >> flow.end("end b")
    c >> flow.end("end c")
    flow.group("in", [inner, a, b], cancel=True)
    flow.group("out", [outer, "in", c, after], cancel=True)
    ran = play(flow)
    assert ran.completed == ["a", "after"]
    assert {span.task: span.ended for span in ran.spans} == {"a": 1, "b": None, "c": None, "after": 2}
    assert [e.node for _, e in ran.events if isinstance(e, TaskCancelled)] == ["b", "c"]


def test_a_cancelled_region_with_a_join_that_waits_and_a_pause_before_a_retry() -> None:
    flow = Flow("all kinds")
    quick, leave = task(flow, "quick"), task(flow, "leave", seconds=3)
    retried = task(flow, "retried", fails="Bad").options(retry=Retry(attempts=3, delay=60))
    wait, ask, met, fork = flow.wait("wait"), flow.approval("ask"), flow.join("met"), flow.fork("fork")
    flow.start >> fork >> [quick, retried, ask, wait, leave]
    [quick, retried, ask] >> met
    wait.on("never") >> met
    leave >> task(flow, "after") >> flow.end()
    met >> flow.end("never")
    flow.group("group", [quick, retried, wait, ask, met, leave, fork], cancel=True)
    ran = play(flow)
    assert ran.completed == ["quick", "leave", "after"]
    assert ran.status == "completed"
    assert not ran.run.state.marking
    assert (ran.run.state.retrying, ran.run.state.asked, ran.run.state.timers) == ({}, {}, {})


def test_two_tokens_that_meet_fail_the_run() -> None:
    flow = Flow("meeting")
    long, late = task(flow, "long", seconds=60), task(flow, "late", seconds=60)
    a, b = task(flow, "a"), task(flow, "b", seconds=2)
    flow.start >> flow.fork("fork") >> [a, b]
    a >> long
    b >> late
    late.on("go") >> long
    long >> flow.end()
    late >> flow.end("end late")
    ran = play(flow, {5: lambda run: run.signal("go")})
    assert isinstance(ran.error, RunStuck)
    assert "a second token reached 'long'" in ran.error.cause
    assert ran.types[-3:] == ["SignalReceived", "TaskCancelled", "RunFailed"]
    assert verdict(flow) == "unsafe"
