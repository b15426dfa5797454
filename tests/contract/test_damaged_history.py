"""A damaged, foreign or newer history is refused, and not a byte of it is changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from wfnb.errors import StoreCorrupt, StoreError, StoreVersion
from wfnb.store.duckdb import DuckDBStore
from wfnb.testing import history, row

KILLED = """
import os, sys
from wfnb.store import writer
from wfnb.store.duckdb import DuckDBStore
from wfnb.testing import history, row

store = DuckDBStore(sys.argv[1])
for seq, event in enumerate(history(10)):
    store.append("r", 0, seq, [row(event)])
    store._settle()
    if seq == 9:
        store._writer._checkpoint(1)
os._exit(0)
"""
EVENTS = 22


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, bytes]:
    """The file and the log that a killed process left: one commit an event, one checkpoint between."""
    path = tmp_path_factory.mktemp("killed") / "history.duckdb"
    subprocess.run([sys.executable, "-c", KILLED, str(path)], check=True, timeout=20)
    return path.read_bytes(), Path(f"{path}.wal").read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.duckdb"


def lay(path: Path, file: bytes | None, log: bytes | None) -> None:
    for where, content in ((path, file), (Path(f"{path}.wal"), log)):
        where.unlink(missing_ok=True)
        if content is not None:
            where.write_bytes(content)


def found(path: Path) -> dict[str, str]:
    """What lies in the history's folder, by hash."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in path.parent.iterdir()}


def refused(path: Path, error: type[StoreError], match: str) -> None:
    before = found(path)
    with pytest.raises(error, match=match) as caught:
        DuckDBStore(path)
    assert type(caught.value) is error
    assert len(str(caught.value).splitlines()) >= 2, "the second line says what to do"
    assert found(path) == before


def events(path: Path) -> int:
    store = DuckDBStore(path)
    count = len(store.read("r"))
    store.close()
    return count


def flipped(content: bytes, position: int, bit: int) -> bytes:
    changed = bytearray(content)
    changed[position] ^= 1 << bit
    return bytes(changed)


def test_what_a_killed_process_left_opens(path: Path, killed: tuple[bytes, bytes]) -> None:
    lay(path, *killed)
    assert events(path) == EVENTS


def test_a_flipped_bit_in_the_log_never_loses_a_commit_silently(path: Path, killed: tuple[bytes, bytes]) -> None:
    file, log = killed
    positions = [*range(60), *random.Random(7).sample(range(60, len(log)), 60)]
    for position in positions:
        for bit in (0, 7):
            lay(path, file, flipped(log, position, bit))
            before = found(path)
            try:
                store = DuckDBStore(path)
            except StoreCorrupt:
                assert found(path) == before, (position, bit)
            else:
                assert len(store.read("r")) == EVENTS, (position, bit)
                store.close()


def test_a_log_cut_off_anywhere_opens_with_the_commits_before(path: Path, killed: tuple[bytes, bytes]) -> None:
    file, log = killed
    last = 0
    for length in sorted({0, 3, 20, len(log), *random.Random(3).sample(range(len(log)), 25)}):
        lay(path, file, log[:length])
        count = events(path)
        assert last <= count <= EVENTS
        last = count
    assert last == EVENTS


def test_a_torn_write_padded_with_zeros_opens(path: Path, killed: tuple[bytes, bytes]) -> None:
    file, log = killed
    lay(path, file, log + bytes(4096))
    assert events(path) == EVENTS


def test_a_log_that_is_something_else_is_refused(path: Path, killed: tuple[bytes, bytes]) -> None:
    file, log = killed
    lay(path, file, b"#" + log)
    refused(path, StoreCorrupt, r"byte 0 of '.*\.wal' is not what was written there\nnothing was")


def test_a_log_without_its_file_is_kept(path: Path, killed: tuple[bytes, bytes]) -> None:
    lay(path, None, killed[1])
    refused(path, StoreCorrupt, "but the file it belongs to is not")


def test_a_flipped_bit_in_the_file_is_refused(path: Path, killed: tuple[bytes, bytes]) -> None:
    file, log = killed
    for position in [8, 4100, 8200, *random.Random(5).sample(range(len(file)), 25)]:
        lay(path, flipped(file, position, 2), log)
        before = found(path)
        try:
            store = DuckDBStore(path)
        except StoreError:
            assert found(path) == before
        else:  # a block that holds nothing in use, or nothing that opening looks at
            with contextlib.suppress(StoreCorrupt):
                assert len(store.read("r")) == EVENTS
            store.close()


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
def test_a_file_cut_off_is_refused(path: Path, killed: tuple[bytes, bytes], share: float) -> None:
    file, log = killed
    lay(path, file[: int(len(file) * share)], log)
    refused(path, StoreCorrupt, "is damaged")


def test_a_file_that_is_something_else_is_refused(path: Path) -> None:
    path.write_text("run,seq\nr,1\n" * 1000)
    refused(path, StoreCorrupt, "not a valid DuckDB database file")


def test_a_folder_is_refused(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match=r"can not be opened|damaged"):
        DuckDBStore(path)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_refused(path: Path) -> None:
    DuckDBStore(path).close()
    path.chmod(0)
    with pytest.raises(StoreError, match="permission"):
        DuckDBStore(path)


def altered(path: Path, *statements: str) -> None:
    """A history of two runs that somebody changed with SQL."""
    store = DuckDBStore(path)
    for run in ("r", "s"):
        store.append(run, 0, 0, [row(e) for e in history(3)])
    store.close()
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement)


@pytest.mark.parametrize(
    ("statement", "match"),
    [
        ("delete from events where run = 'r' and seq = 3", "it has 15 events at positions from 1 to 16"),
        ("delete from events where pos = 1", "positions from 2 to 16"),
        ("insert into events select * from events where pos = 4", "17 events at positions from 1 to 16"),
        ("update events set seq = 4 where run = 's' and seq = 3", "events of run 's' are missing"),
        ("update events set run = 't' where pos = 16", "events of run 't' are missing"),
        (
            "update events set seq = case seq when 2 then 1 when 3 then 4 else seq end where run = 'r'",
            "events of run 'r' are missing, or there twice",
        ),
        ("drop table events", "it has no table 'events'"),
        ("delete from meta", "its table 'meta' has 0 rows, not 1"),
    ],
)
def test_missing_or_repeated_events_are_refused(path: Path, statement: str, match: str) -> None:
    drop = "drop view event_log; drop view runs; drop view tasks;" if "drop" in statement else "select 1"
    altered(path, drop, statement)
    refused(path, StoreCorrupt, match)


def test_a_payload_that_is_no_event_is_named_when_read(path: Path) -> None:
    altered(path, """update events set payload = '{"type": "Nonsense"}' where run = 'r' and seq = 3""")
    store = DuckDBStore(path)
    assert len(store.read("r", 1, 3)) == 2
    assert len(store.read("s")) == 8
    with pytest.raises(StoreCorrupt, match=r"event 3 of run 'r' can not be read: .*Nonsense"):
        store.read("r")
    store.close()


def test_a_newer_format_is_refused(path: Path) -> None:
    altered(path, "update meta set version = 99, wfnb = '9.9'")
    refused(path, StoreVersion, r"has format 99 and was written by wfnb 9\.9.*reads up to format 2\nupgrade")


def test_somebody_elses_database_is_refused(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("create table penguins(name varchar)")
    refused(path, StoreError, "is a DuckDB database, but not a history of wfnb")


def test_an_empty_database_becomes_a_history(path: Path) -> None:
    duckdb.connect(str(path)).close()
    store = DuckDBStore(path)
    assert store.heads() == []
    store.close()


def test_views_of_another_release_are_made_anew(path: Path) -> None:
    altered(path, "drop view tasks", "update meta set views = 'older'")
    store = DuckDBStore(path)
    assert store.query("select count(*) n from tasks")["n"].tolist() == [6]
    store.close()


def test_a_history_without_snapshots_gets_the_table(path: Path) -> None:
    altered(path, "drop table snapshots", "update meta set views = 'older'")
    store = DuckDBStore(path)
    assert store.snapshot("r") is None
    store.save_snapshot("r", 2, "d", 0, lambda: b"{}", keep=1)
    assert [found.seq for found in [store.snapshot("r")] if found] == [2]
    store.close()
