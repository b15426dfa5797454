"""Who carries attempts out: asyncio tasks that short attempts share, those of different runs too."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context, copy_context
from typing import Final, Protocol

from wfnb.engine.seats import Seat
from wfnb.engine.signs import PLACE
from wfnb.machine.command import StartTask

TURN: Final = 0.001
"""Seconds after which attempts that have not waited for anything let the loop do something else."""
ATTEMPTS_A_TURN: Final = 32
"""How many of them at most."""
MOST_SPARES: Final = 64
"""How many asyncio tasks at most begin in one turn of the loop, where attempts wait for something."""


class Carrier(Protocol):
    """What carries out the attempts of one run."""

    context: Context
    """What activities see of the context that the run was started in."""

    async def carry_out(self, command: StartTask, seat: Seat, *, lent: bool) -> None:
        """Run an attempt in the asyncio task that calls this, if its token is still there."""


class Runners:
    """Asyncio tasks that work off a queue of attempts.

    An attempt that waits for something keeps its asyncio task, and another one goes on with the queue; one that does
    not leaves it to the next attempt, because making an asyncio task costs as much as all the rest of a short attempt.

    Args:
        loop: where they run.

    Attributes:
        at_hand: whether what is executed now looks at the queue before it waits for anything.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.at_hand = False
        self._loop = loop
        self._queue: deque[tuple[Carrier, StartTask]] = deque()
        self._spares: set[asyncio.Task[None]] = set()
        """Will begin with the next turn of the loop to work the queue off."""
        self._wanted = 1
        """How many of them: the more, the longer one attempt after the other has to wait for something."""
        self._inside = 0
        """Attempts in progress."""
        self._pick: Callable[[int], int] | None = getattr(loop, "pick", None)  # a loop that draws lots
        self._a_turn = ATTEMPTS_A_TURN if self._pick is None else 1

    def put(self, carrier: Carrier, command: StartTask) -> None:
        """Have an attempt carried out as soon as an asyncio task is free."""
        self._queue.append((carrier, command))
        if not self.at_hand and len(self._spares) < self._wanted:
            self._call_spare()

    def change(self, carrier: Carrier, of: Callable[[StartTask], StartTask]) -> None:
        """Put others in the place of the attempts of one run that have not begun."""
        for place, (one, command) in enumerate(self._queue):
            if one is carrier:
                self._queue[place] = carrier, of(command)

    def away(self) -> None:
        """What is executed now is about to wait for something."""
        self.at_hand = False
        if self._queue and len(self._spares) < self._wanted:
            self._call_spare()

    def _call_spare(self) -> None:
        while len(self._spares) < min(self._wanted, len(self._queue)):
            context = self._queue[len(self._spares)][0].context
            self._spares.add(self._loop.create_task(self._work(), context=context.copy()))

    async def _work(self) -> None:
        """Work the queue off until a turn is over, or until what is next belongs into another context."""
        me, queue, time = asyncio.current_task(self._loop), self._queue, self._loop.time
        assert me is not None
        seat = Seat(me)
        PLACE.set(seat)
        self._spares.discard(me)
        self._wanted = min(2 * self._wanted, MOST_SPARES) if self._inside else 1
        left, until = self._a_turn, time() + TURN
        last: Carrier | None = None
        seen: Context | None = None
        self.at_hand = True
        try:
            while queue:
                if self._pick is not None:
                    queue.rotate(-self._pick(len(queue)))
                carrier, command = queue[0]
                try:
                    here = copy_context()
                    if carrier is not last or here != seen:  # an unchanged one is equal at a glance
                        if here != carrier.context:
                            break  # of another run, or an attempt has left its traces in this one
                        last, seen = carrier, here
                except Exception:  # noqa: BLE001 - values may be compared in any way
                    break
                queue.popleft()
                self._inside += 1
                try:
                    await carrier.carry_out(command, seat, lent=False)
                finally:
                    self._inside -= 1
                left -= 1
                if me.cancelling() or left <= 0 or (not left & 3 and time() > until):
                    break
        finally:
            self.away()
