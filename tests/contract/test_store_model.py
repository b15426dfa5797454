"""Both stores against a model of dicts and lists, in random order of operations."""

from __future__ import annotations

import asyncio
import tempfile
from functools import partial
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from wfnb.errors import StoreConflict
from wfnb.model.event import Event, RunStarted, TaskCompleted, TaskStarted
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.memory import MemoryStore
from wfnb.store.protocol import EventStore
from wfnb.testing import START, row
from wfnb.testing.stores import saved

RUNS = st.sampled_from(["a", "b", "ä/b[1]", "it's"])
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
VALUES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT | st.lists(TEXT, max_size=3)
EVENTS = st.one_of(
    st.builds(RunStarted, workflow=TEXT, definition=TEXT, input=st.dictionaries(TEXT, VALUES, max_size=2)),
    st.builds(TaskStarted, TEXT, st.integers(1, 9), st.integers(1, 9)),
    st.builds(TaskCompleted, TEXT, st.integers(1, 9), st.integers(1, 9), VALUES),
)


class StoreMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.store = self.open()
        self.streams: dict[str, list[tuple[int, int, Event]]] = {}
        self.epochs: dict[str, int] = {}
        self.definitions: dict[str, bytes] = {}
        self.snapshots: dict[str, list[int]] = {}
        self.clock = START

    def open(self) -> EventStore:
        raise NotImplementedError

    @rule(run=RUNS, events=st.lists(EVENTS, max_size=4), takeover=st.sampled_from([0, 0, 0, 1]))
    def append(self, run: str, events: list[Event], takeover: int) -> None:
        stream = self.streams.get(run, [])
        epoch = self.epochs.get(run, 0) + takeover
        rows = []
        for event in events:
            self.clock += 1
            rows.append((epoch, self.clock, event))
        self.store.append(run, epoch, len(stream), [row(e, ts) for _, ts, e in rows])
        if rows:
            self.streams[run] = stream + rows
            self.epochs[run] = epoch

    @rule(run=RUNS, off=st.sampled_from([-1, 1, 5]))
    def append_elsewhere(self, run: str, off: int) -> None:
        with pytest.raises(StoreConflict):
            self.store.append(
                run, self.epochs.get(run, 0), len(self.streams.get(run, [])) + off, [row(TaskStarted("t", 1, 1))]
            )

    @rule(run=RUNS)
    def append_with_an_old_epoch(self, run: str) -> None:
        if self.epochs.get(run, 0) > 0:
            with pytest.raises(StoreConflict):
                self.store.append(run, self.epochs[run] - 1, len(self.streams[run]), [row(TaskStarted("t", 1, 1))])

    @rule(run=RUNS, keep=st.integers(1, 3))
    def save_snapshot(self, run: str, keep: int) -> None:
        seq = len(self.streams.get(run, []))
        if seq:
            self.store.save_snapshot(run, seq, "h", self.clock, partial(saved, seq), keep=keep)
            kept = self.snapshots.setdefault(run, [])
            if seq not in kept:
                self.snapshots[run] = [*kept, seq][-keep:]

    @rule(run=RUNS, at=st.none() | st.integers(0, 9))
    def snapshot(self, run: str, at: int | None) -> None:
        known = [seq for seq in self.snapshots.get(run, []) if at is None or seq <= at]
        found = self.store.snapshot(run, at)
        assert (found and found.seq, found and found.state) == (
            (known[-1], saved(known[-1])) if known else (None, None)
        )

    @rule(hash_=st.sampled_from("hk"), name=st.sampled_from("xy"))
    def define(self, hash_: str, name: str) -> None:
        document = f'{{"name":  "{name}"}}'.encode()
        self.store.define(hash_, document)
        self.definitions.setdefault(hash_, document)

    @rule(run=RUNS, start=st.integers(0, 9), length=st.none() | st.integers(0, 9))
    def read(self, run: str, start: int, length: int | None) -> None:
        stop = None if length is None else start + length
        read = self.store.read(run, start, stop)
        expected = [
            (run, epoch, seq, ts, event)
            for seq, (epoch, ts, event) in enumerate(self.streams.get(run, []), 1)
            if seq >= start and (stop is None or seq < stop)
        ]
        assert [(r.run, r.epoch, r.seq, r.ts, r.event) for r in read] == expected

    @rule()
    def flush(self) -> None:
        asyncio.run(self.store.flush())

    @rule()
    def heads(self) -> None:
        found = {(head.run, head.events, head.epoch) for head in self.store.heads()}
        assert found == {(run, len(stream), self.epochs[run]) for run, stream in self.streams.items()}

    @rule(hash_=st.sampled_from("hk"))
    def definition(self, hash_: str) -> None:
        if hash_ in self.definitions:
            assert self.store.definition(hash_) == self.definitions[hash_]
        else:
            with pytest.raises(KeyError):
                self.store.definition(hash_)

    @invariant()
    def positions_have_no_gap(self) -> None:
        """Asked of SQL now and then only: it is the slow part."""
        if self.clock % 7 == 0:
            found = self.store.query("select count(*) n, coalesce(max(pos), 0) last from events")
            assert found["n"].tolist() == found["last"].tolist() == [sum(map(len, self.streams.values()))]

    def teardown(self) -> None:
        self.store.close()


class MemoryMachine(StoreMachine):
    def open(self) -> EventStore:
        return MemoryStore()


class DuckDBMachine(StoreMachine):
    def open(self) -> EventStore:
        self.folder = tempfile.TemporaryDirectory()
        return DuckDBStore(Path(self.folder.name) / "history.duckdb")

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.store = DuckDBStore(Path(self.folder.name) / "history.duckdb", create=False)

    def teardown(self) -> None:
        super().teardown()
        self.folder.cleanup()


TestMemoryModel = MemoryMachine.TestCase
TestMemoryModel.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestDuckDBModel = DuckDBMachine.TestCase
TestDuckDBModel.settings = settings(max_examples=12, stateful_step_count=25, deadline=None)
