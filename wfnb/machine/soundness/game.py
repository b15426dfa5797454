"""The token game on the net itself, in bits: for the shortest counterexample, without any reduction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from wfnb.machine.net import Net


class Game:
    """A net in bits: place p is bit p, transition t is bit t of a mask of transitions.

    Attributes:
        pre, post: what each transition takes and puts.
        kept: what each leaves of a marking.
        near: the transitions that a firing of each may enable or disable.
        begin: the initial marking.
    """

    def __init__(self, net: Net) -> None:
        self.net = net
        transitions = net.transitions
        self.pre = [mask(t.pre) for t in transitions]
        self.post = [mask(t.post) for t in transitions]
        wiped = {resets: mask(resets) for resets in {t.resets for t in transitions}}
        self.kept = [~(pre | wiped[t.resets]) for pre, t in zip(self.pre, transitions, strict=True)]
        self.some = [(mask(t.some), t.least) for t in transitions]
        self.begin = mask(net.initial)
        self.sinks = mask(net.sinks)
        self.unended = ~mask(net.sinks | net.idle)
        self.counting = any(t.least for t in transitions)
        lookers = [0] * len(net.places)
        for number, t in enumerate(transitions):
            for place in (*t.pre, *t.some):
                lookers[place] |= 1 << number
        beside = {resets: _any(lookers, resets) for resets in wiped}
        self.near: list[tuple[int, ...]] = []
        self.clear: list[int] = []
        known: dict[int, tuple[int, ...]] = {}
        for t in transitions:
            near = beside[t.resets] | _any(lookers, t.pre) | _any(lookers, t.post)
            if near not in known:
                known[near] = tuple(bits(near))
            self.near.append(known[near])
            self.clear.append(~near)

    def can_fire(self, marking: int, transition: int) -> bool:
        """Whether a transition is enabled."""
        pre = self.pre[transition]
        some, least = self.some[transition]
        return marking & pre == pre and (not least or (marking & some).bit_count() >= least)

    def enabled(self, marking: int) -> int:
        """The enabled transitions, as a mask."""
        return mask(t for t in range(len(self.pre)) if self.can_fire(marking, t))

    def enabled_after(self, marking: int, transition: int, enabled: int) -> int:
        """The enabled transitions in the marking that a firing led to, from those before it."""
        enabled &= self.clear[transition]
        if self.counting:
            for t in self.near[transition]:
                if self.can_fire(marking, t):
                    enabled |= 1 << t
        else:
            pre = self.pre
            for t in self.near[transition]:
                if marking & pre[t] == pre[t]:
                    enabled |= 1 << t
        return enabled

    def ended(self, marking: int) -> bool:
        """Whether everything has ended."""
        return not marking & self.unended and bool(marking & self.sinks)


def walk(game: Game, marking: int, often: list[int], most: int) -> tuple[tuple[int, ...], int, bool]:
    """Play on from a marking, each time what was fired least often.

    Args:
        game: the net.
        marking: where to begin.
        often: how often each transition was fired so far; counted on.
        most: after how many firings to stop.

    Returns:
        What was fired, all that was enabled on the way as a mask, and whether it came to a second token in a place, or
        to a dead marking that is no ending.
    """
    enabled = game.enabled(marking)
    seen = enabled
    trace: list[int] = []
    while enabled and len(trace) < most:
        t = min(bits(enabled), key=often.__getitem__)
        often[t] += 1
        trace.append(t)
        kept = marking & game.kept[t]
        if kept & game.post[t]:
            return tuple(trace), seen, True
        marking = kept | game.post[t]
        enabled = game.enabled_after(marking, t, enabled)
        seen |= enabled
    return tuple(trace), seen, not enabled and not game.ended(marking)


def _any(masks: Sequence[int], places: Iterable[int]) -> int:
    found = 0
    for place in places:
        found |= masks[place]
    return found


def mask(numbers: Iterable[int]) -> int:
    """Numbers as bits."""
    found = 0
    for number in numbers:
        found |= 1 << number
    return found


def bits(found: int) -> Iterator[int]:
    """The numbers in a mask, ascending."""
    while found:
        low = found & -found
        yield low.bit_length() - 1
        found ^= low
