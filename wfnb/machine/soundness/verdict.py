"""Whether a net is sound."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from wfnb.machine.net import Net
from wfnb.machine.soundness.core import Core, length
from wfnb.machine.soundness.game import Game
from wfnb.machine.soundness.markings import shortest
from wfnb.machine.soundness.plain import played_out, walked
from wfnb.machine.soundness.rules import reduce
from wfnb.machine.soundness.search import Found, search
from wfnb.machine.soundness.witness import Kind, Witness, played, witness

STATES = 30_000
"""How many markings of the core are looked at before the verdict is *unknown*: a few seconds at most."""
NEAR = 2_000
"""How many markings of the net are looked at to make a counterexample the shortest one."""
LARGE = 3_000
"""With more transitions than this a net is not looked at marking by marking: each would be thousands of bits."""
FEW = 150
"""How many markings of the net are looked at before any rule is tried: most nets that people draw have no more."""


@dataclass(frozen=True, slots=True)
class Soundness:
    """A verdict and why.

    Attributes:
        verdict: whether the net is sound.
        why: in words; empty if it is proved.
        kind: what the counterexample ends in; None without one.
        trace: the counterexample: numbers of transitions, fired from the initial marking.  For `unsafe` the last one
            puts a second token into `place`.  It is empty if the net is unsound before any firing.
        marking: the marked places after it; for `unsafe`, before its last firing.
        place: which gets a second token, else None.
        states: how many markings were looked at.
    """

    verdict: Literal["proved", "refuted", "unknown"]
    why: str = ""
    kind: Kind | None = None
    trace: tuple[int, ...] = ()
    marking: frozenset[int] = frozenset()
    place: int | None = None
    states: int = 0


def decide(net: Net, *, states: int = STATES, near: int = NEAR, few: int = FEW) -> Soundness:
    """Whether a net is sound: safe, and from every reachable marking an ending can be reached.

    Where nothing is ever chosen, one run tells; where one token goes about, its ways; where there are few markings, a
    look at all of them.  Else the rules of `soundness.rules` shrink the net, mostly to nothing; what is left is
    searched.

    Args:
        net: the net.
        states: how many markings to look at before giving up.
        near: how many to look at to make the counterexample the shortest one.
        few: how many to look at before any rule is tried.
    """
    easy = _before_any_firing(net) or _plain(net)
    if easy:
        return easy
    if len(net.transitions) > LARGE:
        few = near = 0
    game = Game(net) if few else None
    first = shortest(game, few) if game else None
    if first and first.kind:
        return told_of(net, played(net, first.trace, first.kind), first.states)
    if first and first.complete:
        return Soundness("proved", states=first.states)
    core = Core(net)
    reduce(core)
    found = _judged(core) or search(core, states)
    if found.verdict == "proved":
        return Soundness("proved", states=found.states)
    if found.verdict == "unknown":
        return Soundness("unknown", f"not decided after {states} markings", states=found.states)
    return told_of(net, witness(net, game or Game(net), found, markings=near), found.states)


def _before_any_firing(net: Net) -> Soundness | None:
    for place in sorted(net.crowded):
        why = f"unsafe before any firing: '{net.places[place]}' has more than one token at the beginning"
        return Soundness("refuted", why, "initial", marking=net.initial, place=place)
    for transition in net.transitions:
        if not transition.pre and transition.least <= 0:
            why = f"transition '{transition.id}' has no input: it can fire for ever"
            return Soundness("refuted", why, "initial", marking=net.initial)
    return None


def _plain(net: Net) -> Soundness | None:
    token = walked(net)
    if token is not None:
        if token.kind is None:
            return Soundness("proved", states=token.places)
        return told_of(net, Witness(token.kind, token.trace, token.marking), token.places)
    only = played_out(net)
    if only is None:
        return None
    trace, marking = only
    if net.ended(marking):
        return Soundness("proved", states=len(trace) + 1)
    return told_of(net, Witness("deadlock", trace, marking), len(trace) + 1)


def _judged(core: Core) -> Found | None:
    """The verdict if the rules have left nothing but the beginning, or found it bad."""
    begins = sorted(core.takers[core.origin], key=lambda move: length(move.term))
    for move in begins:
        if move.fault:
            return Found("refuted", (move,), move.fault, move.doubled)
    if len(begins) < len(core.moves) or any(move.post for move in begins):
        return None
    for move in begins:
        if move.silent:
            return Found("refuted", (move,), "dead")
    return Found("proved")


def told_of(net: Net, found: Witness, states: int) -> Soundness:
    """The verdict that a counterexample gives."""
    return Soundness("refuted", _words(net, found), found.kind, found.trace, found.marking, found.place, states)


def _words(net: Net, found: Witness) -> str:
    names = [f"'{net.places[place]}'" for place in sorted(found.marking - net.sinks - net.idle)]
    left = ", ".join(names[:5]) + (", ..." if len(names) > 5 else "")
    if found.place is not None:
        return f"a second token in place '{net.places[found.place]}'"
    if found.kind == "livelock":
        return f"livelock: no ending can be reached from {left}"
    if not names:
        return "deadlock: nothing can happen and no sink is marked"
    if found.marking.isdisjoint(net.sinks):
        return f"deadlock: nothing can happen with tokens in {left}"
    return f"tokens are left in {left}"
