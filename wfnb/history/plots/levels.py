"""How much there is at a time: a line, or one in a lane of its own for each of several that have nothing in common."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from wfnb.history.linking import Spec
from wfnb.history.looks import EDGE, TEXT
from wfnb.history.measures.cells import each, known
from wfnb.history.measures.levels import Levels
from wfnb.history.measures.scope import Scope
from wfnb.history.plots.axes import (
    BLUE,
    PALETTE,
    amounts,
    colours,
    framed,
    layer,
    looked_at,
    milliseconds,
    nothing,
    over_time,
    sentence,
    span,
    times,
    tips,
)
from wfnb.history.words import clock

if TYPE_CHECKING:
    from pandas import DataFrame

HEIGHT, LANE = 220, 84
"""Pixels of a chart, and of a lane of it."""
HIGH = 0.62
"""The part of a lane that its line takes; the rest is for its name."""
MOST_NAMES = len(PALETTE)
CURVE = {"interpolate": "step-after"}


def levels(found: Levels, scope: Scope, what: str, title: str, none: str) -> Spec:
    """How much there is at a time: each change, or means and peaks of intervals; `none` says that there is nothing."""
    frame = found.frame
    if frame.empty:
        return nothing(title, sentence(none, *looked_at(scope)))
    highest = frame.assign(top=frame[["level", "peak"]].max(axis=1)).groupby("name")["top"].max()
    order = [str(name) for name in highest.sort_values(ascending=False, kind="stable").index]
    chosen = order[:MOST_NAMES]
    rows = _rows(found, frame[frame["name"].isin(chosen)])
    tops = {name: float(highest[name]) for name in chosen}
    peaks = found.width is not None and any("peak" in row for row in rows)
    between = (rows[0]["time"], max(row["time"] for row in rows))
    x = times(between=between)
    if len(chosen) == 1:
        layers, height = _plain(x, amounts("level", what, tops[chosen[0]]), peaks=peaks), HEIGHT
        data = {"levels": rows}
    else:
        layers, height = _lanes(x, what, tops, peaks=peaks), LANE * len(chosen)
        data = {"levels": [_laned(row, tops) for row in rows], "names": _named(tops)}
    exact = found.width is None
    _told(layers, several=len(chosen) > 1, exact=exact)
    lines = [sentence(_most(tops, found, peaks=peaks), f"from {rows[0]['when']}", *looked_at(scope))]
    if found.width is not None:
        drawn = "the dashed line is their peak" if peaks else "their peaks are not looked for in so many"
        lines.append(f"Too many changes to show each: means of {span(found.width)}; {drawn}")
    if len(chosen) < len(order):
        lines.append(f"The {len(chosen)} of {len(order)} that reach highest")
    spec = framed(layers, data, height, title, lines)
    return over_time(spec, x, runs=scope.runs, workflow=scope.workflow)


def _most(tops: dict[str, float], found: Levels, *, peaks: bool) -> str:
    """What is reached; of several, each lane says it."""
    if len(tops) > 1:
        return ""
    (top,) = tops.values()
    return f"at most {top:,.4g}" if peaks or found.width is None else f"a mean of at most {top:,.4g}"


def _rows(found: Levels, frame: DataFrame) -> list[dict[str, Any]]:
    """What is drawn: each change or mean, and where the time that is looked at begins and ends."""
    stamps = milliseconds(frame["time"])
    digits = 3 if found.width is None or found.width < 1 else 0
    rows = [_row(ms, row.name, float(row.level), row.peak, digits) for ms, row in zip(stamps, each(frame), strict=True)]
    firsts: dict[str, dict[str, Any]] = {}
    lasts: dict[str, dict[str, Any]] = {}
    for row in rows:
        firsts.setdefault(row["name"], row)
        lasts[row["name"]] = row
    first, last = (ts / 1000 for ts in found.between)
    began = [
        {**_row(first, name, 0.0, 0.0, digits), EDGE: True}
        for name, row in firsts.items()
        if found.width is None and row["time"] > first
    ]
    ended = [{**row, "time": last, EDGE: True} for row in lasts.values() if row["time"] < last]
    return sorted([*began, *rows, *ended], key=lambda row: row["time"])


def _row(ms: float, name: str, level: float, peak: float, digits: int) -> dict[str, Any]:
    row = {
        "time": ms,
        "name": name,
        "level": level,
        "when": clock(round(ms * 1000), digits=digits),
        "said": f"{level:,.4g}",
    }
    return {**row, "peak": float(peak), "most": f"{peak:,.4g}"} if known(peak) else row


def _plain(x: Spec, y: Spec, *, peaks: bool) -> list[Spec]:
    """One line, with what is below it."""
    place: Spec = {"x": x, "y": y}
    layers = [
        layer("levels", {"type": "area", "color": BLUE, "opacity": 0.18, **CURVE}, place),
        layer("levels", {"type": "line", "color": BLUE, "strokeWidth": 1.8, **CURVE}, place),
    ]
    if peaks:
        layers.append(layer("levels", {**_dashed(), "color": BLUE}, {**place, "y": {**y, "field": "peak"}}))
    return layers


def _dashed() -> Spec:
    return {"type": "line", "strokeWidth": 1, "strokeDash": [3, 2], "opacity": 0.8, **CURVE}


def _lanes(x: Spec, what: str, tops: dict[str, float], *, peaks: bool) -> list[Spec]:
    """A lane each, one below the other, each with an axis of its own."""
    floors = [-number for number in range(len(tops))]
    places = [place for floor in floors for place in (floor, floor + HIGH)]
    labels = [text for top in tops.values() for text in ("0", f"{top:,.4g}")]
    axis = {"values": places, "labelExpr": f"{json.dumps(labels)}[indexof({json.dumps(places)}, datum.value)]"}
    scale = {"domain": [floors[-1], 1], "nice": False, "zero": False}
    y: Spec = {"field": "y", "type": "quantitative", "title": what, "axis": axis, "scale": scale}
    place: Spec = {"x": x, "y": y, "color": {**colours("name", [*tops]), "legend": None}}
    layers = [
        layer("levels", {"type": "area", "opacity": 0.18, **CURVE}, {**place, "y2": {"field": "floor"}}),
        layer("levels", {"type": "line", "strokeWidth": 1.8, **CURVE}, place),
    ]
    if peaks:
        layers.append(layer("levels", _dashed(), {**place, "y": {**y, "field": "high"}}))
    text = {"type": "text", "align": "left", "baseline": "bottom", "dy": -4, "color": TEXT, "fontSize": 12}
    named = {"x": {"value": 4}, "y": y, "text": {"field": "said", "type": "nominal"}}
    return [*layers, layer("names", text, named)]


def _laned(row: dict[str, Any], tops: dict[str, float]) -> dict[str, Any]:
    """A row with its place in its lane."""
    floor, top = -[*tops].index(row["name"]), tops[row["name"]] or 1.0
    high = {"high": floor + HIGH * row["peak"] / top} if "peak" in row else {}
    return {**row, "floor": floor, "y": floor + HIGH * row["level"] / top, **high}


def _named(tops: dict[str, float]) -> list[dict[str, Any]]:
    return [
        {"y": HIGH - number, "said": f"{name} · at most {top:,.4g}"} for number, (name, top) in enumerate(tops.items())
    ]


def _told(layers: list[Spec], *, several: bool, exact: bool) -> None:
    """What is shown under the mouse, wherever over a line."""
    told: dict[str, str] = {"when": "from"} | ({"name": "what"} if several else {})
    told |= {"said": "level"} if exact else {"said": "mean", "most": "peak"}
    for shown in layers:
        if shown["data"]["name"] == "levels":
            shown["encoding"]["tooltip"] = tips(**told)
