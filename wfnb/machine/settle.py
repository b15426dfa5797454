"""From what happened outside (an activity gave a result, failed, was called off) to events, with the edges taken."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from wfnb.errors import ExpressionError
from wfnb.machine.machine import Kind, Machine
from wfnb.model.event import (
    Event,
    Problem,
    RunCancelled,
    RunFailed,
    RunStarted,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    Unstored,
)
from wfnb.model.state import State
from wfnb.model.workflow import Retry

# Names of their own, because looking a member up in its enumeration costs as much as the rest of a move.
_TASK, _CHOICE, _FORK, _JOIN = Kind.TASK, Kind.CHOICE, Kind.FORK, Kind.JOIN


class Stopped(Exception):
    """Routing can not go on."""

    def __init__(self, problem: Problem, moves: tuple[int, ...]) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.moves = moves


def settle_start(machine: Machine, input: dict[str, Any], unstored: dict[str, Unstored]) -> list[Event]:
    """The events of a run that begins."""
    problem = None
    moves = machine.steady[machine.start]
    if moves is None:
        try:
            moves = _route(machine, State(input=input), machine.start, {})
        except Stopped as stop:
            problem, moves = stop.problem, stop.moves
    stored = {name: value for name, value in input.items() if name not in unstored}
    started = RunStarted(workflow=machine.name, definition=machine.hash, input=stored, unstored=unstored, moves=moves)
    return [started] if problem is None else [started, RunFailed(problem)]


def settle_completed(  # noqa: PLR0917 - on the hot path
    machine: Machine,
    state: State,
    node: int,
    attempt: int,
    value: Any,
    unstored: Unstored | UnsetType = UNSET,
) -> list[Event]:
    """The events of an attempt that gave a result."""
    id, visit = machine.ids[node], state.visits[node]
    moves = machine.steady[node]
    if moves is not None and not _collides(machine, state, node, moves):
        return [TaskCompleted(id, visit, attempt, value, moves, unstored)]
    try:
        moves = _route(machine, state, node, {id: value})
    except Stopped as stop:
        completed = TaskCompleted(id, visit, attempt, value, stop.moves, unstored)
        return [completed, *settle_end(machine, state, RunFailed(stop.problem), but=node)]
    return [TaskCompleted(id, visit, attempt, value, moves, unstored)]


def settle_failed(  # noqa: PLR0917 - as its sibling
    machine: Machine,
    state: State,
    node: int,
    attempt: int,
    problem: Problem,
    retry: Retry | None,
    now: int,
    draw: float,
) -> list[Event]:
    """The events of an attempt that failed: another attempt later, or the end of the run.

    Args:
        machine: the machine.
        state: the run's state.
        node: the task.
        attempt: which attempt it was, from 1.
        problem: what it raised.
        retry: the policy that applies to the task.
        now: microseconds since the epoch.
        draw: a random number in [0, 1) for the jitter.
    """
    id, visit = machine.ids[node], state.visits[node]
    # A re-run after a crash has a new attempt number but spends no retry: only failures count.
    failures = state.failures.get(node, 0)
    if retry is not None and failures + 1 < retry.attempts and (not retry.errors or problem.type in retry.errors):
        pause = min(retry.maximum, retry.delay * retry.factor**failures)
        pause *= 1 - retry.jitter * draw
        return [TaskFailed(id, visit, attempt, problem, now + round(pause * 1e6))]
    return [TaskFailed(id, visit, attempt, problem), *settle_end(machine, state, RunFailed(problem), but=node)]


def settle_end(machine: Machine, state: State, end: RunFailed | RunCancelled, but: int | None = None) -> list[Event]:
    """The events of a run that ends before its tokens do: what still runs is called off first."""
    called_off: list[Event] = [
        TaskCancelled(machine.ids[node], state.visits[node], attempt)
        for node, attempt in state.busy.items()
        if node != but
    ]
    return [*called_off, end]


def _collides(machine: Machine, state: State, node: int, moves: tuple[int, ...]) -> bool:
    target = machine.graph.target
    for edge in moves:
        to = target[edge]
        if to in state.ready or (to in state.busy and to != node):
            return True
    return False


def _route(machine: Machine, state: State, node: int, value: dict[str, Any]) -> tuple[int, ...]:
    """The edges taken from a node that completes with `value` (by id) until every token rests, in firing order."""
    graph, kinds = machine.graph, machine.kinds
    moves: list[int] = []
    arrived: dict[int, int] = {}
    resting: set[int] = set()  # tasks and join edges that got a token in this very step
    fired: set[int] = set()
    frontier = list(graph.out[node])
    for edge in frontier:
        target = graph.target[edge]
        kind = kinds[target]
        if kind is _JOIN:
            place = ~edge  # edges and tasks share one set
            if place in resting or (edge in state.waiting and target not in fired):
                raise Stopped(_second_token(machine, target), tuple(moves))
            moves.append(edge)
            resting.add(place)
            arrived[target] = arrived.get(target, state.arrived.get(target, 0)) + 1
            if arrived[target] == len(graph.into[target]):
                arrived[target] = 0
                fired.add(target)
                resting.difference_update(~into for into in graph.into[target])
                frontier.extend(graph.out[target])
        elif kind is _TASK:
            if target in resting or target in state.ready or (target in state.busy and target != node):
                raise Stopped(_second_token(machine, target), tuple(moves))
            resting.add(target)
            moves.append(edge)
        else:
            moves.append(edge)
            if kind is _FORK:
                frontier.extend(graph.out[target])
            elif kind is _CHOICE:
                try:
                    frontier.append(_choose(machine, state, target, ChainMap(value, state.values)))
                except ExpressionError as error:
                    problem = Problem(type="ExpressionError", message=str(error), node=machine.ids[target])
                    raise Stopped(problem, tuple(moves)) from None
    return tuple(moves)


def _choose(machine: Machine, state: State, choice: int, values: Mapping[str, Any]) -> int:
    for edge in machine.graph.out[choice]:
        guard = machine.guards[edge]
        if guard is None:
            continue
        try:
            if guard.holds(values, state.input):
                return edge
        except ExpressionError as error:
            drawn = machine.workflow.edges[edge]
            raise ExpressionError(f"the guard of '{drawn.source}' to '{drawn.target}' failed: {error}") from None
    if choice in machine.otherwise:
        return machine.otherwise[choice]
    raise ExpressionError(
        f"no guard of choice '{machine.ids[choice]}' holds\ngive one of its edges `otherwise`, which is taken then"
    )


def _second_token(machine: Machine, node: int) -> Problem:
    id = machine.ids[node]
    message = f"a second token reached '{id}' while one was still there\nbring concurrent branches together in a join"
    return Problem(type="RunStuck", message=message, node=id)
