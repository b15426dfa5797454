"""What is proved of a machine, where its net alone would say too much or too little."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from weakref import WeakKeyDictionary

from wfnb.machine.graph import cycles
from wfnb.machine.machine import Machine
from wfnb.machine.net import Net
from wfnb.machine.netting import Netted, net_of
from wfnb.machine.prompt.calm import Calm
from wfnb.machine.prompt.hastened import hastened
from wfnb.machine.prompt.looked import Looked, looked, walked
from wfnb.machine.prompt.turns import Turns
from wfnb.machine.soundness import Behaviour, Soundness, behaviour, decide
from wfnb.machine.soundness.behaviour import shown, with_what_never_fires
from wfnb.machine.soundness.game import bits
from wfnb.machine.soundness.verdict import told_of
from wfnb.machine.soundness.witness import Witness, played

LEAST, MOST = 3_000, 20_000
"""How many markings in which tokens rest are looked at where the net alone does not tell: in small nets more."""
MOVES = 2_000_000
"""Markings times transitions that are looked at then: a few seconds at most."""
LOOKS = 200_000
"""How many transitions of such markings are looked at for the other properties: a fifth of a second."""
ROUNDS = 6
"""How often joins that were late in a counterexample are made prompt."""

_decided: WeakKeyDictionary[Machine, Soundness] = WeakKeyDictionary()
_made: WeakKeyDictionary[Machine, Turns] = WeakKeyDictionary()
_known: WeakKeyDictionary[Machine, Calm] = WeakKeyDictionary()


def soundness_of(machine: Machine) -> Soundness:
    """Whether a machine is sound.

    What a run can do, its net can do too: a net that is safe and never stuck proves that a run is.  Only where there
    are cycles might a run go round for ever where its net need not (see `calm`).  What the net does, a run may be too
    prompt for: a counterexample counts only if it still is one where routing comes first.

    Raises:
        NetTooLarge: its net would be too large to be made.
    """
    whole = net_of(machine)
    found = _of_net(machine)
    if found.kind == "initial" or not _empties(machine):
        return found
    turns = _turns(machine)
    sure = _sure(machine, turns, found, found.trace, frozenset()) or _hastened(machine, turns, found.trace)
    if sure is not None:
        return sure
    if found.verdict == "unknown":
        return found
    most = max(LEAST, min(MOST, MOVES // (1 + len(whole.net.transitions))))
    every = looked(turns, most)
    worst = _worst(whole.net, every)
    if worst is not None:
        return told_of(whole.net, worst, every.seen.states)
    if every.seen.complete:
        return Soundness("proved", states=every.seen.states)
    return Soundness("unknown", f"not decided after {most} markings", states=every.seen.states)


def _hastened(machine: Machine, turns: Turns, trace: Sequence[int]) -> Soundness | None:
    """What is known where the joins that cancel fire at once, and those that were late in a counterexample; or nothing.

    Args:
        machine: the machine.
        turns: its net.
        trace: a counterexample in its net that a run does not have; empty if there is none.
    """
    joins = {*machine.special.rests, *turns.late(trace)}
    for _ in range(ROUNDS):
        quick = hastened(machine, turns, sorted(joins))
        if not quick.joins:
            return None
        found = decide(quick.net)
        trace = quick.spelt(found.trace)
        sure = _sure(machine, turns, found, trace, quick.joins)
        further = turns.late(trace) - joins
        if sure is not None or not further:
            return sure
        joins |= further
    return None


def _sure(
    machine: Machine, turns: Turns, found: Soundness, trace: Sequence[int], prompt: frozenset[int]
) -> Soundness | None:
    """What is known of the machine where this is known of a net that has all of its runs; None if nothing is.

    Args:
        machine: the machine.
        turns: its net.
        found: what is known of such a net.
        trace: the counterexample, if there is one, as one of the machine's own net.
        prompt: routing nodes that fire at once in it.
    """
    if found.verdict == "proved":
        if _goes_round(machine) and not _calm(machine, turns).leads_on(_may_end(machine) | prompt):
            return None
        return Soundness("proved", states=found.states)
    confirmed = _confirmed(turns, trace) if found.verdict == "refuted" else None
    return None if confirmed is None else told_of(turns.net, confirmed, found.states)


def behaviour_of(machine: Machine, sound: Soundness) -> Behaviour:
    """Everything that is known of a machine.

    Args:
        machine: the machine.
        sound: its soundness.
    """
    whole = net_of(machine)
    late = sound.verdict != "proved" or _of_net(machine).verdict == "proved"
    found = behaviour(whole.net, sound) if late else with_what_never_fires(whole.net, sound)
    if sound.kind == "initial" or not _empties(machine):
        return found
    fired = frozenset[int]()
    turns, every = _turns(machine), frozenset(range(len(whole.net.transitions)))
    if sound.verdict == "proved":
        if late and _calm(machine, turns).can_be_late():
            return found
        entering = _entering(machine, whole, every - found.never)
        fired = walked(turns, entering.values())
        if entering.keys() == _entering(machine, whole, fired).keys():
            return replace(found, undecided=every - fired - found.never)
    seen = looked(turns, min(MOST, LOOKS // len(every))).seen
    never = every - seen.fired if seen.complete else found.never
    undecided = every - seen.fired - fired - never
    if sound.verdict == "proved":
        return replace(found, never=never, undecided=undecided)
    return shown(whole.net, sound, seen, never, undecided)


def _of_net(machine: Machine) -> Soundness:
    """The soundness of a machine's own net, where routing may wait."""
    found = _decided.get(machine)
    if found is None:
        found = _decided[machine] = decide(net_of(machine).net)
    return found


def _turns(machine: Machine) -> Turns:
    found = _made.get(machine)
    if found is None:
        found = _made[machine] = Turns(machine, net_of(machine))
    return found


def _calm(machine: Machine, turns: Turns) -> Calm:
    found = _known.get(machine)
    if found is None:
        found = _known[machine] = Calm(turns)
    return found


def _entering(machine: Machine, whole: Netted, fired: frozenset[int]) -> dict[int, int]:
    """The nodes that tokens come to when these transitions fire, each with those that lead to it, as a mask."""
    found: dict[int, int] = {}
    for number in sorted(fired):
        one = whole.meanings[number]
        for edge in one.edges if one.cause != "skip" else ():
            node = machine.graph.target[edge]
            found[node] = found.get(node, 0) | 1 << number
    return found


def _empties(machine: Machine) -> bool:
    """Whether anything is ever withdrawn."""
    return bool(machine.special.empties or machine.special.rests or machine.special.terminates)


def _may_end(machine: Machine) -> frozenset[int]:
    """The routing nodes that may end the run."""
    return frozenset(
        machine.graph.source[edge] for end in machine.special.terminates for edge in machine.graph.into[end]
    )


def _goes_round(machine: Machine) -> bool:
    drawn = machine.graph
    return bool(cycles([drawn.after(node) for node in range(len(drawn.nodes))]))


def _worst(net: Net, every: Looked) -> Witness | None:
    ways = [way for way in (every.unsafe and every.unsafe[0], every.seen.dead) if way is not None]
    if ways:
        return played(net, min(ways, key=len))
    return None if every.seen.endless is None else played(net, every.seen.endless)


def _confirmed(turns: Turns, trace: Sequence[int]) -> Witness | None:
    """A counterexample as a run would have it; None if it is none."""
    net, game, meanings = turns.net, turns.game, turns.meanings
    ahead: dict[int, deque[tuple[str, tuple[int, ...]]]] = {}
    for number in trace:
        if not turns.outside >> number & 1:
            one = meanings[number]
            ahead.setdefault(one.node, deque()).append((one.cause, one.edges))

    def pick(node: int, choices: list[int]) -> list[int]:
        wanted = ahead.get(node, deque())
        if wanted:
            cause_and_edges = wanted.popleft()
            choices = [n for n in choices if (meanings[n].cause, meanings[n].edges) == cause_and_edges] or choices
        return choices[:1]

    marking = game.begin
    done: list[int] = []
    for number in trace:
        if not turns.outside >> number & 1:
            continue
        one = meanings[number]
        alike = (
            n
            for n in bits(game.enabled(marking) & turns.outside)
            if (meanings[n].cause, meanings[n].node, meanings[n].edges) == (one.cause, one.node, one.edges)
        )
        now = next(alike, None)
        if now is None:
            continue
        step = next(iter(turns.settled(marking, now, pick)))
        done += step.fired
        if step.doubled:
            return played(net, tuple(done))
        marking = step.marking
    if game.enabled(marking) or game.ended(marking):
        return None
    return played(net, tuple(done))
