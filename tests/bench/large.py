"""Long histories: what they take on the disk and in memory, and how soon something is read from them."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from statistics import median

import duckdb
from msgspec import UNSET

from tests.bench.measure import Row, bench, bench_if_asked
from wfnb.author.flow import Flow
from wfnb.engine.past import past_state
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.decide import decide
from wfnb.machine.machine import Machine
from wfnb.machine.semantics import evolve
from wfnb.machine.settle import settle_completed, settle_start
from wfnb.model import snapshot
from wfnb.model.event import Event, TaskStarted
from wfnb.model.state import State
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.protocol import Row as Stored

MILLION = 1_000_000
BATCH = 1_000
"""Events appended at once."""
EVERY = 1_000
"""Events from one snapshot to the next."""
RUNS = 500
"""How many runs take turns where there are many."""
MEMORY = """
import sys
from pathlib import Path
from wfnb.store.duckdb import DuckDBStore
from wfnb.engine.past import history
store = DuckDBStore(Path(sys.argv[1]))
for run in sys.argv[2:]:
    assert sum(1 for _ in history(store, run)) > 0
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
print(status["VmHWM"].split()[0])
"""


def orders() -> Machine:
    """Four tasks in a ring: what is done to one order after another."""
    flow = Flow("orders", {"more": "bool"})
    gate = flow.choice("gate")
    flow.start >> flow.task("fetch", "a") >> flow.task("score", "a") >> flow.task("store", "a") >> gate
    gate.when("input.more") >> flow.task("notify", "a") >> flow.node("fetch")
    gate.otherwise() >> flow.end()
    return compile_workflow(flow.workflow)


class Orders:
    """One run of `orders`, event by event, as the engine would record it; its values are of a few kinds."""

    def __init__(self, machine: Machine, seed: int) -> None:
        self.machine = machine
        self.state = State()
        self.chance = random.Random(seed)
        self.size = 0
        """Bytes of the payloads so far."""

    def go_on(self, count: int) -> list[Event]:
        """At least so many events."""
        machine, state = self.machine, self.state
        made: list[Event] = [] if state.seq else self.apply(settle_start(machine, {"more": True}, {}))
        while len(made) < count:
            (command,) = decide(machine, state)
            node, id = command.node, machine.ids[command.node]
            made += self.apply([TaskStarted(id, command.visit, 1)])
            made += self.apply(settle_completed(machine, state, node, 1, self.value(command.visit), UNSET))
        return made

    def apply(self, events: list[Event]) -> list[Event]:
        """Fold them."""
        for event in events:
            evolve(self.machine, self.state, event)
        return events

    def value(self, visit: int) -> object:
        """What a task gives."""
        chance = self.chance
        return {
            "order": 100_000 + visit,
            "status": chance.choice(("accepted", "rejected", "pending", "queued")),
            "amount": chance.randint(100, 99_999) / 100,
            "currency": "EUR",
            "customer": f"c-{chance.randint(1, 5_000):05d}",
        }


def write(path: Path, count: int, runs: int) -> float:
    """Make a history of so many events of runs `r0`, `r1`, ... that take turns; gives the bytes of their payloads."""
    machine = orders()
    made = [Orders(machine, seed) for seed in range(runs)]
    store = DuckDBStore(path)
    store.define(machine.hash, machine.document)
    batch = BATCH if runs == 1 else 2

    async def fill() -> tuple[int, int]:
        loop, ts, done, size = asyncio.get_running_loop(), 1_700_000_000_000_000, 0, 0
        while done < count:
            for number, one in enumerate(made):
                before = one.state.seq
                rows = []
                for event in one.go_on(batch):
                    ts += one.chance.randint(20, 4_000)
                    rows.append(Stored(ts, event))
                store.append(f"r{number}", 1, before, rows)
                done += len(rows)
                if number == 0:
                    size += sum(len(row.payload) for row in rows)
                if one.state.seq // EVERY > before // EVERY:
                    kept = snapshot.encode(one.state)
                    store.save_snapshot(f"r{number}", one.state.seq, machine.hash, ts, lambda kept=kept: kept, keep=2)
            acknowledged = loop.create_future()
            store.append("r0", 1, made[0].state.seq, [], acknowledged)
            await acknowledged  # what waits to be written stays in memory
        return made[0].state.seq, size

    seq, size = asyncio.run(fill())
    store.close()
    return size / seq


def seconds(call: Callable[[], object], times: int = 5) -> float:
    """The median of how long a call takes."""
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        call()
        taken.append(time.perf_counter() - began)
    return median(taken)


def peak(path: Path, *runs: str) -> float:
    """Most memory in MB of a process that opens a history and reads these runs from end to end."""
    told = subprocess.run([sys.executable, "-c", MEMORY, str(path), *runs], check=True, capture_output=True, text=True)
    return int(told.stdout) / 1024


def opened(path: Path) -> None:
    """Open a history, with all that is checked then."""
    DuckDBStore(path, create=False).close()


def counted(path: Path) -> None:
    """Open a file with nothing but DuckDB, and let it look at every position."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("select sum(pos) from events").fetchall()


def measured(count: int) -> Iterator[Row]:
    """A history of one long run, and one of many runs that take turns."""
    name = f"{count // MILLION}M events"
    with tempfile.TemporaryDirectory() as folder:
        long, many, none = (Path(folder) / f"{name}.duckdb" for name in ("long", "many", "none"))
        floor = 0.0
        for path, runs, what in ((long, 1, f"{name}, one run"), (many, RUNS, f"{name}, {RUNS} runs")):
            payload = write(path, count, runs)
            yield Row(f"{what}: file", path.stat().st_size / count, payload, "B an event", "their payloads", 0.6)
            by_hand = seconds(partial(counted, path)) * 1e3
            yield Row(f"{what}: opening", seconds(partial(opened, path)) * 1e3, by_hand, "ms", "DuckDB counts them")
            store, run = DuckDBStore(path, create=False), f"r{runs // 2}"
            state = past_state(store, run)[1]
            assert state.seq >= count // runs
            yield Row(f"{what}: last state", seconds(partial(past_state, store, run)) * 1e3, 20.0, "ms", "20 ms", 1.0)
            middle = state.seq // 2
            taken = seconds(partial(store.read, run, middle, middle + 500)) * 1e3
            floor = floor or taken
            yield Row(f"{what}: 500 events", taken, floor, "ms", "of the long run")
            store.close()
        DuckDBStore(none).close()
        yield Row(f"{name}, one run: memory to read it", peak(long, "r0"), peak(none), "MB", "an empty history")
        yield Row(f"{name}, {RUNS} runs: memory to read one", peak(many, "r1"), peak(none), "MB", "an empty history")


@bench
def large() -> Iterator[Row]:
    """A million events."""
    yield from measured(MILLION)


@bench_if_asked
def largest() -> Iterator[Row]:
    """Ten million events, which takes some minutes to write."""
    yield from measured(10 * MILLION)
