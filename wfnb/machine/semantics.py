"""How a machine moves: pure functions around the state.

`decide` says what is to be done next; `evolve` applies an event to a state, and replay is nothing else.  What turns
outcomes into events is in `settle`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias, assert_never

import msgspec
from msgspec import UNSET

from wfnb.errors import ReplayMismatch
from wfnb.machine.machine import Kind, Machine
from wfnb.model.event import (
    Event,
    Problem,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunStarted,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
)
from wfnb.model.state import State

# Names of their own, because looking a member up in its enumeration costs as much as the rest of a move.
_TASK, _END, _JOIN = Kind.TASK, Kind.END, Kind.JOIN


class StartTask(msgspec.Struct, frozen=True, gc=False):
    """Run a task's activity."""

    node: int
    visit: int
    attempt: int


class Complete(msgspec.Struct, frozen=True, gc=False):
    """No token is left: end the run."""


class Fail(msgspec.Struct, frozen=True, gc=False):
    """Tokens are left that can never move: end the run as failed."""

    problem: Problem


Command: TypeAlias = StartTask | Complete | Fail


def decide(machine: Machine, state: State) -> list[Command]:
    """What is to be done now; each ready task is handed out once (after a restart: see `reopen`)."""
    if state.status != "running":
        return []
    fresh = state.fresh
    if fresh:
        visits, ready = state.visits, state.ready
        commands: list[Command] = [StartTask(n, visits.get(n, 0) + 1, 1) for n in fresh if n in ready]
        fresh.clear()
        if commands:
            return commands
    if state.busy or state.ready:
        return []
    if not state.waiting:
        return [Complete()]
    joins = ", ".join(f"'{machine.ids[node]}'" for node in state.arrived)
    message = f"the run is stuck: {joins} waits for a branch that was not taken\nlet every branch reach the join"
    return [Fail(Problem(type="RunStuck", message=message, node=machine.ids[next(iter(state.arrived))]))]


def reopen(state: State) -> list[StartTask]:
    """What `decide` would hand out again after a restart: ready tasks, and busy ones with their next attempt."""
    state.fresh = list(state.ready)
    return [StartTask(node, state.visits[node], attempt + 1) for node, attempt in state.busy.items()]


def evolve(machine: Machine, state: State, event: Event) -> State:  # noqa: PLR0912 - a case an event
    """Apply an event to a state, which is changed in place and returned.

    Raises:
        ReplayMismatch: the event does not fit the definition or the state.
    """
    state.seq += 1
    try:
        match event:
            case TaskStarted():
                if not event.rerun:
                    node = machine.graph.number[event.node]
                    state.ready.pop(node, None)
                    state.retrying.pop(node, None)
                    state.busy[node] = event.attempt
                    state.visits[node] = event.visit
            case TaskCompleted():
                state.values[event.node] = event.unstored if event.value is UNSET else event.value
                if not event.rerun:
                    node = machine.graph.number[event.node]
                    del state.busy[node]
                    if state.failures:
                        state.failures.pop(node, None)
                    _place(machine, state, event.moves)
            case RunStarted():
                state.status = "running"
                state.workflow, state.definition = event.workflow, event.definition
                state.input = {**event.input, **event.unstored}
                _place(machine, state, event.moves)
            case RunCompleted():
                state.status = "completed"
                state.output = event.unstored if event.output is UNSET else event.output
            case TaskFailed():
                node = machine.graph.number[event.node]
                if event.retry_at is None:
                    del state.busy[node]
                    state.failures.pop(node, None)
                else:
                    state.retrying[node] = event.retry_at
                    state.failures[node] = state.failures.get(node, 0) + 1
            case TaskCancelled():
                node = machine.graph.number[event.node]
                del state.busy[node]
                state.retrying.pop(node, None)
            case RunFailed():
                state.status, state.error = "failed", event.error
            case RunCancelled():
                state.status = "cancelled"
            case _:
                assert_never(event)
    except (KeyError, IndexError) as error:
        raise ReplayMismatch(
            f"event {state.seq} ({type(event).__name__}) does not fit workflow '{machine.name}': {error}\n"
            "the history belongs to another definition, or is damaged"
        ) from error
    return state


def _place(machine: Machine, state: State, moves: tuple[int, ...]) -> None:
    """Put a token on each edge taken, and take away those that routing nodes consume."""
    target, kinds = machine.graph.target, machine.kinds
    for edge in moves:
        to = target[edge]
        kind = kinds[to]
        if kind is _TASK:
            state.ready[to] = edge
            state.fresh.append(to)
        elif kind is _JOIN:
            into = machine.graph.into[to]
            count = state.arrived.get(to, 0) + 1
            if count == len(into):
                state.arrived.pop(to, None)
                state.waiting.difference_update(into)
            else:
                state.arrived[to] = count
                state.waiting.add(edge)
        elif kind is _END:
            state.ended.append(edge)
        elif len(machine.graph.into[to]) > 1:
            state.came[to] = edge


def replay(machine: Machine, events: Iterable[Event]) -> State:
    """The state after these events, from the first on."""
    state = State()
    for event in events:
        evolve(machine, state, event)
    return state
