"""Charts over time: how many runs came to what, how many attempts there are at a time, how long runs take."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from wfnb.history.linking import fainter, linked
from wfnb.history.looks import EDGE, NUMBERS
from wfnb.history.measures.cells import each
from wfnb.history.measures.scope import Scope
from wfnb.history.plots.axes import (
    BLUE,
    ORANGE,
    STATUS,
    TEXT,
    Spec,
    amounts,
    colours,
    counted,
    durations,
    framed,
    layer,
    looked_at,
    milliseconds,
    nothing,
    over_time,
    sentence,
    span,
    stacked,
    status_colour,
    times,
    tips,
)
from wfnb.history.words import clock

if TYPE_CHECKING:
    from pandas import DataFrame

Of: TypeAlias = Literal["runs", "tasks"]
HEIGHT = 220
OUTCOMES = {
    "runs": ("runs completed", "runs failed", "runs cancelled"),
    "tasks": ("tasks completed", "attempts failed"),
}
"""What is counted of either, the lowest in the picture first."""


def throughput(found: DataFrame, width: float, scope: Scope, of: Of, title: str) -> Spec:
    """How many ended in each interval, and of runs how many began."""
    if found.empty:
        return nothing(title, sentence("nothing has happened yet", *looked_at(scope)))
    rows = _rows(found)
    if not any(row["what"] in OUTCOMES[of] or (of == "runs" and row["what"] == "runs started") for row in rows):
        return nothing(title, sentence(f"no {of.removesuffix('s')} has ended yet", *looked_at(scope)))
    wide = width * 1000
    order = {what: number for number, what in enumerate(OUTCOMES[of])}
    ended = [{**row, "end": row["time"] + wide} for row in rows if row["what"] in order]
    ended.sort(key=lambda row: (row["time"], order[row["what"]]))
    shown = {what: status_colour(what.rpartition(" ")[2]) for what in OUTCOMES[of]}
    present = [what for what in shown if any(row["what"] == what and row["count"] for row in ended)]
    data: dict[str, list[dict[str, Any]]] = {"ended": [row for row in stacked(ended, "time", "count") if row["count"]]}
    began = [row for row in rows if of == "runs" and row["what"] == "runs started"]
    most = max([row["to"] for row in data["ended"]] + [row["count"] for row in began], default=1)
    x = times(between=(rows[0]["time"], rows[-1]["time"] + wide))
    y = amounts("from", f"{of if of == 'runs' else 'attempts'} in {_each(width)}", most)
    shown_of = tips(when="from", what="what", count="how many")
    bars = layer(
        "ended",
        {"type": "bar"},
        {"x": x, "x2": {"field": "end"}, "y": y, "y2": {"field": "to"},
         "color": colours("what", present, [shown[what] for what in present]), "tooltip": shown_of},
    )  # fmt: skip
    layers = [bars]
    lines = [
        sentence(*_summed(rows, of), *looked_at(scope)),
        f"Counted in intervals of {span(width)}, from {rows[0]['when']}",
    ]
    if of == "runs":
        data["began"] = [*began, *({**row, "time": row["time"] + wide, EDGE: True} for row in began[-1:])]
        stairs = {"type": "line", "color": TEXT, "strokeWidth": 1.5, "interpolate": "step-after"}
        layers.append(layer("began", stairs, {"x": x, "y": {**y, "field": "count"}, "tooltip": shown_of}))
        lines.append("Bars: runs that ended; line: runs that began")
    spec = framed(layers, data, HEIGHT, title, lines)
    spec["usermeta"][NUMBERS] = [*data]
    return over_time(spec, x, runs=scope.runs, workflow=scope.workflow)


def _rows(found: DataFrame) -> list[dict[str, Any]]:
    rows = found.to_dict("records")
    return [
        {"what": row["what"], "count": int(row["count"]), "time": ms, "when": clock(round(ms * 1000))}
        for row, ms in zip(rows, milliseconds(found["time"]), strict=True)
    ]


def _summed(rows: list[dict[str, Any]], of: Of) -> list[str]:
    totals: dict[str, int] = {}
    for row in rows:
        if row["what"].startswith("runs") == (of == "runs"):
            totals[row["what"]] = totals.get(row["what"], 0) + row["count"]
    return [
        counted(count, what.replace("runs", "run").replace("tasks", "task").replace("attempts", "attempt"), what)
        for what, count in totals.items()
        if count
    ]


def _each(seconds: float) -> str:
    return f"each {span(seconds)}"


def trend(found: DataFrame, width: float | None, scope: Scope, title: str) -> Spec:
    """How long runs took, from one to the next."""
    if found.empty:
        return nothing(title, sentence("there are no runs yet", *looked_at(scope)))
    return _each_run(found, scope, title) if width is None else _intervals(found, width, scope, title)


def _each_run(found: DataFrame, scope: Scope, title: str) -> Spec:
    over = found.dropna(subset=["seconds"])
    if over.empty:
        return nothing(title, sentence("no run is over yet", *looked_at(scope)))
    statuses = [status for status in reversed([*STATUS]) if (found["status"] == status).any()]
    rows = [
        {
            "run": row.run, "time": ms, "status": row.status, "seconds": float(row.seconds), "took": span(row.seconds),
            "median": float(row.median), "of20": span(row.median), "when": clock(round(ms * 1000)),
        }
        for ms, row in zip(milliseconds(over["time"]), each(over), strict=True)
    ]  # fmt: skip
    y = durations("seconds", "how long a run took", most=float(over["seconds"].max()))
    shown = tips(run="run", status="status", when="started", took="took", of20="median of 20")
    dots = layer(
        "runs",
        {"type": "point", "filled": True, "size": 40},
        {"x": times(), "y": y, "opacity": fainter("run", {"value": 0.85}),
         "color": colours("status", statuses, [status_colour(s) for s in statuses]),
         "tooltip": shown},
    )  # fmt: skip
    line = layer(
        "runs", {"type": "line", "color": TEXT, "strokeWidth": 2}, {"x": times(), "y": {**y, "field": "median"}}
    )
    going = len(found) - len(over)
    facts = [counted(len(found), "run"), f"{going:,} of them not over" if going else ""]
    facts.append(f"from {clock(round(milliseconds(found['time'])[0] * 1000))}")
    lines = [sentence(*facts, *looked_at(scope)), "The line is the median of a run and the 19 before it"]
    spec = framed([line, dots], {"runs": rows}, HEIGHT, title, lines)
    return linked(spec, "run", by="run", runs=scope.runs, workflow=scope.workflow)


def _intervals(found: DataFrame, width: float, scope: Scope, title: str) -> Spec:
    over = found.dropna(subset=["p50"])
    rows = [
        {
            "time": ms, "p50": float(row.p50), "p95": float(row.p95), "shortest": float(row.shortest),
            "count": f"{row.count:,}", "failed": f"{row.failed:,}", "when": clock(round(ms * 1000)),
            "median": span(row.p50), "most": span(row.p95), "range": f"{span(row.shortest)} to {span(row.longest)}",
        }
        for ms, row in zip(milliseconds(over["time"]), each(over), strict=True)
    ]  # fmt: skip
    y = durations("p50", "how long a run took", most=float(over["p95"].max()) if len(over) else 0)
    shown = tips(when="from", count="runs", failed="of them failed", median="p50", most="p95", range="all")
    band = layer(
        "intervals",
        {"type": "area", "color": BLUE, "opacity": 0.2},
        {"x": times(), "y": {**y, "field": "shortest"}, "y2": {"field": "p95"}},
    )
    line = {"type": "line", "strokeWidth": 2, "point": {"size": 20}}
    middle = layer("intervals", {**line, "color": BLUE}, {"x": times(), "y": y, "tooltip": shown})
    high = layer(
        "intervals",
        {**line, "color": ORANGE, "strokeWidth": 1.2},
        {"x": times(), "y": {**y, "field": "p95"}, "tooltip": shown},
    )
    lines = [
        sentence(
            counted(found["count"].sum(), "run"),
            f"{counted(found['failed'].sum(), 'run')} failed",
            f"from {clock(round(milliseconds(found['time'])[0] * 1000))}",
            *looked_at(scope),
        ),
        f"Too many to show each: percentiles of {span(width)}; blue p50, orange p95, the band from the shortest to p95",
    ]
    spec = framed([band, middle, high], {"intervals": rows}, HEIGHT, title, lines)
    return over_time(spec, times(), runs=scope.runs, workflow=scope.workflow)
