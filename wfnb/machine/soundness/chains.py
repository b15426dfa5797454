"""Transitions of which one does nothing but enable the next, as one move: cheaper before any rule than by the rules.

This is the shortcut of `soundness.shortcuts` where the place between has one maker and one taker, both of which need or
mark nothing else; half of the net of a drawing is such.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from wfnb.machine.net import Net, Transition

Chain: TypeAlias = tuple[list[int], tuple[int, ...], tuple[int, ...]]
"""Transitions by number, what the first takes, and what the last puts."""
_NONE, _MANY = -1, -2


def chains(net: Net) -> Iterator[Chain]:
    """Every transition of a net that empties and counts nothing, alone or with those that can only follow it.

    A ring that nothing leads into is left out: nothing of it ever fires.
    """
    transitions = net.transitions
    maker = [_NONE] * len(net.places)
    taker = [_NONE] * len(net.places)
    for number, transition in enumerate(transitions):
        for place in transition.pre:
            taker[place] = number if taker[place] == _NONE else _MANY
        for place in transition.post:
            maker[place] = number if maker[place] == _NONE else _MANY
    for place in net.initial:
        maker[place] = _MANY
    for number, transition in enumerate(transitions):
        if _follows(net, transition, maker, taker):
            continue
        chain = [number]
        post = transition.post
        while len(post) == 1 and (after := taker[post[0]]) >= 0 and _follows(net, transitions[after], maker, taker):
            chain.append(after)
            post = transitions[after].post
        yield chain, transition.pre, post


def _follows(net: Net, transition: Transition, maker: list[int], taker: list[int]) -> bool:
    """Whether a transition needs nothing but what one other puts, and that one nothing else."""
    if len(transition.pre) != 1 or not transition.post:
        return False
    (place,) = transition.pre
    return maker[place] >= 0 and taker[place] >= 0 and len(net.transitions[maker[place]].post) == 1
