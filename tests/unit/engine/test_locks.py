"""Locks of tasks and of groups."""

from __future__ import annotations

import pytest

from tests.patterns.kit import play, task, tasks, verdict
from wfnb.author.flow import Flow
from wfnb.errors import RunStuck
from wfnb.model.workflow import Retry


@pytest.mark.parametrize("seed", range(4))
def test_a_task_and_a_group_share_a_lock(seed: int) -> None:
    flow = Flow("shared")
    a, b, c = tasks(flow, "a b c")
    flow.start >> flow.fork("fork") >> [a, c]
    a >> b
    [b, c] >> flow.join("join") >> flow.end()
    c.options(lock="one")
    flow.group("group", [a, b], lock="one")
    ran = play(flow, seed=seed)
    assert not ran.overlap("a", "b", "c")
    assert "".join(ran.started) in ("abc", "cab")
    assert ran.run.state.held == {}
    assert verdict(flow) == "sound"


def test_other_locks_do_not_matter() -> None:
    flow = Flow("others")
    a, b = task(flow, "a").options(lock="one"), task(flow, "b").options(lock="two")
    flow.start >> flow.fork("fork") >> [a, b] >> flow.join("join") >> flow.end()
    assert [span.begun for span in play(flow).spans] == [0, 0]


def test_a_lock_is_released_where_its_task_fails_or_is_interrupted() -> None:
    flow = Flow("released")
    a, b, c = task(flow, "a", seconds=2, fails="Bad"), task(flow, "b", seconds=60), task(flow, "c")
    join = flow.join("join")
    flow.start >> flow.fork("fork") >> [a, b, c]
    for one in (a, b, c):
        one.options(lock="one")
        one >> flow.node("join")
    a.on_error() >> task(flow, "mended") >> flow.end("end a")
    b.after(3) >> task(flow, "late") >> flow.end("end b")
    join >> flow.end()
    ran = play(flow)
    assert [(span.task, span.begun) for span in ran.spans if span.task in "abc"] == [("a", 0), ("b", 2), ("c", 5)]


def test_a_timer_does_not_count_the_wait_for_a_lock() -> None:
    flow = Flow("timer")
    a, b = task(flow, "a", seconds=10).options(lock="one"), task(flow, "b", seconds=2).options(lock="one")
    flow.start >> flow.fork("fork") >> [a, b] >> flow.join("join") >> flow.end()
    b.after(5) >> flow.end("late")
    assert play(flow).completed == ["a", "b"]


def test_a_token_may_wait_before_a_task_that_is_in_progress() -> None:
    flow = Flow("queue")
    a, b = task(flow, "a"), task(flow, "b", seconds=3)
    one = task(flow, "one", seconds=10).options(lock="one")
    flow.start >> flow.fork("fork") >> [a, b] >> one >> flow.end()
    ran = play(flow)
    assert [(span.task, span.begun, span.ended) for span in ran.spans] == [
        ("a", 0, 1), ("b", 0, 3), ("one", 1, 11), ("one", 11, None)
    ] or isinstance(ran.error, RunStuck)  # fmt: skip
    assert verdict(flow) == "unsafe"


def crossed() -> Flow:
    """Two groups, each of which needs the other's lock inside."""
    flow = Flow("crossed")
    a1, a2, b1, b2 = tasks(flow, "a1 a2 b1 b2")
    join = flow.join("join")
    flow.start >> flow.fork("fork") >> [a1, b1]
    a1 >> a2 >> join
    b1 >> b2 >> join >> flow.end()
    a2.options(lock="two")
    b2.options(lock="one")
    flow.group("a", [a1, a2], lock="one")
    flow.group("b", [b1, b2], lock="two")
    return flow


def test_locks_that_wait_for_each_other() -> None:
    assert verdict(crossed()) == "stuck"
    ran = play(crossed())
    assert isinstance(ran.error, RunStuck)
    assert ran.error.cause == (
        "the run is stuck: 'a2' waits for lock 'two', which nothing will release\n"
        "take locks in one order, and none inside a group that has it"
    )
    assert ran.completed == ["a1", "b1"]


def test_a_lock_inside_a_group_that_has_it() -> None:
    flow = Flow("itself")
    a, b = tasks(flow, "a b")
    flow.start >> a >> b >> flow.end()
    b.options(lock="one")
    flow.group("group", [a, b], lock="one")
    assert verdict(flow) == "stuck"
    assert isinstance(play(flow).error, RunStuck)


def test_a_loop_inside_a_group_with_a_lock() -> None:
    flow = Flow("loop")
    a, gate, again, other = task(flow, "a"), flow.choice("gate"), task(flow, "again"), task(flow, "other")
    join = flow.join("join")
    flow.start >> flow.fork("fork") >> [a, other]
    a >> gate
    gate.when("reached('again')") >> join
    gate.otherwise() >> again >> a
    other >> join >> flow.end()
    flow.group("group", [a, gate, again], lock="one")
    flow.group("other group", [other], lock="one")
    ran = play(flow)
    assert ran.started == ["a", "again", "a", "other"]
    assert verdict(flow) == "sound"


def test_a_group_with_a_lock_that_two_tokens_leave() -> None:
    """The last token that leaves releases the lock."""
    flow = Flow("two leave")
    a, b, c, d = task(flow, "a"), task(flow, "b", seconds=2), task(flow, "c", seconds=9), task(flow, "d")
    fork, join = flow.fork("fork"), flow.join("join")
    flow.start >> flow.fork("outer") >> [a, d]
    a >> fork >> [b, c] >> join
    d >> join >> flow.end()
    flow.group("group", [a, fork, b, c], lock="one")
    d.options(lock="one")
    ran = play(flow)
    assert ran.status == "completed"
    assert [(span.task, span.begun) for span in ran.spans] == [("a", 0), ("b", 1), ("c", 1), ("d", 10)]
    assert verdict(flow) == "sound"


def test_a_token_that_ends_inside_a_group_has_left_it() -> None:
    flow = Flow("ends inside")
    a, b, c, d = task(flow, "a"), task(flow, "b", seconds=2), task(flow, "c", seconds=9), task(flow, "d")
    fork, end = flow.fork("fork"), flow.end("end b")
    flow.start >> flow.fork("outer") >> [a, d]
    a >> fork >> [b, c]
    b >> end
    c >> flow.end("end c")
    d.options(lock="one") >> flow.end("end d")
    flow.group("group", [a, fork, b, c, end], lock="one")
    ran = play(flow)
    assert [(span.task, span.begun) for span in ran.spans] == [("a", 0), ("b", 1), ("c", 1), ("d", 10)]
    assert verdict(flow) == "sound"


def test_a_lock_of_a_group_is_released_where_it_is_emptied() -> None:
    flow = Flow("emptied")
    a, b, d = task(flow, "a"), task(flow, "b", seconds=60), task(flow, "d")
    join = flow.join("join")
    flow.start >> flow.fork("outer") >> [a, d]
    a >> b >> join
    d >> join >> flow.end()
    group = flow.group("group", [a, b], lock="one")
    group.after(5) >> task(flow, "late") >> flow.end("end late", terminate=True)
    d.options(lock="one")
    ran = play(flow)
    assert [(span.task, span.begun) for span in ran.spans] == [("a", 0), ("b", 1), ("d", 5), ("late", 5)]
    assert verdict(flow) == "sound"


def test_maps_and_calls_wait_for_the_lock_of_their_group() -> None:
    flow = Flow("map")
    each, d = flow.map("each", "work", ["x", "y"], id="=item"), task(flow, "d").options(lock="one")
    flow.start >> flow.fork("outer") >> [d, each] >> flow.join("join") >> flow.end()
    flow.group("group", [each], lock="one")
    ran = play(flow)
    assert [(span.task, span.begun) for span in ran.spans] == [("d", 0), ("x", 1), ("y", 1)]
    assert verdict(flow) == "sound"


def test_a_token_that_waits_for_a_lock_is_not_lost_when_the_one_inside_is_tried_again() -> None:
    flow = Flow("tried again")
    one = task(flow, "one", seconds=5, fails="Bad").options(lock="one", retry=Retry(attempts=2, delay=1))
    gate = flow.choice("gate")
    flow.start >> flow.fork("fork") >> [task(flow, "a", seconds=1), task(flow, "b", seconds=3)] >> one
    one >> flow.end("never")
    one.on_error() >> gate
    gate.when("reached('first')") >> flow.end()
    gate.otherwise() >> task(flow, "first") >> flow.end("end first")
    ran = play(flow)
    assert [span.begun for span in ran.spans if span.task == "one"] == [1, 7, 12, 18]
    assert ran.status == "completed"
