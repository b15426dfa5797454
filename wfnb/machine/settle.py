"""From what happened outside (a result, a failure, an answer, an end) to events, with the edges taken.

Timers, conditions and signals are in `wfnb.machine.triggered`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from wfnb.errors import ExpressionError
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.routing import Outcome, Stopped, route
from wfnb.model.event import (
    ApprovalGiven,
    ChildCompleted,
    ChildFailed,
    CompensationStarted,
    Event,
    MapCompleted,
    NodeCancelled,
    NodeFailed,
    Problem,
    RunCancelled,
    RunFailed,
    RunStarted,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    Unstored,
)
from wfnb.model.expression import is_expression, parse
from wfnb.model.facts import Facts
from wfnb.model.state import State
from wfnb.model.workflow import End, Retry

_JOIN, _END = Kind.JOIN, Kind.END
Moves = tuple[int, ...]


def settle_start(
    machine: Machine,
    input: dict[str, Any],
    unstored: dict[str, Unstored],
    *,
    parent: str = "",
    values: dict[str, Any] | None = None,
    lost: dict[str, Unstored] | None = None,
    calls: dict[str, str] | None = None,
    opening: Mapping[str, Any] | None = None,
) -> list[Event]:
    """The events of a run that begins; `parent`, `values`, `lost` and `calls` as in RunStarted, `opening` its rest."""
    problem = None
    moves = machine.steady[machine.start]
    if moves is None:
        state = State(input=input, values=values or {})
        try:
            moves = route(machine, state, machine.start, machine.out[machine.start], Outcome({}, state.facts))
        except Stopped as stop:
            problem, moves = stop.problem, stop.moves
    stored = {name: value for name, value in input.items() if name not in unstored}
    started = RunStarted(
        workflow=machine.name,
        definition=machine.hash,
        input=stored,
        unstored=unstored,
        moves=moves,
        parent=parent,
        values={name: value for name, value in (values or {}).items() if name not in (lost or {})},
        lost=lost or {},
        calls=calls or {},
        **(opening or {}),
    )
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
    if moves is None and machine.plain:
        moves = _to_wait(machine, state, machine.out[node])
    elif moves is not None and _collides(machine, state, node, moves):
        moves = None
    if moves is not None:
        return [TaskCompleted(id, visit, attempt, value, moves, unstored)]
    moves, ending = moved(machine, state, node, machine.out[node], {id: value})
    return [TaskCompleted(id, visit, attempt, value, moves, unstored), *ending]


def _to_wait(machine: Machine, state: State, moves: Moves) -> Moves | None:
    """The moves of a token that only comes to wait at a join; None where more, or something else, happens."""
    if len(moves) != 1:
        return None
    edge = moves[0]
    to = machine.graph.target[edge]
    if machine.kinds[to] is not _JOIN or edge in state.waiting:
        return None
    return moves if state.arrived.get(to, 0) + 1 < len(machine.graph.into[to]) else None


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
    """The events of an attempt that failed: another attempt later, an edge that catches it, or the end of the run.

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
    if (
        retry is not None
        and failures + 1 < retry.attempts
        and (not retry.errors or any(map(problem.is_a, retry.errors)))
    ):
        pause = min(retry.maximum, retry.delay * retry.factor**failures)
        pause *= 1 - retry.jitter * draw
        return [TaskFailed(id, visit, attempt, problem, now + round(pause * 1e6))]
    moves, ending = _caught(machine, state, node, problem)
    return [TaskFailed(id, visit, attempt, problem, None, moves), *ending]


def settle_child(  # noqa: PLR0917 - what the event says
    machine: Machine,
    state: State,
    node: int,
    run: str,
    index: int,
    value: Any,
    unstored: Unstored | UnsetType = UNSET,
    *,
    spawned: bool = False,
    reversible: bool = False,
) -> list[Event]:
    """The events of a child run that gave its output; that of an item, or of a spawned run, moves no token."""
    id, visit = machine.ids[node], state.visits.get(node, 0)
    if index >= 0 or spawned:
        return [ChildCompleted(id, visit, run, index, value, (), unstored, reversible)]
    moves, ending = moved(machine, state, node, machine.out[node], {id: value}, done=reversible)
    return [ChildCompleted(id, visit, run, index, value, moves, unstored, reversible), *ending]


def settle_child_failed(  # noqa: PLR0917 - what the event says
    machine: Machine,
    state: State,
    node: int,
    run: str,
    index: int,
    problem: Problem,
    *,
    spawned: bool = False,
) -> list[Event]:
    """The events of a child run that failed: a map decides by its policy, once it is time."""
    id, visit = machine.ids[node], state.visits.get(node, 0)
    if spawned:  # nothing of its parent can catch it
        ended = settle_end(machine, state, RunFailed(problem))
        return [ChildFailed(id, visit, run, problem, index), *ended]
    if index >= 0 and machine.children[node].failure != "stop":
        return [ChildFailed(id, visit, run, problem, index)]
    moves, ending = _caught(machine, state, node, problem)
    return [ChildFailed(id, visit, run, problem, index, moves), *ending]


def settle_map(machine: Machine, state: State, node: int) -> list[Event]:
    """The events of a map whose children are all over."""
    children = state.children[node]
    id, visit = machine.ids[node], state.visits[node]
    if children.failed and machine.children[node].failure == "finish":
        problem = children.failed[min(children.failed)]
        return settle_node_failed(machine, state, node, problem)
    moves, ending = moved(machine, state, node, machine.out[node], {id: results(state, node)})
    return [MapCompleted(id, visit, moves), *ending]


def results(state: State, node: int) -> list[Any]:
    """What the children of a map gave, in the items' order; None for those that failed."""
    children = state.children[node]
    return [children.results.get(index) for index in range(children.size)]


def settle_node_failed(
    machine: Machine, state: State, node: int, problem: Problem, visit: int | None = None
) -> list[Event]:
    """The events of a node without an activity that failed, maybe in beginning its next visit."""
    moves, ending = _caught(machine, state, node, problem)
    return [NodeFailed(machine.ids[node], visit or state.visits[node], problem, moves), *ending]


def settle_approval(machine: Machine, state: State, node: int, value: Any) -> list[Event]:
    """The events of a person's answer."""
    id = machine.ids[node]
    moves, ending = moved(machine, state, node, machine.out[node], {id: value})
    return [ApprovalGiven(id, state.visits[node], value, moves), *ending]


def settle_end(
    machine: Machine, state: State, end: RunFailed | RunCancelled, but: int | None = None, *, done: bool = False
) -> list[Event]:
    """The events of a run that ends before its tokens do: what is in progress is called off, what was done taken back.

    Args:
        machine: the machine.
        state: the run's state.
        end: how it ends.
        but: a node that is over already.
        done: whether that can be taken back.
    """
    called_off: list[Event] = [
        TaskCancelled(machine.ids[node], state.visits[node], attempt)
        if machine.kinds[node] is Kind.TASK
        else NodeCancelled(machine.ids[node], state.visits[node])
        for node, attempt in state.busy.items()
        if node != but
    ]
    if (state.done or done) and state.ending is None:
        ending: Event = (
            CompensationStarted(end.error) if isinstance(end, RunFailed) else CompensationStarted(None, end.reason)
        )
        return [*called_off, ending]
    return [*called_off, end]


def failing_end(machine: Machine, state: State) -> Problem | None:
    """The error with which a run without tokens ends; None if no end says so.

    Raises:
        ExpressionError: its message fails.
    """
    for edge in state.ended:
        end = machine.graph.nodes[machine.graph.target[edge]]
        if isinstance(end, End) and end.error:
            message = end.message
            if is_expression(message):
                message = str(parse(message).evaluate(state.values, state.input, state.facts))
            return Problem(type=end.error, message=message, node=end.id)
    return None


# --------------------------------------------------------------------------------------------------- how they move


def moved(  # noqa: PLR0917 - on the hot path
    machine: Machine,
    state: State,
    node: int,
    first: Moves,
    values: dict[str, Any],
    facts: Facts | None = None,
    *,
    completes: bool = True,
    done: bool = False,
) -> tuple[Moves, list[Event]]:
    """The edges taken from a node, and the end of the run where they lead to one."""
    try:
        outcome = Outcome(values, facts or state.facts, completes)
        moves = route(machine, state, node, first, outcome)
    except Stopped as stop:
        done = done or (completes and node in machine.special.compensations)
        return stop.moves, settle_end(machine, state, RunFailed(stop.problem), but=node, done=done)
    return moves, []


def _caught(machine: Machine, state: State, node: int, problem: Problem) -> tuple[Moves, list[Event]]:
    """The edges taken where a node fails, and the end of the run where nothing catches it."""
    told = {"type": problem.type, "message": problem.message}
    facts = state.facts.with_error(machine.ids[node], told)
    try:
        for edge in machine.special.catches.get(node, ()):
            kind = machine.workflow.edges[edge].error
            if kind is not None and problem.is_a(kind) and holds(machine, state, edge, facts):
                return moved(machine, state, node, (edge,), {}, facts, completes=False)
    except ExpressionError as error:
        problem = Problem(type="ExpressionError", message=str(error), node=machine.ids[node])
    return (), settle_end(machine, state, RunFailed(problem), but=node)


def holds(machine: Machine, state: State, edge: int, facts: Facts) -> bool:
    """Whether the guard of an edge, if it has one, lets it be taken.

    Raises:
        ExpressionError: the guard fails.
    """
    guard = machine.guards[edge]
    try:
        return guard is None or guard.holds(state.values, state.input, facts)
    except ExpressionError as error:
        raise guard_failed(machine, edge, error) from None


def guard_failed(machine: Machine, edge: int, error: ExpressionError) -> ExpressionError:
    """The error of a guard, which says whose it is."""
    drawn = machine.workflow.edges[edge]
    return ExpressionError(f"the guard of '{drawn.source}' to '{drawn.target}' failed: {error}", node=drawn.source)


def _collides(machine: Machine, state: State, node: int, moves: Moves) -> bool:
    target = machine.graph.target
    for edge in moves:
        to = target[edge]
        if to in state.ready or (to in state.busy and to != node) or (state.ended and machine.kinds[to] is _END):
            return True
    return False
