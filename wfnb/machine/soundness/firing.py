"""Which transitions can fire, one by one."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from wfnb.machine.net import Net
from wfnb.machine.soundness.board import Board
from wfnb.machine.soundness.core import Core
from wfnb.machine.soundness.game import Game, bits, walk
from wfnb.machine.soundness.stubborn import Closure

ASKED = 200
"""How many markings are looked at for single transitions of an unsound net, where the answer matters less."""
WALKS = 40
"""After so many walks that fired nothing new, what is left is asked one by one."""

EMPTIES = 20
"""How many further firings a walk towards something rather makes than empty places."""


def fireable(
    net: Net, most: int, *, sound: bool, fired: frozenset[int] = frozenset()
) -> tuple[frozenset[int], frozenset[int]]:
    """Transitions that can fire, and those that never can; what is in neither set is not decided.

    Args:
        net: the net.
        most: how many markings to look at for all questions together.
        sound: whether the net is sound, which settles most of them.
        fired: transitions known to fire.
    """
    possible = _possible(net)
    evidence = _Evidence(net, sound=sound)
    for place in net.initial:
        evidence.marked(place)
    for transition in fired:
        evidence.fires(transition)
    never = set(range(len(net.transitions))) - possible
    if possible - evidence.fired:
        _walk(Game(net), evidence, possible, 10 * most)
    asked = _Questions(net, most if sound else min(most, ASKED)) if possible - evidence.fired else None
    for transition in sorted(possible - evidence.fired):
        assert asked is not None
        if transition not in evidence.fired:
            answer = asked.ever(transition)
            if answer is None:
                break
            if answer:
                evidence.fires(transition)
            else:
                never.add(transition)
    return frozenset(evidence.fired), frozenset(never)


def _possible(net: Net) -> set[int]:
    """Transitions that could fire if no token were ever taken away: the others never can."""
    waiting: list[list[int]] = [[] for _ in net.places]
    missing = [len(t.pre) for t in net.transitions]
    short = [t.least for t in net.transitions]
    counting: list[list[int]] = [[] for _ in net.places]
    for number, t in enumerate(net.transitions):
        for place in t.pre:
            waiting[place].append(number)
        for place in t.some:
            counting[place].append(number)
    found: set[int] = set()
    marked = set(net.initial)
    frontier = list(marked)
    ready = [number for number, count in enumerate(missing) if not count and short[number] <= 0]
    while frontier or ready:
        while ready:
            number = ready.pop()
            if number not in found:
                found.add(number)
                fresh = set(net.transitions[number].post) - marked
                marked |= fresh
                frontier += fresh
        if frontier:
            place = frontier.pop()
            for number in waiting[place]:
                missing[number] -= 1
                if not missing[number] and short[number] <= 0:
                    ready.append(number)
            for number in counting[place]:
                short[number] -= 1
                if not missing[number] and short[number] <= 0:
                    ready.append(number)
    return found


class _Evidence:
    """Transitions known to fire.

    Where a place of a sound net can be marked, whatever needs nothing else is enabled then.  A token in a place that
    may not stay marked is taken away some time; if nothing empties the place and all its takers need the same places
    and count nothing, then all of them are enabled at that time.  (In a net that is not sound, a firing may put a
    second token, and nothing counts after that.)
    """

    def __init__(self, net: Net, *, sound: bool) -> None:
        self.net = net
        self.fired: set[int] = set()
        self.places: set[int] = set()
        self.takers: list[list[int]] = [[] for _ in net.places]
        wiped: set[int] = set()
        for number, t in enumerate(net.transitions):
            wiped.update(t.resets)
            for place in t.pre:
                self.takers[place].append(number)
        self.leads = [self._leads(place, wiped) if sound else [] for place in range(len(net.places))]
        """By place: what can fire if it can be marked."""

    def _leads(self, place: int, wiped: set[int]) -> list[int]:
        net, takers = self.net, self.takers[place]
        if place not in wiped and place not in net.idle and place not in net.sinks and self._alike(takers):
            return takers
        return [t for t in takers if len(net.transitions[t].pre) == 1 and net.transitions[t].least <= 0]

    def _alike(self, takers: list[int]) -> bool:
        all_of_them = [self.net.transitions[t] for t in takers]
        if len(all_of_them) == 1:
            return all_of_them[0].least <= 0
        return all(t.least <= 0 and set(t.pre) == set(all_of_them[0].pre) for t in all_of_them)

    def fires(self, transition: int) -> None:
        """A transition can fire."""
        frontier = [transition]
        while frontier:
            t = frontier.pop()
            if t not in self.fired:
                self.fired.add(t)
                for place in self.net.transitions[t].post:
                    if place not in self.places:
                        self.places.add(place)
                        frontier += self.leads[place]

    def marked(self, place: int) -> None:
        """A place can be marked."""
        self.places.add(place)
        for transition in self.leads[place]:
            self.fires(transition)


def _walk(game: Game, evidence: _Evidence, possible: set[int], firings: int) -> None:
    """Play on from the beginning again and again, every other time towards what is not known to fire."""
    often = [0] * len(game.pre)
    vain, onward = 0, False
    while len(evidence.fired) < len(possible) and vain < WALKS and firings > 0:
        known = len(evidence.fired)
        onward = not onward
        weights = away(game.net, possible - evidence.fired) if onward else often
        trace, seen, _ = walk(game, game.begin, weights, 4 * len(game.pre))
        for t in bits(seen):
            evidence.fires(t)
        firings -= len(trace)
        vain = 0 if len(evidence.fired) > known else vain + 1


def away(net: Net, wanted: Iterable[int]) -> list[int]:
    """By transition: how many others lead from it to one of these at least; more if it empties places on the way.

    Played on by these weights, a net comes to what is deep in a part that much else may interrupt.
    """
    makers: list[list[int]] = [[] for _ in net.places]
    for number, t in enumerate(net.transitions):
        for place in t.post:
            makers[place].append(number)
    far = dict.fromkeys(wanted, 0)
    seen: set[int] = set()
    for number in (frontier := list(far)):
        for place in net.transitions[number].pre:
            if place not in seen:
                seen.add(place)
                for maker in makers[place]:
                    if maker not in far:
                        far[maker] = far[number] + 1
                        frontier.append(maker)
    most = len(far) and far[frontier[-1]] + 1
    return [
        far.get(number, most) + (EMPTIES if t.resets and far.get(number) else 0)
        for number, t in enumerate(net.transitions)
    ]


class _Questions:
    """Whether single transitions can ever fire, by a search of what leads to them."""

    def __init__(self, net: Net, most: int) -> None:
        self.board = Board(Core(net, whole=True))
        self.begin = self.board.mask(net.initial)
        self.closure = Closure(self.board, exact=True)
        self.left = most

    def ever(self, transition: int) -> bool | None:
        """Whether a transition can fire; None if the markings to look at are used up.

        From each marking only the moves of the stubborn set of the disabled transition are fired: it can not become
        enabled before one of them is.
        """
        board = self.board
        wanted = next(index for index, move in enumerate(board.moves) if move.term == transition)
        seen = {self.begin}
        frontier = deque(seen)
        while frontier:
            marking = frontier.popleft()
            moves = board.enabled(marking)
            if wanted in moves:
                return True
            if not self.left:
                return None
            self.left -= 1
            enabled = sum(1 << move for move in moves)
            for move in bits(self.closure.of(wanted, enabled, marking)):
                kept = marking & board.left[move]
                after = kept | board.post[move]
                if not kept & board.post[move] and after not in seen:
                    seen.add(after)
                    frontier.append(after)
        return False
