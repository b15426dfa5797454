"""How a machine moves: pure functions around the state.

`decide` (in `wfnb.machine.decide`) says what is to be done next; `evolve` applies an event to a state, and replay is
nothing else.  What turns outcomes into events is in `settle`, how tokens move in `tokens`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import assert_never

from msgspec import UNSET

from wfnb.errors import ReplayMismatch
from wfnb.machine import tokens
from wfnb.machine.keeping import taken
from wfnb.machine.machine import STARTED, Kind, Machine
from wfnb.machine.settle import results
from wfnb.model.event import (
    ApprovalGiven,
    ApprovalRequested,
    ChildCompleted,
    ChildFailed,
    ChildStarted,
    CompensationStarted,
    ConditionMet,
    Event,
    MapCompleted,
    MapStarted,
    NodeCancelled,
    NodeFailed,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunStarted,
    SignalReceived,
    SignalTaken,
    TaskCancelled,
    TaskCompensated,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    TimerFired,
    TimerStarted,
)
from wfnb.model.state import Children, State

# Names of their own, because looking a member up in its enumeration costs as much as the rest of a move.
_TASK, _END, _JOIN, _CHOICE, _FORK, _WAIT = Kind.TASK, Kind.END, Kind.JOIN, Kind.CHOICE, Kind.FORK, Kind.WAIT


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
            _evolve_rarely(machine, state, event)
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
        _begin(machine, state, node)
    if state.retrying:
        state.retrying.pop(node, None)
    state.busy[node] = event.attempt
    state.visits[node] = event.visit
    if machine.special.locks:
        _lock(machine, state, node)


def _complete(machine: Machine, state: State, event: TaskCompleted) -> None:
    state.values[event.node] = event.unstored if event.value is UNSET else event.value
    if event.rerun:
        return
    node = machine.graph.number[event.node]
    if node in machine.special.watched:
        _leave(machine, state, node)
        if node in machine.special.compensations:
            state.done.append((node, event.visit))
    else:
        del state.busy[node]
        if state.failures:
            state.failures.pop(node, None)
    _move(machine, state, event.moves)


def _evolve_rarely(machine: Machine, state: State, event: Event) -> None:  # noqa: PLR0912 - a case an event
    """The events that are no task's start or end."""
    match event:
        case RunStarted():
            state.status = "running"
            state.workflow, state.definition = event.workflow, event.definition
            state.input = {**event.input, **event.unstored}
            state.values = {**event.values, **event.lost}
            if machine.special.milestones:
                tokens.note_reached(machine, state, machine.start)
            _move(machine, state, event.moves)
        case RunCompleted():
            state.status = "completed"
            state.output = event.unstored if event.output is UNSET else event.output
        case RunFailed():
            state.status, state.error = "failed", event.error
        case RunCancelled():
            state.status = "cancelled"
        case TaskFailed():
            _fail(machine, state, event)
        case TaskCancelled() | NodeCancelled():
            node = machine.graph.number[event.node]
            withdrawn = [one for one in state.withdrawn if one[:2] == (node, event.visit)]
            if withdrawn:
                state.withdrawn.remove(withdrawn[0])
            elif state.visits[node] == event.visit and node in state.busy:
                tokens.leave(machine, state, node)
        case TaskStarted() | TaskCompleted() | SignalReceived():
            raise AssertionError("told apart before")
        case (
            TimerStarted()
            | TimerFired()
            | SignalTaken()
            | ConditionMet()
            | ApprovalRequested()
            | ApprovalGiven()
            | NodeFailed()
        ):
            _evolve_node(machine, state, event)
        case MapStarted() | MapCompleted() | ChildStarted() | ChildCompleted() | ChildFailed():
            _evolve_children(machine, state, event)
        case CompensationStarted():
            state.ending = event
            state.ready.clear()
            state.waiting.clear()
            state.arrived.clear()
            state.timers.clear()
            state.fresh.clear()
            state.spawning.clear()
            state.spawned.clear()
            state.withdrawn.clear()
        case TaskCompensated():
            state.done.remove((machine.graph.number[event.node], event.visit))
        case _:
            assert_never(event)


def _evolve_node(
    machine: Machine,
    state: State,
    event: TimerStarted | TimerFired | SignalTaken | ConditionMet | ApprovalRequested | ApprovalGiven | NodeFailed,
) -> None:
    node = machine.graph.number[event.node]
    match event:
        case TimerStarted():
            state.timers[event.edge] = event.due
        case TimerFired():
            state.timers.pop(event.edge, None)
            _free(machine, state, node, None, event.moves)
        case ConditionMet():
            _free(machine, state, node, None, event.moves)
        case SignalTaken():
            if event.at >= 0:
                value = taken(machine, state, event.name, event.at)
                state.facts.signals[event.name] = value
            else:
                value = state.facts.signals[event.name]
            _free(machine, state, node, value, event.moves)
        case ApprovalRequested():
            state.asked[node] = event.prompt
        case ApprovalGiven():
            state.values[event.node] = event.value
            _leave(machine, state, node)
            _move(machine, state, event.moves)
        case NodeFailed():
            if node in state.busy:
                tokens.leave(machine, state, node)
            else:
                _begin(machine, state, node)
                state.visits[node] = event.visit
            state.facts.errors[event.node] = {"type": event.error.type, "message": event.error.message}
            _move(machine, state, event.moves)


def _evolve_children(
    machine: Machine, state: State, event: MapStarted | MapCompleted | ChildStarted | ChildCompleted | ChildFailed
) -> None:
    node = machine.graph.number[event.node]
    match event:
        case MapStarted():
            _enter(machine, state, node, event.visit)
            state.children[node] = Children(size=event.size)
        case ChildStarted() if event.edge >= 0:
            state.spawning.remove(event.edge)
            state.spawned[event.run] = event.edge
            state.visits[node] = event.visit
        case ChildStarted():
            if event.index < 0:
                _enter(machine, state, node, event.visit)
                state.children[node] = Children()
            children = state.children[node]
            children.open[event.index] = event.run
            children.next = event.index + 1
        case ChildCompleted() | ChildFailed() if event.run in state.spawned:
            del state.spawned[event.run]
        case ChildCompleted():
            value = event.unstored if event.value is UNSET else event.value
            children = state.children[node]
            del children.open[event.index]
            if event.index >= 0:
                children.results[event.index] = value
            else:
                state.values[event.node] = value
                _leave(machine, state, node)
                _move(machine, state, event.moves)
        case ChildFailed():
            children = state.children[node]
            del children.open[event.index]
            children.failed[event.index] = event.error
            if event.index < 0 or machine.children[node].failure == "stop":
                if children.open:
                    state.withdrawn.append((node, event.visit, 1))
                tokens.leave(machine, state, node)
                state.facts.errors[event.node] = {"type": event.error.type, "message": event.error.message}
                _move(machine, state, event.moves)
        case MapCompleted():
            state.values[event.node] = results(state, node)
            _leave(machine, state, node)
            _move(machine, state, event.moves)


def _begin(machine: Machine, state: State, node: int) -> None:
    """The token before a node goes in."""
    edge = state.ready.pop(node, None)
    if edge is not None and node in machine.special.traced:
        state.came[node] = edge


def _enter(machine: Machine, state: State, node: int, visit: int) -> None:
    """A map or a call begins."""
    _begin(machine, state, node)
    state.busy[node] = 1
    state.visits[node] = visit
    _lock(machine, state, node)


def _lock(machine: Machine, state: State, node: int) -> None:
    lock = machine.special.locks.get(node)
    if lock is not None:
        state.held[lock.name] = lock.holder


def _leave(machine: Machine, state: State, node: int) -> None:
    """A node has done what it is for."""
    tokens.leave(machine, state, node)
    if machine.special.milestones:
        tokens.note_reached(machine, state, node)


def _fail(machine: Machine, state: State, event: TaskFailed) -> None:
    node = machine.graph.number[event.node]
    if event.retry_at is not None:
        state.retrying[node] = event.retry_at
        state.failures[node] = state.failures.get(node, 0) + 1
        return
    tokens.leave(machine, state, node)
    if event.moves:
        state.facts.errors[event.node] = {"type": event.error.type, "message": event.error.message}
        _move(machine, state, event.moves)


def _receive(machine: Machine, state: State, event: SignalReceived) -> None:
    if event.id:
        state.seen.add((event.name, event.id))
    if event.node is not None:
        state.facts.signals[event.name] = event.value
        _free(machine, state, machine.graph.number[event.node], event.value, event.moves)
    elif event.name not in machine.workflow.signals or not machine.workflow.signals[event.name].transient:
        state.kept.setdefault(event.name, []).append(event.value)


def _free(machine: Machine, state: State, node: int, value: object, moves: tuple[int, ...]) -> None:
    """What rests in a node goes on along an edge with a trigger."""
    kind = machine.kinds[node]
    if kind is _WAIT:
        state.values[machine.ids[node]] = value
        if node in machine.special.watched:
            _leave(machine, state, node)
        else:
            del state.busy[node]
    elif node in state.busy:
        state.withdrawn.append((node, state.visits[node], state.busy[node]))
        tokens.leave(machine, state, node)
    _move(machine, state, moves)


def _move(machine: Machine, state: State, moves: tuple[int, ...]) -> None:
    """Put a token on each edge taken, and take away those that routing nodes consume."""
    if not machine.plain:
        for move in moves:
            tokens.arrive(machine, state, move)
        if machine.special.groups:
            tokens.look_after_groups(machine, state)
        return
    target, kinds = machine.graph.target, machine.kinds
    for edge in moves:
        to = target[edge]
        kind = kinds[to]
        if kind in STARTED:
            state.ready[to] = edge
            state.fresh.append(to)
        elif kind is _JOIN:
            _come_to_join(state, to, edge, machine.graph.into[to])
        elif kind is _WAIT:
            state.busy[to] = 1
            state.visits[to] = state.visits.get(to, 0) + 1
            state.came[to] = edge
            if machine.special.timers:  # there is nothing else that a wait begins with
                state.fresh.append(to)
        elif kind is _END:
            state.ended.append(edge)
        elif kind is _CHOICE or kind is _FORK:
            if len(machine.graph.into[to]) > 1:
                state.came[to] = edge
        else:
            tokens.place(machine, state, edge)


def _come_to_join(state: State, join: int, edge: int, into: tuple[int, ...]) -> None:
    """A token comes to a join that waits for all of its branches."""
    count = state.arrived.get(join, 0) + 1
    if count == len(into):
        state.arrived.pop(join, None)
        state.waiting.difference_update(into)
    else:
        state.arrived[join] = count
        state.waiting.add(edge)


def replay(machine: Machine, events: Iterable[Event]) -> State:
    """The state after these events, from the first on."""
    state = State()
    for event in events:
        evolve(machine, state, event)
    return state
