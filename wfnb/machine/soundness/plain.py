"""Nets in which nothing is ever chosen, such as dependency graphs: one run shows all of them."""

from __future__ import annotations

from wfnb.machine.net import Net


def played_out(net: Net) -> tuple[tuple[int, ...], frozenset[int]] | None:
    """What a net fires and the marking in which it stops, if every place is marked and taken by one transition at most.

    Then no place gets a second token: its maker would have to fire twice, and so on back to places that nothing marks.
    And no firing keeps another from happening, so every run fires the same transitions and stops in the same marking.

    Returns:
        The transitions in an order in which they can be fired, and the marking after them; None if it is no such net.
    """
    taker = [-1] * len(net.places)
    made = [False] * len(net.places)
    for number, transition in enumerate(net.transitions):
        if transition.resets or transition.least > 0:
            return None
        for place in transition.pre:
            if taker[place] >= 0:
                return None
            taker[place] = number
        for place in transition.post:
            if made[place]:
                return None
            made[place] = True
    if any(made[place] for place in net.initial):
        return None
    missing = [len(transition.pre) for transition in net.transitions]
    fired: list[int] = []
    stopped: list[int] = []
    marked = sorted(net.initial)
    while marked:
        place = marked.pop()
        number = taker[place]
        if number < 0:
            stopped.append(place)
            continue
        missing[number] -= 1
        if not missing[number]:
            fired.append(number)
            marked += net.transitions[number].post
    waiting = (place for number, count in enumerate(missing) if count for place in net.transitions[number].pre)
    gone = {place for number in fired for place in net.transitions[number].post} | net.initial
    return tuple(fired), frozenset(stopped) | gone.intersection(waiting)
