"""The search in what the rules leave: markings as bit masks, cheapest first, and of each only the moves that matter."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal, TypeAlias

from wfnb.machine.soundness.board import Board
from wfnb.machine.soundness.core import Core, Move
from wfnb.machine.soundness.stubborn import Chooser, clusters, free_choice, stubborn

Fault: TypeAlias = Literal["unsafe", "stuck", "dead", "endless", "twice"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found.

    Attributes:
        verdict: of soundness.
        path: moves from the beginning to the counterexample.
        fault: what is wrong after them; `twice` is a second token in an outlet.
        outlet: which outlet gets a second token, if one does; else -1.
        states: markings seen.
    """

    verdict: Literal["proved", "refuted", "unknown"]
    path: tuple[Move, ...] = ()
    fault: Fault | None = None
    outlet: int = -1
    states: int = 0


BROAD = 500
"""How many markings are looked at in the order of their distance; then depth first, which finds a far fault sooner."""


def search(core: Core, states: int, begin: Iterable[int] = ()) -> Found:
    """Look at the markings of a core.

    Args:
        core: as the rules leave it, or untouched.
        states: how many markings to look at before giving up.
        begin: the places that are marked at first, if not the origin.
    """
    board = Board(core)
    if begin:
        board.begin = board.mask(begin)
    if free_choice(core):
        return _Search(board, clusters(board), states).run()
    restless = any(not move.fault and move.pre <= core.idle for move in core.moves)
    choose = board.enabled if restless else stubborn(board)
    return _Search(board, choose, states, flagged=restless or bool(core.sinks)).run()


class _Search:
    """Dijkstra's algorithm, by the lengths of what moves stand for; after a while depth first, which finds more faults.

    `flagged` markings have one more bit: whether a sink is marked.  Otherwise that is read off the paths afterwards,
    which is right only if endings are dead.
    """

    def __init__(self, board: Board, choose: Chooser, states: int, *, flagged: bool = False) -> None:
        self.board = board
        self.choose = choose
        self.most = states
        self.flag = 1 << len(board.places) if flagged else 0
        self.before: dict[int, list[tuple[int, int]]] = {board.begin: []}
        self.cheapest: dict[int, tuple[int, int, int]] = {board.begin: (0, -1, -1)}

    def run(self) -> Found:
        board, before, cheapest = self.board, self.before, self.cheapest
        cost, post, left = board.cost, board.post, board.left
        faults = [move.fault for move in board.moves]
        heap: list[tuple[int, int, int, int]] = [(0, 0, board.begin, -1)]
        ticket = 0
        done: set[int] = set()
        while heap:
            broad = len(done) < BROAD
            so_far, _, marking, bad = heappop(heap) if broad else heap.pop()
            if bad >= 0:
                return self.refuted(marking, faults[bad] or "unsafe", bad)
            if marking in done:
                continue
            done.add(marking)
            if len(done) > self.most:
                return Found("unknown", states=self.most)
            moves = self.choose(marking)
            if not moves and not self.ended(marking):
                return self.refuted(marking, "dead")
            put = heappush if broad else list.append
            for move in moves:
                ticket += 1
                price = so_far + cost[move]
                kept = marking & left[move]
                if faults[move] or kept & post[move]:
                    put(heap, (price, ticket, marking, move))
                    continue
                for after in self.after(kept | post[move], move):
                    before.setdefault(after, []).append((marking, move))
                    if after not in cheapest or price < cheapest[after][0]:
                        cheapest[after] = (price, marking, move)
                        put(heap, (price, ticket, after, -1))
        return self.judged()

    def after(self, marking: int, move: int) -> tuple[int, ...]:
        if not self.flag:
            return (marking,)
        it = self.board.moves[move]
        if not it.silent:
            return (marking | self.flag,)
        return (marking, marking | self.flag) if it.outlets else (marking,)

    def ended(self, marking: int) -> bool:
        if not self.flag:
            return not marking & self.board.unended
        return not marking & self.board.unended & ~self.flag and bool(marking & (self.flag | self.board.sinks))

    def judged(self) -> Found:
        """The verdict when every marking has been seen."""
        for found in (self.silent_end(), self.endless(), self.twice()):
            if found:
                return found
        return Found("proved", states=len(self.cheapest))

    def silent_end(self) -> Found | None:
        """An ending that is reached without marking a sink."""
        if self.flag:
            return None
        moves, ways = self.board.moves, self.onward()
        came: dict[int, tuple[int, int]] = {self.board.begin: (-1, -1)}
        frontier = [self.board.begin]
        for marking in frontier:
            if self.ended(marking):
                return Found("refuted", self.path(came, marking), "dead", states=len(self.cheapest))
            for move, after in ways.get(marking, ()):
                if moves[move].silent and after not in came:
                    came[after] = (marking, move)
                    frontier.append(after)
        return None

    def endless(self) -> Found | None:
        """The cheapest marking from which no ending is reached."""
        good = {marking for marking in self.cheapest if self.ended(marking)}
        frontier = list(good)
        while frontier:
            for marking, _ in self.before[frontier.pop()]:
                if marking not in good:
                    good.add(marking)
                    frontier.append(marking)
        lost = [marking for marking in self.cheapest if marking not in good]
        if not lost:
            return None
        return self.refuted(min(lost, key=lambda marking: self.cheapest[marking][0]), "endless")

    def twice(self) -> Found | None:
        """A path that may mark an outlet twice."""
        moves, ways = self.board.moves, self.onward()
        may: dict[int, frozenset[int]] = {self.board.begin: frozenset()}
        frontier = [self.board.begin]
        while frontier:
            marking = frontier.pop()
            for move, after in ways.get(marking, ()):
                outlets = moves[move].outlets
                if not outlets.isdisjoint(may[marking]):
                    return self.path_twice(min(outlets & may[marking]), ways)
                marked = may[marking] | outlets
                if after not in may or not marked <= may[after]:
                    may[after] = may.get(after, frozenset()) | marked
                    frontier.append(after)
        return None

    def path_twice(self, outlet: int, ways: dict[int, list[tuple[int, int]]]) -> Found:
        """The path with the fewest moves that may mark an outlet twice."""
        moves = self.board.moves
        came: dict[tuple[int, int], tuple[tuple[int, int], int]] = {}
        frontier = [(self.board.begin, 0)]
        seen = set(frontier)
        for marking, times in frontier:
            for move, after in ways.get(marking, ()):
                reached = (after, times + (outlet in moves[move].outlets))
                if reached not in seen:
                    seen.add(reached)
                    came[reached] = ((marking, times), move)
                    frontier.append(reached)
                if reached[1] == 2:
                    path = []
                    while reached in came:
                        reached, taken = came[reached]
                        path.append(moves[taken])
                    return Found("refuted", tuple(reversed(path)), "twice", outlet, len(self.cheapest))
        raise AssertionError("an outlet is marked twice on no path")

    def onward(self) -> dict[int, list[tuple[int, int]]]:
        ways: dict[int, list[tuple[int, int]]] = {}
        for after, arcs in self.before.items():
            for marking, move in arcs:
                ways.setdefault(marking, []).append((move, after))
        return ways

    def refuted(self, marking: int, fault: Fault, last: int | None = None) -> Found:
        came = {after: (marking, move) for after, (_, marking, move) in self.cheapest.items()}
        path, outlet = self.path(came, marking), -1
        if last is not None:
            path += (self.board.moves[last],)
            outlet = path[-1].doubled
        return Found("refuted", path, fault, outlet, len(self.cheapest))

    def path(self, came: dict[int, tuple[int, int]], marking: int) -> tuple[Move, ...]:
        found = []
        while (step := came[marking])[1] >= 0:
            found.append(self.board.moves[step[1]])
            marking = step[0]
        return tuple(reversed(found))
