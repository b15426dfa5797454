"""How a child of the run in view stands, for a canvas that shows the workflow inside a call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from wfnb.engine.past import past_machines
from wfnb.engine.run import Run
from wfnb.errors import WfnbError
from wfnb.history.progress import Progress
from wfnb.model.event import ChildStarted, Event, RunMigrated
from wfnb.widgets import messages as m
from wfnb.widgets.halts import paused
from wfnb.widgets.live import PERIOD, status


class LiveInside:
    """Tells a canvas of the newest child run that some calls lead to, at most 20 times a second.

    Args:
        run: the run in view.
        calls: the nodes that lead to the child, from the outermost.
        send: takes the messages.
    """

    def __init__(self, run: Run, calls: tuple[str, ...], send: Callable[[m.Report], None]) -> None:
        self.calls = calls
        self._run = run
        self._send = send
        self._timer: asyncio.TimerHandle | None = None
        self._newest = [_Newest() for _ in calls]
        self._child: _Child | None = None
        self._live: dict[str, Callable[[], None]] = {}
        self._stops = (run.host.subscribe(self._soon), run.subscribe(self._soon))
        self._look()

    def close(self) -> None:
        """Stop listening."""
        for stop in (*self._stops, *self._live.values()):
            stop()
        if self._timer is not None:
            self._timer.cancel()

    def _soon(self, *_: object) -> None:
        if self._timer is None:
            self._timer = self._run.host.loop.call_later(PERIOD, self._look)

    def _look(self) -> None:
        self._timer = None
        id: str | None = self._run.id
        for call, newest in zip(self.calls, self._newest, strict=True):
            id = newest.of(self._run, id, call) if id is not None else None
            self._listen(id)
        # Where it is paused one can step: of several children, that one is to be seen.
        here = (found for found in paused(self._run) if found.calls == self.calls and not found.spawned)
        id = next((found.run.id for found in here), id)
        self._listen(id)
        if id is None:
            self._send(m.InsideStatus(calls=self.calls))
            return
        try:
            if self._child is None or self._child.id != id:
                self._child = _Child(self._run, id)
            self._send(m.InsideStatus(calls=self.calls, status=self._child.status()))
        except WfnbError:  # its first events are not there any more
            self._send(m.InsideStatus(calls=self.calls))

    def _listen(self, id: str | None) -> None:
        """Hear of a child in progress: its events do not reach its parent's listeners."""
        live = None if id is None else self._run.host.runs.get(id)
        if live is not None and live.id not in self._live:
            self._live[live.id] = live.subscribe(self._soon)


def newest_child(run: Run, calls: Iterable[str]) -> str | None:
    """The child run that these calls lead to and that began last; the run itself where there are none."""
    id: str | None = run.id
    for call in calls:
        id = None if id is None else _Newest().of(run, id, call)
    return id


class _Newest:
    """The child that a node of a run began last."""

    def __init__(self) -> None:
        self._parent = ""
        self._seen = 0
        self._child: str | None = None

    def of(self, run: Run, parent: str, node: str) -> str | None:
        if parent != self._parent:
            self._parent, self._seen, self._child = parent, 0, None
        for record in run.host.store.read(parent, self._seen + 1):
            self._seen = record.seq
            if isinstance(record.event, ChildStarted) and record.event.node == node and record.event.edge < 0:
                self._child = record.event.run
        return self._child


class _Child:
    """The progress of one child run."""

    def __init__(self, run: Run, id: str) -> None:
        self.id = id
        self._run = run
        self._machines = iter([machine for _, machine in past_machines(run.host.store, id)])
        self._progress = Progress(next(self._machines))
        self._seen = 0

    def status(self) -> m.RunStatus:
        for record in self._run.host.store.read(self.id, self._seen + 1):
            self._seen = record.seq
            self._apply(record.ts, record.event)
        live = self._run.host.runs.get(self.id)
        rests = live is not None and live.rests()
        return status(self.id, self._progress, self._progress.nodes, full=True, rests=rests)

    def _apply(self, ts: int, event: Event) -> None:
        if type(event) is RunMigrated:
            found = next(self._machines, None)
            if found is None:  # it moved on since it was looked at
                later = [machine for _, machine in past_machines(self._run.host.store, self.id)]
                found = later[-1]
            self._progress.follow(found)
        self._progress.apply(ts, event)
