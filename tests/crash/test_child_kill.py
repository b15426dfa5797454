"""A process that is killed between the end of a child run and its parent's learning of it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wfnb.model.event import ChildCompleted, ChildFailed, TaskStarted
from wfnb.store.duckdb import DuckDBStore

# A called workflow, or one that a map runs, gives what is no JSON value.  The process kills itself when the event that
# tells its parent so is to be appended.
CHILD = """
import asyncio, os, signal, sys
import wfnb as wf
from wfnb.author.edits import SetWorkflow
from wfnb.author.flow import flow

history, durability, node, kill = sys.argv[1:]

class Frame:
    def __init__(self, n):
        self.n = n

@wf.activity
async def frame(n):
    return Frame(n)

@wf.activity
async def pay(n):
    return n

@wf.activity
async def total(frames):
    return sum(frame.n for frame in frames)

inner = flow("inner", {"n": "int"})
inner.start >> inner.task("paid", "pay", n="=input.n") >> inner.task("made", "frame", n="=paid") >> inner.end()
outer = flow("outer")
outer.document.apply([SetWorkflow(workflows={"inner": inner.workflow})])
if node == "call":
    made, frames = outer.call("made", "inner", n=10), "=[made]"
else:
    made, frames = outer.map("made", "inner", [1, 2, 7]).options(arguments={"n": "=item"}), "=made"
outer.start >> made >> outer.task("read", "total", frames=frames) >> outer.end()

async def main():
    async with wf.Engine(history, durability=durability) as engine:
        append = engine.store.append
        def killing(run, epoch, expected, rows, acknowledged=None):
            if kill and any(row.type == "ChildCompleted" for row in rows):
                if durability == "async":
                    engine.store.heads()  # waits for what was appended before
                os.kill(os.getpid(), signal.SIGKILL)
            append(run, epoch, expected, rows, acknowledged)

        engine.store.append = killing
        runs = await engine.resume() or [engine.start(outer)]
        print(await runs[0], flush=True)

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.timeout(120)
@pytest.mark.parametrize("durability", ["sync", "async"])
@pytest.mark.parametrize("node", ["call", "map"])
def test_what_a_child_gave_is_made_again(tmp_path: Path, durability: str, node: str) -> None:
    history = tmp_path / "history.duckdb"
    command = [sys.executable, "-c", CHILD, str(history), durability, node]
    killed = subprocess.run([*command, "kill"], stdout=subprocess.PIPE, check=False)
    assert killed.returncode == -signal.SIGKILL
    resumed = subprocess.run([*command, ""], stdout=subprocess.PIPE, check=True)
    assert json.loads(resumed.stdout) == 10
    store = DuckDBStore(history, create=False)
    try:
        runs = {head.run: store.read(head.run) for head in store.heads()}
        assert {head.status for head in store.heads()} == {"completed"}
    finally:
        store.close()
    events = [(run, record.event) for run, records in runs.items() for record in records]
    assert not [event for _, event in events if isinstance(event, ChildFailed)]
    told = [event.run for _, event in events if isinstance(event, ChildCompleted)]
    assert len(told) == len(set(told)) == (1 if node == "call" else 3)
    begun = [(run, event.node, event.rerun) for run, event in events if isinstance(event, TaskStarted)]
    # What was recorded is used as it is; only what was not is made again.
    assert [one for one in begun if one[1] == "paid" and begun.count(one) > 1] == []
    assert {node for _, node, rerun in begun if rerun} == {"made"}
