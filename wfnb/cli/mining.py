"""`wfnb discover` and `wfnb conform`: event logs, what is behind them and what fits it."""

from __future__ import annotations

import argparse
import json

from wfnb.cli.parts import print_line
from wfnb.cli.tables import text_of
from wfnb.history.log import EventLog


def discover_log(options: argparse.Namespace) -> int:
    """Print what a log has in common, and write the workflow behind it where one is wanted."""
    from wfnb.history.mining.follows import follows, variants  # noqa: PLC0415 - numpy is loaded when it is needed

    log = _log(options)
    found = follows(log)
    if options.out:
        from wfnb.api import save  # noqa: PLC0415 - as above
        from wfnb.history.mining.discovery import discover  # noqa: PLC0415

        save(discover(log, noise=options.noise, name=_stem(options.out)).workflow, options.out)
    different = variants(log)
    if options.json:
        dfg = [[a, b, count] for (a, b), count in found.pairs.items()]
        print_line({"cases": found.cases, "events": found.events, "variants": len(different), "dfg": dfg})
        return 0
    print(
        f"{found.cases} cases, {found.events} events of {len(found.activities)} activities, {len(different)} variants\n"
    )
    print(text_of(found.frame(), "follows"))
    for trace, count in list(different.items())[:_SHOWN]:
        print(f"\n{count} of {' → '.join(trace) or 'nothing'}")
    if len(different) > _SHOWN:
        print(f"\n{len(different) - _SHOWN} more variants")
    return 0


def conform_log(options: argparse.Namespace) -> int:
    """Print how well the cases of a log fit a workflow; the exit code says whether all do."""
    from wfnb.analysis import conform  # noqa: PLC0415 - numpy is loaded when it is needed

    found = conform(_log(options), options.file)
    cases, deviations = sum(found.counts.values()), found.deviations()
    if options.json:
        print_line(
            {
                "cases": cases,
                "fitting": found.fitting,
                "fitness": found.fitness,
                "token_fitness": found.token_fitness,
                "deviations": json.loads(deviations.to_json(orient="records")),
            }
        )
    else:
        print(
            f"{found.fitting} of {cases} cases fit; fitness {found.fitness:.3f}, by tokens {found.token_fitness:.3f}\n"
        )
        if len(deviations):
            print(text_of(deviations, "deviations"))
    return 0 if found.fitting == cases else 1


_SHOWN = 10


def _log(options: argparse.Namespace) -> EventLog:
    from wfnb.analysis import event_log  # noqa: PLC0415 - numpy is loaded when it is needed

    return event_log(
        options.log,
        workflow=options.workflow,
        object_type=options.object_type,
        case=options.case,
        activity=options.activity,
        time=options.time,
    )


def _stem(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2].partition(".")[0] or "discovered"
