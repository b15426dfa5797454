"""What charts share: axes of durations and of times, bars from and to, and what a subtitle says."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from wfnb.history.gantt import STATUS, span
from wfnb.history.linking import MOMENT, Spec, linked
from wfnb.history.looks import GREY, TEXT, framed, layer
from wfnb.history.measures.scope import Scope, microseconds
from wfnb.history.words import clock

BLUE, ORANGE, VIOLET = "#3f83d6", "#c9811f", "#8a6cc0"
PALETTE = (BLUE, ORANGE, "#4a9a55", VIOLET, "#d9534f", "#1f9aa8", "#a0764f", GREY)
"""Colours that are told apart on white and on black."""
SHORTEST = 1e-6
"""Seconds: where the axis of a logarithm begins."""
MOST_NAMES = 40
"""Rows of a chart."""
DURATION = (
    "datum.value === 0 ? '0' : "
    "datum.value < 0.0009995 ? format(datum.value * 1e6, '.3~r') + ' µs' : datum.value < 0.9995 ? "
    "format(datum.value * 1e3, '.3~r') + ' ms' : datum.value < 119.95 ? format(datum.value, '.3~r') + ' s' : "
    "datum.value < 7199 ? format(datum.value / 60, '.3~r') + ' min' : datum.value < 172799 ? "
    "format(datum.value / 3600, '.3~r') + ' h' : format(datum.value / 86400, '.3~r') + ' days'"
)
"""A duration in seconds with the unit that it is read in, as an expression of Vega."""

CLOCK = (
    "datum.label[0] === '.' ? utcFormat(datum.value, '%H:%M:%S.%L') : "
    "datum.label[0] === ':' ? utcFormat(datum.value, '%H:%M:%S') : datum.label"
)
"""A time as Vega writes it, but for seconds and parts of them, which it writes without the rest of the clock."""


def durations(field: str, title: str, *, most: float = 0, log: tuple[float, float] | None = None) -> Spec:
    """An axis of durations in seconds, each with its unit.

    Args:
        field: has them.
        title: beside it.
        most: the longest, where it begins with nothing: what is written along it is round in its unit.
        log: the shortest and the longest, where it is logarithmic.
    """
    scale: Spec = {"zero": True}
    axis: Spec = {"labelExpr": DURATION, "tickCount": 6, "labelOverlap": True}
    if most > 0:
        axis["values"] = rounded(most)
    if log is not None:
        scale = {"type": "log", "domain": list(log), "nice": False, "clamp": True}
        axis["values"] = _decades(*log)
    return {"field": field, "type": "quantitative", "title": title, "scale": scale, "axis": axis}


def rounded(most: float) -> list[float]:
    """Durations in seconds from nothing to beyond the longest, each round in the unit that it is read in."""
    least = most / FEW
    steps = [size * unit for unit, sizes in ROUND for size in sizes]
    power = 10.0 ** math.floor(math.log10(least))
    step = next((step for step in steps if step >= least), 0.0) if least >= 1 else 0.0
    step = step or next(size * power for size in (1, 2, 5, 10) if size * power >= least * (1 - 1e-9))
    return [number * step for number in range(math.ceil(most / step) + 1)]


FEW = 6
"""About how many durations are written along an axis."""
ROUND = (
    (1.0, (1, 2, 5, 10, 20, 30)), (60.0, (1, 2, 5, 10, 20, 30)), (3600.0, (1, 2, 3, 6, 12)),
    (86400.0, (1, 2, 5, 10, 20, 50, 100)),
)  # fmt: skip
"""Seconds of a unit, and how many of it a step may be."""
STEPS = (
    (1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0), tuple(n / 10 for n in range(10, 100)),
)  # fmt: skip
"""What is written on an axis of a logarithm, of each power of ten: the narrower the axis, the more."""
FEWEST = 3
"""Durations that an axis of a logarithm names at least, where it can."""


def _decades(low: float, high: float) -> list[float]:
    """Round durations between two: as few of each power of ten as are enough to read others from."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found: list[float] = []
    for steps in STEPS:
        every = [step * 10.0**power for power in powers for step in steps]
        found = [value for value in every if low * 0.999 <= value <= high * 1.001]
        if len(found) >= FEWEST:
            break
    return found


def times(field: str = "time", between: tuple[float, float] | None = None) -> Spec:
    """An axis of times in UTC; the field is in milliseconds since the epoch, as is what it lies between."""
    domain: Spec = {"domain": list(between)} if between and between[0] < between[1] else {}
    return {
        "field": field,
        "type": "temporal",
        "title": "time (UTC)",
        "scale": {"type": "utc", **domain},
        "axis": {"tickCount": 7, "labelExpr": CLOCK, "labelOverlap": True},
    }


def names(order: Sequence[str]) -> Spec:
    """A row a name, in this order."""
    return {
        "field": "name",
        "type": "nominal",
        "title": None,
        "scale": {"domain": list(order), "paddingInner": 0.25},
        "axis": {"ticks": False, "domain": False, "labelLimit": 200, "labelPadding": 6},
    }


AMOUNT = "datum.value < 100000 ? format(datum.value, ',~r') : format(datum.value, '.3~s')"
"""A number as it is read: `4,096`, `1.2M`."""


def amounts(field: str, title: str, most: float = math.inf) -> Spec:
    """An axis of numbers from nothing on; of whole numbers only, where the largest is one and small."""
    axis: Spec = {"tickCount": 6, "labelExpr": AMOUNT}
    if most <= FEW and most == int(most):
        axis["values"] = [*range(int(most) + 1)]
    return {"field": field, "type": "quantitative", "title": title, "axis": axis}


def colours(field: str, domain: Sequence[str], chosen: Sequence[str] = PALETTE) -> Spec:
    """A colour a name, with a legend where there are several."""
    several = {"orient": "top", "direction": "horizontal", "title": None, "symbolType": "square"}
    return {
        "field": field,
        "type": "nominal",
        "scale": {"domain": list(domain), "range": [chosen[number % len(chosen)] for number in range(len(domain))]},
        "legend": several if len(domain) > 1 else None,
    }


def tips(**shown: str) -> list[Spec]:
    """What is shown under the mouse: field → title."""
    return [{"field": field, "type": "nominal", "title": title} for field, title in shown.items()]


def status_colour(status: str) -> str:
    """The colour of a status."""
    return STATUS[status][1] if status in STATUS else GREY


def milliseconds(times: Iterable[Any]) -> list[float]:
    """Times of a DataFrame as milliseconds since the epoch."""
    return [time.value / 1e6 for time in times]


def looked_at(scope: Scope) -> list[str]:
    """What a subtitle says of what was looked at."""
    parts = []
    if scope.runs:
        parts.append(f"run {scope.runs[0]}" if len(scope.runs) == 1 else f"{len(scope.runs)} runs")
    if scope.workflow is not None:
        parts.append(f"workflow {scope.workflow}")
    parts += [
        f"{word} {clock(microseconds(moment))}"
        for word, moment in (("since", scope.since), ("until", scope.until))
        if isinstance(moment, datetime)
    ]
    return parts


def sentence(*parts: str) -> str:
    """Facts in one line."""
    return " · ".join(part for part in parts if part)


def counted(count: float, one: str, many: str = "") -> str:
    """A number with its noun."""
    return f"{int(count):,} {one if count == 1 else many or one + 's'}"


def nothing(title: str, said: str) -> Spec:
    """A chart where there is nothing to be shown."""
    return framed([layer("none", {"type": "bar"}, {})], {"none": []}, 10, title, [said])


def stacked(rows: Iterable[Mapping[str, Any]], key: str, value: str) -> list[dict[str, Any]]:
    """Rows with `from` and `to` where those of one key lie one upon the other, in their order."""
    heights: dict[Any, float] = {}
    found = []
    for row in rows:
        before = heights.get(row[key], 0)
        heights[row[key]] = before + row[value]
        found.append({**row, "from": before, "to": heights[row[key]]})
    return found


OUTSIDE = -9
"""Pixels: where a mark is that is not shown."""


def over_time(spec: Spec, x: Spec, *, runs: Sequence[str] = (), workflow: str | None = None) -> Spec:
    """A chart over time that canvases can follow: a time in it that is pressed or looked at elsewhere is marked."""
    spec["params"].append({"name": MOMENT, "value": None})
    edge = {
        part: {"value": {"expr": f"{MOMENT} ? scale('x', {MOMENT}[{number}]) : {OUTSIDE}"}}
        for number, part in enumerate(("x", "x2"))
    }
    spec["datasets"][MOMENT] = [{}]
    band = {"type": "rect", "clip": True, "color": BLUE, "fillOpacity": 0.18, "stroke": TEXT, "strokeWidth": 1.2}
    spec["layer"].append(layer(MOMENT, band, {**edge, "y": {"value": 0}, "y2": {"value": "height"}}))
    return linked(spec, x["field"], by="time", runs=runs, workflow=workflow)


__all__ = [
    "BLUE", "DURATION", "GREY", "MOST_NAMES", "ORANGE", "PALETTE", "SHORTEST", "STATUS", "TEXT", "VIOLET", "Spec",
    "amounts", "colours", "counted", "durations", "framed", "layer", "looked_at", "milliseconds", "names", "nothing",
    "over_time", "sentence", "span", "stacked", "status_colour", "times", "tips",
]  # fmt: skip
