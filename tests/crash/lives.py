"""A history that lives through kills, full disks and failing writes, and what must hold after each."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest

from tests.constructs import constructs
from tests.crash.disks import small_disk
from tests.runner import Outcome, play
from wfnb.engine.engine import open_store
from wfnb.engine.past import past_state
from wfnb.model.event import (
    ApprovalRequested,
    ChildCompensated,
    ChildStarted,
    TaskCompensated,
    TaskCompleted,
    TaskStarted,
)
from wfnb.store.protocol import EventStore

ROOT = Path(__file__).parents[2]
LINES = 120
"""Of what a life tells, after how much it is killed at the latest."""
WRITES = 40
"""Which write of a life fails at the latest."""
ROOM = 100_000
"""Bytes for which there is room at most, where the disk is full soon; at first a tenth of it."""


@dataclass
class Lives:
    """The lives of one history.

    Attributes:
        history: its path, with a slash at its end if it is a folder.
        safe: the last event of each run that was acknowledged.
        failures: what was told of writes that failed.
    """

    history: str
    safe: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    failures: list[str] = field(default_factory=list)

    def live(self, fault: str = "", *, lines: int | None = None) -> dict[str, Any]:
        """Take up what is open, or begin, and live through all of it, or until so much was told; gives the last line.

        Asserts what must hold whatever happened.
        """
        command = [sys.executable, "-c", "import sys; from tests.crash.everything import main; main(*sys.argv[1:])"]
        told: list[str] = []
        with (
            TemporaryFile("w+") as errors,
            subprocess.Popen(
                [*command, self.history, fault], stdout=subprocess.PIPE, stderr=errors, text=True, cwd=ROOT
            ) as process,
        ):
            assert process.stdout is not None
            for line in process.stdout:  # what is left in the pipe after the kill, too
                told.append(line)
                if len(told) == lines:
                    process.kill()
            process.wait()
            errors.seek(0)
            said = errors.read()
        for what, *rest in (line.split() for line in told if line.endswith("\n")):
            if what == "safe":
                self.safe[rest[0]] = max(self.safe[rest[0]], int(rest[1]))
        if Path(self.history).exists():
            self.check()
        if process.returncode == -signal.SIGKILL:
            return {}
        assert process.returncode in (0, 3), said
        found: dict[str, Any] = json.loads(told[-1])
        if process.returncode == 3:
            self.failures.append(found["failed"])
        return found

    def check(self) -> None:
        """Nothing acknowledged is lost, there is no gap, nothing is recorded as done twice."""
        store = open_store(self.history)
        try:
            positions = store.query("select pos from events order by pos")["pos"].tolist()
            assert positions == list(range(1, len(positions) + 1))
            kept = {head.run: head.events for head in store.heads()}
            assert {run: kept.get(run) for run, seq in self.safe.items() if kept.get(run, 0) < seq} == {}
            assert [key for key, count in done(store).items() if count > 1] == []
        finally:
            store.close()

    def end(self) -> None:
        """Live the last life undisturbed: each run ends as in virtual time."""
        told = self.live()
        store = open_store(self.history)
        try:
            for name, wanted in undisturbed().items():
                _, state = past_state(store, told[name])
                error = (state.error.type, state.error.message, state.error.node) if state.error else None
                assert (state.status, state.output, error) == (wanted.status, wanted.output, wanted.error), name
                # What a kill makes begin again may be interrupted, where it was just in time without.
                assert {id: value for id, value in state.values.items() if wanted.values.get(id, value) != value} == {}
            assert [head.run for head in store.heads() if head.status == "running"] == []
        finally:
            store.close()


@cache
def undisturbed() -> dict[str, Outcome]:
    return {construct.name: play(construct).outcome for construct in constructs()}


def done(store: EventStore) -> Counter[tuple[str, ...]]:
    """How often each thing is recorded that happens once; asserts that nothing begins again that is done."""
    found: Counter[tuple[str, ...]] = Counter()
    for head in store.heads():
        records = store.read(head.run)
        assert [record.seq for record in records] == list(range(1, len(records) + 1))
        completed: set[tuple[str, int]] = set()
        for record in records:
            event = record.event
            if isinstance(event, TaskStarted):
                assert (event.node, event.visit) not in completed, f"{event.node} began again in {head.run}"
            if isinstance(event, TaskCompleted):
                completed.add((event.node, event.visit))
            if isinstance(event, TaskCompleted | TaskCompensated | ChildCompensated | ApprovalRequested | ChildStarted):
                extra = event.run if isinstance(event, ChildStarted | ChildCompensated) else ""
                found[head.run, type(event).__name__ + extra, event.node, str(event.visit)] += 1
    return found


def killed(history: str, *, kills: int, seed: int) -> None:
    """Kill what lives, again and again, each time after it has told so much more."""
    chance, lives = random.Random(seed), Lives(history)
    for _ in range(kills):
        lives.live(lines=chance.randrange(1, LINES))
    lives.end()


def failed(history: str, *, failures: int, seed: int) -> None:
    """Let a write fail, again and again: each time another one, before or after it is on the disk."""
    chance, lives = random.Random(seed), Lives(history)
    for _ in range(failures):
        lives.live(f"{chance.choice(['fails', 'late'])}:{chance.randrange(1, WRITES)}")
    lives.end()
    assert lives.failures
    assert all("can not be written: [Errno 5]" in told for told in lives.failures)


def limited(folder: str, *, failures: int, seed: int) -> None:
    """Let no file of a history in a folder grow beyond some bytes more, again and again.

    That of DuckDB is longer from the beginning than its log will ever be, and so notices nothing.
    """
    chance, lives = random.Random(seed), Lives(folder)
    lives.live(lines=chance.randrange(20, LINES))
    for most in _rooms(failures):
        size = max(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        lives.live(f"limit:{size + chance.randrange(most)}")
    lives.end()
    assert lives.failures


def filled(folder: Path, name: str, *, failures: int, seed: int) -> None:
    """Let the disk be full after some bytes more, again and again; skips where there is none to fill."""
    chance = random.Random(seed)
    with small_disk(folder / "disk") as disk:
        if disk is None:
            pytest.skip("a disk that is small takes Linux and root")
        lives = Lives(f"{disk.path}/{name}")
        lives.live(lines=chance.randrange(20, LINES))
        for most in _rooms(failures):
            disk.leave(chance.randrange(most))
            lives.live()
            disk.clear()
        lives.end()
        assert lives.failures


def _rooms(count: int) -> list[int]:
    return [ROOM // 10, *[ROOM] * (count - 1)]
