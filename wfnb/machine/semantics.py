"""How a machine moves: pure functions around the state.

`decide` (in `wfnb.machine.decide`) says what is to be done next; `evolve` applies an event to a state, and replay is
nothing else.  What turns outcomes into events is in `settle`, what events do to a marking in `steps`.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import UNSET

from wfnb.errors import ReplayMismatch
from wfnb.machine import steps
from wfnb.machine.effects import evolve_rarely
from wfnb.machine.machine import Machine
from wfnb.model.event import Event, SignalReceived, TaskCompleted, TaskStarted
from wfnb.model.state import State


def evolve(machine: Machine, state: State, event: Event) -> State:
    """Apply an event to a state, which is changed in place and returned.

    Raises:
        ReplayMismatch: the event does not fit the definition or the state.
    """
    state.seq += 1
    kind = type(event)  # compared by identity: that an event is *not* of a class is slow to find out by a match
    try:
        if kind is TaskStarted:
            _start(machine, state, event)  # type: ignore[arg-type]
        elif kind is TaskCompleted:
            _complete(machine, state, event)  # type: ignore[arg-type]
        elif kind is SignalReceived:
            _receive(machine, state, event)  # type: ignore[arg-type]
        else:
            evolve_rarely(machine, state, event)
    except (KeyError, IndexError, ValueError) as error:
        raise ReplayMismatch(
            f"event {state.seq} ({type(event).__name__}) does not fit workflow '{machine.name}': {error}\n"
            "the history belongs to another definition, or is damaged"
        ) from error
    return state


def _start(machine: Machine, state: State, event: TaskStarted) -> None:
    if event.rerun:
        return
    node = machine.graph.number[event.node]
    if event.attempt == 1:  # at another one a second token may be waiting for the lock that this one has
        steps.go_in(machine, state, node)
    if state.retrying:
        state.retrying.pop(node, None)
    state.busy[node] = event.attempt
    state.visits[node] = event.visit
    if machine.special.locks:
        steps.lock(machine, state, node)


def _complete(machine: Machine, state: State, event: TaskCompleted) -> None:
    state.values[event.node] = event.unstored if event.value is UNSET else event.value
    if event.rerun:
        return
    node = machine.graph.number[event.node]
    if node in machine.special.watched:
        steps.finish(machine, state, node)
        if node in machine.special.compensations and not event.given:  # what was not done here is not taken back
            state.done.append((node, event.visit, ""))
    else:
        del state.busy[node]
        if state.failures:
            state.failures.pop(node, None)
    steps.move(machine, state, event.moves)


def _receive(machine: Machine, state: State, event: SignalReceived) -> None:
    if event.id:
        state.seen[event.name, event.id] = None
    if event.node is not None:
        state.facts.signals[event.name] = event.value
        steps.free(machine, state, machine.graph.number[event.node], event.value, event.moves)
    elif event.name not in machine.workflow.signals or not machine.workflow.signals[event.name].transient:
        state.kept.setdefault(event.name, []).append(event.value)


def replay(machine: Machine, events: Iterable[Event]) -> State:
    """The state after these events, from the first on."""
    state = State()
    for event in events:
        evolve(machine, state, event)
    return state
