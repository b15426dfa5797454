"""One execution of a workflow: the shell around the pure machine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, Self, cast

from wfnb.author.flow import Flow
from wfnb.engine.forking import Fork, with_live
from wfnb.engine.hearing import Hearing
from wfnb.engine.known import known_of
from wfnb.engine.migrating import planned
from wfnb.engine.naming import new_id
from wfnb.engine.past import history, past_child
from wfnb.engine.recording import storable
from wfnb.engine.resume import lost_values, missing, refusal
from wfnb.errors import ExpressionError, WfnbError
from wfnb.machine import settle
from wfnb.machine.check import require_sound
from wfnb.machine.endings import reopened
from wfnb.machine.machine import Machine
from wfnb.machine.migration import Image
from wfnb.machine.parts import called_by
from wfnb.machine.semantics import evolve, replay
from wfnb.model import event as events
from wfnb.model.event import Event, Record, RunMigrated
from wfnb.model.workflow import Workflow


class Run(Hearing):
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
        self.host.ahead.pop(self.id, None)  # it has an event more

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
        if not self._over.done():  # that it has failed is on its way to the disk
            self.when_over(partial(self._in_time, partial(self._reopen, node)))
            return
        self._be_here()
        self._note(opened)
        if self._broken is not None:
            raise self._broken
        self.go_on([(item.node, item.attempt) for item in lost])

    def reopen(self, steered: Sequence[Event], records: Sequence[Record]) -> None:
        """Of a child that stopped when its parent failed: be in progress again where it stopped; `go_on` follows.

        Args:
            steered: the breakpoints, pins and the pause of its parent.
            records: its history.
        """
        events = [record.event for record in self._whole(records)]
        opened = reopened(self.machine, self._state, events, child=True)
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

    def _whole(self, records: Sequence[Record] = ()) -> Sequence[Record]:
        """All its events; those `records`, where they were read.

        Raises:
            WfnbError: some were dropped.
        """
        records = records or self.records()
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
