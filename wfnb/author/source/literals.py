"""Values and calls as Python source, laid out as a formatter lays them out: one line, or one line an item."""

from __future__ import annotations

import keyword
import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

WIDTH = 88
"""Columns of a line."""
INDENT = "    "
EXACT = 1e15
"""Whole numbers below this are written without a point."""
ENDLESS = 10**9
"""Room enough for anything in one line."""


class Code:
    """Source text in the place of a value, such as a variable's name."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def text(value: str) -> str:
    """A string, in double quotes where that needs no more escapes."""
    shown = repr(value)
    return f'"{shown[1:-1]}"' if shown[0] == "'" and '"' not in value else shown


def number(value: float) -> str:
    """A number of which the document knows that it is a float, so that `30.0` can be written `30`."""
    whole = float(value).is_integer() and abs(value) < EXACT
    negative_zero = value == 0 and math.copysign(1, value) < 0
    return str(int(value)) if whole and not negative_zero else repr(float(value))


def literal(value: Any, indent: str = "", room: int = WIDTH) -> str:
    """A JSON value.

    Args:
        value: it.
        indent: that of the line in which it begins.
        room: how many columns are left for it in that line.
    """
    if isinstance(value, Code):
        return value.text
    if isinstance(value, str):
        return text(value)
    if isinstance(value, Mapping):
        pairs = [(text(key), one) for key, one in value.items()]
        flat = "{" + ", ".join(f"{key}: {literal(one, room=ENDLESS)}" for key, one in pairs) + "}"
        if not pairs or len(flat) <= room:
            return flat
        return _lines("{", ((f"{key}: ", one) for key, one in pairs), "}", indent)
    if isinstance(value, list | tuple):
        flat = "[" + ", ".join(literal(one, room=ENDLESS) for one in value) + "]"
        if not value or len(flat) <= room:
            return flat
        return _lines("[", (("", one) for one in value), "]", indent)
    return repr(value)


def _lines(opening: str, items: Iterable[tuple[str, Any]], closing: str, indent: str) -> str:
    inner = indent + INDENT
    lines = [opening]
    for prefix, value in items:
        room = WIDTH - len(inner) - len(prefix) - 1
        lines.append(f"{inner}{prefix}{literal(value, inner, room)},")
    return "\n".join([*lines, f"{indent}{closing}"])


def plain(value: Any) -> str:
    """A value or source text in one line."""
    return literal(value, room=ENDLESS)


def call(function: str, arguments: Sequence[Any], options: Mapping[str, Any], *, room: int = WIDTH) -> str:
    """A call, in one line if it fits.

    Args:
        function: what is called, and what stands before it in its line.
        arguments: values or `Code`.
        options: those by name; names that are no identifiers go into a `**{...}`.
        room: columns of a line.
    """
    items = [("", value) for value in arguments] + list(_keywords(options))
    flat = f"{function}({', '.join(prefix + plain(value) for prefix, value in items)})"
    if len(flat) <= room or not items:
        return flat
    inner = flat[len(function) + 1 : -1]
    if len(INDENT) + len(inner) <= WIDTH:
        return f"{function}(\n{INDENT}{inner}\n)"
    if len(items) == 1:
        prefix, value = items[0]
        return f"{function}(\n{INDENT}{prefix}{literal(value, INDENT, WIDTH - len(INDENT) - len(prefix))}\n)"
    return _lines(f"{function}(", items, ")", "")


def _keywords(options: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    odd: dict[str, Any] = {}
    for name, value in options.items():
        if is_name(name):
            if odd:
                yield "**", odd
                odd = {}
            yield f"{name}=", value
        else:
            odd[name] = value
    if odd:
        yield "**", odd


def is_name(name: str) -> bool:
    """Whether Python reads this as a name, and as this one: it takes some letters for others."""
    return name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name


def name_like(wanted: str, otherwise: str) -> str:
    """A name that reads like what is wanted."""
    made = re.sub(r"\W+", "_", unicodedata.normalize("NFKC", wanted)).strip("_")
    if not made.isidentifier():
        made = f"{otherwise}_{made}" if f"{otherwise}_{made}".isidentifier() and made else otherwise
    made = f"{made}_" if keyword.iskeyword(made) else made
    return made if is_name(made) else otherwise
