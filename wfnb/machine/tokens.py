"""How tokens move: the one place where a move changes a marking, when moves are tried out and when they are replayed.

A move is an edge that was taken, by its number; `~edge` stands for the branch of an inclusive fork that was not taken,
whose join is told so on that edge.
"""

from __future__ import annotations

from wfnb.machine import regions
from wfnb.machine.machine import STARTED, Kind, Machine, Region
from wfnb.model.state import State

_TASK, _END, _JOIN, _WAIT, _APPROVAL = Kind.TASK, Kind.END, Kind.JOIN, Kind.WAIT, Kind.APPROVAL


def arrive(machine: Machine, state: State, move: int) -> int | None:
    """Put the token of a move where it goes; what the move empties is withdrawn first.

    Returns:
        The routing node that fires then, None if the token rests or ends.
    """
    if move in machine.special.empties:
        withdraw(machine, state, machine.special.empties[move])
    return place(machine, state, move)


def place(machine: Machine, state: State, move: int) -> int | None:
    """As `arrive`, where what the move empties has been withdrawn already."""
    special = machine.special
    edge = move if move >= 0 else ~move
    to = machine.graph.target[edge]
    kind = machine.kinds[to]
    if edge in special.spawns:
        state.spawning.append(edge)
        return None
    if kind in STARTED:
        state.ready[to] = edge
        state.fresh.append(to)
        return None
    if kind is _JOIN:
        return _join(machine, state, to, move)
    if kind is _WAIT or kind is _APPROVAL:
        state.busy[to] = 1
        state.visits[to] = state.visits.get(to, 0) + 1
        state.came[to] = edge
        state.fresh.append(to)
        return None
    note_reached(machine, state, to)
    if kind is _END:
        if to in special.terminates:
            withdraw(machine, state, regions.everything(machine.graph))
            state.spawned.clear()
            state.spawning.clear()
        state.ended.append(edge)
        return None
    if len(machine.graph.into[to]) > 1:
        state.came[to] = edge
    return to


def _join(machine: Machine, state: State, join: int, move: int) -> int | None:
    special, into = machine.special, machine.graph.into[join]
    edge = move if move >= 0 else ~move
    count = state.arrived.get(join, 0) + 1
    state.arrived[join] = count
    state.waiting.add(edge)
    fires = count == special.needs.get(join, len(into))
    if join in special.gathering:
        _gather(state, join, move, into if fires else ())
    if fires and join in special.rests:
        withdraw(machine, state, special.rests[join])
        count = len(into)
    if count == len(into):
        state.arrived.pop(join, None)
        state.waiting.difference_update(into)
    if not fires:
        return None
    note_reached(machine, state, join)
    return join


def _gather(state: State, join: int, move: int, into: tuple[int, ...]) -> None:
    """Remember which branches have really come to a join, once it fires: then `into` are its edges."""
    if move < 0:
        state.skipped.add(~move)
    else:
        state.skipped.discard(move)
    if into:
        state.gathered[join] = tuple(edge for edge in into if edge in state.waiting and edge not in state.skipped)


def taken(machine: Machine, state: State, move: int) -> bool:
    """Whether the place of a move has a token already."""
    edge = move if move >= 0 else ~move
    to = machine.graph.target[edge]
    kind = machine.kinds[to]
    if kind in STARTED:
        # A token may wait before a task for the lock that the one inside has.
        return to in state.ready or (to in state.busy and to not in machine.special.locks)
    if kind is _JOIN:
        return edge in state.waiting
    if kind is _END:
        return any(machine.graph.target[ended] == to for ended in state.ended)
    return to in state.busy


def leave(machine: Machine, state: State, node: int) -> None:
    """Take the token out of a node, and what goes with it."""
    del state.busy[node]
    if state.passed:
        state.passed -= {node}
    if state.retrying:
        state.retrying.pop(node, None)
    if state.failures:
        state.failures.pop(node, None)
    if state.asked:
        state.asked.pop(node, None)
    if state.children:
        state.children.pop(node, None)
    special = machine.special
    if state.timers:
        for edge in special.timers.get(node, ()):
            state.timers.pop(edge, None)
    if state.held:
        lock = special.locks.get(node)
        if lock is not None and lock.holder == node and state.held.get(lock.name) == node:
            del state.held[lock.name]


def withdraw(machine: Machine, state: State, region: Region) -> None:
    """Take away every token in a region."""
    inside = region.nodes
    for node in [node for node in state.busy if node in inside]:
        state.withdrawn.append((node, state.visits[node], state.busy[node]))
        leave(machine, state, node)
    for node in [node for node in state.ready if node in inside]:
        del state.ready[node]
        state.passed -= {node}
    state.waiting -= region.edges
    for join in [join for join in state.arrived if join in inside]:
        del state.arrived[join]


def note_reached(machine: Machine, state: State, node: int) -> None:
    """Remember that a node was reached, if some expression asks."""
    if machine.ids[node] in machine.special.milestones:
        state.facts.reached.add(machine.ids[node])


def occupied(region: Region, state: State) -> bool:
    """Whether a token is in a region."""
    return (
        any(node in region.nodes for node in state.busy)
        or any(node in region.nodes for node in state.ready)
        or not state.waiting.isdisjoint(region.edges)
    )


def _has(machine: Machine, state: State, group: int) -> bool:
    """Whether a token is in a group that has a lock; one that waits for the lock at its entry is not yet."""
    region = machine.special.groups[group]
    outside = machine.special.outside.get(group)
    return (
        any(node in region.nodes for node in state.busy)
        or any(node in region.nodes and node != outside for node in state.ready)
        or not state.waiting.isdisjoint(region.edges)
    )


def waits_at(machine: Machine, state: State, node: int) -> bool:
    """Whether a token waits before a node, or inside one that only waits: where a breakpoint stops it."""
    return node in state.ready or (node in state.busy and machine.kinds[node] in (_WAIT, _APPROVAL))


def look_after_groups(machine: Machine, state: State) -> None:
    """Release the locks and stop the timers of groups that are empty."""
    special = machine.special
    for name, holder in list(state.held.items()):
        if holder in special.groups and not _has(machine, state, holder):
            del state.held[name]
    for edge in list(state.timers):
        source = machine.graph.source[edge]
        if source in special.groups and not occupied(special.groups[source], state):
            del state.timers[edge]
