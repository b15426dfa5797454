"""All markings of a net in which tokens rest, breadth first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from wfnb.machine.prompt.turns import Step, Turns
from wfnb.machine.soundness.firing import away
from wfnb.machine.soundness.game import bits, mask
from wfnb.machine.soundness.markings import Explored

WALKS = 30
"""After so many walks that fired nothing new, no more are made."""
BUDGET = 20_000
"""How many firings all walks together may have."""


@dataclass(frozen=True, slots=True)
class Looked:
    """The markings in which tokens rest, up to a bound.

    Attributes:
        seen: what they show; `endless` is known only if these are all.
        unsafe: a short way to a second token in a place, and which; None if there is none.
    """

    seen: Explored
    unsafe: tuple[tuple[int, ...], int] | None


def looked(turns: Turns, most: int) -> Looked:
    """Look at up to about `most` markings; nothing is fired after a second token."""
    game = turns.game
    came: dict[int, tuple[int, tuple[int, ...]]] = {game.begin: (0, ())}
    before: dict[int, list[int]] = {game.begin: []}
    frontier = [(game.begin, game.enabled(game.begin))]
    fired = 0
    dead = left = twice = unsafe = None
    for marking, enabled in frontier:
        moved = False
        for step in turns.after(marking, enabled):
            moved = True
            fired |= mask(step.fired)
            if step.doubled:
                way = (*_way(came, marking), *step.fired)
                if unsafe is None or len(way) < len(unsafe[0]):
                    unsafe = way, next(bits(step.doubled))
                if step.doubled & game.sinks and (twice is None or len(way) < len(twice[0])):
                    twice = way, next(bits(step.doubled & game.sinks))
                continue
            if step.marking not in came:
                came[step.marking] = (marking, step.fired)
                before[step.marking] = []
                frontier.append((step.marking, _enabled_there(turns, marking, enabled, step)))
            before[step.marking].append(marking)
        if not moved and not game.ended(marking):
            dead = _way(came, marking) if dead is None else dead
            if left is None and marking & game.sinks:
                left = _way(came, marking)
        if len(came) > most:
            break
    complete = len(came) <= most
    endless = _endless(turns, came, before) if complete else None
    return Looked(Explored(complete, len(came), frozenset(bits(fired)), dead, left, twice, endless), unsafe)


def walked(turns: Turns, wanted: Iterable[int]) -> frozenset[int]:
    """Transitions that fire when one plays on from the beginning again and again, each time what fired least often.

    By turns one token goes on as far as it can, so that what others would withdraw comes about, too; what leads to
    something new soonest is fired; what fired least often is.

    Args:
        turns: the net.
        wanted: sets of transitions as masks; no more is played when one of each has fired.
    """
    game, ever = turns.game, [0] * len(turns.meanings)
    often = ever
    missing = [mask for mask in wanted if mask]
    fired, vain = 0, 0
    budget, rounds = BUDGET, 0

    def pick(_node: int, choices: list[int]) -> list[int]:
        return [min(choices, key=often.__getitem__)]

    while missing and vain < WALKS and budget > 0:
        known, marking, enabled, before = fired, game.begin, game.enabled(game.begin), 0
        rounds += 1
        onward = rounds % 3 == 1
        often = away(turns.net, {number for one in missing for number in bits(one)}) if rounds % 3 == 2 else ever
        while enabled & turns.outside and budget > 0:
            fresh = enabled & turns.outside & ~before if onward else 0
            number = min(bits(fresh or enabled & turns.outside), key=often.__getitem__)
            before = enabled
            step = next(iter(turns.settled(marking, number, pick)))
            for one in step.fired:
                often[one] += 1
            fired |= mask(step.fired)
            budget -= len(step.fired)
            if step.doubled:
                break
            enabled = _enabled_there(turns, marking, enabled, step)
            marking = step.marking
        missing = [one for one in missing if not one & fired]
        vain = 0 if fired != known else vain + 1
    return frozenset(bits(fired))


def _enabled_there(turns: Turns, marking: int, enabled: int, step: Step) -> int:
    """What is enabled after a step, from what was before it."""
    game = turns.game
    for number in step.fired:
        marking = marking & game.kept[number] | game.post[number]
        enabled = game.enabled_after(marking, number, enabled)
    return enabled


def _way(came: dict[int, tuple[int, tuple[int, ...]]], marking: int) -> tuple[int, ...]:
    found: list[tuple[int, ...]] = []
    while (step := came[marking])[1]:
        found.append(step[1])
        marking = step[0]
    return tuple(number for part in reversed(found) for number in part)


def _endless(
    turns: Turns, came: dict[int, tuple[int, tuple[int, ...]]], before: dict[int, list[int]]
) -> tuple[int, ...] | None:
    """The way to the first marking from which no ending is reached."""
    good = {marking for marking in came if turns.game.ended(marking)}
    frontier = list(good)
    while frontier:
        for marking in before[frontier.pop()]:
            if marking not in good:
                good.add(marking)
                frontier.append(marking)
    return next((_way(came, marking) for marking in came if marking not in good), None)
