"""Asking Python: what guards make of given values."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from itertools import permutations
from typing import Any, Literal, TypeAlias

from wfnb.errors import ExpressionError
from wfnb.machine.guards.terms import Path, Reading, below
from wfnb.model.checking import printable
from wfnb.model.facts import NOTHING, Facts

Outcome: TypeAlias = Literal["holds", "false", "fails"]


class Stand(Enum):
    """What stands for a value that can not be made here."""

    OBJECT = "an object"
    """Something with the fields that are read of it, and nothing else."""

    def __repr__(self) -> str:
        return "..."


class Something:
    """An object of a class of which nothing is known."""

    __slots__ = ()


def outcome(reading: Reading, assigned: Mapping[Path, Any]) -> Outcome:
    """What a guard comes to where its terms have these values."""
    return ask(reading, *built(assigned))


def trying(reading: Reading, paths: Sequence[Path]) -> Callable[[Sequence[Any]], Outcome]:
    """What a guard comes to, by the values of its terms in the order of their paths; as `outcome`, for many of them."""
    plainly = all(path[0] in ("values", "input") and all(isinstance(key, str) for key in path) for path in paths)
    if not plainly or any(longer[: len(path)] == path for path, longer in permutations(paths, 2)):
        return lambda values: outcome(reading, dict(zip(paths, values, strict=True)))
    root = _tree(dict.fromkeys(paths))
    places = []
    for path in paths:
        at: Any = root
        for key in path[:-1]:
            at = at[key]
        places.append((at, path[-1]))

    def tried(values: Sequence[Any]) -> Outcome:
        for (at, key), value in zip(places, values, strict=True):
            at[key] = Something() if value is Stand.OBJECT else value
        return ask(reading, root["values"], root["input"])

    return tried


def ask(reading: Reading, values: Mapping[str, Any], inputs: Mapping[str, Any], facts: Facts = NOTHING) -> Outcome:
    """What a guard comes to in a run with these values, inputs and facts."""
    assert reading.expression is not None
    try:
        return "holds" if reading.expression.holds(values, inputs, facts) else "false"
    except ExpressionError:
        return "fails"


def failure(reading: Reading, assigned: Mapping[Path, Any]) -> str:
    """How a guard fails where its terms have these values: `ZeroDivisionError: division by zero`."""
    assert reading.expression is not None
    try:
        reading.expression.holds(*built(assigned))
    except ExpressionError as error:
        return str(error).partition("\n")[0].removeprefix(f"'{printable(reading.expression.source)}' failed: ")
    return ""


def built(assigned: Mapping[Path, Any]) -> tuple[dict[str, Any], dict[str, Any], Facts]:
    """The values, the inputs and the facts of a run in which the terms have these values.

    What a path leads through and has no value of its own is made: a dict for a field, a list for a position.
    """
    root = _tree(assigned)
    facts = NOTHING
    if root.keys() - {"values", "input"}:
        reached = {name for name, value in root.get("reached", {}).items() if value}
        facts = Facts(reached, root.get("signal", {}), root.get("error", {}))
    return root["values"], root["input"], facts


def _tree(assigned: Mapping[Path, Any]) -> dict[str, dict[str, Any]]:
    """The values by path: nested dicts and lists."""
    root: dict[str, dict[str, Any]] = {"values": {}, "input": {}}
    if all(len(path) == 2 for path in assigned):
        for (side, name), value in assigned.items():
            root.setdefault(str(side), {})[str(name)] = Something() if value is Stand.OBJECT else value
        return root
    for path in assigned:
        root.setdefault(str(path[0]), {})
    made: set[int] = {id(root), *map(id, root.values())}
    for path in sorted(assigned, key=len):
        value = assigned[path]
        if value is Stand.OBJECT:
            fields = below(path, assigned)
            value = _container(fields, made) if fields else Something()
        else:
            value = copy.deepcopy(value)
        _place(root, path, value, made)
    return root


def looked_up(assigned: Mapping[Path, Any], wanted: Iterable[tuple[Path, str]]) -> dict[str, Any]:
    """The values of some terms by their texts, as a run has them in which the terms have these values."""
    root = _tree(assigned)
    found: dict[str, Any] = {}
    for path, text in wanted:
        at: Any = root
        try:
            for key in path:
                at = at[key]
        except (KeyError, IndexError, TypeError):
            continue
        if assigned.get(path) is not Stand.OBJECT:
            found[text] = at
        elif isinstance(at, Something):
            found[text] = Stand.OBJECT
    return found


def _container(keys: Iterable[str | int], made: set[int]) -> Any:
    fresh: Any = [] if all(isinstance(key, int) for key in keys) else {}
    made.add(id(fresh))
    return fresh


def _place(root: Any, path: Path, value: Any, made: set[int]) -> None:
    """Put a value where a path leads; what was given as it is gets no new fields."""
    at = root
    for index, key in enumerate(path):
        last = index == len(path) - 1
        grows = id(at) in made
        if isinstance(at, list) and isinstance(key, int):
            size = key + 1 if key >= 0 else -key
            if grows:
                at.extend([None] * (size - len(at)))
            if len(at) < size:
                return
            there = at[key] is not None
        elif isinstance(at, dict) and (grows or key in at):
            there = key in at
        else:
            return
        if last:
            at[key] = value
        elif not there:
            at[key] = _container([path[index + 1]], made)
        at = at[key]
