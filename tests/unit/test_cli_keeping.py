"""The verbs in a shell that concern a history as a whole."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from wfnb import cli
from wfnb.store.duckdb import DuckDBStore
from wfnb.testing import history, row


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Three runs of long ago."""
    monkeypatch.chdir(tmp_path)
    store = DuckDBStore("h.duckdb")
    store.define("d", b'{"wfnb": 1, "name": "w", "nodes": [], "edges": []}')
    for run in ("aa", "ab", "b"):
        store.append(run, 0, 0, [row(event) for event in history(2)])
    store.close()
    return "h.duckdb"


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    capsys.readouterr()
    try:
        code = cli.main(arguments)
    except SystemExit as stop:
        code = int(stop.code or 0)
    said = capsys.readouterr()
    return code, said.out, said.err


def test_archive(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "archive", "b", "--history", db) == (0, "1 run archived\n  b\n", "")
    assert (
        told(capsys, "archive", "--older-than", "30d", "--history", db, "--json")[1] == '{"archived": ["aa", "ab"]}\n'
    )
    assert told(capsys, "archive", "--older-than", "30d", "--history", db)[:2] == (0, "0 runs archived\n")
    code, out, _ = told(capsys, "runs", "--history", db, "--json")
    assert (code, [json.loads(line)["run"] for line in out.splitlines()]) == (0, ["aa", "ab", "b"])
    assert told(capsys, "events", "aa", "--history", db)[0] == 0


def test_forget(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "forget", "--keep", "2", "--history", db)[:2] == (0, "1 run forgotten\n  aa\n")
    assert told(capsys, "forget", "ab", "--history", db, "--json")[:2] == (0, '{"forgotten": ["ab"]}\n')
    _, out, _ = told(capsys, "runs", "--history", db, "--json")
    assert [json.loads(line)["run"] for line in out.splitlines()] == ["b"]


@pytest.mark.parametrize("verb", ["archive", "forget"])
def test_nothing_says_which(db: str, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    code, out, err = told(capsys, verb, "--history", db)
    assert (code, out) == (2, "")
    assert err.startswith("wfnb: nothing says which runs\ngive ")
    code, _, err = told(capsys, verb, "a", "--history", db)
    assert (code, "2 runs" in err) == (2, True)
    code, _, err = told(capsys, verb, "--older-than", "soon", "--history", db)
    assert code == 2
    assert "'soon' is no time span; give a number and one of s, m, h, d, w: 30d" in err


def test_backup(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(capsys, "backup", db, "copy.duckdb") == (0, "copy.duckdb\n", "")
    assert told(capsys, "doctor", "copy.duckdb")[:2] == (0, "copy.duckdb: well; 3 of 3 runs are whole, 18 events\n")
    code, _, err = told(capsys, "backup", db, "copy.duckdb")
    assert (code, "there is something at 'copy.duckdb' already" in err) == (2, True)


def test_backup_of_a_history_that_another_process_has(db: str) -> None:
    store = DuckDBStore(db)
    command = [sys.executable, "-m", "wfnb.cli", "backup", db, "copy.duckdb"]
    environment = {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False, env=environment)
    store.close()
    assert done.returncode == 2
    assert "is in use by process" in done.stderr
    assert "run `await wf.backup('copy.duckdb')` there" in done.stderr


def test_doctor(db: str, capsys: pytest.CaptureFixture[str]) -> None:
    content = Path(db).read_bytes()
    assert told(capsys, "doctor", db, "--json")[:2] == (
        0,
        '{"history": "h.duckdb", "ok": true, "findings": [], "good": {"aa": 6, "ab": 6, "b": 6}}\n',
    )
    Path(f"{db}.wal").write_bytes(b"no log")
    code, out, _ = told(capsys, "doctor", db, "--salvage", "new.duckdb")
    assert Path(db).read_bytes() == content
    assert (code, out.splitlines()[-1]) in {(0, "new.duckdb: has 3 runs"), (1, "new.duckdb: has 3 runs")}
    Path(f"{db}.wal").unlink()
    Path(db).write_bytes(b"no database" * 100)
    code, out, err = told(capsys, "doctor", db, "--salvage", "other.duckdb")
    assert (code, err) == (1, "nothing could be saved into 'other.duckdb'\n")
    assert out.startswith("h.duckdb: 1 problem; 0 of 0 runs are whole, 0 events\n  file ")
    code, _, err = told(capsys, "doctor", "absent.duckdb")
    assert (code, "there is no history at 'absent.duckdb'" in err) == (2, True)
