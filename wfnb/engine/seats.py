"""Where attempts are carried out: the asyncio tasks that they share, each with the one that is at hand."""

from __future__ import annotations

import asyncio
from typing import Any, Protocol

from wfnb.engine.signs import Attempt, Ears, Spent
from wfnb.machine.command import StartTask


class Hall(Protocol):
    """The attempts of one run."""

    def station(self, command: StartTask) -> Ears | None:
        """Where an attempt is heard; None once it is over."""

    def about(self, command: StartTask) -> Attempt:
        """Which attempt that is."""


class Seat(list[Any]):
    """Where an asyncio task carries out one attempt after the other.

    A list, always empty, because all of them have to be equal, and told so quickly: whether two runs can share an
    asyncio task is asked by comparing their contexts, in which seats stand.

    Attributes:
        task: the asyncio task.
        hall: the attempts of the run whose attempt is at hand.
        command: that attempt.
        lasting: whether it stays at this one attempt.
        spent: what that attempt took, once it is over, where it was not carried out on the loop.
    """

    __slots__ = ("command", "hall", "lasting", "spent", "task")

    def __init__(self, task: asyncio.Task[Any] | None) -> None:
        self.task = task
        self.hall: Hall | None = None
        self.command: StartTask | None = None
        self.lasting = False
        self.spent: Spent | None = None

    def ears(self) -> Ears | None:
        """Who hears the attempt that is at hand."""
        return None if self.hall is None or self.command is None else self.hall.station(self.command)

    def attempt(self) -> Attempt | None:
        """Which attempt is at hand."""
        return None if self.hall is None or self.command is None else self.hall.about(self.command)

    def own(self) -> Seat:
        """The place of the attempt at hand alone, for what may go on longer than it."""
        made = Seat(self.task)
        made.hall, made.command, made.lasting = self.hall, self.command, True
        return made


class Stand:
    """Where what takes a task back is carried out, and nothing else ever.

    Args:
        ears: who hears it.
        about: which attempt it counts as.
    """

    lasting = True

    def __init__(self, ears: Ears, about: Attempt) -> None:
        self._ears = ears
        self._about = about
        self.over = False
        """Whether nobody waits for it any more."""
        self.spent: Spent | None = None

    def ears(self) -> Ears | None:
        """Who hears it; None once it is over."""
        return None if self.over else self._ears

    def attempt(self) -> Attempt:
        """Which attempt it counts as."""
        return self._about

    def own(self) -> Stand:
        """The place of this alone."""
        return self


NOBODY = Seat(None)
"""Where no attempt is."""
