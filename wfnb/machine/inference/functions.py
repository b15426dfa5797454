"""What the functions of expressions give for arguments of given types; None where they do not take them.

No type of an argument here is a union.
"""

from __future__ import annotations

import ast

from wfnb.machine.inference.operators import arithmetic, opaque, signed
from wfnb.model.types import (
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
    Instance,
    IterableOf,
    ListOf,
    Record,
    SetOf,
    TupleOf,
    Type,
    alternatives_of,
    element,
    union,
    widened,
)

_NUMBERS = (BOOL, INT, FLOAT)
_TEXT: dict[str, Type] = {
    "lower": STR, "upper": STR, "strip": STR, "split": ListOf(STR), "startswith": BOOL, "endswith": BOOL, "join": STR,
    "replace": STR,
}  # fmt: skip
FIXED: dict[str, Type] = {"str": STR, "bool": BOOL, "reached": BOOL}
"""Functions that take anything, with what they give."""


def first(name: str, given: Type, rest: tuple[Type, ...], keywords: dict[str, Type]) -> Type | None:
    """What a function gives for its first argument.

    Args:
        name: the function.
        given: the first argument.
        rest: the others.
        keywords: those by name.
    """
    plain = widened(given)
    known = not opaque(given)
    match name:
        case "len":
            sized = plain in (STR, BYTES) or isinstance(plain, ListOf | TupleOf | SetOf | DictOf | IterableOf)
            sized = sized or (isinstance(plain, Record) and plain.style != "object")
            return INT if sized or not known else None
        case "abs":
            return signed(plain) if known else ANY
        case "round":
            return _rounded(plain, rest) if known else ANY
        case "int":
            return INT if not known or plain in (*_NUMBERS, STR, BYTES) else None
        case "float":
            return FLOAT if not known or plain in (*_NUMBERS, STR, BYTES) else None
        case "range":
            return IterableOf(INT, "range") if not known or plain in (BOOL, INT) else None
        case "get":
            return _got(given, rest, keywords)
        case "keys" | "items":
            return _entries(name, given)
        case "dict":
            return _dict(given)
        case _ if name in _TEXT:
            return _TEXT[name] if not known or plain == STR else None
        case _:
            inner = element(given)
            return None if inner is None else _gone_through(name, inner, rest, keywords)


def none(name: str) -> Type:
    """What a function gives without an argument."""
    empty: dict[str, Type] = {
        "list": ListOf(NEVER), "tuple": TupleOf(()), "set": SetOf(NEVER), "dict": DictOf(NEVER, NEVER), "int": INT,
        "float": FLOAT, "str": STR, "bool": BOOL, "zip": ListOf(NEVER),
    }  # fmt: skip
    return empty.get(name, ANY)


def _gone_through(name: str, inner: Type, rest: tuple[Type, ...], keywords: dict[str, Type]) -> Type | None:
    match name:
        case "min" | "max":
            return union(inner, *keywords.values()) if not rest else ANY
        case "sorted" | "list":
            return ListOf(inner)
        case "tuple":
            return TupleOf((inner,), open=True)
        case "set":
            return SetOf(inner)
        case "any" | "all":
            return BOOL
        case "enumerate":
            return ListOf(TupleOf((INT, inner)))
        case "zip":
            others = [element(other) for other in rest]
            return ListOf(TupleOf((inner, *(ANY if other is None else other for other in others))))
        case "sum":
            return _sum(inner, rest[0] if rest else keywords.get("start", INT))
        case _:
            return ANY


def _sum(inner: Type, start: Type) -> Type | None:
    total = widened(start)
    for _ in range(3):  # the type of a sum settles at once: int, then float, or a longer list
        sums = [arithmetic(ast.Add(), a, b) for a in alternatives_of(total) for b in alternatives_of(inner)]
        if None in sums:
            return None
        total = union(total, *(widened(found) for found in sums if found is not None))
    return FLOAT if set(alternatives_of(total)) == {INT, FLOAT} else total


def _rounded(plain: Type, rest: tuple[Type, ...]) -> Type | None:
    if plain not in _NUMBERS:
        return None
    if not rest or rest[0] == NONE:
        return INT
    exact = INT if plain in (BOOL, INT) else FLOAT
    return exact if NONE not in alternatives_of(rest[0]) and not isinstance(rest[0], Anything) else union(INT, exact)


def _got(data: Type, rest: tuple[Type, ...], keywords: dict[str, Type]) -> Type | None:
    default = rest[1] if len(rest) > 1 else keywords.get("default", NONE)
    key = rest[0] if rest else ANY
    match data:
        case DictOf():
            return union(data.value, default)
        case Record(style="dict"):
            if not isinstance(key, Exactly):
                return union(*(field.type for field in data.fields), default) if data.closed else ANY
            field = data.field(str(key.value))
            if field is None:
                return default if data.closed else ANY
            return field.type if field.required else union(field.type, default)
        case Anything() | Instance():
            return ANY
        case _:
            return None


def _entries(name: str, data: Type) -> Type | None:
    match data:
        case DictOf():
            key, value = data.key, data.value
        case Record(style="dict"):
            key = STR
            value = union(*(field.type for field in data.fields)) if data.closed else ANY
        case Anything() | Instance():
            key, value = ANY, ANY
        case _:
            return None
    return ListOf(key) if name == "keys" else ListOf(TupleOf((key, value)))


def _dict(given: Type) -> Type | None:
    match given:
        case DictOf() | Record(style="dict"):
            return given
        case _:
            inner = element(given)
            if isinstance(inner, TupleOf) and len(inner.items) == 2 and not inner.open:
                return DictOf(*inner.items)
            return None if inner is None else DictOf(ANY, ANY)
