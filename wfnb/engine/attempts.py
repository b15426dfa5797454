"""What of a run's tasks is in progress: attempts, pauses before the next one, and what takes tasks back."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any

from msgspec import UNSET

from wfnb.engine import arguments
from wfnb.engine.commit import Commit
from wfnb.engine.handed import Handed
from wfnb.engine.handing import Handing
from wfnb.engine.outcomes import Ties
from wfnb.engine.recording import unstored
from wfnb.engine.runners import TURN
from wfnb.engine.seats import Seat
from wfnb.engine.signs import LENT
from wfnb.engine.slots import Gate
from wfnb.machine import command as c
from wfnb.machine import settle
from wfnb.machine.migration import Image


class Attempts(Handing):
    """The attempts of one run: those that wait for their turn, and those that are carried out."""

    def __init__(self, ties: Ties) -> None:
        super().__init__(ties)
        self.queue: deque[c.StartTask] = deque()
        """What a caller who has lent its asyncio task carries out; else attempts go to the runners."""
        self.at_hand = False
        """Whether such a caller looks at the queue before it waits for anything, and calls `leave` at last."""
        self.awaited: Commit | None = None
        """What is to be on the disk before the next attempts start, if anything."""
        self._stopped = False
        self._lent: Seat | None = None
        """That of who has lent an asyncio task last."""
        self._moved: dict[asyncio.Task[Any], int] = {}
        """The numbers that tasks in progress have got with another machine."""
        self._pausing: dict[int, asyncio.TimerHandle] = {}

    def start(self, command: c.StartTask) -> None:
        """Start an attempt as soon as an asyncio task is free, if its token has not been withdrawn until then."""
        self._stopped = False
        if self.at_hand:
            self.queue.append(command)
        else:
            self._host.runners.put(self, command)

    def start_later(self, command: c.StartTask, pause: int) -> None:
        """Start an attempt after a pause in microseconds."""

        def start() -> None:
            self._pausing.pop(command.node, None)
            self._advance([], [command])

        self._pausing[command.node] = self._host.loop.call_later(max(pause, 0) / 1e6, start)

    def start_now(self, node: int) -> bool:
        """Cut the pause before a task's next attempt short; gives whether there is one."""
        pausing = self._pausing.pop(node, None)
        if pausing is None:
            return False
        pausing.cancel()
        self._advance([], [c.StartTask(node, self._state.visits[node], self._state.busy[node] + 1)])
        return True

    def take_back(self, command: c.Compensate) -> None:
        """Run what takes a completed task back."""
        taking_back = self._take_back(command.node, command.visit)
        self._running[command.node] = self._host.loop.create_task(taking_back, context=self.context.copy())

    def call_off(self, node: int) -> None:
        """Stop what is in progress for a node."""
        self._cancel([self._running.pop(node, None)])
        if self._brought:
            self._forget(node)
        if self.gate is not None:
            self.gate.release(node)
        pausing = self._pausing.pop(node, None)
        if pausing is not None:
            pausing.cancel()

    def stop(self) -> None:
        """Stop everything; what an attempt still gives is discarded."""
        for timer in self._pausing.values():
            timer.cancel()
        self._pausing.clear()
        self._stopped = True  # what the runners still have is for nobody
        self.queue.clear()
        running, self._running = self._running, {}
        self._cancel(running.values())
        for command in [*self._brought]:
            self._forget(command.node)

    def follow(self, image: Image, gate: Gate | None) -> None:
        """Go on with another machine; attempts in progress do not notice.

        Args:
            image: which of its nodes is which of the old one's.
            gate: what gives tasks their turns there.
        """
        nodes, state = image.nodes, self._state
        self._machine = image.new
        if self.given is not None or image.new.disabled:
            self.look_for_given().follow(image.new)
        queued = [image.of(command) for command in self.queue]
        self.queue.clear()
        self.queue.extend(queued)
        self._host.runners.change(self, image.of)
        self._renumber(image)
        if self.gate is None:
            holders = [node for node in state.busy if node in image.new.plans and node not in state.retrying]
        else:
            holders = [nodes[node] for node in self.gate.holders() if node in nodes]
            self.gate.release_all()
        self.gate = gate
        if gate is not None:
            for node in holders:
                gate.hold(node)
        pausing = [nodes[node] for node in self._pausing if node in nodes]
        for timer in self._pausing.values():
            timer.cancel()
        self._pausing.clear()
        now = self._host.clock()
        for node in pausing:
            again = c.StartTask(node, state.visits[node], state.busy[node] + 1)
            self.start_later(again, state.retrying[node] - now)

    def _renumber(self, image: Image) -> None:
        """Know what is in progress by the numbers of another machine."""
        nodes, state = image.nodes, self._state
        for node, running in self._running.items():  # the state stands where the new machine has it
            command = None if isinstance(running, asyncio.Task) else running.command
            if command is not None and node in nodes and nodes[node] in state.busy:
                self._renumbered[id(command)] = command, c.StartTask(nodes[node], command.visit, command.attempt)
        if self.stations is not None:
            self.stations.follow(nodes, image.new.ids)
        self._running = {nodes[node]: running for node, running in self._running.items() if node in nodes}
        for node, running in self._running.items():
            if isinstance(running, Handed):
                running.node = node
            elif isinstance(running, Seat) and running.task is not None:
                self._moved[running.task] = node
        self._brought = {image.of(command): what for command, what in self._brought.items() if command.node in nodes}

    def _cancel(self, tasks: Iterable[asyncio.Task[Any] | Handed | Seat | None]) -> None:
        current = asyncio.current_task(self._host.loop)
        for one in tasks:
            task = one.task if isinstance(one, Seat) else one
            if task is not None and task is not current:
                task.cancel()
                if isinstance(task, Handed):
                    self._host.watch.discard(task)

    # -------------------------------------------------------------------------------------------- working them off

    async def lend(self, me: asyncio.Task[Any]) -> None:
        """Work the queue off in the caller's asyncio task `me`, which was at hand when attempts were put there.

        A caller who is cancelled meanwhile takes nothing away: what was in progress is started again without it.

        Raises:
            StoreError: what precedes the attempts could not be recorded.
        """
        queue, until, seat = self.queue, 0.0, self._lent
        outside = LENT.get(me) if LENT else None  # an attempt that was lent this may lend it on
        if seat is None or seat.task is not me or outside is not None:
            seat = self._lent = Seat(me)
        LENT[me] = seat
        try:
            while True:
                if queue:
                    await self.carry_out(queue.popleft(), seat, lent=True)
                if self.awaited is not None:
                    self.leave()
                    await self.awaited.wait()
                elif not queue:
                    return
                else:
                    time = self._host.loop.time()
                    if not until:
                        until = time + TURN
                    elif time > until:
                        until = 0.0
                        self.leave()
                        await asyncio.sleep(0)
                self.at_hand = True
        finally:
            if outside is None:
                del LENT[me]
            else:
                LENT[me], self._lent = outside, None

    def leave(self) -> None:
        """Leave what is in the queue to the runners: nobody looks at it any more."""
        self.at_hand = False
        while self.queue:
            self._host.runners.put(self, self.queue.popleft())

    async def carry_out(  # noqa: PLR0912, PLR0915 - the hot path
        self, command: c.StartTask, seat: Seat, *, lent: bool
    ) -> None:
        """Run an attempt in the asyncio task that calls this, if its token is still there; go on from its outcome.

        Back, this asyncio task is at hand for the next.
        """
        state, host, node = self._state, self._host, command.node
        if self._stopped or state.busy.get(node) != command.attempt or state.visits[node] != command.visit:
            return
        if self.given is not None and command not in self._brought and self._give(command):
            return
        plan = self._machine.plans[node]
        activity = host.registry.get(plan.activity)
        if activity is not None and activity.blocks and not lent and self._hand_over(command, activity):
            return
        me = seat.task
        assert me is not None
        seat.hall, seat.command = self, command
        self._running[node] = seat
        if lent:
            self.at_hand = False
            if self.queue:
                self.leave()
        else:
            host.runners.away()
        cancelling = me.cancelling()
        try:
            found = None
            if self._brought and command in self._brought:
                brought, seat.spent = self._brought.pop(command)
                value = await brought
            else:
                if plan.requires is not None:
                    arguments.require(plan, state, self._machine.ids[node])
                given = arguments.of_task(plan, state) if plan.computed or plan.nested else plan.constants
                if plan.cache:
                    found = await host.cache.find(plan, given)
                if found is not None and found.hit:
                    value = found.value
                elif activity is not None and activity.plain and not plan.special and not activity.records:
                    value = await activity.function(**given)  # as `host.call` does, which would cost a tenth more
                else:
                    value = await host.call(plan, given, seat)
            if self._moved:
                node = self._moved.pop(me, node)
            if plan.ensures is not None:
                arguments.ensure(plan, state, self._machine.ids[node], value)
            known = UNSET if value is None else unstored(value)
            if known is not UNSET:
                known = await host.vault.taken(value, known, anyway=found is not None and bool(found.key))
                if self._moved:
                    node = self._moved.pop(me, node)
        except BaseException as error:  # noqa: BLE001 - whatever the user's code raises belongs to its task
            self._back(lent=lent)
            spent, seat.spent = seat.spent, None
            if self._moved:
                node = self._moved.pop(me, node)
            if isinstance(error, asyncio.CancelledError):
                command = c.StartTask(node, command.visit, command.attempt)
                self._cancelled(command, seat, error, lent=lent, asked=me.cancelling() > cancelling)
            elif self._running.get(node) is seat:
                self._failed(node, command.attempt, error, spent)
            return
        if lent:
            self.at_hand = True
        else:
            host.runners.at_hand = True
        spent, seat.spent = seat.spent, None
        if self._running.get(node) is seat:
            # Most have nothing that `_completed` looks for, and a call is a tenth of all this.
            if found is None and spent is None and self.gate is None and self.stations is None:
                del self._running[node]
                self._advance(settle.settle_completed(self._machine, state, node, command.attempt, value, known), [])
            else:
                self._completed(node, command.attempt, value, known, spent, found)

    def _back(self, *, lent: bool) -> None:
        if lent:
            self.at_hand = True
        else:
            self._host.runners.at_hand = True

    def _cancelled(
        self, command: c.StartTask, seat: Seat, error: asyncio.CancelledError, *, lent: bool, asked: bool
    ) -> None:
        """Go on from an attempt that was cancelled: by the run, with its loop, with who lent its task, or by itself."""
        node = command.node
        ending = self._host.is_ending()
        if ending:
            self._suspend()  # the script ends, not the run
        if self._running.get(node) is not seat:  # the run does not want it any more
            if ending or not lent or seat.task is None or seat.task.uncancel() > 0:
                raise error
        elif lent and asked:
            del self._running[node]
            if self.gate is not None:
                self.gate.release(node)
            self.at_hand = False
            self._advance(self.last_words(node), [c.StartTask(node, command.visit, command.attempt + 1)])
            raise error
        else:
            self._failed(node, command.attempt, error)
