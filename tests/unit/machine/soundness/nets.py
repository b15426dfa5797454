"""Nets in a line of text."""

from __future__ import annotations

from wfnb.machine.net import Net, Transition


def net(*lines: str, initial: str = "i", idle: str = "", unsunk: str = "", crowded: str = "") -> Net:
    """A net from lines such as `t: a b -> c`, with `if 2 of a b c` and `reset a b` after it.

    Sinks are the places that nothing takes from or counts, but those that are `idle` or `unsunk`.
    """
    places: dict[str, int] = {}

    def numbers(text: str) -> tuple[int, ...]:
        return tuple(places.setdefault(name, len(places)) for name in text.split())

    transitions = []
    for line in lines:
        id, _, rest = line.partition(":")
        arcs, _, resets = rest.partition("reset")
        arcs, _, counted = arcs.partition("if")
        pre, _, post = arcs.partition("->")
        least, _, some = counted.partition("of")
        transitions.append(Transition(id, numbers(pre), numbers(post), numbers(resets), numbers(some), int(least or 0)))
    begin, kept, left, many = (frozenset(numbers(text)) for text in (initial, idle, unsunk, crowded))
    used = {place for t in transitions for place in (*t.pre, *t.some)}
    sinks = frozenset(places.values()) - used - kept - left
    return Net(tuple(places), tuple(transitions), begin, sinks, kept, many)


def ids(made: Net, trace: tuple[int, ...]) -> list[str]:
    """The names of the transitions of a trace."""
    return [made.transitions[number].id for number in trace]
