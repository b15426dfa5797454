"""Commands, told apart and in words."""

from __future__ import annotations

from typing import Any, TypeAlias, assert_never

from wfnb.machine import command as c
from wfnb.machine.machine import Machine

Key: TypeAlias = tuple[Any, ...]
"""A command's class, and what tells it apart from others of it."""


def key_of(command: c.Command) -> Key:
    """What tells a command apart from others."""
    match command:
        case c.StartChild():
            return c.StartChild, command.node, command.visit, command.index, command.edge
        case c.StartTimer():
            return c.StartTimer, command.node, command.visit, command.edge
        case c.FinishMap() | c.Pause():
            return type(command), command.node
        case c.TakeSignal() | c.MeetCondition():
            return type(command), command.edge
        case c.Complete() | c.Fail() | c.EndEarly():
            return (type(command),)
        case c.StartTask() | c.StartMap() | c.RequestApproval() | c.CallOff():
            return type(command), command.node, command.visit
        case c.Compensate():
            return c.Compensate, command.node, command.visit, command.run
        case _:
            assert_never(command)


def in_words(machine: Machine, command: c.Command) -> str:  # noqa: PLR0912 - a case a command
    """What a command does, as the end of a sentence."""
    ids, edges = machine.ids, machine.workflow.edges
    match command:
        case c.StartTask() | c.StartMap():
            return f"starts '{ids[command.node]}'"
        case c.StartChild():
            return f"starts a child of '{ids[command.node]}'"
        case c.StartTimer():
            return f"starts a timer of '{ids[command.node]}'"
        case c.RequestApproval():
            return f"asks '{ids[command.node]}'"
        case c.FinishMap():
            return f"finishes '{ids[command.node]}'"
        case c.TakeSignal():
            return f"takes the signal '{command.name}' with '{edges[command.edge].source}'"
        case c.MeetCondition():
            return f"goes on with '{edges[command.edge].source}', whose condition holds"
        case c.CallOff():
            return f"calls '{ids[command.node]}' off"
        case c.Compensate():
            return f"takes '{ids[command.node]}' back"
        case c.Pause():
            return f"pauses before '{ids[command.node]}'"
        case c.Complete():
            return "completes"
        case c.Fail():
            return f"fails with {command.problem.type}"
        case c.EndEarly():
            return "ends"
        case _:
            assert_never(command)
