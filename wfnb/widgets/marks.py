"""Breakpoints and pins at nodes, which follow these where a change of the document takes them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from wfnb.machine.inside import leads
from wfnb.machine.machine import Machine
from wfnb.model.workflow import Workflow
from wfnb.widgets.renaming import renamed, renames

MOST = 50
"""Changes that are remembered, so that taking one back gives exactly what was set before."""


@dataclass(frozen=True, slots=True)
class _Set:
    """What is set, and what the run in view calls those nodes that have moved since it began."""

    breakpoints: tuple[str, ...]
    pins: dict[str, Any]
    of_run: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Step:
    """A change that nodes have moved by, and what was set before and after it."""

    before: Workflow
    after: Workflow
    was: _Set
    now: _Set


class Marks:
    """What is set at the nodes of a document.

    Args:
        document: it.

    Attributes:
        breakpoints: the nodes that have one, those inside calls and maps as `call/node`.
        pins: values by node.
    """

    def __init__(self, document: Workflow) -> None:
        self.breakpoints: tuple[str, ...] = ()
        self.pins: dict[str, Any] = {}
        self._document = document
        self._of_run: dict[str, str] = {}
        self._steps: list[_Step] = []

    def follow(self, document: Workflow) -> bool:
        """Keep to nodes that are renamed, made a workflow of their own, or unpacked; whether any was.

        Args:
            document: what the document is now.
        """
        before, self._document = self._document, document
        if not (self.breakpoints or self.pins):
            return False
        given = renames(before, document)
        if not given:
            return False
        was = _Set(self.breakpoints, self.pins, self._of_run)
        last = self._steps[-1] if self._steps else None
        if last is not None and last.now == was and (last.after, last.before) == (before, document):
            self._steps.pop()
            self._take(last.was)
        else:
            moved = {path: renamed(path, given, before) for path in (*self.breakpoints, *self.pins)}
            self._take(_moved(was, moved))
            now = _Set(self.breakpoints, self.pins, self._of_run)
            self._steps = [*self._steps[1 - MOST :], _Step(before, document, was, now)]
        return (was.breakpoints, was.pins) != (self.breakpoints, self.pins)

    def begun(self) -> None:
        """Another run is in view, which has the definition as it is now."""
        self._of_run = {}

    def in_run(self, machine: Machine, path: str) -> str:
        """What the definition of the run in view calls a node that is set here."""
        return path if leads(machine, path) else self._of_run.get(path, path)

    def _take(self, now: _Set) -> None:
        self.breakpoints, self.pins, self._of_run = now.breakpoints, now.pins, now.of_run


def _moved(was: _Set, moved: dict[str, str]) -> _Set:
    of_run = {moved.get(path, path): known for path, known in was.of_run.items()}
    new = {now: was.of_run.get(path, path) for path, now in moved.items() if now != path}
    return _Set(
        tuple(dict.fromkeys(moved[path] for path in was.breakpoints)),
        {moved[path]: value for path, value in was.pins.items()},
        {**of_run, **new},
    )
