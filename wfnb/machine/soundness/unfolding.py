"""The shortest way to a second token, found among causes instead of markings.

Where much happens side by side, most of what a breadth-first search looks at are orders in which unrelated things can
happen.  An unfolding (McMillan 1992, "Using unfoldings to avoid the state explosion problem"; Esparza, Römer and Vogler
2002, "An improvement of McMillan's unfolding algorithm") has none: each event is there once, with its causes.  Two
tokens that can be in one place at once are a second token, and what causes either is the way to it.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush

from wfnb.machine.net import Net
from wfnb.machine.soundness.game import bits, mask


class Unfolding:
    """Events in the order of the number of their causes; tokens and events are numbers, sets of them masks.

    Args:
        net: a net that neither empties nor counts places.
    """

    def __init__(self, net: Net) -> None:
        self.net = net
        self.takers: list[list[int]] = [[] for _ in net.places]
        for number, transition in enumerate(net.transitions):
            for place in transition.pre:
                self.takers[place].append(number)
        self.place: list[int] = []
        """By token, where it is."""
        self.beside: list[int] = []
        """By token, the tokens that can be there at the same time."""
        self.causes: list[int] = []
        """By token, the events that it takes."""
        self.here = [0] * len(net.places)
        """By place, its tokens."""
        self.open = 0
        """Tokens that may cause further events."""
        self.fired: list[int] = []
        """By event, its transition."""
        self.heap: list[tuple[int, int, int, tuple[int, ...], int]] = []
        self.tickets = 0
        self.best: int | None = None
        """The events that the shortest second token takes, as far as is known."""

    def shortest(self, longest: int, events: int) -> tuple[int, ...] | None:
        """The transitions on the shortest way to a second token, in order.

        Args:
            longest: it must have fewer.
            events: how many events to look at before giving up.
        """
        seen: set[frozenset[int]] = set()
        first = tuple(sorted(self.net.initial))
        self.add(first, 0, 0, extend=True)
        puts: list[int] = []
        takes: list[int] = []
        while self.heap and len(self.fired) < events:
            size, _, transition, taken, causes = heappop(self.heap)
            if size >= (longest if self.best is None else min(longest, self.best.bit_count())):
                break
            event = len(self.fired)
            self.fired.append(transition)
            post = self.net.transitions[transition].post
            takes.append(mask(taken))
            there, gone = (1 << len(first)) - 1, takes[event]
            for earlier in bits(causes):
                there |= puts[earlier]
                gone |= takes[earlier]
            marking = frozenset(self.place[token] for token in bits(there & ~gone)).union(post)
            puts.append(((1 << len(post)) - 1) << len(self.place))
            common = ~0
            for token in taken:
                common &= self.beside[token]
            self.add(post, common, causes | 1 << event, extend=marking not in seen)
            seen.add(marking)
        if self.best is None or self.best.bit_count() >= longest:
            return None
        return tuple(self.fired[event] for event in bits(self.best))

    def add(self, places: tuple[int, ...], beside: int, causes: int, *, extend: bool) -> None:
        """Add the tokens that an event puts; unless the same marking was there before, they cause further events."""
        first = len(self.place)
        fresh = ((1 << len(places)) - 1) << first
        beside &= (1 << first) - 1
        for other in bits(beside):
            self.beside[other] |= fresh
        for token, place in enumerate(places, first):
            self.place.append(place)
            self.beside.append((beside | fresh) & ~(1 << token))
            self.causes.append(causes)
            for twin in bits(self.here[place] & self.beside[token]):
                union = causes | self.causes[twin]
                if self.best is None or union.bit_count() < self.best.bit_count():
                    self.best = union
            self.here[place] |= 1 << token
        if extend:
            for token, place in enumerate(places, first):
                self.open |= 1 << token
                for transition in self.takers[place]:
                    self.extend(transition, token)

    def extend(self, transition: int, token: int) -> None:
        """The events of a transition that take a token, and otherwise older ones."""
        others = [place for place in self.net.transitions[transition].pre if place != self.place[token]]
        for taken in self.choices(others, self.beside[token] & self.open, (token,)):
            causes = 0
            for one in taken:
                causes |= self.causes[one]
            self.tickets += 1
            heappush(self.heap, (causes.bit_count() + 1, self.tickets, transition, taken, causes))

    def choices(self, places: list[int], among: int, taken: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """All ways to take a token from each place so that all can be there at the same time."""
        stack = [(taken, among)]
        while stack:
            taken, among = stack.pop()
            if len(taken) > len(places):
                yield taken
                continue
            tokens = bits(self.here[places[len(taken) - 1]] & among)
            stack += [((*taken, token), among & self.beside[token]) for token in tokens]
