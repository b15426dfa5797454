"""Nets of every class, small and large: the verdict is that of an exhaustive look, or of a search without the rules."""

from __future__ import annotations

from random import Random

import pytest

from tests.property.nets import any_small, cancelled, large_faulty, one_token
from tests.tools.tokengame import everything
from wfnb.machine.net import Net, Unsafe
from wfnb.machine.soundness import Soundness, behaviour, decide, stubborn
from wfnb.machine.soundness.core import Core
from wfnb.machine.soundness.plain import walked
from wfnb.machine.soundness.search import search


def accepted(net: Net, found: Soundness) -> bool:
    """Whether a counterexample is one."""
    if found.kind == "initial":
        return not found.trace
    if found.kind == "unsafe":
        assert net.play(found.trace[:-1]) == found.marking
        try:
            net.play(found.trace)
        except Unsafe as unsafe:
            return unsafe.place == found.place
        return False
    marking = net.play(found.trace)
    if found.kind == "deadlock":
        return marking == found.marking and not list(net.enabled(marking)) and not net.ended(marking)
    rest = everything(Net(net.places, net.transitions, marking, net.sinks, net.idle), 5_000)
    return rest is None or (rest.endless and rest.dead is None)


def small(seed: int, *, near: int = 3_000, few: int = 0) -> tuple[int, int] | None:
    """Compare a small net with an exhaustive look; gives the lengths of our and the shortest counterexample."""
    net = any_small(Random(seed))
    every = everything(net, 1_500)
    found = decide(net, near=near, few=few)
    if found.kind == "initial":
        assert any(not t.pre and not t.least for t in net.transitions), seed
        return None
    assert found.verdict != "unknown", seed
    if every is None:
        return None
    assert (found.verdict == "proved") == every.sound, f"seed {seed}: {net}"
    if found.verdict == "proved":
        return None
    assert accepted(net, found), f"seed {seed}: {net} {found}"
    assert every.fault is not None
    return len(found.trace), every.fault


def properties(seed: int, markings: int) -> None:
    """Compare every property of a small net with an exhaustive look."""
    net = any_small(Random(seed))
    every = everything(net, 1_500)
    found = behaviour(net, decide(net, few=0), markings=markings)
    if every is None or found.sound.kind == "initial":
        return
    dead = frozenset(range(len(net.transitions))) - every.fired
    assert found.never <= dead <= found.never | found.undecided, seed
    for finding, holds in (
        (found.deadlock_free, every.dead is None),
        (found.completes, every.spilt is None),
        (found.terminates, not every.endless),
    ):
        assert finding.verdict in ("unknown", "proved" if holds else "refuted"), f"seed {seed}: {finding}"
        assert finding.verdict != "unknown" or markings < 1_500


def large(seed: int) -> None:
    """Compare a large net, mostly faulty and with resets, with a search that uses no rule, or an exhaustive look."""
    net = large_faulty(Random(f"large {seed}"))
    found = decide(net, few=0)
    if found.kind == "initial":
        return
    every = everything(net, 1_500)
    if every is not None:
        verdict = "proved" if every.sound else "refuted"
    else:
        verdict = search(Core(net, whole=True), 1_500, net.initial).verdict
    assert found.verdict == verdict or "unknown" in (found.verdict, verdict), f"seed {seed}: {net} {found}"
    assert found.verdict != "refuted" or accepted(net, found), f"seed {seed}: {net} {found}"


def test_small_nets() -> None:
    lengths = [pair for seed in range(400) if (pair := small(seed))]
    assert len(lengths) > 150
    assert all(ours == shortest for ours, shortest in lengths)


def test_small_nets_without_any_rule() -> None:
    assert all(pair is None or pair[0] == pair[1] for seed in range(100) for pair in [small(seed, few=100_000)])


def cancelling(seed: int) -> None:
    """Compare a net that can be cancelled from many places with an exhaustive look."""
    net = cancelled(Random(f"cancelled {seed}"))
    every = everything(net, 1_500)
    found = decide(net, few=0, near=0)
    assert every is None or (found.verdict == "proved") == every.sound, f"seed {seed}: {net}"
    assert found.verdict != "refuted" or accepted(net, found), f"seed {seed}: {net} {found}"


def test_cancelling_from_many_places() -> None:
    for seed in range(400):
        cancelling(seed)


def test_small_nets_knowing_what_can_not_be_enabled_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stubborn, "LARGE", 0)
    for seed in range(600, 1_000):
        small(seed, near=0)
    for seed in range(200, 300):
        properties(seed, 20)
    for seed in range(25, 50):
        large(seed)


def walking(seed: int) -> None:
    """Compare a net with one token with an exhaustive look; its counterexample is a shortest one."""
    net = one_token(Random(f"walking {seed}"))
    every, found = everything(net, 1_500), walked(net)
    assert every is not None
    assert found is not None
    verdict = decide(net)
    assert verdict.states == found.places, f"seed {seed}: {net}"
    assert (verdict.verdict == "proved") == every.sound, f"seed {seed}: {net}"
    if verdict.verdict == "refuted":
        assert accepted(net, verdict), f"seed {seed}: {net} {verdict}"
        assert len(verdict.trace) == every.fault, f"seed {seed}: {net} {verdict}"


def test_one_token() -> None:
    for seed in range(500):
        walking(seed)


def test_counterexamples_that_come_from_the_rules() -> None:
    lengths = [pair for seed in range(400, 600) if (pair := small(seed, near=0))]
    assert sum(ours == shortest for ours, shortest in lengths) > 0.6 * len(lengths)


def test_every_property() -> None:
    for seed in range(200):
        properties(seed, 3_000)
        properties(seed, 20)


def test_large_faulty_nets() -> None:
    for seed in range(25):
        large(seed)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(10))
def test_many_more_small_nets(part: int) -> None:
    lengths = [pair for seed in range(1_000 + part * 2_000, 1_000 + (part + 1) * 2_000) if (pair := small(seed))]
    assert all(ours == shortest for ours, shortest in lengths)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_cancelling_from_many_more_places() -> None:
    for seed in range(1_000, 11_000):
        cancelling(seed)


@pytest.mark.long
@pytest.mark.timeout(900)
def test_many_more_properties() -> None:
    for seed in range(1_000, 6_000):
        properties(seed, 20)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("part", range(4))
def test_many_more_large_faulty_nets(part: int) -> None:
    for seed in range(1_000 + part * 500, 1_000 + (part + 1) * 500):
        large(seed)
