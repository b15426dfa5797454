"""What a forked run need not do again: what its origin did after the fork, where that is made of what is the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec import UNSET, UnsetType

from wfnb.engine import arguments
from wfnb.errors import ExpressionError
from wfnb.machine.inside import below
from wfnb.machine.machine import ChildPlan, Machine, TaskPlan
from wfnb.machine.semantics import evolve
from wfnb.model.event import (
    ApprovalGiven,
    ChildCompleted,
    ChildFailed,
    ChildStarted,
    ConditionMet,
    Event,
    MapStarted,
    NodeFailed,
    Record,
    RunStarted,
    SignalReceived,
    SignalTaken,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    TimerFired,
    Unstored,
    ValueEdited,
)
from wfnb.model.expression import Expression
from wfnb.model.state import State

_Result = tuple[Any, Mapping[str, Any]]
"""What an attempt gave, and the arguments that were computed for it."""


@dataclass(frozen=True, slots=True)
class Service:
    """What a child serves.

    Attributes:
        node: a call, a map, or where the edge leads that spawns it; its id.
        visit: which visit of it.
        index: of a map, the item; else -1.
        edge: the edge that spawns it; else -1.
    """

    node: str
    visit: int
    index: int = -1
    edge: int = -1


class Offspring(NamedTuple):
    """A child that the origin had.

    Attributes:
        run: its id.
        value: what it gave, or what stands for that.
    """

    run: str
    value: Any


class Known:
    """The results of a run's origin, until what they are made of changes.

    Args:
        machine: what both run.
        own: the id of the fork.
        results: what the origin recorded after the fork.
        changed: ids of the values that are not what they were in the origin.
        inputs: names of the inputs that are not.
    """

    def __init__(self, machine: Machine, own: str, results: _Results, changed: set[str], inputs: set[str]) -> None:
        self._machine = machine
        self._own = f"{own}/"
        self._results = results
        self._changed = changed
        self._edited = set(changed)
        """Those of the nodes whose values people have given, or want to have made again."""
        self._inputs = inputs
        self._signals: set[str] = set()

    def follow(self, machine: Machine) -> None:
        """Go on with another machine."""
        self._machine = machine

    def happened(self, run: Any, events: Iterable[Event]) -> None:
        """Take note of what the fork does itself: the values of that are its own."""
        del run
        for event in events:
            match event:
                case TaskCompleted() if event.given != "fork" and not event.rerun:
                    self._changed.add(event.node)
                case ChildCompleted() if event.run.startswith(self._own):
                    self._changed.add(event.node)
                case MapStarted() if self._reads_changed(_items(self._machine, event.node)):
                    self._changed.add(event.node)
                case ValueEdited():
                    self._changed.add(event.node)
                    self._edited.add(event.node)
                case ApprovalGiven() | TimerFired() | ConditionMet():
                    self._changed.add(event.node)
                case TaskFailed() | ChildFailed() | NodeFailed():  # what is asked about the error
                    self._changed.add(event.node)
                case SignalReceived() | SignalTaken():
                    self._signals.add(event.name)
                    if event.node is not None:
                        self._changed.add(event.node)
                case _:
                    pass

    def find(self, plan: TaskPlan, id: str, visit: int, state: State) -> Any:
        """What a visit of a task gave in the origin; UNSET where it has to run."""
        known = self._results.tasks.get((id, visit))
        if known is None or id in self._changed:
            return UNSET
        read = [expression for _, expression in plan.computed]
        if self._reads_changed(read if plan.requires is None else [*read, plan.requires]):
            return UNSET
        value, before = known
        try:
            now = arguments.computed_of(plan, state)
        except ExpressionError:
            return UNSET
        return value if all_alike(before, now) else UNSET

    def child(self, of: Service, state: State, item: Any) -> Offspring | None:
        """The child of the origin that has done what another one would do now; None where that one has to run.

        Args:
            of: what it serves.
            state: where the fork stands.
            item: what it is for, of a map.
        """
        known = self._results.children.get(of)
        if known is None or of.node in self._edited:
            return None
        if any(below([*state.pins, *state.inside], of.node)):
            return None
        if of.edge >= 0:  # it knows all values
            return None if self._changed or self._inputs or self._signals or state.pins else known[0]
        plan = self._machine.children[self._machine.graph.number[of.node]]
        if self._reads_changed([*(read for _, read in plan.computed), *_items(self._machine, of.node)]):
            return None
        try:
            now = arguments.of_child(plan, state, of.index, item)
        except ExpressionError:
            return None
        return known[0] if all_alike(known[1], now) else None

    def _reads_changed(self, expressions: Iterable[Expression]) -> bool:
        """Whether one reads anything that is not what it was in the origin."""
        for expression in expressions:
            if not self._changed.isdisjoint(expression.reads):
                return True
            if self._inputs and (None in expression.inputs or not self._inputs.isdisjoint(expression.inputs)):
                return True
            for about, of in expression.facts:
                if of in (self._signals if about == "signal" else self._changed):
                    return True
        return False


def _items(machine: Machine, id: str) -> list[Expression]:
    """What a map goes through, where that is computed."""
    plan: ChildPlan | None = machine.children.get(machine.graph.number[id])
    return [plan.items] if plan is not None and isinstance(plan.items, Expression) else []


def all_alike(before: Mapping[str, Any], now: Mapping[str, Any]) -> bool:
    """Whether what is given now is what was given before, as far as that is known."""
    return all(_alike(before.get(name, UNSET), given) for name, given in now.items())


def _alike(before: Any, now: Any) -> bool:
    if isinstance(before, Unstored):
        return True  # nobody knows it any more; that what it comes from has not changed must do
    try:
        return bool(before == now)
    except Exception:  # noqa: BLE001 - a user's __eq__ may raise anything
        return before is now


def known_of(machine: Machine, origin: Sequence[Record], own: Sequence[Record]) -> Known:
    """What a fork knows of its origin.

    Args:
        machine: what both run.
        origin: the whole history of the run that it was forked from.
        own: the history of the fork up to now.
    """
    started, first = own[0].event, origin[0].event
    assert isinstance(started, RunStarted)
    assert isinstance(first, RunStarted)
    names = {*started.input, *started.unstored, *first.input, *first.unstored}
    inputs = {name for name in names if not _same_input(first, started, name)}
    changed = {started.again} - {""}
    known = Known(machine, own[0].run, _Results(machine, origin, started.at), changed, inputs)
    known.happened(None, [record.event for record in own[started.at :]])
    return known


def _same_input(one: RunStarted, other: RunStarted, name: str) -> bool:
    if name in one.unstored or name in other.unstored:
        return one.unstored.get(name) == other.unstored.get(name)
    return bool(one.input.get(name, UNSET) == other.input.get(name, UNSET))


class _Results:
    """What was recorded after an event, with the arguments that were computed for it.

    Attributes:
        tasks: by task and visit.
        children: by what they serve.
    """

    def __init__(self, machine: Machine, origin: Sequence[Record], at: int) -> None:
        self.tasks: dict[tuple[str, int], _Result] = {}
        self.children: dict[Service, tuple[Offspring, Mapping[str, Any]]] = {}
        self._machine = machine
        self._state = State()
        self._asked: dict[tuple[str, int], Mapping[str, Any] | UnsetType] = {}
        self._begun: dict[str, tuple[Service, Mapping[str, Any] | UnsetType]] = {}
        self._items: dict[str, list[Any]] = {}
        for record in origin:
            self._ask(record.event)
            evolve(machine, self._state, record.event)
            if record.seq > at:
                self._note(record.event)

    def _ask(self, event: Event) -> None:
        """What is computed for what begins."""
        state, number = self._state, self._machine.graph.number
        match event:
            case TaskStarted(rerun=False):
                plan = self._machine.plans[number[event.node]]
                try:
                    self._asked[event.node, event.visit] = arguments.computed_of(plan, state)
                except ExpressionError:
                    self._asked[event.node, event.visit] = UNSET  # of something that is not there any more
            case MapStarted():
                try:
                    self._items[event.node] = arguments.items_of(self._machine.children[number[event.node]], state)
                except ExpressionError:
                    self._items[event.node] = []
            case ChildStarted():
                service = Service(event.node, event.visit, event.index, event.edge)
                given: Mapping[str, Any] | UnsetType = {}
                try:
                    if event.edge < 0:
                        item = self._items[event.node][event.index] if event.index >= 0 else None
                        given = arguments.of_child(self._machine.children[number[event.node]], state, event.index, item)
                except (ExpressionError, IndexError):
                    given = UNSET
                self._begun[event.run] = (service, given)
            case _:
                pass

    def _note(self, event: Event) -> None:
        match event:
            case TaskCompleted(rerun=False):
                given, value = self._asked.get((event.node, event.visit), UNSET), _value_of(event)
                if given is not UNSET and value is not UNSET:
                    self.tasks[event.node, event.visit] = (value, given)
            case ChildCompleted() if event.run in self._begun:
                (service, given), value = self._begun[event.run], _value_of(event)
                if given is not UNSET and value is not UNSET:
                    self.children[service] = (Offspring(event.run, value), given)
            case _:
                pass


def _value_of(event: TaskCompleted | ChildCompleted) -> Any:
    """What was given, or what stands for it; UNSET where it is gone."""
    return event.unstored if event.unstored is not UNSET and event.unstored.hash else event.value
