"""Counterexamples on the net itself: what a path of the core stands for, played, led to its end, and made short."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from wfnb.machine.net import Net, Unsafe
from wfnb.machine.soundness.core import Core, Term, Then
from wfnb.machine.soundness.game import Game, mask, walk
from wfnb.machine.soundness.markings import shortest
from wfnb.machine.soundness.search import Found, search
from wfnb.machine.soundness.trimming import trimmed
from wfnb.machine.soundness.unfolding import Unfolding

Kind: TypeAlias = Literal["unsafe", "deadlock", "livelock", "initial"]
"""How a counterexample ends: a second token, a dead marking, no way to an ending; or nothing needs to be fired."""


EVENTS = 500
"""How many events to look at for the shortest way to a second token."""
WALKS = 8
"""How often to play on at random, so to say, from a marking that leads to no ending."""
BEYOND = 2_000
"""How many markings to look at from there for a dead one or a second token."""


@dataclass(frozen=True, slots=True)
class Witness:
    """A counterexample.

    Attributes:
        kind: what it ends in.
        trace: numbers of the transitions fired; for `unsafe`, the last one puts a second token into `place`.
        marking: the marked places after it; for `unsafe`, before the last one.
        place: which gets a second token, else None.
    """

    kind: Kind
    trace: tuple[int, ...]
    marking: frozenset[int]
    place: int | None = None


def witness(net: Net, game: Game, found: Found, *, markings: int) -> Witness:
    """The shortest counterexample if it is near, else what a refuting search found.

    Args:
        net: the net.
        game: the same in bits.
        found: what was found in its core.
        markings: how many to look at for the shortest one.
    """
    far = played(net, expanded(net, found))
    if markings and far.kind != "livelock":
        far = played(net, trimmed(game, far.trace))
    near = shortest(game, markings, None if far.kind == "livelock" else len(far.trace))
    if near.kind:
        return played(net, near.trace, near.kind)
    far = _led_on(net, game, far)
    if markings and not any(t.resets or t.least > 0 for t in net.transitions):
        trace = Unfolding(net).shortest(len(far.trace), EVENTS)
        if trace is not None:
            return played(net, trace)
    return far


def played(net: Net, trace: tuple[int, ...], kind: Kind = "livelock") -> Witness:
    """A firing sequence on the net, up to the second token in a place if there is one.

    Args:
        net: the net.
        trace: what is fired.
        kind: what it is known to end in, if that is neither a second token nor a dead marking.
    """
    marking = net.initial
    for step, number in enumerate(trace):
        try:
            marking = net.fire(marking, number)
        except Unsafe as unsafe:
            return Witness("unsafe", trace[: step + 1], marking, unsafe.place)
    if kind == "livelock" and next(net.enabled(marking), None) is None:
        kind = "deadlock"
    return Witness(kind, trace, marking)


def expanded(net: Net, found: Found) -> tuple[int, ...]:
    """The firing sequence that the path of a search stands for.

    Where a term leaves a choice, the shorter side; for an outlet that is to be marked twice, the side that marks it,
    and for an ending without a sink, the side that marks none.
    """
    transitions, sinks = net.transitions, net.sinks

    def cost(number: int) -> int:
        if number < 0:
            return 0
        if found.outlet >= 0:
            return -(found.outlet in transitions[number].post)
        return int(found.fault == "dead" and not sinks.isdisjoint(transitions[number].post))

    trace: list[int] = []
    for move in found.path:
        trace.extend(number for number in _leaves(move.term, cost) if number >= 0)
    return tuple(trace)


def _leaves(term: Term, cost: Callable[[int], int]) -> list[int]:
    """The leaves of a term in order, with the cheapest alternatives, the shorter ones among equals."""
    price: dict[int, tuple[int, int]] = {}
    stack = [term]
    while stack:
        top = stack[-1]
        if isinstance(top, int):
            price[id(top)] = (cost(top), int(top >= 0))
            stack.pop()
            continue
        parts = (top.first, top.second) if isinstance(top, Then) else (top.one, top.other)
        missing = [part for part in parts if id(part) not in price]
        if missing:
            stack.extend(missing)
            continue
        one, other = (price[id(part)] for part in parts)
        price[id(top)] = (one[0] + other[0], one[1] + other[1]) if isinstance(top, Then) else min(one, other)
        stack.pop()
    leaves: list[int] = []
    stack = [term]
    while stack:
        top = stack.pop()
        if isinstance(top, int):
            leaves.append(top)
        elif isinstance(top, Then):
            stack += (top.second, top.first)
        else:
            stack.append(top.one if price[id(top.one)] <= price[id(top.other)] else top.other)
    return leaves


def _led_on(net: Net, game: Game, found: Witness) -> Witness:
    """From a marking that leads to no ending on to a dead one or to a second token, if there is one."""
    if found.kind != "livelock":
        return found
    often = [0] * len(net.transitions)
    for _ in range(WALKS):
        trace, _, over = walk(game, mask(found.marking), often, 4 * len(net.transitions))
        if over:
            return played(net, found.trace + trace)
    further = search(Core(net, whole=True), BEYOND, found.marking)
    if further.verdict != "refuted" or further.fault == "endless":
        return found
    more = tuple(move.term for move in further.path if isinstance(move.term, int))
    return played(net, found.trace + more)
