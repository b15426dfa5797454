"""Deciding guards: by their text, on a grid of values, and with the solver z3 where it is installed."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.util import find_spec
from itertools import combinations
from typing import NamedTuple, TypeAlias

from wfnb.machine.guards.answers import Case, Question, read_off
from wfnb.machine.guards.grid import try_all
from wfnb.machine.guards.kinds import Kind, read_kind
from wfnb.machine.guards.opaque import completed, rewritten
from wfnb.machine.guards.points import Points, points
from wfnb.machine.guards.solve import solve
from wfnb.machine.guards.sure import cannot_fail
from wfnb.machine.guards.terms import Path, Reading, below, read_guard, typed
from wfnb.machine.guards.uses import Use, uses
from wfnb.machine.guards.verdict import Answer, GuardVerdict

MAX_GUARDS = 64
"""Most guards of one choice that are decided."""
MISSING = "z3 is not installed: pip install wfnb[proofs]"
"""Why something is not known that the solver could tell."""
BEYOND = "it is beyond the solver, or beyond its limits"
"""Why something is not known that the solver could not tell."""


def decide_guards(guards: Sequence[str], kinds: Mapping[str, str], *, inclusive: bool = False) -> GuardVerdict:
    """Whether guards cover every value, exclude each other, can hold at all, and can fail.

    Every refutation was checked by evaluating the guards on its witness; what is proved holds for Python's own meaning
    of the guards, for all values of the declared types.  Decisions are remembered, and bounded without a clock.

    Args:
        guards: expressions, in the order in which they are evaluated.
        kinds: the types of what they read, as people write them, by the text of the term (`amount`, `input.amount`,
            `page.status`, `values['x y']`).  A term that is missing, or whose type is `any`, may be any JSON.
        inclusive: whether every guard is evaluated (an inclusive fork), rather than up to the first that holds.
    """
    readings = [read_guard(guard) for guard in guards]
    verdict = _decided(readings, kinds, inclusive=inclusive)
    if not any(reading.beyond for reading in readings) or len(guards) > MAX_GUARDS:
        return verdict
    others, more = rewritten(readings)
    abstract = _decided([read_guard(guard) for guard in others], {**kinds, **more}, inclusive=inclusive)
    return completed(verdict, abstract, readings, kinds)


def _decided(readings: Sequence[Reading], kinds: Mapping[str, str], *, inclusive: bool) -> GuardVerdict:
    known = typed((term for reading in readings for term in reading.terms.items()), kinds)
    terms = tuple((path, text, kind) for path, (text, kind) in known.items())
    guards = tuple(reading.source for reading in readings)
    found = _by_hand(guards, terms, inclusive=inclusive)
    if found.undecided and solver_installed():
        return _by_solver(guards, terms, inclusive=inclusive)
    return found.verdict


def solver_installed() -> bool:
    """Whether z3 can be imported."""
    return find_spec("z3") is not None


def solver_is_to_load() -> bool:
    """Whether the first question to z3 would have to import it, which takes a fifth of a second."""
    return "z3" not in sys.modules and solver_installed()


_Terms: TypeAlias = tuple[tuple[Path, str, str], ...]
"""Each term with its text and its type."""


class _Found(NamedTuple):
    """What is known without the solver, and what it needs to find more."""

    verdict: GuardVerdict
    undecided: bool
    case: Case
    offered: dict[Path, Points]


@lru_cache(maxsize=4_096)
def _by_hand(guards: tuple[str, ...], terms: _Terms, *, inclusive: bool) -> _Found:
    """What the texts of guards and a grid of values say of them."""
    if len(guards) > MAX_GUARDS:
        return _Found(_too_many(len(guards)), undecided=False, case=Case([], {}, inclusive, ()), offered={})
    kinds = {path: read_kind(kind) for path, _, kind in terms}
    readings = [read_guard(guard) for guard in guards]
    unknown = frozenset(path for path, kind in kinds.items() if not kind.known)
    case = Case(readings, {path: text for path, text, _ in terms}, inclusive, tuple(_notes(terms, kinds)), unknown)
    _compare_texts(case)
    found = uses([reading.tree for reading in readings if not reading.beyond])
    offered = {path: points(kind, found.get(path, Use()), below(path, kinds)) for path, kind in kinds.items()}
    for index, reading in enumerate(readings):
        if cannot_fail(reading, kinds):
            case.prove(Question("safe", (index,)))
    read_off(case, try_all(readings, offered, unknown))
    undecided = any(case.looked_into(question) for question in case.open())
    return _Found(_given_up(case, MISSING), undecided, case, offered)


@lru_cache(maxsize=4_096)
def _by_solver(guards: tuple[str, ...], terms: _Terms, *, inclusive: bool) -> GuardVerdict:
    """The verdict with the solver."""
    found = _by_hand(guards, terms, inclusive=inclusive)
    case = replace(found.case, answers=dict(found.case.answers))
    solve(case, {path: read_kind(kind) for path, _, kind in terms}, found.offered)
    return _given_up(case, BEYOND)


def _compare_texts(case: Case) -> None:
    """Answer what follows from one guard being the other, or being written as its negation."""
    plain = [_without_not(reading) for reading in case.readings]
    for one, other in combinations(range(len(plain)), 2):
        if plain[one][0] != plain[other][0]:
            continue
        if plain[one][1] == plain[other][1]:
            case.prove(Question("shadowed", (other,)))
            case.within.add((other, one))
        else:
            case.prove(Question("disjoint", (one, other)))
            case.prove(Question("covered"))


def _without_not(reading: Reading) -> tuple[str, bool]:
    """A guard without the negations in front of it, and whether these cancel out."""
    tree, even = reading.tree, True
    while isinstance(tree, ast.UnaryOp) and isinstance(tree.op, ast.Not):
        tree, even = tree.operand, not even
    return ast.unparse(tree) if reading.expression else reading.source, even


def _given_up(case: Case, why: str) -> GuardVerdict:
    """The verdict, where what is open stays so."""
    case = replace(case, answers=dict(case.answers))
    for question in case.open():
        beyond = next((one for index in case.concerned(question) if (one := case.readings[index].beyond)), "")
        case.leave(question, beyond or why)
    return case.verdict()


def _notes(terms: _Terms, kinds: Mapping[Path, Kind]) -> Iterator[str]:
    """What is taken for granted of the terms."""
    for path, text, _ in terms:
        if not kinds[path].known:
            yield f"the type of '{text}' is not known: it is taken to be JSON"
        if kinds[path].floats and kinds[path].known:
            yield f"'{text}' is taken not to be NaN"
        if len(path) > 2:
            yield f"'{text}' is taken to be there"
        if kinds[path].objects:
            yield f"'{text}' is taken to be true where it is an object"


def _too_many(count: int) -> GuardVerdict:
    unknown = Answer("unknown", f"{count} guards are more than {MAX_GUARDS}")
    each = (unknown,) * count
    return GuardVerdict(unknown, unknown, {}, each, each, each, each)
