"""The runs around a run: what it was called by, what it calls, what it was forked from."""

from __future__ import annotations

from wfnb.model.event import ChildCompleted, ChildFailed, ChildStarted, Record, RunStarted
from wfnb.model.workflow import Workflow
from wfnb.store.protocol import EventStore
from wfnb.widgets import parts


class Children:
    """The child runs of one run, from its events."""

    def __init__(self) -> None:
        self.rows: dict[str, parts.ChildRow] = {}
        """By run."""

    def take(self, record: Record, workflow: Workflow) -> parts.ChildRow | None:
        """Take in an event of the run that follows this workflow; gives the row that it made or changed."""
        event = record.event
        match event:
            case ChildStarted():
                node = event.node if event.edge < 0 else workflow.edges[event.edge].target
                first = self.rows[event.run].first if event.run in self.rows else record.seq  # reopened with its parent
                row = parts.ChildRow(run=event.run, node=node, index=event.index, first=first)
            case ChildCompleted() | ChildFailed() if event.run in self.rows:
                begun = self.rows[event.run]
                row = parts.ChildRow(
                    run=begun.run,
                    node=begun.node,
                    index=begun.index,
                    first=begun.first,
                    last=record.seq,
                    state="completed" if isinstance(event, ChildCompleted) else "failed",
                )
            case _:
                return None
        self.rows[row.run] = row
        return row


def trail(store: EventStore, started: RunStarted | None) -> tuple[parts.RunCrumb, ...]:
    """The runs around one, outermost first.

    Args:
        store: the history.
        started: its first event.
    """
    found: list[parts.RunCrumb] = []
    while started is not None and started.parent:
        parent, started = started.parent, begun(store, started.parent)
        found.append(parts.RunCrumb(run=parent, name=parent if started is None else started.workflow))
    return tuple(reversed(found))


def begun(store: EventStore, run: str) -> RunStarted | None:
    """The first event of a run, where the history has it."""
    first = store.read(run, 1, 2)
    return first[0].event if first and isinstance(first[0].event, RunStarted) else None
