"""DataFrames of a history: columns, types, and the same from either store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from wfnb.errors import StoreError
from wfnb.history import frames
from wfnb.model.event import Event, Problem, RunFailed, RunStarted, TaskFailed, TaskStarted, Unstored
from wfnb.model.event import TaskCompleted as Completed
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.memory import MemoryStore
from wfnb.store.protocol import EventStore
from wfnb.testing import START, row

DOCUMENT = b'{"wfnb":1,"nodes":[{"kind":"task","id":"t","activity":"fetch"}],"edges":[{"source":"s","target":"t"}]}'
FIRST: list[Event] = [
    RunStarted(workflow="w", definition="h", input={"n": 1}, moves=(0,)),
    TaskStarted("t", 1, 1),
    TaskFailed("t", 1, 1, Problem(type="KeyError", message="'x'"), START + 3_500_000),
    TaskStarted("t", 1, 2),
    Completed("t", 1, 2, value={"a": [1, None]}),
]
SECOND: list[Event] = [
    RunStarted(workflow="w", definition="unknown"),
    TaskStarted("t", 1, 1),
    Completed("t", 1, 1, unstored=Unstored(type="pandas.DataFrame", size=80)),
    RunFailed(Problem(type="ValueError", message="no")),
]


@pytest.fixture(params=["memory", "duckdb"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[EventStore]:
    made: EventStore = MemoryStore() if request.param == "memory" else DuckDBStore(tmp_path / "h.duckdb")
    made.define("h", DOCUMENT)
    made.append("one", 0, 0, [row(e, START + 1_000_000 * n) for n, e in enumerate(FIRST)])
    made.append("two", 0, 0, [row(e, START + 9_000_000 + n) for n, e in enumerate(SECOND)])
    yield made
    made.close()


def seconds(times: Any) -> list[float]:
    return [(microseconds - START) / 1e6 for microseconds in times.astype("int64")]


def test_events(store: EventStore) -> None:
    frame = frames.events(store)
    assert list(frame.columns) == ["run", "seq", "time", "type", "node", "payload"]
    assert str(frame["time"].dtype) == "datetime64[us, UTC]"
    assert frame["run"].tolist() == ["one"] * 5 + ["two"] * 4
    assert frame["seq"].tolist() == [1, 2, 3, 4, 5, 1, 2, 3, 4]
    assert frame["node"].tolist()[:2] == [None, "t"]
    assert frame["payload"][4] == {"visit": 1, "attempt": 2, "value": {"a": [1, None]}}
    assert seconds(frames.events(store, "one")["time"]) == [0, 1, 2, 3, 4]
    assert frames.events(store, "unknown").empty


def test_tasks(store: EventStore) -> None:
    frame = frames.tasks(store, "one")
    assert list(frame.columns) == [
        "run", "node", "kind", "visit", "attempt", "activity", "status", "scheduled", "started", "ended", "wait",
        "seconds",
        "retry_at", "error_type", "error", "value", "unstored", "rerun", "note",
        "worker", "cpu", "memory",
    ]  # fmt: skip
    assert {str(frame[name].dtype) for name in ("scheduled", "started", "ended", "retry_at")} == {"datetime64[us, UTC]"}
    assert frame[["node", "visit", "attempt", "activity", "status"]].to_numpy().tolist() == [
        ["t", 1, 1, "fetch", "failed"],
        ["t", 1, 2, "fetch", "completed"],
    ]
    assert seconds(frame["started"]) == [1, 3]
    assert seconds(frame["scheduled"]) == [0, 3]
    assert frame["wait"].tolist() == [1.0, 0.0]
    assert frame["seconds"].tolist() == [1.0, 1.0]
    assert frame["error_type"].tolist() == ["KeyError", None]
    assert frame["value"].tolist() == [None, {"a": [1, None]}]
    assert frames.tasks(store)["unstored"].tolist()[2] == {"type": "pandas.DataFrame", "size": 80}
    assert frames.tasks(store)["activity"].tolist() == ["fetch", "fetch", None]


def test_runs(store: EventStore) -> None:
    frame = frames.runs(store)
    assert list(frame.columns) == [
        "run", "parent", "origin", "workflow", "status", "waits_for", "started", "ended", "seconds", "events",
        "error_type", "error", "input", "output", "definition",
    ]  # fmt: skip
    assert frame["run"].tolist() == ["one", "two"]
    assert frame["status"].tolist() == ["running", "failed"]
    assert frame["events"].tolist() == [5, 4]
    assert frame["error_type"].tolist() == [None, "ValueError"]
    assert frame["input"].tolist() == [{"n": 1}, {}]
    assert frame["ended"].isna().tolist() == [True, False]
    assert frame["seconds"].tolist()[1:] == [3e-06]


def test_sql(store: EventStore) -> None:
    frame = frames.sql(store, "select node, max(attempt) attempts from tasks where run = ? group by node", ["one"])
    assert frame.to_dict("records") == [{"node": "t", "attempts": 2}]
    with pytest.raises(
        StoreError,
        match=r'(?s)the query failed: .*near "selct".*\ntables: events, definitions, snapshots, "values"; views: event',
    ):
        frames.sql(store, "selct 1")


def test_a_frame_grows_with_its_store(store: EventStore) -> None:
    assert len(frames.events(store)) == 9
    store.append("one", 0, 5, [row(RunFailed(Problem(type="E", message="m")))])
    assert len(frames.events(store)) == 10
    assert frames.runs(store)["status"].tolist() == ["failed", "failed"]


@pytest.mark.parametrize("table", [frames.events, frames.tasks, frames.runs])
def test_an_empty_history_gives_empty_tables_with_columns(table: object) -> None:
    assert callable(table)
    frame = table(MemoryStore())
    assert frame.empty
    assert len(frame.columns) > 5
