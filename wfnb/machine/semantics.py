"""How a machine moves: three pure functions around the state.

`settle` turns what happened outside (an activity gave a result, failed, ...) into events, with the edges taken.
`evolve` applies an event to a state; replay is nothing else.  `decide` says what is to be done next.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias, assert_never

import msgspec
from msgspec import UNSET, UnsetType

from wfnb.errors import ExpressionError, ReplayMismatch
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
    Unstored,
)
from wfnb.model.expression import Expression
from wfnb.model.state import State
from wfnb.model.workflow import Retry

# Names of their own, because looking a member up in its enumeration costs as much as the rest of a move.
_TASK, _END, _CHOICE, _FORK, _JOIN = Kind.TASK, Kind.END, Kind.CHOICE, Kind.FORK, Kind.JOIN

# ------------------------------------------------------------------------------------------------- commands


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


class Stopped(Exception):
    """Routing can not go on."""

    def __init__(self, problem: Problem, moves: tuple[int, ...]) -> None:
        super().__init__(problem.message)
        self.problem = problem
        self.moves = moves


# --------------------------------------------------------------------------------------------------- decide


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


# --------------------------------------------------------------------------------------------------- settle


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


def output(machine: Machine, state: State) -> Any:
    """What a completed run gives: the output of the end reached, or a dict by end id where several were.

    Raises:
        ExpressionError: an end's output expression fails.
    """
    reached = {machine.graph.target[edge]: edge for edge in state.ended}
    if not reached:
        return None
    given = {machine.ids[end]: _output_of(machine, state, end, edge) for end, edge in reached.items()}
    return next(iter(given.values())) if len(given) == 1 else given


def _output_of(machine: Machine, state: State, end: int, edge: int) -> Any:
    declared = machine.outputs.get(end)
    if isinstance(declared, Expression):
        return declared.evaluate(state.values, state.input)
    return declared if declared is not None else _nearest(machine, state, edge)


def _nearest(machine: Machine, state: State, edge: int) -> Any:
    """The nearest value back along the edges taken; after a join, a dict by task id."""
    found = _nearest_tasks(machine, state, edge)
    if len(found) == 1 and not found[0][1]:
        return state.values.get(machine.ids[found[0][0]])
    return {machine.ids[task]: state.values.get(machine.ids[task]) for task, _ in found} or None


def _nearest_tasks(machine: Machine, state: State, edge: int) -> list[tuple[int, bool]]:
    """Tasks whose values an edge carries, and whether a join brought them together."""
    found: dict[int, bool] = {}
    seen: set[int] = set()
    frontier = [(edge, False)]
    while frontier:
        back, joined = frontier.pop()
        if back in seen:
            continue
        seen.add(back)
        node = machine.graph.source[back]
        kind = machine.kinds[node]
        if kind is Kind.TASK:
            found[node] = joined or found.get(node, False)
        elif kind is Kind.JOIN:
            frontier.extend((into, True) for into in reversed(machine.graph.into[node]))
        elif kind is not Kind.START:
            into = state.came.get(node, machine.graph.into[node][0])
            frontier.append((into, joined))
    return list(found.items())


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


# --------------------------------------------------------------------------------------------------- evolve


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
