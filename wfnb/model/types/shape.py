"""What a type is: one of a closed union of frozen values, which print as people write them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, assert_never


@dataclass(frozen=True, slots=True)
class Anything:
    """Any value: what `any` says, and what nothing is known of."""

    def __str__(self) -> str:
        return "any"


@dataclass(frozen=True, slots=True)
class Never:
    """No value at all, such as the items of `[]`."""

    def __str__(self) -> str:
        return "never"


@dataclass(frozen=True, slots=True)
class Plain:
    """One of Python's plain types: `None`, `bool`, `int`, `float`, `str`, `bytes`."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Exactly:
    """One value, as in `Literal['a']`; it is no None."""

    value: bool | int | str | bytes

    def __eq__(self, other: object) -> bool:
        # True == 1, but they are two values here.
        return isinstance(other, Exactly) and type(self.value) is type(other.value) and self.value == other.value

    def __hash__(self) -> int:
        return hash((type(self.value), self.value))

    def __str__(self) -> str:
        return f"Literal[{self.value!r}]"


@dataclass(frozen=True, slots=True)
class ListOf:
    """A list of items of one type."""

    item: Type

    def __str__(self) -> str:
        return _generic("list", self.item)


@dataclass(frozen=True, slots=True)
class TupleOf:
    """A tuple: of these items, or, where `open`, of any number of items of the one type."""

    items: tuple[Type, ...]
    open: bool = False

    @property
    def item(self) -> Type:
        """What one of its items may be."""
        return union(*self.items)

    def __str__(self) -> str:
        if self.open:
            return "tuple" if isinstance(self.item, Anything) else f"tuple[{self.item}, ...]"
        return f"tuple[{', '.join(map(str, self.items)) or '()'}]"


@dataclass(frozen=True, slots=True)
class SetOf:
    """A set or frozen set."""

    item: Type

    def __str__(self) -> str:
        return _generic("set", self.item)


@dataclass(frozen=True, slots=True)
class DictOf:
    """A dict with keys and values of one type each."""

    key: Type
    value: Type

    def __str__(self) -> str:
        return _generic("dict", self.key, self.value)


@dataclass(frozen=True, slots=True)
class IterableOf:
    """What can be gone through, and of which more is not known: `Sequence[int]`, `Iterable[str]`, a generator."""

    item: Type
    name: str = "Iterable"

    def __str__(self) -> str:
        return _generic(self.name, self.item)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a record."""

    name: str
    type: Type
    required: bool = True
    extra: bool = False
    """Whether it is computed, as a property is."""


@dataclass(frozen=True, slots=True)
class Record:
    """Named fields.

    Attributes:
        name: the class; empty where it has none, as a dict that an expression makes.
        fields: what is known of its fields, in order.
        style: a `dict` (TypedDict), an `object` (dataclass, Struct, a model) or a `tuple` (NamedTuple).
        closed: whether there are no other fields.
        bases: the names of the class and of those that it derives from.
    """

    name: str
    fields: tuple[Field, ...]
    style: Literal["dict", "object", "tuple"] = "dict"
    closed: bool = True
    bases: tuple[str, ...] = ()

    def field(self, name: str) -> Field | None:
        """The field of this name."""
        for field in self.fields:
            if field.name == name:
                return field
        return None

    @property
    def items(self) -> tuple[Field, ...]:
        """Of a NamedTuple, the fields that stand at its places; its properties come after them."""
        return tuple(field for field in self.fields if not field.extra)

    def __str__(self) -> str:
        if self.name:
            return self.name
        inner = (f"{field.name + ('' if field.required else '?')!r}: {field.type}" for field in self.fields)
        return "{" + ", ".join(inner) + "}"


@dataclass(frozen=True, slots=True)
class Instance:
    """An object of a class of which only the name is known, and, where `bases` is not empty, what it derives from."""

    name: str
    bases: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class OneOf:
    """A union; only `union` makes it, so that it is flat and without repetition."""

    members: tuple[Type, ...]

    def __str__(self) -> str:
        values = [member.value for member in self.members if isinstance(member, Exactly)]
        parts = [str(member) for member in self.members if not isinstance(member, Exactly) and member != NONE]
        if values:
            parts.insert(0, f"Literal[{', '.join(map(repr, values))}]")
        if NONE in self.members:
            parts.append("None")
        return " | ".join(parts)


Type: TypeAlias = (
    Anything | Never | Plain | Exactly | ListOf | TupleOf | SetOf | DictOf | IterableOf | Record | Instance | OneOf
)

ANY, NEVER, NONE = Anything(), Never(), Plain("None")
BOOL, INT, FLOAT, STR, BYTES = map(Plain, ("bool", "int", "float", "str", "bytes"))
PLAIN = {plain.name: plain for plain in (NONE, BOOL, INT, FLOAT, STR, BYTES)}
_MOST = 24
"""Most single values that a union keeps apart."""
_LARGEST = 1_000
"""Most members of a union; one of more is any."""


def union(*types: Type) -> Type:
    """What may be of either type."""
    if len(types) == 1 or (len(types) == 2 and types[0] == types[1]):
        return types[0]
    found: dict[Type, None] = {}
    for given in types:
        for member in alternatives_of(given):
            found[member] = None
    if ANY in found or len(found) > _LARGEST:
        return ANY
    found.pop(NEVER, None)
    values = [member for member in found if isinstance(member, Exactly)]
    if len(values) > _MOST:
        found.update((PLAIN[type(value.value).__name__], None) for value in values)
    if Exactly(True) in found and Exactly(False) in found:
        found[BOOL] = None
    for value in values:
        if PLAIN[type(value.value).__name__] in found:
            del found[value]
    for empty in (ListOf(NEVER), SetOf(NEVER), DictOf(NEVER, NEVER)):
        if empty in found and any(type(member) is type(empty) for member in found if member != empty):
            del found[empty]
    if not found:
        return NEVER
    if found.pop(NONE, ANY) is None:  # last, as people write it
        found[NONE] = None
    return next(iter(found)) if len(found) == 1 else OneOf(tuple(found))


def alternatives_of(given: Type) -> tuple[Type, ...]:
    """The members of a union; of every other type, itself."""
    return given.members if isinstance(given, OneOf) else (given,)


def without(given: Type, *dropped: Type) -> Type:
    """A type less some members of its union."""
    return union(*(member for member in alternatives_of(given) if member not in dropped))


def widened(given: Type) -> Type:
    """A type in which single values have become the types that they are of."""
    match given:
        case Exactly():
            return PLAIN[type(given.value).__name__]
        case OneOf():
            return union(*map(widened, given.members))
        case ListOf():
            return ListOf(widened(given.item))
        case SetOf():
            return SetOf(widened(given.item))
        case TupleOf():
            return TupleOf(tuple(map(widened, given.items)), given.open)
        case DictOf():
            return DictOf(widened(given.key), widened(given.value))
        case Record(name=""):
            return replace(given, fields=tuple(replace(field, type=widened(field.type)) for field in given.fields))
        case _:
            return given


def parts_of(given: Type) -> Iterator[Type]:
    """A type and every type that it is made of."""
    yield given
    inner: tuple[Type, ...]
    match given:
        case ListOf() | SetOf() | IterableOf():
            inner = (given.item,)
        case TupleOf():
            inner = given.items
        case DictOf():
            inner = (given.key, given.value)
        case Record():
            inner = tuple(field.type for field in given.fields)
        case OneOf():
            inner = given.members
        case Anything() | Never() | Plain() | Exactly() | Instance():
            return
        case _:
            assert_never(given)
    for part in inner:
        yield from parts_of(part)


def _generic(name: str, *inner: Type) -> str:
    return name if all(isinstance(part, Anything) for part in inner) else f"{name}[{', '.join(map(str, inner))}]"
