"""What an expression reads for sure, and what only where `reached` has said that it is there."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache


@dataclass(frozen=True, slots=True)
class Reads:
    """The values that an expression names.

    Attributes:
        sure: those that must have a value.
        checked: those that are only looked at behind a `reached` of their own.
        proves: the ids that have been reached wherever the expression holds.
    """

    sure: frozenset[str]
    checked: frozenset[str]
    proves: frozenset[str]


@lru_cache(maxsize=4_096)
def checked_reads(text: str) -> Reads:
    """The reads of an expression in which `reached` occurs."""
    tree = ast.parse(text.strip(), mode="eval").body
    sure: set[str] = set()
    every: set[str] = set()
    _collect(tree, frozenset(), sure, every)
    return Reads(frozenset(sure), frozenset(every - sure), _proved(tree, holds=True))


def _collect(tree: ast.AST, known: frozenset[str], sure: set[str], every: set[str]) -> None:
    match tree:
        case ast.Name(id=name):
            _read(name, known, sure, every)
        case ast.Subscript(value=ast.Name(id="values"), slice=ast.Constant(value=str(name))):
            _read(name, known, sure, every)
        case ast.Call(func=ast.Name()):
            for argument in (*tree.args, *tree.keywords):
                _collect(argument, known, sure, every)
        case ast.BoolOp():
            for operand in tree.values:
                _collect(operand, known, sure, every)
                known |= _proved(operand, holds=isinstance(tree.op, ast.And))
        case ast.IfExp():
            _collect(tree.test, known, sure, every)
            _collect(tree.body, known | _proved(tree.test, holds=True), sure, every)
            _collect(tree.orelse, known | _proved(tree.test, holds=False), sure, every)
        case _:
            for child in ast.iter_child_nodes(tree):
                _collect(child, known, sure, every)


def _read(name: str, known: frozenset[str], sure: set[str], every: set[str]) -> None:
    every.add(name)
    if name not in known:
        sure.add(name)


def _proved(tree: ast.AST, *, holds: bool) -> frozenset[str]:
    """The ids that have been reached where a condition holds, or where it does not."""
    match tree:
        case ast.Call(func=ast.Name(id="reached"), args=[ast.Constant(value=str(name))]) if holds:
            return frozenset((name,))
        case ast.UnaryOp(op=ast.Not()):
            return _proved(tree.operand, holds=not holds)
        case ast.BoolOp() if isinstance(tree.op, ast.And) == holds:
            return frozenset().union(*(_proved(operand, holds=holds) for operand in tree.values))
        case ast.BoolOp():
            return frozenset.intersection(*(_proved(operand, holds=holds) for operand in tree.values))
        case _:
            return frozenset()
