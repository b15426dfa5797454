"""The time machine on long runs: from a seek to the frame that is sent, a Gantt chart, and a state asked in SQL.

All of it is work of one thread, so that the processor's time tells, whoever else is busy.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from tests.bench.measure import Row, bench
from tests.bench.runs import chain, registry
from wfnb.engine.engine import Engine
from wfnb.history import frames, gantt
from wfnb.history.rows import task_rows
from wfnb.widgets.replay import RunSession

SEEKS = 60
SEEK_MARK = 100.0
GANTT_MARK = 1_000.0
"""Milliseconds: to the drawn frame, and to the drawn chart; what is measured here is the kernel's part of both."""


def milliseconds(*began: float) -> list[float]:
    """Between each two of these times."""
    return [(after - before) * 1e3 for before, after in pairwise(began)]


def seeks(session: RunSession, places: list[int]) -> list[float]:
    """What each takes, in milliseconds."""
    began = [time.process_time()]
    for at in places:
        session.receive({"type": "seek", "at": at})
        began.append(time.process_time())
    return milliseconds(*began)


async def measured() -> Iterator[Row]:
    rows: list[Row] = []
    async with Engine(registry=registry()) as engine:
        run = engine.start(chain(4_999))  # 10,000 events
        await run
        count = run.state.seq
        sent: set[int] = set()

        def send(message: dict[str, Any]) -> None:
            """A kernel keeps nothing of what it has sent; to keep it would be measured, too, as garbage."""
            if message["type"] == "frame":
                sent.add(message["at"])

        began = time.process_time()
        session = RunSession(run.host, run.id, send)
        (first,) = milliseconds(began, time.process_time())
        places = random.Random(1).choices(range(count + 1), k=SEEKS)
        cold = seeks(session, [count // 2])[0]
        seeks(session, [count])  # now it has been everywhere
        took = seeks(session, places)
        session.close()
        assert sent >= {*places}
        name = f"a run of {count:,} events"
        rows.append(Row(f"{name}: opened", first, GANTT_MARK, "ms", "the mark of a chart", 1.0))
        rows.append(Row(f"{name}: first seek, middle", cold, SEEK_MARK, "ms", "the mark, browser included", 1.0))
        rows.append(
            Row(f"{name}: slowest of {SEEKS} seeks", max(took), SEEK_MARK, "ms", "the mark, browser included", 1.0)
        )
        frames.table(engine.store, "state", run=run.id, at=1)  # the copy that SQL is asked of is made
        began = time.process_time()
        frames.table(engine.store, "state", run=run.id, at=count // 2)
        (asked,) = milliseconds(began, time.process_time())
        rows.append(Row(f"{name}: a state in SQL", asked, GANTT_MARK, "ms", "the mark of a chart", 1.0))
        run = engine.start(chain(1_000))
        await run
        began = time.process_time()
        gantt.specification(task_rows(engine.store, run.id), "")
        (made,) = milliseconds(began, time.process_time())
        rows.append(Row("Gantt chart of 1,000 tasks: made", made, GANTT_MARK, "ms", "the mark, drawing included", 1.0))
    return iter(rows)


@bench
def seeking() -> Iterator[Row]:
    """A run of 10,000 events, and a chart of 1,000 tasks."""
    yield from asyncio.run(measured())
