"""Whether a value is of a declared type, and where in it is what is not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, assert_never

from wfnb.model.types.assign import ARRAYS, SPELLED, stands_for
from wfnb.model.types.shape import (
    NONE,
    Anything,
    DictOf,
    Exactly,
    Instance,
    IterableOf,
    ListOf,
    Never,
    OneOf,
    Plain,
    Record,
    SetOf,
    TupleOf,
    Type,
    alternatives_of,
)
from wfnb.model.types.written import read_type

_KINDS: dict[str, tuple[type, ...]] = {
    "None": (type(None),),
    "bool": (bool,),
    "int": (int,),
    "float": (float, int),
    "str": (str,),
    "bytes": (bytes, bytearray),
}
_DATA = (str, int, float, bool, bytes, bytearray, list, tuple, set, frozenset, dict, type(None))
_ABSENT = object()


@dataclass(frozen=True, slots=True)
class Misfit:
    """A part of a value that is not of its declared type.

    Attributes:
        path: where, such as `orders[3].amount`.
        value: what is there.
        type: what is declared there.
        absent: whether a field is missing there.
    """

    path: str
    value: Any
    type: Type
    absent: bool = False


def fits(kind: str | Type, value: Any) -> bool:
    """Whether a value is of a declared type.

    Only what is surely wrong does not fit: names that are not known take anything, and so do objects that are no plain
    data, such as a NumPy number for a `float`.  An `int` is a `float`, a `bool` no `int`.  A dict with fitting fields
    is of a record type, whatever class that has.
    """
    return misfit(kind, value) is None


def misfit(kind: str | Type, value: Any, path: str = "", *, known: Mapping[str, Type] | None = None) -> Misfit | None:
    """The first part of a value that is not of its declared type; as `fits`.

    Args:
        kind: the declared type, or its text.
        value: the value.
        path: how the value is called, which the path of the misfit begins with.
        known: types of further names in the text.
    """
    return _misfit(read_type(kind, known).type if isinstance(kind, str) else kind, value, path)


def _misfit(kind: Type, value: Any, path: str) -> Misfit | None:
    match kind:
        case Anything():
            return None
        case Never():
            return Misfit(path, value, kind)
        case OneOf():
            return _of_union(kind, value, path)
        case Record():
            return _of_record(kind, value, path)
        case Instance():
            return None if _is_instance(kind, value) else Misfit(path, value, kind)
        case _ if type(value) not in _DATA:
            return None
        case Plain():
            return None if type(value) in _KINDS[kind.name] else Misfit(path, value, kind)
        case Exactly():
            same = type(value) is type(kind.value) and value == kind.value
            return None if same else Misfit(path, value, kind)
        case DictOf():
            return _of_dict(kind, value, path)
        case ListOf() | TupleOf() | SetOf() | IterableOf():
            return _of_items(kind, value, path)
        case _:
            assert_never(kind)


def _of_union(kind: OneOf, value: Any, path: str) -> Misfit | None:
    found = None
    for member in kind.members:
        inner = _misfit(member, value, path)
        if inner is None:
            return None
        if inner.path != path:  # of the right form, and wrong inside: that is what people want to know
            found = inner if found is None else found
    others = [member for member in alternatives_of(kind) if member != NONE]
    if found is not None and len(others) == 1:
        return found
    return Misfit(path, value, kind)


def _of_items(kind: ListOf | TupleOf | SetOf | IterableOf, value: Any, path: str) -> Misfit | None:
    forms: tuple[type, ...] = (list, tuple)
    if isinstance(kind, SetOf):
        forms = (set, frozenset, list, tuple)  # JSON has no sets
    elif isinstance(kind, IterableOf):
        forms = (list, tuple, set, frozenset, dict, str, bytes, bytearray)
    if type(value) not in forms:
        return Misfit(path, value, kind)
    if isinstance(kind, TupleOf) and not kind.open:
        if len(value) != len(kind.items):
            return Misfit(path, value, kind)
        pairs = zip(kind.items, value, strict=True)
        return _first(_misfit(inner, item, f"{path}[{index}]") for index, (inner, item) in enumerate(pairs))
    if isinstance(kind.item, Anything):
        return None
    item_type = kind.item
    return _first(_misfit(item_type, item, f"{path}[{index}]") for index, item in enumerate(value))


def _of_dict(kind: DictOf, value: Any, path: str) -> Misfit | None:
    if not isinstance(value, dict):
        return Misfit(path, value, kind)
    if isinstance(kind.key, Anything) and isinstance(kind.value, Anything):
        return None
    for key, item in value.items():
        # JSON has no keys but text, however they are declared.
        wrong = not isinstance(key, str) and _misfit(kind.key, key, path)
        if wrong:
            return wrong
        found = _misfit(kind.value, item, f"{path}[{key!r}]")
        if found is not None:
            return found
    return None


def _of_record(kind: Record, value: Any, path: str) -> Misfit | None:
    names = {base.__name__ for base in type(value).__mro__}
    if kind.name and kind.name in names and type(value) not in _DATA:
        return None
    is_dict = isinstance(value, dict)
    if not is_dict and (type(value) in _DATA or kind.style == "dict"):
        return Misfit(path, value, kind) if type(value) in _DATA else None
    for field in kind.fields:
        part = value.get(field.name, _ABSENT) if is_dict else getattr(value, field.name, _ABSENT)
        inner = f"{path}.{field.name}" if path else field.name
        if part is _ABSENT:
            if field.required:
                return Misfit(inner, None, field.type, absent=True)
            continue
        found = _misfit(field.type, part, inner)
        if found is not None:
            return found
    return None


def _is_instance(kind: Instance, value: Any) -> bool:
    if type(value) not in _DATA or not kind.bases:
        return True
    if stands_for(kind, type(value).__name__):
        return True
    if kind.name in SPELLED:
        return value is not None and type(value) is not bool
    return kind.name in ARRAYS and isinstance(value, list | tuple)


def _first(found: Any) -> Misfit | None:
    return next((one for one in found if one is not None), None)
