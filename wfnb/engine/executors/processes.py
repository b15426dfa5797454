"""Processes of their own for activities that ask for one: kept for the next, replaced where one was stopped or died."""

from __future__ import annotations

import asyncio
import atexit
import multiprocessing
import os
import pickle
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from typing import Any, Final, Literal

from wfnb.engine.executors.sending import request_for
from wfnb.engine.executors.threads import ThreadPool
from wfnb.engine.executors.worker import serve
from wfnb.engine.signs import Place, Spent, attempt, here
from wfnb.errors import Unpicklable, WorkerDied

GRACE: Final = 1.0
"""Seconds that a process has to end when it is asked to, before it is made to."""


class ProcessPool:
    """Runs activities in processes, for one event loop; each is looked after by a thread.

    Args:
        workers: how many there may be; as many as the machine has processors if left out.
        method: how they begin: `spawn` starts an interpreter for each, `forkserver` (not on Windows) has a small server
            fork them, which is quicker.  Plain `fork` is none of them: it copies the locks of a kernel's threads as
            they are at that moment, and hangs sooner or later.
    """

    def __init__(self, workers: int | None = None, method: Literal["spawn", "forkserver"] = "spawn") -> None:
        self._context = multiprocessing.get_context(method)
        self._threads = ThreadPool(workers or os.cpu_count() or 1, grows=False)
        self._idle: list[_Worker] = []
        self._all: set[_Worker] = set()
        self._closed = False
        atexit.register(self.close)

    def submit(
        self,
        name: str,
        function: Callable[..., Any],
        arguments: dict[str, Any],
        place: Place | None,
        begins: Callable[[], None] | None = None,
    ) -> asyncio.Future[Any]:
        """Run `function(**arguments)` in a process.

        Args:
            name: the activity.
            function: its function.
            arguments: what it is given.
            place: where what it tells is heard.
            begins: is called, in a thread, once a process has it.

        Returns:
            A future on the running loop; cancelling it ends the process.  It raises Unpicklable and WorkerDied besides
            what the function raises.
        """
        errand = _Errand(name)
        future = self._threads.submit(
            self._run, {"errand": errand, "function": function, "arguments": arguments, "begins": begins}, place
        )
        future.add_done_callback(errand.stop_if_cancelled)
        return future

    def close(self) -> None:
        """End every process."""
        atexit.unregister(self.close)
        self._closed = True
        self._threads.close()
        for worker in tuple(self._all):
            worker.stop()

    def _run(
        self,
        errand: _Errand,
        function: Callable[..., Any],
        arguments: dict[str, Any],
        begins: Callable[[], None] | None,
    ) -> Any:
        """In the thread that looks after a process meanwhile."""
        request = request_for(errand.name, function, arguments, attempt())
        worker = self._hire(errand.name)
        if not errand.take(worker):
            self._idle.append(worker)
            raise asyncio.CancelledError
        if begins is not None:
            begins()
        place, name = here(), f"process-{worker.process.pid}"
        if place is not None:
            place.spent = Spent(name)  # what is known where it dies
        try:
            kind, cpu, memory, *rest = worker.do(request, errand)
        except BaseException:
            self._all.discard(worker)
            worker.bury()
            raise
        if place is not None:
            place.spent = Spent(name, cpu, memory)
        errand.leave()
        self._idle.append(worker)
        return result(errand.name, kind, rest)

    def _hire(self, name: str) -> _Worker:
        while self._idle:
            worker = self._idle.pop()
            if worker.process.is_alive():
                return worker
            self._all.discard(worker)
            worker.bury()
        worker = _Worker(self._context)
        self._all.add(worker)
        if self._closed:
            worker.stop()
        worker.wait_until_ready(name)
        return worker


def result(name: str, kind: str, rest: list[Any]) -> Any:
    """What a process has answered, as if the function had been called here.

    Raises:
        Unpicklable: the process could not load the call, or not send the result.
        BaseException: what the function raised.
    """
    match kind:
        case "gave":
            try:
                return pickle.loads(rest[0])  # noqa: S301 - from a process that this one has started
            except Exception as error:
                why = f"{type(error).__name__}: {error}"
                raise Unpicklable(
                    f"what activity '{name}' gave in its process can not be read here: {why}\n"
                    "return data of types that can be imported here, too"
                ) from error
        case "unsent":
            raise Unpicklable(
                f"activity '{name}' gave a {rest[0]}, which can not be sent back from its process: {rest[1]}\n"
                'return data (write a file and return its path, say), or use executor="thread"'
            )
        case "unloaded":
            raise Unpicklable(
                f"activity '{name}' can not be loaded in a process of its own: {rest[0]}\n"
                "its module and all that it is given must be importable there, without a notebook"
            )
        case _:
            raise raised(*rest)


class Remote(Exception):
    """Where an exception was raised in another process, as text."""

    def __str__(self) -> str:
        return f'\n"""\n{self.args[0]}"""'


def raised(pickled: bytes | None, name: str, text: str, trace: str) -> BaseException:
    """An exception of a process; one that could not be sent is stood for by one with the same name and message."""
    error: BaseException | None = None
    if pickled is not None:
        try:
            error = pickle.loads(pickled)  # noqa: S301 - from a process that this one has started
        except Exception:  # noqa: BLE001 - its class is not to be found here
            error = None
    if not isinstance(error, BaseException):
        error = type(name, (Exception,), {"__module__": "wfnb.remote"})(text)
    error.__cause__ = Remote(trace)
    return error


class _Errand:
    """One call, and the process that carries it out meanwhile."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.cancelled = False
        self._worker: _Worker | None = None
        self._lock = threading.Lock()

    def take(self, worker: _Worker) -> bool:
        """Begin, unless it was cancelled."""
        with self._lock:
            if not self.cancelled:
                self._worker = worker
            return not self.cancelled

    def leave(self) -> None:
        """The process is free for another."""
        with self._lock:
            self._worker = None

    def stop_if_cancelled(self, future: asyncio.Future[Any]) -> None:
        """End the process of a call that nobody waits for."""
        if future.cancelled():
            with self._lock:
                self.cancelled = True
                worker = self._worker
            if worker is not None:
                worker.stop()
                future.get_loop().call_later(GRACE, worker.process.kill)  # where it does not listen


class _Worker:
    """The kernel's side of a process."""

    def __init__(self, context: Any) -> None:
        self._connection: Connection[Any, Any]
        self._connection, theirs = context.Pipe()
        self.process: multiprocessing.Process = context.Process(target=serve, args=(theirs,), name="wfnb-worker")
        self.process.start()
        theirs.close()  # so that its end is the end of the line

    def wait_until_ready(self, name: str) -> None:
        """Wait until it has started.

        Raises:
            WorkerDied: it ended instead.
        """
        if self._next() is None:
            code = self.bury()
            raise WorkerDied(
                f"the process for activity '{name}' ended while it started, with exit code {code}\n"
                'a script runs what it does under `if __name__ == "__main__":`, because the process imports it'
            )

    def do(self, request: bytes, errand: _Errand) -> tuple[Any, ...]:
        """Have a call carried out; what it tells meanwhile is heard where this is called.

        Raises:
            WorkerDied: it ended before it had answered.
            asyncio.CancelledError: nobody waits for it any more.
        """
        with suppress(OSError):  # it has ended, which is seen next
            self._connection.send_bytes(request)
        while (message := self._next()) is not None:
            match message:
                case (("beat" | "report" | "hear" | "show"), *_):
                    _pass_on(*message)
                case _:
                    return message
        if errand.cancelled:
            raise asyncio.CancelledError
        code = self.bury()
        raise WorkerDied(f"the process of activity '{errand.name}' {_ended(code)}")

    def _next(self) -> tuple[Any, ...] | None:
        """The next message; None once there will be none."""
        ready = wait([self._connection, self.process.sentinel])
        try:
            if self._connection in ready or self._connection.poll():
                message: tuple[Any, ...] = self._connection.recv()
                return message
        except (EOFError, OSError):
            pass
        return None

    def stop(self) -> None:
        """Ask it to end."""
        self.process.terminate()

    def bury(self) -> int | None:
        """Make sure that it has ended; gives its exit code."""
        self._connection.close()
        self.process.join(GRACE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        return self.process.exitcode


def _pass_on(kind: str, *told: Any) -> None:
    """Let what a process told be heard here, and shown as if it were printed here."""
    place = here()
    ears = None if place is None else place.ears()
    match kind, *told:
        case "hear", "log", text:
            if ears is not None:
                ears.hear("log", text)
        case "hear", stream, text:
            getattr(sys, stream).write(text)
        case "show", stream, text:
            if ears is None or ears.hear(stream, ""):
                found = getattr(sys, stream)
                getattr(found, "wrapped", found).write(text)
        case "beat", *_:
            if ears is not None:
                ears.beat()
        case _:
            if ears is not None:
                ears.report(*told)


def _ended(code: int | None) -> str:
    """How a process ended, and what to do about it."""
    if code is not None and code < 0:
        try:
            name = signal.Signals(-code).name
        except ValueError:
            name = f"signal {-code}"
        if name == "SIGKILL":
            return "was killed (SIGKILL), as happens where memory is short\ngive it less at once, or more memory"
        return f"crashed ({name})\nlook for native code in it, or in what it calls"
    return f"ended itself with exit code {code} (os._exit, say)\nreturn a value, or raise an exception"
