"""Guards that can not fail, seen at a glance: numbers compared with numbers, text with text, also in each of a list."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from typing import Literal

from wfnb.machine.guards.kinds import Kind, read_kind
from wfnb.machine.guards.terms import FACTS, Path, Reading, path_of


def cannot_fail(reading: Reading, kinds: Mapping[Path, Kind]) -> bool:
    """Whether a guard surely gives true or false, for all values of its terms' types.

    Args:
        reading: the guard.
        kinds: the types of the terms, and of what may have no fields that are read of it.
    """
    return reading.expression is not None and _safe(reading.tree, kinds)


def _safe(node: ast.expr, kinds: Mapping[Path, Kind]) -> bool:
    match node:
        case ast.BoolOp(values=parts):
            return all(_safe(part, kinds) for part in parts)
        case ast.UnaryOp(op=ast.Not(), operand=part):
            return _safe(part, kinds)
        case ast.Compare(left=left, ops=ops, comparators=others):
            return all(
                _comparable(one, operator, other, kinds)
                for one, operator, other in zip((left, *others), ops, others, strict=False)
            )
        case ast.Call(func=ast.Name(id="any" | "all"), args=[part], keywords=[]):
            return _each(part, kinds)
        case _:
            return _plain(node, kinds)


def _each(node: ast.expr, kinds: Mapping[Path, Kind]) -> bool:
    """Whether something can be gone through, and each item of it is true or false."""
    match node:
        case ast.GeneratorExp(elt=elt, generators=[clause]) | ast.ListComp(elt=elt, generators=[clause]):
            item = _item(clause.iter, kinds)
            if item is None or not isinstance(clause.target, ast.Name):
                return False
            name = ("values", clause.target.id)
            inside = {path: kind for path, kind in kinds.items() if path[:2] != name} | {name: item}
            return all(_safe(part, inside) for part in (elt, *clause.ifs))
        case _:
            item = _item(node, kinds)
            return item is not None and item.known and not item.objects


def _item(node: ast.expr, kinds: Mapping[Path, Kind]) -> Kind | None:
    """The type of the items of a list; None for what may be something else."""
    kind = _kind(node, kinds)
    if kind is None or kind.items is None or kind.entries is not None or kind.literals:
        return None
    if kind.none or kind.bools or kind.ints or kind.floats or kind.texts:
        return None
    return read_kind(kind.items)


def _comparable(one: ast.expr, operator: ast.cmpop, other: ast.expr, kinds: Mapping[Path, Kind]) -> bool:
    match operator:
        case ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE():
            sort = _sort(one, kinds)
            return sort is not None and sort == _sort(other, kinds)
        case ast.Eq() | ast.NotEq() | ast.Is() | ast.IsNot():
            return _plain(one, kinds) and _plain(other, kinds)
        case _:
            return False


def _sort(node: ast.expr, kinds: Mapping[Path, Kind]) -> Literal["number", "text"] | None:
    """What sort of value is compared; None where it may be of several, or is computed."""
    match node:
        case ast.Constant(value=int() | float()):
            return "number"
        case ast.Constant(value=str()):
            return "text"
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() | float())):
            return "number"
        case _:
            kind = _kind(node, kinds)
    if kind is None or kind.none or kind.items or kind.entries:
        return None
    numbers = kind.bools or kind.ints or kind.floats or any(isinstance(value, int) for value in kind.literals)
    texts = kind.texts or any(isinstance(value, str) for value in kind.literals)
    if numbers == texts or None in kind.literals:
        return None
    return "number" if numbers else "text"


def _plain(node: ast.expr, kinds: Mapping[Path, Kind]) -> bool:
    """Whether something is a constant, or a term whose values all compare as equal or not, and are true or not."""
    return isinstance(node, ast.Constant) or _sort(node, kinds) is not None or _kind(node, kinds) is not None


def _kind(node: ast.expr, kinds: Mapping[Path, Kind]) -> Kind | None:
    """The type of a term; None where nothing is known of it, or where reading it may fail."""
    path = path_of(node)
    if path is None or path[0] in FACTS or not all(isinstance(key, str) for key in path):
        return None
    if any(path[:end] in kinds for end in range(2, len(path))):
        return None
    kind = kinds.get(path)
    return kind if kind is not None and kind.known and not kind.objects else None
