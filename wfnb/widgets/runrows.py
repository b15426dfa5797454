"""Runs as lists of them show them."""

from __future__ import annotations

from typing import Any, cast

from wfnb.engine.host import Host
from wfnb.store.protocol import RunHead
from wfnb.widgets import parts


def run_rows(host: Host[Any], most: int) -> tuple[parts.RunRow, ...]:
    """The newest runs of a history as lists show them, newest first."""
    return tuple(_row(host, head) for head in reversed(host.store.heads()[-most:]))


def _row(host: Host[Any], head: RunHead) -> parts.RunRow:
    live = host.runs.get(head.run)
    paused = live is not None and live.state.paused and head.status == "running"
    return parts.RunRow(
        run=head.run,
        name=head.workflow,
        state="paused" if paused else cast(parts.RunState, head.status),
        started=head.started / 1e3,
        ended=None if head.ended is None else head.ended / 1e3,
        events=head.events,
    )
