"""Runs that wait for people and signals, nets, and other formats, in a shell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.machine.test_shown import stuck
from wfnb import cli
from wfnb.author.registry import registry
from wfnb.formats import load
from wfnb.formats.pnml import write
from wfnb.machine.check import check_net
from wfnb.machine.net import Net


def node(kind: str, id: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "id": id, **fields}


def edge(source: str, target: str, **fields: Any) -> dict[str, Any]:
    return {"source": source, "target": target, **fields}


ASKING = {
    "wfnb": 1,
    "name": "asking",
    "nodes": [
        node("start", "start"),
        node("approval", "boss", prompt="May I?", form={"ok": "bool"}),
        node("wait", "paid"),
        node("end", "end", output="=paid"),
    ],
    "edges": [edge("start", "boss"), edge("boss", "paid"), edge("paid", "end", on="money")],
}
HALF = {
    "wfnb": 1,
    "name": "half",
    "inputs": {"n": "int"},
    "nodes": [
        node("start", "start"),
        node("choice", "gate"),
        node("fork", "f"),
        node("join", "join"),
        node("end", "end"),
    ],
    "edges": [
        edge("start", "gate"),
        edge("gate", "f", when="input.n > 1"),
        edge("gate", "join", otherwise=True),
        edge("f", "join"),
        edge("join", "end"),
    ],
}


@pytest.fixture
def wfnb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command in a folder with workflows; gives its exit code and the JSON it printed."""
    monkeypatch.chdir(tmp_path)
    for document in (ASKING, HALF):
        Path(f"{document['name']}.wf.json").write_text(json.dumps(document))

    def call(*arguments: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = cli.main(arguments)
        said = capsys.readouterr()
        lines = [json.loads(line) for line in said.out.splitlines() if line.startswith("{")]
        return code, lines[0] if len(lines) == 1 else lines or said.err or said.out

    return call


def test_a_run_that_waits_is_answered_and_taken_up(wfnb: Any) -> None:
    history = ("--history", "h.duckdb", "--json")
    code, told = wfnb("run", "asking.wf.json", *history)
    assert (code, told["status"], told["output"]) == (3, "waiting", None)
    run = told["run"]
    assert wfnb("resume", *history)[0] == 3
    code, refused = wfnb("approve", run, "boss", '{"ok": "yes"}', *history)
    assert code == 2
    assert "the field 'ok' of the answer to 'boss' is 'yes'" in refused
    assert wfnb("approve", run, "nobody", *history)[0] == 2
    assert wfnb("approve", run, "boss", '{"ok": true}', *history) == (0, {"run": run, "status": "waiting", "events": 3})
    code, told = wfnb("resume", *history)
    assert (code, told["status"]) == (3, "waiting")
    assert wfnb("signal", run, "mony", *history)[0] == 2
    assert wfnb("signal", run, "money", "5", "--id", "m1", *history)[0] == 0
    code, told = wfnb("resume", *history)
    assert (code, told["status"], told["output"]) == (0, "completed", 5)


def test_what_a_run_asks_and_waits_for_is_said(wfnb: Any, capsys: pytest.CaptureFixture[str]) -> None:
    history = ("--history", "h.duckdb")
    said = wfnb("run", "asking.wf.json", *history)[1]
    assert "waiting after 2 events\n  asks at 'boss': May I?\n" in said
    run = said.split()[1]
    wfnb("approve", run, "boss", '{"ok": true}', *history)
    assert "  waits for the signal 'money'\n" in wfnb("resume", *history)[1]
    timed = {**ASKING, "name": "timed", "edges": [*ASKING["edges"], edge("boss", "end", after=0.3)]}
    timed["nodes"] = [node("end", "end") if one["id"] == "end" else one for one in ASKING["nodes"]]
    Path("timed.wf.json").write_text(json.dumps(timed))
    capsys.readouterr()
    assert cli.main(["run", "timed.wf.json"]) == 0
    assert "  asks at 'boss': May I?\n" in capsys.readouterr().err


def test_a_signal_that_came_before_anybody_waited_is_kept(wfnb: Any) -> None:
    history = ("--history", "h.duckdb", "--json")
    run = wfnb("run", "asking.wf.json", *history)[1]["run"]
    assert wfnb("signal", run, "money", "7", *history)[0] == 0
    assert wfnb("approve", run, "boss", '{"ok": true}', *history)[0] == 0
    code, told = wfnb("resume", *history)
    assert (code, told["output"]) == (0, 7)


def test_what_is_not_sound_is_refused_with_a_trace(wfnb: Any) -> None:
    code, told = wfnb("check", "half.wf.json", "--json")
    assert (code, told["ok"], told["verdict"]) == (1, False, "unsound")
    assert told["trace"][-1] in ("'gate' takes 'gate -> join'", "'f' forks")
    assert [found["code"] for found in told["diagnostics"] if found["severity"] == "error"] == ["WF301"]
    code, said = wfnb("run", "half.wf.json", "--input", '{"n": 3}', "--json")
    assert code == 2
    assert "a run can get stuck" in said
    code, told = wfnb("run", "half.wf.json", "--input", '{"n": 3}', "--json", "--allow-unsound")
    assert (code, told["error"]["type"]) == (1, "RunStuck")


def test_a_net_goes_out_and_comes_in(wfnb: Any) -> None:
    assert wfnb("convert", "half.wf.json", "half.pnml")[0] == 0
    code, told = wfnb("check", "half.pnml", "--json")
    assert (code, told["verdict"]) == (1, "unsound")
    net = load("half.pnml")
    assert isinstance(net, Net)
    assert list(check_net(net).properties["sound"].trace) == told["trace"]
    assert wfnb("convert", "half.pnml", "again.pnml")[0] == 0
    Path("long.pnml").write_text(write(stuck(40), "long"))
    code, said = wfnb("check", "long.pnml")
    assert (
        "after 40 steps: t0, t1, ... 34 more ..., t36, t37, t38, t39\n  all 40 steps: wfnb check long.pnml --json"
        in said
    )
    assert len(wfnb("check", "long.pnml", "--json")[1]["trace"]) == 40
    assert load("again.pnml") == net
    code, said = wfnb("run", "half.pnml")
    assert code == 2
    assert "is a net, which can not be run" in said
    assert wfnb("convert", "half.pnml", "half.wf.json")[0] == 2


TIMED = {
    "wfnb": 1,
    "name": "timed",
    "nodes": [node("start", "start"), node("wait", "pause"), node("end", "end")],
    "edges": [edge("start", "pause"), edge("pause", "end", after=3600)],
}
CALLING = {
    "wfnb": 1,
    "name": "calling",
    "nodes": [node("start", "start"), node("call", "inner", workflow="asking"), node("end", "end", output="=inner")],
    "edges": [edge("start", "inner"), edge("inner", "end")],
    "workflows": {"asking": ASKING},
}


def test_a_run_stops_at_a_time_where_that_is_asked_for(wfnb: Any) -> None:
    Path("timed.wf.json").write_text(json.dumps(TIMED))
    history = ("--history", "h.duckdb")
    code, told = wfnb("run", "timed.wf.json", "--until-waiting", "--json", *history)
    assert (code, told["status"]) == (3, "waiting")
    (awaited,) = told["waits_for"]
    assert (awaited["run"], awaited["node"], awaited["kind"], awaited["signal"]) == (told["run"], "pause", "time", None)
    code, said = wfnb("resume", told["run"], "--until-waiting", *history)
    assert code == 3
    assert "  waits at 'pause' until 2" in said
    assert f"go on with\n  wfnb resume {told['run']} --history h.duckdb\n" in said
    listed = wfnb("runs", *history)[1]
    assert "waiting" in listed
    assert " UTC at 'pause'" in listed
    assert "history was in memory and is gone" in wfnb("run", "timed.wf.json", "--until-waiting")[1]


def test_what_a_child_waits_for_is_said_with_the_ways_to_go_on(wfnb: Any) -> None:
    Path("calling.wf.json").write_text(json.dumps(CALLING))
    Path("acts.py").write_text("")
    history = ("--history", "h.duckdb")
    code, said = wfnb("run", "calling.wf.json", "--module", "acts.py", *history)
    run = said.split()[1]
    assert code == 3
    assert f"  run {run}/inner waits for an answer at 'boss'\n" in said
    assert f"  wfnb approve {run}/inner boss '{{\"ok\": true}}' --history h.duckdb\n" in said
    assert f"  wfnb resume {run} --history h.duckdb --module acts.py\n" in said
    parent, child = wfnb("runs", "--json", *history)[1]
    assert [(one["run"], one["parent"], one["status"]) for one in (parent, child)] == [
        (run, "", "waiting"), (f"{run}/inner", run, "waiting"),
    ]  # fmt: skip
    assert parent["waits_for"] == child["waits_for"] == "an answer at 'boss'"
    assert [line.split("  ")[:2] for line in wfnb("runs", *history)[1].splitlines()[1:]][1] == ["", f"{run}/inner"]
    assert wfnb("approve", f"{run}/inner", "boss", '{"ok": true}', *history)[0] == 0
    code, said = wfnb("resume", f"{run}/inner", *history)
    assert (code, f"  wfnb signal {run}/inner money --history h.duckdb" in said) == (3, True)
    rows = wfnb("tasks", run, "--json", *history)[1]
    assert (rows["node"], rows["kind"], rows["status"]) == ("inner", "call", "running")


def test_one_run_is_taken_up_and_the_others_stay(wfnb: Any) -> None:
    history = ("--history", "h.duckdb", "--json")
    first, second = (wfnb("run", "asking.wf.json", *history)[1]["run"] for _ in range(2))
    for run in (first, second):
        assert wfnb("approve", run, "boss", '{"ok": true}', *history)[0] == 0
        assert wfnb("signal", run, "money", "1", *history)[0] == 0
    assert wfnb("resume", second, *history)[1]["run"] == second
    assert [one["status"] for one in wfnb("runs", *history)[1]] == ["running", "completed"]
    assert wfnb("resume", second, "--history", "h.duckdb") == (0, f"run {second} is over: completed\n")
    assert wfnb("resume", *history)[1]["run"] == first
    assert wfnb("resume", "--history", "h.duckdb") == (0, "no run is left to take up\n")
    code, said = wfnb("resume", "zzz", *history)
    assert (code, "no runs begin with 'zzz'" in said) == (2, True)


def test_cures_are_those_of_a_shell(wfnb: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_known", {})
    tasks = [node("task", "a", activity="fetch"), *ASKING["nodes"]]
    lacking = {**ASKING, "nodes": tasks, "edges": [edge("start", "a"), edge("a", "boss"), *ASKING["edges"][1:]]}
    Path("lacking.wf.json").write_text(json.dumps(lacking))
    code, said = wfnb("run", "lacking.wf.json")
    assert (code, "task 'a' calls unknown activity 'fetch'" in said, "--module FILE" in said) == (2, True, True)
    assert "--module FILE" in wfnb("check", "lacking.wf.json", "--json")[1]["diagnostics"][0]["help"]
    assert "--allow-unsound runs it anyway" in wfnb("run", "half.wf.json", "--input", '{"n": 3}')[1]
