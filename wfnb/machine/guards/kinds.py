"""Which values a term may have, read from a type as people write it."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from wfnb.model.types import alternatives

UNKNOWN = "any"
"""The type of a term of which nothing is known."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A union of sets of values.

    Attributes:
        none: whether None is one of them.
        bools: whether True and False are.
        ints: whether every integer is.
        floats: whether every number is, but NaN.
        texts: whether every text is.
        literals: single values (of a `Literal`).
        items: the type of the items where lists are among them.
        entries: the types of the keys and of the values where dicts are among them.
        objects: names of classes of which nothing is known.
        known: whether it was declared.
    """

    none: bool = False
    bools: bool = False
    ints: bool = False
    floats: bool = False
    texts: bool = False
    literals: tuple[Any, ...] = ()
    items: str | None = None
    entries: tuple[str, str] | None = None
    objects: tuple[str, ...] = ()
    known: bool = True

    @property
    def finite(self) -> bool:
        """Whether its values can be counted through."""
        return not (self.ints or self.floats or self.texts or self.items or self.entries or self.objects)

    @property
    def bare(self) -> bool:
        """Whether it was declared that there may be no fields in it."""
        plain = self.none or self.bools or self.ints or self.floats or self.texts or bool(self.literals)
        return self.known and plain


JSON = Kind(
    none=True, bools=True, ints=True, floats=True, texts=True, items=UNKNOWN, entries=("str", UNKNOWN), known=False
)
"""What a term is taken for of which nothing is known."""


@lru_cache(maxsize=4_096)
def read_kind(text: str) -> Kind:
    """The values that a type stands for; what can not be read is a class of which nothing is known."""
    found: dict[str, Any] = {"literals": (), "objects": ()}
    for part in alternatives(text):
        if part in ("", "any", "Any", "object", "JSON"):
            return JSON
        try:
            tree = ast.parse(part.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            tree = ast.Name("?")
        for name, value in _read(tree, part.strip()).items():
            found[name] = found[name] + value if name in ("literals", "objects") else value
    return Kind(**found)


_PLAIN = {"None": "none", "bool": "bools", "int": "ints", "float": "floats", "str": "texts"}


def _read(tree: ast.expr, text: str) -> dict[str, Any]:
    match tree:
        case ast.Constant(value=None):
            return {"none": True}
        case ast.Name(id=name) if name in _PLAIN:
            return {_PLAIN[name]: True}
        case ast.Name(id="list" | "List"):
            return {"items": UNKNOWN}
        case ast.Name(id="dict" | "Dict"):
            return {"entries": ("str", UNKNOWN)}
        case ast.Subscript(value=ast.Name(id="list" | "List"), slice=item):
            return {"items": ast.unparse(item)}
        case ast.Subscript(value=ast.Name(id="dict" | "Dict"), slice=ast.Tuple(elts=[key, value])):
            return {"entries": (ast.unparse(key), ast.unparse(value))}
        case ast.Subscript(value=ast.Name(id="Literal"), slice=chosen):
            values = _constants(chosen)
            return {"objects": (text,)} if values is None else {"literals": values}
        case _:
            return {"objects": (text,)}


def _constants(tree: ast.expr) -> tuple[Any, ...] | None:
    try:
        values = ast.literal_eval(tree)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    values = values if isinstance(tree, ast.Tuple) else (values,)
    return tuple(values) if all(isinstance(value, str | int | None) for value in values) else None
