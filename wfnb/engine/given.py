"""Results that tasks have without running their activities: pinned, None where disabled, known from a fork's origin."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from msgspec import UNSET
from msgspec.json import decode, encode

from wfnb.engine.known import Known, Offspring, Service
from wfnb.machine.machine import Machine
from wfnb.model.state import State

How: TypeAlias = Literal["pin", "disabled", "fork"]
"""As in TaskCompleted."""


class Given:
    """What tasks of one run are given.

    Attributes:
        known: what the run that this one was forked from knows; None if it was not forked.
    """

    def __init__(self, machine: Machine, state: State) -> None:
        self._machine = machine
        self._state = state
        self.known: Known | None = None

    def follow(self, machine: Machine) -> None:
        """Go on with another machine."""
        self._machine = machine
        if self.known is not None:
            self.known.follow(machine)

    def find(self, node: int, visit: int) -> tuple[Any, How] | None:
        """What a task gives in a visit, and where that is from; None where its activity has to run."""
        id = self._machine.ids[node]
        if id in self._state.pins:
            return decode(encode(self._state.pins[id])), "pin"  # a copy, which whoever gets it may change
        if node in self._machine.disabled:
            return None, "disabled"
        if self.known is not None:
            value = self.known.find(self._machine.plans[node], id, visit, self._state)
            if value is not UNSET:
                return value, "fork"
        return None

    def child(self, of: Service, item: Any) -> Offspring | None:
        """The child of a fork's origin that has done already what one would do now; None where there is none."""
        return None if self.known is None else self.known.child(of, self._state, item)
