"""Transitions, values, variants and resources: that SQL says what the fold says, and what the filters do."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from msgspec import UNSET

import wfnb as wf
from tests.constructs import Construct, constructs
from tests.runner import play
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.engine.past import past_machines
from wfnb.errors import UnknownName
from wfnb.history import frames
from wfnb.history.mining.follows import variants
from wfnb.history.recorded import log_of_history
from wfnb.machine.semantics import replay
from wfnb.model.activity import describe
from wfnb.model.event import ApprovalGiven, TaskCompleted, ValueEdited
from wfnb.store.memory import MemoryStore
from wfnb.testing import virtual_time


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_every_edge_that_was_taken_is_a_transition(construct: Construct) -> None:
    store = play(construct, seed=3).store
    for head in store.heads():
        ((_, machine),) = past_machines(store, head.run)
        edges = machine.workflow.edges
        taken = [
            (record.seq, edge if edge >= 0 else ~edge, edge < 0)
            for record in store.read(head.run)
            for edge in getattr(record.event, "moves", ())
        ]
        frame = frames.table(store, "transitions", run=head.run)
        assert list(zip(frame["seq"], frame["edge"], frame["skipped"], strict=True)) == taken
        named = [(edges[edge].source, edges[edge].target) for _, edge, _ in taken]
        assert list(zip(frame["source"], frame["target"], strict=True)) == named


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_the_latest_values_of_a_run_are_those_of_its_state(construct: Construct) -> None:
    store = play(construct, seed=3).store
    for head in store.heads():
        ((_, machine),) = past_machines(store, head.run)
        records = store.read(head.run)
        whole = frames.table(store, "values", run=head.run)
        for at in range(0, len(records) + 1, 3):
            state = replay(machine, [record.event for record in records[:at]])
            frame = whole[(whole["seq"] <= at) & whole["item"].isna()]
            known = {row.node: row.value for row in frame.itertuples() if row.type is None}
            named = {
                record.event.node
                for record in records[:at]
                if isinstance(record.event, TaskCompleted | ApprovalGiven | ValueEdited)
                and getattr(record.event, "unstored", UNSET) is UNSET
            }
            plain = {node: msgspec.to_builtins(value) for node, value in state.values.items() if node in named}
            assert {node: value for node, value in known.items() if node in named} == plain


@pytest.mark.parametrize("construct", constructs(), ids=lambda construct: construct.name)
def test_variants_are_those_of_the_log(construct: Construct) -> None:
    store = play(construct, seed=3).store
    frame = frames.table(store, "variants")
    found = Counter(dict(zip(frame["variant"], frame["runs"], strict=True)))
    assert found == {" → ".join(trace): count for trace, count in variants(log_of_history(store)).items()}
    assert frame["share"].sum() == pytest.approx(frame["workflow"].nunique())


async def grow(x: int = 1) -> int:
    return x


def history() -> MemoryStore:
    async def main() -> MemoryStore:
        known = Registry()
        known.add(describe(grow))
        async with Engine(None, registry=known) as engine:
            for name in ("one", "two", "two"):
                flow = wf.flow(name)
                task = flow.task("a", "grow").options(resources={"cpu": 2, 'a "b".c': 0.5})
                flow.start >> task >> flow.end("end")
                await engine.start(flow)
            store = engine.store
            assert isinstance(store, MemoryStore)
            for table in frames.TABLES:
                TABLES[table] = frames.table(store, table, run=store.heads()[0].run if table == "state" else None)
            FILTERED["workflow"] = frames.table(store, "tasks", workflow="two")
            FILTERED["status"] = frames.table(store, "tasks", status="failed")
            FILTERED["limit"] = frames.table(store, "events", limit=2)
            later = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(
                seconds=engine.store.read(store.heads()[1].run)[0].ts / 1e6
            )
            FILTERED["since"] = frames.table(store, "runs", since=later)
            FILTERED["until"] = frames.table(store, "runs", until=later.replace(tzinfo=None))
            with pytest.raises(UnknownName, match=r"there is no table 'task'(?s:.*)Did you mean 'tasks'\?"):
                frames.table(store, "task")
            with pytest.raises(ValueError, match="the table 'variants' has no status to look for 'failed'"):
                frames.table(store, "variants", status="failed")
            states_of(store, store.heads()[0].run)
            return store

    return virtual_time(main())


def states_of(store: MemoryStore, run: str) -> None:
    """What is said of a position that can not be, and what filters do."""
    with pytest.raises(ValueError, match="the table 'state' is of one run\ngive run="):
        frames.table(store, "state")
    with pytest.raises(UnknownName, match="there is no run 'none' in this history"):
        frames.table(store, "state", run="none")
    with pytest.raises(ValueError, match=r"has 4 events: there is no state after event 5(?s:.*)from 0"):
        frames.table(store, "state", run=run, at=5)
    with pytest.raises(ValueError, match="only the table 'state' takes at="):
        frames.table(store, "tasks", at=1)
    assert len(frames.table(store, "state", run=run, at=0)) == 0
    (task,) = frames.table(store, "state", run=run, at=2, status="running").to_dict("records")
    assert (task["node"], task["attempt"], task["tokens"], task["edges"], task["value"]) == ("a", 1, 1, [], None)
    (task,) = frames.table(store, "state", run=run, at=1, node="a").to_dict("records")
    assert (task["status"], task["tokens"], task["edges"], task["run_status"]) == ("ready", 1, [0], "running")
    (task,) = frames.table(store, "state", run=run, node="a").to_dict("records")
    assert (task["status"], task["visit"], task["value_seq"], task["value"]) == ("idle", 1, 3, 1)
    assert task["run_status"] == "completed"


TABLES: dict[str, object] = {}
FILTERED: dict[str, object] = {}


def test_every_table_has_rows_and_filters_hold() -> None:
    history()
    sizes = {name: len(frame) for name, frame in TABLES.items()}  # type: ignore[arg-type]
    assert sizes == {
        "events": 12,
        "tasks": 3,
        "runs": 3,
        "transitions": 6,
        "values": 3,
        "variants": 2,
        "resources": 6,
        "state": 3,
    }
    assert {(row.resource, row.amount) for row in TABLES["resources"].itertuples()} == {("cpu", 2.0), ('a "b".c', 0.5)}  # type: ignore[attr-defined]
    assert {name: len(frame) for name, frame in FILTERED.items()} == {  # type: ignore[arg-type]
        "workflow": 2,
        "status": 0,
        "limit": 2,
        "since": 3,
        "until": 0,
    }
