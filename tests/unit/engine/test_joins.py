"""Joins of any or k branches, inclusive forks, and what is absorbed or withdrawn."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from tests.patterns.kit import Ran, play, task, verdict
from wfnb.author.flow import Flow
from wfnb.errors import RunStuck


def partial(*seconds: float, **options: Any) -> Flow:
    """Branches that take so long each, and a join."""
    flow = Flow("partial")
    branches = [task(flow, f"b{number}", seconds=pause) for number, pause in enumerate(seconds)]
    join = flow.join("join", **options)
    flow.start >> flow.fork("fork") >> branches >> join >> task(flow, "last") >> flow.end()
    return flow


def last_begun(ran: Ran) -> float:
    return next(span.begun for span in ran.spans if span.task == "last")


@pytest.mark.parametrize("rest", ["absorb", "cancel"])
@pytest.mark.parametrize(("need", "begun"), [("any", 1), (1, 1), (2, 2), (3, 5), ("all", 9), (4, 9)])
def test_a_join_goes_on_at_the_branch_that_it_needs(need: Any, begun: float, rest: Any) -> None:
    flow = partial(5, 1, 9, 2, need=need, rest=rest)
    ran = play(flow)
    assert last_begun(ran) == begun
    ended = {span.task: span.ended for span in ran.spans}
    withdrawn = (
        {id for id, seconds in (("b0", 5), ("b2", 9), ("b3", 2)) if seconds > begun} if rest == "cancel" else set()
    )
    assert {id for id, at in ended.items() if at is None} == withdrawn
    assert (ran.status, ran.output) == ("completed", "last")
    assert not ran.run.state.marking
    assert ran.run.state.arrived == {}
    assert verdict(flow) == "sound"


def test_a_loop_may_go_round_by_routing_alone_where_its_join_waits_for_a_task() -> None:
    flow = Flow("rounds")
    fork, join, both = flow.fork("fork"), flow.join("join"), flow.join("both")
    more, gate = flow.choice("more"), flow.choice("gate")
    flow.start >> flow.fork("outer") >> [task(flow, "clock", seconds=2.5), fork]
    fork >> [task(flow, "work", seconds=1), more]
    flow.node("work") >> join >> gate
    more.otherwise() >> join
    flow.node("clock") >> both
    gate.when("reached('clock')") >> both >> flow.end()
    gate.otherwise() >> fork
    ran = play(flow)
    assert ran.completed == ["work", "work", "clock", "work"]
    assert verdict(flow) == "sound"


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("rest", ["absorb", "cancel"])
def test_branches_that_come_at_the_same_time(rest: Any, seed: int) -> None:
    flow = partial(3, 3, 3, need=2, rest=rest)
    ran = play(flow, seed=seed)
    assert ran.completed.count("last") == 1
    assert ran.status == "completed"
    assert len(ran.completed) == (4 if rest == "absorb" else 3)


def test_a_join_that_cancels_may_be_entered_again_at_once() -> None:
    flow = Flow("again")
    quick, slow, again = task(flow, "quick"), task(flow, "slow", seconds=9), task(flow, "again")
    fork, join, gate = flow.fork("fork"), flow.join("join", need="any", rest="cancel"), flow.choice("gate")
    flow.start >> fork >> [quick, slow] >> join >> gate
    gate.when("reached('again')") >> flow.end()
    gate.otherwise() >> again >> fork
    ran = play(flow)
    assert ran.started == ["quick", "slow", "again", "quick", "slow"]
    assert ran.completed == ["quick", "again", "quick"]
    assert verdict(flow) == "sound"


def test_a_join_that_absorbs_takes_its_next_round_after_the_last_branch() -> None:
    flow = Flow("again")
    quick, slow = task(flow, "quick"), task(flow, "slow", seconds=2)
    again, gate = task(flow, "again", seconds=5), flow.choice("gate")
    fork, join = flow.fork("fork"), flow.join("join", need="any")
    flow.start >> fork >> [quick, slow] >> join >> gate
    gate.when("reached('again')") >> flow.end()
    gate.otherwise() >> again >> fork
    ran = play(flow)
    assert ran.completed == ["quick", "slow", "again", "quick", "slow"]
    assert ran.status == "completed"
    assert verdict(flow) == "unsafe"  # nothing says that `again` is slow


def test_what_is_absorbed_may_be_left_over() -> None:
    """A branch that is withdrawn never comes, so that the join can not be done with it."""
    flow = Flow("left over")
    quick, slow = task(flow, "quick"), task(flow, "slow", seconds=9)
    join = flow.join("join", need="any")
    flow.start >> flow.fork("fork") >> [quick, slow] >> join >> flow.end()
    slow.on("stop") >> flow.end("stopped")
    assert play(flow).status == "completed"
    ran = play(flow, {3: lambda run: run.signal("stop")})
    assert isinstance(ran.error, RunStuck)
    assert ran.error.cause.startswith("the run is stuck: 'join' waits for a branch that was not taken")
    assert verdict(flow) == "stuck"


def test_a_join_withdraws_what_lies_between_it_and_the_fork_only() -> None:
    flow = Flow("between")
    a, b, b2, outside = (task(flow, id, seconds=s) for id, s in (("a", 2), ("b", 1), ("b2", 9), ("outside", 9)))
    wait, inner, met = flow.wait("wait"), flow.fork("inner"), flow.join("met")
    join, both = flow.join("join", need=1, rest="cancel"), flow.join("both")
    fork = flow.fork("fork")
    flow.start >> flow.fork("outer") >> [fork, outside]
    fork >> [a, b]
    b >> inner >> [b2, wait]
    wait.on("never") >> met
    b2 >> met >> join
    a >> join >> both
    outside >> both >> flow.end()
    ran = play(flow)
    assert ran.completed == ["b", "a", "outside"]
    assert sorted(t for t in ran.types if t.endswith("Cancelled")) == ["NodeCancelled", "TaskCancelled"]
    assert ran.status == "completed"
    assert verdict(flow) == "sound"


def test_a_branch_that_goes_straight_to_the_join() -> None:
    flow = Flow("straight")
    fork, join = flow.fork("fork"), flow.join("join", need="any")
    flow.start >> fork >> task(flow, "slow") >> join
    fork >> join >> task(flow, "last") >> flow.end()
    ran = play(flow)
    assert [span.begun for span in ran.spans] == [0, 0]
    assert verdict(flow) == "sound"


# ---------------------------------------------------------------------------------------------------- inclusive forks


def inclusive(*, otherwise: bool) -> Flow:
    """Three guarded branches, one of them straight to the join, and one for when none holds or always."""
    flow = Flow("inclusive", {"a": "bool", "b": "bool", "c": "bool"})
    join = flow.join("join")
    fork = flow.fork("fork", join=join)
    flow.start >> fork
    for name in "ab":
        fork.when(f"input.{name}") >> task(flow, name) >> join
    fork.when("input.c") >> join
    branch = fork.otherwise() if otherwise else fork
    branch >> task(flow, "d") >> join >> task(flow, "last") >> flow.end()
    return flow


@pytest.mark.parametrize("taken", list(product([True, False], repeat=3)))
@pytest.mark.parametrize("otherwise", [True, False])
def test_every_set_of_branches(taken: tuple[bool, ...], otherwise: bool) -> None:
    flow = inclusive(otherwise=otherwise)
    a, b, c = taken
    ran = play(flow, a=a, b=b, c=c)
    wanted = [name for name, on in (("a", a), ("b", b), ("d", not any(taken) or not otherwise)) if on]
    assert ran.started == [*wanted, "last"]
    assert ran.status == "completed"
    assert verdict(flow) == "sound"


def test_none_holds_and_there_is_no_other() -> None:
    flow = Flow("none")
    join = flow.join("join")
    fork = flow.fork("fork", join=join)
    flow.start >> task(flow, "first") >> fork
    fork.when("first == 'a'") >> task(flow, "a") >> join
    fork.when("first == 'b'") >> task(flow, "b") >> join >> flow.end()
    ran = play(flow)
    assert ran.error is not None
    assert (ran.error.type, ran.error.node) == ("ExpressionError", "fork")
    assert ran.error.cause.startswith("no guard of fork 'fork' holds\n")
    assert ran.types[-1] == "RunFailed"


def test_an_inclusive_fork_in_a_loop() -> None:
    flow = Flow("loop")
    join, gate, first = flow.join("join"), flow.choice("gate"), task(flow, "first")
    fork = flow.fork("fork", join=join)
    flow.start >> first >> fork
    fork.when("not reached('again')") >> task(flow, "a") >> join
    fork.when("reached('again')") >> task(flow, "b") >> join
    fork >> task(flow, "c") >> join >> gate
    gate.when("reached('again')") >> flow.end()
    gate.otherwise() >> task(flow, "again") >> first
    ran = play(flow)
    assert ran.started == ["first", "a", "c", "again", "first", "b", "c"]
    assert verdict(flow) == "sound"


def test_inclusive_forks_nest() -> None:
    flow = Flow("nested", {"n": "int"})
    inner_join, outer_join = flow.join("inner join"), flow.join("outer join")
    inner, outer = flow.fork("inner", join=inner_join), flow.fork("outer", join=outer_join)
    flow.start >> outer
    outer.when("input.n > 0") >> inner
    outer.otherwise() >> task(flow, "none") >> outer_join
    inner.when("input.n > 1") >> task(flow, "one") >> inner_join
    inner >> task(flow, "always") >> inner_join >> outer_join >> flow.end()
    assert [play(flow, n=n).started for n in (0, 1, 2)] == [["none"], ["always"], ["one", "always"]]
    assert verdict(flow) == "sound"


def test_the_output_of_an_inclusive_fork_has_the_branches_taken() -> None:
    flow = inclusive(otherwise=True)
    end = flow.end("other end")
    flow.node("last").after(0.5) >> end
    assert play(flow, a=True, b=False, c=True).status == "completed"


@pytest.mark.parametrize(("n", "taken"), [(0, ["c"]), (1, ["a"]), (2, ["a", "b"])])
def test_an_inclusive_fork_that_leaves_a_cancelling_group(n: int, taken: list[str]) -> None:
    flow = Flow("leaving", {"n": "int"})
    first, slow, outer = task(flow, "first"), task(flow, "slow", seconds=60), flow.fork("outer")
    join = flow.join("join")
    fork = flow.fork("fork", join=join)
    flow.start >> outer >> [first, slow]
    first >> fork
    fork.when("input.n > 0") >> task(flow, "a") >> join
    fork.when("input.n > 1") >> task(flow, "b") >> join
    fork.otherwise() >> task(flow, "c") >> join >> flow.end()
    slow >> flow.end("end slow")
    flow.group("group", [outer, first, slow, fork], cancel=True)
    ran = play(flow, n=n)
    assert ran.completed == ["first", *taken]
    assert ran.status == "completed"


def test_an_inclusive_fork_of_which_a_branch_stays_in_the_group() -> None:
    flow = Flow("half", {"out": "bool"})
    first, slow, outer, stays = (
        task(flow, "first"),
        task(flow, "slow", seconds=5),
        flow.fork("outer"),
        task(flow, "stays"),
    )
    join = flow.join("join")
    fork = flow.fork("fork", join=join)
    flow.start >> outer >> [first, slow]
    first >> fork
    fork >> stays >> join
    fork.when("input.out") >> task(flow, "leaves") >> join >> flow.end()
    slow >> flow.end("end slow")
    flow.group("group", [outer, first, slow, fork, stays], cancel=True)
    assert sorted(play(flow, out=True).completed) == ["first", "leaves", "stays"]
    assert play(flow, out=False).completed == ["first", "stays"]
