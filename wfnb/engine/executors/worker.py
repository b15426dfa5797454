"""A process of its own that runs one activity after another; what it loads is kept small."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
import pickle
import signal
import sys
import threading
import time
import traceback
from contextlib import suppress
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Final

from wfnb.engine.capture import tell_record
from wfnb.engine.signs import PLACE, Attempt, Spent, Stream

LINE: Final = 8192
"""Characters after which what is printed is sent even though its line is not over."""


def serve(connection: Connection[Any, Any]) -> None:
    """Run what comes until nobody is there any more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a notebook's interrupt reaches the whole group; the run decides
    requests: SimpleQueue[bytes] = SimpleQueue()
    wire, gauge = Wire(connection), Gauge()
    threading.Thread(target=_read, args=(connection, requests), daemon=True).start()
    sys.stdout, sys.stderr = Sender(wire, "stdout", sys.stdout), Sender(wire, "stderr", sys.stderr)
    _hear_records(wire)
    PLACE.set(wire)
    wire.send("ready")
    while True:
        request = requests.get()
        wire.busy = True
        gauge.begin()
        kind, *answer = _answer(request, wire)
        sys.stdout.flush()
        sys.stderr.flush()
        wire.busy = False
        wire.send(kind, *gauge.end(), *answer)
        del request, answer


def _read(connection: Connection[Any, Any], requests: SimpleQueue[bytes]) -> None:
    while True:
        try:
            requests.put(connection.recv_bytes())
        except (EOFError, OSError):
            os._exit(0)  # the kernel is gone: what is computed here is for nobody


def _answer(request: bytes, wire: Wire) -> tuple[Any, ...]:
    """What became of a call."""
    try:
        try:
            path, reference, arguments, wire.about = pickle.loads(request)  # noqa: S301 - from the kernel
            sys.path[:] = path
            function = load(reference)
            given = pickle.loads(arguments)  # noqa: S301
        except Exception as error:  # noqa: BLE001 - whatever an import raises
            return "unloaded", f"{type(error).__name__}: {error}"
        value = function(**given)
        if inspect.iscoroutine(value):
            value = asyncio.run(value)
    except BaseException as error:  # noqa: BLE001 - whatever the user's code raises belongs to its task
        return "raised", *told(error)
    try:
        return "gave", pickle.dumps(value)
    except BaseException as error:  # noqa: BLE001 - whatever a value's own methods raise
        return "unsent", type(value).__qualname__, f"{type(error).__name__}: {error}"


def load(reference: tuple[str, str] | bytes) -> Any:
    """The function that a reference means: module and name, or pickled."""
    if isinstance(reference, bytes):
        return pickle.loads(reference)  # noqa: S301
    found: Any = import_module(reference[0])
    for name in reference[1].split("."):
        found = getattr(found, name)
    return found


def told(error: BaseException) -> tuple[bytes | None, str, str, str]:
    """An exception as it is sent: pickled where it comes back as it was; and its type, message and trace."""
    name = type(error).__name__
    try:
        text = str(error)
        # Without the frames of this module.
        trace = "".join(
            traceback.format_exception(type(error), error, error.__traceback__ and error.__traceback__.tb_next)
        )
    except BaseException as broken:  # noqa: BLE001 - a user's __str__ may raise anything
        text = trace = f"<str failed: {type(broken).__name__}>"
    try:
        pickled = pickle.dumps(error)
        again = type(pickle.loads(pickled)) is type(error)  # noqa: S301
    except BaseException:  # noqa: BLE001 - an __init__ that takes something else than `args`
        again = False
    return pickled if again else None, name, text, trace


class Gauge:
    """Measures what this process takes for one activity after the other."""

    def begin(self) -> None:
        """Measure from here on."""
        with suppress(OSError):  # the most it has had until now is forgotten; only Linux can, elsewhere it stays
            Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        self._began = time.process_time()

    def end(self) -> tuple[float, int | None]:
        """Seconds of a processor since then, and the bytes that it had at most; None where nobody can tell."""
        return time.process_time() - self._began, _peak()


def _peak() -> int | None:
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return None
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


class Wire:
    """The way to the kernel; hears what the activity tells, and passes it on.

    Attributes:
        busy: whether an activity is running.
        about: which attempt that is.
        lasting, alive, spent: as places and ears have them; nobody asks here.
    """

    lasting = False
    alive = 0.0
    spent: Spent | None = None

    def __init__(self, connection: Connection[Any, Any]) -> None:
        self._connection = connection
        self._lock = threading.Lock()
        self.busy = False
        self.about: Attempt | None = None

    def send(self, *message: Any) -> None:
        """Send a message; if nobody is there any more, this process ends."""
        with self._lock:
            try:
                self._connection.send(message)
            except OSError:
                os._exit(0)

    def ears(self) -> Wire | None:
        """It hears itself."""
        return self if self.busy else None

    def attempt(self) -> Attempt | None:
        """Which attempt is running."""
        return self.about if self.busy else None

    def beat(self) -> None:
        """The activity is alive."""
        self.send("beat")

    def report(self, done: float | None, text: str) -> None:
        """So much of it is done."""
        self.send("report", done, text)

    def hear(self, stream: Stream, text: str) -> bool:
        """It printed or logged something."""
        if text:
            self.send("hear", stream, text)
        return False


class Sender:
    """Stands for `sys.stdout` or `sys.stderr`: sends what is written, line by line."""

    def __init__(self, wire: Wire, name: Stream, stream: Any) -> None:
        self._wire = wire
        self._name: Stream = name
        self._stream = stream
        self._text = ""

    def write(self, text: str) -> int:
        """Send text; of a logger, which the kernel hears as a record too, only to be shown."""
        if not self._wire.busy:
            self._stream.write(text)
        elif sys._getframe(1).f_globals.get("__name__") == "logging":  # noqa: SLF001 - who calls is the question
            self._wire.send("show", self._name, text)
        else:
            self._text += text
            if "\n" in text or len(self._text) > LINE:
                self.flush()
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Send what is left of a line."""
        text, self._text = self._text, ""
        if text:
            self._wire.hear(self._name, text)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


def _hear_records(wire: Wire) -> None:
    make = logging.getLogRecordFactory()

    def heard(*args: Any, **kwargs: Any) -> logging.LogRecord:
        record = make(*args, **kwargs)
        if wire.busy:
            tell_record(wire, record)
        return record

    logging.setLogRecordFactory(heard)
