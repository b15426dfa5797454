"""How runs end: ends that terminate or fail, contracts of tasks, and what is taken back."""

from __future__ import annotations

from typing import Any

import pytest

from tests.patterns.kit import given, play, task, tasks, verdict
from wfnb.author.flow import Flow
from wfnb.errors import ActivityFailed, GuaranteeFailed, RequirementFailed, RunCancelled
from wfnb.model.event import TaskCompensated
from wfnb.model.workflow import Retry

# --------------------------------------------------------------------------------------------------------------- ends


def test_an_end_that_terminates_withdraws_everything() -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "deep", seconds=60) >> inner.end()
    flow = given(Flow("everything"), inner)
    out = flow.fork("out")
    retried = task(flow, "retried", fails="Bad").options(retry=Retry(attempts=2, delay=60))
    locked = [task(flow, id, seconds=60).options(lock="one") for id in ("held", "waits")]
    wait, ask, join = flow.wait("wait"), flow.approval("ask"), flow.join("join")
    parts = [retried, *locked, wait, ask, flow.map("each", "inner", [1]), flow.call("call", "inner"), out]
    flow.start >> flow.fork("fork") >> parts
    wait.after(60) >> join
    [retried, *locked, ask, flow.node("each"), flow.node("call")] >> join >> flow.end("never")
    out.spawn() >> task(flow, "spawned", seconds=60) >> flow.end("end of it")
    out >> task(flow, "quick", seconds=5) >> flow.end("done", terminate=True)
    ran = play(flow)
    assert (ran.status, ran.output) == ("completed", "quick")
    assert ran.completed == ["quick"]
    state = ran.run.state
    assert not state.marking
    assert (state.timers, state.asked, state.children, state.spawned, state.held) == ({}, {}, {}, {}, {})
    assert sorted(t for t in ran.types if t.endswith("Cancelled")) == ["NodeCancelled"] * 4 + ["TaskCancelled"] * 2
    assert ran.run.host.runs == {}


def test_an_end_that_terminates_in_the_step_that_spawns() -> None:
    flow = Flow("at once")
    out = flow.fork("out")
    flow.start >> task(flow, "first") >> out
    out.spawn() >> task(flow, "spawned") >> flow.end("end of it")
    out >> flow.end(terminate=True)
    ran = play(flow)
    assert (ran.status, ran.children) == ("completed", [])


@pytest.mark.parametrize("seed", range(4))
def test_two_that_terminate_at_once(seed: int) -> None:
    flow = Flow("both")
    a, b = tasks(flow, "a b")
    flow.start >> flow.fork("fork") >> [a, b]
    end = flow.end(terminate=True)
    a >> end
    b >> end
    ran = play(flow, seed=seed)
    assert ran.status == "completed"
    assert ran.output in ("a", "b")
    assert len(ran.completed) == 1
    assert verdict(flow) == "sound"


@pytest.mark.parametrize(
    ("message", "told"),
    [("as it is", "as it is"), ("='so ' + first", "so first"), ("=5", "5"), ("", "end 'end' failed: Refused: ")],
)
def test_an_end_that_fails(message: str, told: str) -> None:
    flow = Flow("failing")
    flow.start >> task(flow, "first") >> flow.end(error="Refused", message=message)
    ran = play(flow)
    assert isinstance(ran.error, ActivityFailed)
    assert (ran.error.type, ran.error.cause, ran.error.node) == ("Refused", told, "end")
    assert ran.status == "failed"


def test_the_message_of_an_end_fails() -> None:
    flow = Flow("failing")
    flow.start >> task(flow, "first") >> flow.end(error="Refused", message="=first + 1")
    ran = play(flow)
    assert ran.error is not None
    assert ran.error.type == "ExpressionError"
    assert ran.types.count("RunFailed") == 1


# ---------------------------------------------------------------------------------------------------------- contracts


def contracted(**options: str) -> Flow:
    flow = Flow("contracted", {"limit": "int"})
    first, second = task(flow, "first", gives=3), task(flow, "second", gives="=first * 2").options(**options)
    flow.start >> first >> second >> flow.end()
    return flow


def test_contracts_that_hold() -> None:
    ran = play(contracted(requires="first < input.limit", ensures="second == first * 2"), limit=5)
    assert ran.output == 6


@pytest.mark.parametrize(
    ("requires", "told"),
    [
        (
            "first > 0 and first < input.limit",
            "task 'second' requires first < input.limit, which does not hold: first is 3, input.limit is 2",
        ),
        ("1 > 2", "task 'second' requires 1 > 2, which does not hold"),
    ],
)
def test_a_requirement_that_does_not_hold(requires: str, told: str) -> None:
    flow = contracted(requires=requires)
    flow.node("second").options(retry=Retry(attempts=5))
    ran = play(flow, limit=2)
    assert isinstance(ran.error, RequirementFailed)
    assert ran.error.cause == f"{told}\nit was not started"
    assert ran.error.node == "second"
    assert [span.task for span in ran.spans] == ["first"]
    assert ran.types.count("TaskFailed") == 1


def test_a_guarantee_that_does_not_hold() -> None:
    ran = play(contracted(ensures="second < input.limit"), limit=2)
    assert isinstance(ran.error, GuaranteeFailed)
    assert ran.error.cause == (
        "task 'second' ensures second < input.limit, which does not hold: second is 6, input.limit is 2\n"
        "its result was not recorded"
    )
    assert "second" not in ran.run.values


def test_a_guarantee_is_tried_again_and_caught() -> None:
    flow = contracted(ensures="second < input.limit")
    second = flow.node("second").options(retry=Retry(attempts=2, delay=1))
    second.on_error("GuaranteeFailed") >> task(flow, "mended") >> flow.end("other end")
    ran = play(flow, limit=2)
    assert ran.started == ["first", "second", "second", "mended"]


@pytest.mark.parametrize("option", ["requires", "ensures"])
def test_a_contract_that_fails_itself(option: str) -> None:
    ran = play(contracted(**{option: "first / 0 > 1"}), limit=2)
    assert ran.error is not None
    assert ran.error.type == "ExpressionError"


# ------------------------------------------------------------------------------------------------------- compensation


def undo(id: str, **arguments: Any) -> tuple[str, dict[str, Any]]:
    return ("work", {"id": f"undo {id}", **arguments})


def booking(**last: Any) -> Flow:
    """Three bookings one after another, each with what takes it back, and a last task."""
    flow = Flow("booking")
    at = flow.start
    for id in ("hotel", "flight", "car"):
        at = at >> task(flow, id).options(compensate=undo(id, gives=f"={id}"))
    at >> task(flow, "last", **last) >> flow.end()
    return flow


def test_what_was_done_is_taken_back_last_first() -> None:
    ran = play(booking(fails="Bad"))
    assert [span.task for span in ran.spans] == [
        "hotel", "flight", "car", "last", "undo car", "undo flight", "undo hotel"
    ]  # fmt: skip
    assert [span.begun for span in ran.spans] == [0, 1, 2, 3, 4, 5, 6]
    assert isinstance(ran.error, ActivityFailed)
    assert (ran.error.type, ran.error.node) == ("Bad", "last")
    assert ran.types[-6:] == [
        "TaskFailed", "CompensationStarted", "TaskCompensated", "TaskCompensated", "TaskCompensated", "RunFailed"
    ]  # fmt: skip


def test_a_run_that_completes_takes_nothing_back() -> None:
    assert [span.task for span in play(booking()).spans] == ["hotel", "flight", "car", "last"]


def test_a_run_that_is_cancelled_takes_back_what_it_did() -> None:
    ran = play(booking(), {1.5: lambda run: run.cancel("enough"), 2: lambda run: run.cancel("again")})
    assert [(span.task, span.begun) for span in ran.spans] == [("hotel", 0), ("flight", 1), ("undo hotel", 1.5)]
    assert isinstance(ran.error, RunCancelled)
    assert ran.status == "cancelled"
    assert ran.types[-4:] == ["TaskCancelled", "CompensationStarted", "TaskCompensated", "RunCancelled"]
    assert ran.run.records()[-1].event.reason == "enough"  # type: ignore[union-attr]


def test_what_can_not_be_taken_back_is_told_and_the_rest_goes_on() -> None:
    flow = booking(fails="Bad")
    flow.node("flight").options(compensate=undo("flight", fails="Worse"))
    ran = play(flow)
    assert [span.task for span in ran.spans][4:] == ["undo car", "undo flight", "undo hotel"]
    told = [event.error for _, event in ran.events if isinstance(event, TaskCompensated)]
    assert [error.type if error else None for error in told] == [None, "Worse", None]
    assert ran.error is not None
    assert ran.error.type == "Bad"


def test_an_argument_of_what_takes_back_fails() -> None:
    flow = booking(fails="Bad")
    flow.node("flight").options(compensate=undo("flight", gives="=flight / 0"))
    ran = play(flow)
    assert [span.task for span in ran.spans][4:] == ["undo car", "undo hotel"]


@pytest.mark.parametrize("seed", range(4))
def test_parallel_tasks_are_taken_back_in_the_order_of_their_completion(seed: int) -> None:
    flow = Flow("parallel")
    done = [task(flow, id, seconds=s).options(compensate=undo(id)) for id, s in (("a", 3), ("b", 1), ("c", 2))]
    never = task(flow, "never", seconds=60).options(compensate=undo("never"))
    failing = task(flow, "failing", seconds=5, fails="Bad")
    flow.start >> flow.fork("fork") >> [*done, never, failing] >> flow.join("join") >> flow.end()
    ran = play(flow, seed=seed)
    assert [span.task for span in ran.spans][5:] == ["undo a", "undo c", "undo b"]


def test_each_visit_of_a_loop_is_taken_back() -> None:
    flow = Flow("loop")
    a, gate = task(flow, "a").options(compensate=undo("a")), flow.choice("gate")
    flow.start >> a >> gate
    gate.when("reached('again')") >> flow.end(error="Refused")
    gate.otherwise() >> task(flow, "again") >> a
    ran = play(flow)
    assert [span.task for span in ran.spans] == ["a", "again", "a", "undo a", "undo a"]
    assert [event.visit for _, event in ran.events if isinstance(event, TaskCompensated)] == [2, 1]


def test_a_failing_end_takes_back() -> None:
    flow = booking()
    last = flow.node("last")
    last.after(0.5) >> flow.end("late", error="Late")
    ran = play(flow)
    assert [span.task for span in ran.spans][3:] == ["last", "undo car", "undo flight", "undo hotel"]
    assert ran.error is not None
    assert ran.error.type == "Late"


def test_a_guard_that_fails_takes_back() -> None:
    flow = Flow("guard")
    a, gate = task(flow, "a").options(compensate=undo("a")), flow.choice("gate")
    flow.start >> a >> gate
    gate.when("a > 1") >> flow.end()
    gate.otherwise() >> flow.end("other end")
    ran = play(flow)
    assert [span.task for span in ran.spans] == ["a", "undo a"]
    assert ran.error is not None
    assert ran.error.type == "ExpressionError"


def test_a_child_takes_back_its_own() -> None:
    inner = Flow("inner")
    inner.start >> task(inner, "a").options(compensate=undo("a")) >> task(inner, "b", seconds=60) >> inner.end()
    flow = given(Flow("outer"), inner)
    first = task(flow, "first").options(compensate=undo("first"))
    flow.start >> first >> flow.call("call", "inner") >> flow.end()
    ran = play(flow, {5: lambda run: run.cancel()})
    assert sorted(span.task for span in ran.spans) == ["a", "b", "first", "undo a", "undo first"]
    assert ran.status == "cancelled"
    assert ran.run.host.runs == {}
