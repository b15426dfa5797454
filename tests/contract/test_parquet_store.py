"""The store of Parquet segments in a folder keeps the contract of event stores, and what it promises beyond it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from wfnb.engine.engine import Engine
from wfnb.errors import StoreCorrupt, StoreError, StoreLocked, StoreVersion
from wfnb.model.event import TaskCompleted, Unstored
from wfnb.store import sealing, segments
from wfnb.store.parquet import ParquetStore
from wfnb.store.protocol import EventStore
from wfnb.testing import EventStoreContract, history, row


class TestParquetStore(EventStoreContract):
    drops = False

    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "it's a history"

    def open(self) -> EventStore:
        return ParquetStore(self.path)

    def open_backup(self, path: str) -> EventStore:
        return ParquetStore(path, create=False)

    def settled(self, store: EventStore) -> EventStore:
        store.close()
        return ParquetStore(self.path, create=False)


class TestSealingOften(TestParquetStore):
    """The same where every few events make a segment."""

    @pytest.fixture(autouse=True)
    def _often(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sealing, "SEAL_EVENTS", 50)
        monkeypatch.setattr(segments, "SMALL", 100)

    def test_many_streams_at_once(self) -> None:
        """Hundreds of segments: too slow for a thousand runs."""
        store = self.open()
        for number in range(40):
            store.append(f"r{number}", 0, 0, [row(e) for e in history(2)])
        assert len(store.heads()) == 40
        store.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history"


def filled(path: Path, runs: int = 4) -> ParquetStore:
    store = ParquetStore(path)
    store.define("d", b"{}")
    for number in range(runs):
        store.append(f"r{number}", number, 0, [row(e) for e in history(3)])
    return store


def names(path: Path) -> list[str]:
    return sorted(entry.name for entry in path.iterdir())


def found(path: Path) -> dict[str, str]:
    return {e.name: hashlib.sha256(e.read_bytes()).hexdigest() for e in path.iterdir() if e.name != "lock"}


def test_a_closed_history_is_parquet_that_any_tool_reads(path: Path) -> None:
    filled(path).close()
    assert names(path) == [
        "definitions-000000000001-000000000032.parquet",
        "events-000000000001-000000000032.parquet",
        "journal-000000000033.jsonl",
        "lock",
        "wfnb.json",
    ]
    rows = duckdb.execute(
        "select run, count(*) from read_parquet(?) group by 1 order by 1", [f"{path}/events-*.parquet"]
    )
    assert rows.fetchall() == [("r0", 8), ("r1", 8), ("r2", 8), ("r3", 8)]


def test_small_segments_are_written_anew_with_what_follows(path: Path) -> None:
    for _ in range(3):
        store = ParquetStore(path)
        store.append(f"n{len(store.heads())}", 0, 0, [row(e) for e in history(3)])
        store.close()
    assert [name for name in names(path) if name.startswith("events")] == ["events-000000000001-000000000024.parquet"]
    store = ParquetStore(path, create=False)
    assert [(head.run, head.events) for head in store.heads()] == [("n0", 8), ("n1", 8), ("n2", 8)]
    store.close()


def snapshots(store: ParquetStore) -> list[tuple[str, int, bytes]]:
    runs = [head.run for head in store.heads()]
    return [(run, s.seq, s.state) for run in runs for at in range(9) for s in [store.snapshot(run, at)] if s]


def test_snapshots_are_files_that_come_and_go_whole(path: Path, tmp_path: Path) -> None:
    store = filled(path)
    for run in ("r0", "r1"):
        for seq in (2, 4, 6):
            store.save_snapshot(run, seq, "d", seq, lambda: b'{"n": 1}', keep=2)
    before = snapshots(store)
    assert {(run, seq) for run, seq, _ in before} == {("r0", 4), ("r0", 6), ("r1", 4), ("r1", 6)}
    assert len(names(path / "snapshots")) == 4
    asyncio.run(store.backup(tmp_path / "copy"))
    store.close()
    for copy in (path, tmp_path / "copy"):
        (copy / "snapshots" / "half.json.part").write_bytes(b"{")
        store = ParquetStore(copy, create=False)
        assert snapshots(store) == before
        assert len(names(copy / "snapshots")) == 4
        store.save_snapshot("r0", 8, "d", 8, lambda: b'{"n": 2}', keep=1)
        assert {(run, seq) for run, seq, _ in snapshots(store)} == {("r0", 8), ("r1", 4), ("r1", 6)}
        store.close()
        assert len(names(copy / "snapshots")) == 3


def test_a_snapshot_that_is_damaged_or_does_not_fit_does_not_count(path: Path) -> None:
    store = filled(path)
    for seq in (2, 4, 6):
        store.save_snapshot("r0", seq, "d", seq, lambda: b'{"n": 1}', keep=9)
    store.save_snapshot("r1", 8, "d", 8, lambda: b'{"n": 1}', keep=9)
    store.close()
    two, four, _ = sorted(file for file in (path / "snapshots").iterdir() if file.stem[-1] != "8")
    two.write_bytes(two.read_bytes().replace(b"1}", b"2}"))
    four.write_bytes(four.read_bytes()[:-9])
    other = path.parent / "other"
    store = filled(other, 1)
    store.close()
    shutil.copytree(path / "snapshots", other / "snapshots")
    for copy in (path, other):
        store = ParquetStore(copy, create=False)
        assert {(run, seq) for run, seq, _ in snapshots(store) if run == "r0"} == {("r0", 6)}
        assert (store.snapshot("r1") is not None) is (copy == path)
        assert len(store.read("r0")) == 8
        store.close()


def keep(store: ParquetStore, folder: Path, letter: str, size: int = 9) -> str:
    content = folder / letter
    content.write_bytes(letter.encode() * size)
    store.keep_value(letter * 64, "bytes", content)
    return letter * 64


def there(store: ParquetStore) -> dict[str, int]:
    frame = store.query('select hash, size from "values"')
    return {hash_[0]: size for hash_, size in frame.to_numpy().tolist() if store.has_value(hash_)}


def test_values_are_files_and_outlive_the_process(path: Path, tmp_path: Path) -> None:
    store = filled(path)
    for letter in "abc":
        keep(store, tmp_path, letter)
    keep(store, tmp_path, "d", 100_000)
    named = TaskCompleted("t", 1, 1, unstored=Unstored(type="T", hash="a" * 64), key="act/1")
    store.append("v", 0, 0, [row(history()[0]), row(named)])
    store.forget_results("other")
    asyncio.run(store.backup(tmp_path / "copy"))
    store.close()
    for copy in (path, tmp_path / "copy"):
        (copy / "values" / ("e" * 64 + ".coming")).write_bytes(b"half")
        (copy / "values" / ("b" * 64)).unlink()
        store = ParquetStore(copy, create=False)
        assert there(store) == {"a": 9, "c": 9, "d": 100_000}
        assert store.cached_results() == {"act/1": ("v", 2)}
        store.fetch_value("c" * 64, copy.parent / f"of {copy.name}")
        assert (copy.parent / f"of {copy.name}").read_bytes() == b"c" * 9
        assert store.collect_values(spare={"d" * 64}) == 1
        assert names(copy / "values") == ["a" * 64, "d" * 64]
        store.forget_results("act")
        store.close()
        for _ in range(2):
            store = ParquetStore(copy, create=False)
            assert there(store) == {"a": 9, "d": 100_000}
            assert store.cached_results() == {}
            store.close()


def test_the_index_of_values_is_read_up_to_what_a_kill_left(path: Path, tmp_path: Path) -> None:
    store = filled(path)
    for letter in "abc":
        keep(store, tmp_path, letter)
    store.close()
    index = path / "values.jsonl"
    whole = index.read_bytes()
    for cut in (1, 20, len(whole) // 2):
        index.write_bytes(whole[:-cut])
        store = ParquetStore(path)
        assert set(there(store)) == set("abc"[: whole[:-cut].count(b"\n")])
        keep(store, tmp_path, "f")
        store.close()
        store = ParquetStore(path)
        assert "f" in there(store)
        store.close()
    index.write_bytes(whole.replace(b"bbb", b"bab", 1))
    with pytest.raises(StoreCorrupt, match=r"of '.*values\.jsonl' is not what was written there"):
        ParquetStore(path)


def test_the_engine_takes_a_folder(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    for history_ in (f"{tmp_path}/new/", tmp_path / "there", tmp_path / "h.parquet"):
        engine = Engine(history_)
        assert isinstance(engine.store, ParquetStore)
        engine.close()
    engine = Engine(tmp_path / "h.duckdb")
    assert not isinstance(engine.store, ParquetStore)
    engine.close()


def test_a_second_store_is_refused(path: Path) -> None:
    store = filled(path)
    with pytest.raises(StoreLocked, match=r"in use by this very process\n.*wf\.close") as caught:
        ParquetStore(path)
    assert caught.value.pid == os.getpid()
    code = (
        "import sys; from wfnb.store.parquet import ParquetStore\n"
        "try: ParquetStore(sys.argv[1])\n"
        "except Exception as error: print(type(error).__name__, error.pid, error)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True, timeout=20
    )
    assert told.stdout.startswith(
        f"StoreLocked {os.getpid()} the history '{path}' is in use by process {os.getpid()}\n"
    )
    store.close()
    ParquetStore(path).close()


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a small segment."""
    path = tmp_path_factory.mktemp("base") / "history"
    filled(path, 1).close()
    return path


def killed(path: Path, base: Path, journal: bytes) -> None:
    """A folder as a killed process leaves it: a small segment, and a journal."""
    shutil.rmtree(path, ignore_errors=True)
    shutil.copytree(base, path)
    (path / "journal-000000000009.jsonl").write_bytes(journal)


@pytest.fixture(scope="module")
def journal(base: Path, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Six appends after a segment of 8 events, of 2 and 8 events in turns."""
    path = tmp_path_factory.mktemp("killed") / "history"
    shutil.copytree(base, path)
    store = ParquetStore(path)
    for number in range(3):
        store.append(f"x{number}", 0, 0, [row(e) for e in history(3)[:2]])
        store.append(f"y{number}", 0, 0, [row(e) for e in history(3)])
    store._settle()
    content = (path / "journal-000000000009.jsonl").read_bytes()
    store.close()
    return content


@pytest.mark.timeout(60)  # a dozen histories, each opened
@pytest.mark.parametrize("padding", [b"", bytes(512)], ids=["cut", "zeros"])
def test_a_journal_cut_off_anywhere_opens_with_the_appends_before(
    path: Path, base: Path, journal: bytes, padding: bytes
) -> None:
    ends = [0, *(n + 1 for n, byte in enumerate(journal) if byte == 10)]
    for length in sorted({0, 1, *ends[1::2], *random.Random(3).sample(range(len(journal)), 5)}):
        killed(path, base, journal[:length] + padding)
        store = ParquetStore(path)
        whole = sum(end <= length for end in ends) - 1
        assert len(store.heads()) == 1 + whole
        assert {head.events for head in store.heads()[1:]} <= {2, 8}
        if length in ends:
            store.close()
            continue
        store.append("new", 0, 0, [row(history()[0])])  # behind what is torn
        store.close()
        store = ParquetStore(path)
        assert len(store.heads()) == 2 + whole
        store.close()


def test_a_flipped_bit_in_a_journal_never_loses_an_append_silently(path: Path, base: Path, journal: bytes) -> None:
    last = journal.rindex(b"\n", 0, len(journal) - 1) + 1
    for position in [*random.Random(5).sample(range(len(journal)), 15), last + 20]:
        changed = bytearray(journal)
        changed[position] ^= 1 << position % 8
        killed(path, base, bytes(changed))
        before = found(path)
        try:
            store = ParquetStore(path)
        except StoreCorrupt as error:
            told = str(error)
        else:
            told = ""
            assert position >= last, "only the last append may be taken for a torn one"
            assert len(store.heads()) == 6
            store.close()
        if told:
            assert "keep a copy of the folder" in told
            assert found(path) == before


def test_a_journal_that_is_sealed_does_not_count(path: Path) -> None:
    store = filled(path)
    store._settle()
    journal = (path / "journal-000000000001.jsonl").read_bytes()
    store.close()
    (path / "journal-000000000001.jsonl").write_bytes(journal)  # as where a kill comes before it is removed
    (path / "events-000000000001-000000000099.parquet.part").write_bytes(b"half")
    for _ in range(2):
        store = ParquetStore(path)
        assert [head.events for head in store.heads()] == [8] * 4
        store.close()
        assert [name for name in names(path) if "journal-000000000001" in name or "part" in name] == [
            name for name in names(path) if name.endswith(".parquet.part")
        ]
    assert not [name for name in names(path) if name.endswith(".part")]


def test_a_segment_that_another_has_does_not_count(path: Path) -> None:
    filled(path).close()
    shutil.copytree(path, path.parent / "before")
    store = ParquetStore(path)
    store.append("more", 0, 0, [row(e) for e in history(3)])
    store.close()
    for name in ("events", "definitions"):  # as where a kill comes before they are removed
        old = f"{name}-000000000001-000000000032.parquet"
        shutil.copy(path.parent / "before" / old, path / old)
    store = ParquetStore(path)
    assert len(store.heads()) == 5
    store.close()
    assert [name for name in names(path) if name.endswith("32.parquet")] == []


@pytest.mark.parametrize(
    ("damage", "error", "match"),
    [
        (lambda p: (p / "wfnb.json").write_text("{"), StoreCorrupt, "'.*wfnb.json' is not what was written there"),
        (lambda p: (p / "wfnb.json").write_text('{"format": 9, "wfnb": "9.9"}'), StoreVersion, "has format 9 and was"),
        (lambda p: min(p.glob("events-*")).write_bytes(b"PAR1"), StoreCorrupt, "damaged"),
        (lambda p: min(p.glob("events-*")).unlink(), StoreCorrupt, "no segment has the events from 1 to 60"),
        (lambda p: max(p.glob("events-*")).unlink(), StoreCorrupt, "no segment has the events from 61 to 80"),
    ],
)
def test_what_is_damaged_is_refused(
    path: Path, damage: Callable[[Path], object], error: type[StoreError], match: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(segments, "SMALL", 0)
    monkeypatch.setattr(sealing, "SEAL_EVENTS", 60)
    store = ParquetStore(path)
    for number in range(20):
        store.append(f"r{number}", 0, 0, [row(e) for e in history(1)])
        store._settle()
    store.close()
    damage(path)
    before = found(path)
    with pytest.raises(error, match=match) as caught:
        ParquetStore(path)
    assert type(caught.value) is error
    assert found(path) == before


def test_a_folder_with_other_things_is_refused(path: Path) -> None:
    path.mkdir()
    (path / "thesis.tex").write_text("mine")
    with pytest.raises(StoreError, match=r"is no history, and has 'thesis\.tex' in it\nchoose a new folder"):
        ParquetStore(path)
    assert names(path) == ["thesis.tex"]
    with pytest.raises(StoreError, match="there is no history"):
        ParquetStore(path / "absent", create=False)


def test_a_write_that_fails_is_told_and_loses_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(path)

    async def scenario() -> None:
        await store.flush()
        monkeypatch.setattr("wfnb.store.journal.os.write", lambda *_: 1 / 0)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        store.append("late", 0, 0, [row(history()[0])], done)
        with pytest.raises(StoreError, match="can not be written: division by zero\nwhat was acknowledged is safe"):
            await done
        monkeypatch.undo()
        with pytest.raises(StoreError, match="can not be written"):
            store.append("later", 0, 0, [row(history()[0])])

    asyncio.run(scenario())
    store.close()
    store = ParquetStore(path)
    assert [head.events for head in store.heads()] == [8] * 4
    store.close()


async def test_what_can_not_leave(path: Path) -> None:
    store = filled(path)
    with pytest.raises(StoreError, match="Parquet files already"):
        await store.archive(["r1"])
    with pytest.raises(StoreError, match="keeps every run"):
        await store.forget(["r1"])
    store.close()
