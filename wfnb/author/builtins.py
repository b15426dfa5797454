"""Activities that come with wfnb, for imported workflows and first trials."""

from __future__ import annotations

import asyncio

from wfnb.author.registry import registry
from wfnb.model.activity import describe


async def wfformat_task(runtime: float, speed: float = 1000.0) -> float:
    """Take as long as a recorded task did, divided by `speed`; gives the recorded seconds."""
    await asyncio.sleep(runtime / speed)
    return runtime


_FUNCTIONS = (wfformat_task,)


def define() -> None:
    """Put the built-in activities into the registry, where nobody defined others of the same name."""
    for function in _FUNCTIONS:
        if function.__name__ not in registry:
            registry.add(describe(function, builtin=True))
