"""A state as JSON: it comes back equal, always as the same bytes, and is not read where it does not fit."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from wfnb.model import snapshot
from wfnb.model.event import CompensationStarted, Problem, Unstored
from wfnb.model.facts import Facts
from wfnb.model.state import Children, State

FRAME = Unstored(type="pandas.DataFrame", size=8, preview="   a", hash="ab12", codec="parquet")


def full() -> State:
    """A state with something in every field."""
    problem = Problem(type="Odd", message="no\nway", node="a")
    return State(
        status="running", seq=7, workflow="w", definition="d", input={"n": 1, "frame": FRAME},
        values={"b": [1, FRAME, None], "a": {"x": [1.5, "ä"]}, "frame": FRAME}, ready={3: 2, 1: 4}, busy={2: 1},
        retrying={2: 10**15}, failures={2: 1}, waiting={9, 5, 7}, arrived={6: 2}, visits={2: 3}, came={6: 5},
        skipped={9, 4}, gathered={3: (4, 7)}, ended=[8, 1], output=FRAME, error=problem,
        facts=Facts({"z", "b", "a"}, {"go": 1}, {"a": {"type": "Odd", "message": ""}}),
        timers={4: -1}, kept={"go": [1, "two"]}, seen=dict.fromkeys([("go", "2"), ("a", ""), ("go", "1")]),
        asked={5: "Sure?"},
        children={4: Children(3, 2, {1: "r/m[1]"}, {0: FRAME, 2: "x"}, {1: problem})}, spawned={"r/s": 3},
        again={"r/call": (3, -1, 2)},
        held={"l": 2}, done=[(1, 1, ""), (2, 1, "r/s")],
        ending=CompensationStarted(problem, "why"), paused=True, breakpoints=frozenset({4, 2}), passed=frozenset({2}),
        once=frozenset({4}), inside=("call/b",), pins={"p": FRAME, "q": [FRAME]}, spawning=[1, 1],
        withdrawn=[(1, 2, 3)],
    )  # fmt: skip


def test_a_state_comes_back_equal() -> None:
    state = full()
    for name in snapshot._FIELDS:
        assert getattr(state, name) != getattr(State(), name), f"{name} is not tried"
    found = snapshot.decode(snapshot.encode(state), "d", 7)
    assert found == state
    assert (found.spawning, found.withdrawn) == (state.spawning, state.withdrawn)
    assert (list(found.values), list(found.ready)) == (list(state.values), list(state.ready))
    assert snapshot.decode(snapshot.encode(State(definition="d")), "d", 0) == State(definition="d")


def test_it_is_always_the_same_bytes() -> None:
    state = full()
    made = snapshot.encode(state)
    state.waiting, state.facts.reached = {7, 5, 9}, {"a", "z", "b"}
    state.breakpoints = frozenset([2, 4])
    assert snapshot.encode(state) == made
    found = snapshot.decode(made, "d", 7)
    assert found is not None
    assert snapshot.encode(found) == made


def test_raw_values_are_taken_as_they_are() -> None:
    raw = State(definition="d", values={"a": msgspec.Raw(b'{"x":[1]}'), "b": [msgspec.Raw(b"1.5"), FRAME]})
    found = snapshot.decode(snapshot.encode(raw), "d", 0)
    assert found is not None
    assert found.values == {"a": {"x": [1]}, "b": [1.5, FRAME]}


def test_a_live_value_is_refused() -> None:
    with pytest.raises(TypeError):
        snapshot.encode(State(values={"a": object()}))


def changed(**fields: Any) -> bytes:
    return json.dumps({**json.loads(snapshot.encode(full())), **fields}).encode()


@pytest.mark.parametrize(
    "made",
    [
        b"",
        b"null",
        b"\xff",
        snapshot.encode(full())[:-9],
        changed(format=snapshot.FORMAT + 1),
        changed(seq=8),
        changed(definition="e"),
        changed(unknown=1),
        changed(busy=[1]),
        changed(status="asleep"),
        changed(lost=[[["values", "b", 99], {"type": "x"}]]),
        changed(lost=[[["nowhere", "b"], {"type": "x"}]]),
        changed(lost=[[["values", "a", "x", "y"], {"type": "x"}]]),
        changed(lost=[[["output", "x"], {"type": "x"}]]),
        changed(lost=[[[], {"type": "x"}]]),
        json.dumps({name: v for name, v in json.loads(snapshot.encode(full())).items() if name != "kept"}).encode(),
    ],
)
def test_what_does_not_fit_is_not_read(made: bytes) -> None:
    assert snapshot.decode(changed(), "d", 7) == full()
    assert snapshot.decode(made, "d", 7) is None


def test_the_format_is_the_one_that_was_published() -> None:
    """Where this fails, old snapshots would be read wrongly or not at all: count `FORMAT` up, and change this."""
    assert snapshot.FORMAT == 2
    problem = '{"type":"Odd","message":"no\\nway","node":"a"}'
    frame = '{"type":"pandas.DataFrame","size":8,"preview":"   a","hash":"ab12","codec":"parquet"}'
    state = full()
    state.again = {}  # older ones have nothing of the kind
    assert snapshot.decode(snapshot.encode(state), "d", 7) == state
    assert snapshot.encode(state).decode() == (
        '{"format":2,"status":"running","seq":7,"workflow":"w","definition":"d","input":{"n":1,"frame":null},'
        '"values":{"b":[1,null,null],"a":{"x":[1.5,"ä"]},"frame":null},"ready":{"3":2,"1":4},"busy":{"2":1},'
        '"retrying":{"2":1000000000000000},"failures":{"2":1},"waiting":[5,7,9],"arrived":{"6":2},"visits":{"2":3},'
        f'"came":{{"6":5}},"skipped":[4,9],"gathered":{{"3":[4,7]}},"ended":[8,1],"output":null,"error":{problem},'
        '"facts":{"reached":["a","b","z"],"signals":{"go":1},"errors":{"a":{"type":"Odd","message":""}}},'
        '"timers":{"4":-1},"kept":{"go":[1,"two"]},"seen":[["go","2"],["a",""],["go","1"]],"asked":{"5":"Sure?"},'
        '"children":{"4":{"size":3,"next":2,"open":{"1":"r/m[1]"},"results":{"0":null,"2":"x"},'
        f'"failed":{{"1":{problem}}}}}}},"spawned":{{"r/s":3}},"held":{{"l":2}},"done":[[1,1,""],[2,1,"r/s"]],'
        f'"ending":{{"type":"CompensationStarted","error":{problem},"reason":"why"}},"paused":true,"breakpoints":[2,4],'
        '"passed":[2],"once":[4],"inside":["call/b"],"pins":{"p":null,"q":[null]},"spawning":[1,1],"withdrawn":[[1,2,3]],'
        f'"lost":[[["input","frame"],{frame}],[["values","b",1],{frame}],[["values","frame"],{frame}],'
        f'[["output"],{frame}],[["pins","p"],{frame}],[["pins","q",0],{frame}],[["children",4,"results",0],{frame}]]}}'
    )
