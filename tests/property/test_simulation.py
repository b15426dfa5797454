"""Every construct under seeded misfortune, in virtual time: it ends as if nothing had happened.

The process dies with any append, the disk is full, the store is slow, signals come twice, the clock jumps.
"""

from __future__ import annotations

from functools import cache

import pytest

from tests.constructs import constructs
from tests.runner import Outcome, events_of, play
from tests.simulated import fates, lived
from wfnb.engine.past import past_state
from wfnb.model.event import (
    ApprovalGiven,
    ChildCompensated,
    ChildCompleted,
    TaskCompensated,
    TaskCompleted,
    TaskStarted,
)

CONSTRUCTS = {one.name: one for one in constructs()}
SAMPLE, LONG = 3, 56
"""Seeds a workflow; the long ones are 1,000 in all."""
TIMELY = frozenset({"waits", "approvals", "interrupts", "called off", "terminated", "cancelled", "called off saga"})
"""Where it matters what comes first, a timer, a signal or the end of a task, which a clock that jumps may change."""


@cache
def undisturbed(name: str) -> Outcome:
    return play(CONSTRUCTS[name]).outcome


def tried(name: str, seed: int) -> None:
    """One seed; what fails names it, and `tried(name, seed)` fails so again."""
    where = f"{name} with seed {seed}"
    lives = lived(CONSTRUCTS[name], fates(seed, jumps=name not in TIMELY))
    for head in lives.store.heads():
        records = lives.store.read(head.run)
        assert [record.seq for record in records] == list(range(1, len(records) + 1)), where
        done: set[tuple[str, str, int]] = set()
        for record in records:
            match record.event:
                case TaskCompleted() | ApprovalGiven() | TaskCompensated() | ChildCompensated() as event:
                    key = type(event).__name__ + getattr(event, "run", ""), event.node, event.visit
                    assert key not in done, f"{where}: {key} twice"
                    done.add(key)
                case TaskStarted() as event:
                    again = "TaskCompleted", event.node, event.visit
                    assert again not in done, f"{where}: {again} and then begun again"
                case _:
                    pass
    over = [event.run for _, event in events_of(list(lives.store.appends())) if isinstance(event, ChildCompleted)]
    assert len(over) == len(set(over)), where
    machine, state = past_state(lives.store, lives.run.id)
    assert (machine.hash, state) == (lives.run.machine.hash, lives.run.state), where
    assert lives.outcome == undisturbed(name), where


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_it_ends_as_if_nothing_had_happened(name: str) -> None:
    for seed in range(SAMPLE):
        tried(name, seed)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", CONSTRUCTS)
def test_a_thousand_seeds(name: str) -> None:
    for seed in range(LONG):
        tried(name, seed)
