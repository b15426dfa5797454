"""The net as the rules see it: sets that shrink, without the places where tokens only end.

Outlets (sinks, and idle places that nothing takes from, empties or reads) are left out of the marking; each transition
keeps which of them it may mark instead.  A place `origin` with one token stands for the beginning: the only transitions
that take from it mark the initial marking, so that several places may be marked at first.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, TypeAlias

import msgspec

from wfnb.machine.net import Net
from wfnb.machine.soundness.chains import chains

Fault: TypeAlias = Literal["unsafe", "stuck"]
"""Why a transition of the core is bad: it leads to a second token in a place, or to a token that can never leave."""


class Then(msgspec.Struct, frozen=True, gc=False):
    """First one, then the other."""

    first: Term
    second: Term
    length: int


class Either(msgspec.Struct, frozen=True, gc=False):
    """One or the other: they have the same effect on the core, but may mark different outlets."""

    one: Term
    other: Term
    length: int


Term: TypeAlias = int | Then | Either
"""What a transition of the core stands for: a transition of the net, or several. `length` is of its shortest form."""
NOTHING = -1
"""The term of the beginning, which fires nothing."""
_NONE: frozenset[int] = frozenset()
_UNTOUCHED: set[int] = set()
_UNCOUNTED: dict[int, int] = {}


def length(term: Term) -> int:
    """How many firings the shortest form of a term has."""
    return int(term >= 0) if isinstance(term, int) else term.length


def then(first: Term, second: Term) -> Term:
    """Both, one after the other."""
    return second if first == NOTHING else Then(first, second, length(first) + length(second))


def either(one: Term, other: Term) -> Term:
    """One of two."""
    return Either(one, other, min(length(one), length(other)))


class Move:
    """A transition of the core.

    Attributes:
        pre, post, resets: as in the net, without outlets.
        some, least: places that count, each with its weight, and how much those that are marked must weigh.
        outlets: those that it may mark.
        silent: whether it may mark no sink.
        fault: what is wrong with firing it; nothing is known of what follows, so it has no `post` and no `resets`.
        doubled: the outlet that gets a second token, if that is the fault; else -1.
        term: what it stands for.
    """

    __slots__ = ("doubled", "fault", "least", "outlets", "post", "pre", "resets", "silent", "some", "term")

    def __init__(self, term: Term, pre: set[int], post: set[int]) -> None:
        self.term = term
        self.pre = pre
        self.post = post
        self.resets = _UNTOUCHED
        self.some = _UNCOUNTED
        self.least = 0
        self.outlets = _NONE
        self.silent = True
        self.fault: Fault | None = None
        self.doubled = -1


_NOBODY: dict[Move, None] = {}
"""Who wipes or watches a place in most nets."""


class Core:
    """Moves and places, indexed both ways, and what is to be looked at again.

    Dicts stand for sets where their order would show in the result.

    Args:
        net: the net.
        whole: keep outlets as places.

    Attributes:
        moves: those that are left.
        origin: the place that is marked at the beginning.
        plain: whether the net empties and counts nothing, and has no idle places.
        makers, takers, wipers, watchers: by place, the moves that put a token there, take it, empty it, count it.
        idle: places that may keep a token at the end, `sinks` included.
        sinks: those of the net that are no outlets, because something takes from them, empties or counts them.
        stale_moves, stale_places: those near which something has changed.
    """

    def __init__(self, net: Net, *, whole: bool = False) -> None:
        count = len(net.places) + 1
        self.origin = count - 1
        self.plain = not net.idle and not any(t.resets or t.some for t in net.transitions)
        self.moves: dict[Move, None] = {}
        self.makers: list[dict[Move, None]] = [{} for _ in range(count)]
        self.takers: list[dict[Move, None]] = [{} for _ in range(count)]
        self.wipers: list[dict[Move, None]] = [_NOBODY] * count
        self.watchers: list[dict[Move, None]] = [_NOBODY] * count
        self.stale_moves: dict[Move, None] = {}
        self.stale_places: dict[int, None] = dict.fromkeys(range(count - 2, -1, -1))
        touched: set[int] = set()
        for transition in net.transitions:
            touched.update(transition.pre, transition.resets, transition.some)
        outlets = _NONE if whole else (net.sinks | net.idle) - touched
        self.sinks = net.sinks - outlets
        self.idle = (net.idle | net.sinks) - outlets
        begin = Move(NOTHING, {self.origin}, set(net.initial - outlets))
        begin.outlets, begin.silent = net.initial & outlets, net.initial.isdisjoint(net.sinks)
        self.add(begin)
        if self.plain and not whole:
            for numbers, pre, post in chains(net):
                term: Term = numbers[0]
                for number in numbers[1:]:
                    term = then(term, number)
                self.add(self._move(net, term, pre, post, outlets))
            return
        for number, transition in enumerate(net.transitions):
            move = self._move(net, number, transition.pre, transition.post, outlets)
            if transition.resets:
                move.resets = set(transition.resets)
            if transition.least > 0:
                move.some, move.least = dict.fromkeys(transition.some, 1), transition.least
            self.add(move)

    @staticmethod
    def _move(net: Net, term: Term, pre: Iterable[int], post: Iterable[int], outlets: frozenset[int]) -> Move:
        move = Move(term, set(pre), set(post))
        ends = outlets.intersection(post)
        if ends:
            move.post -= ends
            move.outlets, move.silent = ends, ends.isdisjoint(net.sinks)
        return move

    def add(self, move: Move) -> None:
        """Put a move in."""
        for place in move.pre:
            self.takers[place][move] = None
        for place in move.post:
            self.makers[place][move] = None
        for places, index in ((move.resets, self.wipers), (move.some, self.watchers)):
            for place in places:
                if index[place] is _NOBODY:
                    index[place] = {}
                index[place][move] = None
        self.moves[move] = self.stale_moves[move] = None

    def remove(self, move: Move) -> None:
        """Take a move out; the places that it took from and marked are looked at again."""
        del self.moves[move]
        self.stale_moves.pop(move, None)
        stale = self.stale_places
        for place in move.pre:
            del self.takers[place][move]
            stale[place] = None
        for place in move.post:
            del self.makers[place][move]
            stale[place] = None
        for place in move.resets:
            del self.wipers[place][move]
        for place in move.some:
            del self.watchers[place][move]

    def spoil(self, move: Move, fault: Fault, term: Term, doubled: int = -1) -> None:
        """Firing this is a counterexample: what it would do after that does not count."""
        for place in move.post:
            del self.makers[place][move]
        for place in move.resets:
            del self.wipers[place][move]
        self.look_again(move.post, move.pre)
        move.post, move.resets = set(), _UNTOUCHED
        move.outlets, move.silent = _NONE, True
        move.fault, move.term, move.doubled = fault, term, doubled
        self.stale_moves[move] = None

    def drop(self, place: int) -> None:
        """Take a place out of every move that knows it; all but those that only emptied it are looked at again."""
        for move in self.makers[place]:
            move.post.discard(place)
        for move in self.takers[place]:
            move.pre.discard(place)
            if len(move.pre) == 1 or not self.plain:  # in a plain net, no rule asks more of the others
                self.look_again(move.pre)
        for move in self.wipers[place]:
            move.resets.discard(place)
        for move in self.watchers[place]:
            del move.some[place]
        for index in (self.makers, self.takers, self.watchers):
            if index[place]:
                self.stale_moves.update(index[place])
                index[place].clear()
        if self.wipers[place]:
            self.wipers[place].clear()

    def look_again(self, *places: Iterable[int]) -> None:
        """Have the rules look at these places again."""
        for some in places:
            self.stale_places.update(dict.fromkeys(some))
