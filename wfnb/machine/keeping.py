"""Which kept signal an edge accepts, without asking its guard again what it has answered."""

from __future__ import annotations

from typing import Any

from wfnb.machine.machine import Machine
from wfnb.machine.settle import holds
from wfnb.model.expression import Expression
from wfnb.model.state import State


def accepted(machine: Machine, state: State, edge: int, name: str) -> int | None:
    """The number of the oldest kept signal of this name that an edge accepts.

    What a guard has refused it refuses until something changes that it reads besides the signal; until then only those
    are tried that have come since.

    Raises:
        ExpressionError: the guard fails.
    """
    guard, kept = machine.guards[edge], state.kept[name]
    if guard is None:
        return 0
    read = _read(state, guard, name)
    before, then = state.refused.get(edge, (0, ()))
    unchanged = len(then) == len(read) and all(a is b for a, b in zip(then, read, strict=True))
    for at in range(before if unchanged else 0, len(kept)):
        if holds(machine, state, edge, state.facts.with_signal(name, kept[at])):
            state.refused[edge] = (at, read)
            return at
    state.refused[edge] = (len(kept), read)
    return None


def taken(machine: Machine, state: State, name: str, at: int) -> Any:
    """Take a kept signal out; gives what it brought."""
    kept = state.kept[name]
    value = kept.pop(at)
    if not kept:
        del state.kept[name]
    for edge in machine.special.listeners.get(name, ()) if state.refused else ():
        count, read = state.refused.get(edge, (0, ()))
        if count > at:
            state.refused[edge] = (count - 1, read)
    return value


def _read(state: State, guard: Expression, name: str) -> tuple[Any, ...]:
    """What a guard can read of a run besides its input, which stays, and the signal that is tried."""
    facts, read = state.facts, [state.values.get(id) for id in guard.reads]
    for about, of in guard.facts:
        match about:
            case "reached":
                read.append(of in facts.reached)
            case "signal":
                read.append(None if of == name else facts.signals.get(of))
            case _:
                read.append(facts.errors.get(of))
    return tuple(read)
