"""Every construct, migrated at any time: to the same definition nothing changes; changed elsewhere it ends alike."""

from __future__ import annotations

import copy
import dataclasses
from functools import cache

import pytest

from tests.changed import grown, migrated
from tests.constructs import constructs
from tests.runner import Outcome, Played, play
from wfnb.engine.past import past_machine, past_state
from wfnb.engine.snapshots import Snapshots
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.machine import Machine
from wfnb.machine.migration import Image, image_of, migrate, misfits
from wfnb.machine.semantics import evolve
from wfnb.model.event import Event, RunMigrated
from wfnb.model.state import State

CONSTRUCTS = {one.name: one for one in constructs()}


@cache
def undisturbed(name: str) -> Played:
    return play(CONSTRUCTS[name])


def parts(machine: Machine) -> list[Machine]:
    """A machine and all that runs in children of its runs."""
    inner = [plan.machine for plan in machine.children.values()] + list(machine.special.spawns.values())
    return [machine, *(part for one in inner for part in parts(one))]


def without_added(outcome: Outcome) -> Outcome:
    values = {id: value for id, value in outcome.values.items() if id != "added"}
    return dataclasses.replace(outcome, values=values)


def agrees(played: Played, where: str) -> None:
    """The history tells of every run what became of it."""
    for head in played.store.heads():
        assert past_state(played.store, head.run)[1].status == head.status, where
    machine, state = past_state(played.store, played.run.id)
    assert (machine.hash, state) == (played.run.machine.hash, played.run.state), where


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_to_the_same_definition_changes_nothing(name: str) -> None:
    played = undisturbed(name)
    workflow = CONSTRUCTS[name].workflow
    stands: dict[str, tuple[Image, State]] = {}
    for run, _, _, rows in played.log:
        if run not in stands:
            machine = past_machine(played.store, run)
            again = next(one for one in parts(compile_workflow(workflow)) if one.hash == machine.hash)
            stands[run] = image_of(machine, again), State()
        image, state = stands[run]
        for row in rows:
            evolve(image.old, state, row.event)
        if state.status == "running" and state.ending is None:
            assert image.changes_nothing
            assert misfits(image, state) == [], f"{run} after event {state.seq}"
            there = migrate(image, copy.deepcopy(state))
            there.seq -= 1
            assert there == state, f"{run} after event {state.seq}"


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_to_a_grown_one_ends_alike(name: str) -> None:
    construct, tried = CONSTRUCTS[name], list[bool]()
    for tenths in range(6, 200, 30):
        played = migrated(construct, grown(construct.workflow), tenths / 10, tried)
        where = f"{name}, migrated at {tenths / 10}"
        assert played.outcome == undisturbed(name).outcome, where
        agrees(played, where)
    assert tried
    assert all(tried)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_to_a_shrunk_one_ends_alike(name: str) -> None:
    construct, tried = CONSTRUCTS[name], list[bool]()
    larger = dataclasses.replace(construct, workflow=grown(construct.workflow))
    for tenths in range(6, 200, 50):
        played = migrated(larger, construct.workflow, tenths / 10, tried)
        where = f"{name}, migrated at {tenths / 10}"
        assert without_added(played.outcome) == undisturbed(name).outcome, where
        agrees(played, where)
    assert tried
    assert all(tried)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_stopped_after_it_has_migrated(name: str) -> None:
    """At every append from the migration on, between those of a run and its children, too."""
    construct = CONSTRUCTS[name]
    whole = migrated(construct, grown(construct.workflow), 2.6, tried := list[bool]())
    first = next((n for n, (_, event) in enumerate(appended(whole)) if RunMigrated in event), len(whole.log))
    for length in range(first + 1, len(whole.log), 2):
        again = play(construct, log=whole.log[:length], store=whole.store)
        where = f"{name}, after {length} of {len(whole.log)} appends"
        assert again.outcome == whole.outcome, where
        agrees(again, where)
    assert tried == [True] or first == len(whole.log)


def appended(played: Played) -> list[tuple[str, list[type[Event]]]]:
    """The run of each append, and the types of its events."""
    return [(run, [type(row.event) for row in rows]) for run, _, _, rows in played.log]


@pytest.mark.parametrize("name", ["waits", "calls", "maps", "spawns", "locks"])
def test_snapshots_of_runs_that_migrate(name: str) -> None:
    construct = CONSTRUCTS[name]
    played = migrated(construct, grown(construct.workflow), 2.6, [], Snapshots(events=1, keep=1_000))
    run = played.run.id
    found = {at: past_state(played.store, run, at)[1] for at in range(1, played.run.state.seq + 1)}
    assert played.store.snapshot(run) is not None
    played.store._snapshots.clear()
    for at, state in found.items():
        assert past_state(played.store, run, at)[1] == state, f"{name} after event {at}"
    assert found[played.run.state.seq] == played.run.state
