"""What runs there are in a history, as its table tells it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from wfnb.store.archive import Archived
from wfnb.store.commits import Head
from wfnb.store.memory import LIFE
from wfnb.store.protocol import RunHead

# Two selections and not one with an `or`, which would read the payload of every event.
BEGINNINGS_AND_ENDS = """
select run, seq, ts, type, workflow, definition, key from (
    select pos, run, seq, ts, type,
        payload ->> 'workflow' as workflow, payload ->> 'definition' as definition, payload ->> 'key' as key
    from events where seq = 1
    union all
    select pos, run, seq, ts, type, null, null, null
    from events where type in ('RunCompleted', 'RunFailed', 'RunCancelled', 'RunReopened') and seq > 1
) order by pos
"""
"""The first event of each run, and those that end and reopen one."""


def run_heads(
    rows: Iterable[tuple[Any, ...]], heads: Mapping[str, Head], away: Mapping[str, Archived]
) -> list[RunHead]:
    """The heads of all runs, in the order in which they began.

    Args:
        rows: what `BEGINNINGS_AND_ENDS` gives.
        heads: where the streams in the table are, by run.
        away: the archived runs.
    """
    found: dict[str, RunHead] = {}
    firsts: dict[str, int] = {}
    for run, seq, ts, type_, workflow, definition, key in rows:
        head = heads.get(run)
        if head is None:
            continue  # archived at this very moment
        if seq == 1:
            firsts[run] = head.first
            found[run] = RunHead(
                run, workflow or "", definition or "", "running", head.seq, head.epoch, ts, None, key=key or ""
            )
        elif type_ == "RunReopened":
            found[run] = replace(found[run], status="running", ended=None)
        elif type_ in LIFE:  # what may come after it only makes a lost result again
            found[run] = replace(found[run], status=LIFE[type_], ended=ts)
    if not away:
        return list(found.values())
    for run, archived in away.items():
        found[run], firsts[run] = archived.head, archived.first
    return sorted(found.values(), key=lambda head: firsts[head.run])
