"""The directly-follows graph of a log, and its variants.

Source: Wil van der Aalst, Process Mining: Data Science in Action (2016), chapters 5 and 6.
"""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wfnb.history.log import EventLog

if TYPE_CHECKING:
    from pandas import DataFrame


@dataclass(frozen=True, slots=True)
class Follows:
    """How often one activity directly follows another within a case.

    Attributes:
        pairs: (from, to) → how often, by name; sorted by name.
        begins: how many cases begin with an activity.
        ends: how many cases end with one.
        activities: how many events each activity has.
        cases: how many cases there are, empty ones included.
        events: how many events there are.
    """

    pairs: dict[tuple[str, str], int]
    begins: dict[str, int]
    ends: dict[str, int]
    activities: dict[str, int]
    cases: int
    events: int

    def frame(self) -> DataFrame:
        """The pairs as a table: `source`, `target`, `count`, most frequent first."""
        import pandas as pd

        rows = sorted(((a, b, n) for (a, b), n in self.pairs.items()), key=lambda row: -row[2])
        return pd.DataFrame(rows, columns=["source", "target", "count"])


def follows(log: EventLog) -> Follows:
    """The directly-follows graph of a log; every event counts, in the log's order within a case."""
    count = len(log.activities)
    codes = log.activity.astype(np.int64)
    filled = log.starts[:-1][np.diff(log.starts) > 0]
    inner = np.ones(len(codes), dtype=bool)
    inner[filled] = False  # the first event of a case follows nothing
    pairs = np.bincount(codes[:-1][inner[1:]] * count + codes[1:][inner[1:]], minlength=1) if len(codes) > 1 else ()
    names = log.activities
    last = log.starts[1:][np.diff(log.starts) > 0] - 1
    return Follows(
        pairs=dict(
            sorted(
                ((names[key // count], names[key % count]), int(pairs[key])) for key in np.flatnonzero(pairs).tolist()
            )
        ),
        begins=_named(codes[filled], log),
        ends=_named(codes[last], log),
        activities=_named(codes, log),
        cases=len(log.cases),
        events=len(log),
    )


def _named(codes: np.ndarray, log: EventLog) -> dict[str, int]:
    counts = np.bincount(codes, minlength=len(log.activities)).tolist()
    return {name: count for name, count in zip(log.activities, counts, strict=True) if count}


def variants(log: EventLog) -> Counter[tuple[str, ...]]:
    """The different traces of a log and how many cases have each, most frequent first; ties in the log's order."""
    names = log.activities
    return Counter({tuple(names[code] for code in trace): count for trace, count in coded_variants(log).most_common()})


def coded_variants(log: EventLog) -> Counter[tuple[int, ...]]:
    """As `variants`, with activities by number, in the log's order."""
    data = np.ascontiguousarray(log.activity, dtype=np.int32)
    width = data.itemsize
    raw, bounds = data.tobytes(), (log.starts * width).tolist()
    # Bytes are hashed much faster than tuples of numbers, and most cases repeat one.
    found = Counter(raw[first:last] for first, last in itertools.pairwise(bounds))
    return Counter({tuple(np.frombuffer(text, dtype=np.int32).tolist()): count for text, count in found.items()})
