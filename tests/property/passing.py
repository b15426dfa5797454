"""A process of its own that passes a large table on, then makes many results, and tells what that took.

Arguments: the path of a history, the rows of the table (64 bytes each), how many runs, bytes of the result of each.
"""

from __future__ import annotations

import asyncio
import json
import sys
import threading
import time
from typing import Any

import numpy as np
import pandas as pd  # noqa: TID253 - a test may
import psutil

import wfnb as wf

PATH, (ROWS, RUNS, BYTES) = sys.argv[1], map(int, sys.argv[2:])


@wf.activity
def make() -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(0).random((ROWS, 8)), copy=False)


@wf.activity
def same(x: Any) -> Any:
    return x


@wf.activity
def result(n: int) -> bytes:
    return np.random.default_rng(n).bytes(BYTES)


@wf.activity
def size(x: Any) -> int:
    return len(x)


def flows() -> tuple[wf.Flow, wf.Flow, wf.Flow]:
    """The table is passed on; a result is; what is given is measured."""
    passing = wf.flow("passing")
    a, b, c = passing.task("a", make), passing.task("b", same, x="=a"), passing.task("c", same, x="=b")
    passing.start >> a >> b >> c >> passing.task("d", size, x="=c") >> passing.end(output="=c")
    many = wf.flow("many", {"n": "int"})
    many.start >> many.task("r", result, n="=input.n") >> many.task("s", size, x="=r") >> many.end(output="=r")
    given = wf.flow("given", {"x": "any"})
    given.start >> given.task("s", size, x="=input.x") >> given.end()
    return passing, many, given


class Watch:
    """The most memory that the process has had, in bytes, looked at every 5 ms."""

    def __init__(self) -> None:
        self.memory = psutil.Process().memory_info
        self.before = self.most = self.memory().rss
        self.done = False
        threading.Thread(target=self.look, daemon=True).start()

    def look(self) -> None:
        while not self.done:
            self.most = max(self.most, self.memory().rss)
            time.sleep(0.005)


async def main() -> None:
    passing, many, given = flows()
    async with wf.Engine(PATH) as engine:
        await engine.start(many, n=RUNS)
        await engine.start(given, x=pd.DataFrame({"a": [1.5]}))  # so that all that is loaded once is loaded
        watch = Watch()
        run = engine.start(passing)
        output = await run
        one = all(run.state.values[node] is output for node in "abc")  # noqa: PD011 - no table
        table = watch.most
        for started in [engine.start(many, n=n) for n in range(RUNS)]:
            await started
        watch.done = True
        await engine.store.flush()
        stored = engine.sql('select codec, count(distinct hash) n, sum(size) size from "values" group by 1')
        told = {row["codec"]: [int(row["n"]), int(row["size"])] for row in stored.to_dict("records")}
        print(
            json.dumps({"before": watch.before, "table": table, "most": watch.most, "one object": one, "stored": told})
        )


if __name__ == "__main__":
    asyncio.run(main())
