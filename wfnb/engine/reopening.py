"""Children of a run that was reopened: they go on where they stopped, if that can be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from wfnb.engine.ahead import FEW, Ahead, Histories
from wfnb.engine.known import all_alike
from wfnb.engine.past import history, stood
from wfnb.errors import WfnbError
from wfnb.machine.command import StartChild
from wfnb.machine.endings import reopened
from wfnb.machine.machine import Machine
from wfnb.model.event import FINAL, ChildStarted
from wfnb.model.state import State
from wfnb.store.protocol import EventStore


class Stopped:
    """The children of a run that stopped when it failed; a fork leaves those of its origin alone.

    Args:
        store: the history; where they are many, theirs is read at once.
        state: where the run stands since it was reopened.
        parent: its id.

    Attributes:
        there: where their histories are to be read.
    """

    def __init__(self, store: EventStore, state: State, parent: str) -> None:
        runs = [run for run in state.again if run.startswith(f"{parent}/")]
        self.there: Histories = Ahead(store, runs) if len(runs) >= FEW else store
        self._again = state.again
        self._runs: dict[tuple[int, int, int], list[str]] = {}
        for run in runs:
            self._runs.setdefault(state.again[run], []).append(run)

    def resumable(self, command: StartChild) -> list[str]:
        """Those that may do what a command asks for."""
        found = self._runs.get((command.node, command.index, command.visit), ())
        return [run for run in found if run in self._again]


def can_go_on(
    store: Histories, run: str, machine: Machine, given: Mapping[str, Any], values: Mapping[str, Any]
) -> bool:
    """Whether a child that is over can do what another one would do now: it has completed that, or goes on with it.

    Args:
        store: the history.
        run: the child.
        machine: what it is to run; it must have run that.
        given: what it is to be given; it must have been given that.
        values: what it is to know of its parent's values, likewise.
    """
    try:
        ran, state = stood(store, run, machine)
        events = [record.event for record in history(store, run)]
        if ran.hash != machine.hash or len(events) != state.seq:
            return False
        if not (all_alike(state.input, given) and all_alike({**values, **state.values}, values)):
            return False
        if state.status in ("failed", "cancelled"):
            reopened(ran, state, events, child=True)  # nothing of it was taken back, and there is something to do
    except (WfnbError, KeyError):
        return False
    return state.status != "created" and state.ending is None  # else it still takes back what it did


def has_stopped(store: EventStore, parent: str, run: str) -> bool:
    """Whether a child that is over is to go on: its parent has asked for it more often than it has ended."""
    asked = sum(isinstance(r.event, ChildStarted) and r.event.run == run for r in history(store, parent))
    return asked > sum(isinstance(record.event, FINAL) for record in history(store, run))
