"""A process that is killed while it runs workflows: what was recorded stays true, and every run ends as if undisturbed.

Each body writes a line before and after its work, on the disk before it goes on.  30 kills in all; `WFNB_RUN_KILLS`
sets another number for each durability.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from wfnb.model.event import Record, RunStarted, TaskCompleted, TaskStarted
from wfnb.store.duckdb import DuckDBStore

KILLS = int(os.environ.get("WFNB_RUN_KILLS", "15"))
OUTPUTS = {"chain": 3, "fan": {"b0": 0, "b1": 1, "b2": 2, "b3": 3}, "loop": "enough", "flaky": "at last"}

# Takes up what is open, then starts four runs again and again until it is killed; told to finish, it only takes up.
CHILD = """
import asyncio, itertools, os, sys
import wfnb as wf
from wfnb.author.flow import flow

history, durability, folder, finish = sys.argv[1:]
log = os.open(f"{folder}/log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)

def note(*words):
    line = (" ".join(map(str, words)) + "\\n").encode()
    os.write(log, line)
    os.fsync(log)
    os.write(1, line)

@wf.activity
async def give(key, node, x=0):
    note("before", key, node)
    await asyncio.sleep(0)
    note("after", key, node)
    return x

@wf.activity
def count(key, node):
    note("before", key, node)
    with open(f"{folder}/{key}.{node}", "a+") as file:
        file.write("x")
        return file.tell()

@wf.activity(retry=wf.Retry(attempts=2, delay=0.005))
def flaky(key, node):
    note("before", key, node)
    if not os.path.exists(f"{folder}/{key}.tried"):
        open(f"{folder}/{key}.tried", "w").close()
        raise OSError("the first time")
    note("after", key, node)
    return "at last"

chain = flow("chain", {"key": "str"})
at = chain.start
for number in range(4):
    at = at >> chain.task(f"a{number}", "give", key="=input.key", node=f"a{number}", x=number)
at >> chain.end()

fan = flow("fan", {"key": "str"})
branches = [fan.task(f"b{number}", "give", key="=input.key", node=f"b{number}", x=number) for number in range(4)]
fan.start >> fan.fork("fork") >> branches >> fan.join("join") >> fan.end()

loop = flow("loop", {"key": "str"})
gate = loop.choice("gate")
loop.start >> loop.task("c", "count", key="=input.key", node="c") >> gate
gate.when("c < 4") >> loop.node("c")
gate.otherwise() >> loop.end(output="enough")

retry = flow("flaky", {"key": "str"})
retry.start >> retry.task("d", "flaky", key="=input.key", node="d") >> retry.end()

async def one(run):
    await run
    note("done", run.id)

async def main():
    async with wf.Engine(history, durability=durability) as engine:
        await asyncio.gather(*map(one, await engine.resume()))
        for number in itertools.count():
            if finish == "finish":
                return
            keys = [(made, f"{made.name}-{os.getpid()}-{number}") for made in (chain, fan, loop, retry)]
            await asyncio.gather(*(one(engine.start(made, input={"key": key})) for made, key in keys))

asyncio.run(main())
"""


def child(history: Path, durability: str, what: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", CHILD, str(history), durability, str(history.parent), what]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def killed_after(history: Path, durability: str, lines: int) -> None:
    """Run a child until it has written so many lines, and a moment longer."""
    with child(history, durability, "go on") as process:
        assert process.stdout is not None
        for _ in range(lines):
            assert process.stdout.readline(), "the child ended by itself"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL


def check(history: Path, durability: str) -> list[list[Record]]:
    """What must hold after a kill; gives every run."""
    log = [line.split() for line in (history.parent / "log").read_text().splitlines()]
    bodies = Counter((key, node) for what, key, *rest in log if what == "before" for node in rest)
    done = {run for what, run, *_ in log if what == "done"}
    store = DuckDBStore(history, create=False)
    try:
        positions = store.query("select pos from events order by pos")["pos"].tolist()
        assert positions == list(range(1, len(positions) + 1))
        assert done <= {head.run for head in store.heads() if head.status == "completed"}, "a completed run was lost"
        runs = [store.read(head.run) for head in store.heads()]
    finally:
        store.close()
    started: Counter[tuple[str, str]] = Counter()
    for records in runs:
        assert [record.seq for record in records] == list(range(1, len(records) + 1))
        first = records[0].event
        assert isinstance(first, RunStarted)
        completed: set[tuple[str, int]] = set()
        for record in records:
            match record.event:
                case TaskStarted(node, visit):
                    assert (node, visit) not in completed, f"{node} ran again in {first.input}"
                    started[first.input["key"], node] += 1
                case TaskCompleted(node, visit):
                    assert (node, visit) not in completed
                    completed.add((node, visit))
                case _:
                    pass
    if durability == "sync":
        lost = {body: count for body, count in bodies.items() if started[body] < count}
        assert not lost, "bodies ran whose start was not recorded"
    return runs


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.timeout(60 + 6 * KILLS)
@pytest.mark.parametrize("durability", ["sync", "async"])
def test_kill_9_in_the_middle_of_runs(tmp_path: Path, durability: str) -> None:
    kill_and_check(tmp_path / "history.duckdb", durability, KILLS)


@pytest.mark.long
@pytest.mark.timeout(3_000)
@pytest.mark.parametrize("durability", ["sync", "async"])
def test_kill_9_many_more_times(tmp_path: Path, durability: str) -> None:
    kill_and_check(tmp_path / "history.duckdb", durability, 200)


def kill_and_check(history: Path, durability: str, kills: int) -> None:
    chance = random.Random(2026)
    for _ in range(kills):
        killed_after(history, durability, int(10 ** chance.uniform(0, 2)))
        check(history, durability)
    with child(history, durability, "finish") as process:
        process.communicate(timeout=60)
    assert process.returncode == 0
    runs = check(history, durability)
    assert len(runs) >= kills
    for records in runs:
        first, last = records[0].event, records[-1].event
        assert isinstance(first, RunStarted)
        assert getattr(last, "output", last) == OUTPUTS[first.workflow]
