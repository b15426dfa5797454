"""What guards, signals and errors let know further on: facts about terms, carried along the edges of a drawing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from wfnb.errors import ExpressionError
from wfnb.machine.dataflow.must import Ways, gives_value
from wfnb.machine.inference.expression import narrow
from wfnb.machine.inference.narrowing import Facts, merged
from wfnb.machine.inference.scope import PROBLEM, Scope
from wfnb.model.expression import parse
from wfnb.model.types import ANY, NONE, Type
from wfnb.model.workflow import Choice, Fork, Join, Start, Wait

_MOST_VISITS = 20
"""How often a node is looked at before its facts are given up, which is always safe."""


@dataclass(frozen=True, slots=True)
class Known:
    """The facts at each node, when it starts, and on each edge, when it has been taken."""

    before: Sequence[Facts]
    on: Mapping[int, Facts]


def known_facts(routes: Ways, scope: Scope) -> Known:
    """What is known of terms at each place of a drawing.

    A fact holds until the node that the term is named after gives another value.
    """
    drawn = routes.drawn
    before: list[Facts] = [{} for _ in drawn.nodes]
    on: dict[int, Facts] = {}
    if not any(edge.when is not None or edge.trigger for edge in drawn.edges):
        return Known(before, on)
    place = routes.order()
    work = [(place[number], number) for number, node in enumerate(drawn.nodes) if isinstance(node, Start)]
    queued = {number for _, number in work}
    visits = [0] * len(drawn.nodes)
    while work:
        _, node = heappop(work)
        queued.discard(node)
        visits[node] += 1
        before[node] = _arriving(routes, node, on) if visits[node] <= _MOST_VISITS else {}
        for edge, facts in _leaving(routes, node, scope.knowing(before[node])).items():
            if edge not in on or on[edge] != facts:
                on[edge] = facts
                target = drawn.target[edge]
                if target not in queued:
                    queued.add(target)
                    heappush(work, (place[target], target))
        for group in (group for group, inside in routes.insides.items() if node in inside and not visits[group]):
            if group not in queued:
                queued.add(group)
                heappush(work, (place[group], group))
    return Known(before, on)


def guard_scope(routes: Ways, edge: int, scope: Scope) -> Scope:
    """The scope in which the guard of an edge is evaluated, given that of its source."""
    drawn = routes.drawn
    node = drawn.source[edge]
    if isinstance(drawn.nodes[node], Choice):
        for earlier in drawn.out[node]:
            if earlier == edge:
                break
            scope = _guarded(drawn.edges[earlier].when, scope, holds=False)
    return _triggered(routes, edge, scope)


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


def _leaving(routes: Ways, node: int, scope: Scope) -> dict[int, Facts]:
    """The facts on the edges of a node."""
    drawn = routes.drawn
    kind = drawn.nodes[node]
    if gives_value(kind):
        scope = replace(scope, facts=_outlast(kind.id, scope))
    found: dict[int, Facts] = {}
    failed = scope
    for edge in drawn.out[node]:
        drawing = drawn.edges[edge]
        if isinstance(kind, Choice):
            found[edge] = dict(_guarded(drawing.when, failed, holds=True).facts)
            failed = _guarded(drawing.when, failed, holds=False)
        else:
            after = _triggered(routes, edge, scope)
            if isinstance(kind, Wait):
                brought = after.facts.get(("signal", drawing.on)) if drawing.on is not None else NONE
                if brought is not None:
                    after = after.knowing({("values", kind.id): brought})
            found[edge] = dict(_guarded(drawing.when, after, holds=True).facts)
            if isinstance(kind, Fork):
                failed = _guarded(drawing.when, failed, holds=False)
    for edge in drawn.out[node]:
        if drawn.edges[edge].otherwise:
            found[edge] = dict(failed.facts)
    return found


def _triggered(routes: Ways, edge: int, scope: Scope) -> Scope:
    """What a trigger lets know."""
    drawing = routes.drawn.edges[edge]
    if drawing.on is not None:
        return scope.knowing({("signal", drawing.on): _brought(scope, drawing.on)})
    if drawing.error is not None and routes.drawn.source[edge] not in routes.insides:
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


def _guarded(guard: str | None, scope: Scope, *, holds: bool) -> Scope:
    if guard is None:
        return scope
    try:
        parse(guard)
    except ExpressionError:
        return scope
    return narrow(guard, scope, holds=holds)
