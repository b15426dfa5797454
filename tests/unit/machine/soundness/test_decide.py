"""Verdicts on small nets, one for each thing that can be wrong or can be in a net."""

from __future__ import annotations

import pytest

from tests.unit.machine.soundness.nets import ids, net
from wfnb.machine.net import Net, Transition
from wfnb.machine.soundness import decide

SOUND = {
    "sequence": net("a: i -> p", "b: p -> o"),
    "choice": net("a: i -> o", "b: i -> o"),
    "fork and join": net("f: i -> a b", "a: a -> c", "b: b -> d", "j: c d -> o"),
    "loop": net("a: i -> p", "again: p -> i", "b: p -> o"),
    "branches that end by themselves": net("f: i -> a b", "a: a -> x", "b: b -> y"),
    "several places marked": net("j: i k -> o", initial="i k"),
    "ended at once": net(initial="o"),
    "no-op": net("a: i -> o", "skip: i -> i"),
    "lock": net("f: i -> a b", "a: a l -> c l", "b: b l -> d l", "j: c d -> o", initial="i l", idle="l"),
    "lock held for long": net(
        "f: i -> a b",
        "a: a l -> x",
        "x: x -> c l",
        "b: b l -> y",
        "y: y -> d l",
        "j: c d -> o",
        initial="i l",
        idle="l",
    ),
    "flag": net("f: i -> a b", "a: a -> c m", "b: b m -> d m", "j: c d -> o", idle="m"),
    "flag that nobody reads": net("a: i -> o m", idle="m"),
    "cancellation": net("f: i -> a b", "j: a b -> o", "c: a -> o reset b"),
    "cancellation of what is inside": net(
        "f: i -> a b", "a: a -> c", "b: b -> d", "j: c d -> o", "x: b -> o reset a b c d"
    ),
    "terminate": net("f: i -> a b", "a: a -> o reset b c", "b: b -> c", "c: c -> o reset a"),
    "first of three, the rest cancelled": net(
        "f: i -> a b c", "a: a -> x", "b: b -> y", "c: c -> z", "j: -> o if 1 of x y z reset a b c x y z"
    ),
    "two of three, the rest absorbed": net(
        "f: i -> a b c",
        "j: ready -> o fired if 2 of a b c",
        "again: fired a b c -> ready",
        initial="i ready",
        idle="ready",
    ),
    "all of two counted": net("f: i -> a b", "j: -> o if 2 of a b reset a b"),
    "a threshold of none": net("a: i -> o if 0 of i"),
    "what can never fire": net("a: i -> o", "b: never -> i", unsunk="never"),
}
UNSOUND = {
    "dead end": (net("a: i -> o", "b: i -> p", unsunk="p"), "deadlock", ["b"]),
    "join of alternatives": (net("a: i -> p", "b: i -> q", "j: p q -> o"), "deadlock", ["a"]),
    "tokens are left": (net("f: i -> o p", unsunk="p"), "deadlock", ["f"]),
    "nothing is left": (net("a: i ->"), "deadlock", ["a"]),
    "nothing at all": (net(initial=""), "deadlock", []),
    "stuck from the start": (net("a: i j -> o"), "deadlock", []),
    "merge of branches": (net("f: i -> a b", "a: a -> c", "b: b -> c", "o: c -> o"), "unsafe", ["f", "a", "b"]),
    "two tokens in a sink": (net("f: i -> a b", "a: a -> o", "b: b -> o"), "unsafe", ["f", "a", "b"]),
    "two tokens in a sink, by alternatives": (
        net("f: i -> a b", "a: a -> o", "x: a -> x", "b: b -> o", "y: b -> y"),
        "unsafe",
        ["f", "a", "b"],
    ),
    "a sink in a loop": (net("a: i -> p o", "again: p -> i", "b: p -> q"), "unsafe", ["a", "again", "a"]),
    "a second token that soon vanishes": (
        net("f: i -> a b c", "a: a -> p", "b: b -> p", "gone: p ->", "c: c -> o"),
        "unsafe",
        ["f", "a", "b"],
    ),
    "generator": (net("a: i -> i p", "p: p -> o"), "unsafe", ["a", "a"]),
    "livelock": (net("a: i -> p", "b: p -> i", unsunk="never"), "livelock", []),
    "livelock behind a choice": (net("a: i -> o", "b: i -> p", "c: p -> q", "d: q -> p"), "livelock", ["b"]),
    "flag raised twice": (net("a: i -> p m", "b: p -> i", "c: p -> o", idle="m"), "unsafe", ["a", "b", "a"]),
    "lock never given back": (
        net("a: i l -> p", "b: p l -> o", initial="i l", idle="l"),
        "deadlock",
        ["a"],
    ),
    "locks in crossed order": (
        net(
            "f: i -> a b",
            "a: a l -> c",
            "aa: c m -> e l m",
            "b: b m -> d",
            "bb: d l -> g l m",
            "j: e g -> o",
            initial="i l m",
            idle="l m",
        ),
        "deadlock",
        ["f", "a", "b"],
    ),
    "cancellation that forgets a place": (
        net("f: i -> a b", "a: a -> c", "b: b -> d", "j: c d -> o", "x: b -> o reset a"),
        "deadlock",
        ["f", "a", "x"],
    ),
    "a reset that is too late": (net("f: i -> a b", "a: a -> o", "b: b -> o", "x: b -> o reset a"), "unsafe", None),
    "a join that fires again too soon": (
        net(
            "f: i -> a b",
            "j: ready -> p fired if 1 of a b",
            "again: fired a b -> ready",
            "back: p -> i",
            "o: p -> o",
            initial="i ready",
            idle="ready",
        ),
        "unsafe",
        ["f", "j", "back", "f"],
    ),
    "a threshold beyond reach": (net("f: i -> a b", "j: -> o if 3 of a b reset a b"), "deadlock", ["f"]),
    "only idle places are marked": (net("a: i -> m", idle="m"), "deadlock", ["a"]),
}


@pytest.mark.parametrize("few", [0, 1_000])
@pytest.mark.parametrize("name", SOUND)
def test_sound(name: str, few: int) -> None:
    found = decide(SOUND[name], few=few)
    assert (found.verdict, found.why, found.kind, found.trace) == ("proved", "", None, ())


@pytest.mark.parametrize("few", [0, 1_000])
@pytest.mark.parametrize("name", UNSOUND)
def test_unsound(name: str, few: int) -> None:
    made, kind, trace = UNSOUND[name]
    found = decide(made, few=few)
    assert (found.verdict, found.kind) == ("refuted", kind)
    if trace is not None:
        assert ids(made, found.trace) == trace


@pytest.mark.parametrize("name", UNSOUND)
def test_a_counterexample_without_looking_for_the_shortest(name: str) -> None:
    made, _, _ = UNSOUND[name]
    found = decide(made, near=0, few=0)
    assert found.verdict == "refuted"
    assert made.play(found.trace if found.place is None else found.trace[:-1]) == found.marking


def test_words() -> None:
    def why(name: str) -> str:
        return decide(UNSOUND[name][0]).why

    assert why("merge of branches") == "a second token in place 'c'"
    assert why("join of alternatives") == "deadlock: nothing can happen with tokens in 'p'"
    assert why("tokens are left") == "tokens are left in 'p'"
    assert why("nothing is left") == "deadlock: nothing can happen and no sink is marked"
    assert why("livelock behind a choice") == "livelock: no ending can be reached from 'p'"


def test_many_places_are_not_all_named() -> None:
    made = net("f: i -> o a b c d e f g", unsunk="a b c d e f g")
    assert decide(made).why == "tokens are left in 'a', 'b', 'c', 'd', 'e', ..."


def test_unsafe_before_any_firing() -> None:
    found = decide(net("a: i -> o", crowded="i"))
    assert (found.verdict, found.kind, found.trace) == ("refuted", "initial", ())
    assert found.why == "unsafe before any firing: 'i' has more than one token at the beginning"


def test_a_transition_without_input() -> None:
    found = decide(net("a: i -> o", "b: -> p"))
    assert (found.verdict, found.kind, found.trace) == ("refuted", "initial", ())
    assert found.why == "transition 'b' has no input: it can fire for ever"


def test_a_second_token_is_the_last_firing() -> None:
    made = UNSOUND["merge of branches"][0]
    found = decide(made)
    assert found.place is not None
    assert made.places[found.place] == "c"
    assert found.marking == made.play(found.trace[:-1])
    assert found.place in found.marking


def test_an_honest_unknown() -> None:
    made = alarms(6)
    found = decide(made, states=10, few=0)
    assert (found.verdict, found.why, found.states) == ("unknown", "not decided after 10 markings", 10)
    assert decide(made, few=0).verdict == "proved"


def alarms(count: int) -> Net:
    """Branches at work, each of which may fail, cancels all and then ends in its own way."""
    numbers = range(count)
    everything = " ".join(f"a{k} b{k} c{k}" for k in numbers)
    lines = [f"f: i -> {' '.join(f'a{k}' for k in numbers)}", f"j: {' '.join(f'c{k}' for k in numbers)} -> o"]
    for k in numbers:
        lines += [f"s{k}: a{k} -> b{k}", f"d{k}: b{k} -> c{k}", f"x{k}: b{k} -> o{k} reset {everything}"]
    return net(*lines)


def test_forks_in_one_order_are_taken_without_a_search() -> None:
    assert (decide(philosophers(30), few=0).verdict, decide(philosophers(30), few=0).states) == ("proved", 0)


def philosophers(count: int) -> Net:
    """All take the left fork first but one, who takes the right one first; each eats once."""
    lines = [f"f: i -> {' '.join(f't{k}' for k in range(count))}"]
    for k in range(count):
        left, right = (k, (k + 1) % count) if k else (1, 0)
        lines += [f"l{k}: t{k} fork{left} -> u{k}", f"r{k}: u{k} fork{right} -> e{k}"]
        lines += [f"d{k}: e{k} -> x{k} fork{left} fork{right}"]
    lines.append(f"j: {' '.join(f'x{k}' for k in range(count))} -> o")
    forks = " ".join(f"fork{k}" for k in range(count))
    return net(*lines, initial=f"i {forks}", idle=forks)


def test_the_same_net_gives_the_same_answer() -> None:
    assert decide(alarms(4)) == decide(alarms(4))
    made = UNSOUND["livelock behind a choice"][0]
    assert decide(made) == decide(made)


def test_a_sink_that_is_emptied() -> None:
    """Every end stops everything else, ends included."""
    everything = (1, 2, 3)
    made = Net(
        ("i", "a", "x", "y"),
        (
            Transition("f", (0,), (1, 2)),
            Transition("a", (1,), (3,), resets=everything),
        ),
        frozenset({0}),
        frozenset({2, 3}),
    )
    assert decide(made, few=0).verdict == "proved"


def test_a_deep_nest_is_no_deep_recursion() -> None:
    lines = ["begin: i -> a0"]
    lines += [f"t{k}: a{k} -> a{k + 1}" for k in range(3_000)]
    lines += ["x: a3000 -> o", "y: a3000 -> p q", "p: p -> o", "q: q -> o"]
    found = decide(net(*lines), near=10, few=0)
    assert (found.verdict, found.kind, len(found.trace)) == ("refuted", "unsafe", 3_004)
