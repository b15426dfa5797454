"""The net of a machine where joins fire at once, together with what brings the token that completes them.

In the net a join may wait while further tokens arrive, or go round in the region that it empties; in a run it never
does.  A join of one branch then is one with whatever leads to it.  For one of k branches, whatever leads to it is there
twice: where k - 1 of the other branches have arrived, it is one with the join; where fewer have, it only arrives.  For
the latter each of the branches has an opposite place, which is marked when the branch has not arrived.

Every run of the machine is a firing sequence of this net, and what is wrong with the run shows in it: only what comes
about nowhere but in the net is left out.  Where that is not plain for a join, it may be as late as before.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from wfnb.machine.machine import Machine
from wfnb.machine.net import Net, Transition
from wfnb.machine.prompt.turns import Turns


@dataclass(frozen=True, slots=True)
class Hastened:
    """A net with some joins made prompt.

    Attributes:
        net: the net; its first places are those of the machine's own net.
        stands: by transition, those of the machine's own net that it stands for, in order.
        joins: the joins that fire at once.
    """

    net: Net
    stands: tuple[tuple[int, ...], ...]
    joins: frozenset[int]

    def spelt(self, trace: tuple[int, ...]) -> tuple[int, ...]:
        """A firing sequence of this net as one of the machine's own."""
        return tuple(number for firing in trace for number in self.stands[firing])


def hastened(machine: Machine, turns: Turns, joins: Iterable[int]) -> Hastened:
    """The net with those of these joins made prompt for which that is plain."""
    made = _Hastening(machine, turns)
    return made.whole(frozenset(join for join in joins if made.join(join)))


_Firing = tuple[Transition, tuple[int, ...]]
"""A transition, and what it stands for."""


class _Hastening:
    def __init__(self, machine: Machine, turns: Turns) -> None:
        self.machine = machine
        self.turns = turns
        self.firings: list[_Firing] = [(t, (number,)) for number, t in enumerate(turns.net.transitions)]
        self.full = len(turns.net.places)
        """A place that always has a token: a second one stands for one that a join would withdraw at once."""
        self.opposites: dict[int, int] = {}
        """By place that has one, the place that is marked when it is not."""

    def join(self, join: int) -> bool:
        """Make a join prompt; whether it could be."""
        meanings = self.turns.meanings
        own = [firing for firing in self.firings if meanings[firing[1][0]].node == join]
        if len(own) != 1 or not self._waits_only_for_branches(join, own[0][0]):
            return False
        going = own[0][0]
        branches = frozenset(going.some or going.pre)
        firings: list[_Firing] = []
        for t, stands in self.firings:
            if t is going:
                continue
            arrived = branches.intersection(t.post)
            if not arrived:
                firings.append((t, stands))
            elif len(arrived) == 1 and self._is_plain(t, stands, going):
                firings += self._arriving((t, stands), own[0], *arrived)
            else:
                return False
        self.firings = firings
        return True

    def whole(self, joins: frozenset[int]) -> Hastened:
        """The net as it is now."""
        net, opposites = self.turns.net, self.opposites
        names = ["withdrawn at once", *(f"not yet: {net.places[place]}" for place in opposites)]
        marked = {self.full} | {opposite for place, opposite in opposites.items() if place not in net.initial}
        transitions = [replace(self._opposed(t), id=f"{number}: {t.id}") for number, (t, _) in enumerate(self.firings)]
        whole = replace(
            net,
            places=(*net.places, *names),
            transitions=tuple(transitions),
            initial=net.initial | marked,
            idle=net.idle | {self.full, *opposites.values()},
        )
        return Hastened(whole, tuple(stands for _, stands in self.firings), joins)

    def _waits_only_for_branches(self, join: int, going: Transition) -> bool:
        """Whether a join fires as soon as enough branches have arrived."""
        special = self.machine.special
        if join not in special.needs:
            return not going.some and len(going.pre) == len(self.machine.graph.into[join])
        if join not in special.rests or len(going.pre) != 1 or going.pre[0] not in self.turns.net.initial:
            return False
        return all(going.pre[0] in t.post for t, _ in self.firings if going.pre[0] in (*t.pre, *t.resets))

    def _is_plain(self, t: Transition, stands: tuple[int, ...], going: Transition) -> bool:
        """Whether nothing comes between this firing and the join."""
        last = self.turns.meanings[stands[-1]]
        branches, put = set(going.some or going.pre), set(t.post)
        return (
            not self.turns.moves_on(put - branches)
            and (last.cause != "route" or last.node not in self.machine.special.needs or self._cancels(last.node))
            and put.isdisjoint(set(going.pre) - branches)
            and put.isdisjoint(set(going.post) - set(going.resets))
            and (going.least == 1 or not (t.least or branches.intersection((*t.pre, *t.resets))))
        )

    def _cancels(self, join: int) -> bool:
        return join in self.machine.special.rests

    def _arriving(self, arriving: _Firing, join: _Firing, at: int) -> list[_Firing]:
        """A firing that brings a token to a branch of a join, with the join and without it."""
        (t, before), (going, after) = arriving, join
        least = going.least or len(going.pre)
        others = tuple(place for place in going.some or going.pre if place != at)
        left = [place for place in t.post if place != at and place not in going.resets]
        counted = (others, least - 1) if going.least > 1 else (t.some, t.least)
        both = Transition(
            t.id,
            tuple(sorted({*t.pre, *going.pre} - {at})),
            tuple(dict.fromkeys((*left, *going.post))),
            tuple(sorted({*t.resets, *going.resets})),
            *counted,
        )
        found = [(both, (*before, *after))]
        for place in {*t.post}.intersection(going.resets) - {at, *t.pre, *t.resets}:
            pre = tuple(sorted({*both.pre, place}))
            found.append((Transition(t.id, pre, (self.full,), (), both.some, both.least), before))
        if least > 1:
            missing = tuple(self._opposite(place) for place in others)
            found.append((replace(t, some=missing, least=len(others) + 2 - least), before))
        return found

    def _opposite(self, place: int) -> int:
        return self.opposites.setdefault(place, self.full + 1 + len(self.opposites))

    def _opposed(self, t: Transition) -> Transition:
        """A transition that keeps the opposites of the places that it marks and empties."""
        post, resets = list(t.post), list(t.resets)
        for place, opposite in self.opposites.items():
            if place in t.post:
                resets.append(opposite)
            elif place in t.pre or place in t.resets:
                resets.append(opposite)
                post.append(opposite)
        return replace(t, post=tuple(post), resets=tuple(sorted(resets)))
