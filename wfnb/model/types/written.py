"""Types as people write them: `str`, `list[float]`, `int | None`, `Literal['a', 'b']`, `{'amount': float}`, `any`.

The text is parsed with `ast` and never evaluated: a document can not make anything run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from wfnb.errors import did_you_mean
from wfnb.model.types.shape import (
    ANY,
    BYTES,
    INT,
    NEVER,
    NONE,
    PLAIN,
    STR,
    DictOf,
    Exactly,
    Field,
    Instance,
    IterableOf,
    ListOf,
    Record,
    SetOf,
    TupleOf,
    Type,
    alternatives_of,
    union,
)

MAX_LENGTH = 2_000
"""Longest text that is read as a type."""
_MAX_DEPTH = 30
_ITERABLES = frozenset(
    {"Sequence", "MutableSequence", "Iterable", "Iterator", "Collection", "Generator", "AsyncIterable", "AsyncIterator"}
)
_AWAITED = {"Awaitable": 0, "Coroutine": -1, "Future": 0, "Task": 0}
_WRAPPERS = frozenset({"Annotated", "NotRequired", "Required", "ReadOnly", "Final", "ClassVar"})
_OPAQUE = frozenset({"Callable", "type", "Type", "TypeVar", "Hashable", "Sized", "Enum"})
CLASSES: dict[str, tuple[str, ...]] = {
    name: (name, *bases)
    for name, bases in {
        "DataFrame": (), "Series": (), "Index": (), "ndarray": (), "Figure": (), "timedelta": (), "Decimal": (),
        "UUID": (), "date": (), "datetime": ("date",), "Path": ("PurePath",),
    }.items()
}  # fmt: skip
"""Classes that are known by their name alone, with what they derive from."""
_LOWER = {"list": "list", "List": "list", "tuple": "tuple", "Tuple": "tuple", "dict": "dict", "Dict": "dict"}
_NAMES = (
    "any", *PLAIN, *_LOWER, "set", "frozenset", "object", "Any", "Optional", "Union", "Literal", "Mapping",
    *sorted(_ITERABLES), *CLASSES,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """What a text says.

    Attributes:
        type: the type; `any` stands where something is not understood.
        problem: what is not understood, empty if everything is.
        cure: a known name that is close to it, or how a type is written.
    """

    type: Type
    problem: str = ""
    cure: str = ""


Lookup = Callable[[str], Type | None]
"""Gives the type that a name stands for, None where it is not known."""


def read_type(text: str, known: Mapping[str, Type] | None = None) -> Written:
    """The type that a text stands for.

    Args:
        text: as people write it; empty means any.
        known: types of further names, such as the classes that activities mention.
    """
    if not known:
        return _read(text)
    return read_with(text, known.get)


def read_with(text: str, lookup: Lookup) -> Written:
    """The type that a text stands for, where `lookup` is asked for every name that Python does not have."""
    if not text.strip():
        return Written(ANY)
    cure = "write a type such as str, list[float], int | None or any"
    if len(text) > MAX_LENGTH or _depth(text) > _MAX_DEPTH:
        return Written(ANY, f"a text of {len(text)} characters is no type", cure)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        reader = _Reader(lookup)
        found = reader.read(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Written(ANY, f"{text!r} is no type", cure)
    return Written(found, reader.problem, reader.cure or cure) if reader.problem else Written(found)


def _depth(text: str) -> int:
    depth = deepest = 0
    for char in text:
        depth += (char in "[{(") - (char in ")}]")
        deepest = max(deepest, depth)
    return deepest


@lru_cache(maxsize=4_096)
def _read(text: str) -> Written:
    return read_with(text, lambda _: None)


class _Reader:
    """Reads one text; what it does not understand is `any`, and the first of it a problem."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        self.problem = ""
        self.cure = ""

    def read(self, tree: ast.expr) -> Type:
        match tree:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=str(text)):  # a forward reference
                return self.read(ast.parse(text.strip(), mode="eval").body)
            case ast.Name(id=name) | ast.Attribute(attr=name):
                return self.named(name)
            case ast.BinOp(op=ast.BitOr()):
                return union(self.read(tree.left), self.read(tree.right))
            case ast.Subscript(value=ast.Name(id=name) | ast.Attribute(attr=name)):
                inner = tree.slice.elts if isinstance(tree.slice, ast.Tuple) else [tree.slice]
                return self.generic(name, inner)
            case ast.List(elts=[item]):
                return ListOf(self.read(item))
            case ast.Dict():
                return self.record(tree)
            case _:
                return self.unknown(f"'{ast.unparse(tree)}' is no type")

    def unknown(self, problem: str, cure: str = "") -> Type:
        if not self.problem:
            self.problem, self.cure = problem, cure
        return ANY

    def named(self, name: str) -> Type:
        if name in PLAIN:
            return PLAIN[name]
        if name in _SIMPLE:
            return _SIMPLE[name]
        if name in _ITERABLES:
            return IterableOf(ANY, name)
        found = self.lookup(name)
        if found is not None:
            return found
        if name in CLASSES:
            return Instance(name, CLASSES[name])
        if name in _OPAQUE:
            return Instance(name)
        self.unknown(f"'{name}' is no known type", did_you_mean(name, _NAMES).strip())
        return Instance(name)

    def generic(self, name: str, inner: list[ast.expr]) -> Type:
        match name, inner:
            case "Literal", _:
                return union(*(self.literal(value) for value in inner))
            case "Optional", [one]:
                return union(self.read(one), NONE)
            case "Union", _:
                return union(*map(self.read, inner))
            case (("list" | "List"), [one]):
                return ListOf(self.read(one))
            case (("set" | "Set" | "frozenset" | "FrozenSet" | "AbstractSet" | "MutableSet"), [one]):
                return SetOf(self.read(one))
            case (("tuple" | "Tuple"), _):
                return self.tuple(inner)
            case (("dict" | "Dict" | "Mapping" | "MutableMapping" | "defaultdict" | "OrderedDict"), [key, value]):
                return DictOf(self.read(key), self.read(value))
            case "Counter", [key]:
                return DictOf(self.read(key), INT)
            case _, _ if name in _WRAPPERS:
                return self.read(inner[0])
            case _, _ if name in _ITERABLES:
                return IterableOf(self.read(inner[0]), name)
            case _, _ if name in _AWAITED:
                return self.read(inner[_AWAITED[name]])
            case _:
                return self.named(name)

    def tuple(self, inner: list[ast.expr]) -> Type:
        match inner:
            case [ast.Tuple(elts=[])]:
                return TupleOf(())
            case [one, ast.Constant(value=value)] if value is ...:
                return TupleOf((self.read(one),), open=True)
            case _:
                return TupleOf(tuple(map(self.read, inner)))

    def literal(self, value: ast.expr) -> Type:
        match value:
            case ast.Constant(value=None):
                return NONE
            case ast.Constant(value=bool() | int() | str() | bytes() as one):
                return Exactly(one)
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(number))):
                return Exactly(-number)
            case _:
                return ANY  # a member of an enumeration

    def record(self, tree: ast.Dict) -> Type:
        fields = []
        for key, value in zip(tree.keys, tree.values, strict=True):
            match key:
                case ast.Constant(value=str(name)) | ast.Name(id=name):
                    fields.append(Field(name.removesuffix("?"), self.read(value), not name.endswith("?")))
                case _:
                    return self.unknown("a field of a record has no name", "write such as {'amount': float}")
        return Record("", tuple(fields))


_SIMPLE: dict[str, Type] = {
    **dict.fromkeys(("any", "Any", "object", "Incomplete", "Self"), ANY),
    **dict.fromkeys(("list", "List"), ListOf(ANY)),
    **dict.fromkeys(("tuple", "Tuple"), TupleOf((ANY,), open=True)),
    **dict.fromkeys(("set", "Set", "frozenset", "FrozenSet", "AbstractSet"), SetOf(ANY)),
    **dict.fromkeys(("dict", "Dict", "Mapping", "MutableMapping", "defaultdict", "OrderedDict"), DictOf(ANY, ANY)),
    "Counter": DictOf(ANY, INT),
    "range": IterableOf(INT, "range"),
    "bytearray": BYTES,
    "NoneType": NONE,
    "LiteralString": STR,
    "NoReturn": NEVER,
    "Never": NEVER,
}


def optional(kind: str) -> bool:
    """Whether an input of this type may be left out: it is None then."""
    return NONE in alternatives_of(read_type(kind).type)


def alternatives(kind: str) -> list[str]:
    """The types of a union: `int | None` and `Optional[int]` are `int` and `None`."""
    parts = [part.strip().removeprefix("typing.") for part in _split(kind, "|")]
    found: list[str] = []
    for part in parts:
        name, inner = _inner(part)
        if name == "Optional":
            found += [*alternatives(inner), "None"]
        elif name == "Union":
            found += [one for item in _split(inner, ",") for one in alternatives(item)]
        else:
            found.append(part)
    return found


def _inner(kind: str) -> tuple[str, str]:
    """`list[int]` as `list` and `int`."""
    name, bracket, rest = kind.strip().partition("[")
    return (name.strip(), rest.rstrip().removesuffix("]")) if bracket else (name, "")


def _split(text: str, separator: str) -> list[str]:
    """Split where no bracket is open."""
    parts, depth, start = [], 0, 0
    for index, char in enumerate(text):
        if char == "[":
            depth += 1
        elif char == "]":
            depth -= 1
        elif char == separator and depth == 0:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]
