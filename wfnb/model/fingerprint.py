"""A name for what a function does: its code and everything that the code can reach, not how it is written.

Two functions with one fingerprint give the same for the same arguments, as far as that is up to their code.
"""

from __future__ import annotations

import inspect
import logging
import sys
import sysconfig
from collections.abc import Callable, Iterator
from functools import lru_cache, partial
from hashlib import sha256
from importlib import metadata
from pathlib import Path
from types import BuiltinFunctionType, CodeType, FunctionType, ModuleType
from typing import Any

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(...))


class Untold(Exception):
    """What something does, or is, can not be told; the message says of what, and why."""


class Fingerprint:
    """Names functions and values by what they are.

    Args:
        digest: names the content of a value that is not JSON; empty if it can not.
    """

    def __init__(self, digest: Callable[[Any], str]) -> None:
        self._digest = digest
        self._seen: dict[int, int] = {}

    def of(self, *things: Any) -> str:
        """One name for several functions or values, in hexadecimal.

        Raises:
            Untold: one of them, or something that it uses, can not be told.
        """
        self._seen.clear()
        hashed = sha256(repr(sys.version_info[:2]).encode())
        for thing in things:
            # Its own code, even where it is installed; of what it uses that is, the version will do.
            own = isinstance(thing, FunctionType)
            for part in self._function(thing) if own else self._told(thing, "it"):
                hashed.update(len(part).to_bytes(8, "big"))
                hashed.update(part)
        return hashed.hexdigest()

    def _told(self, thing: Any, name: str) -> Iterator[bytes]:
        kind = type(thing)
        if kind in _PLAIN:
            yield f"{kind.__name__} {thing!r}".encode("utf-8", "surrogatepass")
        elif id(thing) in self._seen:  # a function that calls itself
            yield f"again {self._seen[id(thing)]}".encode()
        else:
            if kind in (FunctionType, type, ModuleType):
                self._seen[id(thing)] = len(self._seen)
            yield f"{kind.__module__}.{kind.__qualname__}".encode()
            yield from self._inside(thing, name)

    def _inside(self, thing: Any, name: str) -> Iterator[bytes]:
        match thing:
            case FunctionType() if _is_library(thing.__module__):
                yield f"{thing.__module__}.{thing.__qualname__}".encode()
                yield _module(thing.__module__)
            case FunctionType():
                yield from self._function(thing)
            case partial():
                yield from self._all([thing.func, thing.args, thing.keywords], name)
            case CodeType():
                yield from self._code(thing)
            case ModuleType():
                yield _module(thing.__name__)
            case type() | BuiltinFunctionType():
                yield from self._defined(thing)
            case logging.Logger():
                yield thing.name.encode()
            case list() | tuple() if type(thing) in (list, tuple):
                yield from self._all(thing, name)
            case set() | frozenset() if type(thing) in (set, frozenset):
                yield from sorted(b"".join(self._told(item, name)) for item in thing)
            case dict() if type(thing) is dict:
                for key, value in thing.items():
                    yield from self._all((key, value), name)
            case _:
                yield from self._other(thing, name)

    def _other(self, thing: Any, name: str) -> Iterator[bytes]:
        inner = getattr(thing, "function", None)
        if type(thing).__module__ == "wfnb.model.activity" and inner is not None:
            yield from self._told(inner, name)
            return
        digest = self._digest(thing)
        if not digest:
            kind = type(thing)
            raise Untold(f"{name} is a {kind.__module__}.{kind.__qualname__}, whose content can not be told")
        yield digest.encode()

    def _all(self, things: Any, name: str) -> Iterator[bytes]:
        yield str(len(things)).encode()
        for thing in things:
            yield from self._told(thing, name)

    def _function(self, function: FunctionType) -> Iterator[bytes]:
        yield function.__qualname__.encode()
        yield from self._code(function.__code__)
        yield from self._all([function.__defaults__, function.__kwdefaults__], "a default")
        for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
            try:
                yield from self._told(cell.cell_contents, f"'{name}'")
            except ValueError:  # nothing is in it yet
                yield b"empty"
        yield from self._named(function.__globals__, sorted(_names_in(function.__code__)))

    def _named(self, known: dict[str, Any], names: list[str]) -> Iterator[bytes]:
        """What names mean in a module, and in the modules of the user's that they mean."""
        for name in names:
            if name in known:
                thing = known[name]
                yield name.encode()
                if isinstance(thing, ModuleType) and not _is_library(thing.__name__) and id(thing) not in self._seen:
                    self._seen[id(thing)] = len(self._seen)
                    yield from self._named(vars(thing), names)
                else:
                    yield from self._told(thing, f"the global '{name}'")

    def _code(self, code: CodeType) -> Iterator[bytes]:
        yield code.co_code
        yield code.co_exceptiontable
        flags = (code.co_flags, code.co_argcount, code.co_posonlyargcount, code.co_kwonlyargcount)
        yield repr((flags, code.co_names, code.co_varnames, code.co_freevars, code.co_cellvars)).encode()
        for constant in code.co_consts:
            yield from self._told(constant, "a constant")

    def _defined(self, thing: Any) -> Iterator[bytes]:
        """A class, or a function that is not written in Python."""
        module = getattr(thing, "__module__", None) or "builtins"
        yield f"{module}.{thing.__qualname__}".encode()
        if _is_library(module):
            yield _module(module)
            return
        if not isinstance(thing, type):
            raise Untold(f"'{thing.__qualname__}' is not written in Python")
        for name, member in sorted(vars(thing).items()):
            if not name.startswith("__") or inspect.isfunction(member):
                inner = getattr(member, "__func__", getattr(member, "fget", member))
                if inspect.isfunction(inner) or type(inner) in (*_PLAIN, list, tuple, dict, set, frozenset):
                    yield name.encode()
                    yield from self._told(inner, f"'{name}'")
        yield from self._all(thing.__bases__, "a base class")


def _names_in(code: CodeType) -> set[str]:
    """What a code and those inside it look up by name."""
    found = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= _names_in(constant)
    return found


@lru_cache(maxsize=1_024)
def _is_library(module: str) -> bool:
    """Whether a module comes with Python or was installed, so that its version says what is in it."""
    if module == "__main__":
        return False
    if module.partition(".")[0] in sys.stdlib_module_names:
        return True
    file = getattr(sys.modules.get(module), "__file__", None)
    if not file:
        return False
    where = Path(file)
    return any(where.is_relative_to(sysconfig.get_path(name)) for name in ("purelib", "platlib"))


def _module(name: str) -> bytes:
    """A module: its version if it was installed, else what is in its file."""
    if _is_library(name):
        return f"{name} {_version(name.partition('.')[0])}".encode()
    file = getattr(sys.modules.get(name), "__file__", None)
    if not file or not Path(file).is_file():
        raise Untold(f"module '{name}' has no file")
    return name.encode() + sha256(Path(file).read_bytes()).digest()


@lru_cache(maxsize=256)
def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return str(getattr(sys.modules.get(package), "__version__", ""))
