"""`wfnb archive`, `forget`, `backup` and `doctor`: the history as a whole."""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from datetime import timedelta
from pathlib import Path

from wfnb.cli.parts import Unusable, existing, opened, print_line
from wfnb.errors import StoreLocked

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def span(text: str) -> timedelta:
    """A time span such as `90s`, `15m`, `12h`, `30d` or `8w`, as an option has it."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smhdw])", text)
    if not found:
        raise argparse.ArgumentTypeError(f"'{text}' is no time span; give a number and one of s, m, h, d, w: 30d")
    return timedelta(**{_UNITS[found[2]]: float(found[1])})


def archive_runs(options: argparse.Namespace) -> int:
    """Move runs into Parquet files."""
    with opened(options.history) as engine:
        moved = asyncio.run(engine.archive(runs=options.run, older_than=options.older_than))
    return _told(options, "archived", moved)


def forget_runs(options: argparse.Namespace) -> int:
    """Delete runs."""
    with opened(options.history) as engine:
        gone = asyncio.run(
            engine.forget(
                runs=options.run,
                keep=options.keep,
                older_than=options.older_than,
                keep_failed=options.keep_failed,
            )
        )
    return _told(options, "forgotten", gone)


def _told(options: argparse.Namespace, what: str, runs: list[str]) -> int:
    if options.json:
        print_line({what: runs})
    else:
        print(f"{len(runs)} {'run' if len(runs) == 1 else 'runs'} {what}", *(f"  {run}" for run in runs), sep="\n")
    return 0


def back_up(options: argparse.Namespace) -> int:
    """Copy a history that nobody has open."""
    try:
        with opened(options.source) as engine:
            asyncio.run(engine.backup(options.target))
    except StoreLocked as error:
        what = str(error).partition("\n")[0]
        raise Unusable(
            f"{what}\nrun `await wf.backup({options.target!r})` there: it copies while runs go on"
        ) from error
    print(options.target)
    return 0


def look_at(options: argparse.Namespace) -> int:
    """Say what is wrong with a history, and save what is whole."""
    from wfnb.store.doctor import examine  # noqa: PLC0415 - DuckDB is loaded when it is needed
    from wfnb.store.salvage import salvage  # noqa: PLC0415

    path = Path(options.source)
    if not Path(f"{path}.wal").exists():
        existing(options.source)
    found = salvage(path, Path(options.salvage)) if options.salvage else examine(path)
    if options.json:
        findings = [
            {"kind": item.kind, "message": item.what, "help": item.cure, "runs": list(item.runs)}
            for item in found.findings
        ]
        print_line({"history": options.source, "ok": found.ok, "findings": findings, "good": found.good})
        return 0 if found.ok else 1
    problems = f"{len(found.findings)} {'problem' if len(found.findings) == 1 else 'problems'}"
    whole = f"{len(found.good)} of {found.runs} runs are whole, {sum(found.good.values())} events"
    print(f"{options.source}: {'well' if found.ok else problems}; {whole}")
    for item in found.findings:
        print(f"  {item.kind:<10}  {item.what}\n              {item.cure}")
    if options.salvage:
        if Path(options.salvage).exists():
            print(f"{options.salvage}: has {len(found.good)} runs")
        else:
            print(f"nothing could be saved into '{options.salvage}'", file=sys.stderr)
    return 0 if found.ok else 1
