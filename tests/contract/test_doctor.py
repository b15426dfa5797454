"""What the doctor says of each kind of damage, and what is saved of it; not a byte of the history is changed."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from wfnb.errors import StoreError
from wfnb.model.event import ChildStarted, Event, RunStarted
from wfnb.store import doctor
from wfnb.store.doctor import Diagnosis, examine
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.salvage import salvage
from wfnb.store.values.spool import content_hash
from wfnb.testing import history, row

ROOT = Path(__file__).parents[2]
RUNS = ("a", "b", "b/call", "c")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    folder = tmp_path / "old"
    folder.mkdir()
    return folder / "history.duckdb"


def events(run: str) -> list[Event]:
    first: Event = RunStarted(workflow="w", definition="d", parent="b" if run == "b/call" else "")
    child: list[Event] = [ChildStarted("call", 1, "b/call")] if run == "b" else []
    return [first, *child, *history(3)[1:]]


def filled(path: Path, *statements: str) -> None:
    """Four runs, one a child of another, and what somebody did to them with SQL."""
    store = DuckDBStore(path)
    store.define("d", b'{"wfnb": 1, "name": "w"}')
    for seq in range(9):
        for run in RUNS:
            store.append(run, 0, min(seq, len(events(run))), [row(e) for e in events(run)[seq : seq + 1]])
    store.close()
    if statements:
        with duckdb.connect(str(path)) as connection:
            for statement in statements:
                connection.execute(statement)


def found(folder: Path) -> dict[str, str]:
    return {str(p): hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(folder.rglob("*")) if p.is_file()}


def looked_at(path: Path) -> Diagnosis:
    """What is wrong, in both ways of asking; what is good is saved, and nothing is changed."""
    before = found(path.parent)
    diagnosis = examine(path)
    assert found(path.parent) == before
    assert saved(path) == diagnosis
    return diagnosis


def saved(path: Path) -> Diagnosis:
    """What is wrong; what is good is saved, and nothing is changed."""
    before, new = found(path.parent), path.parent.parent / "new.duckdb"
    diagnosis = salvage(path, new)
    assert found(path.parent) == before
    if new.exists():
        store = DuckDBStore(new, create=False)
        assert {head.run: head.events for head in store.heads()} == diagnosis.good
        for run in diagnosis.good:
            assert [record.event for record in store.read(run)] == events(run)
        store.close()
        assert examine(new).ok
    return diagnosis


def kinds(diagnosis: Diagnosis) -> dict[str, tuple[str, ...]]:
    return {finding.kind: finding.runs for finding in diagnosis.findings}


def test_a_history_that_is_well(path: Path) -> None:
    filled(path)
    diagnosis = looked_at(path)
    assert diagnosis.ok
    assert diagnosis.good == {"a": 8, "b": 9, "b/call": 8, "c": 8}
    assert diagnosis.runs == 4


@pytest.mark.parametrize(
    ("statement", "wanted", "what"),
    [
        (
            "delete from events where run = 'a' and seq = 3",
            {"gap": (), "run": ("a",)},
            "run 'a' has event 4 after event 2",
        ),
        (
            "delete from events where run = 'a' and seq = 1",
            {"gap": (), "run": ("a",)},
            "run 'a' has event 2 after its beginning",
        ),
        (
            "insert into events select * from events where run = 'c' and seq = 4",
            {"gap": (), "run": ("c",)},
            "run 'c' has event 4 after event 8",
        ),
        (
            # two gaps and two duplicates whose numbers add up, and their squares
            "update events set seq = case seq when 1 then 2 when 5 then 3 when 6 then 7 else seq end where run = 'a'",
            {"run": ("a",)},
            "run 'a' has event 2 after its beginning",
        ),
        (
            """update events set payload = '{"type": "Nonsense"}' where run = 'a' and seq = 3""",
            {"payload": ("a",)},
            "event 3 of run 'a' can not be read: Invalid value 'Nonsense' - at `$.type`",
        ),
        (
            "update events set seq = 10 where run = 'b' and seq = 9",
            {"run": ("b",), "orphan": ("b/call",)},
            "run 'b/call' is a child of 'b', which is not whole",
        ),
        ("delete from definitions", {"definition": ("a", "b", "b/call", "c")}, "'d' is not there, which a, b, b/call"),
        ("delete from meta", {"file": ()}, "its table 'meta' has 0 rows, not 1"),
        ("update meta set version = 99, wfnb = '9.9'", {"version": ()}, "it has format 99 and was written by wfnb 9.9"),
        ("drop table definitions", {"file": ()}, "has no table 'definitions'"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_tables(
    path: Path, statement: str, wanted: dict[str, tuple[str, ...]], what: str
) -> None:
    views = ["drop view " + name for name in ("tasks", "runs", "edges", "nodes", "event_log", "all_events")]
    filled(path, *(views if "drop" in statement else ()), statement)
    diagnosis = looked_at(path)
    assert kinds(diagnosis) == wanted
    assert any(what in finding.what for finding in diagnosis.findings)
    assert all(finding.cure for finding in diagnosis.findings)


def test_a_history_that_another_process_has(path: Path) -> None:
    filled(path)
    code = "import sys; from wfnb.store.duckdb import *; s = DuckDBStore(sys.argv[1]); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        other.stdout.readline()
        diagnosis = examine(path)
        (finding,) = diagnosis.findings
        assert (finding.kind, diagnosis.good) == ("locked", {})
        assert f"process {other.pid}" in finding.what
        other.communicate(b"\n")


def test_a_history_that_this_process_has(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not even copied: closing the file would let go of the lock on it."""
    filled(path)
    monkeypatch.setattr(doctor, "damage", lambda _: 0)  # as where the log is looked at while it is written
    store = DuckDBStore(path)
    (finding,) = examine(path).findings
    assert (finding.kind, "this very process" in finding.what) == ("locked", True)
    store.close()


KILLED = """
import os, sys
from tests.contract.test_doctor import RUNS, events
from wfnb.store.duckdb import DuckDBStore
from wfnb.testing import row

store = DuckDBStore(sys.argv[1])
store.define("d", b'{"wfnb": 1, "name": "w"}')
for run in RUNS:
    store.append(run, 0, 0, [row(e) for e in events(run)])
    store._settle()
    if run == "b":
        store._writer._checkpoint(1)
os._exit(0)
"""


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """The file and the log of a killed process: two runs in each."""
    path = tmp_path_factory.mktemp("killed") / "history.duckdb"
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=True, timeout=20, cwd=ROOT)
    return path.read_bytes(), Path(f"{path}.wal").read_bytes()


def lay(path: Path, file: bytes, log: bytes) -> None:
    path.write_bytes(file)
    Path(f"{path}.wal").write_bytes(log)


def test_what_a_killed_process_left_is_well(path: Path, killed: tuple[bytes, bytes]) -> None:
    lay(path, *killed)
    diagnosis = looked_at(path)
    assert diagnosis.ok
    assert [*diagnosis.good] == [*RUNS]


@pytest.mark.timeout(60)  # several diagnoses, each with a new history
def test_a_damaged_log_is_read_up_to_the_damage(path: Path, killed: tuple[bytes, bytes]) -> None:
    file, log = killed
    for position in range(40, len(log), len(log) // 7):
        lay(path, file, log[:position] + bytes([log[position] ^ 0x80]) + log[position + 1 :])
        diagnosis = saved(path)
        (path.parent.parent / "new.duckdb").unlink()
        if diagnosis.ok:
            assert len(diagnosis.good) >= 3  # the torn end of the last commit, as after a crash
        else:
            assert kinds(diagnosis) == {"log": ()}
            assert {"a", "b"} <= {*diagnosis.good}


def test_a_log_without_its_file(path: Path, killed: tuple[bytes, bytes]) -> None:
    Path(f"{path}.wal").write_bytes(killed[1])
    assert kinds(looked_at(path)) == {"file": ()}


def test_a_file_that_is_something_else(path: Path) -> None:
    path.write_text("run,seq\nr,1\n" * 1000)
    diagnosis = looked_at(path)
    assert kinds(diagnosis) == {"file": ()}
    assert diagnosis.findings[0].cure == "a backup is all that can help"


def test_nothing_there(path: Path) -> None:
    with pytest.raises(StoreError, match="there is no history"):
        examine(path)


def test_a_damaged_block_costs_what_lies_in_it(path: Path) -> None:
    runs = {f"r{number}": 2 + 2 * (number % 50) for number in range(2_000)}
    store = DuckDBStore(path)
    store.define("d", b"{}")
    for run, count in runs.items():
        store.append(run, 0, 0, [row(e) for e in history((count - 2) // 2)])
    store.close()
    size = path.stat().st_size
    content = bytearray(path.read_bytes())
    content[size // 2 // 4096 * 4096 + 100] ^= 1
    path.write_bytes(content)
    before, new = found(path.parent), path.parent.parent / "new.duckdb"
    diagnosis = salvage(path, new)
    assert found(path.parent) == before
    if not diagnosis.ok:
        assert "block" in kinds(diagnosis) or "file" in kinds(diagnosis)
    print(diagnosis.findings, len(diagnosis.good), diagnosis.runs)
    for run, count in diagnosis.good.items():
        assert runs[run] == count


def test_archived_runs_are_looked_at_and_saved(path: Path) -> None:
    filled(path)
    store = DuckDBStore(path)
    asyncio.run(store.archive(["a"]))
    asyncio.run(store.archive(["b", "b/call"]))
    store.close()
    assert looked_at(path).ok
    new = path.parent.parent / "new.duckdb"
    new.unlink()
    folder = path.parent / "history.duckdb.archive"
    (folder / "000002.parquet").rename(folder / "000009.parquet")
    diagnosis = looked_at(path)
    assert kinds(diagnosis) == {"archive": ("b", "b/call"), "stray": ()}
    assert diagnosis.good == {"a": 8, "c": 8}
    new.unlink()
    content = (folder / "000001.parquet").read_bytes()
    (folder / "000001.parquet").write_bytes(content[:60] + b"\xff" * 40 + content[100:])
    diagnosis = looked_at(path)
    assert diagnosis.good == {"c": 8}
    assert {run for finding in diagnosis.findings for run in finding.runs} == {"a", "b", "b/call"}


def test_salvage_brings_other_tables(path: Path) -> None:
    filled(
        path,
        "create table notes as select 'a' as run, 1 as n union all select 'x', 2",
        "create table contents as select 'hash' as hash, 'data'::blob as data",
    )
    looked_at(path)
    with duckdb.connect(str(path.parent.parent / "new.duckdb")) as connection:
        assert connection.execute("from notes").fetchall() == [("a", 1)]
        assert connection.execute("from contents").fetchall() == [("hash", b"data")]


def test_salvage_writes_over_nothing(path: Path) -> None:
    filled(path)
    with pytest.raises(StoreError, match="there is something at"):
        salvage(path, path)


def test_values_are_compared_with_their_hashes(path: Path, tmp_path: Path) -> None:
    filled(path)
    store = DuckDBStore(path)
    hashes = []
    for number, size in enumerate((5, 6, 100_000, 100_001, 100_002)):
        content = tmp_path / "content"
        content.write_bytes(b"%d" % number * size)
        hashes.append(content_hash("bytes", content))
        store.keep_value(hashes[-1], "bytes", content)
    store.close()
    assert looked_at(path).ok
    (tmp_path / "new.duckdb").unlink()
    shutil.rmtree(tmp_path / "new.duckdb.values")
    folder = Path(f"{path}.values")
    (folder / hashes[2]).unlink()
    (folder / hashes[3]).write_bytes(b"other")
    with duckdb.connect(str(path)) as connection:
        connection.execute("update \"values\" set data = 'other' where hash = ?", [hashes[0]])
    diagnosis = looked_at(path)
    (finding,) = diagnosis.findings
    assert finding.kind == "value"
    assert finding.what.startswith("3 stored values can not be read, the first of them '")
    assert list(diagnosis.good) == list(RUNS)
    store = DuckDBStore(tmp_path / "new.duckdb", create=False)
    assert [store.has_value(hash_) for hash_ in hashes] == [False, True, False, False, True]
    store.fetch_value(hashes[4], tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"4" * 100_002
    assert store.cached_results() == {}
    store.close()
    assert examine(tmp_path / "new.duckdb").ok


def test_runs_with_dropped_events_are_saved_with_their_snapshots(path: Path, tmp_path: Path) -> None:
    filled(path)
    store = DuckDBStore(path)
    store.save_snapshot("a", 5, "d", 0, lambda: b"{}", keep=1, drop=True)
    store.close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("delete from events where run = 'c' and seq = 4")
    assert list(salvage(path, tmp_path / "new.duckdb").good) == ["a", "b", "b/call"]
    store = DuckDBStore(tmp_path / "new.duckdb", create=False)
    assert [found.seq for found in store.read("a")] == [1, 5, 6, 7, 8]
    assert [found.seq for found in [store.snapshot("a")] if found] == [5]
    assert store.query("select version from meta")["version"].tolist() == [2]
    store.close()
