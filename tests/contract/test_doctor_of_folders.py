"""What the doctor says of each kind of damage to a history in a folder, and what is saved of it; nothing is changed."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.contract.test_doctor import RUNS, events, found, kinds
from wfnb import cli
from wfnb.errors import StoreError
from wfnb.store import sealing, segments
from wfnb.store.doctor import examine
from wfnb.store.parquet import ParquetStore
from wfnb.store.salvage import salvage
from wfnb.store.values.spool import content_hash
from wfnb.store.ward import Diagnosis
from wfnb.testing import row

WHOLE = {"a": 8, "b": 9, "b/call": 8, "c": 8}


@pytest.fixture(scope="module")
def well(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history of three segments, a journal as a kill leaves it, a value and a snapshot."""
    folder = tmp_path_factory.mktemp("well")
    path, left = folder / "history", folder / "left"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(segments, "SMALL", 0)
        patch.setattr(sealing, "SEAL_EVENTS", 8)
        store = ParquetStore(path)
        store.define("d", b'{"wfnb": 1, "name": "w"}')
        (folder / "content").write_bytes(b"12" * 99)
        store.keep_value(content_hash("bytes", folder / "content"), "bytes", folder / "content")
        for run in RUNS[:3]:
            store.append(run, 0, 0, [row(e) for e in events(run)])
            store._settle()
        store.save_snapshot("a", 5, "d", 0, lambda: b"{}", keep=1)
        for event in events("c"):
            store.append("c", 0, len(store.read("c")), [row(event)])
            if len(store.read("c")) == 7:
                shutil.copytree(path, left)
        store.close()
    return left


@pytest.fixture
def path(tmp_path: Path, well: Path) -> Path:
    return Path(shutil.copytree(well, tmp_path / "old" / "history"))


def looked_at(path: Path) -> Diagnosis:
    """What is wrong, in both ways of asking; what is good is saved, and nothing is changed."""
    before, new = found(path.parent), path.parent.parent / "new"
    shutil.rmtree(new, ignore_errors=True)
    diagnosis = examine(path)
    assert salvage(path, new) == diagnosis
    assert found(path.parent) == before
    if new.exists():
        store = ParquetStore(new, create=False)
        assert {head.run: head.events for head in store.heads()} == diagnosis.good
        for run, count in diagnosis.good.items():
            assert [record.event for record in store.read(run)] == events(run)[:count]
        store.close()
        assert examine(new).ok
    return diagnosis


def file_of(path: Path, number: int, table: str = "events") -> Path:
    return sorted(path.glob(f"{table}-*.parquet"))[number]


def spoilt(file: Path, *, at: int = 60) -> None:
    content = file.read_bytes()
    file.write_bytes(content[:at] + b"\xff" * 40 + content[at + 40 :])


def test_a_folder_that_is_well(path: Path, tmp_path: Path) -> None:
    diagnosis = looked_at(path)
    assert diagnosis.ok, diagnosis.findings
    assert (diagnosis.good, diagnosis.runs) == (WHOLE | {"c": 7}, 4)
    store = ParquetStore(tmp_path / "new", create=False)
    assert [kept.seq for kept in [store.snapshot("a")] if kept] == [5]
    (hash_,) = (entry.name for entry in (path / "values").iterdir())
    store.fetch_value(hash_, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"12" * 99
    store.close()


def lines(path: Path, change: Callable[[list[bytes]], list[bytes]]) -> None:
    """Change the lines of the journal."""
    (journal,) = path.glob("journal-*")
    journal.write_bytes(b"".join(change(journal.read_bytes().splitlines(keepends=True))))


@pytest.mark.parametrize(
    ("damage", "wanted", "what", "good"),
    [
        (
            lambda p: file_of(p, 0).unlink(),
            {"gap": ()},
            "positions go from 0 to 9",
            {"b", "b/call", "c"},
        ),
        (
            lambda p: spoilt(file_of(p, 1)),
            {"block": (), "gap": (), "orphan": ("b/call",)},
            "9 events lie in a damaged part of the file: 'events-000000000009-000000000017.parquet': ",
            {"a", "c"},
        ),
        (
            lambda p: file_of(p, 2).write_bytes(b"PAR1"),
            {"block": (), "gap": ()},
            "8 events lie in a damaged part of the file: 'events-000000000018-000000000025.parquet': ",
            {"a", "b", "c"},
        ),
        (
            lambda p: file_of(p, 0, "definitions").write_bytes(b"PAR1"),
            {"block": (), "definition": ("a", "b", "b/call", "c")},
            "definitions lie in a damaged part of the file: 'definitions-000000000001-000000000008.parquet': ",
            set(),
        ),
        (
            lambda p: lines(p, lambda old: [*old[:3], old[3].replace(b"TaskStarted", b"TaskStorted"), *old[4:]]),
            {"log": (), "gap": (), "run": ("c",)},
            "is damaged at byte ",
            {"a", "b", "b/call"},
        ),
        (
            lambda p: lines(p, lambda old: [*old[:3], *old[4:]]),
            {"gap": (), "run": ("c",)},
            "run 'c' has event 5 after event 3",
            {"a", "b", "b/call"},
        ),
        (
            lambda p: lines(p, lambda old: [*old[:-1], old[-1][:20]]),
            {},
            "",
            {"a", "b", "b/call", "c"},
        ),
        (
            lambda p: [file.unlink() for file in (*p.glob("*-000000000018-*"),)] + [lines(p, lambda _: [])],
            {"gap": ()},
            "positions go from 17 to 26",
            {"a", "b"},
        ),
        (
            lambda p: (p / "wfnb.json").write_text("{"),
            {"file": ()},
            "wfnb.json' is not what was written there",
            {"a", "b", "b/call", "c"},
        ),
        (
            lambda p: (p / "wfnb.json").unlink(),
            {"file": ()},
            "wfnb.json' is not there",
            {"a", "b", "b/call", "c"},
        ),
        (
            lambda p: (p / "wfnb.json").write_text('{"format": 9, "wfnb": "9.9"}'),
            {"version": ()},
            "has format 9 and was written by wfnb 9.9",
            set(),
        ),
        (
            lambda p: [file.write_bytes(b"other") for file in (p / "values").iterdir()],
            {"value": ()},
            "1 stored values can not be read, the first of them '",
            {"a", "b", "b/call", "c"},
        ),
    ],
    ids=[
        "a segment is gone", "a segment is damaged", "a segment is cut off", "definitions are damaged",
        "a line of the journal is damaged", "a line of the journal is gone", "the last line of the journal is torn",
        "what is before the journal is gone", "the mark is damaged", "the mark is gone", "the mark is of a newer one",
        "a value is damaged",
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_folder(
    path: Path, damage: Callable[[Path], object], wanted: dict[str, tuple[str, ...]], what: str, good: set[str]
) -> None:
    damage(path)
    diagnosis = looked_at(path)
    assert kinds(diagnosis) == wanted
    assert set(diagnosis.good) == good
    assert not wanted or any(what in finding.what for finding in diagnosis.findings), diagnosis.findings
    assert all(finding.cure for finding in diagnosis.findings)


def test_a_folder_that_another_process_has(path: Path) -> None:
    code = "import sys; from wfnb.store.parquet import *; s = ParquetStore(sys.argv[1]); print(1, flush=True); input()"
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


def test_a_folder_that_is_something_else(path: Path) -> None:
    (path.parent / "thesis.tex").write_text("mine")
    diagnosis = looked_at(path.parent)
    assert kinds(diagnosis) == {"file": ()}
    assert diagnosis.findings[0].cure == "is it a history of wfnb?"


def test_salvage_of_a_folder_writes_over_nothing(path: Path) -> None:
    with pytest.raises(StoreError, match="there is something at"):
        salvage(path, path)


def test_wfnb_doctor_takes_a_folder(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file_of(path, 0).unlink()
    assert cli.main(["doctor", str(path), "--salvage", str(tmp_path / "new"), "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], set(told["good"])) == (False, {"b", "b/call", "c"})
    assert examine(tmp_path / "new").ok
