"""Locks of groups: the last token that leaves a group gives its lock back, whichever way it leaves.

Nearly always it is plain which token is the last, because nothing else can be in the group at that time.  Where another
may be, each transition by which a token leaves is there once for each place where one may be left, and once more for
none; for that each of these places has an opposite, which is marked when it is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from wfnb.machine.net import Transition
from wfnb.machine.netting.firings import Firings
from wfnb.machine.netting.together import together


def give_back(made: Firings) -> None:
    """Let transitions give the locks of groups back.

    Args:
        made: everything else of the net; its transitions are changed.
    """
    if not made.group_locks:
        return
    for group, name in made.group_locks.items():  # every place is there before they are counted
        made.places_in(made.special.groups[group])
        made.lock(name), made.holding(group)
    beside = together(len(made.places), made.transitions, made.initial)
    opposites: dict[int, int] = {}
    for group in sorted(made.group_locks):
        _Group(made, group, beside, opposites).rewrite()
    for place, opposite in opposites.items():
        if place not in made.initial:
            made.initial.add(opposite)
        made.idle.add(opposite)
    if opposites:
        made.replace([(_opposed(t, opposites), meaning) for t, meaning in made.whole()])


def _opposed(transition: Transition, opposites: dict[int, int]) -> Transition:
    """A transition that keeps the opposites of the places that it marks and empties."""
    post, resets = list(transition.post), list(transition.resets)
    for place, opposite in opposites.items():
        if place in transition.post:
            if place not in transition.pre:
                resets.append(opposite)
        elif place in transition.pre:
            post.append(opposite)
        elif place in transition.resets:
            resets.append(opposite)
            post.append(opposite)
    return replace(transition, post=tuple(post), resets=tuple(sorted(resets)))


@dataclass(slots=True)
class _Group:
    made: Firings
    group: int
    beside: list[int]
    """By place: those that may be marked at the same time, as bits."""
    opposites: dict[int, int]

    def rewrite(self) -> None:
        made, special = self.made, self.made.special
        region = special.groups[self.group]
        inside = set(made.resting_in(region)) | made.moving_in(region)
        entry = special.outside.get(self.group)
        if entry is not None:
            inside.discard(made.place(f"before {made.machine.ids[entry]}", node=entry))
        found = []
        for transition, meaning in made.whole():
            found += [(variant, meaning) for variant in self._variants(transition, inside)]
        made.replace(found)

    def _variants(self, t: Transition, inside: set[int]) -> Iterator[Transition]:
        """The transition, once for each way in which tokens and the lock may be."""
        made = self.made
        free, held = made.lock(made.group_locks[self.group]), made.holding(self.group)
        taken = inside.intersection(t.pre)
        emptied = taken.union(inside.intersection(t.resets))
        others = [made.holding(one) for one in made.holders[made.group_locks[self.group]] if one != self.group]
        elsewhere = [place for place in (free, *others) if place in t.pre]
        if not emptied or not inside.isdisjoint(t.post) or held in t.resets or elsewhere:
            yield t
            return
        left = sorted(place for place in inside - emptied if all(self.beside[p] >> place & 1 for p in t.pre))
        for place in left:
            yield _reading(t, place)
        for place in left:
            self._opposite(place)
        post = tuple(place for place in t.post if place != held)
        last = replace(t, pre=tuple(sorted({*t.pre, held})), post=(*post, free))
        for place in left:
            last = _reading(last, self.opposites[place])
        yield last
        if not taken and held not in t.pre:
            for place in (free, *others):
                yield _reading(t, place)

    def _opposite(self, place: int) -> None:
        if place not in self.opposites:
            name = next(name for name, number in self.made.places.items() if number == place)
            self.opposites[place] = self.made.place(f"nothing in: {name}")


def _reading(t: Transition, place: int) -> Transition:
    """A transition that needs a token in a place, and leaves it there."""
    post = t.post if place in t.post else (*t.post, place)
    return replace(t, pre=tuple(sorted({*t.pre, place})), post=post)
