"""What a completed run gives."""

from __future__ import annotations

from typing import Any

from wfnb.machine.machine import RESTING, Kind, Machine
from wfnb.model.expression import Expression
from wfnb.model.state import State

# Names of their own, because looking a member up in its enumeration costs as much as the rest of a turn.
_START, _JOIN, _WAIT = Kind.START, Kind.JOIN, Kind.WAIT


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
        return declared.evaluate(state.values, state.input, state.facts)
    return declared if declared is not None else _nearest(machine, state, edge)


def _nearest(machine: Machine, state: State, edge: int) -> Any:
    """The nearest value back along the edges taken; after a join, a dict by task id."""
    found = _nearest_tasks(machine, state, edge)
    if len(found) == 1 and not found[0][1]:
        return state.values.get(machine.ids[found[0][0]])
    ids = [machine.ids[task] for task, _ in found]
    # A run that came from another definition may have passed where nothing was remembered, or given, then.
    return {id: state.values[id] for id in ids if id in state.values} or None


def _nearest_tasks(machine: Machine, state: State, edge: int) -> list[tuple[int, bool]]:
    """Tasks whose values an edge carries, and whether a join brought them together.

    What was interrupted or failed has no value: the search goes on behind it, along the edge by which its token came.
    """
    found: dict[int, bool] = {}
    seen: set[int] = set()
    frontier = [(edge, False)]
    source, into, kinds, edges = machine.graph.source, machine.graph.into, machine.kinds, machine.workflow.edges
    while frontier:
        back, joined = frontier.pop()
        if back in seen:
            continue
        seen.add(back)
        node = source[back]
        kind = kinds[node]
        if kind is _WAIT or (kind in RESTING and not (machine.graph.triggered and edges[back].trigger)):
            found[node] = joined or found.get(node, False)
        elif kind is _JOIN:
            came = state.gathered.get(node, into[node])
            frontier += [(before, True) for before in reversed(came)]
        elif kind is not _START and into[node]:
            frontier.append((state.came.get(node, into[node][0]), joined))
    return list(found.items())
