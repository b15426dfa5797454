"""The child runs of a run in view, followed: their events do not reach their parent's listeners."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from wfnb.engine.run import Run

PERIOD = 0.05
"""Seconds between a change of a child and what is told of it."""


def children(run: Run) -> list[Run]:
    """The child runs in progress, theirs among them: the name of a child begins with that of its parent."""
    inside = f"{run.id}/"
    return [other for id, other in run.host.runs.items() if id.startswith(inside)]


class Kin:
    """Calls back soon after something has happened in a child of a run, or in a child of that.

    Args:
        run: the run.
        look: is called at most 20 times a second.
    """

    def __init__(self, run: Run, look: Callable[[], None]) -> None:
        self._run = run
        self._look = look
        self._timer: asyncio.TimerHandle | None = None
        self._stops: dict[str, Callable[[], None]] = {"": run.host.subscribe(self._soon)}
        self.follow()

    def close(self) -> None:
        """Stop listening."""
        for stop in self._stops.values():
            stop()
        if self._timer is not None:
            self._timer.cancel()

    def follow(self) -> None:
        """Listen to the children that there are now."""
        now = {child.id: child for child in children(self._run)}
        for id in [id for id in self._stops if id and id not in now]:
            self._stops.pop(id)()
        for id, child in now.items():
            if id not in self._stops:
                self._stops[id] = child.subscribe(self._soon)

    def _soon(self, *_: object) -> None:
        if self._timer is None:
            self._timer = self._run.host.loop.call_later(PERIOD, self._due)

    def _due(self) -> None:
        self._timer = None
        self.follow()
        self._look()
