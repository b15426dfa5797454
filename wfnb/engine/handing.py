"""Handing attempts that block over to threads, and going on from what comes back."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Awaitable
from types import CoroutineType
from typing import Any, TypeAlias

from msgspec import UNSET

from wfnb.engine import arguments
from wfnb.engine.handed import Handed
from wfnb.engine.outcomes import Outcomes, Ties
from wfnb.engine.recording import unstored
from wfnb.engine.signs import Spent
from wfnb.machine.command import StartTask
from wfnb.model.activity import Activity

Brought: TypeAlias = tuple[Awaitable[Any], Spent | None]
"""What a thread has brought that has to be waited for, and what it took."""


class Handing(Outcomes):
    """Carries blocking attempts out without an asyncio task; one takes over where the result has to be waited for."""

    def __init__(self, ties: Ties) -> None:
        super().__init__(ties)
        self._brought: dict[StartTask, Brought] = {}

    @abstractmethod
    def start(self, command: StartTask) -> None:
        """Start an attempt as soon as an asyncio task is free."""

    def _hand_over(self, command: StartTask, activity: Activity) -> bool:
        """Hand an attempt over to a thread, where nothing else has to be seen to; gives whether that was done."""
        node, host, machine = command.node, self._host, self._machine
        plan = machine.plans[node]
        if plan.special or plan.cache or command in self._brought:
            return False
        handed = self._running[node] = Handed(self, host.loop, command)
        try:
            if plan.requires is not None:
                arguments.require(plan, self._state, machine.ids[node])
            given = arguments.of_task(plan, self._state) if plan.computed or plan.nested else plan.constants
            host.hand(handed, activity, given)
        except Exception as error:  # noqa: BLE001 - arguments may be of any class of the user's
            self._failed(node, command.attempt, error)
        return True

    def came_back(self, handed: Handed, value: Any, error: BaseException | None) -> None:
        """A thread is done with an attempt."""
        self._host.watch.discard(handed)
        if self._running.get(handed.node) is handed:
            # What begins now sees of the context what the run was started in, and nothing of what the thread has set.
            self.context.copy().run(self._go_on_from, handed, value, error)

    def left_behind(self) -> None:
        """The loop is being shut down while attempts are with threads: the script ends, not the run."""
        self._suspend()

    def _go_on_from(self, handed: Handed, value: Any, error: BaseException | None) -> None:
        node, attempt, spent = handed.node, handed.command.attempt, handed.seat.spent
        if error is None and value is not None:
            # A plain function may return a coroutine (a partial, a lambda, a decorated async def): it runs on the loop.
            if type(value) is CoroutineType:
                self._wait_for(handed, value)
                return
            if unstored(value) is not UNSET:  # to store it may take a while
                found = self._host.loop.create_future()
                found.set_result(value)
                self._wait_for(handed, found)
                return
        plan = self._machine.plans[node]
        if error is None and plan.ensures is not None:
            try:
                arguments.ensure(plan, self._state, self._machine.ids[node], value)
            except Exception as raised:  # noqa: BLE001 - values may be of any class of the user's
                error = raised
        if error is None:
            self._completed(node, attempt, value, UNSET, spent)
        else:
            self._failed(node, attempt, error, spent)

    def _wait_for(self, handed: Handed, value: Awaitable[Any]) -> None:
        """Have an asyncio task wait for what an attempt gives."""
        command = StartTask(handed.node, handed.command.visit, handed.command.attempt)
        self._brought[command] = value, handed.seat.spent
        self.start(command)

    def _forget(self, node: int) -> None:
        """Nobody waits any more for what a thread has brought for a node."""
        for command in [command for command in self._brought if command.node == node]:
            value, _ = self._brought.pop(command)
            if type(value) is CoroutineType:
                value.close()
