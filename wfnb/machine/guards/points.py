"""Values that stand for all others: one from each set of values that no guard can tell apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from itertools import combinations, pairwise
from typing import Any, NamedTuple

from wfnb.machine.guards.kinds import UNKNOWN, Kind, read_kind
from wfnb.machine.guards.trial import Stand
from wfnb.machine.guards.uses import Use

_LONGEST = 2_000
"""Longest text or list that is made to be tried."""
_MOST_MEMBERS = 4
"""Most things looked for in one list whose every combination is tried."""
_OF_NUMBERS = frozenset({"real", "imag", "numerator", "denominator"})
"""The fields that a number has."""
_ARRAYS = ("DataFrame", "Series", "array", "Array", "ndarray", "Tensor", "Index")
"""Classes whose objects are neither true nor false."""


class Points(NamedTuple):
    """The values to try for one term, natural ones first.

    Attributes:
        values: what is tried.
        complete: whether every other value of the term's type does as one of these.
    """

    values: list[Any]
    complete: bool


def points(kind: Kind, use: Use, below: Iterable[str | int] = ()) -> Points:
    """The values to try for a term of a type.

    Args:
        kind: what it may be.
        use: what guards do with it.
        below: the fields and positions that are read of it, as terms of their own.
    """
    keys = list(below)
    complete = kind.finite or not use.loose
    found: list[tuple[int, list[Any]]] = [(2 if use.tested else 3, list(kind.literals))]
    if kind.bools:
        found.append((1 if use.tested else 5, [True, False]))
    if kind.ints or kind.floats:
        found.append((2 if use.numbers - {0} else 4, numbers(use, kind)))
    if kind.texts:
        made, enough = texts(use)
        complete &= enough and not any(isinstance(key, int) for key in keys)
        found.append((2 if use.texts - {""} else 4, made))
    if kind.none:
        found.append((6, [None]))
    if keys:
        plain = not (kind.objects and use.compared)
        if plain and (kind.items or kind.entries or kind.objects):
            found.append((0, [Stand.OBJECT]))
        if kind.items:
            found.append((7, [[]]))
        complete &= plain and not any(isinstance(key, int) for key in keys)
        complete &= not use.members and not use.lengths - {0} and (kind.finite or _OF_NUMBERS.isdisjoint(keys))
    else:
        for made, enough in _containers(kind, use):
            complete &= enough
            found.append((3 if use.lengths - {0} or use.members else 7, made))
    found.sort(key=lambda one: one[0])
    return Points([value for _, values in found for value in values], complete)


def numbers(use: Use, kind: Kind) -> list[int | float]:
    """A number equal to each constant, and one in each gap between them."""
    constants = sorted(use.numbers)
    finite = [constant for constant in constants if math.isfinite(constant)]
    made: set[int | float] = {0, 1} if use.loose or not finite else set()
    if use.loose:
        made |= {-1, 2, 10, 100}
    for constant in finite:
        made |= {math.ceil(constant) - 1, math.floor(constant) + 1}
        if constant == math.floor(constant):
            made.add(math.floor(constant))
    if kind.floats:
        made |= set(constants)
        made |= {_between(one, other) for one, other in pairwise(finite)}
        # Where floats lie far apart, there are integers between them; the two above are those.
        made |= {_after(constant, towards) for constant in finite for towards in (-math.inf, math.inf)}
        if len(finite) < len(constants):
            made |= {-math.inf, math.inf}
        made = {_plainly(number, as_float=kind.known) for number in made}
    return sorted(made, key=lambda number: (number not in use.numbers, len(repr(number)), abs(number), number < 0))


def texts(use: Use) -> Points:
    """A text equal to each constant, and one in each gap of what guards can tell apart."""
    made = set(use.texts)
    made |= {text for member in use.members if isinstance(member, str) for text in (member, member + "a")}
    if use.ordered:
        made |= {""} | {text + end for text in use.texts for end in ("\0", "a")}
    made.add(_other("other", made))
    complete = not use.members and not (use.ordered and use.lengths - {0})
    for length in _lengths(use):
        if length > _LONGEST:
            complete = False
        elif length > 0:
            made.add(next(text for char in _LETTERS if (text := char * length) not in use.texts))
        else:
            made.add("")
    return Points(sorted(made, key=lambda text: (not text.isprintable(), not text, len(text), text)), complete)


_LETTERS = [chr(code) for code in range(ord("a"), 1_000)]


def _containers(kind: Kind, use: Use) -> Iterator[Points]:
    if kind.items is not None:
        yield _filled(use, kind.items, list)
    if kind.entries is not None:
        keys, values = kind.entries
        value = next(iter(_fillers(values, [])), None)
        yield _filled(use, keys, lambda items: dict.fromkeys(items, value), distinct=True)
    if kind.objects:
        plain = not use.compared and not (use.tested and any(name.endswith(_ARRAYS) for name in kind.objects))
        yield Points([Stand.OBJECT] if plain else [], plain)


def _filled(use: Use, kind: str, make: Any, *, distinct: bool = False) -> Points:
    """Lists (or dicts) of each length, with each combination of what is looked for in them."""
    complete = len(use.members) <= _MOST_MEMBERS and not (use.members and read_kind(kind).objects)
    sought = [member for member in use.members[:_MOST_MEMBERS] if _may_be(read_kind(kind), member)]
    fillers = _fillers(kind, use.members)
    found: list[Any] = []
    for count in range(len(sought) + 1):
        for chosen in combinations(sought, count):
            least = len(chosen)
            for length in sorted({least, least + 1, *_lengths(use)}):
                if length < least or (distinct and length > least and not fillers):
                    continue
                if length > _LONGEST:
                    complete = False
                    continue
                rest = length - least
                if distinct:
                    filler = [f"{fillers[0]}{index or ''}" for index in range(rest)] if rest else []
                elif rest:
                    filler = [(*fillers[:1], *chosen)[0]] * rest if fillers or chosen else []
                else:
                    filler = []
                if len(filler) == rest:
                    made = make([*chosen, *filler])
                    if made not in found:
                        found.append(made)
    if distinct and kind != "str":
        complete = complete and not use.members and not use.lengths - {0}
    return Points(found, complete)


def _fillers(kind: str, avoided: list[Any]) -> list[Any]:
    """An item of a list that is none of what is looked for in it, if there is one."""
    if kind == UNKNOWN:
        return [_other("other", {item for item in avoided if isinstance(item, str)})]
    use = Use()
    for item in avoided:
        use.meets(item, ordered=False)
    return [value for value in points(read_kind(kind), use).values if value not in avoided][:1]


def _may_be(kind: Kind, value: Any) -> bool:
    """Whether a value equals one of a type."""
    if not kind.known or any(value == literal for literal in kind.literals):
        return True
    match value:
        case None:
            return kind.none
        case bool() | int() | float():
            whole = value == math.floor(value) if math.isfinite(value) else False
            return kind.floats or (kind.ints and whole) or (kind.bools and value in (0, 1))
        case str():
            return kind.texts
        case _:
            return True


def _lengths(use: Use) -> set[int]:
    return {near for length in use.lengths for near in (length - 1, length, length + 1) if near >= 0}


def _other(word: str, avoided: set[str]) -> str:
    while word in avoided:
        word += "_"
    return word


def _plainly(number: float, *, as_float: bool) -> int | float:
    """The number as a float, or as an integer, if there is one that equals it."""
    try:
        same = float(number) if as_float else int(number)
    except OverflowError:
        return number
    return same if same == number else number


def _between(one: float, other: float) -> int | float:
    try:
        return one + (other - one) / 2
    except OverflowError:
        return (int(one) + int(other)) // 2


def _after(number: float, towards: float) -> int | float:
    try:
        return math.nextafter(number, towards)
    except OverflowError:
        return number
