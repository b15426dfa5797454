"""Runs beside each other, with answers that are known."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np
import pytest

import wfnb as wf
from wfnb.author.registry import Registry
from wfnb.engine.engine import Engine
from wfnb.history.compare import Comparison, chance_of, compare
from wfnb.model.activity import describe
from wfnb.testing import virtual_time


async def nap(seconds: float) -> float:
    await asyncio.sleep(seconds)
    return seconds


def flow() -> wf.Flow:
    made = wf.flow("naps", inputs={"seconds": "float", "more": "bool"})
    first, gate = made.task("first", "nap", seconds="=input.seconds"), made.choice("gate")
    second = made.task("second", "nap", seconds=1)
    made.start >> first >> gate
    gate.when("input.more") >> second >> made.end("long")
    gate.otherwise() >> made.end("short")
    return made


def compared(a: Sequence[tuple[float, bool]], b: Sequence[tuple[float, bool]]) -> Comparison:
    async def main() -> Comparison:
        known = Registry()
        known.add(describe(nap))
        async with Engine(None, registry=known) as engine:
            sides = []
            for side in (a, b):
                runs = [engine.start(flow(), seconds=seconds, more=more) for seconds, more in side]
                await asyncio.gather(*runs)
                sides.append([run.id for run in runs])
            return compare(engine.store, *sides)

    return virtual_time(main())


def test_two_runs_are_aligned_by_node_and_visit() -> None:
    found = compared([(2, True)], [(5, False)])
    first, second = found.visits.to_dict("records")
    assert (first["node"], first["side"], first["difference"], first["other_value"]) == ("first", "both", 3, True)
    assert (first["value_a"], first["value_b"]) == ("2", "5")
    assert (second["node"], second["side"], second["status_a"]) == ("second", "only a", "completed")
    assert repr(found) == "<Comparison: 1 visits only in a, 0 only in b, 1 with another value>"
    assert found.differences()["node"].tolist() == ["first", "second"]


def test_equal_runs_have_no_differences() -> None:
    found = compared([(2, True)], [(2, True)])
    assert found.differences().empty
    assert found.activities["difference"].tolist() == [0, 0]
    assert found.activities["note"].str.startswith("too few").all()


def test_many_runs_have_medians_and_a_note_on_chance() -> None:
    slow = [(3 + at / 10, False) for at in range(8)]
    fast = [(1 + at / 10, False) for at in range(8)]
    (row,) = compared(slow, fast).activities.to_dict("records")
    assert (row["count_a"], row["count_b"]) == (8, 8)
    assert row["median_a"] == pytest.approx(3.35)
    assert row["difference"] == pytest.approx(-2)
    assert row["chance"] < 0.01
    assert row["note"] == "b is faster; chance alone would hardly do this"


def test_chance_alone_is_rarely_called_significant() -> None:
    rng = np.random.default_rng(1)
    chances = [chance_of(rng.normal(10, 1, 12), rng.normal(10, 1, 12)) for _ in range(60)]
    assert np.mean(np.array(chances) < 0.05) < 0.15
    assert np.isnan(chance_of(np.ones(3), np.ones(9)))


def test_runs_have_to_be_there() -> None:
    async def main() -> None:
        async with Engine(None) as engine:
            with pytest.raises(wf.UnknownName, match="there is no run 'x'"):
                compare(engine.store, ["x"], ["x"])
            with pytest.raises(ValueError, match="a side has no runs"):
                compare(engine.store, [], ["x"])

    virtual_time(main())
