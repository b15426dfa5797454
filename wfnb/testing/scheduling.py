"""A workflow under many seeded schedules: what is ready at the same time happens in another order each time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from wfnb.author.flow import Flow
from wfnb.author.registry import Registry
from wfnb.author.registry import registry as default_registry
from wfnb.engine.engine import Engine
from wfnb.engine.run import Run
from wfnb.errors import RunError
from wfnb.machine.machine import Machine
from wfnb.model.activity import Activity, describe
from wfnb.model.event import TaskCompleted
from wfnb.model.workflow import Workflow
from wfnb.testing.clock import virtual_time

Activities: TypeAlias = Registry | Mapping[str, Callable[..., Any]] | Iterable[Callable[..., Any] | Activity]
"""A registry, functions by the name of their activity, or functions that are called as their activities are."""
Acts: TypeAlias = Mapping[float, Callable[[Run], object]]
"""What happens outside, by second: signals, answers."""
HOURS = 1_000
"""Virtual hours after which a run counts as one that waits for what never comes."""


class ScheduleFailed(AssertionError):
    """Under some schedule a workflow does not do what it should; the exception behind it is the `__cause__`.

    Attributes:
        seed: of the schedule; `schedules(..., seeds=[seed])` gives it again.
    """

    def __init__(self, message: str, seed: int) -> None:
        super().__init__(message)
        self.seed = seed


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended under one schedule.

    Attributes:
        seed: of the schedule.
        status: of the run.
        output: what it gave.
        error: type and message of what it failed with, empty if it did not.
        order: the ids of its tasks as they were completed.
    """

    seed: int
    status: str
    output: Any
    error: str
    order: tuple[str, ...]


def schedules(
    flow: Flow | Workflow | Machine | str | Path,
    activities: Activities | None = None,
    *,
    seeds: int | Iterable[int] = 100,
    input: Mapping[str, Any] | None = None,
    acts: Acts | None = None,
    check: Callable[[Run], object] | None = None,
    alike: bool = True,
) -> list[Ended]:
    """Run a workflow once a seed, in virtual time and in memory; a pause of an hour takes no time.

    Args:
        flow: the workflow.
        activities: what its tasks run; None for what `@wf.activity` has defined.
        seeds: so many schedules, or the seeds of those that are wanted.
        input: its inputs.
        acts: what happens outside, by second, such as `{5: lambda run: run.signal("paid", 3)}`.
        check: is called with each run when it is over, and raises where something is wrong.  Without it a run that does
            not complete is a failure.
        alike: whether all schedules must end alike, with one status, output and error.

    Returns:
        How each run ended, by seed.

    Raises:
        ScheduleFailed: a run did not end as it should; names the seed.
        CompileError, InputError: the workflow can not be started at all.
    """
    registry = registry_of(activities)
    found: list[Ended] = []
    for seed in range(seeds) if isinstance(seeds, int) else seeds:
        run = played(flow, registry, seed, dict(input or {}), acts or {})
        ended = _ended(run, seed)
        try:
            if check is not None:
                check(run)
            elif ended.status != "completed":
                raise AssertionError(f"the run {ended.status}: {ended.error}") from run.cause
        except Exception as error:
            raise _failed(run, seed, str(error) or type(error).__name__) from error
        found.append(ended)
        first = found[0]
        if alike and (ended.status, ended.output, ended.error) != (first.status, first.output, first.error):
            raise _failed(run, seed, f"it ends otherwise than with seed {first.seed}: {ended} and {first}")
    return found


def played(
    flow: Flow | Workflow | Machine | str | Path, registry: Registry, seed: int, input: dict[str, Any], acts: Acts
) -> Run:
    """A run in virtual time and under one schedule, until it is over.

    Raises:
        ScheduleFailed: it waits for what never comes.
    """

    async def main() -> Run:
        loop = asyncio.get_running_loop()
        async with Engine(registry=registry) as engine:
            run = engine.start(flow, input=input)
            for at, act in acts.items():
                loop.call_at(at, act, run)
            try:
                await asyncio.wait_for(asyncio.shield(_over(run)), HOURS * 3600)
            except TimeoutError:
                waits = ", ".join(f"'{one.node}' for a {one.kind}" for one in run.waits_for) or "nothing"
                raise _failed(run, seed, f"it waits for ever: {waits}") from None
            return run

    return virtual_time(main(), seed=seed)


async def _over(run: Run) -> None:
    with contextlib.suppress(RunError):  # it is looked at when it is over
        await run


def _failed(run: Run, seed: int, why: str) -> ScheduleFailed:
    text = f"workflow '{run.machine.name}' with seed {seed}: {why}\ntry it again with schedules(..., seeds=[{seed}])"
    return ScheduleFailed(text, seed)


def _ended(run: Run, seed: int) -> Ended:
    error = "" if run.error is None else f"{run.error.type}: {run.error.message}"
    order = tuple(record.event.node for record in run.records() if isinstance(record.event, TaskCompleted))
    return Ended(seed, run.status, run.output, error, order)


def registry_of(activities: Activities | None) -> Registry:
    """Activities as a registry."""
    if activities is None:
        return default_registry
    if isinstance(activities, Registry):
        return activities
    made = Registry()
    named = activities.items() if isinstance(activities, Mapping) else ((None, one) for one in activities)
    for name, one in named:
        made.add(one if isinstance(one, Activity) else describe(one, name=name))
    return made
