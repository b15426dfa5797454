"""Counterexamples without what they do not need."""

from __future__ import annotations

from tests.unit.machine.soundness.nets import ids, net
from wfnb.machine.soundness.game import Game
from wfnb.machine.soundness.trimming import trimmed

BESIDE = net("f: i -> a b", "x: a -> a2", "y: a2 -> a", "g: b -> c d", "h: c -> d", "j: a2 d -> o")


def test_what_happens_beside_is_left_out() -> None:
    trace = (0, 1, 2, 3, 1, 2, 4)
    assert ids(BESIDE, trimmed(Game(BESIDE), trace)) == ["f", "g", "h"]


def test_a_deadlock_stays_one() -> None:
    made = net("f: i -> a b", "x: a -> a2", "y: a2 -> a", "d: a -> p", "e: b -> q", "k: b -> r", "j: p q r -> o")
    assert ids(made, trimmed(Game(made), (0, 1, 2, 1, 4, 2, 3))) == ["f", "e", "d"]


def test_what_can_not_be_shorter_stays_as_it_is() -> None:
    made = net("f: i -> a b", "x: a -> p", "y: b -> p", "z: p -> o")
    assert trimmed(Game(made), (0, 1, 2)) == (0, 1, 2)


def test_transitions_that_count() -> None:
    made = net("f: i -> a b c", "x: c -> c2", "y: c2 -> c", "t: c -> a if 2 of a b", "j: a b -> o")
    assert ids(made, trimmed(Game(made), (0, 1, 2, 1, 2, 3))) == ["f", "t"]
