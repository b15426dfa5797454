"""One execution of a workflow: the shell around the pure machine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import msgspec
from msgspec import UNSET

from wfnb.engine import arguments
from wfnb.engine.attempts import Attempts
from wfnb.engine.children import Children
from wfnb.engine.handle import Handle
from wfnb.engine.host import Host
from wfnb.engine.outside import checked_answer, checked_signal
from wfnb.engine.recording import payload, problem_of, storable, unstored
from wfnb.engine.timers import Timers
from wfnb.errors import ExpressionError, StoreError, WfnbError
from wfnb.machine import command as c
from wfnb.machine import settle
from wfnb.machine.decide import decide, outdated, reopen
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.output import output
from wfnb.machine.semantics import evolve
from wfnb.model import event as events
from wfnb.model.event import Event, Problem, RunCompleted, TaskCompleted, TaskStarted
from wfnb.model.state import State
from wfnb.store.protocol import Row

Launch = c.StartTask | c.StartChild | c.Compensate
"""What is set going once the events that say so are recorded."""


class Run(Handle):
    """A run, as `start` and `resume` return it.  `await run` gives its output or raises what failed."""

    def __init__(
        self, host: Host[Run], id: str, machine: Machine, state: State, epoch: int = 1, *, parent: str = ""
    ) -> None:
        super().__init__(host, id, machine, state)
        self.parent = parent
        """The run that it is a child of, empty if none."""
        self._epoch = epoch
        self._attempts = Attempts(host, machine, state, self._advance, self.suspend, self._blame)
        self._timers = Timers(self._due)
        self._children = Children(
            host, id, machine, state, self._child, self._from_child, self._stop_with_child, self._blame
        )
        self._remaking: asyncio.Task[None] | None = None
        special = machine.special
        self._quick = machine.plain and not (special.timers or special.watched or special.listeners)

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
        self.when_over(lambda: self.host.release(self.id))
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
        if not self.host.is_here():
            self.host.loop.call_soon_threadsafe(partial(self.signal, name, value, id=id))
            return
        state = self._state
        if id and (name, id) in state.seen:
            return
        try:
            taken = settle.listening(self.machine, state, name, value)
        except ExpressionError as error:
            self._fail(error)
            return
        first, edge = state.seq, taken[0][0] if taken else None
        batch: list[Event] = []
        self._apply(settle.settle_signal(self.machine, state, name, id, value, edge), batch)
        for listener in taken[1:]:  # those that still listen, after what the signal has done so far
            if self._still_listens(listener, name, value):
                self._apply(settle.settle_taken(self.machine, state, listener[0], name, -1, value), batch)
        self._took_note(batch, first)

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

    def _open(self) -> None:
        if self._state.status != "running" or self._state.ending is not None:
            how = {"cancelled": "was cancelled"}.get(self._state.status, self._state.status)
            raise WfnbError(f"run '{self.id}' of '{self.machine.name}' is over: it {how}\nstart another one")

    def _happened(self, events: list[Event]) -> None:
        """Go on from what came from outside."""
        first = self._state.seq
        batch: list[Event] = []
        self._apply(events, batch)
        self._took_note(batch, first)

    def _took_note(self, batch: list[Event], first: int) -> None:
        """Go on from what has been applied; a run that is not in progress here (yet) only records it."""
        if self._over.done() or self._remaking is not None:
            self._record(batch, first, [], over=False)
        else:
            self._go_on_from(batch, first, [])

    # ------------------------------------------------------------------------------------------------ the shell

    def begin(
        self, input: dict[str, Any], *, values: dict[str, Any] | None = None, calls: dict[str, str] | None = None
    ) -> None:
        """Record the start and go on from there."""
        values = values or {}
        started = settle.settle_start(
            self.machine, input, _lost(input), parent=self.parent, values=values, lost=_lost(values), calls=calls
        )
        self._advance(started, live=(input, values))

    def go_on(self, lost: list[tuple[int, int]]) -> None:
        """After a restart: make lost results again, then start what was ready, and again what was in progress.

        Args:
            lost: tasks whose live results went with their process, and their next attempts; producers first.
        """
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
        self._children.find_items()
        in_progress = self._children.in_progress()
        self._advance([], due)
        for child in in_progress:
            self._children.attach(*child)

    def suspend(self) -> None:
        """Stop without an event, as if the process had ended: `resume` takes it up again."""
        self._broken = StoreError(f"run '{self.id}' is not in progress here\n`await wf.resume()` takes it up again")
        if not self.host.loop.is_closed():  # where it is, nothing of the run is left, and nobody can be told
            self._stop_all()
            self._children.end(suspend=True)
            self._finish()

    def _advance(
        self,
        batch: list[Event],
        starts: Sequence[Launch] = (),
        live: tuple[dict[str, Any], dict[str, Any]] | None = None,
    ) -> None:
        """Apply events, decide what follows, record all of it in one append, and start what is to run."""
        state, machine = self._state, self.machine
        first = state.seq
        for event in batch:
            evolve(machine, state, event)
        if live is not None:
            state.input, state.values = live
        self._go_on_from(batch, first, list(starts))

    def _go_on_from(self, batch: list[Event], first: int, launch: list[Launch]) -> None:
        """Decide what follows from events that are applied; see `_advance`."""
        state, machine = self._state, self.machine
        for start in launch:
            if isinstance(start, c.StartTask):
                started = TaskStarted(machine.ids[start.node], start.visit, start.attempt)
                evolve(machine, state, started)
                batch.append(started)
        while commands := decide(machine, state):
            self._carry_out_all(commands, batch, launch)
            if self._quick or (state.ending is not None and isinstance(commands[0], c.Compensate)):
                break
        over = state.status != "running"
        if over or state.ending is not None:
            self._stop_all()
        elif machine.special.timers:
            self._timers.follow(state.timers, self.host.loop, self.host.clock())
        self._record(batch, first, launch, over=over)
        if self._children.called_off:
            self._children.end(suspend=self._broken is not None)

    def _carry_out_all(self, commands: list[c.Command], batch: list[Event], launch: list[Launch]) -> None:
        """Turn commands into events, but for what another one of them has made pointless."""
        state, machine = self._state, self.machine
        for command in commands:
            if not self._quick and outdated(machine, state, command):
                continue
            if isinstance(command, c.StartTask):
                started = TaskStarted(machine.ids[command.node], command.visit, command.attempt)
                evolve(machine, state, started)
                batch.append(started)
                launch.append(command)
            else:
                self._carry_out(command, batch, launch)

    def _carry_out(self, command: c.Command, batch: list[Event], launch: list[Launch]) -> None:  # noqa: PLR0912 - a case a command
        """Turn a command into the events that say that it is being done."""
        state, machine, ids = self._state, self.machine, self.machine.ids
        try:
            match command:
                case c.Complete() | c.Fail() | c.EndEarly():
                    self._end(command, batch)
                case c.Compensate():
                    if command.node not in self._attempts:
                        launch.append(command)
                case c.StartTimer():
                    at = settle.due(machine, state, command.edge, self.host.clock())
                    self._apply([events.TimerStarted(ids[command.node], command.visit, command.edge, at)], batch)
                case c.RequestApproval():
                    prompt = storable(arguments.prompt_of(machine, state, command.node))
                    self._apply([events.ApprovalRequested(ids[command.node], command.visit, prompt)], batch)
                case c.TakeSignal():
                    taken = settle.settle_taken(machine, state, command.edge, command.name, command.at, command.value)
                    self._apply(taken, batch)
                case c.MeetCondition():
                    self._apply(settle.settle_condition(machine, state, command.edge), batch)
                case c.StartMap():
                    items = arguments.items_of(machine.children[command.node], state)
                    self._children.items[command.node] = items
                    self._apply([events.MapStarted(ids[command.node], command.visit, len(items))], batch)
                case c.StartChild():
                    name = self._children.name(command)
                    started = events.ChildStarted(ids[command.node], command.visit, name, command.index, command.edge)
                    self._apply([started], batch)
                    launch.append(command)
                case c.FinishMap():
                    self._apply(settle.settle_map(machine, state, command.node), batch)
                case c.CallOff():
                    self._call_off(command, batch)
                case c.StartTask():
                    raise AssertionError("started where it is decided")
        except ExpressionError as error:
            self._fail_at(command, error, batch)

    def _apply(self, happened: list[Event], batch: list[Event]) -> None:
        for event in happened:
            evolve(self.machine, self._state, event)
        batch.extend(happened)

    def _fail_at(self, command: c.Command, error: ExpressionError, batch: list[Event]) -> None:
        """An expression that a node needs failed: for a map that is its own failure, which an edge may catch."""
        problem = Problem(type="ExpressionError", message=storable(str(error)), node=None)
        if isinstance(command, c.StartMap):
            problem = msgspec.structs.replace(problem, node=self.machine.ids[command.node])
            failed = settle.settle_node_failed(self.machine, self._state, command.node, problem, command.visit)
            self._apply(failed, batch)
        else:
            self._apply(settle.settle_end(self.machine, self._state, events.RunFailed(problem)), batch)

    def _fail(self, error: ExpressionError) -> None:
        problem = Problem(type="ExpressionError", message=storable(str(error)))
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
        return [RunCompleted(value, unstored(value))]

    def _record(self, batch: list[Event], first: int, launch: list[Launch], *, over: bool) -> None:
        host = self.host
        now = host.clock()
        rows = [Row(now, type(e).__name__, getattr(e, "node", None), payload(e)) for e in batch]
        waiter: asyncio.Future[None] | None = None
        if over or (host.waits_for_commits and launch):
            waiter = host.loop.create_future()
            waiter.add_done_callback(partial(self._acknowledged, launch, over))
        try:
            host.store.append(self.id, self._epoch, first, rows, waiter)
        except StoreError as error:
            self._break(error)
            return
        for listener in tuple(self._listeners) if self._listeners else ():
            try:
                listener(self, batch)
            except Exception as error:  # noqa: BLE001 - who watches a run does not disturb it
                host.loop.call_exception_handler({"message": f"a listener of {self!r} failed", "exception": error})
        if waiter is None:
            self._launch(launch)

    def _acknowledged(self, launch: list[Launch], over: bool, waiter: asyncio.Future[None]) -> None:
        error = None if waiter.cancelled() else waiter.exception()
        if error is not None:
            self._break(error if isinstance(error, StoreError) else StoreError(str(error)))
        elif over:
            self._finish()
        elif self._state.status == "running" and not self._over.done():
            self._launch(launch)

    def _break(self, error: StoreError) -> None:
        """The history can not take more: stop here, so that what is recorded stays true."""
        self._broken = error
        self._stop_all()
        self._children.end(suspend=True)
        self._finish()

    def _finish(self) -> None:
        if not self._over.done():
            self._over.set_result(None)

    def _stop_all(self) -> None:
        self._timers.stop()
        self._attempts.stop()
        if self._remaking is not None and self._remaking is not asyncio.current_task(self.host.loop):
            self._remaking.cancel()
        self._children.let_go()

    def _launch(self, launch: list[Launch]) -> None:
        for command in launch:
            if isinstance(command, c.StartTask):
                self._attempts.start(command)
            elif isinstance(command, c.StartChild):
                self._children.start(command)
            else:
                self._attempts.take_back(command)

    def _child(self, id: str, machine: Machine, state: State, epoch: int) -> Run:
        return Run(self.host, id, machine, state, epoch, parent=self.id)

    def _from_child(self, batch: list[Event]) -> None:
        if not self._over.done():
            self._advance(batch)

    def _stop_with_child(self, error: StoreError) -> None:
        if not self._over.done():
            self._break(error)

    def _blame(self, error: BaseException | None) -> None:
        self._cause = error

    def _due(self, edge: int) -> None:
        """A timer's time has come."""
        if self._state.status == "running" and edge in self._state.timers:
            try:
                fired = settle.settle_timer(self.machine, self._state, edge)
            except ExpressionError as error:
                self._fail(error)
                return
            self._advance(fired)

    def _call_off(self, command: c.CallOff, batch: list[Event]) -> None:
        """Stop what a withdrawn token had set going."""
        node, id = command.node, self.machine.ids[command.node]
        kind = self.machine.kinds[node]
        if kind is Kind.TASK:
            batch.append(events.TaskCancelled(id, command.visit, command.attempt))
        else:
            batch.append(events.NodeCancelled(id, command.visit))
        evolve(self.machine, self._state, batch[-1])
        self._attempts.call_off(node)
        self._children.let_go(node)

    async def _make_again(self, lost: list[tuple[int, int]]) -> None:
        state, ids = self._state, self.machine.ids
        for node, attempt in lost:
            plan, visit = self.machine.plans[node], state.visits[node]
            self._note(TaskStarted(ids[node], visit, attempt, rerun=True))
            try:
                value = await self.host.call(plan, arguments.of_task(plan, state))
            except BaseException as error:  # noqa: BLE001 - as in an attempt
                if state.status == "running" and not self._over.done():
                    self._cause = error
                    failed = events.RunFailed(problem_of(error, ids[node]))
                    self._advance(settle.settle_end(self.machine, state, failed))
                return
            if state.status != "running" or self._over.done():
                return
            self._note(TaskCompleted(ids[node], visit, attempt, value, (), unstored(value), rerun=True))
        self._remaking = None
        self.go_on([])

    def _note(self, event: Event) -> None:
        """Record an event that moves no token."""
        first = self._state.seq
        evolve(self.machine, self._state, event)
        self._record([event], first, [], over=False)


def _lost(values: dict[str, Any]) -> dict[str, events.Unstored]:
    """Those that are not JSON, as the history has them."""
    return {name: known for name, value in values.items() if (known := unstored(value)) is not UNSET}
