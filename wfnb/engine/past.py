"""Runs as their history tells them; executes nothing."""

from __future__ import annotations

from collections.abc import Iterator

from wfnb.errors import DefinitionError, StoreError, UnknownName
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.semantics import evolve
from wfnb.model import snapshot
from wfnb.model.codec import decode
from wfnb.model.event import Record, RunStarted
from wfnb.model.state import State
from wfnb.model.workflow import Workflow
from wfnb.store.protocol import EventStore

PAGE = 10_000
"""Events that are read at once, so that a long history needs no more memory than a short one."""


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
    state = state_at(store, run, machine, at)
    if at is not None and state.seq != at:
        count = state_at(store, run, machine).seq
        if 0 < at < count:
            raise _dropped(run, at)
        raise ValueError(
            f"run '{run}' has {count} events: there is no state after event {at}\n"
            f"give a number from 0 (the empty state) to {count} (the last)"
        )
    return machine, state


def state_at(store: EventStore, run: str, machine: Machine, at: int | None = None) -> State:
    """The state after event `at` of a run (None: the last), or after its last if it has fewer.

    It is that of the latest snapshot that fits, and of the events since then.

    Raises:
        StoreError: the events before it were dropped, and there is no such snapshot.
    """
    state = _latest(store, run, machine, at) or State()
    for record in history(store, run, state.seq + 1, None if at is None else at + 1):
        if record.seq != state.seq + 1:
            raise _dropped(run, at)
        evolve(machine, state, record.event)
        if state.seq % PAGE == 0:
            state.fresh.clear()  # whoever goes on from here hands out anew what has not begun
    return state


def history(store: EventStore, run: str, start: int = 1, stop: int | None = None) -> Iterator[Record]:
    """As `EventStore.read`, a page at a time."""
    while stop is None or start < stop:
        end = start + PAGE if stop is None else min(start + PAGE, stop)
        page = store.read(run, start, end)
        yield from page
        if not page or page[-1].seq < end - 1:  # the end; or some behind the first event were dropped
            yield from store.read(run, end, stop) if len(page) == start == 1 else ()
            return
        start = end


def _dropped(run: str, at: int | None) -> StoreError:
    which = "all" if at is None else f"those before event {at + 1}"
    return StoreError(
        f"of run '{run}' events were dropped, and no snapshot that can be read stands for {which}\n"
        "ask for a later state; persistence 'hybrid' keeps all events"
    )


def _latest(store: EventStore, run: str, machine: Machine, at: int | None) -> State | None:
    """The state of the latest snapshot that fits; None if there is none."""
    while (found := store.snapshot(run, at)) is not None:
        state = snapshot.decode(found.state, machine.hash, found.seq)
        if state is not None and found.definition == machine.hash:
            return state
        at = found.seq - 1
    return None


def past_child(store: EventStore, run: str) -> tuple[Machine, State] | None:
    """As `past_state` after the last event; None where a child is on its parent's record and has not begun."""
    return past_state(store, run) if store.read(run, 1, 2) else None
