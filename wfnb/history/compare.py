"""Runs beside each other: what differs in path, values and durations, aligned by node and visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from wfnb.errors import UnknownName
from wfnb.store.protocol import EventStore

if TYPE_CHECKING:
    from pandas import DataFrame

SHUFFLES = 10_000
"""How many times a permutation test deals the durations anew."""
FEWEST = 4
"""Durations of each side below which nothing is said about chance."""
_VISITS = """
select
    run, node, kind, visit, any_value(activity) as activity, arg_max(status, attempt) as status,
    min(started) as started, sum(seconds) as seconds, max(attempt) as attempts, arg_max("value", attempt) as "value",
    arg_max(unstored, attempt) as unstored, arg_max(error_type, attempt) as error
from tasks where run in (select unnest(?::varchar[]))
group by run, node, kind, visit
"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, or two sets of runs, beside each other.

    Attributes:
        a: the runs of one side.
        b: those of the other.
        visits: a row for each visit of a node that either side has; see `compare`.
        activities: a row for each node, over all of its visits; see `compare`.
    """

    a: tuple[str, ...]
    b: tuple[str, ...]
    visits: DataFrame
    activities: DataFrame

    def differences(self) -> DataFrame:
        """Those visits that only one side has, or whose status or value differs."""
        rows = self.visits
        return rows[(rows["side"] != "both") | (rows["status_a"] != rows["status_b"]) | rows["other_value"]]

    def _repr_html_(self) -> str:
        return str(self.activities.to_html(index=False, na_rep=""))

    def __repr__(self) -> str:
        only_a, only_b = (int((self.visits["side"] == side).sum()) for side in ("only a", "only b"))
        changed = int(self.visits["other_value"].sum())
        return f"<Comparison: {only_a} visits only in a, {only_b} only in b, {changed} with another value>"


def compare(store: EventStore, a: Sequence[str], b: Sequence[str]) -> Comparison:
    """Compare two runs, or two sets of runs.

    `visits` has `node`, `visit`, `kind`, `activity`, `side` (both, only a, only b), `status_a`, `status_b`,
    `seconds_a`, `seconds_b`, `difference` (b - a, seconds), `other_value` (whether the values differ), `value_a`,
    `value_b` (JSON), `order_a` and `order_b` (from 1, in the order of starts).  With several runs on a side,
    durations are medians, and status and value are those that most of them have.

    `activities` has `node`, `activity`, `count_a`, `count_b` (visits that ended), `median_a`, `median_b`, `difference`
    (seconds), `ratio` (b / a), `chance`, and `note`.  `chance` is the probability of a difference of medians as large
    as this if both sides were alike (a permutation test of 10,000 shuffles with a fixed seed); it is missing where a
    side has fewer than four durations.

    Args:
        store: the history.
        a: the runs of one side.
        b: those of the other.

    Raises:
        UnknownName: there is no such run.
        ValueError: a side is empty.
    """
    import pandas as pd

    if not a or not b:
        raise ValueError("a side has no runs\ngive at least one run for each")
    frame = store.query(_VISITS, ([*a, *b],))
    _known(store, [*a, *b])
    frame["seconds"] = frame["seconds"].astype(float)
    sides = {"a": frame[frame["run"].isin(list(a))], "b": frame[frame["run"].isin(list(b))]}
    parts = {side: _summed(rows, side) for side, rows in sides.items()}
    keys = ["node", "visit", "kind", "activity"]
    visits = parts["a"].merge(parts["b"], on=keys, how="outer")
    visits["side"] = np.select(
        [visits["order_a"].isna(), visits["order_b"].isna()], ["only b", "only a"], default="both"
    )
    visits["difference"] = visits["seconds_b"] - visits["seconds_a"]
    texts = [visits[name].astype(object).where(visits[name].notna(), None) for name in ("value_a", "value_b")]
    differ = [one != other for one, other in zip(*texts, strict=True)]
    visits["other_value"] = (visits["side"] == "both") & pd.Series(differ, index=visits.index, dtype=bool)
    columns = [*keys, "side", "status_a", "status_b", "seconds_a", "seconds_b", "difference", "other_value"]
    columns += ["value_a", "value_b", "order_a", "order_b"]
    visits = visits.sort_values(["order_a", "order_b"], kind="stable", ignore_index=True)[columns]
    return Comparison(tuple(a), tuple(b), visits, _activities(sides))


def _known(store: EventStore, runs: list[str]) -> None:
    there = set(store.query("select run from runs where run in (select unnest(?::varchar[]))", (runs,))["run"])
    for run in runs:
        if run not in there:
            raise UnknownName(f"there is no run '{run}' in this history\nwf.runs() lists those that are")


def _summed(rows: DataFrame, side: str) -> DataFrame:
    """A row a visit, over the runs of a side."""
    rows = rows.sort_values(["started", "node"], kind="stable")
    grouped = rows.groupby(["node", "visit", "kind", "activity"], sort=False, dropna=False)
    found = grouped.agg(
        **{
            f"status_{side}": ("status", _usual),
            f"seconds_{side}": ("seconds", "median"),
            f"value_{side}": ("value", _usual),
        }
    ).reset_index()
    found[f"order_{side}"] = np.arange(1, len(found) + 1)
    return found


def _usual(values: DataFrame) -> object:
    """The value that most have, the first of those that are equally frequent."""
    counts = values.dropna().value_counts(sort=False)
    return None if counts.empty else counts.idxmax()


def _activities(sides: dict[str, DataFrame]) -> DataFrame:
    import pandas as pd

    ended = {side: rows.dropna(subset=["seconds"]) for side, rows in sides.items()}
    nodes = list(dict.fromkeys([*sides["a"]["node"], *sides["b"]["node"]]))
    activity = {**dict(zip(sides["b"]["node"], sides["b"]["activity"], strict=True))}
    activity |= dict(zip(sides["a"]["node"], sides["a"]["activity"], strict=True))
    rows = []
    for node in nodes:
        one, other = (
            ended[side].loc[ended[side]["node"] == node, "seconds"].to_numpy(dtype=float) for side in ("a", "b")
        )
        medians = [float(np.median(durations)) if len(durations) else np.nan for durations in (one, other)]
        chance = chance_of(one, other)
        ratio = medians[1] / medians[0] if medians[0] else np.nan
        rows.append(
            (
                node,
                activity[node],
                len(one),
                len(other),
                *medians,
                medians[1] - medians[0],
                ratio,
                chance,
                _note(one, other, medians, chance),
            )
        )
    columns = [
        "node",
        "activity",
        "count_a",
        "count_b",
        "median_a",
        "median_b",
        "difference",
        "ratio",
        "chance",
        "note",
    ]
    return pd.DataFrame(rows, columns=columns)


def chance_of(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """The probability of medians at least as different if a and b were alike; NaN where there are too few.

    A permutation test: the durations are dealt anew to the two sides, many times.  Source: Ronald Fisher, The Design of
    Experiments (1935).
    """
    if len(a) < FEWEST or len(b) < FEWEST:
        return float("nan")
    rng = np.random.default_rng(0)
    both = np.concatenate([a, b])
    seen = abs(np.median(a) - np.median(b))
    found = 0
    rounds = max(1, min(SHUFFLES, 4_000_000 // len(both)))
    block = max(1, 1_000_000 // len(both))
    for first in range(0, rounds, block):
        count = min(block, rounds - first)
        dealt = rng.permuted(np.broadcast_to(both, (count, len(both))), axis=1)
        apart = np.abs(np.median(dealt[:, : len(a)], axis=1) - np.median(dealt[:, len(a) :], axis=1))
        found += int((apart >= seen - 1e-12).sum())
    return (found + 1) / (rounds + 1)


def _note(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], medians: list[float], chance: float) -> str:
    if not len(a) or not len(b):
        return "only in b" if not len(a) else "only in a"
    if np.isnan(chance):
        return f"too few durations to tell from chance (at least {FEWEST} on each side)"
    faster = "faster" if medians[1] < medians[0] else "slower"
    if chance < 0.01:
        return f"b is {faster}; chance alone would hardly do this"
    return f"b is {faster}, perhaps by chance" if chance < 0.05 else "no more than chance explains"
