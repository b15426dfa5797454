"""What tests of workflows, and of what extends wfnb, can build on.

- `EventStoreContract`: the law of event stores as tests, with `row`, `history` and `gap_free` to write more.
- `virtual_time`: runs in which a pause of an hour takes no time, in a seeded order where wanted.
- `wfnb.testing.workflows`: Hypothesis strategies (imported by name, because Hypothesis is no part of wfnb).
"""

from __future__ import annotations

from wfnb.testing.clock import Deadlock, VirtualLoop, virtual_time
from wfnb.testing.stores import START, EventStoreContract, expect, gap_free, history, row

__all__ = [
    "START",
    "Deadlock",
    "EventStoreContract",
    "VirtualLoop",
    "expect",
    "gap_free",
    "history",
    "row",
    "virtual_time",
]
