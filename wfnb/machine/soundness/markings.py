"""Breadth first through the markings of the net itself, without any reduction: what is found first is shortest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wfnb.machine.soundness.game import Game, bits


@dataclass(frozen=True, slots=True)
class Shortest:
    """What a breadth-first search found.

    Attributes:
        kind: of the counterexample; None if there is none, or none was found.
        trace: the transitions fired, for `unsafe` the one that puts the second token included.
        complete: whether every marking was seen that had to be.
        states: how many were.
    """

    kind: Literal["unsafe", "deadlock", "livelock"] | None
    trace: tuple[int, ...]
    complete: bool
    states: int


def shortest(game: Game, most: int, longest: int | None = None) -> Shortest:
    """The shortest counterexample: a second token, or a dead marking; if there is neither, a livelock.

    Args:
        game: the net.
        most: how many markings to see before giving up; some more may be seen, up to the same distance.
        longest: it must have fewer firings.  So it is given up as well where `most` markings would not do, if there
            were no fewer of them at each further distance than at the one that was reached.
    """
    if most <= 0:
        return Shortest(None, (), False, 0)
    came: dict[int, tuple[int, int]] = {game.begin: (0, -1)}
    level = [(game.begin, game.enabled(game.begin))]
    looked: list[tuple[int, int]] = []
    post, kept, after = game.post, game.kept, game.enabled_after
    far = 0
    while level:
        if longest is not None and (far >= longest or len(came) + (longest - far - 1) * len(level) > most):
            return Shortest(None, (), False, len(came))
        far += 1
        below: list[tuple[int, int]] = []
        unsafe: tuple[int, int] | None = None
        for marking, enabled in level:
            if not enabled and not game.ended(marking):
                return Shortest("deadlock", _trace(came, marking), True, len(came))
            rest = enabled
            while rest:
                low = rest & -rest
                rest ^= low
                t = low.bit_length() - 1
                left = marking & kept[t]
                if left & post[t]:
                    unsafe = unsafe or (marking, t)
                    continue
                left |= post[t]
                if left not in came:
                    came[left] = (marking, t)
                    below.append((left, after(left, t, enabled)))
        if unsafe:
            return Shortest("unsafe", (*_trace(came, unsafe[0]), unsafe[1]), True, len(came))
        if len(came) > most:
            return Shortest(None, (), False, len(came))
        looked += level
        level = below
    endless = _endless(game, came, looked)
    return Shortest(None if endless is None else "livelock", endless or (), True, len(came))


def _trace(came: dict[int, tuple[int, int]], marking: int) -> tuple[int, ...]:
    found = []
    while (step := came[marking])[1] >= 0:
        found.append(step[1])
        marking = step[0]
    return tuple(reversed(found))


@dataclass(frozen=True, slots=True)
class Explored:
    """The markings of a net, up to a bound.

    Attributes:
        complete: whether these are all.
        states: how many there are.
        fired: transitions that can fire.
        dead: the shortest way to a dead marking that is no ending; None if there is none.
        left: the shortest way to such a one with a sink marked.
        twice: the shortest way to a second token in a sink, and which.
        endless: the shortest way to a marking from which no ending can be reached; known only if `complete`.
    """

    complete: bool
    states: int
    fired: frozenset[int]
    dead: tuple[int, ...] | None
    left: tuple[int, ...] | None
    twice: tuple[tuple[int, ...], int] | None
    endless: tuple[int, ...] | None


def explored(game: Game, most: int) -> Explored:
    """Look at up to about `most` markings; nothing is fired after a second token."""
    came: dict[int, tuple[int, int]] = {game.begin: (0, -1)}
    frontier = [(game.begin, game.enabled(game.begin))]
    fired = 0
    dead = left = twice = None
    for marking, enabled in frontier:
        fired |= enabled
        if not enabled and not game.ended(marking):
            dead = _trace(came, marking) if dead is None else dead
            if left is None and marking & game.sinks:
                left = _trace(came, marking)
        for t in bits(enabled):
            kept = marking & game.kept[t]
            doubled = kept & game.post[t]
            if doubled:
                if twice is None and doubled & game.sinks:
                    twice = (*_trace(came, marking), t), next(bits(doubled & game.sinks))
            elif (after := kept | game.post[t]) not in came:
                came[after] = (marking, t)
                frontier.append((after, game.enabled_after(after, t, enabled)))
        if len(came) > most:
            break
    complete = len(came) <= most
    endless = _endless(game, came, frontier) if complete else None
    return Explored(complete, len(came), frozenset(bits(fired)), dead, left, twice, endless)


def _endless(game: Game, came: dict[int, tuple[int, int]], looked: list[tuple[int, int]]) -> tuple[int, ...] | None:
    """The way to the first of all markings, in order of distance, from which no ending is reached.

    Args:
        game: the net.
        came: every marking, and how it was reached first.
        looked: every marking with what is enabled there.
    """
    before: dict[int, list[int]] = {marking: [] for marking in came}
    for marking, enabled in looked:
        for t in bits(enabled):
            kept = marking & game.kept[t]
            if not kept & game.post[t]:
                before[kept | game.post[t]].append(marking)
    good = {marking for marking in came if game.ended(marking)}
    frontier = list(good)
    while frontier:
        for marking in before[frontier.pop()]:
            if marking not in good:
                good.add(marking)
                frontier.append(marking)
    return next((_trace(came, marking) for marking in came if marking not in good), None)
