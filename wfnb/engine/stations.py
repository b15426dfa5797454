"""What attempts tell while they run, on its way into the history: gathered, bounded, a record a second at most."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Mapping
from typing import Any, Final

from wfnb.engine.host import Host
from wfnb.engine.recording import storable
from wfnb.engine.signs import Stream
from wfnb.machine import command as c
from wfnb.model.event import Event, OutputCaptured, ProgressReported

PERIOD: Final = 1.0
"""Seconds between two records of what an attempt prints, and between two of how far it has come."""
MAX_OUTPUT: Final = 64 * 1024
"""Characters of one attempt that are kept; what comes after them is counted."""


class Stations:
    """The stations of one run: there is one for each attempt that has told something.

    Args:
        host: what the run shares with others.
        ids: the run's nodes.
        note: records events that move nothing.
        tell: tells who looks on at once how far an attempt has come.
    """

    def __init__(
        self,
        host: Host[Any],
        ids: tuple[str, ...],
        note: Callable[[list[Event]], None],
        tell: Callable[[ProgressReported], None],
    ) -> None:
        self.host = host
        self.note = note
        self.tell = tell
        self.open: dict[int, Station] = {}
        """By node; empty as long as nothing has been told."""
        self._ids = ids

    def at(self, command: c.StartTask) -> Station:
        """The station of an attempt in progress; may be called in any thread."""
        found = self.open.get(command.node)
        if found is None or found.attempt != command.attempt or found.visit != command.visit:
            made = Station(self, self._ids[command.node], command.visit, command.attempt)
            if found is not None:
                self.open.pop(command.node, None)
            found = self.open.setdefault(command.node, made)
        return found

    def follow(self, nodes: Mapping[int, int], ids: tuple[str, ...]) -> None:
        """The run goes on with another machine, whose numbers of the old one's nodes are given, and its ids."""
        self._ids = ids
        self.open = {nodes[node]: station for node, station in self.open.items() if node in nodes}

    def close(self, node: int) -> list[Event]:
        """An attempt of a node is over.  Gives what is still to be recorded of it."""
        found = self.open.pop(node, None)
        return [] if found is None else found.close()

    def close_all(self) -> list[Event]:
        """All attempts are over; as `close`."""
        return [event for node in tuple(self.open) for event in self.close(node)]


class Station:
    """Hears one attempt.

    Args:
        room: the stations of its run.
        id: the task.
        visit, attempt: which attempt of it.
    """

    def __init__(self, room: Stations, id: str, visit: int, attempt: int) -> None:
        self.room = room
        self.id = id
        self.visit = visit
        self.attempt = attempt
        self.over = False
        self.host = room.host
        self.alive = room.host.loop.time()
        """When it last gave a sign of life, in the loop's time."""
        self._lock = threading.Lock()
        self._texts: list[tuple[Stream, list[str]]] = []
        self._kept = 0
        self._lost: dict[Stream, int] = {}
        self._report: tuple[float | None, str] | None = None
        self._told: tuple[float | None, str] | None = None
        self._output_due = self.alive + PERIOD
        self._report_due = self.alive
        self._woken = False
        self._timer: asyncio.TimerHandle | None = None

    # ------------------------------------------------------------------------------------ in whichever thread it is

    def beat(self) -> None:
        """The attempt is alive.

        Raises:
            asyncio.CancelledError: it is over.
        """
        if self.over:
            raise asyncio.CancelledError("the attempt is over: nobody waits for this any more")
        self.alive = self.host.loop.time()

    def report(self, done: float | None, text: str) -> None:
        """It has come so far; a sign of life, too.

        Raises:
            asyncio.CancelledError: it is over.
        """
        self.beat()
        self._report = (done, storable(text))
        self._wake()

    def hear(self, stream: Stream, text: str) -> bool:
        """It printed or logged something.  Gives whether that is to be shown, too."""
        if self.over or self.host.capture == "off":
            return True
        with self._lock:
            kept = text[: MAX_OUTPUT - self._kept]
            if kept:
                self._kept += len(kept)
                if self._texts and self._texts[-1][0] == stream:
                    self._texts[-1][1].append(kept)
                else:
                    self._texts.append((stream, [kept]))
            if len(kept) < len(text):
                self._lost[stream] = self._lost.get(stream, 0) + len(text) - len(kept)
        if kept:
            self._wake()
        return self.host.capture != "only"

    def _wake(self) -> None:
        if self._woken:
            return
        self._woken = True
        try:
            if self.host.is_here():
                self.host.loop.call_soon(self._look)
            else:
                self.host.loop.call_soon_threadsafe(self._look)
        except RuntimeError:  # the loop is closed: nobody looks on any more
            self.over = True

    # -------------------------------------------------------------------------------------------------- on the loop

    def _look(self) -> None:
        self._woken = False
        if self.over:
            return
        report = self._report
        if report is not None and report is not self._told:
            self._told = report
            self.room.tell(self._reported(report))
        due = min(
            self._output_due if self._texts else float("inf"), self._report_due if report is not None else float("inf")
        )
        if due <= self.host.loop.time():
            self._record()
        elif self._timer is None:
            self._timer = self.host.loop.call_at(due, self._record)

    def _record(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.over:
            happened = self._take()
            self._output_due = self._report_due = self.host.loop.time() + PERIOD
            if happened:
                self.room.note(happened)

    def close(self) -> list[Event]:
        """The attempt is over.  Gives what is still to be recorded of it."""
        self.over = True
        if self._timer is not None:
            self._timer.cancel()
        return self._take(last=True)

    def _take(self, *, last: bool = False) -> list[Event]:
        report, self._report = self._report, None
        with self._lock:
            texts, self._texts = self._texts, []
            lost = self._lost if last else {}
        happened: list[Event] = []
        for stream, parts in texts:
            text = storable("".join(parts))
            happened.append(OutputCaptured(self.id, self.visit, self.attempt, text, stream))
        happened += [OutputCaptured(self.id, self.visit, self.attempt, "", s, count) for s, count in lost.items()]
        if report is not None:
            happened.append(self._reported(report))
        return happened

    def _reported(self, report: tuple[float | None, str]) -> ProgressReported:
        return ProgressReported(self.id, self.visit, self.attempt, *report)
