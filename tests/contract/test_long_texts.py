"""Results of megabytes as JSON: a history that has many of them is written, read and opened again."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from wfnb.engine.engine import open_store
from wfnb.errors import StoreError
from wfnb.model.event import Event, RunStarted, TaskCompleted
from wfnb.store import opening, parquet, sealing, writer
from wfnb.store.opening import SETTINGS
from wfnb.store.protocol import EventStore, Row

each_store = pytest.mark.parametrize("name", ["history.duckdb", "history/"], ids=["file", "folder"])
MIB = 1 << 20
TEXT = os.urandom(MIB // 2).hex()
COUNT = 40
"""Texts, of a megabyte each, where there are 60 for all that the store does."""


@pytest.fixture(autouse=True)
def _little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SETTINGS, "memory_limit", "60MB")
    monkeypatch.setattr(writer, "LONG_WAL", MIB)
    for module in (sealing, parquet):
        monkeypatch.setattr(module, "SEAL_BYTES", 2 * MIB)


async def write(store: EventStore) -> None:
    events: list[Event] = [RunStarted(workflow="w", definition="d", input={})]
    events += [TaskCompleted("a", visit, 1, value=f"{visit}{TEXT}") for visit in range(1, COUNT)]
    for seq, event in enumerate(events):
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        store.append("r", 0, seq, [Row(seq, event)], done)
        await done


def check(store: EventStore) -> None:
    values = [getattr(record.event, "value", None) for record in store.read("r")]
    assert values == [None, *(f"{visit}{TEXT}" for visit in range(1, COUNT))]
    assert len(store.query("select payload from events")) == COUNT


def copied(folder: Path, target: Path) -> None:
    for file in [file for file in folder.rglob("*") if file.is_file() and file.name != "lock"]:
        copy = target / file.relative_to(folder)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())


@each_store
async def test_many_long_texts_are_kept(tmp_path: Path, name: str) -> None:
    for _ in range(2):
        store = open_store(f"{tmp_path}/{name}")
        try:
            if not store.heads():
                await write(store)
            check(store)
        finally:
            store.close()


@each_store
async def test_a_killed_process_leaves_a_history_that_can_be_opened(tmp_path: Path, name: str) -> None:
    store = open_store(f"{tmp_path}/{name}")
    await write(store)
    copied(tmp_path, tmp_path / "copy")  # as it is on the disk now
    store.close()
    again = open_store(f"{tmp_path}/copy/{name}")
    try:
        check(again)
    finally:
        again.close()


async def test_where_there_is_not_memory_enough_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = f"{tmp_path}/history.duckdb"
    store = open_store(path)
    await write(store)
    store.close()

    def lacks(*_: object) -> None:
        raise opening.duckdb.OutOfMemoryException("there is none")

    monkeypatch.setattr(opening, "check_streams", lacks)
    with pytest.raises(StoreError, match=r"longer texts than there is memory for: there is none\nopen it where"):
        open_store(path)
