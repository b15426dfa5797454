"""What a run gives, by following its recorded moves token by token; shares nothing with the engine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeAlias

from wfnb.machine.machine import Kind, Machine
from wfnb.model.event import (
    ChildStarted,
    Event,
    MapStarted,
    NodeFailed,
    TaskStarted,
)
from wfnb.model.expression import Expression

Carried: TypeAlias = frozenset[tuple[str, bool]]
"""The nodes whose values a token has with it, each with whether a join brought it there."""
NOTHING: Carried = frozenset()


class Tokens:
    """Every token of a run, with what it carries."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.before: dict[int, Carried] = {}
        self.inside: dict[int, Carried] = {}
        self.rounds: dict[int, list[tuple[int, Carried | None]]] = {}
        """By join: what has come since it was empty, in order; None where a branch was not taken."""
        self.fired: dict[int, Carried] = {}
        self.ended: dict[int, Carried] = {}

    def take(self, event: Event) -> None:
        machine = self.machine
        node = machine.graph.number.get(getattr(event, "node", None) or "", machine.start)
        begins = isinstance(event, TaskStarted) and event.attempt == 1 and not event.rerun
        begins |= isinstance(event, MapStarted) or (isinstance(event, ChildStarted) and event.index < 0 > event.edge)
        if begins or (
            isinstance(event, NodeFailed) and machine.kinds[node] in (Kind.MAP, Kind.CALL) and node in self.before
        ):
            self.inside[node] = self.before.pop(node)
        passing = dict[int, Carried]()
        for move in getattr(event, "moves", ()):
            edge = move if move >= 0 else ~move
            source = machine.graph.source[edge]
            if move >= 0 and source in passing:
                carried = passing[source]
            else:
                carried = NOTHING if move < 0 else self._leaving(source, edge)
            self._empty(move)
            self._put(edge, None if move < 0 else carried, passing)

    def _leaving(self, node: int, edge: int) -> Carried:
        """What a token carries that leaves a node where it rested."""
        kind = self.machine.kinds[node]
        if kind in (Kind.START, Kind.GROUP):
            return NOTHING
        if kind is Kind.WAIT or not self.machine.workflow.edges[edge].trigger:
            return frozenset({(self.machine.ids[node], False)})
        return self.inside[node]

    def _empty(self, move: int) -> None:
        region = self.machine.special.empties.get(move)
        for join in [join for join in self.rounds if region and join in region.nodes]:
            del self.rounds[join]

    def _put(self, edge: int, carried: Carried | None, passing: dict[int, Carried]) -> None:
        machine, special = self.machine, self.machine.special
        to = machine.graph.target[edge]
        match machine.kinds[to]:
            case Kind.JOIN:
                came, size = self.rounds.setdefault(to, []), len(machine.graph.into[to])
                came.append((edge, carried))
                if len(came) == special.needs.get(to, size):
                    passing[to] = frozenset((id, True) for _, one in came for id, _ in one or ())
                    for join in [one for one in self.rounds if to in special.rests and one in special.rests[to].nodes]:
                        del self.rounds[join]
                    if to in special.rests:
                        self.rounds.pop(to, None)
                if len(came) == size:
                    self.rounds.pop(to, None)
            case Kind.CHOICE | Kind.FORK:
                passing[to] = carried or NOTHING
            case Kind.END:
                self.ended[edge] = carried or NOTHING
            case Kind.WAIT | Kind.APPROVAL:
                self.inside[to] = carried or NOTHING
            case _:
                self.before[to] = carried or NOTHING


def given(machine: Machine, events: Iterable[Event], values: dict[str, Any], input: dict[str, Any]) -> Any:
    """What the run gives.

    Args:
        machine: what it ran.
        events: its history.
        values: its values at its end.
        input: its inputs.
    """
    tokens = Tokens(machine)
    for event in events:
        tokens.take(event)
    outputs = {}
    for edge, carried in tokens.ended.items():
        end = machine.graph.target[edge]
        declared = machine.outputs.get(end)
        if isinstance(declared, Expression):
            outputs[machine.ids[end]] = declared.evaluate(values, input)
        elif declared is not None:
            outputs[machine.ids[end]] = declared
        else:
            outputs[machine.ids[end]] = _nearest(carried, values)
    return next(iter(outputs.values())) if len(outputs) == 1 else outputs or None


def _nearest(carried: Carried, values: dict[str, Any]) -> Any:
    if any(joined for _, joined in carried):
        return {id: values[id] for id, _ in carried}
    return values[next(iter(carried))[0]] if carried else None
