"""The commands and what each takes."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any

from wfnb.cli.checking import check_files, convert_file, diff_files
from wfnb.cli.examples import EXAMPLES
from wfnb.cli.keeping import archive_runs, back_up, forget_runs, look_at, span
from wfnb.cli.mining import conform_log, discover_log
from wfnb.cli.reading import print_logs, print_table, replay_run, report_run
from wfnb.cli.running import resume_runs, run_file, tell_run
from wfnb.cli.steering import fork_run, pause_run, retry_run
from wfnb.model.strategy import limit_of
from wfnb.version import __version__

CODES = """The verbs of a notebook, in a shell.

Exit codes: 0 all is well, 1 a workflow has errors or a run failed, 2 what was given can not be used, 3 a run waits: it
has nothing left but signals or approvals to wait for, or with --until-waiting a time or a condition; or it is paused.
"""


def make() -> argparse.ArgumentParser:
    """The parser of every command; `options.command(options)` runs it."""
    parser = argparse.ArgumentParser(prog="wfnb", description=CODES, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--version", action="version", version=f"wfnb {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, help: str) -> argparse.ArgumentParser:
        made = commands.add_parser(
            name,
            help=help,
            description=help,
            epilog=EXAMPLES.get(name),
            formatter_class=argparse.RawDescriptionHelpFormatter,  # examples keep their lines
        )
        made.set_defaults(command=run)
        return made

    def with_modules(made: argparse.ArgumentParser) -> None:
        made.add_argument("--module", action="append", default=[], help="module or .py file that defines activities")

    def with_history(made: argparse.ArgumentParser) -> None:
        made.add_argument("--history", required=True, metavar="DB", help="the DuckDB file")

    def with_waiting(made: argparse.ArgumentParser) -> None:
        made.add_argument(
            "--until-waiting", action="store_true", help="stop where a run waits for a time too, not only for people"
        )

    checked = command("check", check_files, "say what is wrong with workflows; runs nothing")
    checked.add_argument("file", nargs="+", metavar="FILE")
    with_modules(checked)
    checked.add_argument("--json", action="store_true", help="one JSON object a file")

    run = command("run", run_file, "run a workflow to its end")
    run.add_argument("file", metavar="FILE")
    run.add_argument("--input", default="{}", metavar="JSON|@FILE", help="the inputs, as a JSON object")
    run.add_argument("--history", metavar="DB", help="the DuckDB file; in memory if left out")
    with_modules(run)
    run.add_argument("--mock", action="store_true", help="run no activity: each task gives its pin or null at once")
    run.add_argument(
        "--pin", action="append", default=[], metavar="NODE=JSON", help="what a task gives without running its activity"
    )
    run.add_argument("--breakpoint", action="append", default=[], metavar="NODE", help="pause before this node")
    run.add_argument("--key", default="", help="the same run for the same key, however often it is started")
    run.add_argument("--speed", type=float, default=1000.0, metavar="X", help="how much faster recorded tasks run")
    run.add_argument("--durability", choices=("sync", "async", "exit"), help="what a crash can lose; sync if left out")
    run.add_argument(
        "--strategy", type=_strategy, default="", help="sequential, parallel(N), or concurrent if left out"
    )
    run.add_argument("--allow-unsound", action="store_true", help="run it even though it is proved not to be sound")
    with_waiting(run)
    run.add_argument("--json", action="store_true")

    resume = command("resume", resume_runs, "take up the unfinished runs of a history, or one of them")
    resume.add_argument(
        "run", nargs="?", metavar="RUN", help="its id, or its beginning; paused, it goes on; all if left out"
    )
    with_history(resume)
    with_modules(resume)
    with_waiting(resume)
    resume.add_argument("--json", action="store_true", help="one JSON object a run")

    _outside(command, with_history)
    _steering(command, with_history, with_modules, with_waiting)
    _mining(command)
    convert = command("convert", convert_file, "write a workflow or a net in another format, by its suffix")
    convert.add_argument("source", metavar="SRC")
    convert.add_argument("target", metavar="DST")
    diff = command("diff", diff_files, "say what is different between two workflows; exit code 1 if anything is")
    diff.add_argument("old", metavar="A")
    diff.add_argument("new", metavar="B")
    diff.add_argument("--json", action="store_true", help="one JSON object")

    _history(command, with_history)
    _keeping(command, with_history)
    return parser


def _outside(
    command: Callable[..., argparse.ArgumentParser], with_history: Callable[[argparse.ArgumentParser], None]
) -> None:
    """What comes to a run from outside."""
    for name, help, answers in (
        ("signal", "tell a run that something happened", False),
        ("approve", "answer what a run asks", True),
    ):
        told = command(name, tell_run, help)
        told.set_defaults(answers=answers)
        told.add_argument("run", metavar="RUN", help="its id, or the beginning of it")
        told.add_argument("name", metavar="NAME", help="the approval" if answers else "the signal")
        told.add_argument("value", nargs="?", metavar="JSON", help="the answer" if answers else "what it brings")
        if not answers:
            told.add_argument("--id", default="", help="a second signal with the same id is absorbed")
        with_history(told)
        told.add_argument("--json", action="store_true")


def _steering(
    command: Callable[..., argparse.ArgumentParser],
    with_history: Callable[[argparse.ArgumentParser], None],
    with_modules: Callable[[argparse.ArgumentParser], None],
    with_waiting: Callable[[argparse.ArgumentParser], None],
) -> None:
    """The course of a run."""
    pause = command("pause", pause_run, "let a run begin nothing new until `wfnb resume RUN`")
    retry = command("retry", retry_run, "let a failed run go on where it failed")
    fork = command("fork", fork_run, "run a run again from one of its events on, with other values or inputs")
    for made in (pause, retry, fork):
        made.add_argument("run", metavar="RUN", help="its id, or the beginning of it")
    pause.add_argument("--reason", default="", help="why, for who reads the history")
    retry.add_argument("node", nargs="?", default="", metavar="NODE", help="what failed; whatever did if left out")
    fork.add_argument("--at", type=int, metavar="N", help="the last event that both have")
    fork.add_argument(
        "--set", action="append", default=[], metavar="NODE=JSON", help="what a node gave, or will give, instead"
    )
    fork.add_argument("--input", default="{}", metavar="JSON", help="the inputs that are different, as a JSON object")
    fork.add_argument("--from", dest="node", default="", metavar="NODE", help="run this node again, and what reads it")
    for made in (pause, retry, fork):
        with_history(made)
        made.add_argument("--json", action="store_true")
    for made in (retry, fork):
        with_modules(made)
        with_waiting(made)


def _history(
    command: Callable[..., argparse.ArgumentParser], with_history: Callable[[argparse.ArgumentParser], None]
) -> None:
    """What happened."""

    def with_table(made: argparse.ArgumentParser) -> None:
        form = made.add_mutually_exclusive_group()
        form.add_argument("--json", action="store_true", help="one JSON object a line")
        form.add_argument("--csv", action="store_true", help="every column, as CSV")

    runs = command("runs", lambda o: print_table(o, "runs"), "list the runs of a history")
    with_history(runs)
    with_table(runs)
    for name, what in (("events", "the events of a run"), ("tasks", "the task attempts of a run")):
        table = command(name, lambda o, name=name: print_table(o, name), f"list {what}")
        table.add_argument("run", metavar="RUN", help="its id, or the beginning of it")
        with_history(table)
        with_table(table)

    logs = command("logs", print_logs, "what the activities of a run printed and logged")
    logs.add_argument("run", metavar="RUN", help="its id, or the beginning of it")
    logs.add_argument("task", nargs="?", metavar="TASK", help="only of this one")
    with_history(logs)
    logs.add_argument("--json", action="store_true", help="one JSON object a line")

    replay = command("replay", replay_run, "the state of a run after event N; executes nothing")
    replay.add_argument("run", metavar="RUN", help="its id, or the beginning of it")
    with_history(replay)
    replay.add_argument("--at", type=int, metavar="N", help="the last event if left out; 0 is the empty state")
    replay.add_argument("--json", action="store_true", help="one JSON object")

    report = command("report", report_run, "write one page on what happened in a run, as HTML that needs nothing else")
    report.add_argument("run", metavar="RUN", help="its id, or the beginning of it")
    with_history(report)
    report.add_argument("--out", metavar="FILE", help="the file; named after the run if left out")
    report.add_argument("--title", metavar="TEXT", help="of the page; names the run if left out")
    report.add_argument("--json", action="store_true", help="one JSON object that names the file")


def _keeping(
    command: Callable[..., argparse.ArgumentParser], with_history: Callable[[argparse.ArgumentParser], None]
) -> None:
    """The history as a whole."""
    archived = command("archive", archive_runs, "move runs that are over into Parquet files beside the history")
    forgotten = command("forget", forget_runs, "delete runs that are over; there is no way back")
    for made in (archived, forgotten):
        made.add_argument("run", nargs="*", metavar="RUN", help="ids, or beginnings of them")
        with_history(made)
        made.add_argument("--older-than", type=span, metavar="SPAN", help="those that ended longer ago: 12h, 30d, 8w")
        made.add_argument("--json", action="store_true")
    forgotten.add_argument("--keep", type=int, metavar="N", help="all but the last N")
    forgotten.add_argument("--keep-failed", action="store_true", help="but for those that failed")

    copied = command("backup", back_up, "copy a history; in a kernel that has it, `await wf.backup(...)` does it")
    copied.add_argument("source", metavar="DB")
    copied.add_argument("target", metavar="DEST")

    doctor = command("doctor", look_at, "say what is wrong with a history and what can be saved; changes nothing")
    doctor.add_argument("source", metavar="DB", help="a DuckDB file, or a folder")
    doctor.add_argument("--salvage", metavar="NEW", help="write every run that is whole to a new history")
    doctor.add_argument("--json", action="store_true")


def _mining(command: Callable[..., argparse.ArgumentParser]) -> None:
    found = command(
        "discover", discover_log, "what an event log has in common: pairs, variants, the workflow behind it"
    )
    found.add_argument("log", metavar="LOG", help=".xes, .xes.gz, .jsonocel, .csv, .parquet, or a history (.duckdb)")
    found.add_argument("--noise", type=float, default=0.0, metavar="PART", help="from 0 to 1: what may be left out")
    found.add_argument("--out", metavar="FILE", help="write the workflow: .wf.json, .pnml")
    fits = command("conform", conform_log, "compare the cases of an event log with a workflow")
    fits.add_argument("log", metavar="LOG", help="as of `wfnb discover`")
    fits.add_argument("file", metavar="FILE", help="the workflow")
    for made in (found, fits):
        made.add_argument("--workflow", metavar="NAME", help="of a history: only runs of this workflow")
        made.add_argument("--object-type", metavar="TYPE", help="of an OCEL log: which objects are the cases")
        for column in ("case", "activity", "time"):
            made.add_argument(f"--{column}", metavar="COLUMN", help=f"of a table: the column of the {column}")
        made.add_argument("--json", action="store_true", help="one JSON object")


def _strategy(text: str) -> str:
    try:
        limit_of(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    return text
