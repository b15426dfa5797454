"""What all runs of one engine share: the store, the loop, the clock, the activities and where they run."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from threading import get_ident
from typing import Any, Generic, TypeVar

from wfnb.engine.ahead import Histories
from wfnb.engine.cache import Cache
from wfnb.engine.calling import Calling, Places, Spot
from wfnb.engine.capture import leave
from wfnb.engine.handed import Handed, Watch
from wfnb.engine.naming import mark
from wfnb.engine.runners import Runners
from wfnb.engine.slots import Slots
from wfnb.engine.values import Values
from wfnb.errors import CompileError, WfnbError, did_you_mean
from wfnb.machine.machine import Machine, TaskPlan
from wfnb.model.activity import Activity
from wfnb.model.records import fitted
from wfnb.model.workflow import Retry
from wfnb.store.protocol import EventStore

R = TypeVar("R")
"""What a run is; a type of its own, so that this module need not know runs, which know it."""


class Host(Generic[R]):
    """The surroundings of a run.

    Attributes:
        store: where events go.
        mark: ends the ids of the runs that are started here.
        registry: the activities, by name.
        durability: of runs that say nothing else.
        slots: what every task needs, of whatever run; empty where there is no limit.
        capture: what becomes of what activities print: `both` keeps and shows it, `only` keeps it, `off` shows it.
        compile: makes a machine of a workflow, however it is given; raises CompileError.
        clock: gives microseconds since the epoch.
        vault: what stores values that are not JSON, and gives them back.
        cache: what finds results that can be used again.
        runs: those in progress, by id.
        ahead: where the histories of runs were read ahead, while many are taken up; of others the store has it.
        loop: the loop that the runs live in; there is none before `attach`.
        thread: the identifier of the thread in which it runs.
        runners: carry out attempts; there are none before `attach`.
        watch: sees the loop being shut down while attempts are with threads; there is none before `attach`.
    """

    loop: asyncio.AbstractEventLoop
    runners: Runners
    watch: Watch

    def __init__(
        self,
        store: EventStore,
        registry: Mapping[str, Activity],
        durability: str,
        limit: int | None = None,
        places: Places | None = None,
        *,
        compile: Callable[[Any], Machine],
    ) -> None:
        self.store = store
        self.mark = mark()
        self.registry = registry
        self.durability = durability
        self.slots: tuple[Slots, ...] = ()
        self._limit = limit
        self.compile = compile
        self.clock = _clock
        self.runs: dict[str, R] = {}
        self.ahead: dict[str, Histories] = {}
        self._listeners: list[Callable[[], None]] = []
        self.thread = 0
        self._places = places or Places()
        self.capture = self._places.capture
        self._calling = Calling(self._places)
        self.vault = Values(store)
        self.cache = Cache(store, self.vault, registry)

    def histories(self, run: str) -> Histories:
        """Where the history of a run is to be read."""
        return self.ahead.get(run, self.store)

    def is_here(self) -> bool:
        """Whether this is called in the thread of the loop, while it runs."""
        # Not `get_running_loop`, which asks the operating system for the process with every call.
        return self.thread == get_ident() and self.loop.is_running()

    def tell(self, callback: Callable[..., object], *arguments: Any) -> None:
        """Call something in the thread of the loop, with its next turn; may be called in any thread.

        Raises:
            WfnbError: the loop was closed.
        """
        try:
            self.loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:
            raise WfnbError(
                "the event loop that the run lived in is closed\n`await wf.resume()` takes it up in another one"
            ) from None

    def attach(self) -> None:
        """Settle in the running loop.

        Raises:
            WfnbError: no loop is running, or runs are in progress in another.
        """
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise WfnbError(
                "no event loop is running\nin a script, put this into `async def main()` and call asyncio.run(main())"
            ) from None
        before = getattr(self, "loop", None)  # there is none until the first run
        if before is not loop:
            if self.runs and before is not None and not before.is_closed():
                raise WfnbError("this engine has runs in another event loop\nuse one engine a loop")
            self.runs.clear()  # what was left when that loop was closed can be resumed here
            self.loop = loop
            self.thread = get_ident()
            self.runners = Runners(loop)
            self.watch = Watch(loop, self.is_ending)
            self.slots = () if self._limit is None else (Slots(self._limit, loop),)
            self.clock = getattr(loop, "clock", self.clock)  # a loop in virtual time has one of its own
            self._calling.close()
            self._calling = Calling(self._places)  # what the old threads still bring would wake the old loop

    def is_ending(self) -> bool:
        """Whether the loop is being shut down, as at the end of `asyncio.run`: all that is left is being cancelled."""
        return all(task.cancelling() for task in asyncio.all_tasks(self.loop))

    def subscribe(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call `listener` when a run begins or is over; returns what stops that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def take(self, id: str, run: R) -> None:
        """Keep a run while it is in progress."""
        self.runs[id] = run
        self._tell()

    def release(self, id: str, run: R) -> None:
        """Let go of a run that is over; one that goes on in its place stays."""
        if self.runs.get(id) is run:
            del self.runs[id]
            self._tell()

    def _tell(self) -> None:
        for listener in tuple(self._listeners):
            listener()

    def close(self) -> None:
        """Let the threads go, end the processes and release the store."""
        self._calling.close()
        leave(self)
        self.vault.close()
        self.store.close()

    def call(self, plan: TaskPlan, arguments: dict[str, Any], spot: Spot | None = None) -> Awaitable[Any]:
        """Run an activity once; await what is returned for its result.

        Args:
            plan: what it takes.
            arguments: what it is called with.
            spot: where it runs, if what it tells is to be heard.

        Raises:
            ActivityTimeout, HeartbeatLost, NoThread, WorkerDied, Unpicklable: see `Calling.call` (when awaited).
            CompileError: it is not defined any more.
            TypeError: plain data is not of the fields of the dataclass that a parameter wants.
        """
        activity = self.registry.get(plan.activity)
        if activity is None:
            raise CompileError(
                f"activity '{plan.activity}' is not defined\nrun the cell that defines it."
                f"{did_you_mean(plan.activity, self.registry)}"
            )
        if activity.records:
            arguments = fitted(arguments, activity.records)
        if activity.plain and not plan.special:
            called: Awaitable[Any] = activity.function(**arguments)
            return called
        return self._calling.call(plan, activity, arguments, spot)

    def hand(self, handed: Handed, activity: Activity, arguments: dict[str, Any]) -> None:
        """Run an activity once in a thread; who has handed the attempt over is told what comes of it.

        Raises:
            TypeError: see `call`.
        """
        if activity.records:
            arguments = fitted(arguments, activity.records)
        self._calling.hand(handed, activity, arguments)
        self.watch.add(handed)

    async def call_retrying(self, plan: TaskPlan, arguments: dict[str, Any], spot: Spot) -> Any:
        """Run an activity, heard at a spot, until it succeeds or its own retry policy is used up; gives its result."""
        activity = self.registry.get(plan.activity)
        retry = (activity.retry if activity else None) or Retry(attempts=1)
        for attempt in range(1, retry.attempts + 1):
            try:
                return await self.call(plan, arguments, spot)
            except Exception as error:
                if attempt == retry.attempts or (retry.errors and type(error).__name__ not in retry.errors):
                    raise
                await asyncio.sleep(min(retry.maximum, retry.delay * retry.factor ** (attempt - 1)))
        raise AssertionError("a policy has at least one attempt")


def _clock() -> int:
    return time.time_ns() // 1000
