"""What of a run's tasks is in progress: attempts, pauses before the next one, and what takes tasks back."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from collections.abc import Callable, Iterable
from contextvars import copy_context
from typing import Any

import msgspec
from msgspec import UNSET

from wfnb.engine import arguments
from wfnb.engine.commit import Commit
from wfnb.engine.given import Given
from wfnb.engine.host import Host
from wfnb.engine.recording import problem_of, unstored
from wfnb.engine.runners import TURN
from wfnb.engine.seats import NOBODY, Seat, Stand
from wfnb.engine.signs import LENT, PLACE, Attempt, Spent
from wfnb.engine.slots import Gate
from wfnb.engine.stations import Station, Stations
from wfnb.errors import ExpressionError, RequirementFailed, StoreError, Unpicklable
from wfnb.machine import command as c
from wfnb.machine import settle
from wfnb.machine.machine import Machine
from wfnb.machine.migration import Image
from wfnb.model import event as events
from wfnb.model.event import Event, Problem, Unstored
from wfnb.model.state import State


class Attempts:
    """The attempts of one run.

    Args:
        host: what the run shares with others.
        run: the id of the run.
        machine: what it runs.
        state: where it stands; read here, never changed.
        advance: takes the events of an outcome, and attempts to start.
        suspend: stops the run, where its loop is being shut down.
        blame: is told the exception that ends the run.
        note: records events that move nothing.
        tell: tells who looks on how far an attempt has come.
    """

    def __init__(  # noqa: PLR0917 - what they need of their run
        self,
        host: Host[Any],
        run: str,
        machine: Machine,
        state: State,
        advance: Callable[[list[Event], list[c.StartTask]], None],
        suspend: Callable[[], None],
        blame: Callable[[BaseException], None],
        note: Callable[[list[Event]], None],
        tell: Callable[[events.ProgressReported], None],
    ) -> None:
        self._host = host
        self._run = run
        self._machine = machine
        self._state = state
        self._advance = advance
        self._suspend = suspend
        self._blame = blame
        self._note = note
        self._tell = tell
        self.stations: Stations | None = None
        """Where attempts are heard, once one has told anything; most runs never have any."""
        self.context = copy_context()
        """What activities see of the context that the run was started in; none sees what another has set."""
        self.context.run(PLACE.set, NOBODY)
        self.queue: deque[c.StartTask] = deque()
        """What a caller who has lent its asyncio task carries out; else attempts go to the runners."""
        self.at_hand = False
        """Whether such a caller looks at the queue before it waits for anything, and calls `leave` at last."""
        self.awaited: Commit | None = None
        """What is to be on the disk before the next attempts start, if anything."""
        self.gate: Gate | None = None
        """What gives tasks their turns, where not all that are ready are in progress."""
        self._stopped = False
        self.given: Given | None = None
        """What tasks give without running their activities; None where every task runs its own."""
        self._lent: Seat | None = None
        """That of who has lent an asyncio task last."""
        self._running: dict[int, asyncio.Task[Any]] = {}
        self._moved: dict[asyncio.Task[Any], int] = {}
        """The numbers that tasks in progress have got with another machine."""
        self._renumbered: dict[c.StartTask, c.StartTask] = {}
        """As they were started, and as they are called now."""
        self._pausing: dict[int, asyncio.TimerHandle] = {}

    def __contains__(self, node: int) -> bool:
        return node in self._running

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

    def look_for_given(self) -> Given:
        """From now on, look whether a task has its result without running its activity."""
        if self.given is None:
            self.given = Given(self._machine, self._state)
        return self.given

    def take_back(self, command: c.Compensate) -> None:
        """Run what takes a completed task back."""
        taking_back = self._take_back(command.node, command.visit)
        self._running[command.node] = self._host.loop.create_task(taking_back, context=self.context.copy())

    def call_off(self, node: int) -> None:
        """Stop what is in progress for a node."""
        self._cancel([self._running.pop(node, None)])
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
        for node in self._running:  # the state stands where the new machine has it
            if node in nodes and nodes[node] in state.busy:
                visit, attempt = state.visits[nodes[node]], state.busy[nodes[node]]
                self._renumbered[c.StartTask(node, visit, attempt)] = c.StartTask(nodes[node], visit, attempt)
        if self.stations is not None:
            self.stations.follow(nodes, image.new.ids)
        self._running = {nodes[node]: task for node, task in self._running.items() if node in nodes}
        self._moved |= {task: node for node, task in self._running.items()}
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

    def _cancel(self, tasks: Iterable[asyncio.Task[Any] | None]) -> None:
        current = asyncio.current_task(self._host.loop)
        for task in tasks:
            if task is not None and task is not current:
                task.cancel()

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

    def station(self, command: c.StartTask) -> Station | None:
        """Where an attempt is heard, in whichever thread it tells something; None once it is over."""
        state, command = self._state, self._renumbered.get(command, command)
        node = command.node
        if node not in self._running or state.busy.get(node) != command.attempt:
            return None
        if state.visits.get(node) != command.visit:
            return None
        if self.stations is None:
            self.stations = Stations(self._host, self._machine.ids, self._note, self._tell)
        return self.stations.at(command)

    def about(self, command: c.StartTask) -> Attempt:
        """Which attempt that is, as people know it."""
        command = self._renumbered.get(command, command)
        return Attempt(self._run, self._machine.ids[command.node], command.visit, command.attempt)

    def last_words(self, node: int | None = None) -> list[Event]:
        """What is still to be recorded of what a node's attempt, or every one, has told; it is heard no more."""
        if self.stations is None:
            return []
        return self.stations.close_all() if node is None else self.stations.close(node)

    async def carry_out(  # noqa: PLR0912, PLR0915 - the hot path
        self, command: c.StartTask, seat: Seat, *, lent: bool
    ) -> None:
        """Run an attempt in the asyncio task that calls this, if its token is still there; go on from its outcome.

        Back, this asyncio task is at hand for the next.
        """
        state, host, node = self._state, self._host, command.node
        if self._stopped or state.busy.get(node) != command.attempt or state.visits[node] != command.visit:
            return
        if self.given is not None and self._give(command):
            return
        me = seat.task
        assert me is not None
        seat.hall, seat.command = self, command
        self._running[node] = me
        if lent:
            self.at_hand = False
            if self.queue:
                self.leave()
        else:
            host.runners.away()
        plan = self._machine.plans[node]
        cancelling = me.cancelling()
        try:
            if plan.requires is not None:
                arguments.require(plan, state, self._machine.ids[node])
            given = arguments.of_task(plan, state) if plan.computed or plan.nested else plan.constants
            found = None
            if plan.cache:
                found = await host.cache.find(plan, given)
            value = found.value if found is not None and found.hit else await host.call(plan, given, seat)
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
                self._cancelled(command, me, error, lent=lent, asked=me.cancelling() > cancelling)
            elif self._running.get(node) is me:
                self._failed(node, command.attempt, error, spent)
            return
        if lent:
            self.at_hand = True
        else:
            host.runners.at_hand = True
        spent, seat.spent = seat.spent, None
        if self._running.get(node) is me:
            del self._running[node]
            if self.gate is not None:
                self.gate.release(node)
            settled = settle.settle_completed(self._machine, state, node, command.attempt, value, known)
            words = self.stations.close(node) if self.stations is not None else None
            if spent is not None:
                settled = [measured(settled[0], spent), *settled[1:]]
            if found is not None:
                settled = found.told(settled, known)
                host.cache.note(found, self._run, state.seq + len(words or ()) + 1)
            self._advance([*words, *settled] if words else settled, [])

    def _back(self, *, lent: bool) -> None:
        if lent:
            self.at_hand = True
        else:
            self._host.runners.at_hand = True

    def _give(self, command: c.StartTask) -> bool:
        """Go on from a result for which no activity has to run, if there is one."""
        node, vault = command.node, self._host.vault
        found = self.given.find(node, command.visit) if self.given is not None else None
        if found is None:
            return False
        value, how = found
        known = vault.known(value)
        if type(value) is Unstored:
            try:
                value = vault.load(value)
            except StoreError:
                return False  # it is made again
        if self.gate is not None:
            self.gate.release(node)
        settled = settle.settle_completed(self._machine, self._state, node, command.attempt, value, known)
        completed = settled[0]
        assert isinstance(completed, events.TaskCompleted)
        self._advance([msgspec.structs.replace(completed, given=how), *settled[1:]], [])
        return True

    def _cancelled(
        self, command: c.StartTask, me: asyncio.Task[Any], error: asyncio.CancelledError, *, lent: bool, asked: bool
    ) -> None:
        """Go on from an attempt that was cancelled: by the run, with its loop, with who lent its task, or by itself."""
        node = command.node
        ending = self._host.is_ending()
        if ending:
            self._suspend()  # the script ends, not the run
        if self._running.get(node) is not me:  # the run does not want it any more
            if ending or not lent or me.uncancel() > 0:
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

    def _failed(self, node: int, attempt: int, error: BaseException, spent: Spent | None = None) -> None:
        del self._running[node]
        if self.gate is not None:
            self.gate.release(node)
        plan = self._machine.plans[node]
        problem = problem_of(error, self._machine.ids[node])
        activity = self._host.registry.get(plan.activity)
        retry = plan.retry or (activity.retry if activity else None)
        if isinstance(error, ExpressionError | RequirementFailed | Unpicklable):
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
        if spent is not None:
            settled = [measured(failed, spent), *settled[1:]]
        self._advance([*self.last_words(node), *settled], [])
        if failed.retry_at is not None and self._state.status == "running":
            self.start_later(c.StartTask(node, failed.visit, attempt + 1), failed.retry_at - now)

    # ------------------------------------------------------------------------------------------------ taking back

    async def _take_back(self, node: int, visit: int) -> None:
        """Run what takes a completed task back; that it can not be taken back is recorded, and the rest goes on."""
        plan, me = self._machine.special.compensations[node], self._running[node]
        problem: Problem | None = None
        if self.stations is None:
            self.stations = Stations(self._host, self._machine.ids, self._note, self._tell)
        station = Station(self.stations, self._machine.ids[node], visit, 0)
        stand = Stand(station, Attempt(self._run, station.id, visit, 0))
        PLACE.set(stand)
        try:
            given = arguments.of_task(plan, self._state)
            problem = _lost_of(given, self._machine.ids[node])
            if problem is None:
                await self._host.call_retrying(plan, given, stand)
        except asyncio.CancelledError:
            if self._running.get(node) is me and self._host.is_ending():
                self._suspend()
            raise
        except BaseException as error:  # noqa: BLE001 - whatever the user's code raises belongs to its task
            problem = problem_of(error, self._machine.ids[node])
        finally:
            stand.over, words = True, station.close()
        if self._running.get(node) is me:
            del self._running[node]
            self._advance([*words, events.TaskCompensated(self._machine.ids[node], visit, problem)], [])


def measured(event: Event, spent: Spent) -> Event:
    """The end of an attempt, with what it took."""
    assert isinstance(event, events.TaskCompleted | events.TaskFailed)
    return msgspec.structs.replace(event, usage=events.Usage(*spent))


def _lost_of(given: dict[str, Any], id: str) -> Problem | None:
    """What keeps a task from being taken back whose live values went with their process."""
    for name, value in given.items():
        if type(value) is Unstored:
            message = f"what takes '{id}' back needs '{name}' ({value.type}), which was not recorded"
            return Problem(type="ValueLost", message=f"{message}\ngive it a JSON value, or register a codec", node=id)
    return None
