"""The industrial nets: every verdict, and every counterexample played in a token game of its own."""

from __future__ import annotations

import pytest

from tests.corpus import industrial_nets, needs_soundness
from tests.tools.tokengame import everything, from_pnml
from wfnb.formats import pnml
from wfnb.machine.soundness import decide

NETS = industrial_nets()
VERDICTS = {"sound": "proved", "unsound": "refuted"}


@needs_soundness
@pytest.mark.parametrize("name", NETS)
def test_the_known_verdict(name: str) -> None:
    data, verdict = NETS[name]
    net = pnml.read(data, where=name)
    found = decide(net)
    assert found.verdict == VERDICTS[verdict]
    if found.verdict == "refuted":
        game = from_pnml(data)
        for number in found.trace:
            assert game.safe()
            game.fire(net.transitions[number].id)
        assert (found.kind == "unsafe") != game.safe()
        assert (found.kind == "deadlock") == (game.safe() and not game.enabled() and not game.ended())


@needs_soundness
def test_counterexamples_are_the_shortest() -> None:
    lengths = []
    for name, (data, verdict) in NETS.items():
        if verdict == "unsound":
            net = pnml.read(data, where=name)
            every = everything(net, 10_000)
            assert every is not None
            lengths.append((len(decide(net).trace), every.fault))
    assert len(lengths) == 38
    assert sum(ours == shortest for ours, shortest in lengths) >= 0.95 * len(lengths)


@needs_soundness
@pytest.mark.parametrize("name", NETS)
def test_without_looking_for_the_shortest(name: str) -> None:
    data, verdict = NETS[name]
    net = pnml.read(data, where=name)
    found = decide(net, near=0, few=0)
    assert found.verdict == VERDICTS[verdict]
    game = from_pnml(data)
    for number in found.trace:
        assert game.safe()
        game.fire(net.transitions[number].id)
    assert found.kind in (None, "livelock") or not game.safe() or not game.enabled()
