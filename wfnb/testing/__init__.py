"""What tests of workflows, and of what extends wfnb, can build on.

- `EventStoreContract`: the law of event stores as tests, with `row`, `history` and `gap_free` to write more.
- `virtual_time`: runs in which a pause of an hour takes no time, in a seeded order where wanted.
- `schedules`: a workflow under many seeded schedules, and the seed of one that fails.
- `replay`: whether what was recorded of a run (`History`) still fits a workflow that has changed.
- `wfnb.testing.workflows`, `wfnb.testing.strategies`: Hypothesis strategies for workflows, inputs and histories
  (imported by name, because Hypothesis is no part of wfnb).
"""

from __future__ import annotations

from wfnb.testing.clock import Deadlock, VirtualLoop, virtual_time
from wfnb.testing.histories import History
from wfnb.testing.replaying import Replayed, replay
from wfnb.testing.scheduling import Ended, ScheduleFailed, schedules
from wfnb.testing.stores import START, EventStoreContract, expect, gap_free, history, row

__all__ = [
    "START",
    "Deadlock",
    "Ended",
    "EventStoreContract",
    "History",
    "Replayed",
    "ScheduleFailed",
    "VirtualLoop",
    "expect",
    "gap_free",
    "history",
    "replay",
    "row",
    "schedules",
    "virtual_time",
]
