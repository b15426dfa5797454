"""A process that is killed while it appends: nothing acknowledged is lost, and there is no gap.

`WFNB_KILLS` sets how often; 15 if it is not set.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from wfnb.store.duckdb import DuckDBStore

KILLS = int(os.environ.get("WFNB_KILLS", "15"))

# Appends to twelve runs at once, some durable at each event and some in bursts, and says so on its
# standard output once an append is acknowledged.  Goes on where the last one was killed.
CHILD = """
import asyncio, os, random, sys
from wfnb.store import writer
from wfnb.store.duckdb import DuckDBStore
from wfnb.testing import history, row

writer.FULL_WAL = 200_000  # so that some are killed in a checkpoint
writer.IDLE_WAL = 1
chance = random.Random(int(sys.argv[2]))
store = DuckDBStore(sys.argv[1])
events = [row(e) for e in history(5_000)]

async def one(run, seq, burst):
    loop = asyncio.get_running_loop()
    while True:
        waiting = []
        for _ in range(chance.randint(1, burst)):
            done = loop.create_future()
            count = chance.randint(1, 3)
            rows = [events[n % len(events)] for n in range(seq, seq + count)]
            store.append(run, 0, seq, rows, done)
            seq += count
            waiting.append((seq, done))
        for last, done in waiting:
            await done
            os.write(1, f"{run} {last}\\n".encode())

async def main():
    heads = {head.run: head.events for head in store.heads()}
    runs = [(f"r{number}", 1 + number % 4) for number in range(12)]
    await asyncio.gather(*(one(run, heads.get(run, 0), burst) for run, burst in runs))

asyncio.run(main())
"""


def killed_after(path: Path, lines: int, seed: int) -> dict[str, int]:
    """Start a child, kill it after that many acknowledgements, and give the last one of each run."""
    acknowledged: dict[str, int] = defaultdict(int)
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, str(path), str(seed)], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for number, line in enumerate(child.stdout):  # what is left in the pipe after the kill, too
            run, _, seq = line.partition(" ")
            if not line.endswith("\n"):
                break
            acknowledged[run] = max(acknowledged[run], int(seq))
            if number == lines:
                child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL
    return acknowledged


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.timeout(20 + 3 * KILLS)
def test_kill_9_loses_nothing_acknowledged_and_leaves_no_gap(tmp_path: Path) -> None:
    path = tmp_path / "history.duckdb"
    chance = random.Random(2026)
    acknowledged: dict[str, int] = defaultdict(int)
    unasked = 0
    for kill in range(KILLS):
        for run, seq in killed_after(path, int(10 ** chance.uniform(0, 3.3)), kill).items():
            acknowledged[run] = max(acknowledged[run], seq)
        store = DuckDBStore(path, create=False)
        kept = {head.run: head.events for head in store.heads()}
        for run, seq in acknowledged.items():
            assert kept.get(run, 0) >= seq, f"kill {kill}: run {run} lost acknowledged events"
        unasked += any(kept[run] > acknowledged[run] for run in kept)
        seqs = store.query("select run, seq, pos from events order by pos")
        assert seqs["pos"].tolist() == list(range(1, len(seqs) + 1))
        for run, events in kept.items():
            assert seqs[seqs["run"] == run]["seq"].tolist() == list(range(1, events + 1))
            assert len(store.read(run)) == events
        store.close()
    print(f"{KILLS} kills, {sum(acknowledged.values())} events acknowledged; ", end="")
    print(f"{unasked} left a tail that nobody had been told of")
