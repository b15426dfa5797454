"""What of a live value goes into the history."""

from __future__ import annotations

import sys
import traceback
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from wfnb.engine.cells import by_cell
from wfnb.model.event import (
    ANY_ERROR,
    ApprovalGiven,
    ChildCompleted,
    Event,
    OutputCaptured,
    Problem,
    RunCompleted,
    RunFailed,
    RunStarted,
    SignalReceived,
    TaskCompleted,
    Unstored,
    ValueEdited,
    ValuePinned,
    decode,
    encode,
)

MAX_PREVIEW = 200
MAX_TRACEBACK = 16_000


def unstored(value: Any) -> Unstored | UnsetType:
    """UNSET if JSON gives the value back (tuples as lists), else what is recorded in its place."""
    kind = type(value)
    if value is None or kind is bool or (kind is int and -(2**63) <= value < 2**63):
        return UNSET
    try:
        again = msgspec.json.decode(msgspec.json.encode(value))
        if again == value or again == _without_tuples(value):
            return UNSET
    except (TypeError, ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        pass
    except BaseException:  # noqa: BLE001, S110 - a user's __eq__ may raise anything; then it is no JSON
        pass
    name = kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"
    return Unstored(type=storable(name), size=size_of(value), preview=preview(value))


def _without_tuples(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return [_without_tuples(item) for item in value]
    if type(value) is dict:
        return {key: _without_tuples(item) for key, item in value.items()}
    return value


def size_of(value: Any) -> int | None:
    """Bytes in memory, None where that can not be told; of containers without what they hold."""
    try:
        nbytes = getattr(value, "nbytes", None)
        if isinstance(nbytes, int):
            return nbytes
        usage = getattr(value, "memory_usage", None)
        if callable(usage):
            found = usage()
            return int(found.sum() if hasattr(found, "sum") else found)
        return sys.getsizeof(value)
    except BaseException:  # noqa: BLE001 - a size is a courtesy
        return None


def preview(value: Any) -> str:
    """A short text of a value, for people."""
    try:
        text = repr(value)
    except BaseException as error:  # noqa: BLE001 - a user's __repr__ may raise anything
        text = f"<repr failed: {type(error).__name__}>"
    return storable(text if len(text) <= MAX_PREVIEW else text[: MAX_PREVIEW - 1] + "…")


def storable(text: str) -> str:
    """The text without lone surrogates, which can not be encoded; nothing is lost that could be shown."""
    return text.encode("utf-8", "replace").decode()


def text_of_output(event: OutputCaptured) -> str:
    """What an attempt printed, and how much more it was."""
    return (
        f"{event.text}\n({event.lost:,} more characters of {event.stream} were not kept)\n"
        if event.lost
        else event.text
    )


def text_of(error: BaseException) -> str:
    """What an exception says, with its type."""
    try:
        text = f"{type(error).__name__}: {error}"
    except BaseException:  # noqa: BLE001 - a user's __str__ may raise anything
        text = type(error).__name__
    return storable(text[:MAX_PREVIEW])


SCALARS = frozenset({type(None), bool, int, float, str})
"""Values that can not change."""


def frozen(event: Event) -> Event:
    """The event as the history has it: nothing in it can change any more, and values that are not JSON are left out."""
    match event:
        case SignalReceived() | ApprovalGiven():
            return event if type(event.value) in SCALARS else msgspec.structs.replace(event, value=_raw(event.value))
        case TaskCompleted() | ChildCompleted() | ValueEdited() | ValuePinned():
            value = UNSET if event.unstored is not UNSET else _raw(event.value)
            return msgspec.structs.replace(event, value=value)
        case RunCompleted():
            output = UNSET if event.unstored is not UNSET else _raw(event.output)
            return msgspec.structs.replace(event, output=output)
        case RunStarted():
            return decode(encode(event))
        case RunFailed():
            # The message of a guard or of an output that failed may quote any value.
            error = msgspec.structs.replace(event.error, message=storable(event.error.message))
            return RunFailed(error)
        case _:
            return event


def _raw(value: Any) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


def problem_of(error: BaseException, node: str) -> Problem:
    """An exception of user code as data, with its traceback from the user's frames on."""
    name = type(error).__name__
    try:
        message = str(error)
        frames = traceback.format_exception(type(error), error, _user_frames(error))
        text = by_cell("".join(frames))
    except BaseException as broken:  # noqa: BLE001 - a user's __str__ may raise anything
        message, text = f"<str failed: {type(broken).__name__}>", ""
    return Problem(
        type=storable(name),
        message=storable(message[:MAX_TRACEBACK]),
        node=node,
        traceback=storable(text[-MAX_TRACEBACK:]),
        bases=tuple(storable(base) for base in _bases(error)),
    )


def _bases(error: BaseException) -> list[str]:
    """The names of the classes above its own that say something of it."""
    above = [base.__name__ for base in type(error).__mro__[1:] if issubclass(base, BaseException)]
    return [name for name in above if name not in ANY_ERROR]


def _user_frames(error: BaseException) -> Any:
    """The traceback without the engine's own frames at its top."""
    frames = error.__traceback__
    while frames is not None and frames.tb_frame.f_globals.get("__name__", "").startswith("wfnb.engine"):
        frames = frames.tb_next
    return frames
