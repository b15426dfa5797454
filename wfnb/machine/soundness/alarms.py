"""Rules for moves that cancel: where each place of a region has one with the same effect, most of them are spare.

An interrupted group has a transition for every place in it at which a run may be at that time.  With these, nothing
inside can be fused, and all ways in which its branches can be at work would have to be searched.
"""

from __future__ import annotations

from collections.abc import Iterator

from wfnb.machine.soundness.core import Core, Move


def alarms(core: Core, place: int) -> None:
    """Delete what cancels from a place, if something else that cancels has the same effect when it could be fired."""
    for r in list(core.takers[place]):
        if not r.resets or len(r.pre) > 1 or r.fault or r.some:
            continue
        if _detour(core, place, r) or any(_spare(core, place, r, other) for other in _beside(core, place)):
            core.remove(r)


def _wipes(move: Move, place: int) -> bool:
    """Whether a place is empty before a move puts its tokens."""
    return place in move.pre or place in move.resets


def _alike(one: Move, other: Move) -> bool:
    """Whether two moves that cancel leave the same marking of any in which both can be fired."""
    return (
        other is not one
        and len(other.pre) == 1
        and not other.fault
        and not other.some
        and one.post == other.post
        and one.outlets == other.outlets
        and one.silent == other.silent
        and abs(len(one.resets) - len(other.resets)) < 2
        and one.resets | one.pre == other.resets | other.pre
    )


def _goes_on(core: Core, place: int) -> Iterator[Move]:
    """The moves that only take from this place, and mark others."""
    for t in core.takers[place]:
        if len(t.pre) == 1 and t.post and not (t.resets or t.some or t.outlets or t.fault):
            yield t


def _detour(core: Core, place: int, r: Move) -> bool:
    """Whether some t leads on to a place from which another move cancels alike, and all that t marks is wiped.

    Then t and that move leave the marking that r leaves.
    """
    return any(
        all(_wipes(r, x) for x in t.post) and any(_alike(r, other) for x in t.post for other in core.takers[x])
        for t in _goes_on(core, place)
    )


def _beside(core: Core, place: int) -> list[int]:
    """The places that are marked whenever this one is, by the same moves."""
    makers = core.makers[place]
    if not makers:
        return []
    return [p for p in next(iter(makers)).post if p != place and core.makers[p] == makers]


def _spare(core: Core, place: int, r: Move, other: int) -> bool:
    """Whether the other place has a move that cancels alike, which could have been fired instead of r.

    Both were marked at once.  The place is still marked when r is fired.  If the other one is too, its move can be
    fired.  If not, it was left by some t that only marked a place b; whoever empties either empties this place too.
    And b is still marked: who takes from it needs a place that this one leads to, in which this one could then put a
    second token.  So leave out t, and cancel from the other place: b would be wiped anyway.  From a marking in which t
    has been fired already, go on from this place instead of firing r.
    """
    if core.watchers[other] or not any(_alike(r, one) for one in core.takers[other]):
        return False
    ahead = {p for t in _goes_on(core, place) for p in t.post}
    if not ahead or not _wipes(r, other) or not all(_wipes(w, place) for w in core.wipers[other]):
        return False
    going = set(_goes_on(core, other))
    for v in core.takers[other]:
        if _wipes(v, place):
            continue
        if v not in going or len(v.post) != 1:
            return False
        (b,) = v.post
        if not _wipes(r, b) or b in core.sinks or core.watchers[b]:
            return False
        if any(w.pre.isdisjoint(ahead) for w in core.takers[b]) or not all(_wipes(w, place) for w in core.wipers[b]):
            return False
    return True
