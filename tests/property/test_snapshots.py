"""A state from a snapshot and the events after it is the state from all events: at every prefix, of every construct."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.constructs import Construct, constructs
from tests.property.test_runs import ran
from tests.runner import Played, play
from tests.unit.engine.test_recovery import check
from wfnb.engine.past import past_machine, past_state
from wfnb.engine.snapshots import Snapshots
from wfnb.machine.machine import Machine
from wfnb.machine.semantics import evolve, replay
from wfnb.model import snapshot
from wfnb.model.event import Event
from wfnb.model.state import State
from wfnb.model.workflow import Workflow
from wfnb.store.memory import MemoryStore
from wfnb.testing import row
from wfnb.testing.workflows import workflows

CONSTRUCTS = {one.name: one for one in constructs()}
ALL = Snapshots(events=1, keep=100_000)


@cache
def played(name: str, seed: int | None) -> Played:
    return play(CONSTRUCTS[name], seed=seed, snapshots=ALL)


@pytest.mark.parametrize("seed", [None, 1, 2])
@pytest.mark.parametrize("construct", CONSTRUCTS.values(), ids=CONSTRUCTS)
def test_past_states_of_every_construct(construct: Construct, seed: int | None) -> None:
    store = played(construct.name, seed).store
    assert store._snapshots
    for head in store.heads():
        machine, events = past_machine(store, head.run), [record.event for record in store.read(head.run)]
        seqs = [one.seq for one in store._snapshots[head.run]]
        assert seqs[-1] == len(events)
        for n in range(len(events) + 1):
            assert past_state(store, head.run, n)[1] == replay(machine, events[:n]), (head.run, n, seqs)
        for one in store._snapshots[head.run]:
            assert one.state == snapshot.encode(replay(machine, events[: one.seq])), (head.run, one.seq)


@pytest.mark.parametrize("construct", CONSTRUCTS.values(), ids=CONSTRUCTS)
def test_any_prefix_of_every_construct_goes_on_from_its_snapshot(construct: Construct) -> None:
    store = played(construct.name, None).store
    for head in store.heads():
        machine = past_machine(store, head.run)
        follows_from_every_prefix(machine, [record.event for record in store.read(head.run)])


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_stopped_after_each_append_and_taken_up_from_snapshots(name: str) -> None:
    whole = played(name, None)
    for length in range(1, len(whole.log), 2):
        again = play(CONSTRUCTS[name], log=whole.log[:length], store=whole.store, snapshots=Snapshots(events=3))
        where = f"{name}, after {length} of {len(whole.log)} appends"
        assert again.outcome == whole.outcome, where
        check(again, where)


@pytest.mark.parametrize("name", CONSTRUCTS)
def test_stopped_after_each_append_and_taken_up_without_what_was_before(name: str) -> None:
    whole = played(name, None)
    dropped = 0
    for length in range(1, len(whole.log), 2):
        plan = Snapshots(events=2, keep=1, drop=True)
        again = play(CONSTRUCTS[name], log=whole.log[:length], store=whole.store, snapshots=plan)
        where = f"{name}, after {length} of {len(whole.log)} appends"
        for what in ("status", "output", "error", "values"):
            assert getattr(again.outcome, what) == getattr(whole.outcome, what), where
        dropped += sum(head.events - len(again.store.read(head.run)) for head in again.store.heads())
    assert dropped


@given(workflows(sound=False), st.integers(0, 2**32))
@settings(max_examples=60)
def test_random_workflows_go_on_from_a_snapshot_at_any_prefix(workflow: Workflow, seed: int) -> None:
    run, events, _ = ran(workflow, seed)
    follows_from_every_prefix(run.machine, events)


@given(workflows(sound=False), st.integers(0, 2**32), st.integers(1, 9), st.integers(1, 3))
@settings(max_examples=60)
def test_past_states_of_random_workflows(workflow: Workflow, seed: int, every: int, keep: int) -> None:
    run, events, _ = ran(workflow, seed)
    store = MemoryStore()
    store.define(run.machine.hash, run.machine.document)
    state = State()
    for seq, event in enumerate(events, 1):
        store.append(run.id, 1, seq - 1, [row(event)])
        evolve(run.machine, state, event)
        if seq % every == 0:
            store.save_snapshot(run.id, seq, run.machine.hash, 1, lambda: snapshot.encode(state), keep=keep)
    for n in range(len(events) + 1):
        assert past_state(store, run.id, n)[1] == replay(run.machine, events[:n])


@pytest.mark.long
@given(workflows(size=40, sound=False), st.integers(0, 2**32))
@settings(max_examples=1_000)
@pytest.mark.timeout(900)
def test_many_more(workflow: Workflow, seed: int) -> None:
    run, events, _ = ran(workflow, seed)
    follows_from_every_prefix(run.machine, events)


def follows_from_every_prefix(machine: Machine, events: list[Event]) -> None:
    """A snapshot after each event says what replay says, and the next event makes the same of both."""
    live, kept = State(), State()
    for seq, event in enumerate(events, 1):
        assert evolve(machine, kept, event) == evolve(machine, live, event), (seq, event)
        made = snapshot.encode(live)
        found = snapshot.decode(made, machine.hash, seq)
        assert found is not None
        assert found == live, (seq, event)
        assert snapshot.encode(found) == made
        kept = found
