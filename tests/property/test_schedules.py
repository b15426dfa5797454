"""Every construct under many seeded schedules: none gets stuck, and all of a workflow's runs end alike."""

from __future__ import annotations

from functools import cache

import pytest

from tests.constructs import constructs
from tests.exploring import explore
from tests.runner import Outcome, play
from wfnb.machine.check import check
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.netting import netted
from wfnb.machine.semantics import replay

CONSTRUCTS = {one.name: one for one in constructs()}
LONG = 56
"""Seeds a workflow: 1,000 schedules in all."""


@cache
def first(name: str) -> Outcome:
    return play(CONSTRUCTS[name]).outcome


def tried(name: str, seed: int) -> None:
    played = play(CONSTRUCTS[name], seed=seed)
    assert played.outcome == first(name), f"{name} with seed {seed}"
    error = played.run.error
    assert error is None or error.type != "RunStuck"
    assert replay(played.run.machine, (r.event for r in played.run.records())) == played.run.state


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_it_is_sound(name: str) -> None:
    workflow = CONSTRUCTS[name].workflow
    assert check(workflow).properties["sound"].verdict == "proved"
    machine = compile_workflow(workflow)
    for one in (machine, *_parts(machine)):
        assert explore(netted(one).net).verdict == "sound"


def _parts(machine: Machine) -> list[Machine]:
    inner = [plan.machine for plan in machine.children.values()] + list(machine.special.spawns.values())
    return [*inner, *(part for one in inner for part in _parts(one))]


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_schedules(name: str) -> None:
    for seed in range(3):
        tried(name, seed)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_thousand_schedules(name: str) -> None:
    for seed in range(LONG):
        tried(name, seed)
