"""Runs as their history tells them; executes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress

from wfnb.engine.ahead import Ahead, Histories
from wfnb.errors import DefinitionError, StoreError, UnknownName
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.migration import follow
from wfnb.model import snapshot
from wfnb.model.codec import decode
from wfnb.model.event import Event, Record, RunMigrated, RunStarted
from wfnb.model.state import State
from wfnb.model.workflow import Workflow

PAGE = 10_000
"""Events that are read at once, so that a long history needs no more memory than a short one."""


def past_machine(store: Histories, run: str) -> Machine:
    """The machine that a run of this history runs, or ran last.

    Raises:
        UnknownName: there is no such run.
        KeyError: its definition was not kept.
        StoreCorrupt: its first event can not be read.
    """
    return past_machines(store, run)[-1][1]


def past_machines(store: Histories, run: str) -> list[tuple[int, Machine]]:
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
    latest = store.snapshot(run)
    if latest is not None and latest.definition not in {event.definition for _, event in named}:
        with suppress(KeyError):  # of no definition that is known: a snapshot that fits nothing
            store.definition(latest.definition)
            named.append((latest.seq, RunMigrated(latest.definition)))  # the event itself was dropped
    parent = first[0].event.parent
    around = [machine for _, machine in reversed(past_machines(store, parent))] if parent else []
    return [(seq, _part_of(around, event) or _compiled(store, run, event)) for seq, event in named]


def _compiled(store: Histories, run: str, event: RunStarted | RunMigrated) -> Machine:
    """The machine of the definition that an event names."""

    def called(name: str, within: Workflow) -> Workflow:
        del within
        if name not in event.calls:
            raise DefinitionError(f"run '{run}' does not say which workflow '{name}' was")
        return decode(store.definition(event.calls[name]), f"workflow '{name}' of run '{run}'")

    kept = store.machines if isinstance(store, Ahead) else {}
    key = (event.definition, *(f"{name} {hash}" for name, hash in sorted(event.calls.items())))
    if key not in kept:
        document = store.definition(event.definition)
        kept[key] = compile_workflow(decode(document, f"definition of run '{run}'"), None, called)
    return kept[key]


def _part_of(parents: Iterable[Machine], event: RunStarted | RunMigrated) -> Machine | None:
    """The machine of a child run, as its parent has it."""
    for parent in parents:
        for machine in (*(plan.machine for plan in parent.children.values()), *parent.special.spawns.values()):
            if machine.hash == event.definition:
                return machine
    return None


def past_state(store: Histories, run: str, at: int | None = None) -> tuple[Machine, State]:
    """A run's machine and its state after event `at` (None: the last; 0: the empty state).

    Raises:
        UnknownName: there is no such run.
        ValueError: it has fewer events.
    """
    machine, state = stood(store, run, None, at)
    if at is not None and state.seq != at:
        count = stood(store, run)[1].seq
        if 0 < at < count:
            raise _dropped(run, at)
        raise ValueError(
            f"run '{run}' has {count} events: there is no state after event {at}\n"
            f"give a number from 0 (the empty state) to {count} (the last)"
        )
    return machine, state


def state_at(store: Histories, run: str, machine: Machine, at: int | None = None) -> State:
    """As `stood`, of a run that follows a machine which is at hand."""
    return stood(store, run, machine, at)[1]


def stood(store: Histories, run: str, machine: Machine | None = None, at: int | None = None) -> tuple[Machine, State]:
    """The machine of a run and its state after event `at` (None: the last), or after its last if it has fewer.

    It is that of the latest snapshot that fits, and of the events since then.

    Args:
        store: the history.
        run: the id of the run.
        machine: one of its machines, where it is at hand.
        at: the number of the event.

    Raises:
        StoreError: the events before it were dropped, and there is no such snapshot.
    """
    if machine is None or store.migrations(run) or _begun_with(store, run) != machine.hash:
        machines = past_machines(store, run)
        if machine is not None and machines[-1][1].hash == machine.hash:
            machines[-1] = machines[-1][0], machine
    else:
        machines = [(1, machine)]
    index, state = _latest(store, run, machines, at)

    def events() -> Iterator[Event]:
        for record in history(store, run, state.seq + 1, None if at is None else at + 1):
            if record.seq != state.seq + 1:
                raise _dropped(run, at)
            yield record.event
            if state.seq % PAGE == 0:
                state.fresh.clear()  # whoever goes on from here hands out anew what has not begun

    return follow((one for _, one in machines[index:]), events(), state)


def _begun_with(store: Histories, run: str) -> str:
    """The hash of the definition that a run began with."""
    first = store.read(run, 1, 2)
    return first[0].event.definition if first and isinstance(first[0].event, RunStarted) else ""


def history(store: Histories, run: str, start: int = 1, stop: int | None = None) -> Iterator[Record]:
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


def _latest(store: Histories, run: str, machines: list[tuple[int, Machine]], at: int | None) -> tuple[int, State]:
    """Which of the machines the latest snapshot that fits is of, and its state; the beginning if there is none."""
    while (found := store.snapshot(run, at)) is not None:
        index = max(n for n, (since, _) in enumerate(machines) if since <= found.seq)
        hash = machines[index][1].hash
        state = snapshot.decode(found.state, hash, found.seq)
        if state is not None and found.definition == hash:
            return index, state
        at = found.seq - 1
    return 0, State()


def past_child(store: Histories, run: str) -> tuple[Machine, State] | None:
    """As `past_state` after the last event; None where a child is on its parent's record and has not begun."""
    return past_state(store, run) if store.read(run, 1, 2) else None
