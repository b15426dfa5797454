"""The DuckDB store keeps the contract of event stores, and what its file adds to it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from wfnb.errors import StoreCorrupt, StoreError, StoreLocked
from wfnb.model.event import RunStarted
from wfnb.store import commits, writer
from wfnb.store.bulk import Bulk
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.protocol import EventStore
from wfnb.testing import START, EventStoreContract, history, row


class TestDuckDBStore(EventStoreContract):
    @pytest.fixture(autouse=True)
    def _folder(self, tmp_path: Path) -> None:
        self.path = tmp_path / "history.duckdb"

    def open(self) -> EventStore:
        return DuckDBStore(self.path)

    def settled(self, store: EventStore) -> EventStore:
        store.close()
        return self.open()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.duckdb"


@pytest.fixture
def store(path: Path) -> Iterator[DuckDBStore]:
    opened = DuckDBStore(path)
    yield opened
    opened.close()


def filled(path: Path, runs: int = 1, tasks: int = 2) -> list[str]:
    """A closed history of finished runs; gives their ids."""
    store = DuckDBStore(path)
    names = [f"r{number}" for number in range(runs)]
    for name in names:
        store.append(name, 0, 0, [row(e, START + n) for n, e in enumerate(history(tasks))])
    store.close()
    return names


def elsewhere(code: str, *arguments: object) -> str:
    """What a Python process prints that runs `code`."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20).stdout


# --- opening again ----------------------------------------------------------------------------------


def test_reopening_finds_everything_and_goes_on(path: Path) -> None:
    store = DuckDBStore(path)
    events = history(2)
    store.define("d", b'{"name": "x"}')
    store.append("r", 3, 0, [row(e, START + n) for n, e in enumerate(events[:4])])
    store.close()

    store = DuckDBStore(path, create=False)
    assert [r.event for r in store.read("r")] == events[:4]
    assert store.definition("d") == b'{"name": "x"}'
    store.append("r", 3, 4, [row(e, START + 4) for e in events[4:]])
    store.append("s", 0, 0, [row(events[0])])
    assert store.query("select pos from events order by pos")["pos"].tolist() == list(range(1, 8))
    assert [(h.run, h.events, h.epoch, h.status) for h in store.heads()] == [
        ("r", 6, 3, "completed"),
        ("s", 1, 0, "running"),
    ]
    store.close()


def test_a_closed_history_is_one_file_that_any_duckdb_reads(path: Path) -> None:
    filled(path, runs=2)
    assert [p.name for p in path.parent.iterdir()] == [path.name]
    printed = elsewhere(
        "import duckdb, sys; c = duckdb.connect(sys.argv[1], read_only=True); "
        "print(c.execute('select run, seq, type, node from events order by pos').fetchall()); "
        "print(c.execute('select count(*), count(ended) from tasks').fetchall())",
        path,
    )
    listed, counted = printed.splitlines()
    assert eval(listed)[:3] == [
        ("r0", 1, "RunStarted", None),
        ("r0", 2, "TaskStarted", "t0"),
        ("r0", 3, "TaskCompleted", "t0"),
    ]
    assert counted == "[(4, 4)]"


def test_a_process_that_ends_without_close_loses_nothing(path: Path) -> None:
    elsewhere(
        "import sys; from wfnb.store.duckdb import DuckDBStore; from wfnb.testing import *\n"
        "store = DuckDBStore(sys.argv[1])\n"
        "for seq, event in enumerate(history(200)): store.append('r', 0, seq, [row(event)])",
        path,
    )
    store = DuckDBStore(path)
    assert len(store.read("r")) == 402
    store.close()


def test_two_stores_follow_one_another_in_one_process(path: Path) -> None:
    for seq in range(3):
        store = DuckDBStore(path)
        store.append("r", 0, seq, [row(history()[seq])])
        store.close()
    assert not Path(f"{path}.wal").exists()


# --- durability -------------------------------------------------------------------------------------


async def test_what_is_acknowledged_is_in_the_files(store: DuckDBStore, tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    for seq, event in enumerate(history(3)):
        done = loop.create_future()
        store.append("r", 0, seq, [row(event)], done)
        await done
        copy = tmp_path / f"copy{seq}.duckdb"
        shutil.copy(store.path, copy)
        shutil.copy(f"{store.path}.wal", f"{copy}.wal")
        with duckdb.connect(str(copy)) as connection:
            assert connection.execute("select max(seq) from events").fetchall() == [(seq + 1,)]


async def test_what_is_queued_together_is_one_transaction(store: DuckDBStore, monkeypatch: pytest.MonkeyPatch) -> None:
    transactions: list[int] = []
    gate = threading.Event()
    table = store._writer._table

    class Counting:
        def put(self, bulk: Bulk) -> None:
            gate.wait(10)
            transactions.append(len(bulk))
            table.put(bulk)

    monkeypatch.setattr(store._writer, "_table", Counting())
    store.append("first", 0, 0, [row(history()[0])])
    for number in range(500):
        store.append(f"r{number}", 0, 0, [row(e) for e in history(1)])
    gate.set()
    await store.flush()
    assert len(transactions) <= 2
    assert len(store.heads()) == 501


async def test_a_failing_write_fails_whoever_waits_and_everybody_after(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DuckDBStore(path)
    done = asyncio.get_running_loop().create_future()
    store.append("r", 0, 0, [row(history()[0])], done)
    await done

    class Failing:
        def put(self, _: Bulk) -> None:
            raise duckdb.IOException("IO Error: the disk is gone")

    monkeypatch.setattr(store._writer, "_table", Failing())
    lost = asyncio.get_running_loop().create_future()
    store.append("r", 0, 1, [row(history()[1])], lost)
    with pytest.raises(StoreError, match=r"can not be written: .*the disk is gone\n.*is safe") as caught:
        await lost
    assert isinstance(caught.value.__cause__, duckdb.IOException)
    with pytest.raises(StoreError, match="the disk is gone"):
        store.append("r", 0, 2, [row(history()[2])])
    with pytest.raises(StoreError, match="the disk is gone"):
        store.define("h", b"{}")
    with pytest.raises(StoreError, match="the disk is gone"):
        await store.flush()
    assert len(store.read("r")) == 1, "what is durable can still be read"
    store.close()
    again = DuckDBStore(path)
    assert len(again.read("r")) == 1
    again.close()


def test_a_failure_that_nobody_waited_for_is_raised_by_close(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DuckDBStore(path)
    monkeypatch.setattr(store._writer, "_table", None)
    store.append("r", 0, 0, [row(history()[0])])
    with pytest.raises(StoreError, match="can not be written"):
        store.close()
    store.close()
    DuckDBStore(path).close()


FULL_DISK = """
import asyncio, resource, sys
from wfnb.errors import StoreError
from wfnb.store import commits, writer
from wfnb.store.duckdb import DuckDBStore
from wfnb.testing import history, row

writer.FULL_WAL = int(sys.argv[2])
store = DuckDBStore(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, resource.RLIM_INFINITY))

async def main():
    events, seq = history(100_000), 0
    try:
        while True:
            done = asyncio.get_running_loop().create_future()
            store.append("r", 0, seq, [row(e) for e in events[seq:seq + 50]], done)
            await done
            seq += 50
    except StoreError as error:
        print(seq, type(error.__cause__).__name__, str(error).splitlines()[1][:29], sep="|")

asyncio.run(main())
store.close()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a POSIX thing")
@pytest.mark.parametrize("full_wal", [1 << 40, 300_000], ids=["in the log", "in a checkpoint"])
def test_a_full_disk_loses_nothing_that_was_acknowledged(path: Path, full_wal: int) -> None:
    # A limit on the size of a file fails a write as a full disk does, and needs no mount.
    acknowledged, cause, cure = elsewhere(FULL_DISK, path, full_wal).strip().split("|")
    assert int(acknowledged) > 0
    assert cause in {"TransactionException", "FatalException", "IOException"}
    assert cure == "what was acknowledged is safe"
    store = DuckDBStore(path)
    seqs = [r.seq for r in store.read("r")]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) >= int(acknowledged)
    store.append("r", 0, len(seqs), [row(history()[0])])
    store.close()


def test_the_log_is_folded_in_when_idle(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "IDLE", 0.001)
    monkeypatch.setattr(writer, "IDLE_WAL", 1)
    store = DuckDBStore(path)
    wal, looked = Path(f"{path}.wal"), threading.Event()
    checkpoint = store._writer._checkpoint

    def watched(threshold: int) -> None:
        checkpoint(threshold)
        looked.set()

    monkeypatch.setattr(store._writer, "_checkpoint", watched)
    store.append("r", 0, 0, [row(e) for e in history(100)])
    store._settle()
    while wal.exists() and wal.stat().st_size:
        assert looked.wait(10), "the writer looks once more when it has nothing to do"
        looked.clear()
    store.close()


# --- who else has it --------------------------------------------------------------------------------


def test_a_second_store_of_this_process_is_refused(store: DuckDBStore) -> None:
    with pytest.raises(StoreLocked, match=r"in use by this very process\n.*wf\.close") as caught:
        DuckDBStore(store.path)
    assert caught.value.pid == os.getpid()
    store.append("r", 0, 0, [row(history()[0])])


def test_a_history_that_another_process_has_is_refused_by_name_of_the_process(path: Path) -> None:
    code = (
        "import sys; from wfnb.store.duckdb import DuckDBStore; store = DuckDBStore(sys.argv[1]); "
        "print('open', flush=True); sys.stdin.read(); store.close(); print('closed', flush=True)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == b"open\n"
        with pytest.raises(StoreLocked) as caught:
            DuckDBStore(path)
        assert caught.value.pid == other.pid
        assert str(caught.value) == (
            f"the history '{path}' is in use by process {other.pid}\nrun wf.close() there, or shut that kernel down"
        )
        other.stdin.close()
        assert other.stdout.readline() == b"closed\n"
        DuckDBStore(path).close()  # free as soon as it was closed, the process still alive or not


def test_close_does_not_wait_for_a_long_query(path: Path) -> None:
    store = DuckDBStore(path)
    begun, failures = threading.Event(), []

    def ask() -> None:
        begun.set()
        try:
            store.query("select sum(a.range * b.range) from range(1000000) a, range(1000000) b")
        except StoreError as error:
            failures.append(error)

    reader = threading.Thread(target=ask)
    reader.start()
    assert begun.wait(10)
    while not store._cursors and reader.is_alive():
        pass
    store.close()
    reader.join(10)
    assert len(failures) == 1
    DuckDBStore(path).close()


# --- what is not there, or not ours -----------------------------------------------------------------


def test_a_missing_history_is_only_made_when_asked(path: Path) -> None:
    with pytest.raises(StoreError, match="there is no history"):
        DuckDBStore(path, create=False)
    assert not path.exists()
    deep = path.parent / "a" / "b" / "history.duckdb"
    DuckDBStore(deep).close()
    assert deep.exists()


@pytest.mark.parametrize(
    "use",
    [
        lambda store: store.read("r"),
        lambda store: store.heads(),
        lambda store: store.definition("h"),
        lambda store: store.query("select 1"),
    ],
)
def test_a_closed_store_says_so(path: Path, use: Callable[[EventStore], object]) -> None:
    filled(path)
    store = DuckDBStore(path)
    store._heads["r"] = store._heads["r0"]
    store.close()
    with pytest.raises(StoreError, match="the history is closed"):
        use(store)


def test_sql_can_not_change_history(store: DuckDBStore) -> None:
    store.append("r", 0, 0, [row(RunStarted(workflow="w", definition="d"))])
    for statement in ("drop table events", "update events set seq = 2", "insert into meta values (1,'','')"):
        with pytest.raises(StoreError, match="read-only"):
            store.query(statement)
    assert len(store.read("r")) == 1


def test_a_history_that_this_process_reads_by_itself_is_refused(path: Path) -> None:
    filled(path)
    with duckdb.connect(str(path)), pytest.raises(StoreLocked, match="in use by this very process"):
        DuckDBStore(path)
    DuckDBStore(path).close()


# --- snapshots --------------------------------------------------------------------------------------


def test_a_snapshot_is_made_when_its_events_are_on_the_disk(store: DuckDBStore) -> None:
    seen: list[int] = []

    def make(seq: int) -> bytes:
        rows = store._connection.cursor().execute("select max(seq) from events").fetchall()
        seen.append(rows[0][0] - seq)
        return b"{}"

    for seq, event in enumerate(history(20)):
        store.append("r", 0, seq, [row(event)])
        if seq % 3 == 0:
            store.save_snapshot("r", seq + 1, "d", START, lambda seq=seq: make(seq + 1), keep=2)
    store._settle()
    assert len(seen) == 14
    assert min(seen) >= 0


def test_snapshots_outlive_the_process(path: Path) -> None:
    filled(path)
    store = DuckDBStore(path)
    for seq in (2, 4, 6):
        store.save_snapshot("r0", seq, "d", START, lambda seq=seq: b"%d" % seq, keep=2)
    store.close()
    store = DuckDBStore(path)
    assert [found.state for at in (6, 5) for found in [store.snapshot("r0", at)] if found] == [b"6", b"4"]
    assert store.snapshot("r0", 3) is None
    store.save_snapshot("r0", 6, "d", START, lambda: b"0", keep=1)  # no newer than the last one
    assert store.query("select seq from snapshots order by 1")["seq"].tolist() == [4, 6]
    store.close()


def test_a_failure_of_what_makes_a_snapshot_is_told(store: DuckDBStore) -> None:
    store.append("r", 0, 0, [row(e) for e in history(1)])
    store.save_snapshot("r", 1, "d", START, lambda: b"\xff", keep=2)
    store._settle()
    with pytest.raises(StoreError, match="can not be written"):
        store.append("r", 0, 4, [row(history(1)[1])])


def test_dropping_waits_for_a_quiet_moment_or_until_it_is_much(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(commits, "IDLE", 60)
    monkeypatch.setattr(writer, "MANY", 10)
    store = DuckDBStore(path)
    for seq, event in enumerate(history(10)):
        store.append("r", 0, seq, [row(event)])
        if seq in (4, 8):
            store.save_snapshot("r", seq + 1, "d", START, lambda: b"{}", keep=1, drop=True)
    assert len(store.read("r")) == 22
    for seq, event in enumerate(history(10)[:16]):
        store.append("s", 0, seq, [row(event)])
    store.save_snapshot("s", 12, "d", START, lambda: b"{}", keep=1, drop=True)
    store._settle()  # before it is dropped
    store._settle()
    assert [found.seq for found in store.read("r")] == [1, *range(9, 23)]
    assert [found.seq for found in store.read("s")] == [1, *range(12, 17)]
    store.append("s", 0, 16, [row(history(10)[16])])
    store.close()
    store = DuckDBStore(path)
    assert [found.seq for found in store.read("s")] == [1, *range(12, 18)]
    assert store.query("select sum(last - first + 1) + (select count(*) from events) n from gone")["n"].tolist() == [39]
    store.close()


def test_what_is_missing_besides_what_was_dropped_is_found(path: Path) -> None:
    for missing in ("run = 'r' and seq = 12", "run = 'r' and seq = 1", "run = 's' and seq = 5", "run = 'r'"):
        path.unlink(missing_ok=True)
        store = DuckDBStore(path)
        for run in ("r", "s", "last"):
            store.append(run, 0, 0, [row(e) for e in history(10)])
        store.save_snapshot("r", 9, "d", START, lambda: b"{}", keep=1, drop=True)
        store.close()
        DuckDBStore(path).close()
        with duckdb.connect(str(path)) as connection:
            connection.execute(f"delete from events where {missing}")
        with pytest.raises(StoreCorrupt, match=r"and 7 that were archived, forgotten or dropped"):
            DuckDBStore(path)
        with duckdb.connect(str(path)) as connection:  # even where it says that the position is gone
            connection.execute("insert into gone select pos, pos from (select unnest(range(1, 67)) pos) "
                               "where pos not in (select pos from events) and pos not between 2 and 8")  # fmt: skip
        with pytest.raises(StoreCorrupt, match=r"events of run '[rs]' are missing|at positions from (9|23) to 66"):
            DuckDBStore(path)


# --- values -----------------------------------------------------------------------------------------


def test_half_a_value_is_none(path: Path, tmp_path: Path) -> None:
    """The process died while it wrote a large one: no event names it, and it goes with the next collection."""
    folder = Path(f"{path}.values")
    content = tmp_path / "content"
    content.write_bytes(b"x" * 100_000)
    store = DuckDBStore(path)
    store.keep_value("h", "bytes", content)
    assert [file.name for file in folder.iterdir()] == ["h"]
    store.close()
    (folder / "i.coming").write_bytes(b"xx")
    (folder / "j").write_bytes(b"xx")  # its row was not committed
    (folder / "h").unlink()
    store = DuckDBStore(path)
    assert not any(map(store.has_value, "hij"))
    with pytest.raises(KeyError):
        store.fetch_value("h", tmp_path / "out")
    store.collect_values()
    assert list(folder.iterdir()) == []
    store.keep_value("h", "bytes", content)
    store.fetch_value("h", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == content.read_bytes()
    store.close()


def test_a_value_that_two_threads_keep_is_kept_once(store: DuckDBStore, tmp_path: Path) -> None:
    content = tmp_path / "content"
    content.write_bytes(b"x" * (9 << 20))
    threads = [threading.Thread(target=store.keep_value, args=("h", "bytes", content)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.query('select count(*) n, any_value(size) size from "values"').to_numpy().tolist() == [[1, 9 << 20]]


def test_an_older_history_gets_the_tables_that_it_has_not(path: Path, tmp_path: Path) -> None:
    """One that was written before values were kept."""
    filled(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute('drop table "values"; drop table forgotten')
        connection.execute("update meta set views = 'older'")
    store = DuckDBStore(path)
    (tmp_path / "v").write_bytes(b"v")
    store.keep_value("h", "bytes", tmp_path / "v")
    assert store.cached_results() == {}
    store.close()


def test_values_are_not_kept_where_the_disk_has_failed(store: DuckDBStore, tmp_path: Path) -> None:
    store._writer.failure = StoreError("the disk is full\nfree some")
    (tmp_path / "v").write_bytes(b"v")
    with pytest.raises(StoreError, match="full"):
        store.keep_value("h", "bytes", tmp_path / "v")
    assert not store.has_value("h")


NO_ROOM = """
import resource, sys
from wfnb.errors import StoreError
from wfnb.store.duckdb import DuckDBStore

resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), resource.RLIM_INFINITY))
try:
    DuckDBStore(sys.argv[1])
except StoreError as error:
    print(type(error).__name__, str(error).splitlines()[-1], sep="|")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="file size limits are a POSIX thing")
@pytest.mark.parametrize("room", [0, 9_000, 300_000])
def test_where_there_is_no_room_for_a_new_history_nothing_is_left_of_it(path: Path, room: int) -> None:
    """Half a file would be taken for a damaged history as soon as there is room again."""
    kind, cure = elsewhere(NO_ROOM, path, room).strip().split("|")
    assert (kind, cure) == ("StoreError", "free some, and do it again; what was acknowledged is safe")
    assert list(path.parent.iterdir()) == []
    DuckDBStore(path).close()


def test_an_empty_file_is_told_from_a_damaged_one(path: Path) -> None:
    path.touch()
    with pytest.raises(StoreCorrupt, match=r"is an empty file: nothing was ever in it\ndelete it"):
        DuckDBStore(path)
    assert path.stat().st_size == 0
