"""The token game on the net of a machine, from one marking in which all tokens rest to the next.

In what order routing nodes fire is said in `wfnb.machine.routing`: first come, first served, each with all of its
tokens; joins that are complete before what waits already, and those that cancel before other joins.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from wfnb.machine.machine import Kind, Machine
from wfnb.machine.net import Net
from wfnb.machine.netting import Netted
from wfnb.machine.soundness.game import Game, bits

ROUTING = frozenset({"choose", "skip", "route", "reset"})
"""Causes of transitions that need nothing from outside."""
Pick: TypeAlias = Callable[[int, list[int]], list[int]]
"""Of the transitions that a routing node can fire, those that are to be followed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What may happen next.

    Attributes:
        fired: transitions, the first of which is no routing.
        marking: where they lead, as bits; where the last puts a second token, that before it.
        doubled: the places in which the last one puts a second token, as bits.
    """

    fired: tuple[int, ...]
    marking: int
    doubled: int = 0


class Turns:
    """A net whose routing fires at once."""

    def __init__(self, machine: Machine, whole: Netted) -> None:
        self.net: Net = whole.net
        self.meanings = whole.meanings
        self.game = Game(whole.net)
        self.outside = 0
        """The transitions that wait for something, as a mask."""
        self._routing: dict[int, list[int]] = {}
        for number, meaning in enumerate(whole.meanings):
            if meaning.cause in ROUTING:
                self._routing.setdefault(meaning.node, []).append(number)
            else:
                self.outside |= 1 << number
        self._at = [-1] * len(whole.net.places)
        """By place: the choice, fork or join that a token there is at."""
        self._joins = [False] * len(whole.net.places)
        for place, (edge, node) in enumerate(zip(whole.edges, whole.nodes, strict=True)):
            if edge >= 0:
                self._at[place], self._joins[place] = machine.graph.target[edge], True
            elif node >= 0 and machine.kinds[node] in (Kind.CHOICE, Kind.FORK):
                self._at[place] = node
        self._is_join = [kind is Kind.JOIN for kind in machine.kinds]
        self._special = machine.special

    def after(self, marking: int, enabled: int) -> Iterator[Step]:
        """Everything that may happen in a marking in which all tokens rest."""
        for number in bits(enabled & self.outside):
            yield from self.settled(marking, number)

    def settled(self, marking: int, number: int, pick: Pick | None = None) -> Iterator[Step]:
        """Every way in which tokens come to rest after a transition fires."""
        games: list[tuple[int, tuple[int, ...], tuple[int, ...], int]] = [(marking, (), (), number)]
        while games:
            marking, turns, fired, number = games.pop()
            fired = (*fired, number)
            left = marking & self.game.kept[number]
            doubled = left & self.game.post[number]
            if doubled:
                yield Step(fired, marking, doubled)
                continue
            gone, still = self._emptied(number), left | marking & self.game.post[number]
            turns = tuple(node for node in turns if node not in gone and self._can_fire(node, still))
            marking = left | self.game.post[number]
            turns = self._turns(number, turns, marking)
            choices: list[int] = []
            while turns and not choices:
                node, turns = turns[0], turns[1:]
                choices = self._can_fire(node, marking)
            if not choices:
                yield Step(fired, marking)
                continue
            if pick is not None:
                choices = pick(node, choices)
            games.extend((marking, turns, fired, choice) for choice in reversed(choices))

    def late(self, trace: Iterable[int]) -> frozenset[int]:
        """The joins that could have fired before something else did in a firing sequence of the net."""
        game, found = self.game, set[int]()
        marking, enabled = game.begin, game.enabled(game.begin)
        for number in trace:
            found.update(self.meanings[n].node for n in bits(enabled & ~self.outside) if n != number)
            marking = marking & game.kept[number] | game.post[number]
            enabled = game.enabled_after(marking, number, enabled)
        return frozenset(node for node in found if self._is_join[node])

    def moves_on(self, places: Iterable[int]) -> bool:
        """Whether a choice, a fork or a join is at one of these places."""
        return any(self._at[place] >= 0 for place in places)

    def _turns(self, number: int, turns: tuple[int, ...], marking: int) -> tuple[int, ...]:
        """Whose turn it is, in order, after a transition has fired."""
        first, joins, last = [], [], []
        node = self.meanings[number].node
        for place in self.net.transitions[number].post:
            at = self._at[place]
            if at < 0:
                continue
            if self._joins[place]:
                if at not in joins and at not in turns and self._can_fire(at, marking):
                    joins.append(at)
            elif at == node:
                first.append(at)  # an inclusive fork decides on all of its branches at once
            elif at not in turns:
                last.append(at)
        if node in self._routing and node not in first and self.meanings[number].cause == "route":
            first.append(node)  # a join may have all of its tokens by now
        joins.sort(key=lambda join: join not in self._special.rests)
        return (*first, *joins, *turns, *last)

    def _emptied(self, number: int) -> frozenset[int]:
        """The nodes from which a transition withdraws tokens; other resets are where a token meets no second one."""
        one = self.meanings[number]
        if one.cause == "skip":
            return frozenset()
        if one.cause == "route" and one.node in self._special.rests:
            return self._special.rests[one.node].nodes
        empties = self._special.empties
        return frozenset().union(*(empties[edge].nodes for edge in one.edges if edge in empties))

    def _can_fire(self, node: int, marking: int) -> list[int]:
        return [number for number in self._routing.get(node, ()) if self.game.can_fire(marking, number)]
