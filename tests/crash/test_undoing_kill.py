"""A process that is killed while a run takes its children back: the next one goes on, and does nothing twice."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from wfnb.engine.past import past_state
from wfnb.model.event import ChildCompensated, TaskCompensated
from wfnb.store.duckdb import DuckDBStore

# Each process kills itself with the append that is the next to take something back, or to say that it was.
CHILD = """
import asyncio, contextlib, os, signal, sys
import wfnb as wf
from wfnb.author.edits import SetWorkflow
from wfnb.author.flow import Flow

history, durability, kill = sys.argv[1], sys.argv[2], int(sys.argv[3])

@wf.activity
async def work(id):
    print(id, flush=True)
    if id == "last":
        raise ValueError(id)

def undone(flow, id):
    return flow.task(id, "work", id=id).options(compensate=("work", {"id": "undo " + id}))

inner, middle, outer = Flow("inner"), Flow("middle"), Flow("outer")
inner.start >> undone(inner, "a") >> undone(inner, "b") >> inner.end()
middle.start >> undone(middle, "c") >> middle.call("part", "inner") >> middle.end()
outer.document.apply([SetWorkflow(workflows={"inner": inner.workflow, "middle": middle.workflow})])
each = outer.map("each", "inner", [1, 2], width=1)
last = outer.task("last", "work", id="last")
outer.start >> undone(outer, "d") >> outer.call("call", "middle") >> each >> last >> outer.end()

async def main():
    async with wf.Engine(history, durability=durability) as engine:
        append, left = engine.store.append, kill
        def killing(run, epoch, expected, rows, acknowledged=None):
            nonlocal left
            if any(row.type in ("RunReopened", "TaskCompensated", "ChildCompensated") for row in rows):
                left -= 1
                if left == 0:
                    engine.store.heads()  # waits for what was appended before
                    os.kill(os.getpid(), signal.SIGKILL)
            append(run, epoch, expected, rows, acknowledged)

        engine.store.append = killing
        runs = await engine.resume() or [engine.start(outer)]
        with contextlib.suppress(wf.RunError):
            await runs[0]

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.timeout(120)
@pytest.mark.parametrize(("durability", "kill"), [("sync", 4), ("async", 5)])
def test_it_is_killed_again_and_again(tmp_path: Path, durability: str, kill: int) -> None:
    history, said, kills = tmp_path / "history.duckdb", list[str](), 0
    while True:
        ran = subprocess.run(
            [sys.executable, "-c", CHILD, str(history), durability, str(kill)], stdout=subprocess.PIPE, check=False
        )
        said += ran.stdout.decode().split("\n")[:-1]
        if ran.returncode == 0:
            break
        assert ran.returncode == -signal.SIGKILL
        kills += 1
    assert kills > 2
    store = DuckDBStore(history, create=False)
    try:
        heads = {head.run.partition("/")[2]: head for head in store.heads()}
        assert {name: head.status for name, head in heads.items()} == {"": "failed"} | dict.fromkeys(
            ["call", "call/part", "each[0]", "each[1]"], "cancelled"
        )
        events = [(name, record.event) for name, head in heads.items() for record in store.read(head.run)]
        undone = [(name, event.node) for name, event in events if isinstance(event, TaskCompensated)]
        assert sorted(undone) == [
            ("", "d"), ("call", "c"), ("call/part", "a"), ("call/part", "b"),
            ("each[0]", "a"), ("each[0]", "b"), ("each[1]", "a"), ("each[1]", "b"),
        ]  # fmt: skip
        told = [event.run.partition("/")[2] for _, event in events if isinstance(event, ChildCompensated)]
        assert sorted(told) == ["call", "call/part", "each[0]", "each[1]"]
        for head in heads.values():
            assert past_state(store, head.run)[1].done == []
    finally:
        store.close()
    # A body may have run without being recorded, but then nothing came in between: the order is that of the histories.
    order = [line for n, line in enumerate(said) if line.startswith("undo") and said[n - 1] != line]
    assert order == [f"undo {id}" for id in ("b", "a", "b", "a", "b", "a", "c", "d")]
