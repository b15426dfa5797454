"""What has happened on every path: a forward analysis of the drawing, with bits for values and activities.

Bits only ever get lost on the way to the fixpoint, which is the greatest one (Kildall 1973, "A unified approach to
global program optimization").  Nodes are visited in reverse postorder, so a drawing without loops takes one round.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

from wfnb.machine.dataflow.ways import Ways, completes
from wfnb.model.workflow import Group, Join, Start


@dataclass(frozen=True, slots=True)
class Must:
    """What is sure where a token is.

    Attributes:
        before: by node, the bits that are sure when it starts.
        on: by edge, the bits that are sure when it is taken.
    """

    before: tuple[int, ...]
    on: tuple[int, ...]


def must(routes: Ways, gives: Sequence[int], proves: Mapping[int, int]) -> Must:
    """What is sure at each node and edge.

    Args:
        routes: the drawing.
        gives: by node, the bits that its completion sets.
        proves: the bits that are sure wherever an edge is taken, by edge, because its guard says so.
    """
    drawn = routes.drawn
    everything = 0
    for bits in gives:
        everything |= bits
    on = [everything] * len(drawn.edges)
    before = [everything] * len(drawn.nodes)
    place, groups_of = routes.order, routes.groups_of
    work = [(place[number], number) for number, node in enumerate(drawn.nodes) if isinstance(node, Start)]
    queued = {number for _, number in work}
    met = set(queued)
    plain = [not isinstance(node, Join | Group | Start) for node in drawn.nodes]
    while work:
        _, node = heappop(work)
        queued.discard(node)
        if plain[node]:
            sure = everything
            for edge in drawn.into[node]:
                sure &= on[edge]
        else:
            sure = _arriving(routes, node, on, before, everything)
        if node in routes.members and sure != before[node]:
            _again(groups_of.get(node, ()), place, queued, work)
        before[node] = sure
        done = sure | gives[node]
        for edge in drawn.out[node]:
            after = done if completes(drawn.nodes[node], drawn.edges[edge]) else sure
            after |= proves.get(edge, 0)
            target = drawn.target[edge]
            if after != on[edge] or target not in met:
                on[edge] = after
                met.add(target)
                _again((target, *groups_of.get(target, ())), place, queued, work)
    return Must(tuple(before), tuple(on))


def _again(nodes: Iterable[int], place: Sequence[int], queued: set[int], work: list[tuple[int, int]]) -> None:
    for node in nodes:
        if node not in queued:
            queued.add(node)
            heappush(work, (place[node], node))


def _arriving(routes: Ways, node: int, on: Sequence[int], before: Sequence[int], everything: int) -> int:
    drawn = routes.drawn
    kind = drawn.nodes[node]
    if isinstance(kind, Start):
        return 0
    if isinstance(kind, Group):
        sure = everything
        for member in routes.members[node]:
            for edge in drawn.into[member]:
                sure &= on[edge]
            if member in routes.members:
                sure &= before[member]
        return sure
    into = [on[edge] for edge in drawn.into[node]]
    assert isinstance(kind, Join)
    need = len(into) if kind.need == "all" else 1 if kind.need == "any" else min(kind.need, len(into))
    if node in routes.branches:
        sure = at_least(into, len(into), everything)
        for edge in routes.branches[node]:
            sure |= on[edge]
        return sure
    if need == len(into):
        sure = 0
        for bits in into:
            sure |= bits
        return sure
    return at_least(into, len(into) - need + 1, everything)


def at_least(masks: Sequence[int], count: int, everything: int) -> int:
    """The bits that are in at least so many masks.

    Each bit is counted in binary, all of them at once: `digits[i]` has digit i of every count.
    """
    digits: list[int] = []
    for bits in masks:
        carry = bits
        for place, digit in enumerate(digits):
            digits[place], carry = digit ^ carry, digit & carry
            if not carry:
                break
        if carry:
            digits.append(carry)
    if count >> len(digits):
        return 0
    enough = everything  # so far equal; the higher a digit is, the more it decides
    for place, digit in enumerate(digits):
        enough = enough & digit if count >> place & 1 else enough | digit
    return enough
