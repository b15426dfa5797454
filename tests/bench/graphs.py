"""What a task of a large graph costs: the largest recorded workflow of the corpus, replicated, with no-op tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.bench.measure import Row, bench, compared
from tests.bench.runs import by_hand, ours
from tests.corpus import WFINSTANCES, largest_wfinstance
from wfnb.formats.wfformat import read
from wfnb.machine.wellformed import MAX_NODES

A_DAG = {"unit": "µs a task", "against": "a DAG runner by hand"}


def replicated(tasks: list[dict[str, Any]], copies: int) -> list[list[int]]:
    """The parents of every task, by number, of so many copies side by side."""
    number = {task["id"]: index for index, task in enumerate(tasks)}
    one = [[number[parent] for parent in task.get("parents", [])] for task in tasks]
    return [[copy * len(one) + parent for parent in named] for copy in range(copies) for named in one]


@bench
def real() -> Iterator[Row]:
    """Once, and some thousand tasks of it."""
    if not WFINSTANCES.is_dir():
        return
    name, document = largest_wfinstance()
    tasks = document["workflow"]["specification"]["tasks"]
    copies = -(-2_000 // len(tasks))
    for times in (1, copies):
        parents = replicated(tasks, times)
        yield compared(
            f"{name.split('-')[0]} x {times} ({len(parents):,} tasks), memory",
            ours(read(document, copies=times), tasks=len(parents)),
            by_hand(parents),
            **A_DAG,
            mark=2.5 if times > 1 else None,
        )
    parents = replicated(tasks, copies)
    yield compared(
        f"{name.split('-')[0]} x {copies} ({len(parents):,} tasks), async",
        ours(read(document, copies=copies), durability="async", tasks=len(parents)),
        by_hand(parents),
        **A_DAG,
        mark=5.0,
    )


@bench
def huge() -> Iterator[Row]:
    """A hundred thousand tasks: as many at once in one run as a workflow may have, and as many runs as it takes."""
    if not WFINSTANCES.is_dir():
        return
    name, document = largest_wfinstance()
    tasks = document["workflow"]["specification"]["tasks"]
    few = -(-2_000 // len(tasks))
    many = MAX_NODES // len(read(document, copies=1).nodes)
    runs = -(-100_000 // (many * len(tasks)))
    parents, fewer = replicated(tasks, runs * many), replicated(tasks, few)
    figure = compared(
        f"{name.split('-')[0]} x {many}, {runs} runs ({len(parents):,} tasks)",
        ours(read(document, copies=many), runs=runs, tasks=len(parents) // runs),
        by_hand(parents),
        **A_DAG,
        mark=3.33,
        pairs=3,
    )
    yield figure
    small = compared("", ours(read(document, copies=few), tasks=len(fewer)), by_hand(fewer), **A_DAG, pairs=3)
    yield Row("the same, cost of a task", figure.figure, small.figure, "µs a task", f"one of {len(fewer):,}", 1.5)
