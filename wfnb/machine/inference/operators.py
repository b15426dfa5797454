"""What operators give for values of given types; None where they do not take them.  No type here is a union."""

from __future__ import annotations

import ast

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
    Fit,
    Instance,
    IterableOf,
    ListOf,
    Never,
    Record,
    SetOf,
    TupleOf,
    Type,
    accepts,
    element,
    union,
    widened,
)

VERBS: dict[type[ast.operator], str] = {
    ast.Add: "adds {left} and {right}",
    ast.Sub: "subtracts {right} from {left}",
    ast.Mult: "multiplies {left} by {right}",
    ast.Div: "divides {left} by {right}",
    ast.FloorDiv: "divides {left} by {right}",
    ast.Mod: "takes {left} modulo {right}",
    ast.Pow: "raises {left} to the power of {right}",
    ast.LShift: "shifts {left} by {right}",
    ast.RShift: "shifts {left} by {right}",
    ast.BitAnd: "combines {left} and {right} with &",
    ast.BitOr: "combines {left} and {right} with |",
    ast.BitXor: "combines {left} and {right} with ^",
}
_NUMBERS = (BOOL, INT, FLOAT)
_WHOLE = (BOOL, INT)
_SEQUENCES = (STR, BYTES)
_NUMBER_FIELDS = {"real", "imag"}
_WHOLE_FIELDS = {*_NUMBER_FIELDS, "numerator", "denominator"}


def opaque(given: Type) -> bool:
    """Whether nothing is known of what operators do with it."""
    return isinstance(given, Anything | Never | Instance) or (isinstance(given, IterableOf) and given.name != "range")


def arithmetic(operator: ast.operator, left: Type, right: Type) -> Type | None:
    """`left operator right`."""
    if opaque(left) or opaque(right):
        return NEVER if NEVER in (left, right) else ANY
    if isinstance(operator, ast.Pow) and widened(left) in _WHOLE and isinstance(right, Exactly):
        return INT if isinstance(right.value, int) and right.value >= 0 else _number(operator, left, widened(right))
    a, b = widened(left), widened(right)
    if a in _NUMBERS and b in _NUMBERS:
        return _number(operator, a, b)
    match operator:
        case ast.Add():
            return _joined(a, b)
        case ast.Mult():
            if a in _WHOLE:
                a, b = b, a
            return _repeated(a) if b in _WHOLE else None
        case ast.BitOr() if _is_dict(a) and _is_dict(b):
            return _merged(a, b)
        case ast.BitOr() | ast.BitXor() if isinstance(a, SetOf) and isinstance(b, SetOf):
            return SetOf(union(a.item, b.item))
        case ast.BitAnd() | ast.Sub() if isinstance(a, SetOf) and isinstance(b, SetOf):
            return a
        case _:
            return None


def unary(operator: ast.unaryop, given: Type) -> Type | None:
    """`operator given`."""
    if opaque(given):
        return NEVER if given == NEVER else ANY
    if isinstance(operator, ast.USub) and isinstance(given, Exactly) and isinstance(given.value, int):
        return Exactly(-given.value)
    plain = widened(given)
    if isinstance(operator, ast.Invert):
        return INT if plain in _WHOLE else None
    return signed(plain)


def signed(plain: Type) -> Type | None:
    """`-plain`, and its absolute value."""
    if plain in _WHOLE:
        return INT
    return FLOAT if plain == FLOAT else None


def ordered(left: Type, right: Type) -> Type | None:
    """`left < right`, and the like."""
    if opaque(left) or opaque(right):
        return ANY
    a, b = widened(left), widened(right)
    if a in _NUMBERS and b in _NUMBERS:
        return BOOL
    alike = a == b if a in _SEQUENCES else type(a) is type(b) and isinstance(a, ListOf | TupleOf | SetOf)
    if isinstance(a, Record) and isinstance(b, Record):
        alike = a.style != "dict" and b.style != "dict"
    return BOOL if alike else None


def contains(item: Type, container: Type) -> Type | None:
    """`item in container`."""
    if opaque(container):
        return BOOL
    plain = widened(container)
    if plain == STR:
        return BOOL if opaque(item) or widened(item) == STR else None
    if isinstance(plain, Record):
        return BOOL
    return BOOL if element(plain) is not None else None


def sliced(given: Type) -> Type | None:
    """`given[a:b]`."""
    match widened(given):
        case TupleOf() as whole:
            return TupleOf((whole.item,), open=True)
        case ListOf() | IterableOf() as same:
            return same
        case Record(style="tuple") as record:
            return TupleOf((union(*(field.type for field in record.items)),), open=True)
        case same if same in _SEQUENCES:
            return same
        case Anything() | Instance():
            return ANY
        case _:
            return None


def indexed(given: Type, key: Type) -> Type | None:
    """`given[key]`; the constant keys of records are looked at elsewhere."""
    if isinstance(given, Anything | Instance):
        return ANY
    whole = opaque(key) or widened(key) in _WHOLE
    match widened(given):
        case ListOf() | IterableOf() as items if whole:
            return items.item
        case TupleOf() as items if whole:
            if not items.open and isinstance(key, Exactly) and isinstance(key.value, int):
                inside = -len(items.items) <= key.value < len(items.items)
                return items.items[key.value] if inside else None
            return items.item
        case DictOf() as data:
            return data.value if accepts(data.key, key) is not Fit.NO else None
        case Record(style="dict") as record if opaque(key) or widened(key) == STR:
            return union(*(field.type for field in record.fields)) if record.closed else ANY
        case Record(style="tuple") as record if whole:
            return indexed(TupleOf(tuple(field.type for field in record.items)), key)
        case same if whole and same in _SEQUENCES:
            return STR if same == STR else INT
        case _:
            return None


def attribute(given: Type, name: str) -> Type | None:
    """`given.name`."""
    match given:
        case Anything() | Instance():
            return ANY
        case Record():
            field = given.field(name)
            return field.type if field is not None else None if given.closed else ANY
        case DictOf():
            return given.value if accepts(given.key, STR) is not Fit.NO else None
        case _:
            plain = widened(given)
            if name in _WHOLE_FIELDS and plain in _WHOLE:
                return INT
            return FLOAT if name in _NUMBER_FIELDS and plain == FLOAT else None


def truthy(given: Type) -> Type:
    """What a value may be where it counts as true."""
    members = given.members if hasattr(given, "members") else (given,)
    kept = [m for m in members if m != NONE and not (isinstance(m, Exactly) and not m.value)]
    return union(*(Exactly(True) if member == BOOL else member for member in kept))


def falsy(given: Type) -> Type:
    """What a value may be where it counts as false."""
    members = given.members if hasattr(given, "members") else (given,)
    kept = [m for m in members if not (isinstance(m, Exactly) and m.value)]
    return union(*(Exactly(False) if member == BOOL else member for member in kept))


def _number(operator: ast.operator, a: Type, b: Type) -> Type | None:
    whole = a in _WHOLE and b in _WHOLE
    match operator:
        case ast.Div():
            return FLOAT
        case ast.BitAnd() | ast.BitOr() | ast.BitXor():
            return BOOL if a == b == BOOL else INT if whole else None
        case ast.LShift() | ast.RShift():
            return INT if whole else None
        case ast.Pow():
            # A negative exponent makes a float of whole numbers, a root of a negative number a complex one.
            return union(INT, FLOAT) if whole else FLOAT
        case _:
            return INT if whole else FLOAT


def _joined(a: Type, b: Type) -> Type | None:
    if a in _SEQUENCES:
        return a if a == b else None
    if isinstance(a, ListOf) and isinstance(b, ListOf):
        return ListOf(union(a.item, b.item))
    if isinstance(a, TupleOf) and isinstance(b, TupleOf):
        if a.open or b.open:
            return TupleOf((union(a.item, b.item),), open=True)
        return TupleOf((*a.items, *b.items))
    return None


def _repeated(given: Type) -> Type | None:
    if isinstance(given, TupleOf):
        return TupleOf((given.item,), open=True)
    return given if given in _SEQUENCES or isinstance(given, ListOf) else None


def _is_dict(given: Type) -> bool:
    return isinstance(given, DictOf) or (isinstance(given, Record) and given.style == "dict")


def _merged(a: Type, b: Type) -> Type:
    keys, values = [], []
    for one in (a, b):
        if isinstance(one, DictOf):
            keys.append(one.key)
            values.append(one.value)
        elif isinstance(one, Record):
            keys.append(STR)
            values += [field.type for field in one.fields] if one.closed else [ANY]
    return DictOf(union(*keys), union(*values))
