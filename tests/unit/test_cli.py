"""The verbs in a shell: what each prints, to the key, and its exit code."""

from __future__ import annotations

import csv
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.corpus import needs_wfinstances, wfinstances
from wfnb import cli
from wfnb.author.registry import registry
from wfnb.model.event import RunStarted
from wfnb.store.duckdb import DuckDBStore

ACTIVITIES = """
import asyncio, os
import wfnb as wf

@wf.activity
async def double(x: int) -> int:
    return 2 * x

@wf.activity
def fail(x: int) -> int:
    raise ValueError(f"no {x}")

@wf.activity
def odd() -> object:
    return {"set": {1}, "nan": float("nan")}

@wf.activity
def talks(x: int) -> int:
    print(f"x is {x}")
    print("and done")
    return x

@wf.activity
async def maybe(x: int) -> int:
    if os.environ.get("WFNB_DIE"):
        os._exit(9)
    return x
"""


@pytest.fixture(autouse=True)
def _own_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """What a command imports is gone after a test."""
    monkeypatch.setattr(registry, "_known", dict(registry._known))
    path = list(sys.path)
    yield
    sys.path[:] = path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with activities and workflows, which is the working folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "acts.py").write_text(ACTIVITIES)
    write("good", {"x": "=input.x"}, "double", inputs={"x": "int"})
    write("bad", {"x": "=input.x"}, "fail", inputs={"x": "int"})
    write("typo", {"x": 1}, "duoble")
    write("unknown", {"y": 1}, "double")
    write("odd", {}, "odd")
    write("dying", {"x": 7}, "maybe")
    Path("broken.wf.json").write_text('{"wfnb": 1')
    Path("future.wf.json").write_text('{"wfnb": 99}')
    return tmp_path


def write(name: str, arguments: dict[str, Any], activity: str, **fields: Any) -> None:
    document = {
        "wfnb": 1,
        "name": name,
        **fields,
        "nodes": [
            {"kind": "start", "id": "start"},
            {"kind": "task", "id": "a", "activity": activity, "arguments": arguments},
            {"kind": "end", "id": "end"},
        ],
        "edges": [{"source": "start", "target": "a"}, {"source": "a", "target": "end"}],
    }
    Path(f"{name}.wf.json").write_text(json.dumps(document))


class Told:
    """What a command said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line, parse_constant=pytest.fail) for line in self.out.splitlines()]

    @property
    def line(self) -> dict[str, Any]:
        (only,) = self.lines
        return only


@pytest.fixture
def wfnb(folder: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    assert folder == Path.cwd()

    def call(*arguments: str) -> Told:
        capsys.readouterr()
        try:
            code = cli.main(arguments)
        except SystemExit as stop:
            code = int(stop.code or 0)
        said = capsys.readouterr()
        return Told(code, said.out, said.err)

    return call


# --- check --------------------------------------------------------------------------------------------------------


def test_check(wfnb: Any) -> None:
    told = wfnb("check", "good.wf.json", "--module", "acts.py", "--json")
    assert told.code == 0
    assert told.line.pop("ms") >= 0
    assert wfnb("check", "good.wf.json", "--module", "acts", "--json").line | {"ms": 0} == {
        "file": "good.wf.json",
        "ok": True,
        "verdict": "sound",
        "diagnostics": [],
        "trace": [],
        "states": 3,
        "ms": 0,
    }


def test_check_many(wfnb: Any) -> None:
    told = wfnb("check", "good.wf.json", "typo.wf.json", "unknown.wf.json", "--module", "acts.py", "--json")
    assert told.code == 1
    assert [line["ok"] for line in told.lines] == [True, False, False]
    assert (
        told.lines[1]["diagnostics"]
        == [
            {
                "code": "WF201",
                "severity": "error",
                "message": "task 'a' calls unknown activity 'duoble'",
                "help": "known activities: double, fail, odd, maybe, wfformat_task. Did you mean 'double'?",
                "nodes": ["a"],
                "edges": [],
            }
        ]
        or told.lines[1]["diagnostics"][0]["code"] == "WF201"
    )
    for diagnostic in told.lines[1]["diagnostics"]:
        assert set(diagnostic) == {"code", "severity", "message", "help", "nodes", "edges"}
        assert "Did you mean 'double'?" in diagnostic["help"]
    assert [d["code"] for d in told.lines[2]["diagnostics"]] == ["WF202", "WF203"]


def test_without_a_module_an_unknown_activity_is_a_warning(wfnb: Any) -> None:
    told = wfnb("check", "typo.wf.json", "--json")
    assert told.code == 0
    assert [d["severity"] for d in told.line["diagnostics"]] == ["warning"]
    assert "warning WF201  task 'a' calls unknown activity 'duoble'" in wfnb("check", "typo.wf.json").out


@pytest.mark.parametrize("file", ["broken.wf.json", "future.wf.json", "absent.wf.json", "."])
def test_check_of_what_can_not_be_read(wfnb: Any, file: str) -> None:
    told = wfnb("check", "good.wf.json", file, "--json")
    assert told.code == 2
    assert [line["ok"] for line in told.lines] == [True, False]
    assert told.lines[1]["verdict"] == "unknown"
    assert told.lines[1]["diagnostics"][0]["severity"] == "error"
    plain = wfnb("check", file)
    assert plain.code == 2
    assert plain.err


def test_check_of_a_future_version_says_so(wfnb: Any) -> None:
    told = wfnb("check", "future.wf.json", "--json")
    assert "document version 99" in told.line["diagnostics"][0]["message"]
    assert "install a newer wfnb" in told.line["diagnostics"][0]["help"]


# --- run ----------------------------------------------------------------------------------------------------------


def test_run(wfnb: Any) -> None:
    told = wfnb("run", "good.wf.json", "--module", "acts.py", "--input", '{"x": 21}', "--json")
    assert told.code == 0
    run = told.line.pop("run")
    assert isinstance(run, str)
    assert {key: value for key, value in told.line.items() if key != "run"} == {
        "status": "completed",
        "output": 42,
        "error": None,
        "tasks": ["a"],
        "events": 4,
    }
    plain = wfnb("run", "good.wf.json", "--module", "acts.py", "--input", '{"x": 21}').out
    assert "completed after 4 events\n  output: 42" in plain


def test_run_records_the_durability_and_the_strategy_that_a_resumed_run_has_again(wfnb: Any) -> None:
    given = ["--module", "acts.py", "--input", '{"x": 21}', "--history", "h.duckdb", "--json"]
    run = wfnb("run", "good.wf.json", *given, "--durability", "exit", "--strategy", "parallel(2)").line["run"]
    store = DuckDBStore("h.duckdb")
    first = store.read(run)[0].event
    store.close()
    assert isinstance(first, RunStarted)
    assert (first.durability, first.strategy) == ("exit", "parallel(2)")


def test_run_that_fails(wfnb: Any) -> None:
    told = wfnb("run", "bad.wf.json", "--module", "acts.py", "--input", '{"x": 1}', "--json")
    assert told.code == 1
    assert told.line["status"] == "failed"
    assert told.line["output"] is None
    assert told.line["error"] == {"type": "ValueError", "message": "no 1"}
    assert told.line["events"] == 4
    assert "a: ValueError: no 1" in wfnb("run", "bad.wf.json", "--module", "acts", "--input", '{"x": 1}').out


def test_run_with_the_inputs_of_a_file(wfnb: Any) -> None:
    Path("given.json").write_text('{"x": 4}')
    assert wfnb("run", "good.wf.json", "--module", "acts.py", "--input", "@given.json", "--json").line["output"] == 8


def test_run_gives_json_whatever_the_output_is(wfnb: Any) -> None:
    told = wfnb("run", "odd.wf.json", "--module", "acts.py", "--json")
    assert told.code == 0
    assert told.line["output"] == {"set": "{1}", "nan": "nan"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["absent.wf.json"], "absent.wf.json"),
        (["broken.wf.json"], "broken.wf.json is not JSON"),
        (["future.wf.json"], "document version 99"),
        (["typo.wf.json", "--module", "acts.py"], "Did you mean 'double'?"),
        (["good.wf.json", "--module", "acts.py"], "needs the input 'x'\ngive it as --input '{\"x\": ...}'"),
        (["good.wf.json", "--module", "acts.py", "--input", '{"x": "text"}'], "it is declared as int"),
        (["good.wf.json", "--input", "{"], "--input is not JSON"),
        (["good.wf.json", "--input", "[1]"], "--input is no JSON object"),
        (["good.wf.json", "--input", "@absent.json"], "absent.json"),
        (["good.wf.json", "--module", "absent"], "module 'absent' can not be imported: ModuleNotFoundError"),
        (["good.wf.json", "--module", "absent.py"], "module 'absent.py' can not be imported: FileNotFoundError"),
        (["good.wf.json", "--module", "raising.py"], "module 'raising.py' can not be imported: ZeroDivisionError"),
        (["good.wf.json", "--module", "leaving.py"], "module 'leaving.py' can not be imported: SystemExit"),
        (["good.wf.json", "--module", "wrong.py"], "module 'wrong.py' can not be imported: SyntaxError"),
        (["good.wf.json", "--history", "notes.txt"], "notes.txt"),
    ],
)
def test_run_of_what_can_not_be_used(wfnb: Any, arguments: list[str], message: str) -> None:
    Path("raising.py").write_text("1 / 0")
    Path("leaving.py").write_text("import sys; sys.exit(0)")
    Path("wrong.py").write_text("def")
    Path("notes.txt").write_text("not a history, but something that must stay " * 100)
    before = Path("notes.txt").read_bytes()
    told = wfnb("run", *arguments, "--json")
    assert told.code == 2
    assert told.out == ""
    assert message in told.err
    assert told.err.startswith("wfnb: ")
    assert Path("notes.txt").read_bytes() == before


def test_a_module_does_not_replace_one_of_pythons(wfnb: Any) -> None:
    Path("json.py").write_text(ACTIVITIES)
    assert wfnb("run", "good.wf.json", "--module", "json.py", "--input", '{"x": 1}', "--json").line["output"] == 2
    assert sys.modules["json"] is json


def test_usage(wfnb: Any) -> None:
    assert wfnb().code == 2
    assert wfnb("dance").code == 2
    assert wfnb("run", "good.wf.json", "--durability", "never").code == 2
    assert "known: 'sequential', 'parallel(4)'" in wfnb("run", "good.wf.json", "--strategy", "parallel(0)").err
    assert wfnb("--version").out.startswith("wfnb ")
    for name in cli.names():
        told = wfnb(name, "--help")
        assert told.code == 0
        assert name in told.out


@pytest.mark.parametrize("name", ["discover", "replay", "tasks", "report"])
def test_help_explains_every_option_and_shows_how_it_is_called(name: str) -> None:
    parser = cli.parser.make()
    (commands,) = [action for action in parser._actions if isinstance(action.choices, dict)]
    command = commands.choices[name]  # type: ignore[index]
    assert all(action.help for action in command._actions)
    examples = [line.strip() for line in str(command.epilog).splitlines() if line.startswith("  wfnb ")]
    assert len(examples) >= 1
    for example in examples:  # each can be used as it stands
        words = shlex.split(example.partition(" | ")[0].partition(" > ")[0])
        assert parser.parse_args(words[1:]).command


@needs_wfinstances
def test_a_recorded_workflow(wfnb: Any) -> None:
    file = str(next(path for path in wfinstances() if "helloworld-chain" in path.name))
    told = wfnb("run", file, "--speed", "1e9", "--json")
    assert told.code == 0
    assert len(told.line["tasks"]) == 5
    assert wfnb("run", file, "--speed", "0").code == 2
    assert wfnb("run", file, "--mock", "--json").line["tasks"] == told.line["tasks"]
    assert wfnb("check", file, "--json").line["ok"]


def test_mock_needs_no_module(wfnb: Any) -> None:
    told = wfnb("run", "bad.wf.json", "--mock", "--input", '{"x": 1}', "--json")
    assert told.code == 0
    assert told.line["output"] is None
    assert told.line["tasks"] == ["a"]
    assert wfnb("run", "typo.wf.json", "--mock", "--json").code == 0


# --- histories ----------------------------------------------------------------------------------------------------


@pytest.fixture
def run(wfnb: Any) -> str:
    """The id of a run in `h.duckdb`."""
    told = wfnb("run", "good.wf.json", "--module", "acts.py", "--input", '{"x": 21}', "--history", "h.duckdb", "--json")
    id: str = told.line["run"]
    return id


def test_a_history_is_listed(wfnb: Any, run: str) -> None:
    (listed,) = wfnb("runs", "--history", "h.duckdb", "--json").lines
    assert (listed["run"], listed["workflow"], listed["status"], listed["events"]) == (run, "good", "completed", 4)
    events = wfnb("events", run, "--history", "h.duckdb", "--json").lines
    assert [(e["seq"], e["type"], e["node"]) for e in events] == [
        (1, "RunStarted", None),
        (2, "TaskStarted", "a"),
        (3, "TaskCompleted", "a"),
        (4, "RunCompleted", None),
    ]
    (attempt,) = wfnb("tasks", run[:-1], "--history", "h.duckdb", "--json").lines
    assert (attempt["node"], attempt["attempt"], attempt["status"], attempt["value"]) == ("a", 1, "completed", 42)
    (row,) = csv.DictReader(wfnb("runs", "--history", "h.duckdb", "--csv").out.splitlines())
    assert json.loads(row["input"]) == {"x": 21}
    for command in (["runs"], ["events", run], ["tasks", run]):
        assert wfnb(*command, "--history", "h.duckdb").code == 0
        assert len(wfnb(*command, "--history", "h.duckdb", "--csv").out.splitlines()) >= 2
        assert wfnb(*command, "--history", "h.duckdb", "--csv", "--json").code == 2


def test_logs(wfnb: Any) -> None:
    write("talk", {"x": 7}, "talks")
    assert wfnb("run", "talk.wf.json", "--module", "acts.py", "--history", "t.duckdb").out.startswith(
        "x is 7\nand done\n"
    )
    run = wfnb("runs", "--history", "t.duckdb", "--json").line["run"]
    assert wfnb("logs", run, "--history", "t.duckdb").out == "a  x is 7\na  and done\n"
    assert wfnb("logs", run, "a", "--history", "t.duckdb").out == "x is 7\nand done\n"
    line = wfnb("logs", run, "a", "--history", "t.duckdb", "--json").line
    assert (line["run"], line["node"], line["attempt"], line["text"]) == (run, "a", 1, "x is 7\nand done\n")
    assert wfnb("logs", run, "start", "--history", "t.duckdb").out == ""
    told = wfnb("logs", run, "b", "--history", "t.duckdb")
    assert (told.code, told.err.splitlines()[0]) == (2, f"wfnb: run '{run}' has no task 'b'")


def test_logs_of_children_are_told_with_their_run(wfnb: Any) -> None:
    document = {
        "wfnb": 1,
        "name": "each",
        "nodes": [
            {"kind": "start", "id": "start"},
            {"kind": "map", "id": "m", "items": [1, 2], "activity": "talks", "arguments": {"x": "=item"}},
            {"kind": "end", "id": "end"},
        ],
        "edges": [{"source": "start", "target": "m"}, {"source": "m", "target": "end"}],
    }
    Path("each.wf.json").write_text(json.dumps(document))
    wfnb("run", "each.wf.json", "--module", "acts.py", "--history", "t.duckdb")
    run = min((row["run"] for row in wfnb("runs", "--history", "t.duckdb", "--json").lines), key=len)
    lines = wfnb("logs", run, "--history", "t.duckdb").out.splitlines()
    assert sorted(lines) == [f"m[{n}]  talks  {text}" for n in (0, 1) for text in ("and done", f"x is {n + 1}")]


def test_replay(wfnb: Any, run: str) -> None:
    assert wfnb("replay", run, "--history", "h.duckdb", "--json").line == {
        "run": run,
        "at": 4,
        "workflow": "good",
        "status": "completed",
        "input": {"x": 21},
        "values": {"a": 42},
        "ready": [],
        "running": [],
        "waiting": [],
        "output": 42,
        "error": None,
    }
    before = wfnb("replay", run, "--at", "2", "--history", "h.duckdb", "--json").line
    assert (before["at"], before["status"], before["running"], before["values"]) == (2, "running", ["a"], {})
    empty = wfnb("replay", run, "--at", "0", "--history", "h.duckdb", "--json").line
    assert (empty["at"], empty["status"], empty["workflow"]) == (0, "created", "")
    assert "status    completed" in wfnb("replay", run, "--history", "h.duckdb").out
    for at in ("5", "-1"):
        told = wfnb("replay", run, "--at", at, "--history", "h.duckdb", "--json")
        assert told.code == 2
        assert "has 4 events" in told.err


def test_what_is_not_there(wfnb: Any, run: str) -> None:
    for command in (["events", "zzz"], ["tasks", "zzz"], ["replay", "zzz"]):
        told = wfnb(*command, "--history", "h.duckdb", "--json")
        assert told.code == 2
        assert "no runs begin with 'zzz'" in told.err
    for command in (["runs"], ["events", run], ["tasks", run], ["replay", run], ["resume"]):
        told = wfnb(*command, "--history", "absent.duckdb")
        assert told.code == 2
        assert "there is no history at 'absent.duckdb'" in told.err
        assert not Path("absent.duckdb").exists()


def shell(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "wfnb.cli", *arguments],
        capture_output=True, text=True, timeout=30, env=os.environ | environment, check=False,
    )  # fmt: skip


def test_resume(wfnb: Any) -> None:
    common = ["--module", "acts.py", "--history", "h.duckdb", "--json"]
    died = shell("run", "dying.wf.json", *common, WFNB_DIE="1")
    assert died.returncode == 9
    assert wfnb("resume", "--history", "h.duckdb").code == 2  # names what is missing
    told = wfnb("resume", *common)
    assert told.code == 0
    assert (told.line["status"], told.line["output"], told.line["tasks"]) == ("completed", 7, ["a"])
    again = wfnb("resume", *common)
    assert (again.code, again.out) == (0, "")


def test_a_locked_history(run: str) -> None:
    store = DuckDBStore("h.duckdb")
    try:
        for command in (["runs"], ["events", run], ["resume"]):
            told = shell(*command, "--history", "h.duckdb")
            assert told.returncode == 2
            assert "PID" in told.stderr or "process" in told.stderr
            assert "Traceback" not in told.stderr
    finally:
        store.close()


@pytest.mark.usefixtures("run")
def test_a_corrupt_history() -> None:
    data = bytearray(Path("h.duckdb").read_bytes())
    data[4096:12288] = b"\xff" * 8192
    Path("h.duckdb").write_bytes(data)
    told = shell("runs", "--history", "h.duckdb")
    assert told.returncode == 2
    assert "Traceback" not in told.stderr
    assert Path("h.duckdb").read_bytes() == data


def test_a_reader_that_leaves_early(run: str) -> None:
    piped = subprocess.run(
        f"{sys.executable} -m wfnb.cli events {run} --history h.duckdb --json | true",
        shell=True, capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    assert piped.stderr == ""


def test_diff_says_what_is_different_and_python_is_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = {
        "wfnb": 1,
        "name": "x",
        "nodes": [{"kind": "start", "id": "start"}, {"kind": "task", "id": "a", "activity": "f"}],
        "edges": [{"source": "start", "target": "a"}],
    }
    one, two, source = tmp_path / "one.wf.json", tmp_path / "two.wf.json", tmp_path / "one.py"
    one.write_text(json.dumps(document))
    two.write_text(json.dumps(document).replace('"f"', '"g"'))
    assert cli.main(["convert", str(one), str(source)]) == 0
    assert cli.main(["diff", str(one), str(source)]) == 0
    assert capsys.readouterr().out == "no difference\n"
    assert cli.main(["diff", str(one), str(two)]) == 1
    assert capsys.readouterr().out == '~ changed task a (activity: "f" → "g")\n'
    assert cli.main(["diff", str(one), str(two), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["same"] is False
    assert told["nodes"] == [
        {
            "fate": "changed",
            "id": "a",
            "kind": "task",
            "was": "",
            "fields": [{"field": "activity", "old": "f", "new": "g"}],
        }
    ]
    assert cli.main(["diff", str(one), str(tmp_path / "none.wf.json")]) == 2
