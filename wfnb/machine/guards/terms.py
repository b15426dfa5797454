"""What a guard reads: its terms, each a path from a task's result or an input, such as `page.status`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from wfnb.errors import ExpressionError
from wfnb.machine.guards.kinds import UNKNOWN, read_kind
from wfnb.model.expression import Expression, parse, reference
from wfnb.model.guarded import FUNCTIONS

Path: TypeAlias = tuple[str | int, ...]
"""`values`, `input`, or a fact of the run (`reached`, `signal`, `error`); the name there; then fields and positions.

`page.k` and `page['k']` are one path.
"""
FACTS = ("reached", "signal", "error")

MAX_WEIGHT = 400
"""Largest guard that is decided, in nodes of its tree."""
_QUICK = frozenset({
    "abs", "bool", "endswith", "float", "get", "int", "len", "lower", "max", "min", "round", "startswith", "str",
    "strip", "upper",
})  # fmt: skip
_KNOWN = (
    ast.BoolOp | ast.UnaryOp | ast.Compare | ast.IfExp | ast.BinOp | ast.Constant | ast.List | ast.Tuple | ast.Set
    | ast.Dict | ast.JoinedStr | ast.FormattedValue | ast.Subscript | ast.Slice | ast.Attribute | ast.Name
    | ast.operator | ast.boolop | ast.unaryop | ast.cmpop | ast.expr_context
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Reading:
    """One guard, read.

    Attributes:
        source: its text.
        tree: its syntax tree, names as written.
        canonical: a text that two guards share if they are the same but for blanks and brackets.
        terms: what it reads, each with its text, in the order of first use.
        weight: the nodes of its tree.
        expression: what evaluates it.
        beyond: why it is not looked into; empty if it is.
    """

    source: str
    tree: ast.expr
    canonical: str
    terms: Mapping[Path, str]
    weight: int
    expression: Expression | None
    beyond: str = ""


@lru_cache(maxsize=8_192)
def read_guard(source: str) -> Reading:
    """Find what a guard reads; never raises."""
    try:
        expression = parse(source)
    except ExpressionError:
        return Reading(source, ast.Constant(None), source, {}, 0, None, f"'{source}' is no expression")
    tree = ast.parse(expression.source, mode="eval").body
    weight = sum(1 for _ in ast.walk(tree))
    beyond = not_looked_into(tree)
    beyond = f"'{source}' {beyond}, which is not looked into" if beyond else ""
    if weight > MAX_WEIGHT:
        beyond = f"a guard of {weight} parts is not looked into"
    terms: dict[Path, str] = {}
    for path, text in () if beyond else terms_in(tree):
        terms.setdefault(path, text)
    return Reading(source, tree, ast.unparse(tree), terms, weight, expression, beyond)


def not_looked_into(tree: ast.expr) -> str:
    """What part of a guard has that is not looked into, in words; empty if there is nothing."""
    whole = ""
    fields: set[int] = set()
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id=name)) if name in _QUICK or name in FACTS:
                continue
            case ast.Call():
                return f"calls {ast.unparse(node.func)}()"
            case _ if not isinstance(node, _KNOWN):
                return "has a loop in it"
            case (
                ast.Attribute(value=ast.Name(id="input"))
                | ast.Subscript(value=ast.Name(id="input"), slice=ast.Constant(value=str()))
            ):
                fields.add(id(node.value))
            case ast.Name(id="input") if id(node) not in fields:
                whole = "reads all of 'input'"
            case _:
                pass
    return whole


def path_of(node: ast.AST) -> Path | None:
    """The path that a part of an expression is, None if it is something else."""
    match node:
        case ast.Name(id=name) if name not in FUNCTIONS and name not in ("input", "values"):
            return ("values", name)
        case ast.Subscript(value=ast.Name(id="values"), slice=ast.Constant(value=str(name))):
            return ("values", name)
        case ast.Attribute(value=ast.Name(id="input"), attr=name):
            return ("input", name)
        case ast.Subscript(value=ast.Name(id="input"), slice=ast.Constant(value=str(name))):
            return ("input", name)
        case ast.Call(func=ast.Name(id=fact), args=[ast.Constant(value=str(name))]) if fact in FACTS:
            return (fact, name)
        case ast.Attribute(value=base, attr=name):
            below = path_of(base)
            return None if below is None else (*below, name)
        case ast.Subscript(value=base, slice=part):
            key, below = _key(part), path_of(base)
            return None if key is None or below is None else (*below, key)
        case _:
            return None


def declared(path: Path, text: str, kinds: Mapping[str, str]) -> str | None:
    """The type that a term has of its own, whichever way it is written."""
    for name in (text, written(path), written(path, dotted=False)):
        if name in kinds:
            return kinds[name]
    return None


def kind_of(path: Path, text: str, kinds: Mapping[str, str]) -> str:
    """The type of a term: its own if it has one, else that of an item of what it is taken from."""
    own = declared(path, text, kinds)
    if own is not None:
        return own
    if len(path) == 2:
        return "bool" if path[0] == "reached" else UNKNOWN
    above = read_kind(kind_of(path[:-1], written(path[:-1]), kinds))
    if isinstance(path[-1], int):
        return above.items if above.items and not above.entries else UNKNOWN
    return above.entries[1] if above.entries and not above.items else UNKNOWN


def typed(terms: Iterable[tuple[Path, str]], kinds: Mapping[str, str]) -> dict[Path, tuple[str, str]]:
    """Terms, each with its text and its type; and what may have no fields, before those that are read of it."""
    known: dict[Path, tuple[str, str]] = {}
    for path, text in terms:
        if path in known:
            continue
        for end in range(2, len(path)):
            whole, name = path[:end], written(path[:end])
            kind = declared(whole, name, kinds)
            if whole not in known and kind is not None and read_kind(kind).bare:
                known[whole] = (name, kind)
        known[path] = (text, kind_of(path, text, kinds))
    return known


def within(tree: ast.AST) -> list[Path]:
    """The terms in a part of an expression."""
    return [path for path, _ in terms_in(tree)]


def terms_in(tree: ast.AST) -> Iterator[tuple[Path, str]]:
    """The terms in a part of an expression, each with its text; what loops bind is among them."""
    path = path_of(tree)
    if path is not None:
        yield path, ast.unparse(tree)
        return
    for child in ast.iter_child_nodes(tree):
        yield from terms_in(child)


def _key(part: ast.expr) -> str | int | None:
    match part:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=str() | int() as key):
            return key
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int(key))) if not isinstance(key, bool):
            return -key
        case _:
            return None


def below(path: Path, paths: Iterable[Path]) -> list[str | int]:
    """The fields and positions that are read of a term, as terms of their own."""
    return [other[len(path)] for other in paths if len(other) > len(path) and other[: len(path)] == path]


def written(path: Path, *, dotted: bool = True) -> str:
    """How an expression names a term: `page.status`, or `page['status']`."""
    root, name, *rest = path
    if root == "values":
        text = reference(str(name))
    elif root == "input":
        text = f"input.{name}" if dotted and str(name).isidentifier() else f"input[{name!r}]"
    else:
        text = f"{root}({name!r})"
    for key in rest:
        text += f".{key}" if dotted and isinstance(key, str) and key.isidentifier() else f"[{key!r}]"
    return text
