"""`wfnb runs`, `events`, `tasks` and `replay`: what happened."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from pandas import DataFrame


from wfnb.cli.parts import full_id, opened, plain, print_line
from wfnb.cli.tables import text_of
from wfnb.engine.past import past_machine
from wfnb.engine.recording import text_of_output
from wfnb.engine.waiting import Standing
from wfnb.errors import UnknownName, did_you_mean, listed
from wfnb.model.event import OutputCaptured, Record


def print_table(options: argparse.Namespace, name: str) -> int:
    """Print a table of the history."""
    from wfnb.history import frames  # noqa: PLC0415 - pandas is loaded when a table is asked for

    with opened(options.history) as engine:
        if name == "runs":
            waits = {id: (_status(run), run.text) for id, run in engine.waiting().items()}
            frame = frames.runs(engine.store, waits)
        else:
            run = full_id(engine, options.run)
            frame = frames.events(engine.store, run) if name == "events" else frames.tasks(engine.store, run)
    _print_frame(frame, name, options)
    return 0


def _status(standing: Standing) -> str:
    """In a shell every run that rests waits: nothing is in progress there."""
    return "paused" if standing.status == "paused" else "waiting"


def _print_frame(frame: DataFrame, name: str, options: argparse.Namespace) -> None:
    if options.json:
        text = frame.to_json(orient="records", lines=True, date_format="iso", date_unit="us", default_handler=str)
        print(text, end="" if text.endswith("\n") else "\n")
    elif options.csv:
        print(frame.map(_cell).to_csv(index=False), end="")
    else:
        print(text_of(frame, name))


def _cell(value: Any) -> Any:
    """What stands in a cell of a CSV file: values with parts are JSON, as they are with `--json`."""
    return json.dumps(plain(value), ensure_ascii=False) if isinstance(value, dict | list) else value


def print_logs(options: argparse.Namespace) -> int:
    """Print what the attempts of a run and of its children printed and logged, each line after its task."""
    with opened(options.history) as engine:
        run = full_id(engine, options.run)
        runs = [head.run for head in engine.store.heads() if head.run == run or head.run.startswith(f"{run}/")]
        records = [record for each in runs for record in engine.store.read(each)]
        ids = past_machine(engine.store, run).ids
    told = [(record, event) for record in records if isinstance(event := record.event, OutputCaptured)]
    known = {*ids, *(event.node for _, event in told)}
    if options.task is not None and options.task not in known:
        meant = did_you_mean(options.task, known)
        raise UnknownName(f"run '{run}' has no task '{options.task}'\nknown: {listed(ids)}.{meant}")
    for record, event in sorted(told, key=lambda one: one[0].ts):
        if options.task in (None, event.node):
            _print_output(record, event, options)
    return 0


def _print_output(record: Record, event: OutputCaptured, options: argparse.Namespace) -> None:
    if options.json:
        print_line({"run": record.run, "ts": record.ts, **msgspec.to_builtins(event)})
        return
    _, _, child = record.run.partition("/")
    before = "" if options.task is not None else f"{child}  {event.node}  " if child else f"{event.node}  "
    for line in text_of_output(event).splitlines():
        print(f"{before}{line}")


def replay_run(options: argparse.Namespace) -> int:
    """Print the state of a run after an event."""
    with opened(options.history) as engine:
        from wfnb.engine.past import past_state  # noqa: PLC0415

        run = full_id(engine, options.run)
        machine, state = past_state(engine.store, run, options.at)
    ids = machine.ids
    told = {
        "run": run,
        "at": state.seq,
        "workflow": state.workflow,
        "status": state.status,
        "input": plain(state.input),
        "values": plain(state.values),
        "ready": [ids[node] for node in state.ready],
        "running": [ids[node] for node in state.busy],
        "waiting": [ids[node] for node in state.arrived],
        "output": plain(state.output),
        "error": {"type": state.error.type, "message": state.error.message} if state.error else None,
    }
    if options.json:
        print_line(told)
    else:
        for key, value in told.items():
            print(f"{key:<9} {value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)}")
    return 0


def report_run(options: argparse.Namespace) -> int:
    """Write one page on what happened in a run."""
    from wfnb.formats.report import report_of  # noqa: PLC0415 - pandas is loaded when it is needed

    with opened(options.history) as engine:
        run = full_id(engine, options.run)
        path = report_of(engine.store, run, options.title).save(options.out or f"{run.replace('/', '_')}.html")
    print_line({"run": run, "file": str(path)}) if options.json else print(path)
    return 0
