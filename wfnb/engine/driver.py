"""The shell around the pure machine: from what happened to what follows, recorded before it is done."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any, Self, TypeAlias

from msgspec import UNSET

from wfnb.engine import arguments
from wfnb.engine.attempts import Attempts
from wfnb.engine.children import Children
from wfnb.engine.commit import Commit
from wfnb.engine.given import Given
from wfnb.engine.handle import Handle
from wfnb.engine.host import Host
from wfnb.engine.known import Service
from wfnb.engine.recording import SCALARS, frozen, storable
from wfnb.engine.slots import gate
from wfnb.engine.snapshots import Shadow
from wfnb.engine.terms import Terms
from wfnb.engine.timers import Timers
from wfnb.errors import ExpressionError, StoreError
from wfnb.machine import command as c
from wfnb.machine import settle, triggered
from wfnb.machine.command import StartTask
from wfnb.machine.decide import decide, outdated
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.migration import Image, migrate
from wfnb.machine.output import output
from wfnb.machine.semantics import evolve
from wfnb.model import event as events
from wfnb.model.event import (
    Event,
    Problem,
    RunCompleted,
    RunMigrated,
    SignalReceived,
    TaskCompleted,
    TaskStarted,
)
from wfnb.model.state import State
from wfnb.store.protocol import Row

Launch: TypeAlias = StartTask | c.StartChild | c.Compensate
"""What is set going once the events that say so are recorded."""


class Driver(Handle):
    """Drives the machine of one run: applies events, decides what follows, records both, and sets tasks going."""

    def __init__(
        self,
        host: Host[Self],
        id: str,
        machine: Machine,
        state: State,
        epoch: int = 1,
        *,
        terms: Terms,
        parent: str = "",
    ) -> None:
        super().__init__(host, id, machine, state)
        self.terms = terms
        self.parent = parent
        """The run that it is a child of, empty if none."""
        self._epoch = epoch
        self._gate = gate(machine, terms.slots, host.loop)
        self._waits = terms.durability == "sync" and host.store.durable
        self._held: list[Row] | None = [] if terms.durability == "exit" else None
        """What is appended once the run is over; None where it is appended as it happens."""
        self._differing = terms.differ(machine)
        """Whether a task waits for commits where its run does not, or the other way round."""
        self._attempts = Attempts(
            host, id, machine, state, self._advance, self.suspend, self._blame, self._took_down, self._tell_progress
        )
        self._attempts.gate = self._gate
        if state.pins or machine.disabled:
            self._attempts.look_for_given()
        self._later: dict[int, StartTask] | None = None
        """Attempts that came due while the run was paused, if any did."""
        self._timers = Timers(self._due) if machine.special.timers else None
        self._offspring: Children[Any] | None = None
        """The children, once there is one; most runs never have any, and thousands may be in progress."""
        self._remaking: asyncio.Task[None] | None = None
        self._images: list[Image] = []
        """The machines that it followed before, oldest first, each with what of it is what in the next."""
        self._shadow = None if terms.snapshots is None else Shadow(host, id, machine, terms.snapshots)

    @property
    def held(self) -> tuple[Row, ...]:
        """What is recorded once the run is over."""
        return tuple(self._held or ())

    def suspend(self) -> None:
        """Stop without an event, as if the process had ended: `resume` takes it up again."""
        self.bring_up()
        error = StoreError(f"run '{self.id}' is not in progress here\n`await wf.resume()` takes it up again")
        if self.host.loop.is_closed():  # nothing of the run is left, and nobody can be told
            self._broken = error
        else:
            self._break(error)

    # ------------------------------------------------------------------------------------ what happened, what follows

    def _advance(  # noqa: PLR0912 - the hot path
        self,
        batch: list[Event],
        starts: Sequence[Launch] = (),
        live: tuple[dict[str, Any], dict[str, Any]] | None = None,
        first: int | None = None,
    ) -> None:
        """Apply events, decide what follows, record all of it in one append, and start what is to run.

        Args:
            batch: the events; what follows is put behind them.
            starts: attempts to start, if nothing holds them back.
            live: the run's inputs and values as they were given, which events may not have.
            first: the number of the event before them, if they are applied already.
        """
        state, machine = self._state, self.machine
        if first is None:
            first = state.seq
            for event in batch:
                evolve(machine, state, event)
        if live is not None:
            state.input, state.values = live
        launch: list[Launch] = [start for start in starts if self._start_again(start, batch)] if starts else []
        while commands := decide(machine, state):
            if self._gate is not None:
                commands = self._admitted(commands)
                if not commands:
                    continue
            command = commands[0]
            if type(command) is StartTask and len(commands) == 1:
                started = TaskStarted(machine.ids[command.node], command.visit, command.attempt)
                evolve(machine, state, started)
                batch.append(started)
                launch.append(command)
            else:
                self._carry_out_all(commands, batch, launch)
                if state.ending is not None and type(command) is c.Compensate:
                    break
                if type(commands[-1]) is not StartTask:
                    continue
            if not (state.fresh or state.kept or machine.special.conditions):
                break  # tasks that begin make nothing else follow
        if state.status != "running" or state.ending is not None:
            if self._attempts.stations is not None:  # what attempts have told comes before what ends them
                batch[:0] = self._applied(self._attempts.last_words())
            self._stop_all()
        elif self._timers is not None:
            self._timers.follow({} if state.paused else state.timers, self.host.loop, self.host.clock())
        self._record(batch, first, launch, state.status != "running")
        if self._offspring is not None and self._offspring.called_off:
            self._offspring.end(suspend=self._broken is not None)

    def _happened(self, events: list[Event]) -> None:
        """Go on from what came from outside."""
        first = self._state.seq
        self._took_note(self._applied(events), first)

    def _took_note(self, batch: list[Event], first: int) -> None:
        """Go on from what has been applied; a run that is not in progress here (yet) only records it."""
        if self._over.done() or self._remaking is not None:
            self._record(batch, first)
        else:
            self._advance(batch, first=first)

    def _start_again(self, command: Launch, batch: list[Event]) -> bool:
        """Start the next attempt of a task, if nothing holds it back."""
        if type(command) is StartTask:
            if not self._is_next(command):
                return False  # its token was withdrawn while it waited for its turn
            if self._state.paused and command.node in self._state.retrying:
                self._later = {**(self._later or {}), command.node: command}
                return False
            again = partial(self._again, command, self.machine)
            if self._gate is not None and not self._gate.admit(command.node, again):
                return False
            self._start(command, batch)
        return True

    def _is_next(self, command: StartTask) -> bool:
        """Whether a task in progress has come to the attempt before this one."""
        state, node = self._state, command.node
        return state.busy.get(node) == command.attempt - 1 and state.visits[node] == command.visit

    def _again(self, command: StartTask, machine: Machine) -> None:
        """Try once more to start an attempt that was held back."""
        self._advance([], self._renumbered([command], machine))

    def _renumbered(self, launch: Sequence[Launch], machine: Machine) -> Sequence[Launch]:
        """Commands for an earlier machine as commands for that of today."""
        for image in self._images if machine is not self.machine else ():
            if image.old is machine:
                launch = [image.of(command) for command in launch if command.node in image.nodes]
                machine = image.new
        return launch

    def _due_attempts(self) -> list[StartTask]:
        """The attempts that came due while the run was paused, of tasks that still wait for them."""
        state, later = self._state, self._later or {}
        self._later = None
        return [
            command
            for node, command in later.items()
            if node in state.retrying and (state.busy[node], state.visits[node]) == (command.attempt - 1, command.visit)
        ]

    def _admitted(self, commands: list[c.Command]) -> list[c.Command]:
        """Commands but for the starts of tasks that have to wait until fewer are in progress."""
        assert self._gate is not None
        admitted, state = [], self._state
        for command in commands:
            if type(command) is StartTask:
                if not self._gate.admit(command.node, partial(self._ask_again, command.node)):
                    state.queued |= {command.node}
                    continue
                state.queued -= {command.node}
            admitted.append(command)
        return admitted

    def _ask_again(self, node: int) -> None:
        """Try to start a task that was held back."""
        state = self._state
        if node in state.queued and state.status == "running" and not self._over.done():
            state.queued -= {node}
            if node in state.ready:
                state.fresh.append(node)
                self._advance([])

    def _start(self, command: StartTask, batch: list[Event]) -> None:
        started = TaskStarted(self.machine.ids[command.node], command.visit, command.attempt)
        evolve(self.machine, self._state, started)
        batch.append(started)

    def _carry_out_all(self, commands: list[c.Command], batch: list[Event], launch: list[Launch]) -> None:
        """Turn commands into events, but for what another one of them has made pointless."""
        state = self._state
        for command in commands:
            if type(command) is StartTask:
                if command.node in state.ready and state.status == "running" and state.ending is None:
                    self._start(command, batch)
                    launch.append(command)
            elif not outdated(self.machine, state, command):
                self._carry_out(command, batch, launch)

    def _carry_out(self, command: c.Command, batch: list[Event], launch: list[Launch]) -> None:  # noqa: PLR0912 - a case a command
        """Turn a command into the events that say that it is being done."""
        state, machine, ids = self._state, self.machine, self.machine.ids
        try:
            match command:
                case c.Complete() | c.Fail() | c.EndEarly():
                    self._end(command, batch)
                case c.Compensate():
                    if not self._is_taken_back(command):
                        launch.append(command)
                case c.StartTimer():
                    at = triggered.due(machine, state, command.edge, self.host.clock())
                    self._apply([events.TimerStarted(ids[command.node], command.visit, command.edge, at)], batch)
                case c.RequestApproval():
                    prompt = storable(arguments.prompt_of(machine, state, command.node))
                    self._apply([events.ApprovalRequested(ids[command.node], command.visit, prompt)], batch)
                case c.TakeSignal():
                    taken = triggered.settle_taken(
                        machine, state, command.edge, command.name, command.at, command.value
                    )
                    self._apply(taken, batch)
                case c.MeetCondition():
                    self._apply(triggered.settle_condition(machine, state, command.edge), batch)
                case c.StartMap():
                    items = arguments.items_of(machine.children[command.node], state)
                    self._children.items[command.node] = items
                    self._apply([events.MapStarted(ids[command.node], command.visit, len(items))], batch)
                case c.StartChild():
                    known = None if self._attempts.given is None else self._known_child(self._attempts.given, command)
                    name = self._children.name(command) if known is None else known[0]
                    started = events.ChildStarted(ids[command.node], command.visit, name, command.index, command.edge)
                    self._apply([started], batch)
                    if known is None:
                        launch.append(command)
                    else:
                        self._apply(self._given_by_child(command, *known), batch)
                case c.FinishMap():
                    self._apply(settle.settle_map(machine, state, command.node), batch)
                case c.CallOff():
                    self._call_off(command, batch)
                case c.Pause():
                    self._apply([events.RunPaused("breakpoint", ids[command.node])], batch)
                case StartTask():
                    raise AssertionError("started where it is decided")
        except ExpressionError as error:
            self._fail_at(command, error, batch)

    def _known_child(self, given: Given, command: c.StartChild) -> tuple[str, Any] | None:
        """The child of a fork's origin that has done what this one would do, and what it gave; None if none has."""
        node, index = command.node, command.index
        item = self._children.items[node][index] if index >= 0 else None
        found = given.child(Service(self.machine.ids[node], command.visit, index, command.edge), item)
        if found is None:
            return None
        try:
            return found.run, self.host.vault.load(found.value)
        except StoreError:
            return None  # it is made again

    def _given_by_child(self, command: c.StartChild, run: str, value: Any) -> list[Event]:
        return settle.settle_child(
            self.machine,
            self._state,
            command.node,
            run,
            command.index,
            value,
            self.host.vault.known(value),
            spawned=command.edge >= 0,
        )

    def _is_taken_back(self, command: c.Compensate) -> bool:
        """Whether something is being taken back, or children that were called off come first."""
        if self._offspring is not None and (self._offspring.leaving or command.run in self._offspring.undoing):
            return True
        return not command.run and command.node in self._attempts

    def _apply(self, happened: list[Event], batch: list[Event]) -> None:
        batch.extend(self._applied(happened))

    def _applied(self, happened: list[Event]) -> list[Event]:
        for event in happened:
            evolve(self.machine, self._state, event)
        return happened

    def _fail_at(self, command: c.Command, error: ExpressionError, batch: list[Event]) -> None:
        """An expression that a node needs failed: for a map that is its own failure, which an edge may catch."""
        at = getattr(command, "node", None)
        node = error.node if at is None else self.machine.ids[at]
        problem = Problem(type="ExpressionError", message=storable(str(error)), node=node)
        if isinstance(command, c.StartMap):
            failed = settle.settle_node_failed(self.machine, self._state, command.node, problem, command.visit)
            self._apply(failed, batch)
        else:
            self._apply(settle.settle_end(self.machine, self._state, events.RunFailed(problem)), batch)

    def _fail(self, error: ExpressionError) -> None:
        problem = Problem(type="ExpressionError", message=storable(str(error)), node=error.node)
        self._happened(settle.settle_end(self.machine, self._state, events.RunFailed(problem)))

    def _end(self, command: c.Complete | c.Fail | c.EndEarly, batch: list[Event]) -> None:
        machine, state = self.machine, self._state
        match command:
            case c.Complete():
                ending = self._completed()
            case c.Fail():
                ending = settle.settle_end(machine, state, events.RunFailed(command.problem))
            case c.EndEarly():
                assert state.ending is not None
                error = state.ending.error
                ending = [events.RunCancelled(state.ending.reason) if error is None else events.RunFailed(error)]
        self._apply(ending, batch)
        if isinstance(ending[0], RunCompleted):
            state.output = ending[0].output

    def _completed(self) -> list[Event]:
        """How a run without tokens ends: failed where an end says so."""
        machine, state = self.machine, self._state
        try:
            problem = settle.failing_end(machine, state)
            if problem is not None:
                return settle.settle_end(machine, state, events.RunFailed(problem))
            value = output(machine, state)
        except ExpressionError as error:
            failed = events.RunFailed(Problem(type="ExpressionError", message=storable(str(error))))
            return settle.settle_end(machine, state, failed)
        return [RunCompleted(value, self.host.vault.known(value))]

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

    def _tell(self, batch: list[Event]) -> None:
        for listener in self._listeners:
            try:
                listener(self, batch)
            except Exception as error:  # noqa: BLE001 - who watches a run does not disturb it
                self.host.loop.call_exception_handler({"message": f"a listener of {self!r} failed", "exception": error})

    def _acknowledged(self, waiter: Commit, error: StoreError | None) -> None:
        launch, over, machine = waiter.what
        if self._images:
            launch = self._renumbered(launch, machine)
        if error is not None:
            self._break(error)
        elif over:
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
            self.host.release(self.id)

    def _stop_all(self) -> None:
        if self._gate is not None:
            self._gate.release_all()
        if self._timers is not None:
            self._timers.stop()
        self._attempts.stop()
        if self._remaking is not None and self._remaking is not asyncio.current_task(self.host.loop):
            self._remaking.cancel()
        if self._offspring is not None:
            self._offspring.let_go()

    def _launch(self, launch: Sequence[Launch]) -> None:
        for command in launch:
            if type(command) is StartTask:
                self._attempts.start(command)
            elif type(command) is c.StartChild:
                self._children.start(command)
            elif type(command) is not c.Compensate:
                continue
            elif command.run:
                self._children.undoing.begin(self.machine.ids[command.node], command)
            else:
                self._attempts.take_back(command)

    @property
    def _children(self) -> Children[Any]:
        if self._offspring is None:
            self._offspring = Children[Any](
                self.host,
                self.id,
                self.machine,
                self._state,
                self._child,
                self._from_child,
                self._stop_with_child,
                self._blame_child,
            )
        return self._offspring

    def _child(self, id: str, machine: Machine, state: State, epoch: int) -> Self:
        return type(self)(self.host, id, machine, state, epoch, parent=self.id, terms=self._terms_of(id))

    def _terms_of(self, child: str) -> Terms:
        """A child's terms: its parent's, and its tasks count where the node counts that it is started by."""
        if self._gate is None:
            return self.terms
        nodes = [node for node, known in self._state.children.items() if child in known.open.values()]
        slots = self._gate.slots(nodes[0]) if nodes else self.terms.slots
        return replace(self.terms, slots=slots)

    def _from_child(self, batch: list[Event]) -> None:
        if not self._over.done():
            self._advance(batch)

    def _stop_with_child(self, error: StoreError) -> None:
        if not self._over.done():
            self._break(error)

    @property
    def keeps(self) -> bool:
        """Whether children of it that are to be taken back know what no history does."""
        return self._offspring is not None and self._offspring.undoing.keeps

    def _blame(self, error: BaseException) -> None:
        self._cause = error

    def _blame_child(self, problem: Problem, error: BaseException) -> None:
        self._blamed[problem.node or ""] = (problem, error)

    def _due(self, edge: int) -> None:
        """A timer's time has come."""
        if self._state.status == "running" and edge in self._state.timers:
            try:
                fired = triggered.settle_timer(self.machine, self._state, edge)
            except ExpressionError as error:
                self._fail(error)
                return
            self._advance(fired)

    def _call_off(self, command: c.CallOff, batch: list[Event]) -> None:
        """Stop what a withdrawn token had set going."""
        node, id = command.node, self.machine.ids[command.node]
        kind = self.machine.kinds[node]
        if kind is Kind.TASK:
            self._apply(self._attempts.last_words(node), batch)
            batch.append(events.TaskCancelled(id, command.visit, command.attempt))
        else:
            batch.append(events.NodeCancelled(id, command.visit))
        evolve(self.machine, self._state, batch[-1])
        self._attempts.call_off(node)
        if self._offspring is not None:
            self._offspring.let_go(node)

    def _follow(self, image: Image, event: RunMigrated) -> None:
        """Go on with another machine from where the run stands."""
        first = self._state.seq
        migrate(image, self._state)
        self.machine = image.new
        self._images.append(image)
        self._differing = self.terms.differ(image.new)
        self._gate = gate(image.new, self.terms.slots, self.host.loop)
        self._attempts.follow(image, self._gate)
        if self._later:
            later = [image.of(command) for node, command in self._later.items() if node in image.nodes]
            self._later = {command.node: command for command in later}
        if self._offspring is not None:
            self._offspring.follow(image)
        if self._timers is not None:
            self._timers.stop()
        self._timers = Timers(self._due) if image.new.special.timers else None
        self._shadow = None
        self._took_note([event], first)
        if self.terms.snapshots is not None:  # one that begins to fold behind this event
            self._shadow = Shadow(self.host, self.id, image.new, self.terms.snapshots)

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

    def _tell_progress(self, report: events.ProgressReported) -> None:
        for listener in self._lookers:
            try:
                listener(report)
            except Exception as error:  # noqa: BLE001 - who watches a run does not disturb it
                self.host.loop.call_exception_handler({"message": f"a listener of {self!r} failed", "exception": error})
