"""The verbs of a notebook, in a shell.

Exit codes: 0 all is well, 1 a workflow has errors or a run failed, 2 what was given can not be used, 3 a run is left
with nothing but signals or approvals to wait for.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import importlib.util
import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from msgspec import UNSET

from wfnb import formats
from wfnb.author import builtins
from wfnb.author.registry import Registry, registry
from wfnb.author.resolve import resolver
from wfnb.engine.engine import Engine
from wfnb.engine.recording import preview, storable, unstored
from wfnb.engine.run import Run
from wfnb.errors import InputError, RunError, StoreError, WfnbError
from wfnb.formats.pnml import write as write_net
from wfnb.machine.check import check, check_net
from wfnb.machine.compiler import compile_workflow
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.net import Net
from wfnb.machine.report import Report
from wfnb.machine.soundness import decide
from wfnb.model.activity import Activity, describe
from wfnb.model.event import TaskStarted, Unstored
from wfnb.version import __version__

if TYPE_CHECKING:
    from pandas import DataFrame


PATIENCE = 0.02
"""Seconds between two looks at whether a run only waits for people."""


class Unusable(Exception):
    """What was given on the command line can not be used."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.command(options)
        sys.stdout.flush()  # here, where a reader that has left can be told apart from an error
    except BrokenPipeError:
        # Whoever read has seen enough; the interpreter would complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except (WfnbError, Unusable, OSError, ValueError, KeyError) as error:
        print(f"wfnb: {_said(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("wfnb: interrupted; `wfnb resume` takes the run up again", file=sys.stderr)
        return 130
    return code


def _said(error: Exception) -> str:
    """An error in the words of a shell: what is wrong, and what to do about it."""
    match error:
        case FileNotFoundError() if error.filename:
            return f"there is no file '{error.filename}'\ngive the path of one that exists"
        case OSError() if error.filename and error.strerror:
            return f"'{error.filename}' can not be used: {error.strerror.lower()}"
        case InputError():
            what, _, cure = str(error).partition("\n")
            in_python = cure.startswith("start it with")
            return f"{what}\n" + ("give it as --input '{\"name\": value}'" if in_python else cure)
        case KeyError() if error.args:
            return str(error.args[0])
        case _:
            return str(error)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="wfnb", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--version", action="version", version=f"wfnb {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, help: str) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help, description=help)
        made.set_defaults(command=run)
        return made

    def with_modules(made: argparse.ArgumentParser) -> None:
        made.add_argument("--module", action="append", default=[], help="module or .py file that defines activities")

    def with_history(made: argparse.ArgumentParser) -> None:
        made.add_argument("--history", required=True, metavar="DB", help="the DuckDB file")

    def with_table(made: argparse.ArgumentParser) -> None:
        form = made.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="one JSON object a line")
        form.add_argument("--csv", action="store_true")

    checked = command("check", _check, "say what is wrong with workflows; runs nothing")
    checked.add_argument("file", nargs="+", metavar="FILE")
    with_modules(checked)
    checked.add_argument("--json", action="store_true", help="one JSON object a file")

    run = command("run", _run, "run a workflow to its end")
    run.add_argument("file", metavar="FILE")
    run.add_argument("--input", default="{}", metavar="JSON|@FILE", help="the inputs, as a JSON object")
    run.add_argument("--history", metavar="DB", help="the DuckDB file; in memory if left out")
    with_modules(run)
    run.add_argument("--mock", action="store_true", help="run no activity: each task gives null at once")
    run.add_argument("--speed", type=float, default=1000.0, metavar="X", help="how much faster recorded tasks run")
    run.add_argument("--durability", choices=("sync", "async"), default="sync")
    run.add_argument("--allow-unsound", action="store_true", help="run it even though it is proved not to be sound")
    run.add_argument("--json", action="store_true")

    resume = command("resume", _resume, "take up the unfinished runs of a history")
    with_history(resume)
    with_modules(resume)
    resume.add_argument("--json", action="store_true", help="one JSON object a run")

    for name, help, answers in (
        ("signal", "tell a run that something happened", False),
        ("approve", "answer what a run asks", True),
    ):
        told = command(name, _tell, help)
        told.set_defaults(answers=answers)
        told.add_argument("run", metavar="RUN", help="its id, or the beginning of it")
        told.add_argument("name", metavar="NAME", help="the approval" if answers else "the signal")
        told.add_argument("value", nargs="?", metavar="JSON", help="the answer" if answers else "what it brings")
        if not answers:
            told.add_argument("--id", default="", help="a second signal with the same id is absorbed")
        with_history(told)
        told.add_argument("--json", action="store_true")

    convert = command("convert", _convert, "write a workflow or a net in another format, by its suffix")
    convert.add_argument("source", metavar="SRC")
    convert.add_argument("target", metavar="DST")

    runs = command("runs", lambda o: _table(o, "runs"), "list the runs of a history")
    with_history(runs)
    with_table(runs)
    for name, what in (("events", "the events of a run"), ("tasks", "the task attempts of a run")):
        table = command(name, lambda o, name=name: _table(o, name), f"list {what}")
        table.add_argument("run", metavar="RUN", help="its id, or the beginning of it")
        with_history(table)
        with_table(table)

    replay = command("replay", _replay, "the state of a run after event N; executes nothing")
    replay.add_argument("run", metavar="RUN", help="its id, or the beginning of it")
    with_history(replay)
    replay.add_argument("--at", type=int, metavar="N", help="the last event if left out; 0 is the empty state")
    replay.add_argument("--json", action="store_true")
    return parser


# --------------------------------------------------------------------------------------------------- commands


def _check(options: argparse.Namespace) -> int:
    _import(options.module)
    worst = 0
    for file in options.file:
        try:
            loaded = formats.load(file)
            began = time.perf_counter()
            if isinstance(loaded, Net):
                sound = decide(loaded)
                taken = time.perf_counter() - began
                report = check_net(loaded, sound)
            else:
                resolve = resolver(registry, Path(file).parent)
                report = check(loaded, registry, resolve, all_known=bool(options.module))
                taken = time.perf_counter() - began
        except (WfnbError, OSError) as error:
            worst = 2
            if options.json:
                what, _, cure = _said(error).partition("\n")
                unreadable = Diagnostic(type(error).__name__, "error", what, cure)
                _line({**_checked(file, None, 0.0), "diagnostics": [_told(unreadable)]})
            else:
                print(f"{file}: {_said(error)}", file=sys.stderr)
            continue
        worst = max(worst, 0 if report.ok else 1)
        if options.json:
            _line(_checked(file, report, taken * 1e3))
        else:
            print(f"{file}: {report}")
    return worst


def _checked(file: str, report: Report | None, ms: float) -> dict[str, Any]:
    verdicts = {"proved": "sound", "refuted": "unsound", "unknown": "unknown"}
    sound = report.properties["sound"] if report else None
    return {
        "file": file,
        "ok": report.ok if report else False,
        "verdict": verdicts[sound.verdict] if sound else "unknown",
        "diagnostics": [_told(found) for found in report.diagnostics] if report else [],
        "trace": list(sound.trace) if sound else [],
        "states": report.states if report else 0,
        "ms": round(ms, 3),
    }


def _told(found: Diagnostic) -> dict[str, Any]:
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "help": found.help,
        "nodes": list(found.nodes),
        "edges": list(found.edges),
    }


def _run(options: argparse.Namespace) -> int:
    _import(options.module)
    text = options.input
    try:
        given = json.loads(Path(text[1:]).read_text(encoding="utf-8") if text.startswith("@") else text)
    except json.JSONDecodeError as error:
        raise Unusable(f"--input is not JSON: {error}") from None
    if not isinstance(given, dict):
        raise Unusable('--input is no JSON object\ngive the inputs by name, such as {"url": "..."}')
    workflow = formats.load_workflow(options.file, speed=options.speed)

    async def run_to_its_end() -> int:
        known = _Mocks() if options.mock else registry
        resolve = resolver(registry, Path(options.file).parent)
        async with Engine(options.history, durability=options.durability, registry=known) as engine:
            machine = compile_workflow(workflow, known, resolve)
            run = engine.start(machine, input=given, allow_unsound=options.allow_unsound)
            return await _report(run, as_json=options.json)

    return asyncio.run(run_to_its_end())


def _resume(options: argparse.Namespace) -> int:
    _import(options.module)
    _existing(options.history)

    async def resume_all() -> int:
        async with Engine(options.history) as engine:
            codes = [await _report(run, as_json=options.json) for run in await engine.resume()]
            return max(codes, default=0)

    return asyncio.run(resume_all())


async def _report(run: Run, *, as_json: bool) -> int:
    """Wait for a run, until nothing is left but signals and approvals, and print what became of it."""
    over = asyncio.ensure_future(_over(run))
    while not over.done() and run.status != "waiting":
        await asyncio.wait({over}, timeout=PATIENCE)
    if over.done():
        over.result()
    else:
        over.cancel()
    order = [r.event.node for r in run.records() if isinstance(r.event, TaskStarted) and r.event.attempt == 1]
    problem = run.error
    told = {
        "run": run.id,
        "status": run.status,
        "output": _plain(run.output),
        "error": {"type": problem.type, "message": problem.message} if problem else None,
        "tasks": order,
        "events": run.state.seq,
    }
    if as_json:
        _line(told)
    else:
        print(f"run {run.id} of '{run.machine.name}' {run.status} after {run.state.seq} events")
        if problem is not None:
            print(f"  {problem.node or 'run'}: {problem.type}: {problem.message}")
        elif run.status == "completed":
            print(f"  output: {preview(run.output)}")
        for asked in run.approvals:
            print(f"  asks at '{asked.node}': {asked.prompt or 'for an answer'}")
    return {"completed": 0, "waiting": 3}.get(run.status, 1)


async def _over(run: Run) -> None:
    try:
        await run
    except StoreError:
        raise
    except RunError:
        pass


def _tell(options: argparse.Namespace) -> int:
    """Record a signal or an answer; `wfnb resume` goes on from there."""
    _existing(options.history)
    try:
        value = json.loads(options.value) if options.value is not None else (True if options.answers else None)
    except json.JSONDecodeError as error:
        raise Unusable(f"{options.value!r} is not JSON: {error}\nquote text twice, as in '\"yes\"'") from None

    async def tell() -> int:
        async with Engine(options.history) as engine:
            run = engine.run(_full_id(engine, options.run))
            if options.answers:
                run.approve(options.name, value)
            else:
                run.signal(options.name, value, id=options.id)
            told = {"run": run.id, "status": run.status, "events": run.state.seq}
            if options.json:
                _line(told)
            else:
                print(f"run {run.id} took note of it; `wfnb resume --history {options.history}` goes on")
            return 0

    return asyncio.run(tell())


def _convert(options: argparse.Namespace) -> int:
    """Write a workflow in another format."""
    loaded = formats.load(options.source)
    if isinstance(loaded, Net):
        if not options.target.endswith(".pnml"):
            raise Unusable(f"'{options.source}' is a net, which becomes no '{options.target}'\nknown suffixes: .pnml")
        Path(options.target).write_text(write_net(loaded, Path(options.source).stem), encoding="utf-8")
    else:
        resolve = resolver(registry, Path(options.source).parent)
        formats.save(loaded, options.target, resolve)
    return 0


def _table(options: argparse.Namespace, name: str) -> int:
    from wfnb.history import frames  # noqa: PLC0415 - pandas is loaded when a table is asked for

    with _opened(options.history) as engine:
        if name == "runs":
            frame = frames.runs(engine.store)
        else:
            run = _full_id(engine, options.run)
            frame = frames.events(engine.store, run) if name == "events" else frames.tasks(engine.store, run)
    _print_frame(frame, options)
    return 0


def _print_frame(frame: DataFrame, options: argparse.Namespace) -> None:
    if options.json:
        text = frame.to_json(orient="records", lines=True, date_format="iso", date_unit="us", default_handler=str)
        print(text, end="" if text.endswith("\n") else "\n")
    elif options.csv:
        print(frame.to_csv(index=False), end="")
    else:
        print("nothing yet" if frame.empty else frame.to_string(index=False, max_colwidth=60))


def _replay(options: argparse.Namespace) -> int:
    with _opened(options.history) as engine:
        from wfnb.engine.past import past_state  # noqa: PLC0415

        run = _full_id(engine, options.run)
        machine, state = past_state(engine.store, run, options.at)
    ids = machine.ids
    told = {
        "run": run,
        "at": state.seq,
        "workflow": state.workflow,
        "status": state.status,
        "input": _plain(state.input),
        "values": _plain(state.values),
        "ready": [ids[node] for node in state.ready],
        "running": [ids[node] for node in state.busy],
        "waiting": [ids[node] for node in state.arrived],
        "output": _plain(state.output),
        "error": {"type": state.error.type, "message": state.error.message} if state.error else None,
    }
    if options.json:
        _line(told)
    else:
        for key, value in told.items():
            print(f"{key:<9} {value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)}")
    return 0


# ------------------------------------------------------------------------------------------------------ parts


class _Mocks(Registry):
    """Knows every activity: each takes anything and gives None."""

    def __getitem__(self, name: str) -> Activity:
        async def mock(**_: Any) -> None:
            return None

        return describe(mock, name=name)

    def get(self, name: str, default: Any = None) -> Any:
        del default
        return self[name]


class _opened:  # noqa: N801 - reads as a verb where it is used
    """An engine on an existing history, closed at the end."""

    def __init__(self, history: str) -> None:
        _existing(history)
        self.engine = Engine(history)

    def __enter__(self) -> Engine:
        return self.engine

    def __exit__(self, *_: object) -> None:
        self.engine.close()


def _existing(history: str) -> None:
    if not Path(history).exists():
        raise Unusable(f"there is no history at '{history}'\n`wfnb run FILE --history {history}` makes one")


def _full_id(engine: Engine, beginning: str) -> str:
    ids = [head.run for head in engine.store.heads() if head.run.startswith(beginning)]
    if beginning in ids:
        return beginning
    if len(ids) != 1:
        raise Unusable(f"{len(ids) or 'no'} runs begin with '{beginning}'\n`wfnb runs --history DB` lists them")
    return ids[0]


def _import(modules: Sequence[str]) -> None:
    """Import what the person named on the command line; documents never cause an import."""
    builtins.define()
    for module in modules:
        try:
            if module.endswith(".py"):
                _import_file(Path(module))
            else:
                if "" not in sys.path:
                    sys.path.insert(0, "")
                importlib.import_module(module)
        except (Exception, SystemExit) as error:
            raise Unusable(f"module '{module}' can not be imported: {type(error).__name__}: {error}") from error


def _import_file(file: Path) -> None:
    # Under a name of its own where a module has that name already, such as Python's own `queue`.
    name = f"wfnb_module_{file.stem}" if file.stem in sys.modules else file.stem
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise Unusable(f"'{file}' is no Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)


def _plain(value: Any) -> Any:
    """JSON for what is JSON, a short text for what is not."""
    if isinstance(value, Unstored):
        return f"<{value.type}> {value.preview}"
    if unstored(value) is UNSET:
        return msgspec.to_builtins(value)
    if isinstance(value, dict):
        return {storable(str(key)): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return preview(value)


def _line(told: dict[str, Any]) -> None:
    print(json.dumps(told, ensure_ascii=False, default=preview), flush=True)


def _names() -> Iterator[str]:
    """Every command; a test keeps the documentation complete."""
    for action in _parser()._subparsers._group_actions:  # type: ignore[union-attr]  # noqa: SLF001
        yield from action.choices  # type: ignore[misc]


if __name__ == "__main__":
    sys.exit(main())
