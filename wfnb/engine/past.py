"""Runs as their history tells them; executes nothing."""

from __future__ import annotations

from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.semantics import replay
from wfnb.model.codec import decode
from wfnb.model.event import RunStarted
from wfnb.model.state import State
from wfnb.store.protocol import EventStore


def past_machine(store: EventStore, run: str) -> Machine:
    """The machine that a run of this history runs or ran.

    Raises:
        KeyError: there is no such run, or its definition was not kept.
        StoreCorrupt: its first event can not be read.
    """
    first = store.read(run, 1, 2)
    if not first or not isinstance(first[0].event, RunStarted):
        raise KeyError(f"there is no run '{run}' in this history")
    document = store.definition(first[0].event.definition)
    return compile_workflow(decode(document, f"definition of run '{run}'"))


def past_state(store: EventStore, run: str, at: int | None = None) -> tuple[Machine, State]:
    """A run's machine and its state after event `at` (None: the last; 0: the empty state).

    Raises:
        KeyError: there is no such run.
        ValueError: it has fewer events.
    """
    machine = past_machine(store, run)
    records = [] if at == 0 else store.read(run, 1, None if at is None else at + 1)
    if at is not None and (at < 0 or len(records) != at):
        raise ValueError(f"run '{run}' has {len(store.read(run))} events, not {at}")
    return machine, replay(machine, (record.event for record in records))
