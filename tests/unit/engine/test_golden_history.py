"""Histories that were recorded once must replay for ever (`tests/golden/history-*.json`, never to be rewritten)."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from wfnb.machine.compiler import compile_workflow
from wfnb.machine.semantics import replay
from wfnb.model.codec import decode, definition_hash
from wfnb.model.event import RunStarted
from wfnb.model.event import decode as event

GOLDEN = sorted((Path(__file__).parents[2] / "golden").glob("history-*.json"))


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.stem)
def test_a_recorded_history_replays(path: Path) -> None:
    recorded = json.loads(path.read_text(encoding="utf-8"))
    workflow = decode(json.dumps(recorded["definition"]))
    events = [event(json.dumps(payload)) for payload in recorded["events"]]
    assert isinstance(events[0], RunStarted)
    assert definition_hash(workflow) == events[0].definition
    state = replay(compile_workflow(workflow), events)
    assert {
        "status": state.status,
        "seq": state.seq,
        "values": msgspec.to_builtins(state.values),
        "output": state.output,
        "error": state.error and state.error.type,
        "marking": sorted(map(list, state.marking)),
    } == recorded["state"]


def test_there_are_histories() -> None:
    assert len(GOLDEN) >= 2
