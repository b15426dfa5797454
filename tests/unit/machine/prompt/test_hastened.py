"""Joins that fire at once, where a net in which they may be late would say too little."""

from __future__ import annotations

import pytest

from tests.unit.machine.sketch import sketch
from wfnb.machine import verdicts
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.netting import net_of
from wfnb.machine.prompt import Turns
from wfnb.machine.prompt.hastened import hastened
from wfnb.machine.soundness import decide
from wfnb.model.workflow import End, Fork, Join, Node

AGAIN = """
    one > more > join > end
    more > again > both > join
    both > again
"""
"""After `one`, every round of `again` brings one more token to the join, which the join takes at the first."""
ENDS = (Fork("more"), Fork("both"), Join("join"), End("end", terminate=True))
CANCELS = (Fork("more"), Fork("both"), Join("join", need=2, rest="cancel"))


def machine_of(drawn: str, nodes: tuple[Node, ...]) -> Machine:
    return compile_workflow(sketch(drawn, *nodes))


def joins_of(machine: Machine) -> list[int]:
    return [machine.ids.index("join")]


@pytest.mark.parametrize(
    ("drawn", "nodes"),
    [(f"start > one\n{AGAIN}", ENDS), (f"start > fork > one\nfork > two > join\n{AGAIN}", CANCELS)],
)
def test_a_join_is_not_late(drawn: str, nodes: tuple[Node, ...]) -> None:
    machine = machine_of(drawn, nodes)
    turns = Turns(machine, net_of(machine))
    late = decide(turns.net)
    assert late.kind == "unsafe"
    assert turns.late(late.trace) == {*joins_of(machine)}
    quick = hastened(machine, turns, joins_of(machine))
    assert quick.joins == {*joins_of(machine)}
    assert decide(quick.net).verdict == "proved"


def test_where_there_is_too_much_to_look_at() -> None:
    beside = "\n".join(f"first > t{number} > last" for number in range(14))
    drawn = f"start > first > fork > one\nfork > two > join > last > end\n{beside}\n{AGAIN.replace('> end', '')}"
    found = verdicts.soundness_of(machine_of(drawn, (Fork("first"), *CANCELS, Join("last"))))
    assert found.verdict == "proved"


def test_a_second_token_that_the_join_would_withdraw_is_one() -> None:
    machine = machine_of(f"start > fork > one\nfork > again\nfork > two > join\n{AGAIN}", CANCELS)
    quick = hastened(machine, Turns(machine, net_of(machine)), joins_of(machine))
    assert decide(quick.net, few=0).kind == "unsafe"
    assert verdicts.soundness_of(machine).kind == "unsafe"


def test_a_counterexample_is_spelt_in_the_machines_own_transitions() -> None:
    machine = machine_of("start > fork > one > join > end\nfork > two > choice > join: 1 < 2\nchoice > end: else", ())
    turns = Turns(machine, net_of(machine))
    quick = hastened(machine, turns, joins_of(machine))
    found = decide(quick.net)
    assert found.kind == "deadlock"
    assert not list(turns.net.enabled(turns.net.play(quick.spelt(found.trace))))


def test_a_join_that_absorbs_may_be_late() -> None:
    machine = machine_of(
        "start > fork > one > join > end\nfork > two > join", (Join("join", need="any", rest="absorb"),)
    )
    assert not hastened(machine, Turns(machine, net_of(machine)), joins_of(machine)).joins
