"""What else the help of a command says: what it prints, and how it is called."""

from __future__ import annotations

from collections.abc import Mapping

EXAMPLES: Mapping[str, str] = {
    "tasks": """\
A row an attempt of a task, and a visit of a wait, an approval, a map or a call: its status, when it could
have started, started and ended, how long it waited and took, its result or error; and where it ran in a
thread or a process, which that was, the seconds of a processor and the bytes that it took.  In a terminal
what is empty everywhere is left out, and some columns that say little to people.

  wfnb tasks 3f2a --history runs.duckdb
  wfnb tasks 3f2a --history runs.duckdb --csv > tasks.csv""",
    "replay": """\
What was recorded is folded up to event N: status, input, values, and where the tokens are (`ready`: before
a node; `running`: inside; `waiting`: joins to which some have come).  `wfnb events RUN` numbers the events.

  wfnb replay 3f2a --history runs.duckdb --at 12
  wfnb replay 3f2a --history runs.duckdb --json | jq .values""",
    "report": """\
The page has the outcome, the Gantt chart, the critical path and what would be gained, the drawing, latency,
failures, values and children.  It has no scripts and loads nothing, so that it can be sent as it is.

  wfnb report 3f2a --history runs.duckdb --title "The run of Monday" --out monday.html""",
    "discover": """\
Prints how many cases, events and variants there are, which activity directly follows which and how often,
and the most frequent variants.  With --out it writes a workflow that every case fits (without --noise) and
that is always sound: open it in the designer, or compare other logs with it (`wfnb conform`).

  wfnb discover log.xes.gz
  wfnb discover runs.duckdb --workflow orders --out found.wf.json
  wfnb discover log.csv --case order --activity what --time at --json

--json gives {"cases": 3, "events": 5, "variants": 2, "dfg": [["a", "b", 2]]}: pairs, and how often.""",
}
"""By command."""
