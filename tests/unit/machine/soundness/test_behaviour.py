"""The other properties of a net, each with its own counterexample, and transitions that can never fire."""

from __future__ import annotations

from itertools import pairwise

from tests.unit.machine.soundness.nets import ids, net
from tests.unit.machine.soundness.test_decide import SOUND, UNSOUND, alarms
from wfnb.machine.net import Net
from wfnb.machine.soundness import Behaviour, behaviour


def never(made: Net, found: Behaviour) -> list[str]:
    return ids(made, tuple(sorted(found.never)))


def test_a_sound_net_has_every_property() -> None:
    for name, made in SOUND.items():
        found = behaviour(made)
        verdicts = {found.deadlock_free.verdict, found.completes.verdict, found.terminates.verdict}
        assert verdicts == {"proved"}, name
        assert not found.undecided
        assert never(made, found) == (["b"] if name == "what can never fire" else [])


def test_deadlock() -> None:
    made = UNSOUND["join of alternatives"][0]
    found = behaviour(made)
    assert found.deadlock_free.verdict == "refuted"
    assert found.deadlock_free.why == "deadlock: nothing can happen, and it is no ending"
    assert ids(made, found.deadlock_free.trace) == ["a"]
    assert found.terminates == found.deadlock_free
    assert found.completes.verdict == "proved"
    assert never(made, found) == ["j"]


def test_livelock_is_no_deadlock() -> None:
    made = UNSOUND["livelock behind a choice"][0]
    found = behaviour(made)
    assert found.deadlock_free.verdict == found.completes.verdict == "proved"
    assert found.terminates.verdict == "refuted"
    assert found.terminates.why.startswith("livelock: ")
    assert ids(made, found.terminates.trace) == ["b"]


def test_a_livelock_beside_a_deadlock() -> None:
    made = net("a: i -> p", "b: p -> q", "c: q -> p", "d: i -> stuck", unsunk="stuck")
    found = behaviour(made)
    assert ids(made, found.deadlock_free.trace) == ["d"]
    assert found.terminates == found.deadlock_free


def test_tokens_that_are_left() -> None:
    made = UNSOUND["tokens are left"][0]
    found = behaviour(made)
    assert found.completes.verdict == "refuted"
    assert found.completes.why == "tokens are left in 'p'"
    assert ids(made, found.completes.trace) == ["f"]


def test_two_tokens_in_a_sink() -> None:
    made = UNSOUND["two tokens in a sink"][0]
    found = behaviour(made)
    assert (found.completes.verdict, found.completes.why) == ("refuted", "a second token in place 'o'")
    assert found.deadlock_free.verdict == "proved"


def test_a_second_token_elsewhere_is_no_matter_of_completion() -> None:
    made = net("f: i -> a b", "a: a -> c", "b: b -> c", "back: c -> c", "o: c -> o")
    found = behaviour(made)
    assert found.sound.kind == "unsafe"
    assert found.deadlock_free.verdict == "proved"


def test_wrong_before_any_firing() -> None:
    made = net("a: i -> o", crowded="i")
    found = behaviour(made)
    assert {found.deadlock_free.verdict, found.completes.verdict, found.terminates.verdict} == {"unknown"}
    assert (found.never, found.undecided) == (frozenset(), frozenset({0}))


def test_dead_transitions_of_a_sound_net_that_only_a_search_can_tell() -> None:
    """Both branches need the lock, so nobody ever sees both at work."""
    made = net(
        "f: i -> a b",
        "a: a l -> c",
        "aa: c -> e l",
        "b: b l -> d",
        "bb: d -> g l",
        "both: c d -> c d",
        "j: e g -> o",
        initial="i l",
        idle="l",
    )
    found = behaviour(made)
    assert found.sound.verdict == "proved"
    assert never(made, found) == ["both"]
    assert not found.undecided


def test_transitions_that_a_cancellation_hides_can_fire() -> None:
    made = alarms(8)
    found = behaviour(made)
    assert found.sound.verdict == "proved"
    assert not found.never
    assert not found.undecided


def test_an_honest_unknown() -> None:
    lines = ["f: i -> " + " ".join(f"a{k}" for k in range(10)), "o: a0 x -> o"]
    lines += [f"{t}{k}: {s}{k} -> {e}{k}" for k in range(10) for s, t, e in (("a", "u", "b"), ("b", "v", "a"))]
    made = net(*lines, unsunk="x")
    found = behaviour(made, markings=50)
    assert found.sound.verdict == "refuted"
    assert (found.deadlock_free.verdict, found.completes.verdict) == ("unknown", "unknown")
    assert found.deadlock_free.why.startswith("not decided after ")
    assert found.terminates.verdict == "refuted"
    assert never(made, found) == ["o"]


def test_what_is_deep_in_parts_that_anything_may_interrupt() -> None:
    lines = []
    for part in range(6):
        names = [f"p{part}.{number}" for number in range(80)]
        into, out = f"i{part or ''}", f"i{part + 1}"
        lines += [f"in{part}: {into} -> {names[0]} {names[40]}", f"out{part}: {names[39]} {names[79]} -> {out}"]
        lines += [f"r{p}: {p} -> {out} reset {' '.join(names)}" for p in names]
        lines += [f"t{p}: {p} -> {q}" for p, q in pairwise(names) if p != names[39]]
    found = behaviour(net(*lines), markings=200)
    assert found.sound.verdict == "proved"
    assert not found.undecided
    assert not found.never
