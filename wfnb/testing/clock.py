"""Virtual time: an event loop that does not wait but moves its clock to the next timer."""

from __future__ import annotations

import asyncio
import math
import random
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
PATIENCE = 5.0
"""Real seconds that a loop without timers waits for a thread before it calls that a deadlock."""


class Deadlock(Exception):
    """Nothing can ever happen again: no callback is ready, no timer is set, and no thread reports."""


EPOCH = 1_893_456_000_000_000
"""The beginning of 2030, microseconds since the epoch."""


def virtual_time(main: Coroutine[Any, Any, T], *, seed: int | None = None) -> T:
    """Run a coroutine in virtual time, from 0 seconds on.

    Args:
        main: what to run.
        seed: shuffles callbacks that are ready at the same time; the same seed gives the same order.

    Raises:
        Deadlock: it waits for what can not happen.
    """
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(seed)) as runner:
        return runner.run(main)


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time.  Threads still take real time, in which the clock does not move unless it can."""

    _clock_resolution: float

    def __init__(self, seed: int | None = None) -> None:
        super().__init__(_Selector(self))
        self._now = 0.0
        self._chance = None if seed is None else random.Random(seed)  # noqa: S311 - an order, no secret

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def clock(self) -> int:
        """Virtual microseconds since the epoch, which engines in this loop go by: time 0 is the beginning of 2030."""
        return EPOCH + round(self._now * 1e6)

    def advance(self, seconds: float) -> None:
        """Move the clock."""
        self._now += seconds
        # A loop fires what is due before now plus its clock's resolution; late in time, less would be lost in rounding.
        self._clock_resolution = max(self._clock_resolution, math.ulp(self._now))

    @property
    def pick(self) -> Callable[[int], int] | None:
        """Draws one of so many that could begin now; None where there is no seed."""
        return None if self._chance is None else self._chance.randrange

    def _run_once(self) -> None:
        ready: Any = self._ready  # type: ignore[attr-defined]
        if self._chance is not None and len(ready) > 1:
            handles = list(ready)
            self._chance.shuffle(handles)
            ready.clear()
            ready.extend(handles)
        super()._run_once()  # type: ignore[misc]


class _Selector(selectors.DefaultSelector):
    def __init__(self, loop: VirtualLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        happened = super().select(0)
        if happened or timeout == 0:
            return happened
        if timeout is None:
            happened = super().select(PATIENCE)
            if not happened:
                raise Deadlock("no callback is ready, no timer is set, and no thread has reported")
            return happened
        self._loop.advance(timeout)
        return happened
