"""A process that is killed in the middle of every construct, again and again, and ends as if it had not been."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.constructs import Construct, constructs
from tests.runner import Outcome, play
from wfnb.engine.past import past_state
from wfnb.model.event import ApprovalRequested, ChildCompensated, ChildStarted, TaskCompensated, TaskCompleted
from wfnb.store.duckdb import DuckDBStore

ROOT = Path(__file__).parents[2]


def child(history: Path) -> subprocess.Popen[bytes]:
    """Takes up what is open, or begins, and lives through all of it."""
    command = [sys.executable, "-c", f"from tests.crash.everything import main; main({str(history)!r})"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.timeout(120)
def test_kill_9_in_the_middle_of_every_construct(tmp_path: Path) -> None:
    killed(tmp_path / "history.duckdb", kills=5, seed=1)


@pytest.mark.long
@pytest.mark.skipif("config.getoption('-m') != 'long'", reason="takes minutes: make test-long")
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(10))
def test_kill_9_many_more_times(tmp_path: Path, seed: int) -> None:
    killed(tmp_path / "history.duckdb", kills=5, seed=seed)


def killed(history: Path, *, kills: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(kills):
        with child(history) as process:
            assert process.stdout is not None
            for _ in range(chance.randrange(1, 60)):  # lines: something began, or was recorded
                if not process.stdout.readline():
                    break  # all is over already
            process.kill()
    with child(history) as process:
        output, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    told: dict[str, Any] = json.loads(output.splitlines()[-1])
    store = DuckDBStore(history, create=False)
    try:
        for construct in constructs():
            check(construct, told[construct.name], store)
        assert [head.run for head in store.heads() if head.status == "running"] == []
    finally:
        store.close()


def check(construct: Construct, run: str, store: DuckDBStore) -> None:
    """A run ended as in virtual time, and each of its results is recorded once."""
    wanted: Outcome = play(construct).outcome
    _, state = past_state(store, run)
    error = (state.error.type, state.error.message, state.error.node) if state.error else None
    assert (state.status, state.output, error) == (wanted.status, wanted.output, wanted.error), construct.name
    # What a kill makes begin again may be interrupted, where it was just in time without.
    assert {id: value for id, value in state.values.items() if wanted.values.get(id, value) != value} == {}
    done: Counter[tuple[str, str, str, int]] = Counter()
    for head in store.heads():
        if head.run.split("/")[0] != run:
            continue
        records = store.read(head.run)
        assert [record.seq for record in records] == list(range(1, len(records) + 1))
        for record in records:
            event = record.event
            if isinstance(event, TaskCompleted | TaskCompensated | ChildCompensated | ApprovalRequested | ChildStarted):
                extra = event.run if isinstance(event, ChildStarted | ChildCompensated) else ""
                done[head.run, type(event).__name__ + extra, event.node, event.visit] += 1
    assert not [key for key, count in done.items() if count > 1], construct.name
