"""Runs that leave a history: archived ones are read as before, forgotten ones are gone, other gaps are damage."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import msgspec
import pytest

from wfnb.errors import StoreCorrupt, StoreError
from wfnb.history import frames
from wfnb.model.event import Record, TaskCompleted, Unstored
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.protocol import RunHead
from wfnb.testing import START, gap_free, history, row

RUNS = [f"r{number}" for number in range(8)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "it's a history.duckdb"


def filled(path: Path) -> DuckDBStore:
    """Eight runs whose events lie in turns; `r7` is not over."""
    store = DuckDBStore(path)
    store.define("d", b'{"wfnb": 1, "name": "w"}')
    for seq in range(8):
        for number, run in enumerate(RUNS):
            if seq < 8 - (run == "r7"):
                store.append(run, number, seq, [row(history(3)[seq], START + seq)])
    return store


def contents(store: DuckDBStore) -> tuple[list[RunHead], list[list[Record]], str, str]:
    """All that people see of a history."""
    return (
        [replace(head, archived=False) for head in store.heads()],
        [store.read(run) for run in RUNS],
        frames.events(store).to_json(date_format="iso"),
        frames.runs(store).to_json(date_format="iso") + frames.tasks(store).to_json(date_format="iso"),
    )


async def positions(store: DuckDBStore, count: int) -> list[int]:
    found = []
    async for posted in store.subscribe():
        found.append(posted.pos)
        if len(found) == count:
            break
    return found


def gone(path: Path) -> list[tuple[int, int]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute("select first, last from gone order by 1").fetchall()


def remove(path: Path) -> None:
    path.unlink()


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def reopened(store: DuckDBStore) -> DuckDBStore:
    store.close()
    return DuckDBStore(store.path, create=False)


async def test_archived_runs_are_read_as_before(path: Path) -> None:
    store = filled(path)
    before = contents(store)
    for runs in (["r0"], ["r3", "r1"], ["r6"]):
        await store.archive(runs)
        assert contents(store) == before
        store = reopened(store)
        assert contents(store) == before
    assert store.query("select distinct run from events order by 1")["run"].tolist() == ["r2", "r4", "r5", "r7"]
    assert await positions(store, 63) == list(range(1, 64))
    assert [r.seq for r in store.read("r3", 3, 6)] == [3, 4, 5]
    store.append("r7", 7, 7, [row(history(3)[7])])
    store.append("new", 0, 0, [row(history(0)[0])])
    assert store.query("select pos from all_events order by pos")["pos"].tolist() == list(range(1, 66))
    reopened(store).close()


async def test_archives_are_files_that_any_tool_reads(path: Path) -> None:
    store = filled(path)
    await store.archive(["r1", "r2"])
    store.close()
    (file,) = (path.parent / f"{path.name}.archive").iterdir()
    rows = duckdb.execute("select run, seq from read_parquet(?)", [str(file)]).fetchall()
    assert rows == [(run, seq) for run in ("r1", "r2") for seq in range(1, 9)]


async def test_an_archived_run_takes_no_more_events(path: Path) -> None:
    store = filled(path)
    await store.archive(["r1"])
    for expected in (0, 8):
        with pytest.raises(StoreError, match=r"run 'r1' is archived in '.*000001\.parquet' and takes no more events"):
            store.append("r1", 1, expected, [row(history()[0])])
    store.close()


@pytest.mark.parametrize("verb", ["archive", "forget"])
@pytest.mark.parametrize(("run", "match"), [("r7", "'r7' is not over\ncancel it"), ("r9", "has no run 'r9'")])
async def test_what_can_not_leave(path: Path, verb: str, run: str, match: str) -> None:
    store = filled(path)
    before = contents(store)
    with pytest.raises(StoreError, match=match):
        await getattr(store, verb)(["r1", run])
    assert contents(store) == before
    assert not (path.parent / f"{path.name}.archive").exists()
    store.close()


async def test_forgotten_runs_are_gone(path: Path) -> None:
    store = filled(path)
    await store.archive(["r0", "r1", "r2"])
    await store.archive(["r3"])
    await store.forget(["r1", "r3", "r4"])
    left = ["r0", "r2", "r5", "r6", "r7"]
    for _ in range(2):
        assert [head.run for head in store.heads()] == left
        assert store.read("r1") == store.read("r4") == []
        assert len(store.read("r0")) == len(store.read("r5")) == 8
        assert sorted(frames.runs(store)["run"]) == left
        kept = await positions(store, 39)
        assert kept == [
            seq * 8 + number + 1 for seq in range(8) for number in (0, 2, 5, 6, 7) if (seq, number) != (7, 7)
        ]
        store = reopened(store)
    folder = path.parent / f"{path.name}.archive"
    assert {
        run
        for (run,) in duckdb.execute(
            f"select run from read_parquet('{str(folder).replace(chr(39), chr(39) * 2)}/*')"
        ).fetchall()
    } == {"r0", "r2"}
    await store.forget(["r0", "r2"])
    assert list(folder.iterdir()) == []
    reopened(store).close()


async def test_positions_that_are_gone_are_as_few_ranges_as_can_be(path: Path) -> None:
    store = filled(path)
    await store.archive(["r1", "r3"])
    await store.forget(["r2"])
    await store.archive(["r0", "r4", "r5", "r6"])
    store.close()
    assert gone(path) == [(8 * seq + 1, 8 * seq + 7) for seq in range(8)]


@pytest.mark.parametrize(
    "statement",
    [
        "delete from gone where first = (select min(first) from gone)",
        "update gone set last = last + 1 where first = (select min(first) from gone)",
        "update gone set first = first + 1, last = last + 1 where first = 2",
        "delete from events where pos = 1",
        "update events set pos = 2 where pos = 1",
        "insert into gone values (64, 70)",
        "insert into gone values (3, 3)",
    ],
)
async def test_a_gap_that_is_not_recorded_is_damage(path: Path, statement: str) -> None:
    store = filled(path)
    await store.archive(["r1"])
    store.close()
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)
    if statement == "insert into gone values (64, 70)":
        DuckDBStore(path).close()  # the last ones may be gone
        return
    with pytest.raises(
        StoreCorrupt, match=r"events at positions from .*, and \d+ that were archived, forgotten or dropped"
    ):
        DuckDBStore(path)


async def test_a_missing_archive_is_named_where_it_is_needed(path: Path) -> None:
    store = filled(path)
    await store.archive(["r1"])
    store.close()
    (file,) = (path.parent / f"{path.name}.archive").iterdir()
    moved = file.rename(path.parent / "elsewhere")
    store = DuckDBStore(path)
    assert len(store.heads()) == 8
    assert len(store.read("r2")) == 8
    assert "r1" not in set(frames.runs(store)["run"])
    with pytest.raises(StoreCorrupt, match=r"run 'r1' is archived in '.*000001\.parquet', which is not there\nput"):
        store.read("r1")
    store.close()
    moved.rename(file)
    store = DuckDBStore(path)
    assert len(store.read("r1")) == 8
    assert "r1" in set(frames.runs(store)["run"])
    store.close()


async def test_a_damaged_archive_is_named(path: Path) -> None:
    store = filled(path)
    await store.archive(["r1"])
    (file,) = (path.parent / f"{path.name}.archive").iterdir()
    file.write_bytes(file.read_bytes()[:50])
    with pytest.raises(StoreError, match=r"000001\.parquet"):
        store.read("r1")
    store.close()


async def test_a_file_that_can_not_be_written_changes_nothing(path: Path) -> None:
    store = filled(path)
    before = contents(store)
    (path.parent / f"{path.name}.archive").write_text("in the way")
    with pytest.raises(StoreError, match="can not be written"):
        await store.archive(["r1"])
    assert contents(store) == before
    await store.forget(["r1"])
    reopened(store).close()


@pytest.mark.parametrize("before", [True, False])
async def test_a_run_that_goes_on_meanwhile_stays(path: Path, monkeypatch: pytest.MonkeyPatch, before: bool) -> None:
    store = filled(path)
    write = store._archive.write

    def written(*arguments: Any) -> Any:
        name = None if before else write(*arguments)
        store.append("r1", 1, 8, [row(history()[1])])  # as where a lost result is made again
        store._settle()
        return name or write(*arguments)

    monkeypatch.setattr(store._archive, "write", written)
    with pytest.raises(StoreError, match="'r1' went on while it was archived"):
        await store.archive(["r0", "r1"])
    assert list((path.parent / f"{path.name}.archive").iterdir()) == []
    assert len(store.read("r1")) == 9
    store.append("r1", 1, 9, [row(history()[1])])
    store = reopened(store)
    assert len(store.read("r1")) == 10
    store.close()


async def test_runs_go_on_while_others_are_archived(path: Path) -> None:
    store = filled(path)
    events = history(50)

    async def write(run: str) -> None:
        for seq, event in enumerate(events):
            done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            store.append(run, 0, seq, [row(event)], done)
            await done

    async def retire(runs: Iterable[str]) -> None:
        for number, run in enumerate(runs):
            await (store.archive if number % 2 else store.forget)([run])

    await asyncio.gather(retire(RUNS[:7]), *(write(f"n{number}") for number in range(20)))
    for _ in range(2):
        assert gap_free(r.seq for r in store.read("n7"))
        assert [head.run for head in store.heads()][:4] == ["r1", "r3", "r5", "r7"]
        assert len(store.heads()) == 24
        store = reopened(store)
    store.close()


async def test_one_after_the_other(path: Path) -> None:
    store = filled(path)
    before = contents(store)
    await asyncio.gather(store.archive(["r1"]), store.archive(["r2"]), store.archive(["r0", "r6"]))
    assert contents(store) == before
    twice = await asyncio.gather(store.archive(["r4"]), store.archive(["r4"]), return_exceptions=True)
    assert [type(error) for error in twice if error] == [StoreError]
    assert contents(store) == before
    store = reopened(store)
    assert contents(store) == before
    assert len([*(path.parent / f"{path.name}.archive").iterdir()]) == 4
    store.close()


@pytest.mark.parametrize("turns", range(5))
async def test_who_stops_waiting_for_it_changes_nothing(path: Path, turns: int) -> None:
    store = filled(path)
    before = contents(store)
    task = asyncio.ensure_future(store.archive(["r1", "r2"]))
    for _ in range(turns):
        await asyncio.wait([task], timeout=0.003)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    store._with_cursor(lambda _: None)  # what began goes on to its end
    assert contents(store) == before
    store = reopened(store)
    assert contents(store) == before
    store.close()


async def test_rows_of_other_tables_stay_until_their_run_is_forgotten(path: Path) -> None:
    store = filled(path)
    store.close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table notes as select 'r1' as run, 1 as n union all select 'r2', 2")
    store = DuckDBStore(path)
    await store.archive(["r1", "r2"])
    assert store.query("select count(*) n from notes")["n"].tolist() == [2]
    await store.forget(["r1"])
    assert store.query("select run from notes")["run"].tolist() == ["r2"]
    store.close()


async def test_a_backup_has_the_archived_runs_too(path: Path, tmp_path: Path) -> None:
    store = filled(path)
    before = contents(store)
    await store.archive(["r1", "r2"])
    await store.archive(["r4"])
    await store.backup(tmp_path / "deep" / "copy.duckdb")
    store.close()
    shutil.rmtree(path.parent / f"{path.name}.archive")
    remove(path)
    with duckdb.connect(str(tmp_path / "deep" / "copy.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from runs").fetchall() == [(8,)]
    copy = DuckDBStore(tmp_path / "deep" / "copy.duckdb", create=False)
    assert contents(copy) == before
    copy.append("r7", 7, 7, [row(history(3)[7])])
    copy.close()


async def test_a_backup_writes_over_nothing(path: Path, tmp_path: Path) -> None:
    store = filled(path)
    await store.archive(["r1"])
    there = tmp_path / "there"
    there.write_text("mine")
    with pytest.raises(StoreError, match=r"there is something at '.*there' already\nchoose another path"):
        await store.backup(there)
    assert there.read_text() == "mine"
    with pytest.raises(StoreError, match=r"the copy '.*' can not be written: .*\nchoose another place"):
        await store.backup(there / "below")
    assert names(tmp_path) == [
        path.name,
        f"{path.name}.archive",
        f"{path.name}.wal",
        "there",
    ]
    store.close()


async def test_a_backup_has_tables_that_only_the_history_knows(path: Path, tmp_path: Path) -> None:
    filled(path).close()
    with duckdb.connect(str(path)) as connection:
        connection.execute("""create table "the 'new'" as select 1 as run, 2 as "x y" """)
    store = DuckDBStore(path)
    await store.backup(tmp_path / "copy")
    store.close()
    copy = DuckDBStore(tmp_path / "copy")
    assert copy.query("""select "x y" from "the 'new'" """)["x y"].tolist() == [2]
    copy.close()


async def test_a_run_with_a_snapshot_in_the_place_of_events_is_archived_with_it(path: Path) -> None:
    store = filled(path)
    store.save_snapshot("r1", 4, "d", START, lambda: b"{}", keep=1, drop=True)
    store.close()
    store = DuckDBStore(path)
    before = [record.seq for record in store.read("r1")]
    assert before[:2] == [1, 4]
    await store.archive(["r1"])
    for _ in range(2):
        assert [record.seq for record in store.read("r1")] == before
        assert [record.seq for record in store.read("r1", 1, 3)] == [1]
        assert [found.seq for found in [store.snapshot("r1")] if found] == [4]
        store.close()
        store = DuckDBStore(path)
    await store.forget(["r1"])
    assert store.read("r1") == []
    assert store.snapshot("r1") is None
    store.close()
    DuckDBStore(path).close()


def kept(store: DuckDBStore, folder: Path, letter: str, size: int) -> str:
    content = folder / letter
    content.write_bytes(letter.encode() * size)
    store.keep_value(letter * 64, "bytes", content)
    return letter * 64


async def test_archived_runs_keep_their_values_and_cached_results(path: Path, tmp_path: Path) -> None:
    store = filled(path)
    for run, letter, size in (("v", "a", 9), ("w", "b", 100_000)):
        unstored = Unstored(type="T", hash=kept(store, tmp_path, letter, size))
        completed = TaskCompleted("t", 1, 1, unstored=unstored, key=f"act/{run}")
        store.append(run, 0, 0, [row(history(0)[0]), row(completed), row(history(0)[1])])
    await store.archive(["v", "w"])
    store = reopened(store)
    assert store.collect_values() == 0
    assert store.cached_results() == {"act/v": ("v", 2), "act/w": ("w", 2)}
    await store.backup(tmp_path / "copy.duckdb")
    copy = DuckDBStore(tmp_path / "copy.duckdb", create=False)
    copy.fetch_value("b" * 64, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"b" * 100_000
    copy.close()
    await store.forget(["w"])
    assert store.collect_values() == 1
    assert (store.has_value("a" * 64), store.has_value("b" * 64)) == (True, False)
    assert store.cached_results() == {"act/v": ("v", 2)}
    (file,) = (path.parent / f"{path.name}.archive").iterdir()
    file.rename(tmp_path / "elsewhere")
    with pytest.raises(StoreCorrupt, match="run 'v' is archived in"):
        store.collect_values()
    assert store.has_value("a" * 64)
    store = reopened(store)
    (tmp_path / "elsewhere").rename(file)  # put back, while the views know nothing of it
    assert store.collect_values() == 0
    assert store.has_value("a" * 64)
    store.close()


async def test_a_value_that_only_a_snapshot_names_stays(path: Path, tmp_path: Path) -> None:
    store = DuckDBStore(path)
    unstored = Unstored(type="T", hash=kept(store, tmp_path, "a", 9))
    events = history(4)
    store.append("r", 0, 0, [row(events[0]), row(TaskCompleted("t", 1, 1, unstored=unstored)), *map(row, events[1:6])])
    state = b'{"lost":[[["values",1],%b]]}' % msgspec.json.encode(unstored)
    store.save_snapshot("r", 6, "d", START, lambda: state, keep=1, drop=True)
    store = reopened(store)
    assert [found.seq for found in store.read("r")] == [1, 6, 7]
    assert store.collect_values() == 0
    store.save_snapshot("r", 7, "d", START, lambda: b"{}", keep=1, drop=True)
    assert store.collect_values() == 1
    store.close()
