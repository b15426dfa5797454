"""What a forked run need not do again: what its origin did after the fork, where that is made of what is the same."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import UNSET, UnsetType

from wfnb.engine import arguments
from wfnb.errors import ExpressionError
from wfnb.machine.machine import Machine, TaskPlan
from wfnb.machine.semantics import evolve
from wfnb.model.event import (
    ApprovalGiven,
    ChildCompleted,
    ChildFailed,
    ConditionMet,
    Event,
    MapCompleted,
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
from wfnb.model.state import State

_Result = tuple[Any, Mapping[str, Any]]
"""What an attempt gave, and the arguments that were computed for it."""


class Known:
    """The results of a run's origin, until what they are made of changes.

    Args:
        results: by task and visit: what it gave, and the arguments that were computed for it.
        changed: ids of the values that are not what they were in the origin.
        inputs: names of the inputs that are not.
    """

    def __init__(self, results: dict[tuple[str, int], _Result], changed: set[str], inputs: set[str]) -> None:
        self._results = results
        self._changed = changed
        self._inputs = inputs
        self._signals: set[str] = set()

    def happened(self, run: Any, events: Iterable[Event]) -> None:
        """Take note of what the fork does itself: the values of that are its own."""
        del run
        for event in events:
            match event:
                case TaskCompleted() if event.given != "fork" and not event.rerun:
                    self._changed.add(event.node)
                case (
                    ApprovalGiven() | ChildCompleted() | MapCompleted() | ValueEdited() | TimerFired() | ConditionMet()
                ):
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
        known = self._results.get((id, visit))
        if known is None or id in self._changed or self._depends(plan):
            return UNSET
        value, before = known
        try:
            now = arguments.computed_of(plan, state)
        except ExpressionError:
            return UNSET
        return value if all(_alike(before.get(name, UNSET), given) for name, given in now.items()) else UNSET

    def _depends(self, plan: TaskPlan) -> bool:
        """Whether a task reads anything that is not what it was in the origin."""
        read = [expression for _, expression in plan.computed]
        read += [] if plan.requires is None else [plan.requires]
        for expression in read:
            if not self._changed.isdisjoint(expression.reads):
                return True
            if self._inputs and (None in expression.inputs or not self._inputs.isdisjoint(expression.inputs)):
                return True
            for about, of in expression.facts:
                if of in (self._signals if about == "signal" else self._changed):
                    return True
        return False


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
    known = Known(_results(machine, origin, started.at), changed, inputs)
    known.happened(None, [record.event for record in own[started.at :]])
    return known


def _same_input(one: RunStarted, other: RunStarted, name: str) -> bool:
    if name in one.unstored or name in other.unstored:
        return one.unstored.get(name) == other.unstored.get(name)
    return bool(one.input.get(name, UNSET) == other.input.get(name, UNSET))


def _results(machine: Machine, origin: Sequence[Record], at: int) -> dict[tuple[str, int], _Result]:
    """The results that were recorded after an event, with the arguments that were computed for them."""
    state, found = State(), dict[tuple[str, int], _Result]()
    asked: dict[tuple[str, int], Mapping[str, Any] | UnsetType] = {}
    for record in origin:
        event = record.event
        if type(event) is TaskStarted and not event.rerun:
            try:
                plan = machine.plans[machine.graph.number[event.node]]
                asked[event.node, event.visit] = arguments.computed_of(plan, state)
            except ExpressionError:
                asked[event.node, event.visit] = UNSET  # of something that is not there any more
        evolve(machine, state, event)
        if record.seq > at and type(event) is TaskCompleted and not event.rerun:
            given = asked.get((event.node, event.visit), UNSET)
            stored = event.unstored is not UNSET and event.unstored.hash
            value = event.unstored if stored else event.value
            if given is not UNSET and value is not UNSET:
                found[event.node, event.visit] = (value, given)
    return found
