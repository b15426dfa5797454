"""Threads for blocking functions, as many as are needed and no more."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, Final, TypeAlias

from wfnb.engine.signs import PLACE, Place, Spent

MAX_THREADS: Final = 64
GATHERING: Final = 0.02
"""Seconds for which jobs are gathered, where every turn of the loop brings more, before a thread is called for them.

Longer than it takes to bring a thousand: a thread that is called earlier takes the interpreter lock from the loop for
5 ms (`sys.getswitchinterval`) in each of the turns that are still to come.
"""
PATIENCE: Final = 0.001
"""Seconds without a job being begun, after which the threads at work count as stuck."""
STUCK: Final = 5.0
"""Seconds without a job being begun or ended, after which there is one thread more than there should be at most."""
FULL: Final = 0.05
"""Seconds between two looks at whether a thread has become free, where there are as many as there should be."""
_Job: TypeAlias = tuple[contextvars.Context, Callable[..., Any], dict[str, Any], "asyncio.Future[Any]", Place | None]
_log = logging.getLogger("wfnb")


@dataclass(frozen=True, slots=True)
class Raised:
    """Stands for a result where a function raised what a future would take as the end of the coroutine that awaits it.

    Attributes:
        error: what it raised.
    """

    error: GeneratorExit


class ThreadPool:
    """Runs blocking functions for one event loop in daemon threads, started as needed.

    Daemon threads, because a function that never returns must not keep the kernel from exiting.  One wake-up of a
    thread for all jobs that came in one turn of the loop, and one of the loop for all results since the last, because
    waking costs more than a short function.  A thread whose job was cancelled does not count any more: functions that
    never return take no room from others.  Where none of them ends for a while and others wait, there is one more.

    Args:
        max_threads: how many there should be at most.
        grows: whether there may be one more then.
    """

    def __init__(self, max_threads: int = MAX_THREADS, *, grows: bool = True) -> None:
        self._max = max_threads
        self._grows = grows
        self._jobs: deque[_Job] = deque()
        self._calls: SimpleQueue[None] = SimpleQueue()
        """One for each idle thread that is to look for jobs."""
        self._threads = 0
        self._started = 0
        self._idle = 0
        self._begun = 0
        """Counts jobs, so that it shows whether the threads get on."""
        self._busy: dict[int, _Job] = {}
        """What each thread is at, by its identifier."""
        self._abandoned: set[int] = set()
        self._closed = threading.Event()
        self._handing_over = False
        self._lock = threading.Lock()
        self._results: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._waiting = threading.Event()
        """Set while there are jobs that no thread has been called for."""
        self._foreman: threading.Thread | None = None

    def submit(
        self, function: Callable[..., Any], arguments: dict[str, Any], place: Place | None = None
    ) -> asyncio.Future[Any]:
        """Run `function(**arguments)` in a thread, with the caller's context variables.

        Args:
            function: what to run.
            arguments: what it is given.
            place: where what it tells is heard.

        Returns:
            A future on the running loop; cancelling it discards the result, the thread goes on.
        """
        loop = asyncio.get_running_loop()
        future = loop.create_future()
        self._jobs.append((contextvars.copy_context(), function, arguments, future, place))
        if not self._handing_over:
            self._handing_over = True
            loop.call_soon(self._hand_over, loop, 0, loop.time() + GATHERING)
        return future

    def close(self) -> None:
        """Let idle threads end; busy ones end after their function."""
        self._closed.set()
        self._waiting.set()
        with self._lock:
            for _ in range(self._idle):
                self._calls.put(None)
            self._idle = 0

    # ------------------------------------------------------------------------------------------- who takes the jobs

    def _hand_over(self, loop: asyncio.AbstractEventLoop, gathered: int, until: float) -> None:
        jobs = len(self._jobs)
        if jobs > gathered and loop.time() < until:
            loop.call_soon(self._hand_over, loop, jobs, until)
            return
        self._handing_over = False
        if self._idle or not self._threads:
            self._call(1)
            if jobs == 1:
                return
        self._waiting.set()
        if self._foreman is None:
            self._foreman = threading.Thread(target=self._oversee, name="wfnb-foreman", daemon=True)
            self._foreman.start()

    def _call(self, threads: int) -> None:
        """Have so many threads look for jobs: idle ones, else new ones."""
        with self._lock:
            for _ in range(threads):
                if self._idle > 0:
                    self._idle -= 1
                    self._calls.put(None)
                elif self._threads < self._max:
                    self._threads += 1
                    self._started += 1
                    name = f"wfnb-activity-{self._started}"
                    threading.Thread(target=self._work, args=(self._started,), name=name, daemon=True).start()

    def _oversee(self) -> None:
        """Call more threads while jobs wait and none begins: twice as many each time."""
        while not self._closed.is_set():
            self._waiting.wait()
            begun, more, since = self._begun, 1, time.monotonic()
            while self._jobs and not self._closed.is_set():
                time.sleep(PATIENCE if self._threads < self._max else FULL)
                if begun != self._begun:
                    begun, since = self._begun, time.monotonic()
                    continue
                if self._threads >= self._max:
                    self._abandon()
                    if self._threads >= self._max and self._grows and time.monotonic() - since >= STUCK:
                        self._exceed()
                        since = time.monotonic()
                self._call(min(more, len(self._jobs)))
                more *= 2
            if not self._closed.is_set():
                self._waiting.clear()
                if self._jobs:  # they came between the two
                    self._waiting.set()

    def _abandon(self) -> None:
        """Count the threads out whose results nobody waits for."""
        with self._lock:
            for thread, (*_, future, _place) in self._busy.copy().items():
                if future.cancelled() and thread not in self._abandoned:
                    self._abandoned.add(thread)
                    self._threads -= 1

    def _exceed(self) -> None:
        """Have a thread more, and say why."""
        self._max += 1
        names = Counter(getattr(job[1], "__name__", "a function") for job in self._busy.copy().values())
        shown = ", ".join(f"'{name}' ({count})" for name, count in names.most_common(3))
        _log.warning(
            "%d activities keep all threads busy, and %d wait: %s\n"
            "there is a thread more now; give what may never return a timeout=, or let it run with executor='process'",
            names.total(),
            len(self._jobs),
            shown,
        )

    def _work(self, number: int) -> None:
        me, worker, jobs = threading.get_ident(), f"thread-{number}", self._jobs
        while True:
            while not self._closed.is_set():
                try:
                    job = jobs.popleft()
                except IndexError:
                    break
                self._begun += 1
                self._run(me, worker, job)
                del job
                if self._abandoned and me in self._abandoned:
                    self._abandoned.discard(me)
                    return
            with self._lock:
                if self._closed.is_set():
                    return
                if jobs:
                    continue
                self._idle += 1
            self._calls.get()
            if self._closed.is_set():
                return

    def _run(self, me: int, worker: str, job: _Job) -> None:
        context, function, arguments, future, place = job
        if future.cancelled():
            return
        self._busy[me] = job
        try:
            result, error = context.run(_at, worker, place, function, arguments), None
        except BaseException as raised:  # noqa: BLE001 - whatever the user's code raises belongs to its task
            result, error = None, raised
        self._deliver(future, result, error)
        del self._busy[me]

    # ------------------------------------------------------------------------------------------ what becomes of them

    def _deliver(self, future: asyncio.Future[Any], result: Any, error: BaseException | None) -> None:
        with self._lock:  # or two threads could both find the other's result there, and nobody would wake the loop
            first = not self._results
            self._results.append((future, result, error))
        if first:
            try:
                future.get_loop().call_soon_threadsafe(self._drain)
            except RuntimeError:  # the loop is closed: nobody waits any more
                self._results.clear()

    def _drain(self) -> None:
        # One at a time, so that a result that comes in meanwhile either is seen here or wakes the loop again.
        while self._results:
            future, result, error = self._results[0]
            if not future.done():
                if error is None:
                    future.set_result(result)
                elif isinstance(error, StopIteration):
                    future.set_exception(RuntimeError(f"activity raised StopIteration: {error}"))
                elif isinstance(error, GeneratorExit):
                    future.set_result(Raised(error))
                else:
                    future.set_exception(error)
            self._results.popleft()


def _at(worker: str, place: Place | None, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    PLACE.set(place)
    if place is None:
        return function(**arguments)
    began = time.thread_time()
    try:
        return function(**arguments)
    finally:
        if place.spent is None:  # else a process did it, and this thread looked after that
            place.spent = Spent(worker, time.thread_time() - began)
