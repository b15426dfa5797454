"""Types from live annotations."""

from __future__ import annotations

import collections.abc
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from functools import cached_property
from typing import (
    Annotated,
    Any,
    Generic,
    Literal,
    NamedTuple,
    NewType,
    NotRequired,
    Optional,
    Protocol,
    TypedDict,
    TypeVar,
)

import msgspec
import pytest

from wfnb.model.activity import describe
from wfnb.model.types import Record, Type, classes_in, signature_of

T = TypeVar("T")
Id = NewType("Id", int)
Pair = tuple[int, str]


@dataclass
class Tree:
    value: int
    children: list[Tree] = field(default_factory=list)

    @property
    def depth(self) -> int:
        return 1

    @cached_property
    def text(self) -> str:
        return ""

    def method(self) -> None: ...


class Options(TypedDict):
    name: str
    size: NotRequired[int]


class Point(NamedTuple):
    x: int
    y: float = 0.0


class Line(msgspec.Struct):
    sku: str
    count: int = 1


class Model:
    """As pydantic makes them."""

    model_fields = {"a": 1, "b": 2}  # noqa: RUF012 - as pydantic has it
    a: int
    b: str | None


class Open:
    def __getattr__(self, name: str) -> Any:
        return 1


@dataclass
class Box(Generic[T]):
    content: T


class Speaks(Protocol):
    def speak(self) -> str: ...


class Colour(Enum):
    RED = 1


class Plain:
    pass


def type_of(annotation: Any) -> Type:
    def function(x):  # type: ignore[no-untyped-def]
        return x

    function.__annotations__ = {"x": annotation}
    return signature_of(function).parameters["x"]


@pytest.mark.parametrize(
    ("annotation", "printed"),
    [
        (int, "int"),
        (None, "None"),
        (Any, "any"),
        (object, "any"),
        (Optional[int], "int | None"),  # noqa: UP045 - as people wrote it
        (int | str, "int | str"),
        (list[int], "list[int]"),
        (list, "list"),
        (dict[str, Any], "dict[str, any]"),
        (tuple[int, ...], "tuple[int, ...]"),
        (tuple[()], "tuple[()]"),
        (Pair, "tuple[int, str]"),
        (set[str], "set[str]"),
        (Sequence[int], "Sequence[int]"),
        (Iterator[str], "Iterator[str]"),
        (collections.abc.Mapping[str, int], "dict[str, int]"),
        (Literal["a", 1], "Literal['a', 1]"),
        (Literal[Colour.RED], "Colour"),
        (Annotated[int, "seconds"], "int"),
        (Callable[[int], str], "Callable"),
        (type[int], "type"),
        (T, "any"),
        (Id, "int"),
        (Tree, "Tree"),
        (Box[int], "Box"),
        (datetime, "datetime"),
        (Speaks, "any"),
        ("list[Tree]", "list[Tree]"),
        ("nobody.Knows | None", "Knows | None"),
        (range, "range[int]"),
        (bytearray, "bytes"),
    ],
)
def test_annotations(annotation: Any, printed: str) -> None:
    assert str(type_of(annotation)) == printed


@pytest.mark.parametrize(
    ("cls", "style", "fields"),
    [
        (Tree, "object", "value: int, children?: list[Tree], depth?: int, text?: str"),
        (Options, "dict", "name: str, size?: int"),
        (Point, "tuple", "x: int, y?: float"),
        (Line, "object", "sku: str, count?: int"),
        (Model, "object", "a: int, b: str | None, model_fields?: any"),
        (Box, "object", "content: any"),
    ],
)
def test_records(cls: type, style: str, fields: str) -> None:
    found = type_of(cls)
    assert isinstance(found, Record)
    assert found.style == style
    assert found.closed
    assert ", ".join(f"{f.name}{'' if f.required else '?'}: {f.type}" for f in found.fields) == fields


def test_a_class_that_answers_to_any_name_is_open() -> None:
    assert str(type_of(Open)) == "Open"
    assert not isinstance(type_of(Open), Record)

    @dataclass
    class Both(Open):
        a: int

    found = type_of(Both)
    assert isinstance(found, Record)
    assert not found.closed


def test_a_function() -> None:
    async def function(a: int, b: str = None, *, c, **more: float) -> Awaitable[list[Tree]]:  # type: ignore[no-untyped-def,assignment] # noqa: RUF013 - as people write
        raise NotImplementedError

    found = describe(function).types
    assert {name: str(kind) for name, kind in found.parameters.items()} == {
        "a": "int",
        "b": "str | None",
        "c": "any",
        "more": "float",
    }
    assert str(found.returns) == "list[Tree]"
    assert found.untyped == {"c"}
    assert list(classes_in([found])) == ["Tree"]


def test_annotations_that_can_not_be_resolved_are_read_as_text() -> None:
    def function(a: Missing, b: list[int], c: Tree | None) -> Missing:  # type: ignore[name-defined] # noqa: F821
        raise NotImplementedError

    found = signature_of(function)
    assert {name: str(kind) for name, kind in found.parameters.items()} == {
        "a": "Missing",
        "b": "list[int]",
        "c": "Tree | None",
    }
    assert isinstance(type_of(Tree), Record)
    assert "Tree" in classes_in([found])


def test_classes_inside_functions() -> None:
    @dataclass
    class Local:
        a: int

    def function(x: Local) -> int:
        return x.a if isinstance(x, Local) else 0

    assert isinstance(signature_of(function).parameters["x"], Record)


def test_types_are_resolved_when_they_are_asked_for() -> None:
    def function(x: Later) -> None: ...

    made = describe(function)
    assert "types" not in vars(made)
    assert made.types is made.types


class Later:
    """Defined after what uses it."""
