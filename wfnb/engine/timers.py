"""The timers of a run: what its state says is due, as callbacks of the loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping


class Timers:
    """Follows a run's timers.

    Args:
        due: is called with the edge whose time has come.
    """

    def __init__(self, due: Callable[[int], None]) -> None:
        self._due = due
        self._armed: dict[int, tuple[int, asyncio.TimerHandle]] = {}

    def follow(self, wanted: Mapping[int, int], loop: asyncio.AbstractEventLoop, now: int) -> None:
        """Arm what is new, and disarm what is not wanted any more.

        Args:
            wanted: when each edge is due, microseconds since the epoch; negative ones are not armed.
            loop: the loop.
            now: microseconds since the epoch.
        """
        for edge in [edge for edge, (due, _) in self._armed.items() if wanted.get(edge) != due]:
            self._armed.pop(edge)[1].cancel()
        for edge, due in wanted.items():
            if due >= 0 and edge not in self._armed:
                pause = max(due - now, 0) / 1e6
                self._armed[edge] = (due, loop.call_later(pause, self._fire, edge))

    def _fire(self, edge: int) -> None:
        del self._armed[edge]  # the next visit may be due at this very time, too
        self._due(edge)

    def stop(self) -> None:
        """Disarm everything."""
        for _, handle in self._armed.values():
            handle.cancel()
        self._armed.clear()
