"""What a view shows of a run is where its tokens are, after every event: nothing rests where none is any more."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.changed import grown, migrated
from tests.constructs import Construct, constructs
from tests.property.test_runs import ran
from tests.runner import play
from wfnb.engine.past import past_machine, past_machines
from wfnb.history.progress import Progress
from wfnb.history.tasktable import TaskTable
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.migration import image_of, migrate
from wfnb.machine.semantics import evolve
from wfnb.model.event import Event, Record, RunMigrated
from wfnb.model.state import State
from wfnb.model.workflow import Workflow
from wfnb.testing.workflows import workflows

RESTING = {"ready", "waiting"}


def resting(machine: Machine, state: State) -> set[str]:
    """Where a token waits: before a node, in one that runs nothing, or at a join."""
    if state.status != "running":
        return set()
    inside = {node for node in state.busy if machine.kinds[node] is Kind.WAIT} | set(state.asked)
    joins = {machine.graph.target[edge] for edge in state.waiting}
    return {machine.ids[node] for node in inside | joins | set(state.ready)}


def follow(machine: Machine, events: Iterable[Event], then: Iterable[Machine] = ()) -> None:
    state, progress, table, ahead = State(), Progress(machine), TaskTable(machine.workflow), iter(then)
    for event in events:
        if isinstance(event, RunMigrated):
            before, machine = machine, next(ahead)
            migrate(image_of(before, machine), state)
            progress.follow(machine)
            table.follow(machine.workflow)
        else:
            evolve(machine, state, event)
        progress.apply(state.seq, event)
        table.apply(Record("r", 1, state.seq, state.seq, event))
        told = {id for id, node in progress.nodes.items() if node.state in RESTING}
        there = resting(machine, state)
        here = (state.seq, event)
        assert told <= there | {machine.ids[node] for node in state.busy}, here
        going = {row.node for row in table.rows if row.status in {"running", "waiting"}}
        called_off = {node for node, _, _ in state.withdrawn}  # the next event is about these
        assert going <= {machine.ids[node] for node in {*state.busy, *called_off}}, here
        # A join that only knows of branches that were not taken is not shown as waiting.
        assert all(progress.nodes[id].state != "cancelled" for id in there & progress.nodes.keys()), here


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_of_every_construct(construct: Construct) -> None:
    for seed in (None, 1, 2):
        played = play(construct, seed=seed)
        for head in played.store.heads():
            machine = past_machine(played.store, head.run)
            follow(machine, (record.event for record in played.store.read(head.run)))


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_across_migrations(construct: Construct) -> None:
    for at in (0.6, 2.6, 6.6):
        played = migrated(construct, grown(construct.workflow), at, [])
        for head in played.store.heads():
            first, *then = (machine for _, machine in past_machines(played.store, head.run))
            follow(first, (record.event for record in played.store.read(head.run)), then)


@given(workflows(sound=False), st.integers(0, 2**32))
@settings(max_examples=100)
def test_of_random_workflows(workflow: Workflow, seed: int) -> None:
    run, events, _ = ran(workflow, seed)
    follow(run.machine, events)
