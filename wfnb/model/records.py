"""Arguments as an activity's annotations have them: a dict becomes the dataclass that it stands for.

A history and a shell know JSON alone, where a dataclass is an object with its fields; activities get the real thing.
"""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Callable, Mapping
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec


def records_of(function: Callable[..., Any]) -> dict[str, Any]:
    """The annotations of parameters in which a dataclass stands, by parameter; none where they can not be resolved."""
    try:
        hints = get_type_hints(function)
    except Exception:  # noqa: BLE001 - annotations may be anything
        return {}
    return {name: hint for name, hint in hints.items() if name != "return" and _has_record(hint)}


def fitted(arguments: Mapping[str, Any], records: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments with plain data made into the dataclasses that annotations name.

    What is a dataclass already, or anything else that is no plain data, stays as it is.

    Args:
        arguments: what an activity is to be called with.
        records: as `records_of` gives them.

    Raises:
        TypeError: plain data is not of the fields of its dataclass; the message says where.
    """
    made = dict(arguments)
    for name, hint in records.items():
        if name in made:
            try:
                made[name] = _made(made[name], hint)
            except msgspec.ValidationError as error:
                raise TypeError(f"argument '{name}' is no {_name(hint)}: {error}") from None
    return made


def _has_record(hint: Any) -> bool:
    return _is_record(hint) or any(_has_record(part) for part in get_args(hint))


def _is_record(hint: Any) -> bool:
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


def _made(value: Any, hint: Any) -> Any:
    kind, parts = type(value), get_args(hint)
    if _is_record(hint):
        return msgspec.convert(value, hint) if kind is dict else value
    if get_origin(hint) in (Union, types.UnionType):
        records = [part for part in parts if _has_record(part)]
        return _first(value, records) if kind in (dict, list, tuple) else value
    if kind in (list, tuple) and parts and _has_record(parts[0]):
        return kind(_made(item, parts[0]) for item in value)
    if kind is dict and len(parts) == 2 and _has_record(parts[1]):
        return {key: _made(item, parts[1]) for key, item in value.items()}
    return value


def _first(value: Any, hints: list[Any]) -> Any:
    """The value as the first of several types that it fits."""
    problem: msgspec.ValidationError | None = None
    for hint in hints:
        try:
            return _made(value, hint)
        except msgspec.ValidationError as error:
            problem = problem or error
    if problem is not None:
        raise problem
    return value


def _name(hint: Any) -> str:
    return hint.__name__ if isinstance(hint, type) else str(hint)
