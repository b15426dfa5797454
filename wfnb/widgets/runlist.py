"""The list of runs beside a run view: the newest ones, told again whenever a run begins or is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import cast

from wfnb.engine.host import Host
from wfnb.engine.run import Run
from wfnb.errors import StoreError
from wfnb.store.protocol import RunHead
from wfnb.widgets import messages as m
from wfnb.widgets import parts

LIST_PERIOD = 0.25
"""Seconds between two lists of runs: making one asks the history."""
MAX_RUNS = 100
"""How many runs the list shows, newest first."""


class RunList:
    """Tells a canvas which runs there are.

    Args:
        host: the engine's side of the history.
        report: takes the messages.
        workflow: the name of the workflow whose runs are told, empty for those of all.
        then: called after each list that was told because something happened.
    """

    def __init__(
        self, host: Host[Run], report: Callable[[m.Report], None], workflow: str, then: Callable[[], None]
    ) -> None:
        self.waiting: asyncio.TimerHandle | None = None
        """What will tell the next list."""
        self._host = host
        self._report = report
        self._workflow = workflow
        self._then = then
        self._shown = ""
        self._stop = host.subscribe(self._soon)

    def close(self) -> None:
        """Stop listening."""
        self._stop()
        if self.waiting is not None:
            self.waiting.cancel()

    def tell(self, shown: str) -> None:
        """Tell the list; the run in view is in it, though it may be a child or an old one."""
        self._shown = shown
        heads = self._host.store.heads()
        known = {head.run: head for head in heads}
        listed = [head for head in heads if "/" not in head.run and self._workflow in ("", head.workflow)]
        listed = listed[-MAX_RUNS:]
        if shown in known and known[shown] not in listed:
            listed.insert(0, known[shown])
        self._report(m.Runs(runs=tuple(self._row(head) for head in reversed(listed))))

    def _soon(self) -> None:
        if self.waiting is None:
            self.waiting = self._host.loop.call_later(LIST_PERIOD, self._now)

    def _now(self) -> None:
        self.waiting = None
        with suppress(StoreError):  # closed meanwhile: the list stays as it was
            self.tell(self._shown)
            self._then()

    def _row(self, head: RunHead) -> parts.RunRow:
        return parts.RunRow(
            run=head.run,
            name=head.workflow,
            state=self._state(head),
            started=head.started / 1e3,
            ended=None if head.ended is None else head.ended / 1e3,
            events=head.events,
        )

    def _state(self, head: RunHead) -> parts.RunState:
        live = self._host.runs.get(head.run)
        paused = live is not None and live.state.paused and head.status == "running"
        return "paused" if paused else cast(parts.RunState, head.status)
