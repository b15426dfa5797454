"""Every construct, stopped at every point of its history and taken up again: it ends as if it had never stopped."""

from __future__ import annotations

from collections import Counter, defaultdict
from functools import cache
from typing import get_args

import msgspec
import pytest

from tests.constructs import constructs
from tests.runner import Played, events_of, play
from wfnb.machine.semantics import replay
from wfnb.model.event import (
    ApprovalRequested,
    ChildStarted,
    TaskCompensated,
    TaskCompleted,
    TimerFired,
    TimerStarted,
)
from wfnb.model.workflow import Compensation, Edge, Node, Note, Retry, Signal, Workflow

CONSTRUCTS = {one.name: one for one in constructs()}


LEFT_OUT = {
    "Workflow": {"wfnb", "description", "layout", "inputs"},
    "Task": {"label"},
    "Retry": {"errors", "maximum", "jitter"},  # of errors that are tried again, and chance
}
"""What a definition can say that no run sees, or no one run."""


def test_the_constructs_use_everything_that_a_definition_can_say() -> None:
    used: dict[str, set[str]] = defaultdict(set)

    def see(value: object) -> None:
        if isinstance(value, msgspec.Struct):
            for field in msgspec.structs.fields(value):
                found = getattr(value, field.name)
                if found not in (field.default, (), {}, None, "", False):
                    used[type(value).__name__].add(field.name)
                    see(found)
        elif isinstance(value, tuple | list):
            for item in value:
                see(item)
        elif isinstance(value, dict):
            see([*value.values()])

    see([one.workflow for one in CONSTRUCTS.values()])
    kinds = [*(kind for kind in get_args(Node) if kind is not Note), Edge, Workflow, Retry, Compensation, Signal]
    can = {kind.__name__: {field.name for field in msgspec.structs.fields(kind)} - {"label"} for kind in kinds}
    missing = {name: fields - used[name] - LEFT_OUT.get(name, set()) for name, fields in can.items()}
    assert {name: fields for name, fields in missing.items() if fields} == {}


@cache
def undisturbed(name: str) -> Played:
    return play(CONSTRUCTS[name])


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_each_ends_as_it_should(name: str) -> None:
    played = undisturbed(name)
    assert played.outcome.status == CONSTRUCTS[name].status
    assert replay(played.run.machine, (r.event for r in played.run.records())) == played.run.state


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_stopped_after_each_append(name: str) -> None:
    whole = undisturbed(name)
    for length in range(1, len(whole.log)):
        stopped = whole.log[:length]
        again = play(CONSTRUCTS[name], log=stopped, store=whole.store)
        where = f"{name}, after {length} of {len(whole.log)} appends: {events_of(stopped[-1:])}"
        assert again.outcome == whole.outcome, where
        assert again.log[:length] == stopped, where
        check(again, where)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_stopped_twice(name: str) -> None:
    whole = undisturbed(name)
    for length in range(1, len(whole.log), 3):
        once = play(CONSTRUCTS[name], log=whole.log[:length], store=whole.store)
        for further in range(length + 1, len(once.log), 3):
            twice = play(CONSTRUCTS[name], log=once.log[:further], store=whole.store)
            where = f"{name}, after {length}, then {further} appends"
            assert twice.outcome == whole.outcome, where
            check(twice, where)


def check(played: Played, where: str) -> None:
    """What was recorded stands once, timers fire when they were to, and folding gives the state."""
    events = events_of(played.log)
    done = Counter(
        (run, type(event).__name__, event.node, event.visit)
        for run, event in events
        if isinstance(event, TaskCompleted | TaskCompensated | ApprovalRequested)
    )
    assert not [key for key, count in done.items() if count > 1], where
    begun = Counter(event.run for _, event in events if isinstance(event, ChildStarted))
    assert not [run for run, count in begun.items() if count > 1], where
    times = [(entry[0], row.ts) for entry in played.log for row in entry[3]]
    due: dict[tuple[str, str, int, int], int] = {}
    for (run, event), (_, ts) in zip(events, times, strict=True):
        match event:
            case TimerStarted(node, visit, edge, at):
                assert (run, node, visit, edge) not in due, where
                due[run, node, visit, edge] = at
            case TimerFired(node, visit, edge):
                assert ts == due[run, node, visit, edge], where
            case _:
                pass
    assert replay(played.run.machine, (r.event for r in played.run.records())) == played.run.state, where
