"""What a run is told from outside: signals, and the answers to what it asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from threading import get_ident
from typing import Any

from wfnb.engine.control import Control
from wfnb.engine.outside import checked_answer, checked_id, checked_signal
from wfnb.errors import ExpressionError, WfnbError
from wfnb.machine import settle, triggered
from wfnb.machine.semantics import evolve


class Hearing(Control):
    """A run that hears signals and answers; both may come from any thread."""

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
