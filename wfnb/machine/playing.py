"""A firing sequence of a machine's net, such as a counterexample, as what a run would record.

Routing nodes fire at once in a run, while a net lets them wait; which edges they take is looked up further on in the
sequence.  Everything else happens in the order in which the sequence has it, unless its token was withdrawn by then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, assert_never

from wfnb.machine.machine import Kind, Machine
from wfnb.machine.netting import Meaning, net_of
from wfnb.machine.routing import Outcome, Stopped, route
from wfnb.machine.semantics import evolve
from wfnb.machine.tokens import occupied
from wfnb.model.event import (
    ANY_ERROR,
    ApprovalGiven,
    ChildCompleted,
    ChildFailed,
    ChildStarted,
    ConditionMet,
    Event,
    MapCompleted,
    MapStarted,
    NodeFailed,
    Problem,
    RunFailed,
    RunStarted,
    SignalReceived,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    TimerFired,
)
from wfnb.model.facts import Facts
from wfnb.model.state import State

ROUTING = frozenset({"choose", "skip", "route", "reset"})
"""Causes of transitions that need nothing from outside."""


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a firing sequence.

    Attributes:
        events: what a run records; every value in it is None.
        state: where they lead.
        problem: what ended the run, where two tokens met.
    """

    events: tuple[Event, ...]
    state: State
    problem: Problem | None = None


def play(machine: Machine, trace: Sequence[int]) -> Played:
    """Play a firing sequence of `net_of(machine).net` in the machine.

    Args:
        machine: the machine.
        trace: numbers of transitions, from the initial marking on.
    """
    meanings = [net_of(machine).meanings[number] for number in trace]
    return _Play(machine, meanings).through()


@dataclass(slots=True)
class _Play:
    machine: Machine
    meanings: list[Meaning]
    state: State = field(default_factory=State)
    events: list[Event] = field(default_factory=list)
    decided: dict[int, deque[Meaning]] = field(default_factory=dict)
    """What choices and inclusive forks decide from here on, by node."""

    def through(self) -> Played:
        for meaning in self.meanings:
            if meaning.cause in ("choose", "skip"):
                self.decided.setdefault(meaning.node, deque()).append(meaning)
        for meaning in self.meanings:
            if meaning.cause in ROUTING or not self._possible(meaning):
                continue
            if meaning.cause == "begin":
                self._begin(meaning.node)
                continue
            try:
                moves = self._moves(meaning)
            except Stopped as stop:
                self._apply(self._event(meaning, stop.moves))
                self._apply(RunFailed(stop.problem))
                return Played(tuple(self.events), self.state, stop.problem)
            self._apply(self._event(meaning, moves))
            for node in [node for node in self.state.ready if node not in self.machine.special.locks]:
                self._begin(node)
        return Played(tuple(self.events), self.state)

    def _possible(self, meaning: Meaning) -> bool:
        """Whether the token is still there: what routes at once may have withdrawn it, which a net would do later."""
        node, state = meaning.node, self.state
        if meaning.cause in ("start", "begin"):
            return meaning.cause == "start" or node in state.ready
        inside = self.machine.special.groups.get(node)
        return node in state.busy if inside is None else occupied(inside, state)

    def _apply(self, event: Event) -> None:
        evolve(self.machine, self.state, event)
        self.events.append(event)

    def _moves(self, meaning: Meaning) -> tuple[int, ...]:
        completes = meaning.cause == "complete" or self.machine.kinds[meaning.node] is Kind.WAIT
        outcome = Outcome({}, self.state.facts, completes)
        first = self._first(meaning)
        return route(self.machine, self.state, meaning.node, first, outcome, self._choose)

    def _first(self, meaning: Meaning) -> tuple[int, ...]:
        """The edges taken first: all of those of a node that completes, where the net shows only those that count."""
        if meaning.cause in ("start", "complete"):
            return self.machine.out[meaning.node]
        return meaning.edges

    def _choose(self, node: int, values: Mapping[str, Any], facts: Facts) -> list[int]:
        del values, facts
        ahead = self.decided.get(node, deque())
        branches = self.machine.special.inclusive.get(node)
        if branches is None:
            return list(ahead.popleft().edges) if ahead else [self._any_edge(node)]
        taken, seen = list[int](), set[int]()
        while ahead and len(seen) < len(branches) and ahead[0].edges[0] not in seen:
            decision = ahead.popleft()
            seen.add(decision.edges[0])
            if decision.cause == "choose":
                taken.append(decision.edges[0])
        return taken or [next((edge for edge, _ in reversed(branches) if edge not in seen), branches[-1][0])]

    def _any_edge(self, node: int) -> int:
        """An edge of a choice that the sequence leaves open: one that does not end the run, if there is any."""
        edges, target = self.machine.out[node], self.machine.graph.target
        return next((edge for edge in edges if target[edge] not in self.machine.special.terminates), edges[0])

    def _begin(self, node: int) -> None:
        """Start what a token has come before."""
        id, visit = self.machine.ids[node], self.state.visits.get(node, 0) + 1
        match self.machine.kinds[node]:
            case Kind.MAP:
                self._apply(MapStarted(id, visit, 0))
            case Kind.CALL:
                self._apply(ChildStarted(id, visit, id))
            case _:
                self._apply(TaskStarted(id, visit, 1))

    def _event(self, meaning: Meaning, moves: tuple[int, ...]) -> Event:
        """What is recorded where this happens."""
        machine, node = self.machine, meaning.node
        id, visit = machine.ids[node], self.state.visits.get(node, 0)
        match meaning.cause:
            case "start":
                return RunStarted(workflow=machine.name, definition=machine.hash, moves=moves)
            case "complete":
                return self._completed(node, visit, moves)
            case "time":
                return TimerFired(id, visit, meaning.edges[0], moves)
            case "condition":
                return ConditionMet(id, visit, meaning.edges[0], moves)
            case "signal":
                name = machine.workflow.edges[meaning.edges[0]].on or ""
                return SignalReceived(name, "", None, id, visit, meaning.edges[0], moves)
            case "error":
                return self._failed(meaning, visit, moves)
            case "begin" | "choose" | "skip" | "route" | "reset":
                raise AssertionError("nothing of it is recorded on its own")
            case _:
                assert_never(meaning.cause)

    def _completed(self, node: int, visit: int, moves: tuple[int, ...]) -> Event:
        id = self.machine.ids[node]
        match self.machine.kinds[node]:
            case Kind.APPROVAL:
                return ApprovalGiven(id, visit, None, moves)
            case Kind.MAP:
                return MapCompleted(id, visit, moves)
            case Kind.CALL:
                return ChildCompleted(id, visit, id, -1, None, moves)
            case _:
                return TaskCompleted(id, visit, 1, None, moves)

    def _failed(self, meaning: Meaning, visit: int, moves: tuple[int, ...]) -> Event:
        id = self.machine.ids[meaning.node]
        kind = self.machine.workflow.edges[meaning.edges[0]].error or "*"
        problem = Problem(type="Error" if kind in ANY_ERROR else kind, message="as the sequence has it", node=id)
        match self.machine.kinds[meaning.node]:
            case Kind.TASK:
                return TaskFailed(id, visit, 1, problem, None, moves)
            case Kind.CALL:
                return ChildFailed(id, visit, id, problem, -1, moves)
            case _:
                return NodeFailed(id, visit, problem, moves)
