"""What events do to a marking, step by step: a token goes into a node, leaves it, and moves along the edges taken."""

from __future__ import annotations

from wfnb.machine import tokens
from wfnb.machine.machine import Kind, Machine
from wfnb.model.state import State

# Names of their own, because looking a member up in its enumeration costs as much as the rest of a move.
_TASK, _END, _JOIN, _CHOICE = Kind.TASK, Kind.END, Kind.JOIN, Kind.CHOICE
_FORK, _WAIT = Kind.FORK, Kind.WAIT


def go_in(machine: Machine, state: State, node: int) -> None:
    """The token before a node goes in."""
    edge = state.ready.pop(node, None)
    if state.passed:
        state.passed -= {node}
    if edge is not None and node in machine.special.traced:
        state.came[node] = edge


def enter(machine: Machine, state: State, node: int, visit: int) -> None:
    """A map or a call begins."""
    go_in(machine, state, node)
    state.busy[node] = 1
    state.visits[node] = visit
    lock(machine, state, node)


def lock(machine: Machine, state: State, node: int) -> None:
    """A node takes the lock that it names, if it names one."""
    taken = machine.special.locks.get(node)
    if taken is not None:
        state.held[taken.name] = taken.holder


def finish(machine: Machine, state: State, node: int) -> None:
    """A node has done what it is for."""
    tokens.leave(machine, state, node)
    if machine.special.milestones:
        tokens.note_reached(machine, state, node)


def free(machine: Machine, state: State, node: int, value: object, moves: tuple[int, ...]) -> None:
    """What rests in a node goes on along an edge with a trigger."""
    kind = machine.kinds[node]
    if kind is _WAIT:
        state.values[machine.ids[node]] = value
        if node in machine.special.watched:
            finish(machine, state, node)
        else:
            del state.busy[node]
            if state.passed:
                state.passed -= {node}
    elif node in state.busy:
        state.withdrawn.append((node, state.visits[node], state.busy[node]))
        tokens.leave(machine, state, node)
    move(machine, state, moves)


def move(machine: Machine, state: State, moves: tuple[int, ...]) -> None:
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
        if kind is _TASK:
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
