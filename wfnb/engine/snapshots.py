"""When a run's state is written beside its events, and from what.

A snapshot must be what replay gives, and a live state is not: it has live values in it, which user code may have
changed since they were recorded.  So the events, as they were recorded, are folded a second time, by the machine's own
`evolve`, in the thread that writes; the run's loop hands them over and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from wfnb.engine.past import state_at
from wfnb.errors import ExpressionError, WfnbError
from wfnb.machine.machine import Machine
from wfnb.machine.semantics import evolve
from wfnb.model import snapshot
from wfnb.model.expression import Expression, parse
from wfnb.model.state import State
from wfnb.store.protocol import Row

if TYPE_CHECKING:
    from wfnb.engine.host import Host

Persistence: TypeAlias = Literal["events", "snapshot", "hybrid"]
"""What a history keeps of a run.

- `events`: all of its events, and no snapshot.
- `hybrid`: all of its events, and snapshots beside them.
- `snapshot`: snapshots, its first event, and those since the oldest snapshot.  What was before is dropped while the run
  goes on, when nothing else is to be written.  Lost with it are its past states, its rows in tables and charts, and
  forks from there.  The run is resumed as with all of its events, but that a result that was not JSON may be made
  again by an attempt with the number of an earlier one.
"""
FOLD = 2_000
"""Events that are kept at most before they are folded, though no snapshot is due."""


@dataclass(frozen=True, slots=True)
class Snapshots:
    """How often a run's state is written into the history, so that reading it need not begin with its first event.

    One is written as soon as any of these says so, at the end of what is recorded at once.  Reading a run costs its
    events since then, and a snapshot costs about as much as folding its events once more, in the thread that writes.

    Args:
        events: after so many events since the last one; None for never.
        seconds: with the first event so many seconds after the last one; None for never.
        when: an expression over the run's values, such as `"reached('half')"`, or a function of its state: with the
            event that makes it true.  While an expression reads a value that is not there yet, it is not.
        keep: how many of a run are kept, the latest.
        drop: whether the events that the oldest of them covers are deleted; see `Persistence`, and use that.

    Raises:
        ExpressionError: `when` is no expression.
        ValueError: a number is not positive, or there is nothing that could make a snapshot due.
    """

    events: int | None = 1_000
    seconds: float | None = None
    when: str | Callable[[State], Any] | None = None
    keep: int = 2
    drop: bool = False

    def __post_init__(self) -> None:
        for name, number in (("events", self.events), ("seconds", self.seconds), ("keep", self.keep)):
            if number is not None and not number > 0:
                raise ValueError(f"{name} is {number!r}\ngive a number above 0, or None to leave it out")
        if self.events is None and self.seconds is None and self.when is None:
            raise ValueError("no snapshot is ever due\ngive events, seconds or when")
        if isinstance(self.when, str):
            parse(self.when)


def snapshots_of(persistence: Persistence | None, snapshots: Snapshots | None) -> Snapshots | None:
    """When snapshots are due, from what people say of it; None where there are to be none.

    Raises:
        ValueError: there is no such pattern, or it has no snapshots.
    """
    if persistence not in (None, "events", "snapshot", "hybrid"):
        raise ValueError(f"persistence is {persistence!r}\nknown: 'events', 'snapshot', 'hybrid'")
    if persistence == "events" and snapshots is not None:
        raise ValueError("persistence 'events' writes no snapshots\nuse 'hybrid', or leave snapshots out")
    if persistence == "snapshot":
        return replace(snapshots or Snapshots(), drop=True)
    return snapshots or (None if persistence in (None, "events") else Snapshots())


class Shadow:
    """A second fold of one run's events, of which its snapshots are made.

    Args:
        host: what the run shares with others.
        run: the id of the run.
        machine: what it runs.
        plan: when a snapshot is due.
    """

    def __init__(self, host: Host[Any], run: str, machine: Machine, plan: Snapshots) -> None:
        self._host = host
        self._run = run
        self._machine = machine
        self._plan = plan
        self._when = parse(plan.when) if isinstance(plan.when, str) else plan.when
        self._state = State()
        """Belongs to whoever calls what is handed to the store, one call after another."""
        self._broken = False
        self._rows: list[Row] = []
        """What has been recorded and is not folded yet, nor handed over to be."""
        self._seq = 0
        """Of the last of them."""
        self._base: int | None = None
        """The event after which the fold has to be read from the store before it goes on; None where it is here."""
        self._last: tuple[int, int] | None = None
        """Number and time of the event since which a snapshot may be due."""
        self._held = False
        """Whether the condition held after the last append."""

    def note(self, first: int, rows: Sequence[Row], state: State) -> None:
        """Take notice of what is being recorded after event `first`, and write a snapshot where one is due."""
        if not rows or self._broken:
            return
        if first != self._seq:  # the run is taken up here, or somebody else has gone on with it
            self._rows, self._base, self._last = [], first, None
        self._last = self._last or (first, rows[0].ts)
        self._seq = first + len(rows)
        self._rows += rows
        now = rows[-1].ts
        ends = self._plan.drop and state.status != "running"  # which is not dropped, and follows from the last one
        due = not ends and self._is_due(now, state, *self._last)
        if due:
            self._last = (self._seq, now)
        if due or len(self._rows) >= FOLD:
            try:
                self._hand_over(now, wanted=due, drop=self._plan.drop)
            except WfnbError as error:  # where the store has failed, its next append says so
                self._give_up(error)

    def _is_due(self, now: int, state: State, seq: int, then: int) -> bool:
        plan = self._plan
        due = plan.events is not None and self._seq - seq >= plan.events
        due = due or (plan.seconds is not None and now - then >= plan.seconds * 1e6)
        if self._when is not None:
            held, self._held = self._held, self._holds(self._when, state)
            due = due or (self._held and not held)
        return due

    def _holds(self, when: Expression | Callable[[State], Any], state: State) -> bool:
        try:
            if isinstance(when, Expression):
                return when.holds(state.values, state.input, state.facts)
            return bool(when(state))
        except ExpressionError:
            return False
        except Exception as error:  # noqa: BLE001 - a run does not fail for its snapshots
            self._report("when to write a snapshot could not be told", error)
            return False

    def _hand_over(self, ts: int, *, wanted: bool, drop: bool) -> None:
        store, rows = self._host.store, self._rows
        if self._base is not None:
            self._state = state_at(store, self._run, self._machine, self._base)
        self._base, self._rows = None, []
        made = partial(self._fold, self._state, rows, wanted=wanted)
        store.save_snapshot(self._run, self._seq, self._machine.hash, ts, made, keep=self._plan.keep, drop=drop)

    def _fold(self, state: State, rows: list[Row], *, wanted: bool) -> bytes | None:
        """Fold what was handed over; gives the state if it is wanted.  Called in the thread that writes."""
        try:
            for row in rows:
                evolve(self._machine, state, row.event)
            state.fresh.clear()
            return snapshot.encode(state) if wanted else None
        except Exception as error:  # noqa: BLE001 - a run does not fail for its snapshots
            with suppress(RuntimeError):  # the loop is closed: nobody can be told
                self._host.loop.call_soon_threadsafe(self._give_up, error)
            return None

    def _give_up(self, error: Exception) -> None:
        if not self._broken:
            self._broken, self._rows = True, []
            self._report("no snapshot could be made", error)

    def _report(self, what: str, error: Exception) -> None:
        message = f"{what} of run '{self._run}'"
        self._host.loop.call_exception_handler({"message": message, "exception": error})
