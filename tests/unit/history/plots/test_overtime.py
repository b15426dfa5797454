"""Charts over time: what reaches from where to where, what shares an axis, and what is said where there is nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pandas as pd  # noqa: TID253 - what measures give

from wfnb.history.charts import drawn
from wfnb.history.linking import KEY
from wfnb.history.measures.levels import Levels
from wfnb.history.measures.scope import Scope
from wfnb.history.plots import overtime
from wfnb.history.plots.levels import HIGH, levels

BEGAN = 1_700_000_000_000
"""Milliseconds since the epoch."""


def times(*seconds: float) -> pd.Series[Any]:
    return pd.Series(pd.to_datetime([BEGAN / 1000 + one for one in seconds], unit="s", utc=True))


def changes(*rows: tuple[float, str, float], last: float = 100) -> Levels:
    at, names, values = zip(*rows, strict=True)
    frame = pd.DataFrame({"time": times(*at), "name": names, "level": values, "peak": values})
    return Levels(frame, None, (BEGAN * 1000, BEGAN * 1000 + round(last * 1e6)))


def test_levels_reach_from_the_first_event_to_the_last() -> None:
    spec = levels(changes((10, "waiting", 2.0), (20, "waiting", 0.0)), Scope(), "attempts", "title", "nothing")
    rows = [(row["time"] - BEGAN, row["level"]) for row in spec["datasets"]["levels"]]
    assert rows == [(0, 0), (10_000, 2), (20_000, 0), (100_000, 0)]
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"] == [BEGAN, BEGAN + 100_000]
    assert spec["layer"][0]["encoding"]["y"]["axis"]["values"] == [0, 1, 2], "there is no half of an attempt"
    assert drawn(spec).frame()["level"].tolist() == [2, 0], "what only makes the line reach the ends is no number"


def test_what_has_nothing_in_common_has_no_axis_in_common() -> None:
    found = changes((0, "cpu", 2.0), (0, "memory", 4096.0), (50, "cpu", 1.0), (50, "memory", 0.0))
    spec = levels(found, Scope(), "in use", "title", "nothing")
    lanes = {row["name"]: row["floor"] for row in spec["datasets"]["levels"]}
    assert lanes == {"memory": 0, "cpu": -1}
    tops = {row["name"]: row["y"] for row in spec["datasets"]["levels"] if row["time"] == BEGAN}
    assert tops == {"memory": HIGH, "cpu": HIGH - 1}, "each fills its own lane"
    axis = spec["layer"][0]["encoding"]["y"]["axis"]["labelExpr"]
    assert axis.startswith('["0", "4,096", "0", "2"]')
    assert [row["said"] for row in spec["datasets"]["names"]] == ["memory · at most 4,096", "cpu · at most 2"]


def test_a_chart_over_time_can_be_followed() -> None:
    found = changes((10, "waiting", 2.0))
    spec = levels(found, Scope(("r",), "w"), "attempts", "title", "nothing")
    assert spec["usermeta"][KEY] == {"by": "time", "field": "time", "runs": ["r"], "workflow": "w"}
    assert {"name": "moment", "value": None} in spec["params"]
    mark = spec["layer"][-1]
    assert (mark["data"]["name"], mark["mark"]["type"], mark["mark"]["clip"]) == ("moment", "rect", True)


def test_runs_that_began_are_stairs_over_those_that_ended() -> None:
    found = pd.DataFrame(
        {
            "time": times(0, 0, 60, 60),
            "what": ["runs started", "runs completed"] * 2,
            "count": [2, 0, 0, 1],
        }
    )
    spec = overtime.throughput(found, 60.0, Scope(), "runs", "title")
    assert spec["title"]["subtitle"][0] == "2 runs started · 1 run completed"
    began = [(row["time"] - BEGAN, row["count"]) for row in spec["datasets"]["began"]]
    assert began == [(0, 2), (60_000, 0), (120_000, 0)]
    frame = drawn(spec).frame()
    assert frame.groupby("what")["count"].sum().to_dict() == {"runs completed": 1, "runs started": 2}
    none = overtime.throughput(found, 60.0, Scope(), "tasks", "title")
    assert none["title"]["subtitle"] == ["no task has ended yet"]
    assert drawn(none).frame().empty


def test_a_trend_says_from_when_and_of_what_goes_on_that_it_does() -> None:
    found = pd.DataFrame({"run": ["a"], "time": times(0), "status": "running", "seconds": None, "median": None})
    assert overtime.trend(found, None, Scope(), "")["title"]["subtitle"] == ["no run is over yet"]
    over = found.assign(status="completed", seconds=1200.0, median=1200.0)
    spec = overtime.trend(over, None, Scope(), "")
    began = datetime.fromtimestamp(BEGAN / 1000, UTC)
    assert f"from {began:%Y-%m-%d %H:%M:%S} UTC" in spec["title"]["subtitle"][0]
    steps = spec["layer"][0]["encoding"]["y"]["axis"]["values"]
    assert steps == [0, 300, 600, 900, 1200], "whole minutes"
