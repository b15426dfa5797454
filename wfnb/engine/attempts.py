"""What of a run's tasks is in progress: attempts, pauses before the next one, and what takes tasks back."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterable
from typing import Any

from wfnb.engine import arguments
from wfnb.engine.host import Host
from wfnb.engine.recording import problem_of, unstored
from wfnb.errors import ExpressionError, RequirementFailed
from wfnb.machine import command as c
from wfnb.machine import settle
from wfnb.machine.machine import Machine
from wfnb.model import event as events
from wfnb.model.event import Event, Problem
from wfnb.model.state import State


class Attempts:
    """The attempts of one run.

    Args:
        host: what the run shares with others.
        machine: what it runs.
        state: where it stands; read here, never changed.
        advance: takes the events of an outcome, and attempts to start.
        suspend: stops the run, where its loop is being shut down.
        blame: is told the exception that ends the run.
    """

    def __init__(  # noqa: PLR0917 - what they need of their run
        self,
        host: Host[Any],
        machine: Machine,
        state: State,
        advance: Callable[[list[Event], list[c.StartTask]], None],
        suspend: Callable[[], None],
        blame: Callable[[BaseException], None],
    ) -> None:
        self._host = host
        self._machine = machine
        self._state = state
        self._advance = advance
        self._suspend = suspend
        self._blame = blame
        self._running: dict[int, asyncio.Task[None]] = {}
        self._pausing: dict[int, asyncio.TimerHandle] = {}

    def __contains__(self, node: int) -> bool:
        return node in self._running

    def start(self, command: c.StartTask) -> None:
        """Start an attempt, if its token has not been withdrawn meanwhile."""
        node, state = command.node, self._state
        if state.busy.get(node) == command.attempt and state.visits[node] == command.visit:
            self._running[node] = self._host.loop.create_task(self._attempt(node, command.attempt))

    def start_later(self, command: c.StartTask, pause: int) -> None:
        """Start an attempt after a pause in microseconds."""

        def start() -> None:
            self._pausing.pop(command.node, None)
            self._advance([], [command])

        self._pausing[command.node] = self._host.loop.call_later(max(pause, 0) / 1e6, start)

    def take_back(self, command: c.Compensate) -> None:
        """Run what takes a completed task back."""
        self._running[command.node] = self._host.loop.create_task(self._take_back(command.node, command.visit))

    def call_off(self, node: int) -> None:
        """Stop what is in progress for a node."""
        self._cancel([self._running.pop(node, None)])
        pausing = self._pausing.pop(node, None)
        if pausing is not None:
            pausing.cancel()

    def stop(self) -> None:
        """Stop everything; what an attempt still gives is discarded."""
        for timer in self._pausing.values():
            timer.cancel()
        self._pausing.clear()
        running, self._running = self._running, {}
        self._cancel(running.values())

    def _cancel(self, tasks: Iterable[asyncio.Task[None] | None]) -> None:
        current = asyncio.current_task(self._host.loop)
        for task in tasks:
            if task is not None and task is not current:
                task.cancel()

    async def _attempt(self, node: int, attempt: int) -> None:
        """Run one attempt of a task and go on from its outcome."""
        plan = self._machine.plans[node]
        me = self._running[node]
        id = self._machine.ids[node]
        try:
            if plan.requires is not None:
                arguments.require(plan, self._state, id)
            value = await self._host.call(plan, arguments.of_task(plan, self._state))
            if plan.ensures is not None:
                arguments.ensure(plan, self._state, id, value)
        except BaseException as error:
            cancelled = isinstance(error, asyncio.CancelledError)
            if cancelled and self._host.is_ending():
                self._suspend()  # the script ends, not the run
            if self._running.get(node) is me:
                self._failed(node, attempt, error)
            elif cancelled:
                raise
            return
        if self._running.get(node) is me:
            del self._running[node]
            known = unstored(value)
            self._advance(settle.settle_completed(self._machine, self._state, node, attempt, value, known), [])

    def _failed(self, node: int, attempt: int, error: BaseException) -> None:
        del self._running[node]
        plan = self._machine.plans[node]
        problem = problem_of(error, self._machine.ids[node])
        activity = self._host.registry.get(plan.activity)
        retry = plan.retry or (activity.retry if activity else None)
        if isinstance(error, ExpressionError | RequirementFailed):
            retry = None  # the same values give the same error
        now = self._host.clock()
        settled = settle.settle_failed(
            self._machine,
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
        if failed.retry_at is None and not failed.moves:
            self._blame(error)
        self._advance(settled, [])
        if failed.retry_at is not None and self._state.status == "running":
            self.start_later(c.StartTask(node, failed.visit, attempt + 1), failed.retry_at - now)

    async def _take_back(self, node: int, visit: int) -> None:
        """Run what takes a completed task back; that it can not be taken back is recorded, and the rest goes on."""
        plan, me = self._machine.special.compensations[node], self._running[node]
        problem: Problem | None = None
        try:
            await self._host.call_retrying(plan, arguments.of_task(plan, self._state))
        except asyncio.CancelledError:
            if self._running.get(node) is me and self._host.is_ending():
                self._suspend()
            raise
        except BaseException as error:  # noqa: BLE001 - whatever the user's code raises belongs to its task
            problem = problem_of(error, self._machine.ids[node])
        if self._running.get(node) is me:
            del self._running[node]
            self._advance([events.TaskCompensated(self._machine.ids[node], visit, problem)], [])
