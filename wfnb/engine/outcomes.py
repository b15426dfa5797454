"""What follows from how an attempt ended, and where attempts are heard meanwhile."""

from __future__ import annotations

import asyncio
import random
from abc import abstractmethod
from collections.abc import Callable
from contextvars import copy_context
from typing import Any, NamedTuple

import msgspec
from msgspec import UnsetType

from wfnb.engine import arguments
from wfnb.engine.cache import Found
from wfnb.engine.given import Given
from wfnb.engine.handed import Handed
from wfnb.engine.host import Host
from wfnb.engine.recording import problem_of
from wfnb.engine.seats import NOBODY, Seat, Stand
from wfnb.engine.signs import PLACE, Attempt, Spent
from wfnb.engine.slots import Gate
from wfnb.engine.stations import Station, Stations
from wfnb.errors import ExpressionError, RequirementFailed, StoreError, Unpicklable
from wfnb.machine import command as c
from wfnb.machine import settle
from wfnb.machine.machine import Machine
from wfnb.model import event as events
from wfnb.model.event import Event, Problem, Unstored
from wfnb.model.state import State


class Ties(NamedTuple):
    """What attempts need of their run.

    Attributes:
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

    host: Host[Any]
    run: str
    machine: Machine
    state: State
    advance: Callable[[list[Event], list[c.StartTask]], None]
    suspend: Callable[[], None]
    blame: Callable[[BaseException], None]
    note: Callable[[list[Event]], None]
    tell: Callable[[events.ProgressReported], None]


class Outcomes:
    """Ends the attempts of one run: each outcome becomes events, from which the run goes on."""

    def __init__(self, ties: Ties) -> None:
        self._host, self._run, self._machine, self._state = ties.host, ties.run, ties.machine, ties.state
        self._advance, self._suspend, self._blame = ties.advance, ties.suspend, ties.blame
        self._note, self._tell = ties.note, ties.tell
        self.stations: Stations | None = None
        """Where attempts are heard, once one has told anything; most runs never have any."""
        self.context = copy_context()
        """What activities see of the context that the run was started in; none sees what another has set."""
        self.context.run(PLACE.set, NOBODY)
        self.gate: Gate | None = None
        """What gives tasks their turns, where not all that are ready are in progress."""
        self.given: Given | None = None
        """What tasks give without running their activities; None where every task runs its own."""
        self._running: dict[int, Seat | Handed | asyncio.Task[Any]] = {}
        """Where the attempts are in progress; of what takes a task back, its asyncio task."""
        self._renumbered: dict[int, tuple[c.StartTask, c.StartTask]] = {}
        """As they were started, and as they are called now; by identity, for another task may have the number now."""

    def __contains__(self, node: int) -> bool:
        return node in self._running

    @abstractmethod
    def start_later(self, command: c.StartTask, pause: int) -> None:
        """Start an attempt after a pause in microseconds."""

    def look_for_given(self) -> Given:
        """From now on, look whether a task has its result without running its activity."""
        if self.given is None:
            self.given = Given(self._machine, self._state)
        return self.given

    # --------------------------------------------------------------------------------------- where they are heard

    def station(self, command: c.StartTask) -> Station | None:
        """Where an attempt is heard, in whichever thread it tells something; None once it is over."""
        state, command = self._state, self._called_now(command)
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
        command = self._called_now(command)
        return Attempt(self._run, self._machine.ids[command.node], command.visit, command.attempt)

    def _called_now(self, command: c.StartTask) -> c.StartTask:
        renumbered = self._renumbered.get(id(command))
        return command if renumbered is None else renumbered[1]

    def last_words(self, node: int | None = None) -> list[Event]:
        """What is still to be recorded of what a node's attempt, or every one, has told; it is heard no more."""
        if self.stations is None:
            return []
        return self.stations.close_all() if node is None else self.stations.close(node)

    # ------------------------------------------------------------------------------------------------ how they end

    def _completed(  # noqa: PLR0917 - the hot path
        self,
        node: int,
        attempt: int,
        value: Any,
        known: Unstored | UnsetType,
        spent: Spent | None,
        found: Found | None = None,
    ) -> None:
        """Go on from a result."""
        del self._running[node]
        if self.gate is not None:
            self.gate.release(node)
        settled = settle.settle_completed(self._machine, self._state, node, attempt, value, known)
        words = self.stations.close(node) if self.stations is not None else None
        if spent is not None:
            settled = [measured(settled[0], spent), *settled[1:]]
        if found is not None:
            settled = found.told(settled, known)
            self._host.cache.note(found, self._run, self._state.seq + len(words or ()) + 1)
        self._advance([*words, *settled] if words else settled, [])

    def _failed(self, node: int, attempt: int, error: BaseException, spent: Spent | None = None) -> None:
        """Go on from an error."""
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
