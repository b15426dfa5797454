"""The types that inputs are declared with, as people write them: `str`, `list[float]`, `int | None`, `any`."""

from __future__ import annotations

from typing import Any

_KINDS: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "int": (int,),
    "float": (float, int),
    "bool": (bool,),
    "list": (list, tuple),
    "tuple": (list, tuple),
    "dict": (dict,),
    "None": (type(None),),
}
_JSON = (str, int, float, bool, list, tuple, dict, type(None))


def fits(kind: str, value: Any) -> bool:
    """Whether a value is of a declared type.

    Only what is surely wrong does not fit: names that are not known here (`DataFrame`, `Literal['a']`) take anything,
    and so do objects that are no JSON, such as a NumPy number for a `float`.  An `int` is a `float`, a `bool` no `int`.
    """
    return any(_fits(part, value) for part in alternatives(kind))


def optional(kind: str) -> bool:
    """Whether an input of this type may be left out: it is None then."""
    return "None" in alternatives(kind)


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


def _fits(kind: str, value: Any) -> bool:
    name, inner = _inner(kind)
    expected = _KINDS.get(name.lower() if name in ("List", "Dict", "Tuple") else name)
    if expected is None or type(value) not in _JSON:
        return True
    if type(value) not in expected:
        return False
    items = [part.strip() for part in _split(inner, ",")] if inner else []
    if isinstance(value, list | tuple) and len(items) == 1:
        return all(fits(items[0], item) for item in value)
    if isinstance(value, dict) and len(items) == 2:
        return all(fits(items[1], item) for item in value.values())
    return True


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
