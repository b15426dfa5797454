"""What a run gives where its end says nothing: what has really come there."""

from __future__ import annotations

from typing import Any

import pytest

from tests.patterns.kit import play, task, tasks
from wfnb.author.flow import Flow
from wfnb.author.refs import NodeRef
from wfnb.engine.past import past_state
from wfnb.machine.output import output


def discriminator(rest: Any, need: Any = "any") -> tuple[Flow, list[NodeRef]]:
    """start >> fork >> [quick 1 s, middle 2 s, slow 3 s] >> join >> after 9 s; the join waits for so many."""
    flow = Flow("discriminator")
    parts = [task(flow, id, seconds=s) for id, s in (("quick", 1), ("middle", 2), ("slow", 3))]
    flow.start >> flow.fork("fork") >> parts >> flow.join("join", need=need, rest=rest)
    return flow, parts


@pytest.mark.parametrize("rest", ["absorb", "cancel"])
@pytest.mark.parametrize(("need", "came"), [("any", ["quick"]), (2, ["quick", "middle"])])
def test_what_comes_too_late_is_not_given(rest: str, need: Any, came: list[str]) -> None:
    """Though by the end of the run it has a value, where it was not withdrawn."""
    flow, _ = discriminator(rest, need)
    gate = flow.choice("gate")
    flow.node("join") >> gate
    gate.otherwise() >> flow.end()
    ran = play(flow)
    assert ran.output == {id: id for id in came}
    assert set(ran.run.values) == ({"quick", "middle", "slow"} if rest == "absorb" else set(came))


def test_what_an_earlier_round_has_left_is_not_given() -> None:
    flow = Flow("rounds")
    first, second = task(flow, "first", seconds="=3 if reached('again') else 1"), task(flow, "second", seconds=2)
    gate, merge = flow.choice("gate"), flow.choice("merge")
    flow.start >> merge
    merge.otherwise() >> flow.fork("fork") >> [first, second] >> flow.join("join", need="any", rest="cancel") >> gate
    gate.when("not reached('again')") >> task(flow, "again") >> merge
    gate.otherwise() >> flow.end()
    ran = play(flow)
    assert ran.run.values.keys() == {"first", "again", "second"}
    assert ran.output == {"second": "second"}


def test_of_an_inclusive_fork_what_was_not_taken_is_not_given() -> None:
    """Neither what it gave in an earlier round, nor, where a branch is an edge alone, what is before the fork."""
    flow = Flow("inclusive")
    before, a, b = tasks(flow, "before a b")
    join, gate, merge = flow.join("join"), flow.choice("gate"), flow.choice("merge")
    fork = flow.fork("fork", join=join)
    flow.start >> before >> merge
    merge.otherwise() >> fork
    fork.when("not reached('again')") >> a >> join
    fork.when("reached('again')") >> b >> join
    fork.when("not reached('again')") >> join
    join >> gate
    gate.when("not reached('again')") >> task(flow, "again") >> merge
    gate.otherwise() >> flow.end()
    ran = play(flow)
    assert ran.run.values.keys() == {"before", "a", "again", "b"}
    assert ran.output == {"b": "b"}


def test_history_says_the_same() -> None:
    flow, _ = discriminator("absorb")
    flow.node("join") >> flow.end()
    run = play(flow).run
    machine, state = past_state(run.host.store, run.id)
    assert output(machine, state) == {"quick": "quick"}
    assert state.gathered == run.state.gathered != {}


def test_where_no_end_asks_nothing_is_remembered() -> None:
    flow, _ = discriminator("absorb")
    flow.node("join") >> flow.end(output=1)
    ran = play(flow)
    assert ran.output == 1
    assert ran.run.state.gathered == {}
