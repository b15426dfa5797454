"""Whether a value of one type can go where another is wanted."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import assert_never

from wfnb.model.types.shape import (
    ANY,
    BOOL,
    BYTES,
    FLOAT,
    INT,
    NEVER,
    NONE,
    STR,
    Anything,
    DictOf,
    Exactly,
    Field,
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
    union,
    widened,
)

SPELLED = frozenset({"Path", "PurePath", "date", "datetime", "timedelta", "Decimal", "UUID"})
"""Classes whose values people spell as text or numbers, because JSON has none of them."""
ARRAYS = frozenset({"Series", "Index", "ndarray"})
"""Classes in whose place lists often will do."""


class Fit(IntEnum):
    """How a type fits in the place of another; the lesser of two is what both together are."""

    NO = 0
    """Every value is a mismatch."""
    MAYBE = 1
    """Some values may be."""
    YES = 2


def accepts(target: Type, given: Type) -> Fit:  # noqa: PLR0912 - a case a form
    """How a value of type `given` fits where `target` is wanted.

    As in `fits`, an `int` is a `float`, a `bool` is no `int`, and lists and tuples stand for each other.  Items of
    different types make lists of different types, though both may be empty.
    """
    if target == given:
        return Fit.YES
    match given:
        case Never():
            return Fit.YES
        case OneOf():
            return every(accepts(target, member) for member in given.members)
        case Anything():
            return Fit.YES if isinstance(target, Anything) else Fit.MAYBE
        case _:
            pass
    match target:
        case Anything():
            return Fit.YES
        case Never():
            return Fit.NO
        case OneOf():
            return max(accepts(member, given) for member in target.members)
        case Plain():
            return _plain(target, given)
        case Exactly():
            if isinstance(given, Exactly):  # equal ones have been accepted
                return Fit.NO
            return min(Fit.MAYBE, accepts(given, widened(target)))
        case Record():
            return _record(target, given)
        case Instance():
            return _instance(target, given)
        case DictOf():
            return _dict(target, given)
        case ListOf() | TupleOf() | SetOf() | IterableOf():
            return _items(target, given)
        case _:
            assert_never(target)


def every(fits: Iterable[Fit]) -> Fit:
    """How a union fits: wholly, not at all, or in part."""
    found = set(fits)
    return found.pop() if len(found) == 1 else Fit.MAYBE


def element(given: Type) -> Type | None:
    """What going through a value gives, item by item; None where it can not be gone through."""
    match given:
        case ListOf() | SetOf() | IterableOf() | TupleOf():
            return given.item
        case DictOf():
            return given.key
        case Record():
            if given.style == "dict":
                return STR
            return union(*(field.type for field in given.items)) if given.style == "tuple" else None
        case Exactly():
            return element(widened(given))
        case Plain():
            return {STR: STR, BYTES: INT}.get(given)
        case Anything():
            return ANY
        case Never():
            return NEVER
        case Instance():
            return ANY
        case OneOf():
            inner = [element(member) for member in given.members]
            found = [item for item in inner if item is not None]
            return union(*found) if found else None
        case _:
            assert_never(given)


def _plain(target: Plain, given: Type) -> Fit:
    match given:
        case Exactly():
            return _plain(target, widened(given))
        case Plain():
            if target == given or (target == FLOAT and given == INT):
                return Fit.YES
            return Fit.MAYBE if target == INT and given == FLOAT else Fit.NO
        case Instance():
            return _derived(target.name, given.bases)
        case IterableOf():
            return Fit.MAYBE if target in (STR, BYTES) and given.name != "range" else Fit.NO
        case _:
            return Fit.NO


def _derived(name: str, bases: tuple[str, ...]) -> Fit:
    if name in bases or (name == "float" and "int" in bases):
        return Fit.YES
    # What NumPy computes with goes where numbers go.
    return Fit.NO if bases and "generic" not in bases else Fit.MAYBE


def _items(target: ListOf | TupleOf | SetOf | IterableOf, given: Type) -> Fit:
    match given:
        case TupleOf() if isinstance(target, TupleOf):
            return _tuple(target, given)
        case ListOf() | TupleOf():
            loose = not isinstance(target, SetOf)  # JSON has no sets: people write lists
            return min(Fit.YES if loose else Fit.MAYBE, accepts(target.item, given.item))
        case SetOf():
            return accepts(target.item, given.item) if isinstance(target, SetOf | IterableOf) else Fit.NO
        case IterableOf():
            return min(Fit.YES if isinstance(target, IterableOf) else Fit.MAYBE, accepts(target.item, given.item))
        case Instance():
            kind = {ListOf: "list", TupleOf: "tuple", SetOf: "set"}.get(type(target))
            return Fit.MAYBE if kind is None or kind in given.bases or not given.bases else Fit.NO
        case Record() if given.style == "tuple" and not isinstance(target, SetOf):
            return accepts(target.item, element(given) or NEVER)
        case _:
            inner = element(given) if isinstance(target, IterableOf) else None
            return Fit.NO if inner is None else accepts(target.item, inner)


def _tuple(target: TupleOf, given: TupleOf) -> Fit:
    if target.open:
        return min((accepts(target.item, item) for item in given.items), default=Fit.YES)
    if given.open:
        return min(Fit.MAYBE, *(accepts(item, given.item) for item in target.items))
    if len(target.items) != len(given.items):
        return Fit.NO
    return min(map(accepts, target.items, given.items), default=Fit.YES)


def _dict(target: DictOf, given: Type) -> Fit:
    match given:
        case DictOf():
            return min(accepts(target.key, given.key), accepts(target.value, given.value))
        case Record() if given.style == "dict":
            return min((accepts(target.value, field.type) for field in given.fields), default=Fit.YES)
        case Instance():
            return Fit.NO if given.bases and "dict" not in given.bases else Fit.MAYBE
        case _:
            return Fit.NO


def _record(target: Record, given: Type) -> Fit:
    match given:
        case Record() if given.style == "dict":
            return min((_field(field, given) for field in target.fields), default=Fit.YES)
        case Record():
            if target.name in given.bases:
                return Fit.YES
            related = given.name in target.bases or not given.bases or not target.bases
            return Fit.MAYBE if related and target.style != "dict" else Fit.NO
        case DictOf():
            wanted = union(*(field.type for field in target.fields))
            return min(Fit.MAYBE, accepts(wanted, given.value), accepts(STR, given.key))
        case Instance():
            return _related(target.name, target.bases, given)
        case _:
            return Fit.NO


def _field(field: Field, given: Record) -> Fit:
    found = given.field(field.name)
    if found is not None:
        return accepts(field.type, found.type)
    if not field.required:
        return Fit.YES
    return Fit.NO if given.closed else Fit.MAYBE


def _instance(target: Instance, given: Type) -> Fit:
    match given:
        case Instance() | Record() if not (isinstance(given, Record) and given.style == "dict"):
            return _related(target.name, target.bases, given)
        case Plain() | Exactly() if target.name in SPELLED:
            return Fit.NO if widened(given) in (NONE, BOOL) else Fit.MAYBE
        case ListOf() | TupleOf() | IterableOf() if target.name in ARRAYS:
            return Fit.MAYBE
        case _:
            return Fit.MAYBE if not target.bases or stands_for(target, _form(given)) else Fit.NO


def stands_for(target: Instance, form: str) -> bool:
    """Whether plain data often does in the place of an object: what a class derives from, a number for NumPy's."""
    return form in target.bases or ("generic" in target.bases and form in ("bool", "int", "float", "str"))


def _form(given: Type) -> str:
    """The name of the plain type that a type is of."""
    if isinstance(given, Plain | Exactly):
        return str(widened(given))
    return {ListOf: "list", TupleOf: "tuple", SetOf: "set", DictOf: "dict"}.get(type(given), "")


def _related(name: str, bases: tuple[str, ...], given: Instance | Record) -> Fit:
    if name == given.name or name in given.bases:
        return Fit.YES
    return Fit.NO if bases and given.bases and given.name not in bases else Fit.MAYBE
