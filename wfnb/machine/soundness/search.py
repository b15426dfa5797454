"""The search in what the rules leave: markings as bit masks, cheapest first, and of each only the moves that matter.

Strong stubborn sets (Valmari 1990, "Stubborn sets for reduced state space generation"): what a marking's set leaves out
neither enables, disables nor changes what is in it, so a sequence to a counterexample can be put in an order in which
the set's move comes first, or the move can be fired before it without harm.  Endings are dead here, so no move is put
off for ever: whether an ending can always be reached is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import Literal, TypeAlias

from wfnb.machine.soundness.core import Core, Move, length

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


class Board:
    """A core in bits."""

    def __init__(self, core: Core) -> None:
        self.moves = list(core.moves)
        places: dict[int, None] = {core.origin: None}
        for move in self.moves:
            places.update(dict.fromkeys([*move.pre, *move.post, *move.some]))
        self.bit = {place: 1 << index for index, place in enumerate(places)}
        mask = self.mask
        self.begin = self.bit[core.origin]
        self.pre = [mask(move.pre) for move in self.moves]
        self.post = [mask(move.post) for move in self.moves]
        self.left = [~(mask(move.pre) | mask(move.resets)) for move in self.moves]
        self.some = [mask(move.some) for move in self.moves]
        self.least = [move.least for move in self.moves]
        self.cost = [length(move.term) for move in self.moves]
        self.unended = ~mask(core.idle)
        self.sinks = mask(core.sinks)
        self.places = list(places)
        self.core = core

    def mask(self, places: Iterable[int]) -> int:
        """Places as bits; those that no move looks at are left out."""
        bit = self.bit
        return sum(bit[place] for place in places if place in bit)

    def enabled(self, marking: int) -> list[int]:
        """Moves that can be fired, by number."""
        return [
            move
            for move, pre in enumerate(self.pre)
            if marking & pre == pre
            and (not self.least[move] or (marking & self.some[move]).bit_count() >= self.least[move])
        ]


Chooser: TypeAlias = Callable[[int], list[int]]
"""From a marking to the moves to fire there; none only if none is enabled."""


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

    def choose(marking: int) -> list[int]:
        for pre, moves in ordered:
            if marking & pre == pre:
                return moves
        return []

    return choose


def stubborn(board: Board) -> Chooser:
    """For any core whose endings are dead: closed under dependency, the smallest that the enabled moves give."""
    hurts = _hurts(board)
    makers = _makers(board)

    def needs(move: int, marking: int) -> int:
        missing = board.pre[move] & ~marking
        if not missing:
            missing = board.some[move] & ~marking
            found = 0
            for bit, who in makers:
                if missing & bit:
                    found |= who
            return found
        return min((who for bit, who in makers if missing & bit), key=int.bit_count)

    def closure(seed: int, enabled: int, marking: int) -> int:
        found, todo = 0, 1 << seed
        while todo:
            low = todo & -todo
            found |= low
            move = low.bit_length() - 1
            todo |= hurts[move] if low & enabled else needs(move, marking)
            todo &= ~found
        return found & enabled

    def choose(marking: int) -> list[int]:
        moves = board.enabled(marking)
        if len(moves) < 2:
            return moves
        enabled = sum(1 << move for move in moves)
        best = tried = 0
        for seed in moves:
            if tried >> seed & 1:
                continue
            found = closure(seed, enabled, marking)
            tried |= found
            if not best or found.bit_count() < best.bit_count():
                best = found
                if best.bit_count() == 1:
                    break
        return [move for move in moves if best >> move & 1]

    return choose


def _makers(board: Board) -> list[tuple[int, int]]:
    """By place: its bit, and the moves that mark it, as a mask of moves."""
    number = {move: index for index, move in enumerate(board.moves)}
    return [
        (1 << index, sum(1 << number[move] for move in board.core.makers[place]))
        for index, place in enumerate(board.places)
    ]


def _hurts(board: Board) -> list[int]:
    """By move: those that must be in a set where it is enabled, as a mask of moves.

    Those that can disable it or be disabled by it, whose order with it shows in the marking, and those that mark what
    it takes: fired before it, they would put a second token there.
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
        for p in t.some:
            others.update(dict.fromkeys(u for u in core.takers[p] if p not in u.post))
            others.update(core.wipers[p])
        others.pop(t, None)
        found.append(sum(1 << number[u] for u in others))
    return found


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
    """Dijkstra's algorithm; costs are lengths of what moves stand for.

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
        ticket, done = 0, 0
        while heap:
            so_far, _, marking, bad = heappop(heap)
            if bad >= 0:
                return self.refuted(marking, faults[bad] or "unsafe", bad)
            if cheapest[marking][0] < so_far:
                continue
            done += 1
            if done > self.most:
                return Found("unknown", states=done)
            moves = self.choose(marking)
            if not moves and not self.ended(marking):
                return self.refuted(marking, "dead")
            for move in moves:
                ticket += 1
                price = so_far + cost[move]
                kept = marking & left[move]
                if faults[move] or kept & post[move]:
                    heappush(heap, (price, ticket, marking, move))
                    continue
                for after in self.after(kept | post[move], move):
                    before.setdefault(after, []).append((marking, move))
                    if after not in cheapest or price < cheapest[after][0]:
                        cheapest[after] = (price, marking, move)
                        heappush(heap, (price, ticket, after, -1))
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
