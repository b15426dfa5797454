"""Comparisons and arithmetic of unknown values."""

from __future__ import annotations

import ast
from typing import Any

from wfnb.machine.guards.symbols import FAILING, NUMBERS, UNSURE, Alternative, Formula, Logic, Value

_MOST_FACTORS = 4
_CONTAINERS = ("list", "dict")


def compared(logic: Logic, op: ast.cmpop, one: Value, other: Value) -> Value:
    """`one op other`, for every operator but membership."""
    match op:
        case ast.Eq():
            return logic.combined(one, other, lambda a, b: equal(logic, a, b))
        case ast.NotEq():
            same = logic.combined(one, other, lambda a, b: equal(logic, a, b))
            return inverted(logic, same)
        case ast.Is():
            return logic.combined(one, other, lambda a, b: _identical(logic, a, b))
        case ast.IsNot():
            return inverted(logic, logic.combined(one, other, lambda a, b: _identical(logic, a, b)))
        case _:
            return logic.combined(one, other, lambda a, b: ordered(logic, op, a, b))


def inverted(logic: Logic, value: Value) -> Value:
    """`not value`."""
    true, unsure = logic.truth(value)
    return Value((Alternative(True, "bool", logic.negated(true)),), value.fails, logic.either(value.unsure, unsure))


def equal(logic: Logic, one: Alternative, other: Alternative) -> Value:
    """`one == other`."""
    if "object" in (one.tag, other.tag):
        return UNSURE
    if one.tag in NUMBERS and other.tag in NUMBERS:
        if "nan" in (one.tag, other.tag):
            return logic.as_truth(False)
        left, right = logic.paired(one, other)
        return logic.as_truth(left == right)
    if one.tag != other.tag:
        return logic.as_truth(False)
    if one.tag in _CONTAINERS:
        # Two of one length may be equal, and empty ones are.
        key = ("same", frozenset((logic.identity(one), logic.identity(other))))
        same = logic.either(logic.both(one.term == 0, other.term == 0), logic.named("bool", key))
        return logic.as_truth(logic.both(one.term == other.term, same))
    return logic.as_truth(True if one.tag == "none" else one.term == other.term)


def _identical(logic: Logic, one: Alternative, other: Alternative) -> Value:
    """`one is other`, for None, True and False; other values may be the same object or an equal one."""
    if "none" in (one.tag, other.tag):
        return logic.as_truth(one.tag == other.tag)
    if one.tag == other.tag == "bool":
        return equal(logic, one, other)
    if "bool" in (one.tag, other.tag) and "object" not in (one.tag, other.tag):
        return logic.as_truth(False)
    return UNSURE


def ordered(logic: Logic, op: ast.cmpop, one: Alternative, other: Alternative) -> Value:
    """`one < other` and the like."""
    if "object" in (one.tag, other.tag) or one.tag == other.tag == "list":
        return UNSURE
    if one.tag in NUMBERS and other.tag in NUMBERS:
        if "nan" in (one.tag, other.tag):
            return logic.as_truth(False)
        left, right = logic.paired(one, other)
    elif one.tag == other.tag == "text":
        left, right = one.term, other.term
    else:
        return FAILING
    match op:
        case ast.Lt():
            return logic.as_truth(left < right)
        case ast.LtE():
            return logic.as_truth(left <= right)
        case ast.Gt():
            return logic.as_truth(right < left)
        case _:
            return logic.as_truth(right <= left)


def computed(logic: Logic, op: ast.operator, one: Alternative, other: Alternative) -> Value:
    """`one op other` of arithmetic."""
    if "object" in (one.tag, other.tag):
        return UNSURE
    if one.tag in NUMBERS and other.tag in NUMBERS:
        if one.tag == "nan" or other.tag == "nan":
            return UNSURE
        if isinstance(op, ast.Div) or "real" in (one.tag, other.tag):
            return _rounded(logic, op, one, other)
        return _whole(logic, op, logic.number(one), logic.number(other))
    if one.tag == other.tag == "text" and isinstance(op, ast.Add):
        return Value((Alternative(True, "text", logic.z3.Concat(one.term, other.term)),))
    if "none" in (one.tag, other.tag) and not isinstance(op, ast.Mod):
        return FAILING
    return UNSURE


def signed(logic: Logic, case: Alternative, *, absolute: bool) -> Value:
    """`-case`, or `abs(case)`."""
    if case.tag not in ("bool", "int", "real"):
        return UNSURE if case.tag in ("object", "nan") else FAILING
    term = logic.number(case)
    made = logic.z3.If(term < 0, -term, term) if absolute else -term
    return Value((Alternative(True, "real" if case.tag == "real" else "int", made),))


def _whole(logic: Logic, op: ast.operator, a: Any, b: Any) -> Value:
    """Arithmetic of integers, which is exact."""
    match op:
        case ast.Add():
            return _integer(a + b)
        case ast.Sub():
            return _integer(a - b)
        case ast.Mult():
            return _integer(a * b)
        case ast.FloorDiv() | ast.Mod():
            # The solver's remainder is never negative; Python's has the sign of the divisor.
            positive = b > 0
            if isinstance(op, ast.FloorDiv):
                made = logic.z3.If(positive, a / b, (-a) / (-b))
            else:
                made = logic.z3.If(positive, a % b, -((-a) % (-b)))
            return Value((Alternative(True, "int", made),), fails=b == 0)
        case ast.Pow() if logic.z3.is_int_value(b) and 0 <= b.as_long() <= _MOST_FACTORS:
            made = logic.z3.IntVal(1, logic.context)
            for _ in range(b.as_long()):
                made = made * a
            return _integer(made)
        case _:
            return UNSURE


def _integer(term: Any) -> Value:
    return Value((Alternative(True, "int", term),))


def _rounded(logic: Logic, op: ast.operator, one: Alternative, other: Alternative) -> Value:
    """Arithmetic that makes a float."""
    if not isinstance(op, ast.Add | ast.Sub | ast.Mult | ast.Div | ast.FloorDiv | ast.Mod):
        return UNSURE
    logic.rounds = True
    a, b = logic.real(one), logic.real(other)
    by_zero: Formula = b == 0 if isinstance(op, ast.Div | ast.FloorDiv | ast.Mod) else False
    if logic.exact:
        return Value((Alternative(True, "real", _as_real(logic, op, a, b)),), fails=by_zero)
    key = (type(op).__name__, logic.identity(one), logic.identity(other))
    # With an infinite float the result may be no number.
    odd = logic.named("bool", ("odd", key)) if "real" in (one.tag, other.tag) and _odd(logic, op, one, other) else False
    made = Alternative(logic.negated(odd), "real", logic.named("real", key))
    return Value((made,) if odd is False else (made, Alternative(odd, "nan")), fails=by_zero)


def _as_real(logic: Logic, op: ast.operator, a: Any, b: Any) -> Any:
    match op:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
        case ast.Div():
            return a / b
        case ast.FloorDiv():
            return logic.z3.ToReal(logic.z3.ToInt(a / b))
        case _:
            return a - b * logic.z3.ToReal(logic.z3.ToInt(a / b))


def _odd(logic: Logic, op: ast.operator, one: Alternative, other: Alternative) -> bool:
    """Whether the result may be NaN: infinity less infinity, times zero, by infinity."""
    endless = [case.tag == "real" and not logic.z3.is_rational_value(case.term) for case in (one, other)]
    match op:
        case ast.Add() | ast.Sub() | ast.Div():
            return all(endless)
        case ast.Mult():
            zero = [not _is_constant_not_zero(logic, case) for case in (one, other)]
            return (endless[0] and zero[1]) or (endless[1] and zero[0])
        case _:
            return endless[0]


def _is_constant_not_zero(logic: Logic, case: Alternative) -> bool:
    term = logic.number(case)
    if logic.z3.is_int_value(term) or logic.z3.is_rational_value(term):
        return bool(term.as_fraction() if case.tag == "real" else term.as_long())
    return False
