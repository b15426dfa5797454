"""What expressions are made of when they run: guarded operations, and a budget for each evaluation."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping
from types import CodeType, FrameType, FunctionType, GeneratorType, ModuleType, TracebackType
from typing import Any

from wfnb.errors import ExpressionError, did_you_mean

MAX_SIZE = 5_000_000
"""Largest number of items and characters that one evaluation may make in all, and that it may go through in all."""
MAX_STEPS = 1_000_000
"""Largest number of items that the loops of one evaluation may visit in all."""
MAX_BITS = 4_096
"""Largest integer that a power, a product or a shift may make, in bits."""
MAX_DIGITS = 400
"""Most digits that may be rounded to."""


class Unset(Exception):
    """A task has no value yet."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Budget:
    """Bounds the time and the memory of one evaluation: what its loops visit and what its operations make."""

    __slots__ = ("made", "seen", "visited")

    def __init__(self) -> None:
        self.visited = 0
        self.made = 0
        self.seen = 0

    def loop(self, items: Iterable[Any]) -> Iterator[Any]:
        """Go through the items of a loop, counting them."""
        for item in items:
            self.visited += 1
            if self.visited > MAX_STEPS:
                raise ExpressionError(f"the loops of an expression visit more than {MAX_STEPS} items")
            yield item

    def reserve(self, size: int) -> None:
        """Count what an operation is about to make."""
        self.made += size
        if self.made > MAX_SIZE:
            raise ExpressionError(f"an expression makes more than {MAX_SIZE} items\nmove the work into an activity")

    def charge(self, made: Any) -> Any:
        """Count what an operation made; for those that make no more than they were given."""
        if isinstance(made, str | bytes | list | tuple | set | dict):
            self.reserve(len(made))
        return made

    def look(self, value: Any) -> Any:
        """Count what an operation is about to go through, nested items as often as they occur.

        A list may contain one list many times, and that one again: small to make, and endless to print or compare.
        """
        if type(value) in _QUICK:
            return value
        rest = [value] if isinstance(value, _NESTING) else []
        if isinstance(value, str | bytes):
            self.seen += len(value) >> 6  # text is gone through many characters at a time
        while rest:
            items = rest.pop()
            self.seen += len(items)
            if self.seen > MAX_SIZE:
                break
            if not isinstance(items, range):
                rest.extend(
                    item
                    for item in (items.values() if isinstance(items, dict) else items)
                    if isinstance(item, _NESTING)
                )
        if self.seen > MAX_SIZE:
            raise ExpressionError(
                f"an expression goes through more than {MAX_SIZE} items\nmove the work into an activity"
            )
        return value

    def add(self, left: Any, right: Any) -> Any:
        """`left + right`."""
        if isinstance(left, _SEQUENCE) and isinstance(right, _SEQUENCE):
            self.reserve(len(left) + len(right))
        return left + right

    def multiply(self, left: Any, right: Any) -> Any:
        """`left * right`."""
        for sequence, factor in ((left, right), (right, left)):
            if isinstance(sequence, _SEQUENCE) and isinstance(factor, int):
                self.reserve(len(sequence) * max(factor, 0))
        if isinstance(left, int) and isinstance(right, int) and left.bit_length() + right.bit_length() > MAX_BITS:
            raise ExpressionError(f"a product is larger than {MAX_BITS} bits")
        return left * right

    def replace(self, text: str, old: str, new: str) -> str:
        """`text` with every `old` replaced by `new`."""
        self.reserve(len(text) + text.count(old) * len(new))
        return text.replace(old, new)

    def join(self, separator: str, items: Iterable[str]) -> str:
        """The items in one text, `separator` between them."""
        parts = list(items)
        self.reserve(sum(map(len, parts)) + len(separator) * len(parts))
        return separator.join(parts)

    def enumerate(self, items: Iterable[Any], start: int = 0) -> list[tuple[int, Any]]:
        """Pairs of number and item, as a list."""
        return list(enumerate(self.loop(items), start))

    def zip(self, *several: Iterable[Any]) -> list[tuple[Any, ...]]:
        """The items side by side, as a list."""
        return list(zip(*map(self.loop, several), strict=False))

    def sum(self, items: Iterable[Any], start: Any = 0) -> Any:
        """The sum of the items."""
        total = start
        for item in items:
            total = self.add(total, item)
        return total


_QUICK = frozenset({int, float, bool, type(None)})
_SEQUENCE = (str, bytes, list, tuple)
_NESTING = (list, tuple, set, frozenset, dict, range)
_INTERNALS = (CodeType, FrameType, FunctionType, GeneratorType, ModuleType, TracebackType)


def _value(values: Mapping[str, Any], name: str) -> Any:
    try:
        return values[name]
    except KeyError:
        raise Unset(name) from None


def _attribute(data: Any, name: str) -> Any:
    if isinstance(data, Mapping):
        try:
            return data[name]
        except KeyError:
            known = ", ".join(map(str, data)) or "none"
            raise ExpressionError(
                f"there is no field '{name}'\nknown fields: {known}.{did_you_mean(name, map(str, data))}"
            ) from None
    if isinstance(data, _INTERNALS):
        raise ExpressionError(f"'.{name}' reaches into Python itself, which an expression may not do")
    found = getattr(data, name)
    if callable(found):
        raise ExpressionError(f"'.{name}' is a method, which an expression may not use\ncall it in an activity")
    return found


def _power(left: Any, right: Any) -> Any:
    if isinstance(left, int) and isinstance(right, int) and left.bit_length() * max(right, 0) > MAX_BITS:
        raise ExpressionError(f"a power is larger than {MAX_BITS} bits")
    return left**right


def _modulo(left: Any, right: Any) -> Any:
    if isinstance(left, str | bytes):
        raise ExpressionError("% on text formats it, which an expression may not do\nuse an f-string")
    return left % right


def _shift_left(left: Any, right: Any) -> Any:
    if isinstance(right, int) and isinstance(left, int) and left.bit_length() + right > MAX_BITS:
        raise ExpressionError(f"a shift is larger than {MAX_BITS} bits")
    return left << right


def _range(*bounds: int) -> range:
    made = range(*bounds)
    if len(made) > MAX_SIZE:
        raise ExpressionError(f"a range has more than {MAX_SIZE} items")
    return made


def _round(number: Any, digits: int | None = None) -> Any:
    if digits is not None and abs(digits) > MAX_DIGITS:
        raise ExpressionError(f"'round' takes at most {MAX_DIGITS} digits")
    return round(number, digits)


def _get(data: Mapping[str, Any], key: str, default: Any = None) -> Any:
    return data.get(key, default)


_PLAIN: dict[str, Callable[..., Any]] = {
    **{f.__name__: f for f in (len, min, max, abs, sorted, any, all, str, int, float, bool, list, tuple, set, dict)},
    "range": _range,
    "round": _round,
    "lower": str.lower,
    "upper": str.upper,
    "strip": str.strip,
    "split": str.split,
    "startswith": str.startswith,
    "endswith": str.endswith,
    "get": _get,
    "keys": lambda data: list(data.keys()),
    "items": lambda data: list(data.items()),
}
BUDGETED = frozenset({"enumerate", "join", "replace", "sum", "zip"})
"""Functions that are methods of the budget, because they can make more than they were given, or would make it later."""
QUICK = frozenset({"abs", "bool", "float", "get", "int", "len", "range", "round"})
"""Functions that go through nothing."""
FUNCTIONS = frozenset({*_PLAIN, *BUDGETED})
"""Every function that an expression may call."""

GUARDED: dict[type[ast.operator], str] = {
    ast.Pow: "_power",
    ast.Mod: "_modulo",
    ast.LShift: "_shift_left",
}
GROWING: dict[type[ast.operator], str] = {ast.Mult: "multiply", ast.Add: "add"}
GLOBALS: dict[str, Any] = {
    **_PLAIN,
    "_value": _value,
    "_attribute": _attribute,
    "_power": _power,
    "_modulo": _modulo,
    "_shift_left": _shift_left,
}
