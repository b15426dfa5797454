"""The course of runs in a shell: pins, breakpoints, keys, pauses, retries and forks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.unit.test_cli_waiting import edge, node
from wfnb import cli

CHAIN = {
    "wfnb": 1,
    "name": "chain",
    "nodes": [
        node("start", "start"),
        node("task", "a", activity="give", arguments={"value": 1}),
        node("task", "b", activity="give", arguments={"value": "=a + 1"}),
        node("end", "end", output="=[a, b]"),
    ],
    "edges": [edge("start", "a"), edge("a", "b"), edge("b", "end")],
}
MODULE = """
from pathlib import Path
import wfnb as wf

@wf.activity
async def give(value: int) -> int:
    with Path("calls.txt").open("a") as log:
        log.write(f"{value} ")
    if value == 2 and Path("bad").exists():
        raise OSError("bad")
    return value
"""


@pytest.fixture
def wfnb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Run a command in a folder with a workflow; gives its exit code and the JSON it printed, or what it said."""
    monkeypatch.chdir(tmp_path)
    Path("chain.wf.json").write_text(json.dumps(CHAIN))
    Path("giving.py").write_text(MODULE)

    def call(*arguments: str) -> tuple[int, Any]:
        capsys.readouterr()
        code = cli.main([*arguments, "--history", "h.duckdb"])
        said = capsys.readouterr()
        lines = [json.loads(line) for line in said.out.splitlines() if line.startswith("{")]
        return code, lines[0] if len(lines) == 1 else lines or said.err or said.out

    return call


WITH = ("--module", "giving.py", "--json")


def called() -> list[str]:
    """What the activity was called with since this was asked last."""
    log = Path("calls.txt")
    found = log.read_text().split() if log.exists() else []
    log.unlink(missing_ok=True)
    return found


def test_a_mocked_task_gives_its_pin_else_null(wfnb: Any) -> None:
    code, told = wfnb("run", "chain.wf.json", "--mock", "--pin", "a=4", "--pin", 'b={"x": "y"}', "--json")
    assert (code, told["output"], called()) == (0, [4, {"x": "y"}], [])
    events = wfnb("events", told["run"], "--json")[1]
    assert [one["type"] for one in events[:3]] == ["RunStarted", "ValuePinned", "ValuePinned"]
    code, told = wfnb("run", "chain.wf.json", "--pin", "a=4", *WITH)
    assert (told["output"], called()) == ([4, 5], ["5"])
    assert wfnb("run", "chain.wf.json", "--pin", "a", *WITH)[0] == 2
    assert "write --pin 'node=JSON'" in wfnb("run", "chain.wf.json", "--pin", "a=x", *WITH)[1]


def test_a_run_stops_before_a_breakpoint_and_goes_on_when_it_is_named(wfnb: Any) -> None:
    code, told = wfnb("run", "chain.wf.json", "--breakpoint", "b", *WITH)
    assert (code, told["status"], called()) == (3, "paused", ["1"])
    assert told["waits_for"][0]["kind"] == "resume"
    run = told["run"]
    assert wfnb("runs", "--json")[1]["status"] == "paused"
    code, told = wfnb("resume", *WITH)  # all that a crash left open: a pause is no crash
    assert (code, told["status"], called()) == (3, "paused", [])
    assert f"wfnb resume {run} --history h.duckdb" in wfnb("resume", "--module", "giving.py")[1]
    code, told = wfnb("resume", run, *WITH)
    assert (code, told["output"], called()) == (0, [1, 2], ["2"])


def test_a_run_is_paused_from_a_shell(wfnb: Any) -> None:
    run = wfnb("run", "chain.wf.json", "--breakpoint", "a", *WITH)[1]["run"]
    wfnb("resume", run, "--until-waiting", *WITH)
    assert wfnb("pause", run)[0] == 2  # it is over
    waiting = {**CHAIN, "nodes": [*CHAIN["nodes"], node("wait", "w")]}
    waiting["edges"] = [edge("start", "w"), edge("w", "a", on="go"), *CHAIN["edges"][1:]]
    Path("waiting.wf.json").write_text(json.dumps(waiting))
    run = wfnb("run", "waiting.wf.json", *WITH)[1]["run"]
    code, told = wfnb("pause", run, "--reason", "later", "--json")
    assert (code, told["status"]) == (0, "paused")
    assert "goes on" in wfnb("pause", run)[1]
    wfnb("signal", run, "go")
    called()
    assert wfnb("resume", *WITH)[1]["status"] == "paused"
    assert called() == []
    assert wfnb("resume", run, *WITH)[1]["output"] == [1, 2]


def test_a_failed_run_is_retried(wfnb: Any) -> None:
    Path("bad").touch()
    code, told = wfnb("run", "chain.wf.json", *WITH)
    assert (code, told["status"]) == (1, "failed")
    run = told["run"]
    Path("bad").unlink()
    called()
    code, told = wfnb("retry", run, *WITH)
    assert (code, told["run"], told["output"], called()) == (0, run, [1, 2], ["2"])
    assert wfnb("runs", "--json")[1]["status"] == "completed"
    assert "nothing is left to retry" in wfnb("retry", run)[1]


def test_a_run_is_forked_with_another_value(wfnb: Any) -> None:
    run = wfnb("run", "chain.wf.json", *WITH)[1]["run"]
    called()
    code, told = wfnb("fork", run, "--set", "a=7", *WITH)
    assert (code, told["output"], called()) == (0, [7, 8], ["8"])
    assert told["run"] != run
    assert wfnb("fork", run, "--at", "1", *WITH)[1]["output"] == [1, 2]
    assert called() == []
    assert wfnb("fork", run, "--from", "a", *WITH)[1]["output"] == [1, 2]
    assert called() == ["1", "2"]
    assert wfnb("fork", run, "--at", "99", *WITH)[0] == 2
    assert wfnb("fork", run, "--input", "[]", *WITH)[0] == 2
    assert [one["origin"] for one in wfnb("runs", "--json")[1]] == ["", run, run, run]


def test_the_same_key_gives_the_same_run(wfnb: Any) -> None:
    first = wfnb("run", "chain.wf.json", "--key", "k", *WITH)[1]
    again = wfnb("run", "chain.wf.json", "--key", "k", *WITH)[1]
    assert (again["run"], again["output"]) == (first["run"], [1, 2])
    assert called() == ["1", "2"]
