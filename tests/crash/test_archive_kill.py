"""A process that is killed before each step of archiving and forgetting: every run is there, or gone as it was asked.

A step is a statement, or something done to a file.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wfnb.store.duckdb import DuckDBStore
from wfnb.testing import history, row

# Says what it is about to do and what is done, and kills itself before its n-th step.
CHILD = """
import asyncio, os, signal, sys
from pathlib import Path
from wfnb.store import archive
from wfnb.store.duckdb import DuckDBStore
from wfnb.testing import history, row

steps = int(sys.argv[2])

def step():
    global steps
    steps -= 1
    if steps == 0:
        os.kill(os.getpid(), signal.SIGKILL)

def stepping(function):
    def stepped(*arguments, **named):
        step()
        return function(*arguments, **named)
    return stepped

class Cursor:
    def __init__(self, cursor):
        self.cursor, self.execute, self.appender = cursor, stepping(cursor.execute), stepping(cursor.appender)

for home, name in ((archive, "sync_file"), (archive, "sync_folder"), (Path, "rename"), (Path, "unlink")):
    setattr(home, name, stepping(getattr(home, name)))

store = DuckDBStore(sys.argv[1])
with_cursor = store._with_cursor
store._with_cursor = lambda work, *rest: with_cursor(lambda cursor, *rest: work(Cursor(cursor), *rest), *rest)

async def main():
    for verb, runs in (("archive", "r0 r1"), ("forget", "r1 r2"), ("archive", "r3 r4"), ("forget", "r4")):
        print("begin", verb, runs, flush=True)
        done = asyncio.ensure_future(getattr(store, verb)(runs.split()))
        await asyncio.sleep(0)
        seq = store._heads["open"].seq
        store.append("open", 0, seq, [row(history(9)[seq])])
        await done
        print("done", verb, runs, flush=True)

asyncio.run(main())
store.close()
print("end", steps, flush=True)
"""
RUNS = [f"r{number}" for number in range(6)]


def filled(path: Path) -> None:
    store = DuckDBStore(path)
    for seq in range(8):
        for run in RUNS:
            store.append(run, 0, seq, [row(history(3)[seq])])
        if seq < 2:
            store.append("open", 0, seq, [row(history(9)[seq])])
    store.close()


def lived(path: Path, steps: int) -> tuple[int, list[list[str]]]:
    """Let a child live for so many steps; gives its exit code and what it said."""
    command = [sys.executable, "-c", CHILD, str(path), str(steps)]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, timeout=20)
    return done.returncode, [line.split() for line in done.stdout.splitlines()]


def check(path: Path, said: list[list[str]]) -> None:
    """What was said to be done is done, what was begun is done or not, and nothing else has happened."""
    store = DuckDBStore(path, create=False)
    try:
        there = {head.run: head.events for head in store.heads()}
        begun = {run for what, verb, *runs in said if (what, verb) == ("begin", "forget") for run in runs}
        done = {run for what, verb, *runs in said if (what, verb) == ("done", "forget") for run in runs}
        assert {*RUNS, "open"} - begun <= set(there) <= {*RUNS, "open"} - done
        both = begun - done
        assert not both or both <= set(there) or not both & set(there), "all of them or none"
        for run, events in there.items():
            wanted = history(9)[:events] if run == "open" else history(3)
            assert [record.event for record in store.read(run)] == wanted
        seen = store.query("select run, count(*) n from all_events group by 1")
        assert dict(zip(seen["run"], seen["n"], strict=True)) == there
    finally:
        store.close()


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.timeout(60)
def test_kill_9_before_steps_of_archiving(tmp_path: Path) -> None:
    killed_before_steps(tmp_path, first=1, stride=14)


@pytest.mark.long
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.timeout(120)
@pytest.mark.parametrize("first", range(1, 8))
def test_kill_9_before_each_step_of_archiving(tmp_path: Path, first: int) -> None:
    killed_before_steps(tmp_path, first=first, stride=7)


def killed_before_steps(folder: Path, first: int, stride: int) -> None:
    filled(folder / "whole.duckdb")
    before = (folder / "whole.duckdb").read_bytes()
    code, said = lived(folder / "whole.duckdb", 1_000_000)
    assert code == 0
    steps = 1_000_000 - int(said[-1][1])
    assert steps > 30
    for last in range(first, steps + 1, stride):
        path = folder / f"{last}.duckdb"
        path.write_bytes(before)
        code, said = lived(path, last)
        assert code == -signal.SIGKILL
        check(path, said)
