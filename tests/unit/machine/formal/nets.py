"""Nets written down by hand, and random ones."""

from __future__ import annotations

import random

from wfnb.machine.net import Net, Transition


def net(rules: dict[str, str], initial: str, sinks: str, idle: str = "") -> Net:
    """A net from rules such as `{"t": "p q > r / s"}`: takes from p and q, gives to r, empties s."""
    places: dict[str, int] = {}

    def numbers(text: str) -> tuple[int, ...]:
        return tuple(places.setdefault(name, len(places)) for name in text.split())

    start = frozenset(numbers(initial))
    transitions = []
    for id, rule in rules.items():
        pre, _, rest = rule.partition(">")
        post, _, resets = rest.partition("/")
        transitions.append(Transition(id, numbers(pre), numbers(post), numbers(resets)))
    ends, rests = frozenset(numbers(sinks)), frozenset(numbers(idle))
    return Net(tuple(places), tuple(transitions), start, ends, rests)


PARALLEL = net({"fork": "i > a b", "left": "a > c", "right": "b > d", "join": "c d > o"}, "i", "o")
LOOP = net({"go": "i > p", "work": "p > q", "again": "q > p", "leave": "q > o"}, "i", "o")
CANCEL = net({"fork": "i > a b", "left": "a > c", "right": "b > d", "join": "c d > o", "stop": "a > o / b d"}, "i", "o")
LOCKED = net(
    {"fork": "i > a b", "in a": "a lock > x", "out a": "x > c lock", "in b": "b lock > y", "out b": "y > d lock",
     "join": "c d > o"},
    "i lock", "o", "lock",
)  # fmt: skip


def drawn(seed: int, *, most: int = 6) -> Net:
    """A small random net of any shape, with a reset now and then."""
    draw = random.Random(seed)
    count = draw.randint(2, most)
    everything = range(count)

    def some(low: int, high: int) -> tuple[int, ...]:
        return tuple(draw.sample(everything, min(count, draw.randint(low, high))))

    transitions = tuple(
        Transition(f"t{number}", some(1, 2), some(0, 3), some(1, 1) if draw.random() < 0.2 else ())
        for number in range(draw.randint(1, most))
    )
    consumed = {place for transition in transitions for place in transition.pre}
    sinks = frozenset(everything) - consumed
    return Net(tuple(f"p{place}" for place in everything), transitions, frozenset(some(1, 2)), sinks)


def chain(length: int) -> Net:
    """Places in a row."""
    transitions = tuple(Transition(f"t{number}", (number,), (number + 1,)) for number in range(length))
    return Net(tuple(f"p{number}" for number in range(length + 1)), transitions, frozenset({0}), frozenset({length}))


def blocks(count: int, *, wide: int = 2) -> Net:
    """Forks and joins in a row, which have `wide ** count` minimal place invariants."""
    places = ["p0"]
    transitions = []
    for block in range(count):
        entry = len(places) - 1
        first = len(places)
        places += [f"b{block}.{branch}" for branch in range(2 * wide)] + [f"p{block + 1}"]
        middle, behind = tuple(range(first, first + wide)), tuple(range(first + wide, first + 2 * wide))
        transitions.append(Transition(f"fork{block}", (entry,), middle))
        transitions.extend(
            Transition(f"task{block}.{branch}", (middle[branch],), (behind[branch],)) for branch in range(wide)
        )
        transitions.append(Transition(f"join{block}", behind, (len(places) - 1,)))
    return Net(tuple(places), tuple(transitions), frozenset({0}), frozenset({len(places) - 1}))
