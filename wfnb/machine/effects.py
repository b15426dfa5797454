"""What the rarer events do to a state: all but the start and the end of a task, and a signal that comes."""

from __future__ import annotations

from typing import assert_never

from msgspec import UNSET

from wfnb.machine import steps, tokens
from wfnb.machine.keeping import taken
from wfnb.machine.machine import Machine
from wfnb.machine.settle import results
from wfnb.model.event import (
    AlertRaised,
    ApprovalGiven,
    ApprovalRequested,
    BreakpointsChanged,
    ChildCompensated,
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
    OutputCaptured,
    ProgressReported,
    RunCancelled,
    RunCompleted,
    RunFailed,
    RunMigrated,
    RunPaused,
    RunReopened,
    RunResumed,
    RunStarted,
    SignalReceived,
    SignalTaken,
    TaskCancelled,
    TaskCompensated,
    TaskCompleted,
    TaskFailed,
    TaskStarted,
    TimerFired,
    TimerStarted,
    ValueEdited,
    ValuePinned,
    ValueUnpinned,
)
from wfnb.model.state import Children, State


def evolve_rarely(  # noqa: PLR0912, PLR0915 - a case an event
    machine: Machine, state: State, event: Event
) -> None:
    """Apply an event that is no task's start or end, and no signal."""
    match event:
        case RunStarted():
            state.status = "running"
            state.workflow, state.definition = event.workflow, event.definition
            state.input = {**event.input, **event.unstored}
            state.values = {**event.values, **event.lost}
            if machine.special.milestones:
                tokens.note_reached(machine, state, machine.start)
            steps.move(machine, state, event.moves)
        case RunCompleted():
            state.status = "completed"
            state.output = event.unstored if event.output is UNSET else event.output
        case RunFailed():
            state.status, state.error = "failed", event.error
        case RunCancelled():
            state.status = "cancelled"
        case TaskFailed():
            _fail(machine, state, event)
        case TaskCancelled() | NodeCancelled():
            node = machine.graph.number[event.node]
            withdrawn = [one for one in state.withdrawn if one[:2] == (node, event.visit)]
            if withdrawn:
                state.withdrawn.remove(withdrawn[0])
            elif state.visits[node] == event.visit and node in state.busy:
                tokens.leave(machine, state, node)
        case TaskStarted() | TaskCompleted() | SignalReceived():
            raise AssertionError("told apart before")
        case (
            TimerStarted()
            | TimerFired()
            | SignalTaken()
            | ConditionMet()
            | ApprovalRequested()
            | ApprovalGiven()
            | NodeFailed()
        ):
            _evolve_node(machine, state, event)
        case MapStarted() | MapCompleted() | ChildStarted() | ChildCompleted() | ChildFailed():
            if type(event) is ChildCompleted and event.reversible:
                state.done.append((machine.graph.number[event.node], event.visit, event.run))
            _evolve_children(machine, state, event)
        case CompensationStarted():
            state.ending = event
            for tokens_there in (state.ready, state.waiting, state.arrived, state.timers, state.fresh):
                tokens_there.clear()
            for outside in (state.spawning, state.spawned, state.withdrawn):
                outside.clear()
        case TaskCompensated():
            state.done.remove((machine.graph.number[event.node], event.visit, ""))
        case ChildCompensated():
            state.done.remove((machine.graph.number[event.node], event.visit, event.run))
        case RunPaused() | RunResumed() | RunReopened() | BreakpointsChanged():
            _steer(machine, state, event)
        case ValueEdited() | ValuePinned() | ValueUnpinned():
            _give(state, event)
        case RunMigrated():
            raise ValueError("it begins the part of another definition")
        case ProgressReported() | OutputCaptured() | AlertRaised():
            pass  # people are told; nothing moves
        case _:
            assert_never(event)


def _steer(machine: Machine, state: State, event: RunPaused | RunResumed | RunReopened | BreakpointsChanged) -> None:
    number = machine.graph.number
    match event:
        case RunPaused():
            state.paused = True
            if event.node is not None and number[event.node] in state.once:
                gone = {number[event.node]}
                state.once, state.breakpoints, state.passed = (
                    state.once - gone,
                    state.breakpoints - gone,
                    state.passed - gone,
                )
        case RunResumed():
            state.paused = False
            state.passed = frozenset(node for node in state.breakpoints if tokens.waits_at(machine, state, node))
        case RunReopened():
            state.status, state.error = "running", None
            for called_off in (state.withdrawn, state.spawning, state.spawned):
                called_off.clear()
            state.queued = frozenset()
            state.fresh[:] = state.ready
            for move in event.moves:
                tokens.place(machine, state, move)
            for id, item, run in event.children:
                node, nth = number[id], 0
                if node not in machine.children:
                    nth = sum(of[0] == node for of in state.again.values())
                state.again[run] = (node, item, state.visits[node] + 1 + nth)
        case BreakpointsChanged():
            before = state.breakpoints
            state.breakpoints = frozenset(number[node] for node in event.nodes if node in number)
            state.once = frozenset(number[node] for node in event.once if node in number)
            state.inside = tuple(node for node in event.nodes if node not in number)
            there = (node for node in state.breakpoints - before if node in state.busy)  # it came before the breakpoint
            state.passed &= state.breakpoints
            state.passed |= frozenset(node for node in there if tokens.waits_at(machine, state, node))


def _give(state: State, event: ValueEdited | ValuePinned | ValueUnpinned) -> None:
    match event:
        case ValueEdited():
            state.values[event.node] = event.unstored if event.value is UNSET else event.value
        case ValuePinned():
            state.pins[event.node] = event.unstored if event.value is UNSET else event.value
        case ValueUnpinned():
            state.pins.pop(event.node, None)


def _evolve_node(
    machine: Machine,
    state: State,
    event: TimerStarted | TimerFired | SignalTaken | ConditionMet | ApprovalRequested | ApprovalGiven | NodeFailed,
) -> None:
    node = machine.graph.number[event.node]
    match event:
        case TimerStarted():
            state.timers[event.edge] = event.due
        case TimerFired():
            state.timers.pop(event.edge, None)
            steps.free(machine, state, node, None, event.moves)
        case ConditionMet():
            steps.free(machine, state, node, None, event.moves)
        case SignalTaken():
            if event.at >= 0:
                value = taken(machine, state, event.name, event.at)
                state.facts.signals[event.name] = value
            else:
                value = state.facts.signals[event.name]
            steps.free(machine, state, node, value, event.moves)
        case ApprovalRequested():
            state.asked[node] = event.prompt
        case ApprovalGiven():
            state.values[event.node] = event.value
            steps.finish(machine, state, node)
            steps.move(machine, state, event.moves)
        case NodeFailed():
            if node in state.busy:
                tokens.leave(machine, state, node)
            else:
                steps.go_in(machine, state, node)
                state.visits[node] = event.visit
            state.facts.errors[event.node] = {"type": event.error.type, "message": event.error.message}
            steps.move(machine, state, event.moves)


def _evolve_children(
    machine: Machine, state: State, event: MapStarted | MapCompleted | ChildStarted | ChildCompleted | ChildFailed
) -> None:
    node = machine.graph.number[event.node]
    match event:
        case MapStarted():
            steps.enter(machine, state, node, event.visit)
            state.children[node] = Children(size=event.size)
        case ChildStarted() if event.edge >= 0:
            state.spawning.remove(event.edge)
            state.spawned[event.run] = event.edge
            state.visits[node] = event.visit
            state.again.pop(event.run, None)
        case ChildStarted():
            if event.index < 0:
                steps.enter(machine, state, node, event.visit)
                state.children[node] = Children()
            children = state.children[node]
            children.open[event.index] = event.run
            state.again.pop(event.run, None)
            children.next = event.index + 1
        case ChildCompleted() | ChildFailed() if event.run in state.spawned:
            del state.spawned[event.run]
        case ChildCompleted():
            value = event.unstored if event.value is UNSET else event.value
            children = state.children[node]
            del children.open[event.index]
            if event.index >= 0:
                children.results[event.index] = value
            else:
                state.values[event.node] = value
                steps.finish(machine, state, node)
                steps.move(machine, state, event.moves)
        case ChildFailed():
            children = state.children[node]
            del children.open[event.index]
            children.failed[event.index] = event.error
            if event.index < 0 or machine.children[node].failure == "stop":
                if children.open:
                    state.withdrawn.append((node, event.visit, 1))
                tokens.leave(machine, state, node)
                state.facts.errors[event.node] = {"type": event.error.type, "message": event.error.message}
                steps.move(machine, state, event.moves)
        case MapCompleted():
            state.values[event.node] = results(state, node)
            steps.finish(machine, state, node)
            steps.move(machine, state, event.moves)


def _fail(machine: Machine, state: State, event: TaskFailed) -> None:
    node = machine.graph.number[event.node]
    if event.retry_at is not None:
        state.retrying[node] = event.retry_at
        state.failures[node] = state.failures.get(node, 0) + 1
        return
    tokens.leave(machine, state, node)
    if event.moves:
        state.facts.errors[event.node] = {"type": event.error.type, "message": event.error.message}
        steps.move(machine, state, event.moves)
