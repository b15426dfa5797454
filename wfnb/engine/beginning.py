"""How a run begins, and how it goes on after a restart."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from msgspec import UNSET

from wfnb.engine import arguments
from wfnb.engine.capture import Tee, listen
from wfnb.engine.driver import Driver
from wfnb.engine.recorder import Launch
from wfnb.engine.recording import problem_of, unstored
from wfnb.engine.resume import wanted_values
from wfnb.engine.values import Place
from wfnb.errors import StoreError
from wfnb.machine import settle
from wfnb.machine.decide import reopen
from wfnb.model import event as events
from wfnb.model.event import Event, TaskCompleted, TaskStarted


class Beginning(Driver):
    """A run that can be begun, and taken up where another process left it."""

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
