"""What a run view sends of an event is the engine's state after it, wherever one looks and in whatever order."""

from __future__ import annotations

import random
from collections import Counter
from typing import Any

import pytest

from tests.constructs import Construct, constructs
from tests.runner import Played, play
from wfnb.engine.past import past_state
from wfnb.history.words import moves_of, short
from wfnb.machine.machine import Kind, Machine
from wfnb.model.event import Unstored
from wfnb.model.state import State
from wfnb.widgets import reel
from wfnb.widgets.replay import RunSession


def text(value: Any) -> str:
    return (value.preview or f"<{value.type}>") if isinstance(value, Unstored) else short(value)


def values_of(state: State) -> dict[str, str]:
    named = {f"input.{name}": value for name, value in state.input.items()} | state.values
    if state.status == "completed":
        named["output"] = state.output
    return {name: text(value) for name, value in named.items()}


def stands(machine: Machine, state: State, nodes: dict[str, Any]) -> None:
    """Tasks have an attempt in progress, or a pause before the next, just where the engine has a token inside.

    What was called off a moment ago still shows its attempt, whose end is the next event; so does what runs as a child.
    """
    shown: dict[str, set[str]] = {"running": set(), "retrying": set()}
    for id, node in nodes.items():
        if machine.kinds[machine.graph.number[id]] is Kind.TASK:
            shown.setdefault(node["state"], set()).add(id)
    busy = {machine.ids[node] for node in state.busy if machine.kinds[node] is Kind.TASK}
    pausing = {machine.ids[node] for node in state.retrying}
    leaving = {machine.ids[node] for node, _, _ in state.withdrawn}
    spawned = {machine.ids[machine.graph.target[edge]] for edge in state.spawned.values()}
    assert busy - pausing <= shown["running"] <= (busy - pausing) | leaving | spawned
    assert pausing <= shown["retrying"] <= pausing | leaving


def check(played: Played, run: str) -> None:
    records = played.store.read(run)
    sent: list[dict[str, Any]] = []
    session = RunSession(played.run.host, run, sent.append)
    places = [*range(len(records) + 1)] * 2
    random.Random(len(records)).shuffle(places)
    frames: dict[int, dict[str, Any]] = {}
    for at in places:
        session.receive({"type": "seek", "at": at})
        frame = [message for message in sent if message["type"] == "frame"][-1]
        assert frames.setdefault(at, frame) == frame
        machine, state = past_state(played.store, run, at)
        assert {row["name"]: row["text"] for row in frame.get("values", ())} == values_of(state)
        assert frame["status"]["state"] == (
            "running" if state.status == "created" else "paused" if state.paused else state.status
        )
        taken = Counter(str(edge) for record in records[:at] for edge in moves_of(record.event))
        assert frame["status"].get("edges", {}) == taken
        stands(machine, state, frame["status"].get("nodes", {}))
    for at in range(1, len(records) + 1):
        before, after = (
            {id: node["state"] for id, node in frames[n]["status"].get("nodes", {}).items()} for n in (at - 1, at)
        )
        changed = {one["node"]: (one["before"], one["after"]) for one in frames[at].get("changes", ())}
        assert changed == {
            id: (before.get(id, "idle"), state) for id, state in after.items() if state != before.get(id, "idle")
        }
    session.close()


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_of_every_construct(construct: Construct, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reel, "EVERY", 4)
    played = play(construct, seed=1)
    for head in played.store.heads():
        check(played, head.run)
