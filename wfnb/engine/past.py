"""Runs as their history tells them; executes nothing."""

from __future__ import annotations

from collections.abc import Iterable

from wfnb.errors import DefinitionError, UnknownName
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.migration import follow
from wfnb.model.codec import decode
from wfnb.model.event import RunMigrated, RunStarted
from wfnb.model.state import State
from wfnb.model.workflow import Workflow
from wfnb.store.protocol import EventStore


def past_machine(store: EventStore, run: str) -> Machine:
    """The machine that a run of this history runs, or ran last.

    Raises:
        UnknownName: there is no such run.
        KeyError: its definition was not kept.
        StoreCorrupt: its first event can not be read.
    """
    return past_machines(store, run)[-1][1]


def past_machines(store: EventStore, run: str) -> list[tuple[int, Machine]]:
    """The machines of a run, oldest first, each with the number of the event by which it came to it.

    There is one, but for runs that were migrated to another definition.

    Raises:
        As `past_machine`.
    """
    first = store.read(run, 1, 2)
    if not first or not isinstance(first[0].event, RunStarted):
        raise UnknownName(f"there is no run '{run}' in this history\nwf.runs() lists those that are")
    named: list[tuple[int, RunStarted | RunMigrated]] = [(1, first[0].event)]
    named += [(r.seq, r.event) for r in store.migrations(run) if isinstance(r.event, RunMigrated)]
    parent = first[0].event.parent
    around = [machine for _, machine in reversed(past_machines(store, parent))] if parent else []
    return [(seq, _part_of(around, event) or _compiled(store, run, event)) for seq, event in named]


def _compiled(store: EventStore, run: str, event: RunStarted | RunMigrated) -> Machine:
    """The machine of the definition that an event names."""

    def called(name: str, within: Workflow) -> Workflow:
        del within
        if name not in event.calls:
            raise DefinitionError(f"run '{run}' does not say which workflow '{name}' was")
        return decode(store.definition(event.calls[name]), f"workflow '{name}' of run '{run}'")

    document = store.definition(event.definition)
    return compile_workflow(decode(document, f"definition of run '{run}'"), None, called)


def _part_of(parents: Iterable[Machine], event: RunStarted | RunMigrated) -> Machine | None:
    """The machine of a child run, as its parent has it."""
    for parent in parents:
        for machine in (*(plan.machine for plan in parent.children.values()), *parent.special.spawns.values()):
            if machine.hash == event.definition:
                return machine
    return None


def past_state(store: EventStore, run: str, at: int | None = None) -> tuple[Machine, State]:
    """A run's machine and its state after event `at` (None: the last; 0: the empty state).

    Raises:
        UnknownName: there is no such run.
        ValueError: it has fewer events.
    """
    machines = past_machines(store, run)
    records = [] if at == 0 else store.read(run, 1, None if at is None else at + 1)
    if at is not None and (at < 0 or len(records) != at):
        count = len(store.read(run))
        raise ValueError(
            f"run '{run}' has {count} events: there is no state after event {at}\n"
            f"give a number from 0 (the empty state) to {count} (the last)"
        )
    return follow((machine for _, machine in machines), (record.event for record in records))


def past_child(store: EventStore, run: str) -> tuple[Machine, State] | None:
    """As `past_state` after the last event; None where a child is on its parent's record and has not begun."""
    return past_state(store, run) if store.read(run, 1, 2) else None
