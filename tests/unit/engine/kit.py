"""What the engine's tests build on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from wfnb.author.flow import Flow, flow
from wfnb.author.registry import Registry
from wfnb.engine.run import Run
from wfnb.model.activity import Activity, describe
from wfnb.model.workflow import Retry


class Activities(Registry):
    """A registry of a test's own, whose `define` works as `@wf.activity` does."""

    def define(
        self,
        *,
        name: str | None = None,
        retry: Retry | None = None,
        timeout: float | None = None,
        heartbeat: float | None = None,
        executor: str = "",
    ) -> Callable[[Any], Activity]:
        return lambda function: self.add(
            describe(function, name=name, retry=retry, timeout=timeout, heartbeat=heartbeat, executor=executor)
        )


def chain(*tasks: str, **arguments: Any) -> Flow:
    """start >> task >> ... >> end; tasks are named after their activities, and all get the arguments."""
    made = flow("chain")
    at = made.start
    for task in tasks:
        at = at >> made.task(task, task, **arguments)
    at >> made.end()
    return made


def types(run: Run) -> list[str]:
    """The types of a run's events."""
    return [type(record.event).__name__ for record in run.records()]


async def until(holds: Callable[[], object]) -> None:
    """Let the loop turn until something holds."""
    while not holds():  # noqa: ASYNC110 - what is waited for knows no events
        await asyncio.sleep(0.001)
