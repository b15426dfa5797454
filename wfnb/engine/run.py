"""One execution of a workflow: the shell around the pure machine."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Self, cast

from msgspec import UNSET

from wfnb.author.flow import Flow
from wfnb.engine import arguments
from wfnb.engine.capture import Tee, listen
from wfnb.engine.driver import Driver, Launch
from wfnb.engine.migrating import planned
from wfnb.engine.outside import checked_answer, checked_signal
from wfnb.engine.past import past_child
from wfnb.engine.recording import problem_of, storable, unstored
from wfnb.errors import ExpressionError, WfnbError
from wfnb.machine import settle
from wfnb.machine.check import require_sound
from wfnb.machine.decide import reopen
from wfnb.machine.machine import Machine
from wfnb.machine.migration import Image
from wfnb.machine.parts import called_by
from wfnb.machine.semantics import evolve
from wfnb.model import event as events
from wfnb.model.event import RunMigrated, TaskCompleted, TaskStarted
from wfnb.model.workflow import Workflow


class Run(Driver):
    """A run, as `start` and `resume` return it.  `await run` gives its output or raises what failed."""

    # ------------------------------------------------------------------------------------------- what people do

    def cancel(self, reason: str = "") -> None:
        """End the run now: what still runs is called off, its results are discarded.  Does nothing once it is over.

        Completed tasks that can be taken back (`compensate`) are taken back first, the last one first.  May be called
        in any thread, such as that of an activity; it then takes effect with the loop's next turn.
        """
        if not self.host.is_here():
            self.host.loop.call_soon_threadsafe(self.cancel, reason)
        elif self._state.status == "running" and self._state.ending is None:
            if self._over.done():
                self._take_up()
            cancelled = events.RunCancelled(storable(str(reason)))
            self._advance(settle.settle_end(self.machine, self._state, cancelled))

    def _take_up(self) -> None:
        """Be in progress here, with all children, where it was not: to be ended."""
        self._broken, self._over = None, self.host.loop.create_future()
        self.host.take(self.id, self)
        if self._state.children or self._state.spawned:
            with suppress(ExpressionError):  # they will be given nothing any more
                self._children.find_items()
            for child in self._children.in_progress():
                self._children.attach(*child)

    def signal(self, name: str, value: Any = None, *, id: str = "") -> None:
        """Tell the run that something happened; every node that listens goes on with it.

        Args:
            name: the signal.
            value: what it brings, a JSON value.
            id: names this very signal; a second one with the same id is absorbed.

        Raises:
            InputError: the workflow waits for no signal of this name, or the value is not of its type.
            WfnbError: the run is over.
        """
        checked_signal(self.machine, name, value)
        self._open()
        if self.host.is_here():
            self._deliver(name, value, id)
        else:
            self.host.loop.call_soon_threadsafe(partial(self.signal, name, value, id=id))

    async def send(self, name: str, value: Any = None, *, id: str = "") -> None:
        """As `signal`, and carry out what follows in the caller's own time, as far as that is one thing after another.

        Back, the tasks that the signal has set going are over, but for what they have set going beside each other.
        That saves an asyncio task for each, which makes it the fast way to drive a state machine.  A caller who is
        cancelled takes nothing away from the run: a task in progress then begins its next attempt without it.

        Raises:
            InputError: the workflow waits for no signal of this name, or the value is not of its type.
            StoreError: the history takes no more events.
            WfnbError: the run is over, or lives in another thread's loop.
        """
        checked_signal(self.machine, name, value)
        self._open()
        if not self.host.is_here():
            raise WfnbError(f"run '{self.id}' lives in another event loop\nuse `run.signal(...)` from other threads")
        attempts = self._attempts
        attempts.at_hand = True
        try:
            self._deliver(name, value, id)
            if attempts.queue or attempts.awaited is not None:
                await attempts.lend()
        finally:
            attempts.leave()

    def _deliver(self, name: str, value: Any, id: str) -> None:
        state, machine = self._state, self.machine
        if id and (name, id) in state.seen:
            return
        try:
            taken = settle.listening(machine, state, name, value)
        except ExpressionError as error:
            self._fail(error)
            return
        first, edge = state.seq, taken[0][0] if taken else None
        batch = settle.settle_signal(machine, state, name, id, value, edge)
        for event in batch:
            evolve(machine, state, event)
        for listener in taken[1:]:  # those that still listen, after what the signal has done so far
            if self._still_listens(listener, name, value):
                self._apply(settle.settle_taken(machine, state, listener[0], name, -1, value), batch)
        if not taken or self._over.done() or self._remaking is not None:
            self._record(batch, first, [], over=False)
        else:
            self._go_on_from(batch, first, [])

    def _still_listens(self, listener: tuple[int, int], name: str, value: Any) -> bool:
        state = self._state
        try:
            going = state.status == "running" and state.ending is None
            return going and listener in settle.listening(self.machine, state, name, value)
        except ExpressionError:
            return False  # its guard held before, and what it reads has changed

    def approve(self, node: str, value: Any = True) -> None:
        """Answer what an approval asks.

        Args:
            node: the approval's id.
            value: the answer, a JSON value; a dict with the fields of the approval's form where it has one.

        Raises:
            InputError: the run asks no such thing, or the answer does not fit the form.
            WfnbError: the run is over.
        """
        self._open()
        number = checked_answer(self.machine, self._state, node, value)
        if not self.host.is_here():
            self.host.loop.call_soon_threadsafe(self.approve, node, value)
            return
        self._happened(settle.settle_approval(self.machine, self._state, number, value))

    def migrate(self, flow: Flow | Workflow | Machine | str | Path, *, allow_unsound: bool = False) -> None:
        """Go on with a changed definition: every token, timer and child stands where it stood, by the ids of nodes.

        Tasks in progress go on; their next attempts, and all else that begins from here on, follow the changed one.
        Timers that it adds to nodes in progress count from now.  Children follow what their node runs there.  Does
        nothing where nothing has changed.

        Args:
            flow: the changed definition.
            allow_unsound: go on even where it is proved that the workflow, or this run, can get stuck with it.

        Raises:
            CompileError: it has errors, or something of the run has no place in it; `.diagnostics` names each.  The run
                goes on as before.
            WfnbError: the run is over, is the child of another one, or lives in another thread's loop.
        """
        self._open()
        machine = self._migratable(flow)
        if not allow_unsound:
            require_sound(machine)
        for run, image in planned(self, machine, allow_unsound=allow_unsound):
            run.follow(image)

    def _migratable(self, flow: Flow | Workflow | Machine | str | Path) -> Machine:
        if self.parent:
            root = self.id.partition("/")[0]
            raise WfnbError(f"run '{self.id}' is part of run '{root}'\nmigrate that one: its children follow")
        if not self.host.is_here():
            raise WfnbError(f"run '{self.id}' lives in another event loop\nmigrate it in the thread of that loop")
        if self._remaking is not None or (self._offspring is not None and self._offspring.making):
            raise WfnbError(f"run '{self.id}' is making lost results again\nmigrate it once they are there")
        return self.host.compile(flow)

    def migrate_to(self, machine: Machine) -> None:
        """See `migrate`; for a child whose parent has migrated.

        Raises:
            CompileError: it has no place there.
        """
        for run, image in planned(self, machine, allow_unsound=True):
            run.follow(image)

    def follow(self, image: Image) -> None:
        """Go on with another machine, in which the run has its place, and record that."""
        if self._state.status != "running":
            return  # it was called off meanwhile
        calls = called_by(image.new)
        for one in (image.new, *calls.values()):
            self.host.store.define(one.hash, one.document)
        self._follow(image, RunMigrated(image.new.hash, {name: one.hash for name, one in calls.items()}))

    def in_progress(self) -> list[tuple[str, int, int, int]]:
        """Id, node, item and spawning edge of every child in progress."""
        return self._children.in_progress()

    def member(self, id: str) -> Self | None:
        """A child in progress, to be migrated with its parent; None where it has not begun."""
        live = self.host.runs.get(id)
        if live is not None:
            return cast("Self", live)
        store = self.host.store
        stands = past_child(store, id)
        if stands is None:
            return None
        child = self._child(id, *stands, store.read(id, stands[1].seq)[-1].epoch)
        if stands[1].status == "running":
            child.suspend()
        return child

    def _open(self) -> None:
        if self._state.status != "running" or self._state.ending is not None:
            how = {"cancelled": "was cancelled"}.get(self._state.status, self._state.status)
            raise WfnbError(f"run '{self.id}' of '{self.machine.name}' is over: it {how}\nstart another one")

    # --------------------------------------------------------------------------------------------- begin, and again

    def begin(
        self,
        input: dict[str, Any],
        *,
        values: dict[str, Any] | None = None,
        calls: dict[str, str] | None = None,
        called_off: str = "",
        opening: Mapping[str, Any] | None = None,
    ) -> None:
        """Record the start and go on from there; or, where it is called off already, that it was cancelled.

        Args:
            input: the inputs by name.
            values: what a spawned run knows of its parent's values.
            calls: hash of the definition by the name that calls and maps use.
            called_off: why it is cancelled at once; empty if it is not.
            opening: what else its first event says.
        """
        self._listen()
        values = values or {}
        started = settle.settle_start(
            self.machine,
            input,
            _lost(input),
            parent=self.parent,
            values=values,
            lost=_lost(values),
            calls=calls,
            opening=opening,
        )
        if called_off:
            started = [started[0], events.RunCancelled(called_off)]
        self._advance(started, live=(input, values))

    def go_on(self, lost: list[tuple[int, int]]) -> None:
        """After a restart: make lost results again, then start what was ready, and again what was in progress.

        Args:
            lost: tasks whose live results went with their process, and their next attempts; producers first.
        """
        self._listen()
        if lost:
            self._remaking = self.host.loop.create_task(self._make_again(lost))
            return
        now = self.host.clock()
        due: list[Launch] = []
        for command in reopen(self.machine, self._state):
            retry_at = self._state.retrying.get(command.node)
            if retry_at is None or retry_at <= now:
                due.append(command)
            else:
                self._attempts.start_later(command, retry_at - now)
        in_progress: list[tuple[str, int, int, int]] = []
        if self._state.children or self._state.spawned:
            self._children.find_items()
            in_progress = self._children.in_progress()
        self._advance([], due)
        for child in in_progress:
            self._children.attach(*child)

    def _listen(self) -> None:
        """Hear what activities print, if nobody does yet, or somebody has put another stream in place."""
        if type(sys.stdout) is not Tee and self.host.capture != "off":
            listen(self.host)

    async def _make_again(self, lost: list[tuple[int, int]]) -> None:
        state, ids = self._state, self.machine.ids
        for node, attempt in lost:
            plan, visit = self.machine.plans[node], state.visits[node]
            self._note(TaskStarted(ids[node], visit, attempt, rerun=True))
            try:
                value = await self.host.call(plan, arguments.of_task(plan, state))
            except BaseException as error:  # noqa: BLE001 - as in an attempt
                if isinstance(error, asyncio.CancelledError) and self.host.is_ending():
                    self.suspend()  # the script ends, not the run
                elif state.status == "running" and not self._over.done():
                    self._cause = error
                    failed = events.RunFailed(problem_of(error, ids[node]))
                    self._advance(settle.settle_end(self.machine, state, failed))
                return
            if state.status != "running" or self._over.done():
                return
            self._note(TaskCompleted(ids[node], visit, attempt, value, (), unstored(value), rerun=True))
        self._remaking = None
        self.go_on([])


def _lost(values: dict[str, Any]) -> dict[str, events.Unstored]:
    """Those that are not JSON, as the history has them."""
    return {name: known for name, value in values.items() if (known := unstored(value)) is not UNSET}
