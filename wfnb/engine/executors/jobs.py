"""What a thread does, who is told what came of it, and how."""

from __future__ import annotations

import asyncio
import contextvars
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import CoroutineType
from typing import Any, NamedTuple, Protocol

from wfnb.engine.signs import PLACE, Place, Spent


class Receiver(Protocol):
    """Who is told what a function gave: a future, or what acts like one.  All is called in the thread of its loop."""

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """That loop; may be called in any thread."""

    def cancelled(self) -> bool:
        """Whether nobody waits for it any more; may be called in any thread."""

    def done(self) -> bool:
        """Whether it has been told, or is not to be."""

    def set_result(self, result: Any, /) -> None:
        """The function gave this."""

    def set_exception(self, error: BaseException, /) -> None:
        """The function raised this."""


class Job(NamedTuple):
    """What a thread does.

    Attributes:
        context: the context variables that the function sees.
        function: what to run.
        arguments: what it is given, by name.
        receiver: who is told what it gave.
        place: where what it tells meanwhile is heard.
        begins: is called in the thread before the function.
    """

    context: contextvars.Context
    function: Callable[..., Any]
    arguments: dict[str, Any]
    receiver: Receiver
    place: Place | None = None
    begins: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Raised:
    """Stands for a result where a function raised what a future would take as the end of the coroutine that awaits it.

    Attributes:
        error: what it raised.
    """

    error: GeneratorExit


def tell(receiver: Receiver, result: Any, error: BaseException | None) -> None:
    """Tell who waits for a function what it gave or raised; called in the thread of its loop."""
    if receiver.done():
        if type(result) is CoroutineType:
            result.close()
    elif error is None:
        receiver.set_result(result)
    elif isinstance(error, StopIteration):
        receiver.set_exception(RuntimeError(f"activity raised StopIteration: {error}"))
    elif isinstance(error, GeneratorExit):
        receiver.set_result(Raised(error))
    else:
        receiver.set_exception(error)


def measured(worker: str, place: Place | None, function: Callable[..., Any], arguments: dict[str, Any]) -> Any:
    """Call a function where it is heard at a place, which is told what it took."""
    PLACE.set(place)
    if place is None:
        return function(**arguments)
    began = time.thread_time()
    try:
        return function(**arguments)
    finally:
        if place.spent is None:  # else a process did it, and this thread looked after that
            place.spent = Spent(worker, time.thread_time() - began)
