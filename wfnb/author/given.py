"""What people give a builder, as a document has it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

import msgspec

from wfnb.author.registry import activity as register
from wfnb.errors import DefinitionError
from wfnb.model.activity import Activity
from wfnb.model.expression import is_expression
from wfnb.model.workflow import Compensation, Edge, Node


def activity_name(activity: Activity | Callable[..., Any] | str) -> str:
    """The name of an activity; a plain function is registered under its own."""
    if isinstance(activity, str):
        return activity
    return (activity if isinstance(activity, Activity) else register(activity)).name


def activity_names(activities: Iterable[Activity | Callable[..., Any] | str]) -> tuple[str, ...]:
    """The names of several activities."""
    given = [activities] if isinstance(activities, str) else activities
    return tuple(activity_name(activity) for activity in given)


def type_name(kind: Any) -> str:
    """How a document writes a type: `str`, `list[int]`, `Literal['a', 'b']`, or text as it is."""
    if isinstance(kind, str):
        return kind
    plain = isinstance(kind, type) and not hasattr(kind, "__args__")
    return kind.__name__ if plain else str(kind).replace("typing.", "")


def type_names(kinds: Mapping[str, Any] | None) -> dict[str, str]:
    """Types by name, as a document writes them."""
    return {name: type_name(kind) for name, kind in (kinds or {}).items()}


def error_name(error: type[BaseException] | str) -> str:
    """The name that an error is caught by or raised with."""
    return error if isinstance(error, str) else error.__name__


def condition(text: str) -> str:
    """A bare condition; a leading `=` is dropped."""
    return text.removeprefix("=")


def seconds(duration: float | timedelta | str, what: str) -> float:
    """A duration that must be positive.

    Raises:
        ValueError: it is not.
    """
    given = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if not isinstance(given, int | float) or not given > 0:
        shown = repr(duration) if isinstance(duration, str) else duration
        raise ValueError(f"{what} is {shown}\ngive a positive number of seconds")
    return given


def pause(duration: float | timedelta | str) -> float | str:
    """What a timer counts: seconds (0 too), or an expression that gives them.

    Raises:
        ValueError: it is neither.
    """
    if isinstance(duration, str):
        if is_expression(duration):
            return duration
        raise ValueError(f"after is {duration!r}\ngive seconds, a timedelta, or an expression such as '=input.pause'")
    given = duration.total_seconds() if isinstance(duration, timedelta) else duration
    if not given >= 0:  # which nan is not either
        raise ValueError(f"after is {duration}\ngive 0 or more seconds")
    return given


def moment(time: datetime | str) -> str:
    """A time: ISO 8601, or an expression that gives it.

    Raises:
        ValueError: it is no time, or a `datetime` that does not say in which zone.
    """
    if isinstance(time, datetime):
        if time.tzinfo is None:
            raise ValueError(f"until is {time.isoformat()}, which has no time zone\ngive it one: tzinfo=timezone.utc")
        return time.isoformat()
    if not is_expression(time):
        try:
            datetime.fromisoformat(time)
        except ValueError:
            example = "2030-01-01T00:00:00Z"
            raise ValueError(f"until is {time!r}\ngive a time such as '{example}', or an expression") from None
    return time


def compensation(given: Any, where: str) -> Compensation:
    """What takes a task back: an activity, `(activity, arguments)`, or a `Compensation`.

    Raises:
        DefinitionError: an argument is no JSON value.
        TypeError: it is none of these.
    """
    if isinstance(given, Compensation):
        return given
    if isinstance(given, tuple):
        if len(given) != 2 or not isinstance(given[1], Mapping):
            raise TypeError(
                f"compensate of {where} is {given!r}\ngive an activity, or (activity, {{parameter: value}})"
            )
        undo, arguments = given
    else:
        undo, arguments = given, {}
    for name, value in arguments.items():
        check_json(value, f"argument '{name}' of what takes {where} back")
    return Compensation(activity=activity_name(undo), arguments=dict(arguments))


def part(given: Any) -> Node | Edge:
    """A node or an edge, which may be given as a document has it.

    Raises:
        DefinitionError: it is neither.
    """
    is_edge = "kind" not in given if isinstance(given, Mapping) else isinstance(given, Edge)
    kind: Any = Edge if is_edge else Node
    try:
        made: Node | Edge = msgspec.json.decode(msgspec.json.encode(given), type=kind)
    except (msgspec.ValidationError, TypeError, ValueError) as error:
        raise DefinitionError(
            f"{given!r} is neither a node nor an edge: {error}\n"
            'give {"kind": ..., "id": ...}, or {"source": ..., "target": ...}'
        ) from None
    return made


def check_json(value: Any, where: str) -> None:
    """Refuse what a document can not hold.

    Raises:
        DefinitionError: it is no JSON value.
    """
    try:
        same = msgspec.json.decode(msgspec.json.encode(value)) == value
    except (TypeError, ValueError, OverflowError, RecursionError):
        same = False
    if not same:
        raise DefinitionError(
            f"{where} is a {type(value).__name__}, which is no JSON value\n"
            "pass text, numbers, lists or dicts, or make the value in an activity"
        )


def check_arguments(arguments: Mapping[str, Any], where: str) -> None:
    """Refuse arguments that a document can not hold.

    Raises:
        DefinitionError: one is no JSON value.
    """
    for name, value in arguments.items():
        check_json(value, f"argument '{name}' of {where}")
