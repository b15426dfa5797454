"""What the killed process does: every construct at once on one history, in time that goes by faster.

Its clock begins where the history ends, as if no time had passed while no process was there.  It tells what begins, and
what is acknowledged.  What may befall it, besides being killed:

    limit:N     no file can be longer than N bytes, as if the disk were full
    fails:N     the N-th write fails, and nothing of it is on the disk
    late:N      the N-th write fails, but what it wrote is there
"""

from __future__ import annotations

import asyncio
import errno
import json
import selectors
import sys
import time
from collections.abc import Sequence
from functools import partial
from typing import Any

from tests.constructs import constructs
from tests.runner import act, answer, over, registry
from wfnb.engine.engine import Engine
from wfnb.errors import StoreError
from wfnb.store.commits import Append, Commits, Work
from wfnb.store.duckdb import DuckDBStore
from wfnb.store.protocol import Acknowledged, Row
from wfnb.testing.clock import EPOCH

SPEED = 20
"""How much faster time goes by than `tests.constructs` says."""


class FastLoop(asyncio.SelectorEventLoop):
    """An event loop whose seconds are shorter."""

    def __init__(self) -> None:
        super().__init__(_Selector())
        self.begin(0)

    def begin(self, seconds: float) -> None:
        """Let it be this time now."""
        self.offset = seconds
        self._begun = time.monotonic()

    def time(self) -> float:
        return self.offset + (time.monotonic() - self._begun) * SPEED

    def clock(self) -> int:
        return EPOCH + round(self.time() * 1e6)


class _Selector(selectors.DefaultSelector):
    def select(self, timeout: float | None = None) -> Any:
        return super().select(timeout if timeout is None else timeout / SPEED)


tell = partial(print, flush=True)


class _Told:
    """Passes an acknowledgement on, and tells it."""

    def __init__(self, waits: Acknowledged, what: str) -> None:
        self.get_loop, self.done, self.set_exception = waits.get_loop, waits.done, waits.set_exception
        self._waits, self._what = waits, what

    def set_result(self, result: None, /) -> None:
        tell("safe", self._what)
        self._waits.set_result(result)


class _TellingStore(DuckDBStore):
    """Tells each acknowledgement; mixed into the class of the store that it is."""

    def append(
        self,
        run: str,
        epoch: int,
        expected: int,
        rows: Sequence[Row],
        acknowledged: Acknowledged | None = None,
    ) -> None:
        told = acknowledged and _Told(acknowledged, f"{run} {expected + len(rows)}")
        super().append(run, epoch, expected, rows, told)


def main(history: str, fault: str = "") -> None:
    """Take up what is open of a history, begin what is not there, and live to the end of all; tells the runs' ids.

    Ends with code 3 where the history can not be written.
    """
    kind, _, number = fault.partition(":")
    if kind == "limit":
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (int(number), resource.RLIM_INFINITY))
    try:
        with asyncio.Runner(loop_factory=FastLoop) as runner:
            tell(json.dumps(runner.run(_main(history, kind, int(number or 0)))))
    except StoreError as error:
        tell(json.dumps({"failed": str(error)}))
        sys.exit(3)


async def _main(history: str, kind: str, number: int) -> dict[str, str]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, FastLoop)
    async with Engine(history, registry=registry(partial(tell, "begun"))) as engine:
        store = engine.store
        assert isinstance(store, DuckDBStore)
        store.__class__ = type("Telling", (_TellingStore, type(store)), {})
        known, began = {}, 0.0
        for head in store.heads():
            records = store.read(head.run)
            began = max(began, (records[-1].ts - EPOCH) / 1e6)
            if "/" not in head.run:
                known[getattr(records[0].event, "workflow", "")] = head.run
        everything = constructs()
        loop.begin(began)
        if kind in ("fails", "late"):
            _failing(store._writer, number, late=kind == "late")
        await engine.resume()
        runs = {
            one.name: engine.run(known[one.name]) if one.name in known else engine.start(one.workflow)
            for one in everything
        }
        for one in everything:
            for at, what in one.acts.items():
                loop.call_at(at, act, runs[one.name], what, at)  # again, too: it may not have been recorded
        answers = [asyncio.ensure_future(answer(run)) for run in runs.values()]
        await asyncio.gather(*(over(run) for run in runs.values() if run.state.status == "running"))
        for waiting in answers:
            waiting.cancel()
        while engine.runs:  # noqa: ASYNC110 - children that take back what they did tell nobody
            await asyncio.sleep(1)
        return {name: run.id for name, run in runs.items()}


def _failing(writer: Commits, number: int, *, late: bool) -> None:
    """Let a write fail, not counting those that have no event."""
    write, left = writer._write, [number]

    def failing(batch: Sequence[Work]) -> None:
        left[0] -= any(type(work) is Append and work.rows for work in batch)
        if left[0] > 0:
            write(batch)
            return
        if late:
            write(batch)
        raise OSError(errno.EIO, "Input/output error")

    writer._write = failing  # type: ignore[method-assign]
