"""The verbs for event logs, in a notebook and in a shell."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

import wfnb as wf
from tests.unit.history.mining.trees import log_of_words
from wfnb.author.registry import Registry
from wfnb.cli import main
from wfnb.engine.engine import Engine
from wfnb.history.recorded import log_of_history
from wfnb.model.activity import describe


def chosen() -> wf.Flow:
    flow = wf.flow("chosen", inputs={"n": "int"})
    first, gate, second = flow.task("first", "grow"), flow.choice("gate"), flow.task("second", "grow")
    flow.start >> first >> gate
    gate.when("input.n > 1") >> second >> flow.end("far")
    gate.otherwise() >> flow.end("near")
    return flow


async def grow() -> int:
    return 1


async def double(item: int) -> int:
    return 2 * item


async def recorded(engine: Engine) -> None:
    for n in range(4):
        await engine.start(chosen(), n=n)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    path = tmp_path / "history.duckdb"

    async def fill() -> None:
        known = Registry()
        known.add(describe(grow))
        async with Engine(path, registry=known) as engine:
            await recorded(engine)

    asyncio.run(fill())
    return path


def test_a_history_is_a_log_of_its_runs(history: Path) -> None:
    log = wf.event_log(history)
    assert sorted(log.traces()) == [("first",), ("first",), ("first", "second"), ("first", "second")]
    assert (log.times > 0).all()
    found = wf.discover(history)
    assert found.workflow.name == "history"
    assert found.dfg.pairs == {("first", "second"): 2}
    assert wf.conform(history, chosen()).fitness == 1
    assert wf.conform(history, found.workflow).fitness == 1


def test_only_runs_of_one_workflow(history: Path) -> None:
    assert len(wf.event_log(history, workflow="chosen").cases) == 4
    with pytest.raises(wf.UnknownName, match="no run is of a workflow 'chosn'"):
        wf.event_log(history, workflow="chosn")


def test_a_history_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        wf.event_log(tmp_path / "no.duckdb")
    assert list(tmp_path.iterdir()) == []


async def test_calls_maps_and_approvals_are_events_and_items_are_not() -> None:
    known = Registry()
    known.add(describe(grow))
    known.add(describe(double))
    inner = wf.flow("inner")
    inner.start >> inner.task("deep", "grow") >> inner.end("end")
    known.workflows.add(inner.workflow)
    flow = wf.flow("outer")
    each, call = flow.map("each", "double", [1, 2]), flow.call("call", inner)
    flow.start >> each >> call >> flow.approval("ask") >> flow.end("end")
    async with Engine(None, registry=known) as engine:
        run = engine.start(flow)
        while not run.approvals:  # noqa: ASYNC110 - what it asks is seen from outside
            await asyncio.sleep(0)
        run.approve("ask", {})
        await run
        log = log_of_history(engine.store, "outer")
    assert list(log.traces()) == [("each", "call", "ask")]


def test_logs_are_written_and_read(tmp_path: Path, history: Path) -> None:
    path = wf.save_log(history, tmp_path / "log.xes.gz")
    assert list(wf.event_log(path).traces()) == list(wf.event_log(history).traces())
    frame = wf.event_log(path).frame()
    assert list(wf.event_log(frame).traces()) == list(wf.event_log(history).traces())


@pytest.fixture
def log(tmp_path: Path) -> Path:
    words = [("a", "b"), ("a", "b"), ("a",)]
    return wf.save_log(log_of_words(words), tmp_path / "log.xes")


def test_discover_in_a_shell(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["discover", str(log), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"cases": 3, "events": 5, "variants": 2, "dfg": [["a", "b", 2]]}
    out = log.with_name("found.wf.json")
    assert main(["discover", str(log), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "3 cases, 5 events of 2 activities, 2 variants" in said
    assert "2 of a → b" in said
    assert wf.load(out).name == "found"
    assert main(["check", str(out)]) == 0


def test_conform_in_a_shell(log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    flow = wf.flow("both")
    flow.start >> flow.task("a", "a") >> flow.task("b", "b") >> flow.end("end")
    path = wf.save(flow, log.with_name("both.wf.json"))
    assert main(["conform", str(log), str(path), "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert (said["cases"], said["fitting"]) == (3, 2)
    (deviation,) = said["deviations"]
    assert (deviation["kind"], deviation["node"], deviation["after"], deviation["cases"]) == ("missing", "b", "a", 1)
    assert main(["conform", str(log), str(path)]) == 1
    assert "2 of 3 cases fit; fitness 0.889" in capsys.readouterr().out


def test_a_broken_log_in_a_shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "broken.xes").write_text("<log><trace></log>")
    assert main(["discover", str(tmp_path / "broken.xes")]) == 2
    assert "broken.xes is no XML: mismatched tag at line 1" in capsys.readouterr().err
