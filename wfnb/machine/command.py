"""What a machine wants to be done: one closed union of commands, in the imperative.  Nodes and edges are numbers."""

from __future__ import annotations

from typing import Any, TypeAlias

import msgspec

from wfnb.model.event import Problem


class StartTask(msgspec.Struct, frozen=True, gc=False):
    """Run a task's activity."""

    node: int
    visit: int
    attempt: int


class StartMap(msgspec.Struct, frozen=True, gc=False):
    """Begin a map: find its items."""

    node: int
    visit: int


class StartChild(msgspec.Struct, frozen=True, gc=False):
    """Run a child: of a call, of a map (then `index` is its item), or of an edge that spawns (then `edge`)."""

    node: int
    visit: int
    index: int = -1
    edge: int = -1


class FinishMap(msgspec.Struct, frozen=True, gc=False):
    """End a map whose children are all over."""

    node: int


class StartTimer(msgspec.Struct, frozen=True, gc=False):
    """Take an edge when its time comes."""

    node: int
    visit: int
    edge: int


class RequestApproval(msgspec.Struct, frozen=True, gc=False):
    """Ask a person."""

    node: int
    visit: int


class TakeSignal(msgspec.Struct, frozen=True, gc=False):
    """Take an edge with a signal that was kept: number `at` of its name."""

    edge: int
    name: str
    at: int
    value: Any


class MeetCondition(msgspec.Struct, frozen=True, gc=False):
    """Take an edge whose condition holds."""

    edge: int


class CallOff(msgspec.Struct, frozen=True, gc=False):
    """Stop what was in progress in a node whose token was withdrawn."""

    node: int
    visit: int
    attempt: int


class Compensate(msgspec.Struct, frozen=True, gc=False):
    """Take a completed task back; or, with `run`, a completed child run of a node."""

    node: int
    visit: int
    run: str = ""


class Pause(msgspec.Struct, frozen=True, gc=False):
    """Begin nothing new: a token has reached a node with a breakpoint."""

    node: int


class Complete(msgspec.Struct, frozen=True, gc=False):
    """No token is left: end the run."""


class Fail(msgspec.Struct, frozen=True, gc=False):
    """The run can not go on: end it as failed."""

    problem: Problem


class EndEarly(msgspec.Struct, frozen=True, gc=False):
    """Everything that could be taken back was: end the run as it was to end."""


Command: TypeAlias = (
    StartTask
    | StartMap
    | StartChild
    | FinishMap
    | StartTimer
    | RequestApproval
    | TakeSignal
    | MeetCondition
    | CallOff
    | Compensate
    | Pause
    | Complete
    | Fail
    | EndEarly
)
