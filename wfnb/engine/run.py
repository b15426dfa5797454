"""One execution of a workflow: the shell around the pure machine."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import get_ident
from typing import Any, Self, cast

from msgspec import UNSET

from wfnb.author.flow import Flow
from wfnb.engine import arguments
from wfnb.engine.capture import Tee, listen
from wfnb.engine.control import Control
from wfnb.engine.forking import Fork, with_live
from wfnb.engine.known import known_of
from wfnb.engine.migrating import planned
from wfnb.engine.naming import new_id
from wfnb.engine.outside import checked_answer, checked_id, checked_signal
from wfnb.engine.past import history, past_child
from wfnb.engine.recorder import Launch
from wfnb.engine.recording import problem_of, storable, unstored
from wfnb.engine.resume import lost_values, missing, refusal, wanted_values
from wfnb.engine.values import Place
from wfnb.errors import ExpressionError, StoreError, WfnbError
from wfnb.machine import settle, triggered
from wfnb.machine.check import require_sound
from wfnb.machine.decide import reopen
from wfnb.machine.endings import reopened
from wfnb.machine.machine import Machine
from wfnb.machine.migration import Image
from wfnb.machine.parts import called_by
from wfnb.machine.semantics import evolve, replay
from wfnb.model import event as events
from wfnb.model.event import Event, Record, RunMigrated, TaskCompleted, TaskStarted
from wfnb.model.workflow import Workflow


class Run(Control):
    """A run, as `start` and `resume` return it.  `await run` gives its output or raises what failed."""

    # ------------------------------------------------------------------------------------------- what people do

    def cancel(self, reason: str = "") -> None:
        """End the run now: what still runs is called off, its results are discarded.  Does nothing once it is over.

        Completed tasks that can be taken back (`compensate`) are taken back first, the last one first, and completed
        children at their place among them.  May be called in any thread, such as that of an activity; it then takes
        effect with the loop's next turn.
        """
        if not self.host.is_here():
            self.host.tell(self.cancel, reason)
        elif self._state.status == "running" and self._state.ending is None:
            if self._over.done():
                self._take_up()
            cancelled = events.RunCancelled(storable(str(reason)))
            self._advance(settle.settle_end(self.machine, self._state, cancelled))

    def _take_up(self) -> None:
        """Be in progress here, with all children, where it was not: to be ended."""
        self._be_here()
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
            id: names this very signal; a second one with the same id is absorbed, also when the run is over.

        Raises:
            InputError: the workflow waits for no signal of this name, the value is not of its type, or the id is no
                text.
            WfnbError: the run is over.
        """
        checked_signal(self.machine, name, value)
        if id != "":
            checked_id(f"the id of signal '{name}'", id)
            if (name, id) in self._state.seen:
                return
        self._open()
        if self.host.is_here():
            self._deliver(name, value, id)
        else:
            self._in_time(partial(self.signal, name, value, id=id))

    def _in_time(self, tell: Callable[[], None]) -> None:
        """Tell the run what another thread says, which was checked there; nothing where it has come too late."""

        def tell_in_time() -> None:
            with suppress(WfnbError):
                tell()

        self.host.tell(tell_in_time)

    async def send(self, name: str, value: Any = None, *, id: str = "") -> None:
        """As `signal`, and carry out what follows in the caller's own time, as far as that is one thing after another.

        Back, the tasks that the signal has set going are over, but for what they have set going beside each other.
        That saves an asyncio task for each, which makes it the fast way to drive a state machine.  A caller who is
        cancelled takes nothing away from the run: a task in progress then begins its next attempt without it.

        Raises:
            InputError: the workflow waits for no signal of this name, the value is not of its type, or the id is no
                text.
            StoreError: the history takes no more events.
            WfnbError: the run is over, or lives in another thread's loop.
        """
        checked_signal(self.machine, name, value)
        host, attempts, state = self.host, self._attempts, self._state
        if id != "":
            checked_id(f"the id of signal '{name}'", id)
            if (name, id) in state.seen:
                return
        if state.status != "running" or state.ending is not None:
            self._open()
        # A thread runs one loop at a time: where it is the loop's own, and that is at a task, it is at this one.
        me = asyncio.current_task(host.loop) if host.thread == get_ident() else None
        if me is None:
            raise WfnbError(f"run '{self.id}' lives in another event loop\nuse `run.signal(...)` from other threads")
        attempts.at_hand = True
        try:
            self._deliver(name, value, id)
            if attempts.queue or attempts.awaited is not None:
                await attempts.lend(me)
        finally:
            attempts.at_hand = False
            if attempts.queue:
                attempts.leave()

    def _deliver(self, name: str, value: Any, id: str) -> None:
        state, machine = self._state, self.machine
        if id and (name, id) in state.seen:
            return
        try:
            taken = triggered.listening(machine, state, name, value)
        except ExpressionError as error:
            self._fail(error)
            return
        edge, first = taken[0][0] if taken else None, state.seq
        batch = triggered.settle_signal(machine, state, name, id, value, edge)
        if len(taken) == 1 and self._remaking is None and not self._over.done():
            self._advance(batch)
            return
        for event in batch:
            evolve(machine, state, event)
        if not taken:
            self._record(batch, first)
            return
        for listener in taken[1:]:  # those that still listen, after what the signal has done so far
            if self._still_listens(listener, name, value):
                self._apply(triggered.settle_taken(machine, state, listener[0], name, -1, value), batch)
        self._took_note(batch, first)

    def _still_listens(self, listener: tuple[int, int], name: str, value: Any) -> bool:
        state = self._state
        try:
            going = state.status == "running" and state.ending is None
            return going and listener in triggered.listening(self.machine, state, name, value)
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
            self._in_time(partial(self.approve, node, value))
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

    # ------------------------------------------------------------------------------------------ once more, or otherwise

    def retry(self, node: str = "") -> None:
        """Try again what failed: now, in a pause before the next attempt; or once more, where the run failed of it.

        A run that failed goes on with a new visit of what had failed, and of what was called off with it; `await` it
        again.  Children go on where they stopped, so that nothing which is recorded runs again.

        Args:
            node: the task; empty: every task in such a pause, or whatever the run failed of.

        Raises:
            UnknownName: there is no such node.
            CompileError: activities that are needed are not defined, or inputs or values are gone.
            StoreError: the history takes no more events, or the run was archived.
            WfnbError: nothing is to be tried again, or the run had taken back what it did.
        """
        if not self.host.is_here():
            self.host.tell(self.retry, node)
            return
        if node:
            self.machine.workflow.node(node)
        if self._state.status != "running":
            self._reopen(node)
            return
        self._in_progress()
        ids = self.machine.ids
        tried = [self._attempts.start_now(number) for number in [*self._state.retrying] if node in ("", ids[number])]
        if not any(tried):
            where = f"'{node}'" if node else "no task"
            raise WfnbError(f"{where} is in a pause before its next attempt\nretry a task that has failed")

    def _reopen(self, node: str) -> None:
        """Go on with a run that failed."""
        if self.parent:
            raise WfnbError(f"run '{self.id}' is a child of '{self.parent}'\nretry that one: wf.run('{self.parent}')")
        records, state, machine = self._whole(), self._state, self.machine
        opened = reopened(machine, state, [record.event for record in records], node)
        after = evolve(machine, state.tokens(), opened)
        lost = lost_values(machine, after, records)
        if absent := missing(self.id, machine, after, self.host.registry, lost):
            raise refusal(absent, "retry this run")
        self._be_here()
        self._note(opened)
        if self._broken is not None:
            raise self._broken
        self.go_on([(item.node, item.attempt) for item in lost])

    def reopen(self, steered: Sequence[Event]) -> None:
        """Of a child that stopped when its parent failed: be in progress again where it stopped; `go_on` follows.

        Args:
            steered: the breakpoints, pins and the pause of its parent.
        """
        opened = reopened(self.machine, self._state, [record.event for record in self._whole()], child=True)
        self._be_here()
        self._note(opened)
        for event in steered:
            self._note(event)

    def take_back(self, reason: str) -> None:
        """Of a child that has completed: go on from its end, taking back what it did; it is cancelled then.

        One that was stopped in the middle of that goes on with it.
        """
        self._be_here()
        if self._state.status != "running":
            first = self._state.seq
            reopened: list[Event] = [events.RunReopened(), events.CompensationStarted(None, reason)]
            self._record(self._applied(reopened), first, [], over=False)
        lost = lost_values(self.machine, self._state, history(self.host.store, self.id))
        self.go_on([(item.node, item.attempt) for item in lost])

    def _whole(self) -> list[Record]:
        """All its events.

        Raises:
            WfnbError: some were dropped.
        """
        records = self.records()
        if records[-1].seq != len(records):
            raise WfnbError(f"events of run '{self.id}' were dropped, as `persistence` had it\nstart another one")
        return records

    def _be_here(self) -> None:
        """Be in progress here, where it was not."""
        self._broken, self._cause, self._over = None, None, self.host.loop.create_future()
        self.host.take(self.id, self)

    def fork(
        self,
        *,
        at: int | None = None,
        values: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
    ) -> Self:
        """Start another run that has the events of this one up to number `at`, and goes on from there by itself.

        What this run has recorded after that is used again for tasks that read nothing that is different; only what
        depends on the edited values and inputs runs once more.  Signals and answers have to come again.  What this run
        did is not taken back where the fork fails.

        Args:
            at: the number of the last event that both have; if left out: where the first of `values` was given, else
                the start where there are `inputs`, else the last event before the run's end.
            values: by node, what it gave instead; a task that has no value yet at that event is pinned to it.
            inputs: those that are different.

        Raises:
            ValueError: there is no such event, or the run stood nowhere after it because it was ending.
            UnknownName: there is no such node.
            InputError: a value or an input can not be.
            CompileError: activities that are needed are not defined, or inputs or values are gone.
            WfnbError: it is a child run, or no event loop is running.
        """
        return self._fork(lambda made: made.events(at, values or {}, inputs, self._state.input))

    def run_from(self, node: str) -> Self:
        """Fork the run just before the last visit of a node, which runs again with all that reads its value.

        Raises:
            UnknownName: there is no such node, or the run did not come there.
            CompileError, WfnbError: as of `fork`.
        """
        return self._fork(lambda made: made.events(made.before(node), {}, None, self._state.input, node))

    def _fork(self, begin: Callable[[Fork], list[Event]]) -> Self:
        if self.parent:
            raise WfnbError(f"run '{self.id}' is a child of '{self.parent}'\nfork that one: wf.run('{self.parent}')")
        self.host.attach()
        records, machine, id = self._whole(), self.machine, new_id(self.host.mark)
        own = begin(Fork(self.id, id, machine, records, self.host.registry, vault=self.host.vault))
        now = self.host.clock()
        numbered = [Record(id, 1, seq, now, event) for seq, event in enumerate(own, 1)]
        started = own[0]
        assert isinstance(started, events.RunStarted)
        state = replay(machine, own)
        self.host.vault.check(state)
        with_live(state, self._state, records[started.at :])
        lost = lost_values(machine, state, numbered)
        if absent := missing(id, machine, state, self.host.registry, lost):
            raise refusal(absent, "fork this run")
        made = type(self)(self.host, id, machine, state, terms=self.terms)
        made._be_here()  # noqa: SLF001 - a run, too
        made._record(own, 0, over=state.status != "running")  # noqa: SLF001
        made.knows(records, numbered)
        if state.status == "running":
            made.go_on([(item.node, item.attempt) for item in lost])
        return made

    def knows(self, origin: Sequence[Record], own: Sequence[Record]) -> None:
        """From now on, use what the run that this one was forked from has recorded since.

        Args:
            origin: the history of that run.
            own: that of this one.
        """
        if not origin or origin[-1].seq != len(origin) or own[-1].seq != len(own):
            return  # deleted, or dropped in part: then everything runs again
        known = known_of(self.machine, origin, own)
        self._attempts.look_for_given().known = known
        self.subscribe(known.happened)

    # --------------------------------------------------------------------------------------------- begin, and again

    def begin(
        self,
        input: dict[str, Any],
        *,
        values: dict[str, Any] | None = None,
        calls: dict[str, str] | None = None,
        called_off: str = "",
        opening: Mapping[str, Any] | None = None,
        steered: Sequence[Event] = (),
    ) -> None:
        """Record the start and go on from there; or, where it is called off already, that it was cancelled.

        Args:
            input: the inputs by name.
            values: what a spawned run knows of its parent's values.
            calls: hash of the definition by the name that calls and maps use.
            called_off: why it is cancelled at once; empty if it is not.
            opening: what else its first event says.
            steered: breakpoints, pins, or a pause that it begins with.
        """
        self._listen()
        values = values or {}
        lost = partial(self.host.vault.all_known, fresh=not self.parent)
        started = settle.settle_start(
            self.machine,
            input,
            lost(input),
            parent=self.parent,
            values=values,
            lost=lost(values),
            calls=calls,
            opening=opening,
        )
        if called_off:
            started = [started[0], events.RunCancelled(called_off)]
        if steered and len(started) == 1:
            started += steered
            self._attempts.look_for_given()
        self._advance(started, live=(input, values))

    def go_on(self, lost: list[tuple[int, int]]) -> None:
        """After a restart: read stored results, make lost ones again; then start what was ready or in progress.

        Args:
            lost: tasks whose live results went with their process, and their next attempts; producers first.
        """
        self._listen()
        wanted = wanted_values(self.machine, self._state, [node for node, _ in lost])
        if lost or wanted:
            self._remaking = self.host.loop.create_task(self._make_again(lost, wanted))
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
        if self._state.ending is not None and (leaving := [r for r in self.host.runs.values() if r.parent == self.id]):
            self._children.await_end(leaving)
        self._advance([], due)
        for child in in_progress:
            self._children.attach(*child)

    def _listen(self) -> None:
        """Hear what activities print, if nobody does yet, or somebody has put another stream in place."""
        if type(sys.stdout) is not Tee and self.host.capture != "off":
            listen(self.host)

    async def _make_again(self, lost: list[tuple[int, int]], wanted: list[Place]) -> None:
        state, ids = self._state, self.machine.ids
        try:
            await self.host.vault.bring(wanted)
        except StoreError as error:
            self._break(error)
            return
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
            known = unstored(value)
            if known is not UNSET:
                known = await self.host.vault.taken(value, known)
            self._note(TaskCompleted(ids[node], visit, attempt, value, (), known, rerun=True))
        self._remaking = None
        self.go_on([])
