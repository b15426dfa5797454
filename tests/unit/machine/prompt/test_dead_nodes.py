"""Nodes that a net would come to, and a run never does: it is too prompt."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.unit.machine.sketch import sketch
from wfnb.machine import verdicts
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.netting import net_of
from wfnb.machine.prompt import Turns
from wfnb.machine.prompt.calm import Calm
from wfnb.model.workflow import Group, Join, Wait, Workflow

FIRST = Join("join", need="any", rest="cancel")


def dead_nodes(machine: Machine) -> tuple[set[str], set[str]]:
    """The nodes that can never run, and those of which that is not known."""
    dead, open_ = verdicts.dead_nodes(machine, verdicts.behaviour_of(machine))
    return {machine.ids[node] for node in dead}, {machine.ids[node] for node in open_}


def waits_for_the_winner(*, between: str = "") -> Workflow:
    """A wait for the milestone of a task, where the first branch that comes to the join withdraws the other."""
    return sketch(
        f"""
        start > fork > won {between} > join > end
        fork > wait
        wait > other: reached('won')
        other > join
        """,
        Wait("wait"),
        FIRST,
    )


def test_what_waits_for_a_task_that_withdraws_it_as_it_completes_is_dead() -> None:
    assert dead_nodes(compile_workflow(waits_for_the_winner())) == ({"other"}, set())


def test_it_is_alive_where_something_comes_between() -> None:
    machine = compile_workflow(waits_for_the_winner(between="> more"))
    assert dead_nodes(machine) == (set(), set())


def test_what_a_timer_of_withdrawn_tasks_leads_to_does_not_run_along_with_what_withdrew_them() -> None:
    racing = sketch(
        """
        start > fork > one > join > end
        fork > two > join
        both > late [after=1]
        late > wait
        wait > never: reached('join')
        never > end2
        wait > end3 [after=1]
        """,
        Group("both", members=("one", "two")),
        Wait("wait"),
        FIRST,
    )
    assert dead_nodes(compile_workflow(racing)) == ({"never", "end2"}, set())


@pytest.mark.parametrize(("need", "dead"), [("any", {"end2"}), (2, set[str]())])
def test_a_token_that_goes_on_at_once_sets_off_no_timer(need: int | Literal["any"], dead: set[str]) -> None:
    racing = sketch(
        """
        start > fork > one > join > end
        fork > two > join
        fork > three > join
        around > end2 [after=1]
        """,
        Join("join", need=need, rest="cancel"),
        Group("around", members=("join",), cancel=True),
    )
    assert dead_nodes(compile_workflow(racing)) == (dead, set())


@pytest.mark.parametrize("need", ["any", 2])
def test_a_plain_race_needs_no_look_at_what_a_run_does(need: int | Literal["any"]) -> None:
    racing = sketch(
        """
        start > fork > one > join > end
        fork > two > join
        fork > three > join
        """,
        Join("join", need=need, rest="cancel"),
    )
    machine = compile_workflow(racing)
    assert Calm(Turns(machine, net_of(machine))).can_be_late()
    assert dead_nodes(machine) == (set(), set())
