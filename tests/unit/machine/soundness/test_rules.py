"""Where the rules must hold back: each net here was built to be judged wrongly by a rule that does not."""

from __future__ import annotations

from itertools import pairwise

import pytest

from tests.tools.tokengame import everything
from tests.unit.machine.soundness.nets import net
from wfnb.machine.net import Net
from wfnb.machine.soundness import core, decide, shortcuts
from wfnb.machine.soundness.core import Core, Term
from wfnb.machine.soundness.rules import reduce

TRAPS = {
    "places that are counted while they are marked": net(
        "f: i -> q r c", "t: q -> d", "u: r -> e", "w: c -> bad if 1 of q r", "j: c d e -> o", unsunk="bad"
    ),
    "what may go on after an ending, behind a loop": net(
        "f: i -> o m x", "a: x -> y", "b: y -> x", "t: m p -> q", "u: m -> p m2", idle="m m2 x y"
    ),
    "a threshold whose place is marked again": net("a: i -> p c", "w: c -> p o if 1 of p", idle="p"),
    "tokens that vanish one by one": net("f: i -> a b c", "a: a -> p", "b: b -> p", "gone: p ->", "c: c -> o"),
    "a reset before and after an end": net("f: i -> q c", "t: q -> o", "r: c -> x reset q"),
    "a reset of what comes next only": net("f: i -> q c", "t: q -> d", "r: c -> x reset d", "e: d x -> o"),
    "a reset of what came before only": net("f: i -> q c", "t: q -> d", "r: c -> x reset q", "e: d x -> o"),
    "a join made ready again while the next round comes": net(
        "f: i -> x n",
        "j: x ready -> x fired p",
        "again: x fired -> ready",
        "n: n p -> x",
        "e: fired ready -> o",
        initial="i ready",
        idle="ready",
    ),
    "a join whose input is counted": net(
        "f: i -> x c y",
        "m: y -> v",
        "j: x ready -> x fired p",
        "again: x fired -> ready",
        "w: c p -> bad if 2 of x y v",
        "n: c p v -> o",
        initial="i ready",
        idle="ready",
        unsunk="bad",
    ),
    "two places of which one is counted": net("f: i -> p q c", "t: p q -> d", "w: c -> bad if 1 of p", "j: c d -> o"),
    "two places of which one is emptied": net("f: i -> p q c", "t: p q -> d", "r: c -> c2 reset p", "j: c2 d -> o"),
    "two places of which one may stay": net("f: i -> p q o", "t: p q never -> o2", idle="p", unsunk="never"),
    "a lock that a reset takes away": net(
        "f: i -> a b", "a: a l -> c l", "r: b -> d reset l", "j: c d -> o", initial="i l", idle="l"
    ),
    "a lock that is put there twice": net("f: i -> a o", "a: a -> l", initial="i l", idle="l"),
    "what gives back all it takes, and empties what it gives": net(
        "f: i -> a", "again: a -> a b reset b", "e: a b -> o", "z: a -> o reset b"
    ),
    "what is counted and emptied by who counts it": net(
        "f: i -> a b c", "w: a -> a x if 2 of b c reset b c", "e: a x -> o", "z: a b c -> o"
    ),
    "alternatives that mark different ends": net("f: i -> a b", "x: a -> o", "y: a -> p", "z: b -> o", "u: b -> q"),
    "cancelling that marks another end": net(
        *(REGION := ("t1: q1 -> b1", "t2: q2 -> b2", "j: b1 b2 -> o", "r2: q2 -> o reset q1 q2 b1 b2")),
        "f: i -> q1 q2 z",
        "z: z -> s",
        "r1: q1 -> s reset q1 q2 b1 b2",
    ),
    "cancelling that forgets what the other does not": net(
        "t1: q1 -> b1",
        "t2: q2 -> b2",
        "j: b1 b2 z -> o",
        "f: i -> q1 q2 z",
        "r1: q1 -> o reset q1 q2 b1 b2",
        "r2: q2 -> o reset q1 q2 b1 b2 z",
    ),
    "cancelling before the other place is marked": net(
        *REGION, "f: i -> q1 z", "z: z -> q2", "r1: q1 -> o reset q1 q2 b1 b2"
    ),
    "cancelling after the other has left": net(
        "t1: q1 -> b1",
        "t2: q2 -> b2",
        "e: b2 -> d",
        "j: b1 d -> o",
        "f: i -> q1 q2",
        "r1: q1 -> o reset q1 q2 b1 b2",
        "r2: q2 -> o reset q1 q2 b1 b2",
    ),
    "cancelling from one end of a way that leads out": net(
        "f: i -> q", "t: q -> p out", "r: q -> o reset q p", "s: p -> o reset q p", "e: p out -> o"
    ),
    "an ending without a sink": net("a: i -> p", "x: p -> o", "y: p ->"),
}


@pytest.mark.parametrize("name", TRAPS)
def test_traps(name: str) -> None:
    made = TRAPS[name]
    every = everything(made, 1_000)
    assert every is not None
    assert decide(made, few=0, near=0).verdict == ("proved" if every.sound else "refuted")


def left(made: Net) -> int:
    """How many moves the rules leave."""
    core = Core(made)
    reduce(core)
    return len(core.moves)


@pytest.mark.parametrize(
    "made",
    [
        net("a: i -> p", "x: p -> q", "y: p -> q", "b: q -> o"),
        net("f: i -> a b", "a: a -> c", "b: b -> d", "j: c d -> o"),
        net("f: i -> a b", "a: a l -> x", "x: x -> c l", "b: b l -> d l", "j: c d -> o", initial="i l", idle="l"),
        net("f: i -> a b", "a: a -> c", "b: b -> d", "j: -> o if 2 of c d reset c d"),
        net("f: i -> a b c", "j: -> o if 2 of a b c reset a b c"),
        net("f: i -> x", "j: x ready -> x fired o", "again: x fired -> ready", initial="i ready", idle="ready"),
        net("f: i -> a b", "a: a -> c", "b: b -> d", "j: c d -> e", "r: e -> o reset a b c d"),
    ],
)
def test_nothing_but_the_beginning_is_left(made: Net) -> None:
    assert left(made) == 1
    assert decide(made, few=0).verdict == "proved"


def cancelled(branches: int, length: int) -> Net:
    """Branches of tasks, from each of which all can be cancelled."""
    ways = [[*(f"q{k}_{n}" for n in range(length)), f"b{k}"] for k in range(branches)]
    everything = " ".join(place for way in ways for place in way)
    lines = [f"f: i -> {' '.join(way[0] for way in ways)}", f"j: {' '.join(way[-1] for way in ways)} -> o"]
    for way in ways:
        for place, after in pairwise(way):
            lines += [f"t {place}: {place} -> {after}", f"r {place}: {place} -> o reset {everything}"]
    return net(*lines)


@pytest.mark.parametrize(("branches", "length"), [(1, 5), (3, 1), (20, 1), (6, 6)])
def test_a_group_that_can_be_cancelled_from_everywhere(branches: int, length: int) -> None:
    made = cancelled(branches, length)
    assert left(made) < 6
    assert decide(made, few=0).verdict == "proved"


def test_dead_branches_go() -> None:
    assert left(net("a: i -> o", "b: never i -> p", "c: p -> o", unsunk="never")) == 1


def test_loops_in_loops_take_time_in_proportion(monkeypatch: pytest.MonkeyPatch) -> None:
    made = 0

    def then(first: Term, second: Term) -> Term:
        nonlocal made
        made += 1
        return core.then(first, second)

    monkeypatch.setattr(shortcuts, "then", then)
    loops = range(300)
    lines = [f"t{i}: p{i} -> q{i}" for i in loops]
    lines += [f"back{i}: q{i} -> p0" for i in loops] + [f"on{i}: q{i} -> p{i + 1}" for i in loops]
    assert decide(net("fork: i -> p0 x", *lines, f"join: p{len(loops)} x -> o"), few=0).verdict == "proved"
    assert 0 < made < 20 * len(loops)
