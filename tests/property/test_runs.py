"""Random workflows, run in virtual time and in random order: replay equals live, and every step is a legal one."""

from __future__ import annotations

import asyncio
import copy
import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.property.applied import applied_by
from tests.property.tokens import Game
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.errors import RunError
from wfnb.machine.check import check
from wfnb.machine.decide import decide
from wfnb.machine.semantics import evolve, replay
from wfnb.model.activity import describe
from wfnb.model.codec import decode, encode
from wfnb.model.event import Event
from wfnb.model.state import State
from wfnb.model.workflow import Retry, Workflow
from wfnb.testing import gap_free, virtual_time
from wfnb.testing.workflows import workflows

VISITS = 3
"""After so many visits a task gives 0, which ends every loop."""


class Odd(Exception):
    """What the activity raises now and then."""


def registry(seed: int, failing: float) -> Registry:
    """With the activity `work`, whose results, pauses and failures follow from the seed."""
    chance, calls = random.Random(seed), Counter[str]()

    async def work(id: str) -> int:
        await asyncio.sleep(chance.choice([0, 0, 1, 2]))
        if chance.random() < failing:
            raise Odd(id)
        calls[id] += 1
        return chance.randint(0, 5) if calls[id] <= VISITS else 0

    made = Registry()
    made.add(describe(work, retry=Retry(attempts=3, delay=1)))
    return made


def ran(workflow: Workflow, seed: int, failing: float = 0.1) -> tuple[Any, list[Event], list[State]]:
    """Run a workflow; gives the run, its events, and a copy of the live state after each of them."""
    states: list[State] = []

    def remembering(machine: Any, state: State, event: Event) -> State:
        evolve(machine, state, event)
        states.append(copy.deepcopy(state))
        return state

    async def main() -> Any:
        async with Engine(registry=registry(seed, failing)) as engine:
            run = engine.start(workflow, allow_unsound=True)
            try:
                await run
            except RunError:
                assert run.status == "failed"
            assert [record.seq for record in run.records()] == list(range(1, run.state.seq + 1))
            return run, [record.event for record in run.records()]

    with applied_by(remembering):
        run, events = virtual_time(main(), seed=seed)
    return run, events, states


@given(workflows(), st.integers(0, 2**32))
@settings(max_examples=150)
def test_replay_equals_live_at_every_prefix(workflow: Workflow, seed: int) -> None:
    run, events, states = ran(workflow, seed)
    assert len(states) == len(events)
    state = State()
    for event, live in zip(events, states, strict=True):
        assert evolve(run.machine, state, event) == live
    assert state == run.state


@given(workflows(sound=False), st.integers(0, 2**32))
@settings(max_examples=150)
def test_replay_equals_live_where_tokens_get_stuck(workflow: Workflow, seed: int) -> None:
    run, events, states = ran(workflow, seed)
    for n in range(len(events) + 1):
        assert replay(run.machine, events[:n]) == (states[n - 1] if n else State())


@given(workflows(), st.integers(0, 2**32))
@settings(max_examples=150)
def test_a_sound_workflow_without_failures_completes(workflow: Workflow, seed: int) -> None:
    assert check(workflow, registry(0, 0)).ok
    run, events, _ = ran(workflow, seed, failing=0)
    assert run.status == "completed"
    assert not run.state.marking
    assert gap_free(range(1, len(events) + 1))


@given(workflows(sound=False), st.integers(0, 2**32))
@settings(max_examples=250)
def test_every_run_is_a_firing_sequence(workflow: Workflow, seed: int) -> None:
    run, events, _ = ran(workflow, seed)
    Game(workflow).play(events)
    assert run.status in ("completed", "failed")


@given(workflows(sound=False), st.integers(0, 2**32))
@settings(max_examples=100)
def test_a_calm_machine_decides_as_any_other(workflow: Workflow, seed: int) -> None:
    run, _, states = ran(workflow, seed)
    with_care = replace(run.machine, calm=False)
    for state in states:
        assert decide(run.machine, copy.deepcopy(state)) == decide(with_care, copy.deepcopy(state))


@given(workflows(), st.integers(0, 2**32))
@settings(max_examples=20)
def test_the_same_seed_gives_the_same_run(workflow: Workflow, seed: int) -> None:
    def told(events: list[Event]) -> list[Any]:
        return [getattr(event, name) for event in events for name in ("node", "moves", "value") if hasattr(event, name)]

    assert told(ran(workflow, seed)[1]) == told(ran(workflow, seed)[1])


@given(workflows(sound=False))
@settings(max_examples=50)
def test_random_workflows_survive_their_document(workflow: Workflow) -> None:
    assert decode(encode(workflow)) == workflow


@pytest.mark.long
@given(workflows(size=40, sound=False), st.integers(0, 2**32))
@settings(max_examples=2_000)
@pytest.mark.timeout(900)
def test_many_more(workflow: Workflow, seed: int) -> None:
    run, events, states = ran(workflow, seed)
    Game(workflow).play(events)
    for n in range(1, len(events) + 1):
        assert replay(run.machine, events[:n]) == states[n - 1]
