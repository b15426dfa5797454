"""Of each marking only the moves that matter.

Strong stubborn sets (Valmari 1990, "Stubborn sets for reduced state space generation"): what a marking's set leaves out
neither enables, disables nor changes what is in it, so a sequence to a counterexample can be put in an order in which
the set's move comes first, or the move can be fired before it without harm.  Endings are dead here, so no move is put
off for ever: whether an ending can always be reached is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from wfnb.machine.soundness.ahead import above
from wfnb.machine.soundness.board import Board
from wfnb.machine.soundness.core import Core, Move
from wfnb.machine.soundness.game import bits

Chooser: TypeAlias = Callable[[int], list[int]]
"""From a marking to the moves to fire there; none only if none is enabled."""
LARGE = 200
"""With more moves than this it pays to know which can not be enabled any more."""


def free_choice(core: Core) -> bool:
    """Whether moves that share a place need the same places, and no token can vanish."""
    used = set()
    for move in core.moves:
        if move.resets or move.some or (move.silent and not move.post and not move.fault):
            return False
        used.update(move.pre)
    for place in used:
        pres = iter(core.takers[place])
        first = next(pres).pre
        if place in core.idle or any(move.pre != first for move in pres):
            return False
    return core.idle.isdisjoint(place for move in core.moves for place in move.post)


def clusters(board: Board) -> Chooser:
    """For free-choice cores: one group of moves that need the same places, the smallest that is enabled.

    These are stubborn sets.  They need not look at who else marks the places: where an ending is always reached and no
    outlet is marked twice, a free-choice net is safe.  For let each group always fire the move that is closest to an
    outlet.  Such a run ends, since otherwise, among the moves fired for ever, the closest to an outlet would pile up
    tokens in a place or an outlet.  What a run fires does not depend on the order.  So of two tokens in one place, both
    go on to the next place on the way to an outlet, and both arrive there.
    """
    groups: dict[int, list[int]] = {}
    for move, pre in enumerate(board.pre):
        groups.setdefault(pre, []).append(move)
    ordered = sorted(groups.items(), key=lambda group: len(group[1]))
    pres = [pre for pre, _ in ordered]
    by_place = {(pre & -pre).bit_length() - 1: rank for rank, pre in enumerate(pres)}
    always = by_place.get(-1, len(pres))  # those that need no place

    def choose(marking: int) -> list[int]:
        ranks = (by_place[place] for place in bits(marking) if place in by_place)
        best = min((rank for rank in ranks if not pres[rank] & ~marking), default=always)
        best = min(best, always)
        return ordered[best][1] if best < len(ordered) else []

    return choose


def stubborn(board: Board) -> Chooser:
    """For any core whose endings are dead: closed under dependency, the smallest that the enabled moves give."""
    closure = Closure(board)

    def choose(marking: int) -> list[int]:
        moves = board.enabled(marking)
        if len(moves) < 2:
            return moves
        enabled = sum(1 << move for move in moves)
        best = tried = 0
        for seed in moves:
            if tried >> seed & 1:
                continue
            found = closure.of(seed, enabled, marking)
            tried |= found
            if not best or found.bit_count() < best.bit_count():
                best = found
                if best.bit_count() == 1:
                    break
        return [move for move in moves if best >> move & 1]

    return choose


class Closure:
    """What a move drags into a stubborn set.

    Args:
        board: the core.
        exact: whether firing a move of the set first must not bring about a second token either.
    """

    def __init__(self, board: Board, *, exact: bool = False) -> None:
        self.board = board
        self.hurts = _hurts(board, exact=exact)
        self.makers = _makers(board)
        self.above = above(board) if len(board.moves) > LARGE else None

    def of(self, seed: int, enabled: int, marking: int) -> int:
        """The enabled moves of the set that a move gives in a marking, as a mask; `enabled` are all that are."""
        hurts, needs = self.hurts, self.needs
        found, todo = 0, 1 << seed
        while todo:
            low = todo & -todo
            found |= low
            move = low.bit_length() - 1
            todo |= hurts[move] if low & enabled else needs(move, marking)
            todo &= ~found
        return found & enabled

    def needs(self, move: int, marking: int) -> int:
        """Moves of which one must be fired before this one can be, as a mask."""
        missing = self.board.pre[move] & ~marking
        if missing:
            if self.above is not None and any(not marking & self.above[place] for place in bits(missing)):
                return 0  # it will never be enabled
            return min((self.makers[place] for place in bits(missing)), key=int.bit_count)
        found = 0
        for bit, _ in self.board.some[move]:
            if not marking & bit:
                found |= self.makers[bit.bit_length() - 1]
        return found


def _makers(board: Board) -> list[int]:
    """By place, the moves that mark it, as a mask of moves."""
    number = {move: index for index, move in enumerate(board.moves)}
    return [sum(1 << number[move] for move in board.core.makers[place]) for place in board.places]


def _hurts(board: Board, *, exact: bool) -> list[int]:
    """By move: those that must be in a set where it is enabled, as a mask of moves.

    Those that can disable it or be disabled by it, whose order with it shows in the marking, and those that mark what
    it takes: fired before it, they would put a second token there.  If it is to be exact, also those that mark or take
    from what it marks.
    """
    core = board.core
    number = {move: index for index, move in enumerate(board.moves)}
    found = []
    for t in board.moves:
        others: dict[Move, None] = {}
        for p in t.pre:
            others.update(dict.fromkeys(u for u in core.takers[p] if p not in t.post or p not in u.post))
            others.update(core.wipers[p])
            if p not in t.post:
                others.update(core.makers[p])
                others.update(core.watchers[p])
        for p in t.resets:
            for index in (core.makers, core.takers, core.watchers):
                others.update(index[p])
        for p in t.post:
            others.update(core.wipers[p])
            if exact and p not in t.pre:
                others.update(core.makers[p])
                others.update(core.takers[p])
        for p in t.some:
            others.update(dict.fromkeys(u for u in core.takers[p] if p not in u.post))
            others.update(core.wipers[p])
        others.pop(t, None)
        found.append(sum(1 << number[u] for u in others))
    return found
