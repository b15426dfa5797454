"""One execution of a workflow: the handle that people hold, and the shell around the pure machine."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Generator
from copy import deepcopy
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import UNSET

from wfnb.engine.host import Host
from wfnb.engine.past import past_state
from wfnb.engine.recording import payload, problem_of, storable, unstored
from wfnb.errors import ActivityFailed, ActivityTimeout, ExpressionError, RunCancelled, RunError, RunStuck, StoreError
from wfnb.machine import semantics, settle
from wfnb.machine.machine import Machine, TaskPlan
from wfnb.machine.output import output
from wfnb.machine.semantics import StartTask, decide, evolve
from wfnb.model import event as events
from wfnb.model.event import Event, Problem, Record, RunCompleted, TaskCompleted, TaskStarted
from wfnb.model.state import State
from wfnb.store.protocol import Row

if TYPE_CHECKING:
    from pandas import DataFrame


class Run:
    """A run, as `start` and `resume` return it.  `await run` gives its output or raises what failed.

    Attributes:
        id: names the run in the history.
        machine: what it runs.
        host: what it shares with the other runs of its engine.
    """

    def __init__(self, host: Host[Run], id: str, machine: Machine, state: State, epoch: int = 1) -> None:
        self.id = id
        self.machine = machine
        self.host = host
        self._state = state
        self._epoch = epoch
        self._attempts: dict[int, asyncio.Task[None]] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._remaking: asyncio.Task[None] | None = None
        self._cause: BaseException | None = None
        self._broken: StoreError | None = None
        self._listeners: list[Callable[[Run, list[Event]], None]] = []
        self._over: asyncio.Future[None] = host.loop.create_future()
        if state.status not in ("created", "running"):
            self._over.set_result(None)

    # ------------------------------------------------------------------------------------------ what people read

    @property
    def status(self) -> str:
        """`running`, `completed`, `failed` or `cancelled`."""
        return self._state.status

    @property
    def output(self) -> Any:
        """The output of a completed run; None before."""
        return self._state.output

    @property
    def error(self) -> Problem | None:
        """What failed, None if nothing did."""
        return self._state.error

    @property
    def values(self) -> dict[str, Any]:
        """Results so far, by task id."""
        return dict(self._state.values)

    @property
    def state(self) -> State:
        """The run's state now; owned by the run, so do not change it."""
        return self._state

    def __await__(self) -> Generator[Any, None, Any]:
        # Shielded: interrupting the cell that awaits must not cancel the run.
        yield from asyncio.shield(self._over).__await__()
        if self._broken is not None:
            raise self._broken
        match self._state.status:
            case "completed":
                return self._state.output
            case "cancelled":
                raise RunCancelled(f"run '{self.id}' of '{self.machine.name}' was cancelled")
            case _:
                raise self._failure() from self._cause

    def _failure(self) -> RunError:
        problem = self._state.error
        if problem is None:
            return RunError(f"run '{self.id}' of '{self.machine.name}' stopped")
        text, cause, node = problem.message, problem.message, problem.node
        match problem.type:
            case "ActivityTimeout":
                return ActivityTimeout(text, type=problem.type, cause=cause, node=node)
            case "RunStuck":
                return RunStuck(text, type=problem.type, cause=cause, node=node)
            case _:
                what = f"task '{node}' failed" if node is not None else f"run '{self.id}' failed"
                return ActivityFailed(f"{what}: {problem.type}: {text}", type=problem.type, cause=cause, node=node)

    def at(self, n: int) -> State:
        """The state after the first `n` events, replayed from the history; `at(0)` is the empty state.

        Raises:
            ValueError: the run has fewer events.
        """
        return past_state(self.host.store, self.id, n)[1]

    def records(self, start: int = 1, stop: int | None = None) -> list[Record]:
        """Its events as data, from `start` up to and without `stop`."""
        return self.host.store.read(self.id, start, stop)

    def events(self) -> DataFrame:
        """Its events as a DataFrame, one row an event."""
        from wfnb.history import frames  # noqa: PLC0415 - pandas is loaded when a table is asked for

        return frames.events(self.host.store, self.id)

    def tasks(self) -> DataFrame:
        """Its task attempts as a DataFrame, one row an attempt."""
        from wfnb.history import frames  # noqa: PLC0415

        return frames.tasks(self.host.store, self.id)

    def subscribe(self, listener: Callable[[Run, list[Event]], None]) -> Callable[[], None]:
        """Call `listener(run, events)` as events happen; returns what stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def __repr__(self) -> str:
        return f"<Run '{self.id}' of '{self.machine.name}': {self.status}, {self._state.seq} events>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": repr(self)}

    # ------------------------------------------------------------------------------------------- what people do

    def cancel(self, reason: str = "") -> None:
        """End the run now: what still runs is called off, its results are discarded.  Does nothing once it is over.

        May be called in any thread, such as that of an activity; it then takes effect with the loop's next turn.
        """
        if not self.host.is_here():
            self.host.loop.call_soon_threadsafe(self.cancel, reason)
        elif self._state.status == "running":
            if self._over.done():  # it was not in progress here
                self._broken, self._over = None, self.host.loop.create_future()
            cancelled = events.RunCancelled(storable(str(reason)))
            self._advance(settle.settle_end(self.machine, self._state, cancelled))

    # ------------------------------------------------------------------------------------------------ the shell

    def when_over(self, call: Callable[[], Any]) -> None:
        """Call back once the run is over and that is recorded."""
        self._over.add_done_callback(lambda _: call())

    def begin(self, input: dict[str, Any]) -> None:
        """Record the start and go on from there."""
        kept = {name: known for name, value in input.items() if (known := unstored(value)) is not UNSET}
        self._advance(settle.settle_start(self.machine, input, kept), live_input=input)

    def go_on(self, lost: list[tuple[int, int]]) -> None:
        """After a restart: make lost results again, then start what was ready, and again what was in progress.

        Args:
            lost: tasks whose live results went with their process, and their next attempts; producers first.
        """
        if lost:
            self._remaking = self.host.loop.create_task(self._make_again(lost))
            return
        now = self.host.clock()
        due: list[StartTask] = []
        for command in semantics.reopen(self._state):
            retry_at = self._state.retrying.get(command.node)
            if retry_at is None or retry_at <= now:
                due.append(command)
            else:
                self._retry_later(command, retry_at - now)
        self._advance([], due)

    def suspend(self) -> None:
        """Stop without an event, as if the process had ended: `resume` takes it up again."""
        self._broken = StoreError(f"run '{self.id}' is not in progress here\n`await wf.resume()` takes it up again")
        if not self.host.loop.is_closed():  # where it is, nothing of the run is left, and nobody can be told
            self._stop_all()
            self._finish()

    def _advance(
        self,
        batch: list[Event],
        starts: list[StartTask] | None = None,
        live_input: dict[str, Any] | None = None,
    ) -> None:
        """Apply events, decide what follows, record all of it in one append, and start what is to run."""
        state, machine = self._state, self.machine
        first = state.seq
        for event in batch:
            evolve(machine, state, event)
        if live_input is not None:
            state.input = live_input
        launch = starts or []
        for command in decide(machine, state):
            if isinstance(command, StartTask):
                launch.append(command)
            else:
                self._end(command, batch)
        for start in launch:
            started = TaskStarted(machine.ids[start.node], start.visit, start.attempt)
            evolve(machine, state, started)
            batch.append(started)
        over = state.status != "running"
        if over:
            self._stop_all()
        self._record(batch, first, launch, over=over)

    def _end(self, command: semantics.Complete | semantics.Fail, batch: list[Event]) -> None:
        ending: list[Event]
        if isinstance(command, semantics.Fail):
            ending = settle.settle_end(self.machine, self._state, events.RunFailed(command.problem))
        else:
            try:
                value = output(self.machine, self._state)
                ending = [RunCompleted(value, unstored(value))]
            except ExpressionError as error:
                problem = Problem(type="ExpressionError", message=str(error))
                ending = [events.RunFailed(problem)]
        for event in ending:
            evolve(self.machine, self._state, event)
            if isinstance(event, RunCompleted):
                self._state.output = event.output
        batch.extend(ending)

    def _record(self, batch: list[Event], first: int, launch: list[StartTask], *, over: bool) -> None:
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
        if waiter is None:
            self._launch(launch)
        if self._listeners:
            for listener in tuple(self._listeners):
                try:
                    listener(self, batch)
                except Exception as error:  # noqa: BLE001 - who watches a run does not disturb it
                    host.loop.call_exception_handler({"message": f"a listener of {self!r} failed", "exception": error})

    def _acknowledged(self, launch: list[StartTask], over: bool, waiter: asyncio.Future[None]) -> None:
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
        self._finish()

    def _finish(self) -> None:
        if not self._over.done():
            self._over.set_result(None)

    def _stop_all(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        attempts, self._attempts = self._attempts, {}
        current = asyncio.current_task(self.host.loop)
        for task in (*attempts.values(), self._remaking):
            if task is not None and task is not current:
                task.cancel()

    def _launch(self, launch: list[StartTask]) -> None:
        create = self.host.loop.create_task
        for command in launch:
            self._attempts[command.node] = create(self._attempt(command.node, command.attempt))

    async def _attempt(self, node: int, attempt: int) -> None:
        """Run one attempt of a task and go on from its outcome."""
        plan = self.machine.plans[node]
        me = self._attempts[node]
        try:
            value = await self.host.call(plan, self._arguments(plan))
        except BaseException as error:
            cancelled = isinstance(error, asyncio.CancelledError)
            if cancelled and self.host.is_ending():
                self.suspend()  # the script ends, not the run
            if self._attempts.get(node) is me:
                self._failed(node, attempt, error)
            elif cancelled:
                raise
            return
        if self._attempts.get(node) is me:
            del self._attempts[node]
            known = unstored(value)
            self._advance(settle.settle_completed(self.machine, self._state, node, attempt, value, known))

    def _failed(self, node: int, attempt: int, error: BaseException) -> None:
        del self._attempts[node]
        plan = self.machine.plans[node]
        problem = problem_of(error, self.machine.ids[node])
        activity = self.host.registry.get(plan.activity)
        retry = plan.retry or (activity.retry if activity else None)
        if isinstance(error, ExpressionError):
            retry = None  # the same values give the same error
        now = self.host.clock()
        settled = settle.settle_failed(
            self.machine,
            self._state,
            node,
            attempt,
            problem,
            retry,
            now,
            random.random(),  # noqa: S311 - jitter
        )
        failed = settled[0]
        assert isinstance(failed, events.TaskFailed)
        if failed.retry_at is None:
            self._cause = error
        self._advance(settled)
        if failed.retry_at is not None and self._state.status == "running":
            self._retry_later(StartTask(node, failed.visit, attempt + 1), failed.retry_at - now)

    def _retry_later(self, command: StartTask, pause: int) -> None:
        def retry() -> None:
            self._timers.pop(command.node, None)
            self._advance([], [command])

        self._timers[command.node] = self.host.loop.call_later(max(pause, 0) / 1e6, retry)

    async def _make_again(self, lost: list[tuple[int, int]]) -> None:
        state, ids = self._state, self.machine.ids
        for node, attempt in lost:
            plan, visit = self.machine.plans[node], state.visits[node]
            self._note(TaskStarted(ids[node], visit, attempt, rerun=True))
            try:
                value = await self.host.call(plan, self._arguments(plan))
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

    def _arguments(self, plan: TaskPlan) -> dict[str, Any]:
        """What an activity is called with.

        Raises:
            ExpressionError: one of them fails.
        """
        constants = deepcopy(plan.constants) if plan.nested else plan.constants
        if not plan.computed:
            return constants
        state = self._state
        return {**constants, **{name: given.evaluate(state.values, state.input) for name, given in plan.computed}}
