"""A run's history to wind to and fro: how it stood after any of its events, without folding it all each time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from wfnb.history.progress import Progress
from wfnb.machine.machine import Machine
from wfnb.machine.migration import image_of, migrate
from wfnb.machine.semantics import evolve
from wfnb.model.event import Record, RunMigrated
from wfnb.model.state import State

EVERY = 500
"""Events between two places that are kept, so that going back folds no more than so many."""


@dataclass(slots=True)
class Moment:
    """A run after some of its events.

    Attributes:
        at: how many of the events that are there.
        machine: which of its machines the run follows, oldest first from 0.
        progress: how its nodes stand.
        state: its state; None where events before were dropped.
    """

    at: int
    machine: int
    progress: Progress
    state: State | None

    def copy(self) -> Moment:
        """A moment that goes its own way from here on."""
        return Moment(self.at, self.machine, self.progress.copy(), self.state.copy() if self.state else None)


class Reel:
    """Winds to any event of a run; it is `evolve` that does it, event by event.

    Args:
        machines: those that the run has followed, oldest first, each with the number of the event by which it came to
            it.  Both lists may grow.
        records: its events, as far as they are there.
    """

    def __init__(self, machines: Sequence[tuple[int, Machine]], records: Sequence[Record]) -> None:
        self._machines = machines
        self._records = records
        self._now = Moment(0, 0, Progress(machines[0][1]), State())
        self._kept = [self._now.copy()]

    def to(self, at: int) -> Moment:
        """The run after `at` events.  What is returned changes with the next call: copy what is to last."""
        nearest = self._kept[min(at // EVERY, len(self._kept) - 1)]
        if self._now.at > at or nearest.at > self._now.at:
            self._now = nearest.copy()
        for record in self._records[self._now.at : at]:
            self._wind(record)
        return self._now

    def machine(self, moment: Moment) -> Machine:
        """The machine that the run follows then."""
        return self._machines[moment.machine][1]

    def _wind(self, record: Record) -> None:
        now = self._now
        before = self.machine(now)
        if type(record.event) is RunMigrated:
            now.machine += 1
            after = self.machine(now)
            now.progress.follow(after)
            if now.state is not None:
                now.state = migrate(image_of(before, after), now.state)
        elif now.state is not None:
            if record.seq == now.at + 1:
                evolve(before, now.state, record.event)
                now.state.fresh.clear()  # nobody hands them out
            else:
                now.state = None
        now.progress.apply(record.ts, record.event)
        now.at += 1
        if now.at == len(self._kept) * EVERY:
            self._kept.append(now.copy())
