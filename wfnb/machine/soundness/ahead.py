"""Which places may still be marked: those that some marked place leads to."""

from __future__ import annotations

from wfnb.machine.soundness.board import Board

ROUNDS = 8
"""How often to go through all places; nearly always three times do."""


def above(board: Board) -> list[int]:
    """By place, a mask of those that lead to it, itself included: where none of them is marked, it never will be.

    Whether a move is ever enabled is left out, so this may be more than there are, and is never less.
    """
    before = _before(board)
    found = [1 << place for place in range(len(before))]
    order = _order(before)
    for _ in range(ROUNDS):
        changed = False
        for place in order:
            mask = found[place]
            for earlier in before[place]:
                mask |= found[earlier] if earlier >= 0 else -1
            if mask != found[place]:
                found[place] = mask
                changed = True
        if not changed:
            return found
    return [-1] * len(before)


def _before(board: Board) -> list[list[int]]:
    """By place, those that the moves which mark it take from or count; -1 where a move needs none."""
    number = {place: index for index, place in enumerate(board.places)}
    found: list[list[int]] = [[] for _ in board.places]
    for move in board.moves:
        needed = [number[place] for place in (*move.pre, *move.some)] or [-1]
        for place in move.post:
            found[number[place]] += needed
    return found


def _order(before: list[list[int]]) -> list[int]:
    """The places, each after those before it as far as there are no cycles."""
    seen = [False] * len(before)
    found: list[int] = []
    for root in range(len(before)):
        if seen[root]:
            continue
        seen[root] = True
        work = [(root, iter(before[root]))]
        while work:
            place, rest = work[-1]
            for earlier in rest:
                if earlier >= 0 and not seen[earlier]:
                    seen[earlier] = True
                    work.append((earlier, iter(before[earlier])))
                    break
            else:
                found.append(place)
                work.pop()
    return found
