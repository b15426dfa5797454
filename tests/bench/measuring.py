"""What a long history is asked: percentiles, how much is in progress at a time, how its runs stand; beside pandas."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import duckdb

from tests.bench.measure import Row, bench, bench_if_asked
from wfnb.author.flow import Flow
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.model.activity import describe
from wfnb.model.event import RunStarted
from wfnb.store.duckdb import DuckDBStore
from wfnb.testing import row, virtual_time

MILLION = 1_000_000
MEMORY_MARK = 1024.0
"""MB that a question may take at most."""
ROUNDS = 3
ASK = """
import sys, time, json
from pathlib import Path
import pandas
import duckdb
from wfnb.history.measures import counted, levels
from wfnb.history.measures.scope import Scope
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.opening import SETTINGS

def ours(what, path):
    store = DuckDBStore(path, create=False)
    began = time.perf_counter()
    if what == "percentiles":
        found = counted.latency(store, Scope())[0].set_index("name")["p90"]
    elif what == "concurrency":
        found = levels.concurrency(store, Scope()).frame["level"]
    else:
        found = store.query("select run, status, started, ended, seconds from runs")["status"].value_counts()
    return time.perf_counter() - began, found

ENDS = ["TaskCompleted", "TaskFailed", "TaskCancelled"]

def pandas_s(what, path):
    connection = duckdb.connect(str(path), read_only=True)
    connection.execute("set enable_progress_bar = false")
    began = time.perf_counter()
    if what == "runs":
        events = connection.execute("select run, ts, type from events order by pos").df()
        opened = events[events["type"] == "RunStarted"].set_index("run")["ts"]
        over = events[events["type"].isin(["RunCompleted", "RunFailed", "RunCancelled"])].set_index("run")
        runs = pandas.DataFrame({"started": opened, "ended": over["ts"], "type": over["type"]})
        found = runs["type"].map({"RunCompleted": "completed", "RunFailed": "failed", "RunCancelled": "cancelled"})
        found = found.fillna("running").value_counts()
    else:
        events = connection.execute("select run, node, seq, ts, type from events order by pos").df()
        if what == "percentiles":
            tasks = events[events["type"].isin(["TaskStarted", *ENDS])].sort_values(["run", "node", "seq"])
            tasks["took"] = tasks.groupby(["run", "node"])["ts"].shift(-1) - tasks["ts"]
            found = tasks[tasks["type"] == "TaskStarted"].groupby("node")["took"].quantile(0.9) / 1e6
        else:
            events["delta"] = (events["type"] == "TaskStarted").astype(int) - events["type"].isin(ENDS)
            changes = events[events["delta"] != 0].sort_values("ts")
            level = changes["delta"].cumsum()
            found = level.groupby(changes["ts"] // 600_000_000).mean()
    return time.perf_counter() - began, found

took, found = {"ours": ours, "pandas": pandas_s}[sys.argv[1]](sys.argv[2], Path(sys.argv[3]))
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
answer = sorted((str(name), round(float(value), 3)) for name, value in found.items())
answer = answer if sys.argv[2] != "concurrency" else []
print(json.dumps([took, int(status["VmHWM"].split()[0]) / 1024, answer]))
"""


async def nap(seconds: float, order: int) -> dict[str, object]:
    """Takes its time, and gives what one says of an order."""
    await asyncio.sleep(seconds)
    return {"order": order, "status": "accepted", "amount": 45.3, "currency": "EUR", "customer": "c-00123"}


def orders() -> Flow:
    """Five tasks, two of them side by side."""
    flow = Flow("orders", {"order": "int"})
    names = ("fetch", "score", "check", "store", "notify")
    fetch, score, check, store, notify = (
        flow.task(name, "nap", seconds=took, order="=input.order")
        for name, took in zip(names, (0.5, 0.2, 0.9, 0.3, 0.1), strict=True)
    )
    fork, join = flow.fork("fork"), flow.join("join")
    flow.start >> fetch >> fork
    fork >> score >> join
    fork >> check >> join
    join >> store >> notify >> flow.end("end")
    return flow


def one_run() -> tuple[list[tuple[int, int, str, str | None, str]], str, bytes]:
    """The events of a run: `seq`, time since its start, type, node and payload; its definition."""

    async def main() -> tuple[list[tuple[int, int, str, str | None, str]], str, bytes]:
        known = Registry()
        known.add(describe(nap))
        async with Engine(None, registry=known) as engine:
            run = engine.start(orders(), order=123456)
            await run
            records = engine.store.read(run.id)
        opening = records[0].event
        assert isinstance(opening, RunStarted)
        made = [(record, row(record.event, record.ts)) for record in records]
        events = [(r.seq, r.ts - records[0].ts, e.type, e.node, e.payload.decode()) for r, e in made]
        return events, opening.definition, engine.store.definition(opening.definition)

    return virtual_time(main())


def write(path: Path, count: int) -> int:
    """Make a history of so many events: one run over and over, each at its own speed; gives how many runs."""
    events, hash_, document = one_run()
    store = DuckDBStore(path)
    store.define(hash_, document)
    store.close()
    runs = count // len(events)
    with duckdb.connect(str(path), config={"memory_limit": "4GB", "threads": 2}) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute("create temp table one (seq integer, after bigint, type text, node text, payload text)")
        connection.executemany("insert into one values (?, ?, ?, ?, ?)", events)
        connection.execute(
            """insert into events
            select row_number() over (order by ts, run, seq), run, 1, seq, ts, type, node, payload::json from (
                select
                    'orders-' || i as run, seq, type, node, replace(payload, '123456', i::varchar) as payload,
                    1700000000000000 + i * 100000 + (after * (0.5 + hash(i) % 1000 / 1000))::bigint as ts
                from range(?) r (i), one
            ) order by 1""",
            [runs],
        )
    return runs


def ask(who: str, what: str, path: Path) -> tuple[float, float, list[object]]:
    """Seconds, MB at most and the answer, in a process of its own."""
    told = subprocess.run([sys.executable, "-c", ASK, who, what, str(path)], check=True, capture_output=True, text=True)
    took, memory, answer = json.loads(told.stdout)
    return took, memory, answer


def measured(count: int) -> Iterator[Row]:
    """Three questions, to us and to pandas in turn."""
    marks = {"percentiles": 3.0, "concurrency": 1.0, "runs": 4.0}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "many.duckdb"
        runs = write(path, count)
        name = f"{count // MILLION}M events of {runs:,} runs"
        for what, mark in marks.items():
            ours, peers = [], []
            for _ in range(ROUNDS):
                ours.append(ask("ours", what, path))
                peers.append(ask("pandas", what, path))
            assert ours[0][2] == peers[0][2], f"{what}: another answer than that of pandas"
            took, memory = min(one[0] for one in ours), max(one[1] for one in ours)
            peer = min(one[0] for one in peers)
            yield Row(f"{name}: {what}", took, peer, "s", "pandas, load included", 0.5)
            if count >= 10 * MILLION:
                yield Row(f"{name}: {what}", took, mark, "s", "the mark, two quiet cores", 1.0)
            yield Row(f"{name}: {what}, memory", memory, MEMORY_MARK, "MB", "the mark", 1.0)


@bench
def measuring() -> Iterator[Row]:
    """A million events."""
    yield from measured(MILLION)


@bench_if_asked
def measuring_most() -> Iterator[Row]:
    """Ten million events."""
    yield from measured(10 * MILLION)
