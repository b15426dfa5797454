"""What the net of a drawing says where tokens move at once, where locks are given back, and where nodes are reached."""

from __future__ import annotations

from tests.patterns.kit import play, task, tasks
from wfnb.author.flow import Flow
from wfnb.machine.check import check
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.verdicts import soundness_of


def verdict(flow: Flow) -> str:
    return soundness_of(compile_workflow(flow.workflow)).verdict


def stuck(flow: Flow) -> Diagnostic:
    """How it is told that a run can get stuck."""
    (found,) = [found for found in check(flow.workflow).diagnostics if found.code == "WF301"]
    return found


def test_nothing_comes_after_an_end_that_ends_the_run() -> None:
    flow = Flow("first")
    flow.start >> flow.fork("fork") >> tasks(flow, "quick slow") >> flow.end(terminate=True)
    assert verdict(flow) == "proved"
    assert play(flow).status == "completed"


def test_nor_in_a_choice_before_it() -> None:
    flow = Flow("first")
    gate = flow.choice("gate")
    flow.start >> flow.fork("fork") >> [task(flow, "quick"), task(flow, "slow", seconds=2)] >> gate
    gate.when("1 < 2") >> flow.end(terminate=True)
    gate.otherwise() >> flow.end("failed", error="Refused")
    assert verdict(flow) == "proved"
    assert play(flow).completed == ["quick"]


def test_what_leaves_a_group_through_a_choice_meets_nothing_there() -> None:
    flow = Flow("race")
    fork, gate = flow.fork("fork"), flow.choice("gate")
    quick, slow = task(flow, "quick"), task(flow, "slow", seconds=9)
    flow.start >> fork >> [quick, slow] >> gate
    gate.when("reached('quick')") >> task(flow, "a") >> flow.end("one")
    gate.otherwise() >> task(flow, "b") >> flow.end("other")
    flow.group("race", [fork, quick, slow, gate], cancel=True)
    assert verdict(flow) == "proved"
    assert play(flow).started == ["quick", "slow", "a"]


def test_a_group_that_is_interrupted_gives_its_lock_back() -> None:
    flow = Flow("critical")
    first, last, late = tasks(flow, "first last late", seconds=4)
    flow.start >> first >> last >> flow.end("done")
    flow.group("section", [first, last], lock="press").after(6) >> late >> flow.end("too late")
    late.options(lock="press")
    assert verdict(flow) == "proved"
    assert play(flow).completed == ["first", "late"]


def test_an_end_in_a_group_gives_its_lock_back() -> None:
    flow = Flow("critical")
    (first,) = tasks(flow, "first")
    end = flow.end()
    flow.start >> first >> end
    flow.group("section", [first, end], lock="press")
    assert verdict(flow) == "proved"


def test_an_inclusive_fork_in_a_cancelling_group_whose_join_is_outside() -> None:
    """The net decides branch by branch; in a run nothing can empty the group in between."""
    flow = Flow("between")
    outer, join = flow.fork("outer"), flow.join("join")
    first, other, one, two, last = tasks(flow, "first other one two last")
    some = flow.fork("some", join=join)
    flow.start >> outer >> [first, other]
    first >> some
    some.when("1 < 2") >> one >> join
    some.otherwise() >> two >> join >> last
    other >> last >> flow.end()
    flow.group("race", [outer, first, other, some], cancel=True)
    assert verdict(flow) == "proved"


def test_what_would_be_stuck_if_a_choice_could_wait() -> None:
    flow = Flow("prompt")
    gate, later = flow.choice("gate"), flow.fork("later")
    slow, left, right = tasks(flow, "slow left right")
    flow.start >> flow.fork("fork") >> [gate, slow]
    gate.when("1 < 2") >> flow.end("one", terminate=True)
    gate.otherwise() >> flow.end("other", terminate=True)
    slow >> later >> [left, right]
    left >> right >> flow.end()
    assert verdict(flow) == "proved"
    assert play(flow).completed == []


def test_a_run_may_go_round_for_ever_where_its_net_need_not() -> None:
    """The join fires at once and cancels the only way out, which could come first in the net."""
    flow = Flow("round")
    fork, join, gate = flow.fork("fork"), flow.join("join").options(need="any", rest="cancel"), flow.choice("gate")
    again, out = tasks(flow, "again out")
    flow.start >> again >> fork >> [join, out]
    out >> gate
    gate.when("1 < 2") >> join >> again
    gate.otherwise() >> flow.end(terminate=True)
    found = soundness_of(compile_workflow(flow.workflow))
    assert (found.verdict, found.kind) == ("refuted", "livelock")


def test_two_tokens_that_leave_a_group_in_one_go() -> None:
    flow = Flow("both")
    fork, one, other = flow.fork("fork"), flow.choice("one"), flow.choice("other")
    meet, first = task(flow, "meet"), task(flow, "first")
    flow.start >> first >> fork >> [one, other]
    one.otherwise() >> meet
    other.otherwise() >> meet >> flow.end()
    flow.group("group", [first, fork, one, other], cancel=True)
    assert verdict(flow) == "proved"
    assert play(flow).completed == ["first", "meet"]


def test_a_lock_is_kept_until_the_last_token_has_left() -> None:
    flow = Flow("apart")
    fork, wait = flow.fork("fork"), flow.wait("wait")
    first, stays, leaves, other = tasks(flow, "first stays leaves other")
    flow.start >> flow.fork("outer") >> [first, other]
    first >> fork >> [wait, leaves]
    leaves >> flow.end("early")
    other.options(lock="press") >> flow.end("late")
    wait.when("reached('other')") >> stays >> flow.end("never")
    flow.group("section", [first, fork, wait, leaves, stays], lock="press")
    assert verdict(flow) == "refuted"  # it waits for what needs its lock
    found = stuck(flow)
    assert found.message.startswith("a run can get stuck: 'wait', 'other' wait for what never comes, as after")
    assert found.help == "take locks in one order, and none inside a group that has it"


def test_a_wait_that_nothing_frees_is_told_how_to_be_freed() -> None:
    flow = Flow("waits")
    wait, after = flow.wait("wait"), task(flow, "after")
    flow.start >> wait
    wait.when("reached('after')") >> after >> flow.end()
    found = stuck(flow)
    assert found.message == "a run can get stuck: 'wait' waits for what never comes, as after the run starts"
    assert found.help == "add a timer or a signal to the wait"


def test_an_end_and_the_start_are_reached() -> None:
    flow = Flow("milestones")
    (first,) = tasks(flow, "first")
    wait = flow.wait("wait")
    flow.start >> flow.fork("fork") >> [first, wait]
    first >> flow.end("early")
    wait.when("reached('early') and reached('start')") >> flow.end("late")
    assert verdict(flow) == "proved"
    assert play(flow).status == "completed"


def test_a_wait_is_reached_when_it_is_left() -> None:
    flow = Flow("milestone")
    fork, join, rests, gate = flow.fork("fork"), flow.join("join"), flow.wait("rests"), flow.choice("gate")
    first = task(flow, "first", seconds=1)
    flow.start >> fork >> first >> gate
    gate.when("reached('rests')") >> task(flow, "after") >> join
    gate.otherwise() >> task(flow, "before") >> flow.end("soon")
    fork >> rests
    rests.after(5) >> join
    join >> flow.end()
    assert "before" in play(flow).started
