"""Winding a run to and fro: every place is what folding from the beginning gives, in whatever order it is asked."""

from __future__ import annotations

import random

import pytest

from tests.constructs import Construct, constructs
from tests.runner import play
from wfnb.engine.past import past_machines, past_state
from wfnb.history.progress import fold
from wfnb.widgets import reel
from wfnb.widgets.reel import Reel


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_every_place_is_what_a_fold_gives(construct: Construct, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reel, "EVERY", 5)
    played = play(construct)
    for head in played.store.heads():
        machines = past_machines(played.store, head.run)
        records = played.store.read(head.run)
        wound = Reel(machines, records)
        places = list(range(len(records) + 1)) * 2
        random.Random(1).shuffle(places)
        for at in places:
            moment = wound.to(at)
            assert moment.at == at
            assert moment.state == past_state(played.store, head.run, at)[1]
            folded = fold(machines[0][1], records[:at], [machine for _, machine in machines[1:]])
            assert (moment.progress.nodes, moment.progress.edges) == (folded.nodes, folded.edges)
            assert (moment.progress.state, moment.progress.paused) == (folded.state, folded.paused)


def test_what_was_copied_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reel, "EVERY", 1000)
    for construct in constructs():
        played = play(construct)
        records = played.store.read(played.run.id)
        wound = Reel(past_machines(played.store, played.run.id), records)
        kept = [wound.to(at).copy() for at in range(len(records) + 1)]
        for at, moment in enumerate(kept):
            assert moment.state == past_state(played.store, played.run.id, at)[1]
