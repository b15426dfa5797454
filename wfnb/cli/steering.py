"""`wfnb pause`, `retry` and `fork`: the course of runs that a history has."""

from __future__ import annotations

import argparse
import asyncio
import json

from wfnb.cli.parts import Unusable, existing, full_id, given_values, import_all, print_line
from wfnb.cli.running import report
from wfnb.engine.engine import Engine


def pause_run(options: argparse.Namespace) -> int:
    """Record that a run is paused; `wfnb resume RUN` lets it go on."""
    existing(options.history)

    async def pause() -> int:
        async with Engine(options.history) as engine:
            run = engine.run(full_id(engine, options.run))
            run.pause(options.reason)
            if options.json:
                print_line({"run": run.id, "status": run.status, "events": run.state.seq})
            else:
                print(f"run {run.id} is paused; `wfnb resume {run.id} --history {options.history}` goes on")
            return 0

    return asyncio.run(pause())


def retry_run(options: argparse.Namespace) -> int:
    """Let a failed run go on where it failed, to its end; gives the exit code."""
    import_all(options.module)
    existing(options.history)

    async def retry() -> int:
        async with Engine(options.history) as engine:
            run = engine.run(full_id(engine, options.run))
            run.retry(options.node)
            return await report(run, options)

    return asyncio.run(retry())


def fork_run(options: argparse.Namespace) -> int:
    """Run part of a run again, with other values, to its end; gives the exit code."""
    import_all(options.module)
    existing(options.history)
    values = given_values(options.set, "--set")
    try:
        inputs = json.loads(options.input)
    except ValueError as error:
        raise Unusable(f"--input is not JSON: {error}") from None
    if not isinstance(inputs, dict):
        raise Unusable('--input is no JSON object\ngive the inputs that are different by name, such as {"url": "..."}')

    async def fork() -> int:
        async with Engine(options.history) as engine:
            run = engine.run(full_id(engine, options.run))
            made = (
                run.run_from(options.node)
                if options.node
                else run.fork(at=options.at, values=values, inputs=inputs or None)
            )
            return await report(made, options)

    return asyncio.run(fork())
