"""What it costs to begin: processes that import wfnb, or run a first durable workflow, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

from tests.bench.measure import Row, bench, compared

FIRST_RUN = """
import asyncio, tempfile
import wfnb as wf

@wf.activity
async def one() -> int:
    return 1

async def main():
    with tempfile.TemporaryDirectory() as folder:
        wf.connect(f"{folder}/history.duckdb")
        flow = wf.flow("first")
        flow.start >> flow.task("one", one) >> flow.end()
        assert await wf.start(flow) == 1
        wf.close()

asyncio.run(main())
"""
TELL = """
try:
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    print(status["VmHWM"].split()[0])  # of this program alone; getrusage counts what it was forked from
except OSError:
    import resource, sys
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform == "darwin" else 1))
"""
ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
"""What an installed program has: its modules compiled once, and not each time that it begins."""


def seconds(code: str) -> Callable[[], float]:
    """Milliseconds from the start of a process to its end."""

    def measure() -> float:
        began = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, env=ENVIRONMENT)
        return (time.perf_counter() - began) * 1e3

    return measure


def peak(code: str) -> Callable[[], float]:
    """Most memory of a process that runs `code`, in MB."""

    def measure() -> float:
        told = subprocess.run(
            [sys.executable, "-c", code + "\n" + TELL], check=True, capture_output=True, text=True, env=ENVIRONMENT
        ).stdout
        return int(told) / 1024

    return measure


@bench
def importing() -> Iterator[Row]:
    """`import wfnb`, which loads next to nothing."""
    empty = "an empty interpreter"
    yield compared("import wfnb, time", seconds("import wfnb"), seconds("pass"), unit="ms", against=empty, mark=8.0)
    yield compared("import wfnb, memory", peak("import wfnb"), peak("pass"), unit="MB", against=empty)


@bench
def first_run() -> Iterator[Row]:
    """The first durable run of a fresh process."""
    floor = "import duckdb"
    figure = compared("first durable run, time", seconds(FIRST_RUN), seconds(floor), unit="ms", against=floor)
    yield figure
    yield Row("", figure.figure, 600.0, "ms", "0.6 s", 1.0)
    figure = compared("first durable run, memory", peak(FIRST_RUN), peak(floor), unit="MB", against=floor)
    yield figure
    yield Row("", figure.figure, 90.0, "MB", "90 MB", 1.0)
