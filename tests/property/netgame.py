"""Follows what a run recorded as firings of its net, knowing nothing of how the machine moves tokens."""

from __future__ import annotations

from collections.abc import Iterable

from wfnb.machine.machine import RESTING, Machine
from wfnb.machine.net import can_fire
from wfnb.machine.netting import Meaning, netted
from wfnb.machine.semantics import evolve
from wfnb.model.event import (
    ApprovalGiven,
    ChildCompleted,
    ChildFailed,
    ChildStarted,
    CompensationStarted,
    ConditionMet,
    Event,
    MapCompleted,
    MapStarted,
    NodeCancelled,
    NodeFailed,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunStarted,
    SignalReceived,
    SignalTaken,
    TaskCancelled,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    TimerFired,
)
from wfnb.model.state import State

Marks = set[tuple[str, int]]
ENDINGS = (RunFailed, RunCancelled, CompensationStarted)


class NetGame:
    """A marking of a machine's net, and the firings that recorded events stand for."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.netted = netted(machine)
        self.net = self.netted.net
        self.marking = self.net.initial
        self.state = State()

    def play(self, events: Iterable[Event]) -> None:
        """Follow events; an AssertionError says which is no firing sequence, or leads elsewhere than the state."""
        events = list(events)
        stop = next((n for n, e in enumerate(events) if isinstance(e, ENDINGS)), len(events))
        while isinstance(events[stop - 1], TaskCancelled | NodeCancelled):
            stop -= 1  # what the end of the run has called off
        for number, event in enumerate(events[:stop]):
            evolve(self.machine, self.state, event)
            last = number + 1 == stop and stop < len(events)
            self.follow(event, unfinished=last)
            if last or isinstance(event, RunCompleted):
                break
            assert self.marks() == self.rests(), f"after event {number + 1}, {event}"
        if isinstance(events[-1], RunCompleted):
            assert self.net.ended(self.marking), "a run completed where its net has not ended"

    def follow(self, event: Event, *, unfinished: bool = False) -> None:
        number = self.machine.graph.number
        match event:
            case RunStarted():
                self.fire({"start"}, self.machine.start, event.moves, unfinished=unfinished)
            case TaskStarted() | MapStarted():
                self.begin(number[event.node])
            case ChildStarted() if event.edge < 0 and event.index < 0:
                self.begin(number[event.node])
            case TaskCompleted() | MapCompleted() | ApprovalGiven() if not getattr(event, "rerun", False):
                self.fire({"complete"}, number[event.node], event.moves, unfinished=unfinished)
            case ChildCompleted() if event.moves:
                self.fire({"complete"}, number[event.node], event.moves, unfinished=unfinished)
            case TaskFailed() | ChildFailed() | NodeFailed() if event.moves:
                self.fire({"error"}, number[event.node], event.moves, unfinished=unfinished)
            case TimerFired():
                self.fire({"time"}, number[event.node], event.moves, unfinished=unfinished)
            case ConditionMet():
                self.fire({"condition"}, number[event.node], event.moves, unfinished=unfinished)
            case SignalReceived() | SignalTaken() if event.node is not None:
                self.fire({"signal"}, number[event.node], event.moves, unfinished=unfinished)
            case _:
                pass

    def begin(self, node: int) -> None:
        """A token takes the lock of its node, where that has one."""
        if node not in self.machine.special.locks or self.place("in", node) in self.marking:
            return
        for number, meaning in enumerate(self.netted.meanings):
            if meaning.cause == "begin" and meaning.node == node and self.can(number):
                self.marking = self.net.fire(self.marking, number)
                return
        raise AssertionError(f"'{self.machine.ids[node]}' began without its lock")

    def place(self, what: str, node: int) -> int:
        return self.net.places.index(f"{what} {self.machine.ids[node]}")

    def can(self, number: int) -> bool:
        return can_fire(self.net.transitions[number], self.marking)

    def fire(self, causes: set[str], node: int, moves: tuple[int, ...], *, unfinished: bool) -> None:
        """Fire what takes the first of the moves, then the routing that takes the others."""
        left = self.in_order(list(moves))
        while True:
            fired = next(self.fitting(causes, node, left), None)
            if fired is None:
                assert unfinished, f"{moves}: nothing in the net takes {left} from '{self.machine.ids[node]}'"
                return
            self.marking = self.net.fire(self.marking, fired)
            del left[: len(self.taken(self.netted.meanings[fired]))]
            self.absorb()
            if not left:
                return
            causes, node = {"choose", "skip", "route"}, self.source(left[0])

    def in_order(self, moves: list[int]) -> list[int]:
        """The moves as the net has them: it decides first on what empties a group, and last on `otherwise`."""
        at = 1
        while at < len(moves):
            fork = self.source(moves[at])
            branches = self.machine.special.inclusive.get(fork, ())
            if branches:
                fallback, empties = self.machine.otherwise.get(fork), self.machine.special.empties
                sizes = {edge: len(empties[edge].nodes) if edge in empties else 0 for edge, _ in branches}
                order = sorted(branches, key=lambda pair: (pair[0] == fallback, -sizes[pair[0]]))
                ranks = {move: rank for rank, (edge, into) in enumerate(order) for move in (edge, ~into)}
                block = moves[at : at + len(branches)]
                moves[at : at + len(branches)] = sorted(block, key=lambda move: ranks[move])
            at += max(len(branches), 1)
        return moves

    def source(self, move: int) -> int:
        """The routing node that a move comes from; that of a branch that is not taken is its fork."""
        if move >= 0:
            return self.machine.graph.source[move]
        return next(
            fork
            for fork, branches in self.machine.special.inclusive.items()
            if any(last == ~move for _, last in branches)
        )

    def fitting(self, causes: set[str], node: int, left: list[int]) -> Iterable[int]:
        inclusive = dict(self.machine.special.inclusive.get(node, ()))
        for number, meaning in enumerate(self.netted.meanings):
            if meaning.node != node or meaning.cause not in causes or not self.can(number):
                continue
            wanted = [~inclusive[edge] for edge in meaning.edges] if meaning.cause == "skip" else self.taken(meaning)
            if wanted and wanted == left[: len(wanted)]:
                yield number

    def taken(self, meaning: Meaning) -> list[int]:
        """The edges of a transition, up to one that ends the run."""
        ends = self.machine.special.terminates
        last = [at for at, edge in enumerate(meaning.edges) if self.machine.graph.target[edge] in ends]
        return list(meaning.edges[: last[0] + 1] if last else meaning.edges)

    def absorb(self) -> None:
        for number, meaning in enumerate(self.netted.meanings):
            if meaning.cause == "reset" and self.can(number):
                self.marking = self.net.fire(self.marking, number)

    def marks(self) -> Marks:
        """Where the net has tokens that rest."""
        found: Marks = set()
        for place in self.marking:
            edge, node = self.netted.edges[place], self.netted.nodes[place]
            if edge >= 0:
                found.add(("edge", edge))
            elif node >= 0 and self.machine.kinds[node] in RESTING:
                found.add(("before" if self.net.places[place].startswith("before ") else "in", node))
            elif node >= 0 and place not in self.net.sinks:
                found.add(("at", node))
        return found

    def rests(self) -> Marks:
        """Where the state has them; what is ready and needs no lock has all but begun."""
        return rests(self.machine, self.state)


def rests(machine: Machine, state: State) -> Marks:
    """Where a state has tokens that rest."""
    locks = machine.special.locks
    return (
        {("edge", edge) for edge in state.waiting}
        | {("in", node) for node in state.busy}
        | {("before" if node in locks else "in", node) for node in state.ready}
    )
