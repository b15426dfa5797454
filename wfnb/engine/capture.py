"""What activities print and log, heard on its way to where it is shown as ever.

Loaded by processes of their own, too; there nothing is replaced, because they send all of it.
"""

from __future__ import annotations

import logging
import sys
from typing import Any
from weakref import WeakSet

from wfnb.engine.signs import Ears, Stream, here

_FORMAT = logging.Formatter("%(levelname)s:%(name)s:%(message)s")


class Tee:
    """Stands for `sys.stdout` or `sys.stderr`: what code of an attempt writes there is heard, and then written.

    It is the stream in everything else.
    """

    def __init__(self, stream: Any, name: Stream) -> None:
        self.wrapped = stream
        self._name: Stream = name

    def write(self, text: str) -> Any:
        """Write text; `wfnb` hears it if an attempt does that."""
        place = here()
        ears = None if place is None else place.ears()
        if ears is None or not isinstance(text, str):
            return self.wrapped.write(text)
        # What a logger writes was heard as a record already.
        logged = sys._getframe(1).f_globals.get("__name__") == "logging"  # noqa: SLF001 - who calls is the question
        shown = ears.hear(self._name, "" if logged else text)
        return self.wrapped.write(text) if shown else len(text)

    def writelines(self, lines: Any) -> None:
        """Write several texts."""
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)


_listening: WeakSet[Any] = WeakSet()
_make_record: Any = None
"""What made log records before."""


def listen(engine: Any) -> None:
    """Hear what is printed and logged, for an engine; again where others have put streams of theirs in between."""
    global _make_record  # noqa: PLW0603 - as the streams are
    _listening.add(engine)
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is not None and type(stream) is not Tee:
            setattr(sys, name, Tee(stream, name))
    if logging.getLogRecordFactory() is not record_heard:
        _make_record = logging.getLogRecordFactory()
        logging.setLogRecordFactory(record_heard)


def leave(engine: Any) -> None:
    """An engine does not need it any more; after the last, everything is as it was before."""
    _listening.discard(engine)
    if _listening:
        return
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if type(stream) is Tee:
            setattr(sys, name, stream.wrapped)
    if logging.getLogRecordFactory() is record_heard:
        logging.setLogRecordFactory(_make_record)


def record_heard(*args: Any, **kwargs: Any) -> Any:
    """Make a log record as before, heard where an attempt logs it.

    In its place no handler is needed: one at the root would keep `logging.basicConfig` from doing anything.
    """
    record = _make_record(*args, **kwargs)
    place = here()
    ears = None if place is None else place.ears()
    if ears is not None:
        tell_record(ears, record)
    return record


def tell_record(ears: Ears, record: logging.LogRecord) -> None:
    """Tell a log record; one that can not be shown is left to the handlers, which say so."""
    if not isinstance(getattr(record, "name", None), str):  # an empty one, to be filled by who has asked for it
        return
    try:
        text = _FORMAT.format(record)
    except Exception:  # noqa: BLE001 - arguments that do not fit the message, or whose text fails
        return
    ears.hear("log", f"{text}\n")
