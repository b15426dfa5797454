"""Lists, tuples, sets and dicts of values that are not all JSON, as JSON that names the others by their hash.

So a dict of ten tables is ten values and one short text, and a table that is in two dicts is stored once.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Collection, Iterable
from typing import Any

import msgspec

from wfnb.model.event import Unstored

_SCALARS = (type(None), bool, int, str)
_HASH = re.compile(rb'"hash":"([0-9a-f]{64})"')


class NoCodec(Exception):
    """A part has no codec."""


def is_made_of_parts(value: Any) -> bool:
    """Whether a value is taken apart to be stored."""
    return type(value) in (list, tuple, dict, set, frozenset, float)


def taken_apart(value: Any, keep: Callable[[Any], Unstored | None]) -> bytes:
    """A value as JSON.

    Args:
        value: what `is_made_of_parts`.
        keep: stores a part that is no JSON, and says under which hash; None where it can not.

    Raises:
        NoCodec: a part of it can not be stored.
        RecursionError: it holds itself, or is too deep.
    """

    def written(part: Any) -> Any:
        kind = type(part)
        if kind in _SCALARS:
            return part
        if kind is float:
            return part if math.isfinite(part) else {"float": repr(part)}
        if kind is list:
            return {"list": [written(item) for item in part]}
        if kind is tuple:
            return {"tuple": [written(item) for item in part]}
        if kind is dict:
            return {"dict": [[written(key), written(item)] for key, item in part.items()]}
        if kind is set or kind is frozenset:
            # In an order of their own, so that equal sets have equal hashes.
            return {kind.__name__: sorted((written(item) for item in part), key=msgspec.json.encode)}
        known = keep(part)
        if known is None or not known.hash:
            raise NoCodec(f"{kind.__module__}.{kind.__qualname__} has no codec")
        return {"value": {"type": known.type, "hash": known.hash, "codec": known.codec}}

    return msgspec.json.encode(written(value))


def put_together(data: bytes, load: Callable[[Unstored], Any]) -> Any:
    """The value of what `taken_apart` gave; `load` gives the parts that are no JSON."""

    def read(part: Any) -> Any:
        if type(part) is not dict:
            return part
        ((kind, inner),) = part.items()
        match kind:
            case "float":
                return float(inner)
            case "list":
                return [read(item) for item in inner]
            case "tuple":
                return tuple(read(item) for item in inner)
            case "dict":
                return {read(key): read(item) for key, item in inner}
            case "set":
                return {read(item) for item in inner}
            case "frozenset":
                return frozenset(read(item) for item in inner)
            case _:
                return load(msgspec.convert(inner, Unstored))

    return read(msgspec.json.decode(data))


def hashes_in(data: bytes) -> set[str]:
    """The hashes that a text names: of an event, or of a value made of parts."""
    return {found.decode() for found in _HASH.findall(data)}


def unnamed(kept: Iterable[str], named: set[str], data: Callable[[str], bytes], made: Collection[str] = ()) -> set[str]:
    """The hashes of values that nothing names.

    Args:
        kept: every hash.
        named: those that events name; those that these are made of are added.
        data: gives the content of a value.
        made: the values that may be made of parts, where these are known; all of them else.
    """
    for hash in named & set(made or kept):
        named |= hashes_in(data(hash))
    return set(kept) - named
