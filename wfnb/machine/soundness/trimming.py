"""Counterexamples without what they do not need: firings are left out for as long as what is left is one.

Zeller and Hildebrandt 2002, "Simplifying and isolating failure-inducing input": large parts first, then smaller ones.
"""

from __future__ import annotations

from collections.abc import Sequence

from wfnb.machine.soundness.game import Game

FIRINGS = 12_000
"""How many firings to try: about five milliseconds."""


def trimmed(game: Game, trace: Sequence[int]) -> tuple[int, ...]:
    """A counterexample, mostly shorter, that has no transition that the other does not have.

    Args:
        game: the net.
        trace: leads to a second token in a place or to a dead marking that is no ending.
    """
    found = tuple(trace)
    left = FIRINGS
    size = max(1, len(found) // 2)
    while left > 0:
        at, before = len(found) - size, len(found)
        while at > -size and left > 0:
            without = (*found[: max(at, 0)], *found[at + size :])
            left -= len(without)
            shorter = _what_fires(game, without)
            if shorter is not None and len(shorter) < len(found):
                found = shorter
            at = min(at - size, len(found) - size)
        if size == 1 and len(found) == before:
            break
        size = max(1, min(size // 2, len(found) // 2))
    return found


def _what_fires(game: Game, trace: Sequence[int]) -> tuple[int, ...] | None:
    """Those of these transitions that can be fired, in their order; None if that is no counterexample."""
    pre, post, kept, can_fire, counting = game.pre, game.post, game.kept, game.can_fire, game.counting
    marking, done = game.begin, []
    for t in trace:
        if marking & pre[t] != pre[t] or (counting and not can_fire(marking, t)):
            continue
        done.append(t)
        left = marking & kept[t]
        if left & post[t]:
            return tuple(done)
        marking = left | post[t]
    dead = not game.ended(marking) and not any(can_fire(marking, t) for t in range(len(pre)))
    return tuple(done) if dead else None
