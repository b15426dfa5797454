"""The completed children of a run that is being taken back: they are taken back, too, each in its own history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, Protocol, TypeVar

from msgspec import UNSET

from wfnb.engine.host import Host
from wfnb.engine.past import history, stood
from wfnb.engine.recording import problem_of, unstored
from wfnb.errors import StoreError, WfnbError
from wfnb.machine import command as c
from wfnb.machine.machine import Machine
from wfnb.model.event import ChildCompensated, Event, Problem, TaskCompensated
from wfnb.model.state import State


class Undone(Protocol):
    """What is asked of a child that is taken back."""

    id: str

    @property
    def state(self) -> State:
        """Where it stands."""

    @property
    def broken(self) -> StoreError | None:
        """Why it stopped without an event."""

    @property
    def keeps(self) -> bool:
        """Whether children of it that are to be taken back know what no history does."""

    def take_back(self, reason: str) -> None:
        """Go on from its end, taking back what it did."""

    def suspend(self) -> None:
        """Stop it without an event."""

    def when_over(self, call: Callable[[], Any]) -> None:
        """Call back once it is over."""


R = TypeVar("R", bound=Undone)


class Undoing(Generic[R]):
    """Takes the completed children of one run back, one after another as the run asks for it.

    Args:
        host: what the run shares with others.
        run: the id of the run.
        make: makes a run with this id, machine, state and epoch, as a child.
        advance: takes the events of the outcome.
        stop: stops the run because of an error of the store, as one of its children has.
    """

    def __init__(
        self,
        host: Host[R],
        run: str,
        make: Callable[[str, Machine, State, int], R],
        advance: Callable[[list[Event]], None],
        stop: Callable[[StoreError], None],
    ) -> None:
        self._host = host
        self._run = run
        self._make = make
        self._advance = advance
        self._stop = stop
        self._kept: dict[str, R] = {}
        self._open: dict[str, R] = {}

    def __contains__(self, run: str) -> bool:
        return run in self._open

    @property
    def keeps(self) -> bool:
        """Whether there are children that know what no history does."""
        return bool(self._kept)

    def keep(self, child: R) -> None:
        """Keep a completed child that may have to be taken back with values that only it has; others can be read."""
        state = child.state
        live = (*state.values.values(), *state.input.values())
        if child.keeps or any(unstored(value) is not UNSET for value in live):
            self._kept[child.id] = child

    def begin(self, id: str, command: c.Compensate) -> None:
        """Take a completed child back, or go on with that after a restart.

        Args:
            id: the node that it served.
            command: which it is.
        """
        run = command.run
        try:
            child = self._kept.pop(run, None) or self._past(run)
        except (WfnbError, KeyError) as error:
            self._advance([ChildCompensated(id, command.visit, run, problem_of(error, id))])
            return
        if child.state.status in ("completed", "running"):
            self._open[run] = child
            child.take_back(f"run '{self._run}' is taken back")
            child.when_over(lambda: self._over(child, id, command))
        else:  # the process ended before it was recorded here
            self._tell(child, id, command)

    def suspend(self) -> None:
        """Stop those that are being taken back without an event; a restart goes on with them."""
        stopped, self._open = self._open, {}
        for child in stopped.values():
            child.suspend()

    def _past(self, run: str) -> R:
        store = self._host.store
        machine, state = stood(store, run)
        self._host.vault.check(state)
        return self._make(run, machine, state, store.read(run, state.seq)[-1].epoch)

    def _over(self, child: R, id: str, command: c.Compensate) -> None:
        self._open.pop(command.run, None)
        if child.broken is not None:
            self._stop(child.broken)
        else:
            self._tell(child, id, command)

    def _tell(self, child: R, id: str, command: c.Compensate) -> None:
        self._advance([ChildCompensated(id, command.visit, command.run, self._problem(child))])

    def _problem(self, child: R) -> Problem | None:
        """What of a child could not be taken back first."""
        if child.state.error is not None:
            return child.state.error
        events = (record.event for record in history(self._host.store, child.id))
        return next((e.error for e in events if isinstance(e, TaskCompensated | ChildCompensated) and e.error), None)
