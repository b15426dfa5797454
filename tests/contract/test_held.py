"""What becomes of a history under a second name, in a process that is forked, and where its files are taken away."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wfnb.errors import StoreCorrupt, StoreError, StoreLocked
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.parquet import ParquetStore
from wfnb.testing import START, history, row

Store = type[DuckDBStore]
both = pytest.mark.parametrize("kind", [DuckDBStore, ParquetStore])
forking = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")


def filled(kind: Store, path: Path, events: int = 4) -> DuckDBStore:
    """An open history with a run, all of which is on the disk."""
    store = kind(path)
    store.append("r", 0, 0, [row(e, START + n) for n, e in enumerate(history(2)[:events])])
    store._settle()
    return store


def take_away(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


# ---------------------------------------------------------------------------------------------- a second name of it


@both
def test_a_link_is_no_second_history(kind: Store, tmp_path: Path) -> None:
    store = filled(kind, tmp_path / "history")
    links = [tmp_path / "symbolic"]
    links[0].symlink_to(store.path)
    if kind is DuckDBStore:
        links.append(tmp_path / "hard")
        os.link(store.path, links[1])
    for link in links:
        with pytest.raises(StoreLocked, match="in use by this very process"):
            kind(link)
    store.close()
    for link in links:
        again = kind(link)
        assert len(again.read("r")) == 4
        again.close()


@pytest.mark.parametrize("name", ["a\0b", "x" * 5_000])
@both
def test_a_name_that_no_file_can_have_says_so(kind: Store, name: str, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"can not be opened: .*\ncheck the path"):
        kind(tmp_path / name)


# ------------------------------------------------------------------------------------------ in a process that is forked

FORKED = """
import os, sys
from pathlib import Path
from wfnb.errors import StoreError
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.parquet import ParquetStore
from wfnb.testing import history, row

kind, path = (DuckDBStore, ParquetStore)[int(sys.argv[1])], Path(sys.argv[2])
store = kind(path)
store.append("r", 0, 0, [row(history()[0])])
store._settle()
there = sorted(entry.name for entry in path.parent.rglob("*"))
child = os.fork()
if child == 0:
    for use in (
        lambda: store.read("r"),
        lambda: store.append("r", 0, 1, [row(history()[1])]),
        lambda: store.define("h", b"{}"),
        lambda: kind(path),
    ):
        try:
            use()
        except StoreError as error:
            assert f"was open in process {os.getppid()} when this one was forked" in str(error), error
        else:
            raise AssertionError("it may use it")
    store.close()
    sys.exit(7)  # with all that an interpreter does at its end
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
assert sorted(entry.name for entry in path.parent.rglob("*")) == there
store.append("r", 0, 1, [row(history()[1])])

waiting, go_on = os.pipe()
child = os.fork()
if child == 0:
    os.close(go_on)
    os.read(waiting, 1)
    os._exit(0)
store.close()
store = kind(path)  # though a process that was forked meanwhile still lives
print(len(store.read("r")))
store.close()
os.close(go_on)
os.waitpid(child, 0)
"""


@forking
@both
def test_a_process_that_is_forked_does_not_touch_it(kind: Store, tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", FORKED, str(int(kind is ParquetStore)), str(tmp_path / "history")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (done.returncode, done.stdout) == (0, "2\n"), done.stderr


# --------------------------------------------------------------------------------------------- its files are taken away


@both
@pytest.mark.parametrize("how", ["deleted", "moved", "replaced"])
async def test_what_is_not_in_its_place_any_more_takes_no_events(how: str, kind: Store, tmp_path: Path) -> None:
    path, other = tmp_path / "history", tmp_path / "other"
    filled(kind, other, 1).close()
    store = filled(kind, path)
    if how == "moved":
        path.rename(tmp_path / "moved")
    else:
        take_away(path)
        if how == "replaced":
            other.rename(path)
    store.append("r", 0, 4, [row(history(2)[4])])
    with pytest.raises(
        StoreError, match=r"was moved, deleted or replaced by another while it was open\n.*(copied|back)"
    ):
        await store.flush()
    with pytest.raises(StoreError, match="was moved, deleted or replaced"):
        store.append("r", 0, 5, [row(history(2)[5])])
    if kind is DuckDBStore:  # whose file is there as long as it is open
        await store.backup(tmp_path / "copy")
        copy = kind(tmp_path / "copy")
        assert len(copy.read("r")) == 4
        copy.close()
    store.close()
    if how == "moved":
        moved = kind(tmp_path / "moved")
        assert len(moved.read("r")) == 4
        moved.close()
    if how == "replaced" and kind is DuckDBStore:
        with pytest.raises(
            StoreCorrupt, match=r"history\.wal' is not the log of '.*history': one of them was replaced"
        ):
            kind(path)
        take_away(Path(f"{path}.wal"))
    again = kind(path)
    assert len(again.read("r")) == (how == "replaced")
    again.close()


@both
async def test_a_process_that_goes_to_another_folder_goes_on_writing(
    kind: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "another").mkdir()
    monkeypatch.chdir(tmp_path)
    store = filled(kind, Path("history"))
    monkeypatch.chdir("another")
    store.append("r", 0, 4, [row(history(2)[4])])
    await store.flush()
    store.close()
    assert not [*(tmp_path / "another").iterdir()]
    again = kind(tmp_path / "history")
    assert len(again.read("r")) == 5
    again.close()
