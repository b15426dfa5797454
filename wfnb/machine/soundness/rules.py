"""Rules that shrink a core and keep its verdict, applied until none fits.

Each one's docstring says why it keeps the verdict.  Two facts are used again and again.  *More tokens only help*: where
a sequence can be fired, it can be fired with more tokens in the net, unless a second token meets one on the way, which
is a counterexample of its own.  And a *bad* move need not have a future: where it can be fired, the net is unsound.

Sources: fusion of series, parallel and redundant places and transitions: Murata 1989, "Petri nets: properties, analysis
and applications"; the shortcut: Esparza and Hoffmann 2016, "Reduction rules for colored workflow nets"; Desel and
Esparza 1995, "Free Choice Petri Nets".  The conditions for resets, thresholds and idle places are our own.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import chain
from typing import TypeAlias

from wfnb.machine.soundness.alarms import alarms
from wfnb.machine.soundness.core import Core, Move, either, length, then
from wfnb.machine.soundness.shortcuts import follow, shortcut

_Looks: TypeAlias = tuple[frozenset[int], frozenset[int], frozenset[int], frozenset[tuple[int, int]], int, str | None]

DEAR = 8
"""A shortcut that makes more moves than this is put off."""


def reduce(core: Core) -> None:
    """Shrink a core as far as the rules go."""
    _settle(core)
    while not core.plain:  # what forbade a shortcut somewhere may be gone
        before = len(core.moves)
        core.look_again(range(core.origin))
        core.stale_moves.update(core.moves)
        _settle(core)
        if len(core.moves) == before:
            return


def _settle(core: Core) -> None:
    known: dict[_Looks, Move] = {}
    between: dict[tuple[Move, Move], int] = {}
    dear: list[tuple[int, int]] = []
    """Places where a shortcut would cost much, the cheapest first: mostly it costs less when all others are done."""
    put_off: set[int] = set()
    """The same places."""
    while core.stale_moves or core.stale_places or dear:
        if core.stale_moves:
            move, _ = core.stale_moves.popitem()
            _ = _count(core, move) or _same(core, move) or _twin(core, move, known)
        elif core.stale_places:
            place, _ = core.stale_places.popitem()
            if place == core.origin:
                continue
            if not core.makers[place]:
                _empty(core, place)
            elif not (_stuck(core, place) or _held(core, place)):
                _pair(core, place, between)
                if not core.plain:
                    alarms(core, place)
                if (cost := _cost(core, place)) > DEAR:
                    if place not in put_off:
                        put_off.add(place)
                        heappush(dear, (cost, place))
                else:
                    shortcut(core, place)
                    follow(core, place)
        else:
            cost, place = heappop(dear)
            if (now := _cost(core, place)) > 2 * cost:
                heappush(dear, (now, place))
                continue
            put_off.discard(place)
            shortcut(core, place)
            follow(core, place)


def _cost(core: Core, place: int) -> int:
    """How many moves a shortcut makes."""
    return len(core.makers[place]) * len(core.takers[place])


def _count(core: Core, move: Move) -> bool:
    """A threshold that can not be reached, that is always reached, or that some place is needed for.

    A place that is needed is one the move takes from; it gives the token back unless it empties the place.  (A place
    that it would put a second token into is left as it is.)
    """
    if not move.least:
        return False
    total = sum(move.some.values())
    if total < move.least:
        core.remove(move)
        return True
    for place, weight in list(move.some.items()):
        if place in move.pre or (total - weight < move.least and (place not in move.post or place in move.resets)):
            _read(core, move, place)
            move.least -= weight
            total -= weight
    if move.least <= 0:
        for place in move.some:
            del core.watchers[place][move]
        core.look_again(move.some)
        move.some, move.least = {}, 0
    return False


def _read(core: Core, move: Move, place: int) -> None:
    """Let a move take from a place instead of counting it, and give back what it does not empty."""
    del core.watchers[place][move], move.some[place]
    if place not in move.pre:
        move.pre.add(place)
        core.takers[place][move] = None
        if place in move.resets:
            move.resets.discard(place)
            del core.wipers[place][move]
        else:
            move.post.add(place)
            core.makers[place][move] = None
    core.look_again(move.pre)


def _same(core: Core, move: Move) -> bool:
    """A move that gives back all it takes.

    If it does nothing else, it changes no marking: delete it.  If it also marks something, and neither its own resets
    nor the loss of what it counts keeps it from being fired again, then its second firing puts a second token there.
    """
    if move.fault or not move.pre <= move.post:
        return False
    if not move.resets and not move.outlets and len(move.pre) == len(move.post):
        core.remove(move)
        return True
    if move.resets.isdisjoint(move.some) and (move.outlets or not move.post <= move.pre | move.resets):
        core.spoil(move, "unsafe", then(move.term, move.term), min(move.outlets, default=-1))
        return True
    return False


def _twin(core: Core, move: Move, known: dict[_Looks, Move]) -> bool:
    """Two moves with equal effect on the core: one move that may mark the outlets of either."""
    for place in move.pre:
        if len(core.takers[place]) == 1:
            return False
    looks = _looks(move)
    twin = known.get(looks)
    if twin is None or twin is move or twin not in core.moves or _looks(twin) != looks:
        known[looks] = move
        return False
    twin.outlets |= move.outlets
    twin.silent = twin.silent or move.silent
    if not move.fault:
        twin.term = either(twin.term, move.term)
    elif length(move.term) < length(twin.term):
        twin.term, twin.doubled = move.term, move.doubled
    core.remove(move)
    return True


def _looks(move: Move) -> _Looks:
    return (
        frozenset(move.pre),
        frozenset(move.post),
        frozenset(move.resets),
        frozenset(move.some.items()),
        move.least,
        move.fault,
    )


def _empty(core: Core, place: int) -> None:
    """A place that nothing marks: its takers are never enabled, resets of it do nothing, and it never counts."""
    for move in list(core.takers[place]):
        core.remove(move)
    core.drop(place)


def _stuck(core: Core, place: int) -> bool:
    """A place that nothing takes from or empties, and that may not be marked at the end: who marks it is bad."""
    if core.takers[place] or core.wipers[place] or place in core.idle:
        return False
    for move in list(core.makers[place]):
        core.spoil(move, "stuck", move.term)
    core.drop(place)
    return True


def _held(core: Core, place: int) -> bool:
    """An idle place that the beginning marks, and everyone who takes from it or empties it, is always marked.

    It never keeps a move from firing.  A maker that does not take from it puts a second token there.
    """
    if place not in core.idle or place in core.sinks:
        return False
    if any(place not in move.post for index in (core.takers, core.wipers) for move in index[place]):
        return False
    begins = core.takers[core.origin]
    if not begins or any(place not in move.post for move in begins):
        return False
    for move in list(core.makers[place]):
        if not (place in move.pre or place in move.resets or core.origin in move.pre):
            core.spoil(move, "unsafe", move.term)
    for move in core.watchers[place]:
        move.least -= move.some[place]
    core.drop(place)
    return True


def _pair(core: Core, place: int, between: dict[tuple[Move, Move], int]) -> None:
    """Two places with equal makers, and equal takers and wipers together, are always marked together: keep one.

    Who takes from either takes from the one that is kept, because both must be marked then; who counts both counts the
    one for two.  `between` knows the last place seen with a single maker and a single taker.
    """
    makers, takers, wipers = core.makers[place], core.takers[place], core.wipers[place]
    if place in core.sinks:
        return
    maker = next(iter(makers))
    if len(makers) == 1 and len(takers) == 1 and not wipers:
        taker = next(iter(takers))
        other = between.get((maker, taker), place)
        between[maker, taker] = place
        others: Iterable[int] = (other,)
    elif removers := takers or wipers:
        remover = next(iter(removers))
        others = chain(remover.pre, remover.resets)
        if len(maker.post) < len(remover.pre):  # both know the other place: go through the fewer
            others = maker.post
    else:
        return
    for other in others:
        if other != place and other in maker.post and _together(core, place, other):
            _keep_one(core, other, place)
            return


def _together(core: Core, place: int, other: int) -> bool:
    """Whether two places are always marked together."""
    return (
        core.makers[other] == core.makers[place]
        and other not in core.sinks
        and core.watchers[other] == core.watchers[place]
        and (core.takers[other] | core.wipers[other]) == (core.takers[place] | core.wipers[place])
    )


def _keep_one(core: Core, place: int, other: int) -> None:
    """Drop `place`, which is always marked when `other` is."""
    for move in core.watchers[place]:
        move.some[other] += move.some[place]
    for move in core.takers[place]:
        if other in move.resets and other not in move.pre:
            move.pre.add(other)
            core.takers[other][move] = None
        if other in move.resets:
            move.resets.discard(other)
            del core.wipers[other][move]
    for move in list(core.takers[other]):
        if other in move.resets:
            move.resets.discard(other)
            del core.wipers[other][move]
    if place not in core.idle:
        core.idle -= {other}
    core.drop(place)
    core.look_again((other,))
