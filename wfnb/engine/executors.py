"""Where activities run: `async def` on the loop, `def` in threads."""

from __future__ import annotations

import asyncio
import contextvars
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, TypeAlias

MAX_THREADS = 64
_Job: TypeAlias = tuple[contextvars.Context, Callable[..., Any], dict[str, Any], "asyncio.Future[Any]"]


@dataclass(frozen=True, slots=True)
class Raised:
    """Stands for a result where a function raised what a future would take as the end of the coroutine that awaits it.

    Attributes:
        error: what it raised.
    """

    error: GeneratorExit


class ThreadPool:
    """Runs blocking functions for one event loop in daemon threads, started as needed.

    Daemon threads, because a function that never returns must not keep the kernel from exiting; and one wake-up of the
    loop for all results that came in since the last, because waking it costs more than a short function.
    """

    def __init__(self, max_threads: int = MAX_THREADS) -> None:
        self._max = max_threads
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._threads = 0
        self._idle = 0
        self._lock = threading.Lock()
        self._results: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()

    def submit(self, function: Callable[..., Any], arguments: dict[str, Any]) -> asyncio.Future[Any]:
        """Run `function(**arguments)` in a thread, with the caller's context variables.

        Returns:
            A future on the running loop; cancelling it discards the result, the thread goes on.
        """
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            if self._idle > 0:
                self._idle -= 1
            elif self._threads < self._max:
                self._threads += 1
                threading.Thread(target=self._work, name="wfnb-activity", daemon=True).start()
        self._jobs.put((contextvars.copy_context(), function, arguments, future))
        return future

    def close(self) -> None:
        """Let idle threads end; busy ones end after their function."""
        for _ in range(self._threads):
            self._jobs.put(None)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            context, function, arguments, future = job
            if not future.cancelled():
                try:
                    result, error = context.run(function, **arguments), None
                except BaseException as raised:  # noqa: BLE001 - whatever the user's code raises belongs to its task
                    result, error = None, raised
                self._deliver(future, result, error)
            del job, context, function, arguments, future
            with self._lock:
                self._idle += 1

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
