"""Replay across migrations."""

from __future__ import annotations

from collections.abc import Iterable

from wfnb.errors import ReplayMismatch
from wfnb.machine.machine import Machine
from wfnb.machine.migration.image import image_of
from wfnb.machine.migration.moved import migrate
from wfnb.machine.semantics import evolve
from wfnb.model.event import Event, RunMigrated
from wfnb.model.state import State


def follow(machines: Iterable[Machine], events: Iterable[Event], state: State | None = None) -> tuple[Machine, State]:
    """The machine that a run follows after these events, and its state.

    Args:
        machines: the one that it begins with, then one for each RunMigrated.
        events: from the first on, or what comes after `state`.
        state: where the run stands before them; it is changed in place.

    Raises:
        ReplayMismatch: an event fits neither the machine nor the state.
    """
    ahead = iter(machines)
    machine = next(ahead)
    state = State() if state is None else state
    for event in events:
        if type(event) is not RunMigrated:
            evolve(machine, state, event)
            continue
        after = next(ahead, None)
        if after is None or after.hash != event.definition:
            raise ReplayMismatch(
                f"event {state.seq + 1} (RunMigrated) names definition '{event.definition[:8]}', which is not at hand\n"
                "the history is damaged, or was read without the definitions that it names"
            )
        machine, state = after, migrate(image_of(machine, after), state)
    return machine, state
