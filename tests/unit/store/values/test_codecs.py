"""Which value is stored with which codec, and what people register."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from wfnb.store.values import codecs
from wfnb.store.values.codecs import codec, codec_for, codec_named, is_known
from wfnb.store.values.spool import spool


@pytest.fixture(autouse=True)
def _registered() -> Iterator[None]:
    """What a test registers is gone after it."""
    before = codecs._registered.copy(), codecs._by_type.copy()
    yield
    for now, then in zip((codecs._registered, codecs._by_type), before, strict=True):
        now.clear()  # type: ignore[attr-defined]
        now.update(then)  # type: ignore[attr-defined]


@dataclasses.dataclass
class Point:
    x: int
    tags: tuple[str, ...] = ()


class Sub(Point):
    """More than a point."""


class Shape(msgspec.Struct):
    sides: int


class Model:
    """What a model of pydantic's looks like."""

    def __init__(self, n: int) -> None:
        self.n = n

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and other.n == self.n

    __hash__ = None  # type: ignore[assignment]

    def model_dump_json(self) -> str:
        return str(self.n)

    @classmethod
    def model_validate_json(cls, data: bytes) -> Model:
        return cls(int(data))


class Opaque:
    """Says nothing of itself."""


def there_and_back(value: Any) -> Any:
    found = codec_for(value)
    assert found is not None
    with spool() as path:
        found.write(value, path)
        return codec_named(found.name).read(path)


@pytest.mark.parametrize("value", [Point(1, ("a",)), Shape(3), Model(4)])
def test_a_class_that_declares_its_fields_needs_no_more(value: Any) -> None:
    assert codec_for(value) is None
    assert codec(type(value)) is type(value)
    assert there_and_back(value) == value


def test_a_codec_of_ones_own() -> None:
    codec(Opaque, name="opaque", encode=lambda _: b"it", decode=lambda data: data)  # type: ignore[arg-type, return-value]
    assert there_and_back(Opaque()) == b"it"
    assert is_known("opaque")


def test_a_codec_is_not_for_subclasses() -> None:
    codec(Point)
    assert codec_for(Sub(1)) is None


def test_registering_a_name_again_replaces_it() -> None:
    codec(Point, name="p")
    codec(Shape, name="p")
    assert codec_for(Point(1)) is None
    assert there_and_back(Shape(3)) == Shape(3)


def test_what_json_would_change_is_not_stored() -> None:
    @codec
    @dataclasses.dataclass
    class Loose:
        x: Any

    with spool() as path, pytest.raises(ValueError, match="does not come back equal"):
        codec_for(Loose((1, 2))).write(Loose((1, 2)), path)  # type: ignore[union-attr]


def test_a_codec_that_gives_no_bytes(tmp_path: Path) -> None:
    codec(Opaque, name="opaque", encode=lambda _: "text", decode=lambda _: Opaque())  # type: ignore[arg-type, return-value]
    with pytest.raises(TypeError, match="codec 'opaque' gave str, not bytes"):
        codec_for(Opaque()).write(Opaque(), tmp_path / "value")  # type: ignore[union-attr]


def test_what_can_not_be_registered() -> None:
    with pytest.raises(TypeError, match="says nothing of its fields\ngive encode= and decode="):
        codec(Opaque)
    with pytest.raises(TypeError, match="only one of encode= and decode="):
        codec(Point, encode=lambda _: b"")
    with pytest.raises(ValueError, match="'parquet' is a codec of wfnb's own"):
        codec(Point, name="parquet")


def test_a_codec_that_is_not_there_says_what_to_do() -> None:
    with pytest.raises(LookupError, match=r"no codec 'x' is registered\nrun the cell with its wf.codec"):
        codec_named("x")


ARRAYS = [
    np.arange(6).reshape(2, 3),
    np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    np.array([]),
    np.array(1.5),
    np.array(["a", "bc"]),
    np.array([(1, 2.5)], dtype=[("a", "i4"), ("b", ">f8")]),
    np.array(["2020-01-01"], dtype="M8[D]"),
]


@pytest.mark.parametrize("number", range(len(ARRAYS)))
def test_an_array_comes_back_as_it_was(number: int) -> None:
    array = ARRAYS[number]
    found = there_and_back(array)
    assert (found.dtype, found.shape, found.flags.f_contiguous) == (array.dtype, array.shape, array.flags.f_contiguous)
    assert np.array_equal(found, array)
    assert found.flags.writeable


@pytest.mark.parametrize("value", [np.float32(1.5), np.int64(3), np.bool_(True), np.datetime64("2020-01-01")])
def test_a_number_of_numpy_comes_back_with_its_type(value: Any) -> None:
    found = there_and_back(value)
    assert (type(found), found) == (type(value), value)


@pytest.mark.parametrize("value", [np.array([object()]), np.array([1], dtype=np.dtype("i4", metadata={"k": 1}))])
def test_arrays_that_npy_would_change_are_refused(value: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"pickle|metadata"):
        codec_for(value).write(value, tmp_path / "value")  # type: ignore[union-attr]


def test_matrices_and_masked_arrays_are_more_than_arrays() -> None:
    assert codec_for(np.ma.masked_array([1], [True])) is None
