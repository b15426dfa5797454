"""Guards with parts that are not looked into, such as loops: each part as one truth value of which nothing is known.

The same text has the same value, as all guards of a node are evaluated in the same state.  Where a guard holds, or is
false, no part of it that was evaluated has failed; so what is proved whatever these truth values are is true of the
guards.  Nothing is refuted by them, and they tell nothing of failures.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from wfnb.machine.guards.kinds import read_kind
from wfnb.machine.guards.sure import cannot_fail
from wfnb.machine.guards.terms import Reading, not_looked_into, terms_in, typed
from wfnb.machine.guards.verdict import Answer, GuardVerdict


def rewritten(readings: Sequence[Reading]) -> tuple[list[str], dict[str, str]]:
    """Guards in which a term stands for each part that is not looked into.

    Args:
        readings: the guards.

    Returns:
        Their texts, and the types of these terms.
    """
    taken = {str(path[1]) for reading in readings for path, _ in terms_in(reading.tree) if path[0] == "values"}
    names: dict[str, str] = {}

    def name(part: ast.expr) -> str:
        text = ast.unparse(part)
        if text not in names:
            fresh = f"({text})"
            while fresh in taken:
                fresh = f"({fresh})"
            names[text] = fresh
        return names[text]

    guards = [
        ast.unparse(_without(copy.deepcopy(reading.tree), name))
        if reading.beyond and reading.expression
        else reading.source
        for reading in readings
    ]
    return guards, {f"values[{fresh!r}]": "bool" for fresh in names.values()}


def _without(node: ast.expr, name: Callable[[ast.expr], str]) -> ast.expr:
    """The same with another term for each part, where only its truth matters, that is not looked into."""
    match node:
        case ast.BoolOp():
            node.values = [_without(part, name) for part in node.values]
        case ast.UnaryOp(op=ast.Not()):
            node.operand = _without(node.operand, name)
        case ast.IfExp():
            node.test, node.body, node.orelse = (_without(part, name) for part in (node.test, node.body, node.orelse))
        case _ if not_looked_into(node):
            return ast.Subscript(ast.Name("values", ast.Load()), ast.Constant(name(node)), ast.Load())
        case _:
            pass
    return node


def completed(
    verdict: GuardVerdict, abstract: GuardVerdict, readings: Sequence[Reading], kinds: Mapping[str, str]
) -> GuardVerdict:
    """What is known of guards, and of those that `rewritten` made of them, together.

    Args:
        verdict: of the guards.
        abstract: of the others.
        readings: the guards.
        kinds: as for `decide_guards`.
    """
    safe = tuple(
        Answer("proved") if answer.verdict == "unknown" and _surely_runs(reading, kinds) else answer
        for answer, reading in zip(verdict.safe, readings, strict=True)
    )
    covered = _better(verdict.covered, abstract.covered)
    exhaustive = verdict.exhaustive
    if exhaustive.verdict == "unknown" and all(one.verdict == "proved" for one in (covered, *safe)):
        exhaustive = Answer("proved", covered.why)
    return replace(
        verdict,
        exhaustive=exhaustive,
        covered=covered,
        disjoint={pair: _better(answer, abstract.disjoint[pair]) for pair, answer in verdict.disjoint.items()},
        never=tuple(map(_better, verdict.never, abstract.never)),
        shadowed=tuple(map(_better, verdict.shadowed, abstract.shadowed)),
        safe=safe,
        within=verdict.within | abstract.within,
    )


def _better(known: Answer, abstract: Answer) -> Answer:
    return abstract if known.verdict == "unknown" and abstract.verdict == "proved" else known


def _surely_runs(reading: Reading, kinds: Mapping[str, str]) -> bool:
    terms = typed(terms_in(reading.tree), kinds)
    return cannot_fail(reading, {path: read_kind(kind) for path, (_, kind) in terms.items()})
