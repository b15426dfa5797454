"""What of a run has no place in a changed workflow, each thing named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.patterns.kit import play, task
from wfnb.author.flow import Flow
from wfnb.errors import ReplayMismatch
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.migration import follow, image_of, migrate, misfits
from wfnb.model.event import RunMigrated
from wfnb.model.workflow import Workflow

Draw = Callable[[Flow], object]


def drawn(draw: Draw) -> Workflow:
    flow = Flow("w", {"n": "int | None"})
    draw(flow)
    return flow.workflow


def problems(before: Draw, after: Draw, at: float = 1.5, **inputs: Any) -> list[str]:
    """What is said where a run of `before` is to go on with `after` at this second."""
    found: list[str] = []

    def look(run: Any) -> None:
        image = image_of(run.machine, compile_workflow(drawn(after)))
        found.extend(f"{d.code} {d.message}" for d in misfits(image, run.state))

    play(drawn(before), {at: look}, **inputs)
    return found


def ab(flow: Flow) -> None:
    flow.start >> task(flow, "a", seconds=3) >> task(flow, "b") >> flow.end(output="=b")


def forked(flow: Flow, *branches: str, join: str = "join") -> None:
    fork, made = flow.fork("fork"), flow.join(join)
    flow.start >> fork >> [task(flow, id, seconds=1 if id == "a" else 9) for id in branches] >> made >> flow.end()


def test_what_is_elsewhere_does_not_matter() -> None:
    def after(flow: Flow) -> None:
        flow.start >> task(flow, "new") >> task(flow, "a") >> task(flow, "more") >> flow.end(output="=more")

    assert problems(ab, after) == []


def test_a_task_in_progress_that_is_no_more() -> None:
    def after(flow: Flow) -> None:
        flow.start >> task(flow, "c") >> task(flow, "b") >> flow.end()

    (said,) = problems(ab, after)
    assert said == "WF250 a token is in task 'a', and in the changed workflow there is no 'a'"


def test_a_node_of_another_kind() -> None:
    def after(flow: Flow) -> None:
        wait = flow.wait("a")
        flow.start >> wait
        wait.on("go") >> task(flow, "b") >> flow.end()

    (said,) = problems(ab, after)
    assert said == "WF250 a token is in task 'a', and in the changed workflow 'a' is a wait"


def test_a_join_edge_that_is_no_more() -> None:
    def after(flow: Flow) -> None:
        join = flow.join("join")
        flow.start >> flow.fork("fork") >> [task(flow, "x"), task(flow, "b")] >> join >> flow.end()

    (said,) = problems(lambda flow: forked(flow, "a", "b"), after)
    assert said == "WF250 a token waits on edge 'a -> join', which the changed workflow has not"


def test_a_branch_behind_a_fork_that_has_fired_is_waited_for_in_vain() -> None:
    """The dynamic change bug."""
    (said,) = problems(lambda flow: forked(flow, "a", "b"), lambda flow: forked(flow, "a", "b", "c"))
    assert said.startswith("WF252 from where it stands, the run can not always end: deadlock")


def test_a_branch_may_be_added_before_the_fork_has_fired() -> None:
    def before(flow: Flow, *more: str) -> None:
        fork, join = flow.fork("fork"), flow.join("join")
        flow.start >> task(flow, "first", seconds=3) >> fork
        fork >> [task(flow, id) for id in ("a", "b", *more)] >> join >> flow.end()

    assert problems(before, lambda flow: before(flow, "c")) == []


def test_a_join_that_would_have_gone_on() -> None:
    def after(flow: Flow) -> None:
        join = flow.join("join", need="any")
        flow.start >> flow.fork("fork") >> [task(flow, "a"), task(flow, "b")] >> join >> flow.end()

    (said,) = problems(lambda flow: forked(flow, "a", "b"), after)
    assert said == "WF250 join 'join' has 1 of its tokens, and would have gone on otherwise in the changed workflow"


def test_a_timer_that_is_no_more() -> None:
    def waits(flow: Flow, *, timer: bool) -> None:
        wait, late = flow.wait("wait"), task(flow, "late")
        flow.start >> wait
        wait.on("go") >> late >> flow.end()
        if timer:
            wait.after(60) >> late

    (said,) = problems(lambda flow: waits(flow, timer=True), lambda flow: waits(flow, timer=False))
    assert said == "WF250 the timer runs of edge 'wait -> late', which the changed workflow has not"
    assert problems(lambda flow: waits(flow, timer=False), lambda flow: waits(flow, timer=True)) == []


def test_a_value_that_was_passed_by() -> None:
    def after(flow: Flow) -> None:
        flow.start >> task(flow, "new") >> task(flow, "a") >> task(flow, "b") >> flow.end(output="=[new, b]")

    (said,) = problems(ab, after)
    assert said == "WF251 'end' reads the value of 'new', which the run has passed by, and which gave none"


def test_a_map_that_goes_through_other_items() -> None:
    def maps(flow: Flow, items: list[str]) -> None:
        flow.start >> flow.map("each", "work", items, id="=item", seconds=9) >> flow.end()

    (said,) = problems(lambda flow: maps(flow, ["x"]), lambda flow: maps(flow, ["x", "y"]))
    assert said == "WF250 map 'each' is in progress, and goes through other items there"


def test_what_can_be_taken_back() -> None:
    def taken(flow: Flow, *, back: bool) -> None:
        first = task(flow, "first")
        if back:
            first.options(compensate=("work", {"id": "undo"}))
        flow.start >> first >> task(flow, "long", seconds=9) >> flow.end()

    (said,) = problems(lambda flow: taken(flow, back=True), lambda flow: taken(flow, back=False))
    assert said.startswith("WF250 task 'first' is completed and can be taken back")


def test_a_lock_that_two_would_have() -> None:
    def locked(flow: Flow, *, lock: str) -> None:
        a, b = task(flow, "a", seconds=9), task(flow, "b", seconds=9)
        flow.start >> flow.fork("fork") >> [a, b] >> flow.join("join") >> flow.end()
        for one in (a, b):
            one.options(lock=lock)

    (said,) = problems(lambda flow: locked(flow, lock=""), lambda flow: locked(flow, lock="one"))
    assert said == "WF251 lock 'one' would be taken by both 'a' and 'b', which are in progress"


def test_a_milestone_that_was_not_remembered() -> None:
    def asks(flow: Flow, what: str) -> None:
        gate = flow.choice("gate")
        flow.start >> flow.fork("early") >> task(flow, "a", seconds=3) >> gate
        gate.when(what) >> flow.end("yes")
        gate.otherwise() >> flow.end("no")

    (said,) = problems(lambda flow: asks(flow, "1 < 2"), lambda flow: asks(flow, "reached('early')"))
    assert said == "WF251 the changed workflow asks whether 'early' was reached, which was not remembered until now"
    assert problems(lambda flow: asks(flow, "1 < 2"), lambda flow: asks(flow, "reached('a')")) == []


def test_a_history_whose_tokens_have_no_place_is_not_replayed() -> None:
    machine, other = compile_workflow(drawn(ab)), compile_workflow(drawn(lambda flow: flow.start >> flow.end()))
    ran = play(drawn(ab))
    events = [record.event for record in ran.run.records()][:2]
    with pytest.raises(ReplayMismatch, match="has no place for the token at 'a'"):
        follow([machine, other], [*events, RunMigrated(other.hash)])
    with pytest.raises(ReplayMismatch, match="which is not at hand"):
        follow([machine], [*events, RunMigrated(other.hash)])
    state = follow([machine], events)[1]
    assert migrate(image_of(machine, machine), state).seq == 3
