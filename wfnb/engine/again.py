"""The output of a run that was over before a restart, where the history only says that it was no JSON value."""

from __future__ import annotations

import asyncio
from typing import Any

from wfnb.engine import arguments
from wfnb.engine.host import Host
from wfnb.engine.past import history
from wfnb.engine.recording import frozen, unstored
from wfnb.engine.resume import gone_values, lost_values
from wfnb.machine.machine import Machine
from wfnb.machine.output import output
from wfnb.machine.semantics import evolve
from wfnb.model.event import Event, RunCompleted, TaskCompleted, TaskStarted, Unstored
from wfnb.model.state import State
from wfnb.store.protocol import Row


class OutputLost(Exception):
    """Nothing can make the output again."""


class Again:
    """Makes the output of one completed run again.

    The tasks whose live results it is made of run again, each as its next attempt, as they do for a run that goes on
    after a restart.  They are recorded in the run's own history, and then that it is complete once more.

    Args:
        host: what runs share.
        run: the id of the run.
        machine: what it ran.
        state: where it stands; the output is put there.
        epoch: that of its last event.
    """

    def __init__(self, host: Host[Any], run: str, machine: Machine, state: State, epoch: int) -> None:
        self._host = host
        self._run = run
        self._machine = machine
        self._state = state
        self._epoch = epoch

    async def make(self) -> None:
        """Make it.

        Raises:
            OutputLost: it is made of what a child run or an input brought, which is not there any more.
            ExpressionError: what computes it fails.
            StoreError: the history takes no more events.
            BaseException: an activity failed.
        """
        machine, state = self._machine, self._state
        gone = [*gone_values(machine, state), *(n for n, value in state.input.items() if isinstance(value, Unstored))]
        if gone:
            lost = state.output
            what = lost.type if isinstance(lost, Unstored) else type(lost).__name__
            raise OutputLost(
                f"the output of run '{self._run}' ({what}) was not recorded, nor was '{gone[0]}', of which it is made\n"
                "let it give a JSON value, or start the run again"
            )
        for item in lost_values(machine, state, history(self._host.store, self._run)):
            plan, id, visit = machine.plans[item.node], machine.ids[item.node], state.visits[item.node]
            await self._note(TaskStarted(id, visit, item.attempt, rerun=True), committed=self._host.store.durable)
            value = await self._host.call(plan, arguments.of_task(plan, state))
            await self._note(TaskCompleted(id, visit, item.attempt, value, (), unstored(value), rerun=True))
        value = output(machine, state)
        await self._note(RunCompleted(value, unstored(value)))

    async def _note(self, event: Event, *, committed: bool = False) -> None:
        """Record an event that moves no token."""
        host, first = self._host, self._state.seq
        evolve(self._machine, self._state, event)
        row = Row(host.clock(), frozen(event))
        waiter: asyncio.Future[None] | None = host.loop.create_future() if committed else None
        host.store.append(self._run, self._epoch, first, [row], waiter)
        if waiter is not None:
            await waiter
