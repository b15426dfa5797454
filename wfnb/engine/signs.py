"""What an activity tells while it runs: signs of life, how far it has come, what it prints.

Who hears it is found by a context variable, so that activities that run side by side do not mix.  Nothing of the
engine is imported here, because processes of their own load this, too.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

Stream: TypeAlias = Literal["stdout", "stderr", "log"]


class Attempt(NamedTuple):
    """What an activity is executed for.

    Attributes:
        run: the run's id; of a child, its own.
        node: the task.
        visit: how often the run has come there.
        number: which attempt this is; 0 where the task is taken back.
    """

    run: str
    node: str
    visit: int
    number: int

    @property
    def key(self) -> str:
        """The same for every attempt of this visit, after a restart too, and for no other: `run/node/visit`.

        Give it to whatever must do a thing only once.  What takes the task back has a key of its own.
        """
        return f"{self.run}/{self.node}/{self.visit}" + ("" if self.number else "/back")


class Spent(NamedTuple):
    """What carrying an attempt out took.

    Attributes:
        worker: who did it: `thread-3` or `process-1234`.
        cpu: seconds of a processor; None where nobody measured.
        memory: bytes that its process had at most meanwhile; None likewise.
    """

    worker: str
    cpu: float | None = None
    memory: int | None = None


class Ears(Protocol):
    """Hears what one attempt tells, in whichever thread that is.

    Attributes:
        alive: when it last heard a sign of life, in its loop's time.
    """

    alive: float

    def beat(self) -> None:
        """The attempt is alive."""

    def report(self, done: float | None, text: str) -> None:
        """So much of it is done, from 0 to 1."""

    def hear(self, stream: Stream, text: str) -> bool:
        """It printed or logged something.  Gives whether that is to be shown, too."""


class Place(Protocol):
    """Where code runs that belongs to an attempt."""

    lasting: bool
    """Whether it belongs to this one attempt for ever."""
    spent: Spent | None
    """What the attempt took, where somebody else than the loop carried it out and is done."""

    def ears(self) -> Ears | None:
        """Who hears it; None once the attempt is over."""

    def attempt(self) -> Attempt | None:
        """Which attempt it is; None where there is none."""


PLACE: ContextVar[Place | None] = ContextVar("wfnb_place", default=None)
LENT: dict[asyncio.Task[Any], Place] = {}
"""The same for attempts in asyncio tasks that their owners lend for a moment: setting a variable of theirs and setting
it back costs more than all the rest of that.  What other asyncio tasks of such an attempt tell is not heard."""


def here() -> Place | None:
    """Where this is executed; None outside of attempts."""
    if LENT:
        with suppress(RuntimeError):  # no loop is running in this thread
            task = asyncio.current_task()
            if task in LENT:
                return LENT[task]
    return PLACE.get()


def attempt() -> Attempt | None:
    """Which attempt of which task this is executed for; None outside of runs.

    May be called in any thread and in a process of its own.  `attempt().key` is the same for each attempt of a visit.
    """
    place = here()
    return None if place is None else place.attempt()


def heartbeat() -> None:
    """Say that the activity is alive; where its task asks for a heartbeat, each gives it that many seconds more.

    May be called in any thread and in a process of its own.  Outside a run it does nothing.

    Raises:
        asyncio.CancelledError: the attempt was called off, or has failed: nobody waits for it any more.
    """
    ears = _ears()
    if ears is not None:
        ears.beat()


def progress(done: float | None = None, text: str = "") -> None:
    """Say how far the activity has come; a run that is shown shows it on the node.  A sign of life as `heartbeat` is.

    Args:
        done: from 0 to 1; None where it can not say.
        text: what it is at, a few words.

    Raises:
        ValueError: `done` is no number from 0 to 1.
        asyncio.CancelledError: as from `heartbeat`.
    """
    if done is not None and not _is_share(done):
        raise ValueError(f"done is {done!r}\ngive the share that is done, from 0 to 1, or None")
    ears = _ears()
    if ears is not None:
        ears.report(None if done is None else float(done), str(text))


def _is_share(done: object) -> bool:
    return isinstance(done, int | float) and 0 <= done <= 1


def _ears() -> Ears | None:
    place = here()
    if place is None:
        return None
    ears = place.ears()
    if ears is None and place.lasting:
        raise asyncio.CancelledError("the attempt is over: nobody waits for this any more")
    return ears
