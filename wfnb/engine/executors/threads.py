"""Threads for blocking functions, as many as are needed and no more."""

from __future__ import annotations

import asyncio
import contextvars
import logging
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, Final

from wfnb.engine.executors.jobs import Job, Receiver, measured, tell
from wfnb.engine.signs import Place
from wfnb.errors import NoThread

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
MAX_SPARES: Final = 256
"""How many threads there are at most besides, in the place of those whose functions do not return."""
FULL: Final = 0.05
"""Seconds between two looks at whether a thread has become free, where there are as many as there should be."""
TURN: Final = 0.002
"""Seconds for which results are handed out before the loop may do something else."""
RESULTS_A_LOOK: Final = 16
"""How many are handed out between two looks at the clock."""
_log = logging.getLogger("wfnb")


class ThreadPool:
    """Runs blocking functions for one event loop in daemon threads, started as needed.

    Daemon threads, because a function that never returns must not keep the kernel from exiting.  One wake-up of a
    thread for all jobs that came in one turn of the loop, and one of the loop for all results since the last, because
    waking costs more than a short function.

    A thread whose job was cancelled does not count any more: functions that never return take no room from others.
    Where none of them ends for a while and others wait, there is one more, until one of these comes back.  Such spare
    threads have a limit; where nobody waits for any of the functions in progress then, what is left raises NoThread.

    Args:
        max_threads: how many there should be at most.
        spares: how many more at most, in the place of those that do not come back.
        grows: whether one whose result is still waited for counts as such.
    """

    def __init__(self, max_threads: int = MAX_THREADS, *, spares: int = MAX_SPARES, grows: bool = True) -> None:
        self._usual = max_threads
        self._max = max_threads
        self._spares = spares
        self._grows = grows
        self._jobs: deque[Job] = deque()
        self._calls: SimpleQueue[None] = SimpleQueue()
        """One for each idle thread that is to look for jobs."""
        self._threads = 0
        self._started = 0
        self._idle = 0
        self._begun = 0
        """Counts jobs, so that it shows whether the threads get on."""
        self._busy: dict[int, Job] = {}
        """What each thread is at, by its identifier."""
        self._abandoned: set[int] = set()
        """Threads that do not count, because nobody waits for what they are at."""
        self._stuck: set[int] = set()
        """Threads in whose place others were made."""
        self._told = False
        """Whether it was said that there are no more."""
        self._closed = threading.Event()
        self._handing_over = False
        self._lock = threading.Lock()
        self._results: deque[tuple[Receiver, Any, BaseException | None]] = deque()
        self._waiting = threading.Event()
        """Set while there are jobs that no thread has been called for."""
        self._foreman: threading.Thread | None = None

    def submit(
        self,
        function: Callable[..., Any],
        arguments: dict[str, Any],
        place: Place | None = None,
        begins: Callable[[], None] | None = None,
    ) -> asyncio.Future[Any]:
        """Run `function(**arguments)` in a thread, with the caller's context variables.

        Args:
            function: what to run.
            arguments: what it is given.
            place: where what it tells is heard.
            begins: is called in the thread before the function.

        Returns:
            A future on the running loop; cancelling it discards the result, the thread goes on.  It raises NoThread
            where there is no thread for it and never will be.
        """
        future = asyncio.get_running_loop().create_future()
        self.run(Job(contextvars.copy_context(), function, arguments, future, place, begins))
        return future

    def run(self, job: Job) -> None:
        """Run a function in a thread; its receiver is told NoThread where there is none and never will be."""
        self._jobs.append(job)
        if not self._handing_over:
            self._handing_over = True
            loop = job.receiver.get_loop()
            loop.call_soon(self._hand_over, loop, 0, loop.time() + GATHERING)

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
            made = threading.Thread(target=self._oversee, name="wfnb-foreman", daemon=True)
            with suppress(RuntimeError):  # there can not be another: those there are come to all jobs in the end
                made.start()
                self._foreman = made

    def _call(self, threads: int) -> bool:
        """Have so many threads look for jobs: idle ones, else new ones.  Gives whether the system has that many."""
        try:
            with self._lock:
                for _ in range(threads):
                    if self._idle > 0:
                        self._idle -= 1
                        self._calls.put(None)
                    elif self._threads < self._max:
                        number = self._started + 1
                        name = f"wfnb-activity-{number}"
                        threading.Thread(target=self._work, args=(number,), name=name, daemon=True).start()
                        self._started = number
                        self._threads += 1
        except RuntimeError as error:
            if not self._threads:
                self._refuse(
                    f"there is no thread for activities: {error}\nlet fewer other programs run, or raise its limit"
                )
            return False
        return True

    def _oversee(self) -> None:
        """Call more threads while jobs wait and none begins: twice as many each time."""
        while not self._closed.is_set():
            self._waiting.wait()
            begun, more, since, found = self._begun, 1, time.monotonic(), True
            while self._jobs and not self._closed.is_set():
                time.sleep(PATIENCE if found and self._threads < self._max else FULL)
                if begun != self._begun:
                    begun, since = self._begun, time.monotonic()
                    continue
                if self._threads >= self._max:
                    self._abandon()
                    if self._threads >= self._max and self._grows and time.monotonic() - since >= STUCK:
                        self._exceed()
                        since = time.monotonic()
                found = self._call(min(more, len(self._jobs)))
                more *= 2
            if not self._closed.is_set():
                self._waiting.clear()
                if self._jobs:  # they came between the two
                    self._waiting.set()

    # -------------------------------------------------------------------------------------- those that do not come back

    def _is_spare_left(self) -> bool:
        return self._max - self._usual + len(self._abandoned) < self._spares

    def _abandon(self) -> None:
        """Count the threads out whose results nobody waits for; give up where that is all there can be."""
        with self._lock:
            busy = self._busy.copy()
            for thread, job in busy.items():
                if job.receiver.cancelled() and thread not in self._abandoned and self._is_spare_left():
                    self._abandoned.add(thread)
                    self._threads -= 1
            lost = sum(job.receiver.cancelled() for job in busy.values())
            if self._threads < self._max or lost < self._threads + len(self._abandoned):
                return
        self._refuse(
            f"no thread is left: {lost} functions that were cancelled or took too long go on for ever: "
            f"{_names(busy.values())}\n"
            "restart the kernel and `await wf.resume()`; give what may never return executor='process', or let it call "
            "wf.heartbeat() now and then"
        )

    def _refuse(self, why: str) -> None:
        """Let what waits fail."""
        with suppress(IndexError):  # a thread that comes back after all may take the last one
            while True:
                self._deliver(self._jobs.popleft().receiver, None, NoThread(why))

    def _exceed(self) -> None:
        """Have a thread more, and say why; or say, once, that there will be none."""
        busy = self._busy.copy()
        with self._lock:
            more = self._is_spare_left()
            if more:
                self._max += 1
                self._stuck.update(busy)
        if more or not self._told:
            self._told = not more
            _log.warning(
                "%d activities keep all threads busy, and %d wait: %s\n"
                "%s; give what may never return a timeout=, or let it run with executor='process'",
                len(busy),
                len(self._jobs),
                _names(busy.values()),
                "there is a thread more now" if more else "there are no more threads than these: they wait for one",
            )

    def _comes_back(self, me: int) -> bool:
        """A function has returned that was long at it.  Gives whether there are enough other threads by now."""
        with self._lock:
            if me in self._abandoned:
                self._abandoned.discard(me)
                self._stuck.discard(me)
                return True
            self._stuck.discard(me)
            self._told = False
            if self._max == self._usual:
                return False
            self._max -= 1
            if self._threads <= self._max:
                return False
            self._threads -= 1
            return True

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
                if (me in self._stuck or me in self._abandoned) and self._comes_back(me):
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

    def _run(self, me: int, worker: str, job: Job) -> None:
        context, function, arguments, receiver, place, begins = job
        if receiver.cancelled():
            return
        self._busy[me] = job
        if begins is not None:
            begins()
        try:
            result, error = context.run(measured, worker, place, function, arguments), None
        except BaseException as raised:  # noqa: BLE001 - whatever the user's code raises belongs to its task
            result, error = None, raised
        self._deliver(receiver, result, error)
        del self._busy[me]

    # ------------------------------------------------------------------------------------------ what becomes of them

    def _deliver(self, receiver: Receiver, result: Any, error: BaseException | None) -> None:
        with self._lock:  # or two threads could both find the other's result there, and nobody would wake the loop
            first = not self._results
            self._results.append((receiver, result, error))
        if first:
            try:
                receiver.get_loop().call_soon_threadsafe(self._drain)
            except RuntimeError:  # the loop is closed: nobody waits any more
                self._results.clear()

    def _drain(self) -> None:
        # One at a time, so that a result that comes in meanwhile either is seen here or wakes the loop again.
        until, left = time.monotonic() + TURN, RESULTS_A_LOOK
        while self._results:
            receiver, result, error = self._results[0]
            loop = receiver.get_loop()
            if not left:
                if time.monotonic() > until:
                    loop.call_soon(self._drain)
                    return
                left = RESULTS_A_LOOK
            left -= 1
            try:
                tell(receiver, result, error)
            except BaseException as failure:
                loop.call_soon(self._next)
                if not isinstance(failure, Exception):
                    raise
                message = "what a thread has brought could not be taken"
                loop.call_exception_handler({"message": message, "exception": failure})
                return
            self._results.popleft()

    def _next(self) -> None:
        """Go on behind a result that could not be taken."""
        self._results.popleft()
        self._drain()


def _names(jobs: Iterable[Job]) -> str:
    names = Counter(getattr(job.function, "__name__", "a function") for job in jobs)
    return ", ".join(f"'{name}' ({count})" for name, count in names.most_common(3))
