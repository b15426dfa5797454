"""Which codec a value has: those that come with wfnb, and those that people register."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import msgspec

from wfnb.store.values.arrays import Arrays, Scalars
from wfnb.store.values.frames import ArrowTables, Frames

T = TypeVar("T")


class Codec(Protocol):
    """Turns values into files and back."""

    @property
    def name(self) -> str:
        """Names it in the history."""

    def takes(self, value: Any) -> bool:
        """Whether the value is for this codec; quick, and exact about the class."""

    def write(self, value: Any, path: Path) -> None:
        """Write the value to a new file.

        Raises:
            Exception: it can not be written so that `read` gives the same value; any kind will do.
        """

    def read(self, path: Path) -> Any:
        """The value in a file that `write` made."""


class _Bytes:
    """`bytes` as they are."""

    name = "bytes"

    def takes(self, value: Any) -> bool:
        return type(value) is bytes

    def write(self, value: Any, path: Path) -> None:
        path.write_bytes(value)

    def read(self, path: Path) -> Any:
        return path.read_bytes()


@dataclasses.dataclass(frozen=True, slots=True)
class _Registered:
    """A codec of the user's, for one class and not for its subclasses, which may hold more."""

    name: str
    type: type
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]

    def takes(self, value: Any) -> bool:
        return type(value) is self.type

    def write(self, value: Any, path: Path) -> None:
        data = self.encode(value)
        if not isinstance(data, bytes | bytearray | memoryview):
            raise TypeError(f"codec '{self.name}' gave {type(data).__name__}, not bytes")
        path.write_bytes(data)

    def read(self, path: Path) -> Any:
        return self.decode(path.read_bytes())


_registered: dict[str, _Registered] = {}
_by_type: dict[type, _Registered] = {}
_BUILT_IN: tuple[Codec, ...] = (_Bytes(), Arrays(), Scalars(), Frames(), ArrowTables())
PARTS = "parts"
"""Names what lists, tuples and dicts of other values are stored as; see `wfnb.store.values.parts`."""
_OWN = {PARTS, *(built.name for built in _BUILT_IN)}


def codec(
    type: type[T],
    /,
    *,
    name: str = "",
    encode: Callable[[T], bytes] | None = None,
    decode: Callable[[bytes], T] | None = None,
) -> type[T]:
    """Let the history keep values of a class; works as a decorator of the class, too.

    A dataclass, a pydantic model and a `msgspec.Struct` need nothing else: they are stored as JSON, where that gives an
    equal value back.  Registering a name again replaces what it meant.

    Args:
        type: the class; values of its subclasses are not meant.
        name: names the codec in the history, for ever; by default the class with its module.
        encode: gives the bytes of a value.
        decode: gives the value of such bytes.

    Returns:
        The class.

    Raises:
        TypeError: only one of `encode` and `decode` is given, or none for a class that needs them.
        ValueError: the name is one of wfnb's own.
    """
    known_as = name or f"{type.__module__}.{type.__qualname__}"
    if known_as in _OWN:
        raise ValueError(f"'{known_as}' is a codec of wfnb's own\nchoose another name")
    if encode is None or decode is None:
        if encode is not None or decode is not None:
            raise TypeError(f"codec '{known_as}' has only one of encode= and decode=\ngive both")
        encode, decode = _as_json(type)
    replaced = _registered.pop(known_as, None)
    if replaced is not None:
        _by_type.pop(replaced.type, None)
    _registered[known_as] = _by_type[type] = _Registered(known_as, type, encode, decode)
    return type


def codec_for(value: Any) -> Codec | None:
    """The codec of a value, None if it has none."""
    found = _by_type.get(type(value))
    return found or next((built for built in _BUILT_IN if built.takes(value)), None)


def codec_named(name: str) -> Codec:
    """The codec of this name.

    Raises:
        LookupError: it is not registered.
    """
    found: Codec | None = _registered.get(name) or next((built for built in _BUILT_IN if built.name == name), None)
    if found is None:
        raise LookupError(f"no codec '{name}' is registered\nrun the cell with its wf.codec(...) first")
    return found


def is_known(name: str) -> bool:
    """Whether values of this codec can be read here."""
    return name in _OWN or name in _registered


def _as_json(type_: type[T]) -> tuple[Callable[[T], bytes], Callable[[bytes], T]]:
    """How a class whose fields are declared becomes JSON and comes back."""
    dump: Any = getattr(type_, "model_dump_json", None)  # pydantic's
    validate: Any = getattr(type_, "model_validate_json", None)
    if dump is not None and validate is not None:

        def written(value: T) -> bytes:
            text: str = dump(value)
            return text.encode()

        return _equal(written, validate)
    if dataclasses.is_dataclass(type_) or issubclass(type_, msgspec.Struct):
        return _equal(msgspec.json.encode, msgspec.json.Decoder(type_).decode)
    raise TypeError(f"class '{type_.__qualname__}' says nothing of its fields\ngive encode= and decode= to wf.codec")


def _equal(
    encode: Callable[[T], bytes], decode: Callable[[bytes], T]
) -> tuple[Callable[[T], bytes], Callable[[bytes], T]]:
    def checked(value: T) -> bytes:
        data = encode(value)
        if decode(data) != value:
            raise ValueError(f"{type(value).__qualname__} does not come back equal from JSON")
        return data

    return checked, decode
