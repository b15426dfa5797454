"""Attempts that are handed over to threads: no asyncio task waits for them, so that a thousand cost little."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Protocol

from wfnb.engine.executors.jobs import Raised
from wfnb.engine.seats import Hall, Seat
from wfnb.machine.command import StartTask


class Sender(Hall, Protocol):
    """Who has handed an attempt over."""

    def came_back(self, handed: Handed, value: Any, error: BaseException | None) -> None:
        """It is over, and this came of it; called where its loop is."""

    def left_behind(self) -> None:
        """The loop is being shut down while attempts are with threads."""


class Handed:
    """An attempt in a thread: for the pool what a future would be, for its run what an asyncio task would be.

    Args:
        sender: who is told how it ended.
        loop: where.
        command: the attempt.

    Attributes:
        sender: as above.
        command: the attempt as it was started.
        node: its task, by the number that this has in the machine that the run follows now.
        seat: where it is heard.
    """

    __slots__ = ("_loop", "_off", "command", "node", "seat", "sender")

    def __init__(self, sender: Sender, loop: asyncio.AbstractEventLoop, command: StartTask) -> None:
        self.sender = sender
        self._loop = loop
        self._off = False
        self.command = command
        self.node = command.node
        self.seat = Seat(None)
        self.seat.hall, self.seat.command, self.seat.lasting = sender, command, True

    def cancel(self) -> None:
        """Nobody waits for it any more; a thread that is at it goes on."""
        self._off = True

    def cancelled(self) -> bool:
        """Whether nobody waits for it."""
        return self._off

    done = cancelled

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """Where its result is taken."""
        return self._loop

    def set_result(self, value: Any) -> None:
        """It has given this."""
        if type(value) is Raised:
            self.sender.came_back(self, None, value.error)
        else:
            self.sender.came_back(self, value, None)

    def set_exception(self, error: BaseException) -> None:
        """It has raised this."""
        self.sender.came_back(self, None, error)


class Watch:
    """Sees that a loop is being shut down, for attempts that no asyncio task of their own tells of it.

    Args:
        loop: that loop.
        is_ending: whether it is being shut down, asked when an asyncio task is cancelled.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, is_ending: Callable[[], bool]) -> None:
        self._loop = loop
        self._is_ending = is_ending
        self._handed: set[Handed] = set()
        self._waiting: asyncio.Task[None] | None = None

    def add(self, handed: Handed) -> None:
        """An attempt is with a thread from now on."""
        self._handed.add(handed)
        if self._waiting is None:
            self._waiting = self._loop.create_task(self._wait(), name="wfnb: attempts in threads")

    def discard(self, handed: Handed) -> None:
        """It is not any more, or nobody waits for it."""
        self._handed.discard(handed)
        if not self._handed and self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    async def _wait(self) -> None:
        try:
            await self._loop.create_future()
        finally:
            if self._waiting is asyncio.current_task(self._loop):
                self._waiting = None
                self._look()

    def _look(self) -> None:
        """Somebody else has cancelled what waits here."""
        handed = [*self._handed]
        if self._is_ending():
            self._handed.clear()
            for sender in {id(one.sender): one.sender for one in handed}.values():
                sender.left_behind()
        elif handed:
            self.add(handed[0])
