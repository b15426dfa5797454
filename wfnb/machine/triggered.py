"""Edges that are taken without a result of their node: a timer is due, a condition holds, a signal comes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from wfnb.errors import ExpressionError
from wfnb.machine import tokens
from wfnb.machine.machine import RESTING, Kind, Machine
from wfnb.machine.settle import guard_failed, holds, moved
from wfnb.model.event import ConditionMet, Event, SignalReceived, SignalTaken, TimerFired, TimerStarted
from wfnb.model.expression import Expression
from wfnb.model.facts import Facts
from wfnb.model.state import State


def settle_timer(machine: Machine, state: State, edge: int) -> list[Event]:
    """The events of a timer that is due; it is only put off if the guard of its edge does not hold.

    Raises:
        ExpressionError: the guard fails.
    """
    node, values = machine.graph.source[edge], _freed(machine, edge, None)
    if not holds(machine, state, edge, state.facts):
        return [TimerStarted(machine.ids[node], state.visits.get(node, 0), edge, -1)]
    moves, ending = moved(machine, state, node, (edge,), values, completes=bool(values))
    return [TimerFired(machine.ids[node], state.visits.get(node, 0), edge, moves), *ending]


def settle_condition(machine: Machine, state: State, edge: int) -> list[Event]:
    """The events of a condition that has come to hold."""
    node = machine.graph.source[edge]
    moves, ending = moved(machine, state, node, (edge,), _freed(machine, edge, None))
    return [ConditionMet(machine.ids[node], state.visits[node], edge, moves), *ending]


def listening(machine: Machine, state: State, name: str, value: Any) -> list[tuple[int, int]]:
    """The edges that a signal takes now, in document order, each with the visit of its node: one a node.

    Raises:
        ExpressionError: the guard of one fails.
    """
    edges = machine.special.listeners.get(name)
    if edges is None:
        return []
    found: list[tuple[int, int]] = []
    taken: set[int] | None = None  # nearly always one node is found at most
    facts: Facts | None = None
    source, busy, groups = machine.graph.source, state.busy, machine.special.groups
    for edge in edges:
        node = source[edge]
        if (node not in busy and not (groups and _rests(machine, state, node))) or (taken and node in taken):
            continue
        guard = machine.guards[edge]
        if guard is not None:
            facts = facts or state.facts.with_signal(name, value)
            try:
                if not guard.holds(state.values, state.input, facts):
                    continue
            except ExpressionError as error:
                raise guard_failed(machine, edge, error) from None
        found.append((edge, state.visits.get(node, 0)))
        if taken is None:
            taken = {node}
        else:
            taken.add(node)
    return found


def settle_signal(machine: Machine, state: State, name: str, id: str, value: Any, edge: int | None) -> list[Event]:  # noqa: PLR0917 - what the event says
    """The events of a signal that came: the edge that it takes is given, None where nothing listens."""
    if edge is None:
        return [SignalReceived(name, id, value)]
    node, first = machine.graph.source[edge], (edge,)
    if edge in machine.special.direct:
        to = machine.graph.target[edge]
        if to not in state.ready and (to not in state.busy or to == node):
            return [SignalReceived(name, id, value, machine.ids[node], state.visits.get(node, 0), edge, first)]
    values, facts = _freed(machine, edge, value), state.facts.with_signal(name, value)
    moves, ending = moved(machine, state, node, first, values, facts, completes=bool(values))
    return [
        SignalReceived(name, id, value, machine.ids[node], state.visits.get(node, 0), edge, moves),
        *ending,
    ]


def settle_taken(machine: Machine, state: State, edge: int, name: str, at: int, value: Any) -> list[Event]:  # noqa: PLR0917 - what the event says
    """The events of a node that takes a kept signal (number `at`), or one that has just come (-1)."""
    node = machine.graph.source[edge]
    values, facts = _freed(machine, edge, value), state.facts.with_signal(name, value)
    moves, ending = moved(machine, state, node, (edge,), values, facts, completes=bool(values))
    return [SignalTaken(machine.ids[node], state.visits.get(node, 0), edge, name, at, moves), *ending]


def due(machine: Machine, state: State, edge: int, now: int) -> int:
    """When a timer that starts now is due, microseconds since the epoch.

    Raises:
        ExpressionError: its delay or time is none.
    """
    delay = machine.delays[edge]
    if isinstance(delay, Expression):
        delay = delay.evaluate(state.values, state.input, state.facts)
    drawn = machine.workflow.edges[edge]
    if isinstance(delay, int | float) and not isinstance(delay, bool) and -1e12 < delay < 1e12:
        return now + round(max(delay, 0) * 1e6) if drawn.after is not None else round(delay * 1e6)
    if isinstance(delay, str) and drawn.after is None:
        try:
            moment = datetime.fromisoformat(delay)
        except ValueError:
            pass
        else:
            aware = moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)
            return round(aware.timestamp() * 1e6)
    wanted = "seconds" if drawn.after is not None else "a time (ISO 8601, or seconds since the epoch)"
    raise ExpressionError(
        f"the timer of '{drawn.source}' to '{drawn.target}' is {delay!r}, which is not {wanted}",
        str(delay),
        node=drawn.source,
    )


def _freed(machine: Machine, edge: int, value: Any) -> dict[str, Any]:
    """The value that a wait gets; nothing where something else is interrupted."""
    node = machine.graph.source[edge]
    return {machine.ids[node]: value} if machine.kinds[node] is Kind.WAIT else {}


def _rests(machine: Machine, state: State, node: int) -> bool:
    if machine.kinds[node] is Kind.GROUP:
        return tokens.occupied(machine.special.groups[node], state)
    return node in state.busy and machine.kinds[node] in RESTING
