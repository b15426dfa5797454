"""What is known of a set of guards, as data."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from wfnb.machine.diagnostic import Verdict


@dataclass(frozen=True, slots=True)
class Answer:
    """One question, decided or not.

    Attributes:
        verdict: `refuted` always comes with a witness, on which Python itself was asked.
        why: what was found, or what kept from deciding; for `proved` what it takes for granted, often empty.
        witness: the terms by their text, with their values, in the order in which the guards read them.
        where: what of the witness matters, as people read it: `amount = 100`.
        error: how the guard fails there, for `safe`: `ZeroDivisionError: division by zero`.
    """

    verdict: Verdict
    why: str = ""
    witness: Mapping[str, Any] | None = None
    where: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    """What is known of some guards, in their order; a guard is named by its position.

    A guard that raises for a value is neither true nor false there.  What only the size limits of an expression refuse
    (`wfnb.model.guarded`: integers of more than 1,000 bits, texts of millions of characters) is left out, and a `float`
    is taken not to be NaN, which no order comparison holds for.

    Attributes:
        exhaustive: proved if for every value some guard holds and none fails before it is found; refuted by a value for
            which every guard is false.
        covered: as `exhaustive`, values for which a guard fails left out: proved if never all guards are false.  An
            otherwise edge would not help where a guard fails, so this says whether one is needed.
        disjoint: for each pair `(i, j)`, `i < j`: refuted by a value for which both hold.
        always: for each guard: proved if it holds for every value.
        never: for each guard: proved if it holds for no value.
        shadowed: for each guard: proved if no value for which it holds gets past the guards before it.
        safe: for each guard: refuted by a value for which it fails when its turn comes.
        within: pairs `(later, earlier)` of guards, the later found never to hold where the earlier is false.
        notes: what the verdicts take for granted of the terms.
    """

    exhaustive: Answer
    covered: Answer
    disjoint: Mapping[tuple[int, int], Answer]
    always: tuple[Answer, ...]
    never: tuple[Answer, ...]
    shadowed: tuple[Answer, ...]
    safe: tuple[Answer, ...]
    within: frozenset[tuple[int, int]] = frozenset()
    notes: tuple[str, ...] = ()


def shown(witness: Mapping[str, Any]) -> str:
    """A witness as people read it: `amount = 100, vip = True`."""
    return ", ".join(f"{term} = {_literal(value)}" for term, value in witness.items())


def quoted(guards: Sequence[str]) -> str:
    """Guards in a message: `'x > 3' and 'x < 5'`."""
    return " and ".join(f"'{guard}'" for guard in guards)


_LONGEST = 60
"""Most characters of a value that a message shows."""


def _literal(value: Any) -> str:
    """A value as an expression has it, unless it is long."""
    if isinstance(value, float) and math.isinf(value):
        return f"float('{value}')"
    text = repr(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
