"""Runs as their history tells them; executes nothing."""

from __future__ import annotations

from wfnb.errors import DefinitionError, UnknownName
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.semantics import replay
from wfnb.model.codec import decode
from wfnb.model.event import RunStarted
from wfnb.model.state import State
from wfnb.model.workflow import Workflow
from wfnb.store.protocol import EventStore


def past_machine(store: EventStore, run: str) -> Machine:
    """The machine that a run of this history runs or ran.

    Raises:
        UnknownName: there is no such run.
        KeyError: its definition was not kept.
        StoreCorrupt: its first event can not be read.
    """
    first = store.read(run, 1, 2)
    if not first or not isinstance(first[0].event, RunStarted):
        raise UnknownName(f"there is no run '{run}' in this history\nwf.runs() lists those that are")
    started = first[0].event
    if started.parent:
        part = _part_of(past_machine(store, started.parent), started)
        if part is not None:
            return part
    document = store.definition(started.definition)

    def called(name: str, within: Workflow) -> Workflow:
        del within
        if name not in started.calls:
            raise DefinitionError(f"run '{run}' does not say which workflow '{name}' was")
        return decode(store.definition(started.calls[name]), f"workflow '{name}' of run '{run}'")

    return compile_workflow(decode(document, f"definition of run '{run}'"), None, called)


def _part_of(parent: Machine, started: RunStarted) -> Machine | None:
    """The machine of a child run, as its parent has it."""
    inner = [plan.machine for plan in parent.children.values()] + list(parent.special.spawns.values())
    return next((machine for machine in inner if machine.hash == started.definition), None)


def past_state(store: EventStore, run: str, at: int | None = None) -> tuple[Machine, State]:
    """A run's machine and its state after event `at` (None: the last; 0: the empty state).

    Raises:
        UnknownName: there is no such run.
        ValueError: it has fewer events.
    """
    machine = past_machine(store, run)
    records = [] if at == 0 else store.read(run, 1, None if at is None else at + 1)
    if at is not None and (at < 0 or len(records) != at):
        count = len(store.read(run))
        raise ValueError(
            f"run '{run}' has {count} events: there is no state after event {at}\n"
            f"give a number from 0 (the empty state) to {count} (the last)"
        )
    return machine, replay(machine, (record.event for record in records))


def past_child(store: EventStore, run: str) -> tuple[Machine, State] | None:
    """As `past_state` after the last event; None where a child is on its parent's record and has not begun."""
    return past_state(store, run) if store.read(run, 1, 2) else None
