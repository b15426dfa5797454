"""What guards, signals and errors let know further on: facts about terms, carried along the edges of a drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush
from itertools import islice
from typing import TypeAlias

from wfnb.machine.dataflow.ways import Ways, gives_value
from wfnb.machine.graph import cycles
from wfnb.machine.inference.expression import narrow
from wfnb.machine.inference.narrowing import Facts, merged
from wfnb.machine.inference.scope import PROBLEM, Path, Scope, roots
from wfnb.machine.sites import Site
from wfnb.model.expression import Expression
from wfnb.model.types import ANY, NONE, Type
from wfnb.model.workflow import Choice, Fork, Join, Start, Wait

_MOST_VISITS = 20
"""How often a node is looked at before its facts are given up, which is always safe."""
_MOST_GUARDS = 200
"""How many guards of one node let something be known where they do not hold."""
_MOST_FACTS, _FEWEST_FACTS = 500, 40
"""How many facts an edge carries, in small drawings and in the largest; what is left out is never wrong."""
_ALL_FACTS = 500_000
"""How many facts all edges together carry, if that leaves each the fewest."""


Guards: TypeAlias = Mapping[int, Expression]
"""The guards that can be parsed, by edge."""


@dataclass(frozen=True, slots=True)
class Known:
    """The facts at each node, when it starts, and on each edge, when it has been taken."""

    before: Sequence[Facts]
    on: Mapping[int, Facts]


def known_facts(routes: Ways, scope: Scope, found: Sequence[Site], guards: Guards) -> Known:
    """What is known of terms at each place of a drawing.

    A fact holds until the node that the term is named after gives another value, and is kept while something may still
    read the term.

    Args:
        routes: the drawing.
        scope: what is known everywhere.
        found: the drawing's expressions.
        guards: those that guard edges, by edge.
    """
    drawn = routes.drawn
    before: list[Facts] = [{} for _ in drawn.nodes]
    on: dict[int, Facts] = {}
    if not any(edge.when is not None or edge.trigger for edge in drawn.edges):
        return Known(before, on)
    place = routes.order
    bits, live = _live(routes, place, found)
    most = max(_FEWEST_FACTS, min(_MOST_FACTS, _ALL_FACTS // len(drawn.edges)))
    work = [(place[number], number) for number, node in enumerate(drawn.nodes) if isinstance(node, Start)]
    queued = {number for _, number in work}
    visits = [0] * len(drawn.nodes)
    groups_of = routes.groups_of
    while work:
        _, node = heappop(work)
        queued.discard(node)
        visits[node] += 1
        known = _arriving(routes, node, on) if visits[node] <= _MOST_VISITS else {}
        if visits[node] > 1 and known == before[node]:
            continue
        before[node] = known
        nexts = [group for group in groups_of.get(node, ()) if not visits[group]]
        for edge, facts in _leaving(routes, node, scope.knowing(before[node]), guards).items():
            target = drawn.target[edge]
            kept = _kept(facts, live[target], bits, most)
            if edge not in on or on[edge] != kept:
                on[edge] = kept
                nexts.append(target)
        for to in nexts:
            if to not in queued:
                queued.add(to)
                heappush(work, (place[to], to))
    return Known(before, on)


def _kept(facts: Facts, live: int, bits: Mapping[Path, int], most: int) -> Facts:
    """The facts of terms that may still be read, no more than so many."""
    kept = {path: kind for path, kind in facts.items() if live >> bits.get(path[:2], 0) & 1}
    return kept if len(kept) <= most else dict(islice(kept.items(), most))


def _live(routes: Ways, place: Sequence[int], found: Sequence[Site]) -> tuple[dict[Path, int], list[int]]:
    """The terms that may still be read, as bits by node: when it starts, or further on; and the bit of each term.

    Bit 0 is of no term.
    """
    drawn = routes.drawn
    bits: dict[Path, int] = {}
    live = [0] * len(drawn.nodes)
    for site in found:
        for path in roots(site.expression):
            bit = bits.setdefault(path, len(bits) + 1)
            live[site.node] |= 1 << bit
    own = [1 << bits["values", node.id] if ("values", node.id) in bits else 0 for node in drawn.nodes]
    _spread(routes, place, live, own)
    return bits, live


def _spread(routes: Ways, place: Sequence[int], live: list[int], own: Sequence[int]) -> None:
    """Add what is read further on, from the last nodes back to the first.

    What a node of a cycle reads may be read after any other of them; that a value is given anew in between, and older
    facts of it are of no use, is looked at outside of cycles only.
    """
    drawn, successors = routes.drawn, routes.successors
    nodes = sorted((node for node in range(len(successors)) if place[node] >= 0), key=place.__getitem__, reverse=True)
    together: dict[int, Sequence[int]] = {}
    for cycle in cycles(successors):
        together.update(dict.fromkeys(cycle, ()))
        together[min(cycle, key=place.__getitem__)] = cycle  # all that follows the cycle comes after this one
    for node in nodes:
        these = together.get(node, (node,))
        after = 0
        for member in these:
            for target in successors[member]:
                after |= live[target]
        # What follows a node never reads what its value was before, but on the edges by which it is interrupted.
        if own[node] and len(these) == 1 and not any(drawn.edges[edge].trigger for edge in drawn.out[node]):
            after &= ~own[node]
        for member in these:
            after |= live[member]
        for member in these:
            live[member] = after


def guard_scopes(routes: Ways, node: int, scope: Scope, guards: Guards) -> dict[int, Scope]:
    """The scopes in which the guards of a node's edges are evaluated, by edge, given that of the node."""
    drawn = routes.drawn
    found: dict[int, Scope] = {}
    choice = isinstance(drawn.nodes[node], Choice)
    for position, edge in enumerate(drawn.out[node]):
        found[edge] = _triggered(routes, edge, scope)
        if choice and position < _MOST_GUARDS:
            scope = _guarded(guards.get(edge), scope, holds=False)
    return found


def _arriving(routes: Ways, node: int, on: Mapping[int, Facts]) -> Facts:
    drawn = routes.drawn
    come = [on[edge] for edge in drawn.into[node] if edge in on]
    if not come:
        return {}
    kind = drawn.nodes[node]
    if isinstance(kind, Join) and kind.need == "all" and node not in routes.branches:
        together: Facts = {}
        for facts in come:
            together.update(facts)
        return together
    return dict(come[0]) if len(come) == 1 else merged(come)


def _leaving(routes: Ways, node: int, scope: Scope, guards: Guards) -> dict[int, Facts]:
    """The facts on the edges of a node."""
    drawn = routes.drawn
    kind = drawn.nodes[node]
    if gives_value(kind):
        scope = replace(scope, facts=_outlast(kind.id, scope))
    found: dict[int, Facts] = {}
    failed = scope
    for position, edge in enumerate(drawn.out[node]):
        drawing = drawn.edges[edge]
        failing = guards.get(edge) if position < _MOST_GUARDS else None
        if isinstance(kind, Choice):
            found[edge] = dict(_guarded(guards.get(edge), failed, holds=True).facts)
            failed = _guarded(failing, failed, holds=False)
        else:
            after = _triggered(routes, edge, scope)
            if isinstance(kind, Wait):
                brought = after.facts.get(("signal", drawing.on)) if drawing.on is not None else NONE
                if brought is not None:
                    after = after.knowing({("values", kind.id): brought})
            found[edge] = dict(_guarded(guards.get(edge), after, holds=True).facts)
            if isinstance(kind, Fork):
                failed = _guarded(failing, failed, holds=False)
    for edge in drawn.out[node]:
        if drawn.edges[edge].otherwise:
            found[edge] = dict(failed.facts)
    return found


def _triggered(routes: Ways, edge: int, scope: Scope) -> Scope:
    """What a trigger lets know."""
    drawing = routes.drawn.edges[edge]
    if drawing.on is not None:
        return scope.knowing({("signal", drawing.on): _brought(scope, drawing.on)})
    if drawing.error is not None and routes.drawn.source[edge] not in routes.members:
        return scope.knowing({("error", drawing.source): PROBLEM})
    return scope


def _brought(scope: Scope, signal: str) -> Type:
    return scope.signals.get(signal, ANY)


def _outlast(id: str, scope: Scope) -> Facts:
    """The facts that outlast a node which rests: not those of its value; a signal may come again meanwhile."""
    kept: Facts = {}
    for path, known in scope.facts.items():
        if path[0] == "signal":
            if len(path) == 2:
                kept[path] = _brought(scope, path[1])
        elif path[:2] != ("values", id) and (path[0] != "error" or path[1] != id or len(path) == 2):
            kept[path] = known
    return kept


def _guarded(guard: Expression | None, scope: Scope, *, holds: bool) -> Scope:
    return scope if guard is None else narrow(guard, scope, holds=holds)
