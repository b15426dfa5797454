"""What a run records, and what waits until it is on the disk."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from typing import Any, Self, TypeAlias

from msgspec import UNSET

from wfnb.engine.attempts import Attempts
from wfnb.engine.children import Children
from wfnb.engine.commit import Commit
from wfnb.engine.handle import Handle
from wfnb.engine.host import Host
from wfnb.engine.recording import SCALARS, frozen
from wfnb.engine.snapshots import Shadow
from wfnb.engine.terms import Terms
from wfnb.errors import StoreError
from wfnb.machine import command as c
from wfnb.machine.command import StartTask
from wfnb.machine.machine import Machine
from wfnb.machine.semantics import evolve
from wfnb.model import event as events
from wfnb.model.event import Event, SignalReceived, TaskCompleted, TaskStarted
from wfnb.model.state import State
from wfnb.store.protocol import Row

Launch: TypeAlias = StartTask | c.StartChild | c.Compensate
"""What is set going once the events that say so are recorded."""


class Recorder(Handle, ABC):
    """Records the events of one run, and sets going what follows from them: at once, or when they are durable."""

    _attempts: Attempts

    def __init__(
        self,
        host: Host[Self],
        id: str,
        machine: Machine,
        state: State,
        epoch: int,
        *,
        terms: Terms,
        parent: str,
    ) -> None:
        super().__init__(host, id, machine, state)
        self.terms = terms
        self.parent = parent
        """The run that it is a child of, empty if none."""
        self._epoch = epoch
        self._waits = terms.durability == "sync" and host.store.durable
        self._held: list[Row] | None = [] if terms.durability == "exit" else None
        """What is appended once the run is over; None where it is appended as it happens."""
        self._differing = terms.differ(machine)
        """Whether a task waits for commits where its run does not, or the other way round."""
        self._offspring: Children[Any] | None = None
        """The children, once there is one; most runs never have any, and thousands may be in progress."""
        self._shadow = None if terms.snapshots is None else Shadow(host, id, machine, terms.snapshots)

    @abstractmethod
    def _launch(self, launch: Sequence[Launch]) -> None:
        """Set going what is on record now."""

    @abstractmethod
    def _renumbered(self, launch: Sequence[Launch], machine: Machine) -> Sequence[Launch]:
        """Commands for an earlier machine as commands for that of today."""

    @abstractmethod
    def _stop_all(self) -> None:
        """Stop whatever is in progress."""

    @property
    def held(self) -> tuple[Row, ...]:
        """What is recorded once the run is over."""
        return tuple(self._held or ())

    def _applied(self, happened: list[Event]) -> list[Event]:
        for event in happened:
            evolve(self.machine, self._state, event)
        return happened

    def _record(
        self,
        batch: list[Event],
        first: int,
        launch: Sequence[Launch] = (),
        over: bool = False,
    ) -> None:
        """Append events, and set going what follows from them: at once, or when they are durable where that matters."""
        host = self.host
        now = host.clock()
        rows = []
        for event in batch:  # no comprehension, whose call would cost as much as a row
            kind = type(event)
            if not (
                kind is TaskStarted
                or (kind is TaskCompleted and event.unstored is UNSET and type(event.value) in SCALARS)  # type: ignore[union-attr]
                or (kind is SignalReceived and type(event.value) in SCALARS)  # type: ignore[union-attr]
            ):  # nearly none
                event = frozen(event)  # noqa: PLW2901 - as it is recorded
            rows.append(Row(now, event))
        waiter: Commit | None = None
        if (over and host.store.durable) or (launch and (self._must_wait(batch) if self._differing else self._waits)):
            waiter = Commit(host.loop, self._acknowledged, (launch, over, self.machine))
            self._attempts.awaited = None if over else waiter
        if self._held is not None:
            self._held += rows
            first = self._state.seq - len(self._held)
            rows = self._held if over or waiter is not None else []
            if rows:
                self._held = []
        try:
            if rows or waiter is not None:
                host.store.append(self.id, self._epoch, first, rows, waiter)
        except StoreError as error:
            self._break(error)
            return
        if self._shadow is not None:
            self._shadow.note(first, rows, self._state)
        if self._listeners:
            self._tell(batch)
        if waiter is None:
            if over:
                self._finish()
            elif launch:
                self._launch(launch)

    def _note(self, event: Event) -> None:
        """Record an event that moves no token."""
        first = self._state.seq
        evolve(self.machine, self._state, event)
        self._record([event], first)

    def _took_down(self, happened: list[Event]) -> None:
        """Record what an attempt has told, as long as the run is in progress here."""
        if self._state.status == "running" and not self._over.done():
            first = self._state.seq
            self._record(self._applied(happened), first)

    def bring_up(self) -> None:
        """See `Handle.bring_up`; also called where the run stops here without being over."""
        if self._held:
            rows, self._held = self._held, []
            with suppress(StoreError):  # it is broken, or closed: then nothing is lost that could be kept
                self.host.store.append(self.id, self._epoch, self._state.seq - len(rows), rows)

    def _must_wait(self, batch: list[Event]) -> bool:
        """Whether what follows from a batch waits for the disk, where some tasks differ from their run."""
        if not self.host.store.durable:
            return False
        number = self.machine.graph.number
        tasks = [number[e.node] for e in batch if isinstance(e, TaskStarted | TaskCompleted | events.TaskFailed)]
        if not tasks:
            return self._waits
        own = self.terms.durability
        return any(self.machine.durable.get(node, own) == "sync" for node in tasks)

    def _acknowledged(self, waiter: Commit, error: StoreError | None) -> None:
        launch, over, machine = waiter.what
        if machine is not self.machine:
            launch = self._renumbered(launch, machine)
        if error is not None:
            self._break(error)
        elif over and self._state.status != "running":  # else it goes on, to take back what it did
            self._finish()
        elif self._state.status == "running" and not self._over.done():
            self._launch(launch)
        elif self._broken is None:  # over meanwhile: children that are on record have a history, however short
            self._launch([command for command in launch if isinstance(command, c.StartChild)])
        if self._attempts.awaited is waiter:
            self._attempts.awaited = None

    def _break(self, error: StoreError) -> None:
        """The history can not take more: stop here, so that what is recorded stays true."""
        self._broken = error
        self._stop_all()
        if self._offspring is not None:
            self._offspring.end(suspend=True)
        self._finish()

    def _finish(self) -> None:
        if not self._over.done():
            self._over.set_result(None)
            self.host.release(self.id, self)

    def _tell(self, batch: list[Event]) -> None:
        for listener in self._listeners:
            try:
                listener(self, batch)
            except Exception as error:  # noqa: BLE001 - who watches a run does not disturb it
                self.host.loop.call_exception_handler({"message": f"a listener of {self!r} failed", "exception": error})

    def _tell_progress(self, report: events.ProgressReported) -> None:
        for listener in self._lookers:
            try:
                listener(report)
            except Exception as error:  # noqa: BLE001 - who watches a run does not disturb it
                self.host.loop.call_exception_handler({"message": f"a listener of {self!r} failed", "exception": error})
