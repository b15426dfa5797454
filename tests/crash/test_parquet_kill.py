"""A process that is killed while it writes a history in a folder, and seals it: nothing acknowledged is lost, no gap.

`WFNB_KILLS` sets how often; 8 if it is not set.
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

from wfnb.store.parquet import ParquetStore

KILLS = int(os.environ.get("WFNB_KILLS", "8"))

# Appends to six runs at once, two events at a time, and says so once they are acknowledged; seals all the time.
CHILD = """
import asyncio, os, sys
from wfnb.store import sealing, segments
from wfnb.store.parquet import ParquetStore
from wfnb.testing import history, row

sealing.SEAL_EVENTS, segments.SMALL = 60, 200
store = ParquetStore(sys.argv[1])
events = [row(e) for e in history(5_000)]

async def one(run, seq):
    while True:
        done = asyncio.get_running_loop().create_future()
        store.append(run, 0, seq, [events[n % len(events)] for n in (seq, seq + 1)], done)
        store.define(f"{run}-{seq}", b"{}")
        seq += 2
        await done
        os.write(1, f"{run} {seq}\\n".encode())

async def main():
    heads = {head.run: head.events for head in store.heads()}
    await asyncio.gather(*(one(f"r{n}", heads.get(f"r{n}", 0)) for n in range(6)))

asyncio.run(main())
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="there is no SIGKILL here")
@pytest.mark.timeout(20 + 4 * KILLS)
def test_kill_9_of_a_folder_loses_nothing_acknowledged_and_leaves_no_gap(tmp_path: Path) -> None:
    path = tmp_path / "history"
    chance = random.Random(2026)
    acknowledged: dict[str, int] = defaultdict(int)
    for kill in range(KILLS):
        with subprocess.Popen([sys.executable, "-c", CHILD, str(path)], stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            last = int(10 ** chance.uniform(0, 2.8))
            for number, line in enumerate(child.stdout):
                run, _, seq = line.partition(" ")
                if not line.endswith("\n"):
                    break
                acknowledged[run] = max(acknowledged[run], int(seq))
                if number == last:
                    child.send_signal(signal.SIGKILL)
        assert child.returncode == -signal.SIGKILL
        store = ParquetStore(path, create=False)
        kept = {head.run: head.events for head in store.heads()}
        for run, seq in acknowledged.items():
            assert kept.get(run, 0) >= seq, f"kill {kill}: run {run} lost acknowledged events"
            assert kept[run] % 2 == 0, "half an append"
            assert store.definition(f"{run}-0") == b"{}"
        seqs = store.query("select run, seq, pos from events order by pos")
        assert seqs["pos"].tolist() == list(range(1, len(seqs) + 1))
        for run, events in kept.items():
            assert seqs[seqs["run"] == run]["seq"].tolist() == list(range(1, events + 1))
        store.close()
