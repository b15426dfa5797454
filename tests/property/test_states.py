"""Where a run stands, asked in SQL, is where the engine has it: after every event, of every construct."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.changed import grown, migrated
from tests.constructs import Construct, constructs
from tests.property.test_runs import ran
from tests.runner import play
from wfnb.engine.past import past_machines
from wfnb.history import frames
from wfnb.machine.machine import Kind, Machine
from wfnb.machine.migration import follow
from wfnb.model.codec import encode
from wfnb.model.event import Unstored
from wfnb.model.state import State
from wfnb.model.workflow import Workflow
from wfnb.store.memory import MemoryStore
from wfnb.store.protocol import EventStore, Row
from wfnb.testing.workflows import workflows

WAITS = (Kind.WAIT, Kind.APPROVAL)


def status_of(machine: Machine, state: State, node: int, edges: list[int]) -> str:
    if node in state.retrying:
        return "retrying"
    if node in state.busy:
        return "waiting" if machine.kinds[node] in WAITS else "running"
    return ("waiting" if machine.kinds[node] is Kind.JOIN else "ready") if edges else "idle"


def nodes_of(machine: Machine, state: State, *, by_number: bool) -> dict[str, Any]:
    """What the engine says of each node: status, visit, attempt, tokens, their edges, and whether it has a value."""
    found = {}
    for node, id in enumerate(machine.ids):
        waiting = [edge for edge in state.waiting if machine.graph.target[edge] == node]
        edges = sorted(waiting + ([state.ready[node]] if node in state.ready else []))
        found[id] = (
            status_of(machine, state, node, edges),
            state.visits.get(node, 0),
            state.busy.get(node),
            len(edges) + (node in state.busy),
            edges if by_number else len(edges),
            id in state.values,
        )
    return found


def run_of(state: State) -> tuple[Any, ...]:
    return state.status, state.paused, state.ending is not None, state.definition


def asked(store: EventStore) -> dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]]:
    """The rows of both views, by run."""
    found: dict[str, tuple[list[dict[str, Any]], list[dict[str, Any]]]] = {head.run: ([], []) for head in store.heads()}
    for number, view in enumerate(("states", "run_states")):
        frame = store.query(f"from {view}")
        for row in frame.astype(object).where(frame.notna(), None).to_dict("records"):
            found[row["run"]][number].append(row)
    return found


def at(rows: list[dict[str, Any]], seq: int) -> Iterator[dict[str, Any]]:
    return (row for row in rows if row["from_seq"] <= seq < row["to_seq"])


def agrees(store: EventStore, *, by_number: bool = True) -> int:
    """Compare the two after every event of every run; gives how many there were."""
    seen = 0
    for run, (rows, run_rows) in asked(store).items():
        machines = past_machines(store, run)
        events = [record.event for record in store.read(run)]
        for seq in range(1, len(events) + 1):
            machine, state = follow((one for _, one in machines), events[:seq], State())
            told = dict.fromkeys(machine.ids, ("idle", 0, None, 0, [] if by_number else 0, False))
            for row in at(rows, seq):
                edges = sorted(row["edges"])
                told[row["node"]] = (
                    row["status"],
                    row["visit"],
                    row["attempt"],
                    row["tokens"],
                    edges if by_number else len(edges),
                    row["value_seq"] is not None,
                )
            assert told == nodes_of(machine, state, by_number=by_number), f"{run} after event {seq}"
            (one,) = at(run_rows, seq)
            of_run = one["status"], one["paused"], one["taking_back"], one["definition"]
            assert of_run == run_of(state), f"{run} after event {seq}"
            seen += 1
    return seen


def same_values(store: EventStore, run: str, seq: int) -> None:
    machine, state = follow(
        (one for _, one in past_machines(store, run)), [r.event for r in store.read(run, 1, seq + 1)], State()
    )
    frame = frames.table(store, "state", run=run, at=seq)
    assert set(frame["node"]) == set(machine.ids)
    assert set(frame["run_status"]) == {state.status}
    for row in frame.itertuples():
        value = state.values.get(row.node)
        if isinstance(value, Unstored):
            assert (row.value, row.type) == (None, value.type)
        else:
            assert row.value == msgspec.to_builtins(value), f"{run}: '{row.node}' after event {seq}"


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_of_every_construct(construct: Construct) -> None:
    store = play(construct, seed=3).store
    assert agrees(store) > 3
    run = store.heads()[0]
    for seq in {run.events, run.events * 2 // 3}:
        same_values(store, run.run, seq)


@pytest.mark.timeout(120)  # ten times all the views made anew, which DuckDB plans for a second
@given(workflow=workflows(), seed=st.integers(0, 2**16))
@settings(max_examples=10, deadline=None)
def test_of_random_workflows(workflow: Workflow, seed: int) -> None:
    run, events, _ = ran(workflow, seed)
    store = MemoryStore()
    store.define(run.machine.hash, encode(workflow).encode())
    store.append(run.id, 1, 0, [Row(1_000_000 * seq, event) for seq, event in enumerate(events)])
    assert agrees(store) == len(events)


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_of_runs_that_migrate(construct: Construct) -> None:
    tried = list[bool]()
    agrees(migrated(construct, grown(construct.workflow), 2.6, tried).store, by_number=False)
    assert all(tried), "it was refused"


@pytest.mark.long
@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
@pytest.mark.parametrize("seed", range(20))
def test_of_every_construct_in_many_orders(construct: Construct, seed: int) -> None:
    store = play(construct, seed=seed).store
    agrees(store)
    for head in store.heads():
        for seq in range(1, head.events + 1):
            same_values(store, head.run, seq)
