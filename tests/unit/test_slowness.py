"""The verbs that say where the time of many runs goes, as a notebook calls them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

import wfnb as wf
from tests.unit.history.measures.test_measures import DOCUMENT, TOOK, add, life
from wfnb.errors import UnknownName
from wfnb.model.event import RunStarted, TaskStarted
from wfnb.store.duckdb import DuckDBStore


@pytest.fixture(autouse=True)
def opened(tmp_path: Path) -> Iterator[None]:
    """Ten runs whose every duration is known, and one that goes on, of another workflow."""
    path = tmp_path / "h.duckdb"
    store = DuckDBStore(path)
    store.define("h", DOCUMENT)
    for number, took in enumerate(TOOK):
        add(store, f"r{number}", life(100 * number, took))
    add(store, "open", [(2000, RunStarted(workflow="v", definition="h", moves=(0,))), (2000, TaskStarted("a", 1, 1))])
    store.close()
    wf.connect(path)
    yield
    wf.close()


def test_runs_behind_a_percentile() -> None:
    found = wf.runs_behind("a", 0.9)
    assert found["run"].tolist() == ["r9"]
    assert found["seconds"].tolist() == [10.0], "the 90th percentile is 9.1 s"
    assert wf.runs_behind("a", (0.0, 0.2))["run"].tolist() == ["r1", "r0"]
    assert wf.runs_behind("a", 0, runs=["r3", "r4"])["run"].tolist() == ["r4", "r3"]
    assert wf.runs_behind("b", 1.0, part="wait")["wait"].tolist() == [2.0] * 10
    for wrong in (1.5, (0.9, 0.1)):
        with pytest.raises(ValueError, match="percentile is"):
            wf.runs_behind("a", wrong)


def test_critical_paths_of_many_runs() -> None:
    found = wf.critical_paths(workflow="w", version="h")
    assert (len(found.paths), found.of) == (10, 10)
    assert found.gains()["node"].tolist() == ["b", "a"]
    assert found.seconds == pytest.approx(sum(6 + 3 * took for took in TOOK) / 10)
    assert len(wf.critical_paths(limit=3).paths) == 3
    with pytest.raises(UnknownName, match="no run is over in what is looked at"):
        wf.critical_paths(workflow="v")


def test_bottlenecks_where_no_run_is_over() -> None:
    found = wf.bottlenecks(workflow="w")
    assert found["node"].tolist() == ["b", "a"]
    assert found.loc[0, "waiting"] == 30
    going_on = wf.bottlenecks(workflow="v")
    assert going_on[["node", "attempts", "service"]].to_numpy().tolist() == [["a", 1, 0.0]]
    assert going_on["share"].isna().all()
    with pytest.raises(UnknownName, match="absent"):
        wf.bottlenecks(workflow="absent")
    assert wf.bottlenecks(until=datetime(1980, 1, 1)).empty  # noqa: DTZ001 - without a zone it is UTC


def test_a_table_is_of_runs_and_workflows_that_there_are() -> None:
    assert wf.table("tasks", run="r1", status="cancelled").empty, "the run is there"
    assert wf.table("events", workflow="v", node="b").empty
    for table in ("events", "tasks", "runs", "transitions", "values", "resources", "state"):
        with pytest.raises(UnknownName, match="there is no run 'r'"):
            wf.table(table, run="r")
    with pytest.raises(UnknownName, match="no run of a workflow 'x'"):
        wf.table("variants", workflow="x")


def test_several_runs_must_all_be_there() -> None:
    for verb in (wf.critical_paths, wf.bottlenecks, lambda runs: wf.runs_behind("a", runs=runs)):
        with pytest.raises(UnknownName, match="there is no run 'absent'"):
            verb(["r1", "absent"])
