"""What is known of terms where a condition holds, or where it does not."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import TypeAlias

from wfnb.machine.inference.operators import falsy, truthy
from wfnb.machine.inference.scope import Path, Scope
from wfnb.model.types import NONE, Anything, Exactly, Plain, Type, alternatives_of, union, without

Facts: TypeAlias = dict[Path, Type]
TypeOf: TypeAlias = Callable[[ast.expr, Scope], Type]
"""Infers the type of a part of an expression."""
_MOST_PARTS = 400
"""How many parts a condition may have."""
_MOST_NESTED = 6
"""How deep `and` and `or` may nest in it: each level doubles the work."""
_ORDER = ast.Lt | ast.LtE | ast.Gt | ast.GtE
_WANTS_ONE = frozenset(
    {"len", "abs", "sum", "sorted", "lower", "upper", "strip", "split", "startswith", "endswith", "get"}
)
"""Functions that fail on None, so that it is none where they have not failed."""


def narrowed(test: ast.expr, scope: Scope, type_of: TypeOf, *, holds: bool) -> Scope:
    """The scope where a condition holds (or does not), having been evaluated without failing.

    A condition of many parts, or one that nests deep, lets nothing be known: what is left out is never wrong.
    """
    return scope.knowing(_facts(test, scope, type_of, holds=holds)) if _is_small(test) else scope


def _is_small(test: ast.expr) -> bool:
    parts = depth = 0
    level: list[ast.AST] = [test]
    while level:
        parts += len(level)
        depth += any(isinstance(part, ast.BoolOp) for part in level)
        if parts > _MOST_PARTS or depth > _MOST_NESTED:
            return False
        level = [child for part in level for child in ast.iter_child_nodes(part)]
    return True


def _facts(test: ast.expr, scope: Scope, type_of: TypeOf, *, holds: bool) -> Facts:
    match test:
        case ast.UnaryOp(op=ast.Not()):
            return _facts(test.operand, scope, type_of, holds=not holds)
        case ast.BoolOp() if isinstance(test.op, ast.And) == holds:
            found: Facts = {}
            for operand in test.values:
                found.update(_facts(operand, scope.knowing(found), type_of, holds=holds))
            return found
        case ast.BoolOp():
            return _either(test, scope, type_of, holds=holds)
        case ast.Compare(ops=[operator], comparators=[right]):
            return _compared(test.left, operator, right, scope, type_of, holds=holds)
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _WANTS_ONE:
            return _present(first, scope, type_of)
        case _:
            path = scope.path_of(test)
            if path is None:
                return {}
            given = type_of(test, scope)
            return {path: truthy(given) if holds else falsy(given)} if not isinstance(given, Anything) else {}


def _either(test: ast.BoolOp, scope: Scope, type_of: TypeOf, *, holds: bool) -> Facts:
    """One operand decided, after those before it did not."""
    branches: list[Facts] = []
    before: Facts = {}
    for operand in test.values:
        branches.append({**before, **_facts(operand, scope.knowing(before), type_of, holds=holds)})
        before.update(_facts(operand, scope.knowing(before), type_of, holds=not holds))
    return merged(branches)


def merged(branches: list[Facts] | list[Mapping[Path, Type]]) -> Facts:
    """What is known whichever of some branches was taken."""
    first, *others = branches
    common = [path for path in first if all(path in other for other in others)]
    return {path: union(*(branch[path] for branch in branches)) for path in common}


def _compared(
    left: ast.expr, operator: ast.cmpop, right: ast.expr, scope: Scope, type_of: TypeOf, *, holds: bool
) -> Facts:
    if isinstance(operator, _ORDER):
        return {**_present(left, scope, type_of), **_present(right, scope, type_of)}
    same = isinstance(operator, ast.Is | ast.Eq | ast.In) == holds
    if isinstance(operator, ast.Eq | ast.Is | ast.NotEq | ast.IsNot):
        if isinstance(left, ast.Constant):
            left, right = right, left
        return _equal(left, [right], scope, type_of, same=same)
    if isinstance(operator, ast.In | ast.NotIn) and isinstance(right, ast.Tuple | ast.List | ast.Set):
        return _equal(left, right.elts, scope, type_of, same=same)
    return {}


def _equal(left: ast.expr, values: list[ast.expr], scope: Scope, type_of: TypeOf, *, same: bool) -> Facts:
    """A term is, or is not, one of some constants."""
    path = scope.path_of(left)
    if path is None or not all(isinstance(value, ast.Constant) for value in values):
        return {**_presence(left, scope, type_of)}
    given = type_of(left, scope)
    constants = [value.value for value in values if isinstance(value, ast.Constant)]
    known = [NONE if one is None else Exactly(one) for one in constants if one is None or isinstance(one, str | int)]
    found = _presence(left, scope, type_of)
    if isinstance(given, Anything) or not constants:
        return found
    if not same:
        return {**found, path: without(given, *known)}
    kept = [member for member in alternatives_of(given) if any(_may_equal(member, one) for one in constants)]
    return {**found, path: union(*kept)}


def _presence(part: ast.expr, scope: Scope, type_of: TypeOf) -> Facts:
    """Where a call or an index was evaluated without failing, what it looked into is not None."""
    match part:
        case ast.Call(func=ast.Name(id=name), args=[first, *_]) if name in _WANTS_ONE:
            return _present(first, scope, type_of)
        case ast.Attribute() | ast.Subscript():
            return _present(part.value, scope, type_of)
        case _:
            return {}


def _present(part: ast.expr, scope: Scope, type_of: TypeOf) -> Facts:
    path = scope.path_of(part)
    found = _presence(part, scope, type_of)
    if path is None:
        return found
    given = type_of(part, scope)
    return {**found, path: without(given, NONE)} if NONE in alternatives_of(given) and given != NONE else found


def _may_equal(member: Type, value: object) -> bool:
    if value is None:
        return member == NONE or not isinstance(member, Plain | Exactly)
    if isinstance(member, Exactly):
        return member.value == value
    if isinstance(member, Plain):
        numbers = ("bool", "int", "float")
        name = type(value).__name__
        return member.name == name or (member.name in numbers and name in numbers)
    return True
