"""What a killed process can lose, by durability; docs/durability.md has the table."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wfnb.model.event import TaskCompleted, TaskStarted
from wfnb.store.duckdb import DuckDBStore

TASKS = 400
CHILD = """
import asyncio, sys
import wfnb as wf

history, durability, tasks, resume = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "resume"

@wf.activity
async def work(number):
    print("begun", number, flush=True)
    await asyncio.sleep(0)
    print("done", number, flush=True)
    return number

flow = wf.flow("chain")
at = flow.start
for number in range(tasks):
    at = at >> flow.task(f"t{number}", work, number=number)
at >> flow.end()

async def main():
    async with wf.Engine(history, durability=durability) as engine:
        runs = await engine.resume() if resume else [engine.start(flow)]
        for run in runs:
            print("over", await run, flush=True)

asyncio.run(main())
"""


def child(history: Path, durability: str, *, resume: bool = False) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", CHILD, str(history), durability, str(TASKS), "resume" if resume else "start"]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])


def killed_after(history: Path, durability: str, lines: int) -> tuple[list[int], list[int]]:
    """Kill the process once it has told so much; gives the tasks that had begun, and those that were done."""
    told: list[str] = []
    with child(history, durability) as process:
        assert process.stdout is not None
        told.extend(line for line, _ in zip(process.stdout, range(lines), strict=False))
        process.kill()
        told.extend(process.stdout)
    told = [line for line in told if line.endswith("\n")]  # the last one may be cut off
    begun = [int(line.split()[1]) for line in told if line.startswith("begun")]
    done = [int(line.split()[1]) for line in told if line.startswith("done")]
    return begun, done


def recorded(history: Path) -> tuple[list[int], list[int]]:
    store = DuckDBStore(history, create=False)
    try:
        records = [record for head in store.heads() for record in store.read(head.run)]
    finally:
        store.close()
    assert [record.seq for record in records] == list(range(1, len(records) + 1))
    started = [int(r.event.node[1:]) for r in records if isinstance(r.event, TaskStarted)]
    return started, [int(r.event.node[1:]) for r in records if isinstance(r.event, TaskCompleted)]


pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here"),
    pytest.mark.timeout(120),
]


@pytest.mark.parametrize("seed", range(2))
def test_sync_loses_only_the_results_of_tasks_in_progress(tmp_path: Path, seed: int) -> None:
    history = tmp_path / "history.duckdb"
    begun, _ = killed_after(history, "sync", random.Random(seed).randrange(20, 200))
    started, completed = recorded(history)
    assert set(begun) <= set(started)  # a body runs only once that is on the disk
    assert set(begun[:-1]) <= set(completed)  # and only once what precedes it is


@pytest.mark.parametrize("seed", range(2))
def test_async_loses_the_last_events_and_never_one_from_the_middle(tmp_path: Path, seed: int) -> None:
    history = tmp_path / "history.duckdb"
    begun, done = killed_after(history, "async", random.Random(seed).randrange(100, 700))
    started, completed = recorded(history)
    assert started == list(range(len(started)))
    assert completed == list(range(len(completed)))
    assert len(completed) <= len(done) + 1
    assert len(started) <= len(begun) + 1


def test_exit_loses_the_whole_run(tmp_path: Path) -> None:
    history = tmp_path / "history.duckdb"
    begun, _ = killed_after(history, "exit", 300)
    assert len(begun) >= 100
    assert recorded(history) == ([], [])


@pytest.mark.parametrize("durability", ["sync", "async", "exit"])
def test_an_awaited_run_is_on_the_disk(tmp_path: Path, durability: str) -> None:
    history = tmp_path / "history.duckdb"
    with child(history, durability) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith("over"):
                process.kill()
    assert recorded(history) == (list(range(TASKS)), list(range(TASKS)))


@pytest.mark.parametrize("durability", ["sync", "async"])
def test_no_recorded_completion_runs_again(tmp_path: Path, durability: str) -> None:
    for lines in (150, 400, 700):  # async may not have come to a commit yet
        history = tmp_path / f"{lines}.duckdb"
        killed_after(history, durability, lines)
        _, completed = recorded(history)
        if completed:
            break
    with child(history, durability, resume=True) as process:
        output, _ = process.communicate(timeout=60)
    again = {int(line.split()[1]) for line in output.splitlines() if line.startswith("begun")}
    assert not again & set(completed)
    assert again | set(completed) == set(range(TASKS))
    assert recorded(history)[1] == list(range(TASKS))
