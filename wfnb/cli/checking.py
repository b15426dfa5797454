"""`wfnb check`, `wfnb diff` and `wfnb convert`: definitions, without running anything."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import msgspec

from wfnb import formats
from wfnb.author.comparing import compare
from wfnb.author.registry import registry
from wfnb.author.resolve import resolver
from wfnb.cli.parts import Unusable, import_all, in_shell, print_line, said
from wfnb.errors import WfnbError
from wfnb.formats.pnml import write as write_net
from wfnb.machine.check import check, check_net
from wfnb.machine.diagnostic import Diagnostic
from wfnb.machine.net import Net
from wfnb.machine.report import Report
from wfnb.machine.soundness import decide

SHOWN_STEPS = 7
"""Of longer counterexamples a report shows the beginning and the end."""


def check_files(options: argparse.Namespace) -> int:
    """Say what is wrong with each file, and what is proved of it; gives the exit code."""
    import_all(options.module)
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
                what, _, cure = said(error).partition("\n")
                unreadable = Diagnostic(type(error).__name__, "error", what, cure)
                print_line({**_checked(file, None, 0.0), "diagnostics": [told_of(unreadable)]})
            else:
                print(f"{file}: {said(error)}", file=sys.stderr)
            continue
        worst = max(worst, 0 if report.ok else 1)
        if options.json:
            print_line(_checked(file, report, taken * 1e3))
        else:
            print(in_shell(f"{file}: {report}"))
            steps = len(report.properties["sound"].trace)
            if steps > SHOWN_STEPS:
                print(f"  all {steps} steps: wfnb check {file} --json")
    return worst


def _checked(file: str, report: Report | None, ms: float) -> dict[str, Any]:
    verdicts = {"proved": "sound", "refuted": "unsound", "unknown": "unknown"}
    sound = report.properties["sound"] if report else None
    return {
        "file": file,
        "ok": report.ok if report else False,
        "verdict": verdicts[sound.verdict] if sound else "unknown",
        "diagnostics": [told_of(found) for found in report.diagnostics] if report else [],
        "trace": list(sound.trace) if sound else [],
        "states": report.states if report else 0,
        "ms": round(ms, 3),
    }


def told_of(found: Diagnostic) -> dict[str, Any]:
    """A problem as JSON data."""
    return {
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "help": in_shell(found.help),
        "nodes": list(found.nodes),
        "edges": list(found.edges),
    }


def diff_files(options: argparse.Namespace) -> int:
    """Say what is different between two workflows; gives the exit code."""
    found = compare(formats.load_workflow(options.old), formats.load_workflow(options.new))
    if options.json:
        print_line(
            {
                "same": not found,
                "nodes": [msgspec.to_builtins(node) for node in found.nodes],
                "edges": [msgspec.to_builtins(edge) for edge in found.edges],
                "workflow": [msgspec.to_builtins(field) for field in found.workflow],
                "reordered": found.reordered,
            }
        )
    else:
        print(found)
    return 1 if found else 0


def convert_file(options: argparse.Namespace) -> int:
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
