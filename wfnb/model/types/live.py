"""Types from the annotations of live functions and classes."""

from __future__ import annotations

import contextlib
import dataclasses
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wfnb.model.types.shape import (
    ANY,
    NEVER,
    NONE,
    Exactly,
    Field,
    Instance,
    Record,
    Type,
    parts_of,
    union,
)
from wfnb.model.types.written import CLASSES, read_with

_MAX_FIELDS = 200
"""Most fields of a class that are looked at."""
_MAX_RECORDS = 60
"""Most classes that are looked into for one signature, those in fields of others included."""


@dataclass(frozen=True, slots=True)
class Signature:
    """The types of a function.

    Attributes:
        parameters: the type by parameter; `any` where none is written.
        returns: what it gives, or what awaiting it does.
        untyped: the parameters without an annotation, and `return` where that has none.
    """

    parameters: Mapping[str, Type]
    returns: Type
    untyped: frozenset[str]


def signature_of(function: Callable[..., Any]) -> Signature:
    """The types of a function's parameters and of its result, as far as they can be resolved."""
    plain = inspect.unwrap(function)
    names = dict(getattr(plain, "__globals__", {}))
    with contextlib.suppress(TypeError, ValueError):  # no function of Python
        names.update(inspect.getclosurevars(plain).nonlocals)
    try:
        hints = typing.get_type_hints(plain, include_extras=True)
    except Exception:  # noqa: BLE001 - a name that is not there yet, or whatever an annotation does
        hints = dict(getattr(plain, "__annotations__", {}))
    reading = _Live(names)
    parameters, untyped = {}, set()
    for name, parameter in inspect.signature(function).parameters.items():
        if name not in hints:
            untyped.add(name)
        found = reading.type_of(hints[name]) if name in hints else ANY
        parameters[name] = union(found, NONE) if parameter.default is None else found
    if "return" not in hints:
        untyped.add("return")
    returns = reading.awaited(hints["return"]) if "return" in hints else ANY
    return Signature(parameters, returns, frozenset(untyped))


def classes_in(signatures: typing.Iterable[Signature]) -> dict[str, Type]:
    """The classes that signatures mention, by name."""
    found: dict[str, Type] = {}
    for signature in signatures:
        for given in (*signature.parameters.values(), signature.returns):
            for part in parts_of(given):
                if isinstance(part, Record | Instance) and part.bases and part.name:
                    found.setdefault(part.name, part)
    return found


class _Live:
    """Turns annotations into types; a class twice inside itself is known by its name only."""

    def __init__(self, names: Mapping[str, Any]) -> None:
        self.names = names
        self.open: list[type] = []
        self.records = 0

    def awaited(self, annotation: Any) -> Type:
        """The type of a result: `Awaitable[T]` gives T."""
        origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
        name = getattr(origin, "__name__", "")
        if inner and name in ("Awaitable", "Coroutine", "Future", "Task"):
            return self.type_of(inner[-1])
        return self.type_of(annotation)

    def type_of(self, annotation: Any) -> Type:
        """The type that an annotation stands for."""
        if isinstance(annotation, str):
            return read_with(annotation, self._named).type
        if isinstance(annotation, typing.ForwardRef):
            return self.type_of(annotation.__forward_arg__)
        if annotation is None or annotation is type(None):
            return NONE
        if annotation in (Any, object, inspect.Parameter.empty):
            return ANY
        if annotation in (typing.NoReturn, typing.Never):
            return NEVER
        if isinstance(annotation, typing.TypeVar):
            return self.type_of(annotation.__bound__) if annotation.__bound__ is not None else ANY
        if isinstance(annotation, typing.NewType):
            return self.type_of(annotation.__supertype__)
        if hasattr(annotation, "__value__"):  # a `type` statement
            return self.type_of(annotation.__value__)
        origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
        if origin in (typing.Union, types.UnionType):
            return union(*map(self.type_of, inner))
        if origin is typing.Literal:
            return union(*(Exactly(one) if type(one) in (bool, int, str, bytes) else self._value(one) for one in inner))
        if origin is typing.Annotated:
            return self.type_of(inner[0])
        if origin is not None:
            return self._generic(origin, inner)
        return self._class(annotation) if isinstance(annotation, type) else ANY

    def _value(self, one: Any) -> Type:
        return NONE if one is None else self._class(type(one))

    def _named(self, name: str) -> Type | None:
        """What a name in the text of an annotation stands for; looked up, never evaluated."""
        found = self.names.get(name)
        if isinstance(found, type) or typing.get_origin(found) is not None:
            return self.type_of(found)
        return None

    def _generic(self, origin: Any, inner: tuple[Any, ...]) -> Type:
        name = getattr(origin, "__name__", "") or getattr(origin, "_name", "") or ""
        if getattr(origin, "__module__", "") not in ("builtins", "typing", "collections", "collections.abc"):
            return self._class(origin) if isinstance(origin, type) else self.type_of(inner[0]) if inner else ANY
        # By way of its text, so that each form is known in one place.
        arguments = {f"T{index}": self.type_of(one) for index, one in enumerate(inner) if one is not ...}
        written = ", ".join("..." if one is ... else f"T{index}" for index, one in enumerate(inner))
        return read_with(f"{name}[{written or '()'}]", arguments.get).type

    def _class(self, cls: type) -> Type:
        if cls.__module__ in ("builtins", "typing", "collections", "collections.abc"):
            found = read_with(cls.__name__, lambda _: None)
            if not found.problem:
                return found.type
        bases = tuple(base.__name__ for base in cls.__mro__ if base is not object)
        if self.open.count(cls) > 1 or self.records >= _MAX_RECORDS:
            return Instance(cls.__name__, bases)
        if typing.is_typeddict(cls):
            bases = (cls.__name__,)
        elif getattr(cls, "_is_protocol", False):
            return ANY
        style = _style(cls)
        if style is None:
            abstract = type(cls).__name__ == "ABCMeta" and cls.__name__ not in CLASSES
            return Instance(cls.__name__, () if abstract else bases)
        self.open.append(cls)
        self.records += 1
        try:
            return Record(cls.__name__, tuple(self._fields(cls, style)), style, not _answers_more(cls), bases)
        finally:
            self.open.pop()

    def _fields(self, cls: type, style: str) -> typing.Iterator[Field]:
        try:
            hints = typing.get_type_hints(cls, include_extras=True)
        except Exception:  # noqa: BLE001 - as for functions
            hints = dict(getattr(cls, "__annotations__", {}))
        required = getattr(cls, "__required_keys__", None)
        optional = _with_default(cls)
        names = _field_names(cls, hints)
        for name in names[:_MAX_FIELDS]:
            hint = hints.get(name, Any)
            needed = name in required if required is not None else name not in optional
            if required is not None and typing.get_origin(hint) is typing.NotRequired:
                needed = False  # which Python does not see where annotations are text
            yield Field(name, self.type_of(hint), needed)
        if style != "dict":
            yield from self._properties(cls, frozenset(names))

    def _properties(self, cls: type, known: frozenset[str]) -> typing.Iterator[Field]:
        """What an object has besides its fields, which a dict in its place need not have."""
        for name in dir(cls):
            if name.startswith("_") or name in known:
                continue
            found = inspect.getattr_static(cls, name)
            getter = found.fget if isinstance(found, property) else getattr(found, "func", None)
            if isinstance(found, property | cached_property) and getter is not None:
                yield Field(name, signature_of(getter).returns, required=False, extra=True)
            elif not callable(found) and not isinstance(found, classmethod | staticmethod):
                yield Field(name, ANY, required=False, extra=True)


def _style(cls: type) -> typing.Literal["dict", "object", "tuple"] | None:
    if typing.is_typeddict(cls):
        return "dict"
    if issubclass(cls, tuple) and hasattr(cls, "_fields"):
        return "tuple"
    known = ("__struct_fields__", "__attrs_attrs__", "model_fields", "__pydantic_fields__")
    if dataclasses.is_dataclass(cls) or any(hasattr(cls, name) for name in known):
        return "object"
    return None


def _field_names(cls: type, hints: Mapping[str, Any]) -> list[str]:
    if dataclasses.is_dataclass(cls):
        return [field.name for field in dataclasses.fields(cls)]
    for name in ("__struct_fields__", "_fields"):
        if hasattr(cls, name):
            return list(getattr(cls, name))
    if hasattr(cls, "__attrs_attrs__"):
        return [attribute.name for attribute in cls.__attrs_attrs__]
    for name in ("__pydantic_fields__", "model_fields"):
        if isinstance(getattr(cls, name, None), Mapping):
            return list(getattr(cls, name))
    return list(hints)


def _with_default(cls: type) -> frozenset[str]:
    """Fields that may be left out."""
    if dataclasses.is_dataclass(cls):
        missing = dataclasses.MISSING
        fields = dataclasses.fields(cls)
        return frozenset(f.name for f in fields if f.default is not missing or f.default_factory is not missing)
    if hasattr(cls, "__struct_fields__"):
        names = cls.__struct_fields__
        return frozenset(names[len(names) - len(cls.__struct_defaults__) :])  # type: ignore[attr-defined]
    if hasattr(cls, "_field_defaults"):
        return frozenset(cls._field_defaults)
    return frozenset(name for name in dir(cls) if not name.startswith("_"))


def _answers_more(cls: type) -> bool:
    """Whether a class gives fields that it does not declare."""
    own = [vars(base) for base in cls.__mro__ if base.__module__ not in ("builtins", "typing", "abc")]
    return any("__getattr__" in names or "__getattribute__" in names for names in own)
