"""Runs that begin in the past of another run: its events up to a point, and what is different from there on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import msgspec

from wfnb.engine import arguments
from wfnb.engine.inputs import checked_inputs
from wfnb.engine.known import Known, Service, known_of
from wfnb.engine.outside import checked_pin, checked_update
from wfnb.engine.recording import unstored
from wfnb.engine.values import Values
from wfnb.errors import ExpressionError, InputError, StoreError, UnknownName, did_you_mean
from wfnb.machine import settle
from wfnb.machine.endings import endings
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.offspring import children_in_progress
from wfnb.machine.semantics import evolve, replay
from wfnb.model.activity import Activity
from wfnb.model.event import (
    ApprovalGiven,
    ApprovalRequested,
    ChildCompleted,
    ChildStarted,
    ConditionMet,
    Event,
    MapCompleted,
    MapStarted,
    Record,
    RunResumed,
    RunStarted,
    SignalReceived,
    SignalTaken,
    TaskCompleted,
    TaskStarted,
    TimerFired,
    Unstored,
    ValueEdited,
    ValuePinned,
)
from wfnb.model.state import State

_FREED = (TimerFired, SignalReceived, SignalTaken, ConditionMet)
_GIVEN = (TaskCompleted, ApprovalGiven, ChildCompleted, MapCompleted, ValueEdited, *_FREED)


class Fork:
    """What a fork of a run begins with.

    Args:
        run: the id of the run that is forked, and ...
        id: ... the one of the fork.
        machine: what both run.
        records: the history of the first.
        activities: those that are known.
        vault: what stores values that are not JSON, and gives them back.
    """

    def __init__(
        self,
        run: str,
        id: str,
        machine: Machine,
        records: Sequence[Record],
        activities: Mapping[str, Activity],
        *,
        vault: Values,
    ) -> None:
        self._run = run
        self._id = id
        self._machine = machine
        self._records = records
        self._events = [record.event for record in records]
        self._activities = activities
        self._vault = vault

    def events(
        self,
        at: int | None,
        values: Mapping[str, Any],
        inputs: Mapping[str, Any] | None,
        known: Mapping[str, Any],
        again: str = "",
    ) -> list[Event]:
        """The fork's own first events.

        Args:
            at: the number of the last event that both have; None: the last one that leaves something to do again.
            values: by node: what it gave, or will give.
            inputs: those that are different.
            known: the inputs of the run, where they are at hand.
            again: a node that is to run again.

        Raises:
            ValueError: the run has no such event, or stands nowhere after it because it was ending.
            UnknownName: there is no such node.
            InputError: a value or an input can not be.
        """
        for id, value in values.items():
            checked_update(self._machine, self._activities, id, value)
        last = self._point(at, values, inputs)
        state = replay(self._machine, self._events[:last])
        copied = [self._copied(event, last, again) for event in self._events[:last]]
        if inputs:
            copied = self._with_inputs(copied, {**known, **inputs})
        if state.paused:
            copied.append(RunResumed())
        return self._with_children([*copied, *(self._edited(state, id, value) for id, value in values.items())], last)

    def _with_children(self, own: list[Event], last: int) -> list[Event]:
        """What becomes of children in progress: what they gave since is known; others begin anew as the fork's own."""
        machine = self._machine
        state, given = replay(machine, own), list[Event]()
        open = children_in_progress(machine, state)
        if open:
            numbered = [Record(self._id, 1, seq, 0, event) for seq, event in enumerate(own, 1)]
            known = known_of(machine, self._records, numbered)
        for event in self._events[last:] if open else ():
            now = children_in_progress(machine, state) if isinstance(event, ChildCompleted) else {}
            if isinstance(event, ChildCompleted) and event.run in now and state.status == "running":
                node, index, edge = now[event.run]
                happened = self._given_by(known, event, node, index, edge, state)
                for one in happened:
                    evolve(machine, state, one)
                given += happened
        for run in {event.run for event in given if isinstance(event, ChildCompleted)}:
            del open[run]
        return [*(self._renamed(event, open) for event in own), *given]

    def _given_by(  # noqa: PLR0917 - which child it is
        self, known: Known, event: ChildCompleted, node: int, index: int, edge: int, state: State
    ) -> list[Event]:
        """The events of a child that has completed since; none where it has to run again."""
        service = Service(event.node, event.visit, index, edge)
        try:
            item = arguments.items_of(self._machine.children[node], state)[index] if index >= 0 else None
            found = known.child(service, state, item)
            value = None if found is None else self._vault.load(found.value)
        except (ExpressionError, IndexError, StoreError):
            return []
        if found is None:
            return []
        said = self._vault.known(value)
        return settle.settle_child(self._machine, state, node, found.run, index, value, said, spawned=edge >= 0)

    def _renamed(self, event: Event, waiting: Collection[str]) -> Event:
        """A child in progress has one parent: the fork starts its own."""
        if isinstance(event, ChildStarted) and event.run in waiting:
            return msgspec.structs.replace(event, run=self._id + event.run[event.run.index("/") :])
        return event

    def _edited(self, state: State, id: str, value: Any) -> Event:
        if id in state.values:
            return ValueEdited(id, value, unstored(value))
        if self._machine.kinds[self._machine.graph.number[id]] is not Kind.TASK:
            raise InputError(
                f"'{id}' has no value after event {state.seq}\nfork the run at a later event, or edit a task"
            )
        checked_pin(self._machine, self._activities, id, value)
        return ValuePinned(id, value, unstored(value))

    def _copied(self, event: Event, at: int, again: str) -> Event:
        """An event as the fork has it."""
        match event:
            case RunStarted():
                return msgspec.structs.replace(event, origin=self._run, at=at, again=again, key="")
            case TaskCompleted():  # what another run did is not taken back by this one
                return msgspec.structs.replace(event, given=event.given or "fork")
            case ChildCompleted():
                return msgspec.structs.replace(event, reversible=False)
            case _:
                return event

    def _with_inputs(self, copied: list[Event], inputs: Mapping[str, Any]) -> list[Event]:
        given = checked_inputs(self._machine.workflow, inputs, {}, self._activities)
        first = copied[0]
        assert isinstance(first, RunStarted)
        started = settle.settle_start(self._machine, given, self._vault.all_known(given, fresh=True))
        now = started[0]
        assert isinstance(now, RunStarted)
        changed = msgspec.structs.replace(first, input=now.input, unstored=now.unstored)
        if len(copied) > 1:
            return [changed, *copied[1:]]
        return [msgspec.structs.replace(changed, moves=now.moves), *started[1:]]

    def _point(self, at: int | None, values: Mapping[str, Any], inputs: Mapping[str, Any] | None) -> int:
        count, over = len(self._events), endings(self._events)
        if at is None:
            given = [n for n, event in enumerate(self._events, 1) if self._gives(event) in values]
            at = 1 if inputs else min(given, default=over[-1][0] - 1 if over else count)
        if not 1 <= at <= count:
            raise ValueError(
                f"run '{self._run}' has {count} events: it can not be forked at {at}\ngive a number from 1 to {count}"
            )
        for first, last in over:
            if first <= at <= last and not (at == 1 and inputs):
                raise ValueError(f"run '{self._run}' was ending at event {at}\nfork it at event {first - 1} or before")
        return at

    def _gives(self, event: Event) -> str | None:
        """The node that gets its value by an event."""
        if isinstance(event, ChildCompleted) and (event.index >= 0 or event.node not in self._machine.graph.number):
            return None
        return event.node if isinstance(event, _GIVEN) else None

    def before(self, id: str) -> int:
        """The number of the last event before the last visit of a node began.

        Raises:
            UnknownName: there is no such node, or the run did not come there.
        """
        number = self._machine.graph.number.get(id)
        if number is None:
            ids = self._machine.ids
            raise UnknownName(
                f"workflow '{self._machine.name}' has no node '{id}'\nknown: {', '.join(ids)}.{did_you_mean(id, ids)}"
            )
        begun = _FREED if self._machine.kinds[number] is Kind.WAIT else (MapStarted, ApprovalRequested)
        for count in range(len(self._events), 0, -1):
            event = self._events[count - 1]
            match event:
                case TaskStarted(node=node, attempt=1, rerun=False) if node == id:
                    return count - 1
                case ChildStarted(node=node, index=-1, edge=-1) if node == id:
                    return count - 1
                case _ if isinstance(event, begun) and getattr(event, "node", None) == id:
                    return count - 1
        raise UnknownName(f"run '{self._run}' did not come to '{id}'\nname a node that it came to")


def with_live(state: State, live: State, later: Sequence[Record]) -> None:
    """Give a fork the values that its origin still has, and that are not JSON.

    Args:
        state: the fork's.
        live: the origin's, now.
        later: what happened in the origin after the fork.
    """
    changed = {record.event.node for record in later if isinstance(record.event, _GIVEN)}
    for name, value in state.input.items():
        if isinstance(value, Unstored) and name in live.input:
            state.input[name] = live.input[name]
    for id, value in state.values.items():
        there = value[0] if isinstance(value, list) and value else value
        if isinstance(there, Unstored) and id in live.values and id not in changed:
            state.values[id] = live.values[id]
