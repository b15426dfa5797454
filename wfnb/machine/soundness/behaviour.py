"""What else is known of a net: whether it can get stuck, ends as it should, and which transitions can never fire.

A run ends with an error at a second token in a place; what would come after that does not count here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wfnb.machine.net import Net
from wfnb.machine.soundness.firing import fireable
from wfnb.machine.soundness.game import Game
from wfnb.machine.soundness.markings import Explored, explored
from wfnb.machine.soundness.verdict import STATES, Soundness, decide

MARKINGS = 1_500
"""How many markings are looked at for each property that soundness leaves open: about a hundredth of a second."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A property's verdict.

    Attributes:
        verdict: whether the net has it.
        why: in words; empty if it is proved.
        trace: a counterexample if it is refuted: numbers of transitions, fired from the initial marking.
    """

    verdict: Literal["proved", "refuted", "unknown"]
    why: str = ""
    trace: tuple[int, ...] = ()


PROVED = Finding("proved")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What is known of a net.

    Attributes:
        sound: safe, and an ending can always be reached.
        deadlock_free: nothing but an ending is dead.
        completes: no sink gets a second token, and nothing is left for ever when a sink is marked.
        terminates: from every reachable marking an ending can be reached.
        never: transitions that can not fire, proved one by one.
        undecided: transitions of which that is not known.
    """

    sound: Soundness
    deadlock_free: Finding
    completes: Finding
    terminates: Finding
    never: frozenset[int]
    undecided: frozenset[int]


def behaviour(net: Net, sound: Soundness | None = None, *, states: int = STATES, markings: int = MARKINGS) -> Behaviour:
    """Decide every property of a net.

    Args:
        net: the net.
        sound: its soundness, if that has been decided.
        states: as for `decide`.
        markings: how many markings to look at for each question that soundness leaves open.
    """
    sound = decide(net, states=states) if sound is None else sound
    if sound.kind == "initial":
        nothing = Finding("unknown", "it is wrong before any firing")
        return Behaviour(sound, nothing, nothing, nothing, frozenset(), frozenset(range(len(net.transitions))))
    if sound.verdict == "proved":
        fired, never = fireable(net, markings, sound=True)
        return Behaviour(sound, PROVED, PROVED, PROVED, never, _others(net, fired, never))
    seen = explored(Game(net), markings)
    if seen.complete:
        fired = seen.fired
        never = frozenset(range(len(net.transitions))) - fired
    else:
        fired, never = fireable(net, markings, sound=False, fired=seen.fired)
    return shown(net, sound, seen, never, _others(net, fired, never))


def with_what_never_fires(net: Net, sound: Soundness, *, markings: int = MARKINGS) -> Behaviour:
    """The properties of what is proved to be sound, and has only runs of a net that need not be.

    Args:
        net: the net.
        sound: the proof.
        markings: how many markings to look at for single transitions.
    """
    fired, never = fireable(net, markings, sound=False)
    return Behaviour(sound, PROVED, PROVED, PROVED, never, _others(net, fired, never))


def shown(net: Net, sound: Soundness, seen: Explored, never: frozenset[int], undecided: frozenset[int]) -> Behaviour:
    """What the markings of a net show that is not sound, or not known to be."""
    deadlock = _deadlock(sound, seen)
    completes, terminates = _completes(net, sound, seen), _terminates(sound, deadlock, seen)
    return Behaviour(sound, deadlock, completes, terminates, never, undecided)


def _others(net: Net, fired: frozenset[int], never: frozenset[int]) -> frozenset[int]:
    return frozenset(range(len(net.transitions))) - fired - never


def _unknown(seen: Explored) -> Finding:
    return Finding("unknown", f"not decided after {seen.states} markings")


def _deadlock(sound: Soundness, seen: Explored) -> Finding:
    if seen.dead is not None:
        return Finding("refuted", "deadlock: nothing can happen, and it is no ending", seen.dead)
    if sound.kind == "deadlock":
        return Finding("refuted", sound.why, sound.trace)
    return PROVED if seen.complete else _unknown(seen)


def _completes(net: Net, sound: Soundness, seen: Explored) -> Finding:
    if sound.place in net.sinks or (sound.kind == "deadlock" and not sound.marking.isdisjoint(net.sinks)):
        return Finding("refuted", sound.why, sound.trace)
    if seen.twice is not None:
        trace, place = seen.twice
        return Finding("refuted", f"a second token in place '{net.places[place]}'", trace)
    if seen.left is not None:
        return Finding("refuted", "tokens are left that can never move", seen.left)
    return PROVED if seen.complete else _unknown(seen)


def _terminates(sound: Soundness, deadlock: Finding, seen: Explored) -> Finding:
    if deadlock.verdict == "refuted":
        return deadlock
    if sound.kind == "livelock":
        return Finding("refuted", sound.why, sound.trace)
    if seen.endless is not None:
        return Finding("refuted", "livelock: no ending can be reached any more", seen.endless)
    return PROVED if seen.complete else _unknown(seen)
