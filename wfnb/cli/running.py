"""`wfnb run`, `resume`, `signal` and `approve`: runs, and what comes to them from outside."""

from __future__ import annotations

import argparse
import asyncio
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from wfnb import formats
from wfnb.author.registry import registry
from wfnb.author.resolve import resolver
from wfnb.cli.parts import Mocks, Unusable, existing, full_id, given_values, import_all, plain, print_line
from wfnb.engine.engine import Engine
from wfnb.engine.handle import ApprovalRequest
from wfnb.engine.recording import preview
from wfnb.engine.run import Run
from wfnb.errors import RunError, StoreError
from wfnb.history.words import clock
from wfnb.machine.compiler import compile_workflow
from wfnb.model.event import TaskStarted

PATIENCE = 0.02
"""Seconds between two looks at whether a run only waits for people."""


def run_file(options: argparse.Namespace) -> int:
    """Run a workflow to its end; gives the exit code."""
    import_all(options.module)
    text = options.input
    try:
        given = json.loads(Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text)
    except json.JSONDecodeError as error:
        raise Unusable(f"--input is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise Unusable('--input is no JSON object\ngive the inputs by name, such as {"url": "..."}')
    workflow = formats.load_workflow(options.file, speed=options.speed)

    async def run_to_its_end() -> int:
        known = Mocks() if options.mock else registry
        resolve = resolver(registry, Path(options.file).parent)
        async with Engine(options.history, registry=known) as engine:
            machine = compile_workflow(workflow, known, resolve)
            run = engine.start(
                machine,
                input=given,
                allow_unsound=options.allow_unsound,
                durability=options.durability,
                strategy=options.strategy,
                key=options.key,
                breakpoints=options.breakpoint,
                pins=given_values(options.pin, "--pin"),
            )
            return await report(run, options)

    return asyncio.run(run_to_its_end())


def resume_runs(options: argparse.Namespace) -> int:
    """Take up what is unfinished; gives the worst exit code."""
    import_all(options.module)
    existing(options.history)

    async def resume_all() -> int:
        async with Engine(options.history) as engine:
            only = full_id(engine, options.run) if options.run else None
            found = await engine.resume(only)
            named = engine.runs.get(only or "")
            if named is not None and named.state.status == "running":
                named.resume()  # who names a run wants it to go on
            reports = [report(run, options) for run in found]
            if not reports and not options.json:
                print(f"run {only} is over: {engine.run(only).status}" if only else "no run is left to take up")
            return max(await asyncio.gather(*reports), default=0)  # each is told of when it is over

    return asyncio.run(resume_all())


async def report(run: Run, options: argparse.Namespace) -> int:
    """Wait for a run, until nothing is left but signals and approvals, and print what became of it."""
    over = asyncio.ensure_future(_over(run))
    asked: set[tuple[str, int]] = set()
    while not over.done() and not run.rests(timers=options.until_waiting):
        await asyncio.wait({over}, timeout=PATIENCE)
        if not over.done() and not run.rests(timers=options.until_waiting):
            _ask(run, asked)
    status = run.status if over.done() else "paused" if run.state.paused else "waiting"
    if over.done():
        over.result()
    else:
        over.cancel()
    if options.json:
        print_line(_told(run, status))
    else:
        print("\n".join(_lines(run, status, options)), flush=True)
    return {"completed": 0, "waiting": 3, "paused": 3}.get(status, 1)


def _told(run: Run, status: str) -> dict[str, Any]:
    """What became of a run, as JSON data."""
    order = [r.event.node for r in run.records() if isinstance(r.event, TaskStarted) and r.event.attempt == 1]
    problem = run.error
    told = {
        "run": run.id,
        "status": status,
        "output": plain(run.output),
        "error": {"type": problem.type, "message": problem.message} if problem else None,
        "tasks": order,
        "events": run.state.seq,
    }
    if status in ("waiting", "paused"):
        told["waits_for"] = [
            {"run": one.run, "node": one.node, "kind": one.kind, "signal": one.name or None, "due": one.due}
            for one in run.waits_for
        ]
    return told


def _lines(run: Run, status: str, options: argparse.Namespace) -> Iterator[str]:
    """What became of a run, in words."""
    count = run.state.seq
    yield f"run {run.id} of '{run.machine.name}' {status} after {count} event{'' if count == 1 else 's'}"
    problem = run.error
    if problem is not None:
        yield f"  {problem.node or 'run'}: {problem.type}: {problem.message}"
    elif status == "completed":
        yield f"  output: {preview(run.output)}"
    yield from map(_asking, run.approvals)
    if status in ("waiting", "paused"):
        yield from _waiting(run)
        yield from _ways_on(run, options)


def _waiting(run: Run) -> Iterator[str]:
    """What a run waits for besides the answers that it asks for."""
    if names := run.signals:
        yield f"  waits for the signal {' or '.join(map(repr, names))}"
    for one in run.waits_for:
        if one.run != run.id:
            yield f"  run {one.run} waits for {one}"
        elif one.due is not None:
            yield f"  waits at '{one.node}' until {clock(one.due)}"
        elif one.kind == "condition":
            yield f"  waits at '{one.node}' for a condition"


_EXAMPLES = {"bool": True, "int": 0, "float": 0.0}
"""What stands in an answer that is shown as an example, by the type of the field."""


def _ways_on(run: Run, options: argparse.Namespace) -> Iterator[str]:
    """The commands with which a run that waits goes on."""
    if options.history is None:
        yield "its history was in memory and is gone: with --history FILE a run goes on later"
        return
    yield "go on with"
    history = f"--history {shlex.quote(options.history)}"
    for one in run.waits_for:
        words = ["approve", one.run, one.node] if one.kind == "answer" else ["signal", one.run, one.name]
        if one.form:
            words.append(json.dumps({name: _EXAMPLES.get(kind, "...") for name, kind in one.form}))
        if one.kind in ("answer", "signal"):
            yield f"  wfnb {shlex.join(words)} {history}"
    modules = "".join(f" --module {shlex.quote(module)}" for module in options.module)
    yield f"  wfnb resume {run.id} {history}{modules}"


def _ask(run: Run, asked: set[tuple[str, int]]) -> None:
    """Say at once what a run that goes on asks of people: a timer may keep it for days."""
    for request in run.approvals:
        if (request.node, request.visit) not in asked:
            asked.add((request.node, request.visit))
            print(f"run {run.id}{_asking(request)}", file=sys.stderr, flush=True)


def _asking(request: ApprovalRequest) -> str:
    return f"  asks at '{request.node}': {request.prompt or 'for an answer'}"


async def _over(run: Run) -> None:
    try:
        await run
    except StoreError:
        raise
    except RunError:
        pass


def tell_run(options: argparse.Namespace) -> int:
    """Record a signal or an answer; `wfnb resume` goes on from there."""
    existing(options.history)
    try:
        value = json.loads(options.value) if options.value is not None else (True if options.answers else None)
    except json.JSONDecodeError as error:
        raise Unusable(f"{options.value!r} is not JSON: {error}\nquote text twice, as in '\"yes\"'") from None

    async def tell() -> int:
        async with Engine(options.history) as engine:
            run = engine.run(full_id(engine, options.run))
            if options.answers:
                run.approve(options.name, value)
            else:
                run.signal(options.name, value, id=options.id)
            told = {"run": run.id, "status": run.status, "events": run.state.seq}
            if options.json:
                print_line(told)
            else:
                print(f"run {run.id} took note of it; `wfnb resume {run.id} --history {options.history}` goes on")
            return 0

    return asyncio.run(tell())
