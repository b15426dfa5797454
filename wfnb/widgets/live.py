"""A run in progress, told to a canvas at most 20 times a second.

A message per node would be dropped by the server's rate limit; one batch is not.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from wfnb.engine.past import past_machines
from wfnb.engine.run import Run
from wfnb.history.nodestates import NodeProgress
from wfnb.history.progress import Progress, fold
from wfnb.model.event import Event, ProgressReported, RunMigrated
from wfnb.widgets import messages as m
from wfnb.widgets import parts
from wfnb.widgets.asks import Asks

PERIOD = 0.05
"""Seconds between two messages."""


def status(
    run: str, progress: Progress, nodes: dict[str, NodeProgress], *, full: bool, rests: bool = False
) -> m.RunStatus:
    """A status message; all of `progress`, or of the given nodes only.

    Args:
        run: the run's id.
        progress: how it stands.
        nodes: those to tell of.
        full: whether these are all.
        rests: whether only people can make it go on.
    """
    return m.RunStatus(
        run=run,
        state=_state(progress, rests=rests),
        full=full,
        started=progress.started / 1e3,
        ended=None if progress.ended is None else progress.ended / 1e3,
        nodes={id: _node(node) for id, node in nodes.items()},
        edges={str(edge): count for edge, count in progress.edges.items()},
        error=progress.error,
    )


def _state(progress: Progress, *, rests: bool) -> parts.RunState:
    if progress.state != "running":
        return progress.state
    return "paused" if progress.paused else "waiting" if rests else "running"


def _node(node: NodeProgress) -> parts.NodeStatus:
    return parts.NodeStatus(
        state=node.state,
        visits=max(node.visits, 1),
        attempt=node.attempt,
        started=None if node.started is None else node.started / 1e3,
        ended=None if node.ended is None else node.ended / 1e3,
        value=node.value,
        error=node.error,
        traceback=node.traceback if node.state == "failed" else "",
        note=node.note,
        due=None if node.due is None else node.due / 1e3,
        children=node.children,
        done=node.done,
        skipped=node.skipped,
        share=node.share,
    )


class LiveStatus:
    """Sends status messages of one run to one canvas."""

    def __init__(self, run: Run, send: Callable[[m.Report], None]) -> None:
        self.run = run
        self._send = send
        self._timer: asyncio.TimerHandle | None = None
        self._asks = Asks(run, send)
        records = run.records()
        machines = [run.machine]
        if any(type(record.event) is RunMigrated for record in records):
            machines = [machine for _, machine in past_machines(run.host.store, run.id)]
        self.progress = fold(machines[0], records, machines[1:])
        self.progress.changed.clear()
        self._stops = (run.subscribe(self._happened), run.on_progress(self._reported))
        self.snapshot()

    def close(self) -> None:
        """Stop listening."""
        for stop in self._stops:
            stop()
        self._asks.close()
        if self._timer is not None:
            self._timer.cancel()

    def snapshot(self) -> None:
        """Send everything, for a view that has just opened."""
        self._send(status(self.run.id, self.progress, self.progress.nodes, full=True, rests=self.run.rests()))
        self._asks.tell(again=True)

    def _happened(self, run: Run, events: list[Event]) -> None:
        now = run.host.clock()
        for event in events:
            if type(event) is RunMigrated:
                self.progress.follow(run.machine)
            self.progress.apply(now, event)
        self._flush_soon()

    def _reported(self, report: ProgressReported) -> None:
        self.progress.apply(self.run.host.clock(), report)
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._timer is None:
            self._timer = self.run.host.loop.call_later(PERIOD, self._flush)

    def _flush(self) -> None:
        self._timer = None
        changed = {id: self.progress.nodes[id] for id in self.progress.changed}
        self.progress.changed.clear()
        over = self.progress.state != "running"
        nodes = self.progress.nodes if over else changed
        self._send(status(self.run.id, self.progress, nodes, full=over, rests=self.run.rests()))
        self._asks.tell()
