"""What the killed process does: every construct at once on one DuckDB file, in time that goes by faster.

Its clock begins where the history ends, as if no time had passed while no process was there.
"""

from __future__ import annotations

import asyncio
import json
import selectors
import time
from functools import partial
from typing import Any

from tests.constructs import constructs
from tests.runner import act, answer, over, registry
from wfnb.engine.engine import Engine
from wfnb.testing.clock import EPOCH

SPEED = 10
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


def main(history: str) -> None:
    """Take up what is open of a history, begin what is not there, and live to the end of all; tells the runs' ids."""
    with asyncio.Runner(loop_factory=FastLoop) as runner:
        print(json.dumps(runner.run(_main(history))), flush=True)


async def _main(history: str) -> dict[str, str]:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, FastLoop)
    async with Engine(history, registry=registry(partial(print, flush=True))) as engine:
        known, began = {}, 0.0
        for head in engine.store.heads():
            records = engine.store.read(head.run)
            began = max(began, (records[-1].ts - EPOCH) / 1e6)
            if "/" not in head.run:
                known[getattr(records[0].event, "workflow", "")] = head.run
        everything = constructs()
        loop.begin(began)
        await engine.resume()
        runs = {
            one.name: engine.run(known[one.name]) if one.name in known else engine.start(one.workflow)
            for one in everything
        }
        for one in everything:
            for at, what in one.acts.items():
                loop.call_at(at, act, runs[one.name], what, at)  # again, too: it may not have been recorded
        answers = [asyncio.ensure_future(answer(run)) for run in runs.values()]
        for name, run in runs.items():
            if run.state.status == "running":
                await over(run)
            print("over", name, flush=True)
        for waiting in answers:
            waiting.cancel()
        while engine.runs:  # noqa: ASYNC110 - children that take back what they did tell nobody
            await asyncio.sleep(1)
        return {name: run.id for name, run in runs.items()}
