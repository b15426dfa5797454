"""Calling activities where they run: on the loop, in a thread or in a process, limited in time and watched."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from types import CoroutineType
from typing import TYPE_CHECKING, Any, Literal, Protocol

from wfnb.engine.executors.jobs import Job, Raised
from wfnb.engine.executors.threads import ThreadPool
from wfnb.engine.handed import Handed
from wfnb.engine.signs import PLACE, Place, Spent
from wfnb.errors import ActivityTimeout, HeartbeatLost
from wfnb.machine.machine import TaskPlan
from wfnb.model.activity import Activity

if TYPE_CHECKING:
    from wfnb.engine.executors.processes import ProcessPool


@dataclass(frozen=True, slots=True)
class Places:
    """What people decide about where activities run; see `Engine`.

    Raises:
        ValueError: a word is none of those known, or there are no workers.
    """

    capture: Literal["both", "only", "off"] = "both"
    workers: int | None = None
    start_method: Literal["spawn", "forkserver"] = "spawn"

    def __post_init__(self) -> None:
        known = {"capture": ("both", "only", "off"), "start_method": ("spawn", "forkserver")}
        for name, words in known.items():
            given = getattr(self, name)
            if given not in words:
                raise ValueError(f"{name} is {given!r}\nknown: {', '.join(map(repr, words))}")
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"workers is {self.workers}\ngive a number of processes, 1 or more, or None")


class Spot(Protocol):
    """Where an attempt is carried out."""

    spent: Spent | None
    """Is told what it took, where somebody else than the loop does it."""

    def own(self) -> Place:
        """The place of this attempt alone."""


class Calling:
    """Runs activities for one loop.

    Args:
        places: what people have decided about it.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._threads = ThreadPool()
        self._processes: ProcessPool | None = None

    def close(self) -> None:
        """Let idle threads go, and end every process."""
        self._threads.close()
        if self._processes is not None:
            self._processes.close()

    def call(self, plan: TaskPlan, activity: Activity, arguments: dict[str, Any], spot: Spot | None) -> Awaitable[Any]:
        """Run an activity that does not just run on the loop for as long as it likes; await it for its result.

        Raises:
            ActivityTimeout: it took longer than it may, from its beginning on (when awaited, as the others).
            HeartbeatLost: it gave no sign of life for too long.
            NoThread: it runs in a thread, and there is none for it.
            WorkerDied, Unpicklable: where it runs in a process.
        """
        executor = plan.executor or activity.executor or ("loop" if activity.is_async else "thread")
        place = None if spot is None else spot.own()
        timeout = plan.timeout if plan.timeout is not None else activity.timeout
        heartbeat = plan.heartbeat or activity.heartbeat
        timed = timeout is not None or heartbeat is not None
        begins = _Beginning() if timed and executor != "loop" else None
        called: Awaitable[Any]
        match executor:
            case "process":
                called = _measured(self._in_process(activity, arguments, place, begins), spot, place)
            case "thread":
                function = _waited(activity) if activity.is_async else activity.function
                called = _measured(self._in_thread(function, arguments, place, begins), spot, place)
            case _:
                called = _on_loop(activity.function, arguments, place)
        if heartbeat is not None and place is not None:
            called = _watched(called, activity, heartbeat, place, begins)
        return called if timeout is None else _limited(called, activity, timeout, begins)

    def hand(self, handed: Handed, activity: Activity, arguments: dict[str, Any]) -> None:
        """Run an activity that may block for as long as it likes; who has handed it over is told what comes of it."""
        self._threads.run(Job(copy_context(), activity.function, arguments, handed, handed.seat))

    async def _in_thread(
        self, function: Callable[..., Any], arguments: dict[str, Any], place: Place | None, begins: _Beginning | None
    ) -> Any:
        result = await self._threads.submit(function, arguments, place, begins)
        kind = type(result)
        if kind is Raised:
            raise result.error
        # A plain function may return a coroutine (a partial, a lambda, a decorated async def): run it here.
        return await result if kind is CoroutineType else result

    async def _in_process(
        self, activity: Activity, arguments: dict[str, Any], place: Place | None, begins: _Beginning | None
    ) -> Any:
        if self._processes is None:
            from wfnb.engine.executors.processes import ProcessPool  # noqa: PLC0415 - few need multiprocessing

            self._processes = ProcessPool(self._places.workers, self._places.start_method)
        result = await self._processes.submit(activity.name, activity.function, arguments, place, begins)
        if type(result) is Raised:
            raise result.error
        return result


async def _measured(called: Awaitable[Any], spot: Spot | None, place: Place | None) -> Any:
    """Await a call, and say where it was made what it took."""
    try:
        return await called
    finally:
        if spot is not None and place is not None:
            spot.spent = place.spent


async def _on_loop(function: Callable[..., Any], arguments: dict[str, Any], place: Place | None) -> Any:
    before = PLACE.set(place)
    try:
        result = function(**arguments)
        return await result if inspect.isawaitable(result) else result
    finally:
        PLACE.reset(before)


def _waited(activity: Activity) -> Callable[..., Any]:
    """A coroutine function as a blocking one, with a loop of its own."""

    def run(**arguments: Any) -> Any:
        called: Coroutine[Any, Any, Any] = activity.function(**arguments)
        return asyncio.run(called)

    return run


class _Beginning:
    """Tells on the loop when what has to wait for a thread or a process begins: its time counts from then."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.then: list[Callable[[], None]] = []
        """What is to be called; empty once nobody waits for the activity any more."""

    def __call__(self) -> None:
        """It begins; called in its thread."""
        with suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._tell)

    def _tell(self) -> None:
        for call in self.then:
            call()


async def _limited(called: Awaitable[Any], activity: Activity, seconds: float, begins: _Beginning | None) -> Any:
    loop = asyncio.get_running_loop()
    limit = asyncio.timeout(seconds if begins is None else None)
    if begins is not None:
        begins.then.append(lambda: limit.reschedule(loop.time() + seconds))
    try:
        async with limit:
            try:
                return await called
            finally:
                if begins is not None:
                    begins.then.clear()
    except TimeoutError:
        if limit.expired():
            raise ActivityTimeout(f"activity '{activity.name}' took longer than {seconds:g} s") from None
        raise


async def _watched(
    called: Awaitable[Any], activity: Activity, seconds: float, place: Place, begins: _Beginning | None
) -> Any:
    """Await a call for as long as there is a sign of life every so many seconds."""
    loop, limit, ears = asyncio.get_running_loop(), asyncio.timeout(None), place.ears()
    if ears is None:
        return await called

    timer: asyncio.TimerHandle | None = None

    def look() -> None:
        nonlocal timer
        due = ears.alive + seconds
        if due <= loop.time():
            limit.reschedule(loop.time())
        else:
            timer = loop.call_at(due, look)

    def begin() -> None:
        ears.beat()
        look()

    if begins is None:
        begin()
    else:
        begins.then.append(begin)
    try:
        async with limit:
            try:
                return await called
            finally:
                if begins is not None:
                    begins.then.clear()
    except TimeoutError:
        if limit.expired():
            raise HeartbeatLost(
                f"activity '{activity.name}' gave no sign of life for {seconds:g} s\n"
                "call wf.heartbeat() or wf.progress() in it more often, or allow it more"
            ) from None
        raise
    finally:
        if timer is not None:
            timer.cancel()
